/* A report as an HTML page of its own: a table that sorts, filters and prints. Each cell carries its heading in
 * data-label: on a narrow screen the style sheet turns a row into lines. Detail columns are folded into the cell of
 * the name. What consecutive rows share (column.head: of findings the rule, its source and what to do) stands once, above a table of them. */
#include "reports/render.h"

#include "probes/base/memory.h"
#include "reports/html.h"
#include "reports/moment_text.h"
#include "reports/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_HEAD_FACTS 7
#define COLUMNS_WIDE 7         /* this many columns fit; with more, sentences and their sources are folded */

struct html_state {
    const struct report *report;
    FILE *out;
    struct page page;
    struct page_fact facts[REPORT_HEAD_FACTS];
    char *as_of, *foot;
    size_t columns, name;       /* name: the column that names a row's subject */
    bool folded[REPORT_COLUMNS_MAX];        /* shown in the details of the name */
    size_t head_count;          /* columns that groups of rows share */
    char *group, *steps;        /* their values, in the rows above, and what to do; NULL: none yet */
    size_t rows;
};

static size_t name_column(const struct report *report)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < report_column_count(report); i++) {
        if (report->columns[i].detail || report->columns[i].head)
            continue;
        if (strcmp(report->columns[i].key, "name") == 0)
            return i;
        first = first == SIZE_MAX ? i : first;
    }
    return first;
}

static const char *cell_class(enum column_kind kind)
{
    switch (kind) {
    case COLUMN_TEXT:
    case COLUMN_UNIT: return "text";
    case COLUMN_PROSE: return "prose";
    case COLUMN_NUMBER:
    case COLUMN_COUNT: return "n";
    case COLUMN_TIME: return "d";
    case COLUMN_SEVERITY: return "s";
    case COLUMN_HASH: return "hash";
    case COLUMN_LIST:
    case COLUMN_PLACE: return "text";
    case COLUMN_MOMENT: return "d";
    }
    return "text";
}

static bool is_in_row(const struct html_state *state, size_t column)
{
    return !state->folded[column] && !state->report->columns[column].head;
}

static void print_head(struct html_state *state)
{
    page_table(state->out, state->head_count > 0 ? "rows grouped" : "rows", state->group == NULL ? state->report->title : state->group, true);
    fputs("<thead><tr>", state->out);
    for (size_t i = 0; i < state->columns; i++)
        if (is_in_row(state, i))
            html_print(state->out, "<th scope=\"col\" class=\"$t\">$t</th>", cell_class(state->report->columns[i].kind),
                       state->report->columns[i].heading);
    fputs("</tr></thead>\n<tbody>\n", state->out);
}

/* A row is one line. Details unfold, and with many columns also sentences and their sources. */
static void fold(struct html_state *state)
{
    size_t shown = 0;
    for (size_t i = 0; i < state->columns; i++) {
        state->head_count += state->report->columns[i].head;
        shown += !state->report->columns[i].detail && !state->report->columns[i].head && state->report->columns[i].kind != COLUMN_UNIT;
    }
    for (size_t i = 0; i < state->columns; i++) {
        const struct report_column *column = &state->report->columns[i];
        bool is_title = strcmp(column->key, "finding") == 0 || strcmp(column->key, "requirement") == 0;
        bool is_sentence = (column->kind == COLUMN_PROSE && !is_title) || strcmp(column->key, "source") == 0;
        state->folded[i] = i != state->name && !column->head && (column->detail || (is_sentence && shown > COLUMNS_WIDE));
    }
}

static void set_head(struct html_state *state, const struct report_head *head)
{
    state->as_of = head->as_of[0] == '\0' ? xstrdup("not judged yet") : xasprintf("%s, %s", html_day_full(head->as_of), head->as_of + 11);
    state->foot = xasprintf("%s%s%s%s%s", head->organization == NULL ? "" : head->organization, head->organization == NULL ? "" : " · ",
                            state->report->title, head->classification == NULL ? "" : " · ", head->classification == NULL ? "" : head->classification);
    state->page.foot = state->foot;
    const struct page_fact facts[REPORT_HEAD_FACTS] = {
        {"As of", state->as_of}, {"Scope", head->scope}, {"Narrowed to", head->narrowed},
        {"Author", head->author}, {"Policy", head->policy}, {"Reference", head->reference}, {"Written by", head->written_by},
    };
    memcpy(state->facts, facts, sizeof facts);
    state->page.organization = head->organization;
    state->page.classification = head->classification;
    state->page.facts = state->facts;
    state->page.fact_count = REPORT_HEAD_FACTS;
}

/* The first line is what a reader with a minute reads. */
static void print_lead(FILE *out, const char *lead)
{
    for (const char *at = lead; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        char *line = xstrndup(at, len);
        html_print(out, "<p$r>", at == lead ? " class=\"lead\"" : "");
        moment_html(out, line, html_text);
        fputs("</p>\n", out);
        free(line);
        at += len + (at[len] == '\n');
    }
}

/* What stands ahead of the rows, under a heading of its own. */
static void print_now(FILE *out, const struct report_head *head)
{
    page_section(out, "now", "What matters now", false);
    if (head->lead != NULL)
        print_lead(out, head->lead);
    if (head->print_more != NULL)
        head->print_more(out, head->more);
    page_section_end(out);
}

static void *html_begin(const struct report *report, FILE *out)
{
    struct html_state *state = xcalloc(1, sizeof *state);
    *state = (struct html_state){
        .report = report, .out = out, .columns = report_column_count(report), .name = name_column(report),
        .page = {.title = report->title, .kind = "single", .foot = report->title},
    };
    fold(state);
    if (report->head != NULL)
        set_head(state, report->head);
    page_begin(out, &state->page);
    bool has_lead = report->head != NULL && ((report->head->lead != NULL && report->head->lead[0] != '\0') || report->head->print_more != NULL);
    if (has_lead)
        print_now(out, report->head);
    if (has_lead)
        page_section(out, "rows", "In numbers", false);
    else                        /* the page's title says it already */
        html_print(out, "<section id=\"rows\">\n<h2 class=\"hid\">$t</h2>\n", report->title);
    page_paragraph(out, report->question);
    return state;
}

static bool holds_places(const struct report_column *column)
{
    return column->kind == COLUMN_PLACE || strcmp(column->key, "places") == 0;
}

/* Each on a line of its own, which may be broken only between site, address and name. */
static void print_places(FILE *out, const char *value)
{
    for (size_t len; *value != '\0'; value += len + (value[len] == '\n')) {
        len = strcspn(value, "\n");
        char *line = xstrndup(value, len);
        html_print(out, "$t$r", line, value[len] == '\n' ? "<br>" : "");
        free(line);
    }
}

static void print_count(FILE *out, const char *value)
{
    if (value[strspn(value, "0123456789")] == '\0')
        html_print(out, "$n", atoll(value));
    else
        html_text(out, value);
}

static void print_value(FILE *out, enum column_kind kind, const char *value)
{
    switch (kind) {
    case COLUMN_SEVERITY: page_severity(out, value); break;
    case COLUMN_HASH: html_print(out, "<code>$t</code>", value); break;
    case COLUMN_TIME: html_day(out, value); break;
    case COLUMN_MOMENT: html_print(out, "$d, $t", value, strlen(value) > 16 ? (char[6]){value[11], value[12], ':', value[14], value[15]} : ""); break;
    case COLUMN_PLACE: html_text(out, value); break;
    case COLUMN_COUNT: print_count(out, value); break;
    case COLUMN_UNIT:
    case COLUMN_TEXT:
    case COLUMN_LIST: html_name(out, value); break;
    case COLUMN_PROSE: moment_html(out, value, html_text); break;
    case COLUMN_NUMBER: html_text(out, value); break;
    }
}

static void print_details(struct html_state *state, const char *const *values)
{
    fputs("<dl>", state->out);
    for (size_t i = 0; i < state->columns; i++) {
        const struct report_column *column = &state->report->columns[i];
        if (!state->folded[i] || values[i] == NULL || values[i][0] == '\0')
            continue;
        html_print(state->out, "<dt>$t</dt><dd>", column->heading);
        print_value(state->out, column->kind, values[i]);
        fputs("</dd>", state->out);
    }
    fputs("</dl>", state->out);
}

/* A row without any would unfold to nothing. */
static bool has_details_of(const struct html_state *state, const char *const *values)
{
    for (size_t i = 0; i < state->columns; i++)
        if (state->folded[i] && values[i] != NULL && values[i][0] != '\0')
            return true;
    return false;
}

static void print_name(struct html_state *state, const char *const *values)
{
    const struct report_column *column = &state->report->columns[state->name];
    const char *value = values[state->name] == NULL || values[state->name][0] == '\0' ? "–" : values[state->name];
    bool unfolds = has_details_of(state, values);
    fputs(unfolds ? "<th scope=\"row\"><details><summary>" : "<th scope=\"row\">", state->out);
    print_value(state->out, column->kind, value);
    if (unfolds) {
        fputs("</summary>", state->out);
        print_details(state, values);
        fputs("</details>", state->out);
    }
    fputs("</th>", state->out);
}

/* ---- groups ---- */

/* A sentence behind the name: rows of one group may have several. */
static bool is_step(const struct html_state *state, size_t column)
{
    return state->report->columns[column].head && column > state->name && state->report->columns[column].kind == COLUMN_PROSE;
}

/* What rows share, or the steps alone. Yours. */
static char *group_text(const struct html_state *state, const char *const *values, bool are_steps)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < state->columns; i++) {
        if (!state->report->columns[i].head || is_step(state, i) != are_steps || values[i] == NULL || values[i][0] == '\0')
            continue;
        char *longer = xasprintf("%s%s%s", text, text[0] == '\0' ? "" : ", ", values[i]);
        free(text);
        text = longer;
    }
    return text;
}

/* Severity and sentence as heading, short words behind them; a sentence and its source below. */
static void print_group(struct html_state *state, const char *const *values)
{
    FILE *out = state->out;
    bool has_title = false, has_text = false;
    fputs("<section class=\"rule\">\n<h3>", out);
    for (size_t i = 0; i < state->columns; i++)
        if (state->report->columns[i].head && state->report->columns[i].kind == COLUMN_SEVERITY && values[i] != NULL)
            page_severity(out, values[i]);
    for (size_t i = 0; i < state->columns && !has_title; i++)
        if (state->report->columns[i].head && values[i] != NULL && (state->report->columns[i].kind == COLUMN_PROSE || state->head_count == 1)) {
            html_print(out, " $b", values[i]);
            has_title = true;
        }
    for (size_t i = 0; i < state->name; i++)
        if (state->report->columns[i].head && state->report->columns[i].kind == COLUMN_TEXT && state->head_count > 1 && values[i] != NULL)
            html_print(out, " <small>$t</small>", values[i]);
    fputs("</h3>\n", out);
    for (size_t i = state->name; i < state->columns; i++) {
        if (!state->report->columns[i].head || is_step(state, i) || values[i] == NULL || values[i][0] == '\0')
            continue;
        html_print(out, "$r<span class=\"soft\">$t: $t.</span>", has_text ? " " : "<p>", state->report->columns[i].heading, values[i]);
        has_text = true;
    }
    fputs(has_text ? "</p>\n" : "", out);
}

static void print_steps(const struct html_state *state, const char *const *values)
{
    for (size_t i = state->name; i < state->columns; i++)
        if (is_step(state, i) && values[i] != NULL && values[i][0] != '\0')
            html_print(state->out, "<p>$t</p>\n", values[i]);
}

static void end_table(struct html_state *state)
{
    if (state->rows == 0)
        return;
    page_table_end(state->out);
    fputs(state->head_count > 0 ? "" : "</div>\n", state->out);
}

static void end_group(struct html_state *state)
{
    end_table(state);
    fputs(state->rows > 0 && state->head_count > 0 ? "</section>\n" : "", state->out);
}

/* Begins a table before the first row, and before each that shares other values. Where only the steps are others, the heading stays. */
static void begin_table(struct html_state *state, const char *const *values)
{
    char *group = state->head_count == 0 ? NULL : group_text(state, values, false);
    char *steps = state->head_count == 0 ? NULL : group_text(state, values, true);
    bool is_first = state->rows == 0, is_same = !is_first && (group == NULL || strcmp(group, state->group) == 0);
    bool is_same_step = is_same && (steps == NULL || strcmp(steps, state->steps) == 0);
    if (is_same && !is_same_step)
        end_table(state);
    else if (!is_same)
        end_group(state);
    free(state->group);
    free(state->steps);
    state->group = group;
    state->steps = steps;
    if (is_same_step)
        return;
    if (is_first)
        page_tools(state->out);
    if (group == NULL)
        html_print(state->out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"$t\">\n", state->report->title);
    else if (!is_same)
        print_group(state, values);
    if (group != NULL)
        print_steps(state, values);
    print_head(state);
}

/* ---- rows ---- */

static bool is_broken_anywhere(enum column_kind kind, const char *text)
{
    bool is_text = kind == COLUMN_TEXT || kind == COLUMN_UNIT || kind == COLUMN_PROSE || kind == COLUMN_LIST;
    return is_text && text != NULL && html_has_long_word(text);
}

/* A clause's result as mark and word: never by colour alone. */
static const char *result_class(const char *result)
{
    return strcmp(result, "pass") == 0 ? "yes" : strcmp(result, "fail") == 0 ? "no bad" : "unt";
}

static void html_row(void *context, const char *const *values)
{
    struct html_state *state = context;
    FILE *out = state->out;
    begin_table(state, values);
    state->rows++;
    fputs("<tr>", out);
    for (size_t i = 0; i < state->columns; i++) {
        const struct report_column *column = &state->report->columns[i];
        if (!is_in_row(state, i))
            continue;
        if (i == state->name) {
            print_name(state, values);
            continue;
        }
        html_print(out, "<td class=\"$t$r\" data-label=\"$t\"", holds_places(column) ? "text at" : cell_class(column->kind),
                   !holds_places(column) && is_broken_anywhere(column->kind, values[i]) ? " long" : "", column->heading);
        if (column->kind == COLUMN_TIME || column->kind == COLUMN_MOMENT || render_is_number(column->kind))
            html_print(out, " data-v=\"$t\"", values[i]);
        fputc('>', out);
        if (values[i] != NULL && values[i][0] != '\0' && holds_places(column))
            print_places(out, values[i]);
        else if (values[i] != NULL && strcmp(column->key, "result") == 0)
            html_print(out, "<span class=\"$t\">$t</span>", result_class(values[i]), values[i]);
        else if (values[i] != NULL && values[i][0] != '\0')
            print_value(out, column->kind, values[i]);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

/* The date of the data and what could not be judged: an empty list never appears without them. */
static void print_end(struct html_state *state, const struct render_end *end)
{
    FILE *out = state->out;
    const char *kept = state->report->head == NULL ? "" : state->report->head->kept;       /* the same rows, not everybody's */
    if (end->more != 0)
        html_print(out, "<p class=\"more\">$n more $r not shown here: <code>certsweep report $t$t --format csv</code> writes all.</p>\n",
                   (long long)end->more, html_many((long long)end->more, "row is", "rows are"), state->report->name, kept);
    else if (end->is_more_unknown)
        html_print(out, "<p class=\"more\">There are more rows: <code>certsweep report $t$t --format csv</code> writes all.</p>\n", state->report->name, kept);
    if (end->unjudged > 0)
        html_print(out, "<p>Not judged: $n $r$r$t.</p>\n", end->unjudged, html_many(end->unjudged, "certificate", "certificates"),
                   end->reason == NULL ? "" : ", since ", end->reason);
    if (end->before != NULL)
        html_print(out, "<p>Judged before $t. Next: <code>certsweep reconcile</code></p>\n", end->before);
    if (end->lead != NULL && state->report->head == NULL)         /* else it stands above */
        print_lead(out, end->lead);
    if (end->note != NULL && end->note[0] != '\0')
        page_paragraph(out, end->note);
    if (end->as_of != NULL)
        html_print(out, "<p class=\"soft small\">Judged as of $d, $t UTC.</p>\n", end->as_of,
                   strlen(end->as_of) > 16 ? (char[6]){end->as_of[11], end->as_of[12], ':', end->as_of[14], end->as_of[15]} : "");
}

static void html_end(void *context, const struct render_end *end)
{
    struct html_state *state = context;
    end_group(state);
    if (state->rows == 0 && (end == NULL || end->unjudged == 0))
        page_paragraph(state->out, end == NULL || end->as_of == NULL ? "Nothing was found and judged yet, so nothing can be said."
                                                                     : state->report->none);
    if (end != NULL)
        print_end(state, end);
    page_section_end(state->out);
    page_end(state->out, &state->page);
    free(state->group);
    free(state->steps);
    free(state->as_of);
    free(state->foot);
    free(state);
}

const struct renderer render_html = {.name = "html", .begin = html_begin, .row = html_row, .end = html_end};
