/* EAP-TLS and its kin (EAP-TTLS, PEAP, TEAP, EAP-FAST: the same framing, RFC 5216) in RADIUS (RFC 3579) and in EAPOL
 * (IEEE 802.1X): fragments put together, one TLS session per supplicant. */
#pragma once
#include "scanner/passive/layers/layers.h"
#include "scanner/passive/handshake/tls_session.h"

struct eap_sessions;

struct eap_sessions *eap_sessions_create(const struct tls_session_owner *owner);
void eap_sessions_destroy(struct eap_sessions *sessions);
void eap_sessions_end_all(struct eap_sessions *sessions);

/* False: this datagram is no RADIUS packet with EAP in it. */
bool eap_sessions_radius(struct eap_sessions *sessions, const struct layer_cursor *cursor);
void eap_sessions_eapol(struct eap_sessions *sessions, const struct layer_cursor *cursor);
