/* See answer_history.h. */
#include "inventory/load/answer_history.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

struct unit_of {                    /* an answer and the unit that it belongs to */
    const struct answer *answer;
    int64_t begin_us;
};

struct line_item {                  /* of the endpoint as a whole, by time */
    int64_t first_us, last_us;
    int64_t chain;                  /* 0: unused */
    size_t number;                  /* as they were given */
};

struct answer_history {
    struct answer_span *spans;
    size_t *keys;
    size_t span_count, span_capacity, key_count;
    struct answer_event *events;
    size_t event_count, event_capacity;
    struct line_item *line;
    size_t line_count, line_capacity;
    struct unit_of *order;          /* of one key */
    size_t order_capacity;
    int64_t first_us, gone_us;
    size_t members[ANSWER_MEMBERS_MAX];         /* of the key being made: its tracked spans */
    size_t member_count;
    size_t last_span, none_span;    /* the last answer, and that without a chain; SIZE_MAX: none */
};

struct answer_history *answer_history_create(void)
{
    return xcalloc(1, sizeof(struct answer_history));
}

void answer_history_destroy(struct answer_history *history)
{
    if (history == NULL)
        return;
    free(history->spans);
    free(history->keys);
    free(history->events);
    free(history->line);
    free(history->order);
    free(history);
}

void answer_history_begin(struct answer_history *history, int64_t first_certificate_us, int64_t gone_us)
{
    history->span_count = history->key_count = history->event_count = history->line_count = 0;
    history->first_us = first_certificate_us;
    history->gone_us = gone_us;
}

static void event_add(struct answer_history *history, const struct answer_event *event)
{
    if (history->event_count == history->event_capacity) {
        history->event_capacity = 2 * history->event_capacity + 8;
        history->events = xreallocarray(history->events, history->event_capacity, sizeof *history->events);
    }
    history->events[history->event_count++] = *event;
}

static void line_add(struct answer_history *history, int64_t first_us, int64_t last_us, int64_t chain)
{
    if (history->line_count == history->line_capacity) {
        history->line_capacity = 2 * history->line_capacity + 8;
        history->line = xreallocarray(history->line, history->line_capacity, sizeof *history->line);
    }
    history->line[history->line_count] = (struct line_item){first_us, last_us, chain, history->line_count};
    history->line_count++;
}

static size_t span_add(struct answer_history *history, const struct answer_span *span)
{
    if (history->span_count == history->span_capacity) {
        history->span_capacity = 2 * history->span_capacity + 8;
        history->spans = xreallocarray(history->spans, history->span_capacity, sizeof *history->spans);
        history->keys = xreallocarray(history->keys, history->span_capacity, sizeof *history->keys);
    }
    history->keys[history->span_count] = history->key_count;
    history->spans[history->span_count] = *span;
    return history->span_count++;
}

/* ---- the order of units ---- */

static int by_time(const void *a, const void *b)
{
    const struct answer *x = ((const struct unit_of *)a)->answer, *y = ((const struct unit_of *)b)->answer;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->last_us != y->last_us)
        return x->last_us < y->last_us ? -1 : 1;
    return (x > y) - (x < y);       /* as they were given */
}

static bool same_unit(const struct answer *a, const struct answer *b)
{
    return a->unit == b->unit && a->is_passive == b->is_passive && (!a->is_passive || a->hour_us == b->hour_us);
}

static int by_unit(const void *a, const void *b)
{
    const struct answer *x = ((const struct unit_of *)a)->answer, *y = ((const struct unit_of *)b)->answer;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->is_passive != y->is_passive)
        return x->is_passive ? 1 : -1;
    if (x->is_passive && x->hour_us != y->hour_us)
        return x->hour_us < y->hour_us ? -1 : 1;
    return by_time(a, b);
}

static int by_begin(const void *a, const void *b)
{
    const struct unit_of *x = a, *y = b;
    if (x->begin_us != y->begin_us)
        return x->begin_us < y->begin_us ? -1 : 1;
    return by_unit(a, b);
}

/* When each answer's unit began. An hour of a capture is one unit for as long as its sightings overlap. */
static void units_order(struct unit_of *order, size_t count)
{
    int64_t last_us = ANSWER_NO_TIME;
    qsort(order, count, sizeof *order, by_unit);
    for (size_t i = 0; i < count; i++) {
        const struct answer *answer = order[i].answer;
        bool follows = i > 0 && same_unit(order[i - 1].answer, answer) && (!answer->is_passive || answer->time_us <= last_us);
        order[i].begin_us = follows ? order[i - 1].begin_us : answer->time_us;
        last_us = follows && last_us > answer->last_us ? last_us : answer->last_us;
    }
    qsort(order, count, sizeof *order, by_begin);
}

/* ---- one key ---- */

static size_t member_find(const struct answer_history *history, int64_t chain)
{
    for (size_t i = 0; i < history->member_count; i++)
        if (history->spans[history->members[i]].chain == chain)
            return history->members[i];
    return SIZE_MAX;
}

/* The open ones are next to each other. */
static void members_beside(struct answer_history *history)
{
    for (size_t i = 0; i < history->member_count; i++) {
        struct answer_span *span = &history->spans[history->members[i]];
        span->several = span->several || span->closed_us == ANSWER_NO_TIME;
    }
}

struct unit {
    const struct unit_of *at;
    size_t count;
    int variant;
    bool is_server;
    bool shows, several;            /* it holds a chain; it holds two */
};

static struct unit unit_of(const struct unit_of *at, size_t count, int variant, bool is_server)
{
    struct unit unit = {.at = at, .count = count, .variant = variant, .is_server = is_server};
    int64_t first = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t chain = at[i].answer->chain;
        unit.several = unit.several || (chain != 0 && first != 0 && chain != first);
        first = first == 0 ? chain : first;
    }
    unit.shows = first != 0;
    return unit;
}

static bool unit_holds(const struct unit *unit, int64_t chain)
{
    for (size_t i = 0; i < unit->count; i++)
        if (unit->at[i].answer->chain == chain)
            return true;
    return false;
}

/* The span of this answer's chain, or of none; SIZE_MAX if the key has too many chains. */
static size_t span_of(struct answer_history *history, const struct answer *answer)
{
    size_t found = answer->chain == 0 ? history->none_span : member_find(history, answer->chain);
    if (found != SIZE_MAX || (answer->chain != 0 && history->member_count == ANSWER_MEMBERS_MAX))
        return found;
    found = span_add(history, &(struct answer_span){.chain = answer->chain, .leaf = answer->leaf, .from_us = answer->time_us,
                                                    .closed_us = ANSWER_NO_TIME, .tracked = true});
    if (answer->chain == 0)
        history->none_span = found;
    else
        history->members[history->member_count++] = found;
    return found;
}

static void answer_take(struct answer_history *history, const struct unit *unit, const struct answer *answer)
{
    size_t found = span_of(history, answer);
    if (history->last_span != SIZE_MAX)
        history->spans[history->last_span].is_last = false;
    history->last_span = found;
    if (found == SIZE_MAX)
        return;
    struct answer_span *span = &history->spans[found];
    if (span->closed_us != ANSWER_NO_TIME) {        /* it comes back before its closing was final */
        span->closed_us = ANSWER_NO_TIME;
        members_beside(history);
    }
    span->source = answer->source;
    span->tls_version = answer->tls_version;
    span->cipher_suite = answer->cipher_suite;
    span->unit = answer->unit;
    span->absent = answer->absent;
    span->missed = 0;
    span->several = span->several || (unit->several && answer->chain != 0);
    span->is_last = true;
}

/* The unit's new spans (those after `known`) follow the ones that it closes. */
static void changes_note(struct answer_history *history, const struct unit *unit, size_t known, const struct answer_span *closed)
{
    for (size_t i = known; i < history->span_count && unit->is_server; i++) {
        const struct answer_span *came = &history->spans[i];
        if (came->chain != 0 && came->leaf != closed->leaf)
            event_add(history, &(struct answer_event){"changed", came->from_us, unit->variant, closed->chain, came->chain,
                                                             closed->leaf, came->leaf});
    }
}

/* What stood beside this span, and for longer, is there alone again: a server that went back to its last certificate. */
static void return_note(struct answer_history *history, const struct unit *unit, const struct answer_span *closed)
{
    size_t stays = SIZE_MAX, open = 0;
    for (size_t i = 0; i < history->member_count; i++)
        if (history->spans[history->members[i]].closed_us == ANSWER_NO_TIME) {
            stays = history->members[i];
            open++;
        }
    if (!unit->is_server || open != 1)
        return;
    const struct answer_span *span = &history->spans[stays];
    if (span->from_us < closed->from_us && span->leaf != closed->leaf)
        event_add(history, &(struct answer_event){"changed", closed->closed_us, unit->variant, closed->chain, span->chain, closed->leaf, span->leaf});
}

static void unit_miss(struct answer_history *history, const struct unit *unit, size_t known)
{
    size_t kept = 0;
    for (size_t i = 0; i < history->member_count; i++) {
        struct answer_span *span = &history->spans[history->members[i]];
        bool missed = history->members[i] < known && !unit_holds(unit, span->chain);
        span->missed += missed;
        if (missed && span->closed_us == ANSWER_NO_TIME && (!span->several || span->missed == ANSWER_UNITS_MISSED)) {
            span->closed_us = unit->at[0].begin_us;
            if (span->several)
                return_note(history, unit, span);
            else
                changes_note(history, unit, known, span);
        }
        span->tracked = span->missed < ANSWER_UNITS_MISSED;
        if (span->tracked)
            history->members[kept++] = history->members[i];
    }
    history->member_count = kept;
}

static void unit_take(struct answer_history *history, const struct unit *unit)
{
    size_t known = history->span_count;
    for (size_t i = 0; i < unit->count; i++)
        answer_take(history, unit, unit->at[i].answer);
    if (unit->shows)                /* an answer without a chain says nothing about chains */
        unit_miss(history, unit, known);
}

static void line_note(struct answer_history *history, const struct answer *answer)
{
    if (answer->chain != 0)
        line_add(history, answer->time_us, answer->last_us, answer->chain);
    else if (answer->absent && answer->finished)
        answer_history_negative(history, answer->time_us, answer->last_us);
}

static size_t spans_take(struct answer_history *history, const struct answer *answers, size_t count)
{
    size_t taken = 0;
    for (; taken < count && answers[taken].is_span; taken++) {
        const struct answer *from = &answers[taken];
        size_t at = span_add(history, &(struct answer_span){
            .source = from->source, .unit = from->unit, .chain = from->chain, .leaf = from->leaf, .from_us = from->from_us,
            .closed_us = from->closed_us, .missed = from->missed, .several = from->several, .is_last = from->is_last,
            .tracked = true, .absent = from->absent, .tls_version = from->tls_version, .cipher_suite = from->cipher_suite});
        if (from->is_last)
            history->last_span = at;
        if (from->chain == 0)
            history->none_span = at;
        else if (history->member_count < ANSWER_MEMBERS_MAX)
            history->members[history->member_count++] = at;
    }
    return taken;
}

void answer_history_key(struct answer_history *history, int variant, bool is_server, const struct answer *answers, size_t count)
{
    history->last_span = history->none_span = SIZE_MAX;
    history->member_count = 0;
    size_t taken = spans_take(history, answers, count);
    count -= taken;
    if (count > history->order_capacity) {
        history->order_capacity = 2 * count;
        history->order = xreallocarray(history->order, history->order_capacity, sizeof *history->order);
    }
    for (size_t i = 0; i < count; i++) {
        history->order[i] = (struct unit_of){.answer = &answers[taken + i]};
        if (is_server)
            line_note(history, &answers[taken + i]);
    }
    if (count > 1)
        units_order(history->order, count);
    else if (count == 1)
        history->order[0].begin_us = answers[taken].time_us;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && history->order[to].begin_us == history->order[from].begin_us &&
                            same_unit(history->order[to].answer, history->order[from].answer);
             to++)
            ;
        struct unit unit = unit_of(&history->order[from], to - from, variant, is_server);
        unit_take(history, &unit);
    }
    history->key_count++;
}

void answer_history_negative(struct answer_history *history, int64_t from_us, int64_t to_us)
{
    line_add(history, from_us, to_us, 0);
}

/* ---- the endpoint as a whole ---- */

static int by_line(const void *a, const void *b)
{
    const struct line_item *x = a, *y = b;
    int64_t at = x->chain != 0 ? x->first_us : x->last_us, other = y->chain != 0 ? y->first_us : y->last_us;
    if (at != other)
        return at < other ? -1 : 1;
    if ((x->chain != 0) != (y->chain != 0))
        return x->chain != 0 ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

/* A negative speaks only where nothing was seen within its span, for then the order is unknown. seen_us: the latest
 * end of what began before it; at: its place in the line. */
static bool negative_holds(const struct answer_history *history, size_t at, int64_t seen_us)
{
    const struct line_item *negative = &history->line[at];
    for (size_t i = at + 1; i < history->line_count && history->line[i].chain != 0; i++) {
        if (history->line[i].first_us == negative->last_us)
            return false;
        break;
    }
    return seen_us < negative->first_us;
}

static void line_run(struct answer_history *history)
{
    bool ever = history->first_us != ANSWER_NO_TIME, there = ever && history->gone_us == ANSWER_NO_TIME;
    int64_t before = 0, seen_us = ANSWER_NO_TIME;
    for (size_t i = 0; i < history->line_count; i++) {
        const struct line_item *item = &history->line[i];
        if (item->chain != 0) {
            if (!there)
                event_add(history, &(struct answer_event){ever ? "returned" : "new", item->first_us, 0, 0, item->chain, 0, 0});
            if (!ever)
                history->first_us = item->first_us;
            ever = there = true;
            before = item->chain;
            seen_us = item->last_us > seen_us ? item->last_us : seen_us;
            history->gone_us = ANSWER_NO_TIME;
        } else if (there && negative_holds(history, i, seen_us)) {
            event_add(history, &(struct answer_event){"gone", item->last_us, 0, before, 0, 0, 0});
            there = false;
            history->gone_us = item->last_us;
        }
    }
}

/* A repeated answer adds nothing, unless it closes or keeps open another span of its key, or the endpoint returns or goes by it. */
static void settle(struct answer_history *history)
{
    bool is_there = history->first_us != ANSWER_NO_TIME && history->gone_us == ANSWER_NO_TIME;
    for (size_t from = 0, to; from < history->span_count; from = to) {
        size_t members = 0;
        for (to = from; to < history->span_count && history->keys[to] == history->keys[from]; to++)
            members += history->spans[to].tracked && history->spans[to].chain != 0;
        for (size_t i = from; i < to; i++) {
            struct answer_span *span = &history->spans[i];
            span->settled = span->is_last && (span->chain != 0 ? members == 1 && is_there : !span->absent || !is_there);
        }
    }
}

void answer_history_end(struct answer_history *history)
{
    if (history->line_count > 1)
        qsort(history->line, history->line_count, sizeof *history->line, by_line);
    line_run(history);
    settle(history);
}

size_t answer_history_spans(const struct answer_history *history, const struct answer_span **spans, const size_t **keys)
{
    *spans = history->spans;
    *keys = history->keys;
    return history->span_count;
}

size_t answer_history_events(const struct answer_history *history, const struct answer_event **events)
{
    *events = history->events;
    return history->event_count;
}

int64_t answer_history_first_certificate_us(const struct answer_history *history)
{
    return history->first_us;
}

int64_t answer_history_gone_us(const struct answer_history *history)
{
    return history->gone_us;
}
