#include "scanner/run/listen_run.h"

#include "inventory/bundle/bundle.h"
#include "inventory/bundle/bundle_files.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"
#include "probes/base/user_file.h"
#include "scanner/passive/capture/capture_live.h"
#include "scanner/process/bundle_folder.h"
#include "scanner/process/keeper_signals.h"
#include "scanner/process/progress.h"
#include "scanner/run/scan_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_US 1000000
#define POLL_MS  200
#define LEAD_US  2000000            /* how long before it takes over a worker begins to listen */
#define DRAIN_US 30000000           /* how long it waits for the one before it */

struct slice {                      /* one worker, one bundle */
    struct listen_request request;
    struct worker_process worker;
    int file_fd, keys_fd;
    uint64_t file_size;             /* 0 unknown */
    int64_t started_us;
    int64_t over_us, end_us;        /* monotonic: when the next one takes over; when this one is to end. 0: never */
    int64_t over_utc_us;
};

struct run {
    const struct listen_slices *slices;     /* NULL: one capture */
    struct listen_request *request; /* what all slices have in common; at the end the last one's */
    struct slice *now, *before;     /* before: hands over */
    struct keeper_signals signals;
    bool is_terminal, is_away, has_begun;     /* has_begun: a worker has heard the interface */
    unsigned number;                /* of slices */
    int64_t next_line_us, retry_us, last_us;        /* last_us: when the whole capture ends; 0: at a signal */
    int64_t drain_us, lead_us;
    int code;
};

static bool run_is_drawn;           /* for the log's hooks, which carry no context */

static void clear_line(void)
{
    if (run_is_drawn && write(STDERR_FILENO, "\r\033[K", 4) < 0)
        run_is_drawn = false;
    run_is_drawn = false;
}

/* The source as messages name it. */
static const char *source_name(const struct listen_request *request)
{
    if (request->file == NULL)
        return request->interface;
    return strcmp(request->file, "-") == 0 ? "standard input" : request->file;
}

/* --- before -------------------------------------------------------------------------------------------- */

static bool open_inputs(struct slice *slice, struct error *err)
{
    const struct listen_request *request = &slice->request;
    if (request->key_log != NULL && (slice->keys_fd = user_file_open(request->key_log, O_RDONLY | O_CLOEXEC, 0)) < 0)
        return error_set(err, ERROR_IO, "%s: %s", request->key_log, strerror(errno));
    if (request->file == NULL)
        return true;
    bool is_stdin = strcmp(request->file, "-") == 0;
    slice->file_fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 20) : user_file_open(request->file, O_RDONLY | O_CLOEXEC, 0);
    struct stat status;
    if (slice->file_fd < 0 || fstat(slice->file_fd, &status) != 0)
        return error_set(err, ERROR_IO, "%s: %s", source_name(request), strerror(errno));
    if (S_ISREG(status.st_mode))
        slice->file_size = (uint64_t)status.st_size;
    return true;
}

static char *make_plan(const struct listen_request *request)
{
    json_t *plan = json_object();
    if (request->file != NULL)
        json_object_set_new(plan, "file", json_string_nocheck(request->file));
    else
        json_object_set_new(plan, "interface", json_string_nocheck(request->interface));
    if (request->filter != NULL)
        json_object_set_new(plan, "filter", json_string_nocheck(request->filter));
    char *text = json_dumps(plan, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(plan);
    return text == NULL ? xstrdup("{}") : text;
}

static bool make_bundle(struct listen_request *request, struct error *err)
{
    struct bundle_head new_head = {.kind = BUNDLE_CAPTURE, .started_us = clock_utc_us(), .space = "", .known_names = "",
                                   .shard_count = 1}, *head = &new_head;
    if (!site_name_check(request->site, err))
        return false;
    snprintf(head->site, sizeof head->site, "%s", request->site);
    if (!scan_identity_draw_id(head->scan_id, err))
        return false;
    if (request->bundle == NULL) {
        if (!bundle_folder_path(head->scan_id, request->path, sizeof request->path, err))
            return false;
    } else if (snprintf(request->path, sizeof request->path, "%s", request->bundle) >= (int)sizeof request->path) {
        return error_set(err, ERROR_USAGE, "-o %s: the path is too long", request->bundle);
    }
    char *plan = make_plan(request);
    head->plan = plan;
    struct bundle_writer *writer = bundle_create(request->path, head, err);
    free(plan);
    bool ok = writer != NULL && bundle_mark_made(writer, err);
    bundle_close(writer);
    return ok;
}

/* --- the worker ---------------------------------------------------------------------------------------- */

/* from_us: when the worker before hands over; 0: there is none. */
static bool start_worker(struct run *run, struct slice *slice, int64_t from_us, struct error *err)
{
    const struct listen_request *request = &slice->request;
    char self[16], snap_len[16], ring[16], has[8], times[80];
    const char *const argv[] = {LISTEN_WORKER_NAME, request->path, self, source_name(request),
                                request->filter == NULL ? "" : request->filter, snap_len, ring, has, times, NULL};
    const struct worker_start start = {.argv = argv,
                                       .bundle = request->path,
                                       .tunables = "glibc.malloc.hugetlb=1", /* tables of some MiB: fewer page faults */
                                       .lines_fd = request->lines_fd,
                                       .fds = {slice->file_fd, slice->keys_fd, request->follow_up_fd}};
    snprintf(self, sizeof self, "%d", (int)worker_process_keeper());
    snprintf(snap_len, sizeof snap_len, "%d", request->snap_len);
    snprintf(ring, sizeof ring, "%d", request->file != NULL ? 0 : request->ring_mib);
    snprintf(has, sizeof has, "%s%s%s-", request->lines_fd >= 0 ? "l" : "", slice->keys_fd >= 0 ? "k" : "",
             request->follow_up_fd >= 0 ? "f" : "");
    snprintf(times, sizeof times, "%lld:%lld:%lld", (long long)from_us,
             (long long)(slice->over_utc_us == 0 ? INT64_MAX : slice->over_utc_us), (long long)run->drain_us);
    return worker_process_start(&slice->worker, &start, err);
}

static void slice_destroy(struct slice *slice)
{
    if (slice == NULL)
        return;
    if (slice->file_fd >= 0)
        close(slice->file_fd);
    if (slice->keys_fd >= 0)
        close(slice->keys_fd);
    free(slice);
}

/* When it hands over, and when it ends. */
static void set_times(struct run *run, struct slice *slice, int64_t from_us)
{
    int64_t every_us = run->slices == NULL ? 0 : run->slices->every_s * 1000000LL;
    slice->started_us = clock_monotonic_us();
    if (every_us == 0 || (run->last_us != 0 && slice->started_us + run->lead_us + every_us >= run->last_us)) {
        slice->end_us = run->last_us;
        return;
    }
    slice->over_utc_us = (from_us == 0 ? clock_utc_us() : from_us) + every_us;
    slice->over_us = slice->started_us + every_us + (from_us == 0 ? 0 : from_us - clock_utc_us());
    slice->end_us = slice->over_us + run->drain_us;
}

/* NULL with err set: it does not begin. */
static struct slice *slice_start(struct run *run, int64_t from_us, struct error *err)
{
    struct slice *slice = xcalloc(1, sizeof *slice);
    slice->request = *run->request;
    slice->request.is_sealed = false;
    slice->request.report = (struct listen_report){0};
    slice->file_fd = slice->keys_fd = -1;
    set_times(run, slice, from_us);
    bool ok = run->slices == NULL || run->slices->begin(run->slices->context, &slice->request, run->number + 1, err);
    ok = ok && open_inputs(slice, err) && make_bundle(&slice->request, err) && start_worker(run, slice, from_us, err);
    if (ok) {
        run->number++;
        return slice;
    }
    slice_destroy(slice);
    return NULL;
}

/* --- while it runs ------------------------------------------------------------------------------------- */

static void tell(const struct slice *slice, bool in_log)
{
    const struct listen_report *r = &slice->request.report;
    char packets[64], handshakes[64], chains[64], share[64] = "", dropped[64] = "";
    progress_format_counted(r->packets, "packet", packets);
    progress_format_counted(r->handshakes, "handshake", handshakes);
    progress_format_counted(r->chains, "chain", chains);
    if (slice->file_size != 0)
        snprintf(share, sizeof share, "%.0f %%, ", 100.0 * (double)r->bytes / (double)slice->file_size);
    if (r->dropped + r->dropped_by_interface != 0)
        snprintf(dropped, sizeof dropped, ", %llu DROPPED",
                 (unsigned long long)(r->dropped + r->dropped_by_interface));
    if (in_log) {
        log_info("%s%s, %s, %s%s", share, packets, handshakes, chains, dropped);
        return;
    }
    clear_line();
    run_is_drawn = dprintf(STDERR_FILENO, "%s%s, %s, %s%s", share, packets, handshakes, chains, dropped) > 0;
}

static bool read_report(struct run *run, struct slice *slice)
{
    struct listen_report report;
    ssize_t got = read(slice->worker.report_fd, &report, sizeof report);
    if (got < 0 && errno == EINTR)
        return true;
    if (got != sizeof report)
        return false;
    slice->request.report = report;
    run->has_begun = true;
    int64_t now_us = clock_monotonic_us();
    if (slice != run->now)
        return true;
    if (run->is_terminal) {
        tell(slice, false);
    } else if (now_us >= run->next_line_us) {
        run->next_line_us = now_us + 60000000;
        tell(slice, true);
    }
    return true;
}

static void hear(struct run *run, struct slice *slice, const struct pollfd fds[WORKER_POLLS])
{
    if (fds[WORKER_POLL_REPORT].revents != 0 && !read_report(run, slice)) {
        close(slice->worker.report_fd);
        slice->worker.report_fd = -1;
    }
    worker_process_pass_on(&slice->worker, fds);
}

/* Passes on signals: requests to the current slice's worker, an interrupt also to the worker of the slice before it. */
static void hear_signals(struct run *run)
{
    unsigned before = run->signals.interrupts;
    struct slice *slice = run->now != NULL ? run->now : run->before;
    if (keeper_signals_read(&run->signals, slice == NULL ? NULL : &slice->worker) && slice != NULL)
        tell(slice, true);
    if (run->signals.interrupts != before && run->before != NULL && run->before != slice)
        keeper_signals_stop(&run->signals, &run->before->worker);
}

/* What is due by the clock. */
static void keep_time(struct slice *slice)
{
    if (slice == NULL || slice->end_us == 0 || clock_monotonic_us() < slice->end_us)
        return;
    slice->end_us = 0;
    worker_process_signal(&slice->worker, SIGTERM);
}

/* --- after --------------------------------------------------------------------------------------------- */

static void tell_end(const struct slice *slice)
{
    const struct listen_report *r = &slice->request.report;
    char packets[64], bytes[64], handshakes[64], chains[64], seconds[32];
    progress_format_counted(r->packets, "packet", packets);
    progress_format_counted(r->bytes, "byte", bytes);
    progress_format_counted(r->handshakes, "handshake", handshakes);
    progress_format_counted(r->chains, "chain", chains);
    progress_format_seconds((double)(clock_monotonic_us() - slice->started_us) / 1e6, seconds);
    log_info("%s: %s, %s in %s: %s, %s, %llu hidden, %llu resumed or without, %llu incomplete",
             source_name(&slice->request), packets, bytes, seconds,
             handshakes, chains, (unsigned long long)r->hidden, (unsigned long long)r->resumed,
             (unsigned long long)r->incomplete);
    const struct {
        uint64_t value;
        const char *what;
    } losses[] = {
        {r->dropped, "packets dropped by the kernel (a larger --ring or a --filter helps)"},
        {r->dropped_by_interface, "packets dropped by the interface"},
        {r->cut, "packets cut short (snap length or damage)"},
        {r->too_deep, "packets nested too deep"},
        {r->gaps, "gaps in TCP streams"},
        {r->overlaps, "streams with two versions of the same bytes (the first was read)"},
        {r->over_limit, "connections over their memory limit"},
        {r->conversations_dropped, "handshakes given up for memory"},
        {r->evicted, "connections forgotten for memory"},
        {r->evicted_silent, "connections without data forgotten (a SYN flood?)"},
    };
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        if (losses[i].value != 0)
            log_info("  %llu %s", (unsigned long long)losses[i].value, losses[i].what);
    if (r->unknown != 0)
        log_info("  %s whose contents are not read here:", COUNTED(r->unknown, "packet"));
    for (uint32_t i = 0; i < r->unknown_kind_count && i < LAYERS_UNKNOWN_MAX; i++) {
        char name[LAYER_UNKNOWN_TEXT_MAX];
        layer_unknown_format(&r->unknown_kinds[i], name);
        log_info("    %llu %s", (unsigned long long)r->unknown_kinds[i].packets, name);
    }
}

static bool seal(struct listen_request *request, struct error *err)
{
    struct bundle_writer *writer = bundle_reopen(request->path, err);
    if (writer == NULL || !bundle_seal(writer, err))
        return false;
    request->is_sealed = true;
    return true;
}

static bool finish(struct run *run, struct slice *slice, int status, struct error *err)
{
    struct listen_request *request = &slice->request;
    request->interrupted = run->signals.interrupts != 0;
    if (WIFSIGNALED(status) || !request->report.is_last) {
        request->code = WIFSIGNALED(status) ? 4 : WEXITSTATUS(status) == 0 ? 4 : WEXITSTATUS(status);
        if (WIFSIGNALED(status))
            log_error("the worker was killed by signal %d (%s); what it had written is in %s", WTERMSIG(status),
                      strsignal(WTERMSIG(status)), request->path);
        else if (request->report.packets == 0)
            bundle_files_remove(request->path);       /* nothing was read: it holds nothing */
        return true;
    }
    request->code = request->report.interface_gone && run->slices == NULL ? 4 : WEXITSTATUS(status);
    tell_end(slice);
    return seal(request, err);
}

/* --- one after the other ------------------------------------------------------------------------------- */

static bool is_stopping(const struct run *run)
{
    return run->signals.interrupts != 0 || run->code != 0;
}

/* Does another slice follow the one that has ended? */
static bool goes_on(const struct run *run)
{
    bool is_due = run->last_us == 0 || clock_monotonic_us() < run->last_us;
    return run->slices != NULL && !is_stopping(run) && run->has_begun && is_due;
}

/* A worker whose interface is gone ends at once, and is started again after a moment. */
static bool begin_next(struct run *run, int64_t from_us, struct error *err)
{
    struct slice *next = slice_start(run, from_us, err);
    run->retry_us = clock_monotonic_us() + RETRY_US;
    if (next == NULL)
        return false;
    if (run->now != NULL)
        run->before = run->now;
    run->now = next;
    return true;
}

/* The worker of this slice has ended. */
static bool slice_end(struct run *run, struct slice **at, struct error *err)
{
    struct slice *slice = *at;
    int status = worker_process_end(&slice->worker);
    clear_line();
    *at = NULL;
    bool ok = finish(run, slice, status, err);
    if (ok && slice->request.code != 0 && !(run->slices != NULL && run->has_begun && slice->request.code == 4))
        run->code = slice->request.code;
    bool is_last = run->now == NULL && run->before == NULL && !goes_on(run);
    if (ok && !is_last)
        run->slices->end(run->slices->context, &slice->request);
    else if (ok)
        *run->request = slice->request;
    slice_destroy(slice);
    return ok;
}

static bool begin_what_is_due(struct run *run, struct error *err)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us < run->retry_us)
        return true;
    if (run->now == NULL && goes_on(run) && !capture_live_is_up(run->request->interface)) {
        if (!run->is_away)
            log_warning("%s is down; listening continues when it is up again", run->request->interface);
        run->is_away = true;
        return true;
    }
    if (run->now == NULL && run->is_away)
        log_info("%s is back", run->request->interface);
    run->is_away = run->is_away && run->now == NULL && !goes_on(run);
    if (run->now == NULL)
        return !goes_on(run) || begin_next(run, run->before == NULL ? 0 : run->before->over_utc_us, err);
    bool is_due = run->now->over_us != 0 && now_us >= run->now->over_us - run->lead_us && run->before == NULL;
    return !is_due || is_stopping(run) || !run->has_begun || begin_next(run, run->now->over_utc_us, err);
}

/* Ends the slice whose worker has sent everything; otherwise reads the worker's reports. */
static bool hear_or_end(struct run *run, struct slice **at, const struct pollfd fds[WORKER_POLLS], bool is_alive,
                        struct error *err)
{
    if (*at == NULL)
        return true;
    if (!is_alive)
        return slice_end(run, at, err);
    hear(run, *at, fds);
    return true;
}

static bool poll_slice(const struct slice *slice, struct pollfd fds[WORKER_POLLS])
{
    for (int i = 0; i < WORKER_POLLS; i++)
        fds[i] = (struct pollfd){.fd = -1};
    return slice != NULL && worker_process_poll(&slice->worker, fds);
}

static bool watch(struct run *run, struct error *err)
{
    struct pollfd now[WORKER_POLLS], before[WORKER_POLLS], all[2 * WORKER_POLLS + 1];
    bool ok = begin_next(run, 0, err);
    while (ok && (run->now != NULL || run->before != NULL || goes_on(run))) {
        bool now_alive = poll_slice(run->now, now), before_alive = poll_slice(run->before, before);
        memcpy(all, now, sizeof now);
        memcpy(all + WORKER_POLLS, before, sizeof before);
        all[2 * WORKER_POLLS] = (struct pollfd){.fd = run->signals.fd, .events = POLLIN};
        bool is_idle = run->now != NULL && !now_alive;
        if (poll(all, 2 * WORKER_POLLS + 1, is_idle ? 0 : POLL_MS) < 0 && errno != EINTR)
            return error_set(err, ERROR_SYSTEM, "poll: %s", strerror(errno));
        memcpy(now, all, sizeof now);
        memcpy(before, all + WORKER_POLLS, sizeof before);
        if (all[2 * WORKER_POLLS].revents != 0)
            hear_signals(run);
        ok = hear_or_end(run, &run->before, before, before_alive, err) &&
             hear_or_end(run, &run->now, now, now_alive, err);
        keep_time(run->now);
        keep_time(run->before);
        ok = ok && begin_what_is_due(run, err);
    }
    return ok;
}

static void abandon(struct run *run)
{
    struct slice *slices[2] = {run->now, run->before};
    for (int i = 0; i < 2; i++) {
        if (slices[i] == NULL)
            continue;
        worker_process_signal(&slices[i]->worker, SIGTERM);
        worker_process_end(&slices[i]->worker);
        slice_destroy(slices[i]);
    }
}

static int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool listen_run_slices(struct listen_request *request, const struct listen_slices *slices, struct error *err)
{
    struct run run = {.request = request, .slices = slices, .is_terminal = isatty(STDERR_FILENO)};
    int64_t now_us = clock_monotonic_us(), every_us = slices == NULL ? 0 : slices->every_s * 1000000LL;
    run.next_line_us = now_us + 60000000;
    run.last_us = request->duration_s == 0 ? 0 : now_us + request->duration_s * 1000000;
    run.drain_us = shorter(DRAIN_US, every_us / 2);
    run.lead_us = shorter(LEAD_US, every_us / 4);
    request->is_sealed = false;
    request->code = 0;
    request->report = (struct listen_report){0};
    bool ok = keeper_signals_take(&run.signals, err);
    if (ok) {
        log_set_hooks(clear_line, NULL);
        ok = watch(&run, err);
        abandon(&run);
        clear_line();
        log_set_hooks(NULL, NULL);
        request->interrupted = run.signals.interrupts != 0;
    }
    keeper_signals_give_back(&run.signals);
    return ok;
}

bool listen_run(struct listen_request *request, struct error *err)
{
    return listen_run_slices(request, NULL, err);
}
