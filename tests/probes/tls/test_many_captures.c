/* Ten thousand captures in flight on one pool: what they hold, however large the chains that servers declare. */
#include "probes/base/memory.h"
#include "probes/tls/aead.h"
#include "probes/tls/offers.h"
#include "probes/tls/pool.h"
#include "probes/tls/strategy.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPTURES     10000
#define RESIDENT_MAX (100u << 20)

struct crowd {
    struct tls_pool *pool;
    struct tls_capture *captures[CAPTURES];
    size_t before;
};

static size_t resident(void)
{
    unsigned long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &pages), 2);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static struct crowd *crowd_create(void)
{
    struct crowd *crowd = xcalloc(1, sizeof *crowd);
    malloc_trim(0);
    crowd->before = resident();
    crowd->pool = tls_pool_create(0);
    return crowd;
}

static void crowd_destroy(struct crowd *crowd, const char *what)
{
    size_t after = resident(), grown = after > crowd->before ? after - crowd->before : 0;
    print_message("%d captures, %s: %zu MiB resident, %zu MiB of the pool\n", CAPTURES, what, grown >> 20,
                  tls_pool_used(crowd->pool) >> 20);
    assert_true(tls_pool_used(crowd->pool) <= TLS_POOL_CAP);
    for (unsigned i = 0; i < CAPTURES; i++)
        tls_capture_destroy(crowd->captures[i]);
    assert_int_equal(tls_pool_used(crowd->pool), 0);
    tls_pool_destroy(crowd->pool);
    free(crowd);
#if defined(__SANITIZE_ADDRESS__)
    print_message("SKIP: a sanitizer's memory says nothing about ours\n");
#else
    assert_true(grown <= RESIDENT_MAX);
#endif
}

static struct tls_capture *crowd_begin(struct crowd *crowd, unsigned i, struct byte_writer *hello)
{
    static const struct tls_hello_plan plan = {.name = "test", .offer = &offer_proof};
    crowd->captures[i] = tls_capture_create(crowd->pool);
    tls_capture_begin(crowd->captures[i], &plan, "leaf.example", hello);
    return crowd->captures[i];
}

/* Gives bytes until all are read or the pool has no room; what is left is the caller's buffer's. */
static enum tls_capture_result give(struct tls_capture *capture, const uint8_t *bytes, size_t len)
{
    uint8_t room[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(room, sizeof room);
    return capture_give(capture, bytes, len, &out);
}

static void those_that_wait_for_an_answer(void **state)
{
    (void)state;
    struct crowd *crowd = crowd_create();
    for (unsigned i = 0; i < CAPTURES; i++) {
        uint8_t room[TLS_OUT_MAX];
        struct byte_writer hello = byte_writer_of(room, sizeof room);
        crowd_begin(crowd, i, &hello);
    }
    crowd_destroy(crowd, "hello sent");
}

/* ServerHello of TLS 1.2, a Certificate of 1 MiB declared, and as much of it as the capture takes. */
static void those_that_half_read_large_chains(void **state)
{
    (void)state;
    static uint8_t part[16000];
    static const uint8_t begin[] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, [43] = 0, 0, 0x2f, 0};
    static const uint8_t certificate[] = {22, 3, 3, 0x3e, 0x84, 11, 0x10, 0, 0}, more[] = {22, 3, 3, 0x3e, 0x80};
    struct crowd *crowd = crowd_create();
    unsigned waiting = 0;
    for (unsigned i = 0; i < CAPTURES; i++) {
        uint8_t room[TLS_OUT_MAX];
        struct byte_writer hello = byte_writer_of(room, sizeof room);
        struct tls_capture *capture = crowd_begin(crowd, i, &hello);
        memset(part, 7, sizeof part);
        assert_int_equal(give(capture, begin, sizeof begin), TLS_CAPTURE_MORE);
        enum tls_capture_result result = give(capture, certificate, sizeof certificate);
        for (unsigned j = 0; j < 65 && result == TLS_CAPTURE_MORE; j++) {
            if (j != 0)
                result = give(capture, more, sizeof more);
            result = give(capture, part, sizeof part);
        }
        waiting += result == TLS_CAPTURE_WAIT;
    }
    assert_in_range(waiting, CAPTURES - 64, CAPTURES - 1);
    crowd_destroy(crowd, "TLS 1.2, 1 MiB declared");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_that_wait_for_an_answer),
        cmocka_unit_test(those_that_half_read_large_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
