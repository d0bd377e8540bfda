/* One run of a scan, as the keeper runs it: makes (or reopens) the bundle, runs the worker, prints the account, seals
 * the bundle. The caller loads the sealed bundle, reconciles and prints the summary. */
#pragma once
#include "inventory/bundle/bundle.h"
#include "probes/base/error.h"
#include "probes/base/observation.h"
#include "scanner/sweep/scan_settings.h"
#include "scanner/targets/target_list.h"

struct scan_request {
    struct scan_settings settings;
    struct target_list *targets;    /* of a new scan; NULL with resume */
    const char *site;
    const char *scope_label;        /* the scope file's name, for errors; NULL: none */
    /* Returns what is known of the space's hosts, as lines of known_names.h, for us to free(); NULL: nothing. */
    char *(*known_names)(void *context, const char *site, const struct target_space *space);
    void *known_context;
    const char *bundle;             /* -o: where; NULL: the folder of bundles */
    const char *resume;             /* id or path; NULL: a new scan */
    char continues[4096];           /* --continue: the open bundle to go on with; "": none, a new run */
    uint32_t shard, shard_count;
    const char *shard_of;           /* another part's bundle, whose name is taken; NULL: settings.shard_name, or the day */
    int lines_fd;                   /* -1: no JSON lines */
    bool all_lines, lines_on_stdout;
    bool dry_run;
    int64_t stop_at_us;             /* UTC: end of the plan's window; 0: none */
    const char *openvpn_key, *via_login;        /* resume: files of the secrets for this run; NULL: those of its plan */
    const char *window;             /* --window, a line each; NULL: a resumed scan keeps its bundle's */

    char shard_scan[SCAN_ID_SIZE];  /* filled: the scan of shard_of */
    char resumed_site[SITE_SIZE];   /* filled by scan_resume() */
    int code;                       /* filled: the exit code */
    bool is_sealed;                 /* filled: all is done, the bundle may be loaded */
    char path[4096];                /* filled: the bundle */
};

bool scan_run(struct scan_request *request, struct error *err);
bool scan_resume(struct scan_request *request, struct error *err);
