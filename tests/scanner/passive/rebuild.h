/* The connections of a capture sent again: other segment sizes, other record sizes for handshake messages in the
 * clear. What is no TCP stays as it is. Application data beyond a little is left out: it costs time and says
 * nothing. */
#pragma once
#include "tests/scanner/passive/packet_list.h"

/* record_len 0: records stay. */
void rebuild(const struct packet_list *from, struct packet_list *to, size_t mss, size_t record_len);
