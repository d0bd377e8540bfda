/* TLS 1.3 flights that no server here sends, sealed with the keys that follow from a known share: compressed
 * certificates, padding, messages over several records, broken insides. */
#include "probes/tls/aead.h"
#include "probes/tls/message_reader.h"
#include "probes/tls/offers.h"
#include "probes/tls/pool.h"
#include "probes/tls/strategy.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

struct peer {
    struct tls_pool *pool;
    struct tls_capture *capture;
    struct tls_aead *aead;
    const struct tls_suite *suite;
    struct tls_traffic traffic;
};

static void peer_open_with(struct peer *peer, const struct tls_offer *offer)
{
    static const uint8_t extensions[] = {0, 0x2b, 0, 2, 3, 4, 0, 0x33, 0, 0x24, 0, 0x1d, 0, 0x20};
    uint8_t hello[TLS_OUT_MAX], bytes[256], share[32];
    struct byte_writer out = byte_writer_of(hello, sizeof hello), flight = byte_writer_of(bytes, sizeof bytes);
    peer->suite = tls_suite_find(0x1301);
    peer->aead = tls_aead_create();
    peer->pool = tls_pool_create(0);
    peer->capture = tls_capture_create(peer->pool);
    tls_capture_begin(peer->capture, &(struct tls_hello_plan){.name = "test", .offer = offer}, NULL, &out);

    memset(share, 7, sizeof share);
    byte_writer_bytes(&flight, "\x16\x03\x03", 3);
    size_t record = byte_writer_vector_begin(&flight, 2);
    byte_writer_u8(&flight, TLS_SERVER_HELLO);
    size_t message = byte_writer_vector_begin(&flight, 3);
    byte_writer_u16(&flight, 0x0303);
    memset(byte_writer_room(&flight, 32), 5, 32);
    byte_writer_bytes(&flight, "\0\x13\x01\0", 4);
    byte_writer_u16(&flight, sizeof extensions + sizeof share);
    byte_writer_bytes(&flight, extensions, sizeof extensions);
    byte_writer_bytes(&flight, share, sizeof share);
    byte_writer_vector_end(&flight, message, 3);
    byte_writer_vector_end(&flight, record, 2);

    struct tls_hash_ctx transcript;
    struct tls_handshake_secrets secrets;
    tls_hash_init(&transcript, TLS_HASH_SHA256);
    tls_hash_update(&transcript, hello + 5, out.len - 5);
    tls_hash_update(&transcript, bytes + 5, flight.len - 5);
    tls_handshake_secrets_init(&secrets, TLS_HASH_SHA256, share, sizeof share, &transcript);
    tls_handshake_traffic(&secrets, true, 128, &peer->traffic);
    out.len = 0;
    assert_int_equal(capture_give(peer->capture, bytes, flight.len, &out), TLS_CAPTURE_MORE);
    assert_int_equal(out.len, 0);
}

static void peer_open(struct peer *peer)
{
    peer_open_with(peer, &offer_combined);
}

static void peer_close(struct peer *peer)
{
    tls_capture_destroy(peer->capture);
    assert_int_equal(tls_pool_used(peer->pool), 0);
    tls_pool_destroy(peer->pool);
    tls_aead_destroy(peer->aead);
}

static enum tls_capture_result peer_send(struct peer *peer, uint8_t type, const void *bytes, size_t len)
{
    uint8_t record[512], room[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(room, sizeof room), sealed = byte_writer_of(record, sizeof record);
    assert_true(tls_aead_seal(peer->aead, peer->suite, &peer->traffic, type, bytes, len, &sealed));
    return capture_give(peer->capture, record, sealed.len, &out);
}

/* Certificate of TLS 1.3 with one entry of three bytes. */
static const uint8_t certificate[] = {0, 0, 0, 8, 0, 0, 3, 'D', 'E', 'R', 0, 0};

static size_t compressed_write(uint8_t *bytes, size_t capacity, uint16_t algorithm, uint32_t claimed)
{
    struct byte_writer out = byte_writer_of(bytes, capacity);
    uint8_t packed[128];
    uLongf packed_len = sizeof packed;
    assert_int_equal(compress(packed, &packed_len, certificate, sizeof certificate), Z_OK);
    byte_writer_u8(&out, TLS_COMPRESSED_CERTIFICATE);
    size_t message = byte_writer_vector_begin(&out, 3);
    byte_writer_u16(&out, algorithm);
    byte_writer_u24(&out, claimed);
    size_t body = byte_writer_vector_begin(&out, 3);
    byte_writer_bytes(&out, packed, packed_len);
    byte_writer_vector_end(&out, body, 3);
    byte_writer_vector_end(&out, message, 3);
    return out.len;
}

static void a_compressed_chain_is_inflated(void **state)
{
    (void)state;
    struct peer peer;
    uint8_t bytes[256];
    peer_open(&peer);
    size_t len = compressed_write(bytes, sizeof bytes, 1, sizeof certificate);
    assert_int_equal(peer_send(&peer, 22, bytes, len), TLS_CAPTURE_DONE);
    const struct tls_facts *facts = tls_capture_facts(peer.capture);
    assert_int_equal(facts->chain_count, 1);
    assert_int_equal(facts->chain[0].len, 3);
    assert_memory_equal(facts->chain[0].bytes, "DER", 3);
    peer_close(&peer);
}

/* While the proof is awaited the chain is kept: as long as it is, not as it came. */
static void an_inflated_chain_counts_with_its_length(void **state)
{
    (void)state;
    struct peer peer;
    uint8_t bytes[256];
    peer_open_with(&peer, &offer_proof);
    size_t len = compressed_write(bytes, sizeof bytes, 1, sizeof certificate);
    assert_int_equal(peer_send(&peer, 22, bytes, len), TLS_CAPTURE_MORE);
    assert_int_equal(tls_pool_used(peer.pool), sizeof certificate);
    peer_close(&peer);

    peer_open_with(&peer, &offer_proof);
    while (tls_pool_reserve(peer.pool, 1000))
        ;
    while (tls_pool_reserve(peer.pool, 1))
        ;
    assert_int_equal(peer_send(&peer, 22, bytes, len), TLS_CAPTURE_ERROR);
    assert_string_equal(tls_capture_facts(peer.capture)->detail, "CompressedCertificate, and no room to inflate it");
    for (size_t left = tls_pool_used(peer.pool); left != 0; left = tls_pool_used(peer.pool))
        tls_pool_release(peer.pool, left < 1000 ? left : 1000);
    peer_close(&peer);
}

static void other_compressions_are_told(void **state)
{
    (void)state;
    static const struct {
        uint16_t algorithm;
        uint32_t claimed;
        const char *detail;
    } rows[] = {{2, 12, "CompressedCertificate does not inflate"},
                {3, 12, "CompressedCertificate does not inflate"},
                {9, 12, "CompressedCertificate by an unknown algorithm"},
                {1, 11, "CompressedCertificate does not inflate"},
                {1, 13, "CompressedCertificate does not inflate"},
                {1, TLS_CHAIN_MAX + 1, "CompressedCertificate over the limit"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct peer peer;
        uint8_t bytes[256];
        peer_open(&peer);
        size_t len = compressed_write(bytes, sizeof bytes, rows[i].algorithm, rows[i].claimed);
        assert_int_equal(peer_send(&peer, 22, bytes, len), TLS_CAPTURE_ERROR);
        assert_string_equal(tls_capture_facts(peer.capture)->detail, rows[i].detail);
        peer_close(&peer);
    }
}

static void a_message_over_many_records(void **state)
{
    (void)state;
    struct peer peer;
    uint8_t bytes[64] = {TLS_CERTIFICATE, 0, 0, sizeof certificate};
    memcpy(bytes + 4, certificate, sizeof certificate);
    peer_open(&peer);
    for (size_t i = 0; i + 1 < 4 + sizeof certificate; i++)
        assert_int_equal(peer_send(&peer, 22, bytes + i, 1), TLS_CAPTURE_MORE);
    assert_int_equal(peer_send(&peer, 22, bytes + 3 + sizeof certificate, 1), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(peer.capture)->chain_count, 1);
    peer_close(&peer);
}

static void encrypted_alerts_are_read(void **state)
{
    (void)state;
    struct peer peer;
    peer_open(&peer);
    assert_int_equal(peer_send(&peer, 21, "\2\x74", 2), TLS_CAPTURE_ALERT);
    assert_string_equal(tls_capture_facts(peer.capture)->detail, "certificate_required");
    peer_close(&peer);
}

/* Whole entries stay, whatever follows them. */
static void a_broken_list_keeps_its_whole_entries(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {TLS_CERTIFICATE, 0, 0, 15, 0, 0, 0, 11, 0, 0, 3, 'D', 'E', 'R', 0, 0, 0, 0, 9};
    struct peer peer;
    peer_open(&peer);
    assert_int_equal(peer_send(&peer, 22, bytes, sizeof bytes), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(peer.capture)->chain_count, 1);
    assert_string_equal(tls_capture_facts(peer.capture)->detail, "Certificate is malformed");
    peer_close(&peer);
}

/* An empty list is a chain of none; another Certificate after it is not read. */
static void a_second_certificate_is_an_error(void **state)
{
    (void)state;
    static const uint8_t empty[] = {TLS_CERTIFICATE, 0, 0, 4, 0, 0, 0, 0};
    struct peer peer;
    peer_open_with(&peer, &offer_proof);
    assert_int_equal(peer_send(&peer, 22, empty, sizeof empty), TLS_CAPTURE_MORE);
    assert_int_equal(peer_send(&peer, 22, empty, sizeof empty), TLS_CAPTURE_ERROR);
    assert_string_equal(tls_capture_facts(peer.capture)->detail, "second Certificate");
    peer_close(&peer);
}

static void a_wrong_tag_is_an_error(void **state)
{
    (void)state;
    uint8_t record[64] = {23, 3, 3, 0, 40}, room[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(room, sizeof room);
    struct peer peer;
    peer_open(&peer);
    assert_int_equal(capture_give(peer.capture, record, 45, &out), TLS_CAPTURE_ERROR);
    assert_string_equal(tls_capture_facts(peer.capture)->detail, "record cannot be decrypted");
    peer_close(&peer);
}

/* The constants of the key schedule, computed again by OpenSSL's own HMAC. */
static void the_derived_salt_is_what_the_standard_says(void **state)
{
    (void)state;
    static const struct {
        enum tls_hash hash;
        const char *name;
    } rows[] = {{TLS_HASH_SHA256, "SHA256"}, {TLS_HASH_SHA384, "SHA384"}};
    for (size_t i = 0; i < 2; i++) {
        size_t len = tls_hash_len(rows[i].hash), mac_len;
        uint8_t zeros[TLS_HASH_MAX] = {0}, early[TLS_HASH_MAX], empty[TLS_HASH_MAX], derived[TLS_HASH_MAX];
        uint8_t expected[TLS_HASH_MAX], shared[32] = {1, 2, 3};
        struct tls_hash_ctx transcript;
        struct tls_hmac_key key;
        struct tls_handshake_secrets secrets;
        tls_hash_init(&transcript, rows[i].hash);
        tls_hash_final(transcript, empty);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, rows[i].name, NULL, zeros, len, zeros, len, early, sizeof early, &mac_len));
        tls_hmac_key_init(&key, rows[i].hash, early, len);
        tls_expand_label(&key, "derived", empty, len, derived, len);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, rows[i].name, NULL, derived, len, shared, sizeof shared, expected,
                                  sizeof expected, &mac_len));
        tls_handshake_secrets_init(&secrets, rows[i].hash, shared, sizeof shared, &transcript);
        uint8_t ours[TLS_HASH_MAX], theirs[TLS_HASH_MAX];
        tls_hmac(&secrets.handshake, "x", 1, ours);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, rows[i].name, NULL, expected, len, (const uint8_t *)"x", 1, theirs,
                                  sizeof theirs, &mac_len));
        assert_memory_equal(ours, theirs, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compressed_chain_is_inflated),
        cmocka_unit_test(an_inflated_chain_counts_with_its_length),
        cmocka_unit_test(other_compressions_are_told),
        cmocka_unit_test(a_message_over_many_records),
        cmocka_unit_test(encrypted_alerts_are_read),
        cmocka_unit_test(a_broken_list_keeps_its_whole_entries),
        cmocka_unit_test(a_second_certificate_is_an_error),
        cmocka_unit_test(a_wrong_tag_is_an_error),
        cmocka_unit_test(the_derived_salt_is_what_the_standard_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
