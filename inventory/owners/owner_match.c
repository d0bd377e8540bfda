#include "inventory/owners/owner_match.h"

#include "inventory_owners_sql.h"

bool owner_match(struct db *db, struct error *err)
{
    return db_exec(db, SQL_OWNER_MATCH, err) && db_exec(db, SQL_OWNER_MATCH_FILES, err);
}

bool owner_ask(struct db *db, const struct owner_question *questions, size_t count, struct error *err)
{
    bool ok = db_exec(db, SQL_OWNER_ASK_CLEAR, err) && db_exec(db, SQL_OWNER_ASK_TABLES, err);
    for (size_t i = 0; ok && i < count; i++) {
        const struct owner_question *q = &questions[i];
        const char *const params[] = {q->site, q->address, q->name, q->issuer, q->host, q->path};
        ok = db_exec_params(db, SQL_OWNER_ASK, 6, params, err);
    }
    return ok && owner_match(db, err);
}
