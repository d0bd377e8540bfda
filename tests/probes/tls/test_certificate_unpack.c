/* Compressed certificates: what the three algorithms' own libraries packed comes back, and nothing else. */
#include "tests/cmocka_all.h"

#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"
#include "probes/tls/certificate_unpack.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define PLAIN_LEN 3000
#define BODY_MAX  8192

static uint8_t plain[PLAIN_LEN];

static size_t pack(uint16_t algorithm, uint8_t *out, size_t room)
{
    if (algorithm == 1) {
        uLongf len = room;
        assert_int_equal(compress(out, &len, plain, sizeof plain), Z_OK);
        return len;
    }
    if (algorithm == 2) {
        size_t len = room;
        assert_int_equal(BrotliEncoderCompress(9, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, sizeof plain,
                                               plain, &len, out),
                         BROTLI_TRUE);
        return len;
    }
    size_t len = ZSTD_compress(out, room, plain, sizeof plain, 3);
    assert_false(ZSTD_isError(len));
    return len;
}

/* A CompressedCertificate's body (RFC 8879, section 4) that claims to be of this algorithm and length. */
static size_t make_body(uint16_t packed_by, uint16_t claimed, uint32_t claimed_len, uint8_t body[BODY_MAX])
{
    uint8_t packed[BODY_MAX - 16];
    struct byte_writer w = byte_writer_of(body, BODY_MAX);
    size_t len = pack(packed_by, packed, sizeof packed);
    byte_writer_u16(&w, claimed);
    byte_writer_u24(&w, claimed_len);
    byte_writer_u24(&w, (uint32_t)len);
    byte_writer_bytes(&w, packed, len);
    return w.len;
}

static uint8_t *unpack(const uint8_t *body, size_t body_len, size_t *len)
{
    struct compressed_certificate packed;
    if (!compressed_certificate_parse(byte_reader_of(body, body_len), &packed))
        return NULL;
    *len = packed.uncompressed_len;
    uint8_t *got = xcalloc(1, *len + 1);
    if (certificate_unpack(&packed, got) == NULL)
        return got;
    free(got);
    return NULL;
}

static void three_algorithms_come_back(void **state)
{
    (void)state;
    for (uint16_t algorithm = 1; algorithm <= 3; algorithm++) {
        uint8_t body[BODY_MAX];
        size_t len, body_len = make_body(algorithm, algorithm, PLAIN_LEN, body);
        uint8_t *got = unpack(body, body_len, &len);
        assert_non_null(got);
        assert_int_equal(len, PLAIN_LEN);
        assert_memory_equal(got, plain, PLAIN_LEN);
        free(got);
    }
}

static void what_is_not_what_it_claims_is_nothing(void **state)
{
    static const struct {
        uint16_t claimed; /* algorithm; 0: its own */
        uint32_t len;
    } lies[] = {{0, PLAIN_LEN - 1}, {0, PLAIN_LEN + 1}, {0, 0}, {0, 0xffffff},
                {4, PLAIN_LEN},     {0xffff, PLAIN_LEN}};
    (void)state;
    for (uint16_t algorithm = 1; algorithm <= 3; algorithm++) {
        uint8_t body[BODY_MAX];
        size_t len;
        for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
            size_t body_len =
                make_body(algorithm, lies[i].claimed == 0 ? algorithm : lies[i].claimed, lies[i].len, body);
            assert_null(unpack(body, body_len, &len));
        }
        assert_null(unpack(body, make_body(algorithm, algorithm % 3 + 1, PLAIN_LEN, body), &len));
    }
}

static void damage_breaks_nothing(void **state)
{
    (void)state;
    for (uint16_t algorithm = 1; algorithm <= 3; algorithm++) {
        uint8_t body[BODY_MAX];
        size_t len, body_len = make_body(algorithm, algorithm, PLAIN_LEN, body);
        for (size_t cut = 0; cut < body_len; cut++) {
            uint8_t *shorter = xmemdup(body, cut);
            assert_null(unpack(shorter, cut, &len));
            free(shorter);
        }
        for (size_t at = 0; at < body_len; at++) {
            body[at] ^= 0x20;
            free(unpack(body, body_len, &len));
            body[at] ^= 0x20;
        }
    }
}

static int make_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * i / 7);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_algorithms_come_back),
        cmocka_unit_test(what_is_not_what_it_claims_is_nothing),
        cmocka_unit_test(damage_breaks_nothing),
    };
    return cmocka_run_group_tests(tests, make_plain, NULL);
}
