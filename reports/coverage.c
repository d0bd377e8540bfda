#include "reports/report.h"
#include "reports_sql.h"

const struct report report_coverage = {
    .name = "coverage",
    .title = "What was asked",
    .question = "Runs, their targets, and how each attempt ended. What was not asked is not known.",
    .sql = SQL_COVERAGE,
    .none = "No run has been loaded yet.",
    .next = "certsweep scan TARGET...",
    .columns =
        {
            {"site", "Site", COLUMN_TEXT, false},
            {"started_at", "Started", COLUMN_TIME, false},
            {"state", "State", COLUMN_TEXT, false},
            {"targets", "Targets", COLUMN_NUMBER, false},
            {"asked", "Asked", COLUMN_NUMBER, false},
            {"outcomes", "Outcomes", COLUMN_LIST, false},
            {"scan_id", "Run", COLUMN_TEXT, true},
        },
};
