#include "probes/tls/strategy.h"

#include "probes/base/memory.h"
#include "probes/tls/names.h"
#include "probes/tls/offers.h"
#include "probes/tls/posture.h"
#include "probes/tls/suite_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What went wrong with the last hello that asked for a chain. */
enum trouble {
    TROUBLE_START = 1 << 0,         /* nothing was asked yet */
    TROUBLE_SHARE = 1 << 1,         /* illegal_parameter, decode_error, internal_error: maybe the generator */
    TROUBLE_HANDSHAKE = 1 << 2,     /* handshake_failure, insufficient_security: nothing in common */
    TROUBLE_NAME = 1 << 3,          /* unrecognized_name, fatal */
    TROUBLE_PROTOCOL = 1 << 4,      /* another alert, a close, a reset, an undecodable answer */
    TROUBLE_SILENCE = 1 << 5,       /* no answer to the hello: one more, smaller one */
};
#define TROUBLE_ANSWER (TROUBLE_SHARE | TROUBLE_HANDSHAKE | TROUBLE_NAME | TROUBLE_PROTOCOL)

/* The ladder, from top to bottom: the first row that was not asked yet and fits the trouble is next. */
static const struct {
    const char *name;
    const struct tls_offer *offer;
    enum variant variant;
    bool send_server_name;
    unsigned after;
} ladder[] = {
    {"combined",     &offer_combined,     VARIANT_DEFAULT,  true,  TROUBLE_START},
    {"real_shares",  &offer_real_shares,  VARIANT_FALLBACK, true,  TROUBLE_SHARE},
    {"hybrid",       &offer_hybrid,       VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE | TROUBLE_SHARE},
    {"no_name",      &offer_combined,     VARIANT_FALLBACK, false, TROUBLE_NAME},
    {"other_suites", &offer_other_suites, VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE},
    {"more_suites",  &offer_more_suites,  VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE},
    {"small",        &offer_small,        VARIANT_FALLBACK, true,  TROUBLE_ANSWER | TROUBLE_SILENCE},
    {"tls10",        &offer_tls10,        VARIANT_FALLBACK, true,  TROUBLE_ANSWER},
    {"no_name",      &offer_small,        VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"ssl3",         &offer_ssl3,         VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"sslv2",        &offer_ask_sslv2,    VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"legacy",       &offer_legacy,       VARIANT_LEGACY,   true,  TROUBLE_ANSWER},
    {"legacy_ssl3",  &offer_legacy_ssl3,  VARIANT_LEGACY,   false, TROUBLE_ANSWER},
    {"libssl",       &offer_libssl,       VARIANT_FALLBACK, true,  TROUBLE_ANSWER},
};
#define LADDER_ROWS (sizeof ladder / sizeof ladder[0])

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
};
#define VARIANT_ROWS (sizeof variants / sizeof variants[0])

enum stage { STAGE_LADDER, STAGE_VARIANTS, STAGE_POSTURE, STAGE_SUITES, STAGE_END };

struct tls_strategy {
    enum tls_depth depth;
    enum stage stage;
    bool has_server_name, has_chain, proves;
    unsigned trouble, silences;
    bool is_asked[LADDER_ROWS];
    struct tls_offer offer;             /* the one under way, where it is none of the tables' */
    bool sends_name, needs_real_shares, needs_hybrid;   /* as the hello that found the chain did */
    size_t variant;                     /* the next one; the one under way is before it */
    struct posture *posture;            /* NULL at depth cert, which asks nothing: many may be in flight */
    struct suite_survey *survey;        /* depth suites */
    struct tls_posture_item *items;     /* what tls_strategy_posture() gave */
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
    return strategy;
}

unsigned tls_strategy_connections(enum tls_depth depth)
{
    return depth == TLS_DEPTH_CERT ? 1 : 12;    /* of a current server: tests/probes/tls/test_strategy.c */
}

unsigned tls_strategy_connections_max(enum tls_depth depth)
{
    return (unsigned)LADDER_ROWS + (depth == TLS_DEPTH_CERT ? 0 : (unsigned)VARIANT_ROWS + posture_questions());
}

void tls_strategy_prove(struct tls_strategy *strategy)
{
    strategy->proves = true;
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
    free(strategy);
}

static bool row_fits(const struct tls_strategy *strategy, size_t row)
{
    if (strategy->is_asked[row] || (ladder[row].after & strategy->trouble) == 0)
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
        *plan = (struct tls_hello_plan){.name = ladder[row].name,
                                        .variant = ladder[row].variant,
                                        .send_server_name = ladder[row].send_server_name,
                                        .offer = ladder[row].offer};
        if (strategy->proves) {                 /* the same, and the signature behind it */
            strategy->offer = *ladder[row].offer;
            strategy->offer.want = TLS_WANT_PROOF;
            plan->offer = &strategy->offer;
        }
        return true;
    }
    return false;
}

static bool variant_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    if (strategy->variant == VARIANT_ROWS)
        return false;
    size_t row = strategy->variant++;
    *plan = (struct tls_hello_plan){.name = variants[row].name,
                                    .variant = variants[row].variant,
                                    .send_server_name = true,
                                    .offer = variants[row].offer};
    return true;
}

static bool survey_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    if (strategy->depth != TLS_DEPTH_SUITES)
        return false;
    if (strategy->survey == NULL) {
        strategy->survey = xmalloc(sizeof *strategy->survey);
        suite_survey_init(strategy->survey, strategy->posture);
    }
    return suite_survey_next(strategy->survey, plan);
}

/* What the server would not have in the first hello it will not have in any other: a name, the generators, groups
 * without a hybrid. */
static bool adapted(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    plan->send_server_name = plan->send_server_name && strategy->sends_name;
    if (strategy->needs_real_shares || strategy->needs_hybrid) {
        strategy->offer = *plan->offer;
        strategy->offer.real_shares = strategy->needs_real_shares;
        if (strategy->needs_hybrid && strategy->offer.groups == offer_groups_all)
            strategy->offer.groups = offer_hybrid.groups;
        plan->offer = &strategy->offer;
    }
    return true;
}

bool tls_strategy_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    switch (strategy->stage) {
    case STAGE_LADDER:
        if (!strategy->has_chain)
            return ladder_next(strategy, plan);
        if (strategy->depth == TLS_DEPTH_CERT)
            break;
        strategy->stage = STAGE_VARIANTS;
        /* fall through */
    case STAGE_VARIANTS:
        if (variant_next(strategy, plan))
            return adapted(strategy, plan);
        strategy->stage = STAGE_POSTURE;
        /* fall through */
    case STAGE_POSTURE:
        if (posture_next(strategy->posture, plan))
            return adapted(strategy, plan);
        strategy->stage = STAGE_SUITES;
        /* fall through */
    case STAGE_SUITES:
        if (survey_next(strategy, plan))
            return adapted(strategy, plan);
        break;
    case STAGE_END: break;
    }
    strategy->stage = STAGE_END;
    return false;
}

static unsigned trouble_of_alert(int32_t alert)
{
    switch (alert) {
    case 47: case 50: case 80: return TROUBLE_SHARE;
    case 40: case 71: return TROUBLE_HANDSHAKE;
    case 112: return TROUBLE_NAME;
    default: return TROUBLE_PROTOCOL;
    }
}

/* 0: the endpoint has ended, for better or worse. */
static unsigned trouble_of(enum outcome outcome, const struct tls_facts *facts)
{
    switch (outcome) {
    case OUTCOME_TLS_ALERT: return trouble_of_alert(facts == NULL ? -1 : facts->alert);
    case OUTCOME_TLS_ERROR:
    case OUTCOME_CLOSED:
    case OUTCOME_RESET: return TROUBLE_PROTOCOL;
    case OUTCOME_TIMEOUT_HANDSHAKE: return TROUBLE_SILENCE;
    default: return 0;
    }
}

static void ladder_note(struct tls_strategy *strategy, const struct tls_hello_plan *plan, enum outcome outcome,
                        const struct tls_facts *facts)
{
    strategy->has_chain = outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE;
    if (strategy->has_chain) {
        strategy->sends_name = plan->send_server_name;
        strategy->needs_real_shares = plan->offer->real_shares;
        strategy->needs_hybrid = plan->offer->groups == offer_hybrid.groups;
        if (facts != NULL && strategy->posture != NULL)
            posture_see(strategy->posture, facts, tls_list_holds(plan->offer->versions, 0x0304));
        return;
    }
    strategy->trouble = trouble_of(outcome, facts);
    if (strategy->trouble == TROUBLE_SILENCE && strategy->silences++ > 0)
        strategy->trouble = 0;
    if (strategy->trouble == 0)
        strategy->stage = STAGE_END;
}

static void variant_note(struct tls_strategy *strategy, const struct tls_hello_plan *plan, enum outcome outcome,
                         const struct tls_facts *facts)
{
    if (plan->variant != VARIANT_TLS12)
        return;
    if (outcome == OUTCOME_CERTIFICATE && facts != NULL)
        posture_see(strategy->posture, facts, false);
    else if (posture_is_refusal(outcome))
        posture_see_no_tls12(strategy->posture);
}

void tls_strategy_note(struct tls_strategy *strategy, const struct tls_hello_plan *plan, enum outcome outcome,
                       const struct tls_facts *facts)
{
    switch (strategy->stage) {
    case STAGE_LADDER: ladder_note(strategy, plan, outcome, facts); break;
    case STAGE_VARIANTS: variant_note(strategy, plan, outcome, facts); break;
    case STAGE_POSTURE: posture_note(strategy->posture, outcome, facts); break;
    case STAGE_SUITES: suite_survey_note(strategy->survey, outcome, facts); break;
    case STAGE_END: break;
    }
    /* Somebody's firewall, or the server's end: what was not asked stays untested. */
    if (strategy->stage != STAGE_LADDER && (outcome == OUTCOME_REFUSED || outcome == OUTCOME_UNREACHABLE ||
                                            outcome == OUTCOME_TIMEOUT_CONNECT || outcome == OUTCOME_ABORTED))
        strategy->stage = STAGE_END;
}

/* The survey's items: preference, count, and one per suite. */
static size_t survey_items(struct tls_strategy *strategy, struct tls_posture_item *items)
{
    const struct suite_survey *survey = strategy->survey;
    size_t count = survey->accepted_count;
    strategy->texts = xcalloc(count + 1, sizeof *strategy->texts);
    strategy->names = xcalloc(count + 1, sizeof *strategy->names);
    snprintf(strategy->texts[count], sizeof *strategy->texts, "%zu", count);
    items[0] = (struct tls_posture_item){
        .item = "suite_preference", .value = survey->preference != NULL ? survey->preference : "untested"};
    items[1] = (struct tls_posture_item){.item = "suites", .value = strategy->texts[count]};
    for (size_t i = 0, place = 0; i < count; i++) {
        place = i > 0 && survey->accepted[i].version == survey->accepted[i - 1].version ? place + 1 : 1;
        snprintf(strategy->texts[i], sizeof *strategy->texts, "%zu", place);
        snprintf(strategy->names[i], sizeof *strategy->names, "suite:%s:%s",
                 tls_version_name(survey->accepted[i].version), tls_suite_name(survey->accepted[i].suite));
        items[2 + i] = (struct tls_posture_item){
            .item = strategy->names[i], .value = "accepted", .detail = strategy->texts[i]};
    }
    return count + 2;
}

size_t tls_strategy_posture(struct tls_strategy *strategy, const struct tls_posture_item **items)
{
    *items = NULL;
    if (strategy->depth == TLS_DEPTH_CERT || !strategy->has_chain)
        return 0;
    items_clear(strategy);
    size_t survey_count = strategy->survey == NULL ? 0 : strategy->survey->accepted_count + 2;
    strategy->items = xcalloc(POSTURE_COUNT + survey_count, sizeof *strategy->items);
    memcpy(strategy->items, strategy->posture->items, sizeof strategy->posture->items);
    if (strategy->survey != NULL)
        survey_items(strategy, strategy->items + POSTURE_COUNT);
    *items = strategy->items;
    return POSTURE_COUNT + survey_count;
}
