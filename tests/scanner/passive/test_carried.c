/* TLS inside the packets of another protocol (TDS, OpenVPN over TCP and UDP, CAPWAP), and TLS bytes that are no handshake of
 * the connection that carries them. */
#include "tests/cmocka_all.h"

#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"
#include "scanner/passive/tcp_given.h"
#include "tests/scanner/passive/seen.h"
#include "tests/scanner/passive/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct told {
    size_t count, chain_count, chain_len;
    enum outcome outcome;
    bool overlap_conflict;
    char protocol[PROTOCOL_SIZE], detail[64];
};

static void on_handshake(void *context, const struct handshake *handshake)
{
    struct told *told = context;
    *told = (struct told){.count = told->count + 1, .outcome = handshake->outcome, .chain_count = handshake->chain_count,
                          .overlap_conflict = handshake->overlap_conflict};
    for (size_t i = 0; i < handshake->chain_count; i++)
        told->chain_len += handshake->chain[i].len;
    snprintf(told->protocol, sizeof told->protocol, "%s", handshake->protocol);
    snprintf(told->detail, sizeof told->detail, "%.63s", handshake->detail);
}

static const size_t three[3] = {1300, 1100, 900};
static const struct traffic_tls tls12 = {.server_name = "db.example.org", .version = 0x0303, .cipher_suite = 0xc02f,
                                         .certificate_count = 3, .certificate_lens = three, .seed = 7};

struct scene {
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct byte_buffer hello, flight;
    struct told told;
};

static void begin(struct scene *scene, uint16_t port)
{
    *scene = (struct scene){0};
    traffic_to_list(&scene->traffic, &scene->list);
    traffic_tcp_init(&scene->tcp, &scene->traffic, "10.0.0.1", 40000, "10.0.0.2", port, 1000);
    byte_buffer_init(&scene->hello, 0);
    byte_buffer_init(&scene->flight, 0);
    traffic_client_hello(&scene->hello, &tls12);
    traffic_server_flight(&scene->flight, &tls12);
    traffic_tcp_open(&scene->tcp);
}

static void listen_to(struct scene *scene)
{
    scene->told = (struct told){0};
    packet_list_tell(&scene->list, on_handshake, &scene->told);
}

static void end(struct scene *scene)
{
    packet_list_clear(&scene->list);
    byte_buffer_clear(&scene->hello);
    byte_buffer_clear(&scene->flight);
}

static void send_text(struct scene *scene, unsigned from, const char *text)
{
    traffic_tcp_send(&scene->tcp, from, (const uint8_t *)text, strlen(text));
}

static void assert_chain(const struct scene *scene, const char *protocol)
{
    assert_int_equal(scene->told.count, 1);
    assert_int_equal(scene->told.outcome, OUTCOME_CERTIFICATE);
    assert_int_equal(scene->told.chain_count, 3);
    assert_int_equal(scene->told.chain_len, 1300 + 1100 + 900);
    assert_string_equal(scene->told.protocol, protocol);
}

/* ---- TDS ---- */

static void send_tds(struct scene *scene, unsigned from, uint8_t type, const uint8_t *bytes, size_t len, size_t packet_len)
{
    for (size_t at = 0; at < len; at += packet_len - 8) {
        size_t step = len - at < packet_len - 8 ? len - at : packet_len - 8;
        uint8_t packet[4096] = {type, at + step == len, (uint8_t)((step + 8) >> 8), (uint8_t)(step + 8)};
        memcpy(packet + 8, bytes + at, step);
        traffic_tcp_send(&scene->tcp, from, packet, step + 8);
    }
}

static void tds_headers_are_taken_out_of_the_flight(void **state)
{
    static const uint8_t prelogin[] = {0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 15, 0, 8, 0x5e, 0, 0, 1};
    static const struct {
        size_t packet_len, mss;
        bool with_prelogin;
    } ways[] = {{4096, 1460, true}, {512, 1460, true}, {504, 7, true}, {512, 1, true}, {64, 100, false}};
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct scene scene;
        begin(&scene, 1433);
        scene.tcp.mss = ways[i].mss;
        if (ways[i].with_prelogin) {
            send_tds(&scene, 0, 0x12, prelogin, sizeof prelogin, 512);
            send_tds(&scene, 1, 0x04, prelogin, sizeof prelogin, 512);
        }
        send_tds(&scene, 0, 0x12, scene.hello.bytes, scene.hello.tail, ways[i].packet_len);
        send_tds(&scene, 1, 0x12, scene.flight.bytes, scene.flight.tail, ways[i].packet_len);
        listen_to(&scene);
        assert_chain(&scene, "mssql");
        end(&scene);
    }
}

static void a_gap_in_tds_gives_no_hash(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 1433);
    send_tds(&scene, 0, 0x12, scene.hello.bytes, scene.hello.tail, 512);
    send_tds(&scene, 1, 0x12, scene.flight.bytes, 1000, 512);
    scene.tcp.next[1] += 512;
    send_tds(&scene, 1, 0x12, scene.flight.bytes + 1504, scene.flight.tail - 1504, 512);
    listen_to(&scene);
    assert_int_equal(scene.told.count, 1);
    assert_int_equal(scene.told.outcome, OUTCOME_INCOMPLETE);
    assert_int_equal(scene.told.chain_count, 0);
    end(&scene);
}

/* ---- OpenVPN ---- */

static size_t control_packet(uint8_t *packet, uint32_t id, const uint8_t *tls, size_t len)
{
    memset(packet, 0, 14);
    packet[0] = 4 << 3;
    packet[8] = 1;                              /* the session's number */
    packet[13] = (uint8_t)id;
    memcpy(packet + 14, tls, len);
    return 14 + len;
}

static void send_udp(struct scene *scene, unsigned from, const uint8_t *bytes, size_t len)
{
    if (from == 0)
        traffic_udp(&scene->traffic, "10.0.0.1", 40000, "10.0.0.2", 1194, bytes, len);
    else
        traffic_udp(&scene->traffic, "10.0.0.2", 1194, "10.0.0.1", 40000, bytes, len);
}

/* Both resets, the hello, then the server's flight in packets of 400 bytes, in the order given by the step. */
static void openvpn_over_udp(struct scene *scene, size_t step, bool twice)
{
    uint8_t packet[512];
    begin(scene, 1194);
    packet_list_clear(&scene->list);            /* no TCP here */
    traffic_to_list(&scene->traffic, &scene->list);
    const uint8_t resets[2][14] = {{7 << 3, [8] = 1}, {8 << 3, [8] = 1}};
    send_udp(scene, 0, resets[0], 14);
    send_udp(scene, 1, resets[1], 14);
    send_udp(scene, 0, packet, control_packet(packet, 1, scene->hello.bytes, scene->hello.tail));
    size_t count = (scene->flight.tail + 399) / 400;
    assert_int_equal(count, 10);                /* so 3 and 7 reach each of them */
    for (size_t i = 0, at = 0; i < count; i++, at = (at + step) % count) {
        size_t len = scene->flight.tail - at * 400 < 400 ? scene->flight.tail - at * 400 : 400;
        for (unsigned n = 0; n < (twice ? 2u : 1u); n++)
            send_udp(scene, 1, packet, control_packet(packet, (uint32_t)at + 1, scene->flight.bytes + at * 400, len));
    }
    listen_to(scene);
}

static void openvpn_over_udp_in_any_order(void **state)
{
    static const size_t steps[] = {1, 3, 7};
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        for (unsigned twice = 0; twice < 2; twice++) {
            struct scene scene;
            openvpn_over_udp(&scene, steps[i], twice);
            assert_chain(&scene, "openvpn");
            end(&scene);
        }
}

static void capwap_puts_a_preamble_before_dtls(void **state)
{
    /* A DTLS 1.2 ClientHello of an access point, after CAPWAP's preamble. */
    static const uint8_t hello[] = {
        1, 0, 0, 0, 0x16, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd,
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
        0, 0, 0, 2, 0xc0, 0x2f, 1, 0};
    struct scene scene;
    (void)state;
    begin(&scene, 5246);
    traffic_udp(&scene.traffic, "10.0.0.1", 40000, "10.0.0.2", 5246, hello, sizeof hello);
    listen_to(&scene);
    assert_int_equal(scene.told.count, 1);
    assert_string_equal(scene.told.protocol, "dtls");
    end(&scene);
}

/* ---- what is no handshake ---- */

static void tls_in_the_body_of_http_is_none(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 80);
    send_text(&scene, 0, "GET /trace.bin HTTP/1.1\r\nHost: files.example.org\r\n\r\n");
    send_text(&scene, 1, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 9999\r\n\r\n");
    traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, scene.flight.tail);
    listen_to(&scene);
    assert_int_equal(scene.told.count, 0);
    end(&scene);
    begin(&scene, 80);
    send_text(&scene, 0, "POST /upload HTTP/1.1\r\nHost: files.example.org\r\nContent-Length: 9999\r\n\r\n");
    traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
    traffic_tcp_send(&scene.tcp, 0, scene.flight.bytes, scene.flight.tail);
    send_text(&scene, 1, "HTTP/1.1 201 Created\r\n\r\n");
    listen_to(&scene);
    assert_int_equal(scene.told.count, 0);
    end(&scene);
}

static void http_that_agrees_on_tls_is_heard(void **state)
{
    static const struct {
        const char *request, *answer, *protocol;
    } ways[] = {
        {"CONNECT www.example.org:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 Connection established\r\n\r\n", "http_connect"},
        {"OPTIONS * HTTP/1.1\r\nHost: printer\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n",
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n\r\n", "http"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct scene scene;
        begin(&scene, 631);
        send_text(&scene, 0, ways[i].request);
        send_text(&scene, 1, ways[i].answer);
        traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
        traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, scene.flight.tail);
        listen_to(&scene);
        assert_chain(&scene, ways[i].protocol);
        end(&scene);
    }
}

/* Binary bytes of no known protocol, then both directions of a handshake, all from one end: a recording that is copied. */
static void a_file_that_one_end_sends_is_none(void **state)
{
    struct scene scene;
    uint8_t header[64];
    (void)state;
    for (unsigned both_take_part = 0; both_take_part < 2; both_take_part++) {
        begin(&scene, 2049);
        for (size_t i = 0; i < sizeof header; i++)
            header[i] = (uint8_t)(0x80 | i);
        traffic_tcp_send(&scene.tcp, 0, header, sizeof header);
        traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
        traffic_tcp_send(&scene.tcp, both_take_part ? 1 : 0, scene.flight.bytes, scene.flight.tail);
        listen_to(&scene);
        assert_int_equal(scene.told.count, both_take_part);
        end(&scene);
    }
}

static void nut_is_not_irc(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 3493);
    send_text(&scene, 0, "STARTTLS\n");
    send_text(&scene, 1, "OK STARTTLS\n");
    traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
    traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, scene.flight.tail);
    listen_to(&scene);
    assert_chain(&scene, "nut");
    end(&scene);
    begin(&scene, 6667);
    send_text(&scene, 0, "STARTTLS\n");
    send_text(&scene, 1, ":irc.example.org 670 * :STARTTLS successful\r\n");
    traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
    traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, scene.flight.tail);
    listen_to(&scene);
    assert_chain(&scene, "irc");
    end(&scene);
}

/* ---- two versions of the same bytes ---- */

static void a_second_version_is_noticed_after_the_first_has_left(void **state)
{
    struct scene scene;
    (void)state;
    for (unsigned differs = 0; differs < 2; differs++) {
        begin(&scene, 443);
        traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
        traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, 600);
        uint8_t again[300];
        memcpy(again, scene.flight.bytes + 300, sizeof again);
        again[150] ^= (uint8_t)differs;
        traffic_tcp_segment(&scene.tcp, 1, -300, again, sizeof again, 0x10);
        traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + 600, scene.flight.tail - 600);
        listen_to(&scene);
        assert_chain(&scene, "tls");
        assert_int_equal(scene.told.overlap_conflict, differs);
        end(&scene);
    }
}

/* A chain is reported with the key exchange that follows it; a later difference is reported on a line of its own, during the
 * handshake and after it. Equal copies are ignored. */
static void a_second_version_is_told_after_the_chain_was(void **state)
{
    struct scene scene;
    (void)state;
    for (unsigned way = 0; way < 8; way++) {
        bool differs = way & 1, is_over = way & 2, is_coalesced = way & 4;
        struct byte_buffer finish[2];
        begin(&scene, 443);
        traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
        traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, scene.flight.tail);
        for (unsigned i = 0; i < 2 && is_over; i++) {
            byte_buffer_init(&finish[i], 0);
            (i == 0 ? traffic_client_finish : traffic_server_finish)(&finish[i], &tls12);
            traffic_tcp_send(&scene.tcp, i, finish[i].bytes, finish[i].tail);
        }
        size_t behind = is_over ? finish[1].tail : 0, len = is_coalesced ? scene.flight.tail : 500;
        uint8_t *again = xmemdup(scene.flight.bytes, scene.flight.tail);
        again[400] ^= (uint8_t)differs;
        for (unsigned i = 0; i < 3; i++)        /* it is reported once */
            traffic_tcp_segment(&scene.tcp, 1, -(int32_t)(scene.flight.tail + behind), again, len, 0x10);
        listen_to(&scene);
        assert_int_equal(scene.told.count, 1 + differs);
        assert_int_equal(scene.told.overlap_conflict, differs);
        assert_int_equal(scene.told.outcome, differs ? OUTCOME_INCOMPLETE : OUTCOME_CERTIFICATE);
        if (differs)
            assert_string_equal(scene.told.detail, "a second version of what was read came later");
        free(again);
        for (unsigned i = 0; i < 2 && is_over; i++)
            byte_buffer_clear(&finish[i]);
        end(&scene);
    }
}

/* Behind the first bytes, which are kept, hashes tell: of a chain that is long, and past a hole. */
static void a_second_version_is_noticed_far_behind(void **state)
{
    static const size_t lens[] = {30000, 30000, 30000};
    static const struct traffic_tls long_tls = {.server_name = "db.example.org", .version = 0x0303, .cipher_suite = 0xc02f,
                                                .certificate_count = 3, .certificate_lens = lens, .seed = 7};
    struct scene scene;
    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        bool differs = way & 1, has_hole = way & 2;
        begin(&scene, 443);
        byte_buffer_clear(&scene.flight);
        byte_buffer_init(&scene.flight, 0);
        traffic_server_flight(&scene.flight, &long_tls);
        traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
        traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, 70000);
        if (has_hole) {
            scene.tcp.next[1] += 1000;
            for (size_t i = 0; i < 600; i++)    /* until it is a gap */
                traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + 71000 + i * 10, 10);
        } else {
            traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + 70000, 7000);
        }
        size_t at = has_hole ? 72001 : 60001;
        uint8_t *again = xmemdup(scene.flight.bytes + at, 1400);
        again[700] ^= (uint8_t)differs;
        traffic_tcp_segment(&scene.tcp, 1, -(int32_t)(77000 - at), again, 1400, 0x10);
        traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + 77000, scene.flight.tail - 77000);
        listen_to(&scene);
        assert_int_equal(scene.told.count, 1);
        assert_int_equal(scene.told.overlap_conflict, differs);
        if (!has_hole)
            assert_int_equal(scene.told.chain_len, 90000);
        free(again);
        end(&scene);
    }
}

/* Pieces and copies of any length at any place, with holes, over the wrap of sequence numbers: an equal copy never differs, a
 * changed byte does where its whole block came, or where it is among the first bytes. */
static void what_left_is_compared_wherever_it_was_cut(void **state)
{
    enum { LEN = 200000 };
    uint8_t *bytes = xmalloc(LEN), *copy = xmalloc(LEN);
    (void)state;
    for (uint64_t seed = 1; seed < 40; seed++) {
        uint64_t draw = seed;
        struct tcp_given given = {0};
        uint32_t start = (uint32_t)(seed % 2 == 0 ? 0xffff8000u : 1000u);
        bool has_hole = seed % 3 == 0;
        size_t hole = 40000 + seed * 700, hole_len = has_hole ? 100 + seed : 0;
        for (size_t i = 0; i < LEN; i++)
            bytes[i] = (uint8_t)test_random(&draw);
        for (size_t at = 0; at < LEN;) {
            size_t len = 1 + test_random(&draw) % (seed % 5 == 0 ? 40 : 1460);
            if (at == hole && has_hole)
                at += hole_len;
            if (at < hole && at + len > hole)
                len = hole - at;
            len = len < LEN - at ? len : LEN - at;
            tcp_given_add(&given, start + (uint32_t)at, bytes + at, len);
            at += len;
        }
        assert_true(tcp_given_memory(&given) <= TCP_GIVEN_BYTES_MAX + 4 * TCP_GIVEN_BLOCKS_MAX);
        for (unsigned i = 0; i < 400; i++) {
            size_t at = test_random(&draw) % (LEN - 3000), len = 200 + test_random(&draw) % 2800, flip = test_random(&draw) % len;
            size_t block = (at + flip) / TCP_GIVEN_BLOCK * TCP_GIVEN_BLOCK;
            memcpy(copy, bytes + at, len);
            assert_false(tcp_given_differs(&given, start + (uint32_t)at, copy, len));
            copy[flip] ^= 1;
            bool is_whole = block >= at && block + TCP_GIVEN_BLOCK <= at + len && (block + TCP_GIVEN_BLOCK <= hole || block >= hole + hole_len);
            bool differs = tcp_given_differs(&given, start + (uint32_t)at, copy, len);
            assert_true(differs || !(is_whole || at + flip < TCP_GIVEN_BYTES_MAX));
        }
        tcp_given_clear(&given);
    }
    free(bytes);
    free(copy);
}

/* The first version broke the list's lengths: none of both is reported as what was sent. */
static void a_list_that_is_damaged_in_one_of_two_versions_is_incomplete(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 443);
    traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
    uint8_t *bad = xmemdup(scene.flight.bytes, scene.flight.tail);
    size_t second = scene.flight.tail - 900 - 1100;      /* somewhere in the second certificate's surroundings */
    memset(bad + second - 60, 0xff, 120);
    traffic_tcp_send(&scene.tcp, 1, bad, second + 100);
    traffic_tcp_segment(&scene.tcp, 1, -400, scene.flight.bytes + second - 300, 400, 0x10);
    traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + second + 100, scene.flight.tail - second - 100);
    listen_to(&scene);
    assert_int_equal(scene.told.count, 1);
    assert_true(scene.told.overlap_conflict);
    if (scene.told.outcome != OUTCOME_INCOMPLETE)       /* only bytes of a certificate were hit: the list is whole */
        assert_int_equal(scene.told.chain_count, 3);
    else
        assert_int_equal(scene.told.chain_count, 0);
    free(bad);
    end(&scene);
}

static void a_gap_before_the_answer_is_a_gap(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 443);
    traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
    scene.tcp.next[1] += 200;
    traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + 200, 600);
    listen_to(&scene);
    assert_int_equal(scene.told.count, 1);
    assert_int_equal(scene.told.outcome, OUTCOME_INCOMPLETE);
    assert_string_equal(scene.told.detail, "gap");
    end(&scene);
}

/* A gap in the second certificate: the leaf is whole, and is kept. */
static void what_was_whole_before_a_gap_is_kept(void **state)
{
    static const size_t cuts[] = {200, 1450, 2700};     /* in the leaf, after it, after the second */
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        for (unsigned at_end = 0; at_end < 2; at_end++) {
            struct scene scene;
            begin(&scene, 443);
            traffic_tcp_send(&scene.tcp, 0, scene.hello.bytes, scene.hello.tail);
            traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes, cuts[i]);
            if (!at_end) {
                scene.tcp.next[1] += 100;
                traffic_tcp_send(&scene.tcp, 1, scene.flight.bytes + cuts[i] + 100, scene.flight.tail - cuts[i] - 100);
            }
            listen_to(&scene);
            assert_int_equal(scene.told.count, 1);
            assert_int_equal(scene.told.outcome, OUTCOME_INCOMPLETE);
            assert_int_equal(scene.told.chain_count, i);
            assert_int_equal(scene.told.chain_len, i == 0 ? 0 : i == 1 ? 1300 : 2400);
            end(&scene);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tds_headers_are_taken_out_of_the_flight),
        cmocka_unit_test(a_gap_in_tds_gives_no_hash),
        cmocka_unit_test(openvpn_over_udp_in_any_order),
        cmocka_unit_test(capwap_puts_a_preamble_before_dtls),
        cmocka_unit_test(tls_in_the_body_of_http_is_none),
        cmocka_unit_test(http_that_agrees_on_tls_is_heard),
        cmocka_unit_test(a_file_that_one_end_sends_is_none),
        cmocka_unit_test(nut_is_not_irc),
        cmocka_unit_test(a_second_version_is_noticed_after_the_first_has_left),
        cmocka_unit_test(a_second_version_is_told_after_the_chain_was),
        cmocka_unit_test(a_second_version_is_noticed_far_behind),
        cmocka_unit_test(what_left_is_compared_wherever_it_was_cut),
        cmocka_unit_test(a_list_that_is_damaged_in_one_of_two_versions_is_incomplete),
        cmocka_unit_test(a_gap_before_the_answer_is_a_gap),
        cmocka_unit_test(what_was_whole_before_a_gap_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
