/* Proof of possession without a handshake: the signature in ServerKeyExchange (up to TLS 1.2) or CertificateVerify (1.3)
 * covers our fresh random, so it shows that the server holds the leaf's key. */
#pragma once
#include "probes/base/observation.h"
#include "probes/tls/messages.h"

/* Over both randoms and the parameters (RFC 5246, section 7.4.3; RFC 4346: MD5 and SHA-1 before TLS 1.2). UNKNOWN where
 * the key or the scheme is one that OpenSSL cannot check. */
enum key_proven proof_check_key_exchange(const struct der *leaf, uint16_t version, const uint8_t *client_random,
                                         const uint8_t *server_random,
                                         const struct server_key_exchange *exchange);

/* Over the transcript's hash up to Certificate (RFC 8446, section 4.4.3). */
enum key_proven proof_check_verify(const struct der *leaf, const struct certificate_verify *verify,
                                   const uint8_t *transcript, size_t transcript_len);
