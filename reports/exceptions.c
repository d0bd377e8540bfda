#include "reports/report.h"
#include "reports_sql.h"

const struct report report_exceptions = {
    .name = "exceptions",
    .title = "Exceptions",
    .question = "What people decided about single certificates: who, why, until when.",
    .sql = SQL_EXCEPTIONS,
    .params = 5,
    .own_filters = {"decision"},
    .none = "None: nothing was decided about any certificate.",
    .next = "certsweep report unmanaged",
    .columns =
        {
            {"decision", "Decision", COLUMN_TEXT, false, false},
            {"state", "State", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"places", "Served at, or lies in", COLUMN_LIST, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"reason", "Reason", COLUMN_PROSE, false, false},
            {"decided_by", "By", COLUMN_TEXT, false, false},
            {"made_at", "On", COLUMN_TIME, false, false},
            {"last_day", "Last day", COLUMN_TIME, false, false},
            {"until", "Until", COLUMN_MOMENT, true, false},
            {"days_left", "Days left", COLUMN_NUMBER, true, false},
            {"undone_at", "Undone on", COLUMN_TIME, true, false},
            {"undone_by", "Undone by", COLUMN_TEXT, true, false},
            {"decided_for", "Decided for", COLUMN_TEXT, true, false},
            {"severity", "Severity", COLUMN_SEVERITY, true, false},
            {"not_after", "Valid until", COLUMN_TIME, true, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
            {"undone", "Undone", COLUMN_TEXT, false, false},
            {"undone_reason", "Undone because", COLUMN_PROSE, true, false},
        },
};
