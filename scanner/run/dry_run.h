/* --dry-run: what a scan would ask, printed instead of sending a packet. The lines are for people; names and order
 * of the first column are stable. */
#pragma once
#include "scanner/pacing/pacing.h"
#include "scanner/targets/scoped_targets.h"

#include <stdio.h>

struct dry_run {
    const struct target_space *space; /* after scoped_targets_cut() */
    const struct scoped_targets *cut;
    const struct scope *scope;
    uint64_t name_count;
    struct pacing_limits limits;
    enum tls_depth depth;
    unsigned connections_quiet; /* to an endpoint that does not answer */
    unsigned connections;       /* to one that answers as current servers do, at this depth */
    unsigned connections_alerts;        /* to one that answers with alerts alone */
    unsigned connections_max;   /* to one that needs every fallback */
    uint32_t connect_ms;
    double syn_rate; /* 0: no SYN stage ahead */
    unsigned syn_passes;
    uint32_t shard, shard_count; /* 0 of 1: all */
};

void dry_run_print(FILE *out, const struct dry_run *run);

/* Seconds that the space takes at least, and what sets the pace ("the rate in all", "the rate
 * of 10.0.0.0/24"). */
double dry_run_seconds(const struct dry_run *run, char bound[96]);
