#include "reports/report.h"
#include "reports_sql.h"

const struct report report_revoked = {
    .name = "revoked",
    .title = "Revoked certificates",
    .question = "Certificates that their CA has revoked, as its lists and answers say; those that are still served first.",
    .sql = SQL_REVOKED,
    .params = 5,
    .none = "None is known to be revoked. Lists are taken over by certsweep reconcile --crl FILE; what no current list covers: "
            "certsweep report findings --rule H10",
    .next = "certsweep report findings",      /* --rule H10 is refused where nothing was judged */
    .columns =
        {
            {"status", "Status", COLUMN_TEXT, false, false},
            {"revoked_at", "Revoked", COLUMN_TIME, false, false},
            {"reason", "Reason", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"places", "Served at, or lies in", COLUMN_LIST, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, true, false},
            {"record", "Record", COLUMN_TEXT, false, false},
            {"issuer", "Issuer", COLUMN_TEXT, false, false},
            {"serial_number", "Serial number", COLUMN_TEXT, true, false},
            {"told_by", "Told by", COLUMN_TEXT, true, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"days_left", "Days left", COLUMN_NUMBER, true, false},
            {"next_step", "Next step", COLUMN_PROSE, false, false},
            {"act_by", "Act by", COLUMN_TIME, true, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
        },
};
