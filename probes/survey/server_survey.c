#include "probes/survey/server_survey.h"

#include "probes/base/memory.h"
#include "probes/survey/dh_primes.h"
#include "probes/survey/survey_items.h"
#include "probes/tls/offers.h"
#include "probes/tls/posture.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX       64       /* of groups or schemes that one hello offers */
#define ALPN_MAX       400
#define CLOCK_MAX_S    86400    /* a ServerHello's first four bytes this near to our time are a time */
#define LONG_EXTENSION 2600
#define SILENCES_MAX   2        /* a filter that has begun to drop us is not asked on */

static const char accepted[] = "accepted", refused[] = "refused", untested[] = "untested";
static const char wrong_name[] = "certsweep-asks-a-name-that-is-not-here.invalid";
static const char every_protocol[] = "h2,http/1.1,http/1.0,spdy/3.1,grpc-exp,imap,pop3,managesieve,ftp,nntp,xmpp-client,"
                                     "xmpp-server,postgresql,tds/8.0,mqtt,dot,sip/2,irc,radius/1.0,radius/1.1,acme-tls/1";

struct server_survey {
    struct tls_strategy *strategy;
    struct survey_items *items;
    bool has_name, is_direct;
    size_t row;                             /* the question under way */
    unsigned asked_of_row;                  /* hellos of it so far */
    unsigned connections, silences;
    bool is_again_asked, is_over;
    const char *ended;                      /* why it ended early; NULL it did not */
    struct tls_offer offer;
    uint16_t suites[HELLO_SUITES + 1];
    uint16_t list[LIST_MAX];                /* what is still to be offered */
    uint16_t found[LIST_MAX];
    size_t found_count;
    uint16_t groups[2 * LIST_MAX];          /* the list, and the curves that a certificate needs */
    bool keeps_curves;
    uint16_t versions[2];
    char alpn[ALPN_MAX];
    uint8_t ephemeral[32];
    uint8_t leaf[32];                       /* SHA-256 of the usual certificate; has_leaf */
    bool has_leaf;
    char connections_text[12];
};

/* ---- what the strategy has found ---- */

static bool speaks(const struct server_survey *survey, const char *item)
{
    return strcmp(tls_strategy_item(survey->strategy, item), accepted) == 0;
}

static uint16_t highest_old(const struct server_survey *survey)
{
    return speaks(survey, "tls12") ? 0x0303 : speaks(survey, "tls11") ? 0x0302
         : speaks(survey, "tls10") ? 0x0301 : speaks(survey, "sslv3") ? 0x0300 : 0;
}

static bool due_old(const struct server_survey *survey)     /* TLS 1.0 to 1.2: with extensions */
{
    return highest_old(survey) > 0x0300;
}

static bool due_tls12(const struct server_survey *survey)
{
    return speaks(survey, "tls12");
}

static bool due_tls13(const struct server_survey *survey)
{
    return speaks(survey, "tls13");
}

static bool due_always(const struct server_survey *survey)
{
    (void)survey;
    return true;
}

static bool due_only_13(const struct server_survey *survey)
{
    return due_tls13(survey) && !due_old(survey);
}

static bool due_fallback(const struct server_survey *survey)
{
    int versions = speaks(survey, "tls13") + speaks(survey, "tls12") + speaks(survey, "tls11") +
                        speaks(survey, "tls10") + speaks(survey, "sslv3");
    return versions > 1;
}

static bool due_dhe(const struct server_survey *survey)
{
    const char *bits = tls_strategy_item(survey->strategy, "dh_bits");
    return bits[0] >= '0' && bits[0] <= '9';
}

static bool due_name(const struct server_survey *survey)
{
    return survey->has_name;
}

static bool due_order(const struct server_survey *survey)   /* of the groups just found */
{
    return due_tls13(survey) && survey->found_count > 1;
}

static bool due_alpn(const struct server_survey *survey)
{
    return survey->is_direct;
}

/* ---- offers ---- */

/* Suites of this version that `fits` likes; those that need a certificate come from every table. */
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

static void both_offer(struct server_survey *survey, enum tls_want want)
{
    survey->offer = offer_combined;
    survey->offer.want = want;
}

static void fill_features(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_PROOF);
    survey->offer.session_ticket = survey->offer.heartbeat = survey->offer.next_protocol = true;
}

static void fill_features_13(struct server_survey *survey)
{
    offer_13(survey, TLS_WANT_PROOF);
    survey->offer.compress_certificate = survey->offer.every_compression = true;
}

static void fill_etm(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    fill_suites(survey, survey->offer.version, tls_suite_is_cbc);
    survey->offer.encrypt_then_mac = true;
}

/* The version below the highest that is accepted, with the signal that the client could do more. */
static void fill_fallback(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    static const char *const items[] = {"sslv3", "tls10", "tls11", "tls12"};
    uint16_t version = due_tls13(survey) ? 0x0303 : (uint16_t)(highest_old(survey) - 1);
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
    for (; all[len] != 0 && len + 1 < LIST_MAX; len++)
        survey->list[len] = all[len];
    survey->list[len] = 0;
    survey->found_count = 0;
}

/* Up to TLS 1.2 the list also says which curves an ECDSA certificate may be on (RFC 8422, section 5.1): without its own
 * the server refuses. So after a refusal those of NIST that were found stand last. */
static void fill_groups(struct server_survey *survey)
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

/* A refusal of the groups that are left: once more with the certificate's curve among them? */
static bool keep_curves(struct server_survey *survey)
{
    if (survey->keeps_curves || survey->list[0] == 0)
        return false;
    for (size_t i = 0; i < survey->found_count; i++)
        if (survey->found[i] >= GROUP_SECP256R1 && survey->found[i] <= GROUP_SECP521R1)
            survey->keeps_curves = true;
    return survey->keeps_curves;
}

/* Without a share the server names the group that it would have: a HelloRetryRequest. */
static void groups_offer_13(struct server_survey *survey)
{
    static const uint16_t no_shares[] = {0};
    offer_13(survey, TLS_WANT_HELLO);
    survey->offer.groups = survey->list;
    survey->offer.shares = no_shares;
}

static void fill_groups_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_rest.groups);
    groups_offer_13(survey);
}

/* The last chosen first: a server that follows the client's order now chooses another one than before. */
static void fill_order_13(struct server_survey *survey)
{
    groups_offer_13(survey);
    for (size_t i = 0; i < survey->found_count; i++)
        survey->list[i] = survey->found[survey->found_count - 1 - i];
    survey->list[survey->found_count] = 0;
}

static void fill_schemes(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_schemes_all);
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, 0x0303, is_ephemeral);
    survey->offer.schemes = survey->list;
    survey->offer.cert_schemes = offer_schemes_all;
}

static void fill_schemes_13(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        list_begin(survey, offer_schemes_all);
    offer_13(survey, TLS_WANT_PROOF);
    survey->offer.schemes = survey->list;
    survey->offer.cert_schemes = offer_schemes_all;
}

static void fill_alpn(struct server_survey *survey)
{
    if (survey->asked_of_row == 0)
        snprintf(survey->alpn, sizeof survey->alpn, "%s", every_protocol);
    if (survey->asked_of_row == 0)
        survey->found_count = 0;
    both_offer(survey, TLS_WANT_CHAIN);
    survey->offer.alpn = survey->alpn;
}

static void fill_dhe(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, is_dhe);
    survey->offer.groups = NULL;
}

static void fill_ecdhe(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_KEY_EXCHANGE);
    fill_suites(survey, survey->offer.version, is_ecdhe);
}

static void fill_share(struct server_survey *survey)
{
    offer_13(survey, TLS_WANT_HELLO);
}

static void fill_chain(struct server_survey *survey)
{
    both_offer(survey, TLS_WANT_CHAIN);
}

static void fill_sslv2_format(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    survey->offer.sslv2_format = true;
}

static void fill_version(struct server_survey *survey)
{
    old_offer(survey, TLS_WANT_HELLO);
    survey->offer.version = 0x0305;
}

static void fill_extension(struct server_survey *survey)
{
    both_offer(survey, TLS_WANT_HELLO);
    survey->offer.unknown_extension_len = 4;
}

static void fill_length(struct server_survey *survey)
{
    both_offer(survey, TLS_WANT_HELLO);
    survey->offer.unknown_extension_len = LONG_EXTENSION;
}

static void fill_grease(struct server_survey *survey)
{
    both_offer(survey, TLS_WANT_HELLO);
    survey->offer.grease = true;
}

/* ---- answers: true where the same question is to be asked once more ---- */

static void set(struct server_survey *survey, const char *item, bool is_accepted, const char *detail)
{
    survey_items_set(survey->items, item, is_accepted ? accepted : refused, detail);
}

static void leaf_sha256(const struct tls_facts *facts, uint8_t sha256[32])
{
    EVP_Digest(facts->chain[0].bytes, facts->chain[0].len, sha256, NULL, EVP_sha256(), NULL);
}

static void note_client_certificate(struct server_survey *survey, const struct tls_facts *facts)
{
    char detail[DETAIL_SIZE] = "";
    if (facts->client_certificate_requested && facts->client_ca_count != 0)
        snprintf(detail, sizeof detail, "%u CA%s: %.90s%s", facts->client_ca_count, facts->client_ca_count == 1 ? "" : "s",
                 facts->client_ca, facts->client_ca_count == 1 ? "" : " ...");
    else if (facts->client_certificate_requested)
        snprintf(detail, sizeof detail, "of any CA");
    set(survey, "client_certificate", facts->client_certificate_requested, detail);
}

static bool note_features(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    if (facts->version >= 0x0304 || facts->version < 0x0300)
        return false;
    set(survey, "session_ticket", facts->session_ticket, NULL);
    set(survey, "heartbeat", facts->heartbeat, NULL);
    set(survey, "next_protocol", facts->next_protocol, NULL);
    note_client_certificate(survey, facts);
    int64_t offset_s = (int64_t)facts->server_time - now_us / 1000000;
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)offset_s);
    if (offset_s > -CLOCK_MAX_S && offset_s < CLOCK_MAX_S)
        survey_items_set(survey->items, "clock", text, NULL);
    else
        survey_items_set(survey->items, "clock", untested, "its hello tells no time");
    return false;
}

static bool note_features_13(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    static const char *const names[] = {"", "zlib", "brotli", "zstd"};
    (void)now_us;
    uint16_t algorithm = facts->certificate_compression;
    set(survey, "certificate_compression", algorithm != 0, algorithm < 4 ? names[algorithm] : "unknown");
    if (survey_items_value(survey->items, "client_certificate") == NULL)
        note_client_certificate(survey, facts);
    if (facts->chain_count != 0 && !survey->has_leaf) {
        leaf_sha256(facts, survey->leaf);
        survey->has_leaf = true;
    }
    return false;
}

static bool note_etm(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    set(survey, "encrypt_then_mac", facts->encrypt_then_mac, NULL);
    return false;
}

static bool note_fallback(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    set(survey, "fallback_scsv", false, tls_version_name(facts->version));
    return false;
}

static bool list_remove(struct server_survey *survey, uint16_t value)
{
    size_t to = 0;
    bool was_there = false;
    for (size_t i = 0; survey->list[i] != 0; i++) {
        if (survey->list[i] == value)
            was_there = true;
        else
            survey->list[to++] = survey->list[i];
    }
    survey->list[to] = 0;
    if (was_there && survey->found_count < LIST_MAX)
        survey->found[survey->found_count++] = value;
    return was_there;
}

/* One more of a list was chosen: it is noted, and left out of the next hello. */
static bool note_listed(struct server_survey *survey, const char *kind, uint16_t version, int32_t value, const char *name)
{
    char item[80], number[12], place[12];
    if (value < 0 || !list_remove(survey, (uint16_t)value))
        return false;                       /* it chose what was not offered, or nothing of the kind */
    snprintf(number, sizeof number, "0x%04x", (unsigned)value);
    snprintf(item, sizeof item, "%s:%s:%s", kind, tls_version_name(version), name == NULL ? number : name);
    snprintf(place, sizeof place, "%zu", survey->found_count);
    survey_items_set(survey->items, item, accepted, place);
    return survey->list[0] != 0;
}

static bool note_group(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_listed(survey, "group", facts->version, facts->group,
                       facts->group < 0 ? NULL : tls_group_name((uint32_t)facts->group));
}

static bool note_order(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    if (facts->group >= 0)
        survey_items_set(survey->items, "group_preference", facts->group == survey->list[0] ? "client" : "server", NULL);
    return false;
}

static bool note_scheme(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_listed(survey, "scheme", facts->version, facts->scheme,
                       facts->scheme < 0 ? NULL : tls_scheme_name((uint32_t)facts->scheme));
}

static bool alpn_remove(char *list, const char *name)
{
    size_t len = strlen(name);
    for (char *at = list; *at != '\0';) {
        size_t word = strcspn(at, ",");
        char *next = at + word + (at[word] == ',');
        if (word == len && memcmp(at, name, len) == 0) {
            memmove(at, next, strlen(next) + 1);
            if (at[0] == '\0' && at > list)
                at[-1] = '\0';
            return true;
        }
        at = next;
    }
    return false;
}

static bool note_alpn(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    char item[80], place[12];
    (void)now_us;
    if (facts->alpn[0] == '\0' || !alpn_remove(survey->alpn, facts->alpn))
        return false;
    snprintf(item, sizeof item, "alpn:%s", facts->alpn);
    snprintf(place, sizeof place, "%zu", ++survey->found_count);
    survey_items_set(survey->items, item, accepted, place);
    return survey->alpn[0] != '\0';
}

/* Twice the same: is the server's ephemeral key the same? */
static bool note_reuse(struct server_survey *survey, const struct tls_facts *facts, const char *item)
{
    static const uint8_t none[32];
    if (memcmp(facts->ephemeral_sha256, none, sizeof none) == 0)
        return false;
    if (survey->asked_of_row > 1) {
        set(survey, item, memcmp(survey->ephemeral, facts->ephemeral_sha256, sizeof survey->ephemeral) == 0, NULL);
        return false;
    }
    memcpy(survey->ephemeral, facts->ephemeral_sha256, sizeof survey->ephemeral);
    return true;
}

static bool note_dhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    char sha256[65];
    (void)now_us;
    if (facts->dh_bits == 0)
        return false;
    for (size_t i = 0; i < 32; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", facts->dh_prime_sha256[i]);
    const char *name = dh_prime_name(facts->dh_prime_sha256);
    survey_items_set(survey->items, "dh_prime", name == NULL ? "unknown" : name, sha256);
    return note_reuse(survey, facts, "dh_reuse");
}

static bool note_ecdhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_reuse(survey, facts, "ecdh_reuse");
}

static bool note_sni(struct server_survey *survey, const struct tls_facts *facts, const char *item)
{
    uint8_t sha256[32];
    char detail[DETAIL_SIZE] = "the same certificate";
    if (facts->chain_count == 0 || !survey->has_leaf)
        return false;
    leaf_sha256(facts, sha256);
    if (memcmp(sha256, survey->leaf, sizeof sha256) != 0) {
        size_t at = (size_t)snprintf(detail, sizeof detail, "another certificate, SHA-256 ");
        for (size_t i = 0; i < sizeof sha256; i++)
            snprintf(detail + at + 2 * i, 3, "%02x", sha256[i]);
    }
    set(survey, item, true, detail);
    return false;
}

static bool note_usual(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    if (facts->chain_count != 0) {
        leaf_sha256(facts, survey->leaf);
        survey->has_leaf = true;
    }
    return false;
}

static bool note_sni_none(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_sni(survey, facts, "sni_none");
}

static bool note_sni_wrong(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_sni(survey, facts, "sni_wrong");
}

/* ---- the table ---- */

enum name_sent { NAME_USUAL, NAME_NONE, NAME_WRONG };

/* refuses: the item that a refusal refuses, and an answer without a note accepts; several with blanks between. */
static const struct question {
    const char *name;
    const char *items;
    bool (*is_due)(const struct server_survey *survey);
    void (*fill)(struct server_survey *survey);
    bool (*note)(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
    enum name_sent name_sent;
} questions[] = {
    {"survey_features",    "session_ticket heartbeat next_protocol client_certificate clock", due_old, fill_features, note_features, NAME_USUAL},
    {"survey_features_13", "certificate_compression client_certificate", due_tls13, fill_features_13, note_features_13, NAME_USUAL},
    {"survey_etm",         "encrypt_then_mac", due_old, fill_etm, note_etm, NAME_USUAL},
    {"survey_fallback",    "fallback_scsv", due_fallback, fill_fallback, note_fallback, NAME_USUAL},
    {"survey_groups",      "", due_old, fill_groups, note_group, NAME_USUAL},
    {"survey_groups_13",   "", due_tls13, fill_groups_13, note_group, NAME_USUAL},
    {"survey_order_13",    "group_preference", due_order, fill_order_13, note_order, NAME_USUAL},
    {"survey_schemes",     "", due_tls12, fill_schemes, note_scheme, NAME_USUAL},
    {"survey_schemes_13",  "", due_tls13, fill_schemes_13, note_scheme, NAME_USUAL},
    {"survey_dhe",         "dh_prime dh_reuse", due_dhe, fill_dhe, note_dhe, NAME_USUAL},
    {"survey_ecdhe",       "ecdh_reuse", due_old, fill_ecdhe, note_ecdhe, NAME_USUAL},
    {"survey_share",       "ecdh_reuse", due_only_13, fill_share, note_ecdhe, NAME_USUAL},
    {"survey_version",     "tolerates_version", due_old, fill_version, NULL, NAME_USUAL},
    {"survey_extension",   "tolerates_extension", due_always, fill_extension, NULL, NAME_USUAL},
    {"survey_length",      "tolerates_length", due_always, fill_length, NULL, NAME_USUAL},
    {"survey_grease",      "tolerates_grease", due_always, fill_grease, NULL, NAME_USUAL},
    {"survey_sslv2",       "sslv2_format", due_old, fill_sslv2_format, NULL, NAME_USUAL},
    {"survey_usual",       "", due_name, fill_chain, note_usual, NAME_USUAL},
    {"survey_no_name",     "sni_none", due_name, fill_chain, note_sni_none, NAME_NONE},
    {"survey_wrong_name",  "sni_wrong", due_name, fill_chain, note_sni_wrong, NAME_WRONG},
    {"survey_alpn",        "", due_alpn, fill_alpn, note_alpn, NAME_USUAL},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

/* A refusal of these says something else of the item. */
static bool refusal_is_untested(const char *item, const char **why)
{
    static const struct {
        const char *item, *why;
    } untestable[] = {
        {"encrypt_then_mac", "no CBC suite is accepted"},
        {"ecdh_reuse", "no ECDHE suite is accepted"},
        {"dh_prime", "refused when asked again"}, {"dh_reuse", "refused when asked again"},
        {"session_ticket", "its hello was refused"}, {"heartbeat", "its hello was refused"},
        {"next_protocol", "its hello was refused"}, {"client_certificate", "its hello was refused"},
        {"clock", "its hello was refused"}, {"certificate_compression", "its hello was refused"},
        {"group_preference", "its hello was refused"},
    };
    for (size_t i = 0; i < sizeof untestable / sizeof untestable[0]; i++)
        if (strcmp(untestable[i].item, item) == 0) {
            *why = untestable[i].why;
            return true;
        }
    return false;
}

struct server_survey *server_survey_create(struct tls_strategy *strategy, const char *server_name, bool is_direct)
{
    struct tls_hello_plan plan = {.offer = &offer_combined};
    if (!tls_strategy_adapt(strategy, &plan))
        return NULL;
    struct server_survey *survey = xcalloc(1, sizeof *survey);
    survey->strategy = strategy;
    survey->has_name = client_hello_may_send_name(server_name);
    survey->is_direct = is_direct;
    survey->items = survey_items_create();
    return survey;
}

void server_survey_destroy(struct server_survey *survey)
{
    if (survey == NULL)
        return;
    survey_items_destroy(survey->items);
    free(survey);
}

static bool plan_fill(struct server_survey *survey, struct tls_hello_plan *plan)
{
    const struct question *question = &questions[survey->row];
    question->fill(survey);
    *plan = (struct tls_hello_plan){.name = question->name,
                                    .variant = VARIANT_LEGACY,
                                    .send_server_name = question->name_sent != NAME_NONE,
                                    .server_name = question->name_sent == NAME_WRONG ? wrong_name : NULL,
                                    .is_posture = true,
                                    .offer = &survey->offer};
    if (question->fill == fill_alpn || question->fill == fill_sslv2_format)
        return true;                        /* what a usual hello needs would change the question */
    return tls_strategy_adapt(survey->strategy, plan);
}

static bool may_connect(struct server_survey *survey)
{
    if (survey->is_over)
        return false;
    if (survey->connections + 2 > SURVEY_CONNECTIONS_MAX) {     /* the last one is for the hello that worked */
        survey->ended = "limit";
        survey->is_over = true;
    }
    return !survey->is_over;
}

static bool question_next(struct server_survey *survey)
{
    for (; survey->row < QUESTIONS; survey->row++, survey->asked_of_row = 0)
        if (survey->asked_of_row != 0 || questions[survey->row].is_due(survey))
            return may_connect(survey);
    return false;
}

bool server_survey_next(struct server_survey *survey, struct tls_hello_plan *plan)
{
    if (question_next(survey)) {
        survey->connections++;
        plan_fill(survey, plan);
        survey->asked_of_row++;
        return true;
    }
    if (survey->is_again_asked || survey->silences >= SILENCES_MAX || !survey_items_unproven(survey->items))
        return false;
    survey->is_again_asked = true;
    survey->is_over = true;
    survey->connections++;
    both_offer(survey, TLS_WANT_HELLO);
    *plan = (struct tls_hello_plan){.name = "survey_again", .variant = VARIANT_LEGACY, .send_server_name = true,
                                    .is_posture = true, .offer = &survey->offer};
    return tls_strategy_adapt(survey->strategy, plan);
}

/* Every item of the question gets what its refusal means; those that have an answer already keep it. */
static void note_refusal(struct server_survey *survey, const struct question *question, const char *untested_why,
                         const struct tls_facts *facts)
{
    char item[80];
    const char *why = NULL, *at = question->items;
    const char *alert = facts == NULL || facts->alert < 0 ? NULL : tls_alert_name((uint32_t)facts->alert);
    for (size_t len; *at != '\0'; at += len + (at[len] == ' ')) {
        len = strcspn(at, " ");
        snprintf(item, sizeof item, "%.*s", (int)len, at);
        if (survey_items_value(survey->items, item) != NULL)
            continue;
        if (untested_why != NULL || refusal_is_untested(item, &why))
            survey_items_set(survey->items, item, untested, untested_why != NULL ? untested_why : why);
        else
            survey_items_refuse(survey->items, item, alert);
    }
}

/* SSLv2's framing was read, and what it held was not to the server's taste. */
static bool is_read_and_refused(const struct tls_facts *facts)
{
    return facts != NULL && (facts->alert == 40 || facts->alert == 71);
}

static bool is_inappropriate_fallback(const struct tls_facts *facts)
{
    return facts != NULL && facts->alert == 86;
}

static bool has_answer(enum outcome outcome, const struct tls_facts *facts)
{
    return (outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE) && facts != NULL &&
           (facts->version != 0 || facts->group >= 0);
}

static bool note_answer(struct server_survey *survey, const struct question *question, const struct tls_facts *facts,
                        int64_t now_us)
{
    survey_items_alive(survey->items);
    if (question->note != NULL)
        return question->note(survey, facts, now_us);
    set(survey, question->items, true, tls_version_name(facts->version));
    return false;
}

void server_survey_note(struct server_survey *survey, enum outcome outcome, const struct tls_facts *facts, int64_t now_us)
{
    bool is_answer = has_answer(outcome, facts);
    if (is_answer && survey->is_again_asked)
        survey_items_alive(survey->items);
    if (survey->row >= QUESTIONS || survey->is_again_asked)
        return;
    const struct question *question = &questions[survey->row];
    bool is_same = false;
    survey->silences = is_answer || posture_is_refusal(outcome) ? 0 : survey->silences + 1;
    if (is_answer)
        is_same = note_answer(survey, question, facts, now_us);
    else if (question->fill == fill_fallback && is_inappropriate_fallback(facts))
        set(survey, "fallback_scsv", true, NULL);
    else if (question->fill == fill_sslv2_format && is_read_and_refused(facts))
        set(survey, "sslv2_format", true, "read, and its suites refused");
    else if (question->fill == fill_groups && posture_is_refusal(outcome))
        is_same = keep_curves(survey);
    else if (question->fill == fill_fallback)
        note_refusal(survey, question, facts != NULL && facts->detail[0] != '\0' ? facts->detail : outcome_name(outcome), facts);
    else
        note_refusal(survey, question, posture_is_refusal(outcome) ? NULL : outcome_name(outcome), facts);
    if (survey->silences >= SILENCES_MAX || outcome == OUTCOME_REFUSED || outcome == OUTCOME_UNREACHABLE) {
        survey->ended = outcome_name(outcome);
        survey->is_over = true;
    }
    if (!is_same) {
        survey->row++;
        survey->asked_of_row = 0;
    }
}

/* What was not asked is named too: the reader sees that it was not, and why. */
static void name_untested(struct server_survey *survey)
{
    char item[80];
    for (size_t row = 0; row < QUESTIONS; row++)
        for (const char *at = questions[row].items; *at != '\0';) {
            size_t len = strcspn(at, " ");
            snprintf(item, sizeof item, "%.*s", (int)len, at);
            at += len + (at[len] == ' ');
            if (survey_items_value(survey->items, item) == NULL)
                survey_items_set(survey->items, item, untested, survey->ended != NULL ? survey->ended : "does not apply");
        }
}

size_t server_survey_items(struct server_survey *survey, const struct tls_posture_item **items)
{
    survey_items_stopped(survey->items);
    name_untested(survey);
    snprintf(survey->connections_text, sizeof survey->connections_text, "%u", survey->connections);
    survey_items_set(survey->items, "survey_connections", survey->connections_text, survey->ended);
    return survey_items_list(survey->items, items);
}
