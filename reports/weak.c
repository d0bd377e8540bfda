#include "reports/report.h"
#include "reports_sql.h"

const struct report report_weak = {
    .name = "weak",
    .title = "Weak certificates and weak service",
    .question = "Certificates with weak keys or signatures, and places that accept weak versions or suites.",
    .sql = SQL_WEAK,
    .counted_subject = "weak",
    .counted_values = "{findings}",
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
