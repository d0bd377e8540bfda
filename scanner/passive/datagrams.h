/* A UDP flow: DTLS (RFC 6347, RFC 9147), also among STUN, TURN and RTP, or QUIC (RFC 9001). Recognised by content. */
#pragma once
#include "scanner/passive/flow_table.h"
#include "probes/base/byte_reader.h"
#include "scanner/passive/handshake/tls_session.h"

struct datagrams;

/* Could a handshake begin in this datagram? */
bool datagrams_begin_in(struct byte_reader payload);

struct datagrams *datagrams_create(const struct tls_session_owner *owner, const struct flow *flow);
void datagrams_destroy(struct datagrams *datagrams);        /* reports pending handshakes */
bool datagrams_add(struct datagrams *datagrams, unsigned from, int64_t time_us, struct byte_reader payload);
size_t datagrams_memory(const struct datagrams *datagrams);
