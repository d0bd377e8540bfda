#include "probes/tls/suite_survey.h"

#include "probes/tls/names.h"
#include "probes/tls/offers.h"

#include <string.h>

static const uint16_t survey_versions[5] = {0x0300, 0x0301, 0x0302, 0x0303, 0x0304};

void suite_survey_init(struct suite_survey *survey, const struct posture *posture)
{
    static const enum posture_id ids[5] = {POSTURE_SSLV3, POSTURE_TLS10, POSTURE_TLS11, POSTURE_TLS12, POSTURE_TLS13};
    memset(survey, 0, sizeof *survey);
    for (size_t i = 0; i < 5; i++)
        survey->versions[i] = strcmp(posture->items[ids[i]].value, "accepted") == 0;
}

/* May this suite be chosen in this version? */
static bool suite_fits(const struct tls_suite *suite, uint16_t version)
{
    return suite->id != 0 && suite->kx != TLS_KX_SCSV && suite->is_tls13 == (version == 0x0304) &&
           (version >= 0x0303 || !tls_suite_is_aead(suite));
}

static bool chunk_fill(struct suite_survey *survey)
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    while (survey->next_suite < count && len < SUITE_SURVEY_CHUNK) {
        const struct tls_suite *suite = &suites[survey->next_suite++];
        if (suite_fits(suite, survey_versions[survey->version]))
            survey->chunk[len++] = suite->id;
    }
    survey->chunk[len] = 0;
    return survey->is_chunk_open = len != 0;
}

/* The suites found in this version, the last chosen first: a server that follows the client's order will now choose
 * another one than before. */
static bool preference_fill(struct suite_survey *survey)
{
    size_t len = 0;
    for (size_t i = survey->accepted_count; i-- > 0 && len < SUITE_SURVEY_CHUNK;)
        if (survey->accepted[i].version == survey_versions[survey->version])
            survey->chunk[len++] = survey->accepted[i].suite;
    survey->chunk[len] = 0;
    return len > 1;
}

static void version_next(struct suite_survey *survey)
{
    survey->version++;
    survey->next_suite = 0;
    survey->is_chunk_open = survey->is_preference_asked = false;
}

static void plan_fill(struct suite_survey *survey, struct tls_hello_plan *plan)
{
    uint16_t version = survey_versions[survey->version];
    survey->version_list[0] = version;
    survey->offer = (struct tls_offer){.version = version < 0x0303 ? version : 0x0303,
                                       .versions = version == 0x0304 ? survey->version_list : NULL,
                                       .suites = survey->chunk,
                                       .groups = offer_groups_all,
                                       .schemes = version >= 0x0303 ? offer_schemes_all : NULL,
                                       .shares = offer_ask_tls13.shares,
                                       .no_extensions = version == 0x0300,
                                       .renegotiation_info = true,
                                       .want = TLS_WANT_HELLO};
    *plan = (struct tls_hello_plan){.name = "suites",
                                    .variant = VARIANT_LEGACY,
                                    .send_server_name = version != 0x0300,
                                    .is_posture = true,
                                    .offer = &survey->offer};
}

bool suite_survey_next(struct suite_survey *survey, struct tls_hello_plan *plan)
{
    for (; survey->version < 5 && !survey->is_ended; version_next(survey)) {
        if (!survey->versions[survey->version])
            continue;
        if (survey->is_chunk_open || chunk_fill(survey)) {
            plan_fill(survey, plan);
            return true;
        }
        bool decides = survey_versions[survey->version] == 0x0303 ||
                       (survey->preference == NULL && survey_versions[survey->version] < 0x0303);
        if (!survey->is_preference_asked && decides && preference_fill(survey)) {
            survey->is_preference_asked = true;
            plan_fill(survey, plan);
            return true;
        }
    }
    return false;
}

static void chunk_remove(struct suite_survey *survey, uint16_t suite)
{
    size_t to = 0;
    bool found = false;
    for (size_t i = 0; survey->chunk[i] != 0; i++) {
        if (survey->chunk[i] == suite)
            found = true;
        else
            survey->chunk[to++] = survey->chunk[i];
    }
    survey->chunk[to] = 0;
    survey->is_chunk_open = found && to != 0;       /* a suite that was not offered would be chosen for ever */
}

void suite_survey_note(struct suite_survey *survey, enum outcome outcome, const struct tls_facts *facts)
{
    bool has_answer = (outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE) && facts != NULL &&
                      facts->cipher_suite > 0 && facts->version == survey_versions[survey->version];
    if (survey->is_preference_asked) {
        if (has_answer)     /* the last accepted stood first: a client's order takes it */
            survey->preference = facts->cipher_suite == survey->chunk[0] ? "client" : "server";
        return;
    }
    if (!has_answer) {
        survey->is_chunk_open = false;
        survey->is_ended = !posture_is_refusal(outcome) && outcome != OUTCOME_CERTIFICATE &&
                           outcome != OUTCOME_NO_CERTIFICATE;
        return;
    }
    uint16_t suite = (uint16_t)facts->cipher_suite;
    if (tls_list_holds(survey->chunk, suite) && survey->accepted_count < SUITE_SURVEY_MAX) {
        survey->accepted[survey->accepted_count].version = facts->version;
        survey->accepted[survey->accepted_count++].suite = suite;
    }
    chunk_remove(survey, suite);
}
