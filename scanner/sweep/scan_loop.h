/* One event loop, one thread: it pulls targets from the dispatcher while it has free slots and runs an attempt in
 * each. What only a loop needs is here, unlocked: timers, buffers, the captures' pool. */
#pragma once
#include "probes/tls/pool.h"
#include "scanner/sweep/conn.h"
#include "scanner/sweep/gathering.h"
#include "scanner/sweep/scan.h"

#include <event2/event.h>
#include <pthread.h>

#define SCAN_LOOP_BUFFER 65536

struct attempt;
struct resolver;

struct scan_loop {
    struct scan *scan;
    struct event_base *base;
    const struct timeval *connect_time, *handshake_time, *attempt_time;     /* common timeouts of base: O(1) */
    int sockets_fd;                 /* epoll of all connections: one call each, where an event would cost three */
    struct event sockets;           /* it has something to tell */
    struct event pull;              /* when to ask the dispatcher again */
    struct event wake;              /* wake_fd was written: stop, or there is new work */
    int wake_fd;
    pthread_t thread;
    struct tls_pool *pool;
    struct resolver *resolver;
    struct attempt *attempts;       /* all that are under way */
    struct attempt *spare_attempts; /* that have ended: the next ones use their memory */
    unsigned spare_count;
    struct conn *resting[TLS_POOL_SHARES];  /* connections that wait for a share of the pool, first come first */
    struct event rest;              /* when to look whether it has room */
    unsigned in_flight, slots;
    unsigned window;                /* attempts at once, for now: as many as keep the loop busy, at most slots */
    unsigned ended, ended_before;   /* attempts; before the look that is due */
    struct event widen;             /* when to look whether the window is too narrow */
    bool widen_is_due;
    struct gathering gathering;     /* when to look at the sockets again */
    bool pull_is_soon;
    bool told_limit;                /* of this machine, once in the log */
    bool trace;
    uint8_t buffer[SCAN_LOOP_BUFFER];       /* what one read brought */
    uint8_t inside[SCAN_LOOP_BUFFER];       /* TLS taken out of a probe's packets */
};

/* slots: attempts at once. The thread starts with scan_loop_start(). */
struct scan_loop *scan_loop_create(struct scan *scan, unsigned slots, struct error *err);
bool scan_loop_start(struct scan_loop *loop, struct error *err);
void scan_loop_wake(struct scan_loop *loop);                /* from any thread */
void scan_loop_join(struct scan_loop *loop);                /* waits for its end */
void scan_loop_destroy(struct scan_loop *loop);             /* NULL is fine */

/* --- for attempts and connections of this loop ---------------------------------------------------------- */

/* A slot is free: pull soon (not from inside the caller). */
void scan_loop_slot_free(struct scan_loop *loop);

/* This machine had no room for the connection: fewer at once for a while. */
void scan_loop_shrink(struct scan_loop *loop, const struct conn *conn, const char *why);

/* The pool has no room for conn's message: it is run again when there is; its deadline rests until then. */
void scan_loop_wait_for_pool(struct scan_loop *loop, struct conn *conn);
void scan_loop_forget(struct scan_loop *loop, struct conn *conn);
