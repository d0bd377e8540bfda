#include "probes/tls/suite_survey.h"

#include "probes/tls/names.h"
#include "probes/tls/offers.h"

#include <string.h>

static const uint16_t survey_versions[5] = {0x0300, 0x0301, 0x0302, 0x0303, 0x0304};

void suite_survey_init(struct suite_survey *survey, struct posture *posture, unsigned connections_max)
{
    static const enum posture_id ids[5] = {POSTURE_SSLV3, POSTURE_TLS10, POSTURE_TLS11, POSTURE_TLS12, POSTURE_TLS13};
    memset(survey, 0, sizeof *survey);
    survey->posture = posture;
    survey->connections_max = connections_max != 0 ? connections_max : SUITE_SURVEY_CONNECTIONS;
    survey->chunk_max = posture_hello_suites(posture);
    for (size_t i = 0; i < 5; i++)
        survey->versions[i] = strcmp(posture->items[ids[i]].value, "accepted") == 0;
}

/* The table is gone through twice: for the weak suites, then for the others. */
static bool chunk_fill(struct suite_survey *survey)
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    while (survey->next_suite < 2 * count && len < survey->chunk_max) {
        bool wants_weak = survey->next_suite < count;
        const struct tls_suite *suite = &suites[survey->next_suite++ % count];
        if (tls_suite_fits(suite, survey_versions[survey->version]) && (posture_kinds(suite) != 0) == wants_weak &&
            (posture_kinds(suite) & survey->posture->spared) == 0)
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
    for (size_t i = survey->accepted_count; i-- > 0 && len < survey->chunk_max;)
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
                                       .groups = version == 0x0304 ? offer_ask_tls13.groups : offer_groups_all,
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

static bool survey_next(struct suite_survey *survey)
{
    for (; survey->version < 5; version_next(survey)) {
        if (!survey->versions[survey->version])
            continue;
        if (survey->is_chunk_open || chunk_fill(survey))
            return true;
        bool decides = survey_versions[survey->version] == 0x0303 ||
                       (survey->preference == NULL && survey_versions[survey->version] < 0x0303);
        if (!survey->is_preference_asked && decides && preference_fill(survey))
            return survey->is_preference_asked = true;
    }
    return false;
}

bool suite_survey_next(struct suite_survey *survey, struct tls_hello_plan *plan)
{
    if (survey->ended != NULL || !survey_next(survey))
        return false;
    if (survey->connections++ == survey->connections_max) {
        survey->ended = "limit";
        return false;
    }
    plan_fill(survey, plan);
    return true;
}

static void chunk_remove(struct suite_survey *survey, uint16_t suite)
{
    bool found = tls_list_remove(survey->chunk, suite);
    survey->is_chunk_open = found && survey->chunk[0] != 0;       /* a suite that was not offered would be chosen for ever */
}

void suite_survey_note(struct suite_survey *survey, enum outcome outcome, const struct tls_facts *facts)
{
    bool has_chain = outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE;
    bool has_answer = has_chain && facts != NULL && facts->cipher_suite > 0 &&
                      facts->version == survey_versions[survey->version];
    if (has_answer)
        suite_survey_alive(survey);
    if (survey->is_preference_asked) {
        if (has_answer)     /* the last accepted stood first: a client's order takes it */
            survey->preference = facts->cipher_suite == survey->chunk[0] ? "client" : "server";
        return;
    }
    if (!has_answer) {
        survey->is_chunk_open = false;
        survey->is_unproven = true;
        if (!posture_is_refusal(outcome) && !has_chain)
            survey->ended = outcome_name(outcome);
        return;
    }
    uint16_t suite = (uint16_t)facts->cipher_suite;
    if (tls_list_holds(survey->chunk, suite) && survey->accepted_count < SUITE_SURVEY_MAX) {
        survey->accepted[survey->accepted_count].version = facts->version;
        survey->accepted[survey->accepted_count++].suite = suite;
        posture_see_suite(survey->posture, suite);
    }
    chunk_remove(survey, suite);
}

bool suite_survey_is_unproven(const struct suite_survey *survey)
{
    return survey != NULL && survey->is_unproven;
}

void suite_survey_alive(struct suite_survey *survey)
{
    if (survey == NULL)
        return;
    survey->is_unproven = false;
    posture_alive(survey->posture);
}

const char *suite_survey_lack(const struct suite_survey *survey)
{
    if (survey->ended != NULL)
        return survey->ended;
    return survey->is_unproven ? "the endpoint stopped answering" : NULL;
}
