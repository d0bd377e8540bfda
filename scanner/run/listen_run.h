/* One capture, as the keeper runs it: opens the file, makes the bundle, starts and watches the worker, seals the
 * bundle, prints the account. The caller loads the sealed bundle and starts follow-ups. */
#pragma once
#include "probes/base/error.h"
#include "scanner/run/listen_worker.h"

#include <stdbool.h>

struct listen_request {
    const char *file;               /* "-" standard input; NULL: live */
    const char *interface;
    const char *filter;             /* live; NULL none */
    int snap_len, ring_mib;
    long long duration_s;           /* live; 0: until stopped */
    const char *site;
    const char *bundle;             /* where; NULL: the folder of bundles */
    int lines_fd;                   /* JSON lines; -1 none */
    int follow_up_fd;               /* candidates are written here; -1 none */
    const char *key_log;            /* path; NULL none */

    struct listen_report report;    /* filled: the last one */
    bool is_sealed;
    bool interrupted;
    int code;                       /* the exit code */
    char path[4096];                /* the bundle */
    char output[4096];              /* room for listen_slices.begin(), which may let bundle point here */
};

bool listen_run(struct listen_request *request, struct error *err);

/* A live capture in slices, one after the other, each with a bundle of its own: nothing is lost between two of them
 * (listen_worker.h), nor where the interface goes down and comes back. duration_s is that of all slices together. */
struct listen_slices {
    long long every_s;
    void *context;
    /* Names the slice's bundle and opens its follow_up_fd. number: from 1. */
    bool (*begin)(void *context, struct listen_request *slice, unsigned number, struct error *err);
    /* A slice has ended and others go on; the last one is left in *request. Signals are blocked. */
    void (*end)(void *context, struct listen_request *slice);
};
bool listen_run_slices(struct listen_request *request, const struct listen_slices *slices, struct error *err);
