/* See answer_store.h. Reads evidence endpoint by endpoint in pieces of 20,000 rows, and writes the results of a piece before it
 * fetches the next, so memory is bounded by the piece and by the largest endpoint. */
#include "inventory/load/answer_store.h"

#include "inventory/load/answer_history.h"
#include "inventory_load_sql.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWERS_MAX (1u << 18)      /* of one endpoint; later ones, by key and time, are ignored */
#define PEER_MAX    24

enum kind { KIND_SPAN = 1, KIND_ANSWER, KIND_CONFIRMATION, KIND_SIGHTING, KIND_NEGATIVE };

enum column {                       /* of history_open.sql */
    KIND, SOURCE, ENDPOINT, ROLE, PEER, VARIANT, CHAIN, LEAF, SCAN, FIRST, LAST, HOUR, CLOSED, MISSED, SEVERAL, IS_LAST, ABSENT,
    FINISHED, TLS_VERSION, CIPHER_SUITE, ENDPOINT_FIRST, ENDPOINT_GONE, ENDPOINT_KNOWN,
};

struct key {
    size_t first, count;            /* its answers */
    int variant;
    bool is_server, has_answers;
    uint8_t peer[PEER_MAX];
    int64_t role;
};

struct now {
    int64_t endpoint, source, first_us, gone_us;
    bool is_known;
    char *chains, *leafs, *tls_versions, *cipher_suites;       /* arrays as text */
};

struct formed {
    struct answer_span span;
    int64_t held;                   /* the span from an earlier load whose row it keeps; 0: it needs a row */
};

struct dropped {
    int64_t source;
};

#define LIST(type)        \
    struct {              \
        type *items;      \
        size_t count, capacity; \
    }

#define LIST_ADD(list, item)                                                                      \
    do {                                                                                          \
        if ((list)->count == (list)->capacity) {                                                  \
            (list)->capacity = 2 * (list)->capacity + 64;                                         \
            (list)->items = xreallocarray((list)->items, (list)->capacity, sizeof *(list)->items); \
        }                                                                                         \
        (list)->items[(list)->count++] = (item);                                                  \
    } while (0)

struct endpoint_event {
    int64_t endpoint;
    struct answer_event event;
};

struct store {
    struct db *db;
    struct answer_history *history;
    int64_t endpoint;               /* being gathered; 0: none */
    int64_t first_us, gone_us;      /* what was known of it */
    bool is_known;
    LIST(struct answer) answers;
    LIST(struct key) keys;
    LIST(struct answer) negatives;
    LIST(struct formed) spans;      /* to be written */
    LIST(struct dropped) dropped;
    LIST(struct endpoint_event) events;
    LIST(struct now) nows;
    int64_t held_count, dropped_count;      /* rows of answer_now */
};

/* ---- one endpoint ---- */

/* A confirmation repeats the answer before it. One without an answer before it is ignored. */
static void confirmations_resolve(struct store *store, struct key *key)
{
    size_t kept = key->first;
    const struct answer *before = NULL;
    for (size_t i = key->first; i < key->first + key->count; i++) {
        struct answer answer = store->answers.items[i];
        if (answer.source == 0) {
            if (before == NULL)
                continue;
            answer.source = before->source;
            answer.chain = before->chain;
            answer.leaf = before->leaf;
            answer.absent = before->absent;
            answer.tls_version = before->tls_version;
            answer.cipher_suite = before->cipher_suite;
        }
        store->answers.items[kept] = answer;
        before = answer.is_passive ? before : &store->answers.items[kept];
        kept++;
    }
    key->count = kept - key->first;
}

static void array_add(char **text, int64_t value)
{
    char one[24];
    int len = snprintf(one, sizeof one, "%s%lld", *text == NULL ? "{" : ",", (long long)value);
    size_t old = *text == NULL ? 0 : strlen(*text);
    *text = xrealloc(*text, old + (size_t)len + 2);
    memcpy(*text + old, one, (size_t)len + 1);
}

static char *array_end(char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);
    text = xrealloc(text, len + 3);
    memcpy(text + len, len == 0 ? "{}" : "}", len == 0 ? 3 : 2);
    return text;
}

static bool seen_before(const struct answer_span *spans, size_t count, int64_t value, size_t offset)
{
    for (size_t i = 0; i < count; i++)
        if (*(const int64_t *)(const void *)((const char *)&spans[i] + offset) == value && spans[i].chain != 0 &&
            spans[i].tracked && spans[i].closed_us == ANSWER_NO_TIME)
            return true;
    return false;
}

static void now_add(struct store *store)
{
    const struct answer_span *spans, *best = NULL;
    const size_t *keys;
    size_t count = answer_history_spans(store->history, &spans, &keys);
    struct now now = {.endpoint = store->endpoint, .is_known = store->is_known,
                      .first_us = answer_history_first_certificate_us(store->history),
                      .gone_us = answer_history_gone_us(store->history)};
    for (size_t i = 0; i < count; i++) {
        const struct answer_span *span = &spans[i];
        if (!store->keys.items[keys[i]].is_server)
            continue;
        if (span->chain != 0 && span->tracked && span->closed_us == ANSWER_NO_TIME) {
            if (!seen_before(spans, i, span->chain, offsetof(struct answer_span, chain)))
                array_add(&now.chains, span->chain);
            if (!seen_before(spans, i, span->leaf, offsetof(struct answer_span, leaf)))
                array_add(&now.leafs, span->leaf);
        }
        if (!span->is_last)
            continue;
        if (best == NULL || (best->tls_version == 0 && span->tls_version != 0))
            best = span;            /* keys come by variant, the default one first */
        if (span->tls_version != 0)
            array_add(&now.tls_versions, span->tls_version);
        if (span->cipher_suite >= 0)
            array_add(&now.cipher_suites, span->cipher_suite);
    }
    now.source = best == NULL ? 0 : best->source;
    now.chains = array_end(now.chains);
    now.leafs = array_end(now.leafs);
    now.tls_versions = array_end(now.tls_versions);
    now.cipher_suites = array_end(now.cipher_suites);
    LIST_ADD(&store->nows, now);
}

/* A row stays where it is as long as its span is tracked: what changes then is in no index. */
static int64_t hold(struct store *store, const struct key *key, const struct answer_span *span)
{
    for (size_t i = key->first; i < key->first + key->count && (span->tracked || span->chain == 0); i++) {
        struct answer *before = &store->answers.items[i];
        if (before->is_span && before->chain == span->chain && before->from_us == span->from_us) {
            store->held_count += before->is_held ? 0 : 1;
            before->is_held = true;
            return before->source;
        }
    }
    return 0;
}

/* Keys without new answers stay as they are, unless the endpoint has come or gone: that decides what is settled. */
static void spans_keep(struct store *store)
{
    const struct answer_span *spans;
    const size_t *keys;
    size_t count = answer_history_spans(store->history, &spans, &keys);
    bool was_there = store->first_us != ANSWER_NO_TIME && store->gone_us == ANSWER_NO_TIME;
    bool is_there = answer_history_first_certificate_us(store->history) != ANSWER_NO_TIME &&
                    answer_history_gone_us(store->history) == ANSWER_NO_TIME;
    for (size_t i = 0; i < count; i++) {
        const struct key *key = &store->keys.items[keys[i]];
        if (key->has_answers || was_there != is_there)
            LIST_ADD(&store->spans, ((struct formed){spans[i], hold(store, key, &spans[i])}));
    }
    for (size_t k = 0; k < store->keys.count; k++) {
        const struct key *key = &store->keys.items[k];
        for (size_t i = key->first; i < key->first + key->count && (key->has_answers || was_there != is_there); i++)
            if (store->answers.items[i].is_span && !store->answers.items[i].is_held) {
                LIST_ADD(&store->dropped, (struct dropped){store->answers.items[i].source});
                store->dropped_count++;
            }
    }
}

static void endpoint_end(struct store *store)
{
    if (store->endpoint == 0)
        return;
    answer_history_begin(store->history, store->first_us, store->gone_us);
    for (size_t i = 0; i < store->keys.count; i++) {
        struct key *key = &store->keys.items[i];
        confirmations_resolve(store, key);
        answer_history_key(store->history, key->variant, key->is_server, store->answers.items + key->first, key->count);
    }
    for (size_t i = 0; i < store->negatives.count; i++)
        answer_history_negative(store->history, store->negatives.items[i].time_us, store->negatives.items[i].last_us);
    answer_history_end(store->history);
    const struct answer_event *events;
    size_t count = answer_history_events(store->history, &events);
    for (size_t i = 0; i < count; i++)
        LIST_ADD(&store->events, ((struct endpoint_event){store->endpoint, events[i]}));
    if (store->answers.count > 0) {
        now_add(store);
        spans_keep(store);
    }
    store->answers.count = store->keys.count = store->negatives.count = 0;
    store->endpoint = 0;
}

/* ---- evidence ---- */

static struct answer answer_of(const struct db_result *rows, size_t row, int64_t kind)
{
    return (struct answer){
        .source = kind == KIND_CONFIRMATION ? 0 : db_binary_number(rows, row, SOURCE),
        .time_us = db_binary_time_us(rows, row, FIRST),
        .last_us = db_binary_time_us(rows, row, LAST),
        .unit = db_binary_number(rows, row, SCAN),
        .chain = db_binary_number(rows, row, CHAIN),
        .leaf = db_binary_number(rows, row, LEAF),
        .absent = db_binary_number(rows, row, ABSENT) != 0,
        .finished = db_binary_number(rows, row, FINISHED) != 0,
        .is_passive = kind == KIND_SIGHTING,
        .hour_us = db_binary_time_us(rows, row, HOUR),
        .is_span = kind == KIND_SPAN,
        .from_us = db_binary_time_us(rows, row, FIRST),
        .closed_us = db_binary_time_us(rows, row, CLOSED),
        .missed = (int)db_binary_number(rows, row, MISSED),
        .several = db_binary_number(rows, row, SEVERAL) != 0,
        .is_last = db_binary_number(rows, row, IS_LAST) != 0,
        .tls_version = (int32_t)db_binary_number(rows, row, TLS_VERSION),
        .cipher_suite = db_is_null(rows, row, CIPHER_SUITE) ? -1 : (int32_t)db_binary_number(rows, row, CIPHER_SUITE),
    };
}

static void key_begin(struct store *store, const struct db_result *rows, size_t row)
{
    size_t len;
    const uint8_t *peer = db_binary_value(rows, row, PEER, &len);
    struct key key = {.first = store->answers.count, .variant = (int)db_binary_number(rows, row, VARIANT),
                      .role = db_binary_number(rows, row, ROLE)};
    if (len <= PEER_MAX)
        memcpy(key.peer, peer, len);
    key.is_server = key.role == 1;
    const struct key *last = store->keys.count == 0 ? NULL : &store->keys.items[store->keys.count - 1];
    if (last != NULL && last->variant == key.variant && last->role == key.role && memcmp(last->peer, key.peer, PEER_MAX) == 0)
        return;
    LIST_ADD(&store->keys, key);
}

static void endpoint_begin(struct store *store, const struct db_result *rows, size_t row)
{
    int64_t endpoint = db_binary_number(rows, row, ENDPOINT);
    if (endpoint == store->endpoint)
        return;
    endpoint_end(store);
    store->endpoint = endpoint;
    store->first_us = db_binary_time_us(rows, row, ENDPOINT_FIRST);
    store->gone_us = db_binary_time_us(rows, row, ENDPOINT_GONE);
    store->is_known = db_binary_number(rows, row, ENDPOINT_KNOWN) != 0;
}

static void evidence_take(struct store *store, const struct db_result *rows, size_t row)
{
    int64_t kind = db_binary_number(rows, row, KIND);
    endpoint_begin(store, rows, row);
    if (store->answers.count + store->negatives.count >= ANSWERS_MAX)
        return;
    if (kind == KIND_NEGATIVE) {
        LIST_ADD(&store->negatives, answer_of(rows, row, kind));
        return;
    }
    key_begin(store, rows, row);
    LIST_ADD(&store->answers, answer_of(rows, row, kind));
    struct key *key = &store->keys.items[store->keys.count - 1];
    key->count++;
    key->has_answers = key->has_answers || kind != KIND_SPAN;
}

/* ---- into tables ---- */

static void copy_optional(struct db_copy *copy, int64_t id)
{
    if (id == 0)
        db_copy_text(copy, NULL);
    else
        db_copy_int(copy, id);
}

static bool span_copy(struct db_copy *copy, const struct formed *formed, struct error *err)
{
    const struct answer_span *span = &formed->span;
    db_copy_int(copy, span->source);
    copy_optional(copy, formed->held);
    db_copy_int(copy, span->unit);
    db_copy_time(copy, span->from_us);
    db_copy_time(copy, span->closed_us);
    db_copy_int(copy, span->missed);
    db_copy_bool(copy, span->several);
    db_copy_bool(copy, span->is_last);
    db_copy_bool(copy, span->settled);
    db_copy_bool(copy, span->tracked || span->chain == 0);
    return db_copy_row(copy, err);
}

static bool event_copy(struct db_copy *copy, const struct endpoint_event *of, struct error *err)
{
    db_copy_int(copy, of->endpoint);
    db_copy_text(copy, of->event.kind);
    db_copy_time(copy, of->event.time_us);
    copy_optional(copy, of->event.variant);
    copy_optional(copy, of->event.before);
    copy_optional(copy, of->event.after);
    copy_optional(copy, of->event.leaf_before);
    copy_optional(copy, of->event.leaf_after);
    return db_copy_row(copy, err);
}

static bool now_copy(struct db_copy *copy, const struct now *now, struct error *err)
{
    db_copy_int(copy, now->endpoint);
    db_copy_bool(copy, now->is_known);
    copy_optional(copy, now->source);
    db_copy_text(copy, now->chains);
    db_copy_text(copy, now->leafs);
    db_copy_text(copy, now->tls_versions);
    db_copy_text(copy, now->cipher_suites);
    db_copy_time(copy, now->first_us);
    db_copy_time(copy, now->gone_us);
    return db_copy_row(copy, err);
}

static bool dropped_copy(struct db_copy *copy, const struct dropped *dropped, struct error *err)
{
    db_copy_int(copy, dropped->source);
    return db_copy_row(copy, err);
}

#define LIST_COPY(store, list, sql, copy_one, err)                                                 \
    do {                                                                                           \
        struct db_copy *copy = (list)->count == 0 ? NULL : db_copy_begin((store)->db, sql, err);   \
        bool ok = copy != NULL;                                                                    \
        for (size_t i = 0; ok && i < (list)->count; i++)                                           \
            ok = copy_one(copy, &(list)->items[i], err);                                           \
        if (copy != NULL && !ok)                                                                   \
            db_copy_abort(copy);                                                                   \
        if ((list)->count > 0 && !(ok && db_copy_end(copy, err)))                                  \
            return false;                                                                          \
        (list)->count = 0;                                                                         \
    } while (0)

static void nows_clear(struct store *store)
{
    for (size_t i = 0; i < store->nows.count; i++) {
        free(store->nows.items[i].chains);
        free(store->nows.items[i].leafs);
        free(store->nows.items[i].tls_versions);
        free(store->nows.items[i].cipher_suites);
    }
    store->nows.count = 0;
}

static bool nows_write(struct store *store, struct error *err)
{
    LIST(struct now) list = {store->nows.items, store->nows.count, 0};
    LIST_COPY(store, &list, SQL_NOWS_COPY, now_copy, err);
    nows_clear(store);
    return true;
}

static bool piece_write(struct store *store, struct error *err)
{
    LIST_COPY(store, &store->spans, SQL_SPANS_COPY, span_copy, err);
    LIST_COPY(store, &store->dropped, SQL_SPANS_DROPPED_COPY, dropped_copy, err);
    LIST_COPY(store, &store->events, SQL_EVENTS_COPY, event_copy, err);
    return nows_write(store, err);
}

static bool evidence_run(struct store *store, struct error *err)
{
    for (size_t count = 1; count > 0;) {
        struct db_result *rows = db_query_binary(store->db, SQL_HISTORY_FETCH, 0, NULL, err);
        if (rows == NULL)
            return false;
        count = db_rows(rows);
        for (size_t row = 0; row < count; row++)
            evidence_take(store, rows, row);
        db_result_destroy(rows);
        if (count == 0)
            endpoint_end(store);
        if (!piece_write(store, err))
            return false;
    }
    return true;
}

/* Rows are found by their place; one that is another's by now would be left as it was, and the history be wrong for ever. */
static bool rows_change(struct db *db, const char *sql, const char *what, int64_t asked, struct error *err)
{
    int64_t changed = 0;
    if (!db_exec_counted(db, sql, &changed, err))
        return false;
    return changed == asked || error_set(err, ERROR_DATABASE, "answer_now: %lld of %lld rows %s; something else writes this table while it is loaded into: "
                                                              "load again when that has ended", (long long)changed, (long long)asked, what);
}

static bool spans_apply(const struct store *store, struct error *err)
{
    return rows_change(store->db, SQL_SPANS_DROP, "deleted", store->dropped_count, err) &&
           rows_change(store->db, SQL_SPANS_HOLD, "updated", store->held_count, err) && db_exec(store->db, SQL_SPANS_INSERT, err);
}

bool answer_store_run(struct db *db, struct error *err)
{
    struct store store = {.db = db, .history = answer_history_create()};
    bool ok = db_exec(db, SQL_HISTORY_ANALYZE, err) && db_exec(db, SQL_HISTORY_OPEN, err) && evidence_run(&store, err) &&
              db_exec(db, SQL_HISTORY_CLOSE, err) && spans_apply(&store, err) && db_exec(db, SQL_NOWS_APPLY, err);
    nows_clear(&store);
    free(store.answers.items);
    free(store.keys.items);
    free(store.negatives.items);
    free(store.spans.items);
    free(store.dropped.items);
    free(store.events.items);
    free(store.nows.items);
    answer_history_destroy(store.history);
    return ok;
}
