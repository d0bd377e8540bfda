#include "probes/tls/strategy.h"

#include "probes/base/memory.h"
#include "probes/tls/offers.h"

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
    {"hybrid",       &offer_hybrid,       VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE},
    {"no_name",      &offer_combined,     VARIANT_FALLBACK, false, TROUBLE_NAME},
    {"other_suites", &offer_other_suites, VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE},
    {"more_suites",  &offer_more_suites,  VARIANT_FALLBACK, true,  TROUBLE_HANDSHAKE},
    {"small",        &offer_small,        VARIANT_FALLBACK, true,  TROUBLE_ANSWER | TROUBLE_SILENCE},
    {"tls10",        &offer_tls10,        VARIANT_FALLBACK, true,  TROUBLE_ANSWER},
    {"no_name",      &offer_small,        VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"ssl3",         &offer_ssl3,         VARIANT_FALLBACK, false, TROUBLE_ANSWER},
    {"sslv2",        &offer_ask_sslv2,    VARIANT_FALLBACK, false, TROUBLE_ANSWER},
};
#define LADDER_ROWS (sizeof ladder / sizeof ladder[0])

struct tls_strategy {
    enum tls_depth depth;
    bool has_server_name;
    unsigned trouble;
    bool has_ended;
    bool is_asked[LADDER_ROWS];
    unsigned silences;
};

struct tls_strategy *tls_strategy_create(enum tls_depth depth, const char *server_name)
{
    struct tls_strategy *strategy = xcalloc(1, sizeof *strategy);
    strategy->depth = depth;
    strategy->has_server_name = client_hello_may_send_name(server_name);
    strategy->trouble = TROUBLE_START;
    return strategy;
}

void tls_strategy_destroy(struct tls_strategy *strategy)
{
    free(strategy);
}

static bool row_fits(const struct tls_strategy *strategy, size_t row)
{
    if (strategy->is_asked[row] || (ladder[row].after & strategy->trouble) == 0)
        return false;
    /* Without a name to leave out, that row would ask the same again. */
    return ladder[row].send_server_name || strategy->has_server_name || strcmp(ladder[row].name, "no_name") != 0;
}

bool tls_strategy_next(struct tls_strategy *strategy, struct tls_hello_plan *plan)
{
    for (size_t row = 0; row < LADDER_ROWS && !strategy->has_ended; row++) {
        if (!row_fits(strategy, row))
            continue;
        strategy->is_asked[row] = true;
        *plan = (struct tls_hello_plan){.name = ladder[row].name,
                                        .variant = ladder[row].variant,
                                        .send_server_name = ladder[row].send_server_name,
                                        .offer = ladder[row].offer};
        return true;
    }
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

void tls_strategy_note(struct tls_strategy *strategy, const struct tls_hello_plan *plan, enum outcome outcome,
                       const struct tls_facts *facts)
{
    (void)plan;
    strategy->trouble = trouble_of(outcome, facts);
    if (strategy->trouble == TROUBLE_SILENCE && strategy->silences++ > 0)
        strategy->trouble = 0;
    strategy->has_ended = strategy->trouble == 0;
}

size_t tls_strategy_posture(const struct tls_strategy *strategy, const struct tls_posture_item **items)
{
    (void)strategy;
    *items = NULL;
    return 0;
}
