/* What the capture costs of its own: user time per chain, hello and polite end included, no sockets. The flights are
 * libssl's answers to the very hellos, made between the two halves that are timed.
 *
 *     bench_capture [COUNT]       one line per way: median of three, microseconds per chain
 */
#include "probes/base/memory.h"
#include "probes/tls/offers.h"
#include "probes/tls/pool.h"
#include "probes/tls/strategy.h"
#include "tests/probes/tls/memory_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct way {
    const char *name;
    struct memory_server_options options;
    const struct tls_offer *offer;
};

static const struct way ways[] = {
    {"TLS 1.2, P-256 chain of 2", {.max_version = TLS1_2_VERSION, .key = "ec:P-256", .chain_count = 2}, &offer_combined},
    {"TLS 1.2, RSA-2048 chain of 3", {.max_version = TLS1_2_VERSION, .key = "rsa:2048", .chain_count = 3}, &offer_combined},
    {"TLS 1.3 AES-128, P-256 chain of 2", {.key = "ec:P-256", .chain_count = 2}, &offer_combined},
    {"TLS 1.3 AES-128, RSA-2048 chain of 3", {.key = "rsa:2048", .chain_count = 3}, &offer_combined},
    {"TLS 1.3 AES-256, P-256 chain of 2",
     {.key = "ec:P-256", .chain_count = 2, .ciphersuites = "TLS_AES_256_GCM_SHA384"}, &offer_combined},
    {"TLS 1.3 ChaCha20, P-256 chain of 2",
     {.key = "ec:P-256", .chain_count = 2, .ciphersuites = "TLS_CHACHA20_POLY1305_SHA256"}, &offer_combined},
    {"TLS 1.3 real shares", {.key = "ec:P-256", .chain_count = 2}, &offer_real_shares},
    {"TLS 1.3 with proof", {.key = "ec:P-256", .chain_count = 2}, &offer_proof},
};

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

struct session {
    struct tls_capture *capture;
    struct byte_buffer flight;
    uint8_t hello[TLS_OUT_MAX];
    size_t hello_len;
};

static double run(const struct way *way, struct tls_pool *pool, struct session *sessions, unsigned count)
{
    struct memory_server *server = memory_server_create(&way->options);
    struct tls_hello_plan plan = {.name = "bench", .send_server_name = true, .offer = way->offer};
    double begin = now_us();
    for (unsigned i = 0; i < count; i++) {
        struct byte_writer out = byte_writer_of(sessions[i].hello, TLS_OUT_MAX);
        sessions[i].capture = tls_capture_create(pool);
        tls_capture_begin(sessions[i].capture, &plan, "leaf.example", &out);
        sessions[i].hello_len = out.len;
    }
    double total = now_us() - begin;
    for (unsigned i = 0; i < count; i++) {
        memory_server_restart(server);
        byte_buffer_init(&sessions[i].flight, 0);
        memory_server_feed(server, sessions[i].hello, sessions[i].hello_len, &sessions[i].flight);
    }
    begin = now_us();
    for (unsigned i = 0; i < count; i++) {
        uint8_t bytes[TLS_OUT_MAX];
        struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
        struct byte_reader in = byte_buffer_reader(&sessions[i].flight);
        if (tls_capture_read(sessions[i].capture, &in, &out) != TLS_CAPTURE_DONE ||
            tls_capture_facts(sessions[i].capture)->chain_count != way->options.chain_count) {
            fprintf(stderr, "bench_capture: %s: no chain\n", way->name);
            exit(1);
        }
        tls_capture_farewell(sessions[i].capture, &out);
        tls_capture_destroy(sessions[i].capture);
    }
    total += now_us() - begin;
    for (unsigned i = 0; i < count; i++)
        byte_buffer_clear(&sessions[i].flight);
    memory_server_destroy(server);
    return total / count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    if (count == 0)
        return 2;
    struct session *sessions = xcalloc(count, sizeof *sessions);
    struct tls_pool *pool = tls_pool_create(0);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        double times[3];
        for (unsigned r = 0; r < 3; r++)
            times[r] = run(&ways[i], pool, sessions, count);
        qsort(times, 3, sizeof times[0], compare);
        printf("%-40s %8.2f us\n", ways[i].name, times[1]);
    }
    tls_pool_destroy(pool);
    free(sessions);
    return 0;
}
