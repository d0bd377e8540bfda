#include "scanner/targets/target_list.h"

#include "probes/base/counted.h"
#include "probes/base/line_reader.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "scanner/targets/name_set.h"
#include "scanner/targets/target_words.h"

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
    struct name_set *known; /* what names holds; NULL once it is read */
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
    list->known = name_set_create();
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
    name_set_destroy(list->known);
    target_space_builder_destroy(list->builder);
    port_set_destroy(list->default_ports);
    free(list);
}

/* ---- targets */

/* The key by which two spellings count as one target: "host.example@10.0.0.1". Yours: free(). */
static char *name_key(const struct target_text *spec)
{
    struct target_text bare = *spec;
    bare.ports = NULL;
    return target_text_format(&bare);
}

static bool write_name(struct target_list *list, const struct target_text *spec, struct error *err)
{
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

static bool add_name(struct target_list *list, struct target_text *spec, struct error *err)
{
    if (list->names == NULL)
        list->names = tmpfile();
    if (list->names == NULL)
        return error_set(err, ERROR_IO, "a temporary file for the names: %s", strerror(errno));
    const struct port_set *ports = spec->ports == NULL ? list->default_ports : spec->ports;
    char *key = name_key(spec);
    struct port_set *left = name_set_add(list->known, key, ports);
    free(key);
    if (left == NULL)
        return true;
    bool is_cut = !port_set_is_equal(left, ports);
    if (is_cut) {
        port_set_destroy(spec->ports);
        spec->ports = left;
    } else {
        port_set_destroy(left);
    }
    return write_name(list, spec, err);
}

static bool is_over_tcp(const struct port_set *ports, struct error *err)
{
    return ports == NULL || !port_set_has_udp(ports) ||
           error_set(err, ERROR_USAGE, "udp/ ports: a scan asks over TCP only; leave them out (QUIC and DTLS are read by "
                                       "certsweep listen)");
}

/* Checks all words before the first one is added. */
static bool check_words(const struct target_list *list, const struct target_words *words, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < words->count && ok; i++) {
        const struct target_text *spec = &words->specs[i];
        if (is_over_tcp(spec->ports == NULL ? list->default_ports : spec->ports, err))
            continue;
        char *text = target_text_format(spec);
        ok = error_add_context(err, "\"%.100s\"", text);
        free(text);
    }
    return ok;
}

/* "2001:db8::1:443" is an address, and more often a port that wants brackets. */
static void tell_of_brackets(const char *word)
{
    char head[ADDRESS_TEXT_SIZE];
    struct address address;
    const char *colon = strrchr(word, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - word), digits = colon == NULL ? 0 : strlen(colon + 1);
    if (len == 0 || len >= sizeof head || digits < 2 || digits > 5 || strspn(colon + 1, "0123456789") != digits)
        return;
    memcpy(head, word, len);
    head[len] = '\0';
    if (address_parse(head, &address) && address_parse(word, &address))
        log_warning("%s is read as an address; port %s of %s is [%s]:%s", word, colon + 1, head, head, colon + 1);
}

/* The words of one argument or line: all of them, or none and an error. */
static bool add_words(struct target_list *list, const char *text, struct error *err)
{
    struct target_words words;
    bool ok = target_words_parse(text, false, &words, err) && check_words(list, &words, err);
    for (size_t i = 0; i < words.count && ok; i++) {
        struct target_text *spec = &words.specs[i];
        if (spec->is_name) {
            ok = add_name(list, spec, err);
        } else {
            tell_of_brackets(text);
            target_space_add(list->builder, &spec->range, spec->ports == NULL ? list->default_ports : spec->ports);
            list->range_count++;
        }
    }
    target_words_clear(&words);
    return ok;
}

/* ---- files */

typedef bool line_function(struct target_list *list, const char *text, struct error *err);

static bool read_line(struct target_list *list, struct line_reader *reader, enum line_result result,
                      line_function *function, struct error *err)
{
    if (result == LINE_TOO_LONG)
        return error_set(err, ERROR_INPUT, "the line is longer than %d bytes: write the targets on more lines",
                         LINE_READER_LIMIT);
    if (result == LINE_HAS_NUL)
        return error_set(err, ERROR_INPUT,
                         "the line holds a NUL byte: expected a text file in ASCII or UTF-8");
    return function(list, reader->text, err);
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
        log_error("%s: %s could not be read; the first %d are above", label, COUNTED(list->bad_lines, "line"),
                  BAD_LINES_LOGGED);
    free(reader);
    return ok;
}

static bool read_file(struct target_list *list, const char *path, line_function *function, bool strict,
                      struct error *err)
{
    FILE *file = user_file_fopen(path);
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
        return read_lines(list, stdin, "standard input", add_words, false, err);
    }
    if (argument[0] == '@')
        return read_file(list, argument + 1, add_words, false, err);
    bool is_blank = argument[strspn(argument, " \t")] == '\0';
    bool ok = is_blank ? error_set(err, ERROR_USAGE, "\"%s\": a target is missing", argument)
                       : add_words(list, argument, err);
    return ok || error_add_context(err, "target");
}

/* ---- exclusions */

static void exclude_one(struct target_list *list, const struct target_text *spec)
{
    if (!spec->is_name)
        target_space_exclude(list->builder, &spec->range, spec->ports);
    char *line = target_text_format(spec);
    fprintf(list->exclusions_out, "%s\n", line);
    free(line);
    if (fflush(list->exclusions_out) != 0)
        abort();
}

static bool exclude_words(struct target_list *list, const char *text, struct error *err)
{
    struct target_words words;
    bool ok = target_words_parse(text, true, &words, err);
    for (size_t i = 0; i < words.count; i++)
        exclude_one(list, &words.specs[i]);
    target_words_clear(&words);
    return ok;
}

bool target_list_exclude(struct target_list *list, const char *argument, struct error *err)
{
    bool is_blank = argument[strspn(argument, " \t")] == '\0';
    bool ok = is_blank           ? error_set(err, ERROR_USAGE, "\"%s\": it excludes nothing", argument)
              : argument[0] == '@' ? read_file(list, argument + 1, exclude_words, true, err)
                                   : exclude_words(list, argument, err);
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
        name_set_destroy(list->known);          /* all names are in: no more duplicates to look for */
        list->known = NULL;
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
