/* One capture, as the keeper goes through it: file opened, bundle made, worker started and watched, bundle
 * sealed, account told. What comes after it (database, follow-up) is the caller's, with the sealed bundle. */
#pragma once
#include "probes/base/error.h"
#include "scanner/run/listen_worker.h"

#include <stdbool.h>

struct listen_request {
    const char *file;               /* "-" standard input; NULL: live */
    const char *interface;
    const char *filter;             /* live; NULL none */
    int snap_len, ring_mib;
    long long duration_s;           /* live; 0: until told to stop */
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
};

bool listen_run(struct listen_request *request, struct error *err);
