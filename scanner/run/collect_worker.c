#include "scanner/run/collect_worker.h"

#include "inventory/bundle/bundle.h"
#include "probes/base/clock.h"
#include "probes/base/fd_message.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/process/confine.h"
#include "scanner/run/collect_jobs.h"

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

#define WINDOW       256            /* jobs that are not safe yet; each holds a descriptor */
#define RESTARTS_MAX 1000
#define LOOK_EVERY   16             /* files, for a signal */
#define HEAR_FROM    (WINDOW / 4)   /* jobs that wait, before the reader is heard */
#define REQUEST_MAX  (16u << 20)

struct kept {
    struct collect_job *job;        /* as long as it is kept; NULL none */
    size_t len;
    int fd;
};

struct collect_walker {
    const char *bundle;
    struct collect_request request;
    struct collect_shared *shared;
    int signal_fd;
    int reader_fd;                  /* -1: none */
    int reader;
    int reader_code;                /* exit code of one that ended by itself */
    struct kept kept[WINDOW];       /* by number % WINDOW */
    uint64_t sent, safe;
    uint64_t restarts;
    struct walk_counts counts;
    struct collect_job job;         /* being made */
    unsigned looks;
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

static void forget(struct kept *kept)
{
    if (kept->job == NULL)
        return;
    free(kept->job);
    if (kept->fd >= 0)
        close(kept->fd);
    *kept = (struct kept){.fd = -1};
}

static bool start_reader(struct collect_walker *walker)
{
    const struct collect_reader_start start = {.bundle = walker->bundle, .request = &walker->request, .shared = walker->shared};
    walker->reader_fd = collect_reader_start(&start, &walker->reader);
    if (walker->reader_fd < 0)
        log_error("no reader can be started: %s", strerror(errno));
    return walker->reader_fd >= 0;
}

/* The job at which a reader died is reported, not read again. */
static void make_fault(struct kept *kept, int signal)
{
    struct collect_job *job = kept->job;
    char detail[256];
    if (job->kind != JOB_FILE && job->kind != JOB_STREAM)
        return;
    snprintf(detail, sizeof detail, "the reader of files was ended by signal %d (%s) while it read this; it is left out", signal, strsignal(signal));
    if (job->path_len + strlen(detail) + 1 > sizeof job->text)
        return;
    job->kind = JOB_FAULT;
    job->outcome = FILE_DAMAGED;
    job->text_len = (uint32_t)strlen(detail) + 1;
    kept->job = job = xrealloc(job, offsetof(struct collect_job, text) + job->path_len + job->text_len);
    memcpy(job->text + job->path_len, detail, job->text_len);
    kept->len = offsetof(struct collect_job, text) + job->path_len + job->text_len;
}

/* False: its reader is gone. */
static bool pass(const struct collect_walker *walker, const struct kept *kept)
{
    return fd_message_send(walker->reader_fd, kept->job, kept->len, &kept->fd, 1);
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
        uint64_t bad = walker->shared->current;
        if (bad > walker->safe && bad <= walker->sent)
            make_fault(&walker->kept[bad % WINDOW], WTERMSIG(status));
        walker->shared->current = 0;
        if (!start_reader(walker)) {
            walker->failed = true;
            walker->reader_code = 4;
            return false;
        }
        bool ok = true;
        for (uint64_t number = walker->safe + 1; number <= walker->sent && ok; number++) {
            struct kept *kept = &walker->kept[number % WINDOW];
            if (kept->job->kind == JOB_FILE && lseek(kept->fd, 0, SEEK_SET) < 0)
                log_warning("a file cannot be read from its front again");
            ok = pass(walker, kept);
        }
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
}

static bool is_stopped(struct collect_walker *walker)
{
    if (++walker->looks % LOOK_EVERY == 0)      /* a system call less for each file */
        hear_signals(walker);
    return walker->stopping || walker->failed;
}

/* Waits for a message from the reader; signals are forwarded meanwhile. */
static void wait_for_word(struct collect_walker *walker)
{
    struct pollfd fds[2] = {{.fd = walker->reader_fd, .events = POLLIN}, {.fd = walker->signal_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 || fds[0].revents == 0)
        hear_signals(walker);
}

/* Waits for the reader if there is no room for another job. */
static bool hear_reader(struct collect_walker *walker, bool wait)
{
    uint64_t safe;
    for (;;) {
        if (wait)
            wait_for_word(walker);
        ssize_t got = recv(walker->reader_fd, &safe, sizeof safe, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (got != sizeof safe)
            return reader_ended(walker);
        for (; walker->safe < safe && walker->safe < walker->sent; walker->safe++)
            forget(&walker->kept[(walker->safe + 1) % WINDOW]);
        wait = wait && walker->sent - walker->safe >= WINDOW - 1;
        if (wait)
            continue;
        wait = false;
    }
}

/* Takes fd. */
static bool send_job(struct collect_walker *walker, enum collect_job_kind kind, const char *path, const char *text, int fd)
{
    struct collect_job *job = &walker->job;
    size_t path_len = strlen(path) + 1, text_len = strlen(text) + 1, head = offsetof(struct collect_job, text);
    uint64_t waiting = walker->sent - walker->safe;
    if (walker->failed || path_len + text_len > sizeof job->text || (waiting >= HEAR_FROM && !hear_reader(walker, waiting >= WINDOW - 1))) {
        if (fd >= 0)
            close(fd);
        return !walker->failed;
    }
    job->kind = kind;
    job->number = walker->sent + 1;
    job->walk = walker->counts;
    job->restarts = walker->restarts;
    job->path_len = (uint32_t)path_len;
    job->text_len = (uint32_t)text_len;
    memcpy(job->text, path, path_len);
    memcpy(job->text + path_len, text, text_len);
    struct kept *kept = &walker->kept[++walker->sent % WINDOW];
    *kept = (struct kept){.job = xmemdup(job, head + path_len + text_len), .len = head + path_len + text_len, .fd = fd};
    return pass(walker, kept) || reader_ended(walker);
}

/* ---- the walk ---- */

static void describe(struct collect_walker *walker, const struct file_status *status)
{
    struct collect_job *job = &walker->job;
    job->mode = status->mode;
    job->uid = status->uid;
    job->gid = status->gid;
    job->size = status->size;
    job->modified_us = status->modified_us;
    job->marks = status->marks;
}

static bool on_file(void *context, const struct file_status *status, int fd)
{
    struct collect_walker *walker = context;
    if (is_stopped(walker)) {
        close(fd);
        return false;
    }
    describe(walker, status);
    return send_job(walker, JOB_FILE, status->path, "", fd);
}

static bool on_fault(void *context, const struct file_status *status, enum file_outcome outcome, const char *detail)
{
    struct collect_walker *walker = context;
    describe(walker, status);
    walker->job.outcome = outcome;
    return !is_stopped(walker) && send_job(walker, JOB_FAULT, status->path, detail, -1);
}

static void walk_all(struct collect_walker *walker)
{
    const struct collect_request *request = &walker->request;
    const struct walk_options options = {.include = request->include, .include_count = request->include_count, .exclude = request->exclude,
                                         .exclude_count = request->exclude_count, .other_file_systems = request->other_file_systems};
    const struct walk_sink sink = {.file = on_file, .fault = on_fault, .context = walker};
    walker->job.from_us = clock_utc_us();
    if (request->stream != NULL) {
        describe(walker, &(struct file_status){.mode = -1, .uid = -1, .gid = -1, .size = -1, .modified_us = INT64_MIN});
        send_job(walker, JOB_STREAM, request->stream, "", -1);
    }
    for (size_t i = 0; i < request->path_count && !is_stopped(walker); i++) {
        walker->job.from_us = clock_utc_us();
        bool whole = walk_run(request->paths[i], &options, &sink, &walker->counts);
        walker->job.is_complete = whole && !walker->stopping;
        send_job(walker, JOB_ROOT, request->paths[i], "", -1);
    }
    send_job(walker, JOB_END, "end", "", -1);
}

/* What is sent last is safe when the reader ends; until then it may have to be sent again. */
static int wait_for_reader(struct collect_walker *walker)
{
    while (!walker->failed)
        hear_reader(walker, true);
    for (unsigned i = 0; i < WINDOW; i++)
        forget(&walker->kept[i]);
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
    for (unsigned i = 0; i < WINDOW; i++)
        walker->kept[i].fd = -1;
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
    clear_request(&walker->request);
    free(walker);
    return code;
}
