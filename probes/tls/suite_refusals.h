/* Which suites an endpoint has refused in each version up to TLS 1.2. A refusal counts only for what its hello
 * held: a protocol_version alert refuses the version, anything else only the suites offered. So a version is
 * refused when every suite of it is in here; until then the remaining suites are offered next. */
#pragma once
#include "probes/tls/client_hello.h"

#define SUITE_REFUSALS_VERSIONS 4       /* SSLv3, TLS 1.0, 1.1, 1.2 */
#define SUITE_REFUSALS_WORDS    7       /* of 64 suites */

struct suite_refusals {
    uint64_t suites[SUITE_REFUSALS_VERSIONS][SUITE_REFUSALS_WORDS];
    bool is_any[SUITE_REFUSALS_VERSIONS];
};

/* Notes a refused hello without TLS 1.3, if the version itself was not what was refused. */
void suite_refusals_add(struct suite_refusals *refusals, const struct tls_offer *offer);

/* The server does not speak `version`, so what it refused in a hello of that version it refused in `lower` too. */
void suite_refusals_lower(struct suite_refusals *refusals, uint16_t version, uint16_t lower);

/* Suites that are left out are never among the rest. */
struct tls_suite;
void suite_refusals_leave_out(struct suite_refusals *refusals, bool (*is_left_out)(const struct tls_suite *suite));

bool suite_refusals_any(const struct suite_refusals *refusals, uint16_t version);

/* The first suites of this version that were not refused, at most `most`, and 0 behind them; suites that send a
 * certificate come first. Returns their number. */
size_t suite_refusals_rest(const struct suite_refusals *refusals, uint16_t version, uint16_t *list, size_t most);
