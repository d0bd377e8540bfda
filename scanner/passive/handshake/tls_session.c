#include "scanner/passive/handshake/tls_session.h"

#include "probes/base/memory.h"
#include "probes/tls/capture.h"
#include "probes/tls/certificate_unpack.h"
#include "probes/tls/message_reader.h"
#include "probes/tls/messages.h"
#include "probes/tls/record_reader.h"
#include "scanner/passive/handshake/certificate_list.h"
#include "scanner/passive/handshake/hello_facts.h"
#include "scanner/passive/handshake/null_suites.h"
#include "scanner/passive/handshake/tls_open.h"

#include <stdlib.h>
#include <string.h>

#define SMALL_MESSAGE_MAX (128u << 10)          /* any message but Certificate */

struct pending_chain {                      /* a complete Certificate message, not reported yet */
    uint8_t *held;                          /* body lies in it */
    const uint8_t *body;                    /* NULL: nothing is pending */
    size_t len;
    int64_t time_us;
    uint8_t *staple;
    size_t staple_len;
    bool decrypted;
};

struct tls_end {
    struct tls_record_reader records;
    struct tls_message_reader messages;
    bool lost;                              /* looking for the next record header */
    bool message_lost;                      /* looking for the next handshake message */
    bool opaque;                            /* records are encrypted from here on */
    bool settled;                           /* ChangeCipherSpec or application data was seen */
    bool gap, gap_in_certificate, sent_certificate, sent_key_exchange, sent_done, finished, too_large;
    uint8_t null_mac_len;                   /* a suite without encryption: MAC bytes at the record's end */
    struct tls_opener *opener;
    struct tls_opener *next_opener;         /* for a renegotiation: used from the next ChangeCipherSpec on */
    struct pending_chain pending;
    uint8_t *cut;                           /* what arrived of a Certificate message that a gap cut */
    size_t cut_len;
};

struct tls_session {
    const struct tls_session_owner *owner;
    struct tls_session_ends ends;
    char protocol[PROTOCOL_SIZE];
    int64_t time_us;
    int client;                             /* index of the client's end */
    bool is_dtls;
    bool over, settled, told_any, told_chain, told_server_chain, overlap_conflict, decrypting, opening, expects_both;
    int alert;                              /* the server's, before any chain; -1 none */
    struct client_hello_facts client_hello;
    struct server_hello_facts server_hello;
    struct tls_end end[2];
};

struct tls_session *tls_session_create(const struct tls_session_owner *owner, const struct tls_session_ends *ends,
                                       const char *protocol)
{
    struct tls_session *session = xcalloc(1, sizeof *session);
    session->owner = owner;
    session->ends = *ends;
    session->client = TLS_END_UNKNOWN;
    session->alert = -1;
    session->server_hello.cipher_suite = session->server_hello.group = -1;
    session->is_dtls = strcmp(protocol, "dtls") == 0;
    for (unsigned i = 0; i < 2; i++) {
        tls_record_reader_init(&session->end[i].records);
        session->end[i].records.may_be_sslv2 = false;
        tls_message_reader_init(&session->end[i].messages);
    }
    size_t name_len = strnlen(protocol, sizeof session->protocol - 1);
    memcpy(session->protocol, protocol, name_len);      /* zeroed behind it */
    return session;
}

void tls_session_set_time(struct tls_session *session, int64_t time_us)
{
    session->time_us = time_us;
}

void tls_session_set_client(struct tls_session *session, int end)
{
    if (session->client == TLS_END_UNKNOWN)
        session->client = end;
}

void tls_session_note_gap(struct tls_session *session, unsigned end)
{
    session->end[end].gap = true;
}

void tls_session_expect_both(struct tls_session *session)
{
    session->expects_both = true;
}

bool tls_session_is_over(const struct tls_session *session)
{
    return session->over;
}

const uint8_t *tls_session_client_random(const struct tls_session *session)
{
    return session->client_hello.known ? session->client_hello.random : NULL;
}

uint16_t tls_session_cipher_suite(const struct tls_session *session)
{
    return session->server_hello.known ? (uint16_t)session->server_hello.cipher_suite : 0;
}

size_t tls_session_memory(const struct tls_session *session)
{
    size_t sum = sizeof *session;
    for (unsigned i = 0; i < 2 && !session->settled; i++) {
        const struct tls_end *end = &session->end[i];
        sum += tls_message_held_len(&end->messages) + end->records.held.capacity + end->pending.len +
               end->pending.staple_len + end->cut_len;
    }
    return sum;
}

static bool is_tls13(const struct tls_session *session)
{
    uint16_t version = session->server_hello.version;
    return session->server_hello.known &&
           (version == 0x0304 || version == 0xfefc || (version >> 8 == 0x7f) || version >> 8 == 0xfb);
}

static bool is_quic(const struct tls_session *session)
{
    return strcmp(session->protocol, "quic") == 0;
}

static uint16_t list_version(const struct tls_session *session)
{
    return is_tls13(session) ? 0x0304 : 0x0303;
}

/* ---- reporting ---- */

static void fill(const struct tls_session *session, struct handshake *handshake)
{
    unsigned client = session->client == TLS_END_UNKNOWN ? 0 : (unsigned)session->client, server = 1 - client;
    const struct server_hello_facts *hello = &session->server_hello;
    *handshake = (struct handshake){
        .time_us = session->time_us, .flow_started_us = session->ends.started_us,
        .flow_start_seen = session->ends.start_seen, .role = ROLE_SERVER, .detail = "", .transport = session->ends.transport,
        .server = session->ends.address[server], .client = session->ends.address[client],
        .server_port = session->ends.port[server], .client_port = session->ends.port[client],
        .server_name = session->client_hello.server_name, .protocol = session->protocol,
        .tls_version = hello->known ? hello->version : 0,
        .cipher_suite = hello->cipher_suite, .group = hello->group, .alpn = hello->alpn,
        .ech = session->client_hello.has_ech, .overlap_conflict = session->overlap_conflict};
    memcpy(handshake->server_mac, session->ends.mac[server], 6);
    memcpy(handshake->client_mac, session->ends.mac[client], 6);
    if (hello->alpn[0] == '\0' && session->client_hello.alpn_count == 1 &&
        (is_tls13(session) || !hello->known))       /* the answer is encrypted: if the client offered one protocol only, it is that one */
        handshake->alpn = session->client_hello.alpn;
    memcpy(handshake->ja3, session->client_hello.ja3, sizeof handshake->ja3);
    memcpy(handshake->ja3s, hello->ja3s, sizeof handshake->ja3s);
    memcpy(handshake->ja4, session->client_hello.ja4, sizeof handshake->ja4);
}

static void tell(struct tls_session *session, const struct handshake *handshake)
{
    if (session->expects_both && !(session->client_hello.known && session->server_hello.known))
        return;
    session->told_any = true;
    session->told_chain |= handshake->chain_count != 0;
    session->owner->on_handshake(session->owner->context, handshake);
}

void tls_session_note_overlap(struct tls_session *session)
{
    struct handshake handshake;
    if (session->overlap_conflict)
        return;
    session->overlap_conflict = true;
    if (!session->told_chain)
        return;
    fill(session, &handshake);
    handshake.outcome = OUTCOME_INCOMPLETE;
    handshake.detail = "a second version of what was read came later";
    tell(session, &handshake);
}

static void pending_clear(struct pending_chain *pending)
{
    free(pending->held);
    free(pending->staple);
    memset(pending, 0, sizeof *pending);
}

static void tell_pending(struct tls_session *session, unsigned end)
{
    struct pending_chain *pending = &session->end[end].pending;
    if (pending->body == NULL)
        return;
    struct certificate_list list;
    struct handshake handshake;
    fill(session, &handshake);
    certificate_list_read(byte_reader_of(pending->body, pending->len), list_version(session), &list);
    handshake.time_us = pending->time_us;
    handshake.role = (int)end == session->client ? ROLE_CLIENT : ROLE_SERVER;
    if (session->client == TLS_END_UNKNOWN) {       /* no hello was seen: the sender of a certificate is the server */
        handshake.server = session->ends.address[end];
        handshake.client = session->ends.address[1 - end];
        handshake.server_port = session->ends.port[end];
        handshake.client_port = session->ends.port[1 - end];
    }
    handshake.outcome = list.count != 0 ? OUTCOME_CERTIFICATE : OUTCOME_NO_CERTIFICATE;
    handshake.detail = list.count == 0 ? "empty list" : list.too_long ? TLS_CHAIN_TOO_LONG : list.cut ? "certificate list is damaged" : "";
    if (list.cut && session->overlap_conflict) {    /* which of the two versions was sent is unknown */
        handshake.outcome = OUTCOME_INCOMPLETE;
        handshake.detail = "the stream has two versions of the certificate";
        list.count = 0;
        list.bytes_len = 0;
    }
    handshake.chain = list.certificates;
    handshake.chain_count = list.count;
    handshake.chain_bytes = list.bytes;
    handshake.chain_bytes_len = list.bytes_len;
    handshake.ocsp_staple = pending->staple != NULL ? pending->staple : list.ocsp_staple;
    handshake.ocsp_staple_len = pending->staple != NULL ? pending->staple_len : list.ocsp_staple_len;
    handshake.sct_count = session->server_hello.sct_count + list.sct_count;
    handshake.decrypted = pending->decrypted;
    if (handshake.role == ROLE_SERVER || list.count != 0)       /* a client without a certificate is no news */
        tell(session, &handshake);
    if (handshake.role == ROLE_SERVER)
        session->told_server_chain = true;
    pending_clear(pending);
}

/* Keeps the bytes that arrived of a Certificate message that will not be completed. */
static void keep_cut(struct tls_end *end)
{
    const struct tls_message_reader *messages = &end->messages;
    if (end->cut != NULL || messages->held == NULL || messages->header[0] != TLS_CERTIFICATE || messages->have == 0)
        return;
    end->cut = xmemdup(messages->held + TLS_MESSAGE_HEADER_LEN, messages->have);
    end->cut_len = messages->have;
}

/* The certificates that were whole before the cut: above all the leaf. Outcome and detail say that the chain is not. */
static void add_cut(const struct tls_session *session, unsigned server, struct handshake *handshake,
                    struct certificate_list *list)
{
    const struct tls_end *end = &session->end[server];
    if (end->cut == NULL || handshake->outcome != OUTCOME_INCOMPLETE || session->overlap_conflict)
        return;
    certificate_list_read(byte_reader_of(end->cut, end->cut_len), list_version(session), list);
    if (list->count == 0)
        return;
    handshake->detail = "gap in the certificate";
    handshake->chain = list->certificates;
    handshake->chain_count = list->count;
    handshake->chain_bytes = list->bytes;
    handshake->chain_bytes_len = list->bytes_len;
}

static const char *suite_kind(int32_t id)
{
    const struct tls_suite *suite = tls_suite_find((uint32_t)id);
    return suite == NULL || tls_suite_sends_certificate(suite) ? "no certificate in the flight"
           : suite->auth == TLS_AUTH_ANON                      ? "anonymous"
                                                               : "psk";
}

static const char *alert_text(int alert)
{
    const char *name = tls_alert_name((uint32_t)alert);
    return name != NULL ? name : "unknown alert";
}

static void judge_without_chain(const struct tls_session *session, struct handshake *handshake)
{
    unsigned server = session->client == TLS_END_UNKNOWN ? 1 : 1 - (unsigned)session->client;
    const struct tls_end *end = &session->end[server];
    handshake->outcome = OUTCOME_INCOMPLETE;
    if (end->too_large) {
        handshake->outcome = OUTCOME_TOO_LARGE;
    } else if (session->server_hello.known && is_tls13(session)) {
        bool resumed = session->server_hello.selected_psk;
        handshake->outcome = resumed ? OUTCOME_NO_CERTIFICATE : OUTCOME_HIDDEN;
        handshake->detail = resumed ? "resumed" : session->client_hello.has_ech ? "ech" : "tls13";
    } else if (session->alert >= 0) {
        handshake->outcome = OUTCOME_TLS_ALERT;
        handshake->detail = alert_text(session->alert);
    } else if (end->gap || end->message_lost || end->lost) {
        handshake->detail = end->gap_in_certificate ? "gap in the certificate" : "gap";
    } else if (session->server_hello.known && end->settled && !end->sent_key_exchange && !end->sent_done) {
        handshake->outcome = OUTCOME_NO_CERTIFICATE;
        handshake->detail = "resumed";
    } else if (session->server_hello.known && (end->sent_key_exchange || end->sent_done)) {
        handshake->outcome = OUTCOME_NO_CERTIFICATE;
        handshake->detail = suite_kind(session->server_hello.cipher_suite);
    } else if (session->server_hello.known) {
        handshake->detail = "ends before the certificate";
    } else if (is_quic(session)) {
        handshake->outcome = OUTCOME_HIDDEN;
        handshake->detail = "quic";
    } else {
        handshake->detail = "no answer seen";
    }
}

/* Ends one handshake: reports what is pending. Facts stay until the next ClientHello. */
static void conclude(struct tls_session *session)
{
    tell_pending(session, 0);
    tell_pending(session, 1);
    bool known = session->client_hello.known || session->server_hello.known || session->end[0].too_large ||
                 session->end[1].too_large;
    if (session->told_server_chain || !known)
        return;
    unsigned server = session->client == TLS_END_UNKNOWN ? 1 : 1 - (unsigned)session->client;
    struct handshake handshake;
    struct certificate_list list;
    keep_cut(&session->end[server]);
    fill(session, &handshake);
    judge_without_chain(session, &handshake);
    add_cut(session, server, &handshake, &list);
    tell(session, &handshake);
    session->told_server_chain = true;
}

static void free_end(struct tls_end *end)
{
    tls_record_reader_clear(&end->records);
    tls_message_reader_clear(&end->messages);
    tls_opener_destroy(end->opener);
    tls_opener_destroy(end->next_opener);
    pending_clear(&end->pending);
    free(end->cut);
}

bool tls_session_settle(struct tls_session *session)
{
    conclude(session);
    free_end(&session->end[0]);
    free_end(&session->end[1]);
    session->over = session->settled = true;
    return session->told_chain;
}

void tls_session_destroy(struct tls_session *session)
{
    if (session == NULL)
        return;
    if (!session->settled) {
        conclude(session);
        free_end(&session->end[0]);
        free_end(&session->end[1]);
    }
    free(session);
}

/* True while a handshake can still tell us something. */
static bool check_over(struct tls_session *session)
{
    const struct tls_end *a = &session->end[0], *b = &session->end[1];
    if (session->over)
        return false;
    bool both_hellos = session->client_hello.known && session->server_hello.known && !session->server_hello.is_retry;
    if (session->decrypting)
        session->over = is_tls13(session) && a->finished && b->finished;
    else if (is_tls13(session))
        session->over = both_hellos;        /* all else is encrypted */
    else if (session->is_dtls)
        session->over = false;              /* datagrams come in any order: the caller decides when it is over */
    else
        session->over = a->settled && b->settled && a->null_mac_len == 0 && b->null_mac_len == 0;
    if (session->over)
        conclude(session);
    return !session->over;
}

/* ---- handshake messages ---- */

static void begin_again(struct tls_session *session)
{
    conclude(session);
    session->told_server_chain = false;
    session->alert = -1;
    session->server_hello = (struct server_hello_facts){.cipher_suite = -1, .group = -1};
    for (unsigned i = 0; i < 2; i++) {
        struct tls_end *end = &session->end[i];
        end->settled = end->sent_certificate = end->sent_key_exchange = end->sent_done = end->finished = false;
        end->gap = end->gap_in_certificate = false;
        free(end->cut);
        end->cut = NULL;
    }
}

static void on_client_hello(struct tls_session *session, unsigned end, struct byte_reader body)
{
    struct client_hello_facts facts;
    if (!client_hello_read(body, session->is_dtls, session->owner->want_ja3, &facts))
        return;
    if (session->client != TLS_END_UNKNOWN && session->client != (int)end && session->client_hello.known)
        return;
    session->client = (int)end;
    if (session->client_hello.known && !session->server_hello.is_retry && session->server_hello.known &&
        memcmp(facts.random, session->client_hello.random, 32) != 0)
        begin_again(session);               /* renegotiation, or one connection after another inside a tunnel */
    else if (session->client_hello.known && facts.server_name[0] == '\0')
        memcpy(facts.server_name, session->client_hello.server_name, sizeof facts.server_name);
    if (facts.ja4[0] != '\0' && is_quic(session))
        facts.ja4[0] = 'q';
    if (session->client_hello.known && session->server_hello.is_retry) {    /* fingerprints are of the first */
        memcpy(facts.ja3, session->client_hello.ja3, sizeof facts.ja3);
        memcpy(facts.ja4, session->client_hello.ja4, sizeof facts.ja4);
    }
    session->client_hello = facts;
}

static void begin_opening(struct tls_session *session)
{
    if (session->owner->keys == NULL || !session->client_hello.known || session->server_hello.is_retry)
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct tls_end *end = &session->end[i];
        struct tls_opener *opener = tls_opener_create(session->owner->keys, &session->client_hello,
                                                      &session->server_hello, (int)i == session->client);
        struct tls_opener **place = end->opener == NULL ? &end->opener : &end->next_opener;
        tls_opener_destroy(*place);
        *place = opener;
        session->decrypting |= opener != NULL;
    }
}

static void on_server_hello(struct tls_session *session, unsigned end, struct byte_reader body)
{
    struct server_hello_facts facts;
    if (session->client == (int)end || !server_hello_read(body, session->owner->want_ja3, &facts))
        return;
    session->client = 1 - (int)end;
    if (session->server_hello.known && !session->server_hello.is_retry && session->end[end].sent_certificate &&
        memcmp(facts.random, session->server_hello.random, 32) != 0 && !session->client_hello.known)
        begin_again(session);
    session->server_hello = facts;
    uint8_t mac_len = null_suite_mac_len((uint16_t)facts.cipher_suite);
    session->end[0].null_mac_len = session->end[1].null_mac_len = mac_len;
    begin_opening(session);
}

/* held: the buffer in which the body lies, taken over; NULL: the body is copied. */
static void on_certificate(struct tls_session *session, unsigned end, const uint8_t *body, size_t len, uint8_t *held)
{
    struct tls_end *this = &session->end[end];
    tell_pending(session, end);
    this->sent_certificate = true;
    this->pending.held = held;
    this->pending.body = body;
    if (held == NULL) {
        this->pending.body = this->pending.held = xmalloc(len + 1);     /* never NULL */
        if (len != 0)
            memcpy(this->pending.held, body, len);
    }
    this->pending.len = len;
    this->pending.time_us = session->time_us;
    this->pending.decrypted = session->opening || is_quic(session);     /* whose Certificate is never in the clear */
}

static void on_compressed_certificate(struct tls_session *session, unsigned end, const uint8_t *body, size_t len)
{
    struct compressed_certificate packed;
    if (!compressed_certificate_parse(byte_reader_of(body, len), &packed) || packed.uncompressed_len > TLS_CHAIN_MAX)
        return;
    uint8_t *plain = xmalloc(packed.uncompressed_len + 1u);
    if (certificate_unpack(&packed, plain) == NULL)
        on_certificate(session, end, plain, packed.uncompressed_len, plain);
    else
        free(plain);
}

static void on_certificate_status(struct tls_session *session, unsigned end, struct byte_reader body)
{
    struct pending_chain *pending = &session->end[end].pending;
    struct byte_reader response;
    if (pending->body == NULL || pending->staple != NULL || !certificate_status_parse(body, &response) ||
        response.left == 0)
        return;
    pending->staple = xmemdup(response.at, response.left);
    pending->staple_len = response.left;
}

static void on_server_key_exchange(struct tls_session *session, struct byte_reader body)
{
    struct server_hello_facts *hello = &session->server_hello;
    const struct tls_suite *suite = hello->known ? tls_suite_find((uint32_t)hello->cipher_suite) : NULL;
    struct server_key_exchange exchange;
    if (suite != NULL && server_key_exchange_parse(body, hello->version, suite, &exchange) && exchange.group >= 0)
        hello->group = exchange.group;
}

static void on_message(struct tls_session *session, unsigned end, uint8_t type, const uint8_t *body, size_t len)
{
    struct tls_end *this = &session->end[end];
    struct byte_reader reader = byte_reader_of(body, len);
    switch (type) {
    case TLS_CLIENT_HELLO: on_client_hello(session, end, reader); break;
    case TLS_SERVER_HELLO: on_server_hello(session, end, reader); break;
    case TLS_CERTIFICATE: on_certificate(session, end, body, len, NULL); return;
    case TLS_COMPRESSED_CERTIFICATE: on_compressed_certificate(session, end, body, len); return;
    case TLS_CERTIFICATE_STATUS: on_certificate_status(session, end, reader); break;
    case TLS_SERVER_KEY_EXCHANGE:
        this->sent_key_exchange = true;
        if (session->client == TLS_END_UNKNOWN)
            session->client = 1 - (int)end;
        on_server_key_exchange(session, reader);
        break;
    case TLS_SERVER_HELLO_DONE:
        this->sent_done = true;
        if (session->client == TLS_END_UNKNOWN)
            session->client = 1 - (int)end;
        break;
    case TLS_CLIENT_KEY_EXCHANGE:
        if (session->client == TLS_END_UNKNOWN)
            session->client = (int)end;
        break;
    case TLS_FINISHED:
        this->finished = true;
        if (this->opener != NULL)
            tls_opener_next_stage(this->opener);
        break;
    default: break;
    }
    if (session->client_hello.known && session->server_hello.known)
        tell_pending(session, end);
}

bool tls_session_message(struct tls_session *session, unsigned end, uint8_t type, const uint8_t *body, size_t len)
{
    if (session->over)
        return false;
    on_message(session, end, type, body, len);
    return check_over(session);
}

/* Does a handshake message begin here? Asked only behind a gap. */
static bool is_message_start(const uint8_t *bytes, size_t len)
{
    if (len < 4)
        return false;
    size_t body = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    switch (bytes[0]) {
    case TLS_SERVER_HELLO_DONE: return body == 0;
    case TLS_CERTIFICATE:
        return len >= 10 && body >= 6 && ((size_t)bytes[4] << 16 | (size_t)bytes[5] << 8 | bytes[6]) == body - 3;
    case TLS_CLIENT_HELLO: case TLS_SERVER_HELLO: return len >= 6 && bytes[4] == 3 && bytes[5] <= 4;
    case TLS_SERVER_KEY_EXCHANGE: case TLS_CERTIFICATE_REQUEST: case TLS_CLIENT_KEY_EXCHANGE: case TLS_CERTIFICATE_VERIFY:
    case TLS_NEW_SESSION_TICKET: case TLS_CERTIFICATE_STATUS: return body != 0 && body <= 16384;
    default: return false;
    }
}

/* A message of this length may be kept; otherwise it is read over (and a Certificate is too_large). */
static void on_declared(struct tls_end *end, const struct tls_message *message)
{
    bool is_certificate = message->type == TLS_CERTIFICATE || message->type == TLS_COMPRESSED_CERTIFICATE;
    if (message->len <= (is_certificate ? TLS_SESSION_MESSAGE_MAX : SMALL_MESSAGE_MAX)) {
        tls_message_allow(&end->messages);
        return;
    }
    end->too_large |= is_certificate;
    tls_message_skip(&end->messages);
}

bool tls_session_handshake_bytes(struct tls_session *session, unsigned end, const uint8_t *bytes, size_t len)
{
    struct tls_end *this = &session->end[end];
    struct byte_reader in = byte_reader_of(bytes, len);
    struct tls_message message;
    while (!session->over) {
        switch (tls_message_read(&this->messages, &in, &message)) {
        case TLS_MESSAGE_MORE: return true;
        case TLS_MESSAGE_DECLARED: on_declared(this, &message); break;
        case TLS_MESSAGE_READY:
            if (message.type == TLS_CERTIFICATE)
                on_certificate(session, end, message.body.at, message.body.left,
                               tls_message_take(&this->messages, &message));
            else
                on_message(session, end, message.type, message.body.at, message.body.left);
            check_over(session);
            break;
        }
    }
    return false;
}

/* ---- records ---- */

bool tls_session_encrypted(struct tls_session *session, unsigned end)
{
    struct tls_end *this = &session->end[end];
    this->settled = true;
    if (session->client_hello.known && session->server_hello.known)
        tell_pending(session, end);
    return check_over(session);
}

void tls_session_alert(struct tls_session *session, unsigned end, uint8_t level, uint8_t description)
{
    if ((int)end != session->client && session->alert < 0 && (level == 2 || description == 0))
        session->alert = description;
}

static void on_change_cipher_spec(struct tls_session *session, unsigned end)
{
    struct tls_end *this = &session->end[end];
    if (is_tls13(session))
        return;                             /* for middleboxes only (RFC 8446, appendix D.4) */
    if (!session->server_hello.known && session->client_hello.offers_tls13) {
        this->opaque = true;                /* the two cases look alike, and we cannot read what follows in either */
        return;
    }
    if (this->null_mac_len == 0)
        this->opaque = true;
    tls_message_reader_clear(&this->messages);
    if (this->next_opener != NULL) {
        tls_opener_destroy(this->opener);
        this->opener = this->next_opener;
        this->next_opener = NULL;
    }
    if (this->opener != NULL)
        tls_opener_change_cipher_spec(this->opener);
    tls_session_encrypted(session, end);
}

/* Handles the plaintext of a decrypted record. */
static bool on_plain(struct tls_session *session, unsigned end, uint8_t type, const uint8_t *bytes, size_t len)
{
    if (type == TLS_HANDSHAKE)
        return tls_session_handshake_bytes(session, end, bytes, len);
    return !session->over;
}

static bool is_opened(const struct tls_end *end)
{
    return end->opener != NULL && tls_opener_is_active(end->opener);
}

static void on_opaque_record(struct tls_session *session, unsigned end, const struct tls_record *record)
{
    struct tls_end *this = &session->end[end];
    uint8_t type = record->type;
    size_t len;
    if (!record->first || !record->last)
        return;
    const uint8_t *plain = tls_opener_open(this->opener, record, &type, &len);
    session->opening = true;
    if (plain != NULL)
        on_plain(session, end, type, plain, len);
    session->opening = false;
}

static void on_handshake_record(struct tls_session *session, unsigned end, const struct tls_record *record)
{
    struct tls_end *this = &session->end[end];
    struct byte_reader body = record->body;
    if (this->message_lost) {
        if (!record->first || !is_message_start(body.at, body.left))
            return;
        this->message_lost = false;
        tls_message_reader_clear(&this->messages);
    }
    if (this->null_mac_len != 0 && this->settled) {     /* the MAC follows the message in the record */
        size_t left_after = this->records.left;
        size_t mac = this->null_mac_len > left_after ? this->null_mac_len - left_after : 0;
        body.left = body.left > mac ? body.left - mac : 0;
    }
    tls_session_handshake_bytes(session, end, body.at, body.left);
}

static void on_record(struct tls_session *session, unsigned end, const struct tls_record *record)
{
    struct tls_end *this = &session->end[end];
    if (is_opened(this) && (this->opaque || record->type == TLS_APPLICATION_DATA)) {
        if (record->type == TLS_CHANGE_CIPHER_SPEC)
            on_change_cipher_spec(session, end);
        else
            on_opaque_record(session, end, record);
        return;
    }
    switch (record->type) {
    case TLS_CHANGE_CIPHER_SPEC:
        if (record->len == 1)
            on_change_cipher_spec(session, end);
        break;
    case TLS_ALERT:
        if (!this->opaque && record->body.left == 2)
            tls_session_alert(session, end, record->body.at[0], record->body.at[1]);
        break;
    case TLS_HANDSHAKE:
        if (!this->opaque)
            on_handshake_record(session, end, record);
        break;
    case TLS_APPLICATION_DATA:
        if (this->null_mac_len == 0)
            this->opaque = this->opaque || !is_tls13(session);
        tls_session_encrypted(session, end);
        break;
    default: break;
    }
}

static bool is_record_header(const uint8_t *header)
{
    return header[0] >= TLS_CHANGE_CIPHER_SPEC && header[0] <= TLS_HEARTBEAT && header[1] == 3 && header[2] <= 4 &&
           (header[3] << 8 | header[4]) <= TLS_RECORD_MAX;
}

/* After a gap: finds the next record header that another record header follows. */
static size_t find_record(const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at + 5 <= len; at++) {
        if (!is_record_header(bytes + at) || (bytes[at + 3] == 0 && bytes[at + 4] == 0))
            continue;
        size_t next = at + 5 + (size_t)(bytes[at + 3] << 8 | bytes[at + 4]);
        if (next + 5 <= len ? is_record_header(bytes + next) : at == 0 || next == len)
            return at;
    }
    return len;
}

static void lose_records(struct tls_end *end)
{
    tls_record_reader_clear(&end->records);
    tls_record_reader_init(&end->records);
    end->records.may_be_sslv2 = false;
    end->lost = end->gap = end->message_lost = true;
}

bool tls_session_bytes(struct tls_session *session, unsigned end, const uint8_t *bytes, size_t len)
{
    struct tls_end *this = &session->end[end];
    struct byte_reader in = byte_reader_of(bytes, len);
    struct tls_record record;
    while (!session->over) {
        if (this->lost) {
            byte_reader_skip(&in, find_record(in.at, in.left));
            if (in.left == 0)
                return true;
            this->lost = false;
        }
        this->records.whole = is_opened(this);
        switch (tls_record_read(&this->records, &in, &record)) {
        case TLS_RECORD_MORE: return true;
        case TLS_RECORD_DECLARED: return true; /* not asked for */
        case TLS_RECORD_READY: on_record(session, end, &record); break;
        case TLS_RECORD_NOT_TLS:
        case TLS_RECORD_BAD:
            byte_reader_skip(&in, 1);
            lose_records(this);
            break;
        }
    }
    return false;
}

bool tls_session_gap(struct tls_session *session, unsigned end, size_t len)
{
    struct tls_end *this = &session->end[end];
    this->gap = true;
    if (!tls_message_reader_is_between(&this->messages)) {
        this->gap_in_certificate = this->messages.header[0] == TLS_CERTIFICATE;
        keep_cut(this);
    }
    if (this->records.left == 0 || len > this->records.left || this->records.gives_whole) {
        lose_records(this);
        return !session->over;
    }
    if (!this->opaque)
        this->message_lost = true;
    this->records.left -= (uint32_t)len;
    if (this->records.left == 0)
        this->records.header_len = 0;
    return !session->over;
}

/* ---- SSLv2 ---- */

bool tls_session_sslv2(struct tls_session *session, unsigned end, const uint8_t *bytes, size_t len)
{
    struct byte_reader body = byte_reader_of(bytes, len);
    struct client_hello_facts facts;
    struct sslv2_server_hello hello;
    if (!byte_reader_skip(&body, 2) || body.left == 0)
        return !session->over;
    if (body.at[0] == 1) {
        if (client_hello_read_sslv2(body, &facts)) {
            session->client = (int)end;
            session->client_hello = facts;
        }
        return check_over(session);
    }
    if (!sslv2_server_hello_parse(body, &hello))
        return !session->over;
    session->client = 1 - (int)end;
    session->server_hello.known = true;
    session->server_hello.version = 0x0002;
    if (hello.certificate.len != 0) {           /* pass it on as a list of one, the form of later versions */
        size_t cert = hello.certificate.len, list = cert + 3;
        uint8_t *message = xmalloc(cert + 6);
        uint8_t header[6] = {(uint8_t)(list >> 16), (uint8_t)(list >> 8), (uint8_t)list,
                             (uint8_t)(cert >> 16), (uint8_t)(cert >> 8), (uint8_t)cert};
        memcpy(message, header, 6);
        memcpy(message + 6, hello.certificate.bytes, cert);
        on_certificate(session, end, message, cert + 6, message);
        if (session->client_hello.known)
            tell_pending(session, end);
    }
    session->end[0].settled = session->end[1].settled = true;
    return check_over(session);
}
