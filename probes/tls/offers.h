/* What the hellos of the strategy offer: lists of suites, groups and schemes, and the offers made of them. Each list
 * is in the order in which it is sent, strongest first, since some servers follow the client's order and must not look
 * weaker than they are. */
#pragma once
#include "probes/tls/client_hello.h"

/* A capture's hello: everything that sends a certificate, at most 60 suites (old Windows reads 64), never
 * anonymous, PSK or NULL; every curve and scheme, since a certificate on a curve that is absent is not sent;
 * generator shares for X25519, P-256 and P-384, so that in practice no server sends a HelloRetryRequest. */
extern const struct tls_offer offer_combined;
extern const struct tls_offer offer_real_shares;    /* the same after the generator was refused */
extern const struct tls_offer offer_rest;           /* all versions: the suites and groups that combined had no room for,
                                                     * the post-quantum groups without a share; or a raw public key */
extern const struct tls_offer offer_rest_certificate;   /* the same for a certificate alone, where it was answered by a raw key */
extern const struct tls_offer offer_special;        /* TLS 1.2 and older: PSK, anonymous, EXPORT, NULL */
extern const struct tls_offer offer_alpn;           /* combined with the usual application protocols */
extern const struct tls_offer offer_raw_key;        /* combined, for only a raw public key */
extern const struct tls_offer offer_small;          /* TLS 1.2, 20 suites, few extensions */
extern const struct tls_offer offer_tls10;          /* TLS 1.0 as clients of 2005 sent it */
extern const struct tls_offer offer_tls10_plain;    /* the same without extensions */
extern const struct tls_offer offer_ssl3;           /* no extensions */
extern const struct tls_offer offer_legacy_ssl3;    /* EXPORT and NULL suites, no extensions: after all else was refused */
extern const struct tls_offer offer_libssl;         /* libssl's own handshake: the last resort */

/* With proof: posture depth's first hello, and the variants that narrow suites and signature_algorithms while
 * signature_algorithms_cert stays complete (an ECDSA leaf may come from an RSA CA). */
extern const struct tls_offer offer_proof;
extern const struct tls_offer offer_tls12;
extern const struct tls_offer offer_rsa;
extern const struct tls_offer offer_ecdsa;
extern const struct tls_offer offer_eddsa;
extern const struct tls_offer offer_pq;
extern const struct tls_offer offer_other_keys;     /* TLS 1.3: its schemes are the key types that were not seen yet */

/* Posture: one question each (posture.h). The suites of offer_ask_12 and offer_ask_old are filled in there. */
extern const struct tls_offer offer_ask_sslv2, offer_ask_sslv3, offer_ask_tls10, offer_ask_tls11, offer_ask_tls13,
    offer_ask_12, offer_ask_old, offer_ask_no_cbc, offer_ask_dhe, offer_ask_hybrid;

extern const uint16_t offer_groups_all[], offer_schemes_all[];
