/* Ten thousand captures in flight on one pool: what they hold, however large the chains that servers declare. */
#include "probes/base/memory.h"
#include "probes/tls/key_schedule.h"
#include "probes/tls/offers.h"
#include "probes/tls/pool.h"
#include "probes/tls/strategy.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <malloc.h>
#include <openssl/evp.h>
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

/* The first record of a direction, with AES-128-GCM: the nonce is the iv itself. */
static void seal(EVP_CIPHER_CTX *ctx, const struct tls_traffic *traffic, const uint8_t *inner, int len,
                 struct byte_writer *out)
{
    int done = 0;
    byte_writer_bytes(out, (uint8_t[]){23, 3, 3}, 3);
    byte_writer_u16(out, (uint16_t)(len + 16));
    uint8_t *room = byte_writer_room(out, (size_t)len + 16);
    assert_non_null(room);
    assert_int_equal(EVP_EncryptInit_ex(ctx, NULL, NULL, traffic->key, traffic->iv), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &done, room - 5, 5), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, room, &done, inner, len), 1);
    assert_int_equal(EVP_EncryptFinal_ex(ctx, room + len, &done), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, room + len), 1);
}

/* The server's side of TLS 1.3 as far as one record: ServerHello in the clear, then 16,000 bytes of a Certificate. */
static size_t tls13_flight(const struct byte_writer *hello, EVP_CIPHER_CTX *ctx, uint8_t *bytes, size_t capacity)
{
    static const uint8_t head[] = {22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3}, rest[] = {0, 0x13, 1, 0, 0, 46};
    static const uint8_t extensions[] = {0, 0x2b, 0, 2, 3, 4, 0, 0x33, 0, 0x24, 0, 0x1d, 0, 0x20};
    static uint8_t inner[16001] = {11, 0x10, 0, 0, [16000] = 22};
    struct byte_writer out = byte_writer_of(bytes, capacity);
    uint8_t share[32];
    struct tls_hash_ctx transcript;
    struct tls_handshake_secrets secrets;
    struct tls_traffic traffic;
    memset(share, 7, sizeof share);
    byte_writer_bytes(&out, head, sizeof head);
    memset(byte_writer_room(&out, 32), 5, 32);
    byte_writer_bytes(&out, rest, sizeof rest);
    byte_writer_bytes(&out, extensions, sizeof extensions);
    byte_writer_bytes(&out, share, sizeof share);
    tls_hash_init(&transcript, TLS_HASH_SHA256);
    tls_hash_update(&transcript, hello->bytes + 5, hello->len - 5);
    tls_hash_update(&transcript, bytes + 5, out.len - 5);
    tls_handshake_secrets_init(&secrets, TLS_HASH_SHA256, share, sizeof share, &transcript);
    tls_handshake_traffic(&secrets, true, 128, &traffic);
    seal(ctx, &traffic, inner, sizeof inner, &out);
    return out.len;
}

/* A record is opened when it is whole: until then it is held, and so is what it held until there is room for more. */
static void those_that_half_read_large_chains_of_tls13(void **state)
{
    (void)state;
    struct crowd *crowd = crowd_create();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, NULL, NULL), 1);
    static uint8_t flight[20000];
    unsigned waiting = 0, declared = 0;
    for (unsigned i = 0; i < CAPTURES; i++) {
        uint8_t room[TLS_OUT_MAX];
        struct byte_writer hello = byte_writer_of(room, sizeof room);
        struct tls_capture *capture = crowd_begin(crowd, i, &hello);
        size_t len = tls13_flight(&hello, ctx, flight, sizeof flight), half = i % 2 == 0 ? 1000 : len - 1;
        enum tls_capture_result result = give(capture, flight, half);
        waiting += result == TLS_CAPTURE_WAIT;
        assert_true(result == TLS_CAPTURE_MORE || result == TLS_CAPTURE_WAIT);
        if (result == TLS_CAPTURE_MORE && i % 4 == 0) {
            result = give(capture, flight + half, len - half);
            declared += result == TLS_CAPTURE_MORE;
        }
    }
    assert_in_range(waiting, CAPTURES / 2, CAPTURES - 1);
    assert_in_range(declared, 30, 36);
    EVP_CIPHER_CTX_free(ctx);
    crowd_destroy(crowd, "TLS 1.3, 1 MiB declared");
}

/* However much the captures themselves take, large messages that fill what is left make the pool crowded: otherwise each
 * connection would read a whole record and wait with it. */
static void a_pool_is_crowded_by_large_messages(void **state)
{
    (void)state;
    for (size_t own = 0; own <= 2 * TLS_POOL_CAP; own += TLS_POOL_CAP / 8) {
        struct tls_pool *pool = tls_pool_create(0);
        size_t reserved = 0, message = 260000;
        tls_pool_join(pool, own);
        assert_false(tls_pool_is_crowded(pool));
        while (tls_pool_reserve(pool, message))
            reserved += message;
        assert_true(reserved != 0);
        assert_true(tls_pool_is_crowded(pool));
        tls_pool_release(pool, reserved);
        assert_false(tls_pool_is_crowded(pool));
        tls_pool_leave(pool, own);
        tls_pool_destroy(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_is_crowded_by_large_messages),
        cmocka_unit_test(those_that_wait_for_an_answer),
        cmocka_unit_test(those_that_half_read_large_chains),
        cmocka_unit_test(those_that_half_read_large_chains_of_tls13),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
