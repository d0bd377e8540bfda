/* A table for people at a terminal: columns as wide as their values need, the widest ones narrowed until the row
 * fits the screen, long values wrapped inside their cell. The first rows are buffered to compute the widths; all
 * later rows are printed with these widths, so a table of any length needs the same memory. A row has at most
 * ROW_LINES lines: then a cell ends in "... +37" for the 37 values that are left; CSV and JSON have them all.
 * Where the columns do not fit at all, each row is a block of lines: a heading and its value.
 *
 * Columns are counted in terminal cells (wcwidth), not bytes. */
#include "reports/render.h"

#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "probes/base/terminal.h"
#include "reports/moment_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ROWS_AHEAD   200
#define MIN_WIDTH    8          /* no column is narrowed below this */
#define MAX_WIDTH    66         /* a SHA-256 */
#define PROSE_WIDTH  24         /* columns of sentences are not narrowed below this */
#define PIPE_WIDTH   132        /* where the output is no terminal */
#define ROW_LINES    20         /* lines of one row: a certificate at 5,000 places would fill the screen */

struct table_state {
    const struct report *report;
    FILE *out;
    size_t heads[REPORT_COLUMNS_MAX], head_count;       /* printed once above the rows that share them */
    struct shared {
        char *head, *steps;                 /* steps: its sentences, which may differ below one head */
    } shared, ahead_shared[ROWS_AHEAD];     /* shared: of the rows above, as printed; NULL: none yet */
    size_t places[REPORT_COLUMNS_MAX];      /* narrower than this breaks an address; 0: holds none */
    size_t count;                           /* columns shown */
    size_t source[REPORT_COLUMNS_MAX];      /* column shown -> column of the query */
    size_t width[REPORT_COLUMNS_MAX];
    size_t whole[REPORT_COLUMNS_MAX];       /* narrower than this breaks words */
    char *ahead[ROWS_AHEAD][REPORT_COLUMNS_MAX];
    size_t rows_ahead;
    bool printing;
    bool is_stacked;                        /* a line for each value, since a row does not fit the screen */
    size_t screen;
};

static void *table_begin(const struct report *report, FILE *out)
{
    struct table_state *state = xcalloc(1, sizeof *state);
    state->report = report;
    state->out = out;
    state->screen = terminal_width(out, PIPE_WIDTH);
    for (size_t i = 0; i < report_column_count(report); i++)
        if (report->columns[i].head)
            state->heads[state->head_count++] = i;
        else if (!report->columns[i].detail)
            state->source[state->count++] = i;
    return state;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* One character at text: its bytes and its cells. A byte that is no character counts as one cell. */
static size_t next_character(const char *text, size_t *cells)
{
    wchar_t wide;
    mbstate_t shift = {0};
    size_t bytes = mbrtowc(&wide, text, MB_CUR_MAX, &shift);
    if (bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0) {
        *cells = 1;
        return 1;
    }
    int width = wcwidth(wide);
    *cells = width < 0 ? 1 : (size_t)width;
    return bytes;
}

/* The widest line of a text in cells. */
static size_t text_width(const char *text)
{
    size_t widest = 0, width = 0;
    while (*text != '\0') {
        size_t cells;
        if (*text == '\n') {
            width = 0;
            text++;
            continue;
        }
        text += next_character(text, &cells);
        width += cells;
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Does the word fit into a line of its own? */
static bool word_fits(const char *text, size_t width)
{
    size_t cells = 0;
    while (*text != '\0' && *text != ' ' && *text != '\n' && cells <= width) {
        size_t wide;
        text += next_character(text, &wide);
        cells += wide;
    }
    return cells <= width;
}

/* What fits into `width` cells from text: breaks at a space, so that names and addresses stay whole and sentences
 * read well, except if the next word fits into no line and most of this one would stay empty: then behind a comma, if it has one ("S01,S02"). Returns bytes;
 * *cells: the cells that they fill. */
static size_t take_line(const char *text, size_t width, size_t *cells)
{
    size_t bytes = 0, space_bytes = 0, space_cells = 0, comma_bytes = 0, comma_cells = 0;
    *cells = 0;
    while (text[bytes] != '\0' && text[bytes] != '\n') {
        size_t wide, len = next_character(text + bytes, &wide);
        if (*cells + wide > width) {
            if (space_bytes > 0 && (3 * space_cells > width || word_fits(text + space_bytes + 1, width))) {
                *cells = space_cells;
                return space_bytes;
            }
            if (3 * comma_cells > width) {
                *cells = comma_cells;
                return comma_bytes;
            }
            return bytes == 0 ? len : bytes;
        }
        if (text[bytes] == ' ') {
            space_bytes = bytes;
            space_cells = *cells;
        }
        bool is_comma = text[bytes] == ',';
        bytes += len;
        *cells += wide;
        if (is_comma) {
            comma_bytes = bytes;
            comma_cells = *cells;
        }
    }
    return bytes;
}

static bool print_line_of_row(struct table_state *state, const char *rest[])
{
    bool more = false;
    for (size_t i = 0; i < state->count; i++) {
        bool last = i + 1 == state->count;
        size_t cells, bytes = take_line(rest[i], state->width[i], &cells);
        size_t pad = cells < state->width[i] ? state->width[i] - cells : 0;
        bool right = render_is_number(state->report->columns[state->source[i]].kind);
        fprintf(state->out, "%*s%.*s%*s", right ? (int)pad : 0, "", (int)bytes, rest[i],
                right || last ? 0 : (int)pad, "");
        if (!last)
            fputs("  ", state->out);
        rest[i] += bytes;
        while (*rest[i] == ' ' || *rest[i] == '\n')
            rest[i]++;
        more = more || *rest[i] != '\0';
    }
    fputc('\n', state->out);
    return more;
}

/* Marks that a cell was cut; for a list with the number of values left. */
static const char *mark_of(const char *rest, char mark[32])
{
    size_t values = 1;
    if (*rest == '\0')
        return rest;
    for (const char *at = rest; *at != '\0'; at++)
        values += *at == '\n';
    snprintf(mark, 32, values == 1 ? "..." : "... +%zu", values);
    return mark;
}

/* A heading with its value, which is wrapped behind it. */
static void print_stacked_value(const struct table_state *state, const char *heading, size_t indent, const char *value)
{
    size_t width = state->screen > indent + MIN_WIDTH ? state->screen - indent : MIN_WIDTH, lines = 0;
    char mark[32];
    fprintf(state->out, "%s%*s", heading, (int)(indent - text_width(heading)), "");
    while (*value != '\0' && ++lines < ROW_LINES) {
        size_t cells, bytes = take_line(value, width, &cells);
        fprintf(state->out, "%*s%.*s\n", lines > 1 ? (int)indent : 0, "", (int)bytes, value);
        value += bytes;
        while (*value == ' ' || *value == '\n')
            value++;
    }
    if (*value != '\0')
        fprintf(state->out, "%*s%s\n", (int)indent, "", mark_of(value, mark));
}

static void print_stacked(struct table_state *state, char *const *values)
{
    size_t indent = 0;
    for (size_t i = 0; i < state->count; i++)
        indent = larger(indent, text_width(state->report->columns[state->source[i]].heading) + 2);
    for (size_t i = 0; i < state->count; i++)
        if (values[i][0] != '\0')
            print_stacked_value(state, state->report->columns[state->source[i]].heading, indent, values[i]);
    fputc('\n', state->out);
}

static void print_row(struct table_state *state, char *const *values)
{
    if (state->is_stacked) {
        print_stacked(state, values);
        return;
    }
    const char *rest[REPORT_COLUMNS_MAX];
    char marks[REPORT_COLUMNS_MAX][32];
    for (size_t i = 0; i < state->count; i++)
        rest[i] = values[i];
    size_t lines = 1;
    while (print_line_of_row(state, rest) && ++lines < ROW_LINES)
        continue;
    for (size_t i = 0; i < state->count; i++)
        rest[i] = mark_of(rest[i], marks[i]);
    if (lines == ROW_LINES)
        print_line_of_row(state, rest);
}

static size_t total_width(const struct table_state *state)
{
    size_t total = state->count == 0 ? 0 : 2 * (state->count - 1);
    for (size_t i = 0; i < state->count; i++)
        total += state->width[i];
    return total;
}

/* The widest column that is above its limit; `count` if there is none. */
static size_t find_widest(const struct table_state *state, const size_t *limit)
{
    size_t widest = state->count;
    for (size_t i = 0; i < state->count; i++)
        if (state->width[i] > limit[i] && (widest == state->count || state->width[i] > state->width[widest]))
            widest = i;
    return widest;
}

/* The widest column gives up cells one by one until the row fits: sentences first, then what can wrap between
 * words, and only then are words broken. */
static void fit_widths(struct table_state *state)
{
    size_t prose[REPORT_COLUMNS_MAX], whole[REPORT_COLUMNS_MAX], least[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < state->count; i++) {
        bool is_prose = state->report->columns[state->source[i]].kind == COLUMN_PROSE;
        prose[i] = is_prose ? PROSE_WIDTH : SIZE_MAX;
        whole[i] = is_prose ? PROSE_WIDTH : state->whole[i];
        least[i] = larger(MIN_WIDTH, state->places[i]);
    }
    const size_t *const limits[] = {prose, whole, least};
    for (size_t step = 0; step < 3; step++) {
        while (total_width(state) > state->screen) {
            size_t widest = find_widest(state, limits[step]);
            if (widest == state->count)
                break;
            state->width[widest]--;
        }
    }
}

/* The longest word in cells, ignoring names in parentheses: an address, with the site before it. */
static size_t address_width(const char *text)
{
    size_t widest = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        if (text[0] != '(')
            widest = larger(widest, len);
        text += len;
        text += strspn(text, " \n");
    }
    return widest;
}

/* The longest word in cells. */
static size_t word_width(const char *text)
{
    size_t widest = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        char *word = xstrndup(text, len);
        widest = larger(widest, text_width(word));
        free(word);
        text += len;
        text += strspn(text, " \n");
    }
    return widest;
}

static bool holds_places(const struct report_column *column)
{
    return column->kind == COLUMN_PLACE || strcmp(column->key, "places") == 0;
}

static void find_widths(struct table_state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const char *heading = state->report->columns[state->source[i]].heading;
        state->width[i] = text_width(heading);
        state->whole[i] = word_width(heading);
        for (size_t row = 0; row < state->rows_ahead; row++) {
            state->width[i] = larger(state->width[i], text_width(state->ahead[row][i]));
            state->whole[i] = larger(state->whole[i], word_width(state->ahead[row][i]));
            if (holds_places(&state->report->columns[state->source[i]]))
                state->places[i] = larger(state->places[i], address_width(state->ahead[row][i]));
        }
        if (state->width[i] > MAX_WIDTH)
            state->width[i] = MAX_WIDTH;
    }
    fit_widths(state);
    state->is_stacked = total_width(state) > state->screen;
}

static void print_headings(struct table_state *state)
{
    char *headings[REPORT_COLUMNS_MAX], *rules[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < state->count; i++) {
        headings[i] = xstrdup(state->report->columns[state->source[i]].heading);
        rules[i] = xmalloc(state->width[i] + 1);
        memset(rules[i], '-', state->width[i]);
        rules[i][state->width[i]] = '\0';
    }
    print_row(state, headings);
    print_row(state, rules);
    for (size_t i = 0; i < state->count; i++) {
        free(headings[i]);
        free(rules[i]);
    }
}

static char *clean_said(const char *value)
{
    char *said = moment_text(value, false), *clean = clean_text_lines(said, RENDER_TABLE_LINE);
    free(said);
    return clean;
}

/* What the rows below share: first columns on one line, later ones on lines of their own, sentences (are_steps) last. */
static char *head_text(const struct table_state *state, const char *const *values, bool are_steps)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < state->head_count; i++) {
        const struct report_column *column = &state->report->columns[state->heads[i]];
        const char *value = values[state->heads[i]];
        bool is_first = state->heads[i] < state->source[0];
        if (value == NULL || value[0] == '\0' || are_steps != (!is_first && column->kind == COLUMN_PROSE))
            continue;
        char *clean = clean_said(value);
        char *longer = is_first ? xasprintf("%s%s%s", text, text[0] == '\0' ? "" : "  ", clean)
                                : xasprintf("%s%s    %s: %s", text, text[0] == '\0' ? "" : "\n", column->heading, clean);
        free(clean);
        free(text);
        text = longer;
    }
    return text;
}

static struct shared shared_of(const struct table_state *state, const char *const *values)
{
    return (struct shared){head_text(state, values, false), head_text(state, values, true)};
}

static void print_wrapped(const struct table_state *state, const char *text)
{
    for (const char *rest = text; *rest != '\0';) {
        size_t cells, bytes = take_line(rest, state->screen, &cells);
        fprintf(state->out, "%.*s\n", (int)bytes, rest);
        rest += bytes;
        if (*rest == '\n')
            rest++;
        else
            while (*rest == ' ')
                rest++;
        if (*rest != '\0' && rest[-1] != '\n')
            fputs("    ", state->out);
    }
}

static void shared_clear(struct shared *shared)
{
    free(shared->head);
    free(shared->steps);
}

/* Takes shared. Where only the steps are others, the head stands once for all of them. */
static void print_head(struct table_state *state, struct shared shared)
{
    bool is_same = state->shared.head != NULL && strcmp(state->shared.head, shared.head) == 0;
    if (state->head_count == 0 || (is_same && strcmp(state->shared.steps, shared.steps) == 0)) {
        shared_clear(&shared);
        return;
    }
    shared_clear(&state->shared);
    state->shared = shared;
    fputc('\n', state->out);
    if (!is_same)
        print_wrapped(state, shared.head);
    print_wrapped(state, shared.steps);
}

static void print_ahead(struct table_state *state)
{
    state->printing = true;
    if (state->rows_ahead == 0)
        return;
    find_widths(state);
    if (!state->is_stacked)
        print_headings(state);
    for (size_t row = 0; row < state->rows_ahead; row++) {
        print_head(state, state->ahead_shared[row]);
        print_row(state, state->ahead[row]);
        for (size_t i = 0; i < state->count; i++)
            free(state->ahead[row][i]);
    }
}

static char *shown_value(const struct report_column *column, const char *value)
{
    const char *text = value == NULL ? "" : value;
    char *clean = column->kind == COLUMN_PROSE ? clean_said(text) : clean_text_lines(text, RENDER_TABLE_LINE);
    size_t shown = column->kind == COLUMN_TIME ? 10 : column->kind == COLUMN_MOMENT ? 16 : column->kind == COLUMN_HASH ? 16 : SIZE_MAX;
    if (strlen(clean) > shown)
        clean[shown] = '\0';
    return clean;
}

static void table_row(void *context, const char *const *values)
{
    struct table_state *state = context;
    char *shown[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < state->count; i++)
        shown[i] = shown_value(&state->report->columns[state->source[i]], values[state->source[i]]);
    if (!state->printing && state->rows_ahead == ROWS_AHEAD)
        print_ahead(state);
    if (!state->printing) {
        state->ahead_shared[state->rows_ahead] = shared_of(state, values);
        memcpy(state->ahead[state->rows_ahead++], shown, sizeof shown[0] * state->count);
        return;
    }
    print_head(state, shared_of(state, values));
    print_row(state, shown);
    for (size_t i = 0; i < state->count; i++)
        free(shown[i]);
}

static void table_end(void *context, const struct render_end *end)
{
    struct table_state *state = context;
    if (!state->printing)
        print_ahead(state);
    if (end != NULL && end->is_more_unknown)
        fputs("... and more, not counted; --limit 0 lists them all\n", state->out);
    else if (end != NULL && end->more != 0)
        fprintf(state->out, "... and %zu more\n", end->more);
    if (end != NULL && end->next != NULL)
        fprintf(state->out, "The next page: --after %s\n", end->next);
    shared_clear(&state->shared);
    free(state);
}

const struct renderer render_table = {.name = "table", .begin = table_begin, .row = table_row, .end = table_end};
