#include "inventory/verdicts/as_of.h"

#include "inventory/store/db.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/clock.h"

#include <string.h>

bool as_of_check(const char *text, struct error *err)
{
    int64_t moment_us;
    return clock_parse_us(text, &moment_us) ||
           error_set(err, ERROR_USAGE, "--as-of %s: expected a day, as 2027-01-31, or a moment, as \"2027-01-31 12:00\"", text);
}

bool as_of_read(struct db *db, const char *text, int64_t *as_of_us, struct error *err)
{
    if (!as_of_check(text, err))
        return false;
    if (strlen(text) > strlen("2027-01-31"))
        return clock_parse_us(text, as_of_us);
    const char *params[] = {text};
    struct db_result *row = db_query(db, SQL_AS_OF_DAY, 1, params, err);
    if (row == NULL)
        return false;
    *as_of_us = db_int(row, 0, 0);
    db_result_destroy(row);
    return true;
}
