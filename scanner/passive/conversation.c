#include "scanner/passive/conversation.h"

#include "probes/base/memory.h"
#include "scanner/passive/carrier.h"
#include "scanner/passive/dialect.h"
#include "scanner/passive/layers/layers.h"
#include "scanner/passive/tcp_stream.h"

#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX        4096       /* bytes without TLS from one end, until it is a plain flow */
#define PLAIN_ASKED_MAX  65536      /* the same where the client asked for TLS */
#define SSLV2_HELLO_MAX  512
#define UNKNOWN_WORDS_MAX 16        /* unknown bytes before TLS that are ignored: a capture may show the padding of short frames as data */

struct conversation_end_state {
    struct tcp_stream stream;
    struct dialect_side said;       /* before TLS */
    bool in_tls;
    bool has_gap;                   /* before TLS */
    size_t plain;                   /* bytes of it */
    uint8_t start[CARRIER_START_MAX];       /* its first bytes, until we know whether they begin a carrier */
    size_t start_len;
    bool has_no_carrier;
    uint8_t carry[TLS_START_MAX];   /* possibly the first bytes of a hello */
    size_t carry_len;
    uint8_t *sslv2;                 /* an SSLv2 hello under way */
    size_t sslv2_len, sslv2_want;
};

struct conversation {
    const struct tls_session_owner *owner;
    const struct flow *flow;
    struct conversation_counts *counts;
    struct tls_session *session;
    const struct carrier_kind *carrier_kind;        /* NULL: TLS is not inside packets of another protocol */
    void *carrier;
    struct conversation_end_state end[2];
    size_t accounted;               /* bytes reported to the flow table */
    unsigned from;                  /* the end that sends now, for the sink */
    int64_t time_us;
    unsigned slot;                  /* where the listener has it, once it is settled */
    bool is_settled;                /* everything was reported: only second versions of its bytes are of interest */
    enum conversation_end result;
};

struct conversation *conversation_create(const struct tls_session_owner *owner, const struct flow *flow,
                                         struct conversation_counts *counts)
{
    struct conversation *conversation = xcalloc(1, sizeof *conversation);
    conversation->owner = owner;
    conversation->flow = flow;
    conversation->counts = counts;
    return conversation;
}

static void end_carrier(struct conversation *conversation)
{
    if (conversation->carrier_kind != NULL)
        conversation->carrier_kind->destroy(conversation->carrier);
    conversation->carrier_kind = NULL;
}

static void conversation_destroy(struct conversation *conversation)
{
    for (unsigned i = 0; i < 2; i++) {
        conversation->counts->overlaps += conversation->end[i].stream.overlap_conflict;
        tcp_stream_clear(&conversation->end[i].stream);
        free(conversation->end[i].sslv2);
    }
    tls_session_destroy(conversation->session);
    end_carrier(conversation);
    free(conversation);
}

static size_t memory_of(const struct conversation *conversation)
{
    size_t sum = sizeof *conversation + tcp_stream_memory(&conversation->end[0].stream) +
                 tcp_stream_memory(&conversation->end[1].stream);
    if (conversation->session != NULL)
        sum += tls_session_memory(conversation->session);
    if (conversation->carrier_kind != NULL)
        sum += conversation->carrier_kind->memory(conversation->carrier);
    return sum;
}

ptrdiff_t conversation_growth(struct conversation *conversation)
{
    size_t now = memory_of(conversation);
    ptrdiff_t grown = (ptrdiff_t)now - (ptrdiff_t)conversation->accounted;
    conversation->accounted = now;
    return grown;
}

uint8_t conversation_dialect(const struct conversation *conversation)
{
    return dialect_number(&conversation->end[0].said, &conversation->end[1].said);
}

size_t conversation_accounted(const struct conversation *conversation)
{
    return conversation->accounted;
}

static void start_session(struct conversation *conversation, unsigned client)
{
    if (conversation->session != NULL)
        return;
    const struct flow *flow = conversation->flow;
    struct tls_session_ends ends = {.transport = TRANSPORT_TCP, .started_us = flow->first_us,
                                    .start_seen = flow->syn_seen != 0};
    for (unsigned i = 0; i < 2; i++) {
        ends.address[i] = flow_address(flow, i);
        ends.port[i] = flow->port[i];
    }
    const struct dialect_side *said = &conversation->end[client].said, *answered = &conversation->end[1 - client].said;
    const char *protocol = conversation->carrier_kind != NULL ? conversation->carrier_kind->protocol
                           : said->len == 0 && answered->len == 0 && flow->dialect != 0 ? dialect_of_number(flow->dialect)
                                                                                              : dialect_name(said, answered);
    conversation->session = tls_session_create(conversation->owner, &ends, protocol);
    tls_session_set_time(conversation->session, conversation->time_us);
    for (unsigned i = 0; i < 2; i++)
        if (conversation->end[i].has_gap)
            tls_session_note_gap(conversation->session, i);
}

static bool has_overlap(const struct conversation *conversation)
{
    return conversation->end[0].stream.overlap_conflict || conversation->end[1].stream.overlap_conflict;
}

static bool to_session(struct conversation *conversation, unsigned from, const uint8_t *bytes, size_t len)
{
    if (has_overlap(conversation))
        tls_session_note_overlap(conversation->session);
    if (tls_session_bytes(conversation->session, from, bytes, len))
        return true;
    conversation->result = CONVERSATION_OVER;
    return false;
}

/* True if the bytes before TLS are neither a known protocol nor text that agrees to TLS. False for a stream with two versions of
 * its bytes, since we cannot know which one was sent. */
static bool may_be_in_a_file(const struct conversation *conversation, unsigned from)
{
    const struct conversation_end_state *end = &conversation->end[from];
    return !end->stream.overlap_conflict && end->said.len > UNKNOWN_WORDS_MAX && !dialect_ends_in_line(&end->said) &&
           dialect_number(&end->said, &conversation->end[1 - from].said) == DIALECT_UNKNOWN;
}

static bool enter_tls(struct conversation *conversation, unsigned from, enum tls_start kind)
{
    struct conversation_end_state *end = &conversation->end[from];
    end->in_tls = true;
    unsigned client = kind == TLS_START_CLIENT || kind == TLS_START_SSLV2_CLIENT ? from : 1 - from;
    bool is_first = conversation->session == NULL;
    start_session(conversation, client);
    if (is_first && may_be_in_a_file(conversation, from))
        tls_session_expect_both(conversation->session);
    return true;
}

/* An SSLv2 hello is gathered whole; TLS records may follow it. */
static bool on_sslv2_bytes(struct conversation *conversation, unsigned from, const uint8_t *bytes, size_t len)
{
    struct conversation_end_state *end = &conversation->end[from];
    size_t step = end->sslv2_want - end->sslv2_len < len ? end->sslv2_want - end->sslv2_len : len;
    memcpy(end->sslv2 + end->sslv2_len, bytes, step);
    end->sslv2_len += step;
    if (end->sslv2_len < end->sslv2_want)
        return true;
    bool goes_on = tls_session_sslv2(conversation->session, from, end->sslv2, end->sslv2_len);
    free(end->sslv2);
    end->sslv2 = NULL;
    if (!goes_on) {
        conversation->result = CONVERSATION_OVER;
        return false;
    }
    return len == step || to_session(conversation, from, bytes + step, len - step);
}

static bool begin_sslv2(struct conversation *conversation, unsigned from, enum tls_start kind, const uint8_t *bytes,
                        size_t len)
{
    struct conversation_end_state *end = &conversation->end[from];
    size_t want = 2u + (size_t)((bytes[0] & 0x7f) << 8 | bytes[1]);
    enter_tls(conversation, from, kind);
    end->sslv2 = xmalloc(want);
    end->sslv2_want = want;
    end->sslv2_len = 0;
    return on_sslv2_bytes(conversation, from, bytes, len);
}

static bool note_plain(struct conversation *conversation, unsigned from, const uint8_t *bytes, size_t len)
{
    struct conversation_end_state *end = &conversation->end[from];
    if (len == 0)
        return true;
    dialect_note(&end->said, bytes, len);
    end->plain += len;
    if (end->plain <= PLAIN_MAX || conversation->session != NULL ||
        (end->plain <= PLAIN_ASKED_MAX &&
         dialect_may_start_tls(&conversation->end[0].said, &conversation->end[1].said)))
        return true;
    conversation->result = CONVERSATION_PLAIN;
    return false;
}

static bool is_start(const struct conversation *conversation, unsigned from, enum tls_start kind)
{
    if (conversation->session == NULL && conversation->end[from].said.len != 0 &&
        dialect_is_body(&conversation->end[0].said, &conversation->end[1].said))
        return false;
    return kind == TLS_START_CLIENT || kind == TLS_START_SERVER || kind == TLS_START_CERTIFICATE ||
           (kind == TLS_START_ALERT && conversation->session != NULL);
}

/* Searches bytes before TLS for a hello. A possible start of one at the end is carried over to the next piece. */
static bool on_plain(struct conversation *conversation, unsigned from, const uint8_t *bytes, size_t len)
{
    struct conversation_end_state *end = &conversation->end[from];
    uint8_t joined[2 * TLS_START_MAX];
    size_t old = end->carry_len, joined_len = old + (len < TLS_START_MAX ? len : TLS_START_MAX);
    memcpy(joined, end->carry, old);
    memcpy(joined + old, bytes, joined_len - old);
    end->carry_len = 0;
    if (end->plain == 0) {                  /* the very start: SSLv2 has no other mark */
        enum tls_start kind = tls_start_match_sslv2(joined, joined_len);
        if (kind == TLS_START_SSLV2_CLIENT || kind == TLS_START_SSLV2_SERVER)
            return begin_sslv2(conversation, from, kind, joined, old) &&
                   on_sslv2_bytes(conversation, from, bytes, len);
        if (kind == TLS_START_MORE && joined_len < TLS_START_MAX) {
            memcpy(end->carry, joined, joined_len);
            end->carry_len = joined_len;
            return true;
        }
    }
    size_t noted = 0;                       /* bytes up to here are noted as plain */
    for (size_t at = 0; at < old; at++) {   /* does the hello begin in the carried bytes? */
        enum tls_start kind;
        at += tls_start_find(joined + at, joined_len - at, &kind);
        if (at >= old)
            break;
        if (!note_plain(conversation, from, joined + noted, at - noted))
            return false;
        noted = at;
        if (is_start(conversation, from, kind)) {
            enter_tls(conversation, from, kind);
            return to_session(conversation, from, joined + at, old - at) && to_session(conversation, from, bytes, len);
        }
        if (kind == TLS_START_MORE && joined_len - old == len) {
            memcpy(end->carry, joined + at, joined_len - at);
            end->carry_len = joined_len - at;
            return true;
        }
    }
    if (!note_plain(conversation, from, joined + noted, old - noted))
        return false;
    noted = 0;
    for (size_t at = 0; at < len; at++) {
        enum tls_start kind;
        at += tls_start_find(bytes + at, len - at, &kind);
        if (at >= len)
            break;
        if (!note_plain(conversation, from, bytes + noted, at - noted))
            return false;
        noted = at;
        if (is_start(conversation, from, kind)) {
            enter_tls(conversation, from, kind);
            return to_session(conversation, from, bytes + at, len - at);
        }
        if (kind == TLS_START_MORE && len - at < TLS_START_MAX) {
            memcpy(end->carry, bytes + at, len - at);
            end->carry_len = len - at;
            return true;
        }
    }
    return note_plain(conversation, from, bytes + noted, len - noted);
}

/* The payload of a carrier's packets is TLS from its first byte. */
static bool on_carried_tls(void *context, unsigned from, const uint8_t *bytes, size_t len)
{
    struct conversation *conversation = context;
    if (conversation->session == NULL)
        start_session(conversation, from);
    return to_session(conversation, from, bytes, len);
}

static bool past_start(struct conversation *conversation, unsigned from, const uint8_t *bytes, size_t len)
{
    if (conversation->carrier_kind != NULL)
        return conversation->carrier_kind->bytes(conversation->carrier, from, bytes, len);
    return on_plain(conversation, from, bytes, len);
}

/* Passes on the first bytes of a direction, which were held until the protocol was known. */
static bool give_start(struct conversation *conversation, unsigned from)
{
    struct conversation_end_state *end = &conversation->end[from];
    size_t len = end->start_len;
    end->start_len = 0;
    end->has_no_carrier = true;
    return len == 0 || past_start(conversation, from, end->start, len);
}

/* Does this direction begin with the packets of a protocol that carries TLS? */
static bool find_carrier(struct conversation *conversation, unsigned from, const uint8_t *bytes, size_t len)
{
    static const struct carrier_kind *const kinds[] = {&carrier_openvpn, &carrier_tds};
    struct conversation_end_state *end = &conversation->end[from];
    size_t step = sizeof end->start - end->start_len < len ? sizeof end->start - end->start_len : len;
    enum carrier_match best = CARRIER_NO;
    memcpy(end->start + end->start_len, bytes, step);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && conversation->session == NULL && best != CARRIER_YES; i++) {
        enum carrier_match match = kinds[i]->match(end->start, end->start_len + step);
        best = match > best ? match : best;
        if (match == CARRIER_YES) {
            const struct carrier_sink sink = {.on_tls = on_carried_tls, .context = conversation};
            conversation->carrier_kind = kinds[i];
            conversation->carrier = kinds[i]->create(&sink);
        }
    }
    if (best == CARRIER_MORE) {         /* so all of bytes lies in start */
        end->start_len += len;
        return true;
    }
    return give_start(conversation, from) && past_start(conversation, from, bytes, len);
}

static bool on_bytes(void *context, const uint8_t *bytes, size_t len)
{
    struct conversation *conversation = context;
    unsigned from = conversation->from;
    struct conversation_end_state *end = &conversation->end[from];
    if (end->sslv2 != NULL)
        return on_sslv2_bytes(conversation, from, bytes, len);
    if (end->in_tls)
        return to_session(conversation, from, bytes, len);
    if (conversation->carrier_kind == NULL && !end->has_no_carrier)
        return find_carrier(conversation, from, bytes, len);
    return past_start(conversation, from, bytes, len);
}

static bool on_gap(void *context, size_t len)
{
    struct conversation *conversation = context;
    struct conversation_end_state *end = &conversation->end[conversation->from];
    conversation->counts->gaps++;
    conversation->counts->gap_bytes += len;
    if (!give_start(conversation, conversation->from))
        return false;
    end->carry_len = 0;
    if (end->plain == 0)
        end->plain = 1;             /* no longer the very start */
    if (!end->in_tls) {
        end->has_gap = true;
        if (conversation->session != NULL)
            tls_session_note_gap(conversation->session, conversation->from);
    }
    if (conversation->carrier_kind != NULL) {
        conversation->carrier_kind->gap(conversation->carrier, conversation->from);
        if (conversation->session != NULL)
            tls_session_gap(conversation->session, conversation->from, len);
    }
    if (end->sslv2 != NULL || !end->in_tls || tls_session_gap(conversation->session, conversation->from, len))
        return true;
    conversation->result = CONVERSATION_OVER;
    return false;
}

static struct tcp_sink sink_of(struct conversation *conversation, unsigned from)
{
    conversation->from = from;
    return (struct tcp_sink){.on_bytes = on_bytes, .on_gap = on_gap, .context = conversation};
}

static bool are_ended(const struct conversation *conversation)
{
    return tcp_stream_is_at_end(&conversation->end[0].stream) && tcp_stream_is_at_end(&conversation->end[1].stream);
}

enum conversation_end conversation_add(struct conversation *conversation, const struct tcp_segment_seen *segment)
{
    struct tcp_stream *stream = &conversation->end[segment->from].stream;
    struct tcp_sink sink = sink_of(conversation, segment->from);
    conversation->time_us = segment->time_us;
    conversation->result = CONVERSATION_GOES_ON;
    if (conversation->session != NULL)
        tls_session_set_time(conversation->session, segment->time_us);
    for (unsigned i = 0; i < 2; i++)
        if (!conversation->end[i].stream.started && (conversation->flow->syn_seen & 1u << i) &&
            !(conversation->flow->answers_differ & 1u << i))
            tcp_stream_start(&conversation->end[i].stream, conversation->flow->start[i]);
    if (segment->flags & TCP_FIN)
        tcp_stream_end(stream, segment->sequence + (uint32_t)(segment->len + segment->missing));
    if (segment->len != 0 && !tcp_stream_add(stream, segment->sequence, segment->bytes, segment->len, &sink))
        return conversation->result;
    if (has_overlap(conversation) && conversation->session != NULL)
        tls_session_note_overlap(conversation->session);
    if (conversation->accounted > FLOW_BYTES_EACH_MAX) {
        conversation->counts->over_limit++;
        return CONVERSATION_OVER;
    }
    return are_ended(conversation) ? CONVERSATION_OVER : CONVERSATION_GOES_ON;
}

bool conversation_settle(struct conversation *conversation, unsigned slot)
{
    if (conversation->session == NULL || !tls_session_is_over(conversation->session) || has_overlap(conversation) ||
        !tls_session_settle(conversation->session))
        return false;
    conversation->is_settled = true;
    conversation->slot = slot;
    end_carrier(conversation);
    for (unsigned i = 0; i < 2; i++) {
        tcp_stream_drop_held(&conversation->end[i].stream);
        free(conversation->end[i].sslv2);
        conversation->end[i].sslv2 = NULL;
    }
    return true;
}

bool conversation_is_settled(const struct conversation *conversation, unsigned *slot)
{
    *slot = conversation->slot;
    return conversation->is_settled;
}

bool conversation_compare(struct conversation *conversation, const struct tcp_segment_seen *segment)
{
    tcp_stream_compare(&conversation->end[segment->from].stream, segment->sequence, segment->bytes, segment->len);
    if (!has_overlap(conversation))
        return true;
    tls_session_set_time(conversation->session, segment->time_us);
    tls_session_note_overlap(conversation->session);
    return false;
}

void conversation_forget_start(struct conversation *conversation, unsigned end)
{
    tcp_stream_forget_start(&conversation->end[end].stream, conversation->flow->start[end]);
}

void conversation_finish(struct conversation *conversation)
{
    if (conversation == NULL)
        return;
    for (unsigned i = 0; i < 2 && !conversation->is_settled; i++) {     /* flush the side that sends TLS already first: the other
                                                                         * may hold a hello */
        struct tcp_sink sink = sink_of(conversation, i);
        conversation->result = CONVERSATION_GOES_ON;
        if (tcp_stream_flush(&conversation->end[i].stream, &sink))
            give_start(conversation, i);
    }
    conversation_destroy(conversation);
}

bool conversation_begins_in(struct flow *flow, const struct tcp_segment_seen *segment)
{
    if (dialect_number_is_body(flow->dialect))
        return false;
    for (size_t at = 0; at < segment->len; at++) {
        enum tls_start kind;
        at += tls_start_find(segment->bytes + at, segment->len - at, &kind);
        if (at >= segment->len)
            return false;
        bool near_end = segment->len - at < 6;
        if (kind != TLS_START_CLIENT && (kind != TLS_START_MORE || near_end || at != 0))
            continue;
        flow->syn_seen |= (uint8_t)(1u << segment->from);
        flow->start[segment->from] = segment->sequence + (uint32_t)at;
        if (segment->flags & TCP_ACK) {
            flow->syn_seen = 3;
            flow->start[1 - segment->from] = segment->acknowledgment;
        }
        return true;
    }
    return false;
}
