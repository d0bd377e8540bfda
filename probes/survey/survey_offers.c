#include "probes/survey/survey_parts.h"

#include <stdio.h>
#include <string.h>

#define LONG_EXTENSION 2600

static const char every_protocol[] = "h2,http/1.1,http/1.0,spdy/3.1,grpc-exp,imap,pop3,managesieve,ftp,nntp,xmpp-client,"
                                     "xmpp-server,postgresql,tds/8.0,mqtt,dot,sip/2,irc,radius/1.0,radius/1.1,acme-tls/1";

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
void survey_fill_suites(struct server_survey *survey, uint16_t version, bool (*fits)(const struct tls_suite *suite))
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

bool survey_is_ecdhe(const struct tls_suite *suite)
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

void survey_old_offer(struct server_survey *survey, enum tls_want want)
{
    survey->offer = offer_tls12;
    survey->offer.version = survey_highest_old(survey);
    survey->offer.deflate = false;
    survey->offer.want = want;
    if (survey->offer.version < 0x0303)
        survey->offer.schemes = NULL;
    if (has_accepted(survey, survey->offer.version, survey->offer.suites))
        return;
    fill_own_suites(survey, survey->offer.version, NULL);
    survey->offer.suites = survey->suites;
}

void survey_offer_13(struct server_survey *survey, enum tls_want want)
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
    uint16_t version = survey_highest_old(survey);
    if (survey_due_tls13(survey) || version == 0 || has_accepted(survey, version, offer_combined.suites))
        return;
    fill_own_suites(survey, version, NULL);
    survey->offer.suites = survey->suites;
}

/* One answer for all that an extension asks: with CBC suites it is about encrypt-then-MAC too, and with DHE shows a prime. */
void survey_fill_features(struct server_survey *survey)
{
    survey_old_offer(survey, TLS_WANT_PROOF);
    uint16_t version = survey->offer.version;
    survey->offer.session_ticket = survey->offer.heartbeat = survey->offer.next_protocol = true;
    bool has_dhe = tls_strategy_accepts(survey->strategy, version, is_dhe_cbc);
    if (!has_dhe && !tls_strategy_accepts(survey->strategy, version, tls_suite_is_cbc))
        return;
    survey_fill_suites(survey, version, has_dhe ? is_dhe_cbc : tls_suite_is_cbc);
    survey->offer.groups = has_dhe ? NULL : survey->offer.groups;
    survey->offer.encrypt_then_mac = true;
}

void survey_fill_etm(struct server_survey *survey)
{
    survey_old_offer(survey, TLS_WANT_HELLO);
    survey_fill_suites(survey, survey->offer.version, tls_suite_is_cbc);
    survey->offer.encrypt_then_mac = true;
}

/* The version below the highest accepted one, with TLS_FALLBACK_SCSV (RFC 7507). */
void survey_fill_fallback(struct server_survey *survey)
{
    survey_old_offer(survey, TLS_WANT_HELLO);
    static const char *const items[] = {"sslv3", "tls10", "tls11", "tls12"};
    uint16_t version = survey_due_tls13(survey) ? 0x0303 : (uint16_t)(survey_highest_old(survey) - 1);
    while (version > 0x0300 && !survey_speaks(survey, items[version - 0x0300]))
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
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    survey_fill_suites(survey, survey->offer.version, is_dhe);
    survey->offer.groups = NULL;
}

/* EXPORT suites ended with TLS 1.0 (RFC 4346, A.5), and what still has them may accept them only there. */
static void export_offer(struct server_survey *survey, bool (*fits)(const struct tls_suite *suite))
{
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    survey->offer.version = survey_speaks(survey, "tls10") ? 0x0301 : survey_speaks(survey, "sslv3") ? 0x0300 : survey_highest_old(survey);
    survey->offer.no_extensions = survey->offer.version == 0x0300;
    if (survey->offer.version < 0x0303)
        survey->offer.schemes = NULL;
    survey->offer.groups = NULL;
    survey_fill_suites(survey, survey->offer.version, fits);
}

void survey_fill_export_rsa(struct server_survey *survey)
{
    export_offer(survey, is_export_rsa);
}

void survey_fill_export_dhe(struct server_survey *survey)
{
    export_offer(survey, is_export_dhe);
}

/* One group and its share: a server that prefers another one would answer with a HelloRetryRequest, which has no key. */
void survey_fill_share(struct server_survey *survey)
{
    survey_offer_13(survey, TLS_WANT_HELLO);
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
    survey_old_offer(survey, TLS_WANT_HELLO);
    survey->offer.sslv2_format = true;
}

/* With DHE where the server has it: the answer's key is one more to compare. */
void survey_fill_version(struct server_survey *survey)
{
    survey_old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    if (tls_strategy_accepts(survey->strategy, survey->offer.version, is_dhe)) {
        survey_fill_suites(survey, survey->offer.version, is_dhe);
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
