#include "scanner/files/git_ids.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool git_id_parse(const char *hex, size_t len, struct git_id *id)
{
    *id = (struct git_id){{0}};
    if (len != 40 && len != 64)
        return false;
    for (size_t i = 0; i < len; i++) {
        int value = digit(hex[i]);
        if (value < 0)
            return false;
        id->bytes[i / 2] = (uint8_t)(id->bytes[i / 2] << 4 | value);
    }
    return true;
}

void git_id_format(const struct git_id *id, size_t len, char hex[2 * GIT_ID_MAX + 1])
{
    hex_format(id->bytes, len / 2, hex);
}

static size_t slot_of(const struct git_id_set *set, const uint64_t key[2])
{
    size_t at = (size_t)key[0] & (set->room - 1);
    while ((set->items[at][0] | set->items[at][1]) != 0 && (set->items[at][0] != key[0] || set->items[at][1] != key[1]))
        at = (at + 1) & (set->room - 1);
    return at;
}

static void grow(struct git_id_set *set)
{
    struct git_id_set larger = {.room = set->room == 0 ? 4096 : 2 * set->room, .count = set->count};
    larger.items = xcalloc(larger.room, sizeof *larger.items);
    for (size_t i = 0; i < set->room; i++)
        if ((set->items[i][0] | set->items[i][1]) != 0)
            memcpy(larger.items[slot_of(&larger, set->items[i])], set->items[i], sizeof *set->items);
    free(set->items);
    *set = larger;
}

bool git_id_set_add(struct git_id_set *set, const struct git_id *id)
{
    uint64_t key[2];
    memcpy(key, id->bytes, sizeof key);
    if (2 * set->count >= set->room)
        grow(set);
    size_t at = slot_of(set, key);
    if ((set->items[at][0] | set->items[at][1]) != 0 || (key[0] | key[1]) == 0)
        return false;
    memcpy(set->items[at], key, sizeof key);
    set->count++;
    return true;
}

bool git_id_set_has(const struct git_id_set *set, const struct git_id *id)
{
    uint64_t key[2];
    memcpy(key, id->bytes, sizeof key);
    if (set->room == 0)
        return false;
    size_t at = slot_of(set, key);
    return (set->items[at][0] | set->items[at][1]) != 0;
}

void git_id_set_clear(struct git_id_set *set)
{
    free(set->items);
    *set = (struct git_id_set){.items = NULL};
}
