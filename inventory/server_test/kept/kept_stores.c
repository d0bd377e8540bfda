#include "inventory/server_test/kept/kept_stores.h"

#include "inventory_server_test_kept_sql.h"
#include "probes/base/memory.h"

#include <stdlib.h>

static struct chain_store *begin_store(const struct db_result *rows, size_t row)
{
    size_t len;
    const uint8_t *name = db_binary_value(rows, row, 1, &len);
    char *text = xstrndup((const char *)name, len);
    struct chain_store *store = chain_store_empty(text, db_binary_number(rows, row, 2) != 0);
    free(text);
    return store;
}

bool kept_stores_read(struct db *db, struct kept_stores *stores, struct error *err)
{
    *stores = (struct kept_stores){0};
    struct db_result *rows = db_query_binary(db, SQL_KEPT_STORES, 0, NULL, err);
    int64_t last = -1;
    for (size_t row = 0; rows != NULL && row < db_rows(rows); row++) {
        size_t len;
        if (db_binary_number(rows, row, 0) != last) {
            if (stores->count == CHAIN_STORES_MAX)
                break;
            last = db_binary_number(rows, row, 0);
            stores->list[stores->count++] = begin_store(rows, row);
        }
        const uint8_t *der = db_binary_value(rows, row, 3, &len);
        chain_store_add(stores->list[stores->count - 1], der, len);
    }
    db_result_destroy(rows);
    return rows != NULL;
}

void kept_stores_clear(struct kept_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++)
        chain_store_destroy(stores->list[i]);
    stores->count = 0;
}
