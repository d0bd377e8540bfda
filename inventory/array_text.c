#include "inventory/array_text.h"

#include "probes/base/memory.h"

#include <string.h>

char *array_text_of(const char *const *items, size_t count)
{
    size_t size = 3;
    for (size_t i = 0; i < count; i++)
        size += 2 * strlen(items[i]) + 3;
    char *text = xmalloc(size), *out = text;
    *out++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *out++ = ',';
        *out++ = '"';
        for (const char *at = items[i]; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                *out++ = '\\';
            *out++ = *at;
        }
        *out++ = '"';
    }
    *out++ = '}';
    *out = '\0';
    return text;
}
