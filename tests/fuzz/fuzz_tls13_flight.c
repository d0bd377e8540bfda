/* A TLS 1.3 flight whose plaintext is the input: the harness plays a server whose keys are known (the client's share is the
 * generator, so the secret is the share sent), and seals what the fuzzer made as EncryptedExtensions, Certificate and so on. */
#include "probes/tls/aead.h"
#include "probes/tls/message_reader.h"
#include "probes/tls/offers.h"
#include "probes/tls/strategy.h"

#include <stdlib.h>
#include <string.h>

/* ServerHello: TLS 1.3, suite, x25519 with a share of sevens. */
static size_t server_hello_write(uint16_t suite, uint8_t bytes[256])
{
    struct byte_writer out = byte_writer_of(bytes, 256);
    byte_writer_bytes(&out, "\x16\x03\x03", 3);
    size_t record = byte_writer_vector_begin(&out, 2);
    byte_writer_u8(&out, TLS_SERVER_HELLO);
    size_t message = byte_writer_vector_begin(&out, 3);
    byte_writer_u16(&out, 0x0303);
    memset(byte_writer_room(&out, 32), 5, 32);
    byte_writer_u8(&out, 0);
    byte_writer_u16(&out, suite);
    byte_writer_u8(&out, 0);
    size_t extensions = byte_writer_vector_begin(&out, 2);
    byte_writer_bytes(&out, "\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x24\x00\x1d\x00\x20", 14);
    memset(byte_writer_room(&out, 32), 7, 32);
    byte_writer_vector_end(&out, extensions, 2);
    byte_writer_vector_end(&out, message, 3);
    byte_writer_vector_end(&out, record, 2);
    return out.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    static struct tls_aead *aead;
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    if (len < 3)
        return 0;
    if (aead == NULL)
        aead = tls_aead_create();
    const struct tls_suite *suite = tls_suite_find(suites[input[0] % 5]);
    size_t piece = input[1] == 0 ? 200 : input[1] % 200 + 1u;
    uint8_t type = (input[2] & 15) == 0 ? 21 : 22, hello[TLS_OUT_MAX], bytes[4096], secret[32];
    struct byte_writer out = byte_writer_of(hello, sizeof hello);
    struct tls_capture *capture = tls_capture_create(NULL);
    tls_capture_begin(capture, &(struct tls_hello_plan){.name = "fuzz", .offer = (input[2] & 32) != 0   ? &offer_raw_key
                                                                   : (input[2] & 16) != 0 ? &offer_proof
                                                                                          : &offer_combined},
                      NULL, &out);
    size_t flight_len = server_hello_write(suite->id, bytes);

    struct tls_hash_ctx transcript;
    struct tls_handshake_secrets secrets;
    struct tls_traffic traffic;
    tls_hash_init(&transcript, suite->hash);
    tls_hash_update(&transcript, hello + 5, out.len - 5);
    tls_hash_update(&transcript, bytes + 5, flight_len - 5);
    memset(secret, 7, sizeof secret);
    tls_handshake_secrets_init(&secrets, suite->hash, secret, sizeof secret, &transcript);
    tls_handshake_traffic(&secrets, true, suite->bits, &traffic);

    out.len = 0;
    struct byte_reader in = byte_reader_of(bytes, flight_len);
    enum tls_capture_result result = tls_capture_read(capture, &in, &out);
    if (result != TLS_CAPTURE_MORE)
        abort();
    for (size_t at = 3; at < len && result == TLS_CAPTURE_MORE; at += piece) {
        size_t now = len - at < piece ? len - at : piece;
        struct byte_writer record = byte_writer_of(bytes, sizeof bytes);
        if (!tls_aead_seal(aead, suite, &traffic, type, input + at, now, &record))
            abort();
        in = byte_reader_of(bytes, record.len);
        result = tls_capture_read(capture, &in, &out);
        if (result == TLS_CAPTURE_ERROR && strcmp(tls_capture_facts(capture)->detail, "record cannot be decrypted") == 0)
            abort();                            /* it was sealed with the right keys */
    }
    tls_capture_farewell(capture, &out);
    tls_capture_destroy(capture);
    return 0;
}
