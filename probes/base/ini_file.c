#include "probes/base/ini_file.h"

#include "probes/base/user_file.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SECTION_MAX 50 /* of inih, its "[" counted */

struct reading {
    FILE *file;
    int *line;
    ini_file_section *on_section;       /* NULL: nobody asks */
    ini_file_value *on_value;
    void *context;
    bool failed;
    int failed_line;
    struct error *err;
};

static void fail_here(struct reading *reading)
{
    reading->failed = true;
    reading->failed_line = *reading->line;
}

/* As fgets(), which would lose bytes after a NUL. Returns the line's length. */
static int read_bytes(char *text, int size, FILE *file)
{
    int len = 0, c = 0;
    while (len < size - 1 && c != '\n' && (c = getc(file)) != EOF)
        text[len++] = (char)c;
    text[len] = '\0';
    return len;
}

/* inih would cut it. */
static bool is_long_section(const char *line)
{
    line += strspn(line, " \t");
    return line[0] == '[' && strcspn(line, "]") > SECTION_MAX;
}

/* inih tells of no section without values, and takes an indented head of one for one more value of the name before it: this tells of both. */
static void note_section(struct reading *reading, const char *line)
{
    size_t mark = *reading->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const char *first = line + mark + strspn(line + mark, " \t\r");
    size_t len = strcspn(first, "]\n");
    char section[SECTION_MAX];
    if (reading->on_section == NULL || first[0] != '[' || first[len] != ']' || len > sizeof section)
        return;
    snprintf(section, sizeof section, "%.*s", (int)len - 1, first + 1);
    reading->on_section(reading->context, section);
}

/* inih reads lines through this, so that we know the line number of each value. */
static char *read_line(char *text, int size, void *stream)
{
    struct reading *reading = stream;
    int len = reading->failed ? 0 : read_bytes(text, size, reading->file);
    if (len == 0)
        return NULL;
    ++*reading->line;
    if (strlen(text) != (size_t)len)
        error_set(reading->err, ERROR_USAGE, "the line holds a NUL byte: expected a text in ASCII or UTF-8");
    else if (text[len - 1] != '\n' && len >= size - 1 && !feof(reading->file))
        error_set(reading->err, ERROR_USAGE,
                  "the line is longer than %d bytes: go on in a line that begins with a space, or name it twice",
                  size - 2);
    else if (is_long_section(text))
        error_set(reading->err, ERROR_USAGE, "the name of the section is longer than %d bytes", SECTION_MAX - 1);
    else {
        note_section(reading, text);
        return text;
    }
    fail_here(reading);
    return NULL;
}

static int on_line(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    if (!reading->failed && !reading->on_value(reading->context, section, name, value, reading->err))
        fail_here(reading);
    return !reading->failed;
}

static bool read_all(struct reading *reading, const char *label, struct error *err)
{
    int own_line;
    if (reading->line == NULL)
        reading->line = &own_line;
    *reading->line = 0;
    int bad_line = ini_parse_stream(read_line, reading, on_line, reading);
    if (ferror(reading->file))
        return error_set(err, ERROR_USAGE, "%s: it cannot be read: %s", label, strerror(errno));
    if (bad_line > 0 && (!reading->failed || bad_line < reading->failed_line))
        return error_set(err, ERROR_USAGE, "%s:%d: expected [section] or name = value", label, bad_line);
    if (reading->failed)
        error_add_context(err, "%s:%d", label, reading->failed_line);
    if (reading->failed && err != NULL)
        err->kind = ERROR_USAGE;
    return !reading->failed;
}

bool ini_file_read(FILE *file, const char *label, ini_file_value *on_value, void *context, int *line, struct error *err)
{
    struct reading reading = {.file = file, .line = line, .on_value = on_value, .context = context, .err = err};
    return read_all(&reading, label, err);
}

bool ini_path_read(const char *path, ini_file_value *on_value, void *context, struct error *err)
{
    FILE *file = user_file_fopen(path);
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    bool ok = ini_file_read(file, path, on_value, context, NULL, err);
    fclose(file);
    return ok;
}

bool ini_text_read(const char *text, const char *label, ini_file_section *on_section, ini_file_value *on_value, void *context, struct error *err)
{
    if (text[0] == '\0')
        return true;                            /* fmemopen() rejects an empty text */
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    if (file == NULL)
        return error_set(err, ERROR_SYSTEM, "%s: %s", label, strerror(errno));
    struct reading reading = {.file = file, .on_section = on_section, .on_value = on_value, .context = context, .err = err};
    bool ok = read_all(&reading, label, err);
    fclose(file);
    return ok;
}
