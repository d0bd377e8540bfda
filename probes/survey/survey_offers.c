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
    return survey_due_tls13(survey) && survey->found_count > 1;
}

bool survey_due_alpn(const struct server_survey *survey)
{
    return survey->is_direct;
}

/* ---- offers ---- */

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
}

void survey_fill_features(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_PROOF);
    survey->offer.session_ticket = survey->offer.heartbeat = survey->offer.next_protocol = true;
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
    survey->offer.fallback_scsv = true;
    survey->offer.no_extensions = version == 0x0300;
    if (version < 0x0303)
        survey->offer.schemes = NULL;
}

static void list_begin(struct server_survey *survey, const uint16_t *all)
{
    size_t len = 0;
    for (; all[len] != 0 && len + 1 < SURVEY_LIST_MAX; len++)
        survey->list[len] = all[len];
    survey->list[len] = 0;
    survey->found_count = 0;
}

/* Up to TLS 1.2 the list also says which curves an ECDSA certificate may be on (RFC 8422, section 5.1): without its
 * own the server refuses. So after a refusal the NIST curves that were found are appended. */
void survey_fill_groups(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_groups_all);
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, is_ecdhe);
    size_t len = 0;
    for (; survey->list[len] != 0; len++)
        survey->groups[len] = survey->list[len];
    for (size_t i = 0; survey->keeps_curves && i < survey->found_count; i++)
        if (survey->found[i] >= GROUP_SECP256R1 && survey->found[i] <= GROUP_SECP521R1)
            survey->groups[len++] = survey->found[i];
    survey->groups[len] = 0;
    survey->offer.groups = survey->groups;
}

/* After the remaining groups were refused: offer them once more with the certificate's curve? */
bool survey_keep_curves(struct server_survey *survey)
{
    if (survey->keeps_curves || survey->list[0] == 0)
        return false;
    for (size_t i = 0; i < survey->found_count; i++)
        if (survey->found[i] >= GROUP_SECP256R1 && survey->found[i] <= GROUP_SECP521R1)
            survey->keeps_curves = true;
    return survey->keeps_curves;
}

/* Without a share the server names the group that it prefers in a HelloRetryRequest. */
static void groups_offer_13(struct server_survey *survey)
{
    static const uint16_t no_shares[] = {0};
    offer_13(survey, TLS_WANT_HELLO);
    survey->offer.groups = survey->list;
    survey->offer.shares = no_shares;
}

void survey_fill_groups_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_rest.groups);
    groups_offer_13(survey);
}

/* The last chosen first: a server that follows the client's order now chooses another one than before. */
void survey_fill_order_13(struct server_survey *survey)
{
    groups_offer_13(survey);
    for (size_t i = 0; i < survey->found_count; i++)
        survey->list[i] = survey->found[survey->found_count - 1 - i];
    survey->list[survey->found_count] = 0;
}

/* Does another kind of key than RSA's sign by the scheme, in suites of TLS 1.2? */
static bool is_ecdsa_scheme(uint16_t scheme)
{
    return scheme < 0x0700 ? (scheme & 0xff) == 3 : scheme == 0x0807 || scheme == 0x0808 || (scheme >= 0x081a && scheme <= 0x081c);
}

static bool is_rsa_scheme(uint16_t scheme)
{
    return scheme < 0x0700 ? (scheme & 0xff) == 1 : scheme < 0x0900 && !is_ecdsa_scheme(scheme);
}

static bool is_by_ecdsa(const struct tls_suite *suite)
{
    return is_ephemeral(suite) && suite->auth == TLS_AUTH_ECDSA;
}

static bool is_by_rsa(const struct tls_suite *suite)
{
    return is_ephemeral(suite) && suite->auth == TLS_AUTH_RSA;
}

void survey_fill_schemes(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_schemes_all);
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, 0x0303, !survey->keeps_schemes ? is_ephemeral : is_ecdsa_scheme(survey->list[0]) ? is_by_ecdsa : is_by_rsa);
    survey->offer.schemes = survey->list;
    survey->offer.cert_schemes = offer_schemes_all;
}

/* A server with two keys may choose a suite by the one that has no scheme left, and refuse (OpenSSL does). True if schemes and
 * suites of the kind of key that has signed nothing yet are to be offered alone. */
bool survey_keep_schemes(struct server_survey *survey)
{
    bool has_rsa = false, has_ecdsa = false;
    size_t left = 0;
    for (size_t i = 0; i < survey->found_count; i++) {
        has_rsa |= is_rsa_scheme(survey->found[i]);
        has_ecdsa |= is_ecdsa_scheme(survey->found[i]);
    }
    if (survey->keeps_schemes || has_rsa == has_ecdsa || !tls_strategy_accepts(survey->strategy, 0x0303, has_rsa ? is_by_ecdsa : is_by_rsa))
        return false;
    survey->keeps_schemes = true;
    for (size_t i = 0; survey->list[i] != 0; i++)
        if (has_rsa ? is_ecdsa_scheme(survey->list[i]) : is_rsa_scheme(survey->list[i]))
            survey->list[left++] = survey->list[i];
    survey->list[left] = 0;
    return left != 0;
}

void survey_fill_schemes_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_schemes_all);
    offer_13(survey, TLS_WANT_PROOF);
    survey->offer.schemes = survey->list;
    survey->offer.cert_schemes = offer_schemes_all;
    survey->offer.compress_certificate = survey->offer.every_compression = survey->asked_of_row == 0;
}

void survey_fill_alpn(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        snprintf(survey->alpn, sizeof survey->alpn, "%s", every_protocol);
    if (survey->asked_of_row == 0)
        survey->found_count = 0;
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

void survey_fill_ecdhe(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, is_ecdhe);
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

void survey_fill_version(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    survey->offer.version = 0x0305;
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
