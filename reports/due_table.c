#include "reports/due_table.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "probes/base/counted.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports_sql.h"

#include <string.h>

#define OWNERS_SHOWN 12        /* or one more: "and 1 more owner" is as long as its row */
#define TITLE        "To renew of what is served"
enum { DUE_OWNER, DUE_OVERDUE, DUE_COUNT = DUE_TABLE_COLUMNS, DUE_AGAIN, DUE_COMMAND };

struct db_result *due_table_read(struct db *db, const char *filter, struct error *err)
{
    char most[8];
    snprintf(most, sizeof most, "%d", OWNERS_SHOWN + 1);
    const char *params[] = {filter, most, NULL};
    struct db_result *near = NULL, *rows = NULL;
    bool is_all = strcmp(filter, "{}") == 0;
    if (!is_all && (near = db_query(db, SQL_REPORT_NEAR, 1, params, err)) != NULL)
        params[2] = db_value(near, 0, 0);
    if (is_all || near != NULL)
        rows = db_query(db, SQL_SUMMARY_DUE, 3, params, err);
    db_result_destroy(near);
    return rows;
}

static long long more_owners(const struct db_result *rows)
{
    long long owners = db_rows(rows) > 0 ? db_int(rows, 0, DUE_COUNT) : 0;
    return owners > OWNERS_SHOWN + 1 ? owners - OWNERS_SHOWN : 0;
}

/* The first is of all owners. */
static size_t rows_shown(const struct db_result *rows)
{
    return more_owners(rows) > 0 && db_rows(rows) > OWNERS_SHOWN + 1 ? OWNERS_SHOWN + 1 : db_rows(rows);
}

/* How many different certificates, if some count at several owners; else 0. */
static long long different_ones(const struct db_result *rows)
{
    long long all = 0;
    if (db_rows(rows) == 0 || db_int(rows, 0, DUE_AGAIN) == 0)
        return 0;
    for (size_t c = DUE_OVERDUE; c < DUE_COUNT; c++)
        all += db_int(rows, 0, c);
    return all;
}

/* ---- the screen ---- */

/* UTF-8: counts one cell per character, which is enough for names of departments. */
static void print_padded(FILE *out, const char *text, int width)
{
    fputs(text, out);
    for (const char *at = text; *at != '\0'; at++)
        width -= ((unsigned char)*at & 0xc0) != 0x80;
    fprintf(out, "%*s", width > 0 ? width : 0, "");
}

void due_table_print(FILE *out, const struct db_result *rows)
{
    if (db_rows(rows) == 0)
        return;
    fprintf(out, "%-28s%9s%9s%9s%9s%9s\n", TITLE, "overdue", "7 days", "30 days", "60 days", "90 days");
    for (size_t i = 0; i < rows_shown(rows); i++) {
        const char *owner = db_value(rows, i, DUE_OWNER);
        char name[27];
        clean_text_into(name, sizeof name, owner == NULL ? "all" : owner, owner == NULL ? 3 : strlen(owner));
        print_padded(out, name, 28);
        for (size_t c = DUE_OVERDUE; c < DUE_COUNT; c++)
            fprintf(out, "%9lld", (long long)db_int(rows, i, c));
        fputc('\n', out);
    }
    if (more_owners(rows) > 0)
        clean_text_print(out, "and %s: %s\n", COUNTED(more_owners(rows), "more owner"), db_value(rows, 0, DUE_COMMAND));
    if (different_ones(rows) > 0)
        fprintf(out, "A certificate of several owners counts at each of them; together %s.\n", COUNTED_AS(different_ones(rows), "one", "different ones"));
    fputc('\n', out);
}

/* ---- a page ---- */

static const char *const labels[DUE_TABLE_COLUMNS_ALL] = {"Owner", "Overdue", "7 days", "30 days", "60 days", "90 days", "Later", "All"};

const char *due_table_label(size_t column)
{
    return labels[column];
}

void due_table_head(FILE *out, const char *caption, size_t columns)
{
    static const char *const narrow[DUE_TABLE_COLUMNS_ALL] = {"Owner", "Over&shy;due", "7<br>days", "30<br>days", "60<br>days", "90<br>days", "Later", "All"};
    page_table(out, "tight pieces", caption, false);
    fputs("<thead><tr><th scope=\"col\">", out);
    for (size_t c = 0; c < columns; c++)
        fprintf(out, "%s%s</th>", c == 0 ? "" : "<th scope=\"col\" class=\"n\">", narrow[c]);
    fputs("</tr></thead>\n<tbody>\n", out);
}

void due_table_different(FILE *out, long long different)
{
    html_print(out, "<p class=\"more\">A certificate of several owners counts at each of them; together $n different $r.</p>\n", different, html_many(different, "one", "ones"));
}

void due_table_print_html(FILE *out, const void *context)
{
    const struct db_result *rows = context;
    if (db_rows(rows) == 0)
        return;
    due_table_head(out, TITLE, DUE_TABLE_COLUMNS);
    for (size_t i = 0; i < rows_shown(rows); i++) {
        const char *owner = db_value(rows, i, DUE_OWNER);
        html_print(out, "<tr><th scope=\"row\">$t</th>", owner == NULL ? "All owners" : owner);
        for (size_t c = DUE_OVERDUE; c < DUE_COUNT; c++)
            page_labelled_cell(out, labels[c], db_int(rows, i, c));
        fputs("</tr>\n", out);
    }
    page_table_end(out);
    if (more_owners(rows) > 0)
        html_print(out, "<p class=\"more\">And $n more $r: <code>$t</code>.</p>\n", more_owners(rows), html_many(more_owners(rows), "owner", "owners"), db_value(rows, 0, DUE_COMMAND));
    if (different_ones(rows) > 0)
        due_table_different(out, different_ones(rows));
}
