#include "reports/report.h"
#include "reports_sql.h"

const struct report report_recorded = {
    .name = "recorded",
    .title = "Records that are not where they should be",
    .question = "Managed certificates that were not seen where their record says, whose place does not answer, or whose record names none.",
    .sql = SQL_RECORDED,
    .params = 4,
    .no_filter = true,
    .own_filters = {"owner", "issuer", "network", "port", "name", "source", "within", "status"},
    .refuses = {{"status", "expired,replaced", NULL, "its rows are of records in force; --status expired lists those that have ended and of which no "
                                                     "certificate is known (report expired has the others), --status replaced those that were replaced"}},
    .why = "a record was not seen anywhere, so that no rule judged it, and its use and last safe day are not known",
    .needs = REPORT_NEEDS_MANAGED,
    .counted_subject = "recorded",
    .counted_values = "{not located,not judged,recorded but not seen,unreachable,never served}",
    .none = "None: every record that names a place was seen there.",
    .none_ended = "These filters leave no row. Ended records whose certificate is known stand in certsweep report expired.",
    .next = "certsweep report coverage",
    .next_column = "command",
    .columns =
        {
            {"deployment", "Deployment", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"places", "Should be at", COLUMN_LIST, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, true, false},
            {"source", "Source", COLUMN_TEXT, false, false},
            {"record_at", "Record", COLUMN_TEXT, false, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"days_left", "Days left", COLUMN_NUMBER, false, false},
            {"late", "Late", COLUMN_TEXT, false, false},
            {"because", "Because", COLUMN_PROSE, false, false},
            {"since", "Since", COLUMN_TIME, true, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
            {"command", "Look closer", COLUMN_TEXT, true, false},
        },
};
