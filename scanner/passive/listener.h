/* The passive engine: packets in, handshakes out. It owns layers, flows and conversations, knows no file, no socket
 * and no bundle, and stays within its memory limits whatever the packets are.
 *
 *     packet --> layers --> tcp --> flow --> conversation --> TLS session --+--> on_handshake()
 *                     \---> udp --> flow --> DTLS, QUIC, RADIUS (EAP-TLS) --+
 *                      \--> EAPOL (EAP-TLS) --------------------------------+
 */
#pragma once
#include "scanner/passive/conversation.h"
#include "scanner/passive/flow_table.h"
#include "scanner/passive/handshake/handshake.h"
#include "scanner/passive/layers/layers.h"

struct listener;
struct key_log;

struct listener_options {
    handshake_function *on_handshake;
    void *context;
    bool want_ja3;
    const struct key_log *keys;         /* may be NULL; may grow while packets come */
};

struct listener *listener_create(const struct listener_options *options);
void listener_destroy(struct listener *listener);           /* reports what is pending */
void listener_packet(struct listener *listener, const struct packet *packet);
/* The capture has ended: reports what is pending and forgets all flows. */
void listener_end(struct listener *listener);

const struct layer_counts *listener_layer_counts(const struct listener *listener);
const struct flow_counts *listener_flow_counts(const struct listener *listener);
const struct conversation_counts *listener_conversation_counts(const struct listener *listener);
