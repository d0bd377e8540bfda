/* The connections of a capture sent again: other segment sizes, other record sizes for handshake messages in the clear. Other
 * packets than TCP stay as they are. Most application data is left out, since it only costs time. */
#pragma once
#include "tests/scanner/passive/packet_list.h"

/* record_len 0: records stay. */
void rebuild(const struct packet_list *from, struct packet_list *to, size_t mss, size_t record_len);
