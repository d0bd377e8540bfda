#include "reports/exchange/events.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "reports_exchange_sql.h"

static bool on_event(void *context, const struct db_result *row)
{
    clean_text_print(context, "%s\n", db_value(row, 0, 0));
    return true;
}

bool events_write(struct db *db, const char *site, const char *since, FILE *out, struct error *err)
{
    const char *params[] = {site, since};
    return db_stream(db, SQL_EVENTS, 2, params, on_event, out, err);
}
