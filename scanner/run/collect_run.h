/* One collection, as the keeper runs it: makes the bundle, starts and watches walker and reader, seals the bundle, prints the
 * account. The caller loads the sealed bundle. */
#pragma once
#include "scanner/run/collect_worker.h"

struct collect_run_request {
    const char *const *paths;           /* as the user wrote them; "-": a tar on standard input */
    size_t path_count;
    const char *const *include, *const *exclude, *const *passwords;
    size_t include_count, exclude_count, password_count;
    bool other_file_systems, git_history;
    const char *host;                   /* NULL: this machine's name */
    const char *site;
    const char *bundle;                 /* where; NULL: the folder of bundles */

    struct collect_report report;       /* filled: the last one */
    bool is_sealed, interrupted;
    int code;                           /* the exit code */
    char path[4096];                    /* the bundle */
};

bool collect_run(struct collect_run_request *request, struct error *err);
