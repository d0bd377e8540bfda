#include "scanner/sweep/scan_loop.h"

#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/tls/pool.h"
#include "scanner/sweep/resolver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

#define PULL_AT_ONCE 64     /* then the sockets have their turn */
#define WINDOW_FIRST    128
#define WINDOW_LOOK_MS  50
#define SOCKETS_AT_ONCE 256
#define SOCKETS_ROUNDS  64  /* rounds over sockets before timers and pulling have their turn */
#define CALLS_AT_ONCE   256 /* immediate callbacks in a row before sockets and timers have their turn */
#define CROWD        1000   /* connections; above it each takes little at a time */
#define RESUME_REFUSED 8 /* of those that wait for the pool; the others need not be asked then */
#define REST_US      200000 /* at the latest; sooner when the pool says so */

static const struct timeval *common_timeout(struct event_base *base, uint32_t ms)
{
    struct timeval duration = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    return event_base_init_common_timeout(base, &duration);
}

static void pull_soon(struct scan_loop *loop)
{
    if (!loop->pull_is_soon)
        event_active(&loop->pull, EV_TIMEOUT, 0);
    loop->pull_is_soon = true;
}

static void pull_at(struct scan_loop *loop, int64_t now_us, int64_t at_us)
{
    int64_t wait_us = at_us > now_us ? at_us - now_us : 0;
    struct timeval wait = {.tv_sec = wait_us / 1000000, .tv_usec = wait_us % 1000000};
    evtimer_add(&loop->pull, &wait);
}

/* --- names --------------------------------------------------------------------------------------------- */

struct lookup {
    struct scan_loop *loop;
    struct name_task *name;
};

/* A name without addresses has no endpoint, so its line in the JSON lines is written here. */
static void tell_unresolved(struct scan_loop *loop, const struct name_task *name, const char *failure)
{
    struct observation observation = {
        .time_us = clock_utc_us(),
        .method = METHOD_ACTIVE,
        .role = ROLE_SERVER,
        .variant = VARIANT_DEFAULT,
        .outcome = OUTCOME_DNS_FAILED,
        .endpoint.transport = TRANSPORT_TCP,
        .cipher_suite = -1,
        .group = -1,
        .name_source = NAME_SOURCE_GIVEN,
        .position = POSITION_NONE,
        .dns_us = (uint32_t)(clock_monotonic_us() - name->asked_us),
    };
    snprintf(observation.endpoint.server_name, sizeof observation.endpoint.server_name, "%s",
             name->spec.name);
    snprintf(observation.detail, sizeof observation.detail, "%s", failure);
    recorder_quiet(loop->scan->recorder, &observation);
}

static void on_resolved(void *context, const struct resolver_answer *answer)
{
    struct lookup *lookup = context;
    struct scan_loop *loop = lookup->loop;
    if (answer->failure != NULL)
        tell_unresolved(loop, lookup->name, answer->failure);
    if (answer->is_cut)
        log_warning("%s has more than %d addresses: the others are not asked", lookup->name->spec.name,
                    RESOLVER_ADDRESSES_MAX);
    dispatcher_resolved(loop->scan->dispatcher, lookup->name, answer->addresses, answer->address_count,
                        answer->failure);
    free(lookup);
    pull_soon(loop);
}

static void resolve(struct scan_loop *loop, struct name_task *name)
{
    struct lookup *lookup = xmalloc(sizeof *lookup);
    *lookup = (struct lookup){.loop = loop, .name = name};
    resolver_ask(loop->resolver, name->spec.name, on_resolved, lookup);
}

/* --- pulling ------------------------------------------------------------------------------------------- */

/* If answers come at once, a few connections keep a core busy, and more would only evict each other from its cache. If the window
 * was full and did not turn over once since the last look, the network is the bottleneck, and the window doubles. */
static void on_widen(evutil_socket_t fd, short what, void *context)
{
    struct scan_loop *loop = context;
    (void)fd, (void)what;
    loop->widen_is_due = false;
    if (loop->in_flight < loop->window || loop->ended - loop->ended_before >= loop->window)
        return;
    loop->window = loop->slots / 2 < loop->window ? loop->slots : 2 * loop->window;
    pull_soon(loop);
}

static void window_is_full(struct scan_loop *loop)
{
    struct timeval wait = {.tv_usec = WINDOW_LOOK_MS * 1000};
    if (loop->widen_is_due || loop->window == loop->slots)
        return;
    loop->widen_is_due = true;
    loop->ended_before = loop->ended;
    evtimer_add(&loop->widen, &wait);
}

static void on_pull(evutil_socket_t fd, short what, void *context)
{
    struct scan_loop *loop = context;
    struct work work;
    int64_t later_us;
    (void)fd, (void)what;
    loop->pull_is_soon = false;
    for (unsigned pulled = 0; loop->in_flight < loop->window; pulled++) {
        int64_t now_us = clock_monotonic_us();
        if (pulled == PULL_AT_ONCE) {
            pull_soon(loop);
            return;
        }
        switch (dispatcher_next(loop->scan->dispatcher, now_us, &work, &later_us)) {
        case DISPATCH_TARGET:
            loop->conns.is_crowded = ++loop->in_flight > CROWD;
            atomic_fetch_add_explicit(&loop->scan->counters.in_flight, 1, memory_order_relaxed);
            attempt_start(&loop->attempts, &work);
            break;
        case DISPATCH_NAME: resolve(loop, work.name); break;
        case DISPATCH_LATER: pull_at(loop, now_us, later_us); return;
        case DISPATCH_DONE:
            if (loop->in_flight == 0)
                event_base_loopbreak(loop->base);
            return;
        }
    }
    window_is_full(loop);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
    struct scan_loop *loop = context;
    uint64_t times;
    (void)what;
    if (read(fd, &times, sizeof times) < 0 && errno != EAGAIN)
        log_debug("the loop's wake descriptor: %s", strerror(errno));
    if (atomic_load(&loop->scan->stop))
        attempt_abort_all(&loop->attempts);
    pull_soon(loop);
}

/* A connection is in one of a round's events at most, and none ends another: no pointer is stale. Sockets are handled before
 * timers: a deadline is for servers that are late, not for a loop that is. An error alone is an ICMP message that the kernel did
 * not take for the end, and no sign of a connection: an end comes with EPOLLHUP. */
static void on_sockets(evutil_socket_t fd, short what, void *context)
{
    struct epoll_event events[SOCKETS_AT_ONCE];
    int count = SOCKETS_AT_ONCE;
    (void)what, (void)context;
    for (unsigned round = 0; round < SOCKETS_ROUNDS && count == SOCKETS_AT_ONCE; round++) {
        count = epoll_wait(fd, events, SOCKETS_AT_ONCE, 0);
        for (int i = 0; i < count; i++)
            if (events[i].events != EPOLLERR)
                conn_on_socket(events[i].data.ptr);
    }
}

static void look_at_rest(struct scan_loop *loop)
{
    struct timeval wait = {.tv_usec = REST_US};
    if (!evtimer_pending(&loop->rest, NULL))
        evtimer_add(&loop->rest, &wait);
}

/* One queue for each share: a connection that waits for a record must not block one that has its record and waits for the message. */
static void resume(struct scan_loop *loop, enum tls_pool_share share)
{
    struct conn *conn;
    for (unsigned refused = 0; (conn = loop->resting[share]) != NULL && refused < RESUME_REFUSED;) {
        conn_resume(conn); /* if there is still no room, it queues again, after the others */
        refused += loop->resting[share] != NULL && loop->resting[share]->rest_prev == conn;
    }
}

static void on_rest(evutil_socket_t fd, short what, void *context)
{
    struct scan_loop *loop = context;
    bool is_any_left = false;
    (void)fd, (void)what;
    for (int share = 0; share < TLS_POOL_SHARES; share++) {
        resume(loop, (enum tls_pool_share)share);
        is_any_left |= loop->resting[share] != NULL;
    }
    if (is_any_left)
        look_at_rest(loop);
}

/* Not at once: the pool is still releasing memory. */
static void on_room(void *context, enum tls_pool_share share)
{
    struct scan_loop *loop = context;
    if (loop->resting[share] != NULL)
        event_active(&loop->rest, EV_TIMEOUT, 0);
}

static void on_wait(struct conn *conn, void *owner)
{
    struct scan_loop *loop = owner;
    DL_APPEND2(loop->resting[conn->rests_for], conn, rest_prev, rest_next);
    look_at_rest(loop);
}

static void on_wait_end(struct conn *conn, void *owner)
{
    struct scan_loop *loop = owner;
    DL_DELETE2(loop->resting[conn->rests_for], conn, rest_prev, rest_next);
}

/* Pulls soon, not from inside the attempt that has ended. */
static void on_attempt_end(void *owner)
{
    struct scan_loop *loop = owner;
    loop->conns.is_crowded = --loop->in_flight > CROWD;
    loop->ended++;
    atomic_fetch_sub_explicit(&loop->scan->counters.in_flight, 1, memory_order_relaxed);
    pull_soon(loop);
}

static void on_local_limit(const struct conn *conn, const char *why, void *owner)
{
    struct scan_loop *loop = owner;
    if (!loop->has_logged_limit)
        log_warning("this machine has no room for more connections now (%s): fewer at once, nothing is lost",
                    why);
    loop->has_logged_limit = true;
    pacing_shrink(loop->scan->pacing, conn->opened_us, conn->stayed_here, clock_monotonic_us());
}

/* What connections and attempts share, once base, sockets_fd and resolver are there. */
static void fill_shared(struct scan_loop *loop)
{
    const struct scan_settings *settings = loop->scan->settings;
    loop->conns.base = loop->base;
    loop->conns.connect_time = common_timeout(loop->base, settings->connect_ms);
    loop->conns.handshake_time = common_timeout(loop->base, settings->handshake_ms);
    loop->conns.greeting_time = common_timeout(loop->base, settings->greeting_ms);
    loop->conns.pool = tls_pool_create(TLS_POOL_CAP / (loop->scan->loop_count == 0 ? 1 : loop->scan->loop_count));
    loop->conns.reset_end = settings->reset_end;
    loop->conns.openvpn_key = loop->scan->openvpn_key;
    loop->conns.via = loop->scan->goes_via ? &loop->scan->via : NULL;
    loop->conns.on_wait = on_wait;
    loop->conns.on_wait_end = on_wait_end;
    loop->conns.owner = loop;
    tls_pool_on_room(loop->conns.pool, on_room, loop);
    loop->attempts = (struct attempt_shared){
        .scan = loop->scan,
        .conns = &loop->conns,
        .resolver = loop->resolver,
        .time = common_timeout(loop->base, settings->attempt_ms),
        .on_end = on_attempt_end,
        .on_local_limit = on_local_limit,
        .owner = loop,
    };
}

struct scan_loop *scan_loop_create(struct scan *scan, unsigned slots, struct error *err)
{
    struct scan_loop *loop = xcalloc(1, sizeof *loop);
    struct event_config *config = event_config_new();
    loop->scan = scan;
    loop->slots = slots;
    loop->window = slots < WINDOW_FIRST ? slots : WINDOW_FIRST;
    loop->wake_fd = loop->conns.sockets_fd = -1;
    if (config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
        event_config_set_max_dispatch_interval(config, NULL, CALLS_AT_ONCE, 0);
        loop->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (loop->base != NULL)
        loop->conns.sockets_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->conns.sockets_fd >= 0)
        loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake_fd < 0) {
        error_set(err, ERROR_SYSTEM, "an event loop cannot be made: %s", strerror(errno));
        scan_loop_destroy(loop);
        return NULL;
    }
    struct resolver_options options = {
        .servers = scan->settings->resolver,
        .timeout_ms = scan->settings->dns_timeout_ms,
        .tries = scan->settings->dns_tries,
    };
    loop->resolver = resolver_create(loop->base, scan->resolved, &options, err);
    if (loop->resolver == NULL) {
        scan_loop_destroy(loop);
        return NULL;
    }
    fill_shared(loop);
    evtimer_assign(&loop->pull, loop->base, on_pull, loop);
    evtimer_assign(&loop->rest, loop->base, on_rest, loop);
    evtimer_assign(&loop->widen, loop->base, on_widen, loop);
    event_assign(&loop->wake, loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    event_add(&loop->wake, NULL);
    event_assign(&loop->sockets, loop->base, loop->conns.sockets_fd, EV_READ | EV_PERSIST, on_sockets, loop);
    event_add(&loop->sockets, NULL);
    return loop;
}

static void let_gather(struct scan_loop *loop)
{
    unsigned wait_us =
        gathering_wait_us(&loop->gathering, clock_monotonic_us(), loop->ended, loop->in_flight);
    if (wait_us != 0)
        nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000L}, NULL);
}

static void *run(void *context)
{
    struct scan_loop *loop = context;
    pull_soon(loop);
    while (event_base_loop(loop->base, EVLOOP_ONCE) == 0 && !event_base_got_break(loop->base))
        let_gather(loop);
    atomic_fetch_sub(&loop->scan->running, 1);
    eventfd_write(loop->scan->ended_fd, 1);
    return NULL;
}

bool scan_loop_start(struct scan_loop *loop, struct error *err)
{
    int error = pthread_create(&loop->thread, NULL, run, loop);
    if (error != 0)
        return error_set(err, ERROR_SYSTEM, "a thread cannot be started: %s", strerror(error));
    return true;
}

void scan_loop_wake(struct scan_loop *loop)
{
    uint64_t once = 1;
    if (write(loop->wake_fd, &once, sizeof once) < 0 && errno != EAGAIN)
        log_debug("the loop's wake descriptor: %s", strerror(errno));
}

void scan_loop_join(struct scan_loop *loop)
{
    pthread_join(loop->thread, NULL);
}

void scan_loop_destroy(struct scan_loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->base != NULL) {
        if (loop->wake_fd >= 0) {
            event_del(&loop->wake);
            event_del(&loop->sockets);
            evtimer_del(&loop->pull);
            evtimer_del(&loop->rest);
            evtimer_del(&loop->widen);
        }
        resolver_destroy(loop->resolver);
        attempt_destroy_spare(&loop->attempts);
        tls_pool_destroy(loop->conns.pool);
        event_base_free(loop->base);
    }
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    if (loop->conns.sockets_fd >= 0)
        close(loop->conns.sockets_fd);
    free(loop);
}
