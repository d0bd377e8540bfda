/* JA4, the fingerprint of a ClientHello by FoxIO's published recipe (technical_details/JA4.md of
 * github.com/FoxIO-LLC/ja4; BSD 3-Clause, JA4 alone of its family): what was offered, counted, sorted and
 * hashed, GREASE left out. */
#pragma once
#include "probes/tls/messages.h"

#define JA4_SIZE 37

/* transport: 't' over TCP, 'd' DTLS, 'q' QUIC. */
void ja4_client(const struct client_hello *hello, char transport, char out[JA4_SIZE]);
