#include "reports/report.h"
#include "reports_sql.h"

const struct report report_unmanaged = {
    .name = "unmanaged",
    .title = "Unmanaged certificates",
    .question = "Certificates that are served here and are in no managed source.",
    .sql = SQL_UNMANAGED,
    .counted_subject = "served record",
    .counted_values = "{unmanaged}",
    .needs = REPORT_NEEDS_MANAGED,
    .none = "None: every certificate that was found is in a managed source.",
    .next = "certsweep report expiring",
    .columns =
        {
            {"severity", "Severity", COLUMN_SEVERITY, false},
            {"name", "Name", COLUMN_TEXT, false},
            {"places", "Served at", COLUMN_LIST, false},
            {"owner", "Owner", COLUMN_TEXT, false},
            {"contacts", "Contacts", COLUMN_LIST, true},
            {"issuer", "Issuer", COLUMN_TEXT, false},
            {"issuer_kind", "Issuer is", COLUMN_TEXT, true},
            {"state", "State", COLUMN_TEXT, true},
            {"not_after", "Valid until", COLUMN_TIME, false},
            {"days_left", "Days left", COLUMN_NUMBER, false},
            {"because", "Because", COLUMN_PROSE, true},
            {"next_step", "Next step", COLUMN_PROSE, false},
            {"first_seen", "First seen", COLUMN_TIME, true},
            {"last_seen", "Last seen", COLUMN_TIME, true},
            {"sha256", "SHA-256", COLUMN_HASH, true},
        },
};
