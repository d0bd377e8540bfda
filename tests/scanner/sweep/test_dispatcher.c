/* The dispatcher alone: a space, no sockets; a recorder over a real bundle. */
#include "tests/cmocka_all.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "scanner/sweep/dispatcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bench {
    char path[64];
    struct target_space *space;
    struct bundle_writer *writer;
    struct name_list *names;
    struct pacing *pacing;
    struct recorder *recorder;
    struct dispatcher *dispatcher;
};

static struct target_space *make_space(const char *range_text)
{
    struct error err = {0};
    struct address_range range;
    struct target_space_builder *builder = target_space_builder_create();
    struct port_set *ports = port_set_parse("443", &err);
    assert_true(address_range_parse(range_text, &range));
    target_space_add(builder, &range, ports);
    struct target_space *space = target_space_build(builder, &err);
    assert_non_null(space);
    port_set_destroy(ports);
    target_space_builder_destroy(builder);
    return space;
}

static void open_bench(struct bench *bench, uint32_t shard, uint32_t shard_count)
{
    struct error err = {0};
    struct pacing_limits limits = {0};
    struct recorder_lines lines = {.fd = -1};
    if (access(bench->path, F_OK) == 0) {
        bench->writer = bundle_reopen(bench->path, &err);
    } else {
        char *text = target_space_format(bench->space);
        struct bundle_head head = {.kind = BUNDLE_SCAN,
                                   .site = "default",
                                   .plan = "{}",
                                   .space = text,
                                   .scan_id = "00000000-0000-4000-8000-000000000000",
                                   .known_names = "",
                                   .space_size = target_space_count(bench->space),
                                   .shard = shard,
                                   .shard_count = shard_count};
        bench->writer = bundle_create(bench->path, &head, &err);
        free(text);
    }
    if (bench->writer == NULL)
        fail_msg("%s", err.text);
    bench->names = name_list_create(bench->writer, "443", &err);
    bench->pacing = pacing_create(&limits);
    bench->dispatcher = dispatcher_create(bench->space, bench->names, bench->writer, bench->pacing, &err);
    assert_non_null(bench->dispatcher);
    bench->recorder = recorder_create(bench->writer, &lines, NULL);
    dispatcher_start(bench->dispatcher, bench->recorder);
}

static void close_bench(struct bench *bench)
{
    struct error err = {0};
    if (!recorder_finish(bench->recorder, &err))
        fail_msg("%s", err.text);
    dispatcher_destroy(bench->dispatcher);
    name_list_destroy(bench->names);
    pacing_destroy(bench->pacing);
    bundle_close(bench->writer);
}

static void init_bench(struct bench *bench, const char *range)
{
    strcpy(bench->path, "/tmp/certsweep-dispatcher-XXXXXX");
    assert_non_null(mkdtemp(bench->path));
    strcat(bench->path, "/b");
    bench->space = make_space(range);
}

static void clear_bench(struct bench *bench)
{
    unlink(bench->path);
    strcat(bench->path, "-wal");
    unlink(bench->path);
    strcpy(strrchr(bench->path, '-'), "-shm");
    unlink(bench->path);
    *strrchr(bench->path, '/') = '\0';
    rmdir(bench->path);
    target_space_destroy(bench->space);
}

static bool take(struct bench *bench, struct work *work)
{
    int64_t later_us;
    return dispatcher_next(bench->dispatcher, clock_monotonic_us(), work, &later_us) == DISPATCH_TARGET;
}

static void end(struct bench *bench, const struct work *work, enum outcome outcome)
{
    pacing_end(bench->pacing, &work->target.address, outcome, clock_monotonic_us());
    dispatcher_end(bench->dispatcher, work, outcome);
}

static uint32_t host_of(const struct work *work)
{
    return (uint32_t)work->target.address.bytes[2] << 8 | work->target.address.bytes[3];
}

static void every_target_is_given_once(void **state)
{
    (void)state;
    struct bench bench = {0};
    struct work work;
    uint8_t *seen = xcalloc(65536, 1);
    init_bench(&bench, "10.1.0.0-10.1.39.15"); /* two and a half blocks */
    open_bench(&bench, 0, 1);
    uint64_t count = 0;
    while (take(&bench, &work)) {
        seen[host_of(&work)]++;
        count++;
        end(&bench, &work, OUTCOME_REFUSED);
    }
    assert_int_equal(count, 40 * 256 - 240);
    for (uint32_t i = 0; i < 65536; i++)
        assert_int_equal(seen[i], i < count);
    struct dispatcher_counts counts;
    dispatcher_progress(bench.dispatcher, &counts);
    assert_int_equal(counts.ended, count);
    assert_int_equal(counts.total, count);
    close_bench(&bench);
    clear_bench(&bench);
    free(seen);
}

static void check_shards(const char *range, uint32_t size, uint32_t shard_count)
{
    uint8_t *seen = xcalloc(65536, 1);
    for (uint32_t shard = 0; shard < shard_count; shard++) {
        struct bench bench = {0};
        struct work work;
        struct dispatcher_counts counts;
        uint64_t count = 0;
        init_bench(&bench, range);
        open_bench(&bench, shard, shard_count);
        while (take(&bench, &work)) {
            seen[host_of(&work)]++;
            count++;
            end(&bench, &work, OUTCOME_REFUSED);
        }
        dispatcher_progress(bench.dispatcher, &counts);
        assert_int_equal(counts.total, count);
        close_bench(&bench);
        clear_bench(&bench);
    }
    for (uint32_t i = 0; i < 65536; i++)
        assert_int_equal(seen[i], i < size);
    free(seen);
}

/* One block, a last block of one position, more shards than blocks; and sizes and counts by chance. */
static void shards_share_the_space_without_overlap(void **state)
{
    (void)state;
    uint32_t seed = 3;
    check_shards("10.1.0.0/16", 65536, 3);
    check_shards("10.1.0.0-10.1.16.0", 4097, 2);
    check_shards("10.1.0.0", 1, 5);
    for (unsigned run = 0; run < 8; run++) {
        char range[64];
        seed = seed * 1664525 + 1013904223;
        uint32_t last = seed >> 16, count = 1 + (seed >> 8) % 9;
        snprintf(range, sizeof range, "10.1.0.0-10.1.%u.%u", last >> 8, last & 255);
        check_shards(range, last + 1, count);
    }
}

static void what_was_put_back_comes_again_and_not_before_its_time(void **state)
{
    (void)state;
    struct bench bench = {0};
    struct work work, again;
    int64_t later_us;
    init_bench(&bench, "10.1.0.0/31");
    open_bench(&bench, 0, 1);
    assert_true(take(&bench, &work));
    pacing_end(bench.pacing, &work.target.address, OUTCOME_ABORTED, clock_monotonic_us());
    int64_t now_us = clock_monotonic_us(), hour_us = INT64_C(3600000000);
    dispatcher_put_back(bench.dispatcher, &work, now_us + hour_us);
    assert_true(take(&bench, &again));
    assert_int_not_equal(again.position, work.position);
    end(&bench, &again, OUTCOME_REFUSED);
    assert_int_equal(dispatcher_next(bench.dispatcher, now_us, &again, &later_us), DISPATCH_LATER);
    assert_true(later_us <= now_us + hour_us);
    assert_int_equal(dispatcher_next(bench.dispatcher, now_us + hour_us, &again, &later_us), DISPATCH_TARGET);
    assert_int_equal(again.position, work.position);
    end(&bench, &again, OUTCOME_REFUSED);
    assert_int_equal(dispatcher_next(bench.dispatcher, clock_monotonic_us(), &again, &later_us),
                     DISPATCH_DONE);
    close_bench(&bench);
    clear_bench(&bench);
}

/* Several runs, each stopped somewhere with targets in flight: together they are the space, and no finished
 * block is asked again. */
static void stopped_runs_together_are_the_space(void **state)
{
    (void)state;
    struct bench bench = {0};
    uint8_t *ended = xcalloc(65536, 1);
    init_bench(&bench, "10.1.0.0/16");
    for (unsigned run = 0; run < 40; run++) {
        struct work held[64], work;
        unsigned holds = 0, given = 0;
        open_bench(&bench, 0, 1);
        while (given < 9000 && take(&bench, &work)) {
            given++;
            if (given > 8940 && holds < 60) {
                held[holds++] = work; /* in flight when the run is stopped */
                continue;
            }
            ended[host_of(&work)]++;
            end(&bench, &work, OUTCOME_REFUSED);
        }
        bool was_last = given < 9000;
        for (unsigned i = 0; was_last && i < holds; i++)
            end(&bench, &held[i], OUTCOME_REFUSED), ended[host_of(&held[i])]++;
        dispatcher_stop(bench.dispatcher);
        for (unsigned i = 0; !was_last && i < holds; i++) {
            pacing_end(bench.pacing, &held[i].target.address, OUTCOME_ABORTED, clock_monotonic_us());
            dispatcher_end(bench.dispatcher, &held[i], i % 2 == 0 ? OUTCOME_ABORTED : OUTCOME_REFUSED);
            ended[host_of(&held[i])] = (uint8_t)(ended[host_of(&held[i])] + i % 2);
        }
        close_bench(&bench);
        if (was_last)
            break;
    }
    for (uint32_t i = 0; i < 65536; i++)
        assert_true(ended[i] >= 1);
    clear_bench(&bench);
    free(ended);
}

static void a_syn_stage_and_the_loops_end_a_block_together(void **state)
{
    (void)state;
    struct bench bench = {0};
    struct work work;
    uint64_t block;
    int64_t later_us;
    uint8_t outcomes[BLOCK_POSITIONS];
    struct target target;
    init_bench(&bench, "10.1.0.0/24");
    open_bench(&bench, 0, 1);
    dispatcher_use_syn(bench.dispatcher);
    assert_int_equal(dispatcher_next(bench.dispatcher, clock_monotonic_us(), &work, &later_us),
                     DISPATCH_LATER);
    assert_int_equal(dispatcher_syn_block(bench.dispatcher, &block), DISPATCH_TARGET);
    assert_int_equal(block, 0);
    memset(outcomes, OUTCOME_TIMEOUT_CONNECT, sizeof outcomes);
    outcomes[7] = outcomes[200] = 0;
    target_space_get(bench.space, 0, &target);
    dispatcher_syn_open(bench.dispatcher, &target, 7);
    dispatcher_syn_open(bench.dispatcher, &target, 200);
    assert_true(take(&bench, &work));
    assert_int_equal(work.position, 7);
    end(&bench, &work, OUTCOME_CERTIFICATE); /* before the stage is done with the block */
    dispatcher_syn_result(bench.dispatcher, 0, outcomes, 256);
    dispatcher_syn_end(bench.dispatcher);
    assert_int_equal(dispatcher_syn_block(bench.dispatcher, &block), DISPATCH_DONE);
    assert_true(take(&bench, &work));
    assert_int_equal(work.position, 200);
    end(&bench, &work, OUTCOME_RESET);
    assert_int_equal(dispatcher_next(bench.dispatcher, clock_monotonic_us(), &work, &later_us),
                     DISPATCH_DONE);
    struct dispatcher_counts counts;
    dispatcher_progress(bench.dispatcher, &counts);
    assert_int_equal(counts.ended, 256);
    close_bench(&bench);
    clear_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_is_given_once),
        cmocka_unit_test(shards_share_the_space_without_overlap),
        cmocka_unit_test(what_was_put_back_comes_again_and_not_before_its_time),
        cmocka_unit_test(stopped_runs_together_are_the_space),
        cmocka_unit_test(a_syn_stage_and_the_loops_end_a_block_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
