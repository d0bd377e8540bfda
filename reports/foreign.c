#include "reports/report.h"
#include "reports_sql.h"

const struct report report_foreign = {
    .name = "foreign",
    .title = "Certificates from foreign CAs",
    .question = "Certificates with a path to a public root, from a CA that is neither own nor approved. A fact, not a fault, unless the policy forbids it.",
    .sql = SQL_FOREIGN,
    .params = 5,
    .has_pages = true,
    .counted_subject = "issuer",
    .counted_values = "{foreign}",
    .needs = REPORT_NEEDS_OWN_CA,
    .note = SQL_FOREIGN_NOTE,
    .none = "None.",
    .next = "certsweep report expiring",
    .columns =
        {
            {"brand", "Brand", COLUMN_TEXT, false, false},
            {"issuer", "Issuer", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"places", "Served at, or lies in", COLUMN_LIST, false, false},
            {"record", "Record", COLUMN_TEXT, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, true, false},
            {"status", "Status", COLUMN_TEXT, true, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"days_left", "Days left", COLUMN_NUMBER, false, false},
            {"because", "Because", COLUMN_PROSE, true, false},
            {"next_step", "Next step", COLUMN_PROSE, false, false},
            {"act_by", "Act by", COLUMN_TIME, true, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
        },
};
