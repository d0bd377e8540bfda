#include "scanner/targets/known_names.h"

#include "probes/base/memory.h"
#include "scanner/targets/target_text.h"

#include <stdlib.h>
#include <string.h>

struct known_name {
    struct address address;
    char *name;
};

struct known_names {
    struct known_name *pairs; /* sorted by address, in their order within one */
    const char **names;       /* only the names, in the same order: what the caller gets */
    size_t count;
    struct address *one_session;
    size_t one_session_count;
};

static int by_address(const void *a, const void *b)
{
    const struct known_name *x = a, *y = b;
    int order = address_compare(&x->address, &y->address);
    return order != 0 ? order : strcmp(x->name, y->name);
}

static void add_line(struct known_names *known, const char *line, size_t len)
{
    char text[ADDRESS_TEXT_SIZE + SERVER_NAME_SIZE], name[SERVER_NAME_SIZE];
    struct address address;
    if (len >= sizeof text)
        return;
    memcpy(text, line, len);
    text[len] = '\0';
    char *space = strchr(text, ' ');
    if (space == NULL)
        return;
    *space = '\0';
    if (!address_parse(text, &address))
        return;
    if (strcmp(space + 1, KNOWN_ONE_SESSION) == 0) {
        known->one_session = xreallocarray(known->one_session, known->one_session_count + 1, sizeof *known->one_session);
        known->one_session[known->one_session_count++] = address;
        return;
    }
    if (!host_name_of(space + 1, name))
        return;
    known->pairs = xreallocarray(known->pairs, known->count + 1, sizeof *known->pairs);
    known->pairs[known->count++] = (struct known_name){.address = address, .name = xstrdup(name)};
}

struct known_names *known_names_create(const char *text)
{
    struct known_names *known = xcalloc(1, sizeof *known);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        add_line(known, text, len);
        text += len + (text[len] == '\n');
    }
    if (known->count != 0)
        qsort(known->pairs, known->count, sizeof *known->pairs, by_address);
    known->names = xcalloc(known->count + 1, sizeof *known->names);
    for (size_t i = 0; i < known->count; i++)
        known->names[i] = known->pairs[i].name;
    return known;
}

void known_names_destroy(struct known_names *names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->pairs[i].name);
    free(names->pairs);
    free(names->names);
    free(names->one_session);
    free(names);
}

void known_names_leave_out(char *text)
{
    static const char mark[] = " " KNOWN_ONE_SESSION;
    char *to = text;
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n"), whole = len + (line[len] == '\n');
        bool is_host = len >= strlen(mark) && memcmp(line + len - strlen(mark), mark, strlen(mark)) == 0;
        if (is_host)
            memmove(to, line, whole);
        to += is_host ? whole : 0;
        line += whole;
    }
    *to = '\0';
}

size_t known_names_count(const struct known_names *names)
{
    return names->count;
}

size_t known_names_one_session(const struct known_names *names, const struct address **hosts)
{
    *hosts = names->one_session;
    return names->one_session_count;
}

const char *const *known_names_find(const struct known_names *names, const struct address *address,
                                    size_t *count)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(&names->pairs[middle].address, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < names->count && address_compare(&names->pairs[low + *count].address, address) == 0)
        ++*count;
    return names->names + low;
}
