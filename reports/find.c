#include "reports/report.h"
#include "reports_sql.h"

const struct report report_find_anything = {
    .name = "find",
    .title = "Found",
    .question = "What there is of a hash, serial number, name, address, issuer or owner.",
    .sql = SQL_FIND,
    .params = 4,
    .argument = "ANYTHING",
    .none = "Nothing of that is known: neither a certificate by its hash or key (or their beginning, four digits or more), its whole serial number or a whole "
            "name (a part of one is written with *, as '*portal*'), nor an address, issuer or owner.",
    .next_none_sql = SQL_FIND_NONE,
    .next = "certsweep report certificates",
    .next_column = "command",
    .columns =
        {
            {"found", "Found", COLUMN_TEXT, false, false},
            {"matched_by", "By", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"places", "At", COLUMN_LIST, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"status", "Status", COLUMN_TEXT, false, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
            {"command", "Look closer", COLUMN_TEXT, false, false},
        },
};
