/* The server test's questions (`--depth deep`): what a server does beyond the versions and suites of `--depth suites`. Each is
 * a ClientHello that a client of some year could send; none sends application data, none is malformed. The items, beside those
 * of probes/tls/posture.h; an item that was not asked, or whose question got no answer, is "untested" with the reason:
 *
 *   item                     value                          detail
 *   session_ticket           accepted | refused | untested  RFC 5077, TLS 1.2 or older
 *   encrypt_then_mac         "                              RFC 7366; untested where no CBC suite is accepted
 *   heartbeat                "                              the extension of RFC 6520 (no heartbeat is ever sent)
 *   next_protocol            "                              NPN
 *   certificate_compression  "                              the algorithm chosen (RFC 8879, TLS 1.3)
 *   client_certificate       "                              accepted: one is asked for; how many CAs, and the first one
 *   fallback_scsv            "                              RFC 7507; untested where one version alone is spoken
 *   group:VERSION:NAME       accepted                       place in the order of being chosen (version: TLSv1.3, or older)
 *   group_preference         server | client | untested     whose order decides, TLS 1.3
 *   scheme:VERSION:NAME      accepted                       place in the order of being chosen
 *   alpn:NAME                accepted                       place
 *   dh_prime                 a name | unknown | untested    SHA-256 of the prime; the names are in dh_primes.c
 *   dh_reuse                 accepted | refused | untested  accepted: two handshakes had the same DHE key
 *   ecdh_reuse               "                              the same of ECDHE, or of TLS 1.3's share
 *   sni_none                 "                              without a name: same certificate, or the other one's SHA-256
 *   sni_wrong                "                              under a name that it does not have
 *   sslv2_format             "                              a hello in SSLv2's framing that asks for TLS (RFC 5246, E.2)
 *   tolerates_version        "                              a hello of a version that is not there yet
 *   tolerates_extension      "                              an extension that nobody knows
 *   tolerates_length         "                              a hello of some 3,000 bytes
 *   tolerates_grease         "                              RFC 8701
 *   several                  "                              accepted: usual hellos are answered now so, now otherwise: how
 *   clock                    seconds | untested             the server's clock less ours, where its hello tells the time
 *   survey                   accepted | untested            untested: why it ended early, so lists may lack something
 *   connections              a number                       of the whole test (the scanner says it)
 *   hello:NN                 a number of connections        what was asked, when, and the items that it told (the scanner says
 *                                                           it: scanner/sweep/hello_log.h)
 *
 * The questions are a table (server_survey.c): to add one, a row, a function that fills its offer, and one that reads the
 * answer. */
#pragma once
#include "probes/tls/strategy.h"

#define SURVEY_CONNECTIONS_MAX 48   /* with the 22 or so of posture and suites: 70 beside one per accepted suite */

struct server_survey;

/* To be made when the strategy has no more hellos; NULL where it found no chain. The strategy must live as long. */
struct server_survey *server_survey_create(struct tls_strategy *strategy, const char *server_name, bool is_direct);
void server_survey_destroy(struct server_survey *survey);       /* NULL is fine */

bool server_survey_next(struct server_survey *survey, struct tls_hello_plan *plan);     /* false: all is asked */
void server_survey_note(struct server_survey *survey, enum outcome outcome, const struct tls_facts *facts,
                        int64_t now_us);

/* After the end; borrowed from the survey. */
size_t server_survey_items(struct server_survey *survey, const struct tls_posture_item **items);

/* Before the end: the items as they stand. Later ones come behind them. */
size_t server_survey_items_now(const struct server_survey *survey, const struct tls_posture_item **items);
