#include "reports/report.h"
#include "reports_sql.h"

const struct report report_renewals = {
    .name = "renewals",
    .title = "Renewals",
    .question = "How many renewals a year each owner faces: now, and at lifetimes of 398, 200, 100 and 47 days (CA/Browser Forum SC-081v3).",
    .sql = SQL_RENEWALS,
    .params = 5,
    .refuses = {{"rule", NULL, "C05", "C05 finds what has ended, and only what has not is renewed: certsweep report expired lists it"}},
    .none = "No certificate that has not ended is known.",
    .note = SQL_RENEWALS_NOTE,
    .next = "certsweep report expiring",
    .columns =
        {
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"certificate_count", "Certificates", COLUMN_COUNT, false, false},
            {"automatic_count", "Automatic", COLUMN_COUNT, false, false},
            {"by_hand_count", "By hand", COLUMN_COUNT, false, false},
            {"unknown_count", "Not known", COLUMN_COUNT, false, false},
            {"renewed_count", "Renewed last year", COLUMN_COUNT, false, false},
            {"a_year", "A year now", COLUMN_COUNT, false, false},
            {"a_year_398", "398 days", COLUMN_COUNT, false, false},
            {"a_year_200", "200 days", COLUMN_COUNT, false, false},
            {"a_year_100", "100 days", COLUMN_COUNT, false, false},
            {"a_year_47", "47 days", COLUMN_COUNT, false, false},
            {"by_hand_47", "Not automatic at 47", COLUMN_COUNT, true, false},
            {"presumed_count", "Presumed automatic", COLUMN_COUNT, false, false},
        },
};
