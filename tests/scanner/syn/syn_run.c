/* Runs a SYN stage alone and prints its result: for the namespace tests and the benchmark.  syn_run PORTS RATE RETRIES WAIT_MS
 * TARGET... [-x EXCLUSION]...  One line: "targets N open N refused N unreachable N silent N excluded N out_of_scope N twice N
 * sent N seconds N". twice counts positions that came out more than once or not at all. */
#include "inventory/bundle/bundle.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "probes/base/ports.h"
#include "scanner/targets/scoped_targets.h"
#include "scanner/syn/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

struct run {
    struct target_space *space;
    struct scope *scope;
    uint64_t size, next_block;
    uint64_t outcomes[OUTCOME_COUNT];
    uint8_t *seen; /* per position: how often it came out of a block; then, if it was open */
};

static enum syn_next next_block(void *context, uint64_t *block)
{
    struct run *run = context;
    if (run->next_block * BLOCK_POSITIONS >= run->size)
        return SYN_NEXT_DONE;
    *block = run->next_block++;
    return SYN_NEXT_BLOCK;
}

static enum outcome judge(void *context, const struct target *target)
{
    struct run *run = context;
    struct scope_question question = {target, "", TLS_DEPTH_CERT, clock_utc_us()};
    return scope_outcome(scope_judge(run->scope, &question, NULL));
}

static void on_open(void *context, const struct target *target, uint64_t position)
{
    struct run *run = context;
    (void)target;
    run->seen[position] = (uint8_t)(run->seen[position] + 16);
}

static void on_block(void *context, const struct syn_block_result *result)
{
    struct run *run = context;
    for (uint32_t i = 0; i < result->count; i++) {
        run->outcomes[result->outcomes[i]]++;
        run->seen[result->block * BLOCK_POSITIONS + i]++;
    }
}

static uint64_t count_wrong(const struct run *run)
{
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < run->size; i++)
        wrong += run->seen[i] != 1 && run->seen[i] != 17;
    return wrong;
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print(const struct run *run, const struct syn_counts *counts, double seconds)
{
    printf(
        "targets %lu open %lu refused %lu unreachable %lu silent %lu excluded %lu out_of_scope %lu twice %lu "
        "sent %lu seconds %.2f cpu %.2f no_route %lu foreign %lu late %lu send_failures %lu drops %lu rate "
        "%.0f\n",
        run->size, run->outcomes[0], run->outcomes[OUTCOME_REFUSED], run->outcomes[OUTCOME_UNREACHABLE],
        run->outcomes[OUTCOME_TIMEOUT_CONNECT], run->outcomes[OUTCOME_EXCLUDED],
        run->outcomes[OUTCOME_OUT_OF_SCOPE], count_wrong(run), counts->sent, seconds, cpu_seconds(),
        counts->no_route, counts->foreign, counts->late, counts->send_failures, counts->capture_drops,
        counts->rate);
}

static int fail(const struct error *err)
{
    fprintf(stderr, "syn_run: %s\n", err->text);
    return err->kind == ERROR_SYSTEM ? 4 : 2;
}

static bool make_targets(struct run *run, int argc, char **argv, struct error *err)
{
    struct port_set *ports = port_set_parse(argv[1], err);
    if (ports == NULL)
        return false;
    struct target_list *list = target_list_create(ports);
    bool ok = true;
    for (int i = 5; i < argc && ok; i++)
        ok = strcmp(argv[i], "-x") == 0 && i + 1 < argc ? target_list_exclude(list, argv[++i], err)
                                                        : target_list_add(list, argv[i], err);
    run->scope = ok ? scope_create(NULL, "", target_list_exclusions(list), err) : NULL;
    run->space = run->scope == NULL ? NULL : target_space_build(target_list_builder(list), err);
    target_list_destroy(list);
    port_set_destroy(ports);
    return run->space != NULL;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct run run = {0};
    struct syn_settings settings = syn_settings_default;
    struct permutation permutation;
    uint8_t key[PERMUTATION_KEY_SIZE];
    struct syn_counts counts;
    if (argc < 6)
        return fprintf(stderr, "usage: syn_run PORTS RATE RETRIES WAIT_MS TARGET... [-x EXCLUSION]...\n"), 2;
    settings.rate = strtod(argv[2], NULL);
    settings.retries = (unsigned)strtoul(argv[3], NULL, 10);
    settings.wait_ms = (unsigned)strtoul(argv[4], NULL, 10);
    if (getrandom(settings.key, sizeof settings.key, 0) != sizeof settings.key ||
        getrandom(key, sizeof key, 0) != sizeof key)
        return 4;
    if (!make_targets(&run, argc, argv, &err))
        return fail(&err);
    run.size = target_space_count(run.space);
    run.seen = xcalloc(run.size + 1, 1);
    permutation_init(&permutation, run.size, key);
    struct syn_stage *stage = syn_stage_open(&settings, &err);
    if (stage == NULL)
        return fail(&err);
    const struct syn_job job = {.space = run.space,
                                .permutation = &permutation,
                                .context = &run,
                                .next_block = next_block,
                                .judge = judge,
                                .on_open = on_open,
                                .on_block = on_block};
    int64_t started_us = clock_monotonic_us();
    if (!syn_stage_run(stage, &job, &err))
        return fail(&err);
    syn_stage_get(stage, &counts);
    print(&run, &counts, (double)(clock_monotonic_us() - started_us) / 1e6);
    syn_stage_close(stage);
    target_space_destroy(run.space);
    scope_destroy(run.scope);
    free(run.seen);
    return 0;
}
