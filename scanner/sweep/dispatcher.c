#include "scanner/sweep/dispatcher.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "probes/base/permutation.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#define WAITING_MAX 16384u /* above, no new target is drawn until some have been given out */
#define SYN_AHEAD   4096u  /* open ports that wait for a connection: then no block is given to SYNs */
#define NAMES_OPEN  256u   /* names resolving, or with endpoints to give out */
#define POLL_US     20000  /* when nothing is left to give out, but other loops still work: how soon to look again */

struct block {
    struct block *prev, *next; /* of the open ones */
    UT_hash_handle hh;         /* by number, if the SYN stage has it */
    uint64_t number;
    uint32_t count, given, ended; /* positions of it */
    int64_t from_us, to_us;
    uint8_t outcomes[BLOCK_POSITIONS];
};

struct block_range { /* finished in an earlier run; first <= last, counted within the shard */
    uint64_t first, last;
};

struct waiting { /* a binary heap by at_us */
    struct work *items;
    size_t count, capacity;
};

struct dispatcher {
    pthread_mutex_t mutex;
    const struct target_space *space;
    struct permutation permutation;
    struct pacing *pacing;
    struct recorder *recorder;
    uint64_t space_size;
    uint32_t shard, shard_count;
    uint64_t block_count; /* of this shard; block number = nth * shard_count + shard */
    uint64_t next_nth;    /* the next block of the shard to open */
    struct block_range *finished;
    size_t finished_count, finished_at;
    struct block *current; /* the block positions are given out from; NULL: none */
    struct block *open;
    uint32_t open_blocks;
    struct waiting waiting;
    int64_t all_wait_until_us;
    struct name_list *names;
    struct name_task *resolving, *ready,
        *given; /* ready: some of their endpoints are still to be given out */
    uint32_t open_names;
    bool no_more_names;
    bool uses_syn, syn_has_ended;
    struct block *by_number; /* the SYN stage's blocks */
    struct work *found;      /* open ports, first in, first out: a ring */
    size_t found_first, found_count, found_capacity;
    struct dispatcher_counts counts;
    bool stopped;
};

/* --- what waits ---------------------------------------------------------------------------------------- */

static void waiting_push(struct waiting *waiting, const struct work *work)
{
    if (waiting->count == waiting->capacity) {
        waiting->capacity = waiting->capacity == 0 ? 256 : 2 * waiting->capacity;
        waiting->items = xreallocarray(waiting->items, waiting->capacity, sizeof *waiting->items);
    }
    size_t at = waiting->count++;
    while (at != 0 && waiting->items[(at - 1) / 2].ticket.at_us > work->ticket.at_us) {
        waiting->items[at] = waiting->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    waiting->items[at] = *work;
}

static void waiting_pop(struct waiting *waiting, struct work *work)
{
    *work = waiting->items[0];
    struct work last = waiting->items[--waiting->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= waiting->count)
            break;
        if (child + 1 < waiting->count &&
            waiting->items[child + 1].ticket.at_us < waiting->items[child].ticket.at_us)
            child++;
        if (waiting->items[child].ticket.at_us >= last.ticket.at_us)
            break;
        waiting->items[at] = waiting->items[child];
        at = child;
    }
    if (waiting->count != 0)
        waiting->items[at] = last;
}

/* --- blocks -------------------------------------------------------------------------------------------- */

static uint64_t block_number(const struct dispatcher *dispatcher, uint64_t nth)
{
    return nth * dispatcher->shard_count + dispatcher->shard;
}

static uint32_t block_size(const struct dispatcher *dispatcher, uint64_t number)
{
    uint64_t left = dispatcher->space_size - number * BLOCK_POSITIONS;
    return left < BLOCK_POSITIONS ? (uint32_t)left : BLOCK_POSITIONS;
}

/* Blocks are opened in order and at most DISPATCHER_OPEN_BLOCKS are open at once, so after that many unfinished ones in a row
 * there is no finished one. */
static void find_finished(struct dispatcher *dispatcher, struct bundle_writer *writer)
{
    unsigned missing = 0;
    for (uint64_t nth = 0; nth < dispatcher->block_count && missing <= DISPATCHER_OPEN_BLOCKS; nth++) {
        uint64_t number = block_number(dispatcher, nth);
        if (!bundle_block_is_finished(writer, number)) {
            missing++;
            continue;
        }
        missing = 0;
        dispatcher->counts.ended += block_size(dispatcher, number);
        struct block_range *last = dispatcher->finished + dispatcher->finished_count;
        if (dispatcher->finished_count != 0 && last[-1].last + 1 == nth) {
            last[-1].last = nth;
            continue;
        }
        dispatcher->finished =
            xreallocarray(dispatcher->finished, dispatcher->finished_count + 1, sizeof *dispatcher->finished);
        dispatcher->finished[dispatcher->finished_count++] = (struct block_range){nth, nth};
    }
}

/* The next block that no earlier run has finished; NULL where there is none, or too many are open. */
static struct block *open_block(struct dispatcher *dispatcher)
{
    while (dispatcher->finished_at < dispatcher->finished_count &&
           dispatcher->next_nth >= dispatcher->finished[dispatcher->finished_at].first)
        dispatcher->next_nth = dispatcher->finished[dispatcher->finished_at++].last + 1;
    if (dispatcher->next_nth >= dispatcher->block_count || dispatcher->open_blocks >= DISPATCHER_OPEN_BLOCKS)
        return NULL;
    struct block *block = xcalloc(1, sizeof *block);
    block->number = block_number(dispatcher, dispatcher->next_nth++);
    block->count = block_size(dispatcher, block->number);
    block->from_us = clock_utc_us();
    DL_APPEND(dispatcher->open, block);
    dispatcher->open_blocks++;
    return block;
}

static void finish_block(struct dispatcher *dispatcher, struct block *block)
{
    struct block_result result = {
        .block = block->number,
        .from_us = block->from_us,
        .to_us = clock_utc_us(),
        .count = block->count,
        .outcomes = block->outcomes,
    };
    recorder_block(dispatcher->recorder, &result);
    DL_DELETE(dispatcher->open, block);
    if (dispatcher->uses_syn)
        HASH_DEL(dispatcher->by_number, block);
    dispatcher->open_blocks--;
    free(block);
}

static bool next_found(struct dispatcher *dispatcher, struct work *work)
{
    if (dispatcher->found_count == 0)
        return false;
    *work = dispatcher->found[dispatcher->found_first];
    dispatcher->found_first = (dispatcher->found_first + 1) % dispatcher->found_capacity;
    dispatcher->found_count--;
    return true;
}

static bool next_position(struct dispatcher *dispatcher, struct work *work)
{
    if (dispatcher->uses_syn)
        return next_found(dispatcher, work);
    if (dispatcher->current == NULL)
        dispatcher->current = open_block(dispatcher);
    struct block *block = dispatcher->current;
    if (block == NULL)
        return false;
    *work = (struct work){.block = block, .position = block->number * BLOCK_POSITIONS + block->given++};
    if (block->given == block->count)
        dispatcher->current = NULL; /* it stays open until its last attempt ends */
    target_space_get(dispatcher->space, permutation_index(&dispatcher->permutation, work->position),
                     &work->target);
    return true;
}

/* --- names --------------------------------------------------------------------------------------------- */

static void finish_name(struct dispatcher *dispatcher, struct name_task *task)
{
    struct name_result result = {
        .line = task->line,
        .time_us = clock_utc_us(),
        .name = task->spec.name,
        .outcome = task->outcome,
        .detail = task->detail,
        .address_count = (uint32_t)task->address_count,
    };
    recorder_name(dispatcher->recorder, &result);
    dispatcher->counts.names_ended++;
    dispatcher->open_names--;
    name_task_destroy(task);
}

/* Has an address, or several, or none. */
static void name_is_ready(struct dispatcher *dispatcher, struct name_task *task)
{
    if (task->total != 0)
        DL_APPEND(dispatcher->ready, task);
    else
        finish_name(dispatcher, task);
}

/* The next name to resolve; one that came with its address is ready at once. NULL: none now. */
static struct name_task *next_name(struct dispatcher *dispatcher)
{
    while (!dispatcher->no_more_names && dispatcher->open_names < NAMES_OPEN) {
        struct name_task *task = name_list_next(dispatcher->names);
        if (task == NULL) {
            dispatcher->no_more_names = true;
            break;
        }
        dispatcher->open_names++;
        if (task->spec.at.len == 0) {
            task->asked_us = clock_monotonic_us();
            DL_APPEND(dispatcher->resolving, task);
            return task;
        }
        name_task_resolved(task, &task->spec.at, 1);
        name_is_ready(dispatcher, task);
    }
    return NULL;
}

static bool next_endpoint(struct dispatcher *dispatcher, struct work *work)
{
    struct name_task *task = dispatcher->ready;
    if (task == NULL)
        return false;
    *work = (struct work){.name = task, .position = POSITION_NONE};
    name_task_target(task, task->given++, &work->target);
    if (task->given == task->total) {
        DL_DELETE(dispatcher->ready, task);
        DL_APPEND(dispatcher->given, task);
    }
    return true;
}

/* A certificate is worth more than another answer, that more than silence. */
static unsigned worth(enum outcome outcome)
{
    if (outcome == OUTCOME_CERTIFICATE)
        return 3;
    return outcome == 0 ? 0 : outcome_is_answer(outcome) ? 2 : 1;
}

static void end_endpoint(struct dispatcher *dispatcher, struct name_task *task, enum outcome outcome)
{
    if (worth(outcome) > worth(task->outcome))
        task->outcome = outcome;
    if (++task->ended < task->total)
        return;
    DL_DELETE(dispatcher->given, task);
    finish_name(dispatcher, task);
}

void dispatcher_resolved(struct dispatcher *dispatcher, struct name_task *name,
                         const struct address *addresses, size_t count, const char *failure)
{
    pthread_mutex_lock(&dispatcher->mutex);
    DL_DELETE(dispatcher->resolving, name);
    name->dns_us = (uint32_t)(clock_monotonic_us() - name->asked_us);
    name_task_resolved(name, addresses, failure == NULL ? count : 0);
    if (failure != NULL) {
        name->outcome = OUTCOME_DNS_FAILED;
        snprintf(name->detail, sizeof name->detail, "%s", failure);
    }
    name_is_ready(dispatcher, name);
    pthread_mutex_unlock(&dispatcher->mutex);
}

static void destroy_names(struct name_task *tasks)
{
    struct name_task *task, *next;
    DL_FOREACH_SAFE(tasks, task, next)
    name_task_destroy(task);
}

/* --- giving out ---------------------------------------------------------------------------------------- */

/* True where the work may go now. Otherwise it waits here. */
static bool admit(struct dispatcher *dispatcher, struct work *work, int64_t now_us)
{
    switch (pacing_begin(dispatcher->pacing, &work->target.address, 0, now_us, &work->ticket)) {
    case PACING_GO: return true;
    case PACING_LATER: break;
    case PACING_ALL_WAIT: dispatcher->all_wait_until_us = work->ticket.at_us; break;
    }
    waiting_push(&dispatcher->waiting, work);
    return false;
}

static bool is_due(const struct dispatcher *dispatcher, int64_t now_us)
{
    return dispatcher->waiting.count != 0 && dispatcher->waiting.items[0].ticket.at_us <= now_us;
}

static int64_t next_look(const struct dispatcher *dispatcher, int64_t now_us)
{
    int64_t at_us = now_us + POLL_US;
    if (dispatcher->all_wait_until_us > now_us)
        return dispatcher->all_wait_until_us < at_us ? dispatcher->all_wait_until_us : at_us;
    if (dispatcher->waiting.count != 0 && dispatcher->waiting.items[0].ticket.at_us < at_us)
        at_us = dispatcher->waiting.items[0].ticket.at_us;
    return at_us > now_us ? at_us : now_us + 1;
}

static enum dispatch next_locked(struct dispatcher *dispatcher, int64_t now_us, struct work *work,
                                 int64_t *later_us)
{
    while (!dispatcher->stopped && dispatcher->all_wait_until_us <= now_us) {
        struct name_task *name;
        if (is_due(dispatcher, now_us)) {
            waiting_pop(&dispatcher->waiting, work);
        } else if (dispatcher->waiting.count >= WAITING_MAX) {
            break;
        } else if ((name = next_name(dispatcher)) != NULL) {
            *work = (struct work){.name = name, .position = POSITION_NONE};
            return DISPATCH_NAME;
        } else if (!next_endpoint(dispatcher, work) && !next_position(dispatcher, work)) {
            break;
        }
        if (admit(dispatcher, work, now_us))
            return DISPATCH_TARGET;
    }
    bool more = dispatcher->waiting.count != 0 || dispatcher->open_blocks != 0 ||
                (!dispatcher->uses_syn && dispatcher->next_nth < dispatcher->block_count) ||
                (dispatcher->uses_syn && !dispatcher->syn_has_ended) || dispatcher->open_names != 0 ||
                !dispatcher->no_more_names;
    *later_us = next_look(dispatcher, now_us);
    return more && !dispatcher->stopped ? DISPATCH_LATER : DISPATCH_DONE;
}

enum dispatch dispatcher_next(struct dispatcher *dispatcher, int64_t now_us, struct work *work,
                              int64_t *later_us)
{
    pthread_mutex_lock(&dispatcher->mutex);
    enum dispatch answer = next_locked(dispatcher, now_us, work, later_us);
    pthread_mutex_unlock(&dispatcher->mutex);
    return answer;
}

static void end_position(struct dispatcher *dispatcher, const struct work *work, enum outcome outcome)
{
    struct block *block = work->block;
    block->outcomes[work->position - block->number * BLOCK_POSITIONS] = (uint8_t)outcome;
    dispatcher->counts.ended++;
    if (++block->ended == block->count)
        finish_block(dispatcher, block);
}

/* Work aborted because the scan stops counts as not given out: its block or name stays open. */
void dispatcher_end(struct dispatcher *dispatcher, const struct work *work, enum outcome outcome)
{
    pthread_mutex_lock(&dispatcher->mutex);
    if (!(outcome == OUTCOME_ABORTED && dispatcher->stopped)) {
        if (work->block != NULL)
            end_position(dispatcher, work, outcome);
        else
            end_endpoint(dispatcher, work->name, outcome);
    }
    pthread_mutex_unlock(&dispatcher->mutex);
}

/* --- the SYN stage -------------------------------------------------------------------------------------- */

void dispatcher_use_syn(struct dispatcher *dispatcher)
{
    dispatcher->uses_syn = true;
}

enum dispatch dispatcher_syn_block(struct dispatcher *dispatcher, uint64_t *block)
{
    enum dispatch answer = DISPATCH_LATER;
    pthread_mutex_lock(&dispatcher->mutex);
    if (dispatcher->stopped) {
        answer = DISPATCH_DONE;
    } else if (dispatcher->found_count + dispatcher->waiting.count < SYN_AHEAD) {
        struct block *opened = open_block(dispatcher);
        if (opened != NULL) {
            *block = opened->number;
            HASH_ADD(hh, dispatcher->by_number, number, sizeof opened->number, opened);
            answer = DISPATCH_TARGET;
        } else if (dispatcher->next_nth >= dispatcher->block_count) {
            answer = DISPATCH_DONE;
        }
    }
    pthread_mutex_unlock(&dispatcher->mutex);
    return answer;
}

static struct block *find_block(struct dispatcher *dispatcher, uint64_t number)
{
    struct block *block;
    HASH_FIND(hh, dispatcher->by_number, &number, sizeof number, block);
    return block;
}

static void found_push(struct dispatcher *dispatcher, const struct work *work)
{
    if (dispatcher->found_count == dispatcher->found_capacity) {
        size_t capacity = dispatcher->found_capacity == 0 ? 256 : 2 * dispatcher->found_capacity;
        struct work *ring = xcalloc(capacity, sizeof *ring);
        for (size_t i = 0; i < dispatcher->found_count; i++)
            ring[i] = dispatcher->found[(dispatcher->found_first + i) % dispatcher->found_capacity];
        free(dispatcher->found);
        dispatcher->found = ring;
        dispatcher->found_first = 0;
        dispatcher->found_capacity = capacity;
    }
    dispatcher->found[(dispatcher->found_first + dispatcher->found_count++) % dispatcher->found_capacity] =
        *work;
}

void dispatcher_syn_open(struct dispatcher *dispatcher, const struct target *target, uint64_t position)
{
    pthread_mutex_lock(&dispatcher->mutex);
    struct block *block = find_block(dispatcher, position / BLOCK_POSITIONS);
    if (block != NULL) {
        struct work work = {.target = *target, .position = position, .block = block};
        found_push(dispatcher, &work);
    }
    pthread_mutex_unlock(&dispatcher->mutex);
}

void dispatcher_syn_result(struct dispatcher *dispatcher, uint64_t number, const uint8_t *outcomes,
                           uint32_t count)
{
    pthread_mutex_lock(&dispatcher->mutex);
    struct block *block = find_block(dispatcher, number);
    for (uint32_t i = 0; block != NULL && i < count && i < block->count; i++) {
        if (outcomes[i] == 0)
            continue; /* its attempt has ended or will */
        block->outcomes[i] = outcomes[i];
        block->ended++;
        dispatcher->counts.ended++;
    }
    if (block != NULL && block->ended == block->count)
        finish_block(dispatcher, block);
    pthread_mutex_unlock(&dispatcher->mutex);
}

void dispatcher_syn_end(struct dispatcher *dispatcher)
{
    pthread_mutex_lock(&dispatcher->mutex);
    dispatcher->syn_has_ended = true;
    pthread_mutex_unlock(&dispatcher->mutex);
}

void dispatcher_put_back(struct dispatcher *dispatcher, const struct work *work, int64_t at_us)
{
    struct work again = *work;
    again.ticket = (struct pacing_ticket){.at_us = at_us};
    pthread_mutex_lock(&dispatcher->mutex);
    waiting_push(&dispatcher->waiting, &again);
    pthread_mutex_unlock(&dispatcher->mutex);
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
    pthread_mutex_lock(&dispatcher->mutex);
    dispatcher->stopped = true;
    pthread_mutex_unlock(&dispatcher->mutex);
}

void dispatcher_progress(struct dispatcher *dispatcher, struct dispatcher_counts *counts)
{
    pthread_mutex_lock(&dispatcher->mutex);
    *counts = dispatcher->counts;
    pthread_mutex_unlock(&dispatcher->mutex);
}

struct dispatcher *dispatcher_create(const struct target_space *space, struct name_list *names,
                                     struct bundle_writer *writer, struct pacing *pacing, struct error *err)
{
    const struct bundle_head *head = bundle_head(writer);
    uint64_t size = space == NULL ? 0 : target_space_count(space);
    if (size != head->space_size || head->shard_count == 0 || head->shard >= head->shard_count) {
        error_set(err, ERROR_INPUT,
                  "the bundle's space has %llu targets, its head says %llu (shard %u of %u)",
                  (unsigned long long)size, (unsigned long long)head->space_size, head->shard,
                  head->shard_count);
        return NULL;
    }
    struct dispatcher *dispatcher = xcalloc(1, sizeof *dispatcher);
    dispatcher->names = names;
    dispatcher->counts.names_total = name_list_total(names);
    dispatcher->counts.names_ended = name_list_total(names) - name_list_left(names);
    pthread_mutex_init(&dispatcher->mutex, NULL);
    dispatcher->space = space;
    dispatcher->pacing = pacing;
    dispatcher->space_size = size;
    dispatcher->shard = head->shard;
    dispatcher->shard_count = head->shard_count;
    if (size != 0)
        permutation_init(&dispatcher->permutation, size, head->permutation_key);
    uint64_t blocks = (size + BLOCK_POSITIONS - 1) / BLOCK_POSITIONS;
    dispatcher->block_count = blocks > head->shard ? (blocks - head->shard - 1) / head->shard_count + 1 : 0;
    dispatcher->counts.total = dispatcher->block_count * BLOCK_POSITIONS;
    if (dispatcher->block_count != 0) {
        uint64_t last = block_number(dispatcher, dispatcher->block_count - 1);
        dispatcher->counts.total -= BLOCK_POSITIONS - block_size(dispatcher, last);
    }
    find_finished(dispatcher, writer);
    return dispatcher;
}

void dispatcher_start(struct dispatcher *dispatcher, struct recorder *recorder)
{
    dispatcher->recorder = recorder;
}

void dispatcher_destroy(struct dispatcher *dispatcher)
{
    if (dispatcher == NULL)
        return;
    struct block *block, *next;
    HASH_CLEAR(hh, dispatcher->by_number);
    DL_FOREACH_SAFE(dispatcher->open, block, next)
    free(block);
    destroy_names(dispatcher->resolving);
    destroy_names(dispatcher->ready);
    destroy_names(dispatcher->given);
    pthread_mutex_destroy(&dispatcher->mutex);
    free(dispatcher->finished);
    free(dispatcher->waiting.items);
    free(dispatcher->found);
    free(dispatcher);
}
