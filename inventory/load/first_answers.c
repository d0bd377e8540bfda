/* Nothing of such an answer has to be computed or joined: its history is one open span (answer_history.c would say the same). So
 * its rows are copied straight into all tables, with ids taken ahead.
 *
 *     in_class --> in_first --rows--> bundle, read again --COPY--> endpoint, observation, answer_now, endpoint_now, event
 *
 * A part of the answers is held in memory at a time. Endpoints get their numbers in the order of their addresses within a part, so
 * that neighbours lie side by side. */
#include "inventory/load/first_answers.h"

#include "inventory/load/answer_rows.h"
#include "inventory/load/loader_endpoints.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT_COLUMNS    9
#define OBSERVATION_COLUMNS (2 + ANSWER_COLUMNS)
#define SPAN_COLUMNS        18
#define NOW_COLUMNS         13
#define EVENT_COLUMNS       4
#define BLOCK_BITS          12      /* as endpoint_block numbers them */

struct first {
    struct bundle_observation row;
    int64_t endpoint;               /* its id */
};

/* What most of the comparisons need lies side by side: the answers themselves are large. */
struct sorted {
    uint64_t network, host;         /* of the address; host: and port, where it is IPv4 */
    struct first *first;
};

struct part {                       /* as many answers as one FETCH gives */
    struct loader *loader;
    struct first *items;
    struct sorted *sorted;          /* by address */
    size_t count, capacity;         /* the room is used again for the next part */
    struct error *err;
};

struct block {                      /* of endpoint numbers */
    int64_t number, latest_us;
};

struct blocks {
    struct block *items;
    size_t count, capacity;
};

/* ---- one part ---- */

static uint64_t number_of(const uint8_t *bytes, size_t len)
{
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++)
        number = number << 8 | bytes[i];
    return number;
}

static bool on_first(void *context, size_t at, const struct bundle_observation *row)
{
    struct part *part = context;
    const struct endpoint *endpoint = &row->seen.endpoint;
    const uint8_t *bytes = endpoint->address.bytes;
    bool is_ipv4 = endpoint->address.len == 4;
    part->items[at].row = *row;
    part->sorted[at] = (struct sorted){.network = is_ipv4 ? 0 : number_of(bytes, 8), .first = &part->items[at],
                                       .host = is_ipv4 ? number_of(bytes, 4) << 16 | endpoint->port : number_of(bytes + 8, 8)};
    part->count = at + 1;
    return true;
}

static int sorted_compare(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    if (x->network != y->network)
        return x->network < y->network ? -1 : 1;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    const struct endpoint *one = &x->first->row.seen.endpoint, *other = &y->first->row.seen.endpoint;
    int order = address_compare(&one->address, &other->address);
    if (order == 0)
        order = one->port - other->port;
    return order != 0 ? order : strcmp(one->server_name, other->server_name);
}

static int64_t chain_of(const struct part *part, const struct first *first)
{
    return first->row.chain == 0 ? 0 : id_list_find(&part->loader->chains, first->row.chain);
}

/* The columns in the order of first_endpoints_copy.sql. */
static bool endpoint_row(const struct part *part, struct db_copy *copy, const struct first *first)
{
    const struct endpoint *endpoint = &first->row.seen.endpoint;
    uint8_t key[16];
    loader_endpoint_key(part->loader, endpoint, key);
    if (!db_binary_row(copy, ENDPOINT_COLUMNS, part->err))
        return false;
    db_binary_int8(copy, first->endpoint);
    db_binary_int8(copy, part->loader->site_id);
    db_binary_inet(copy, endpoint->address.bytes, endpoint->address.len);
    db_binary_int4(copy, endpoint->port);
    db_binary_int2(copy, (int16_t)endpoint->transport);
    db_binary_text(copy, endpoint->server_name);
    db_binary_text(copy, endpoint->zone);
    db_binary_cidr(copy, endpoint->address.bytes, endpoint->address.len, endpoint->address.len == 4 ? 24 : 120);
    db_binary_bytes(copy, key, sizeof key);
    return true;
}

/* The columns in the order of first_observations_copy.sql. */
static bool observation_row(const struct part *part, struct db_copy *copy, const struct first *first)
{
    if (!db_binary_row(copy, OBSERVATION_COLUMNS, part->err))
        return false;
    db_binary_int8(copy, first->endpoint);
    db_binary_int8(copy, part->loader->scan_id);
    answer_columns_copy(copy, part->loader, &first->row);
    return true;
}

/* The columns in the order of first_spans_copy.sql. */
static bool span_row(const struct part *part, struct db_copy *copy, const struct first *first)
{
    const struct observation *o = &first->row.seen;
    if (!db_binary_row(copy, SPAN_COLUMNS, part->err))
        return false;
    db_binary_int8(copy, first->endpoint);
    db_binary_int2(copy, (int16_t)o->role);
    db_binary_int2(copy, (int16_t)o->variant);
    answer_id_copy(copy, chain_of(part, first));
    db_binary_time(copy, o->time_us);
    for (int i = 0; i < 3; i++)
        db_binary_bool(copy, true);     /* is_last, settled, tracked */
    db_binary_int8(copy, part->loader->scan_id);
    db_binary_int2(copy, (int16_t)o->outcome);
    answer_int_copy(copy, o->tls_version, 0);
    answer_int_copy(copy, o->cipher_suite, -1);
    answer_int_copy(copy, o->group, -1);
    answer_proven_copy(copy, o->key_proven);
    db_binary_text(copy, o->protocol);
    answer_text_copy(copy, o->detail);
    answer_text_copy(copy, o->alpn);
    answer_id_copy(copy, answer_digest(part->loader, &first->row));
    return true;
}

static void id_array(struct db_copy *copy, int64_t id)
{
    db_binary_array_begin(copy, DB_INT8, id != 0);
    if (id != 0)
        db_binary_int8(copy, id);
    db_binary_array_end(copy);
}

static void int_array(struct db_copy *copy, int32_t value, int32_t none)
{
    db_binary_array_begin(copy, DB_INT4, value != none);
    if (value != none)
        db_binary_int4(copy, value);
    db_binary_array_end(copy);
}

/* The columns in the order of first_nows_copy.sql. */
static bool now_row(const struct part *part, struct db_copy *copy, const struct first *first)
{
    const struct observation *o = &first->row.seen;
    int64_t chain = chain_of(part, first);
    if (!db_binary_row(copy, NOW_COLUMNS, part->err))
        return false;
    db_binary_int8(copy, first->endpoint);
    db_binary_int8(copy, part->loader->site_id);
    id_array(copy, chain);
    id_array(copy, chain == 0 ? 0 : id_list_find(&part->loader->leafs, first->row.chain));
    answer_int_copy(copy, o->tls_version, 0);
    answer_int_copy(copy, o->cipher_suite, -1);
    answer_int_copy(copy, o->group, -1);
    db_binary_text(copy, o->protocol);
    answer_text_copy(copy, o->alpn);
    int_array(copy, o->tls_version, 0);
    int_array(copy, o->cipher_suite, -1);
    db_binary_int2(copy, (int16_t)o->outcome);
    if (chain == 0)
        db_binary_null(copy);
    else
        db_binary_time(copy, o->time_us);
    return true;
}

/* The columns in the order of first_events_copy.sql. */
static bool event_row(const struct part *part, struct db_copy *copy, const struct first *first)
{
    int64_t chain = chain_of(part, first);
    if (chain == 0)
        return true;
    if (!db_binary_row(copy, EVENT_COLUMNS, part->err))
        return false;
    db_binary_int8(copy, first->endpoint);
    db_binary_text(copy, "new");
    db_binary_time(copy, first->row.seen.time_us);
    db_binary_int8(copy, chain);
    return true;
}

/* By address, or in the order of the bundle, which is that of time. */
static bool rows_copy(const struct part *part, const char *sql, bool by_address,
                      bool (*row)(const struct part *, struct db_copy *, const struct first *))
{
    struct db_copy *copy = db_binary_begin(part->loader->db, sql, part->err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < part->count; i++)
        ok = row(part, copy, by_address ? part->sorted[i].first : &part->items[i]);
    if (ok)
        return db_copy_end(copy, part->err);
    db_copy_abort(copy);
    return false;
}

static void blocks_add(struct blocks *blocks, const struct first *first)
{
    int64_t number = first->endpoint >> BLOCK_BITS, time_us = first->row.seen.time_us;
    if (blocks->count == 0 || blocks->items[blocks->count - 1].number != number) {
        if (blocks->count == blocks->capacity) {
            blocks->capacity = 2 * blocks->capacity + 64;
            blocks->items = xreallocarray(blocks->items, blocks->capacity, sizeof *blocks->items);
        }
        blocks->items[blocks->count++] = (struct block){number, time_us};
    }
    struct block *last = &blocks->items[blocks->count - 1];
    last->latest_us = time_us > last->latest_us ? time_us : last->latest_us;
}

static bool numbers_take(struct part *part, struct blocks *blocks, struct error *err)
{
    int64_t *ids = xcalloc(part->count, sizeof *ids);
    bool ok = loader_ids_take(part->loader, SQL_FIRST_IDS, ids, part->count, err) &&
              loader_ids_give(part->loader, SQL_FIRST_DIRTY, ids, part->count, err);
    qsort(part->sorted, part->count, sizeof *part->sorted, sorted_compare);
    for (size_t i = 0; ok && i < part->count; i++) {
        part->sorted[i].first->endpoint = ids[i];
        blocks_add(blocks, part->sorted[i].first);
    }
    free(ids);
    return ok;
}

static void part_reserve(struct part *part, size_t count)
{
    part->count = 0;
    if (count <= part->capacity)
        return;
    part->capacity = count;
    part->items = xreallocarray(part->items, count, sizeof *part->items);
    part->sorted = xreallocarray(part->sorted, count, sizeof *part->sorted);
}

static bool part_store(struct part *part, const struct db_result *rows, struct blocks *blocks)
{
    part_reserve(part, db_rows(rows));
    return answer_rows_read(part->loader, rows, on_first, part, part->err) && numbers_take(part, blocks, part->err) &&
           rows_copy(part, SQL_FIRST_ENDPOINTS_COPY, true, endpoint_row) &&
           rows_copy(part, SQL_FIRST_OBSERVATIONS_COPY, false, observation_row) &&
           rows_copy(part, SQL_FIRST_SPANS_COPY, true, span_row) && rows_copy(part, SQL_FIRST_NOWS_COPY, true, now_row) &&
           rows_copy(part, SQL_FIRST_EVENTS_COPY, false, event_row);
}

/* ---- all of the batch ---- */

static bool blocks_store(struct loader *loader, const struct blocks *blocks, struct error *err)
{
    char time[CLOCK_TEXT_SIZE];
    char *numbers = xmalloc(22 * blocks->count + 3), *times = xmalloc((CLOCK_TEXT_SIZE + 3) * blocks->count + 3);
    size_t numbers_len = 0, times_len = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        loader_time_text(blocks->items[i].latest_us, time);
        numbers_len += (size_t)sprintf(numbers + numbers_len, "%s%lld", i == 0 ? "{" : ",", (long long)blocks->items[i].number);
        times_len += (size_t)sprintf(times + times_len, "%s\"%s\"", i == 0 ? "{" : ",", time);
    }
    strcpy(numbers + numbers_len, "}");
    strcpy(times + times_len, "}");
    const char *const params[] = {loader->scan, numbers, times};
    bool ok = db_exec_params(loader->db, SQL_FIRST_BLOCKS, 3, params, err);
    free(numbers);
    free(times);
    return ok;
}

static bool parts_store(struct loader *loader, struct error *err)
{
    struct blocks blocks = {0};
    struct part part = {.loader = loader, .err = err};
    bool ok = db_exec(loader->db, SQL_FIRST_MONTHS, err) && db_exec(loader->db, SQL_FIRST_OPEN, err);
    for (size_t count = 1; ok && count > 0;) {
        struct db_result *rows = db_query_binary(loader->db, SQL_FIRST_FETCH, 0, NULL, err);
        count = rows == NULL ? 0 : db_rows(rows);
        ok = rows != NULL && (count == 0 || part_store(&part, rows, &blocks));
        db_result_destroy(rows);
    }
    ok = ok && db_exec(loader->db, SQL_FIRST_CLOSE, err) && blocks_store(loader, &blocks, err);
    free(blocks.items);
    free(part.items);
    free(part.sorted);
    return ok;
}

bool first_answers_store(struct loader *loader, bool *left, struct error *err)
{
    char limit[CLOCK_TEXT_SIZE];
    loader_time_text(loader->limit_us, limit);
    const char *const params[] = {loader->scan, limit};
    struct db_result *counts = db_exec_params(loader->db, SQL_FIRST_FIND, 2, params, err)
                                   ? db_query(loader->db, SQL_FIRST_COUNT, 0, NULL, err) : NULL;
    if (counts == NULL)
        return false;
    bool any = db_int(counts, 0, 0) > 0;
    *left = db_int(counts, 0, 0) < db_int(counts, 0, 1);
    db_result_destroy(counts);
    return !any || parts_store(loader, err);
}
