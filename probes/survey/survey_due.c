#include "probes/survey/survey_parts.h"

#include <string.h>

bool survey_speaks(const struct server_survey *survey, const char *item)
{
    return strcmp(tls_strategy_item(survey->strategy, item), "accepted") == 0;
}

uint16_t survey_highest_old(const struct server_survey *survey)
{
    return survey_speaks(survey, "tls12") ? 0x0303 : survey_speaks(survey, "tls11") ? 0x0302
         : survey_speaks(survey, "tls10") ? 0x0301 : survey_speaks(survey, "sslv3") ? 0x0300 : 0;
}

bool survey_due_old(const struct server_survey *survey)     /* TLS 1.0 to 1.2: with extensions */
{
    return survey_highest_old(survey) > 0x0300;
}

bool survey_due_tls12(const struct server_survey *survey)
{
    return survey_speaks(survey, "tls12");
}

bool survey_due_tls13(const struct server_survey *survey)
{
    return survey_speaks(survey, "tls13");
}

bool survey_due_always(const struct server_survey *survey)
{
    (void)survey;
    return true;
}

bool survey_due_only_13(const struct server_survey *survey)
{
    return survey_due_tls13(survey) && !survey_due_old(survey);
}

bool survey_accepts_the_worst(const struct server_survey *survey)
{
    return survey_speaks(survey, "export") || survey_speaks(survey, "null") || survey_speaks(survey, "anonymous") || survey_speaks(survey, "des");
}

/* Of several servers behind one address one may have refused. */
bool survey_due_older(const struct server_survey *survey)
{
    return !survey_accepts_the_worst(survey) && survey_highest_old(survey) != 0x0302 && strcmp(tls_strategy_item(survey->strategy, "tls11"), "refused") == 0 &&
           strcmp(tls_strategy_item(survey->strategy, "tls10"), "refused") == 0;
}

bool survey_due_fallback(const struct server_survey *survey)
{
    int versions = survey_speaks(survey, "tls13") + survey_speaks(survey, "tls12") + survey_speaks(survey, "tls11") +
                        survey_speaks(survey, "tls10") + survey_speaks(survey, "sslv3");
    return versions > 1;
}

bool survey_due_dhe(const struct server_survey *survey)
{
    const char *bits = tls_strategy_item(survey->strategy, "dh_bits");
    return bits[0] >= '0' && bits[0] <= '9';
}

bool survey_due_export(const struct server_survey *survey)
{
    return survey_speaks(survey, "export");
}

bool survey_due_name(const struct server_survey *survey)
{
    return survey->has_name;
}

bool survey_due_order(const struct server_survey *survey)   /* of the groups just found */
{
    return survey_due_tls13(survey) && survey->groups.count > 1;
}

bool survey_due_alpn(const struct server_survey *survey)
{
    return survey->is_direct;
}

/* The features' hello holds CBC suites alone if it can. */
bool survey_due_etm(const struct server_survey *survey)
{
    return survey_due_old(survey) && survey_items_value(survey->items, "encrypt_then_mac") == NULL;
}

bool survey_due_groups(const struct server_survey *survey)     /* that no hello with schemes has found */
{
    return survey_due_old(survey) && (!survey_due_tls12(survey) || survey->groups.left[0] != 0);
}

bool survey_due_schemes(const struct server_survey *survey)
{
    return survey_due_tls12(survey) && survey->schemes.left[0] != 0;
}

/* One shows the certificate under the usual name, and some hellos were sent twice. */
bool survey_due_usual(const struct server_survey *survey)
{
    return !survey->has_leaf ||
           (contradictions_agreed(tls_strategy_contradictions(survey->strategy)) < 2 && !survey_accepts_the_worst(survey));
}

bool survey_due_rest(const struct server_survey *survey)
{
    return survey_due_old(survey) && tls_strategy_knows_suites(survey->strategy) && !survey_accepts_the_worst(survey);
}

bool survey_due_no_sslv2(const struct server_survey *survey)
{
    return strcmp(tls_strategy_item(survey->strategy, "sslv2"), "refused") == 0 && !survey_accepts_the_worst(survey);
}
