/* What the bytes behind a header look like, where nothing before them says it. */
#pragma once
#include "scanner/passive/layers/layers.h"

/* An IPv4 or IPv6 header that could be whole: version, header length, a length that fits. */
bool layer_looks_like_ip(struct byte_reader bytes);

/* Two MAC addresses and an ethertype (behind VLAN tags) whose packet looks like what it says. */
bool layer_looks_like_ethernet(struct byte_reader bytes);

/* Behind an L2TPv3 session's number stand a cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4 (RFC 3931, section 4.1.2);
 * only the control connection knows how many. What looks like Ethernet, IP or PPP decides. */
enum layer layer_l2tpv3_payload(struct layer_cursor *cursor);
