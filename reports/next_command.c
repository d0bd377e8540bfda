#include "reports/next_command.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "reports_sql.h"

bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    const char *params[] = {site};
    struct db_result *result = db_query(db, SQL_NEXT_COMMAND, 1, params, err);
    if (result == NULL)
        return false;
    clean_text_print(out, "\nNext: %s\n", db_value(result, 0, 0));
    db_result_destroy(result);
    return true;
}

bool next_command_print_of(struct db *db, const char *command, const char *site, FILE *out, struct error *err)
{
    const char *params[] = {command, site};
    struct db_result *result = db_query(db, SQL_NEXT_COMMAND_OF, 2, params, err);
    if (result == NULL)
        return false;
    clean_text_print(out, "Next: %s\n", db_value(result, 0, 0));
    db_result_destroy(result);
    return true;
}
