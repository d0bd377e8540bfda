#include "probes/survey/survey_parts.h"

#include <stdio.h>
#include <string.h>

#define LONG_EXTENSION 2600

static const char every_protocol[] = "h2,http/1.1,http/1.0,spdy/3.1,grpc-exp,imap,pop3,managesieve,ftp,nntp,xmpp-client,"
                                     "xmpp-server,postgresql,tds/8.0,mqtt,dot,sip/2,irc,radius/1.0,radius/1.1,acme-tls/1";

/* ---- what the strategy has found ---- */

static bool speaks(const struct server_survey *survey, const char *item)
{
    return strcmp(tls_strategy_item(survey->strategy, item), "accepted") == 0;
}

static uint16_t highest_old(const struct server_survey *survey)
{
    return speaks(survey, "tls12") ? 0x0303 : speaks(survey, "tls11") ? 0x0302
         : speaks(survey, "tls10") ? 0x0301 : speaks(survey, "sslv3") ? 0x0300 : 0;
}

bool survey_due_old(const struct server_survey *survey)     /* TLS 1.0 to 1.2: with extensions */
{
    return highest_old(survey) > 0x0300;
}

bool survey_due_tls12(const struct server_survey *survey)
{
    return speaks(survey, "tls12");
}

bool survey_due_tls13(const struct server_survey *survey)
{
    return speaks(survey, "tls13");
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

/* A better letter hangs on what was refused; where the worst is accepted, nothing does. */
static bool accepts_the_worst(const struct server_survey *survey)
{
    return speaks(survey, "export") || speaks(survey, "null") || speaks(survey, "anonymous") || speaks(survey, "des");
}

/* Of several servers behind one address one may have refused. */
bool survey_due_older(const struct server_survey *survey)
{
    return !accepts_the_worst(survey) && highest_old(survey) != 0x0302 && strcmp(tls_strategy_item(survey->strategy, "tls11"), "refused") == 0 &&
           strcmp(tls_strategy_item(survey->strategy, "tls10"), "refused") == 0;
}

bool survey_due_fallback(const struct server_survey *survey)
{
    int versions = speaks(survey, "tls13") + speaks(survey, "tls12") + speaks(survey, "tls11") +
                        speaks(survey, "tls10") + speaks(survey, "sslv3");
    return versions > 1;
}

bool survey_due_dhe(const struct server_survey *survey)
{
    const char *bits = tls_strategy_item(survey->strategy, "dh_bits");
    return bits[0] >= '0' && bits[0] <= '9';
}

bool survey_due_export(const struct server_survey *survey)
{
    return speaks(survey, "export");
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
    return !survey->has_leaf || contradictions_agreed(tls_strategy_contradictions(survey->strategy)) < 2;
}

/* ---- offers ---- */

static bool has_accepted(const struct server_survey *survey, uint16_t version, const uint16_t *suites)
{
    uint16_t accepted[HELLO_SUITES + 1];
    size_t count = tls_strategy_suites(survey->strategy, version, accepted, HELLO_SUITES);
    for (size_t i = 0; i < count; i++)
        if (tls_list_holds(suites, accepted[i]))
            return true;
    return count == 0;                      /* not known: the hello is as good as any */
}

/* A server without any usual suite (it has NULL or anonymous ones alone) is asked with its own. */
static void fill_own_suites(struct server_survey *survey, uint16_t version, bool (*fits)(const struct tls_suite *suite))
{
    size_t len = 0;
    size_t count = tls_strategy_suites(survey->strategy, version, survey->suites, HELLO_SUITES);
    for (size_t i = 0; i < count; i++)
        if (fits == NULL || fits(tls_suite_find(survey->suites[i])))
            survey->suites[len++] = survey->suites[i];
    survey->suites[len] = 0;
}

/* Suites of this version for which `fits` is true; those that need a certificate come from every table. */
static void fill_suites(struct server_survey *survey, uint16_t version, bool (*fits)(const struct tls_suite *suite))
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    for (size_t i = 0; i < count && len < HELLO_SUITES; i++)
        if (!suites[i].is_tls13 && tls_suite_sends_certificate(&suites[i]) && tls_suite_fits(&suites[i], version) &&
            suites[i].auth != TLS_AUTH_PSK && fits(&suites[i]))
            survey->suites[len++] = suites[i].id;
    survey->suites[len] = 0;
    if (!has_accepted(survey, version, survey->suites) && tls_strategy_accepts(survey->strategy, version, fits))
        fill_own_suites(survey, version, fits);
    survey->offer.suites = survey->suites;
}

static bool is_ephemeral(const struct tls_suite *suite)
{
    return suite->kx == TLS_KX_ECDHE || suite->kx == TLS_KX_DHE;
}

static bool is_ecdhe(const struct tls_suite *suite)
{
    return suite->kx == TLS_KX_ECDHE;
}

static bool is_dhe(const struct tls_suite *suite)
{
    return suite->kx == TLS_KX_DHE;
}

static bool is_dhe_cbc(const struct tls_suite *suite)
{
    return is_dhe(suite) && tls_suite_sends_certificate(suite) && tls_suite_is_cbc(suite) && !suite->is_export;
}

static bool is_export_rsa(const struct tls_suite *suite)
{
    return suite->is_export && suite->kx == TLS_KX_RSA;
}

static bool is_export_dhe(const struct tls_suite *suite)
{
    return suite->is_export && suite->kx == TLS_KX_DHE;
}

static void old_offer(struct server_survey *survey, enum tls_want want)
{
    survey->offer = offer_tls12;
    survey->offer.version = highest_old(survey);
    survey->offer.deflate = false;
    survey->offer.want = want;
    if (survey->offer.version < 0x0303)
        survey->offer.schemes = NULL;
    if (has_accepted(survey, survey->offer.version, survey->offer.suites))
        return;
    fill_own_suites(survey, survey->offer.version, NULL);
    survey->offer.suites = survey->suites;
}

static void offer_13(struct server_survey *survey, enum tls_want want)
{
    survey->versions[0] = 0x0304;
    survey->offer = offer_ask_tls13;
    survey->offer.versions = survey->versions;
    survey->offer.want = want;
}

void survey_both_offer(struct server_survey *survey, enum tls_want want)
{
    survey->offer = offer_combined;
    survey->offer.want = want;
    uint16_t version = highest_old(survey);
    if (survey_due_tls13(survey) || version == 0 || has_accepted(survey, version, offer_combined.suites))
        return;
    fill_own_suites(survey, version, NULL);
    survey->offer.suites = survey->suites;
}

/* One answer for all that an extension asks: with CBC suites it is about encrypt-then-MAC too, and with DHE shows a prime. */
void survey_fill_features(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_PROOF);
    uint16_t version = survey->offer.version;
    survey->offer.session_ticket = survey->offer.heartbeat = survey->offer.next_protocol = true;
    bool has_dhe = tls_strategy_accepts(survey->strategy, version, is_dhe_cbc);
    if (!has_dhe && !tls_strategy_accepts(survey->strategy, version, tls_suite_is_cbc))
        return;
    fill_suites(survey, version, has_dhe ? is_dhe_cbc : tls_suite_is_cbc);
    survey->offer.groups = has_dhe ? NULL : survey->offer.groups;
    survey->offer.encrypt_then_mac = true;
}

void survey_fill_etm(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    fill_suites(survey, survey->offer.version, tls_suite_is_cbc);
    survey->offer.encrypt_then_mac = true;
}

/* The version below the highest accepted one, with TLS_FALLBACK_SCSV (RFC 7507). */
void survey_fill_fallback(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    static const char *const items[] = {"sslv3", "tls10", "tls11", "tls12"};
    uint16_t version = survey_due_tls13(survey) ? 0x0303 : (uint16_t)(highest_old(survey) - 1);
    while (version > 0x0300 && !speaks(survey, items[version - 0x0300]))
        version--;
    survey->offer.version = version;
    if (!has_accepted(survey, version, survey->offer.suites)) {
        fill_own_suites(survey, version, NULL);
        survey->offer.suites = survey->suites;
    }
    survey->offer.fallback_scsv = true;
    survey->offer.no_extensions = version == 0x0300;
    if (version < 0x0303)
        survey->offer.schemes = NULL;
}

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
    return is_ecdhe(suite) && suite->auth == TLS_AUTH_RSA;
}

static bool is_ecdhe_by_ecdsa(const struct tls_suite *suite)
{
    return is_ecdhe(suite) && suite->auth == TLS_AUTH_ECDSA;
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
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, has_rsa_suites(survey) ? is_ecdhe_by_rsa : is_ecdhe);
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
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, has_rsa_suites(survey) ? is_ecdhe_by_rsa : is_ecdhe);
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
    offer_13(survey, TLS_WANT_HELLO);
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
    suite_fits by_ecdhe = !has_two ? is_ecdhe : is_ecdsa ? is_ecdhe_by_ecdsa : is_ecdhe_by_rsa;
    if (tls_strategy_accepts(survey->strategy, 0x0303, by_ecdhe))
        return by_ecdhe;
    return !has_two ? is_ephemeral : is_ecdsa ? is_by_ecdsa : is_by_rsa;
}

/* A server with two keys may choose a suite by the one that has no scheme left, and refuse (OpenSSL does), so each is asked alone. */
void survey_fill_schemes(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_schemes(survey);
    if (survey->offered_schemes[0] == 0 && survey_next_schemes(survey))
        fill_schemes(survey);
    fill_suites(survey, 0x0303, suites_of_schemes(survey));
    survey->offer.schemes = survey->offered_schemes;
    survey->offer.cert_schemes = offer_schemes_all;
}

void survey_fill_schemes_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(&survey->schemes, offer_schemes_all);
    offer_13(survey, TLS_WANT_PROOF);
    survey->offer.schemes = survey->schemes.left;
    survey->offer.cert_schemes = offer_schemes_all;
    survey->offer.compress_certificate = survey->offer.every_compression = survey->asked_of_row == 0;
}

void survey_fill_alpn(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        snprintf(survey->alpn, sizeof survey->alpn, "%s", every_protocol);
    if (survey->asked_of_row == 0)
        survey->alpn_count = 0;
    survey_both_offer(survey, TLS_WANT_CHAIN);
    survey->offer.alpn = survey->alpn;
}

void survey_fill_dhe(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, is_dhe);
    survey->offer.groups = NULL;
}

/* EXPORT suites ended with TLS 1.0 (RFC 4346, A.5), and what still has them may accept them only there. */
static void export_offer(struct server_survey *survey, bool (*fits)(const struct tls_suite *suite))
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    survey->offer.version = speaks(survey, "tls10") ? 0x0301 : speaks(survey, "sslv3") ? 0x0300 : highest_old(survey);
    survey->offer.no_extensions = survey->offer.version == 0x0300;
    if (survey->offer.version < 0x0303)
        survey->offer.schemes = NULL;
    survey->offer.groups = NULL;
    fill_suites(survey, survey->offer.version, fits);
}

void survey_fill_export_rsa(struct server_survey *survey)
{
    export_offer(survey, is_export_rsa);
}

void survey_fill_export_dhe(struct server_survey *survey)
{
    export_offer(survey, is_export_dhe);
}

/* ECDHE again: is the key the same, and whose order of groups decides? The groups that were found are offered in reverse, and those
 * behind them that a certificate's curve may be among. */
void survey_fill_ecdhe(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, has_rsa_suites(survey) ? is_ecdhe_by_rsa : is_ecdhe);
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

/* One group and its share: a server that prefers another one would answer with a HelloRetryRequest, which has no key. */
void survey_fill_share(struct server_survey *survey)
{
    offer_13(survey, TLS_WANT_HELLO);
    if (survey->share_group == 0)
        return;
    survey->one_group[0] = survey->share_group;
    survey->offer.groups = survey->offer.shares = survey->one_group;
}

void survey_fill_chain(struct server_survey *survey)
{
    survey_both_offer(survey, TLS_WANT_CHAIN);
}

void survey_fill_sslv2_format(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    survey->offer.sslv2_format = true;
}

/* With DHE where the server has it: the answer's key is one more to compare. */
void survey_fill_version(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    if (tls_strategy_accepts(survey->strategy, survey->offer.version, is_dhe)) {
        fill_suites(survey, survey->offer.version, is_dhe);
        survey->offer.groups = NULL;
    }
    survey->offer.version = 0x0305;
}

/* If the server takes all of it at once, it need not be asked about each. */
void survey_fill_tolerance(struct server_survey *survey)
{
    survey_both_offer(survey, TLS_WANT_CHAIN);
    survey->offer.unknown_extension_len = LONG_EXTENSION;
    survey->offer.grease = true;
}

void survey_fill_extension(struct server_survey *survey)
{
    survey_both_offer(survey, TLS_WANT_CHAIN);
    survey->offer.unknown_extension_len = 4;
}

void survey_fill_length(struct server_survey *survey)
{
    survey_both_offer(survey, TLS_WANT_CHAIN);
    survey->offer.unknown_extension_len = LONG_EXTENSION;
}

void survey_fill_grease(struct server_survey *survey)
{
    survey_both_offer(survey, TLS_WANT_CHAIN);
    survey->offer.grease = true;
}

void survey_fill_older(struct server_survey *survey)
{
    survey->offer = offer_ask_tls11;
}

/* ---- what was refused, once more ---- */

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

bool survey_due_rest(const struct server_survey *survey)
{
    return survey_due_old(survey) && tls_strategy_knows_suites(survey->strategy) && !accepts_the_worst(survey);
}

/* As the suites were asked one by one. */
void survey_fill_rest(struct server_survey *survey)
{
    uint16_t version = highest_old(survey);
    if (survey->asked_of_row == 0)
        fill_refused(survey, version);
    survey->offer = (struct tls_offer){.version = version, .suites = survey->suites, .groups = offer_groups_all,
                                       .schemes = version >= 0x0303 ? offer_schemes_all : NULL, .renegotiation_info = true,
                                       .want = TLS_WANT_HELLO};
}

bool survey_due_no_sslv2(const struct server_survey *survey)
{
    return strcmp(tls_strategy_item(survey->strategy, "sslv2"), "refused") == 0 && !accepts_the_worst(survey);
}

void survey_fill_no_sslv2(struct server_survey *survey)
{
    survey->offer = offer_ask_sslv2;
}
