/* What an endpoint accepts beyond what it prefers: the questions of `--depth posture`, and the items they fill. An item
 * that was not asked, or whose question got no answer, is "untested", never good. SQL rules read these names, so they
 * are not changed:
 *
 *   item                    value                          detail
 *   sslv2 sslv3 tls10       accepted | refused | untested  the suite chosen; why untested
 *   tls11 tls12 tls13       "                              "
 *   rc4 3des export null    "                              "      (a suite of that kind, TLS 1.2 or older)
 *   anonymous               "                              "      (DH or ECDH without a certificate)
 *   static_rsa              "                              "      (key exchange without forward secrecy)
 *   cbc_only                "                              "      accepted: TLS 1.2 or older is spoken, and no AEAD suite
 *   dh_bits                 a number | untested            the DHE suite; refused: no DHE at all
 *   curve                   a group's name | untested      chosen in TLS 1.2 or older; refused: no ECDHE chosen
 *   secure_renegotiation    accepted | refused | untested  RFC 5746, TLS 1.2 or older
 *   extended_master_secret  "                              RFC 7627, TLS 1.2 or older
 *   compression             "                              accepted: TLS-level compression (CRIME)
 *   ocsp_staple             "                              accepted: an OCSP response was stapled
 *   hybrid_groups           "                              the hybrid group chosen
 *   suite_preference        server | client | untested     `--depth suites`: whose order decides, TLS 1.2 or older
 *   suites                  a number | untested            `--depth suites`: how many suites were accepted
 *   suite:VERSION:NAME      accepted                       `--depth suites`: place in the order of being chosen
 *
 * A modern endpoint needs six connections for all of this beside the chain and its variants: one hello holds all weak
 * suites, one all old versions, and only what answers is asked about in detail. */
#pragma once
#include "probes/tls/strategy.h"

enum posture_id {
    POSTURE_SSLV2, POSTURE_SSLV3, POSTURE_TLS10, POSTURE_TLS11, POSTURE_TLS12, POSTURE_TLS13,
    POSTURE_RC4, POSTURE_3DES, POSTURE_EXPORT, POSTURE_NULL, POSTURE_ANONYMOUS, POSTURE_STATIC_RSA, POSTURE_CBC_ONLY,
    POSTURE_DH_BITS, POSTURE_CURVE, POSTURE_SECURE_RENEGOTIATION, POSTURE_EXTENDED_MASTER_SECRET,
    POSTURE_COMPRESSION, POSTURE_OCSP_STAPLE, POSTURE_HYBRID_GROUPS, POSTURE_COUNT,
};

struct posture {
    struct tls_posture_item items[POSTURE_COUNT];
    bool is_asked[32];              /* rows of the table in posture.c */
    size_t row;                     /* the one under way */
    bool is_weak_accepted;          /* the hello with all weak suites was answered */
    bool is_aead_chosen;            /* in TLS 1.2 or older */
    char dh_bits[12];
};

void posture_init(struct posture *posture);
unsigned posture_questions(void);           /* that there are; nobody is asked all of them */

/* What an answer to an ordinary hello shows: the default one, and the variant tls12. */
void posture_see(struct posture *posture, const struct tls_facts *facts, bool offered_13);
void posture_see_no_tls12(struct posture *posture);         /* the variant tls12 was refused */

/* The next question; false when all is asked. */
bool posture_next(struct posture *posture, struct tls_hello_plan *plan);
void posture_note(struct posture *posture, enum outcome outcome, const struct tls_facts *facts);

/* Did this outcome refuse what the hello offered? (An alert, a close, a reset; not silence.) */
bool posture_is_refusal(enum outcome outcome);
