#include "scanner/scan_run.h"

#include "inventory/bundle/bundle.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/bundle_folder.h"
#include "scanner/keeper.h"
#include "scanner/progress.h"
#include "scanner/scope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static bool random_bytes(void *bytes, size_t len, struct error *err)
{
    if (getrandom(bytes, len, 0) != (ssize_t)len)
        return error_set(err, ERROR_SYSTEM, "no random bytes: %s", strerror(errno));
    return true;
}

/* A UUID of version 4 (RFC 9562). */
static bool make_id(char id[SCAN_ID_SIZE], struct error *err)
{
    uint8_t b[16];
    char hex[33];
    if (!random_bytes(b, sizeof b, err))
        return false;
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    hex_format(b, sizeof b, hex);
    snprintf(id, SCAN_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    return true;
}

/* --- a new bundle --------------------------------------------------------------------------------------- */

static bool copy_names(struct bundle_writer *writer, struct target_list *targets, struct error *err)
{
    uint64_t line;
    const char *text;
    target_list_rewind(targets);
    while (target_list_next_name(targets, &line, &text, err))
        if (!bundle_add_target_line(writer, line, text, err))
            return false;
    return err->kind == ERROR_NONE;
}

static bool make_bundle(struct scan_request *request, struct bundle_head *head, struct error *err)
{
    struct bundle_writer *writer = bundle_create(request->path, head, err);
    if (writer == NULL)
        return false;
    bool ok = copy_names(writer, request->targets, err) && bundle_commit(writer, err);
    bundle_close(writer);
    if (!ok)
        unlink(request->path);
    return ok;
}

static bool fill_head(struct scan_request *request, const struct target_space *space,
                      struct bundle_head *head, struct error *err)
{
    *head = (struct bundle_head){
        .kind = BUNDLE_SCAN,
        .started_us = clock_utc_us(),
        .space_size = target_space_count(space),
        .shard = request->shard,
        .shard_count = request->shard_count,
        .known_names = "",
    };
    if (strlen(request->site) >= sizeof head->site)
        return error_set(err, ERROR_USAGE, "--site %s: longer than %zu bytes", request->site,
                         sizeof head->site - 1);
    snprintf(head->site, sizeof head->site, "%s", request->site);
    return random_bytes(head->permutation_key, sizeof head->permutation_key, err) &&
           make_id(head->scan_id, err);
}

static bool choose_path(struct scan_request *request, const struct bundle_head *head, struct error *err)
{
    if (request->bundle == NULL)
        return bundle_folder_path(head->scan_id, request->path, sizeof request->path, err);
    int len = snprintf(request->path, sizeof request->path, "%s", request->bundle);
    return len > 0 && (size_t)len < sizeof request->path
               ? true
               : error_set(err, ERROR_USAGE, "-o %s: the path is too long", request->bundle);
}

/* --- the run -------------------------------------------------------------------------------------------- */

static void tell_end(struct scan_request *request, const struct keeper_result *result, const char *how)
{
    log_info("%s; what was found is safe. Go on with: certsweep scan --resume %s", how, request->path);
    request->code = result->end == KEEPER_WINDOW ? 0 : 4;
}

static void tell_account(const struct keeper_result *result)
{
    char seconds[32], found[32];
    uint64_t ended = 0;
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        ended += result->report.outcomes[i];
    char *account = progress_account(result->report.outcomes, ended);
    progress_format_seconds(result->seconds, seconds);
    progress_format_count(result->report.certificates, found);
    log_info("%s", account);
    log_info("%s chains found in %s (%.0f targets/s)", found, seconds,
             result->seconds > 0 ? (double)ended / result->seconds : 0);
    free(account);
}

static bool seal(struct scan_request *request, struct error *err)
{
    struct bundle_writer *writer = bundle_reopen(request->path, err);
    if (writer == NULL || !bundle_seal(writer, err))
        return false;
    request->is_sealed = true;
    return true;
}

static bool run(struct scan_request *request, struct error *err)
{
    struct keeper_job job = {
        .bundle = request->path,
        .lines_fd = request->lines_fd,
        .all_lines = request->all_lines,
        .stop_at_us = request->stop_at_us,
    };
    struct keeper_result result;
    char how[128];
    if (!keeper_run(&job, &result, err))
        return false;
    tell_account(&result);
    switch (result.end) {
    case KEEPER_FINISHED: request->code = 0; return seal(request, err);
    case KEEPER_STOPPED: tell_end(request, &result, "stopped"); return true;
    case KEEPER_WINDOW: tell_end(request, &result, "the window has ended"); return true;
    case KEEPER_WORKER_DIED:
        snprintf(how, sizeof how, "the worker was killed by signal %d (%s)", result.code,
                 strsignal(result.code));
        tell_end(request, &result, how);
        return true;
    case KEEPER_WORKER_FAILED:
        tell_end(request, &result, "the worker has given up");
        request->code = result.code == 0 ? 4 : result.code;
        return true;
    }
    abort(); /* no other value exists */
}

static void tell_dry_run(const struct target_space *space, const struct target_list *targets)
{
    char count[32], names[32];
    progress_format_count(target_space_count(space), count);
    progress_format_count(target_list_name_count(targets), names);
    printf("targets: %s\nnames: %s\n", count, names);
}

static void tell_cut(uint64_t named, uint64_t left)
{
    char cut[32], all[32];
    if (named == left)
        return;
    progress_format_count(named - left, cut);
    progress_format_count(named, all);
    log_warning("%s of %s targets are outside the scope and will not be asked", cut, all);
}

/* The space of what was named, without what scope and exclusions forbid. NULL with an error that says how to
 * be allowed where nothing is left. */
static struct target_space *build_space(struct scan_request *request, struct error *err)
{
    struct target_space_builder *builder = target_list_builder(request->targets);
    const struct scan_settings *settings = &request->settings;
    struct target first;
    struct scope *scope = scope_create(settings->scope, request->scope_label, settings->exclusions, err);
    struct target_space *named = NULL, *space = NULL;
    if (scope != NULL && scope_check(scope, settings->depth, clock_utc_us(), err))
        named = target_space_build(builder, err);
    if (named != NULL) {
        scope_cut(scope, builder);
        space = target_space_build(builder, err);
    }
    if (space != NULL && target_space_count(space) == 0 && target_space_count(named) != 0) {
        target_space_get(named, 0, &first);
        scope_advise(scope, &first, err);
        target_space_destroy(space);
        space = NULL;
    }
    if (space != NULL)
        tell_cut(target_space_count(named), target_space_count(space));
    target_space_destroy(named);
    scope_destroy(scope);
    return space;
}

bool scan_run(struct scan_request *request, struct error *err)
{
    struct bundle_head head;
    request->settings.exclusions = xstrdup(target_list_exclusions(request->targets));
    struct target_space *space = build_space(request, err);
    if (space == NULL)
        return false;
    bool ok = true;
    char *text = target_space_format(space);
    char *plan = scan_settings_format(&request->settings);
    if (target_space_count(space) == 0 && target_list_name_count(request->targets) == 0)
        ok = error_set(err, ERROR_USAGE, "nothing is left to scan: no target, or all of them excluded");
    else if (request->dry_run)
        tell_dry_run(space, request->targets);
    else
        ok = fill_head(request, space, &head, err) && choose_path(request, &head, err);
    if (ok && !request->dry_run) {
        head.plan = plan;
        head.space = text;
        ok = make_bundle(request, &head, err) && run(request, err);
    }
    target_space_destroy(space);
    free(text);
    free(plan);
    return ok;
}

bool scan_resume(struct scan_request *request, struct error *err)
{
    if (!bundle_folder_find(request->resume, request->path, sizeof request->path, err))
        return false;
    struct bundle_writer *writer = bundle_reopen(request->path, err);
    if (writer == NULL)
        return false;
    bool is_scan = bundle_head(writer)->kind == BUNDLE_SCAN;
    bundle_close(writer);
    if (!is_scan)
        return error_set(err, ERROR_USAGE, "%s is not the bundle of a scan", request->path);
    return run(request, err);
}
