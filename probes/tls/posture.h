/* What an endpoint accepts beyond what it prefers: the questions of `--depth posture`, and the items they fill. An item
 * that was not asked, or whose question got no answer, is "untested", never good. SQL rules read these names, so they
 * are not changed:
 *
 *   item                    value                          detail
 *   sslv2 sslv3 tls10       accepted | refused | untested  the suite chosen; why untested
 *   tls11 tls12 tls13       "                              "
 *   rc4 3des export null    "                              "      (a suite of that kind, in any version; TLS 1.3 has a
 *   des                     "                              "       null of its own: integrity only, RFC 9150)
 *   anonymous               "                              "      (DH or ECDH without a certificate)
 *   static_rsa              "                              "      (key exchange without forward secrecy)
 *   cbc_only                "                              "      accepted: TLS 1.2 or older is spoken, with CBC suites
 *                                                                 and no AEAD suite
 *   dh_bits                 a number | refused | untested  the DHE suite; refused: no DHE at all
 *   curve                   a group's name | untested      chosen in TLS 1.2 or older; refused: no ECDHE chosen
 *   secure_renegotiation    accepted | refused | untested  RFC 5746, TLS 1.2 or older
 *   extended_master_secret  "                              RFC 7627, TLS 1.2 or older
 *   compression             "                              accepted: TLS-level compression (CRIME)
 *   ocsp_staple             "                              accepted: an OCSP response was stapled
 *   hybrid_groups           "                              the hybrid group chosen
 *   suite_preference        server | client | untested     `--depth suites`: whose order decides, TLS 1.2 or older
 *   suite_preference_13     "                              `--depth suites`: the same of TLS 1.3
 *   suites                  a number | untested            `--depth suites`: how many suites were accepted
 *   cleartext_after_starttls  accepted | refused           what was sent; any depth, set by the scanner (attempt.c)
 *   sessions_at_once        1                              it answered, then stopped: one connection at a time since, in
 *                                                          later scans too (attempt.c)
 *   suite:VERSION:NAME      accepted                       `--depth suites`: place in the order of the server's choices
 *
 * A refusal counts only for what the hello held (suite_refusals.h): an old version is refused by protocol_version,
 * or when every suite of it was refused. What was refused last counts only if the endpoint still answers: the
 * caller ends with a hello that worked before, or calls posture_stopped().
 *
 * A modern endpoint needs six connections for all of this beside the chain and its variants: one hello holds all weak
 * suites, one all old versions, and only what answers is asked about in detail. */
#pragma once
#include "probes/tls/capture.h"
#include "probes/tls/names.h"
#include "probes/tls/strategy.h"
#include "probes/tls/suite_refusals.h"

#define POSTURE_SESSIONS_AT_ONCE "sessions_at_once"

#define HELLO_SUITES      126   /* with a signal 127: a balancer fails above 128 ... */
#define HELLO_SUITES_2003 60    /* ... and Windows of 2003 reads 64 */

enum posture_id {
    POSTURE_SSLV2, POSTURE_SSLV3, POSTURE_TLS10, POSTURE_TLS11, POSTURE_TLS12, POSTURE_TLS13,
    POSTURE_RC4, POSTURE_3DES, POSTURE_EXPORT, POSTURE_NULL, POSTURE_ANONYMOUS, POSTURE_STATIC_RSA, POSTURE_CBC_ONLY,
    POSTURE_DH_BITS, POSTURE_CURVE, POSTURE_SECURE_RENEGOTIATION, POSTURE_EXTENDED_MASTER_SECRET,
    POSTURE_COMPRESSION, POSTURE_OCSP_STAPLE, POSTURE_HYBRID_GROUPS, POSTURE_DES, POSTURE_COUNT,
};

#define POSTURE_CARRIED 8

struct posture {
    struct tls_posture_item items[POSTURE_COUNT];
    bool is_asked[32];              /* rows of the table in posture.c */
    size_t row;                     /* the one under way; none: the rest of a version's suites */
    struct tls_offer offer;         /* the question under way */
    uint16_t suites[HELLO_SUITES + 1];
    uint16_t carried[POSTURE_CARRIED + 1];      /* old suites that were accepted: questions about versions hold them */
    struct suite_refusals refusals;
    uint32_t spared;                /* items, and kinds of suites, that are never asked (posture_spare()) */
    uint32_t unproven;              /* items refused since the last answer */
    bool is_weak_accepted;          /* the hello with all weak suites was answered, or is too long for this endpoint */
    bool is_aead_seen, is_cbc_seen; /* chosen in TLS 1.2 or older */
    char dh_bits[12];
};

void posture_init(struct posture *posture);

/* Call before the first question: leaves out what no client of today offers, because an intrusion detection system
 * alerts on it: SSL 2.0, and suites without encryption or certificate, of export strength, or with DES. These items
 * stay untested. A version then counts as refused when all its other suites are. */
void posture_spare(struct posture *posture);

/* What an answer to a hello for a chain shows. A hello that held every usual suite implies that what it offered above the
 * version chosen is refused; a fallback's answer implies nothing. */
void posture_see(struct posture *posture, const struct tls_facts *facts, const struct tls_offer *offer, bool implies);

/* The version and suite of an answer that no question waits for: they are accepted. */
void posture_see_choice(struct posture *posture, const struct tls_facts *facts);
bool posture_refuses(const struct posture *posture, uint16_t version);

/* A hello of a variant was not answered with a chain. If it offered TLS 1.2 alone, this is evidence about the version. */
void posture_see_no_chain(struct posture *posture, const struct tls_offer *offer, enum outcome outcome,
                          const struct tls_facts *facts);

/* The next question; false when all is asked. The plan's offer lives until the next call. */
bool posture_next(struct posture *posture, struct tls_hello_plan *plan);
void posture_note(struct posture *posture, enum outcome outcome, const struct tls_facts *facts);

/* The endpoint has answered again, so refusals before this were real. */
void posture_alive(struct posture *posture);
bool posture_is_unproven(const struct posture *posture);
/* It has not answered again: what was refused since its last answer becomes untested. */
void posture_stopped(struct posture *posture);
/* Gives this reason to untested items that have none. */
void posture_untested(struct posture *posture, const char *reason);

/* Did this outcome refuse what the hello offered? (An alert, a close, a reset; not silence.) */
bool posture_is_refusal(enum outcome outcome);

/* How many suites a hello may hold: fewer if the server may be one that reads only 64. */
size_t posture_hello_suites(const struct posture *posture);

/* Marks the items that an accepted suite shows, of any TLS version. */
void posture_see_suite(struct posture *posture, uint16_t suite);

/* The kinds of weak suites, as bits of enum posture_id. */
uint32_t posture_kinds(const struct tls_suite *suite);
