#include "reports/screen.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "reports/next_command.h"
#include "reports_sql.h"

bool screen_print_lines(struct db *db, const char *site, FILE *out, struct error *err)
{
    const char *params[] = {site};
    struct db_result *lines = db_query(db, SQL_SCREEN, 1, params, err);
    for (size_t i = 0; lines != NULL && i < db_rows(lines); i++)
        clean_text_print(out, "%s\n", db_value(lines, i, 0));
    bool ok = lines != NULL;
    db_result_destroy(lines);
    return ok;
}

bool screen_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    return screen_print_lines(db, site, out, err) && next_command_print(db, site, out, err);
}
