#include "reports/report.h"
#include "reports_sql.h"

const struct report report_unmanaged = {
    .name = "unmanaged",
    .title = "Unmanaged certificates",
    .question = "Certificates that are served here and are in no managed source.",
    .sql = SQL_UNMANAGED,
    .params = 5,
    .has_pages = true,
    .own_filters = {"served"},
    .counted_subject = "served record",
    .counted_values = "{unmanaged}",
    .needs = REPORT_NEEDS_MANAGED,
    .none = "None: every certificate that was found is managed, accepted or ignored.",
    .next = "certsweep report expiring",
    .columns =
        {
            {"severity", "Severity", COLUMN_SEVERITY, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"places", "Served at, or lies in", COLUMN_LIST, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, true, false},
            {"issuer", "Issuer", COLUMN_TEXT, false, false},
            {"issuer_class", "Issuer is", COLUMN_TEXT, true, false},
            {"status", "Status", COLUMN_TEXT, true, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"days_left", "Days left", COLUMN_NUMBER, false, false},
            {"because", "Because", COLUMN_PROSE, true, false},
            {"next_step", "Next step", COLUMN_PROSE, false, false},
            {"act_by", "Act by", COLUMN_TIME, true, false},
            {"first_seen", "First seen", COLUMN_TIME, true, false},
            {"last_seen", "Last seen", COLUMN_TIME, true, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
        },
};
