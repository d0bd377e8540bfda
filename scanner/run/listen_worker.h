/* A capture's worker: the process that reads foreign packets. Started by listen_run.c as a program of its own, it
 * opens what needs privilege (the interface, the bundle), confines itself without any socket, and then reads
 * until the file's end, until its keeper is gone, or until it is told to stop. It stays below 256 MiB: flows take at
 * most 90, conversations 96 (flow_table.h), sightings 28, SQLite's pages 16. */
#pragma once
#include "probes/base/error.h"
#include "scanner/passive/layers/layers.h"
#include "scanner/process/worker_process.h"

#include <stdint.h>

#define LISTEN_WORKER_NAME "certsweep-listen-worker"

/* Beside WORKER_REPORT_FD and WORKER_LINES_FD. */
enum { LISTEN_FILE_FD = WORKER_FDS, LISTEN_KEYS_FD, LISTEN_FOLLOW_UP_FD };

/* argv: name, bundle, keeper's pid, source name, filter, snap length, ring (MiB; 0: the source is LISTEN_FILE_FD),
 * which descriptors are there ("lkf"), slice. Returns the exit code. */
int listen_worker_main(int argc, char *const *argv);

/* An endless capture is cut into slices, each a worker's. The next worker starts some time before the old one hands
 * over, and the old one goes on for drain_us after that, so both see the connections of that time. A handshake is
 * reported by the worker that saw the start of its connection, or by the next one when it completes after the old
 * one has ended. */
struct listen_slice {
    int64_t from_us, until_us;      /* UTC, packet time; from 0: no worker before, until INT64_MAX: none after */
    int64_t drain_us;
};
struct handshake;
bool listen_slice_has(const struct listen_slice *slice, const struct handshake *handshake);

struct listen_report {              /* over the pipe, a few times a second; smaller than PIPE_BUF */
    uint64_t packets, bytes;
    uint64_t handshakes, chains, hidden, incomplete, resumed, rows, follow_ups;
    uint64_t cut, unknown, too_deep, fragments;
    uint64_t gaps, gap_bytes, overlaps, over_limit;
    uint64_t flows, evicted, evicted_silent, conversations_dropped;
    uint64_t received, dropped, dropped_by_interface;       /* live */
    struct layer_unknown unknown_kinds[LAYERS_UNKNOWN_MAX];
    uint32_t unknown_kind_count;
    uint32_t is_last, input_damaged, interface_gone;
};
