#include "scanner/sweep/attempt.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "probes/survey/server_survey.h"
#include "probes/tls/posture.h"
#include "scanner/sweep/hello_log.h"
#include "scanner/sweep/server_names.h"
#include "scanner/targets/scope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define SPARE_MAX       256
#define LOCAL_TRIES_MAX 30 /* at the end two seconds apart, together longer than a port's TIME_WAIT */
#define LATE_TRIES      7 /* a SYN that never left has used up the connect timeout, so it counts as this many tries */

struct attempt {
    struct attempt *prev, *next; /* of the shared list */
    struct attempt_shared *shared;
    struct work work;
    struct conn conn;
    struct event timer;                 /* the whole attempt's deadline */
    struct event pause;                 /* until pacing lets the next connection begin; the deadline rests */
    int64_t active_since_us, active_us; /* time that counts for the deadline */
    int64_t rested_us;                  /* of the connection's wait for the pool; subtracted from active_us */
    struct probe_choice choice;
    const struct probe *probe;
    struct tls_capture *capture;
    struct tls_strategy *strategy;
    struct server_survey *survey; /* depth deep, after the strategy's last hello; NULL: not yet, or none */
    struct hello_log *hellos;     /* depth deep: which hello told what; NULL: not kept */
    struct tls_hello_plan plan;
    char server_name[SERVER_NAME_SIZE];
    enum name_source name_source;
    struct server_names *names; /* more server names to ask; NULL: none, or not yet */
    bool is_first_name;
    bool wants_name;             /* the server accepts no hello without a server name */
    int64_t began_us;            /* UTC */
    unsigned connections;        /* since the last observation */
    unsigned all_connections;    /* of the whole attempt */
    bool may_begin;              /* pacing has let the next connection begin already */
    bool is_late;                /* the whole attempt's time is over */
    bool has_noted_cleartext;
    bool has_answered;           /* this name: an observation has been made */
    struct observation *failure; /* this name: the first end without a chain; NULL: none */
    enum outcome outcome;        /* the best so far, over all names; 0: none */
};

static void ask_next(struct attempt *attempt);
static bool may_have_names(const struct attempt *attempt);
static struct server_names *names_of(struct attempt *attempt);

static struct scan *scan_of(const struct attempt *attempt)
{
    return attempt->shared->scan;
}

/* --- observations -------------------------------------------------------------------------------------- */

static void fill_endpoint(const struct attempt *attempt, struct endpoint *endpoint)
{
    endpoint->transport = attempt->work.target.transport;
    endpoint->address = attempt->work.target.address;
    endpoint->port = attempt->work.target.port;
    if (attempt->plan.send_server_name || attempt->strategy == NULL)
        memcpy(endpoint->server_name, attempt->server_name, sizeof endpoint->server_name);
}

/* snprintf() would cost each attempt half a microsecond. */
static void copy_text(char *to, size_t size, const char *from)
{
    size_t len = strnlen(from, size - 1);
    memcpy(to, from, len);
    to[len] = '\0';
}

static uint32_t span_us(int64_t from_us, int64_t to_us)
{
    return from_us == 0 || to_us < from_us ? 0 : (uint32_t)(to_us - from_us);
}

static void fill(const struct attempt *attempt, const struct tls_facts *facts, enum outcome outcome,
                 struct observation *observation)
{
    const struct conn *conn = &attempt->conn;
    *observation = (struct observation){
        .time_us = attempt->began_us,
        .method = METHOD_ACTIVE,
        .role = ROLE_SERVER,
        .variant = attempt->plan.variant == 0 ? VARIANT_DEFAULT : attempt->plan.variant,
        .outcome = outcome,
        .cipher_suite = -1,
        .group = -1,
        .name_source = attempt->name_source,
        .connections = attempt->connections,
        .position = attempt->work.position,
        .dns_us = attempt->work.name == NULL ? 0 : attempt->work.name->dns_us,
        .connect_us = span_us(conn->opened_us, conn->connected_us),
        .handshake_us = span_us(conn->connected_us, conn->ended_us),
    };
    fill_endpoint(attempt, &observation->endpoint);
    if (observation->endpoint.server_name[0] == '\0')
        observation->name_source = NAME_SOURCE_NONE;        /* a retry without one */
    copy_text(observation->protocol, sizeof observation->protocol, attempt->probe->name);
    memcpy(observation->detail, conn->detail, sizeof observation->detail);
    if (facts == NULL)
        return;
    observation->tls_version = facts->version;
    observation->cipher_suite = facts->cipher_suite;
    observation->group = facts->group;
    observation->key_proven = facts->key_proven;
    observation->chain = facts->chain;
    observation->chain_count = facts->chain_count;
    observation->ocsp_staple = facts->ocsp_staple;
    observation->ocsp_staple_len = facts->ocsp_staple_len;
    observation->sct_count = facts->sct_count;
    memcpy(observation->alpn, facts->alpn, sizeof observation->alpn);
    if (conn->detail[0] == '\0')
        memcpy(observation->detail, facts->detail, sizeof observation->detail);
}

static void record(struct attempt *attempt, const struct observation *observation)
{
    struct scan *scan = scan_of(attempt);
    if (outcome_is_answer(observation->outcome)) {
        scan_count(&scan->counters.observations);
        if (observation->chain_count != 0)
            scan_count(&scan->counters.certificates);
        recorder_observation(scan->recorder, observation);
    } else {
        recorder_quiet(scan->recorder, observation);
    }
}

/* An answer is worth more than silence, a certificate more than any other. */
static unsigned worth(enum outcome outcome)
{
    if (outcome == OUTCOME_CERTIFICATE)
        return 3;
    return outcome == 0 ? 0 : outcome_is_answer(outcome) ? 2 : 1;
}

static void note_outcome(struct attempt *attempt, enum outcome outcome)
{
    if (worth(outcome) > worth(attempt->outcome))
        attempt->outcome = outcome;
}

/* A refusal in the server's own dialect says more than "not that dialect" or silence. */
static bool is_better_failure(const struct attempt *attempt, enum outcome outcome)
{
    const struct observation *failure = attempt->failure;
    if (outcome == OUTCOME_NO_CERTIFICATE)
        return failure->outcome != outcome;
    if (strcmp(failure->protocol, attempt->probe->name) == 0)
        return false;
    return worth(outcome) > worth(failure->outcome) ||
           (failure->outcome == OUTCOME_NOT_TLS && worth(outcome) > 1 && outcome != OUTCOME_NOT_TLS);
}

/* Queues a fact of the endpoint under the server name that was asked. */
static struct posture_fact posture_fact_of(const struct attempt *attempt)
{
    struct posture_fact fact = {.time_us = attempt->began_us};
    fill_endpoint(attempt, &fact.endpoint);
    memcpy(fact.endpoint.server_name, attempt->server_name, sizeof fact.endpoint.server_name);
    return fact;
}

/* Notes whether the server, or a middlebox, sent plaintext after it had agreed to TLS. Noted once per endpoint, also when it was
 * not so, since an earlier scan may have seen it. */
static void note_cleartext(struct attempt *attempt, enum outcome outcome)
{
    const struct conn *conn = &attempt->conn;
    char detail[DETAIL_SIZE] = "";
    bool is_clean = outcome == OUTCOME_CERTIFICATE && attempt->probe->tls == PROBE_TLS_STARTTLS && conn->words_len != 0;
    if (attempt->has_noted_cleartext || (!conn->is_cleartext && !is_clean))
        return;
    if (conn->is_cleartext)
        probe_words_format(conn->words, conn->words_len, detail);
    struct posture_fact fact = posture_fact_of(attempt);
    fact.item = "cleartext_after_starttls";
    fact.value = conn->is_cleartext ? "accepted" : "refused";
    fact.detail = detail;
    recorder_posture(scan_of(attempt)->recorder, &fact);
    attempt->has_noted_cleartext = true;
}

/* A hello has ended. A chain makes an observation at once, since it is borrowed; the first end without one is
 * kept until it is sure that no other hello of this name brings one. A handshake without a certificate says more of the
 * server than the refusals before it. */
static void observe(struct attempt *attempt, enum outcome outcome, const struct tls_facts *facts)
{
    if (attempt->plan.is_posture)
        return;
    note_outcome(attempt, outcome);
    if (outcome == OUTCOME_CERTIFICATE) {
        struct observation observation;
        fill(attempt, facts, outcome, &observation);
        record(attempt, &observation);
        if (attempt->is_first_name && !attempt->has_answered && may_have_names(attempt))
            server_names_see(names_of(attempt), &facts->chain[0]);
        attempt->has_answered = true;
        attempt->connections = 0;
    } else if (attempt->failure == NULL || is_better_failure(attempt, outcome)) {
        if (attempt->failure == NULL)
            attempt->failure = xmalloc(sizeof *attempt->failure);
        fill(attempt, facts, outcome, attempt->failure);
        attempt->failure->chain = NULL;
        attempt->failure->chain_count = 0;
        attempt->failure->ocsp_staple = NULL;
        attempt->failure->ocsp_staple_len = 0;
    }
}

/* The host answered and then stopped: from now on, and in later scans, it gets one connection at a time. */
static void note_one_session(struct attempt *attempt)
{
    struct posture_fact fact = posture_fact_of(attempt);
    pacing_single(scan_of(attempt)->pacing, &attempt->work.target.address, clock_monotonic_us());
    fact.item = POSTURE_SESSIONS_AT_ONCE;
    fact.value = "1";
    fact.detail = "the endpoint stopped answering";
    recorder_posture(scan_of(attempt)->recorder, &fact);
}

static void record_items(struct attempt *attempt, const struct tls_posture_item *items, size_t count)
{
    struct posture_fact fact = posture_fact_of(attempt);
    for (size_t i = 0; i < count; i++) {
        fact.item = items[i].item;
        fact.value = items[i].value;
        fact.detail = items[i].detail == NULL ? "" : items[i].detail;
        recorder_posture(scan_of(attempt)->recorder, &fact);
    }
}

static void record_item(void *context, const struct tls_posture_item *item)
{
    record_items(context, item, 1);
}

static void record_posture(struct attempt *attempt)
{
    const struct tls_posture_item *items, *survey_items;
    size_t count = tls_strategy_posture(attempt->strategy, &items);
    record_items(attempt, items, count);
    if (attempt->survey == NULL)
        return;
    size_t survey_count = server_survey_items(attempt->survey, &survey_items);
    record_items(attempt, survey_items, survey_count);
    hello_log_tell(attempt->hellos, items, count, survey_items, survey_count, record_item, attempt);
    char connections[12];
    snprintf(connections, sizeof connections, "%u", attempt->all_connections);
    record_items(attempt, &(struct tls_posture_item){.item = "connections", .value = connections}, 1);
}

/* --- names --------------------------------------------------------------------------------------------- */

static void begin_strategy(struct attempt *attempt)
{
    /* What is accepted is asked for one name only, unless the server needs a name: then each name may be another server. */
    enum tls_depth depth = attempt->is_first_name || attempt->wants_name ? scan_of(attempt)->settings->depth : TLS_DEPTH_CERT;
    attempt->strategy = tls_strategy_create(depth, attempt->server_name);
    hello_log_destroy(attempt->hellos);         /* of the probe before */
    attempt->hellos = depth == TLS_DEPTH_DEEP ? hello_log_create(attempt->began_us) : NULL;
    if (scan_of(attempt)->settings->prove)
        tls_strategy_prove(attempt->strategy);
    if (scan_of(attempt)->settings->ids_friendly)
        tls_strategy_be_usual(attempt->strategy);
    if (scan_of(attempt)->settings->suite_connections != 0)
        tls_strategy_limit(attempt->strategy, scan_of(attempt)->settings->suite_connections);
}

static void begin_name(struct attempt *attempt, const char *server_name, enum name_source source)
{
    copy_text(attempt->server_name, sizeof attempt->server_name, server_name);
    attempt->name_source = source;
    attempt->has_answered = false;
    attempt->connections = 0;
    begin_strategy(attempt);
}

/* The strategy has no more hellos for this name. */
static void end_name(struct attempt *attempt)
{
    if (!attempt->has_answered && attempt->failure != NULL) {
        attempt->failure->connections = attempt->connections;
        record(attempt, attempt->failure);
    }
    if (tls_strategy_has_stopped(attempt->strategy))
        note_one_session(attempt);
    record_posture(attempt);
    if (attempt->is_first_name && !attempt->has_answered && attempt->outcome != OUTCOME_NO_CERTIFICATE)
        attempt->wants_name = true;
    free(attempt->failure);
    attempt->failure = NULL;
    server_survey_destroy(attempt->survey);
    attempt->survey = NULL;
    hello_log_destroy(attempt->hellos);
    attempt->hellos = NULL;
    tls_strategy_destroy(attempt->strategy);
    attempt->strategy = NULL;
}

static void on_names_ready(void *context)
{
    ask_next(context);
}

/* Another name is worth asking if the server speaks TLS, or if it may have failed because no name was sent. */
static bool may_have_names(const struct attempt *attempt)
{
    if (attempt->work.name != NULL || !scan_of(attempt)->asks_names)
        return false;
    switch (attempt->outcome) {
    case OUTCOME_CERTIFICATE:
    case OUTCOME_NO_CERTIFICATE:
    case OUTCOME_TLS_ALERT:
    case OUTCOME_RESET:
    case OUTCOME_CLOSED: return true;
    case OUTCOME_STARTTLS_REFUSED: return attempt->probe->wants_name;
    default: return false;
    }
}

static struct server_names *names_of(struct attempt *attempt)
{
    struct server_names_sources sources = {
        .settings = scan_of(attempt)->settings,
        .known = scan_of(attempt)->known,
        .resolver = attempt->shared->resolver,
    };
    if (attempt->names == NULL)
        attempt->names =
            server_names_create(&sources, &attempt->work.target.address, on_names_ready, attempt);
    return attempt->names;
}

static enum server_names_next next_name(struct attempt *attempt)
{
    char name[SERVER_NAME_SIZE];
    enum name_source source;
    attempt->is_first_name = false;
    if (!may_have_names(attempt))
        return SERVER_NAMES_END;
    enum server_names_next next = server_names_next(names_of(attempt), name, &source);
    if (next == SERVER_NAMES_ONE)
        begin_name(attempt, name, source);
    return next;
}

/* --- life ---------------------------------------------------------------------------------------------- */

/* Spare attempts are reused at once, so a few are enough. */
static void keep_spare(struct attempt_shared *shared, struct attempt *attempt)
{
    if (shared->spare_count == SPARE_MAX) {
        tls_capture_destroy(attempt->capture);
        free(attempt);
        return;
    }
    if (attempt->capture != NULL)
        tls_capture_reset(attempt->capture);
    LL_PREPEND(shared->spare, attempt);
    shared->spare_count++;
}

static void release(struct attempt *attempt)
{
    struct attempt_shared *shared = attempt->shared;
    if (attempt->may_begin) /* pacing had let a connection begin that did not */
        pacing_end(shared->scan->pacing, &attempt->work.target.address, OUTCOME_ABORTED, clock_monotonic_us());
    evtimer_del(&attempt->timer);
    evtimer_del(&attempt->pause);
    server_names_destroy(attempt->names);
    server_survey_destroy(attempt->survey);
    hello_log_destroy(attempt->hellos);
    tls_strategy_destroy(attempt->strategy);
    free(attempt->failure);
    DL_DELETE(shared->attempts, attempt);
    keep_spare(shared, attempt);
    shared->on_end(shared->owner);
}

static void finish(struct attempt *attempt)
{
    struct scan *scan = scan_of(attempt);
    enum outcome outcome = attempt->outcome == 0 ? OUTCOME_ABORTED : attempt->outcome;
    if (attempt->strategy != NULL)
        end_name(attempt);
    if (attempt->work.position != POSITION_NONE)
        scan_count(&scan->counters.outcomes[outcome]);
    dispatcher_end(scan->dispatcher, &attempt->work, outcome);
    release(attempt);
}

/* The wait for the pool since the last call. */
static int64_t take_rested(struct attempt *attempt)
{
    int64_t taken_us = conn_rested_us(&attempt->conn) - attempt->rested_us;
    attempt->rested_us += taken_us;
    attempt->active_since_us += taken_us;
    return taken_us;
}

static void rest(struct attempt *attempt, int64_t now_us, int64_t wait_us)
{
    take_rested(attempt);
    struct timeval wait = {.tv_sec = wait_us / 1000000, .tv_usec = wait_us % 1000000};
    attempt->active_us += now_us - attempt->active_since_us;
    evtimer_del(&attempt->timer);
    evtimer_add(&attempt->pause, &wait);
}

static void go_on(struct attempt *attempt)
{
    int64_t left_us = (int64_t)scan_of(attempt)->settings->attempt_ms * 1000 - attempt->active_us;
    struct timeval left = {.tv_sec = left_us / 1000000, .tv_usec = left_us % 1000000};
    if (left_us <= 0)
        left = (struct timeval){.tv_usec = 1};
    attempt->active_since_us = clock_monotonic_us();
    evtimer_add(&attempt->timer, &left);
}

/* A full neighbour or connection table empties in half a minute as its entries expire: 2, 4, 8, 16 s. */
static int64_t put_back_us(const struct attempt *attempt)
{
    if (attempt->conn.stayed_here)
        return 1000000LL << attempt->work.tries / LATE_TRIES;
    return attempt->work.tries > 20 ? 2000000 : 100000LL * attempt->work.tries;
}

/* This machine has no room. An endpoint with an answer keeps it; any other is asked again later. */
static void on_local_limit(struct attempt *attempt, const char *why)
{
    struct scan *scan = scan_of(attempt);
    int64_t now_us = clock_monotonic_us();
    scan_count(&scan->counters.local_limits);
    attempt->shared->on_local_limit(&attempt->conn, why, attempt->shared->owner);
    attempt->work.tries += attempt->conn.stayed_here ? LATE_TRIES : 1;
    if (attempt->work.tries > LOCAL_TRIES_MAX) {
        snprintf(attempt->conn.detail, sizeof attempt->conn.detail, "not possible from here: %s", why);
        observe(attempt, OUTCOME_UNREACHABLE, NULL);
        finish(attempt);
    } else if (attempt->outcome != 0) {
        rest(attempt, now_us, 100000);
    } else {
        dispatcher_put_back(scan->dispatcher, &attempt->work, now_us + put_back_us(attempt));
        release(attempt);
    }
}

/* True where the next connection may begin now. */
static bool may_begin(struct attempt *attempt)
{
    struct pacing_ticket ticket = {0};
    int64_t now_us = clock_monotonic_us();
    if (attempt->may_begin)
        return true;
    if (pacing_begin(scan_of(attempt)->pacing, &attempt->work.target.address, attempt->probe->max_connections,
                     now_us, &attempt->work.ticket) == PACING_GO) {
        attempt->work.ticket = ticket;
        return attempt->may_begin = true;
    }
    rest(attempt, now_us, attempt->work.ticket.at_us > now_us ? attempt->work.ticket.at_us - now_us : 1000);
    return false;
}

static bool judge(struct attempt *attempt, const struct target *target, const char *server_name)
{
    struct scan *scan = scan_of(attempt);
    const char *reason = "";
    struct scope_question question = {
        .target = target,
        .server_name = server_name,
        .depth = scan->settings->depth,
        .time_us = clock_utc_us(),
    };
    enum scope_verdict verdict = scope_judge(scan->scope, &question, &reason);
    if (verdict == SCOPE_ALLOWED)
        return true;
    snprintf(attempt->conn.detail, sizeof attempt->conn.detail, "%s%s", target == &scan->via.proxy ? "proxy: " : "", reason);
    observe(attempt, scope_outcome(verdict), NULL);
    return false;
}

/* The one place where scope is checked, just before the socket is made: for the target and for the proxy. */
static bool is_allowed(struct attempt *attempt)
{
    struct scan *scan = scan_of(attempt);
    return judge(attempt, &attempt->work.target, attempt->server_name) &&
           (!scan->goes_via || judge(attempt, &scan->via.proxy, ""));
}

static void connect_now(struct attempt *attempt)
{
    struct scan *scan = scan_of(attempt);
    if (!is_allowed(attempt)) {
        finish(attempt);
        return;
    }
    if (!may_begin(attempt))
        return;
    if (attempt->capture == NULL)
        attempt->capture = tls_capture_create(attempt->shared->conns->pool);
    attempt->may_begin = false;
    attempt->connections++;
    attempt->all_connections++;
    if (conn_open(&attempt->conn, &attempt->work.target, attempt->probe, attempt->server_name,
                  attempt->capture, &attempt->plan) == CONN_OPENED) {
        if (attempt->hellos != NULL)
            hello_log_begin(attempt->hellos, &attempt->plan, clock_utc_us());
        scan_count(&scan->counters.connections);
        return;
    }
    int error = errno;
    attempt->connections--;
    pacing_end(scan->pacing, &attempt->work.target.address, OUTCOME_ABORTED, clock_monotonic_us());
    on_local_limit(attempt, strerror(error));
}

static void on_pause(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    go_on(context);
    connect_now(context);
}

/* There is a chain; it is kept unless this host has sent too many certificates. */
static enum outcome chain_outcome(struct attempt *attempt)
{
    if (!certificate_budget_is_spent(scan_of(attempt)->budget, &attempt->work.target.address))
        return OUTCOME_CERTIFICATE;
    snprintf(attempt->conn.detail, sizeof attempt->conn.detail,
             "this host has shown %u MiB of different certificates: no more are kept", HOST_BUDGET_MAX >> 20);
    return OUTCOME_TOO_LARGE;
}

/* Starts another probe for this name; the failure so far is kept until we know that nothing better comes. Not in the middle of a
 * server test, which began because TLS was spoken: whatever the server says now, the test goes on with the strategy that it has. */
static bool take_probe(struct attempt *attempt, const struct probe *probe)
{
    if (probe == NULL || attempt->survey != NULL)
        return false;
    attempt->probe = probe;
    tls_strategy_destroy(attempt->strategy);
    begin_strategy(attempt);
    return true;
}

/* A connection has ended before TLS began: what the server said may name another probe. */
static void heed_words(struct attempt *attempt, enum outcome outcome)
{
    const struct conn *conn = &attempt->conn;
    if (attempt->has_answered || !attempt->is_first_name || (conn->has_begun && outcome != OUTCOME_NOT_TLS) ||
        conn->is_cleartext)
        return;
    take_probe(attempt, probe_choice_next(&attempt->choice, outcome, conn->words, conn->words_len));
}

/* Direct TLS met no TLS and no text: perhaps the port's own protocol waits for the client to speak. */
static bool try_port(struct attempt *attempt)
{
    return !attempt->has_answered && attempt->is_first_name && attempt->failure != NULL &&
           attempt->probe->tls == PROBE_TLS_DIRECT &&
           take_probe(attempt, probe_choice_next(&attempt->choice, attempt->failure->outcome, NULL, 0));
}

static void on_conn_end(struct conn *conn, void *context)
{
    struct attempt *attempt = context;
    if (conn->stayed_here) {
        attempt->connections--;
        attempt->all_connections--;
        pacing_end(scan_of(attempt)->pacing, &attempt->work.target.address, OUTCOME_ABORTED,
                   clock_monotonic_us());
        on_local_limit(attempt, "a SYN has not left this machine: a full table or queue, or its firewall");
        return;
    }
    const struct tls_facts *facts = conn->has_begun ? tls_capture_facts(attempt->capture) : NULL;
    enum outcome outcome = conn->outcome;
    if (facts != NULL && facts->chain_count != 0 && (!attempt->plan.is_posture || attempt->plan.finds_variant))
        outcome = chain_outcome(attempt); /* whatever came after it */
    pacing_end(scan_of(attempt)->pacing, &attempt->work.target.address, outcome, clock_monotonic_us());
    bool was_posture = attempt->plan.is_posture && !attempt->plan.finds_variant;
    if (attempt->survey != NULL)
        server_survey_note(attempt->survey, &attempt->plan, outcome, facts, clock_utc_us());
    else
        tls_strategy_note(attempt->strategy, &attempt->plan, outcome, facts);
    if (was_posture && !attempt->plan.is_posture)
        outcome = chain_outcome(attempt);       /* a certificate that was not seen before */
    if (attempt->hellos != NULL)
        hello_log_end(attempt->hellos, attempt->strategy, attempt->survey, clock_utc_us());
    observe(attempt, outcome, facts);
    note_cleartext(attempt, outcome);
    heed_words(attempt, outcome);
    ask_next(attempt);
}

static bool is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; at != NULL && (at = strstr(at, name)) != NULL; at += len)
        if ((at == list || at[-1] == ',') && (at[len] == '\0' || at[len] == ','))
            return true;
    return false;
}

/* The server's words named a dialect that may not be asked any more: this is the result. */
static void tell_spared(struct attempt *attempt)
{
    struct observation *failure = attempt->failure;
    if (!attempt->has_answered && failure != NULL && strcmp(failure->protocol, attempt->probe->name) != 0)
        snprintf(failure->detail, sizeof failure->detail,
                 "it speaks %s, and was spared: more connections in one scan would harm (--probe %s asks it in its first)",
                 attempt->probe->name, attempt->probe->name);
}

/* Some servers block clients that connect too often without a login. */
static bool may_connect(struct attempt *attempt)
{
    if (attempt->probe->scan_connections == 0 || attempt->all_connections < attempt->probe->scan_connections ||
        is_listed(scan_of(attempt)->settings->probe_posture, attempt->probe->name))
        return true;
    tell_spared(attempt);
    if (attempt->strategy != NULL)
        tls_strategy_spare(attempt->strategy, "spared: more connections would harm (--probe-posture asks all the same)");
    return false;
}

/* The server test's questions follow when the strategy has no more. */
static bool survey_next(struct attempt *attempt)
{
    if (tls_strategy_depth(attempt->strategy) != TLS_DEPTH_DEEP || tls_strategy_has_stopped(attempt->strategy))
        return false;
    if (attempt->survey == NULL)
        attempt->survey = server_survey_create(attempt->strategy, attempt->server_name,
                                               attempt->probe->tls == PROBE_TLS_DIRECT);
    return attempt->survey != NULL && server_survey_next(attempt->survey, &attempt->plan);
}

static bool plan_next(struct attempt *attempt)
{
    return (attempt->survey == NULL && tls_strategy_next(attempt->strategy, &attempt->plan)) || survey_next(attempt);
}

static void ask_next(struct attempt *attempt)
{
    while (!attempt->is_late) {
        if (attempt->strategy != NULL) {
            if (may_connect(attempt) && plan_next(attempt)) {
                connect_now(attempt);
                return;
            }
            if (try_port(attempt))
                continue;
            end_name(attempt);
        }
        enum server_names_next next = next_name(attempt);
        if (next == SERVER_NAMES_WAIT)
            return; /* on_names_ready(), or the deadline */
        if (next == SERVER_NAMES_END)
            break;
    }
    finish(attempt);
}

/* The whole attempt's time is over: what is under way ends as it would at its own deadline. */
static void on_late(evutil_socket_t fd, short what, void *context)
{
    struct attempt *attempt = context;
    (void)fd, (void)what;
    int64_t owed_us = take_rested(attempt);
    if (owed_us > 0) {
        struct timeval owed = {.tv_sec = owed_us / 1000000, .tv_usec = owed_us % 1000000};
        evtimer_add(&attempt->timer, &owed);
        return;
    }
    attempt->is_late = true;
    if (attempt->conn.fd >= 0)
        conn_abort(&attempt->conn,
                   attempt->conn.state == CONN_CONNECT ? OUTCOME_TIMEOUT_CONNECT : OUTCOME_TIMEOUT_HANDSHAKE);
    else
        finish(attempt);
}

void attempt_abort_all(struct attempt_shared *shared)
{
    struct attempt *attempt, *next;
    for (attempt = shared->attempts; attempt != NULL; attempt = next) {
        next = attempt->next;
        attempt->is_late = true;
        if (attempt->conn.fd >= 0)
            conn_abort(&attempt->conn, OUTCOME_ABORTED);
        else
            finish(attempt);
    }
}

/* A spare attempt with its capture, or a new one. */
static struct attempt *take_spare(struct attempt_shared *shared)
{
    struct attempt *attempt = shared->spare;
    if (attempt == NULL)
        return xcalloc(1, sizeof *attempt);
    struct tls_capture *capture = attempt->capture;
    LL_DELETE(shared->spare, attempt);
    shared->spare_count--;
    memset(attempt, 0, sizeof *attempt);
    attempt->capture = capture;
    return attempt;
}

void attempt_destroy_spare(struct attempt_shared *shared)
{
    struct attempt *attempt, *next;
    LL_FOREACH_SAFE(shared->spare, attempt, next)
    {
        tls_capture_destroy(attempt->capture);
        free(attempt);
    }
    shared->spare = NULL;
    shared->spare_count = 0;
}

void attempt_start(struct attempt_shared *shared, const struct work *work)
{
    const struct scan_settings *settings = shared->scan->settings;
    struct attempt *attempt = take_spare(shared);
    attempt->shared = shared;
    attempt->work = *work;
    attempt->work.ticket = (struct pacing_ticket){0};
    attempt->may_begin = true; /* the dispatcher has asked pacing */
    attempt->began_us = clock_utc_us();
    attempt->probe = probe_choice_begin(&attempt->choice, settings->probe, work->target.port);
    DL_APPEND(shared->attempts, attempt);
    conn_init(&attempt->conn, shared->conns, on_conn_end, attempt);
    evtimer_assign(&attempt->timer, shared->conns->base, on_late, attempt);
    evtimer_assign(&attempt->pause, shared->conns->base, on_pause, attempt);
    evtimer_add(&attempt->timer, shared->time);
    attempt->active_since_us = clock_monotonic_us();
    attempt->is_first_name = true;
    if (work->name == NULL)
        begin_name(attempt, "", NAME_SOURCE_NONE);
    else
        begin_name(attempt, work->name->spec.name, NAME_SOURCE_GIVEN);
    ask_next(attempt);
}
