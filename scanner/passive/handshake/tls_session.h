/* One TLS handshake as seen from outside: both directions, in pieces of any size. It reports each chain as soon as
 * its message and both hellos are complete (or at the end), and reports a handshake without a server chain once. For
 * TCP and EAP it reads records; DTLS and QUIC pass handshake messages.
 *
 *     bytes --> records --> handshake messages --> facts, chains --> on_handshake()
 *                 |  encrypted: skipped, or opened with the user's keys (tls_keys.h)
 *                 |  a gap: the message in it is lost, the next record header is looked for
 */
#pragma once
#include "scanner/passive/handshake/handshake.h"
#include "scanner/passive/handshake/tls_start.h"

#define TLS_SESSION_MESSAGE_MAX (1u << 20)      /* a Certificate message; above: too_large */

struct key_log;

struct tls_session_owner {              /* shared by all sessions of an engine */
    handshake_function *on_handshake;
    void *context;
    bool want_ja3;
    const struct key_log *keys;         /* may be NULL */
};

struct tls_session_ends {               /* the two ends of the connection; index as in the flow */
    enum transport transport;
    struct address address[2];
    uint16_t port[2];
    uint8_t mac[2][6];
    int64_t started_us;                 /* handed on to each handshake: flow_started_us, flow_start_seen */
    bool start_seen;
};

enum { TLS_END_UNKNOWN = -1 };

struct tls_session;

struct tls_session *tls_session_create(const struct tls_session_owner *owner, const struct tls_session_ends *ends,
                                       const char *protocol);
/* Reports what was not reported yet, and frees. */
void tls_session_destroy(struct tls_session *session);
void tls_session_set_time(struct tls_session *session, int64_t time_us);
void tls_session_set_client(struct tls_session *session, int end);      /* for when no hello was seen */
/* Some bytes came in two versions. Later reports say so; if a chain was reported already, this is reported by an incomplete
 * handshake of its own. */
void tls_session_note_overlap(struct tls_session *session);
/* Reports what was not reported yet, and frees all buffers: no bytes may follow. Returns whether a chain was reported. */
bool tls_session_settle(struct tls_session *session);
void tls_session_note_gap(struct tls_session *session, unsigned end);   /* before this end's first TLS byte */
/* TLS was found after bytes of no known protocol: it is reported only if both ends take part, since it may also be part of a file
 * that one of them sends. */
void tls_session_expect_both(struct tls_session *session);

/* Records from one end. False: the handshake is over, nothing more is of interest. */
bool tls_session_bytes(struct tls_session *session, unsigned end, const uint8_t *bytes, size_t len);
bool tls_session_gap(struct tls_session *session, unsigned end, size_t len);

/* Whole handshake messages (DTLS) and handshake bytes in order (QUIC CRYPTO). */
bool tls_session_message(struct tls_session *session, unsigned end, uint8_t type, const uint8_t *body, size_t len);
bool tls_session_handshake_bytes(struct tls_session *session, unsigned end, const uint8_t *bytes, size_t len);
bool tls_session_encrypted(struct tls_session *session, unsigned end);      /* ChangeCipherSpec, or records past it */
void tls_session_alert(struct tls_session *session, unsigned end, uint8_t level, uint8_t description);

/* SSLv2 hellos (RFC 6101, appendix E), len with their two length bytes; later bytes are not read. */
bool tls_session_sslv2(struct tls_session *session, unsigned end, const uint8_t *bytes, size_t len);

bool tls_session_is_over(const struct tls_session *session);
size_t tls_session_memory(const struct tls_session *session);
const uint8_t *tls_session_client_random(const struct tls_session *session);     /* NULL unknown */
uint16_t tls_session_cipher_suite(const struct tls_session *session);           /* 0 unknown */
