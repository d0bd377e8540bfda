#include "inventory/store/rights.h"

#include "inventory/store/db.h"
#include "inventory_store_sql.h"

static struct db_result *ask(struct db *db, const char *table, bool *may, struct error *err)
{
    const char *params[] = {table};
    struct db_result *row = db_query(db, SQL_RIGHTS, 1, params, err);
    *may = row != NULL && db_value(row, 0, 1)[0] == 't';
    return row;
}

bool rights_ask(struct db *db, const char *table, bool *may, struct error *err)
{
    struct db_result *row = ask(db, table, may, err);
    db_result_destroy(row);
    return row != NULL;
}

bool rights_require(struct db *db, const char *table, const char *why, struct error *err)
{
    bool may;
    struct db_result *row = ask(db, table, &may, err);
    if (row != NULL && !may)
        error_set(err, ERROR_DATABASE, "the role %s only reads, %s: connect as certsweep_loader or as the database's owner", db_value(row, 0, 0), why);
    db_result_destroy(row);
    return may;
}
