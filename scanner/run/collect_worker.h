/* The processes that collect: a walker, which opens files and reads none, and a reader, which gets them open, is
 * confined without any right to open a file, and writes the bundle. If a file crashes the reader, a new one is
 * started, the file is recorded as a fault, and files that were not yet safe in the bundle are read again.
 *
 *     keeper ──► walker (root if root called, able only to open files and to start readers)
 *                   │  jobs: status and descriptor of a file                ▲ how many jobs are safe on disk
 *                   └─► reader (certsweep-net where root called) ───────────┘──► bundle, reports
 */
#pragma once
#include "scanner/files/walk.h"
#include "scanner/process/worker_process.h"

#define COLLECT_WORKER_NAME "certsweep-collect-worker"

enum { COLLECT_REQUEST_FD = WORKER_FDS, COLLECT_STREAM_FD };

/* What is to be collected, as strings of one letter and a value, each ended by NUL. */
enum collect_word {
    COLLECT_PATH = 'p',                 /* as realpath() gives it */
    COLLECT_INCLUDE = 'i',
    COLLECT_EXCLUDE = 'x',
    COLLECT_OTHER_FILE_SYSTEMS = 'o',
    COLLECT_GIT_HISTORY = 'g',
    COLLECT_HOST = 'h',
    COLLECT_PASSWORD = 'w',
    COLLECT_SETTINGS = 's',             /* for file_root.settings */
    COLLECT_STREAM = 't',               /* a tar on COLLECT_STREAM_FD; the value is its name */
};

/* argv: name, bundle, keeper's pid. Returns the exit code. */
int collect_worker_main(int argc, char *const *argv);

struct collect_report {                 /* over the pipe, a few times a second; smaller than PIPE_BUF */
    struct walk_counts walk;
    struct scanner_counts found;
    uint64_t restarts;
    uint32_t is_last, was_stopped;
};
