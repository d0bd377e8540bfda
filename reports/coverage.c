#include "reports/report.h"
#include "reports_sql.h"

const struct report report_coverage = {
    .name = "coverage",
    .title = "What was asked",
    .question = "Runs, their targets, and how each attempt ended. What was not asked is not known.",
    .sql = SQL_COVERAGE,
    .params = 4,
    .no_filter = true,
    .own_filters = {"network", "port", "name", "older"},
    .why = "a run asks places before anybody knows what they serve and whose they are",
    .none = "No run has been loaded yet.",
    .next = "certsweep scans",
    .columns =
        {
            {"site", "Site", COLUMN_TEXT, false, false},
            {"run_kind", "Run", COLUMN_TEXT, false, false},
            {"started_at", "Started", COLUMN_MOMENT, false, false},
            {"state", "State", COLUMN_TEXT, false, false},
            {"asked_for", "Asked for", COLUMN_LIST, false, false},
            {"excluded", "Excluded", COLUMN_LIST, true, false},
            {"authorised_by", "Authorised by", COLUMN_TEXT, true, false},
            {"targets", "Targets", COLUMN_COUNT, false, false},
            {"asked", "Asked", COLUMN_COUNT, false, false},
            {"answered", "Answered", COLUMN_COUNT, false, false},
            {"silent", "Silent", COLUMN_COUNT, false, false},
            {"not_asked", "Not asked", COLUMN_COUNT, false, false},
            {"days_ago", "Days ago", COLUMN_NUMBER, true, false},
            {"outcomes", "Outcomes", COLUMN_LIST, false, false},
            {"ended_at", "Last seen", COLUMN_MOMENT, true, false},
            {"scan_id", "Id", COLUMN_TEXT, true, false},
        },
};
