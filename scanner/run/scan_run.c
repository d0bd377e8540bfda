#include "scanner/run/scan_run.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"
#include "probes/base/user_file.h"
#include "probes/secrets.h"
#include "probes/survey/server_survey.h"
#include "probes/via.h"
#include "scanner/process/bundle_folder.h"
#include "scanner/run/dry_run.h"
#include "scanner/syn/stage.h"
#include "scanner/process/keeper.h"
#include "scanner/process/progress.h"
#include "scanner/run/scan_account.h"
#include "scanner/run/scan_identity.h"
#include "scanner/run/worker.h"
#include "scanner/pacing/window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a new bundle --------------------------------------------------------------------------------------- */

static bool copy_names(struct bundle_writer *writer, struct target_list *targets, struct error *err)
{
    uint64_t line;
    const char *text;
    target_list_rewind(targets);
    while (target_list_next_name(targets, &line, &text, err))
        if (scan_identity_has_line(bundle_head(writer), line) && !bundle_add_target_line(writer, line, text, err))
            return false;
    return err->kind == ERROR_NONE;
}

static bool make_bundle(struct scan_request *request, struct bundle_head *head, struct error *err)
{
    struct bundle_writer *writer = bundle_create(request->path, head, err);
    if (writer == NULL && request->settings.shard_name != NULL && access(request->path, F_OK) == 0)
        return error_set(err, err->kind, "%s. Continue this part by --resume; another scan in the same parts needs another "
                                         "--shard-name", err->text);
    if (writer == NULL)
        return false;
    bool ok = copy_names(writer, request->targets, err) && bundle_mark_made(writer, err);
    bundle_close(writer);
    if (!ok)
        user_file_unlink(request->path);
    return ok;
}

/* The name that a part shares with the others: given, of another part's bundle, or the day. */
static bool choose_shard_name(struct scan_request *request, struct error *err)
{
    struct scan_settings *settings = &request->settings;
    char day[CLOCK_TEXT_SIZE];
    if (settings->shard_name != NULL)
        return true;
    clock_format_us(clock_utc_us(), day);
    if (request->shard_of == NULL) {
        settings->shard_name = xstrndup(day, strlen("2026-01-31"));
        log_info("part %u of %u of the scan named %s; run the others with the same targets and --shard-name %s",
                 request->shard + 1, request->shard_count, settings->shard_name, settings->shard_name);
        return true;
    }
    struct scan_settings other;
    struct bundle_reader *reader = bundle_reader_open(request->shard_of, err);
    if (reader == NULL)
        return false;
    scan_settings_init(&other);
    bool ok = scan_settings_parse(bundle_reader_head(reader)->plan, &other, err);
    if (ok && other.shard_name == NULL)
        ok = error_set(err, ERROR_USAGE, "--shard-of %s: it is no part of a scan (--shard)", request->shard_of);
    if (ok)
        settings->shard_name = xstrdup(other.shard_name);
    memcpy(request->shard_scan, bundle_reader_head(reader)->scan_id, sizeof request->shard_scan);
    scan_settings_clear(&other);
    bundle_reader_close(reader);
    return ok;
}

static bool fill_identity(struct scan_request *request, struct bundle_head *head, struct error *err)
{
    if (request->shard_count <= 1)
        return scan_identity_draw(head, err);
    if (!choose_shard_name(request, err) ||
        !scan_identity_derive(request->settings.shard_name, request->settings.depth, request->targets, head, err))
        return false;
    return request->shard_of == NULL || strcmp(request->shard_scan, head->scan_id) == 0 ||
           error_set(err, ERROR_USAGE,
                     "--shard-of %s: its part asks something else; targets, ports, exclusions, names, site, depth and "
                     "number of parts must be the same", request->shard_of);
}

/* space: what was built of it, and as text. */
static bool fill_head(struct scan_request *request, uint64_t space_size, const char *space,
                      struct bundle_head *head, struct error *err)
{
    *head = (struct bundle_head){
        .kind = BUNDLE_SCAN,
        .started_us = clock_utc_us(),
        .space = space,
        .space_size = space_size,
        .shard = request->shard,
        .shard_count = request->shard_count,
        .known_names = "",
        .is_passing = request->settings.is_passing,
    };
    if (!site_name_check(request->site, err))
        return false;
    snprintf(head->site, sizeof head->site, "%s", request->site);
    return fill_identity(request, head, err);
}

static bool choose_path(struct scan_request *request, const struct bundle_head *head, struct error *err)
{
    if (request->bundle == NULL) {
        char name[SCAN_ID_SIZE + 32];
        snprintf(name, sizeof name, head->shard_count > 1 ? "%s-%uof%u" : "%s", head->scan_id, head->shard + 1,
                 head->shard_count);
        return bundle_folder_path(name, request->path, sizeof request->path, err);
    }
    int len = snprintf(request->path, sizeof request->path, "%s", request->bundle);
    return len > 0 && (size_t)len < sizeof request->path
               ? true
               : error_set(err, ERROR_USAGE, "-o %s: the path is too long", request->bundle);
}

/* --- the run -------------------------------------------------------------------------------------------- */

/* A plan continues by itself later; a scan without a plan needs --resume. */
static int window_code(const struct scan_request *request)
{
    return request->settings.plan_file != NULL ? 0 : 4;
}

static void tell_end(struct scan_request *request, const struct keeper_result *result, const char *how)
{
    if (request->settings.is_passing)
        log_info("%s", how);
    else
        log_info("%s; what was found is safe. Go on with: certsweep scan --resume %s", how, request->path);
    request->code = result->end == KEEPER_WINDOW ? window_code(request) : 4;
}

/* Of all runs of this scan, from the bundle. A sum that is not the space shows as "not asked yet". */
static bool tell_account(struct scan_request *request, const struct keeper_result *result, struct error *err)
{
    struct scan_account account;
    char seconds[32], found[64], *text;
    if (!scan_account_read(request->path, &account, err))
        return false;
    free(account.targets);
    if (account.total != 0 || account.names_total == 0) {
        text = progress_account("target", account.positions, account.total);
        log_info("%s", text);
        free(text);
    }
    if (account.names_total != 0) {
        text = progress_account("name", account.names, account.names_total);
        log_info("%s", text);
        free(text);
    }
    progress_format_seconds(result->seconds, seconds);
    progress_format_counted(result->report.certificates, "chain", found);
    log_info("%s in %s", found, seconds);
    return true;
}

static bool seal(struct scan_request *request, struct error *err)
{
    struct bundle_writer *writer = bundle_reopen(request->path, err);
    if (writer == NULL || (request->settings.is_passing && !bundle_spare_syncs(writer, err)) || !bundle_seal(writer, err))
        return false;
    request->is_sealed = true;
    return true;
}

/* When the window of --window ends. False if it is closed now (*code then says how the scan ends) or unreadable (err
 * says why). */
static bool enter_window(struct scan_request *request, struct error *err)
{
    const char *lines = request->window != NULL ? request->window : request->settings.window;
    struct window *windows;
    size_t count;
    int64_t change_us;
    char change[CLOCK_TEXT_SIZE];
    if (lines == NULL || request->stop_at_us != 0)
        return true;
    if (!window_parse_lines(lines, &windows, &count, err))
        return false;
    bool is_open = window_is_open(windows, count, clock_utc_us(), &change_us);
    free(windows);
    if (count == 0 || change_us == INT64_MAX)
        return true;
    clock_format_us(change_us, change);
    if (is_open) {
        log_info("the window is open until %s", change);
        request->stop_at_us = change_us;
        return true;
    }
    log_info("the window is closed until %s; nothing was asked. Go on then with: certsweep scan --resume %s", change,
             request->path);
    request->code = window_code(request);
    return false;
}

/* The worker may be a user who may not read them. */
static bool open_secret(const char *again, const char *planned, int *fd, struct error *err)
{
    const char *path = again != NULL ? again : planned;
    *fd = -1;
    if (planned == NULL || (*fd = user_file_open(path, O_RDONLY | O_CLOEXEC, 0)) >= 0)
        return true;
    return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
}

static bool open_secrets(const struct scan_request *request, int secrets[KEEPER_SECRETS], struct error *err)
{
    const struct scan_settings *settings = &request->settings;
    return open_secret(openvpn_key_path(request->openvpn_key), openvpn_key_path(settings->openvpn_key),
                       &secrets[SCAN_OPENVPN_KEY_FD - WORKER_FDS], err) &&
           open_secret(request->via_login, settings->via_login, &secrets[SCAN_VIA_LOGIN_FD - WORKER_FDS], err);
}

static bool run_keeper(const struct scan_request *request, struct keeper_job *job, struct keeper_result *result, struct error *err)
{
    for (unsigned i = 0; i < KEEPER_SECRETS; i++)
        job->secrets[i] = -1;
    bool ok = open_secrets(request, job->secrets, err) && keeper_run(job, result, err);
    for (unsigned i = 0; i < KEEPER_SECRETS; i++)
        if (job->secrets[i] >= 0)
            close(job->secrets[i]);
    return ok;
}

static bool run(struct scan_request *request, struct error *err)
{
    if (!enter_window(request, err))
        return err->kind == ERROR_NONE;
    struct keeper_job job = {
        .bundle = request->path,
        .lines_fd = request->lines_fd,
        .all_lines = request->all_lines,
        .syn = request->settings.syn,
        .syn_rate = request->settings.syn_rate_per_s,
        .stop_at_us = request->stop_at_us,
    };
    struct keeper_result result;
    char how[128];
    if (!run_keeper(request, &job, &result, err))
        return false;
    if (!tell_account(request, &result, err))
        return false;
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
        if (result.code == 2)               /* it never began: its settings are wrong */
            request->code = 2;
        return true;
    }
    abort(); /* no other value exists */
}

static bool tell_dry_run(struct scan_request *request, const struct target_space *space,
                         const struct scope *scope, const struct scoped_targets *cut, struct error *err)
{
    const struct scan_settings *settings = &request->settings;
    struct dry_run dry = {
        .space = space,
        .cut = cut,
        .scope = scope,
        .name_count = target_list_name_count(request->targets),
        .limits = pacing_limits_default,
        .depth = settings->depth,
        .connections_quiet = 1,
        .connections = tls_strategy_connections(settings->depth) + server_survey_connections(settings->depth),
        .connections_alerts = TLS_STRATEGY_ALERTS_MAX + server_survey_connections_alerts(settings->depth),
        .connections_max = tls_strategy_connections_max(settings->depth, settings->suite_connections) + server_survey_connections_max(settings->depth),
        .connect_ms = settings->connect_ms,
        .shard = request->shard,
        .shard_count = request->shard_count,
    };
    if (settings->rate != NULL && !pacing_limits_set_rate(&dry.limits, settings->rate, err))
        return false;
    if (settings->syn) {
        dry.syn_rate = settings->syn_rate_per_s != 0 ? settings->syn_rate_per_s : syn_settings_default.rate;
        dry.syn_passes = syn_settings_default.retries + 1;
    }
    dry.limits.prefix_rate = settings->prefix_rate_per_s;
    dry.limits.per_host = settings->host_connections;
    struct bundle_head head;        /* a dry run refuses what the scan would refuse */
    if (!fill_head(request, target_space_count(space), "", &head, err))
        return false;
    dry_run_print(stdout, &dry);
    return true;
}

/* A sealed bundle cannot be continued, and need not be. Always false; err is unchanged if the bundle is not
 * sealed. */
static bool tell_finished(const char *path, struct error *err)
{
    struct bundle_reader *reader = bundle_reader_open(path, NULL);
    if (reader != NULL && bundle_reader_seal(reader) != BUNDLE_UNSEALED)
        error_set(err, ERROR_USAGE, "%s is sealed: nothing more is asked for it. To carry it into the database: certsweep load %s", path, path);
    bundle_reader_close(reader);
    return false;
}

/* The bundle decides: its site, and whether results go into the database. */
static bool read_head(struct scan_request *request, struct error *err)
{
    struct bundle_writer *writer = bundle_reopen(request->path, err);
    if (writer == NULL)
        return tell_finished(request->path, err);
    const struct bundle_head *head = bundle_head(writer);
    bool ok = head->kind == BUNDLE_SCAN ||
              error_set(err, ERROR_USAGE, "%s is not the bundle of a scan", request->path);
    ok = ok && scan_settings_parse(head->plan, &request->settings, err);
    snprintf(request->resumed_site, sizeof request->resumed_site, "%s", head->site);
    request->site = request->resumed_site;
    bundle_close(writer);
    return ok;
}

static bool is_same(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

struct name_walk {
    const struct bundle_head *head;
    struct target_list *list;
    bool differs;
};

/* The next line of the list that belongs to this part; NULL at the end. */
static const char *next_own_name(struct name_walk *walk, uint64_t *line)
{
    const char *text;
    while (target_list_next_name(walk->list, line, &text, NULL))
        if (scan_identity_has_line(walk->head, *line))
            return text;
    return NULL;
}

static bool on_bundle_name(void *context, uint64_t line, const char *text, bool is_finished)
{
    struct name_walk *walk = context;
    uint64_t own_line;
    const char *own = next_own_name(walk, &own_line);
    (void)is_finished;
    walk->differs = walk->differs || own == NULL || own_line != line || strcmp(own, text) != 0;
    return true;
}

/* Does the bundle hold exactly the names given now? Names added since would never be asked. */
static bool has_same_names(struct bundle_writer *writer, struct target_list *list, struct error *err)
{
    struct name_walk walk = {.head = bundle_head(writer), .list = list};
    uint64_t line;
    target_list_rewind(list);
    return bundle_each_target_line(writer, on_bundle_name, &walk, err) && !walk.differs &&
           next_own_name(&walk, &line) == NULL;
}

/* Continues only a scan of the same targets, since a position means an address only in the bundle's own space. */
static bool go_on(struct scan_request *request, const char *space, struct error *err)
{
    struct scan_settings old;
    struct error why = {0};
    struct bundle_writer *writer = bundle_reopen(request->continues, err);
    if (writer == NULL)
        return false;
    const struct bundle_head *head = bundle_head(writer);
    scan_settings_init(&old);
    bool ok = scan_settings_parse(head->plan, &old, err);
    if (ok && !is_same(head->space, space))
        error_set(&why, ERROR_USAGE, "ranges, ports or exclusions");
    else if (ok && (!is_same(old.exclusions, request->settings.exclusions) ||
                    !is_same(old.scope, request->settings.scope)))
        error_set(&why, ERROR_USAGE, "exclusions or scope");
    if (ok && why.kind == ERROR_NONE && (head->shard != request->shard || head->shard_count != request->shard_count))
        error_set(&why, ERROR_USAGE, "part (--shard)");
    if (ok && why.kind == ERROR_NONE && !has_same_names(writer, request->targets, err))
        error_set(&why, ERROR_USAGE, "names");
    if (ok && why.kind != ERROR_NONE)
        ok = error_set(err, ERROR_USAGE,
                       "the unfinished run %s asked something else: its %s differ from what is given now. "
                       "Finish it as it "
                       "is (certsweep scan --resume %s), or start a new run without --continue",
                       head->scan_id, why.text, request->continues);
    request->settings.syn = old.syn;            /* as it began */
    request->settings.syn_rate_per_s = old.syn_rate_per_s;
    scan_settings_clear(&old);
    bundle_close(writer);
    snprintf(request->path, sizeof request->path, "%s", request->continues);
    if (ok)
        log_info("going on with %s", request->path);
    return ok && run(request, err);
}

static bool start_new(struct scan_request *request, const struct target_space *space, struct error *err)
{
    struct bundle_head head;
    char *text = target_space_format(space);
    if (request->continues[0] != '\0') {
        bool ok = go_on(request, text, err);
        free(text);
        return ok;
    }
    bool ok = fill_head(request, target_space_count(space), text, &head, err) && choose_path(request, &head, err);
    if (ok) {
        char *known = NULL, *plan = scan_settings_format(&request->settings);
        if (request->known_names != NULL)
            known = request->known_names(request->known_context, request->site, space);
        head.known_names = known == NULL ? "" : known;
        head.plan = plan;
        ok = make_bundle(request, &head, err);
        free(known);
        free(plan);
        ok = ok && run(request, err);
    }
    free(text);
    return ok;
}

/* The space of what was named, without what scope and exclusions forbid. */
static struct target_space *build_space(struct scan_request *request, const struct scope *scope,
                                        struct scoped_targets *cut, struct error *err)
{
    struct error warning = {0};
    scoped_targets_cut(request->targets, scope, cut);
    if (!scoped_targets_check(cut, scope, &warning, err))
        return NULL;
    if (warning.text[0] != '\0')
        log_warning("%s", warning.text);
    struct target_space *space = target_space_build(target_list_builder(request->targets), err);
    if (space == NULL || target_space_count(space) != 0 || target_list_name_count(request->targets) != 0)
        return space;
    error_set(err, ERROR_USAGE, "nothing is left to scan: no target, or all of them excluded");
    target_space_destroy(space);
    return NULL;
}

/* The proxy gets the first connection, so the scope must allow it too. */
static bool check_via(const struct scan_settings *settings, const struct scope *scope, struct error *err)
{
    struct via via;
    const char *reason = "";
    struct scope_question question = {
        .target = &via.proxy, .server_name = "", .depth = settings->depth, .time_us = clock_utc_us()};
    if (settings->via == NULL)
        return true;
    if (!via_parse(settings->via, &via, err))
        return false;
    if (scope_judge(scope, &question, &reason) != SCOPE_ALLOWED)
        return error_set(err, ERROR_USAGE, "--via %s: the proxy itself may not be asked: %s", settings->via, reason);
    return true;
}

bool scan_run(struct scan_request *request, struct error *err)
{
    struct scoped_targets cut;
    struct scan_settings *settings = &request->settings;
    settings->bundle_only = request->bundle != NULL;
    settings->exclusions = xstrdup(target_list_exclusions(request->targets));
    struct scope *scope = scope_create(settings->scope, request->scope_label, settings->exclusions, err);
    struct target_space *space = NULL;
    bool ok = scope != NULL && scope_check(scope, settings->depth, clock_utc_us(), err) &&
              check_via(settings, scope, err) && (space = build_space(request, scope, &cut, err)) != NULL;
    if (ok)
        ok = request->dry_run ? tell_dry_run(request, space, scope, &cut, err)
                              : start_new(request, space, err);
    target_space_destroy(space);
    scope_destroy(scope);
    return ok;
}

bool scan_resume(struct scan_request *request, struct error *err)
{
    return bundle_folder_find(request->resume, request->path, sizeof request->path, err) &&
           read_head(request, err) && run(request, err);
}
