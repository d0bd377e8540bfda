#include "probes/base/ini_file.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <string.h>

struct reading {
    FILE *file;
    int line;
    ini_file_value *on_value;
    void *context;
    bool failed;
    int failed_line;
    struct error *err;
};

static void fail_here(struct reading *reading)
{
    reading->failed = true;
    reading->failed_line = reading->line;
}

/* inih reads line by line through this, so the line is known when a value comes. */
static char *read_line(char *text, int size, void *stream)
{
    struct reading *reading = stream;
    if (reading->failed || fgets(text, size, reading->file) == NULL)
        return NULL;
    reading->line++;
    if (strchr(text, '\n') == NULL && strlen(text) + 1 >= (size_t)size && !feof(reading->file)) {
        fail_here(reading);
        error_set(reading->err, ERROR_USAGE,
                  "the line is longer than %d bytes: go on in a line that begins with a space, or name it twice",
                  size - 2);
        return NULL;
    }
    return text;
}

static int on_line(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    if (!reading->failed && !reading->on_value(reading->context, section, name, value, reading->err))
        fail_here(reading);
    return !reading->failed;
}

bool ini_file_read(FILE *file, const char *label, ini_file_value *on_value, void *context, struct error *err)
{
    struct reading reading = {.file = file, .on_value = on_value, .context = context, .err = err};
    int bad_line = ini_parse_stream(read_line, &reading, on_line, &reading);
    if (ferror(file))
        return error_set(err, ERROR_USAGE, "%s: it cannot be read: %s", label, strerror(errno));
    if (bad_line > 0 && (!reading.failed || bad_line < reading.failed_line))
        return error_set(err, ERROR_USAGE, "%s:%d: expected [section] or name = value", label, bad_line);
    if (reading.failed)
        error_add_context(err, "%s:%d", label, reading.failed_line);
    if (reading.failed && err != NULL)
        err->kind = ERROR_USAGE;
    return !reading.failed;
}

bool ini_path_read(const char *path, ini_file_value *on_value, void *context, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    bool ok = ini_file_read(file, path, on_value, context, err);
    fclose(file);
    return ok;
}

bool ini_text_read(const char *text, const char *label, ini_file_value *on_value, void *context, struct error *err)
{
    if (text[0] == '\0')
        return true;                            /* fmemopen() takes no empty text */
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    if (file == NULL)
        return error_set(err, ERROR_SYSTEM, "%s: %s", label, strerror(errno));
    bool ok = ini_file_read(file, label, on_value, context, err);
    fclose(file);
    return ok;
}
