/* The readers on flights of libssl's server, cut at every byte. */
#include "probes/tls/messages.h"
#include "probes/tls/stream_reader.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/memory_server.h"

#include <stdlib.h>
#include <string.h>

struct seen {
    unsigned certificates, messages, alerts, sslv2, declared, encrypted;
    uint16_t suite, version;
    char server_name[SERVER_NAME_SIZE], alpn[ALPN_SIZE];
    const uint8_t *leaf;        /* expected */
    size_t leaf_len;
    enum tls_stream_kind end;
};

static void on_message(const struct tls_message *message, struct seen *seen)
{
    struct server_hello hello;
    struct client_hello client;
    struct certificate_message certificate;
    struct der cert;
    seen->messages++;
    switch (message->type) {
    case TLS_CLIENT_HELLO:
        assert_true(client_hello_parse(message->body, &client));
        strcpy(seen->server_name, client.server_name);
        strcpy(seen->alpn, client.first_alpn);
        seen->version = client.max_version;
        break;
    case TLS_SERVER_HELLO:
        assert_true(server_hello_parse(message->body, &hello));
        seen->suite = hello.cipher_suite;
        seen->version = hello.version;
        break;
    case TLS_CERTIFICATE:
        assert_true(certificate_parse(message->body, seen->version, &certificate));
        while (certificate_next(&certificate, &cert, NULL)) {
            if (seen->certificates++ == 0) {
                assert_int_equal(cert.len, seen->leaf_len);
                assert_memory_equal(cert.bytes, seen->leaf, cert.len);
            }
        }
        assert_int_equal(certificate.list.left, 0);
        break;
    default: break;
    }
}

static void read_piece(struct tls_stream_reader *reader, const uint8_t *bytes, size_t len, struct seen *seen)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);         /* its own block, so that a sanitizer sees every overread */
    memcpy(copy, bytes, len);
    struct byte_reader in = byte_reader_of(copy, len);
    struct tls_stream_event event;
    while ((seen->end = tls_stream_read(reader, &in, &event)) != TLS_STREAM_MORE) {
        if (seen->end == TLS_STREAM_MESSAGE)
            on_message(&event.message, seen);
        else if (seen->end == TLS_STREAM_DECLARED) {
            seen->declared++;
            tls_message_allow(&reader->messages);
        } else if (seen->end == TLS_STREAM_ALERT)
            seen->alerts++;
        else if (seen->end == TLS_STREAM_SSLV2)
            seen->sslv2++;
        else if (seen->end == TLS_STREAM_ENCRYPTED)
            seen->encrypted++;
        else if (seen->end == TLS_STREAM_NOT_TLS || seen->end == TLS_STREAM_BAD)
            break;
    }
    if (seen->end == TLS_STREAM_MORE)
        assert_int_equal(in.left, 0);
    free(copy);
}

static void every_split_gives_the_same_messages(void **state)
{
    (void)state;
    struct memory_server *server = memory_server_create(&(struct memory_server_options){
        .max_version = TLS1_2_VERSION, .key = "ec:P-256", .chain_count = 3});
    struct byte_buffer hello, flight;
    byte_buffer_init(&hello, 0);
    byte_buffer_init(&flight, 0);
    libssl_client_hello("Leaf.Example", TLS1_2_VERSION, &hello);
    assert_true(memory_server_feed(server, hello.bytes, byte_buffer_len(&hello), &flight));
    size_t len = byte_buffer_len(&flight);
    assert_true(len > 500);
    for (size_t cut = 0; cut <= len; cut++) {
        struct tls_stream_reader reader;
        struct seen seen = {0};
        seen.leaf = memory_server_der(server, false, 0, &seen.leaf_len);
        tls_stream_reader_init(&reader);
        read_piece(&reader, flight.bytes, cut, &seen);
        read_piece(&reader, flight.bytes + cut, len - cut, &seen);
        assert_int_equal(seen.certificates, 3);
        assert_int_equal(seen.messages, 4);             /* ServerHello, Certificate, ServerKeyExchange, Done */
        assert_int_equal(seen.version, 0x0303);
        assert_true(tls_stream_reader_is_between(&reader));
        tls_stream_reader_clear(&reader);
    }
    byte_buffer_clear(&hello);
    byte_buffer_clear(&flight);
    memory_server_destroy(server);
}

static void single_bytes_are_enough(void **state)
{
    (void)state;
    struct byte_buffer hello;
    byte_buffer_init(&hello, 0);
    libssl_client_hello("Leaf.Example", TLS1_3_VERSION, &hello);
    struct tls_stream_reader reader;
    struct seen seen = {0};
    tls_stream_reader_init(&reader);
    for (size_t i = 0; i < byte_buffer_len(&hello); i++)
        read_piece(&reader, hello.bytes + i, 1, &seen);
    assert_int_equal(seen.messages, 1);
    assert_string_equal(seen.server_name, "leaf.example");
    assert_string_equal(seen.alpn, "h2");
    assert_int_equal(seen.version, 0x0304);
    tls_stream_reader_clear(&reader);
    byte_buffer_clear(&hello);
}

/* Every message in records of one byte. */
static void records_of_one_byte_are_enough(void **state)
{
    (void)state;
    struct byte_buffer hello, small;
    byte_buffer_init(&hello, 0);
    byte_buffer_init(&small, 0);
    libssl_client_hello("a.example", TLS1_3_VERSION, &hello);
    for (size_t i = TLS_RECORD_HEADER_LEN; i < byte_buffer_len(&hello); i++) {
        const uint8_t record[] = {22, 3, 1, 0, 1, hello.bytes[i]};
        byte_buffer_append(&small, record, sizeof record);
    }
    struct tls_stream_reader reader;
    struct seen seen = {0};
    tls_stream_reader_init(&reader);
    read_piece(&reader, small.bytes, byte_buffer_len(&small), &seen);
    assert_int_equal(seen.messages, 1);
    assert_int_equal(seen.declared, 1);
    assert_string_equal(seen.server_name, "a.example");
    tls_stream_reader_clear(&reader);
    byte_buffer_clear(&hello);
    byte_buffer_clear(&small);
}

static void a_declared_message_may_be_skipped_unbuffered(void **state)
{
    (void)state;
    struct tls_message_reader reader;
    struct tls_message message;
    tls_message_reader_init(&reader);
    const uint8_t head[] = {11, 0xff, 0xff, 0xff};
    struct byte_reader in = byte_reader_of(head, sizeof head);
    assert_int_equal(tls_message_read(&reader, &in, &message), TLS_MESSAGE_DECLARED);
    assert_int_equal(message.len, 0xffffff);
    assert_int_equal(tls_message_read(&reader, &in, &message), TLS_MESSAGE_DECLARED);       /* until decided */
    tls_message_skip(&reader);
    assert_int_equal(tls_message_held_len(&reader), 0);
    static const uint8_t zeros[4096];
    for (uint32_t left = 0xffffff; left != 0;) {
        uint32_t len = left < sizeof zeros ? left : (uint32_t)sizeof zeros;
        in = byte_reader_of(zeros, len);
        assert_int_equal(tls_message_read(&reader, &in, &message), TLS_MESSAGE_MORE);
        left -= len;
    }
    const uint8_t done[] = {14, 0, 0, 0};
    in = byte_reader_of(done, sizeof done);
    assert_int_equal(tls_message_read(&reader, &in, &message), TLS_MESSAGE_READY);
    assert_int_equal(message.type, TLS_SERVER_HELLO_DONE);
    tls_message_reader_clear(&reader);
}

static void alerts_and_their_pieces(void **state)
{
    (void)state;
    static const uint8_t alert[] = {21, 3, 1, 0, 2, 2, 40};
    for (size_t cut = 0; cut <= sizeof alert; cut++) {
        struct tls_stream_reader reader;
        struct seen seen = {0};
        tls_stream_reader_init(&reader);
        read_piece(&reader, alert, cut, &seen);
        read_piece(&reader, alert + cut, sizeof alert - cut, &seen);
        assert_int_equal(seen.alerts, 1);
        tls_stream_reader_clear(&reader);
    }
}

static void other_protocols_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *name;
    } rows[] = {{"HTTP/1.1 400 Bad Request\r\n", "http"}, {"SSH-2.0-OpenSSH_9.2\r\n", "ssh"},
                {"220 mail.example ESMTP\r\n", "smtp or ftp"}, {"\x01\x02\x03", "unknown"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tls_stream_reader reader;
        struct tls_stream_event event;
        tls_stream_reader_init(&reader);
        struct byte_reader in = byte_reader_of(rows[i].bytes, strlen(rows[i].bytes));
        assert_int_equal(tls_stream_read(&reader, &in, &event), TLS_STREAM_NOT_TLS);
        assert_string_equal(event.name, rows[i].name);
        tls_stream_reader_clear(&reader);
    }
}

static void empty_records_are_read_over(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {22, 3, 3, 0, 5, 14, 0, 0, 1, 7, 22, 3, 3, 0, 0, 22, 3, 3, 0, 5, 14, 0, 0, 2, 7,
                                    22, 3, 3, 0, 0, 22, 3, 3, 0, 1, 8};
    struct tls_stream_reader reader;
    struct seen seen = {0};
    tls_stream_reader_init(&reader);
    read_piece(&reader, bytes, sizeof bytes, &seen);
    assert_int_equal(seen.messages, 2);
    assert_true(tls_stream_reader_is_between(&reader));
    tls_stream_reader_clear(&reader);
}

static void a_second_record_that_is_none_is_bad(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {22, 3, 3, 0, 4, 14, 0, 0, 0, 'H', 'T', 'T', 'P'};
    struct tls_stream_reader reader;
    struct seen seen = {0};
    tls_stream_reader_init(&reader);
    read_piece(&reader, bytes, sizeof bytes, &seen);
    assert_int_equal(seen.messages, 1);
    assert_int_equal(seen.end, TLS_STREAM_BAD);
    tls_stream_reader_clear(&reader);
}

/* SERVER-HELLO of SSLv2: type, hit, certificate type, version, three lengths, then certificate and kinds. */
static void sslv2_server_hello_carries_a_certificate(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x80, 11 + 3 + 3 + 2, 4, 0, 1, 0, 2, 0, 3, 0, 3, 0, 2,
                                    'D', 'E', 'R', 1, 0, 0x80, 'i', 'd'};
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        struct tls_stream_reader reader;
        struct tls_stream_event event;
        struct sslv2_server_hello hello;
        tls_stream_reader_init(&reader);
        struct byte_reader in = byte_reader_of(bytes, cut);
        enum tls_stream_kind kind = tls_stream_read(&reader, &in, &event);
        if (kind == TLS_STREAM_MORE) {
            in = byte_reader_of(bytes + cut, sizeof bytes - cut);
            kind = tls_stream_read(&reader, &in, &event);
        }
        assert_int_equal(kind, TLS_STREAM_SSLV2);
        assert_true(sslv2_server_hello_parse(event.record.body, &hello));
        assert_int_equal(hello.certificate.len, 3);
        assert_memory_equal(hello.certificate.bytes, "DER", 3);
        assert_int_equal(hello.cipher_specs.left, 3);
        tls_stream_reader_clear(&reader);
    }
}

static void a_client_hello_in_sslv2_framing(void **state)
{
    (void)state;
    static const uint8_t body[] = {1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 0x2f, 1, 0, 0x80,
                                   1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct client_hello hello;
    assert_true(client_hello_parse_sslv2(byte_reader_of(body, sizeof body), &hello));
    assert_int_equal(hello.max_version, 0x0301);
    assert_int_equal(hello.cipher_suites.left, 6);
    assert_false(client_hello_parse_sslv2(byte_reader_of(body, sizeof body - 1), &hello));
}

/* A body cut anywhere is refused, and nothing is read beyond it. */
static void truncated_bodies_are_refused(void **state)
{
    (void)state;
    struct byte_buffer hello;
    byte_buffer_init(&hello, 0);
    libssl_client_hello("a.example", TLS1_3_VERSION, &hello);
    const uint8_t *body = hello.bytes + TLS_RECORD_HEADER_LEN + TLS_MESSAGE_HEADER_LEN;
    size_t len = byte_buffer_len(&hello) - TLS_RECORD_HEADER_LEN - TLS_MESSAGE_HEADER_LEN;
    struct client_hello parsed;
    assert_true(client_hello_parse(byte_reader_of(body, len), &parsed));
    size_t bare = (size_t)(parsed.compression_methods.at + parsed.compression_methods.left - body);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1);
        memcpy(copy, body, cut);
        assert_int_equal(client_hello_parse(byte_reader_of(copy, cut), &parsed), cut == bare);
        free(copy);
    }
    byte_buffer_clear(&hello);
}

static void server_key_exchange_gives_prime_and_curve(void **state)
{
    (void)state;
    static const struct {
        const char *ciphers;
        uint32_t dh_bits;
        int32_t group;
    } rows[] = {{"ECDHE-RSA-AES128-GCM-SHA256", 0, 29}, {"DHE-RSA-AES128-GCM-SHA256", 2048, -1}};
    for (size_t i = 0; i < 2; i++) {
        struct memory_server *server = memory_server_create(&(struct memory_server_options){
            .max_version = TLS1_2_VERSION, .key = "rsa:2048", .ciphers = rows[i].ciphers});
        struct byte_buffer hello, flight;
        byte_buffer_init(&hello, 0);
        byte_buffer_init(&flight, 0);
        libssl_client_hello(NULL, TLS1_2_VERSION, &hello);
        assert_true(memory_server_feed(server, hello.bytes, byte_buffer_len(&hello), &flight));
        struct byte_reader in = byte_buffer_reader(&flight);
        struct tls_stream_reader reader;
        struct tls_stream_event event;
        struct server_hello server_hello = {0};
        struct server_key_exchange exchange = {0};
        tls_stream_reader_init(&reader);
        while (tls_stream_read(&reader, &in, &event) == TLS_STREAM_MESSAGE) {
            if (event.message.type == TLS_SERVER_HELLO)
                assert_true(server_hello_parse(event.message.body, &server_hello));
            if (event.message.type == TLS_SERVER_KEY_EXCHANGE)
                assert_true(server_key_exchange_parse(event.message.body, server_hello.version,
                                                      tls_suite_find(server_hello.cipher_suite), &exchange));
        }
        assert_int_equal(exchange.dh_bits, rows[i].dh_bits);
        assert_int_equal(exchange.group, rows[i].group);
        assert_true(exchange.signature.left > 100);
        tls_stream_reader_clear(&reader);
        byte_buffer_clear(&hello);
        byte_buffer_clear(&flight);
        memory_server_destroy(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_gives_the_same_messages),
        cmocka_unit_test(single_bytes_are_enough),
        cmocka_unit_test(records_of_one_byte_are_enough),
        cmocka_unit_test(a_declared_message_may_be_skipped_unbuffered),
        cmocka_unit_test(alerts_and_their_pieces),
        cmocka_unit_test(other_protocols_are_named),
        cmocka_unit_test(empty_records_are_read_over),
        cmocka_unit_test(a_second_record_that_is_none_is_bad),
        cmocka_unit_test(sslv2_server_hello_carries_a_certificate),
        cmocka_unit_test(a_client_hello_in_sslv2_framing),
        cmocka_unit_test(truncated_bodies_are_refused),
        cmocka_unit_test(server_key_exchange_gives_prime_and_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
