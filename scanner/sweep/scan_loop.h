/* One event loop, one thread: it pulls targets from the dispatcher while it has free slots and runs an attempt in each. What only
 * a loop needs is here, unlocked: timers, buffers, the captures' pool. Attempts and connections do not know it: they report by
 * callbacks in the structs that they share. */
#pragma once
#include "probes/tls/pool.h"
#include "scanner/sweep/attempt.h"
#include "scanner/sweep/gathering.h"
#include "scanner/sweep/scan.h"

#include <event2/event.h>
#include <pthread.h>

struct scan_loop {
    struct scan *scan;
    struct event_base *base;
    struct conn_shared conns;
    struct attempt_shared attempts;
    struct event sockets;           /* the connections' epoll has something to report */
    struct event pull;              /* when to ask the dispatcher again */
    struct event wake;              /* wake_fd was written: stop, or there is new work */
    int wake_fd;
    pthread_t thread;
    struct resolver *resolver;
    struct conn *resting[TLS_POOL_SHARES];  /* connections that wait for a share of the pool, first in, first out */
    struct event rest;              /* when to look whether it has room */
    unsigned in_flight, slots;
    unsigned window;                /* attempts at once, for now: as many as keep the loop busy, at most slots */
    unsigned ended, ended_before;   /* attempts; before the look that is due */
    struct event widen;             /* when to look whether the window is too narrow */
    bool widen_is_due;
    struct gathering gathering;     /* when to look at the sockets again */
    bool pull_is_soon;
    bool has_logged_limit;          /* a limit of this machine was logged, once */
};

/* slots: attempts at once. The thread starts with scan_loop_start(). */
struct scan_loop *scan_loop_create(struct scan *scan, unsigned slots, struct error *err);
bool scan_loop_start(struct scan_loop *loop, struct error *err);
void scan_loop_wake(struct scan_loop *loop);                /* from any thread */
void scan_loop_join(struct scan_loop *loop);                /* waits for its end */
void scan_loop_destroy(struct scan_loop *loop);             /* NULL is fine */
