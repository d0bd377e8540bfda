/* The reader of collect_worker.h: its input is foreign bytes, its only output rows of the bundle. */
#include "inventory/bundle/bundle_files.h"
#include "probes/base/clock.h"
#include "probes/base/fd_message.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/files/git_objects.h"
#include "scanner/files/path_text.h"
#include "scanner/process/confine.h"
#include "scanner/process/confine_calls.h"
#include "scanner/run/collect_jobs.h"
#include "scanner/run/collect_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REPORT_US     250000
#define UNSAFE_JOBS   128           /* that wait for a commit */
#define TOLD_FAULTS   100           /* lines of the log; the rest is in the bundle */
#define READER_MEMORY (4ull << 30)

struct reader {
    const struct collect_request *request;
    struct collect_shared *shared;
    struct scanner_counts before;   /* of readers that died */
    struct bundle_writer *writer;
    struct file_scanner *scanner;
    int socket;
    uint64_t done, safe;            /* jobs */
    uint64_t faults_told;
    bool has_rows;                  /* since the last commit */
    int64_t next_us;
    struct collect_jobs told;       /* the head of the last message */
    uint8_t message[JOBS_MESSAGE_MAX];
    bool is_end;
};

static void on_fault(void *context, const char *place, const char *detail)
{
    struct reader *reader = context;
    if (reader->faults_told++ < TOLD_FAULTS)
        log_warning("%s: %s", place, detail);
    else if (reader->faults_told == TOLD_FAULTS + 1)
        log_warning("more could not be read; the bundle has them all");
}

static bool is_stopped(void *context)
{
    const struct reader *reader = context;
    return reader->shared->is_stopping;
}

static void add_counts(struct scanner_counts *sum, const struct scanner_counts *more)
{
    sum->files += more->files;
    sum->bytes += more->bytes;
    sum->entries += more->entries;
    sum->places += more->places;
    sum->certificates += more->certificates;
    sum->keys += more->keys;
    sum->uses += more->uses;
    sum->faults += more->faults;
    sum->unreadable += more->unreadable;
}

static struct collect_report report_of(const struct reader *reader, bool is_last)
{
    struct collect_report report = {.walk = reader->told.walk, .found = reader->before, .restarts = reader->told.restarts,
                                    .is_last = is_last, .was_stopped = reader->shared->is_stopping};
    add_counts(&report.found, file_scanner_counts(reader->scanner));
    return report;
}

static void report(struct reader *reader, bool is_last)
{
    struct collect_report told = report_of(reader, is_last);
    reader->shared->counts = told.found;
    if (write(WORKER_REPORT_FD, &told, sizeof told) < 0)
        return;                         /* the keeper is gone, and with it this process soon */
}

/* Tells the walker how many jobs need not be kept any more. */
static bool acknowledge(struct reader *reader, struct error *err)
{
    if (reader->has_rows && !bundle_commit(reader->writer, err))
        return false;
    reader->has_rows = false;
    reader->safe = reader->done;
    return write(reader->socket, &reader->safe, sizeof reader->safe) > 0 || error_set(err, ERROR_SYSTEM, "the walker has ended");
}

static bool report_if_due(struct reader *reader)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us < reader->next_us)
        return false;
    reader->next_us = now_us + REPORT_US;
    report(reader, false);
    return true;
}

/* Between messages: the walker keeps and sends again whole ones only. */
static bool look(struct reader *reader, struct error *err)
{
    bool is_due = report_if_due(reader);
    uint64_t waiting = reader->done - reader->safe;
    bool acks = waiting > 0 && (is_due || !reader->has_rows || waiting >= UNSAFE_JOBS);
    return !acks || acknowledge(reader, err);
}

static bool add_root(struct reader *reader, const char *path, bool is_complete, int64_t from_us, struct error *err)
{
    const struct file_root root = {.host = reader->request->host, .path = path, .settings = reader->request->settings,
                                   .is_complete = is_complete, .from_us = from_us, .to_us = clock_utc_us()};
    return bundle_add_file_root(reader->writer, &root, err);
}

static bool read_stream(struct reader *reader, int64_t from_us, struct error *err)
{
    struct tar_roots roots;
    bool ok = file_scanner_stream(reader->scanner, COLLECT_STREAM_FD, &roots, err);
    for (size_t i = 0; i < roots.count; i++) {
        ok = ok && add_root(reader, roots.paths[i], roots.is_whole, from_us, err);
        free(roots.paths[i]);
    }
    free(roots.paths);
    return ok;
}

static bool add_counters(struct reader *reader, struct error *err)
{
    const struct collect_report told = report_of(reader, true);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {{"files", told.found.files},           {"folders", told.walk.folders},
                    {"bytes", told.found.bytes},           {"entries", told.found.entries},
                    {"links", told.walk.links},            {"special_files", told.walk.special},
                    {"kernel_file_systems", told.walk.kernel}, {"other_file_systems", told.walk.other_file_systems},
                    {"excluded", told.walk.excluded},      {"repositories", told.walk.repositories},      {"places", told.found.places},
                    {"faults", told.found.faults},         {"restarts", told.restarts}};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        if (!bundle_add_counter(reader->writer, counters[i].name, counters[i].value, err))
            return false;
    return true;
}

static bool tell_crash(struct reader *reader, const struct file_status *status, int signal, struct error *err)
{
    char detail[256];
    snprintf(detail, sizeof detail, "the reader of files was ended by signal %d (%s) while it read this; it is left out", signal, strsignal(signal));
    return file_scanner_tell(reader->scanner, status, FILE_DAMAGED, detail, err);
}

/* names: a line for each descriptor. */
static bool read_layout(struct reader *reader, const struct file_status *status, const char *names, const int *fds, unsigned count, struct error *err)
{
    char *text = xstrdup(names), *rest = text;
    const char *items[FD_MESSAGE_MANY];
    unsigned found = 0;
    for (char *name; found < count && (name = strsep(&rest, "\n")) != NULL && rest != NULL;)
        items[found++] = name;
    bool ok = file_scanner_layout(reader->scanner, status, items, fds, found, err);
    free(text);
    return ok;
}

static bool do_job(struct reader *reader, const struct collect_job *job, const int *fds, struct error *err)
{
    const char *path = (const char *)(job + 1), *detail = path + job->path_len;
    const struct file_status status = {.path = path, .mode = job->mode, .uid = job->uid, .gid = job->gid, .size = job->size,
                                       .modified_us = job->modified_us, .changed_us = job->changed_us, .marks = job->marks};
    char *text;
    bool ok;
    switch ((enum collect_job_kind)job->kind) {
    case JOB_FILE:
        return reader->shared->is_stopping || file_scanner_file(reader->scanner, &status, fds[0], err);
    case JOB_FAULT:
        return file_scanner_tell(reader->scanner, &status, (enum file_outcome)job->outcome, detail, err);
    case JOB_CRASH:
        return tell_crash(reader, &status, (int)job->outcome, err);
    case JOB_STREAM:
        return read_stream(reader, job->from_us, err);
    case JOB_REPOSITORY:
        return git_objects_read(reader->scanner, &status, fds, err);
    case JOB_LAYOUT:
        return reader->shared->is_stopping || read_layout(reader, &status, detail, fds, job->fd_count, err);
    case JOB_ROOT:
        text = path_text(path, strlen(path));
        ok = add_root(reader, text, job->is_complete != 0 && !reader->shared->is_stopping, job->from_us, err);
        free(text);
        return ok;
    case JOB_END:
        reader->is_end = true;
        return add_counters(reader, err);
    }
    return true;
}

/* The walker is ours, but not confined as this process is: its messages are trusted, within bounds. NULL: not whole. */
static const struct collect_job *job_at(const struct reader *reader, size_t at, size_t len, unsigned fds_left)
{
    const struct collect_job *job = (const struct collect_job *)(const void *)(reader->message + at);
    if (len - at < sizeof *job || job->path_len == 0 || job->text_len == 0 || job->path_len > JOB_TEXT_MAX || job->text_len > JOB_TEXT_MAX ||
        len - at < collect_job_len(job) || job->fd_count > fds_left || (job->kind == JOB_FILE && job->fd_count != 1) ||
        (job->kind == JOB_REPOSITORY && job->fd_count != GIT_PIPES))
        return NULL;
    const char *path = (const char *)(job + 1);
    return path[job->path_len - 1] == '\0' && path[job->path_len + job->text_len - 1] == '\0' ? job : NULL;
}

static bool take_job(struct reader *reader, const struct collect_job *job, const int *fds, struct error *err)
{
    uint64_t places = file_scanner_counts(reader->scanner)->places, faults = file_scanner_counts(reader->scanner)->faults;
    reader->shared->current = job->number;
    bool ok = do_job(reader, job, fds, err);
    reader->shared->current = 0;
    reader->done = job->number;
    reader->has_rows |= job->kind != JOB_FILE || places != file_scanner_counts(reader->scanner)->places ||
                        faults != file_scanner_counts(reader->scanner)->faults;
    for (unsigned i = 0; i < job->fd_count && job->kind != JOB_REPOSITORY; i++)
        close(fds[i]);
    report_if_due(reader);
    return ok;
}

static bool take_message(struct reader *reader, struct error *err)
{
    int fds[FD_MESSAGE_MANY];
    unsigned fd_count, fd = 0;
    ssize_t got = fd_message_receive_many(reader->socket, reader->message, sizeof reader->message, fds, &fd_count);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return true;                    /* time to look at the clock */
    if (got < (ssize_t)sizeof reader->told)
        return error_set(err, ERROR_SYSTEM, "the walker has ended");
    memcpy(&reader->told, reader->message, sizeof reader->told);
    for (size_t at = sizeof reader->told; at < (size_t)got;) {
        const struct collect_job *job = job_at(reader, at, (size_t)got, fd_count - fd);
        if (job == NULL)
            return error_set(err, ERROR_SYSTEM, "the walker's message is broken");
        if (!take_job(reader, job, fds + fd, err))
            return false;
        fd += job->fd_count;
        at += collect_job_len(job);
    }
    return true;
}

static bool read_all(struct reader *reader, struct error *err)
{
    while (!reader->is_end) {
        if (!take_message(reader, err) || !look(reader, err))
            return false;
    }
    if (!bundle_commit(reader->writer, err))
        return false;
    report(reader, true);
    return acknowledge(reader, err);
}

/* RC2 and RC4 of old stores: the provider must be loaded before mapping code is forbidden. */
static void load_providers(void)
{
    OSSL_PROVIDER_load(NULL, "default");
    OSSL_PROVIDER_load(NULL, "legacy");
    ERR_clear_error();
}

static bool lock_in(struct reader *reader, const char *bundle, pid_t walker, struct error *err)
{
    static const int fds[BUNDLE_FILE_COUNT] = {WORKER_BUNDLE_FD, WORKER_BUNDLE_FD + 1, WORKER_BUNDLE_FD + 2};
    const struct confinement confinement = {.sockets = CONFINE_NO_SOCKETS, .keeper = walker};
    const struct rlimit memory = {READER_MEMORY, READER_MEMORY};
    const struct timeval wait = {.tv_usec = REPORT_US};
    setsockopt(reader->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    load_providers();
    file_scanner_prepare();
    if (!CONFINE_UNDER_SANITIZER)
        setrlimit(RLIMIT_AS, &memory);
    bundle_files_lend(bundle, fds);
    return confine_become(walker, err) && (reader->writer = bundle_reopen(bundle, err)) != NULL && confine_enter(&confinement, err);
}

static int run(const struct collect_reader_start *start, int socket, pid_t walker)
{
    struct error err = {0};
    struct reader *reader = xcalloc(1, sizeof *reader);
    reader->request = start->request;
    reader->shared = start->shared;
    reader->before = start->shared->counts;
    reader->socket = socket;
    const struct file_scanner_options options = {.host = start->request->host,
                                                 .formats = {start->request->passwords, start->request->password_count},
                                                 .include = {start->request->include, start->request->include_count},
                                                 .exclude = {start->request->exclude, start->request->exclude_count},
                                                 .on_fault = on_fault,
                                                 .is_stopped = is_stopped,
                                                 .context = reader};
    prctl(PR_SET_NAME, "certsweep-reade");
    bool ok = lock_in(reader, start->bundle, walker, &err);
    if (ok) {
        struct file_scanner_options with_writer = options;
        with_writer.writer = reader->writer;
        reader->scanner = file_scanner_create(&with_writer);
        ok = read_all(reader, &err);
    }
    if (!ok)
        log_error("%s", err.text);
    bool has_faults = ok && report_of(reader, true).found.faults > 0;
    file_scanner_destroy(reader->scanner);
    bundle_close(reader->writer);
    free(reader);
    return !ok ? error_exit_code(&err) : has_faults ? 5 : 0;
}

int collect_reader_start(const struct collect_reader_start *start, int *pid)
{
    int ends[2];
    pid_t walker = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    *pid = fork();
    if (*pid == 0) {
        close(ends[0]);
        close(COLLECT_REQUEST_FD);
        _exit(run(start, ends[1], walker));
    }
    close(ends[1]);
    if (*pid > 0)
        return ends[0];
    close(ends[0]);
    return -1;
}
