/* OpenVPN over TCP: TLS travels in pieces in its control packets (its wire protocol, as documented by the project).
 * This takes them out in order, so that a Certificate message that spans packets is one. With tls-auth each
 * packet carries an HMAC, whose length the first packet gives away; tls-crypt hides all. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct openvpn;

/* Does a TCP direction that begins so look like OpenVPN? carry and bytes are one stream. */
bool openvpn_begins(const uint8_t *carry, size_t carry_len, const uint8_t *bytes, size_t len);

struct openvpn *openvpn_create(bool (*on_tls)(void *context, unsigned from, const uint8_t *bytes, size_t len),
                               void *context);
void openvpn_destroy(struct openvpn *openvpn);
size_t openvpn_memory(const struct openvpn *openvpn);
bool openvpn_bytes(struct openvpn *openvpn, unsigned from, const uint8_t *bytes, size_t len);     /* false: over */
void openvpn_gap(struct openvpn *openvpn, unsigned from);
