#include "scanner/run/follow_up_scan.h"

#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "probes/base/probe.h"
#include "scanner/process/bundle_folder.h"
#include "scanner/run/follow_up_memory.h"
#include "scanner/passive/follow_ups.h"
#include "scanner/run/scan_run.h"
#include "scanner/targets/scope.h"
#include "scanner/targets/target_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPTURES_NAMED_MAX 65536 /* endpoints in one plan: a bundle refuses a larger plan */

struct target_asked {
    const struct probe *probe;
    char *target, *key, *reason, *capture;
};

struct follow_up_run {
    struct follow_up_request *request;
    struct target_list *targets; /* of the scan under way; before it, what holds the exclusions */
    char *scope_text;            /* NULL none */
    struct scope *scope;
    char memory_path[4096]; /* "" none */
    struct follow_up_memory *memory;
    struct target_asked *asked; /* by dialect */
    size_t count, capacity;
    size_t done; /* of them: their scan has run */
    unsigned scans;
};

/* --- which ---------------------------------------------------------------------------------------------- */

/* Every target names its port: the default is never used. */
#define DEFAULT_PORTS "443"

static struct target_list *make_targets(const struct follow_up_request *request, struct error *err)
{
    struct port_set *ports = port_set_parse(DEFAULT_PORTS, err);
    struct target_list *targets = target_list_create(ports);
    port_set_destroy(ports);
    bool ok = true;
    for (size_t i = 0; i < request->exclusion_count && ok; i++)
        ok = target_list_exclude(targets, request->exclusions[i], err);
    if (ok)
        return targets;
    target_list_destroy(targets);
    return NULL;
}

static bool is_in_scope(const struct follow_up_run *run, const struct follow_up *candidate)
{
    struct target target = {.address = candidate->address,
                            .transport = TRANSPORT_TCP,
                            .port = candidate->port};
    struct scope_question question = {.target = &target,
                                      .server_name = candidate->server_name,
                                      .depth = TLS_DEPTH_CERT,
                                      .time_us = clock_utc_us()};
    return scope_judge(run->scope, &question, NULL) == SCOPE_ALLOWED;
}

static void keep(struct follow_up_run *run, const struct probe *probe, const char *target, char *key,
                 const struct follow_up *candidate)
{
    if (run->count == run->capacity) {
        run->capacity = run->capacity == 0 ? 64 : run->capacity * 2;
        run->asked = xreallocarray(run->asked, run->capacity, sizeof *run->asked);
    }
    run->asked[run->count++] = (struct target_asked){.probe = probe,
                                                     .target = xstrdup(target),
                                                     .key = key,
                                                     .reason = xstrdup(candidate->reason),
                                                     .capture = xstrdup(candidate->capture)};
}

static void take(struct follow_up_run *run, char *line)
{
    struct follow_up_request *request = run->request;
    struct follow_up candidate;
    char target[512];
    if (!follow_up_parse(line, &candidate))
        return;
    const struct probe *probe = follow_up_probe(&candidate);
    if (probe == NULL || !follow_up_target(&candidate, target)) {
        request->no_way++;
        return;
    }
    if (!is_in_scope(run, &candidate)) {
        request->out_of_scope++;
        return;
    }
    char *key = xasprintf("%s\t%s\t%s", request->site, probe->name, target);
    if (!follow_up_memory_add(run->memory, key)) {
        request->asked_before++;
        free(key);
        return;
    }
    keep(run, probe, target, key, &candidate);
}

static int by_dialect(const void *a, const void *b)
{
    const struct target_asked *left = a, *right = b;
    int order = strcmp(left->probe->name, right->probe->name);
    if (order == 0)
        order = strcmp(left->capture, right->capture);
    return order != 0 ? order : strcmp(left->target, right->target);
}

static bool read_candidates(struct follow_up_run *run, struct error *err)
{
    char *line = NULL;
    size_t size = 0;
    int fd = dup(run->request->candidates_fd);
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
    if (in == NULL)
        return error_set(err, ERROR_SYSTEM, "follow-up: %s", strerror(errno));
    rewind(in);
    while (getline(&line, &size, in) > 0)
        take(run, line);
    free(line);
    fclose(in);
    if (run->count != 0)
        qsort(run->asked, run->count, sizeof *run->asked, by_dialect);
    run->request->asked = run->count;
    return true;
}

static bool open_memory(struct follow_up_run *run, struct error *err)
{
    const char *path = run->memory_path[0] == '\0' ? NULL : run->memory_path;
    run->memory = follow_up_memory_open(path, clock_utc_us(), FOLLOW_UP_TTL_US, err);
    return run->memory != NULL;
}

static bool close_memory(struct follow_up_run *run, struct error *err)
{
    struct follow_up_memory *memory = run->memory;
    run->memory = NULL;
    return memory == NULL || follow_up_memory_close(memory, err);
}

/* Marked as asked before the scan starts, so that another listener leaves them out. */
static bool choose(struct follow_up_run *run, struct error *err)
{
    bool ok = open_memory(run, err) && read_candidates(run, err);
    return close_memory(run, ok ? err : NULL) && ok;
}

/* --- listed --------------------------------------------------------------------------------------------- */

static bool write_targets(const struct follow_up_run *run, struct error *err)
{
    const char *path = run->request->targets_path;
    int fd = output_file_stream(path, O_TRUNC, 0666, err);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (out == NULL)
        return false;
    bool ok = true;
    for (size_t i = 0; i < run->count && ok; i++)
        ok = fprintf(out, "%s # %s: %s\n", run->asked[i].target, run->asked[i].probe->name,
                     run->asked[i].reason) > 0;
    ok = fclose(out) == 0 && ok;
    return ok || error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
}

/* --- asked ---------------------------------------------------------------------------------------------- */

static void fill_settings(const struct follow_up_run *run, size_t from, size_t to,
                          struct scan_settings *settings)
{
    const char *last = "";
    char *what = xasprintf("%zu hidden endpoints of captures", to - from);
    scan_settings_add(&settings->targets, &settings->target_count, what);
    free(what);
    settings->depth = TLS_DEPTH_CERT;
    settings->ports = xstrdup(DEFAULT_PORTS);
    settings->probe = xstrdup(run->asked[from].probe->name);
    settings->rate = run->request->rate == NULL ? NULL : xstrdup(run->request->rate);
    settings->scope = run->scope_text == NULL ? NULL : xstrdup(run->scope_text);
    for (size_t i = from; i < to; i++) {
        if (strcmp(last, run->asked[i].capture) != 0 && settings->follow_up_count < CAPTURES_NAMED_MAX)
            scan_settings_add(&settings->follow_up_of, &settings->follow_up_count, run->asked[i].capture);
        last = run->asked[i].capture;
    }
}

static char *bundle_name(struct follow_up_run *run)
{
    const char *output = run->request->output;
    run->scans++;
    if (output == NULL)
        return NULL;
    return run->scans == 1 ? xasprintf("%s.follow-up", output)
                           : xasprintf("%s.follow-up.%u", output, run->scans);
}

/* The scan could not start: the next listener may try again. */
static void forget_the_rest(struct follow_up_run *run)
{
    if (!open_memory(run, NULL))
        return;
    for (size_t i = run->done; i < run->count; i++)
        follow_up_memory_forget(run->memory, run->asked[i].key);
    close_memory(run, NULL);
}

static bool scan_dialect(struct follow_up_run *run, size_t from, size_t to, struct error *err)
{
    struct follow_up_request *request = run->request;
    char *bundle = bundle_name(run);
    struct scan_request scan = {.targets = run->targets,
                                .site = request->site,
                                .bundle = bundle,
                                .scope_label = request->scope_path,
                                .known_names = request->known_names,
                                .known_context = request->context,
                                .lines_fd = request->lines_fd,
                                .shard_count = 1};
    scan_settings_init(&scan.settings);
    bool ok = true;
    fill_settings(run, from, to, &scan.settings);
    for (size_t i = from; i < to && ok; i++)
        ok = target_list_add(run->targets, run->asked[i].target, err);
    log_info("asking %zu hidden endpoints (%s)", to - from, run->asked[from].probe->name);
    ok = ok && scan_run(&scan, err);
    if (ok)
        run->done = to;
    if (ok && bundle != NULL)
        log_info("bundle: %s", bundle);
    if (ok && scan.is_sealed)
        ok = request->on_sealed(request->context, scan.path, err);
    if (scan.code != 0)
        request->code = scan.code;
    scan_settings_clear(&scan.settings);
    free(bundle);
    return ok;
}

/* A stop means all scans: the remaining endpoints are asked another time. */
static bool ask(struct follow_up_run *run, struct error *err)
{
    bool ok = true;
    for (size_t from = 0, to; from < run->count && ok && run->request->code == 0; from = to) {
        for (to = from; to < run->count && run->asked[to].probe == run->asked[from].probe; to++)
            continue;
        if (from != 0) {
            target_list_destroy(run->targets);
            run->targets = make_targets(run->request, err);
        }
        ok = run->targets != NULL && scan_dialect(run, from, to, err);
    }
    if (run->done != run->count)
        forget_the_rest(run);
    return ok;
}

/* --- all of it ------------------------------------------------------------------------------------------ */

static bool prepare(struct follow_up_run *run, struct error *err)
{
    const struct follow_up_request *request = run->request;
    if (request->scope_path != NULL && (run->scope_text = scope_read_file(request->scope_path, err)) == NULL)
        return false;
    if ((run->targets = make_targets(request, err)) == NULL)
        return false;
    run->scope = scope_create(run->scope_text, request->scope_path == NULL ? "" : request->scope_path,
                              target_list_exclusions(run->targets), err);
    if (run->scope == NULL)
        return false;
    if (request->targets_path != NULL)
        return true; /* listed is not asked */
    char folder[4000];
    if (!bundle_folder(folder, sizeof folder, err))
        return false;
    snprintf(run->memory_path, sizeof run->memory_path, "%s/follow-ups", folder);
    return true;
}

static void tell(const struct follow_up_request *request)
{
    char *rest = xasprintf("%zu asked of late, %zu out of scope, %zu that a scan cannot ask",
                           request->asked_before, request->out_of_scope, request->no_way);
    if (request->targets_path != NULL)
        log_info("%zu hidden endpoints for certsweep scan @%s (%s)", request->asked, request->targets_path,
                 rest);
    else
        log_info("%zu hidden endpoints to ask (%s)", request->asked, rest);
    free(rest);
}

static void clear(struct follow_up_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        free(run->asked[i].target);
        free(run->asked[i].key);
        free(run->asked[i].reason);
        free(run->asked[i].capture);
    }
    free(run->asked);
    target_list_destroy(run->targets);
    scope_destroy(run->scope);
    free(run->scope_text);
}

bool follow_up_scan(struct follow_up_request *request, struct error *err)
{
    struct follow_up_run run = {.request = request};
    bool ok = prepare(&run, err) && choose(&run, err);
    if (ok) {
        tell(request);
        ok = request->targets_path != NULL ? write_targets(&run, err) : ask(&run, err);
    }
    clear(&run);
    return ok;
}
