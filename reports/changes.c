#include "reports/report.h"
#include "reports_sql.h"

const struct report report_changes = {
    .name = "changes",
    .title = "Changes",
    .question = "What came, was renewed or replaced, changed its issuer, moved, went or came back, since the day that was asked for, or else in the latest run.",
    .sql = SQL_CHANGES,
    .params = 6,
    .has_pages = true,
    .own_filters = {"since"},
    .none = "Nothing has changed since then.",
    .columns =
        {
            {"change", "Change", COLUMN_TEXT, false, false},
            {"time", "Seen", COLUMN_MOMENT, false, false},
            {"site", "Site", COLUMN_TEXT, true, false},
            {"places", "At", COLUMN_LIST, false, false},
            {"moved_from", "Moved from", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"name_before", "Name before", COLUMN_TEXT, true, false},
            {"issuer", "Issuer", COLUMN_TEXT, false, false},
            {"issuer_before", "Issuer before", COLUMN_TEXT, true, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"not_after_before", "Valid until before", COLUMN_TIME, true, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
            {"sha256_before", "SHA-256 before", COLUMN_HASH, true, false},
        },
};
