#include "reports/next_command.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "reports_sql.h"

/* The statement's one value, a command. */
static bool print(struct db *db, const char *sql, size_t count, const char *const *params, const char *before, FILE *out, struct error *err)
{
    struct db_result *result = db_query(db, sql, count, params, err);
    if (result == NULL)
        return false;
    clean_text_print(out, "%sNext: %s\n", before, db_value(result, 0, 0));
    db_result_destroy(result);
    return true;
}

bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    const char *const params[] = {site};
    return print(db, SQL_NEXT_COMMAND, 1, params, "\n", out, err);
}

bool next_command_print_of(struct db *db, const char *command, const char *site, FILE *out, struct error *err)
{
    const char *const params[] = {command, site};
    return print(db, SQL_NEXT_COMMAND_OF, 2, params, "", out, err);
}
