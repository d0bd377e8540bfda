/* Any bytes, in pieces whose sizes the input's first byte decides, through the stream reader and every body parser, and
 * through a capture that waits for a server's flight. */
#include "probes/tls/messages.h"
#include "probes/tls/offers.h"
#include "probes/tls/strategy.h"
#include "probes/tls/stream_reader.h"

#include <stdlib.h>
#include <string.h>

static void parse(uint8_t type, struct byte_reader body, uint16_t version, const struct tls_suite *suite)
{
    struct client_hello client;
    struct server_hello server;
    struct encrypted_extensions extensions;
    struct certificate_message certificate;
    struct certificate_request request;
    struct certificate_verify verify;
    struct compressed_certificate compressed;
    struct server_key_exchange exchange;
    struct byte_reader data, staple = byte_reader_of(NULL, 0);
    struct der cert;
    uint32_t scts = 0;
    switch (type) {
    case TLS_CLIENT_HELLO:
        client_hello_parse(body, &client);
        client_hello_parse_dtls(body, &client);
        client_hello_parse_sslv2(body, &client);
        break;
    case TLS_SERVER_HELLO: server_hello_parse(body, &server); break;
    case TLS_ENCRYPTED_EXTENSIONS: encrypted_extensions_parse(body, &extensions); break;
    case TLS_CERTIFICATE:
        if (certificate_parse(body, version, &certificate))
            while (certificate_next(&certificate, &cert, &data))
                certificate_extensions_parse(data, &staple, &scts);
        break;
    case TLS_SERVER_KEY_EXCHANGE: server_key_exchange_parse(body, version, suite, &exchange); break;
    case TLS_CERTIFICATE_REQUEST: certificate_request_parse(body, version, &request); break;
    case TLS_CERTIFICATE_STATUS: certificate_status_parse(body, &staple); break;
    case TLS_CERTIFICATE_VERIFY: certificate_verify_parse(body, version, &verify); break;
    case TLS_COMPRESSED_CERTIFICATE: compressed_certificate_parse(body, &compressed); break;
    default: break;
    }
}

static void read_stream(struct tls_stream_reader *reader, const uint8_t *bytes, size_t len, uint8_t choice)
{
    size_t count;
    const struct tls_suite *suites = tls_suites(&count);
    struct byte_reader in = byte_reader_of(bytes, len);
    struct tls_stream_event event;
    struct sslv2_server_hello sslv2;
    for (;;) {
        enum tls_stream_kind kind = tls_stream_read(reader, &in, &event);
        if (kind == TLS_STREAM_MORE || kind == TLS_STREAM_NOT_TLS || kind == TLS_STREAM_BAD)
            return;
        if (kind == TLS_STREAM_DECLARED) {
            if (event.message.len > 1u << 20)
                tls_message_skip(&reader->messages);
            else
                tls_message_allow(&reader->messages);
        } else if (kind == TLS_STREAM_MESSAGE) {
            parse(event.message.type, event.message.body, (choice & 1) != 0 ? 0x0304 : 0x0303, &suites[choice % count]);
        } else if (kind == TLS_STREAM_SSLV2) {
            sslv2_server_hello_parse(event.record.body, &sslv2);
            parse(TLS_CLIENT_HELLO, event.record.body, 0x0002, NULL);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    if (len < 2)
        return 0;
    uint8_t choice = input[0];
    size_t piece = input[1] == 0 ? len : input[1];
    struct tls_stream_reader reader;
    struct tls_capture *capture = tls_capture_create(NULL);
    uint8_t room[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(room, sizeof room);
    tls_stream_reader_init(&reader);
    static const struct tls_offer *const offers[] = {&offer_combined, &offer_proof, &offer_raw_key, &offer_ask_sslv2};
    tls_capture_begin(capture, &(struct tls_hello_plan){.name = "fuzz", .offer = offers[choice / 2 % 4]},
                      "a.example", &out);
    enum tls_capture_result result = TLS_CAPTURE_MORE;
    for (size_t at = 2; at < len; at += piece) {
        size_t now = len - at < piece ? len - at : piece;
        uint8_t *copy = malloc(now);            /* so that a byte beyond the piece is seen */
        memcpy(copy, input + at, now);
        read_stream(&reader, copy, now, choice);
        struct byte_reader in = byte_reader_of(copy, now);
        out.len = 0;
        if (result == TLS_CAPTURE_MORE)
            result = tls_capture_read(capture, &in, &out);
        free(copy);
    }
    if (result == TLS_CAPTURE_MORE || result == TLS_CAPTURE_DONE)
        tls_capture_farewell(capture, &out);
    tls_capture_destroy(capture);
    tls_stream_reader_clear(&reader);
    return 0;
}
