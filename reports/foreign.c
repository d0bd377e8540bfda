#include "reports/report.h"
#include "reports_sql.h"

const struct report report_foreign = {
    .name = "foreign",
    .title = "Certificates from foreign CAs",
    .question = "Certificates with a path to a public root, from a CA that is neither own nor approved. A fact, not a fault, unless the policy forbids it.",
    .sql = SQL_FOREIGN,
    .counted_subject = "issuer",
    .counted_values = "{foreign}",
    .needs = REPORT_NEEDS_OWN_CA,
    .none = "None.",
    .next = "certsweep report expiring",
    .columns =
        {
            {"name", "Name", COLUMN_TEXT, false},
            {"places", "Served at", COLUMN_LIST, false},
            {"issuer", "Issuer", COLUMN_TEXT, false},
            {"record", "Record", COLUMN_TEXT, false},
            {"owner", "Owner", COLUMN_TEXT, false},
            {"contacts", "Contacts", COLUMN_LIST, true},
            {"state", "State", COLUMN_TEXT, true},
            {"not_after", "Valid until", COLUMN_TIME, false},
            {"days_left", "Days left", COLUMN_NUMBER, false},
            {"because", "Because", COLUMN_PROSE, true},
            {"next_step", "Next step", COLUMN_PROSE, false},
            {"sha256", "SHA-256", COLUMN_HASH, true},
        },
};
