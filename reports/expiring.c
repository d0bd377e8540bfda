#include "reports/report.h"
#include "reports_sql.h"

#define EXPIRING_COLUMNS \
    {"status", "Status", COLUMN_TEXT, false, false}, \
    {"days_left", "Days left", COLUMN_NUMBER, false, false}, \
    {"not_after", "Valid until", COLUMN_TIME, false, false}, \
    {"last_day_to_ask", "Ask by", COLUMN_TIME, false, false}, \
    {"late", "Late", COLUMN_TEXT, false, false}, \
    {"name", "Name", COLUMN_TEXT, false, false}, \
    {"places", "Served at, or lies in", COLUMN_LIST, false, false}, \
    {"owner", "Owner", COLUMN_TEXT, false, false}, \
    {"contacts", "Contacts", COLUMN_LIST, true, false}, \
    {"record", "Record", COLUMN_TEXT, false, false}, \
    {"issuer", "Issuer", COLUMN_TEXT, true, false}, \
    {"next_step", "Next step", COLUMN_PROSE, false, false}, \
    {"act_by", "Act by", COLUMN_TIME, true, false}, \
    {"sha256", "SHA-256", COLUMN_HASH, true, false}

const struct report report_expiring = {
    .name = "expiring",
    .title = "Expiring certificates",
    .question = "Certificates, served or recorded, whose renewal is due by the policy's notice steps or by the share of their life that is left.",
    .sql = SQL_EXPIRING,
    .params = 5,
    .has_pages = true,
    .own_filters = {"status"},
    .refuses = {{"status", "renewal due,expiring", NULL, "its rows are \"renewal due\" or expiring; certsweep report certificates --status WORD lists all others"},
                {"rule", NULL, "C05", "C05 finds what has ended: certsweep report expired lists it"}},
    .counted_subject = "time",
    .counted_values = "{renewal due,expiring}",
    .note = SQL_EXPIRING_NOTE,
    .none = "None: nothing is due yet. What has ended already is in certsweep report expired.",
    .next = "certsweep report expired",
    .columns = {EXPIRING_COLUMNS},
};

const struct report report_expired = {
    .name = "expired",
    .title = "Expired certificates",
    .question = "Certificates, served or recorded, that have ended.",
    .sql = SQL_EXPIRING,
    .params = 5,
    .has_pages = true,
    .narrows = "expired",
    .refuses = {{"within", NULL, NULL, "what has ended ends within no days to come: leave it out, or ask certsweep report expiring --within DAYS"},
                {"due", "overdue,0,0-*", NULL, "the last safe day of what has ended has passed: leave it out, or ask certsweep report expiring --due DAYS"},
                {"rule", NULL, "C06,C07", "C06 and C07 find what ends soon and has not ended: certsweep report expiring lists it"}},
    .counted_subject = "time",
    .counted_values = "{expired}",
    .note = SQL_EXPIRED_NOTE,
    .none = "None.",
    .next = "certsweep report findings",
    .columns = {EXPIRING_COLUMNS},
};
