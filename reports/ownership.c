#include "reports/report.h"
#include "reports_sql.h"

const struct report report_ownership = {
    .name = "ownership",
    .title = "Owners",
    .question = "Who is responsible for how much, who can be reached, and what has no owner.",
    .sql = SQL_OWNERSHIP,
    .params = 5,
    .none = "No certificate is known yet.",
    .note = SQL_OWNERSHIP_NOTE,
    .next_sql = SQL_OWNERSHIP_NEXT,
    .columns =
        {
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, false, false},
            {"note", "Note", COLUMN_PROSE, false, false},
            {"certificate_count", "Certificates", COLUMN_COUNT, false, false},
            {"shared_count", "Shared", COLUMN_COUNT, true, false},
            {"served_count", "Served", COLUMN_COUNT, true, false},
            {"place_count", "Places", COLUMN_COUNT, false, false},
            {"unmanaged_count", "Unmanaged", COLUMN_COUNT, false, false},
            {"expired_count", "Expired", COLUMN_COUNT, false, false},
            {"expiring_count", "Expiring", COLUMN_COUNT, false, false},
            {"grave_count", "Grave", COLUMN_COUNT, false, false},
            {"severity", "Worst", COLUMN_SEVERITY, true, false},
            {"not_after", "Next end", COLUMN_TIME, false, false},
            {"environments", "Environments", COLUMN_LIST, true, false},
            {"told_by", "Told by", COLUMN_TEXT, true, false},
        },
};
