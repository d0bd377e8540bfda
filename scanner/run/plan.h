/* A plan: a scan that is run again and again, as a file (inih). Paths in it are relative to the file's
 * folder.
 *
 *     [plan]
 *     site = headquarters
 *     scope = scope.ini
 *     window = 22:00-05:00 Mon-Fri       ; local time; may be repeated (window.h)
 *     depth = posture
 *     policy = state
 *     fail-on = expired,weak
 *
 *     [targets]
 *     target = 10.0.0.0/12               ; as on the command line, @FILE too; may be repeated
 *                                        ; several in a line too (target_words.h)
 *     ports = 443, 8443, @mail           ; may be repeated
 *     exclude = 10.1.0.0/16              ; may be repeated
 *     exclude = @exclusions.txt
 *
 *     [rates]
 *     rate = 500                         ; the options of scan, by their names
 *     prefix-rate = 10
 *     host-connections = 1
 *     connections = 2000
 *     min-hit-rate = 0.001
 *     max-error-rate = 0.5
 *     syn = yes
 *     syn-rate = 5000
 *
 *     [collect]                          ; what certsweep collect --plan reads; a plan may have it beside targets or alone
 *     path = /etc                        ; may be repeated, as are
 *     include = *.pem
 *     exclude = *.log
 *     host = web1
 *     other-file-systems = yes
 *     git-history = yes
 *     password-file = stores.txt */
#pragma once
#include "probes/base/error.h"
#include "scanner/pacing/window.h"

struct plan {
    char *path;                                    /* absolute */
    char *name;                                    /* the file's name without its suffix */
    char *site, *scope, *depth, *policy, *fail_on; /* NULL: not given. scope is an absolute path */
    char *rate, *prefix_rate, *host_connections, *connections;
    char *min_hit_rate, *max_error_rate, *syn_rate;
    bool syn;
    char **targets; /* "@" stands before absolute paths */
    size_t target_count;
    char **ports;
    size_t port_count;
    char **exclusions;
    size_t exclusion_count;
    char **collect_paths, **collect_include, **collect_exclude;
    size_t collect_path_count, collect_include_count, collect_exclude_count;
    char *collect_host, *collect_passwords;         /* NULL: not given; the latter an absolute path */
    bool collect_other_file_systems, collect_git_history;
    struct window *windows;
    size_t window_count;
};

/* NULL with ERROR_USAGE that names file and line. Values are checked as far as they can be without the scan's
 * own parsers: targets, ports, exclusions, windows, depth and numbers. */
struct plan *plan_read(const char *path, struct error *err);
void plan_destroy(struct plan *plan); /* NULL is fine */
