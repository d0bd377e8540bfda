#include "scanner/run/collect_worker.h"

#include "inventory/bundle/bundle.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/process/confine.h"
#include "scanner/run/collect_batches.h"
#include "scanner/run/collect_git.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOLD_LEFT 100               /* lines of the log; the rest is counted */

#define RESTARTS_MAX 1000
#define LOOK_EVERY   16             /* files, for a signal */
#define HEAR_FROM    2u             /* messages that wait, before the reader is heard */
#define REQUEST_MAX  (16u << 20)
#define GIT_LOOK_MS  5000           /* whether git and the reader do something, */
#define GIT_STILL_LOOKS 12u         /* and so often in a row they may not */

struct collect_walker {
    const char *bundle;
    struct collect_request request;
    struct collect_shared *shared;
    int signal_fd;
    int reader_fd;                  /* -1: none */
    int reader;
    int reader_code;                /* exit code of one that ended by itself */
    struct collect_batches batches;
    uint64_t restarts;
    struct walk_counts counts;
    unsigned looks;
    unsigned left_told;
    struct collect_git *git;        /* that the reader reads from; NULL none */
    bool stopping, failed;
};

/* ---- the request ---- */

static void add_word(const char ***words, size_t *count, const char *word)
{
    *words = xreallocarray(*words, *count + 1, sizeof **words);
    (*words)[(*count)++] = word;
}

static void take_word(struct collect_request *request, const char *word)
{
    const char *value = word + 1;
    switch (word[0]) {
    case COLLECT_PATH:               add_word(&request->paths, &request->path_count, value); break;
    case COLLECT_INCLUDE:            add_word(&request->include, &request->include_count, value); break;
    case COLLECT_EXCLUDE:            add_word(&request->exclude, &request->exclude_count, value); break;
    case COLLECT_PASSWORD:           add_word(&request->passwords, &request->password_count, value); break;
    case COLLECT_GIT_HISTORY:        request->git_history = true; break;
    case COLLECT_OTHER_FILE_SYSTEMS: request->other_file_systems = true; break;
    case COLLECT_HOST:               request->host = value; break;
    case COLLECT_SETTINGS:           request->settings = value; break;
    case COLLECT_STREAM:             request->stream = value; break;
    default:                         break;
    }
}

static bool read_request(struct collect_request *request)
{
    struct stat status;
    *request = (struct collect_request){.host = "", .settings = ""};
    if (fstat(COLLECT_REQUEST_FD, &status) != 0 || status.st_size <= 0 || status.st_size > (off_t)REQUEST_MAX)
        return false;
    size_t len = (size_t)status.st_size;
    request->bytes = xcalloc(len + 1, 1);
    if (pread(COLLECT_REQUEST_FD, request->bytes, len, 0) != (ssize_t)len)
        return false;
    for (size_t at = 0; at < len; at += strlen(request->bytes + at) + 1)
        take_word(request, request->bytes + at);
    close(COLLECT_REQUEST_FD);
    return true;
}

static void clear_request(struct collect_request *request)
{
    free(request->paths);
    free(request->include);
    free(request->exclude);
    free(request->passwords);
    free(request->bytes);
}

/* ---- jobs ---- */

static bool start_reader(struct collect_walker *walker)
{
    const struct collect_reader_start start = {.bundle = walker->bundle, .request = &walker->request, .shared = walker->shared};
    walker->reader_fd = collect_reader_start(&start, &walker->reader);
    if (walker->reader_fd < 0)
        log_error("no reader can be started: %s", strerror(errno));
    return walker->reader_fd >= 0;
}

/* False: its reader is gone. */
static bool pass(const struct collect_walker *walker, const struct collect_batch *batch)
{
    return fd_message_send_many(walker->reader_fd, batch->bytes, batch->len, batch->fds, batch->fd_count);
}

/* The reader has ended, with an exit code or killed; if killed, a new one continues with the jobs that were not
 * safe. */
static bool reader_ended(struct collect_walker *walker)
{
    int status = 0;
    for (;;) {
        close(walker->reader_fd);
        walker->reader_fd = -1;
        while (waitpid(walker->reader, &status, 0) < 0 && errno == EINTR)
            continue;
        if (!WIFSIGNALED(status) || walker->restarts >= RESTARTS_MAX) {
            walker->reader_code = WIFEXITED(status) ? WEXITSTATUS(status) : 4;
            walker->failed = true;
            return false;
        }
        walker->restarts++;
        collect_batches_rewind(&walker->batches, walker->shared->current, WTERMSIG(status));
        walker->shared->current = 0;
        if (!start_reader(walker)) {
            walker->failed = true;
            walker->reader_code = 4;
            return false;
        }
        bool ok = true;
        for (uint64_t i = walker->batches.safe; i < walker->batches.sent && ok; i++)
            ok = pass(walker, &walker->batches.items[i % BATCHES]);
        if (ok)
            return true;
    }
}

static void hear_signals(struct collect_walker *walker)
{
    struct signalfd_siginfo info;
    while (read(walker->signal_fd, &info, sizeof info) > 0)
        walker->stopping |= info.ssi_signo == SIGTERM;
    walker->shared->is_stopping = walker->stopping;
    if (walker->stopping && walker->git != NULL)
        collect_git_kill(walker->git);          /* the reader may wait for it, and it for ever */
}

static bool is_stopped(struct collect_walker *walker)
{
    if (++walker->looks % LOOK_EVERY == 0)      /* a system call less for each file */
        hear_signals(walker);
    return walker->stopping || walker->failed;
}

/* Waits for a message from the reader; signals are forwarded meanwhile. Git that stands still is ended: it would wait for ever at a pipe
 * that somebody has put among the objects since they were looked at. */
static void wait_for_word(struct collect_walker *walker)
{
    struct pollfd fds[2] = {{.fd = walker->reader_fd, .events = POLLIN}, {.fd = walker->signal_fd, .events = POLLIN}};
    uint64_t before = 0, now;
    int got;
    for (unsigned still = 0; (got = poll(fds, 2, walker->git == NULL ? -1 : GIT_LOOK_MS)) < 0 || fds[0].revents == 0; before = now) {
        hear_signals(walker);
        now = walker->git == NULL ? 0 : collect_git_work(walker->git, walker->reader);
        still = got != 0 || now == 0 || now != before ? 0 : still + 1;
        if (still >= GIT_STILL_LOOKS && walker->git != NULL)
            collect_git_kill(walker->git);
    }
}

static uint64_t waiting(const struct collect_walker *walker)
{
    return walker->batches.sent - walker->batches.safe;
}

/* Waits until no more than this many messages are not yet safe. False: the reader has ended, and none follows it. */
static bool hear_reader(struct collect_walker *walker, uint64_t most)
{
    uint64_t safe;
    for (;;) {
        if (waiting(walker) > most)
            wait_for_word(walker);
        ssize_t got = recv(walker->reader_fd, &safe, sizeof safe, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || ((errno == EAGAIN || errno == EWOULDBLOCK) && waiting(walker) > most)))
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (got != sizeof safe) {
            if (!reader_ended(walker))
                return false;
            continue;
        }
        collect_batches_are_safe(&walker->batches, safe);
    }
}

/* Sends what was gathered, and waits for the reader if there is no room for more. */
static bool flush(struct collect_walker *walker)
{
    struct collect_batch *batch = collect_batches_current(&walker->batches);
    if (walker->failed || batch->job_count == 0)
        return !walker->failed;
    const struct collect_jobs head = {.walk = walker->counts, .restarts = walker->restarts, .count = batch->job_count};
    memcpy(batch->bytes, &head, sizeof head);
    walker->batches.sent++;
    if (!pass(walker, batch) && !reader_ended(walker))
        return false;
    return waiting(walker) < HEAR_FROM || hear_reader(walker, BATCHES - 1);
}

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

/* Takes the descriptors. */
static bool send_job(struct collect_walker *walker, const struct collect_job *job, const char *path, const char *text, const int *fds, unsigned fd_count)
{
    size_t text_len = strlen(path) + strlen(text) + 2;
    if (text_len > JOB_TEXT_MAX || (!collect_batch_has_room(collect_batches_current(&walker->batches), text_len, fd_count) && !flush(walker)) ||
        walker->failed) {
        close_all(fds, fd_count);
        return !walker->failed;
    }
    collect_batches_add(&walker->batches, job, path, text, fds, fd_count);
    return true;
}

/* ---- the walk ---- */

static struct collect_job job_of(enum collect_job_kind kind, const struct file_status *status)
{
    return (struct collect_job){.kind = kind, .mode = status->mode, .uid = status->uid, .gid = status->gid, .size = status->size,
                                .modified_us = status->modified_us, .changed_us = status->changed_us, .marks = status->marks};
}

static bool on_file(void *context, const struct file_status *status, int fd)
{
    struct collect_walker *walker = context;
    if (is_stopped(walker)) {
        close(fd);
        return false;
    }
    const struct collect_job job = job_of(JOB_FILE, status);
    return send_job(walker, &job, status->path, "", &fd, 1);
}

static bool on_fault(void *context, const struct file_status *status, enum file_outcome outcome, const char *detail)
{
    struct collect_walker *walker = context;
    struct collect_job job = job_of(JOB_FAULT, status);
    job.outcome = outcome;
    return !is_stopped(walker) && send_job(walker, &job, status->path, detail, NULL, 0);
}

/* Alone in its message, and with nothing else on the way: git's pipes cannot be read a second time, so the repository is told as
 * one at which the reader died, if it dies. */
static bool on_repository(void *context, const struct file_status *status, int folder)
{
    struct collect_walker *walker = context;
    struct collect_git git;
    struct error err = {0};
    if (is_stopped(walker) || !flush(walker) || !hear_reader(walker, 0))
        return false;
    if (!collect_git_start(&git, folder, &err))
        return on_fault(walker, status, FILE_UNREADABLE, err.text);
    const struct collect_job job = job_of(JOB_REPOSITORY, status);
    walker->git = &git;
    bool ok = send_job(walker, &job, status->path, "", git.pipes, GIT_PIPES) && flush(walker) && hear_reader(walker, 0);
    walker->git = NULL;
    bool is_whole = collect_git_stop(&git);
    if (ok && !is_whole && !walker->stopping)
        ok = on_fault(walker, status, FILE_DAMAGED, "git could not list all objects of this repository; try git fsck");
    return ok && !is_stopped(walker);
}

/* Alone in its message, since it has so many files. */
static bool on_layout(void *context, const struct file_status *status, const char *const *names, const int *fds, unsigned count)
{
    struct collect_walker *walker = context;
    char text[JOB_TEXT_MAX / 2] = "";
    size_t len = 0;
    for (unsigned i = 0; i < count && len < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", names[i]);
    bool is_long = len >= sizeof text || strlen(status->path) + len + 2 > JOB_TEXT_MAX;
    if (is_stopped(walker) || is_long || !flush(walker)) {
        close_all(fds, count);
        return is_long && on_fault(walker, status, FILE_LIMIT, "limit: the paths of this image's blobs are too long; not read");
    }
    const struct collect_job job = job_of(JOB_LAYOUT, status);
    return send_job(walker, &job, status->path, text, fds, count) && flush(walker);
}

static void on_left(void *context, const char *path, const char *what)
{
    struct collect_walker *walker = context;
    if (walker->left_told++ < TOLD_LEFT)
        log_info("%s: %s, left alone", path, what);
    else if (walker->left_told == TOLD_LEFT + 1)
        log_info("more is left alone; --verbose names it");
    if (walker->left_told > TOLD_LEFT)
        log_debug("%s: %s, left alone", path, what);
}

static void walk_all(struct collect_walker *walker)
{
    const struct collect_request *request = &walker->request;
    const struct walk_options options = {.include = {request->include, request->include_count}, .exclude = {request->exclude, request->exclude_count},
                                         .other_file_systems = request->other_file_systems, .git_history = request->git_history};
    const struct walk_sink sink = {.file = on_file, .fault = on_fault, .repository = on_repository, .layout = on_layout, .left = on_left, .context = walker};
    if (request->stream != NULL) {
        const struct collect_job job = {.kind = JOB_STREAM, .from_us = clock_utc_us()};
        send_job(walker, &job, request->stream, "", NULL, 0);
        flush(walker);
    }
    for (size_t i = 0; i < request->path_count && !is_stopped(walker); i++) {
        struct collect_job job = {.kind = JOB_ROOT, .from_us = clock_utc_us()};
        bool whole = walk_run(request->paths[i], &options, &sink, &walker->counts);
        job.is_complete = whole && !walker->stopping;
        send_job(walker, &job, request->paths[i], "", NULL, 0);
    }
    const struct collect_job end = {.kind = JOB_END};
    send_job(walker, &end, "end", "", NULL, 0);
    flush(walker);
}

/* What is sent last is safe when the reader ends; until then it may have to be sent again. */
static int wait_for_reader(struct collect_walker *walker)
{
    while (!walker->failed) {
        wait_for_word(walker);
        hear_reader(walker, BATCHES);
    }
    return walker->reader_code;
}

/* Of root's capabilities the walker keeps CAP_DAC_READ_SEARCH, to open files that it never reads, and those that it
 * needs to start a reader as another user and to stop it. */
static bool give_up_rights(void)
{
    bool ok = true;
    if (geteuid() == 0) {
        capng_clear(CAPNG_SELECT_BOTH);
        capng_updatev(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED), CAP_DAC_READ_SEARCH, CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_KILL, -1);
        ok = capng_apply(CAPNG_SELECT_CAPS) == 0;
    }
    ok = ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (!ok)
        log_error("the walker cannot drop its capabilities: %s", strerror(errno));
    return ok;
}

int collect_worker_main(int argc, char *const *argv)
{
    if (argc != 3)
        return 2;
    struct collect_walker *walker = xcalloc(1, sizeof *walker);
    walker->bundle = argv[1];
    collect_batches_init(&walker->batches);
    setlocale(LC_CTYPE, "C.UTF-8");     /* names in archives */
    prctl(PR_SET_NAME, "certsweep-worke");     /* 15 characters */
    bundle_one_thread();
    confine_raise_descriptors();
    walker->signal_fd = confine_signals();
    walker->shared = mmap(NULL, sizeof *walker->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool ok = walker->shared != MAP_FAILED && read_request(&walker->request) && give_up_rights();
    int code = 4;
    if (ok && start_reader(walker)) {
        walk_all(walker);
        code = wait_for_reader(walker);
    }
    collect_batches_clear(&walker->batches);
    clear_request(&walker->request);
    free(walker);
    return code;
}
