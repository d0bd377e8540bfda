/* The capture against libssl's server in memory: what it finds is what libssl sends. */
#include "probes/tls/capture.h"
#include "probes/tls/key_share.h"
#include "probes/tls/messages.h"
#include "probes/tls/names.h"
#include "probes/tls/offers.h"
#include "probes/tls/pool.h"
#include "probes/tls/strategy.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <string.h>

static void assert_chain(const struct tls_facts *facts, const struct memory_server *server)
{
    assert_int_equal(facts->chain_count, memory_server_chain_count(server));
    for (unsigned i = 0; i < facts->chain_count; i++) {
        size_t len;
        const uint8_t *der = memory_server_der(server, false, i, &len);
        assert_int_equal(facts->chain[i].len, len);
        assert_memory_equal(facts->chain[i].bytes, der, len);
    }
}

/* What libssl negotiated is what the facts say. */
static void assert_agrees(const struct tls_facts *facts, struct memory_server *server)
{
    assert_chain(facts, server);
    SSL *ssl = memory_server_ssl(server);
    assert_int_equal(facts->version, SSL_version(ssl));
    const SSL_CIPHER *suite = SSL_get_pending_cipher(ssl);
    if (suite == NULL)
        suite = SSL_get_current_cipher(ssl);
    assert_non_null(suite);
    assert_int_equal(facts->cipher_suite, SSL_CIPHER_get_protocol_id(suite));
}

static void versions_and_keys(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    static const char *const keys[] = {"rsa:1024", "rsa:2048",  "rsa:3072", "rsa-pss:2048", "ec:P-224",
                                       "ec:P-256", "ec:P-384",  "ec:P-521", "ec:secp256k1", "ec:brainpoolP256r1",
                                       "ed25519",  "ed448",     "ec:brainpoolP384r1", "ec:brainpoolP512r1"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        struct memory_server *server = NULL;
        for (size_t v = 0; v < 4; v++) {
            bool is_modern = strncmp(keys[k], "ed", 2) == 0 || strncmp(keys[k], "rsa-pss", 7) == 0;
            bool not_13 = strstr(keys[k], "224") || strstr(keys[k], "k1") || strstr(keys[k], "brainpool");
            if ((is_modern && versions[v] < TLS1_2_VERSION) || (not_13 && versions[v] == TLS1_3_VERSION))
                continue;                           /* the standard has no such pair */
            server = memory_server_create(&(struct memory_server_options){
                .min_version = versions[v], .max_version = versions[v], .key = keys[k], .chain_count = 2,
                .groups = "X25519:P-256:P-384:P-521:P-224:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1:secp256k1"});
            struct tls_capture *capture = tls_capture_create(NULL);
            enum tls_capture_result result = capture_drive(capture, &offer_proof, server, 0);
            if (result != TLS_CAPTURE_DONE)
                print_error("%s version %04x: %s\n", keys[k], (unsigned)versions[v],
                            tls_capture_facts(capture)->detail);
            assert_int_equal(result, TLS_CAPTURE_DONE);
            assert_agrees(tls_capture_facts(capture), server);
            assert_int_equal(tls_capture_facts(capture)->key_proven, KEY_PROVEN_TRUE);
            assert_true(tls_capture_facts(capture)->group > 0);
            assert_false(tls_capture_facts(capture)->hello_retry_request);
            tls_capture_destroy(capture);
            memory_server_destroy(server);
        }
    }
}

static void chains_of_any_length(void **state)
{
    (void)state;
    static const struct {
        unsigned count, padding;
    } rows[] = {{1, 0}, {1, 900}, {3, 0}, {5, 3000}, {10, 27000}, {100, 0}};
    struct tls_pool *pool = tls_pool_create(0);
    struct tls_capture *capture = tls_capture_create(pool);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
            struct memory_server *server = memory_server_create(&(struct memory_server_options){
                .max_version = version, .key = "ec:P-256", .chain_count = rows[i].count, .padding = rows[i].padding});
            assert_int_equal(capture_drive(capture, &offer_combined, server, 1400), TLS_CAPTURE_DONE);
            assert_agrees(tls_capture_facts(capture), server);
            memory_server_destroy(server);
        }
    tls_capture_destroy(capture);
    assert_int_equal(tls_pool_used(pool), 0);
    tls_pool_destroy(pool);
}

/* Pieces of 1, 2, 3 ... bytes until the flight is one piece: every byte is a border once. */
static void pieces_of_every_size(void **state)
{
    (void)state;
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        struct memory_server *server = memory_server_create(&(struct memory_server_options){
            .max_version = version, .key = "ec:P-256", .chain_count = 2, .ocsp_staple = true});
        struct tls_capture *capture = tls_capture_create(NULL);
        for (size_t piece = 1; piece < 1500; piece += piece < 64 ? 1 : 37) {
            memory_server_restart(server);
            assert_int_equal(capture_drive(capture, &offer_combined, server, piece), TLS_CAPTURE_DONE);
            assert_agrees(tls_capture_facts(capture), server);
            assert_int_equal(tls_capture_facts(capture)->ocsp_staple_len, 5);
        }
        tls_capture_destroy(capture);
        memory_server_destroy(server);
    }
}

/* The first flight as the server sent it, in the pieces that the borders cut: always in blocks of their own. */
static void assert_same_in_pieces(struct memory_server *server, const struct tls_offer *offer, size_t first, size_t rest)
{
    uint8_t room[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(room, sizeof room);
    struct tls_capture *capture = tls_capture_create(NULL);
    struct byte_buffer flight;
    byte_buffer_init(&flight, 0);
    memory_server_restart(server);
    tls_capture_begin(capture, &(struct tls_hello_plan){.name = "test", .offer = offer}, NULL, &out);
    assert_true(memory_server_feed(server, room, out.len, &flight));
    out.len = 0;
    enum tls_capture_result result = TLS_CAPTURE_MORE;
    size_t len = byte_buffer_len(&flight), done = 0;
    while (done < len && result == TLS_CAPTURE_MORE) {
        size_t piece = done == 0 ? first : rest;
        piece = piece < len - done ? piece : len - done;
        result = capture_give(capture, flight.bytes + flight.head + done, piece, &out);
        done += piece;
    }
    if (result != TLS_CAPTURE_DONE)
        print_error("cut at %zu: %s\n", first, tls_capture_facts(capture)->detail);
    assert_int_equal(result, TLS_CAPTURE_DONE);
    assert_agrees(tls_capture_facts(capture), server);
    assert_int_equal(tls_capture_facts(capture)->group, GROUP_SECP256R1);
    assert_int_equal(tls_capture_facts(capture)->key_proven,
                     offer->want == TLS_WANT_PROOF ? KEY_PROVEN_TRUE : KEY_PROVEN_UNKNOWN);
    byte_buffer_clear(&flight);
    tls_capture_destroy(capture);
}

/* Wherever the network cuts the flight in two, and where it cuts it into single bytes, the same is found. */
static void a_cut_at_every_byte_changes_nothing(void **state)
{
    (void)state;
    static const struct tls_offer *const offers[] = {&offer_combined, &offer_proof};
    for (int version = TLS1_VERSION; version <= TLS1_3_VERSION; version++)
        for (size_t i = 0; i < 2; i++) {
            struct memory_server *server = memory_server_create(&(struct memory_server_options){
                .max_version = version, .key = "ec:P-256", .chain_count = 2, .groups = "P-256"});
            assert_same_in_pieces(server, offers[i], SIZE_MAX, 1);
            assert_same_in_pieces(server, offers[i], 1, 1);
            for (size_t cut = 1; cut < 1400; cut++)         /* longer than the flight */
                assert_same_in_pieces(server, offers[i], cut, SIZE_MAX);
            memory_server_destroy(server);
        }
}

static void every_suite_of_tls13(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
                                         "TLS_AES_128_CCM_8_SHA256"};
    for (size_t i = 0; i < 5; i++) {
        struct memory_server *server = memory_server_create(
            &(struct memory_server_options){.key = "rsa:2048", .ciphersuites = suites[i], .chain_count = 3});
        struct tls_capture *capture = tls_capture_create(NULL);
        assert_int_equal(capture_drive(capture, &offer_proof, server, 0), TLS_CAPTURE_DONE);
        assert_agrees(tls_capture_facts(capture), server);
        assert_string_equal(tls_suite_name((uint32_t)tls_capture_facts(capture)->cipher_suite), suites[i]);
        assert_int_equal(tls_capture_facts(capture)->key_proven, KEY_PROVEN_TRUE);
        tls_capture_destroy(capture);
        memory_server_destroy(server);
    }
}

static void hello_retry_request_for_every_other_group(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t group;
        bool retry;
    } rows[] = {{"X25519", 29, false}, {"P-256", 23, false},    {"P-384", 24, false},
                {"P-521", 25, true},   {"X448", 30, true},      {"ffdhe2048", 0x100, true},
                {"ffdhe3072", 0x101, true}, {"ffdhe8192", 0x104, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct memory_server *server = memory_server_create(&(struct memory_server_options){
            .min_version = TLS1_3_VERSION, .key = "ec:P-256", .groups = rows[i].name});
        struct tls_capture *capture = tls_capture_create(NULL);
        assert_int_equal(capture_drive(capture, &offer_proof, server, 100), TLS_CAPTURE_DONE);
        assert_agrees(tls_capture_facts(capture), server);
        assert_int_equal(tls_capture_facts(capture)->group, rows[i].group);
        assert_int_equal(tls_capture_facts(capture)->hello_retry_request, rows[i].retry);
        assert_int_equal(tls_capture_facts(capture)->key_proven, KEY_PROVEN_TRUE);
        tls_capture_destroy(capture);
        memory_server_destroy(server);
    }
}

static void real_shares_work_too(void **state)
{
    (void)state;
    static const char *const groups[] = {"X25519", "P-256", "P-384", "P-521", "X448", "ffdhe2048"};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct memory_server *server = memory_server_create(&(struct memory_server_options){
            .min_version = TLS1_3_VERSION, .key = "ec:P-256", .groups = groups[i]});
        struct tls_capture *capture = tls_capture_create(NULL);
        assert_int_equal(capture_drive(capture, &offer_real_shares, server, 0), TLS_CAPTURE_DONE);
        assert_agrees(tls_capture_facts(capture), server);
        assert_string_equal(tls_capture_facts(capture)->detail, "generator_refused");
        tls_capture_destroy(capture);
        memory_server_destroy(server);
    }
}

static void every_suite_up_to_tls12(void **state)
{
    (void)state;
    static const char *const keys[] = {"rsa:2048", "ec:P-256"};
    for (size_t k = 0; k < 2; k++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
        SSL_CTX_set_cipher_list(ctx, "ALL:!aNULL:!PSK:!SRP:@SECLEVEL=0");
        STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(ctx);
        unsigned count = 0;
        for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
            const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);
            const char *auth = k == 0 ? "RSA" : "ECDSA";
            char text[128];
            const struct tls_suite *ours = tls_suite_find(SSL_CIPHER_get_protocol_id(suite));
            if (ours == NULL || ours->is_tls13 || strcmp(tls_auth_name(ours->auth), auth) != 0)
                continue;
            snprintf(text, sizeof text, "%s:@SECLEVEL=0", SSL_CIPHER_get_name(suite));
            struct memory_server *server = memory_server_create(&(struct memory_server_options){
                .max_version = TLS1_2_VERSION, .key = keys[k], .ciphers = text});
            struct tls_capture *capture = tls_capture_create(NULL);
            const struct tls_offer *offer =
                tls_list_holds(offer_combined.suites, ours->id) ? &offer_combined : &offer_rest;
            assert_true(tls_list_holds(offer->suites, ours->id));
            assert_int_equal(capture_drive(capture, offer, server, 0), TLS_CAPTURE_DONE);
            assert_agrees(tls_capture_facts(capture), server);
            assert_int_equal(tls_capture_facts(capture)->cipher_suite, ours->id);
            tls_capture_destroy(capture);
            memory_server_destroy(server);
            count++;
        }
        assert_true(count > 10);
        SSL_CTX_free(ctx);
    }
}

static void mutual_tls_is_no_obstacle(void **state)
{
    (void)state;
    for (int version = TLS1_VERSION; version <= TLS1_3_VERSION; version++) {
        struct memory_server *server = memory_server_create(&(struct memory_server_options){
            .max_version = version, .key = "rsa:2048", .request_client_cert = true, .chain_count = 2});
        struct tls_capture *capture = tls_capture_create(NULL);
        assert_int_equal(capture_drive(capture, &offer_proof, server, 0), TLS_CAPTURE_DONE);
        assert_agrees(tls_capture_facts(capture), server);
        assert_true(tls_capture_facts(capture)->client_certificate_requested);
        assert_int_equal(tls_capture_facts(capture)->key_proven, KEY_PROVEN_TRUE);
        tls_capture_destroy(capture);
        memory_server_destroy(server);
    }
}

/* One bit of the signature is turned: false, not unknown. */
static void a_wrong_signature_is_a_finding(void **state)
{
    (void)state;
    struct memory_server *server = memory_server_create(
        &(struct memory_server_options){.max_version = TLS1_2_VERSION, .key = "rsa:2048", .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"});
    struct tls_capture *capture = tls_capture_create(NULL);
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    struct byte_buffer flight;
    byte_buffer_init(&flight, 0);
    tls_capture_begin(capture, &(struct tls_hello_plan){.name = "test", .offer = &offer_proof}, NULL, &out);
    assert_true(memory_server_feed(server, bytes, out.len, &flight));
    size_t len = byte_buffer_len(&flight);
    flight.bytes[len - 9 - 3] ^= 1;                         /* before ServerHelloDone's record */
    assert_int_equal(capture_give(capture, flight.bytes, len, &out), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(capture)->key_proven, KEY_PROVEN_FALSE);
    assert_chain(tls_capture_facts(capture), server);
    tls_capture_destroy(capture);
    byte_buffer_clear(&flight);
    memory_server_destroy(server);
}

static void the_farewell_is_understood(void **state)
{
    (void)state;
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        struct memory_server *server =
            memory_server_create(&(struct memory_server_options){.max_version = version, .key = "ec:P-256"});
        struct tls_capture *capture = tls_capture_create(NULL);
        assert_int_equal(capture_drive(capture, &offer_combined, server, 0), TLS_CAPTURE_DONE);
        uint8_t bytes[TLS_OUT_MAX];
        struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
        struct byte_buffer answer;
        byte_buffer_init(&answer, 0);
        tls_capture_farewell(capture, &out);
        assert_true(out.len > 0);
        memory_server_feed(server, bytes, out.len, &answer);
        assert_int_equal(SSL_get_shutdown(memory_server_ssl(server)) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
        assert_int_equal(byte_buffer_len(&answer), 0);      /* nothing to complain about: the keys were right */
        byte_buffer_clear(&answer);
        tls_capture_destroy(capture);
        memory_server_destroy(server);
    }
}

static void refusals_are_alerts(void **state)
{
    (void)state;
    struct memory_server *server = memory_server_create(
        &(struct memory_server_options){.max_version = TLS1_1_VERSION, .key = "ec:P-256", .ciphers = "aNULL:@SECLEVEL=0"});
    struct tls_capture *capture = tls_capture_create(NULL);
    assert_int_equal(capture_drive(capture, &offer_combined, server, 0), TLS_CAPTURE_ALERT);
    assert_int_equal(tls_capture_facts(capture)->alert, 40);
    assert_string_equal(tls_capture_facts(capture)->detail, "handshake_failure");
    tls_capture_destroy(capture);
    memory_server_destroy(server);
}

static enum tls_capture_result give_text(struct tls_capture *capture, const void *bytes, size_t len)
{
    uint8_t room[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(room, sizeof room);
    tls_capture_begin(capture, &(struct tls_hello_plan){.name = "test", .offer = &offer_combined}, NULL, &out);
    return capture_give(capture, bytes, len, &out);
}

static void nonsense_has_its_outcome(void **state)
{
    (void)state;
    struct tls_capture *capture = tls_capture_create(NULL);
    assert_int_equal(give_text(capture, "HTTP/1.0 400\r\n", 14), TLS_CAPTURE_NOT_TLS);
    assert_string_equal(tls_capture_facts(capture)->detail, "http");
    static const uint8_t half[] = {22, 3, 3, 0, 60, 2, 0, 0, 56, 3, 3};
    assert_int_equal(give_text(capture, half, sizeof half), TLS_CAPTURE_MORE);
    static const uint8_t finished[] = {22, 3, 3, 0, 4, 14, 0, 0, 0};
    assert_int_equal(give_text(capture, finished, sizeof finished), TLS_CAPTURE_ERROR);
    static const uint8_t warning[] = {21, 3, 3, 0, 2, 1, 112};
    assert_int_equal(give_text(capture, warning, sizeof warning), TLS_CAPTURE_MORE);
    static const uint8_t fatal[] = {21, 3, 3, 0, 2, 2, 112};
    assert_int_equal(give_text(capture, fatal, sizeof fatal), TLS_CAPTURE_ALERT);
    tls_capture_destroy(capture);
}

static void a_hello_echoed_is_an_error(void **state)
{
    (void)state;
    struct tls_capture *capture = tls_capture_create(NULL);
    uint8_t bytes[TLS_OUT_MAX], room[TLS_OUT_MAX];
    struct byte_writer hello = byte_writer_of(bytes, sizeof bytes), out = byte_writer_of(room, sizeof room);
    tls_capture_begin(capture, &(struct tls_hello_plan){.name = "test", .offer = &offer_combined}, NULL, &hello);
    assert_int_equal(capture_give(capture, bytes, hello.len, &out), TLS_CAPTURE_ERROR);
    assert_string_equal(tls_capture_facts(capture)->detail, "message 1 before ServerHello");
    tls_capture_destroy(capture);
}

static size_t begin(struct tls_capture *capture, const struct tls_offer *offer, const char *name,
                    uint8_t hello[TLS_OUT_MAX])
{
    struct tls_hello_plan plan = {.name = "test", .send_server_name = true, .offer = offer};
    struct byte_writer out = byte_writer_of(hello, TLS_OUT_MAX);
    tls_capture_begin(capture, &plan, name, &out);
    assert_true(byte_writer_ok(&out));
    return out.len;
}

/* What capture and pool keep for the next connection saves work, and shows nowhere. */
static void a_capture_begins_anew_each_time(void **state)
{
    (void)state;
    uint8_t first[TLS_OUT_MAX], again[TLS_OUT_MAX], fresh[TLS_OUT_MAX];
    const size_t random_at = 5 + 4 + 2, session_id_at = random_at + 32 + 1;
    struct tls_capture *used = tls_capture_create(NULL), *other = tls_capture_create(NULL);
    size_t len = begin(used, &offer_combined, "", first);
    tls_capture_reset(used);
    assert_int_equal(begin(used, &offer_combined, "", again), len);
    assert_memory_not_equal(first + random_at, again + random_at, 32);
    assert_memory_not_equal(first + session_id_at, again + session_id_at, 32);
    memcpy(again + random_at, first + random_at, 32);
    memcpy(again + session_id_at, first + session_id_at, 32);
    assert_memory_equal(first, again, len);

    static const struct tls_offer *const offers[] = {&offer_combined, &offer_small, &offer_combined,
                                                     &offer_proof};
    static const char *const names[] = {"leaf.example", "leaf.example", "", "leaf.example"};
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        len = begin(used, offers[i], names[i], again);
        assert_int_equal(begin(other, offers[i], names[i], fresh), len);
        memcpy(again + random_at, fresh + random_at, 32);
        memcpy(again + session_id_at, fresh + session_id_at, again[session_id_at - 1]);
        assert_memory_equal(fresh, again, len);
        tls_capture_destroy(other);
        other = tls_capture_create(NULL);
    }
    tls_capture_destroy(other);
    tls_capture_destroy(used);
}

/* ServerHello of TLS 1.2 with static RSA, then a Certificate of len bytes. */
static size_t tls12_flight(uint8_t *bytes, size_t capacity, uint32_t len)
{
    struct byte_writer out = byte_writer_of(bytes, capacity);
    static const uint8_t head[] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3};
    byte_writer_bytes(&out, head, sizeof head);
    memset(byte_writer_room(&out, 32), 7, 32);
    static const uint8_t rest[] = {0, 0, 0x2f, 0, 22, 3, 3, 0x10, 0, 11};
    byte_writer_bytes(&out, rest, sizeof rest);
    byte_writer_u24(&out, len);
    return out.len;
}

static void a_chain_over_the_limit_is_not_read(void **state)
{
    (void)state;
    uint8_t bytes[128];
    struct tls_capture *capture = tls_capture_create(NULL);
    size_t len = tls12_flight(bytes, sizeof bytes, TLS_CHAIN_MAX + 1);
    assert_int_equal(give_text(capture, bytes, len), TLS_CAPTURE_TOO_LARGE);
    len = tls12_flight(bytes, sizeof bytes, TLS_CHAIN_MAX);
    assert_int_equal(give_text(capture, bytes, len), TLS_CAPTURE_MORE);
    tls_capture_destroy(capture);
}

static void of_a_list_without_end_the_first_certificates_are_kept(void **state)
{
    (void)state;
    uint8_t bytes[5000];
    const uint32_t len = 4096 - 4;      /* a record holds it: a list of 5 + 1,021 * 4 bytes */
    struct tls_capture *capture = tls_capture_create(NULL);
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    out.len = tls12_flight(bytes, sizeof bytes, len);
    byte_writer_u24(&out, len - 3);
    byte_writer_bytes(&out, "\0\0\2ab", 5);
    for (unsigned i = 0; i < 1021; i++)
        byte_writer_bytes(&out, "\0\0\1c", 4);
    assert_int_equal(give_text(capture, bytes, out.len), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(capture)->chain_count, TLS_CHAIN_CERTIFICATES_MAX);
    assert_int_equal(tls_capture_facts(capture)->chain[0].len, 2);
    assert_string_equal(tls_capture_facts(capture)->detail, TLS_CHAIN_TOO_LONG);
    tls_capture_destroy(capture);
}

/* Two large chains in a pool with room for one: the second waits, takes nothing, and goes on when there is room. */
static void a_full_pool_makes_large_chains_wait(void **state)
{
    (void)state;
    struct tls_pool *pool = tls_pool_create(1600000);
    struct tls_capture *first = tls_capture_create(pool);
    struct memory_server *server = memory_server_create(&(struct memory_server_options){
        .key = "ec:P-256", .chain_count = 10, .padding = 70000, .max_version = TLS1_2_VERSION});
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        struct tls_capture *second = tls_capture_create(pool);
        uint8_t bytes[128], hello[TLS_OUT_MAX];
        size_t len = tls12_flight(bytes, sizeof bytes, TLS_CHAIN_MAX);
        assert_int_equal(give_text(first, bytes, len), TLS_CAPTURE_MORE);       /* holds 1 MiB of 1.2 */
        assert_int_equal(tls_pool_used(pool), TLS_CHAIN_MAX);

        SSL_set_max_proto_version(memory_server_ssl(server), version);
        struct byte_writer out = byte_writer_of(hello, sizeof hello);
        struct byte_buffer flight;
        byte_buffer_init(&flight, 0);
        tls_capture_begin(second, &(struct tls_hello_plan){.name = "test", .offer = &offer_combined}, NULL, &out);
        assert_true(memory_server_feed(server, hello, out.len, &flight));
        struct byte_reader in = byte_buffer_reader(&flight);
        assert_int_equal(tls_capture_read(second, &in, &out), TLS_CAPTURE_WAIT);
        assert_int_equal(tls_capture_read(second, &in, &out), TLS_CAPTURE_WAIT);
        assert_int_equal(tls_capture_waits_for(second), TLS_POOL_LARGE_MESSAGES);
        len = tls12_flight(bytes, sizeof bytes, 10);
        assert_int_equal(give_text(first, bytes, len), TLS_CAPTURE_MORE);       /* lets go of it */
        assert_int_equal(tls_capture_read(second, &in, &out), TLS_CAPTURE_DONE);
        assert_agrees(tls_capture_facts(second), server);
        byte_buffer_clear(&flight);
        memory_server_restart(server);
        tls_capture_destroy(second);
    }
    tls_capture_destroy(first);
    assert_int_equal(tls_pool_used(pool), 0);
    tls_pool_destroy(pool);
    memory_server_destroy(server);
}

static void note_share(void *arg, enum tls_pool_share share)
{
    unsigned *shares = arg;
    *shares |= 1u << share;
}

/* Who waits for one share is not called by another's: thousands may wait for a record, and one for its message. */
static void each_share_calls_who_waits_for_it(void **state)
{
    (void)state;
    struct tls_pool *pool = tls_pool_create(1600000);
    unsigned called = 0, records = 0;
    tls_pool_on_room(pool, note_share, &called);
    assert_true(tls_pool_reserve(pool, TLS_CHAIN_MAX));
    assert_false(tls_pool_reserve(pool, TLS_CHAIN_MAX));
    while (tls_pool_reserve_record(pool, TLS_SCRATCH_SIZE))
        records++;
    assert_true(records > 1 && tls_pool_reserve(pool, 100));
    tls_pool_release(pool, 100);                        /* of a share that refused no capture */
    assert_int_equal(called, 0);
    tls_pool_release_record(pool, TLS_SCRATCH_SIZE);
    assert_int_equal(called, 1u << TLS_POOL_RECORDS);
    tls_pool_release(pool, TLS_CHAIN_MAX);
    assert_int_equal(called, 1u << TLS_POOL_RECORDS | 1u << TLS_POOL_LARGE_MESSAGES);
    tls_pool_destroy(pool);
}

/* Ten thousand captures are megabytes themselves: so much less is there for large chains, but always room for one. */
static void captures_count_in_their_pool(void **state)
{
    (void)state;
    struct tls_pool *pool = tls_pool_create(8u << 20);
    assert_true(tls_pool_reserve(pool, 5u << 20));
    tls_pool_release(pool, 5u << 20);
    tls_pool_join(pool, 2u << 20);
    assert_false(tls_pool_reserve(pool, 5u << 20));
    assert_true(tls_pool_reserve(pool, 4u << 20));
    tls_pool_release(pool, 4u << 20);
    tls_pool_join(pool, 100u << 20);
    assert_true(tls_pool_reserve(pool, TLS_CHAIN_MAX));
    assert_false(tls_pool_reserve(pool, TLS_CHAIN_MAX));
    assert_true(tls_pool_reserve(pool, 100));
    tls_pool_leave(pool, 102u << 20);
    assert_true(tls_pool_reserve(pool, TLS_CHAIN_MAX));
    tls_pool_destroy(pool);
}

static void small_messages_pass_a_full_pool(void **state)
{
    (void)state;
    struct tls_pool *pool = tls_pool_create(1500000);
    struct tls_capture *large = tls_capture_create(pool), *small = tls_capture_create(pool);
    struct memory_server *server = memory_server_create(&(struct memory_server_options){.key = "ec:P-256"});
    uint8_t bytes[128];
    size_t len = tls12_flight(bytes, sizeof bytes, TLS_CHAIN_MAX);
    assert_int_equal(give_text(large, bytes, len), TLS_CAPTURE_MORE);
    assert_int_equal(capture_drive(small, &offer_combined, server, 10), TLS_CAPTURE_DONE);
    tls_capture_destroy(large);
    tls_capture_destroy(small);
    tls_pool_destroy(pool);
    memory_server_destroy(server);
}

/* Whatever a server can say without end is left after a count, whatever the pieces. */
static void endless_talkers_are_left(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[16];
        size_t len;
    } talk[] = {
        {{21, 3, 3, 0, 2, 1, 112}, 7},                  /* warnings */
        {{22, 3, 3, 0, 0}, 5},                          /* empty records */
        {{21, 3, 3, 0, 0}, 5},
        {{24, 3, 3, 0, 3, 1, 0, 0}, 8},                 /* heartbeats */
    };
    static const uint8_t hello[] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, [43] = 0, 0, 0x2f, 0};
    static const struct {
        uint8_t bytes[16];
        size_t len;
    } behind_hello[] = {
        {{22, 3, 3, 0, 4, 0, 0, 0, 0}, 9},              /* HelloRequests */
        {{22, 3, 3, 0, 4, 99, 0, 0, 0}, 9},             /* empty messages of no known type */
    };
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan = {.offer = &offer_combined, .variant = VARIANT_DEFAULT};
    for (size_t i = 0; i < 6; i++) {
        uint8_t bytes[TLS_OUT_MAX];
        struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
        unsigned given = 0;
        enum tls_capture_result result = TLS_CAPTURE_MORE;
        tls_capture_begin(capture, &plan, "", &out);
        if (i >= 4)
            assert_int_equal(capture_give(capture, hello, sizeof hello, &out), TLS_CAPTURE_MORE);
        for (; result == TLS_CAPTURE_MORE && given < 10000; given++)
            result = i < 4 ? capture_give(capture, talk[i].bytes, talk[i].len, &out)
                           : capture_give(capture, behind_hello[i - 4].bytes, behind_hello[i - 4].len, &out);
        assert_int_equal(result, TLS_CAPTURE_TOO_LARGE);
        assert_string_equal(tls_capture_facts(capture)->detail, "records or messages without end");
        assert_in_range(given, 100, 5000);
    }
    tls_capture_destroy(capture);
}

/* A HelloRetryRequest may ask for any group that a hello offered: each has a share, and a secret from the server's. */
static void every_group_that_is_offered_is_served(void **state)
{
    (void)state;
    static const struct {
        uint16_t group;
        int nid;
    } curves[] = {{19, NID_X9_62_prime192v1}, {21, NID_secp224r1}, {22, NID_secp256k1}, {26, NID_brainpoolP256r1},
                  {31, NID_brainpoolP256r1}, {32, NID_brainpoolP384r1}, {33, NID_brainpoolP512r1}};
    uint8_t bytes[TLS_OUT_MAX], secret[TLS_SHARED_SECRET_MAX];
    size_t len;
    for (const uint16_t *group = offer_rest.groups; *group != 0; group++) {
        struct byte_writer share = byte_writer_of(bytes, sizeof bytes);
        assert_true(key_share_knows(*group));
        key_share_write(*group, &share);
        assert_true(byte_writer_ok(&share) && share.len >= 32);
    }
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        struct byte_writer share = byte_writer_of(bytes, sizeof bytes);
        EC_GROUP *curve = EC_GROUP_new_by_curve_name(curves[i].nid);
        EC_POINT *point = EC_POINT_new(curve);
        key_share_write(curves[i].group, &share);
        assert_int_equal(EC_POINT_oct2point(curve, point, bytes, share.len, NULL), 1);
        assert_int_equal(EC_POINT_cmp(curve, point, EC_GROUP_get0_generator(curve), NULL), 0);
        /* the server's share is the secret: its first coordinate */
        assert_true(key_share_secret(curves[i].group, byte_reader_of(bytes, share.len), secret, &len));
        assert_int_equal(len, (share.len - 1) / 2);
        assert_memory_equal(secret, bytes + 1, len);
        assert_false(key_share_secret(curves[i].group, byte_reader_of(bytes, share.len - 1), secret, &len));
        EC_POINT_free(point);
        EC_GROUP_free(curve);
    }
}

/* ML-KEM alone: the message is read from the ciphertext's v, whose coefficients are near half of the range where a bit is 1. */
static void a_kem_s_secret_is_read_from_its_ciphertext(void **state)
{
    (void)state;
    static const struct {
        uint16_t group;
        size_t u_len, v_len, key_len;
        uint8_t ones;               /* two (one and a half) coefficients of 1 in v */
    } kems[] = {{GROUP_MLKEM512, 640, 128, 800, 0x88}, {GROUP_MLKEM768, 960, 128, 1184, 0x88}};
    static const uint8_t key[1600];
    for (size_t i = 0; i < sizeof kems / sizeof kems[0]; i++) {
        uint8_t ciphertext[1600] = {0}, input[64], digest[64], secret[TLS_SHARED_SECRET_MAX];
        size_t len;
        memset(ciphertext + kems[i].u_len, kems[i].ones, kems[i].v_len / 2);
        memset(input, 0, sizeof input);
        memset(input, 0xff, 16);
        assert_int_equal(EVP_Digest(key, kems[i].key_len, input + 32, NULL, EVP_sha3_256(), NULL), 1);
        assert_int_equal(EVP_Digest(input, sizeof input, digest, NULL, EVP_sha3_512(), NULL), 1);
        assert_true(key_share_secret(kems[i].group, byte_reader_of(ciphertext, kems[i].u_len + kems[i].v_len), secret, &len));
        assert_int_equal(len, 32);
        assert_memory_equal(secret, digest, 32);
        assert_false(key_share_secret(kems[i].group, byte_reader_of(ciphertext, kems[i].u_len + kems[i].v_len + 1), secret, &len));
    }
}

static void a_server_hello_may_be_all_that_is_wanted(void **state)
{
    (void)state;
    struct memory_server *server = memory_server_create(&(struct memory_server_options){.key = "rsa:2048"});
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_offer hello = offer_ask_tls13;
    hello.want = TLS_WANT_HELLO;
    assert_int_equal(capture_drive(capture, &hello, server, 0), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(capture)->version, 0x0304);
    assert_int_equal(tls_capture_facts(capture)->chain_count, 0);
    memory_server_restart(server);
    enum tls_capture_result hybrid = OpenSSL_version_num() >= 0x30500000 ? TLS_CAPTURE_DONE : TLS_CAPTURE_ALERT;
    assert_int_equal(capture_drive(capture, &offer_ask_hybrid, server, 0), hybrid);     /* OpenSSL 3.5 has ML-KEM */
    memory_server_restart(server);
    assert_int_equal(capture_drive(capture, &offer_ask_dhe, server, 0), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(capture)->dh_bits, 2048);
    tls_capture_destroy(capture);
    memory_server_destroy(server);
}

static void an_anonymous_server_has_no_certificate(void **state)
{
    (void)state;
    struct memory_server *server = memory_server_create(&(struct memory_server_options){
        .key = "rsa:2048", .max_version = TLS1_2_VERSION, .ciphers = "ADH-AES128-GCM-SHA256:@SECLEVEL=0"});
    struct tls_capture *capture = tls_capture_create(NULL);
    assert_int_equal(capture_drive(capture, &offer_special, server, 0), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(capture)->chain_count, 0);
    tls_capture_destroy(capture);
    memory_server_destroy(server);
}

static void libssl_is_the_last_resort(void **state)
{
    (void)state;
    for (int version = TLS1_VERSION; version <= TLS1_3_VERSION; version++)
        for (unsigned piece = 0; piece < 200; piece += 100) {
            struct memory_server *server = memory_server_create(&(struct memory_server_options){
                .min_version = version, .max_version = version, .key = "rsa:2048", .chain_count = 3,
                .groups = "P-521", .request_client_cert = true});
            struct tls_capture *capture = tls_capture_create(NULL);
            assert_int_equal(capture_drive(capture, &offer_libssl, server, piece), TLS_CAPTURE_DONE);
            assert_agrees(tls_capture_facts(capture), server);
            tls_capture_destroy(capture);
            memory_server_destroy(server);
        }
    struct tls_capture *capture = tls_capture_create(NULL);
    struct memory_server *server = memory_server_create(
        &(struct memory_server_options){.max_version = TLS1_1_VERSION, .key = "ec:P-256", .ciphers = "aNULL:@SECLEVEL=0"});
    assert_int_equal(capture_drive(capture, &offer_libssl, server, 0), TLS_CAPTURE_ALERT);
    tls_capture_destroy(capture);
    memory_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_and_keys),
        cmocka_unit_test(chains_of_any_length),
        cmocka_unit_test(pieces_of_every_size),
        cmocka_unit_test(a_cut_at_every_byte_changes_nothing),
        cmocka_unit_test(every_suite_of_tls13),
        cmocka_unit_test(hello_retry_request_for_every_other_group),
        cmocka_unit_test(real_shares_work_too),
        cmocka_unit_test(every_suite_up_to_tls12),
        cmocka_unit_test(mutual_tls_is_no_obstacle),
        cmocka_unit_test(a_wrong_signature_is_a_finding),
        cmocka_unit_test(the_farewell_is_understood),
        cmocka_unit_test(refusals_are_alerts),
        cmocka_unit_test(nonsense_has_its_outcome),
        cmocka_unit_test(a_hello_echoed_is_an_error),
        cmocka_unit_test(a_capture_begins_anew_each_time),
        cmocka_unit_test(a_chain_over_the_limit_is_not_read),
        cmocka_unit_test(of_a_list_without_end_the_first_certificates_are_kept),
        cmocka_unit_test(a_full_pool_makes_large_chains_wait),
        cmocka_unit_test(each_share_calls_who_waits_for_it),
        cmocka_unit_test(captures_count_in_their_pool),
        cmocka_unit_test(small_messages_pass_a_full_pool),
        cmocka_unit_test(endless_talkers_are_left),
        cmocka_unit_test(every_group_that_is_offered_is_served),
        cmocka_unit_test(a_kem_s_secret_is_read_from_its_ciphertext),
        cmocka_unit_test(a_server_hello_may_be_all_that_is_wanted),
        cmocka_unit_test(an_anonymous_server_has_no_certificate),
        cmocka_unit_test(libssl_is_the_last_resort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
