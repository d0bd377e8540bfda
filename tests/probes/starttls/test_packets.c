/* TLS inside a protocol's own packets: what wrap writes and unwrap takes out, in any pieces, and what neither may take. */
#include "probes/base/byte_buffer.h"
#include "probes/base/probe.h"
#include "tests/cmocka_all.h"

#include <string.h>

#define TLS_LEN 10000

struct packets {
    const struct probe *probe;
    uint64_t state[PROBE_STATE_SIZE / 8];
    struct byte_buffer in;
    uint8_t tls[TLS_LEN + PROBE_PACKET_MAX];
    size_t tls_len;
    uint8_t answers[8192];
    size_t answers_len;
};

/* Up to the agreement to TLS. */
static void open_packets(struct packets *packets, const char *probe, const void *answer, size_t len)
{
    uint8_t said[4096];
    char detail[128] = "";
    struct byte_writer out = byte_writer_of(said, sizeof said);
    struct byte_reader in = byte_reader_of(NULL, 0);
    const struct probe_target target = {.server_name = ""};
    *packets = (struct packets){.probe = probe_find(probe)};
    byte_buffer_init(&packets->in, 0);
    assert_int_equal(packets->probe->step(packets->state, &target, &in, &out, detail), PROBE_MORE);
    in = byte_reader_of(answer, len);
    assert_int_equal(packets->probe->step(packets->state, &target, &in, &out, detail), PROBE_START_TLS);
    assert_int_equal(in.left, 0);
}

static void open_mssql(struct packets *packets)
{
    static const uint8_t answer[] = {4, 1, 0, 15, 0, 0, 1, 0, 1, 0, 6, 0, 1, 0xff, 1};
    open_packets(packets, "mssql", answer, sizeof answer);
}

static const char openvpn_reset[] = "\0\x1a\x40" "12345678" "\x01\0\0\0\0" "certswp\0" "\0\0\0";

static void open_openvpn(struct packets *packets)
{
    open_packets(packets, "openvpn", openvpn_reset, sizeof openvpn_reset);
}

/* What has come goes through unwrap, which gets little room each time; false: not its packets. */
static bool take(struct packets *packets, const void *bytes, size_t len)
{
    byte_buffer_append(&packets->in, bytes, len);
    struct byte_reader in = byte_buffer_reader(&packets->in);
    size_t before;
    do {
        struct byte_writer tls = byte_writer_of(packets->tls + packets->tls_len, PROBE_PACKET_MAX);
        struct byte_writer out = byte_writer_of(packets->answers + packets->answers_len, 512);
        assert_true(packets->tls_len <= TLS_LEN && packets->answers_len + 512 <= sizeof packets->answers);
        before = in.left;
        if (!packets->probe->unwrap(packets->state, &in, &tls, &out))
            return false;
        assert_true(byte_writer_ok(&tls) && byte_writer_ok(&out));
        packets->tls_len += tls.len;
        packets->answers_len += out.len;
    } while (in.left != 0 && in.left < before);
    byte_buffer_consume(&packets->in, byte_buffer_len(&packets->in) - in.left);
    return true;
}

static void fill(uint8_t bytes[TLS_LEN])
{
    for (size_t i = 0; i < TLS_LEN; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
}

/* A server's packets of `most` bytes of TLS each. */
static size_t serve_mssql(const uint8_t *tls, size_t most, uint8_t *packets)
{
    struct byte_writer out = byte_writer_of(packets, 4 * TLS_LEN);
    for (size_t at = 0; at < TLS_LEN; at += most) {
        size_t len = TLS_LEN - at < most ? TLS_LEN - at : most;
        byte_writer_u16(&out, at % 2 == 0 ? 0x1200 : 0x0401);
        byte_writer_u16(&out, (unsigned)len + 8);
        byte_writer_u32(&out, 0);
        byte_writer_bytes(&out, tls + at, len);
    }
    return out.len;
}

static void openvpn_packet(struct byte_writer *out, uint32_t id, const void *tls, size_t len)
{
    byte_writer_u16(out, 14 + (unsigned)len);
    byte_writer_bytes(out, "\x20" "12345678", 10);
    byte_writer_u32(out, id);
    byte_writer_bytes(out, tls, len);
}

static size_t serve_openvpn(const uint8_t *tls, size_t most, uint8_t *packets)
{
    struct byte_writer out = byte_writer_of(packets, 4 * TLS_LEN);
    uint32_t id = 1;
    for (size_t at = 0; at < TLS_LEN; at += most, id++) {
        openvpn_packet(&out, id, tls + at, TLS_LEN - at < most ? TLS_LEN - at : most);
        if (id % 3 == 0)        /* its acknowledgement of ours; and this one again */
            byte_writer_bytes(&out, "\0\x16\x28" "12345678" "\x01\0\0\0\x01" "certswp\0", 24);
        if (id % 3 == 1)
            openvpn_packet(&out, id, tls + at, TLS_LEN - at < most ? TLS_LEN - at : most);
    }
    return out.len;
}

static void tls_comes_out_of_packets_in_any_pieces(void **state)
{
    (void)state;
    static const struct {
        void (*open)(struct packets *packets);
        size_t (*serve)(const uint8_t *tls, size_t most, uint8_t *packets);
    } protocols[] = {{open_mssql, serve_mssql}, {open_openvpn, serve_openvpn}};
    static const size_t pieces[] = {100000, 1, 7, 1000}, sizes[] = {100, 1100, 4000};
    static uint8_t tls[TLS_LEN], served[4 * TLS_LEN];
    fill(tls);
    for (size_t i = 0; i < 2 * 4 * 3; i++) {
        struct packets packets;
        size_t piece = pieces[i / 2 % 4];
        protocols[i % 2].open(&packets);
        size_t len = protocols[i % 2].serve(tls, sizes[i / 8], served);
        for (size_t at = 0; at < len; at += piece)
            assert_true(take(&packets, served + at, len - at < piece ? len - at : piece));
        assert_int_equal(packets.tls_len, TLS_LEN);
        assert_memory_equal(packets.tls, tls, TLS_LEN);
        assert_int_equal(byte_buffer_len(&packets.in), 0);
        byte_buffer_clear(&packets.in);
    }
}

static void openvpn_acknowledges_each_packet_also_when_it_comes_again(void **state)
{
    (void)state;
    struct packets packets;
    uint8_t bytes[256];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    open_openvpn(&packets);
    openvpn_packet(&out, 1, "ab", 2);
    openvpn_packet(&out, 1, "ab", 2);
    assert_true(take(&packets, bytes, out.len));
    static const char ack[] = "\0\x16\x28" "certswp\0" "\x01\0\0\0\x01" "12345678";
    assert_int_equal(packets.answers_len, 48);
    assert_memory_equal(packets.answers, ack, 24);
    assert_memory_equal(packets.answers + 24, ack, 24);
    assert_int_equal(packets.tls_len, 2);
    byte_buffer_clear(&packets.in);
}

static void our_tls_goes_in_packets_that_a_server_takes(void **state)
{
    (void)state;
    static const struct {
        void (*open)(struct packets *packets);
        size_t header, most;
    } protocols[] = {{open_mssql, 8, 4096 - 8}, {open_openvpn, 16, 1100}};
    static uint8_t tls[TLS_LEN], wrapped[2 * TLS_LEN];
    fill(tls);
    for (size_t i = 0; i < 2; i++) {
        struct packets packets;
        protocols[i].open(&packets);
        struct byte_reader in = byte_reader_of(tls, TLS_LEN);
        struct byte_writer out = byte_writer_of(wrapped, sizeof wrapped);
        assert_true(packets.probe->wrap(packets.state, &in, &out));
        assert_int_equal(in.left, 0);
        size_t at = 0, seen = 0;
        while (at < out.len) {
            size_t head = protocols[i].header;
            size_t len = i == 0 ? (size_t)(wrapped[at + 2] << 8 | wrapped[at + 3]) - 8
                                : (size_t)(wrapped[at] << 8 | wrapped[at + 1]) - 14;
            assert_true(len <= protocols[i].most && at + head + len <= out.len);
            assert_memory_equal(wrapped + at + head, tls + seen, len);
            at += head + len;
            seen += len;
        }
        assert_int_equal(seen, TLS_LEN);
        byte_buffer_clear(&packets.in);
    }
}

static void what_is_no_packet_ends_it(void **state)
{
    (void)state;
    static const struct {
        void (*open)(struct packets *packets);
        const char *bytes;
        size_t len;
    } wrong[] = {
        {open_mssql, "\x16\x03\x03\0\x40", 5},                      /* TLS as it is */
        {open_mssql, "\x12\x01\0\x08\0\0\0\0", 8},                  /* empty packets without end */
        {open_mssql, "\x04\x01\0\0\0\0\0\0", 8},
        {open_openvpn, "\x16\x03\x03\0\x40", 5},
        {open_openvpn, "\0\0", 2},
        {open_openvpn, "\0\x0e\x20" "87654321" "\0\0\0\0\x01", 16},  /* another session */
        {open_openvpn, "\0\x0e\x20" "12345678" "\0\0\0\0\x02", 16},  /* one is missing */
        {open_openvpn, "\0\x0e\x20" "12345678" "\xff\0\0\0\x01", 16}, /* acknowledgements beyond its end */
        {open_openvpn, "\0\x01\xff", 3},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct packets packets;
        wrong[i].open(&packets);
        assert_false(take(&packets, wrong[i].bytes, wrong[i].len));
        byte_buffer_clear(&packets.in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_comes_out_of_packets_in_any_pieces),
        cmocka_unit_test(openvpn_acknowledges_each_packet_also_when_it_comes_again),
        cmocka_unit_test(our_tls_goes_in_packets_that_a_server_takes),
        cmocka_unit_test(what_is_no_packet_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
