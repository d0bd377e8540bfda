#include "probes/tls/capture.h"

#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "probes/tls/aead.h"
#include "probes/tls/certificate_chain.h"
#include "probes/tls/client_hello.h"
#include "probes/tls/libssl_session.h"
#include "probes/tls/messages.h"
#include "probes/tls/offers.h"
#include "probes/tls/proof.h"
#include "probes/tls/stream_reader.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 0x20000u        /* of any message but a certificate: a long list of acceptable CAs */
/* No honest flight exceeds these limits: a server that does is sending endlessly, and we close. Together they keep what an
 * endpoint may cost us below some 20 ms: records a microsecond each, bytes a nanosecond or two. */
#define RECORDS_MAX 4096u
#define TURNS_MAX   256u            /* messages, alerts and ChangeCipherSpecs */
#define BYTES_MAX   (4u << 20)
#define HELLO_LEN   800             /* of a usual ClientHello, kept until the ServerHello comes */

struct tls_capture {
    struct tls_pool *pool;
    bool owns_pool;
    bool is_reset;                          /* unused since tls_capture_reset() */
    struct tls_hello_plan plan;
    char *server_name;                      /* NULL: none is sent */
    uint8_t random[TLS_RANDOM_LEN], session_id[32], server_random[TLS_RANDOM_LEN];
    struct key_pairs *pairs;                /* real shares only */

    struct libssl_session *libssl;          /* the last resort: of the members below only chain and facts are used then */
    enum tls_capture_result libssl_result;
    struct tls_stream_reader reader;
    struct tls_message_reader inner;        /* messages from decrypted records */
    struct byte_buffer pending;             /* decrypted bytes kept unread by a WAIT */
    size_t reserved;                        /* of the pool, for the message at hand */
    size_t record_room;                     /* of the pool, for a record half-read or pending */
    enum tls_pool_share waits_for;          /* after WAIT */

    uint8_t *hello;                         /* our ClientHello, until the suite names the transcript's hash */
    size_t hello_len;
    unsigned turns;                         /* messages, alerts and ChangeCipherSpecs so far */
    uint64_t taken;                         /* bytes */
    bool is_hashing, has_keys, is_ended;
    bool is_raw_key;                        /* the Certificate message holds a SubjectPublicKeyInfo */
    bool expects_status;                    /* a CertificateStatus may follow the Certificate */
    struct tls_hash_ctx transcript;
    const struct tls_suite *suite;
    struct tls_handshake_secrets secrets;
    struct tls_traffic server;

    struct certificate_chain chain;
    struct tls_facts facts;
};

/* A step's results beyond those of tls_capture_read(). */
#define STEP_NEXT ((enum tls_capture_result)-1)

struct tls_capture *tls_capture_create(struct tls_pool *pool)
{
    struct tls_capture *capture = xcalloc(1, sizeof *capture);
    capture->owns_pool = pool == NULL;
    capture->pool = pool != NULL ? pool : tls_pool_create(0);
    tls_pool_join(capture->pool, sizeof *capture + HELLO_LEN);
    tls_stream_reader_init(&capture->reader);
    byte_buffer_init(&capture->pending, 0);
    return capture;
}

static void reservation_end(struct tls_capture *capture)
{
    tls_pool_release(capture->pool, capture->reserved);
    capture->reserved = 0;
}

static void record_room_end(struct tls_capture *capture)
{
    tls_pool_release_record(capture->pool, capture->record_room);
    capture->record_room = 0;
}

bool tls_capture_has_room(const struct tls_capture *capture)
{
    return capture->reserved != 0 || capture->record_room != 0;
}

enum tls_pool_share tls_capture_waits_for(const struct tls_capture *capture)
{
    return capture->waits_for;
}

static void capture_clear(struct tls_capture *capture)
{
    tls_stream_reader_clear(&capture->reader);
    tls_message_reader_clear(&capture->inner);
    byte_buffer_clear(&capture->pending);
    key_pairs_destroy(capture->pairs);
    libssl_session_destroy(capture->libssl);
    free(capture->hello);
    free(capture->server_name);
    certificate_chain_clear(&capture->chain, capture->pool);
    reservation_end(capture);
    record_room_end(capture);
}

void tls_capture_destroy(struct tls_capture *capture)
{
    if (capture == NULL)
        return;
    capture_clear(capture);
    tls_pool_leave(capture->pool, sizeof *capture + HELLO_LEN);
    if (capture->owns_pool)
        tls_pool_destroy(capture->pool);
    free(capture);
}

/* Our hello as a message; a second one holds retry_group and cookie. */
static void hello_write(struct tls_capture *capture, int32_t retry_group, struct byte_reader cookie,
                        struct byte_writer *out)
{
    const struct tls_offer *offer = capture->plan.offer;
    byte_writer_u8(out, TLS_HANDSHAKE);
    /* The first record's version is TLS 1.0 (RFC 8446, section 5.1), or lower if only lower ones are offered. */
    byte_writer_u16(out, offer->version < 0x0301 ? offer->version : retry_group >= 0 ? 0x0303 : 0x0301);
    size_t record = byte_writer_vector_begin(out, 2);
    client_hello_write(&(struct client_hello_input){.offer = offer,
                                                    .server_name = capture->server_name,
                                                    .random = capture->random,
                                                    .session_id = capture->session_id,
                                                    .retry_group = retry_group,
                                                    .cookie = cookie,
                                                    .pairs = capture->pairs},
                       out);
    byte_writer_vector_end(out, record, 2);
}

static void on_libssl_received(void *arg, uint8_t content_type, struct byte_reader bytes);

void tls_capture_reset(struct tls_capture *capture)
{
    struct tls_pool *pool = capture->pool;
    bool owns_pool = capture->owns_pool;
    capture_clear(capture);
    memset(capture, 0, sizeof *capture);
    capture->pool = pool;
    capture->owns_pool = owns_pool;
    capture->is_reset = true;
    capture->facts.cipher_suite = capture->facts.group = capture->facts.alert = capture->facts.scheme = -1;
    tls_stream_reader_init(&capture->reader);
    capture->reader.records.asks_room = true;
    byte_buffer_init(&capture->pending, 0);
}

/* The first hello to each address differs only in random and session id, and copying costs a tenth of building it: so the pool
 * keeps a template. */
static void first_hello_write(struct tls_capture *capture, struct byte_writer *out)
{
    enum {
        RANDOM_AT = TLS_RECORD_HEADER_LEN + TLS_MESSAGE_HEADER_LEN + 2,
        SESSION_ID_AT = RANDOM_AT + TLS_RANDOM_LEN + 1
    };
    struct byte_buffer *kept = tls_pool_first_hello(capture->pool);
    size_t start = out->len;
    if (byte_buffer_len(kept) == 0) {
        hello_write(capture, -1, byte_reader_of(NULL, 0), out);
        if (byte_writer_ok(out))
            byte_buffer_append(kept, out->bytes + start, out->len - start);
        return;
    }
    struct byte_reader same = byte_buffer_reader(kept);
    byte_writer_bytes(out, same.at, same.left);
    if (!byte_writer_ok(out))
        return;
    memcpy(out->bytes + start + RANDOM_AT, capture->random, sizeof capture->random);
    memcpy(out->bytes + start + SESSION_ID_AT, capture->session_id, sizeof capture->session_id);
}

static void begin_libssl(struct tls_capture *capture, struct byte_writer *out)
{
    struct byte_reader nothing = byte_reader_of(NULL, 0);
    capture->libssl_result = STEP_NEXT;
    capture->libssl = libssl_session_create(capture->server_name, on_libssl_received, capture);
    libssl_session_step(capture->libssl, &nothing, out);
}

/* Writes it, and keeps a copy if the transcript will need it. */
static void begin_hello(struct tls_capture *capture, struct byte_writer *out)
{
    const struct tls_offer *offer = capture->plan.offer;
    size_t start = out->len;
    if (offer->real_shares)
        capture->pairs = key_pairs_create();
    if (offer == &offer_combined && capture->server_name == NULL)
        first_hello_write(capture, out);
    else
        hello_write(capture, -1, byte_reader_of(NULL, 0), out);
    if (byte_writer_ok(out) && tls_list_holds(offer->versions, 0x0304)) {
        capture->hello_len = out->len - start - TLS_RECORD_HEADER_LEN;
        capture->hello = xmemdup(out->bytes + start + TLS_RECORD_HEADER_LEN, capture->hello_len);
    }
}

void tls_capture_begin(struct tls_capture *capture, const struct tls_hello_plan *plan, const char *server_name,
                       struct byte_writer *out)
{
    if (!capture->is_reset)
        tls_capture_reset(capture);
    capture->is_reset = false;
    capture->plan = *plan;
    tls_pool_random(capture->pool, capture->random, sizeof capture->random);
    tls_pool_random(capture->pool, capture->session_id, sizeof capture->session_id);
    const char *name = plan->server_name != NULL ? plan->server_name : server_name;
    if (plan->send_server_name && client_hello_may_send_name(name))
        capture->server_name = xstrdup(name);
    if (plan->offer->by_libssl)
        begin_libssl(capture, out);
    else if (plan->offer->version == 0x0002)
        client_hello_write_sslv2(capture->random, out);
    else if (plan->offer->sslv2_format)
        client_hello_write_sslv2_format(plan->offer, capture->random, out);
    else
        begin_hello(capture, out);
}

const struct tls_facts *tls_capture_facts(const struct tls_capture *capture)
{
    return &capture->facts;
}

static enum tls_capture_result end(struct tls_capture *capture, enum tls_capture_result result)
{
    capture->is_ended = true;
    return result;
}

__attribute__((format(printf, 2, 3))) static enum tls_capture_result
end_error(struct tls_capture *capture, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(capture->facts.detail, sizeof capture->facts.detail, format, args);
    va_end(args);               /* a fault after the chain does not invalidate it */
    return end(capture, capture->facts.chain_count != 0 ? TLS_CAPTURE_DONE : TLS_CAPTURE_ERROR);
}

static enum tls_capture_result on_alert(struct tls_capture *capture, uint8_t level, uint8_t description)
{
    capture->turns++;
    bool goes_on = level == 1 && description != 0 && !capture->has_keys;    /* a warning: unrecognized_name */
    if (goes_on)
        return STEP_NEXT;
    capture->facts.alert = description;
    const char *name = tls_alert_name(description);
    if (name != NULL)
        snprintf(capture->facts.detail, sizeof capture->facts.detail, "%s", name);
    else
        snprintf(capture->facts.detail, sizeof capture->facts.detail, "alert %u", description);
    return end(capture, capture->facts.chain_count != 0 ? TLS_CAPTURE_DONE : TLS_CAPTURE_ALERT);
}

/* Strips leading zeros, which some servers send before a prime. */
static void hash_key(struct byte_reader key, uint8_t sha256[32])
{
    while (key.left != 0 && key.at[0] == 0)
        byte_reader_skip(&key, 1);
    if (key.left != 0)
        EVP_Digest(key.at, key.left, sha256, NULL, EVP_sha256(), NULL);
}

/* ---- TLS 1.3 ---- */

/* A HelloRetryRequest: the first hello is hashed into a message of its own (RFC 8446, section 4.4.1). */
static enum tls_capture_result on_retry_request(struct tls_capture *capture, const struct server_hello *hello,
                                                const struct tls_message *message, struct byte_writer *out)
{
    capture->facts.group = hello->group;
    if (capture->plan.offer->want == TLS_WANT_HELLO)
        return end(capture, TLS_CAPTURE_DONE);
    if (capture->facts.hello_retry_request)
        return end_error(capture, "second HelloRetryRequest");
    capture->facts.hello_retry_request = true;
    int32_t group = hello->group >= 0 ? hello->group : GROUP_X25519;       /* the server asked only for the cookie */
    if (!key_share_knows((uint16_t)group))
        return end_error(capture, "HelloRetryRequest for group 0x%04x", (unsigned)group);
    uint8_t digest[TLS_HASH_MAX];
    size_t len = tls_hash_len(capture->suite->hash);
    tls_hash_final(capture->transcript, digest);
    tls_hash_init(&capture->transcript, capture->suite->hash);
    const uint8_t header[] = {TLS_MESSAGE_HASH, 0, 0, (uint8_t)len};
    tls_hash_update(&capture->transcript, header, sizeof header);
    tls_hash_update(&capture->transcript, digest, len);
    tls_hash_update(&capture->transcript, message->whole.at, message->whole.left);
    size_t start = out->len;
    hello_write(capture, group, hello->cookie, out);
    if (!byte_writer_ok(out))
        return end_error(capture, "HelloRetryRequest with a cookie of %zu bytes", hello->cookie.left);
    tls_hash_update(&capture->transcript, out->bytes + start + TLS_RECORD_HEADER_LEN,
                    out->len - start - TLS_RECORD_HEADER_LEN);
    return STEP_NEXT;
}

static enum tls_capture_result keys_derive(struct tls_capture *capture, const struct server_hello *hello)
{
    uint8_t shared[TLS_SHARED_SECRET_MAX];
    size_t len;
    uint16_t group = (uint16_t)hello->group;
    bool ok = hello->group >= 0 && (capture->pairs != NULL && key_pairs_know(group)
                                        ? key_pairs_secret(capture->pairs, group, hello->key_exchange, shared, &len)
                                        : key_share_secret(group, hello->key_exchange, shared, &len));
    if (!ok)
        return end_error(capture, "key share of group 0x%04x", (unsigned)(hello->group & 0xffff));
    tls_handshake_secrets_init(&capture->secrets, capture->suite->hash, shared, len, &capture->transcript);
    tls_handshake_traffic(&capture->secrets, true, capture->suite->bits, &capture->server);
    capture->has_keys = true;
    capture->reader.encrypted = true;
    return STEP_NEXT;
}

static void hello_forget(struct tls_capture *capture)
{
    free(capture->hello);
    capture->hello = NULL;
}

static enum tls_capture_result on_server_hello_13(struct tls_capture *capture, const struct server_hello *hello,
                                                  const struct tls_message *message, struct byte_writer *out)
{
    if (capture->suite == NULL || !tls_aead_knows(capture->suite))
        return end_error(capture, "suite 0x%04x in TLS 1.3", hello->cipher_suite);
    if (capture->hello == NULL && !capture->is_hashing)
        return end_error(capture, "TLS 1.3 without being offered");
    if (!capture->is_hashing) {
        tls_hash_init(&capture->transcript, capture->suite->hash);
        tls_hash_update(&capture->transcript, capture->hello, capture->hello_len);
        hello_forget(capture);
        capture->is_hashing = true;
    } else if (capture->transcript.hash != capture->suite->hash)
        return end_error(capture, "another suite after HelloRetryRequest");
    if (hello->is_hello_retry_request)
        return on_retry_request(capture, hello, message, out);
    tls_hash_update(&capture->transcript, message->whole.at, message->whole.left);
    if (capture->plan.offer->want == TLS_WANT_HELLO) {
        hash_key(hello->key_exchange, capture->facts.ephemeral_sha256);
        return end(capture, TLS_CAPTURE_DONE);
    }
    return keys_derive(capture, hello);
}

/* ---- messages ---- */

/* Facts that only the server test needs. */
static void note_details(struct tls_facts *facts, const struct server_hello *hello)
{
    struct byte_reader random = byte_reader_of(hello->random, TLS_RANDOM_LEN);
    byte_reader_u32(&random, &facts->server_time);
    facts->session_ticket = hello->session_ticket;
    facts->encrypt_then_mac = hello->encrypt_then_mac;
    facts->heartbeat = hello->heartbeat;
    facts->next_protocol = hello->next_protocol;
}

static enum tls_capture_result on_server_hello(struct tls_capture *capture, const struct tls_message *message,
                                               struct byte_writer *out)
{
    struct tls_facts *facts = &capture->facts;
    struct server_hello hello;
    if (!server_hello_parse(message->body, &hello))
        return end_error(capture, "ServerHello is malformed");
    if (hello.version < 0x0300 || hello.version > 0x0304)
        return end_error(capture, "version 0x%04x", hello.version);
    if (facts->version != 0 && !facts->hello_retry_request)
        return end_error(capture, "second ServerHello");
    if (capture->libssl != NULL)
        facts->hello_retry_request = hello.is_hello_retry_request;
    facts->version = hello.version;
    facts->cipher_suite = hello.cipher_suite;
    if (hello.group >= 0)
        facts->group = hello.group;
    facts->compression = hello.compression != 0;
    facts->extended_master_secret = hello.extended_master_secret;
    facts->secure_renegotiation = hello.secure_renegotiation;
    facts->sct_count = hello.sct_count;
    strcpy(facts->alpn, hello.alpn);
    note_details(facts, &hello);
    memcpy(capture->server_random, hello.random, TLS_RANDOM_LEN);
    capture->suite = tls_suite_find(hello.cipher_suite);
    capture->expects_status = hello.status_request;
    capture->is_raw_key = hello.is_raw_key && capture->plan.offer->certificate_types != TLS_TYPES_CERTIFICATE;
    if (capture->libssl != NULL)                /* it has the keys */
        return STEP_NEXT;
    if (hello.version == 0x0304)
        return on_server_hello_13(capture, &hello, message, out);
    hello_forget(capture);
    return capture->plan.offer->want == TLS_WANT_HELLO ? end(capture, TLS_CAPTURE_DONE) : STEP_NEXT;
}

/* Does a ServerKeyExchange follow? */
static bool sends_key_exchange(const struct tls_suite *suite)
{
    return suite != NULL && (suite->kx == TLS_KX_DHE || suite->kx == TLS_KX_ECDHE ||
                             (suite->kx == TLS_KX_RSA && suite->is_export));
}

static enum tls_capture_result after_chain(struct tls_capture *capture)
{
    if (capture->facts.version == 0x0304)
        return capture->plan.offer->want == TLS_WANT_PROOF ? STEP_NEXT : end(capture, TLS_CAPTURE_DONE);
    bool asks_rest = capture->plan.offer->want == TLS_WANT_PROOF;       /* as behind a key exchange: is a client certificate wanted? */
    if (capture->expects_status || sends_key_exchange(capture->suite) || asks_rest)
        return STEP_NEXT;
    return end(capture, TLS_CAPTURE_DONE);
}

/* RFC 7250, section 3: up to TLS 1.2 the key stands alone, in TLS 1.3 as the first entry of a list. */
static enum tls_capture_result on_raw_key(struct tls_capture *capture, const struct tls_message *message)
{
    uint8_t digest[32];
    char *detail = capture->facts.detail;
    struct byte_reader body = message->body, list = body, key = byte_reader_of(NULL, 0), context;
    bool ok = capture->facts.version != 0x0304 || (byte_reader_vector8(&body, &context) && byte_reader_vector24(&body, &list));
    if (!ok || !byte_reader_vector24(&list, &key) || EVP_Digest(key.at, key.left, digest, NULL, EVP_sha256(), NULL) != 1)
        return end_error(capture, "raw public key is malformed");
    size_t at = (size_t)snprintf(detail, sizeof capture->facts.detail, "raw public key, SHA-256 ");
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(detail + at + 2 * i, 3, "%02x", digest[i]);
    capture->facts.raw_public_key = true;
    return end(capture, TLS_CAPTURE_DONE);
}

static enum tls_capture_result on_certificate(struct tls_capture *capture, struct tls_message_reader *reader,
                                              const struct tls_message *message)
{
    struct tls_facts *facts = &capture->facts;
    struct compressed_certificate compressed;
    if (message->type == TLS_COMPRESSED_CERTIFICATE && compressed_certificate_parse(message->body, &compressed))
        facts->certificate_compression = compressed.algorithm;
    if (capture->is_raw_key)                    /* it is kept as a hash in the detail: it is no certificate */
        return on_raw_key(capture, message);
    if (capture->chain.bytes != NULL)           /* the first may have been an empty one */
        return end_error(capture, "second Certificate");
    const char *error = message->type == TLS_COMPRESSED_CERTIFICATE
                            ? certificate_chain_inflate(&capture->chain, capture->pool, message, facts->version)
                            : certificate_chain_take(&capture->chain, reader, message, facts->version);
    if (message->type == TLS_CERTIFICATE) {
        if (capture->reserved == 0 && tls_pool_reserve(capture->pool, message->len))
            capture->reserved = message->len;               /* it was borrowed, and is copied */
        capture->chain.reserved = capture->reserved;        /* the chain's now */
        capture->reserved = 0;
    }
    facts->chain = capture->chain.certs;
    facts->chain_count = capture->chain.count;
    facts->ocsp_staple = capture->chain.ocsp_staple;
    facts->ocsp_staple_len = capture->chain.ocsp_staple_len;
    facts->sct_count += capture->chain.sct_count;
    if (error != NULL)
        return end_error(capture, "%s", error);
    if (capture->pairs != NULL && facts->version == 0x0304)
        strcpy(facts->detail, "generator_refused");         /* the strategy uses such an offer only after a refusal */
    return after_chain(capture);
}

static enum tls_capture_result on_key_exchange(struct tls_capture *capture, const struct tls_message *message)
{
    struct tls_facts *facts = &capture->facts;
    struct server_key_exchange exchange;
    if (!server_key_exchange_parse(message->body, facts->version, capture->suite, &exchange))
        return end_error(capture, "ServerKeyExchange is malformed");
    facts->group = exchange.group;
    facts->dh_bits = exchange.dh_bits;
    facts->scheme = exchange.scheme;
    if (capture->plan.offer->want == TLS_WANT_KEY_EXCHANGE || capture->plan.offer->want == TLS_WANT_PROOF) {
        hash_key(exchange.point.left != 0 ? exchange.point : exchange.dh_ys, facts->ephemeral_sha256);
        hash_key(exchange.dh_p, facts->dh_prime_sha256);
    }
    if (capture->plan.offer->want == TLS_WANT_PROOF && facts->chain_count != 0 && exchange.signature.left != 0)
        facts->key_proven = proof_check_key_exchange(&facts->chain[0], facts->version, capture->random,
                                                     capture->server_random, &exchange);
    if (capture->plan.offer->want == TLS_WANT_PROOF)
        return STEP_NEXT;                                   /* is a client certificate wanted? */
    return end(capture, TLS_CAPTURE_DONE);
}

/* The common name of a DER Name, or its last attribute; the first authority is enough to recognise a deployment. */
static void authority_name(struct byte_reader authority, char *text, size_t size)
{
    const uint8_t *at = authority.at;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)authority.left);
    int entry = name == NULL ? -1 : X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (entry < 0)
        entry = name == NULL ? -1 : X509_NAME_entry_count(name) - 1;
    if (entry >= 0) {
        const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, entry));
        clean_text_into(text, size, (const char *)ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    }
    X509_NAME_free(name);
}

static void on_certificate_request(struct tls_capture *capture, const struct tls_message *message)
{
    struct tls_facts *facts = &capture->facts;
    struct certificate_request request;
    struct byte_reader authority;
    facts->client_certificate_requested = true;
    if (!capture->plan.is_posture || !certificate_request_parse(message->body, facts->version, &request))
        return;
    while (byte_reader_vector16(&request.authorities, &authority))
        if (facts->client_ca_count++ == 0)
            authority_name(authority, facts->client_ca, sizeof facts->client_ca);
}

static enum tls_capture_result on_verify(struct tls_capture *capture, const struct tls_message *message)
{
    struct tls_facts *facts = &capture->facts;
    struct certificate_verify verify;
    uint8_t digest[TLS_HASH_MAX];
    if (facts->chain_count != 0 && certificate_verify_parse(message->body, facts->version, &verify)) {
        tls_hash_final(capture->transcript, digest);
        facts->scheme = verify.scheme;
        facts->key_proven =
            proof_check_verify(&facts->chain[0], &verify, digest, tls_hash_len(capture->suite->hash));
    }
    return end(capture, TLS_CAPTURE_DONE);
}

static enum tls_capture_result on_message(struct tls_capture *capture, struct tls_message_reader *reader,
                                          const struct tls_message *message, struct byte_writer *out)
{
    capture->turns++;
    struct encrypted_extensions extensions;
    struct byte_reader staple;
    if (capture->facts.version == 0 && message->type != TLS_SERVER_HELLO)
        return end_error(capture, "message %u before ServerHello", message->type);
    enum tls_capture_result result = STEP_NEXT;
    bool was_encrypted = capture->has_keys;
    switch (message->type) {
    case TLS_SERVER_HELLO: result = on_server_hello(capture, message, out); break;
    case TLS_ENCRYPTED_EXTENSIONS:
        if (encrypted_extensions_parse(message->body, &extensions)) {
            strcpy(capture->facts.alpn, extensions.alpn);
            capture->is_raw_key = extensions.is_raw_key && capture->plan.offer->certificate_types != TLS_TYPES_CERTIFICATE;
        }
        break;
    case TLS_CERTIFICATE:
    case TLS_COMPRESSED_CERTIFICATE: result = on_certificate(capture, reader, message); break;
    case TLS_CERTIFICATE_STATUS:
        if (certificate_status_parse(message->body, &staple)) {
            certificate_chain_set_staple(&capture->chain, staple);
            capture->facts.ocsp_staple = capture->chain.ocsp_staple;
            capture->facts.ocsp_staple_len = capture->chain.ocsp_staple_len;
        }
        capture->expects_status = false;
        if (capture->facts.chain_count != 0)
            result = after_chain(capture);
        break;
    case TLS_SERVER_KEY_EXCHANGE: result = on_key_exchange(capture, message); break;
    case TLS_CERTIFICATE_REQUEST: on_certificate_request(capture, message); break;
    case TLS_CERTIFICATE_VERIFY: result = on_verify(capture, message); break;
    case TLS_SERVER_HELLO_DONE:
    case TLS_FINISHED: result = end(capture, TLS_CAPTURE_DONE); break;
    default: break;
    }
    /* Only CertificateVerify needs the transcript beyond ServerHello. */
    if (was_encrypted && capture->plan.offer->want == TLS_WANT_PROOF && message->type != TLS_CERTIFICATE)
        tls_hash_update(&capture->transcript, message->whole.at, message->whole.left);
    return result;
}

/* A message's length is known, its body has not arrived: room for it is reserved first. */
static enum tls_capture_result on_declared(struct tls_capture *capture, struct tls_message_reader *reader,
                                           const struct tls_message *message)
{
    bool is_chain = message->type == TLS_CERTIFICATE || message->type == TLS_COMPRESSED_CERTIFICATE;
    if (message->len > (is_chain ? TLS_CHAIN_MAX : MESSAGE_MAX)) {
        snprintf(capture->facts.detail, sizeof capture->facts.detail, "message %u of %u bytes", message->type,
                 message->len);
        if (!is_chain)
            return end_error(capture, "%s", "a message over the limit");
        return end(capture, TLS_CAPTURE_TOO_LARGE);
    }
    size_t len = message->len + (capture->has_keys ? TLS_RECORD_MAX : 0);      /* the rest comes in records */
    if (!tls_pool_reserve(capture->pool, len)) {
        capture->waits_for = tls_pool_share_of(len);
        return TLS_CAPTURE_WAIT;
    }
    capture->reserved = len;
    tls_message_allow(reader);
    return STEP_NEXT;
}

/* ---- records ---- */

/* Decrypted handshake bytes: all are read, or kept if the pool has no room. */
static enum tls_capture_result read_opened(struct tls_capture *capture, struct byte_reader *opened,
                                           struct byte_writer *out)
{
    struct tls_message message;
    for (;;) {
        enum tls_capture_result result;
        switch (tls_message_read(&capture->inner, opened, &message)) {
        case TLS_MESSAGE_MORE: return STEP_NEXT;
        case TLS_MESSAGE_DECLARED: result = on_declared(capture, &capture->inner, &message); break;
        case TLS_MESSAGE_READY:
            if (capture->plan.offer->want == TLS_WANT_PROOF &&
                (message.type == TLS_CERTIFICATE))        /* before the message's block is taken */
                tls_hash_update(&capture->transcript, message.whole.at, message.whole.left);
            result = on_message(capture, &capture->inner, &message, out);
            reservation_end(capture);
            break;
        default: return STEP_NEXT;
        }
        if (result != STEP_NEXT)
            return result;
    }
}

static enum tls_capture_result on_encrypted(struct tls_capture *capture, const struct tls_record *record,
                                            struct byte_writer *out)
{
    size_t len;
    uint8_t type;
    uint8_t *scratch = tls_pool_scratch(capture->pool);
    if (!capture->has_keys)
        return end_error(capture, "encrypted record before a certificate");
    if (!record->first || !record->last || record->len > TLS_RECORD_MAX ||
        !tls_aead_open(tls_pool_aead(capture->pool), capture->suite, &capture->server, record->header, record->body,
                       scratch, &len, &type))
        return end_error(capture, "record cannot be decrypted");
    if (type == TLS_ALERT && len >= 2)
        return on_alert(capture, scratch[0], scratch[1]);
    if (type != TLS_HANDSHAKE)
        return end_error(capture, "content type %u before a certificate", type);
    struct byte_reader opened = byte_reader_of(scratch, len);
    enum tls_capture_result result = read_opened(capture, &opened, out);
    tls_record_reader_clear(&capture->reader.records);
    if (result == TLS_CAPTURE_WAIT)
        byte_buffer_append(&capture->pending, opened.at, opened.left);
    else
        record_room_end(capture);
    return result;
}

static enum tls_capture_result read_pending(struct tls_capture *capture, struct byte_writer *out)
{
    struct byte_reader opened = byte_buffer_reader(&capture->pending);
    size_t before = opened.left;
    enum tls_capture_result result = read_opened(capture, &opened, out);
    byte_buffer_consume(&capture->pending, before - opened.left);
    if (result != TLS_CAPTURE_WAIT) {
        byte_buffer_clear(&capture->pending);
        record_room_end(capture);
    }
    return result;
}

static enum tls_capture_result on_sslv2(struct tls_capture *capture, const struct tls_record *record)
{
    struct sslv2_server_hello hello;
    if (!sslv2_server_hello_parse(record->body, &hello))
        return end_error(capture, "SSLv2 answer is no SERVER-HELLO");
    capture->facts.version = 0x0002;
    struct byte_reader kinds = hello.cipher_specs;
    uint32_t kind;
    while (capture->facts.sslv2_kind_count < SSLV2_KINDS_MAX && byte_reader_u24(&kinds, &kind))
        capture->facts.sslv2_kinds[capture->facts.sslv2_kind_count++] = kind;
    if (capture->facts.sslv2_kind_count != 0)
        capture->facts.cipher_suite = (int32_t)capture->facts.sslv2_kinds[0];
    certificate_chain_set_one(&capture->chain, &hello.certificate);
    capture->facts.chain = capture->chain.certs;
    capture->facts.chain_count = capture->chain.count;
    return end(capture, TLS_CAPTURE_DONE);
}

static enum tls_capture_result on_event(struct tls_capture *capture, enum tls_stream_kind kind,
                                        const struct tls_stream_event *event, struct byte_reader *in,
                                        struct byte_writer *out)
{
    enum tls_capture_result result;
    switch (kind) {
    case TLS_STREAM_MORE: return TLS_CAPTURE_MORE;
    case TLS_STREAM_DECLARED:
        result = on_declared(capture, &capture->reader.messages, &event->message);
        if (result == TLS_CAPTURE_WAIT)
            tls_stream_unread(&capture->reader, in);
        return result;
    case TLS_STREAM_MESSAGE:
        result = on_message(capture, &capture->reader.messages, &event->message, out);
        reservation_end(capture);
        return result;
    case TLS_STREAM_RECORD:         /* room for a message implies room for a record */
        if (capture->reserved == 0 && capture->record_room == 0) {
            if (!tls_pool_reserve_record(capture->pool, event->record.len)) {
                capture->waits_for = TLS_POOL_RECORDS;
                return TLS_CAPTURE_WAIT;
            }
            capture->record_room = event->record.len;
        }
        capture->reader.records.has_room = true;
        return STEP_NEXT;
    case TLS_STREAM_ALERT: return on_alert(capture, event->level, event->description);
    case TLS_STREAM_CHANGE_CIPHER:
        capture->turns++;
        capture->reader.encrypted = capture->has_keys || !capture->facts.hello_retry_request;
        return STEP_NEXT;
    case TLS_STREAM_ENCRYPTED: return on_encrypted(capture, &event->record, out);
    case TLS_STREAM_SSLV2: return on_sslv2(capture, &event->record);
    case TLS_STREAM_NOT_TLS:
        snprintf(capture->facts.detail, sizeof capture->facts.detail, "%s", event->name);
        return end(capture, TLS_CAPTURE_NOT_TLS);
    case TLS_STREAM_BAD: return end_error(capture, "%s", event->name);
    }
    abort();
}

static void on_libssl_received(void *arg, uint8_t content_type, struct byte_reader bytes)
{
    struct tls_capture *capture = arg;
    struct byte_writer nothing = byte_writer_of(NULL, 0);
    struct tls_message message = {.whole = bytes, .body = bytes};
    uint8_t level, description;
    if (capture->libssl_result != STEP_NEXT)
        return;
    if (content_type == TLS_ALERT) {
        if (byte_reader_u8(&bytes, &level) && byte_reader_u8(&bytes, &description))
            capture->libssl_result = on_alert(capture, level, description);
    } else if (byte_reader_u8(&message.body, &message.type) && byte_reader_u24(&message.body, &message.len) &&
               message.len == message.body.left) {
        capture->libssl_result = on_message(capture, &capture->inner, &message, &nothing);
    }
}

static enum tls_capture_result read_by_libssl(struct tls_capture *capture, struct byte_reader *in,
                                              struct byte_writer *out)
{
    bool goes_on = libssl_session_step(capture->libssl, in, out);
    if (capture->libssl_result != STEP_NEXT)
        return capture->libssl_result;
    return goes_on ? TLS_CAPTURE_MORE : end_error(capture, "libssl finds no common ground either");
}

static bool talks_without_end(const struct tls_capture *capture)
{
    return capture->reader.records.count > RECORDS_MAX || capture->turns > TURNS_MAX || capture->taken > BYTES_MAX;
}

enum tls_capture_result tls_capture_read(struct tls_capture *capture, struct byte_reader *in,
                                         struct byte_writer *out)
{
    if (capture->libssl != NULL)
        return read_by_libssl(capture, in, out);
    struct tls_stream_event event;
    enum tls_capture_result result = STEP_NEXT;
    size_t before = in->left;
    if (byte_buffer_len(&capture->pending) != 0)
        result = read_pending(capture, out);
    while (result == STEP_NEXT && !capture->is_ended && !talks_without_end(capture))
        result = on_event(capture, tls_stream_read(&capture->reader, in, &event), &event, in, out);
    if (in->left < before)          /* a WAIT gives bytes back, also those of an earlier call */
        capture->taken += before - in->left;
    if (talks_without_end(capture) && (result == STEP_NEXT || result == TLS_CAPTURE_MORE)) {
        snprintf(capture->facts.detail, sizeof capture->facts.detail, "records or messages without end");
        return end(capture, capture->facts.chain_count != 0 ? TLS_CAPTURE_DONE : TLS_CAPTURE_TOO_LARGE);
    }
    return result == STEP_NEXT ? TLS_CAPTURE_MORE : result;
}

void tls_capture_farewell(struct tls_capture *capture, struct byte_writer *out)
{
    static const uint8_t alerts[2][2] = {{1, 90}, {1, 0}};      /* user_canceled, then close_notify (RFC 8446, 6.1) */
    if (capture->facts.version == 0x0002 || capture->libssl != NULL)
        return;
    struct tls_traffic client;
    if (capture->has_keys)
        tls_handshake_traffic(&capture->secrets, false, capture->suite->bits, &client);
    for (size_t i = 0; i < 2; i++) {
        if (capture->has_keys) {
            tls_aead_seal(tls_pool_aead(capture->pool), capture->suite, &client, TLS_ALERT, alerts[i], 2, out);
            continue;
        }
        byte_writer_u8(out, TLS_ALERT);
        byte_writer_u16(out, capture->facts.version >= 0x0301 || capture->facts.version == 0 ? 0x0303 : 0x0300);
        byte_writer_u16(out, 2);
        byte_writer_bytes(out, alerts[i], 2);
    }
}
