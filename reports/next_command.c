#include "reports/next_command.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "reports_sql.h"

#include <stdlib.h>

/* The statement's one value, a command. */
static char *read_one(struct db *db, const char *sql, size_t count, const char *const *params, struct error *err)
{
    struct db_result *result = db_query(db, sql, count, params, err);
    char *command = result == NULL ? NULL : xstrdup(db_value(result, 0, 0));
    db_result_destroy(result);
    return command;
}

char *next_command(struct db *db, const char *site, struct error *err)
{
    const char *const params[] = {site};
    return read_one(db, SQL_NEXT_COMMAND, 1, params, err);
}

bool next_command_as_of(struct db *db, const char *as_of, struct error *err)
{
    const char *const params[] = {as_of};
    return db_exec_params(db, SQL_NEXT_COMMAND_AS_OF, 1, params, err);
}

char *next_command_of(struct db *db, const char *command, const char *filter, struct error *err)
{
    const char *const params[] = {command, filter};
    return read_one(db, SQL_NEXT_COMMAND_OF, 2, params, err);
}

bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    char *command = next_command(db, site, err);
    if (command != NULL)
        clean_text_print(out, "\nNext: %s\n", command);
    bool ok = command != NULL;
    free(command);
    return ok;
}
