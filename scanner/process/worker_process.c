#include "scanner/process/worker_process.h"

#include "inventory/bundle/bundle_files.h"
#include "probes/base/log.h"
#include "probes/base/user_file.h"
#include "scanner/process/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* --- the start ------------------------------------------------------------------------------------------- */

/* Descriptors go up first, so that none is overwritten on its way to its place. */
static bool place_all(const int wanted[WORKER_FDS_MAX])
{
    int high[WORKER_FDS_MAX];
    for (int place = 0; place < WORKER_FDS_MAX; place++)
        high[place] = wanted[place] < 0 ? -1 : fcntl(wanted[place], F_DUPFD, 40);
    for (int place = 0; place < WORKER_FDS_MAX; place++) {
        if (wanted[place] < 0)
            close(place);
        else if (dup2(high[place], place) != place)
            return false;
    }
    return close_range(WORKER_FDS_MAX, ~0U, 0) == 0;
}

static void become_worker(const char *const *argv, const char *tunables, const int *given, pid_t keeper)
{
    sigset_t end;
    int null = open("/dev/null", O_RDWR);
    int fds[WORKER_FDS_MAX];
    memcpy(fds, given, sizeof fds);
    fds[STDIN_FILENO] = fds[STDOUT_FILENO] = null;
    /* A session of its own at once: from now on Ctrl-C, Ctrl-Z and a hang-up reach it only through the keeper. */
    if (!confine_die_with(keeper) || setsid() < 0 || null < 0 || !place_all(fds))
        _exit(4);
    /* Whoever is told to end before confine_signals() ends as later, with a whole bundle. */
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_SETMASK, &end, NULL);
    confine_clear_environment(false);
    if (tunables != NULL)
        setenv("GLIBC_TUNABLES", tunables, 1);
    execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
    _exit(4);
}

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* The worker's descriptors, by their places there; the keeper's ends are in worker. Those that are not the caller's
 * must be closed here. */
static bool open_all(struct worker_process *worker, const struct worker_start *start, int fds[WORKER_FDS_MAX])
{
    int report[2], log[2], lines[2] = {-1, start->lines_fd};
    for (unsigned i = 0; i < WORKER_FDS_MAX; i++)
        fds[i] = -1;
    if (pipe2(report, O_CLOEXEC) != 0)
        return false;
    worker->report_fd = report[0];
    fds[WORKER_REPORT_FD] = report[1];
    if (pipe2(log, O_CLOEXEC) != 0)
        return false;
    worker->log_fd = log[0];
    fds[STDERR_FILENO] = log[1];
    if (start->lines_fd >= 0 && isatty(start->lines_fd) && pipe2(lines, O_CLOEXEC) != 0)
        return false;
    worker->lines_fd = lines[0];
    fds[WORKER_LINES_FD] = lines[1];
    memcpy(fds + WORKER_FDS, start->fds, sizeof start->fds);
    return start->bundle == NULL || bundle_files_open(start->bundle, fds + WORKER_BUNDLE_FD);
}

pid_t worker_process_fork(const char *const *argv, const char *tunables, const int *fds)
{
    pid_t self = getpid(), worker = fork();
    if (worker == 0)
        become_worker(argv, tunables, fds, self);
    return worker;
}

/* The same by the starter, which may do what the worker needs: raw sockets, another user. */
static bool ask_for_worker(struct worker_process *worker, const struct worker_start *start, const int fds[WORKER_FDS_MAX])
{
    struct starter_request request = {.question = STARTER_WORKER};
    size_t len = 0;
    for (const char *const *at = start->argv;; at++) {
        const char *text = *at != NULL ? *at : start->tunables != NULL ? start->tunables : "";
        size_t more = strlen(text) + 1;
        if (len + more > sizeof request.text) {
            errno = E2BIG;
            return false;
        }
        memcpy(request.text + len, text, more);
        len += more;
        if (*at == NULL)
            break;
    }
    worker->starter_fd = user_file_fork();
    int answer = worker->starter_fd < 0 ? -1 : starter_ask_behind(worker->starter_fd, &request, len, fds, WORKER_FDS_MAX, NULL);
    if (answer > 0)
        errno = answer;
    return answer == 0;
}

pid_t worker_process_keeper(void)
{
    return user_file_starter() >= 0 ? user_file_starter_process() : getpid();
}

void worker_process_signal(const struct worker_process *worker, int signal)
{
    const struct starter_request request = {.question = STARTER_SIGNAL, .flags = signal};
    if (worker == NULL)
        return;
    if (worker->pid != 0)
        kill(worker->pid, signal);
    else
        starter_ask_behind(worker->starter_fd, &request, 0, NULL, 0, NULL);
}

bool worker_process_start(struct worker_process *worker, const struct worker_start *start, struct error *err)
{
    int fds[WORKER_FDS_MAX];
    bool asks = user_file_starter() >= 0;
    *worker = (struct worker_process){.starter_fd = -1, .report_fd = -1, .log_fd = -1, .lines_fd = -1, .terminal_fd = start->lines_fd};
    bool ok = open_all(worker, start, fds) &&
              (asks ? ask_for_worker(worker, start, fds) : (worker->pid = worker_process_fork(start->argv, start->tunables, fds)) >= 0);
    if (!ok)
        error_set(err, ERROR_SYSTEM, "the worker cannot be started: %s", strerror(errno));
    if (worker->lines_fd >= 0)
        close_all(fds + WORKER_LINES_FD, 1);
    close_all(fds + STDERR_FILENO, 2);          /* log and report */
    close_all(fds + WORKER_BUNDLE_FD, BUNDLE_FILE_COUNT);
    if (!ok) {
        close_fd(&worker->starter_fd);
        close_fd(&worker->report_fd);
        close_fd(&worker->log_fd);
        close_fd(&worker->lines_fd);
    }
    return ok;
}

/* --- while it runs --------------------------------------------------------------------------------------- */

/* Writes whole lines to standard error, even if the pipe delivered them in pieces. */
static bool pass_log_on(struct worker_process *worker)
{
    ssize_t got = read(worker->log_fd, worker->log + worker->log_len, sizeof worker->log - 1 - worker->log_len);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    worker->log_len += (size_t)got;
    for (;;) {
        char *end = memchr(worker->log, '\n', worker->log_len);
        if (end == NULL && worker->log_len < sizeof worker->log - 1)
            return true;
        size_t len = end == NULL ? worker->log_len : (size_t)(end - worker->log);
        log_raw(worker->log, len);
        size_t used = len + (end != NULL);
        worker->log_len -= used;
        memmove(worker->log, worker->log + used, worker->log_len);
    }
}

/* A terminal obeys control characters, C1 ones in UTF-8 (0xc2 0x80-0x9f) included. Our JSON has none, but a
 * compromised worker may write anything. */
static void blunt(struct worker_process *worker, unsigned char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = text[i];
        if ((byte < 0x20 && byte != '\n') || byte == 0x7f || (worker->last == 0xc2 && byte >= 0x80 && byte < 0xa0))
            text[i] = '?';
        worker->last = byte;
    }
}

static bool pass_lines_on(struct worker_process *worker)
{
    unsigned char text[16384];
    ssize_t got = read(worker->lines_fd, text, sizeof text);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    blunt(worker, text, (size_t)got);
    for (size_t at = 0; at < (size_t)got;) {
        ssize_t sent = write(worker->terminal_fd, text + at, (size_t)got - at);
        if (sent < 0 && errno != EINTR)
            return false; /* the terminal is gone: the worker's next line finds the pipe closed */
        at += sent < 0 ? 0 : (size_t)sent;
    }
    return true;
}

bool worker_process_poll(const struct worker_process *worker, struct pollfd fds[WORKER_POLLS])
{
    fds[WORKER_POLL_REPORT] = (struct pollfd){.fd = worker->report_fd, .events = POLLIN};
    fds[WORKER_POLL_LOG] = (struct pollfd){.fd = worker->log_fd, .events = POLLIN};
    fds[WORKER_POLL_LINES] = (struct pollfd){.fd = worker->lines_fd, .events = POLLIN};
    return worker->report_fd >= 0 || worker->log_fd >= 0 || worker->lines_fd >= 0;
}

void worker_process_pass_on(struct worker_process *worker, const struct pollfd fds[WORKER_POLLS])
{
    if (fds[WORKER_POLL_LOG].revents != 0 && !pass_log_on(worker))
        close_fd(&worker->log_fd);
    if (fds[WORKER_POLL_LINES].revents != 0 && !pass_lines_on(worker))
        close_fd(&worker->lines_fd);
}

int worker_process_end(struct worker_process *worker)
{
    int status = 0;
    const struct starter_request request = {.question = STARTER_WAIT};
    if (worker->pid == 0)
        status = starter_ask_behind(worker->starter_fd, &request, 0, NULL, 0, NULL);
    while (worker->pid != 0 && waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close_fd(&worker->starter_fd);
    close_fd(&worker->report_fd);
    close_fd(&worker->log_fd);
    close_fd(&worker->lines_fd);
    return status;
}
