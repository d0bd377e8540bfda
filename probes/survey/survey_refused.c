#include "probes/survey/survey_parts.h"

void survey_fill_older(struct server_survey *survey)
{
    survey->offer = offer_ask_tls11;
}

static uint32_t worst_kinds(void)
{
    return 1u << POSTURE_EXPORT | 1u << POSTURE_NULL | 1u << POSTURE_ANONYMOUS | 1u << POSTURE_DES;
}

static bool is_certified(const struct tls_suite *suite)
{
    return suite->kx == TLS_KX_RSA || suite->kx == TLS_KX_DHE || suite->kx == TLS_KX_ECDHE;
}

/* Suites that this version refused, weak ones first: how many. */
static size_t fill_refused(struct server_survey *survey, uint16_t version)
{
    uint16_t accepted[HELLO_SUITES + 1];
    size_t count, len = 0, most = version >= 0x0302 ? HELLO_SUITES : HELLO_SUITES_2003;
    const struct tls_suite *suites = tls_suites(&count);
    tls_strategy_suites(survey->strategy, version, accepted, HELLO_SUITES);
    for (int weak = 1; weak >= 0; weak--)
        for (size_t i = 0; i < count && len < most; i++) {
            uint32_t kinds = posture_kinds(&suites[i]) & ~(1u << POSTURE_STATIC_RSA);
            bool is_spared = tls_strategy_is_usual(survey->strategy) && (kinds & worst_kinds()) != 0;
            if ((kinds != 0) == (weak == 1) && !is_spared && is_certified(&suites[i]) && suites[i].auth != TLS_AUTH_PSK &&
                !suites[i].is_tls13 && tls_suite_fits(&suites[i], version) && !tls_list_holds(accepted, suites[i].id))
                survey->suites[len++] = suites[i].id;
        }
    survey->suites[len] = 0;
    return len;
}

/* As the suites were asked one by one. */
void survey_fill_rest(struct server_survey *survey)
{
    uint16_t version = survey_highest_old(survey);
    if (survey->asked_of_row == 0)
        fill_refused(survey, version);
    survey->offer = (struct tls_offer){.version = version, .suites = survey->suites, .groups = offer_groups_all,
                                       .schemes = version >= 0x0303 ? offer_schemes_all : NULL, .renegotiation_info = true,
                                       .want = TLS_WANT_HELLO};
}

void survey_fill_no_sslv2(struct server_survey *survey)
{
    survey->offer = offer_ask_sslv2;
}
