/* What a scan's worker reports to its keeper over the pipe, a few times a second: one struct, written whole (it is
 * smaller than PIPE_BUF, so a reader never sees half of one). Both ends are the same program. */
#pragma once
#include "probes/base/outcome.h"

#include <stdint.h>

struct worker_report {
    uint64_t ended, total;          /* positions: in all runs of this scan, and of its shard */
    uint64_t names_ended, names_total;
    uint64_t observations, certificates, connections, local_limits;
    uint64_t outcomes[OUTCOME_COUNT];       /* of this run */
    uint32_t in_flight;
    uint32_t is_last;               /* the worker has ended in order */
};
