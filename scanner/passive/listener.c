#include "scanner/passive/listener.h"

#include "probes/base/memory.h"
#include "scanner/passive/datagrams.h"
#include "scanner/passive/eap_sessions.h"

#include <stdlib.h>

/* Connections whose chain was reported, and of which a second version of some bytes may still come: an answer by a host in
 * between is ahead of the server's own by less than this many other handshakes. With their copies and hashes at most 6 MiB. */
#define SETTLED_MAX 32

struct listener {
    struct tls_session_owner owner;
    struct layers *layers;
    struct flow_table *flows;
    struct eap_sessions *eap;
    struct conversation_counts counts;
    struct flow *settled[SETTLED_MAX];      /* a ring */
    unsigned settled_next;
};

static void on_drop(void *context, struct flow *flow)
{
    struct listener *listener = context;
    unsigned slot;
    if (flow->protocol == TRANSPORT_UDP) {
        struct datagrams *datagrams = (struct datagrams *)flow->conversation;
        flow_table_account(listener->flows, -(ptrdiff_t)datagrams_memory(datagrams), NULL);
        datagrams_destroy(datagrams);
    } else {
        flow_table_account(listener->flows, -(ptrdiff_t)conversation_accounted(flow->conversation), NULL);
        if (conversation_is_settled(flow->conversation, &slot))
            listener->settled[slot] = NULL;
        conversation_finish(flow->conversation);
    }
    flow->conversation = NULL;
}

struct listener *listener_create(const struct listener_options *options)
{
    struct listener *listener = xcalloc(1, sizeof *listener);
    listener->owner = (struct tls_session_owner){.on_handshake = options->on_handshake,
                                                 .context = options->context,
                                                 .want_ja3 = options->want_ja3,
                                                 .keys = options->keys};
    listener->layers = layers_create();
    listener->flows = flow_table_create(on_drop, listener);
    listener->eap = eap_sessions_create(&listener->owner);
    return listener;
}

void listener_end(struct listener *listener)
{
    flow_table_end_all(listener->flows);
    eap_sessions_end_all(listener->eap);
}

void listener_destroy(struct listener *listener)
{
    if (listener == NULL)
        return;
    flow_table_destroy(listener->flows);
    eap_sessions_destroy(listener->eap);
    layers_destroy(listener->layers);
    free(listener);
}

static void end_conversation(struct listener *listener, struct flow *flow, enum flow_state state)
{
    if (flow->conversation != NULL)
        on_drop(listener, flow);
    flow_table_set_state(listener->flows, flow, state);
}

/* A SYN gives the first sequence number of a direction; a SYN with another number begins a new connection. */
static void on_syn(struct listener *listener, struct flow *flow, const struct tcp_segment_seen *segment)
{
    uint8_t bit = (uint8_t)(1u << segment->from);
    uint32_t start = segment->sequence + 1;
    if (flow->answers_differ & bit)
        return;
    if (!(flow->syn_seen & bit)) {
        flow->syn_seen |= bit;
        flow->start[segment->from] = start;
        return;
    }
    if (flow->start[segment->from] == start)
        return;
    if (segment->flags & TCP_ACK) {         /* two different SYN-ACKs: the data will show which one counts */
        flow->answers_differ |= bit;
        if (flow->conversation != NULL)
            conversation_forget_start(flow->conversation, segment->from);
        return;
    }
    end_conversation(listener, flow, FLOW_SILENT);
    flow->first_us = segment->time_us;
    flow->syn_seen = bit;
    flow->answers_differ = flow->dialect = 0;
    flow->start[segment->from] = start;
}

static void on_plain_flow(struct listener *listener, struct flow *flow, const struct tcp_segment_seen *segment)
{
    if (!conversation_begins_in(flow, segment))
        return;
    flow->conversation = conversation_create(&listener->owner, flow, &listener->counts);
    flow_table_account(listener->flows, conversation_growth(flow->conversation), flow);
    flow_table_set_state(listener->flows, flow, FLOW_SPEAKING);
}

static void settle(struct listener *listener, struct flow *flow)
{
    if (!conversation_settle(flow->conversation, listener->settled_next)) {
        end_conversation(listener, flow, FLOW_OVER);
        return;
    }
    struct flow **slot = &listener->settled[listener->settled_next];
    listener->settled_next = (listener->settled_next + 1) % SETTLED_MAX;
    if (*slot != NULL)
        on_drop(listener, *slot);
    *slot = flow;
    flow_table_account(listener->flows, conversation_growth(flow->conversation), flow);
    flow_table_set_state(listener->flows, flow, FLOW_OVER);
}

static void on_speaking(struct listener *listener, struct flow *flow, const struct tcp_segment_seen *segment)
{
    enum conversation_end end = conversation_add(flow->conversation, segment);
    ptrdiff_t grown = conversation_growth(flow->conversation);
    if (grown != 0)
        flow_table_account(listener->flows, grown, flow);
    switch (end) {
    case CONVERSATION_GOES_ON: break;
    case CONVERSATION_PLAIN:
        if (flow->dialect == 0)
            flow->dialect = conversation_dialect(flow->conversation);
        end_conversation(listener, flow, FLOW_PLAIN);
        break;
    case CONVERSATION_OVER: settle(listener, flow); break;
    }
}

static void on_tcp(struct listener *listener, const struct layer_cursor *cursor)
{
    struct flow_key key = {.source = cursor->source, .destination = cursor->destination, .ip_len = cursor->ip_len,
                           .protocol = TRANSPORT_TCP, .source_port = cursor->source_port,
                           .destination_port = cursor->destination_port};
    struct tcp_segment_seen segment = {.time_us = cursor->time_us, .sequence = cursor->tcp_sequence,
                                       .acknowledgment = cursor->tcp_acknowledgment, .flags = cursor->tcp_flags,
                                       .bytes = cursor->bytes.at, .len = cursor->bytes.left};
    bool is_syn = segment.flags & TCP_SYN;
    struct flow *flow =
        flow_table_find(listener->flows, &key, cursor->time_us, is_syn || segment.len != 0, &segment.from);
    if (flow == NULL)
        return;
    if (is_syn) {
        on_syn(listener, flow, &segment);
        segment.sequence++;                 /* data in the SYN (RFC 7413) follows its sequence number */
    }
    if (flow->state == FLOW_OVER && flow->conversation != NULL && segment.len != 0 && !conversation_compare(flow->conversation, &segment))
        on_drop(listener, flow);
    if (flow->state == FLOW_OVER || (segment.len == 0 && flow->state != FLOW_SPEAKING))
        return;
    if (flow->state == FLOW_SILENT) {
        flow->conversation = conversation_create(&listener->owner, flow, &listener->counts);
        flow_table_account(listener->flows, conversation_growth(flow->conversation), flow);
        flow_table_set_state(listener->flows, flow, FLOW_SPEAKING);
    }
    if (flow->state == FLOW_PLAIN)
        on_plain_flow(listener, flow, &segment);
    if (flow->state == FLOW_SPEAKING)
        on_speaking(listener, flow, &segment);
}

static void on_udp(struct listener *listener, const struct layer_cursor *cursor)
{
    struct byte_reader payload = cursor->bytes;
    if (payload.left == 0)
        return;
    if (eap_sessions_radius(listener->eap, cursor))
        return;
    struct flow_key key = {.source = cursor->source, .destination = cursor->destination, .ip_len = cursor->ip_len,
                           .protocol = TRANSPORT_UDP, .source_port = cursor->source_port,
                           .destination_port = cursor->destination_port};
    unsigned from;
    struct flow *flow = flow_table_find(listener->flows, &key, cursor->time_us, datagrams_begin_in(payload), &from);
    if (flow == NULL || flow->state == FLOW_OVER)
        return;
    if (flow->conversation == NULL) {
        flow->conversation = (struct conversation *)datagrams_create(&listener->owner, flow);
        flow_table_account(listener->flows, (ptrdiff_t)datagrams_memory((struct datagrams *)flow->conversation), flow);
        flow_table_set_state(listener->flows, flow, FLOW_SPEAKING);
    }
    struct datagrams *datagrams = (struct datagrams *)flow->conversation;
    size_t before = datagrams_memory(datagrams);
    bool goes_on = datagrams_add(datagrams, from, cursor->time_us, payload);
    flow_table_account(listener->flows, (ptrdiff_t)datagrams_memory(datagrams) - (ptrdiff_t)before, flow);
    if (!goes_on)
        end_conversation(listener, flow, FLOW_OVER);
}

void listener_packet(struct listener *listener, const struct packet *packet)
{
    struct layer_cursor cursor;
    switch (layers_walk(listener->layers, packet, &cursor)) {
    case LAYER_TCP: on_tcp(listener, &cursor); break;
    case LAYER_UDP: on_udp(listener, &cursor); break;
    case LAYER_EAPOL: eap_sessions_eapol(listener->eap, &cursor); break;
    default: break;
    }
}

const struct layer_counts *listener_layer_counts(const struct listener *listener)
{
    return layers_counts(listener->layers);
}

const struct flow_counts *listener_flow_counts(const struct listener *listener)
{
    return flow_table_counts(listener->flows);
}

const struct conversation_counts *listener_conversation_counts(const struct listener *listener)
{
    return &listener->counts;
}
