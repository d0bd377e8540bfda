#include "inventory/store/site.h"

#include "inventory_store_sql.h"
#include "probes/base/suggest.h"

#include <stdio.h>
#include <string.h>

bool site_check(struct db *db, const char *name, struct error *err)
{
    if (name == NULL)
        return true;
    struct db_result *names = db_query(db, SQL_SITE_NAMES, 0, NULL, err);
    if (names == NULL)
        return false;
    char list[512] = "";
    struct suggest near = suggest_start(name);
    size_t used = 0;
    bool known = false;
    for (size_t i = 0; i < db_rows(names); i++) {
        known = known || strcmp(db_value(names, i, 0), name) == 0;
        suggest_offer(&near, db_value(names, i, 0));
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%.80s", i == 0 ? "" : ", ", db_value(names, i, 0));
    }
    if (!known && list[0] == '\0')
        error_set(err, ERROR_USAGE, "--site %s: no such site; nothing was loaded yet, for any site", name);
    else if (!known)
        error_set(err, ERROR_USAGE, "--site %s: no such site%s known sites: %s", name, SUGGESTED_AMID(&near), list);
    db_result_destroy(names);
    return known;
}
