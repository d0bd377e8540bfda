#include "scanner/pacing/pacing.h"

#include "probes/base/memory.h"
#include "probes/base/number_text.h"
#include "scanner/pacing/pacing_table.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST_NS           20000000LL /* what the global bucket holds; a timer of an event loop is as coarse */
#define RAMP_FIRST         0.1        /* share of the rate at the start */
#define IN_FLIGHT_RETRY_US 5000
#define HOST_RETRY_US      25000
#define HOST_FAILURES      8        /* in a row, from a host that answered, before it is left alone a while */
#define HOST_PAUSE_US      250000LL /* doubled with each step */
#define HOST_SLOW_MAX      4        /* 4 s */
#define PREFIX_FAILURES    64       /* the same for a prefix, whose interval is doubled with each step */
#define PREFIX_SLOW_MAX    3        /* an eighth of the rate */
#define LATE_SHARE_MIN     0.1      /* of the rate, where SYNs do not leave */

struct pacing {
    pthread_mutex_t lock;
    struct pacing_limits limits;
    int64_t prefix_interval_us;
    int64_t started_ns; /* the first begin; 0 before */
    int64_t next_ns;    /* when the next token is there, less the burst */
    unsigned in_flight;
    unsigned in_flight_cap; /* at most limits.in_flight; 0: none */
    unsigned ended_well;    /* since the cap last grew */
    int64_t shrunk_us;
    double rate_share; /* of the rate: less where tables of this machine were full, which live longer than
                          connections */
    struct pacing_table hosts;
    struct pacing_table prefixes;
    unsigned singles;                /* hosts with one connection at once */
    unsigned attempts, hits, errors; /* of the stop rules' window */
    char stop[160];
};

const struct pacing_limits pacing_limits_default = {
    .rate = PACING_RATE_DEFAULT, .prefix_rate = PACING_PREFIX_RATE_DEFAULT, .per_host = PACING_PER_HOST_DEFAULT, .in_flight = 0, .ramp_up_ms = 2000, .stop_window = 1000};

bool pacing_limits_set_rate(struct pacing_limits *limits, const char *text, struct error *err)
{
    double rate;
    if (strcmp(text, "max") == 0) {
        limits->loopback_unlimited = true;
        return true;
    }
    if (!number_text_read_decimal(text, &rate) || rate < 0.01 || rate > 1e7)
        return error_set(
            err, ERROR_USAGE,
            "rate \"%.40s\": expected connections a second, from 0.01 to 10000000, or max (on loopback "
            "without caps, elsewhere as the default)",
            text);
    limits->rate = rate;
    return true;
}

struct pacing *pacing_create(const struct pacing_limits *limits)
{
    struct pacing *pacing = xcalloc(1, sizeof *pacing);
    pthread_mutex_init(&pacing->lock, NULL);
    pacing->limits = *limits;
    pacing->in_flight_cap = limits->in_flight;
    pacing->rate_share = 1;
    pacing->prefix_interval_us = limits->prefix_rate > 0 ? (int64_t)(1e6 / limits->prefix_rate) : 0;
    pacing_table_init(&pacing->hosts);
    pacing_table_init(&pacing->prefixes);
    return pacing;
}

void pacing_destroy(struct pacing *pacing)
{
    if (pacing == NULL)
        return;
    pthread_mutex_destroy(&pacing->lock);
    pacing_table_clear(&pacing->hosts);
    pacing_table_clear(&pacing->prefixes);
    free(pacing);
}

static bool is_unlimited(const struct pacing *pacing, const struct address *address)
{
    static const uint8_t ipv6_loopback[16] = {[15] = 1};
    return pacing->limits.loopback_unlimited &&
           (address->len == 4 ? address->bytes[0] == 127 : memcmp(address->bytes, ipv6_loopback, 16) == 0);
}

/* ---- the global rate */

static double rate_of(const struct pacing *pacing, int64_t now_ns)
{
    double share = 1;
    if (pacing->limits.ramp_up_ms != 0 && pacing->started_ns != 0)
        share = RAMP_FIRST + (double)(now_ns - pacing->started_ns) / (pacing->limits.ramp_up_ms * 1e6);
    return pacing->limits.rate * (share < 1 ? share : 1) * pacing->rate_share;
}

/* Takes a token; false: *at_us says when the next one is due. */
static bool take_token(struct pacing *pacing, int64_t now_us, int64_t *at_us)
{
    if (pacing->limits.rate <= 0)
        return true;
    int64_t now_ns = now_us * 1000;
    if (pacing->started_ns == 0)
        pacing->started_ns = now_ns;
    if (pacing->next_ns > now_ns + BURST_NS) {
        *at_us = (pacing->next_ns - BURST_NS) / 1000 + 1;
        return false;
    }
    int64_t from_ns = pacing->next_ns > now_ns ? pacing->next_ns : now_ns;
    pacing->next_ns = from_ns + (int64_t)(1e9 / rate_of(pacing, now_ns));
    return true;
}

/* ---- prefix and host */

static int64_t prefix_interval(const struct pacing *pacing, const struct pacing_entry *prefix)
{
    return pacing->prefix_interval_us << prefix->slow;
}

/* Reserves a time in the prefix's rate. Two targets may start at once, later ones follow at the interval. */
static void reserve_slot(const struct pacing *pacing, struct pacing_entry *prefix, int64_t now_us,
                         struct pacing_ticket *ticket)
{
    int64_t interval = prefix_interval(pacing, prefix);
    int64_t base = prefix->slot_us > now_us ? prefix->slot_us : now_us;
    ticket->at_us = base - interval > now_us ? base - interval : now_us;
    ticket->reserved = true;
    prefix->slot_us = base + interval;
}

/* Targets whose time has passed while something else delayed them must not start all at once: they get a new time.
 */
static bool prefix_is_due(const struct pacing *pacing, const struct pacing_entry *prefix, int64_t now_us,
                          int64_t *at_us)
{
    *at_us = prefix->go_us - 2 * prefix_interval(pacing, prefix);
    return *at_us <= now_us;
}

static bool host_is_free(const struct pacing *pacing, const struct pacing_entry *host, unsigned per_host,
                         int64_t now_us, int64_t *at_us)
{
    unsigned cap = per_host != 0 && per_host < pacing->limits.per_host ? per_host : pacing->limits.per_host;
    if (host->single)
        cap = 1;
    *at_us = host->slot_us > now_us ? host->slot_us : now_us + HOST_RETRY_US;
    return host->slot_us <= now_us && (cap == 0 || host->in_flight < cap);
}

static enum pacing_verdict later(struct pacing_ticket *ticket, int64_t at_us)
{
    ticket->at_us = at_us;
    return PACING_LATER;
}

static enum pacing_verdict begin(struct pacing *pacing, const struct address *address, unsigned per_host,
                                 int64_t now_us, struct pacing_ticket *ticket)
{
    int64_t at_us = now_us + IN_FLIGHT_RETRY_US;
    bool unlimited = is_unlimited(pacing, address);
    struct pacing_entry *prefix = NULL, *host = NULL;
    if (!unlimited) {
        prefix = pacing_table_get(&pacing->prefixes, pacing_prefix_key(address), now_us);
        host = pacing_table_get(&pacing->hosts, pacing_host_key(address), now_us);
        if (!ticket->reserved)
            reserve_slot(pacing, prefix, now_us, ticket);
        if (ticket->at_us > now_us)
            return PACING_LATER;
        if (!host_is_free(pacing, host, per_host, now_us, &at_us))
            return later(ticket, at_us);
        if (!prefix_is_due(pacing, prefix, now_us, &at_us)) {
            reserve_slot(pacing, prefix, now_us, ticket);
            return later(ticket, ticket->at_us > at_us ? ticket->at_us : at_us);
        }
        at_us = now_us + IN_FLIGHT_RETRY_US;
    }
    if ((pacing->in_flight_cap != 0 && pacing->in_flight >= pacing->in_flight_cap) ||
        (!unlimited && !take_token(pacing, now_us, &at_us))) {
        ticket->at_us = at_us;
        return PACING_ALL_WAIT;
    }
    pacing->in_flight++;
    if (!unlimited) {
        host->in_flight++;
        prefix->in_flight++;
        prefix->go_us = (prefix->go_us > now_us ? prefix->go_us : now_us) + prefix_interval(pacing, prefix);
    }
    return PACING_GO;
}

enum pacing_verdict pacing_begin(struct pacing *pacing, const struct address *address, unsigned per_host,
                                 int64_t now_us, struct pacing_ticket *ticket)
{
    pthread_mutex_lock(&pacing->lock);
    enum pacing_verdict verdict = begin(pacing, address, per_host, now_us, ticket);
    pthread_mutex_unlock(&pacing->lock);
    return verdict;
}

/* ---- what an end teaches */

void pacing_single(struct pacing *pacing, const struct address *address, int64_t now_us)
{
    pthread_mutex_lock(&pacing->lock);
    struct pacing_entry *host = pacing_table_get(&pacing->hosts, pacing_host_key(address), now_us);
    if (!host->single && pacing->singles < PACING_SINGLES_MAX) {
        host->single = true;
        pacing->singles++;
    }
    pthread_mutex_unlock(&pacing->lock);
}

/* How strongly an outcome suggests that the host is overloaded or unwilling: a reset counts twice. 0: it answered. */
static unsigned push_back_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_RESET: return 2;
    case OUTCOME_UNREACHABLE:
    case OUTCOME_TIMEOUT_CONNECT:
    case OUTCOME_TIMEOUT_HANDSHAKE: return 1;
    default: return 0;
    }
}

/* True where the entry has failed often enough to go one step slower. Silence from what has never answered is
 * no sign of anything: most of a network is silent. */
static bool learn(struct pacing_entry *entry, unsigned push_back, unsigned failures_max, unsigned slow_max)
{
    if (push_back == 0) {
        entry->answered = true;
        entry->failures = 0;
        entry->slow = (uint8_t)(entry->slow - (entry->slow > 0));
        return false;
    }
    if (!entry->answered)
        return false;
    entry->failures = (uint8_t)(entry->failures + push_back);
    if (entry->failures < failures_max)
        return false;
    entry->failures = 0;
    entry->slow = (uint8_t)(entry->slow + (entry->slow < slow_max));
    return true;
}

static void learn_from(struct pacing *pacing, const struct address *address, enum outcome outcome,
                       int64_t now_us)
{
    struct pacing_entry *prefix = pacing_table_get(&pacing->prefixes, pacing_prefix_key(address), now_us);
    struct pacing_entry *host = pacing_table_get(&pacing->hosts, pacing_host_key(address), now_us);
    prefix->in_flight = (uint16_t)(prefix->in_flight - (prefix->in_flight > 0));
    host->in_flight = (uint16_t)(host->in_flight - (host->in_flight > 0));
    if (outcome == OUTCOME_ABORTED)
        return;
    learn(prefix, push_back_of(outcome), PREFIX_FAILURES, PREFIX_SLOW_MAX);
    if (learn(host, push_back_of(outcome), HOST_FAILURES, HOST_SLOW_MAX))
        host->slot_us = now_us + (HOST_PAUSE_US << host->slow);
}

static void check_stop_rules(struct pacing *pacing)
{
    const struct pacing_limits *limits = &pacing->limits;
    if (limits->stop_window == 0 || pacing->attempts < limits->stop_window || pacing->stop[0] != '\0')
        return;
    if (pacing->hits < limits->min_hit_rate * pacing->attempts)
        snprintf(pacing->stop, sizeof pacing->stop,
                 "of the last %u attempts %u were answered: less than the least hit rate of %g",
                 pacing->attempts, pacing->hits, limits->min_hit_rate);
    else if (limits->max_error_rate > 0 && pacing->errors > limits->max_error_rate * pacing->attempts)
        snprintf(
            pacing->stop, sizeof pacing->stop,
            "of the last %u attempts %u were reset or unreachable: more than the largest error rate of %g",
            pacing->attempts, pacing->errors, limits->max_error_rate);
    pacing->attempts /= 2; /* what is older counts less and less */
    pacing->hits /= 2;
    pacing->errors /= 2;
}

static void grow_back(struct pacing *pacing)
{
    bool is_whole = pacing->in_flight_cap == pacing->limits.in_flight && pacing->rate_share >= 1;
    if (is_whole || ++pacing->ended_well < pacing->in_flight_cap)
        return;
    pacing->ended_well = 0;
    pacing->rate_share = pacing->rate_share < 0.9 ? pacing->rate_share * 1.0625 : 1;
    if (pacing->in_flight_cap != pacing->limits.in_flight)
        pacing->in_flight_cap += 1 + pacing->in_flight_cap / 16;
    if (pacing->limits.in_flight != 0 && pacing->in_flight_cap > pacing->limits.in_flight)
        pacing->in_flight_cap = pacing->limits.in_flight;
    if (pacing->limits.in_flight == 0 && pacing->in_flight_cap > 1u << 20)
        pacing->in_flight_cap = 0;
}

void pacing_end(struct pacing *pacing, const struct address *address, enum outcome outcome, int64_t now_us)
{
    pthread_mutex_lock(&pacing->lock);
    pacing->in_flight -= pacing->in_flight > 0;
    if (!is_unlimited(pacing, address))
        learn_from(pacing, address, outcome, now_us);
    if (outcome != OUTCOME_ABORTED) {
        grow_back(pacing);
        pacing->attempts++;
        pacing->hits += outcome_is_answer(outcome);
        pacing->errors += outcome == OUTCOME_RESET || outcome == OUTCOME_UNREACHABLE;
        check_stop_rules(pacing);
    }
    pthread_mutex_unlock(&pacing->lock);
}

void pacing_shrink(struct pacing *pacing, int64_t began_us, bool is_late, int64_t now_us)
{
    unsigned least = is_late ? PACING_LATE_MIN : 1;
    pthread_mutex_lock(&pacing->lock);
    if (began_us > pacing->shrunk_us) {
        unsigned cap = is_late ? pacing->in_flight / 4 : pacing->in_flight - pacing->in_flight / 4;
        if (cap < least)
            cap = least;
        if (is_late && pacing->rate_share > LATE_SHARE_MIN)
            pacing->rate_share /= 2;
        if (pacing->in_flight_cap == 0 || cap < pacing->in_flight_cap)
            pacing->in_flight_cap = cap;
        pacing->ended_well = 0;
        pacing->shrunk_us = now_us;
    }
    pthread_mutex_unlock(&pacing->lock);
}

const char *pacing_stop(struct pacing *pacing)
{
    pthread_mutex_lock(&pacing->lock);
    const char *stop = pacing->stop[0] == '\0' ? NULL : pacing->stop;
    pthread_mutex_unlock(&pacing->lock);
    return stop;
}

void pacing_get(struct pacing *pacing, int64_t now_us, struct pacing_counts *counts)
{
    pthread_mutex_lock(&pacing->lock);
    *counts = (struct pacing_counts){.in_flight = pacing->in_flight,
                                     .in_flight_cap = pacing->in_flight_cap,
                                     .hosts = pacing->hosts.count,
                                     .prefixes = pacing->prefixes.count,
                                     .rate = rate_of(pacing, now_us * 1000)};
    pthread_mutex_unlock(&pacing->lock);
}
