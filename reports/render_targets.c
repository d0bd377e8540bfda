/* Places as targets of a scan, one a line: "10.0.0.1:443", "www.example@10.0.0.1:443", "[2001:db8::1]:443". They feed "certsweep
 * scan -". Read from the columns address, port and server_name, or from the column places. A scan is of
 * one site: that of the first place is named in a comment, which a scan skips, and places of others are left out. What is no place ("and 3
 * more") is left out, too. Both are counted in comments at the end. */
#include "reports/render.h"

#include "probes/base/clean_text.h"
#include "probes/base/counted.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

struct targets_state {
    FILE *out;
    size_t places, address, port, name, site;       /* columns; REPORT_COLUMNS_MAX: there is none */
    char *of_site;              /* NULL: none yet */
    size_t left_out, elsewhere;
};

static size_t find_column(const struct report *report, const char *key)
{
    size_t count = report_column_count(report);
    for (size_t i = 0; i < count; i++)
        if (strcmp(report->columns[i].key, key) == 0)
            return i;
    return REPORT_COLUMNS_MAX;
}

static void *targets_begin(const struct report *report, FILE *out)
{
    struct targets_state *state = xcalloc(1, sizeof *state);
    *state = (struct targets_state){.out = out, .places = find_column(report, "places"), .address = find_column(report, "address"),
                                    .port = find_column(report, "port"), .name = find_column(report, "server_name"),
                                    .site = find_column(report, "site")};
    return state;
}

/* Is it the site of the first place? A scan needs no name for the default one. */
static bool is_here(struct targets_state *state, const char *site, size_t len)
{
    if (len == strlen("default") && strncmp(site, "default", len) == 0)
        len = 0;
    if (state->of_site == NULL) {
        state->of_site = xstrndup(site, len);
        if (len > 0)
            clean_text_print(state->out, "# certsweep scan --site %s\n", state->of_site);
    }
    bool same = strlen(state->of_site) == len && strncmp(state->of_site, site, len) == 0;
    state->elsewhere += !same;
    return same;
}

/* Names may come from foreign requests: one that cannot be part of a target is left out. */
static bool is_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", name[i]) == NULL)
            return false;
    return len > 0;
}

static bool is_address(const char *line, size_t len)
{
    return len > 0 && memchr(line, ':', len) != NULL && strchr("0123456789[", line[0]) != NULL;
}

/* "10.0.0.1:443 (www.example)" or without the name. */
static bool print_place(FILE *out, const char *line, size_t len)
{
    size_t end = 0;
    while (end < len && line[end] != ' ')
        end++;
    if (!is_address(line, end))
        return false;
    const char *name = line + end + 2;
    size_t name_len = len > end + 3 ? len - end - 3 : 0;
    if (end == len)
        fprintf(out, "%.*s\n", (int)end, line);
    else if (line[end + 1] == '(' && is_name(name, name_len))
        fprintf(out, "%.*s@%.*s\n", (int)name_len, name, (int)end, line);
    else
        return false;
    return true;
}

/* "north 10.0.0.1:443": a place of another site than the usual one begins with its name. */
static void print_line(struct targets_state *state, const char *line, size_t len)
{
    size_t word = 0;
    while (word < len && line[word] != ' ')
        word++;
    size_t next = word + 1;
    while (next < len && line[next] != ' ')
        next++;
    size_t site = word < len && !is_address(line, word) && is_address(line + word + 1, next - word - 1) ? word : 0;
    if (site == 0 && !is_address(line, word))
        state->left_out++;
    else if (is_here(state, line, site))
        state->left_out += !print_place(state->out, line + site + (site > 0), len - site - (site > 0));
}

static void targets_row(void *context, const char *const *values)
{
    struct targets_state *state = context;
    const char *text = state->places == REPORT_COLUMNS_MAX ? NULL : values[state->places];
    if (state->address != REPORT_COLUMNS_MAX && state->port != REPORT_COLUMNS_MAX && values[state->address] != NULL) {
        const char *address = values[state->address], *name = state->name == REPORT_COLUMNS_MAX ? NULL : values[state->name];
        bool is_v6 = strchr(address, ':') != NULL;
        const char *site = state->site == REPORT_COLUMNS_MAX || values[state->site] == NULL ? "" : values[state->site];
        if (!is_here(state, site, strlen(site)))
            return;
        if (name != NULL && !is_name(name, strlen(name))) {
            state->left_out++;
            return;
        }
        fprintf(state->out, "%s%s%s%s%s:%s\n", name == NULL ? "" : name, name == NULL ? "" : "@", is_v6 ? "[" : "", address,
                is_v6 ? "]" : "", values[state->port]);
        return;
    }
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, "\n");
        print_line(state, text, len);
        text += len + (text[len] == '\n');
    }
}

static void targets_end(void *context, const struct render_end *end)
{
    struct targets_state *state = context;
    if (end != NULL && (end->more > 0 || end->is_more_unknown))
        fprintf(state->out, "# there are more rows than --limit%s%s\n", end->next == NULL ? "" : "; the next page: --after ", end->next == NULL ? "" : end->next);
    if (state->left_out > 0)
        fprintf(state->out, "# left out: %s no target (\"and N more\", a file); report endpoints has each place in a row of its own\n",
                COUNTED_AS(state->left_out, "line that is", "lines that are"));
    if (state->elsewhere > 0)
        fprintf(state->out, "# left out: %s of other sites; --site NAME takes one\n", COUNTED(state->elsewhere, "place"));
    free(state->of_site);
    free(state);
}

const struct renderer render_targets = {.name = "targets", .begin = targets_begin, .row = targets_row, .end = targets_end};
