#include "probes/survey/survey_parts.h"

static void list_begin(struct survey_list *list, const uint16_t *all)
{
    size_t len = 0;
    for (; all[len] != 0 && len + 1 < SURVEY_LIST_MAX; len++)
        list->left[len] = all[len];
    list->left[len] = 0;
    list->count = 0;
}

static bool is_nist_curve(uint16_t group)
{
    return group >= GROUP_SECP256R1 && group <= GROUP_SECP521R1;
}

static void fill_groups(struct server_survey *survey, bool keeps_curves)
{
    const struct survey_list *groups = &survey->groups;
    size_t len = 0;
    for (; groups->left[len] != 0; len++)
        survey->offered_groups[len] = groups->left[len];
    for (size_t i = 0; keeps_curves && i < groups->count; i++)
        if (is_nist_curve(groups->found[i]))
            survey->offered_groups[len++] = groups->found[i];
    survey->offered_groups[len] = 0;
    survey->offer.groups = survey->offered_groups;
}

/* Does another kind of key than RSA's sign by the scheme, in suites of TLS 1.2? */
static bool is_ecdsa_scheme(uint16_t scheme)
{
    return scheme < 0x0700 ? (scheme & 0xff) == 3 : scheme == 0x0807 || scheme == 0x0808 || (scheme >= 0x081a && scheme <= 0x081c);
}

static bool is_ephemeral(const struct tls_suite *suite)
{
    return suite->kx == TLS_KX_ECDHE || suite->kx == TLS_KX_DHE;
}

static bool is_by_ecdsa(const struct tls_suite *suite)
{
    return is_ephemeral(suite) && suite->auth == TLS_AUTH_ECDSA;
}

static bool is_by_rsa(const struct tls_suite *suite)
{
    return is_ephemeral(suite) && suite->auth == TLS_AUTH_RSA;
}

static bool is_ecdhe_by_rsa(const struct tls_suite *suite)
{
    return survey_is_ecdhe(suite) && suite->auth == TLS_AUTH_RSA;
}

static bool is_ecdhe_by_ecdsa(const struct tls_suite *suite)
{
    return survey_is_ecdhe(suite) && suite->auth == TLS_AUTH_ECDSA;
}

static bool has_two_keys(const struct server_survey *survey)
{
    return tls_strategy_accepts(survey->strategy, 0x0303, is_by_rsa) && tls_strategy_accepts(survey->strategy, 0x0303, is_by_ecdsa);
}

/* Groups are asked of the RSA key where there are two, because it needs no curve. */
static bool has_rsa_suites(const struct server_survey *survey)
{
    return has_two_keys(survey) && tls_strategy_accepts(survey->strategy, 0x0303, is_ecdhe_by_rsa);
}

/* Those left, of one kind of key where the server has two. */
static void fill_schemes(struct server_survey *survey)
{
    size_t len = 0;
    bool has_two = has_two_keys(survey);
    for (const uint16_t *scheme = survey->schemes.left; *scheme != 0; scheme++)
        if (!has_two || is_ecdsa_scheme(*scheme) == survey->is_ecdsa_asked)
            survey->offered_schemes[len++] = *scheme;
    survey->offered_schemes[len] = 0;
}

/* Each answer shows a group and a scheme of TLS 1.2, so both lists are asked in the same hellos while both have some left. What a
 * refusal is about is then asked by each list's own question. */
void survey_fill_both(struct server_survey *survey)
{
    if (survey->asked_of_row == 0) {
        list_begin(&survey->groups, offer_groups_all);
        list_begin(&survey->schemes, offer_schemes_all);
    }
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    survey_fill_suites(survey, survey->offer.version, has_rsa_suites(survey) ? is_ecdhe_by_rsa : survey_is_ecdhe);
    fill_groups(survey, false);
    survey->offer.schemes = survey->schemes.left;
    survey->offer.cert_schemes = offer_schemes_all;
}

/* Up to TLS 1.2 the list also says which curves an ECDSA certificate may be on (RFC 8422, section 5.1): without its
 * own the server refuses. So after a refusal the NIST curves that were found are appended. */
void survey_fill_groups(struct server_survey *survey)
{
    if (survey->asked_of_row == 0 && !survey_due_tls12(survey))
        list_begin(&survey->groups, offer_groups_all);
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    survey_fill_suites(survey, survey->offer.version, has_rsa_suites(survey) ? is_ecdhe_by_rsa : survey_is_ecdhe);
    fill_groups(survey, survey->keeps_curves);
}

/* After the remaining groups were refused: offer them once more with the certificate's curve? */
bool survey_keep_curves(struct server_survey *survey)
{
    bool needs_none = has_rsa_suites(survey) || (tls_strategy_knows_suites(survey->strategy) &&
                     !tls_strategy_accepts(survey->strategy, survey->offer.version, is_ecdhe_by_ecdsa));
    if (survey->keeps_curves || survey->groups.left[0] == 0 || needs_none)
        return false;
    for (size_t i = 0; i < survey->groups.count; i++)
        if (is_nist_curve(survey->groups.found[i]))
            survey->keeps_curves = true;
    return survey->keeps_curves;
}

/* Without a share the server names the group that it prefers in a HelloRetryRequest. */
static void groups_offer_13(struct server_survey *survey)
{
    static const uint16_t no_shares[] = {0};
    survey_offer_13(survey, TLS_WANT_HELLO);
    survey->offer.groups = survey->groups.left;
    survey->offer.shares = no_shares;
}

void survey_fill_groups_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(&survey->groups, offer_rest.groups);
    groups_offer_13(survey);
}

/* The last chosen first: a server that follows the client's order now chooses another one than before. */
static size_t fill_reversed(const struct survey_list *list, uint16_t *reversed)
{
    for (size_t i = 0; i < list->count; i++)
        reversed[i] = list->found[list->count - 1 - i];
    reversed[list->count] = 0;
    return list->count;
}

void survey_fill_order_13(struct server_survey *survey)
{
    groups_offer_13(survey);
    fill_reversed(&survey->groups, survey->groups.left);
}

/* The schemes left were refused together with the groups left, and now one is taken with all groups: so no group is left. */
void survey_groups_are_over(struct server_survey *survey)
{
    if (!survey_keep_curves(survey))
        survey->groups.left[0] = 0;
}

/* The next kind of key whose schemes are asked, if the server has two: true if any are left. */
bool survey_next_schemes(struct server_survey *survey)
{
    if (!has_two_keys(survey) || survey->is_ecdsa_asked)
        return false;
    survey->is_ecdsa_asked = true;
    fill_schemes(survey);
    return survey->offered_schemes[0] != 0;
}

typedef bool (*suite_fits)(const struct tls_suite *suite);

/* ECDHE where the key has it: an answer then shows that the groups offered are taken. */
static suite_fits suites_of_schemes(const struct server_survey *survey)
{
    bool has_two = has_two_keys(survey), is_ecdsa = survey->is_ecdsa_asked;
    suite_fits by_ecdhe = !has_two ? survey_is_ecdhe : is_ecdsa ? is_ecdhe_by_ecdsa : is_ecdhe_by_rsa;
    if (tls_strategy_accepts(survey->strategy, 0x0303, by_ecdhe))
        return by_ecdhe;
    return !has_two ? is_ephemeral : is_ecdsa ? is_by_ecdsa : is_by_rsa;
}

/* A server with two keys may choose a suite by the one that has no scheme left, and refuse (OpenSSL does), so each is asked alone. */
void survey_fill_schemes(struct server_survey *survey)
{
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_schemes(survey);
    if (survey->offered_schemes[0] == 0 && survey_next_schemes(survey))
        fill_schemes(survey);
    survey_fill_suites(survey, 0x0303, suites_of_schemes(survey));
    survey->offer.schemes = survey->offered_schemes;
    survey->offer.cert_schemes = offer_schemes_all;
}

void survey_fill_schemes_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(&survey->schemes, offer_schemes_all);
    survey_offer_13(survey, TLS_WANT_PROOF);
    survey->offer.schemes = survey->schemes.left;
    survey->offer.cert_schemes = offer_schemes_all;
    survey->offer.compress_certificate = survey->offer.every_compression = survey->asked_of_row == 0;
}

/* ECDHE again: is the key the same, and whose order of groups decides? The groups that were found are offered in reverse, and those
 * behind them that a certificate's curve may be among. */
void survey_fill_ecdhe(struct server_survey *survey)
{
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    survey_fill_suites(survey, survey->offer.version, has_rsa_suites(survey) ? is_ecdhe_by_rsa : survey_is_ecdhe);
    if (survey->groups.count < 2)
        return;
    size_t len = fill_reversed(&survey->groups, survey->offered_groups);
    for (size_t i = 0; offer_groups_all[i] != 0; i++)
        if (!tls_list_holds(survey->offered_groups, offer_groups_all[i])) {
            survey->offered_groups[len++] = offer_groups_all[i];
            survey->offered_groups[len] = 0;
        }
    survey->offer.groups = survey->offered_groups;
}
