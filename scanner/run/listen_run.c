#include "scanner/run/listen_run.h"

#include "inventory/bundle/bundle.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
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

struct run {
    struct listen_request *request;
    int file_fd, keys_fd;
    uint64_t file_size;             /* 0 unknown */
    struct worker_process worker;
    struct keeper_signals signals;
    bool is_terminal, line_drawn;
    int64_t started_us, stop_at_us, next_line_us;
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

static bool open_inputs(struct run *run, struct error *err)
{
    const struct listen_request *request = run->request;
    run->file_fd = run->keys_fd = -1;
    if (request->key_log != NULL && (run->keys_fd = open(request->key_log, O_RDONLY | O_CLOEXEC)) < 0)
        return error_set(err, ERROR_IO, "%s: %s", request->key_log, strerror(errno));
    if (request->file == NULL)
        return true;
    bool is_stdin = strcmp(request->file, "-") == 0;
    run->file_fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 20) : open(request->file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (run->file_fd < 0 || fstat(run->file_fd, &status) != 0)
        return error_set(err, ERROR_IO, "%s: %s", source_name(request), strerror(errno));
    if (S_ISREG(status.st_mode))
        run->file_size = (uint64_t)status.st_size;
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

static bool make_bundle(struct run *run, struct bundle_head *head, struct error *err)
{
    struct listen_request *request = run->request;
    if (strlen(request->site) >= sizeof head->site)
        return error_set(err, ERROR_USAGE, "--site %s: longer than %zu bytes", request->site, sizeof head->site - 1);
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

static bool start_worker(struct run *run, struct error *err)
{
    const struct listen_request *request = run->request;
    char self[16], snap_len[16], ring[16], has[8];
    const char *const argv[] = {LISTEN_WORKER_NAME, request->path, self, source_name(request),
                                request->filter == NULL ? "" : request->filter, snap_len, ring, has, NULL};
    const struct worker_start start = {.argv = argv,
                                       .tunables = "glibc.malloc.hugetlb=1", /* tables of some MiB: fewer page faults */
                                       .lines_fd = request->lines_fd,
                                       .fds = {run->file_fd, run->keys_fd, request->follow_up_fd}};
    snprintf(self, sizeof self, "%d", (int)getpid());
    snprintf(snap_len, sizeof snap_len, "%d", request->snap_len);
    snprintf(ring, sizeof ring, "%d", request->file != NULL ? 0 : request->ring_mib);
    snprintf(has, sizeof has, "%s%s%s-", request->lines_fd >= 0 ? "l" : "", run->keys_fd >= 0 ? "k" : "",
             request->follow_up_fd >= 0 ? "f" : "");
    return worker_process_start(&run->worker, &start, err);
}

/* --- while it runs ------------------------------------------------------------------------------------- */

static void tell(struct run *run, bool in_log)
{
    const struct listen_report *r = &run->request->report;
    char packets[32], chains[32], handshakes[32], share[64] = "", dropped[64] = "";
    progress_format_count(r->packets, packets);
    progress_format_count(r->chains, chains);
    progress_format_count(r->handshakes, handshakes);
    if (run->file_size != 0)
        snprintf(share, sizeof share, "%.0f %%, ", 100.0 * (double)r->bytes / (double)run->file_size);
    if (r->dropped + r->dropped_by_interface != 0)
        snprintf(dropped, sizeof dropped, ", %llu DROPPED",
                 (unsigned long long)(r->dropped + r->dropped_by_interface));
    if (in_log) {
        log_info("%s%s packets, %s handshakes, %s chains%s", share, packets, handshakes, chains, dropped);
        return;
    }
    clear_line();
    run_is_drawn = dprintf(STDERR_FILENO, "%s%s packets, %s handshakes, %s chains%s", share, packets, handshakes,
                           chains, dropped) > 0;
}

static bool read_report(struct run *run)
{
    struct listen_report report;
    ssize_t got = read(run->worker.report_fd, &report, sizeof report);
    if (got < 0 && errno == EINTR)
        return true;
    if (got != sizeof report)
        return false;
    run->request->report = report;
    int64_t now_us = clock_monotonic_us();
    if (run->is_terminal) {
        tell(run, false);
    } else if (now_us >= run->next_line_us) {
        run->next_line_us = now_us + 60000000;
        tell(run, true);
    }
    return true;
}

static void watch(struct run *run)
{
    struct pollfd fds[WORKER_POLLS + 1];
    while (worker_process_poll(&run->worker, fds)) {
        fds[WORKER_POLLS] = (struct pollfd){.fd = run->signals.fd, .events = POLLIN};
        if (poll(fds, WORKER_POLLS + 1, 500) < 0) {
            if (errno != EINTR)
                break;
            continue;
        }
        if (fds[WORKER_POLL_REPORT].revents != 0 && !read_report(run)) {
            close(run->worker.report_fd);
            run->worker.report_fd = -1;
        }
        worker_process_pass_on(&run->worker, fds);
        if (fds[WORKER_POLLS].revents != 0 && keeper_signals_read(&run->signals, run->worker.pid))
            tell(run, true);
        if (run->stop_at_us != 0 && clock_monotonic_us() >= run->stop_at_us) {
            run->stop_at_us = 0;
            kill(run->worker.pid, SIGTERM);
        }
    }
}

/* --- after --------------------------------------------------------------------------------------------- */

static void tell_end(struct run *run)
{
    const struct listen_report *r = &run->request->report;
    char packets[32], bytes[32], handshakes[32], chains[32], seconds[32];
    progress_format_count(r->packets, packets);
    progress_format_count(r->bytes, bytes);
    progress_format_count(r->handshakes, handshakes);
    progress_format_count(r->chains, chains);
    progress_format_seconds((double)(clock_monotonic_us() - run->started_us) / 1e6, seconds);
    log_info("%s: %s packets, %s bytes in %s: %s handshakes, %s chains, %llu hidden, %llu resumed or without, %llu "
             "incomplete",
             source_name(run->request), packets, bytes, seconds,
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
        log_info("  %llu packets whose contents are not read here:", (unsigned long long)r->unknown);
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

static void remove_bundle(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[4096 + 8];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

static bool finish(struct run *run, int status, struct error *err)
{
    struct listen_request *request = run->request;
    request->interrupted = run->signals.interrupts != 0;
    if (WIFSIGNALED(status) || !request->report.is_last) {
        request->code = WIFSIGNALED(status) ? 4 : WEXITSTATUS(status) == 0 ? 4 : WEXITSTATUS(status);
        if (WIFSIGNALED(status))
            log_error("the worker was killed by signal %d (%s); what it had written is in %s", WTERMSIG(status),
                      strsignal(WTERMSIG(status)), request->path);
        else if (request->report.packets == 0)
            remove_bundle(request->path);       /* nothing was read: it holds nothing */
        return true;
    }
    request->code = WEXITSTATUS(status);
    tell_end(run);
    return seal(request, err);
}

bool listen_run(struct listen_request *request, struct error *err)
{
    struct run run = {.request = request, .started_us = clock_monotonic_us(), .is_terminal = isatty(STDERR_FILENO)};
    struct bundle_head head = {.kind = BUNDLE_CAPTURE, .started_us = clock_utc_us(), .space = "", .known_names = "",
                               .shard_count = 1};
    run.next_line_us = run.started_us + 60000000;
    request->is_sealed = false;
    request->report = (struct listen_report){0};
    bool ok = open_inputs(&run, err) && make_bundle(&run, &head, err);
    if (ok) {
        run.stop_at_us = request->duration_s == 0 ? 0 : clock_monotonic_us() + request->duration_s * 1000000;
        ok = keeper_signals_take(&run.signals, err) && start_worker(&run, err);
        if (ok) {
            log_set_hooks(clear_line, NULL);
            watch(&run);
            int status = worker_process_end(&run.worker);
            clear_line();
            log_set_hooks(NULL, NULL);
            ok = finish(&run, status, err);
        }
        keeper_signals_give_back(&run.signals);
    }
    if (run.file_fd >= 0)
        close(run.file_fd);
    if (run.keys_fd >= 0)
        close(run.keys_fd);
    return ok;
}
