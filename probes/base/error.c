#include "probes/base/error.h"

#include "probes/base/clean_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RAW_SIZE 4096 /* before cleaning, which only lengthens a text */

/* Every text that an error quotes (a file's, a server's, an argument) is cleaned here. */
static void set_text(struct error *err, const char *raw)
{
    clean_text_into(err->text, sizeof err->text, raw, strlen(raw));
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    char raw[RAW_SIZE] = "";
    va_list args;
    if (err == NULL)
        return false;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    err->kind = kind;
    set_text(err, raw);
    return false;
}

bool error_add_context(struct error *err, const char *format, ...)
{
    char raw[RAW_SIZE] = "";
    va_list args;
    if (err == NULL)
        return false;
    va_start(args, format);
    int len = vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof raw ? (size_t)len : sizeof raw - 1;
    (void)snprintf(raw + used, sizeof raw - used, ": %s", err->text);
    set_text(err, raw);
    return false;
}

int error_exit_code(const struct error *err)
{
    switch (err->kind) {
    case ERROR_NONE: return 0;
    case ERROR_USAGE: return 2;
    case ERROR_DATABASE: return 3;
    case ERROR_SYSTEM: return 4;
    case ERROR_IO: return 5;
    case ERROR_INPUT: return 5;
    }
    return 5;
}
