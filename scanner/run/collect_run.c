#include "scanner/run/collect_run.h"

#include "inventory/bundle/bundle.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"
#include "probes/base/user_file.h"
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 200

struct run {
    struct collect_run_request *request;
    struct worker_process worker;
    struct keeper_signals signals;
    bool is_terminal;
    int64_t started_us, next_line_us;
};

static bool line_is_drawn;              /* for the log's hooks, which carry no context */

static void clear_line(void)
{
    if (line_is_drawn && write(STDERR_FILENO, "\r\033[K", 4) < 0)
        line_is_drawn = false;
    line_is_drawn = false;
}

static bool is_stream(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* ---- the worker's orders ---- */

static void add_word(struct byte_buffer *words, enum collect_word word, const char *value)
{
    char letter = (char)word;
    byte_buffer_append(words, &letter, 1);
    byte_buffer_append(words, value, strlen(value) + 1);
}

static json_t *json_list(const char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string_nocheck(items[i]));
    return list;
}

/* What decides, besides the paths, which files are read: only a walk with equal settings may report that a place is
 * gone. */
static char *settings_text(const struct collect_run_request *request)
{
    json_t *settings = json_object();
    if (request->include_count > 0)
        json_object_set_new(settings, "include", json_list(request->include, request->include_count));
    if (request->exclude_count > 0)
        json_object_set_new(settings, "exclude", json_list(request->exclude, request->exclude_count));
    if (request->other_file_systems)
        json_object_set_new(settings, "other_file_systems", json_true());
    if (request->git_history)
        json_object_set_new(settings, "git_history", json_true());
    char *text = json_dumps(settings, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_SORT_KEYS);
    json_decref(settings);
    return text == NULL ? xstrdup("{}") : text;
}

static char *make_plan(const struct collect_run_request *request, const char *host)
{
    char *settings = settings_text(request);
    json_t *plan = json_loads(settings, 0, NULL);
    free(settings);
    plan = plan == NULL ? json_object() : plan;
    json_object_set_new(plan, "host", json_string_nocheck(host));
    json_object_set_new(plan, "collect", json_list(request->paths, request->path_count));
    char *text = json_dumps(plan, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(plan);
    return text == NULL ? xstrdup("{}") : text;
}

/* The real path: so a file has one place, however it was named. */
static bool add_path(struct byte_buffer *words, const char *path, struct error *err)
{
    if (is_stream(path)) {
        add_word(words, COLLECT_STREAM, "standard input");
        return true;
    }
    char *real = user_file_real_path(path);
    if (real == NULL)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    add_word(words, COLLECT_PATH, real);
    free(real);
    return true;
}

/* In memory that only the worker receives: passwords are in no command line and no environment. */
static int request_open(const struct collect_run_request *request, const char *host, struct error *err)
{
    struct byte_buffer words;
    byte_buffer_init(&words, 0);
    char *settings = settings_text(request);
    bool ok = true;
    add_word(&words, COLLECT_HOST, host);
    add_word(&words, COLLECT_SETTINGS, settings);
    if (request->other_file_systems)
        add_word(&words, COLLECT_OTHER_FILE_SYSTEMS, "");
    if (request->git_history)
        add_word(&words, COLLECT_GIT_HISTORY, "");
    for (size_t i = 0; i < request->include_count; i++)
        add_word(&words, COLLECT_INCLUDE, request->include[i]);
    for (size_t i = 0; i < request->exclude_count; i++)
        add_word(&words, COLLECT_EXCLUDE, request->exclude[i]);
    for (size_t i = 0; i < request->password_count; i++)
        add_word(&words, COLLECT_PASSWORD, request->passwords[i]);
    for (size_t i = 0; ok && i < request->path_count; i++)
        ok = add_path(&words, request->paths[i], err);
    struct byte_reader all = byte_buffer_reader(&words);
    int fd = ok ? memfd_create("certsweep-collect", MFD_CLOEXEC) : -1;
    if (ok && (fd < 0 || write(fd, all.at, all.left) != (ssize_t)all.left))
        ok = error_set(err, ERROR_SYSTEM, "the worker's request: %s", strerror(errno));
    if (!ok && fd >= 0)
        close(fd);
    explicit_bzero((void *)(uintptr_t)all.at, all.left);
    byte_buffer_clear(&words);
    free(settings);
    return ok ? fd : -1;
}

/* ---- before ---- */

static bool find_host(const struct collect_run_request *request, char host[FILE_HOST_MAX + 1], struct error *err)
{
    if (request->host == NULL) {
        host[FILE_HOST_MAX] = '\0';
        return (gethostname(host, FILE_HOST_MAX) == 0 && host[0] != '\0') || error_set(err, ERROR_SYSTEM, "this machine has no name; give one with --host");
    }
    if (request->host[0] == '\0' || strlen(request->host) > FILE_HOST_MAX || strpbrk(request->host, " \t\n/") != NULL)
        return error_set(err, ERROR_USAGE, "--host %s: a host's name has 1 to %d characters without blanks and slashes", request->host, FILE_HOST_MAX);
    snprintf(host, FILE_HOST_MAX + 1, "%s", request->host);
    return true;
}

static bool make_bundle(struct collect_run_request *request, const char *host, struct error *err)
{
    struct bundle_head head = {.kind = BUNDLE_FILES, .started_us = clock_utc_us(), .space = "", .known_names = "", .shard_count = 1};
    if (!site_name_check(request->site, err))
        return false;
    snprintf(head.site, sizeof head.site, "%s", request->site);
    if (!scan_identity_draw_id(head.scan_id, err))
        return false;
    if (request->bundle == NULL) {
        if (!bundle_folder_path(head.scan_id, request->path, sizeof request->path, err))
            return false;
    } else if (snprintf(request->path, sizeof request->path, "%s", request->bundle) >= (int)sizeof request->path) {
        return error_set(err, ERROR_USAGE, "-o %s: the path is too long", request->bundle);
    }
    char *plan = make_plan(request, host);
    head.plan = plan;
    struct bundle_writer *writer = bundle_create(request->path, &head, err);
    free(plan);
    bool ok = writer != NULL && bundle_mark_made(writer, err);
    bundle_close(writer);
    return ok;
}

static bool start_worker(struct run *run, int request_fd, int stream_fd, struct error *err)
{
    char self[16];
    const char *const argv[] = {COLLECT_WORKER_NAME, run->request->path, self, NULL};
    const struct worker_start start = {.argv = argv, .bundle = run->request->path, .lines_fd = -1, .fds = {request_fd, stream_fd, -1}};
    snprintf(self, sizeof self, "%d", (int)worker_process_keeper());
    return worker_process_start(&run->worker, &start, err);
}

/* ---- while it runs ---- */

static void tell(const struct run *run, bool in_log)
{
    const struct collect_report *r = &run->request->report;
    char files[64], certificates[64], text[256];
    progress_format_counted(r->found.files, "file", files);
    progress_format_counted(r->found.certificates, "certificate", certificates);
    snprintf(text, sizeof text, "%s, %.1f MB, %s, %s, %llu could not be read", files, (double)r->found.bytes / 1e6, certificates,
             COUNTED(r->found.keys, "key"), (unsigned long long)r->found.faults);
    if (in_log) {
        log_info("%s", text);
        return;
    }
    clear_line();
    line_is_drawn = dprintf(STDERR_FILENO, "%s", text) > 0;
}

static bool read_report(struct run *run)
{
    struct collect_report report;
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

static bool watch(struct run *run, struct error *err)
{
    struct pollfd fds[WORKER_POLLS + 1];
    while (worker_process_poll(&run->worker, fds)) {
        fds[WORKER_POLLS] = (struct pollfd){.fd = run->signals.fd, .events = POLLIN};
        if (poll(fds, WORKER_POLLS + 1, POLL_MS) < 0 && errno != EINTR)
            return error_set(err, ERROR_SYSTEM, "poll: %s", strerror(errno));
        if (fds[WORKER_POLLS].revents != 0 && keeper_signals_read(&run->signals, &run->worker))
            tell(run, true);
        if (fds[WORKER_POLL_REPORT].revents != 0 && !read_report(run)) {
            close(run->worker.report_fd);
            run->worker.report_fd = -1;
        }
        worker_process_pass_on(&run->worker, fds);
    }
    return true;
}

/* ---- after ---- */

static void tell_end(const struct run *run)
{
    const struct collect_report *r = &run->request->report;
    char files[64], seconds[32];
    progress_format_counted(r->found.files, "file", files);
    progress_format_seconds((double)(clock_monotonic_us() - run->started_us) / 1e6, seconds);
    log_info("%s, %s of archives, %.1f MB in %s: %s and %s in %s", files, COUNTED_AS(r->found.entries, "entry", "entries"),
             (double)r->found.bytes / 1e6, seconds, COUNTED(r->found.certificates, "certificate"),
             COUNTED(r->found.keys, "key"), COUNTED(r->found.places, "place"));
    const struct {
        uint64_t value;
        const char *one, *more;
    } lines[] = {
        {r->found.faults, "could not be read, or not whole", NULL},
        {r->walk.special, "device, socket or pipe left alone", "devices, sockets and pipes left alone"},
        {r->walk.kernel, "file system of the kernel (/proc, /sys) left alone", "file systems of the kernel (/proc, /sys) left alone"},
        {r->walk.other_file_systems, "other file system left out (--other-file-systems reads it)", "other file systems left out (--other-file-systems reads them)"},
        {r->walk.excluded, "left out by --include and --exclude", NULL},
        {run->request->git_history ? 0 : r->walk.repositories, "git repository of which only the present files were read (--git-history reads every commit)",
         "git repositories of which only the present files were read (--git-history reads every commit)"},
        {r->restarts, "file at which its reader died", "files at which their reader died"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].value != 0)
            log_info("  %llu %s", (unsigned long long)lines[i].value, lines[i].value == 1 || lines[i].more == NULL ? lines[i].one : lines[i].more);
}

static bool finish(struct run *run, int status, struct error *err)
{
    struct collect_run_request *request = run->request;
    request->interrupted = run->signals.interrupts != 0;
    if (WIFSIGNALED(status) || !request->report.is_last) {
        request->code = WIFSIGNALED(status) || WEXITSTATUS(status) == 0 ? 4 : WEXITSTATUS(status);
        log_error("the collection ended early; what was written is in %s", request->path);
        return true;
    }
    request->code = request->interrupted ? 4 : WEXITSTATUS(status);
    tell_end(run);
    struct bundle_writer *writer = bundle_reopen(request->path, err);
    request->is_sealed = writer != NULL && bundle_seal(writer, err);
    return request->is_sealed;
}

static bool collect(struct run *run, int request_fd, int stream_fd, struct error *err)
{
    bool ok = keeper_signals_take(&run->signals, err);
    if (ok && start_worker(run, request_fd, stream_fd, err)) {
        log_set_hooks(clear_line, NULL);
        ok = watch(run, err);
        int status = worker_process_end(&run->worker);
        clear_line();
        log_set_hooks(NULL, NULL);
        ok = ok && finish(run, status, err);
    } else {
        ok = false;
    }
    keeper_signals_give_back(&run->signals);
    return ok;
}

bool collect_run(struct collect_run_request *request, struct error *err)
{
    struct run run = {.request = request, .is_terminal = isatty(STDERR_FILENO), .started_us = clock_monotonic_us()};
    char host[FILE_HOST_MAX + 1];
    int stream_fd = -1;
    run.next_line_us = run.started_us + 60000000;
    request->is_sealed = request->interrupted = false;
    request->code = 0;
    request->report = (struct collect_report){.restarts = 0};
    for (size_t i = 0; i < request->path_count; i++)
        if (is_stream(request->paths[i]))
            stream_fd = STDIN_FILENO;
    if (!find_host(request, host, err))
        return false;
    int request_fd = request_open(request, host, err);
    if (request_fd < 0)
        return false;
    bool ok = make_bundle(request, host, err) && collect(&run, request_fd, stream_fd, err);
    close(request_fd);
    return ok;
}
