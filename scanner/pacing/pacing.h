/* Politeness: who may be asked now, and if not now, when. Every connection asks pacing_begin() first and
 * reports to pacing_end() afterwards. It never blocks, costs O(1) a call and remembers about 16,000 hosts and
 * prefixes beside those in flight; the one that was quiet longest is forgotten first.
 *
 *     all          a token bucket (rate), ramped up at the start, and a limit of connections at once (in_flight)
 *     prefix       /24 or /64: connections a second; slots are reserved in advance, so each target waits once
 *     host         connections at once
 *     back-off     a host or prefix that answered before and now is silent or resets is asked more slowly
 *     stop rules   too few hits, too many errors: pacing_stop() says why the scan should end
 *
 * One pacing serves all loops of a process. It has one lock, held for about 100 ns a call, which two loops with
 * 20,000 connections/s do not notice. A bucket per loop would have to divide the global rate, and could not keep
 * a host's limit when two loops ask the same host. The caller passes the time, in monotonic microseconds
 * (clock_monotonic_us()). The bucket holds at most 20 ms' worth of tokens, so after a pause or a suspend no
 * burst follows. */
#pragma once
#define PACING_RATE_DEFAULT        1000     /* new connections a second in all, */
#define PACING_PREFIX_RATE_DEFAULT 20       /* to one /24 or /64, */
#define PACING_PER_HOST_DEFAULT    2        /* and at once to one host */

#include "probes/base/address.h"
#include "probes/base/error.h"
#include "probes/base/outcome.h"

struct pacing_limits {
    double rate;             /* connections a second in all; 0: no cap */
    double prefix_rate;      /* connections a second to one /24 (IPv6: /64); 0: no cap */
    unsigned per_host;       /* connections at once to one host; 0: no cap */
    unsigned in_flight;      /* connections at once in all; 0: no cap (the caller's descriptors decide) */
    unsigned ramp_up_ms;     /* from a tenth of the rate to all of it; 0: at once */
    bool loopback_unlimited; /* --rate max: on loopback nothing but in_flight holds */
    double min_hit_rate;     /* stop rule: share of attempts that were answered, 0..1; 0: off */
    double max_error_rate;   /* stop rule: share that ended in a reset or were unreachable, 0..1; 0: off */
    unsigned stop_window;    /* how many of the last attempts a stop rule looks at; with fewer it does not apply */
};

/* The defaults: 1,000/s, 20/s per prefix, 2 per host, 2 s of ramp-up, no stop rule, a window of 1,000. */
extern const struct pacing_limits pacing_limits_default;

/* --rate: "500", "0.5" or "max". "max" keeps the default everywhere but on loopback. */
bool pacing_limits_set_rate(struct pacing_limits *limits, const char *text, struct error *err);

enum pacing_verdict {
    PACING_GO,       /* it counts as in flight from now on */
    PACING_LATER,    /* this target waits until ticket.at_us; others may go */
    PACING_ALL_WAIT, /* no connection before ticket.at_us (the global rate or in_flight) */
};

/* Kept with a waiting target, zeroed at first. Once it has a time, its slot in the prefix's rate is reserved. */
struct pacing_ticket {
    int64_t at_us; /* when to ask again */
    bool reserved;
};

struct pacing;

struct pacing *pacing_create(const struct pacing_limits *limits);
void pacing_destroy(struct pacing *pacing); /* NULL is fine */

/* per_host 0: the limit's; a probe's own lower cap otherwise. */
enum pacing_verdict pacing_begin(struct pacing *pacing, const struct address *address, unsigned per_host,
                                 int64_t now_us, struct pacing_ticket *ticket);

/* The connection has ended with this outcome. OUTCOME_ABORTED: we ended it, or this machine lacked resources;
 * it says nothing about the host. */
void pacing_end(struct pacing *pacing, const struct address *address, enum outcome outcome, int64_t now_us);

/* The host answered, and then refused whatever it was asked, in this scan or an earlier one: perhaps it serves one session
 * at a time. From now on it gets one connection at once. The first PACING_SINGLES_MAX such hosts are remembered to the end. */
#define PACING_SINGLES_MAX 65536
void pacing_single(struct pacing *pacing, const struct address *address, int64_t now_us);

/* A connection that began at began_us met a limit of this machine (descriptors, ports, buffers, tables): the
 * in_flight limit shrinks by a quarter of what is in flight, and grows back by a sixteenth for every in_flight
 * connections that end well. A connection that began before the last shrinking met the same shortage and changes
 * nothing. Where the limit was noticed late (is_late: a SYN that never left, some seconds ago), in_flight shrinks
 * to a quarter and the rate to half, but not below PACING_LATE_MIN and a tenth: if even that is too much, the
 * cause is another one. */
#define PACING_LATE_MIN 256
void pacing_shrink(struct pacing *pacing, int64_t began_us, bool is_late, int64_t now_us);

/* NULL, or why a stop rule ends the scan ("of the last 1,000 attempts 2 were answered, ..."). The first reason
 * stays, and the text lives as long as the pacing. */
const char *pacing_stop(struct pacing *pacing);

struct pacing_counts {
    unsigned in_flight;
    unsigned in_flight_cap; /* 0: none */
    size_t hosts, prefixes; /* remembered */
    double rate;            /* of now: the ramp-up seen */
};
void pacing_get(struct pacing *pacing, int64_t now_us, struct pacing_counts *counts);
