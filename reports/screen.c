#include "reports/screen.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "probes/base/counted.h"
#include "reports/next_command.h"
#include "reports_sql.h"

#include <string.h>

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

/* UTF-8: counts one cell per character, which is enough for names of departments. */
static void print_padded(FILE *out, const char *text, int width)
{
    fputs(text, out);
    for (const char *at = text; *at != '\0'; at++)
        width -= ((unsigned char)*at & 0xc0) != 0x80;
    fprintf(out, "%*s", width > 0 ? width : 0, "");
}

#define OWNERS_SHOWN 12
enum { DUE_OWNER, DUE_NUMBERS = 1, DUE_COUNT = 6 };

bool screen_print_due(struct db *db, const char *filter, FILE *out, struct error *err)
{
    char most[8];
    snprintf(most, sizeof most, "%d", OWNERS_SHOWN);
    const char *params[] = {filter, most};
    struct db_result *rows = db_query(db, SQL_SUMMARY_DUE, 2, params, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0)
        fprintf(out, "%-28s%9s%9s%9s%9s%9s\n", "To renew, by last safe day", "overdue", "7 days", "30 days", "60 days", "90 days");
    for (size_t i = 0; i < db_rows(rows); i++) {
        const char *owner = db_value(rows, i, DUE_OWNER);
        char name[27];
        clean_text_into(name, sizeof name, owner == NULL ? "all" : owner, owner == NULL ? 3 : strlen(owner));
        print_padded(out, name, 28);
        for (size_t c = DUE_NUMBERS; c < DUE_COUNT; c++)
            fprintf(out, "%9lld", (long long)db_int(rows, i, c));
        fputc('\n', out);
    }
    int64_t owners = db_rows(rows) > 0 ? db_int(rows, 0, DUE_COUNT) : 0;
    if (owners > OWNERS_SHOWN)
        fprintf(out, "and %s: certsweep report summary --format csv\n", COUNTED(owners - OWNERS_SHOWN, "more owner"));
    if (db_rows(rows) > 0)
        fputc('\n', out);
    db_result_destroy(rows);
    return true;
}

bool screen_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    return screen_print_lines(db, site, out, err) && next_command_print(db, site, out, err);
}
