#include "scanner/sweep/syn_ahead.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "probes/base/permutation.h"
#include "scanner/targets/scope.h"
#include "scanner/syn/stage.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct syn_ahead {
    struct syn_stage *stage;
    struct scan *scan;
    const struct target_space *space;
    struct permutation permutation;
    pthread_t thread;
    bool is_started;
    atomic_bool has_failed;
    struct error err; /* the thread's; read after its end */
};

struct syn_ahead *syn_ahead_open(unsigned rate_per_s, struct error *err)
{
    struct syn_settings syn = syn_settings_default;
    if (rate_per_s != 0)
        syn.rate = rate_per_s;
    if (getrandom(syn.key, sizeof syn.key, 0) != sizeof syn.key) {
        error_set(err, ERROR_SYSTEM, "no random bytes: %s", strerror(errno));
        return NULL;
    }
    struct syn_stage *stage = syn_stage_open(&syn, err);
    if (stage == NULL)
        return NULL;
    struct syn_ahead *ahead = xcalloc(1, sizeof *ahead);
    ahead->stage = stage;
    return ahead;
}

void syn_ahead_close(struct syn_ahead *ahead)
{
    if (ahead == NULL)
        return;
    syn_stage_close(ahead->stage);
    free(ahead);
}

static enum syn_next next_block(void *context, uint64_t *block)
{
    const struct syn_ahead *ahead = context;
    switch (dispatcher_syn_block(ahead->scan->dispatcher, block)) {
    case DISPATCH_TARGET: return SYN_NEXT_BLOCK;
    case DISPATCH_NAME:
    case DISPATCH_LATER: return SYN_NEXT_LATER;
    case DISPATCH_DONE: return SYN_NEXT_DONE;
    }
    abort(); /* no other value exists */
}

static enum outcome judge(void *context, const struct target *target)
{
    const struct syn_ahead *ahead = context;
    struct scope_question question = {
        .target = target,
        .depth = ahead->scan->settings->depth,
        .time_us = clock_utc_us(),
    };
    return scope_outcome(scope_judge(ahead->scan->scope, &question, NULL));
}

static void on_open(void *context, const struct target *target, uint64_t position)
{
    const struct syn_ahead *ahead = context;
    dispatcher_syn_open(ahead->scan->dispatcher, target, position);
}

static void tell_quiet(const struct syn_ahead *ahead, const struct syn_block_result *result, uint32_t at)
{
    struct observation observation = {
        .time_us = result->to_us,
        .method = METHOD_ACTIVE,
        .role = ROLE_SERVER,
        .variant = VARIANT_DEFAULT,
        .outcome = (enum outcome)result->outcomes[at],
        .cipher_suite = -1,
        .group = -1,
        .position = result->block * BLOCK_POSITIONS + at,
        .protocol = "tls",
    };
    struct target target;
    target_space_get(ahead->space, permutation_index(&ahead->permutation, observation.position), &target);
    observation.endpoint.transport = target.transport;
    observation.endpoint.address = target.address;
    observation.endpoint.port = target.port;
    recorder_quiet(ahead->scan->recorder, &observation);
}

static void on_block(void *context, const struct syn_block_result *result)
{
    const struct syn_ahead *ahead = context;
    for (uint32_t i = 0; i < result->count; i++) {
        if (result->outcomes[i] == 0)
            continue;
        scan_count(&ahead->scan->counters.outcomes[result->outcomes[i] % OUTCOME_COUNT]);
        if (recorder_wants_quiet(ahead->scan->recorder))
            tell_quiet(ahead, result, i);
    }
    dispatcher_syn_result(ahead->scan->dispatcher, result->block, result->outcomes, result->count);
}

static void *run(void *context)
{
    struct syn_ahead *ahead = context;
    struct syn_job job = {
        .space = ahead->space,
        .permutation = &ahead->permutation,
        .context = ahead,
        .next_block = next_block,
        .judge = judge,
        .on_open = on_open,
        .on_block = on_block,
        .stop = &ahead->scan->stop,
    };
    if (!syn_stage_run(ahead->stage, &job, &ahead->err))
        atomic_store(&ahead->has_failed, true);
    dispatcher_syn_end(ahead->scan->dispatcher);
    return NULL;
}

bool syn_ahead_start(struct syn_ahead *ahead, struct scan *scan, const struct target_space *space,
                     struct error *err)
{
    ahead->scan = scan;
    ahead->space = space;
    permutation_init(&ahead->permutation, target_space_count(space), scan->head->permutation_key);
    int error = pthread_create(&ahead->thread, NULL, run, ahead);
    ahead->is_started = error == 0;
    return ahead->is_started ||
           error_set(err, ERROR_SYSTEM, "a thread cannot be started: %s", strerror(error));
}

bool syn_ahead_join(struct syn_ahead *ahead, struct error *err)
{
    if (ahead == NULL || !ahead->is_started)
        return true;
    pthread_join(ahead->thread, NULL);
    if (ahead->has_failed && err != NULL)
        *err = ahead->err;
    return !ahead->has_failed;
}

bool syn_ahead_has_failed(const struct syn_ahead *ahead)
{
    return ahead != NULL && atomic_load(&ahead->has_failed);
}
