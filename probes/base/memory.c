#include "probes/base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *block, size_t size)
{
    if (block == NULL && size != 0) {
        fprintf(stderr, "certsweep: out of memory (%zu bytes asked for)\n", size);
        abort();
    }
    return block;
}

void *xmalloc(size_t size)
{
    return checked(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
    return checked(calloc(count, size), count * size);
}

void *xrealloc(void *block, size_t size)
{
    return checked(realloc(block, size), size);
}

void *xreallocarray(void *block, size_t count, size_t size)
{
    return checked(reallocarray(block, count, size), size == 0 ? 0 : count);
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xstrndup(const char *text, size_t len)
{
    return checked(strndup(text, len), len + 1);
}

void *xmemdup(const void *bytes, size_t len)
{
    void *copy = xmalloc(len == 0 ? 1 : len);
    if (len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    return checked(len < 0 ? NULL : text, 1);
}
