#include "scanner/targets/target_list.h"

#include "probes/base/line_reader.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD_LINES_LOGGED 20

struct target_list {
    struct port_set *default_ports;
    struct target_space_builder *builder;
    FILE *names;  /* unlinked: the specs of names, one a line */
    bool reading; /* names is being read; before, it is written */
    uint64_t name_count;
    uint64_t range_count;
    size_t bad_lines;
    char *exclusions; /* open_memstream's */
    size_t exclusions_len;
    FILE *exclusions_out;
    bool stdin_used;
    struct line_reader reader;
};

struct target_list *target_list_create(const struct port_set *default_ports)
{
    struct target_list *list = xcalloc(1, sizeof *list);
    list->default_ports = port_set_copy(default_ports);
    list->builder = target_space_builder_create();
    list->exclusions_out = open_memstream(&list->exclusions, &list->exclusions_len);
    if (list->exclusions_out == NULL || fflush(list->exclusions_out) != 0)
        abort(); /* fails only without memory */
    return list;
}

void target_list_destroy(struct target_list *list)
{
    if (list == NULL)
        return;
    fclose(list->exclusions_out);
    free(list->exclusions);
    if (list->names != NULL)
        fclose(list->names);
    target_space_builder_destroy(list->builder);
    port_set_destroy(list->default_ports);
    free(list);
}

/* ---- targets */

static bool add_name(struct target_list *list, const struct target_text *spec, struct error *err)
{
    if (list->names == NULL)
        list->names = tmpfile();
    if (list->names == NULL)
        return error_set(err, ERROR_IO, "a temporary file for the names: %s", strerror(errno));
    char *text = target_text_format(spec);
    bool ok =
        strlen(text) <= LINE_READER_LIMIT ||
        error_set(err, ERROR_USAGE, "%s: the list of its ports is too long: write it as ranges", spec->name);
    if (ok && fprintf(list->names, "%s\n", text) < 0)
        ok = error_set(err, ERROR_IO, "the temporary file of the names: %s", strerror(errno));
    list->name_count += ok;
    free(text);
    return ok;
}

static bool add_spec(struct target_list *list, const char *text, struct error *err)
{
    struct target_text spec;
    bool ok = target_text_parse(text, &spec, err);
    if (ok && spec.is_name) {
        ok = add_name(list, &spec, err);
    } else if (ok) {
        target_space_add(list->builder, &spec.range, spec.ports == NULL ? list->default_ports : spec.ports);
        list->range_count++;
    }
    target_text_clear(&spec);
    return ok;
}

/* ---- files */

typedef bool line_function(struct target_list *list, const char *text, struct error *err);

/* The first word of the line; "#" ends it. "" for a blank line. */
static char *word_of(char *line)
{
    line += strspn(line, " \t\v\f");
    line[strcspn(line, " \t\v\f#")] = '\0';
    return line;
}

static bool read_line(struct target_list *list, struct line_reader *reader, enum line_result result,
                      line_function *function, struct error *err)
{
    if (result == LINE_TOO_LONG)
        return error_set(err, ERROR_INPUT, "the line is longer than %d bytes: expected one target",
                         LINE_READER_LIMIT);
    if (result == LINE_HAS_NUL)
        return error_set(err, ERROR_INPUT,
                         "the line holds a NUL byte: expected a text file with one target a line");
    char *word = word_of(reader->text);
    return *word == '\0' || function(list, word, err);
}

static bool read_lines(struct target_list *list, FILE *file, const char *label, line_function *function,
                       bool strict, struct error *err)
{
    struct line_reader *reader = xcalloc(1, sizeof *reader);
    enum line_result result;
    bool ok = true;
    line_reader_init(reader, file);
    while (ok && (result = line_reader_next(reader)) != LINE_END) {
        struct error bad = {0};
        if (read_line(list, reader, result, function, &bad))
            continue;
        error_add_context(&bad, "%s:%zu", label, reader->number);
        if (strict || bad.kind == ERROR_IO) {
            if (err != NULL)
                *err = bad;
            ok = false;
        } else if (++list->bad_lines <= BAD_LINES_LOGGED) {
            log_error("%s", bad.text);
        }
    }
    if (ok && ferror(file))
        ok = error_set(err, ERROR_IO, "%s: %s", label, strerror(errno));
    if (list->bad_lines > BAD_LINES_LOGGED)
        log_error("%s: %zu lines could not be read; the first %d are above", label, list->bad_lines,
                  BAD_LINES_LOGGED);
    free(reader);
    return ok;
}

static bool read_file(struct target_list *list, const char *path, line_function *function, bool strict,
                      struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "@%s: %s", path, strerror(errno));
    bool ok = read_lines(list, file, path, function, strict, err);
    fclose(file);
    return ok;
}

bool target_list_add(struct target_list *list, const char *argument, struct error *err)
{
    if (strcmp(argument, "-") == 0) {
        if (list->stdin_used)
            return error_set(err, ERROR_USAGE, "\"-\": standard input can be read only once");
        list->stdin_used = true;
        return read_lines(list, stdin, "standard input", add_spec, false, err);
    }
    if (argument[0] == '@')
        return read_file(list, argument + 1, add_spec, false, err);
    return add_spec(list, argument, err) || error_add_context(err, "target");
}

/* ---- exclusions */

static bool exclude_spec(struct target_list *list, const char *text, struct error *err)
{
    struct target_text spec;
    bool ok = target_text_parse_pattern(text, &spec, err);
    if (ok) {
        if (!spec.is_name)
            target_space_exclude(list->builder, &spec.range, spec.ports);
        char *line = target_text_format(&spec);
        fprintf(list->exclusions_out, "%s\n", line);
        free(line);
        if (fflush(list->exclusions_out) != 0)
            abort();
    }
    target_text_clear(&spec);
    return ok;
}

bool target_list_exclude(struct target_list *list, const char *argument, struct error *err)
{
    bool ok = argument[0] == '@' ? read_file(list, argument + 1, exclude_spec, true, err)
                                 : exclude_spec(list, argument, err);
    if (!ok && err != NULL)
        err->kind = ERROR_USAGE; /* also a file's: a scan without its exclusions must not start */
    return ok || error_add_context(err, "exclusion");
}

/* ---- what came of it */

struct target_space_builder *target_list_builder(struct target_list *list)
{
    return list->builder;
}

const char *target_list_exclusions(const struct target_list *list)
{
    return list->exclusions;
}

size_t target_list_bad_lines(const struct target_list *list)
{
    return list->bad_lines;
}

uint64_t target_list_name_count(const struct target_list *list)
{
    return list->name_count;
}

uint64_t target_list_range_count(const struct target_list *list)
{
    return list->range_count;
}

void target_list_rewind(struct target_list *list)
{
    list->reading = false;
}

bool target_list_next_name(struct target_list *list, uint64_t *line, const char **text, struct error *err)
{
    if (list->names == NULL)
        return false;
    if (!list->reading) {
        if (fflush(list->names) != 0 || fseeko(list->names, 0, SEEK_SET) != 0)
            return error_set(err, ERROR_IO, "the temporary file of the names: %s", strerror(errno));
        line_reader_init(&list->reader, list->names);
        list->reading = true;
    }
    if (line_reader_next(&list->reader) != LINE_READ) {
        if (ferror(list->names))
            error_set(err, ERROR_IO, "the temporary file of the names: %s", strerror(errno));
        return false;
    }
    *line = list->reader.number;
    *text = list->reader.text;
    return true;
}
