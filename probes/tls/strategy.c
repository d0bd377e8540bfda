#include "probes/tls/strategy.h"

#include "probes/base/memory.h"
#include "probes/tls/contradictions.h"
#include "probes/tls/key_type.h"
#include "probes/tls/names.h"
#include "probes/tls/offers.h"
#include "probes/tls/posture.h"
#include "probes/tls/suite_survey.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What went wrong with the last hello that asked for a chain. */
enum trouble {
    TROUBLE_START = 1 << 0,         /* nothing was asked yet */
    TROUBLE_SHARE = 1 << 1,         /* illegal_parameter, decode_error, internal_error: perhaps it rejects the generator */
    TROUBLE_HANDSHAKE = 1 << 2,     /* handshake_failure, insufficient_security: nothing in common */
    TROUBLE_NAME = 1 << 3,          /* unrecognized_name, fatal */
    TROUBLE_VERSION = 1 << 4,       /* protocol_version: older than TLS 1.0 */
    TROUBLE_ALPN = 1 << 5,          /* no_application_protocol */
    TROUBLE_TYPE = 1 << 6,          /* unsupported_certificate: perhaps it has a raw public key, or it has shown one */
    TROUBLE_PROTOCOL = 1 << 7,      /* another alert, a close, a reset, an undecodable answer */
    TROUBLE_SILENCE = 1 << 8,       /* no answer to the hello: one more, smaller one */
    TROUBLE_RAW_KEY = 1 << 9,       /* a raw public key, although a certificate was offered: does it have one too? */
};
#define TROUBLE_ANSWER (TROUBLE_SHARE | TROUBLE_HANDSHAKE | TROUBLE_NAME | TROUBLE_VERSION | TROUBLE_ALPN | TROUBLE_TYPE | \
                        TROUBLE_PROTOCOL)

/* The ladder, from top to bottom: the first row that fits the failure and whose hello was not sent yet is next.
 * Many servers only answer with alerts, most because they need a name that we do not know. They get three hellos,
 * so the second and third hold everything that did not fit into the first. Raw public keys (RFC 7250) have no hello
 * of their own among those three: GnuTLS answers handshake_failure where it has nothing else, so the second would
 * take one too. A raw key is no chain, so after one the hello is repeated, without raw keys, to get a
 * certificate. */
static const struct {
    const char *name;
    const struct tls_offer *offer;
    enum variant variant;
    bool send_server_name;
    unsigned after;
} ladder[] = {
    {"combined",     &offer_combined,     VARIANT_DEFAULT,  true,  TROUBLE_START},
    {"real_shares",  &offer_real_shares,  VARIANT_FALLBACK, true,  TROUBLE_SHARE},
    {"alpn",         &offer_alpn,         VARIANT_FALLBACK, true,  TROUBLE_ALPN},
    {"raw_key",      &offer_raw_key,      VARIANT_FALLBACK, true,  TROUBLE_TYPE},
    {"no_name",      &offer_combined,     VARIANT_FALLBACK, false, TROUBLE_NAME},
    {"rest",         &offer_rest,         VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE | TROUBLE_SHARE},
    {"rest_certificate", &offer_rest_certificate, VARIANT_FALLBACK, true, TROUBLE_RAW_KEY},
    {"special",      &offer_special,      VARIANT_LEGACY,   true,  TROUBLE_HANDSHAKE},
    {"tls10_plain",  &offer_tls10_plain,  VARIANT_FALLBACK, false, TROUBLE_VERSION},
    {"sslv2",        &offer_ask_sslv2,    VARIANT_FALLBACK, false, TROUBLE_VERSION},
    {"small",        &offer_small,        VARIANT_FALLBACK, true,  TROUBLE_ANSWER | TROUBLE_SILENCE},
    {"tls10",        &offer_tls10,        VARIANT_FALLBACK, true,  TROUBLE_ANSWER},
    {"tls10_plain",  &offer_tls10_plain,  VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"no_name",      &offer_small,        VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"ssl3",         &offer_ssl3,         VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"sslv2",        &offer_ask_sslv2,    VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"rest",         &offer_rest,         VARIANT_FALLBACK, true,  TROUBLE_ANSWER},
    {"special",      &offer_special,      VARIANT_LEGACY,   true,  TROUBLE_ANSWER},
    {"legacy_ssl3",  &offer_legacy_ssl3,  VARIANT_LEGACY,   false, TROUBLE_ANSWER},
    {"libssl",       &offer_libssl,       VARIANT_FALLBACK, true,  TROUBLE_ANSWER},
};
#define LADDER_ROWS (sizeof ladder / sizeof ladder[0])
#define LADDER_HELLOS 16            /* different hellos in it */

/* The variants of depth posture, once the ladder has found a chain. */
static const struct {
    const char *name;
    const struct tls_offer *offer;
    enum variant variant;
} variants[] = {
    {"tls12", &offer_tls12, VARIANT_TLS12},
    {"rsa",   &offer_rsa,   VARIANT_RSA},
    {"ecdsa", &offer_ecdsa, VARIANT_ECDSA},
    {"eddsa", &offer_eddsa, VARIANT_EDDSA},
    {"pq",    &offer_pq,    VARIANT_PQ},
};
/* Nearly every server has keys of one type only, and few have more than two. So one hello asks for all other types, then again
 * without the type it found, until none is left. TLS 1.3's schemes name the key's type, so it is asked in that version alone. */
#define MAX_SCHEMES 40

#define VARIANT_ROWS (sizeof variants / sizeof variants[0])

#define POSTURE_MAX 24              /* connections of depth posture, whatever is answered */

enum stage { STAGE_LADDER, STAGE_VARIANTS, STAGE_POSTURE, STAGE_SUITES, STAGE_AGAIN, STAGE_END };

struct tls_strategy {
    enum tls_depth depth;
    enum stage stage;
    bool has_server_name, has_chain, proves;
    bool is_usual;              /* sends nothing that no client of today sends */
    unsigned connections, alerts;       /* alerts: until the first other end */
    unsigned trouble, silences;
    bool is_asked[LADDER_ROWS];
    size_t found_row;                   /* of the ladder: the last one sent, which brought the chain */
    unsigned key_types;                 /* bits of enum variant: of the chains seen */
    bool has_certificate;
    struct tls_offer offer;             /* the current offer, if it is not from a table */
    bool sends_name, needs_real_shares, needs_every_group;      /* as the hello that found the chain did */
    bool has_raw_key;                   /* it has shown one */
    size_t variant;                     /* the next one; the current one is before it */
    bool other_keys_asked, has_other_keys;
    uint16_t schemes[MAX_SCHEMES];
    struct posture *posture;            /* NULL at depth cert, which asks nothing: many may be in flight */
    struct suite_survey *survey;        /* depth suites */
    unsigned suite_connections;         /* 0: the default */
    struct tls_posture_item *items;     /* the result of tls_strategy_posture() */
    struct contradictions *contradictions;      /* depth deep */
    char (*texts)[16];
    char (*names)[80];
};

struct tls_strategy *tls_strategy_create(enum tls_depth depth, const char *server_name)
{
    struct tls_strategy *strategy = xcalloc(1, sizeof *strategy);
    strategy->depth = depth;
    strategy->proves = depth != TLS_DEPTH_CERT;
    strategy->has_server_name = client_hello_may_send_name(server_name);
    strategy->trouble = TROUBLE_START;
    if (depth != TLS_DEPTH_CERT) {
        strategy->posture = xmalloc(sizeof *strategy->posture);
        posture_init(strategy->posture);
    }
    if (depth == TLS_DEPTH_DEEP)
        strategy->contradictions = contradictions_create();
    return strategy;
}

void tls_strategy_be_usual(struct tls_strategy *strategy)
{
    strategy->is_usual = true;
    if (strategy->posture != NULL)
        posture_spare(strategy->posture);
}

bool tls_strategy_is_usual(const struct tls_strategy *strategy)
{
    return strategy->is_usual;
}

enum tls_depth tls_strategy_depth(const struct tls_strategy *strategy)
{
    return strategy->depth;
}

unsigned tls_strategy_connections(enum tls_depth depth)
{
    return depth == TLS_DEPTH_CERT ? 1 : 12;    /* of a current server: tests/probes/tls/test_strategy.c */
}

static unsigned suites_max(enum tls_depth depth, unsigned suite_connections)
{
    if (suite_connections != 0)
        return suite_connections;
    return depth == TLS_DEPTH_DEEP ? SUITE_SURVEY_CONNECTIONS_DEEP : SUITE_SURVEY_CONNECTIONS;
}

unsigned tls_strategy_connections_max(enum tls_depth depth, unsigned suite_connections)
{
    switch (depth) {
    case TLS_DEPTH_CERT: return LADDER_HELLOS;
    case TLS_DEPTH_POSTURE: return POSTURE_MAX;
    case TLS_DEPTH_SUITES:
    case TLS_DEPTH_DEEP: return POSTURE_MAX + suites_max(depth, suite_connections);
    }
    return 0;
}

void tls_strategy_prove(struct tls_strategy *strategy)
{
    strategy->proves = true;
}

void tls_strategy_limit(struct tls_strategy *strategy, unsigned suite_connections)
{
    strategy->suite_connections = suite_connections;
}

static void items_clear(struct tls_strategy *strategy)
{
    free(strategy->items);
    free(strategy->texts);
    free(strategy->names);
    strategy->items = NULL;
    strategy->texts = NULL;
    strategy->names = NULL;
}

void tls_strategy_destroy(struct tls_strategy *strategy)
{
    if (strategy == NULL)
        return;
    items_clear(strategy);
    free(strategy->posture);
    free(strategy->survey);
    contradictions_destroy(strategy->contradictions);
    free(strategy);
}

static bool row_fits(const struct tls_strategy *strategy, size_t row)
{
    if ((ladder[row].after & strategy->trouble) == 0)
        return false;
    if (strategy->is_usual && (ladder[row].offer->version == 0x0002 || ladder[row].offer == &offer_special))
        return false;
    for (size_t i = 0; i < LADDER_ROWS; i++)
        if (strategy->is_asked[i] && ladder[i].offer == ladder[row].offer &&
            ladder[i].send_server_name == ladder[row].send_server_name)
            return false;
    /* Without a name to leave out, that row would ask the same again. */
    return ladder[row].send_server_name || strategy->has_server_name || strcmp(ladder[row].name, "no_name") != 0;
}

static bool ladder_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    for (size_t row = 0; row < LADDER_ROWS; row++) {
        if (!row_fits(strategy, row))
            continue;
        strategy->is_asked[row] = true;
        strategy->found_row = row;
        *plan = (struct tls_hello_plan){.name = ladder[row].name,
                                        .variant = ladder[row].variant,
                                        .send_server_name = ladder[row].send_server_name,
                                        .is_decisive = row == 0,
                                        .offer = ladder[row].offer};
        if (strategy->proves) {                 /* the same, and the signature that follows */
            strategy->offer = *ladder[row].offer;
            strategy->offer.want = TLS_WANT_PROOF;
            plan->offer = &strategy->offer;
        }
        return true;
    }
    return false;
}

/* Skips key types that were seen, TLS 1.3's types if the server has no TLS 1.3, and all of them if it sends no certificate at all. */
static bool variant_fits(const struct tls_strategy *strategy, enum variant variant)
{
    if (variant == VARIANT_TLS12)
        return true;
    if (strategy->other_keys_asked && !strategy->has_other_keys)
        return false;
    return strategy->has_certificate && !ladder[strategy->found_row].offer->no_extensions && (strategy->key_types >> variant & 1) == 0 &&
           (variant != VARIANT_PQ || strcmp(strategy->posture->items[POSTURE_TLS13].value, "refused") != 0);
}

static bool other_keys_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    size_t count = 0;
    if (strategy->other_keys_asked || strategy->variant == 0 || !strategy->has_certificate || strategy->key_types == 0 ||
        strcmp(strategy->posture->items[POSTURE_TLS13].value, "accepted") != 0)
        return false;
    for (const uint16_t *scheme = offer_schemes_all; *scheme != 0 && count + 1 < MAX_SCHEMES; scheme++) {
        enum variant type = key_type_of_scheme(*scheme);        /* 0: DSA, which TLS 1.3 has not */
        if (type != 0 && (strategy->key_types >> type & 1) == 0)
            strategy->schemes[count++] = *scheme;
    }
    strategy->schemes[count] = 0;
    if (count == 0)
        return false;
    strategy->offer = offer_other_keys;
    strategy->offer.schemes = strategy->schemes;
    strategy->other_keys_asked = true;
    *plan = (struct tls_hello_plan){.name = "other_keys",
                                    .variant = VARIANT_LEGACY,
                                    .send_server_name = true,
                                    .is_posture = true,
                                    .finds_variant = true,
                                    .offer = &strategy->offer};
    return true;
}

static bool variant_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    if (other_keys_next(strategy, plan))
        return true;
    while (strategy->variant < VARIANT_ROWS && !variant_fits(strategy, variants[strategy->variant].variant))
        strategy->variant++;
    if (strategy->variant == VARIANT_ROWS)
        return false;
    size_t row = strategy->variant++;
    *plan = (struct tls_hello_plan){.name = variants[row].name,
                                    .variant = variants[row].variant,
                                    .send_server_name = true,
                                    .is_decisive = variants[row].variant == VARIANT_TLS12,
                                    .offer = variants[row].offer};
    return true;
}

static bool survey_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    if (strategy->depth < TLS_DEPTH_SUITES)
        return false;
    if (strategy->survey == NULL) {
        strategy->survey = xmalloc(sizeof *strategy->survey);
        suite_survey_init(strategy->survey, strategy->posture, suites_max(strategy->depth, strategy->suite_connections));
        unsigned both = 1u << VARIANT_RSA | 1u << VARIANT_ECDSA;
        strategy->survey->keys.are_two = (strategy->key_types & both) == both;
    }
    return suite_survey_next(strategy->survey, plan);
}

/* Refusals since the last answer count only if the endpoint still answers the hello that brought the chain. */
static bool again_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    if (!posture_is_unproven(strategy->posture) && !suite_survey_is_unproven(strategy->survey))
        return false;
    strategy->offer = *ladder[strategy->found_row].offer;
    strategy->offer.want = TLS_WANT_HELLO;
    *plan = (struct tls_hello_plan){.name = "again",
                                    .variant = ladder[strategy->found_row].variant,
                                    .send_server_name = ladder[strategy->found_row].send_server_name,
                                    .is_posture = true,
                                    .offer = &strategy->offer};
    return true;
}

/* What the server rejected in the first hello it will reject in any other: a name, an extension, no application protocol, the
 * generators, groups without a hybrid. */
static bool adapted(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    plan->send_server_name = plan->send_server_name && strategy->sends_name;
    const struct tls_offer *found = ladder[strategy->found_row].offer;
    bool is_plain = found->no_extensions && plan->offer->versions == NULL, is_raw_key = found->certificate_types == TLS_TYPES_RAW_KEY;
    if (!strategy->needs_real_shares && !strategy->needs_every_group && found->alpn == NULL && !is_plain && !is_raw_key)
        return true;
    strategy->offer = *plan->offer;
    strategy->offer.real_shares = strategy->needs_real_shares;
    strategy->offer.alpn = found->alpn;
    if (is_raw_key)
        strategy->offer.certificate_types = TLS_TYPES_RAW_KEY;
    strategy->offer.no_extensions |= is_plain;
    if (strategy->needs_every_group && strategy->offer.groups == offer_groups_all)
        strategy->offer.groups = offer_rest.groups;
    plan->offer = &strategy->offer;
    return true;
}

bool tls_strategy_adapt(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    return strategy->has_chain && adapted(strategy, plan);
}

const char *tls_strategy_item(const struct tls_strategy *strategy, const char *item)
{
    for (size_t i = 0; strategy->posture != NULL && i < POSTURE_COUNT; i++)
        if (strcmp(strategy->posture->items[i].item, item) == 0)
            return strategy->posture->items[i].value;
    return "untested";
}

static bool stage_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    switch (strategy->stage) {
    case STAGE_LADDER:
        if (!strategy->has_chain)
            return strategy->alerts < TLS_STRATEGY_ALERTS_MAX && ladder_next(strategy, plan);
        if (strategy->depth == TLS_DEPTH_CERT)
            return false;
        strategy->stage = STAGE_VARIANTS;
        /* fall through */
    case STAGE_VARIANTS:
        if (variant_next(strategy, plan))
            return adapted(strategy, plan);
        strategy->stage = STAGE_POSTURE;
        /* fall through */
    case STAGE_POSTURE:
        if (strategy->connections + 1 >= POSTURE_MAX)       /* the last one is for the hello that worked */
            posture_untested(strategy->posture, "limit");
        else if (posture_next(strategy->posture, plan))
            return adapted(strategy, plan);
        strategy->stage = STAGE_SUITES;
        /* fall through */
    case STAGE_SUITES:
        if (survey_next(strategy, plan))
            return adapted(strategy, plan);
        strategy->stage = STAGE_AGAIN;
        return again_next(strategy, plan) && adapted(strategy, plan);
    case STAGE_AGAIN:
    case STAGE_END: break;
    }
    return false;
}

/* ---- answers that do not fit the others ---- */

struct contradictions *tls_strategy_contradictions(const struct tls_strategy *strategy)
{
    return strategy->contradictions;
}

bool tls_strategy_again(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    return strategy->contradictions != NULL && contradictions_again(strategy->contradictions, plan);
}

/* SSLv2's framing has no room for a name. */
static bool is_under_its_name(const struct tls_strategy *strategy, const struct tls_hello_plan *plan)
{
    bool sends_name = plan->send_server_name && !plan->offer->sslv2_format;
    return plan->server_name == NULL && (sends_name || !strategy->sends_name || !strategy->has_server_name);
}

void tls_strategy_see(struct tls_strategy *strategy, const struct tls_hello_plan *plan, const struct tls_facts *facts)
{
    char detail[DETAIL_SIZE];
    if (!is_under_its_name(strategy, plan))
        return;
    snprintf(detail, sizeof detail, "%s refused, then accepted", tls_version_name(facts->version));
    if (strategy->stage >= STAGE_AGAIN && posture_refuses(strategy->posture, facts->version))
        contradictions_add(strategy->contradictions, detail);
    posture_see_choice(strategy->posture, facts);
    if (strategy->survey != NULL && strategy->stage >= STAGE_AGAIN && facts->cipher_suite > 0)
        suite_survey_see(strategy->survey, facts->version, (uint16_t)facts->cipher_suite);
}

enum contradictions_verdict tls_strategy_check(struct tls_strategy *strategy, struct tls_hello_plan *plan, enum outcome outcome,
                                               const struct tls_facts *facts)
{
    if (strategy->contradictions == NULL)
        return ANSWER_STANDS;
    enum contradictions_verdict verdict = contradictions_note(strategy->contradictions, plan, outcome, facts);
    bool is_answer = outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE;
    if (verdict != ANSWER_STANDS && is_answer && facts != NULL && facts->version != 0)
        tls_strategy_see(strategy, plan, facts);
    return verdict;
}

bool tls_strategy_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    if (strategy->stage != STAGE_END && tls_strategy_again(strategy, plan))
        return true;
    if (stage_next(strategy, plan)) {
        strategy->connections++;
        return true;
    }
    strategy->stage = STAGE_END;
    return false;
}

static unsigned trouble_of_alert(int32_t alert)
{
    switch (alert) {
    case 47: case 50: case 80: return TROUBLE_SHARE;
    case 40: case 71: return TROUBLE_HANDSHAKE;
    case 43: return TROUBLE_TYPE;
    case 70: return TROUBLE_VERSION;
    case 112: return TROUBLE_NAME;
    case 120: return TROUBLE_ALPN;
    default: return TROUBLE_PROTOCOL;
    }
}

/* 0: nothing more to ask this endpoint. */
static unsigned trouble_of(enum outcome outcome, const struct tls_facts *facts)
{
    if (facts == NULL)              /* no hello could be sent, so the next could not either */
        return 0;
    switch (outcome) {
    case OUTCOME_TLS_ALERT: return trouble_of_alert(facts->alert);
    case OUTCOME_TLS_ERROR:
    case OUTCOME_CLOSED:
    case OUTCOME_RESET: return TROUBLE_PROTOCOL;
    case OUTCOME_TIMEOUT_HANDSHAKE: return TROUBLE_SILENCE;
    default: return 0;
    }
}

static void see_key_type(struct tls_strategy *strategy, const struct tls_facts *facts)
{
    enum variant type = facts == NULL || facts->chain_count == 0 ? 0 : key_type(facts);
    if (type != 0)
        strategy->key_types |= 1u << type;
}

static bool is_every_group(const struct tls_facts *facts)
{
    const struct tls_group *group = facts == NULL || facts->group < 0 ? NULL : tls_group_find((uint32_t)facts->group);
    return group != NULL && (group->kind == TLS_GROUP_HYBRID || group->kind == TLS_GROUP_KEM);
}

static void ladder_note(struct tls_strategy *strategy, const struct tls_hello_plan *plan, enum outcome outcome,
                        const struct tls_facts *facts)
{
    bool is_raw_key_too = outcome == OUTCOME_NO_CERTIFICATE && facts != NULL && facts->raw_public_key &&
                          plan->offer->certificate_types == TLS_TYPES_EITHER;
    strategy->has_raw_key |= is_raw_key_too;
    strategy->has_chain = outcome == OUTCOME_CERTIFICATE || (outcome == OUTCOME_NO_CERTIFICATE && !is_raw_key_too);
    if (strategy->has_chain) {
        strategy->has_certificate = outcome == OUTCOME_CERTIFICATE;
        strategy->sends_name = plan->send_server_name;
        strategy->needs_real_shares = plan->offer->real_shares;
        strategy->needs_every_group = is_every_group(facts);
        see_key_type(strategy, facts);
        if (facts != NULL && strategy->posture != NULL)
            posture_see(strategy->posture, facts, plan->offer, plan->variant == VARIANT_DEFAULT);
        return;
    }
    strategy->trouble = is_raw_key_too ? TROUBLE_RAW_KEY : trouble_of(outcome, facts);
    if (strategy->has_raw_key && (strategy->trouble & TROUBLE_ANSWER) != 0)
        strategy->trouble |= TROUBLE_TYPE;
    strategy->alerts = outcome == OUTCOME_TLS_ALERT && strategy->alerts + 1 == strategy->connections
                           ? strategy->connections : 0;
    if (strategy->trouble == TROUBLE_SILENCE && strategy->silences++ > 0)
        strategy->trouble = 0;
    if (strategy->trouble == 0)
        strategy->stage = STAGE_END;
}

/* Silence, or a key of a type that was not offered, is no answer: then each variant gets a hello of its own. */
static void other_keys_note(struct tls_strategy *strategy, struct tls_hello_plan *plan, enum outcome outcome,
                            const struct tls_facts *facts)
{
    enum variant type = outcome != OUTCOME_CERTIFICATE || facts == NULL ? 0 : key_type(facts);
    strategy->has_other_keys = !posture_is_refusal(outcome);
    if (type == 0 || (strategy->key_types >> type & 1) != 0)
        return;
    plan->variant = type;
    plan->is_posture = false;
    see_key_type(strategy, facts);
    posture_see(strategy->posture, facts, plan->offer, false);
    strategy->other_keys_asked = false;
}

static void variant_note(struct tls_strategy *strategy, struct tls_hello_plan *plan, enum outcome outcome,
                         const struct tls_facts *facts)
{
    if (plan->finds_variant) {
        other_keys_note(strategy, plan, outcome, facts);
        return;
    }
    bool is_raw_key = outcome == OUTCOME_NO_CERTIFICATE && facts != NULL && facts->raw_public_key;
    if ((outcome == OUTCOME_CERTIFICATE && facts != NULL) || is_raw_key) {
        see_key_type(strategy, facts);
        posture_see(strategy->posture, facts, plan->offer, plan->variant == VARIANT_TLS12);
    } else {
        posture_see_no_chain(strategy->posture, plan->offer, outcome, facts);
    }
}

static void again_note(struct tls_strategy *strategy, enum outcome outcome, const struct tls_facts *facts)
{
    if ((outcome != OUTCOME_CERTIFICATE && outcome != OUTCOME_NO_CERTIFICATE) || facts == NULL || facts->version == 0)
        return;                     /* tls_strategy_posture() says so */
    posture_alive(strategy->posture);
    suite_survey_alive(strategy->survey);
}

void tls_strategy_note(struct tls_strategy *strategy, struct tls_hello_plan *plan, enum outcome outcome,
                       const struct tls_facts *facts)
{
    bool stands = tls_strategy_check(strategy, plan, outcome, facts) == ANSWER_STANDS;
    switch (stands ? strategy->stage : STAGE_END) {
    case STAGE_LADDER: ladder_note(strategy, plan, outcome, facts); break;
    case STAGE_VARIANTS: variant_note(strategy, plan, outcome, facts); break;
    case STAGE_POSTURE: posture_note(strategy->posture, outcome, facts); break;
    case STAGE_SUITES: suite_survey_note(strategy->survey, outcome, facts); break;
    case STAGE_AGAIN: again_note(strategy, outcome, facts); break;
    case STAGE_END: break;
    }
    /* A firewall blocked us, or the server is gone: what was not asked stays untested. */
    if (strategy->stage != STAGE_LADDER && (outcome == OUTCOME_REFUSED || outcome == OUTCOME_UNREACHABLE ||
                                            outcome == OUTCOME_TIMEOUT_CONNECT || outcome == OUTCOME_ABORTED))
        strategy->stage = STAGE_END;
}

bool tls_strategy_has_stopped(const struct tls_strategy *strategy)
{
    return strategy->has_chain && strategy->posture != NULL && posture_is_unproven(strategy->posture);
}

void tls_strategy_spare(struct tls_strategy *strategy, const char *reason)
{
    if (strategy->posture != NULL) {
        posture_stopped(strategy->posture);
        posture_untested(strategy->posture, reason);
    }
    strategy->stage = STAGE_END;
}

#define SUITE_ITEMS 3

/* The survey's items: preference, count, preference of TLS 1.3, and one per suite. */
static size_t survey_items(struct tls_strategy *strategy, struct tls_posture_item *items)
{
    const struct suite_survey *survey = strategy->survey;
    size_t count = survey->accepted_count;
    strategy->texts = xcalloc(count + 1, sizeof *strategy->texts);
    strategy->names = xcalloc(count + 1, sizeof *strategy->names);
    snprintf(strategy->texts[count], sizeof *strategy->texts, "%zu", count);
    items[0] = (struct tls_posture_item){
        .item = "suite_preference", .value = survey->preference != NULL ? survey->preference : "untested"};
    items[1] = (struct tls_posture_item){
        .item = "suites", .value = strategy->texts[count], .detail = suite_survey_lack(survey)};
    items[2] = (struct tls_posture_item){
        .item = "suite_preference_13", .value = survey->preference_13 != NULL ? survey->preference_13 : "untested"};
    for (size_t i = 0; i < count; i++) {
        size_t place = 1;
        for (size_t k = 0; k < i; k++)
            place += survey->accepted[k].version == survey->accepted[i].version;
        snprintf(strategy->texts[i], sizeof *strategy->texts, "%zu", place);
        snprintf(strategy->names[i], sizeof *strategy->names, "suite:%s:%s",
                 tls_version_name(survey->accepted[i].version), tls_suite_name(survey->accepted[i].suite));
        items[SUITE_ITEMS + i] = (struct tls_posture_item){
            .item = strategy->names[i], .value = "accepted", .detail = strategy->texts[i]};
    }
    return count + SUITE_ITEMS;
}

size_t tls_strategy_posture(struct tls_strategy *strategy, const struct tls_posture_item **items)
{
    *items = NULL;
    if (strategy->depth == TLS_DEPTH_CERT || !strategy->has_chain)
        return 0;
    items_clear(strategy);
    posture_stopped(strategy->posture);         /* refusals that no later answer confirms */
    size_t survey_count = strategy->survey == NULL ? 0 : strategy->survey->accepted_count + SUITE_ITEMS;
    strategy->items = xcalloc(POSTURE_COUNT + survey_count, sizeof *strategy->items);
    memcpy(strategy->items, strategy->posture->items, sizeof strategy->posture->items);
    if (strategy->survey != NULL)
        survey_items(strategy, strategy->items + POSTURE_COUNT);
    *items = strategy->items;
    return POSTURE_COUNT + survey_count;
}

size_t tls_strategy_items_now(const struct tls_strategy *strategy, const struct tls_posture_item **items)
{
    *items = strategy->posture == NULL ? NULL : strategy->posture->items;
    return strategy->posture == NULL ? 0 : POSTURE_COUNT;
}

size_t tls_strategy_suites_now(const struct tls_strategy *strategy)
{
    return strategy->survey == NULL ? 0 : strategy->survey->accepted_count;
}

bool tls_strategy_accepts(const struct tls_strategy *strategy, uint16_t version, bool (*fits)(const struct tls_suite *suite))
{
    for (size_t i = 0; i < tls_strategy_suites_now(strategy); i++) {
        const struct suite_accepted *accepted = &strategy->survey->accepted[i];
        const struct tls_suite *suite = accepted->version == version ? tls_suite_find(accepted->suite) : NULL;
        if (suite != NULL && fits(suite))
            return true;
    }
    return false;
}

size_t tls_strategy_suites(const struct tls_strategy *strategy, uint16_t version, uint16_t *list, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < tls_strategy_suites_now(strategy) && count < most; i++)
        if (strategy->survey->accepted[i].version == version)
            list[count++] = strategy->survey->accepted[i].suite;
    list[count] = 0;
    return count;
}

bool tls_strategy_knows_suites(const struct tls_strategy *strategy)
{
    return strategy->survey != NULL && suite_survey_lack(strategy->survey) == NULL;
}
