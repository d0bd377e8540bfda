#include "probes/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(char *text, size_t size, int needed)
{
    if (needed >= 0 && (size_t)needed >= size)
        memcpy(text + size - 4, "...", 4);
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (err == NULL)
        return false;
    err->kind = kind;
    va_list args;
    va_start(args, format);
    mark_cut(err->text, sizeof err->text, vsnprintf(err->text, sizeof err->text, format, args));
    va_end(args);
    return false;
}

bool error_add_context(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return false;
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used < 0 || (size_t)used >= sizeof err->text)
        used = (int)sizeof err->text - 1;
    size_t room = sizeof err->text - (size_t)used;
    int needed = snprintf(err->text + used, room, ": %s", inner);
    mark_cut(err->text, sizeof err->text, needed + used);
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
