#include "reports/screen.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "reports/due_table.h"
#include "reports/moment_text.h"
#include "reports/next_command.h"
#include "reports_sql.h"

#include <stdlib.h>

bool screen_print_lines(struct db *db, const char *site, FILE *out, struct error *err)
{
    const char *params[] = {site};
    struct db_result *lines = db_query(db, SQL_SCREEN, 1, params, err);
    for (size_t i = 0; lines != NULL && i < db_rows(lines); i++) {
        char *said = moment_text(db_value(lines, i, 0), false);
        clean_text_print(out, "%s\n", said);
        free(said);
    }
    bool ok = lines != NULL;
    db_result_destroy(lines);
    return ok;
}

bool screen_print_due(struct db *db, const char *filter, FILE *out, struct error *err)
{
    struct db_result *rows = due_table_read(db, filter, err);
    if (rows != NULL)
        due_table_print(out, rows);
    bool ok = rows != NULL;
    db_result_destroy(rows);
    return ok;
}

bool screen_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    return screen_print_lines(db, site, out, err) && next_command_print(db, site, out, err);
}
