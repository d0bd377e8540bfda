#include "reports/report.h"
#include "reports_sql.h"

const struct report report_compliance = {
    .name = "compliance",
    .title = "Compliance",
    .question = "How each clause of the policy in force stands: pass, fail, not tested or not applicable, with counts and evidence.",
    .sql = SQL_COMPLIANCE,
    .params = 4,
    .own_filters = {"pack"},
    .none = "The policy in force has no clauses. Packs have: certsweep policy list, then certsweep policy use NAME.",
    .next = "certsweep report findings",
    .columns =
        {
            {"pack", "Pack", COLUMN_TEXT, true, false},
            {"clause", "Clause", COLUMN_TEXT, false, false},
            {"requirement", "Asks for", COLUMN_PROSE, false, false},
            {"result", "Result", COLUMN_TEXT, false, false},
            {"failing_count", "Failing", COLUMN_COUNT, false, false},
            {"subject_count", "Of", COLUMN_COUNT, false, false},
            {"counted", "Counted", COLUMN_UNIT, false, false},
            {"findings", "Rules", COLUMN_LIST, true, false},
            {"because", "Because", COLUMN_PROSE, false, false},
            {"command", "Look closer", COLUMN_TEXT, false, false},
            {"source", "Source", COLUMN_TEXT, true, false},
        },
};
