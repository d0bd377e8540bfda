/* What the loops of one worker share. Made by worker.c before the loops start, and read by all of them. What changes is atomic or
 * locks itself (dispatcher, recorder, names). */
#pragma once
#include "inventory/bundle/bundle.h"
#include "scanner/sweep/dispatcher.h"
#include "scanner/pacing/certificate_budget.h"
#include "scanner/targets/known_names.h"
#include "scanner/sweep/recorder.h"
#include "probes/via.h"
#include "scanner/sweep/scan_settings.h"

#include <stdatomic.h>

struct scan_counters {              /* all loops'; relaxed: only progress reads them */
    atomic_uint_fast64_t outcomes[OUTCOME_COUNT];       /* ended attempts at positions of the space */
    atomic_uint_fast64_t names[OUTCOME_COUNT];          /* ended lines of the name list */
    atomic_uint_fast64_t observations;
    atomic_uint_fast64_t certificates;                  /* observations with a chain */
    atomic_uint_fast64_t connections;
    atomic_uint_fast64_t local_limits;                  /* attempts put back since this machine had no room */
    atomic_uint_fast32_t in_flight;
};

struct scan {
    const struct scan_settings *settings;
    const struct bundle_head *head;
    struct dispatcher *dispatcher;
    struct recorder *recorder;
    struct pacing *pacing;
    struct certificate_budget *budget;
    struct scope *scope;
    struct via via;
    struct openvpn_key *openvpn_key;        /* NULL: none was given */
    bool goes_via;                  /* every connection goes through the proxy */
    struct resolver_cache *resolved;
    struct known_names *known;
    bool asks_names;                /* some endpoint may be asked under more names */
    struct scan_counters counters;
    unsigned loop_count;
    atomic_uint running;            /* loops that have not ended */
    int ended_fd;                   /* eventfd: written when one ends */
    atomic_bool stop;               /* the loops end what is in flight and leave */
};

static inline void scan_count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}
