/* One connection: TCP, the probe's plaintext, our hello, the server's flight until the chain is whole, an alert
 * that says why we leave. Its owner opens one after the other; on_end() reports the end. Steps never arm events
 * and never free; conn_enter() alone sets the state, conn_end() notes the outcome.
 *
 *     CONNECT ──► (VIA) ──► PREAMBLE ──► HELLO ──► CAPTURE ──► FAREWELL ──► DONE ──► on_end()
 *        └────────────┴──────────┴─────────┴── refused, reset, timeout ...──►┘
 */
#pragma once
#include "probes/base/byte_buffer.h"
#include "probes/base/target_space.h"
#include "probes/choice.h"
#include "probes/via.h"
#include "probes/tls/capture.h"

#include <event2/event_struct.h>

enum conn_state { CONN_CONNECT, CONN_VIA, CONN_PREAMBLE, CONN_HELLO, CONN_CAPTURE, CONN_FAREWELL, CONN_DONE };

#define CONN_BUFFER 65536

struct conn;

/* What the connections of one thread share; it outlives them. */
struct conn_shared {
    struct event_base *base;
    const struct timeval *connect_time, *handshake_time, *greeting_time;    /* common timeouts of base: O(1) */
    int sockets_fd;                 /* epoll of all connections: one call each, where an event would cost three */
    struct tls_pool *pool;
    const struct via *via;          /* the proxy that all go through; NULL: none */
    const struct openvpn_key *openvpn_key;  /* NULL: none was given */
    bool reset_end;                 /* end with a RST instead of an alert and a FIN */
    bool is_crowded;                /* so many at once that each should take little at a time */
    /* The pool has no room for a connection's message: conn_resume() goes on when there is, unless it has ended before. */
    void (*on_wait)(struct conn *conn, void *owner);
    void (*on_wait_end)(struct conn *conn, void *owner);
    void *owner;
    uint8_t buffer[CONN_BUFFER];    /* what one read brought */
    uint8_t inside[CONN_BUFFER];    /* TLS taken out of a probe's packets */
};

struct conn {
    struct conn_shared *shared;
    enum conn_state state;
    int fd;                         /* -1: none */
    struct event deadline;
    struct event soon;              /* runs it once more, without waiting for the socket */
    struct conn *rest_prev, *rest_next;     /* of those that wait for the pool */
    bool rests;
    enum tls_pool_share rests_for;
    bool greets;                            /* it waits for the word of a server that speaks first */
    int64_t rest_began_us, rested_us;       /* of all the attempt's connections */
    int64_t deadline_rested_us;             /* the rest that the deadline has been given back */
    struct target target;
    struct via_state via_state;
    bool via_asked;
    const struct probe *probe;
    void *probe_state;              /* NULL where the probe is direct TLS */
    struct probe_target probe_target;
    struct tls_capture *capture;    /* the attempt's; may be used for several connections */
    const struct tls_hello_plan *plan;
    struct byte_buffer in;          /* what came and could not be used yet */
    struct byte_buffer inside;      /* TLS out of the probe's packets that could not be used yet */
    struct byte_buffer out;         /* what could not be sent yet */
    bool retry;                     /* what the preamble or a full pool has left is to be read before the socket */
    unsigned reads;                 /* in this turn */
    unsigned all_reads;             /* of this connection */
    size_t preamble_len;            /* bytes that came before TLS */
    enum outcome outcome;           /* 0 until the end */
    bool is_connected;              /* something has gone out, or the kernel said so */
    bool stayed_here; /* aborted, since its SYN has not left this machine: no outcome, ask again later */
    bool has_begun;                 /* the hello has been written: the capture's facts are this connection's */
    char detail[DETAIL_SIZE];
    /* What the server sent first, where that was no TLS; or what it sent in the clear after it had agreed to TLS. */
    uint8_t words[PROBE_WORDS_MAX];
    size_t words_len;
    bool is_cleartext;              /* the words are of the second kind */
    int64_t opened_us, connected_us, ended_us;      /* monotonic; 0: not reached */
    void (*on_end)(struct conn *conn, void *context);
    void *context;
};

enum conn_opened {
    CONN_OPENED,                    /* on_end() will come, not before conn_open() has returned */
    CONN_LOCAL_LIMIT,               /* this machine has no room now: no outcome, ask again later; errno says why */
};

/* What stays the same for all connections of an attempt. */
void conn_init(struct conn *conn, struct conn_shared *shared, void (*on_end)(struct conn *conn, void *context),
               void *context);

/* Everything but the socket is checked before: scope, pacing, budget. */
enum conn_opened conn_open(struct conn *conn, const struct target *target, const struct probe *probe,
                           const char *server_name, struct tls_capture *capture,
                           const struct tls_hello_plan *plan);

/* The socket is ready. The epoll is edge-triggered, so a connection reads until nothing is left. */
void conn_on_socket(struct conn *conn);

/* The pool has room again. */
void conn_resume(struct conn *conn);

/* How long it waited for the pool, or for a greeting, which has a deadline of its own; this time is not counted against the
 * other deadlines. */
int64_t conn_rested_us(const struct conn *conn);

/* Ends it from outside, at once; on_end() is called. */
void conn_abort(struct conn *conn, enum outcome outcome);
