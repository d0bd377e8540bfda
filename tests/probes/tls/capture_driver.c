#include "tests/probes/tls/capture_driver.h"

#include "probes/base/memory.h"
#include "probes/tls/strategy.h"

#include <stdlib.h>

enum tls_capture_result capture_give(struct tls_capture *capture, const uint8_t *bytes, size_t len,
                                     struct byte_writer *out)
{
    uint8_t *copy = xmalloc(len + 1);
    for (size_t i = 0; i < len; i++)
        copy[i] = bytes[i];
    struct byte_reader in = byte_reader_of(copy, len);
    enum tls_capture_result result = tls_capture_read(capture, &in, out);
    free(copy);
    return result;
}

enum tls_capture_result capture_drive(struct tls_capture *capture, const struct tls_offer *offer,
                                      struct memory_server *server, size_t piece)
{
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    struct byte_buffer flight;
    struct tls_hello_plan plan = {.name = "test", .variant = VARIANT_DEFAULT, .send_server_name = true, .offer = offer};
    enum tls_capture_result result = TLS_CAPTURE_MORE;
    byte_buffer_init(&flight, 0);
    tls_capture_begin(capture, &plan, "leaf.example", &out);
    while (result == TLS_CAPTURE_MORE && out.len != 0) {
        bool ok = memory_server_feed(server, bytes, out.len, &flight);
        out.len = 0;
        while (result == TLS_CAPTURE_MORE && byte_buffer_len(&flight) != 0) {
            size_t len = byte_buffer_len(&flight);
            if (piece != 0 && len > piece)
                len = piece;
            result = capture_give(capture, flight.bytes + flight.head, len, &out);
            byte_buffer_consume(&flight, len);
        }
        if (!ok)
            break;
    }
    byte_buffer_clear(&flight);
    return result;
}

enum outcome capture_outcome(enum tls_capture_result result, const struct tls_facts *facts)
{
    if (facts->chain_count != 0)
        return OUTCOME_CERTIFICATE;
    switch (result) {
    case TLS_CAPTURE_DONE: return OUTCOME_NO_CERTIFICATE;
    case TLS_CAPTURE_ALERT: return OUTCOME_TLS_ALERT;
    case TLS_CAPTURE_NOT_TLS: return OUTCOME_NOT_TLS;
    case TLS_CAPTURE_ERROR: return OUTCOME_TLS_ERROR;
    default: return OUTCOME_CLOSED;
    }
}
