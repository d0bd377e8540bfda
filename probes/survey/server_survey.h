/* The server test's questions (`--depth deep`): what a server does beyond the versions and suites of
 * `--depth suites`. Each question is a ClientHello that a real client of some year could send: none is malformed, and
 * no application data follows. The items, beside those of probes/tls/posture.h; an item that was not asked, or whose
 * question got no answer, is "untested" with the reason:
 *
 *   item                     value                          detail
 *   session_ticket           accepted | refused | untested  RFC 5077, TLS 1.2 or older
 *   encrypt_then_mac         "                              RFC 7366; untested where no hello with CBC suites is accepted
 *   heartbeat                "                              the extension of RFC 6520 (no heartbeat is ever sent)
 *   next_protocol            "                              NPN
 *   certificate_compression  "                              the algorithm chosen (RFC 8879, TLS 1.3)
 *   client_certificate       "                              accepted: the server asks for one; how many CAs, the first one
 *   fallback_scsv            "                              RFC 7507; untested if only one version is spoken
 *   group:VERSION:NAME       accepted                       place in the order of the server's choices (version: TLSv1.3, or older)
 *   group_preference         server | client | untested     whose order decides, TLS 1.3
 *   group_preference_12      "                              the same up to TLS 1.2
 *   scheme:VERSION:NAME      accepted                       place in the order of the server's choices
 *   alpn:NAME                accepted                       place
 *   dh_prime                 a name | unknown | untested    SHA-256 of the prime; the names are in dh_primes.c
 *   dh_reuse                 accepted | refused | untested  accepted: two handshakes had the same DHE key
 *   ecdh_reuse               "                              the same of ECDHE, or of TLS 1.3's share
 *   export_rsa_bits          a number | certificate | ...  bits of the temporary RSA key of an RSA_EXPORT suite; the suite (certificate:
 *                                                           its own short key is used)
 *   export_rsa_reuse         accepted | refused | untested  accepted: two connections had the same temporary key
 *   export_dh_bits           a number | refused | untested  bits of the prime of a DHE_EXPORT suite; the suite
 *   sni_none                 "                              no name sent: same certificate, or SHA-256 of the other
 *   sni_wrong                "                              a name sent that the server does not have
 *   sslv2_format             "                              a hello in SSLv2's framing that asks for TLS (RFC 5246, E.2)
 *   tolerates_version        "                              a hello of a future version
 *   tolerates_extension      "                              an unknown extension
 *   tolerates_length         "                              a hello of some 3,000 bytes
 *   tolerates_grease         "                              RFC 8701
 *   several                  "                              accepted: the same hello was answered in two ways: how; refused:
 *                                                           no answer contradicts another, and what a better letter
 *                                                           hangs on was asked for twice (contradictions.h)
 *   clock                    seconds | untested             the server's clock minus ours, if its hello has the time
 *   survey                   accepted | untested            untested: why it ended early, so lists may lack something
 *   connections              a number                       of the whole test (filled in by the scanner)
 *   hello:NN                 a number of connections        question, time, and items that it filled (set by the scanner:
 *                                                           scanner/sweep/hello_log.h)
 *
 * The questions are a table (server_survey.c): to add one, a row, a function that fills its offer, and one that reads the
 * answer. */
#pragma once
#include "probes/tls/strategy.h"

#define SURVEY_CONNECTIONS_MAX 48   /* with the 22 or so of posture and suites: 70 beside one per accepted suite */

/* What depth deep costs beyond tls_strategy_connections() and tls_strategy_connections_max(), hellos that are sent again among it; 0 at
 * other depths. */
unsigned server_survey_connections(enum tls_depth depth);
unsigned server_survey_connections_max(enum tls_depth depth);
unsigned server_survey_connections_alerts(enum tls_depth depth);        /* to an endpoint that answers with nothing but alerts */

struct server_survey;

/* To be made when the strategy has no more hellos; NULL if it found no chain. The strategy must live as long. */
struct server_survey *server_survey_create(struct tls_strategy *strategy, const char *server_name, bool is_direct);
void server_survey_destroy(struct server_survey *survey);       /* NULL is fine */

bool server_survey_next(struct server_survey *survey, struct tls_hello_plan *plan);     /* false: all is asked */
/* A plan that was a question may have become an observation, where it showed a certificate that is new (contradictions.h). */
void server_survey_note(struct server_survey *survey, struct tls_hello_plan *plan, enum outcome outcome, const struct tls_facts *facts,
                        int64_t now_us);

/* After the end; borrowed from the survey. */
size_t server_survey_items(struct server_survey *survey, const struct tls_posture_item **items);

/* Before the end: the items as they stand. Later ones are appended. */
size_t server_survey_items_now(const struct server_survey *survey, const struct tls_posture_item **items);
