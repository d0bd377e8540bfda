/* `--depth suites`: every suite that an endpoint accepts, per version, by chunk and remove: a hello with up to 60 suites;
 * what the server chooses is noted and left out of the next; a refusal ends the chunk. So it takes as many connections
 * as suites are accepted, and one per chunk. Then once more with the order turned: does the server's order decide? */
#pragma once
#include "probes/tls/client_hello.h"
#include "probes/tls/posture.h"

#define SUITE_SURVEY_CHUNK 60
#define SUITE_SURVEY_MAX   512          /* accepted suites of all versions together */

struct suite_survey {
    bool versions[5];                   /* to be asked: SSLv3, TLS 1.0 ... 1.3 */
    size_t version;                     /* the one under way */
    size_t next_suite;                  /* of the table of names: where the next chunk begins */
    bool is_chunk_open, is_preference_asked, is_ended;
    uint16_t chunk[SUITE_SURVEY_CHUNK + 1];
    struct tls_offer offer;
    uint16_t version_list[2];
    struct {
        uint16_t version, suite;
    } accepted[SUITE_SURVEY_MAX];
    size_t accepted_count;
    const char *preference;             /* "server", "client"; NULL untested */
};

/* The versions that the posture found accepted. */
void suite_survey_init(struct suite_survey *survey, const struct posture *posture);
bool suite_survey_next(struct suite_survey *survey, struct tls_hello_plan *plan);
void suite_survey_note(struct suite_survey *survey, enum outcome outcome, const struct tls_facts *facts);
