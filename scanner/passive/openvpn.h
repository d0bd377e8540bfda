/* OpenVPN: TLS travels in pieces in its control packets (its wire protocol, as documented by the project). This takes
 * them out in the order of their ids, so that a Certificate message that spans packets is one. With tls-auth each
 * packet carries an HMAC, whose length the first packet gives away; tls-crypt hides all. Over TCP a length stands before
 * each packet (carrier_openvpn); over UDP a datagram is a packet, and may come twice, late or never. */
#pragma once
#include "probes/base/byte_reader.h"
#include "scanner/passive/carrier.h"

struct openvpn;

struct openvpn *openvpn_create(const struct carrier_sink *sink);
void openvpn_destroy(struct openvpn *openvpn);          /* NULL is fine */
size_t openvpn_memory(const struct openvpn *openvpn);

/* One packet. False: over. */
bool openvpn_packet(struct openvpn *openvpn, unsigned from, struct byte_reader packet);

/* Is this datagram the reset that opens a connection (or answers it)? */
bool openvpn_datagram_begins(struct byte_reader datagram);
