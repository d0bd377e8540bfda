/* A QUIC connection's Initial packets (RFC 9001): the CRYPTO frames of both sides put in order, whatever packets
 * they came in; what is in them goes to a TLS session: name, version, ALPN; with the user's keys the certificate. */
#pragma once
#include "probes/base/byte_reader.h"
#include "scanner/passive/handshake/tls_session.h"

struct quic_flow;

bool quic_flow_begins(struct byte_reader payload);
struct quic_flow *quic_flow_create(const struct tls_session_owner *owner, const struct tls_session_ends *ends);
void quic_flow_destroy(struct quic_flow *flow);             /* tells what is pending */
bool quic_flow_add(struct quic_flow *flow, unsigned from, int64_t time_us, struct byte_reader payload);
size_t quic_flow_memory(const struct quic_flow *flow);
