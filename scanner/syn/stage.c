#include "scanner/syn/stage.h"

#include "inventory/bundle/bundle.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "scanner/syn/cookie.h"
#include "scanner/syn/receiver.h"
#include "scanner/syn/route.h"
#include "scanner/syn/sender.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#define OPEN_BLOCKS_MAX 1024
#define RATE_MAX        1e7                /* "as fast as it goes" */
#define RATE_MIN        100.0              /* the adaptive rate falls no lower */
#define BURST_NS        5000000LL          /* of tokens; poll() waits a millisecond */
#define ADAPT_US        100000             /* how often losses are looked at */
#define TURN_MAX        (4 * SENDER_BATCH) /* sent between two looks at the answers */
#define LATER_US        2000
#define PORT_COUNT      4000

#define HERE_SILENT     0 /* a block's bytes; else an enum outcome */
#define HERE_OPEN       255

struct open_block {
    uint64_t number;
    uint32_t count;
    uint32_t cursor; /* of the pass */
    uint32_t unanswered;
    unsigned passes;                /* ended */
    int64_t due_us;                 /* of the next pass, or the end */
    int64_t from_us;                /* UTC */
    struct open_block *prev, *next; /* in sending or in waiting */
    UT_hash_handle hh;
    uint8_t outcomes[BLOCK_POSITIONS];
};

struct syn_stage {
    struct syn_settings settings;
    struct cookie_key key;
    uint16_t port_count;
    struct sender *sender;
    struct receiver *receiver;
    struct route_table *routes;

    const struct syn_job *job;
    uint64_t size;                    /* of the space */
    bool no_more;                     /* next_block said so */
    int64_t later_us;                 /* not to be asked before */
    struct open_block *blocks;        /* by number */
    struct open_block *sending;       /* passes to be sent, the oldest first */
    struct open_block *waiting;       /* by due_us: each waits as long */
    uint64_t again[3 * SENDER_BATCH]; /* positions that a full queue refused */
    unsigned again_count;

    double rate_max, rate;
    int64_t next_ns; /* when the next token is there, less the burst */
    int64_t adapt_us;
    uint64_t seen_failures, seen_drops;

    struct syn_counts counts; /* the thread's own */
    pthread_mutex_t lock;     /* protects `reported` */
    struct syn_counts reported;
};

const struct syn_settings syn_settings_default = {.rate = SYN_RATE_DEFAULT, .retries = 1, .wait_ms = 2000};

/* ---- opening */

/* Ports outside the kernel's range, so that no connection of this machine is mistaken for a SYN of ours. */
static void choose_ports(struct syn_settings *settings)
{
    unsigned low = 32768, high = 60999;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (file != NULL) {
        if (fscanf(file, "%u %u", &low, &high) != 2)
            low = 32768, high = 60999;
        fclose(file);
    }
    unsigned first = high + 1 + PORT_COUNT <= 65535 ? high + 1
                     : low > 1024 + PORT_COUNT      ? low - PORT_COUNT
                                                    : 61000;
    settings->first_port = (uint16_t)first;
    settings->last_port = (uint16_t)(first + PORT_COUNT - 1);
}

struct syn_stage *syn_stage_open(const struct syn_settings *settings, struct error *err)
{
    struct syn_stage *stage = xcalloc(1, sizeof *stage);
    pthread_mutex_init(&stage->lock, NULL);
    stage->settings = *settings;
    stage->key = cookie_key_of(settings->key);
    if (stage->settings.first_port == 0)
        choose_ports(&stage->settings);
    stage->port_count = (uint16_t)(stage->settings.last_port - stage->settings.first_port + 1);
    stage->rate_max = settings->rate > 0 ? settings->rate : RATE_MAX;
    stage->rate = stage->rate_max;
    stage->sender = sender_open(err);
    if (stage->sender != NULL)
        stage->receiver = receiver_open(stage->settings.first_port, stage->settings.last_port, err);
    if (stage->receiver != NULL)
        stage->routes = route_table_open(err);
    if (stage->routes != NULL)
        return stage;
    syn_stage_close(stage);
    return NULL;
}

static void drop_block(struct syn_stage *stage, struct open_block *block)
{
    HASH_DEL(stage->blocks, block);
    free(block);
}

void syn_stage_close(struct syn_stage *stage)
{
    if (stage == NULL)
        return;
    while (stage->blocks != NULL)
        drop_block(stage, stage->blocks);
    sender_close(stage->sender);
    receiver_close(stage->receiver);
    route_table_close(stage->routes);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
}

void syn_stage_get(const struct syn_stage *stage, struct syn_counts *counts)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&stage->lock;
    pthread_mutex_lock(lock);
    *counts = stage->reported;
    pthread_mutex_unlock(lock);
}

/* ---- blocks */

static struct open_block *block_of(struct syn_stage *stage, uint64_t position)
{
    struct open_block *block;
    uint64_t number = position / BLOCK_POSITIONS;
    HASH_FIND(hh, stage->blocks, &number, sizeof number, block);
    return block;
}

/* Notes what is known of a position: the first answer counts, and an open port beats any other. */
static void settle(struct open_block *block, uint64_t position, uint8_t outcome)
{
    uint8_t *here = &block->outcomes[position % BLOCK_POSITIONS];
    block->unanswered -= *here == HERE_SILENT;
    *here = outcome;
}

static void settle_target(struct syn_stage *stage, uint64_t position, enum outcome outcome)
{
    struct open_block *block = block_of(stage, position);
    if (block != NULL && block->outcomes[position % BLOCK_POSITIONS] == HERE_SILENT)
        settle(block, position, (uint8_t)outcome);
}

static void finish_block(struct syn_stage *stage, struct open_block *block)
{
    struct syn_block_result result = {.block = block->number,
                                      .count = block->count,
                                      .from_us = block->from_us,
                                      .to_us = clock_utc_us(),
                                      .outcomes = block->outcomes};
    for (uint32_t i = 0; i < block->count; i++) {
        uint8_t *here = &block->outcomes[i];
        *here = *here == HERE_SILENT ? OUTCOME_TIMEOUT_CONNECT : *here == HERE_OPEN ? 0 : *here;
    }
    stage->job->on_block(stage->job->context, &result);
    drop_block(stage, block);
}

/* Those whose wait is over get their next pass, or end. One whose targets have all answered waits no longer.
 */
static void advance_waiting(struct syn_stage *stage, int64_t now_us)
{
    struct open_block *block, *next;
    DL_FOREACH_SAFE(stage->waiting, block, next)
    {
        if (block->due_us > now_us && block->unanswered != 0)
            continue;
        DL_DELETE(stage->waiting, block);
        if (block->unanswered == 0 || block->passes > stage->settings.retries)
            finish_block(stage, block);
        else
            DL_APPEND(stage->sending, block);
    }
}

static bool open_next_block(struct syn_stage *stage, int64_t now_us)
{
    uint64_t number;
    if (stage->no_more || now_us < stage->later_us || HASH_COUNT(stage->blocks) >= OPEN_BLOCKS_MAX)
        return false;
    switch (stage->job->next_block(stage->job->context, &number)) {
    case SYN_NEXT_DONE: stage->no_more = true; return false;
    case SYN_NEXT_LATER: stage->later_us = now_us + LATER_US; return false;
    case SYN_NEXT_BLOCK: break;
    }
    uint64_t first = number * BLOCK_POSITIONS;
    if (first >= stage->size)
        return true; /* nothing is in it */
    struct open_block *block = xcalloc(1, sizeof *block);
    block->number = number;
    block->count = stage->size - first < BLOCK_POSITIONS ? (uint32_t)(stage->size - first) : BLOCK_POSITIONS;
    block->unanswered = block->count;
    block->from_us = clock_utc_us();
    HASH_ADD(hh, stage->blocks, number, sizeof block->number, block);
    DL_APPEND(stage->sending, block);
    return true;
}

/* The next position without an answer, or false where none is to be sent now. */
static bool next_position(struct syn_stage *stage, int64_t now_us, uint64_t *position)
{
    while (stage->again_count != 0) {
        *position = stage->again[--stage->again_count];
        struct open_block *block = block_of(stage, *position);
        if (block != NULL && block->outcomes[*position % BLOCK_POSITIONS] == HERE_SILENT)
            return true;
    }
    while (stage->sending != NULL || open_next_block(stage, now_us)) {
        struct open_block *block = stage->sending;
        if (block == NULL)
            continue;
        while (block->cursor < block->count && block->outcomes[block->cursor] != HERE_SILENT)
            block->cursor++;
        if (block->cursor < block->count) {
            *position = block->number * BLOCK_POSITIONS + block->cursor++;
            return true;
        }
        block->cursor = 0;
        block->passes++;
        block->due_us = now_us + stage->settings.wait_ms * 1000LL;
        DL_DELETE(stage->sending, block);
        DL_APPEND(stage->waiting, block);
    }
    return false;
}

/* ---- sending */

static uint16_t port_of(const struct syn_stage *stage, uint64_t cookie)
{
    return (uint16_t)(stage->settings.first_port + (cookie >> 32) % stage->port_count);
}

/* Whether it is open, the connection stage finds out. */
static void ask_by_connection(struct syn_stage *stage, const struct target *target, uint64_t position)
{
    settle(block_of(stage, position), position, HERE_OPEN);
    stage->job->on_open(stage->job->context, target, position);
}

/* Puts a SYN to the position's target into the batch, or settles the target without one. */
static void send_to(struct syn_stage *stage, uint64_t position)
{
    const struct syn_job *job = stage->job;
    struct target target;
    target_space_get(job->space, permutation_index(job->permutation, position), &target);
    enum outcome refused = job->judge(job->context, &target);
    if (refused != 0) {
        settle_target(stage, position, refused);
        return;
    }
    if (target.transport != TRANSPORT_TCP) {
        ask_by_connection(stage, &target, position);
        return;
    }
    const struct route *route = route_find(stage->routes, &target.address);
    if (route->kind == ROUTE_NONE) {
        stage->counts.no_route++;
        settle_target(stage, position, OUTCOME_UNREACHABLE);
        return;
    }
    uint64_t cookie = cookie_of(&stage->key, &route->source, &target.address, target.port);
    struct frame_syn syn = {.source = route->source,
                            .destination = target.address,
                            .source_port = port_of(stage, cookie),
                            .destination_port = target.port,
                            .sequence = (uint32_t)cookie};
    sender_add(stage->sender, route, &syn, position);
}

static void on_refused(void *context, uint64_t token)
{
    struct syn_stage *stage = context;
    stage->counts.send_failures++;
    if (stage->again_count < sizeof stage->again / sizeof stage->again[0])
        stage->again[stage->again_count++] = token;
}

/* A connection notices that its SYN did not leave this machine, and retries; a raw SYN cannot. */
static void on_kept_back(void *context, uint64_t token)
{
    struct syn_stage *stage = context;
    struct open_block *block = block_of(stage, token);
    struct target target;
    if (block == NULL || block->outcomes[token % BLOCK_POSITIONS] != HERE_SILENT)
        return;
    target_space_get(stage->job->space, permutation_index(stage->job->permutation, token), &target);
    ask_by_connection(stage, &target, token);
}

static void on_impossible(void *context, uint64_t token)
{
    struct syn_stage *stage = context;
    stage->counts.no_route++;
    settle_target(stage, token, OUTCOME_UNREACHABLE);
}

static void flush(struct syn_stage *stage)
{
    const struct sender_callbacks callbacks = {stage, on_refused, on_kept_back, on_impossible};
    stage->counts.sent += sender_flush(stage->sender, &callbacks);
}

/* Sends as many SYNs as there are tokens. True where more are waiting. */
static bool send_turn(struct syn_stage *stage, int64_t now_us)
{
    const int64_t interval_ns = (int64_t)(1e9 / stage->rate), now_ns = now_us * 1000;
    uint64_t position, failures = stage->counts.send_failures;
    unsigned turn = 0;
    bool more = true;
    while (turn < TURN_MAX && stage->next_ns <= now_ns + BURST_NS &&
           (more = next_position(stage, now_us, &position))) {
        send_to(stage, position);
        if (sender_count(stage->sender) == SENDER_BATCH)
            flush(stage);
        stage->next_ns = (stage->next_ns > now_ns ? stage->next_ns : now_ns) + interval_ns;
        turn++;
        if (stage->counts.send_failures != failures)
            break; /* the queue is full: let it drain */
    }
    flush(stage);
    return more && turn == TURN_MAX && stage->counts.send_failures == failures;
}

/* ---- answers */

static void on_open(struct syn_stage *stage, struct open_block *block, const struct target *target,
                    uint64_t position)
{
    if (block->outcomes[position % BLOCK_POSITIONS] == HERE_OPEN)
        return; /* an answer to the second SYN, or one that came twice */
    settle(block, position, HERE_OPEN);
    stage->counts.open++;
    stage->job->on_open(stage->job->context, target, position);
}

static void on_answer(void *context, const struct frame_answer *answer)
{
    struct syn_stage *stage = context;
    const struct frame_syn *syn = &answer->syn;
    struct target target = {.address = syn->destination,
                            .transport = TRANSPORT_TCP,
                            .port = syn->destination_port};
    uint64_t index,
        cookie = answer->kind == FRAME_OTHER || syn->source.len != syn->destination.len
                     ? 0
                     : cookie_of(&stage->key, &syn->source, &syn->destination, syn->destination_port);
    if (cookie == 0 || syn->sequence != (uint32_t)cookie || syn->source_port != port_of(stage, cookie) ||
        !target_space_find(stage->job->space, &target, &index)) {
        stage->counts.foreign++;
        return;
    }
    uint64_t position = permutation_position(stage->job->permutation, index);
    struct open_block *block = block_of(stage, position);
    if (block == NULL) {
        stage->counts.late++;
    } else if (answer->kind == FRAME_SYN_ACK) {
        on_open(stage, block, &target, position);
    } else if (block->outcomes[position % BLOCK_POSITIONS] == HERE_SILENT) {
        bool closed = answer->kind == FRAME_RESET;
        settle(block, position, closed ? OUTCOME_REFUSED : OUTCOME_UNREACHABLE);
        stage->counts.closed += closed;
        stage->counts.unreachable += !closed;
    }
}

/* ---- the run */

/* A machine that loses packets would count their targets as silent: the rate falls until it loses none. */
static void adapt(struct syn_stage *stage, int64_t now_us)
{
    if (now_us < stage->adapt_us)
        return;
    stage->adapt_us = now_us + ADAPT_US;
    stage->counts.capture_drops = receiver_drops(stage->receiver);
    bool lost = stage->counts.capture_drops != stage->seen_drops ||
                stage->counts.send_failures != stage->seen_failures;
    stage->seen_drops = stage->counts.capture_drops;
    stage->seen_failures = stage->counts.send_failures;
    stage->rate = lost ? stage->rate * 0.75 : stage->rate * 1.03;
    if (stage->rate > stage->rate_max)
        stage->rate = stage->rate_max;
    if (stage->rate < RATE_MIN && stage->rate_max > RATE_MIN)
        stage->rate = RATE_MIN;
    stage->counts.rate = stage->rate;
    pthread_mutex_lock(&stage->lock);
    stage->reported = stage->counts;
    pthread_mutex_unlock(&stage->lock);
}

static void wait_for_answers(const struct syn_stage *stage)
{
    struct pollfd poll_fd = {.fd = receiver_fd(stage->receiver), .events = POLLIN};
    struct timespec a_millisecond = {.tv_nsec = 1000000};
    (void)ppoll(&poll_fd, 1, &a_millisecond, NULL);
}

bool syn_stage_run(struct syn_stage *stage, const struct syn_job *job, struct error *err)
{
    bool ok = true;
    stage->job = job;
    stage->size = target_space_count(job->space);
    stage->no_more = false;
    stage->next_ns = clock_monotonic_us() * 1000;
    while (ok && (job->stop == NULL || !atomic_load_explicit(job->stop, memory_order_relaxed)) &&
           !(stage->no_more && stage->blocks == NULL)) {
        int64_t now_us = clock_monotonic_us();
        bool more = send_turn(stage, now_us);
        ok = receiver_read(stage->receiver, on_answer, stage, err);
        advance_waiting(stage, now_us);
        adapt(stage, now_us);
        if (!more)
            wait_for_answers(stage);
    }
    stage->adapt_us = 0;
    adapt(stage, clock_monotonic_us());
    stage->sending = stage->waiting = NULL;
    while (stage->blocks != NULL)
        drop_block(stage, stage->blocks);
    return ok;
}
