#include "reports/report.h"
#include "reports_sql.h"

const struct report report_expiring = {
    .name = "expiring",
    .title = "Expired and expiring certificates",
    .question = "Certificates whose renewal is due by the policy's notice steps or by the share of their life that is left.",
    .sql = SQL_EXPIRING,
    .counted_subject = "time",
    .counted_values = "{renewal due,expiring,expired}",
    .none = "None: nothing is due yet.",
    .next = "certsweep report findings",
    .columns =
        {
            {"state", "State", COLUMN_TEXT, false},
            {"days_left", "Days left", COLUMN_NUMBER, false},
            {"not_after", "Valid until", COLUMN_TIME, false},
            {"last_day_to_ask", "Ask by", COLUMN_TIME, false},
            {"name", "Name", COLUMN_TEXT, false},
            {"places", "Served at", COLUMN_LIST, false},
            {"owner", "Owner", COLUMN_TEXT, false},
            {"contacts", "Contacts", COLUMN_LIST, true},
            {"record", "Record", COLUMN_TEXT, false},
            {"issuer", "Issuer", COLUMN_TEXT, true},
            {"next_step", "Next step", COLUMN_PROSE, false},
            {"sha256", "SHA-256", COLUMN_HASH, true},
        },
};
