#include "inventory/store/array_text.h"

#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *array_text_of(const char *const *items, size_t count)
{
    size_t size = 3;
    for (size_t i = 0; i < count; i++)
        size += 5 * strlen(items[i]) + 3;
    char *text = xmalloc(size), *out = text;
    *out++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *out++ = ',';
        *out++ = '"';
        for (const char *at = items[i]; *at != '\0'; at++) {
            if (((unsigned char)*at < 0x20 && *at != '\t' && *at != '\n') || *at == 0x7f) {    /* as COPY writes what text cannot hold */
                out += sprintf(out, "\\\\x%02x", (unsigned)*at);
                continue;
            }
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

char *array_text_of_list(const char *list)
{
    char *copy = xstrdup(list == NULL ? "" : list), *rest = copy, *item;
    const char **items = xcalloc(strlen(copy) + 1, sizeof *items);
    size_t count = 0;
    while ((item = strsep(&rest, ";, \t\r\n")) != NULL)
        if (item[0] != '\0')
            items[count++] = item;
    char *text = array_text_of(items, count);
    free(items);
    free(copy);
    return text;
}
