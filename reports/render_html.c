/* One HTML table, without the page around it (page.c). Each cell carries its heading in data-label: on a narrow
 * screen the style sheet turns each row into a card. Lists have one value per line; long names may break anywhere,
 * preferably between their parts. */
#include "reports/render.h"

#include "probes/base/clean_text.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct html_state {
    const struct report *report;
    FILE *out;
    size_t columns, rows;
};

/* A long name is parted behind a dot or the like rather than within a label; an address is left whole. */
static bool may_break(const char *begin, const char *at)
{
    if (at == begin || strchr(".:/@=", at[-1]) == NULL || !isgraph((unsigned char)*at))
        return false;
    return at - begin < 2 || !isdigit((unsigned char)at[-2]) || !isdigit((unsigned char)*at);
}

static void print_text(FILE *out, const char *text, bool breaks)
{
    char *clean = clean_text_lines(text, RENDER_HTML_LINE);
    for (const char *at = clean; *at != '\0'; at++) {
        if (breaks && may_break(clean, at))
            fputs("<wbr>", out);
        switch (*at) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\'': fputs("&#39;", out); break;
        case '\n': fputs("<br>", out); break;
        default: fputc(*at, out); break;
        }
    }
    free(clean);
}

void render_html_text(FILE *out, const char *text)
{
    print_text(out, text, false);
}

/* The first len bytes of what is longer where people read it. */
static void print_head_of(FILE *out, const char *text, size_t len)
{
    char *head = xstrndup(text, len);
    render_html_text(out, head);
    free(head);
}

static void *html_begin(const struct report *report, FILE *out)
{
    struct html_state *state = xcalloc(1, sizeof *state);
    *state = (struct html_state){.report = report, .out = out, .columns = report_column_count(report)};
    return state;
}

static const char *cell_class(enum column_kind kind)
{
    switch (kind) {
    case COLUMN_TEXT: return "text";
    case COLUMN_PLACE: return "text";
    case COLUMN_PROSE: return "prose";
    case COLUMN_NUMBER: return "number";
    case COLUMN_TIME: return "time";
    case COLUMN_MOMENT: return "time";
    case COLUMN_SEVERITY: return "severity";
    case COLUMN_HASH: return "hash";
    case COLUMN_LIST: return "list";
    }
    return "text";
}

static void print_head(struct html_state *state)
{
    fputs("<table><thead><tr>", state->out);
    for (size_t i = 0; i < state->columns; i++) {
        if (state->report->columns[i].detail)
            continue;
        fprintf(state->out, "<th scope=\"col\" class=\"%s\">", cell_class(state->report->columns[i].kind));
        render_html_text(state->out, state->report->columns[i].heading);
        fputs("</th>", state->out);
    }
    fputs("</tr></thead><tbody>\n", state->out);
}

static void print_value(struct html_state *state, const struct report_column *column, const char *value)
{
    if (column->kind == COLUMN_SEVERITY) {
        fputs("<span class=\"badge ", state->out);
        render_html_text(state->out, value);
        fputs("\">", state->out);
        render_html_text(state->out, value);
        fputs("</span>", state->out);
    } else if (column->kind == COLUMN_HASH) {
        fputs("<code title=\"", state->out);
        render_html_text(state->out, value);
        fputs("\">", state->out);
        print_head_of(state->out, value, 16);
        fputs("</code>", state->out);
    } else if (column->kind == COLUMN_TIME) {
        print_head_of(state->out, value, 10);
    } else {
        print_text(state->out, value, column->kind == COLUMN_TEXT || column->kind == COLUMN_LIST);
    }
}

/* What has no column of its own, in one line under the row: "Contacts it@example, Because ...". */
static void print_details(struct html_state *state, const char *const *values, size_t shown)
{
    bool begun = false;
    for (size_t i = 0; i < state->columns; i++) {
        const struct report_column *column = &state->report->columns[i];
        if (!column->detail || values[i] == NULL || values[i][0] == '\0')
            continue;
        if (!begun)
            fprintf(state->out, "<tr class=\"details\"><td colspan=\"%zu\">", shown);
        begun = true;
        fputs("<span><i>", state->out);
        render_html_text(state->out, column->heading);
        fputs("</i> ", state->out);
        if (column->kind == COLUMN_HASH) {
            fputs("<code>", state->out);
            render_html_text(state->out, values[i]);
            fputs("</code>", state->out);
        } else {
            print_value(state, column, values[i]);
        }
        fputs("</span> ", state->out);
    }
    if (begun)
        fputs("</td></tr>\n", state->out);
}

static void html_row(void *context, const char *const *values)
{
    struct html_state *state = context;
    size_t shown = 0;
    if (state->rows++ == 0)
        print_head(state);
    fputs("<tr>", state->out);
    for (size_t i = 0; i < state->columns; i++) {
        const struct report_column *column = &state->report->columns[i];
        if (column->detail)
            continue;
        shown++;
        fprintf(state->out, "<td class=\"%s%s\" data-label=\"", cell_class(column->kind),
                values[i] == NULL || values[i][0] == '\0' ? " empty" : "");
        render_html_text(state->out, column->heading);
        fputs("\">", state->out);
        if (values[i] != NULL)
            print_value(state, column, values[i]);
        fputs("</td>", state->out);
    }
    fputs("</tr>\n", state->out);
    print_details(state, values, shown);
}

static void html_end(void *context, const struct render_end *end)
{
    struct html_state *state = context;
    if (state->rows != 0)
        fputs("</tbody></table>\n", state->out);
    size_t more = end == NULL ? 0 : end->more;
    if (more != 0)
        fprintf(state->out, "<p class=\"more\">%zu more rows are not shown here: "
                            "<code>certsweep report %s --format csv</code> lists all.</p>\n",
                more, state->report->name);
    free(state);
}

const struct renderer render_html_table = {
    .name = "html-table", .begin = html_begin, .row = html_row, .end = html_end};
