/* The passive engine over traffic made up here: what shared captures lack. */
#include "tests/cmocka_all.h"

#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"
#include "tests/scanner/passive/seen.h"
#include "tests/scanner/passive/traffic.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 64

struct told {                       /* of each handshake, what the tests compare */
    size_t count;
    struct {
        enum outcome outcome;
        enum role role;
        size_t chain_count, chain_len;
        uint8_t first_len_bytes[4];
        char server_name[64], protocol[16], detail[64], server[ADDRESS_TEXT_SIZE];
        bool overlap_conflict;
        uint64_t chain_sum;
    } handshake[RECORDS_MAX];
};

static uint64_t sum_of(const struct der *chain, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < chain[i].len; j++)
            sum = sum * 31 + chain[i].bytes[j];
    return sum;
}

static void on_handshake(void *context, const struct handshake *handshake)
{
    struct told *told = context;
    if (told->count == RECORDS_MAX)
        return;
    size_t i = told->count++;
    told->handshake[i].outcome = handshake->outcome;
    told->handshake[i].role = handshake->role;
    told->handshake[i].chain_count = handshake->chain_count;
    told->handshake[i].overlap_conflict = handshake->overlap_conflict;
    told->handshake[i].chain_sum = sum_of(handshake->chain, handshake->chain_count);
    for (size_t j = 0; j < handshake->chain_count; j++)
        told->handshake[i].chain_len += handshake->chain[j].len;
    snprintf(told->handshake[i].server_name, 64, "%.63s", handshake->server_name);
    snprintf(told->handshake[i].protocol, 16, "%.15s", handshake->protocol);
    snprintf(told->handshake[i].detail, 64, "%.63s", handshake->detail);
    if (handshake->server.len != 0)
        address_format(&handshake->server, told->handshake[i].server);
}

static uint64_t expected_sum(const struct traffic_tls *tls)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < tls->certificate_count; i++) {
        uint8_t *der = xmalloc(tls->certificate_lens[i]);
        traffic_certificate(der, tls->certificate_lens[i], tls->seed + i);
        for (size_t j = 0; j < tls->certificate_lens[i]; j++)
            sum = sum * 31 + der[j];
        free(der);
    }
    return sum;
}

static void listen_to(const struct packet_list *list, struct told *told)
{
    *told = (struct told){0};
    packet_list_tell(list, on_handshake, told);
}

static const size_t three[3] = {1300, 1100, 900};
static const struct traffic_tls plain_tls = {.server_name = "www.example.org", .version = 0x0303, .cipher_suite = 0xc02f,
                                             .certificate_count = 3, .certificate_lens = three, .seed = 42};

static void begin(struct packet_list *list, struct traffic *traffic, struct traffic_tcp *tcp)
{
    traffic_to_list(traffic, list);
    traffic_tcp_init(tcp, traffic, "10.0.0.1", 40000, "10.0.0.2", 443, 1000);
}

static void assert_one_chain(const struct told *told, const struct traffic_tls *tls)
{
    assert_int_equal(told->count, 1);
    assert_int_equal(told->handshake[0].outcome, OUTCOME_CERTIFICATE);
    assert_int_equal(told->handshake[0].chain_count, tls->certificate_count);
    assert_true(told->handshake[0].chain_sum == expected_sum(tls));
    assert_string_equal(told->handshake[0].server_name, tls->server_name);
}

static void check_and_clear(struct packet_list *list, const struct traffic_tls *tls)
{
    struct told told;
    listen_to(list, &told);
    assert_one_chain(&told, tls);
    packet_list_clear(list);
}

/* ---- messages ---- */

static void a_handshake_is_fifteen_packets_and_one_chain(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    (void)state;
    begin(&list, &traffic, &tcp);
    traffic_handshake(&tcp, &plain_tls);
    assert_int_equal(list.count, 15);
    check_and_clear(&list, &plain_tls);
}

static void long_chains_are_read_to_a_mebibyte(void **state)
{
    static size_t lens[100];
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    (void)state;
    for (size_t i = 0; i < 100; i++)
        lens[i] = 2700 + i;
    for (size_t count = 8; count <= 100; count += 46) {
        struct traffic_tls tls = plain_tls;
        tls.certificate_count = count;
        tls.certificate_lens = lens;
        begin(&list, &traffic, &tcp);
        traffic_handshake(&tcp, &tls);
        check_and_clear(&list, &tls);
    }
    static const size_t huge[17] = {61000, 61000, 61000, 61000, 61000, 61000, 61000, 61000, 61000,
                                    61000, 61000, 61000, 61000, 61000, 61000, 61000, 61000};
    struct traffic_tls tls = plain_tls;
    tls.certificate_count = 17;
    tls.certificate_lens = huge;
    begin(&list, &traffic, &tcp);
    traffic_handshake(&tcp, &tls);
    check_and_clear(&list, &tls);
}

static void a_chain_over_the_limit_is_too_large(void **state)
{
    static const size_t huge[18] = {65000, 65000, 65000, 65000, 65000, 65000, 65000, 65000, 65000,
                                    65000, 65000, 65000, 65000, 65000, 65000, 65000, 65000, 65000};
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    (void)state;
    struct traffic_tls tls = plain_tls;
    tls.certificate_count = 18;
    tls.certificate_lens = huge;
    begin(&list, &traffic, &tcp);
    traffic_handshake(&tcp, &tls);
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.handshake[0].outcome, OUTCOME_TOO_LARGE);
    packet_list_clear(&list);
}

/* A Certificate message without even its list's length, alone at the end of what was captured. */
static void an_empty_certificate_message_is_no_chain(void **state)
{
    static const uint8_t record[] = {22, 3, 3, 0, 4, 11, 0, 0, 0};
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct byte_buffer hello;
    (void)state;
    begin(&list, &traffic, &tcp);
    byte_buffer_init(&hello, 0);
    traffic_tcp_open(&tcp);
    traffic_client_hello(&hello, &plain_tls);
    traffic_tcp_send(&tcp, 0, hello.bytes, byte_buffer_len(&hello));
    byte_buffer_clear(&hello);
    traffic_server_flight(&hello, &plain_tls);
    struct byte_buffer out;
    byte_buffer_init(&out, 0);
    traffic_records(&out, 22, hello.bytes + 5, 4u + hello.bytes[8], 0);
    byte_buffer_append(&out, record, sizeof record);
    traffic_tcp_send(&tcp, 1, out.bytes, byte_buffer_len(&out));
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.handshake[0].outcome, OUTCOME_NO_CERTIFICATE);
    byte_buffer_clear(&hello);
    byte_buffer_clear(&out);
    packet_list_clear(&list);
}

static void tls13_is_hidden_once(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct traffic_tls tls = plain_tls;
    (void)state;
    tls.version = 0x0304;
    tls.cipher_suite = 0x1301;
    begin(&list, &traffic, &tcp);
    traffic_handshake(&tcp, &tls);
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.handshake[0].outcome, OUTCOME_HIDDEN);
    assert_string_equal(told.handshake[0].detail, "tls13");
    packet_list_clear(&list);
}

static void a_resumed_session_is_recognised(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct byte_buffer flight;
    struct traffic_tls tls = plain_tls;
    (void)state;
    begin(&list, &traffic, &tcp);
    byte_buffer_init(&flight, 0);
    traffic_tcp_open(&tcp);
    traffic_client_hello(&flight, &tls);
    traffic_tcp_send(&tcp, 0, flight.bytes, byte_buffer_len(&flight));
    byte_buffer_clear(&flight);
    traffic_server_flight(&flight, &tls);           /* only its ServerHello, in a record of its own */
    size_t hello = 4u + flight.bytes[8];
    struct byte_buffer out;
    byte_buffer_init(&out, 0);
    traffic_records(&out, 22, flight.bytes + 5, hello, 0);
    traffic_server_finish(&out, &tls);
    traffic_tcp_send(&tcp, 1, out.bytes, byte_buffer_len(&out));
    byte_buffer_clear(&out);
    traffic_server_finish(&out, &tls);              /* the client's looks the same */
    traffic_tcp_send(&tcp, 0, out.bytes, byte_buffer_len(&out));
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.handshake[0].outcome, OUTCOME_NO_CERTIFICATE);
    assert_string_equal(told.handshake[0].detail, "resumed");
    byte_buffer_clear(&out);
    byte_buffer_clear(&flight);
    packet_list_clear(&list);
}

/* Under a suite that does not encrypt, a second handshake follows in the clear, each record with its MAC. */
static void renegotiation_under_a_null_suite_shows_the_second_chain(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct byte_buffer flight, out;
    static const uint8_t mac[20];
    struct traffic_tls first = plain_tls, second = plain_tls;
    (void)state;
    first.cipher_suite = second.cipher_suite = 0x0002;      /* RSA_WITH_NULL_SHA */
    second.seed = 4711;
    begin(&list, &traffic, &tcp);
    traffic_tcp_open(&tcp);
    byte_buffer_init(&flight, 0);
    byte_buffer_init(&out, 0);
    for (unsigned i = 0; i < 4; i++) {
        void (*const flights[4])(struct byte_buffer *, const struct traffic_tls *) = {
            traffic_client_hello, traffic_server_flight, traffic_client_finish, traffic_server_finish};
        flights[i](&flight, &first);
        traffic_tcp_send(&tcp, i % 2, flight.bytes, byte_buffer_len(&flight));
        byte_buffer_clear(&flight);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (i == 0)
            traffic_client_hello(&flight, &second);
        else
            traffic_server_flight(&flight, &second);
        byte_buffer_clear(&out);
        struct byte_buffer sealed;
        byte_buffer_init(&sealed, 0);
        byte_buffer_append(&sealed, flight.bytes + 5, byte_buffer_len(&flight) - 5);
        byte_buffer_append(&sealed, mac, sizeof mac);
        traffic_records(&out, 22, sealed.bytes, byte_buffer_len(&sealed), 0);
        traffic_tcp_send(&tcp, i, out.bytes, byte_buffer_len(&out));
        byte_buffer_clear(&sealed);
        byte_buffer_clear(&flight);
    }
    listen_to(&list, &told);
    assert_int_equal(told.count, 2);
    assert_true(told.handshake[0].chain_sum == expected_sum(&first));
    assert_true(told.handshake[1].chain_sum == expected_sum(&second));
    byte_buffer_clear(&out);
    packet_list_clear(&list);
}

/* ---- streams ---- */

static void sequence_numbers_wrap_inside_the_chain(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    (void)state;
    begin(&list, &traffic, &tcp);
    tcp.next[0] = 0xffffffff - 100;
    tcp.next[1] = 0xffffffff - 1500;
    traffic_handshake(&tcp, &plain_tls);
    packet_list_shuffle(&list, 15, 3);
    check_and_clear(&list, &plain_tls);
}

static void one_direction_is_enough(void **state)
{
    struct packet_list list, server_only;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    (void)state;
    begin(&list, &traffic, &tcp);
    traffic_handshake(&tcp, &plain_tls);
    for (unsigned with_syn = 0; with_syn < 2; with_syn++) {
        server_only = (struct packet_list){0};
        for (size_t i = 0; i < list.count; i++)
            if (list.packets[i].bytes[14 + 20] == 443 >> 8 && list.packets[i].bytes[14 + 21] == (443 & 255) &&
                (with_syn || i > 2))
                packet_list_add(&server_only, &list.packets[i]);
        listen_to(&server_only, &told);
        assert_int_equal(told.count, 1);
        assert_true(told.handshake[0].chain_sum == expected_sum(&plain_tls));
        assert_string_equal(told.handshake[0].server, "10.0.0.2");
        packet_list_clear(&server_only);
    }
    packet_list_clear(&list);
}

/* The server's flight in three segments; the test adds what comes before, between and instead of them. */
static void send_flight(struct traffic_tcp *tcp, struct byte_buffer *flight)
{
    struct byte_buffer hello;
    byte_buffer_init(&hello, 0);
    byte_buffer_init(flight, 0);
    traffic_tcp_open(tcp);
    traffic_client_hello(&hello, &plain_tls);
    traffic_tcp_send(tcp, 0, hello.bytes, byte_buffer_len(&hello));
    byte_buffer_clear(&hello);
    traffic_server_flight(flight, &plain_tls);
}

static void of_overlapping_bytes_the_first_stay(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct byte_buffer flight;
    uint8_t other[1000];
    (void)state;
    memset(other, 'x', sizeof other);
    begin(&list, &traffic, &tcp);
    send_flight(&tcp, &flight);
    size_t len = byte_buffer_len(&flight);
    traffic_tcp_segment(&tcp, 1, 1000, flight.bytes + 1000, 1000, TCP_ACK);     /* early, and right */
    traffic_tcp_segment(&tcp, 1, 1500, other, 1000, TCP_ACK);                   /* half of it contradicts */
    traffic_tcp_segment(&tcp, 1, 2000, flight.bytes + 2000, len - 2000, TCP_ACK);
    traffic_tcp_segment(&tcp, 1, 0, flight.bytes, 1000, TCP_ACK);
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_true(told.handshake[0].overlap_conflict);
    assert_true(told.handshake[0].chain_sum != expected_sum(&plain_tls));       /* 2000 to 2500 came first as x */
    packet_list_clear(&list);

    begin(&list, &traffic, &tcp);
    byte_buffer_clear(&flight);
    send_flight(&tcp, &flight);
    traffic_tcp_segment(&tcp, 1, 1000, flight.bytes + 1000, len - 1000, TCP_ACK);
    traffic_tcp_segment(&tcp, 1, 1500, other, 1000, TCP_ACK);
    traffic_tcp_segment(&tcp, 1, 0, flight.bytes, 1000, TCP_ACK);
    check_and_clear(&list, &plain_tls);
    byte_buffer_clear(&flight);
}

static void a_gap_in_the_certificate_is_incomplete_and_never_a_wrong_chain(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct byte_buffer flight;
    (void)state;
    begin(&list, &traffic, &tcp);
    send_flight(&tcp, &flight);
    traffic_tcp_segment(&tcp, 1, 0, flight.bytes, 1448, TCP_ACK);
    traffic_tcp_segment(&tcp, 1, 2896, flight.bytes + 2896, byte_buffer_len(&flight) - 2896, TCP_ACK);
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.handshake[0].outcome, OUTCOME_INCOMPLETE);
    assert_string_equal(told.handshake[0].detail, "gap in the certificate");
    byte_buffer_clear(&flight);
    packet_list_clear(&list);
}

static void a_gap_before_the_certificate_loses_only_what_is_in_it(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    struct byte_buffer flight, records;
    struct traffic_tls tls = plain_tls;
    (void)state;
    begin(&list, &traffic, &tcp);
    send_flight(&tcp, &flight);
    byte_buffer_init(&records, 0);
    size_t hello = 4u + flight.bytes[8];                /* ServerHello in a record of its own */
    traffic_records(&records, 22, flight.bytes + 5, hello, 0);
    size_t first = byte_buffer_len(&records);
    traffic_records(&records, 22, flight.bytes + 5 + hello, byte_buffer_len(&flight) - 5 - hello, 0);
    traffic_tcp_segment(&tcp, 1, (int32_t)first, records.bytes + first, byte_buffer_len(&records) - first, TCP_ACK);
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_true(told.handshake[0].chain_sum == expected_sum(&tls));
    byte_buffer_clear(&flight);
    byte_buffer_clear(&records);
    packet_list_clear(&list);
}

/* A mail client that talks for 1.4 MB before it asks for TLS; or an unknown protocol. */
static void check_late_tls(const char *greeting, const char *hello, const char *word, const char *protocol)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    static uint8_t text[1448];
    struct byte_buffer flight;
    struct told told;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)word[i % strlen(word)];
    begin(&list, &traffic, &tcp);
    traffic_tcp_open(&tcp);
    traffic_tcp_send(&tcp, 1, (const uint8_t *)greeting, strlen(greeting));
    traffic_tcp_send(&tcp, 0, (const uint8_t *)hello, strlen(hello));
    for (unsigned i = 0; i < 1000; i++)
        traffic_tcp_send(&tcp, i % 2, text, sizeof text);
    byte_buffer_init(&flight, 0);
    for (unsigned i = 0; i < 4; i++) {
        void (*const flights[4])(struct byte_buffer *, const struct traffic_tls *) = {
            traffic_client_hello, traffic_server_flight, traffic_client_finish, traffic_server_finish};
        flights[i](&flight, &plain_tls);
        traffic_tcp_send(&tcp, i % 2, flight.bytes, byte_buffer_len(&flight));
        byte_buffer_clear(&flight);
    }
    listen_to(&list, &told);
    assert_one_chain(&told, &plain_tls);
    assert_string_equal(told.handshake[0].protocol, protocol);
    packet_list_clear(&list);
}

static void tls_behind_a_mebibyte_of_plaintext_is_found(void **state)
{
    (void)state;
    check_late_tls("220 mx.example ESMTP\r\n", "EHLO me\r\n", "NOOP\r\n", "smtp");
    check_late_tls("* OK IMAP4rev1\r\n", "a LOGIN b c\r\n", "b NOOP\r\n", "imap");
    check_late_tls("who are you", "nobody", "a", "starttls");
}

/* ---- dialects ---- */

static void the_dialect_is_told_by_what_was_said_before(void **state)
{
    static const struct {
        const char *name;
        struct {
            unsigned from;
            const char *text;
            size_t len;
        } lines[4];
    } cases[] = {
#define SAY(from, text) {from, text, sizeof text - 1}
        {"tls", {{0}}},
        {"smtp", {SAY(1, "220 mx ESMTP\r\n"), SAY(0, "EHLO me\r\nSTARTTLS\r\n"), SAY(1, "220 go\r\n")}},
        {"lmtp", {SAY(1, "220 mx LMTP\r\n"), SAY(0, "LHLO me\r\nSTARTTLS\r\n"), SAY(1, "220 go\r\n")}},
        {"imap", {SAY(1, "* OK IMAP4\r\n"), SAY(0, "a STARTTLS\r\n"), SAY(1, "a OK\r\n")}},
        {"pop3", {SAY(1, "+OK pop\r\n"), SAY(0, "STLS\r\n"), SAY(1, "+OK\r\n")}},
        {"ftp", {SAY(1, "220 ready\r\n"), SAY(0, "AUTH TLS\r\n"), SAY(1, "234 go\r\n")}},
        {"ldap", {SAY(0, "0\x1d\x02\x01\x01w\x18\x80\x16" "1.3.6.1.4.1.1466.20037"), SAY(1, "0\x0c\x02\x01\x01x\x07\n\x01\0\x04\0\x04\0")}},
        {"xmpp", {SAY(0, "<?xml version='1.0'?><stream:stream>"), SAY(1, "<stream:features/>"), SAY(0, "<starttls/>"), SAY(1, "<proceed/>")}},
        {"xmpp-server", {SAY(0, "<?xml version='1.0'?><stream:stream xmlns='jabber:server' to='b'>"), SAY(1, "<stream:features/>"), SAY(0, "<starttls/>"), SAY(1, "<proceed/>")}},
        {"irc", {SAY(0, "NICK a\r\nSTARTTLS\r\n"), SAY(1, ":x 670 a :go\r\n")}},
        {"postgres", {SAY(0, "\0\0\0\x08\x04\xd2\x16\x2f"), SAY(1, "S")}},
        {"mysql", {SAY(1, "J\0\0\0\n8.0.35\0salt"), SAY(0, " \0\0\x01\x85\xae\xff\x19\0\0\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
        {"rdp", {SAY(0, "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"), SAY(1, "\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\x01\0\0\0")}},
        {"socks5", {SAY(0, "\x05\x01\0"), SAY(1, "\x05\0"), SAY(0, "\x05\x01\0\x01\x01\x02\x03\x04\x01\xbb"), SAY(1, "\x05\0\0\x01\0\0\0\0\0\0")}},
        {"socks4", {SAY(0, "\x04\x01\x01\xbb\x01\x02\x03\x04\0"), SAY(1, "\0\x5a\0\0\0\0\0\0")}},
        {"http_connect", {SAY(0, "CONNECT a:443 HTTP/1.1\r\n\r\n"), SAY(1, "HTTP/1.1 200 ok\r\n\r\n")}},
#undef SAY
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t mss = 1; mss <= 1448; mss += 1447) {
            struct packet_list list;
            struct traffic traffic;
            struct traffic_tcp tcp;
            struct told told;
            struct byte_buffer flight;
            begin(&list, &traffic, &tcp);
            tcp.mss = mss;
            traffic_tcp_open(&tcp);
            for (size_t line = 0; line < 4 && cases[i].lines[line].len != 0; line++)
                traffic_tcp_send(&tcp, cases[i].lines[line].from, (const uint8_t *)cases[i].lines[line].text,
                                 cases[i].lines[line].len);
            byte_buffer_init(&flight, 0);
            traffic_client_hello(&flight, &plain_tls);
            traffic_tcp_send(&tcp, 0, flight.bytes, byte_buffer_len(&flight));
            byte_buffer_clear(&flight);
            traffic_server_flight(&flight, &plain_tls);
            traffic_tcp_send(&tcp, 1, flight.bytes, byte_buffer_len(&flight));
            byte_buffer_clear(&flight);
            listen_to(&list, &told);
            assert_one_chain(&told, &plain_tls);
            assert_string_equal(told.handshake[0].protocol, cases[i].name);
            packet_list_clear(&list);
        }
}

/* ---- layers ---- */

static size_t put_before(uint8_t *packet, size_t len, const uint8_t *header, size_t header_len)
{
    memmove(packet + header_len, packet, len);
    memcpy(packet, header, header_len);
    return len + header_len;
}

static size_t in_ipv4(uint8_t *packet, size_t len, uint8_t protocol)
{
    uint8_t header[20] = {0x45, 0, (uint8_t)((len + 20) >> 8), (uint8_t)(len + 20), 0, 1, 0, 0, 64, protocol, 0, 0,
                          172, 16, 0, 1, 172, 16, 0, 2};
    return put_before(packet, len, header, sizeof header);
}

static size_t in_ipv6(uint8_t *packet, size_t len, uint8_t protocol)
{
    uint8_t header[40] = {0x60, 0, 0, 0, (uint8_t)(len >> 8), (uint8_t)len, protocol, 64, 0xfd, [23] = 1, [24] = 0xfd,
                          [39] = 2};
    return put_before(packet, len, header, sizeof header);
}

static size_t in_udp(uint8_t *packet, size_t len, uint16_t port)
{
    uint8_t header[8] = {0xc0, 0, (uint8_t)(port >> 8), (uint8_t)port, (uint8_t)((len + 8) >> 8), (uint8_t)(len + 8)};
    return in_ipv4(packet, put_before(packet, len, header, sizeof header), 17);
}

static size_t in_ethernet(uint8_t *packet, size_t len)
{
    static const uint8_t header[14] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 8, 0};
    return put_before(packet, len, header, sizeof header);
}

#define HEADER(...) (const uint8_t[]){__VA_ARGS__}, sizeof (const uint8_t[]){__VA_ARGS__}

static size_t wrap_ipip(uint8_t *p, size_t n) { return in_ipv4(p, n, 4); }
static size_t wrap_4in6(uint8_t *p, size_t n) { return in_ipv6(p, n, 4); }
static size_t wrap_gre(uint8_t *p, size_t n) { return in_ipv4(p, put_before(p, n, HEADER(0x20, 0, 8, 0, 0, 0, 0, 7)), 47); }
static size_t wrap_gre_teb(uint8_t *p, size_t n)
{
    return in_ipv4(p, put_before(p, in_ethernet(p, n), HEADER(0, 0, 0x65, 0x58)), 47);
}
static size_t wrap_erspan(uint8_t *p, size_t n)
{
    return in_ipv4(p, put_before(p, in_ethernet(p, n), HEADER(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0)), 47);
}
static size_t wrap_vxlan(uint8_t *p, size_t n)
{
    return in_udp(p, put_before(p, in_ethernet(p, n), HEADER(8, 0, 0, 0, 0, 0, 42, 0)), 4789);
}
static size_t wrap_geneve(uint8_t *p, size_t n)
{
    return in_udp(p, put_before(p, in_ethernet(p, n), HEADER(2, 0, 0x65, 0x58, 0, 0, 42, 0, 1, 2, 3, 1, 9, 9, 9, 9)), 6081);
}
static size_t wrap_gtp(uint8_t *p, size_t n)
{
    return in_udp(p, put_before(p, n, HEADER(0x34, 0xff, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0x85, 1, 0, 5, 0)), 2152);
}
static size_t wrap_mpls(uint8_t *p, size_t n)
{
    return put_before(p, n, HEADER(0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64));
}
static size_t wrap_mpls_ethernet(uint8_t *p, size_t n)
{
    return put_before(p, in_ethernet(p, n), HEADER(0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0));
}
static size_t wrap_qinq(uint8_t *p, size_t n)
{
    return put_before(p, n, HEADER(0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 8, 0));
}
static size_t wrap_pppoe(uint8_t *p, size_t n)
{
    return put_before(p, n, HEADER(0x88, 0x64, 0x11, 0, 0, 1, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2), 0, 0x21));
}
static size_t wrap_snap(uint8_t *p, size_t n)
{
    return put_before(p, n, HEADER(0x05, 0xdc, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0));
}
static size_t wrap_sgt(uint8_t *p, size_t n) { return put_before(p, n, HEADER(0x89, 0x09, 1, 1, 0, 1, 0, 42, 8, 0)); }
static size_t wrap_vn_tag(uint8_t *p, size_t n) { return put_before(p, n, HEADER(0x89, 0x26, 0, 1, 0, 2, 8, 0)); }
static size_t wrap_e_tag(uint8_t *p, size_t n) { return put_before(p, n, HEADER(0x89, 0x3f, 0, 1, 0, 2, 0, 0, 8, 0)); }
static size_t wrap_macsec(uint8_t *p, size_t n)         /* integrity only: followed by a check value of 16 bytes */
{
    memset(p + n, 0x5a, 16);
    return put_before(p, n + 16, HEADER(0x88, 0xe5, 0x20, 0, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 0, 1, 8, 0));
}
static size_t wrap_pbb(uint8_t *p, size_t n)
{
    return put_before(p, in_ethernet(p, n), HEADER(0x88, 0xe7, 0, 0, 0, 42));
}
static size_t wrap_nsh(uint8_t *p, size_t n)
{
    return put_before(p, n, HEADER(0x89, 0x4f, 0x0f, 0xc6, 1, 1, 0, 0, 1, 255, [25] = 0));
}
static size_t wrap_trill(uint8_t *p, size_t n)
{
    return put_before(p, in_ethernet(p, n), HEADER(0x22, 0xf3, 0, 0x7f, 0, 1, 0, 2, 9, 9, 9, 9));
}
static size_t wrap_ah(uint8_t *p, size_t n)
{
    return in_ipv4(p, put_before(p, n, HEADER(4, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, [23] = 0x5a)), 51);
}
static size_t wrap_esp_null(uint8_t *p, size_t n)       /* padded to words, followed by HMAC-SHA-256-128 */
{
    size_t pad = (4 - (n + 2) % 4) % 4;
    for (size_t i = 0; i < pad; i++)
        p[n + i] = (uint8_t)(i + 1);
    p[n + pad] = (uint8_t)pad;
    p[n + pad + 1] = 4;
    memset(p + n + pad + 2, 0x5a, 16);
    return in_ipv4(p, put_before(p, n + pad + 2 + 16, HEADER(0, 0, 1, 0, 0, 0, 0, 1)), 50);
}
static size_t wrap_etherip(uint8_t *p, size_t n)
{
    return in_ipv4(p, put_before(p, in_ethernet(p, n), HEADER(0x30, 0)), 97);
}
static size_t wrap_l2tpv3_ip(uint8_t *p, size_t n)      /* a cookie of four bytes */
{
    return in_ipv4(p, put_before(p, in_ethernet(p, n), HEADER(0, 0, 0, 9, 0xc0, 0x0c, 0x1e, 0x01)), 115);
}
static size_t wrap_l2tpv3_udp(uint8_t *p, size_t n)     /* a cookie of eight and a sublayer of four */
{
    return in_udp(p, put_before(p, in_ethernet(p, n), HEADER(0, 3, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0x40, 0, 0, 1)), 1701);
}
static size_t wrap_l2tpv2(uint8_t *p, size_t n)         /* length, sequence numbers, an offset of two */
{
    return in_udp(p, put_before(p, n, HEADER(0x4a, 2, 0, 0, 0, 1, 0, 2, 0, 3, 0, 3, 0, 2, 0xaa, 0xaa, 0xff, 3, 0, 0x21)), 1701);
}
static size_t wrap_tzsp(uint8_t *p, size_t n)
{
    return in_udp(p, put_before(p, in_ethernet(p, n), HEADER(1, 0, 0, 1, 10, 1, 0x55, 0, 1)), 37008);
}
static size_t wrap_mpls_udp(uint8_t *p, size_t n) { return in_udp(p, put_before(p, n, HEADER(0, 1, 1, 64)), 6635); }
static size_t wrap_vxlan_anywhere(uint8_t *p, size_t n)
{
    return in_udp(p, put_before(p, in_ethernet(p, n), HEADER(8, 0, 0, 0, 0, 0, 42, 0)), 4788);
}
static size_t wrap_vxlan_gpe(uint8_t *p, size_t n) { return in_udp(p, put_before(p, n, HEADER(0x0c, 0, 0, 1, 0, 0, 42, 0)), 4790); }
static size_t wrap_gue(uint8_t *p, size_t n) { return in_udp(p, put_before(p, n, HEADER(1, 4, 0, 0, 9, 9, 9, 9)), 6080); }
static size_t wrap_gue_1(uint8_t *p, size_t n) { return in_udp(p, n, 6080); }
static size_t wrap_lisp(uint8_t *p, size_t n) { return in_udp(p, put_before(p, n, HEADER(0x80, 1, 2, 3, 0, 0, 0, 1)), 4341); }
static size_t wrap_capwap(uint8_t *p, size_t n)         /* 802.3 frames of one access point */
{
    return in_udp(p, put_before(p, in_ethernet(p, n), HEADER(0, 0x10, 0x42, 0, 0, 0, 0, 0)), 5247);
}
static size_t wrap_deep(uint8_t *p, size_t n)
{
    for (unsigned i = 0; i < 6; i++)
        n = in_ipv4(p, n, 4);
    return n;
}

static void every_wrapping_is_taken_off(void **state)
{
    size_t (*const wraps[])(uint8_t *, size_t) = {wrap_ipip, wrap_4in6, wrap_gre, wrap_gre_teb, wrap_erspan, wrap_vxlan,
                                                  wrap_geneve, wrap_gtp, wrap_mpls, wrap_mpls_ethernet, wrap_qinq,
                                                  wrap_pppoe, wrap_snap, wrap_deep, wrap_sgt, wrap_vn_tag, wrap_e_tag,
                                                  wrap_macsec, wrap_pbb, wrap_nsh, wrap_trill, wrap_ah, wrap_esp_null,
                                                  wrap_etherip, wrap_l2tpv3_ip, wrap_l2tpv3_udp, wrap_l2tpv2, wrap_tzsp,
                                                  wrap_mpls_udp, wrap_vxlan_anywhere, wrap_vxlan_gpe, wrap_gue, wrap_gue_1,
                                                  wrap_lisp, wrap_capwap};
    (void)state;
    for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++) {
        struct packet_list list;
        struct traffic traffic;
        struct traffic_tcp tcp;
        begin(&list, &traffic, &tcp);
        traffic.wrap = wraps[i];
        traffic_handshake(&tcp, &plain_tls);
        check_and_clear(&list, &plain_tls);
    }
}

/* Headers before the IP packet on other links than Ethernet; the frames are made for Ethernet, whose header is removed. */
static const struct link {
    uint32_t link_type;
    const uint8_t *header;
    size_t len;
} links[] = {
    {101, NULL, 0},
    {12, NULL, 0},
    {228, NULL, 0},
    {113, HEADER(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0)},
    {276, HEADER(8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0)},
    {0, HEADER(2, 0, 0, 0)},
    {0, HEADER(0, 0, 0, 2)},
    {108, HEADER(0, 0, 0, 2)},
    {9, HEADER(0xff, 3, 0, 0x21)},
    {9, HEADER(0x21)},
    {50, HEADER(0xff, 3, 0, 0x21)},
    {51, HEADER(0x11, 0, 0, 1, 0xff, 0xff, 0, 0x21)},
    {204, HEADER(1, 0xff, 3, 0, 0x21)},
    {166, HEADER(1, 3, 0, 0x21)},
    {104, HEADER(0x0f, 0, 8, 0)},
    {219, HEADER(0, 1, 0, 64, 0, 2, 1, 64)},
    /* data to the access point, and from it with QoS, after radiotap and after PPI */
    {105, HEADER(8, 1, 0, 0, [24] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {127, HEADER(0, 0, 8, 0, 0, 0, 0, 0, 0x88, 2, 0, 0, [34] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {192, HEADER(0, 0, 8, 0, 105, 0, 0, 0, 8, 3, 0, 0, [38] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {192, HEADER(0, 0, 8, 0, 1, 0, 0, 0, [20] = 8, 0)},
    /* NFLOG in both byte orders: a packet's mark, then its payload */
    {239, HEADER(2, 0, 0, 1, 8, 0, 3, 0, 1, 2, 3, 4, 4, 8, 9, 0)},
    {239, HEADER(2, 0, 0, 1, 0, 8, 0, 3, 1, 2, 3, 4, 8, 4, 0, 9)},
    {258, HEADER(20, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, 'e', 'n', '0', [19] = 0)},
    {119, HEADER(0, 0, 0, 0x44, 0, 0, 0, 16, [16] = 8, 1, 0, 0, [40] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {119, HEADER(0x44, 0, 0, 0, 16, 0, 0, 0, [16] = 8, 1, 0, 0, [40] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {163, HEADER(0x80, 0x21, 0x10, 1, 0, 0, 0, 16, [16] = 8, 1, 0, 0, [40] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {107, HEADER(0x18, 0x41, 0x03, 0xcc)},
    {107, HEADER(0x18, 0x41, 0x03, 0, 0x80, 0, 0, 0, 8, 0)},
    {107, HEADER(0x18, 0x41, 8, 0)},
    {100, HEADER(0xaa, 0xaa, 3, 0, 0, 0, 8, 0)},
    {100, HEADER(0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0, [22] = 8, 0)},
    {100, NULL, 0},
    {242, HEADER([40] = 8, 0, 0, 0)},
    {117, HEADER(61, 2, 0, 0, [63] = 0)},
    {109, HEADER(2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)},
    {281, HEADER([15] = 7, 8, 0)},
    {282, HEADER(0, 0, 0, 7, [16] = 8, 0)},
    {283, HEADER([12] = 0xc0, 0, 0, 0, 8, 0)},
    {284, HEADER([12] = 0xda, 0xda, 0, 0, 0xc0, 0, 0, 0, 8, 0)},
};

static void every_link_type_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct packet_list list, linked = {0};
        struct traffic traffic;
        struct traffic_tcp tcp;
        begin(&list, &traffic, &tcp);
        traffic_handshake(&tcp, &plain_tls);
        for (size_t at = 0; at < list.count; at++) {
            uint8_t bytes[2048];
            struct packet packet = list.packets[at];
            if (links[i].len != 0)
                memcpy(bytes, links[i].header, links[i].len);
            memcpy(bytes + links[i].len, packet.bytes + 14, packet.len - 14);
            packet.bytes = bytes;
            packet.len = packet.wire_len = packet.len - 14 + links[i].len;
            packet.link_type = links[i].link_type;
            packet_list_add(&linked, &packet);
        }
        packet_list_clear(&list);
        check_and_clear(&linked, &plain_tls);
    }
}

static void what_is_encrypted_or_no_data_on_a_wireless_link_is_left(void **state)
{
    static const uint8_t frames[][2] = {{8, 0x41}, {0x80, 0}, {0x48, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[64] = {frames[i][0], frames[i][1], [24] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 0x45};
        const struct packet packet = {.bytes = bytes, .len = sizeof bytes, .wire_len = sizeof bytes, .link_type = 105};
        struct layers *layers = layers_create();
        struct layer_cursor cursor;
        assert_int_equal(layers_walk(layers, &packet, &cursor), LAYER_STOP);
        layers_destroy(layers);
    }
}

static void what_is_not_read_is_counted_by_its_number(void **state)
{
    static const struct {
        uint8_t bytes[64];
        uint32_t link_type;
        const char *text;       /* NULL: nothing that could hold TLS */
    } packets[] = {
        {{0}, 195, "unknown link type 195"},
        {{[12] = 0x88, 0xe5, 0x0c}, 1, "unknown ethertype 0x88e5 (MACsec, encrypted)"},
        {{[12] = 0x08, 0x06}, 1, NULL},
        {{[12] = 0x89, 0x15}, 1, "unknown ethertype 0x8915"},
        {{[12] = 0x08, 0x00, 0x45, 0, 0, 50, [22] = 64, 50}, 1, "unknown IP protocol 50 (ESP, encrypted)"},
        {{[12] = 0x08, 0x00, 0x45, 0, 0, 50, [22] = 64, 1}, 1, NULL},
        {{[12] = 0x08, 0x00, 0x45, 0, 0, 50, [22] = 64, 132}, 1, "unknown IP protocol 132 (SCTP)"},
        {{0xff, 3, 0, 0x2b}, 9, "unknown PPP protocol 0x002b"},
        {{0xff, 3, 0xc0, 0x21}, 9, NULL},
        {{0x18, 0x41, 3, 0x81}, 107, "unknown NLPID 0x81"},
    };
    (void)state;
    struct layers *layers = layers_create();
    const struct layer_counts *counts = layers_counts(layers);
    size_t kinds = 0;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        const struct packet packet = {.bytes = packets[i].bytes, .len = 64, .wire_len = 64, .link_type = packets[i].link_type};
        struct layer_cursor cursor;
        for (unsigned twice = 0; twice < 2; twice++)
            assert_int_equal(layers_walk(layers, &packet, &cursor), LAYER_STOP);
        if (packets[i].text == NULL) {
            assert_int_equal(counts->unknown_kind_count, kinds);
            continue;
        }
        char text[LAYER_UNKNOWN_TEXT_MAX];
        assert_int_equal(counts->unknown_kind_count, ++kinds);
        assert_int_equal(counts->unknown_kinds[kinds - 1].packets, 2);
        layer_unknown_format(&counts->unknown_kinds[kinds - 1], text);
        assert_string_equal(text, packets[i].text);
    }
    assert_int_equal(counts->unknown, 2 * kinds);
    layers_destroy(layers);
}

static void numbers_without_end_are_counted_together(void **state)
{
    (void)state;
    struct layers *layers = layers_create();
    const struct layer_counts *counts = layers_counts(layers);
    for (uint32_t i = 0; i < 1000; i++) {
        const uint8_t bytes[4] = {0};
        const struct packet packet = {.bytes = bytes, .len = 4, .wire_len = 4, .link_type = 10000 + i};
        struct layer_cursor cursor;
        layers_walk(layers, &packet, &cursor);
    }
    assert_int_equal(counts->unknown, 1000);
    assert_int_equal(counts->unknown_kind_count, LAYERS_UNKNOWN_MAX);
    layers_destroy(layers);
}

static size_t wrap_too_deep(uint8_t *p, size_t n)
{
    for (unsigned i = 0; i < 9; i++)
        n = in_ipv4(p, n, 4);
    return n;
}

static void nesting_has_an_end(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    (void)state;
    begin(&list, &traffic, &tcp);
    traffic.wrap = wrap_too_deep;
    traffic_handshake(&tcp, &plain_tls);
    listen_to(&list, &told);
    assert_int_equal(told.count, 0);
    packet_list_clear(&list);
}

static size_t wrap_6in4(uint8_t *p, size_t n) { return in_ipv4(p, n, 41); }
static size_t wrap_teredo(uint8_t *p, size_t n)
{
    return in_udp(p, put_before(p, n, HEADER(0, 0, 1, 2, 3, 4, 5, 6)), 3544);
}
static size_t wrap_extensions(uint8_t *p, size_t n)      /* hop-by-hop and destination options after the header */
{
    static const uint8_t options[16] = {60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0};
    memmove(p + 56, p + 40, n - 40);
    memcpy(p + 40, options, 16);
    p[6] = 0;
    n += 16;
    p[4] = (uint8_t)((n - 40) >> 8);
    p[5] = (uint8_t)(n - 40);
    return n;
}

static void ipv6_and_its_wrappings_are_read(void **state)
{
    size_t (*const wraps[])(uint8_t *, size_t) = {NULL, wrap_6in4, wrap_teredo, wrap_extensions};
    (void)state;
    for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++) {
        struct packet_list list;
        struct traffic traffic;
        struct traffic_tcp tcp;
        traffic_to_list(&traffic, &list);
        traffic.wrap = wraps[i];
        traffic_tcp_init(&tcp, &traffic, "2001:db8::1", 40000, "2001:db8::2", 443, 1000);
        traffic_handshake(&tcp, &plain_tls);
        check_and_clear(&list, &plain_tls);
    }
}

/* Every IP packet in pieces of 400 bytes, the last piece first. */
static void fragment_list(const struct packet_list *from, struct packet_list *to)
{
    *to = (struct packet_list){0};
    for (size_t i = 0; i < from->count; i++) {
        const struct packet *packet = &from->packets[i];
        bool is_ipv6 = packet->bytes[12] == 0x86;
        size_t head = is_ipv6 ? 40 : 20, payload = packet->len - 14 - head, pieces = (payload + 399) / 400;
        for (size_t piece = pieces; piece-- > 0;) {
            uint8_t frame[1024];
            size_t at = piece * 400, len = payload - at < 400 ? payload - at : 400;
            bool more = piece + 1 < pieces;
            size_t out = 14 + head;
            memcpy(frame, packet->bytes, out);
            if (is_ipv6) {
                uint8_t header[8] = {6, 0, (uint8_t)(at >> 8), (uint8_t)((at & 0xf8) | more), 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
                memcpy(frame + out, header, 8);
                out += 8;
                frame[14 + 6] = 44;
                frame[14 + 4] = (uint8_t)((len + 8) >> 8);
                frame[14 + 5] = (uint8_t)(len + 8);
            } else {
                frame[14 + 2] = (uint8_t)((len + 20) >> 8);
                frame[14 + 3] = (uint8_t)(len + 20);
                frame[14 + 4] = (uint8_t)(i >> 8);
                frame[14 + 5] = (uint8_t)i;
                frame[14 + 6] = (uint8_t)((more ? 0x20 : 0) | at >> 11);
                frame[14 + 7] = (uint8_t)(at >> 3);
            }
            memcpy(frame + out, packet->bytes + 14 + head + at, len);
            struct packet fragment = *packet;
            fragment.bytes = frame;
            fragment.len = fragment.wire_len = out + len;
            packet_list_add(to, &fragment);
        }
    }
}

static void fragments_are_put_together(void **state)
{
    static const char *const pairs[2][2] = {{"10.0.0.1", "10.0.0.2"}, {"2001:db8::1", "2001:db8::2"}};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct packet_list list, pieces;
        struct traffic traffic;
        struct traffic_tcp tcp;
        traffic_to_list(&traffic, &list);
        traffic_tcp_init(&tcp, &traffic, pairs[i][0], 40000, pairs[i][1], 443, 1000);
        traffic_handshake(&tcp, &plain_tls);
        fragment_list(&list, &pieces);
        packet_list_duplicate(&pieces, 20, 5);
        packet_list_shuffle(&pieces, 8, 9);
        packet_list_clear(&list);
        check_and_clear(&pieces, &plain_tls);
    }
}

static void packets_cut_by_the_snap_length_are_gaps_not_garbage(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    (void)state;
    begin(&list, &traffic, &tcp);
    traffic_handshake(&tcp, &plain_tls);
    for (size_t i = 0; i < list.count; i++)
        if (list.packets[i].len > 300)
            list.packets[i].len = 300;
    listen_to(&list, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.handshake[0].outcome, OUTCOME_INCOMPLETE);
    packet_list_clear(&list);
}

/* ---- EAP-TLS ---- */

/* Flights as EAP-TLS fragments of 200 bytes: every fragment is acknowledged by an empty one. */
static void send_eap(struct traffic *traffic, bool is_radius)
{
    struct byte_buffer flight;
    uint8_t id = 1, request_id = 0;
    byte_buffer_init(&flight, 0);
    for (unsigned i = 0; i < 3; i++) {
        void (*const flights[3])(struct byte_buffer *, const struct traffic_tls *) = {
            traffic_client_hello, traffic_server_flight, traffic_client_finish};
        flights[i](&flight, &plain_tls);
        size_t len = byte_buffer_len(&flight);
        for (size_t at = 0; at < len; at += 200) {
            uint8_t eap[300], packet[400];
            size_t step = len - at < 200 ? len - at : 200;
            bool from_server = i == 1;
            struct byte_writer w = byte_writer_of(eap, sizeof eap);
            byte_writer_u8(&w, from_server ? 1 : 2);
            byte_writer_u8(&w, id++);
            byte_writer_u16(&w, (unsigned)(4 + 2 + (at == 0 ? 4u : 0u) + step));
            byte_writer_u8(&w, 13);
            byte_writer_u8(&w, (at == 0 ? 0x80u : 0) | (at + step < len ? 0x40u : 0));
            if (at == 0)
                byte_writer_u32(&w, (uint32_t)len);
            byte_writer_bytes(&w, flight.bytes + at, step);
            struct byte_writer p = byte_writer_of(packet, sizeof packet);
            if (is_radius) {
                byte_writer_u8(&p, from_server ? 11 : 1);
                request_id = from_server ? request_id : id;
                byte_writer_u8(&p, request_id);                     /* an answer has its request's identifier */
                byte_writer_u16(&p, (unsigned)(20 + 2 + w.len + 6));
                byte_writer_u64(&p, 1);
                byte_writer_u64(&p, 2);
                byte_writer_u8(&p, 79);
                byte_writer_u8(&p, (unsigned)w.len + 2);
                byte_writer_bytes(&p, eap, w.len);
                byte_writer_u8(&p, 24);
                byte_writer_u8(&p, 6);
                byte_writer_u32(&p, 0xabcd);
                traffic_udp(traffic, from_server ? "10.0.0.9" : "10.0.0.1", from_server ? 1812 : 50000,
                            from_server ? "10.0.0.1" : "10.0.0.9", from_server ? 50000 : 1812, packet, p.len);
            } else {
                byte_writer_u8(&p, 2);
                byte_writer_u8(&p, 0);
                byte_writer_u16(&p, (unsigned)w.len);
                byte_writer_bytes(&p, eap, w.len);
                traffic_frame(traffic, 0x888e, packet, p.len);
                if (from_server) {          /* traffic_frame() always has the same addresses: turn them */
                    struct packet_list *list = traffic->context;
                    uint8_t *bytes = (uint8_t *)(uintptr_t)list->packets[list->count - 1].bytes;
                    bytes[5] = 1;
                    bytes[11] = 2;
                }
            }
        }
        byte_buffer_clear(&flight);
    }
}

static void eap_tls_is_read_in_eapol_and_radius(void **state)
{
    (void)state;
    for (unsigned is_radius = 0; is_radius < 2; is_radius++) {
        struct packet_list list;
        struct traffic traffic;
        struct told told;
        traffic_to_list(&traffic, &list);
        send_eap(&traffic, is_radius);
        packet_list_duplicate(&list, 20, 4);
        listen_to(&list, &told);
        assert_one_chain(&told, &plain_tls);
        assert_string_equal(told.handshake[0].protocol, "eap-tls");
        assert_string_equal(told.handshake[0].server, is_radius ? "10.0.0.9" : "");
        packet_list_clear(&list);
    }
}

/* ---- limits ---- */

static void drop_packet(void *context, const struct packet *packet)
{
    listener_packet(context, packet);
}

static void a_flood_of_syns_stays_within_its_memory(void **state)
{
    struct told told = {0};
    struct listener_options options = {.on_handshake = on_handshake, .context = &told};
    struct listener *listener = listener_create(&options);
    struct traffic traffic = {.on_packet = drop_packet, .context = listener, .time_us = 1, .step_us = 1};
    struct traffic_tcp real, flood;
    struct byte_buffer flight;
    (void)state;
    byte_buffer_init(&flight, 0);
    traffic_tcp_init(&real, &traffic, "10.0.0.1", 40000, "10.0.0.2", 443, 1000);
    traffic_tcp_open(&real);
    traffic_client_hello(&flight, &plain_tls);
    traffic_tcp_send(&real, 0, flight.bytes, byte_buffer_len(&flight));
    for (uint32_t i = 0; i < 400000; i++) {
        char client[32];
        snprintf(client, sizeof client, "11.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
        traffic_tcp_init(&flood, &traffic, client, (uint16_t)i, "10.0.0.2", 443, i);
        traffic_tcp_segment(&flood, 0, 0, NULL, 0, TCP_SYN);
    }
    byte_buffer_clear(&flight);
    traffic_server_flight(&flight, &plain_tls);         /* the connection in progress is still followed */
    traffic_tcp_send(&real, 1, flight.bytes, byte_buffer_len(&flight));
    byte_buffer_clear(&flight);
    const struct flow_counts *counts = listener_flow_counts(listener);
    assert_true(counts->now_max <= FLOW_TABLE_SILENT_MAX + 1);
    assert_int_equal(counts->evicted_silent, 400001 - FLOW_TABLE_SILENT_MAX - 1);
    listener_destroy(listener);
    assert_one_chain(&told, &plain_tls);
}

static void plaintext_is_let_go_after_four_kibibytes(void **state)
{
    static uint8_t text[1448];
    struct told told = {0};
    struct listener_options options = {.on_handshake = on_handshake, .context = &told};
    struct listener *listener = listener_create(&options);
    struct traffic traffic = {.on_packet = drop_packet, .context = listener, .time_us = 1, .step_us = 1};
    struct traffic_tcp tcp;
    (void)state;
    memset(text, 'a', sizeof text);
    traffic_tcp_init(&tcp, &traffic, "10.0.0.1", 40000, "10.0.0.2", 80, 1);
    traffic_tcp_open(&tcp);
    traffic_tcp_send(&tcp, 1, text, sizeof text);
    assert_true(listener_flow_counts(listener)->bytes != 0);
    for (unsigned i = 0; i < 2; i++)
        traffic_tcp_send(&tcp, 1, text, sizeof text);
    assert_int_equal(listener_flow_counts(listener)->bytes, 0);
    assert_int_equal(listener_flow_counts(listener)->now, 1);
    listener_destroy(listener);
}

static void held_bytes_of_all_connections_have_a_limit(void **state)
{
    static uint8_t data[1448];
    struct told told = {0};
    struct listener_options options = {.on_handshake = on_handshake, .context = &told};
    struct listener *listener = listener_create(&options);
    struct traffic traffic = {.on_packet = drop_packet, .context = listener, .time_us = 1, .step_us = 1};
    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {               /* each with a hole that never closes */
        struct traffic_tcp tcp;
        traffic_tcp_init(&tcp, &traffic, "10.0.0.1", (uint16_t)(1000 + i), "10.0.0.2", 443, 1);
        traffic_tcp_open(&tcp);
        for (int32_t at = 0; at < 100; at++)
            traffic_tcp_segment(&tcp, 0, 5000 + at * 1448, data, sizeof data, TCP_ACK);
    }
    const struct flow_counts *counts = listener_flow_counts(listener);
    assert_true(counts->bytes_max <= FLOW_BYTES_MAX + FLOW_BYTES_EACH_MAX);
    assert_true(counts->conversations_dropped > 0);
    listener_destroy(listener);
}

struct footprint {
    size_t flows, bytes, heap;
};

/* Four kinds of connections in turn: a handshake, a hello without an answer, plaintext, and one with a hole. */
static void one_hour(struct listener *listener, struct traffic *traffic, uint32_t *number, struct footprint *after)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    static uint8_t data[1448];
    for (unsigned i = 0; i < 4000; i++, ++*number) {
        char client[32];
        struct traffic_tcp tcp;
        struct byte_buffer hello;
        snprintf(client, sizeof client, "11.%u.%u.%u", *number >> 16 & 255, *number >> 8 & 255, *number & 255);
        traffic_tcp_init(&tcp, traffic, client, (uint16_t)*number, "10.0.0.2", 443, *number * 7919u);
        traffic->time_us += 3600000000 / 4000 - 40;
        switch (i % 4) {
        case 0: traffic_handshake(&tcp, &plain_tls); break;
        case 1:
            byte_buffer_init(&hello, 0);
            traffic_client_hello(&hello, &plain_tls);
            traffic_tcp_open(&tcp);
            traffic_tcp_send(&tcp, 0, hello.bytes, byte_buffer_len(&hello));
            byte_buffer_clear(&hello);
            break;
        case 2:
            traffic_tcp_open(&tcp);
            traffic_tcp_send(&tcp, 0, (const uint8_t *)request, sizeof request - 1);
            traffic_tcp_send(&tcp, 1, data, sizeof data);
            break;
        default:
            traffic_tcp_open(&tcp);
            traffic_tcp_segment(&tcp, 1, 3000, data, sizeof data, TCP_ACK);
        }
    }
    const struct flow_counts *counts = listener_flow_counts(listener);
    *after = (struct footprint){.flows = counts->now, .bytes = counts->bytes, .heap = mallinfo2().uordblks};
}

static void a_day_leaves_no_more_behind_than_its_second_hour(void **state)
{
    struct told told = {0};
    struct listener_options options = {.on_handshake = on_handshake, .context = &told};
    struct listener *listener = listener_create(&options);
    struct traffic traffic = {.on_packet = drop_packet, .context = listener, .time_us = 1700000000000000, .step_us = 3};
    struct footprint second = {0}, now = {0};
    uint32_t number = 0;
    (void)state;
    for (unsigned hour = 1; hour <= 24; hour++) {
        one_hour(listener, &traffic, &number, &now);
        if (hour == 2)
            second = now;
        if (hour > 2) {
            assert_in_range(now.flows, 0, second.flows + second.flows / 20);
            assert_in_range(now.bytes, 0, second.bytes + second.bytes / 20);
            assert_in_range(now.heap, 0, second.heap + (256u << 10));
        }
    }
    assert_true(listener_flow_counts(listener)->expired > 90000);
    listener_destroy(listener);
}

/* ---- hostile bytes ---- */

static void no_truncation_and_no_flip_breaks_it(void **state)
{
    struct packet_list list;
    struct traffic traffic;
    struct traffic_tcp tcp;
    struct told told;
    uint64_t random = 7;
    (void)state;
    begin(&list, &traffic, &tcp);
    traffic.wrap = wrap_vxlan;
    traffic_handshake(&tcp, &plain_tls);
    send_eap(&traffic, true);
    send_eap(&traffic, false);
    for (size_t cut = 0; cut < 1600; cut++) {
        struct packet_list shorter = {0};
        for (size_t i = 0; i < list.count; i++) {
            struct packet packet = list.packets[i];
            packet.len = packet.len < cut ? packet.len : cut;
            packet_list_add(&shorter, &packet);
        }
        listen_to(&shorter, &told);
        packet_list_clear(&shorter);
    }
    for (unsigned flip = 0; flip < 1000; flip++) {
        struct packet_list other = {0};
        for (size_t i = 0; i < list.count; i++) {
            packet_list_add(&other, &list.packets[i]);
            uint8_t *bytes = (uint8_t *)(uintptr_t)other.packets[i].bytes;
            bytes[test_random(&random) % list.packets[i].len] ^= (uint8_t)(1u << test_random(&random) % 8);
        }
        listen_to(&other, &told);
        packet_list_clear(&other);
    }
    packet_list_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_is_fifteen_packets_and_one_chain),
        cmocka_unit_test(long_chains_are_read_to_a_mebibyte),
        cmocka_unit_test(a_chain_over_the_limit_is_too_large),
        cmocka_unit_test(an_empty_certificate_message_is_no_chain),
        cmocka_unit_test(tls13_is_hidden_once),
        cmocka_unit_test(a_resumed_session_is_recognised),
        cmocka_unit_test(renegotiation_under_a_null_suite_shows_the_second_chain),
        cmocka_unit_test(sequence_numbers_wrap_inside_the_chain),
        cmocka_unit_test(one_direction_is_enough),
        cmocka_unit_test(of_overlapping_bytes_the_first_stay),
        cmocka_unit_test(a_gap_in_the_certificate_is_incomplete_and_never_a_wrong_chain),
        cmocka_unit_test(a_gap_before_the_certificate_loses_only_what_is_in_it),
        cmocka_unit_test(tls_behind_a_mebibyte_of_plaintext_is_found),
        cmocka_unit_test(the_dialect_is_told_by_what_was_said_before),
        cmocka_unit_test(every_wrapping_is_taken_off),
        cmocka_unit_test(every_link_type_is_read),
        cmocka_unit_test(what_is_encrypted_or_no_data_on_a_wireless_link_is_left),
        cmocka_unit_test(what_is_not_read_is_counted_by_its_number),
        cmocka_unit_test(numbers_without_end_are_counted_together),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(ipv6_and_its_wrappings_are_read),
        cmocka_unit_test(fragments_are_put_together),
        cmocka_unit_test(packets_cut_by_the_snap_length_are_gaps_not_garbage),
        cmocka_unit_test(eap_tls_is_read_in_eapol_and_radius),
        cmocka_unit_test(a_flood_of_syns_stays_within_its_memory),
        cmocka_unit_test(a_day_leaves_no_more_behind_than_its_second_hour),
        cmocka_unit_test(plaintext_is_let_go_after_four_kibibytes),
        cmocka_unit_test(held_bytes_of_all_connections_have_a_limit),
        cmocka_unit_test(no_truncation_and_no_flip_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
