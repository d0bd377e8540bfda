#include "reports/report.h"
#include "reports_sql.h"

const struct report report_findings = {
    .name = "findings",
    .title = "Findings",
    .question = "Everything that a rule found and nobody has settled, gravest first: of certificates and of places.",
    .sql = SQL_FINDINGS,
    .counted_subject = "severity",
    .counted_values = "{critical,high,medium,low,info}",
    .none = "None found. What was not asked is not known: versions and suites beyond the preferred ones are asked at --depth posture.",
    .next = "certsweep report discovery -o report.html",
    .columns =
        {
            {"severity", "Severity", COLUMN_SEVERITY, false},
            {"rule", "Rule", COLUMN_TEXT, false},
            {"finding", "Finding", COLUMN_PROSE, false},
            {"name", "Certificate", COLUMN_LIST, false},
            {"places", "Served at", COLUMN_LIST, false},
            {"owner", "Owner", COLUMN_TEXT, false},
            {"because", "Because", COLUMN_PROSE, true},
            {"next_step", "Next step", COLUMN_PROSE, false},
            {"source", "Source", COLUMN_TEXT, true},
            {"since", "Since", COLUMN_TIME, true},
        },
};
