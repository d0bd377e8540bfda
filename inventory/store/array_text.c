#include "inventory/store/array_text.h"

#include "probes/base/memory.h"

#include <inttypes.h>
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

char *array_text_of_ids(const int64_t *ids, size_t count)
{
    char *text = xmalloc(21 * count + 3), *out = text;
    *out++ = '{';
    for (size_t i = 0; i < count; i++)
        out += sprintf(out, "%s%" PRId64, i == 0 ? "" : ",", ids[i]);
    memcpy(out, "}", 2);
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

/* One @, inside, and nothing of a header or of a comment. */
static bool is_address_word(const char *word, size_t len)
{
    const char *at = memchr(word, '@', len);
    return at != NULL && at != word && at != word + len - 1 && memchr(at + 1, '@', len - (size_t)(at + 1 - word)) == NULL &&
           memchr(word, ':', len) == NULL && memchr(word, '<', len) == NULL;
}

bool contact_cell_is_sound(const char *cell)
{
    static const char breaks[] = "\r\n", separators[] = ";, \t\r\n";
    bool has_breaks = false;
    if (strchr(cell, '@') == NULL)              /* no contact is in it: "Sam", "the desk" */
        return true;
    for (const char *at = cell; *at != '\0'; at++) {
        if (((unsigned char)*at < 0x20 && *at != '\t' && strchr(breaks, *at) == NULL) || *at == 0x7f)
            return false;
        has_breaks = has_breaks || strchr(breaks, *at) != NULL;
    }
    for (cell += strspn(cell, separators); has_breaks && *cell != '\0'; cell += strspn(cell, separators)) {
        size_t len = strcspn(cell, separators);
        if (!is_address_word(cell, len))
            return false;
        cell += len;
    }
    return true;
}
