#include "inventory/verdicts/trust/namesakes.h"

#include "inventory/store/array_text.h"
#include "inventory_trust_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/sha256.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define LISTS_MAX 50000             /* kept at once */
#define KEYS_MAX  20000             /* about 2 KiB each, and below 1 KiB for each lane that has used it */

struct key {
    int64_t authority;
    struct issuer_key *key;
    UT_hash_handle hh;
};

struct list {
    uint8_t id[32];                 /* over name and key identifier */
    struct namesakes namesakes;
    UT_hash_handle hh;
};

struct namesakes_cache {
    struct key *keys;
    struct list *lists;
};

struct namesakes_cache *namesakes_cache_create(void)
{
    return xcalloc(1, sizeof(struct namesakes_cache));
}

void namesakes_cache_forget(struct namesakes_cache *cache)
{
    struct list *list, *next;
    HASH_ITER(hh, cache->lists, list, next) {
        HASH_DEL(cache->lists, list);
        free(list->namesakes.items);
        free(list);
    }
}

static void keys_forget(struct namesakes_cache *cache)
{
    struct key *key, *next;
    HASH_ITER(hh, cache->keys, key, next) {
        HASH_DEL(cache->keys, key);
        issuer_key_destroy(key->key);
        free(key);
    }
}

void namesakes_cache_destroy(struct namesakes_cache *cache)
{
    if (cache == NULL)
        return;
    namesakes_cache_forget(cache);
    keys_forget(cache);
    free(cache);
}

static struct issuer_key *key_get(struct namesakes_cache *cache, int64_t authority, const char *spki)
{
    struct key *key;
    HASH_FIND(hh, cache->keys, &authority, sizeof authority, key);
    if (key != NULL)
        return key->key;
    size_t len = strlen(spki) / 2 - 1;
    uint8_t *bytes = xmalloc(len + 1);
    if (!hex_parse(spki + 2, bytes, len))
        len = 0;
    key = xcalloc(1, sizeof *key);
    *key = (struct key){.authority = authority, .key = issuer_key_create(byte_reader_of(bytes, len))};
    free(bytes);
    HASH_ADD(hh, cache->keys, authority, sizeof key->authority, key);
    return key->key;
}

static struct list *list_find(const struct namesakes_cache *cache, const uint8_t id[32])
{
    struct list *list;
    HASH_FIND(hh, cache->lists, id, 32, list);
    return list;
}

static struct list *list_of_query(struct namesakes_cache *cache, const struct namesakes_query *query, bool *is_new)
{
    uint8_t text[32 + 64], id[32];
    size_t len = query->key_id.left > 64 ? 0 : query->key_id.left;
    memcpy(text, query->name, 32);
    if (len > 0)
        memcpy(text + 32, query->key_id.at, len);
    sha256_of(text, 32 + len, id);
    struct list *list = list_find(cache, id);
    *is_new = list == NULL;
    if (*is_new) {
        list = xcalloc(1, sizeof *list);
        memcpy(list->id, id, 32);
        HASH_ADD(hh, cache->lists, id, 32, list);
    }
    return list;
}

/* An authority may be found in each of the three ways; they are merged into one entry. */
static void list_add(struct list *list, struct namesake namesake)
{
    for (size_t i = 0; i < list->namesakes.count; i++) {
        struct namesake *known = &list->namesakes.items[i];
        if (known->authority != namesake.authority)
            continue;
        known->is_anchored |= namesake.is_anchored;
        known->is_pointed_at |= namesake.is_pointed_at;
        return;
    }
    list->namesakes.items = xreallocarray(list->namesakes.items, list->namesakes.count + 1, sizeof namesake);
    list->namesakes.items[list->namesakes.count++] = namesake;
}

static int rank(const struct namesake *namesake)
{
    return (namesake->is_anchored ? 0 : 2) + (namesake->is_pointed_at ? 0 : 1);
}

static int namesake_compare(const void *a, const void *b)
{
    const struct namesake *one = a, *other = b;
    if (rank(one) != rank(other))
        return rank(one) - rank(other);
    return (one->authority < other->authority) - (one->authority > other->authority);
}

static char *bytea_text(const uint8_t *bytes, size_t len)
{
    char *text = xmalloc(2 * len + 3);
    memcpy(text, "\\x", 2);
    hex_format(bytes, len, text + 2);
    return text;
}

static void fill(struct namesakes_cache *cache, struct list *const *lists, size_t count, const struct db_result *rows)
{
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct list *list = lists[db_int(rows, i, 0) - 1];
        if (db_value(rows, i, 5)[0] == 't') {
            list->namesakes.more = true;
            continue;
        }
        list_add(list, (struct namesake){.authority = db_int(rows, i, 1), .is_anchored = db_value(rows, i, 3)[0] == 't',
                 .is_pointed_at = db_value(rows, i, 4)[0] == 't', .key = key_get(cache, db_int(rows, i, 1), db_value(rows, i, 2))});
    }
    for (size_t i = 0; i < count; i++)
        if (lists[i]->namesakes.count > 1)
            qsort(lists[i]->namesakes.items, lists[i]->namesakes.count, sizeof(struct namesake), namesake_compare);
}

/* Names and key identifiers of the lists that are new, as two arrays. */
static bool lists_read(struct namesakes_cache *cache, struct db *db, struct list *const *lists, char **names, char **key_ids,
                       size_t count, struct error *err)
{
    char *name_array = array_text_of((const char *const *)names, count), *id_array = array_text_of((const char *const *)key_ids, count);
    const char *const params[] = {name_array, id_array};
    struct db_result *rows = db_query(db, SQL_TRUST_NAMESAKES, 2, params, err);
    free(name_array);
    free(id_array);
    if (rows == NULL)
        return false;
    fill(cache, lists, count, rows);
    db_result_destroy(rows);
    return true;
}

bool namesakes_find(struct namesakes_cache *cache, struct db *db, struct namesakes_query *queries, size_t count, struct error *err)
{
    if (HASH_COUNT(cache->lists) > LISTS_MAX || HASH_COUNT(cache->keys) > KEYS_MAX) {
        namesakes_cache_forget(cache);
        keys_forget(cache);
    }
    struct list **lists = xcalloc(count + 1, sizeof(struct list *));
    char **names = xcalloc(count + 1, sizeof *names), **key_ids = xcalloc(count + 1, sizeof *key_ids);
    size_t new_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_new;
        struct list *list = list_of_query(cache, &queries[i], &is_new);
        queries[i].answer = &list->namesakes;
        if (!is_new)
            continue;
        bool usable = queries[i].key_id.left > 0 && queries[i].key_id.left <= 64;
        names[new_count] = bytea_text(queries[i].name, 32);
        key_ids[new_count] = usable ? bytea_text(queries[i].key_id.at, queries[i].key_id.left) : xstrdup("\\x");
        lists[new_count++] = list;
    }
    bool ok = new_count == 0 || lists_read(cache, db, lists, names, key_ids, new_count, err);
    for (size_t i = 0; i < new_count; i++) {
        free(names[i]);
        free(key_ids[i]);
    }
    free(names);
    free(key_ids);
    free(lists);
    return ok;
}
