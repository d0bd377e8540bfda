#include "scanner/process/keeper.h"

#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "scanner/process/confine.h"
#include "scanner/process/keeper_signals.h"
#include "scanner/process/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT_FD = 3, LINES_FD = 4, FIRST_OTHER_FD = 5 }; /* in the worker */

struct keeper {
    pid_t worker;
    int report_fd, log_fd;
    struct keeper_signals signals;
    struct progress *progress;
    struct keeper_result *result;
    long long stop_at_us;
    char log[2048]; /* the worker's unfinished line */
    size_t log_len;
    bool window_ended;
};

/* --- the worker's start -------------------------------------------------------------------------------- */

/* Descriptors go up first, so that none is overwritten on its way to its place. */
static bool place_descriptor(int fd, int place)
{
    return fd < 0 ? close(place) == 0 || errno == EBADF : dup2(fd, place) == place;
}

static void become_worker(const struct keeper_job *job, int report_fd, int log_fd, pid_t keeper)
{
    char keeper_text[16];
    sigset_t none;
    int report = fcntl(report_fd, F_DUPFD, 20),
        lines = job->lines_fd < 0 ? -1 : fcntl(job->lines_fd, F_DUPFD, 20);
    int null = open("/dev/null", O_RDWR);
    snprintf(keeper_text, sizeof keeper_text, "%d", (int)keeper);
    if (!confine_die_with(keeper) || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
        dup2(log_fd, STDERR_FILENO) < 0 || !place_descriptor(report, REPORT_FD) ||
        !place_descriptor(lines, LINES_FD) || close_range(FIRST_OTHER_FD, ~0U, 0) != 0)
        _exit(4);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    confine_clear_environment();
    execl("/proc/self/exe", "certsweep-worker", job->bundle, keeper_text,
          job->lines_fd < 0 ? "none"
          : job->all_lines  ? "all"
                            : "answered",
          (char *)NULL);
    _exit(4);
}

static bool start_worker(struct keeper *keeper, const struct keeper_job *job, struct error *err)
{
    int report[2] = {-1, -1}, log[2] = {-1, -1};
    pid_t self = getpid();
    if (pipe2(report, O_CLOEXEC) != 0 || pipe2(log, O_CLOEXEC) != 0 || (keeper->worker = fork()) < 0) {
        error_set(err, ERROR_SYSTEM, "the worker cannot be started: %s", strerror(errno));
        for (int i = 0; i < 2; i++) {
            if (report[i] >= 0)
                close(report[i]);
            if (log[i] >= 0)
                close(log[i]);
        }
        return false;
    }
    if (keeper->worker == 0)
        become_worker(job, report[1], log[1], self);
    close(report[1]);
    close(log[1]);
    keeper->report_fd = report[0];
    keeper->log_fd = log[0];
    return true;
}

/* --- while it runs ------------------------------------------------------------------------------------- */

/* Lines come whole to standard error, also where the worker's pipe brought them in pieces. */
static bool pass_log_on(struct keeper *keeper)
{
    ssize_t got =
        read(keeper->log_fd, keeper->log + keeper->log_len, sizeof keeper->log - 1 - keeper->log_len);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    keeper->log_len += (size_t)got;
    for (;;) {
        char *end = memchr(keeper->log, '\n', keeper->log_len);
        if (end == NULL && keeper->log_len < sizeof keeper->log - 1)
            return true;
        size_t len = end == NULL ? keeper->log_len : (size_t)(end - keeper->log);
        log_raw(keeper->log, len);
        size_t used = len + (end != NULL);
        keeper->log_len -= used;
        memmove(keeper->log, keeper->log + used, keeper->log_len);
    }
}

static bool read_report(struct keeper *keeper)
{
    struct worker_report report;
    ssize_t got = read(keeper->report_fd, &report, sizeof report);
    if (got < 0 && errno == EINTR)
        return true;
    if (got != sizeof report)
        return false;
    keeper->result->report = report;
    progress_update(keeper->progress, &report);
    return true;
}

/* Until both of the worker's pipes are at their end: nothing that it said is lost. */
static void watch(struct keeper *keeper)
{
    struct pollfd fds[] = {
        {.fd = keeper->report_fd, .events = POLLIN},
        {.fd = keeper->log_fd, .events = POLLIN},
        {.fd = keeper->signals.fd, .events = POLLIN},
    };
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 3, 1000) < 0 && errno != EINTR)
            break;
        if (fds[0].revents != 0 && !read_report(keeper))
            fds[0].fd = -1;
        if (fds[1].revents != 0 && !pass_log_on(keeper))
            fds[1].fd = -1;
        if (fds[2].revents != 0 && keeper_signals_read(&keeper->signals, keeper->worker))
            progress_tell(keeper->progress);
        if (keeper->stop_at_us != 0 && !keeper->window_ended && clock_utc_us() >= keeper->stop_at_us) {
            keeper->window_ended = true;
            keeper_signals_stop(&keeper->signals, keeper->worker);
        }
    }
}

static void note_end(struct keeper *keeper, int status)
{
    struct keeper_result *result = keeper->result;
    if (WIFSIGNALED(status)) {
        result->end = keeper->signals.interrupts > 1 ? KEEPER_STOPPED : KEEPER_WORKER_DIED;
        result->code = WTERMSIG(status);
        return;
    }
    result->code = WEXITSTATUS(status);
    if (result->code == 0 && result->report.is_last)
        result->end = KEEPER_FINISHED;
    else if (result->report.is_last && keeper->window_ended && keeper->signals.interrupts == 0)
        result->end = KEEPER_WINDOW;
    else if (result->report.is_last)
        result->end = KEEPER_STOPPED;
    else
        result->end = KEEPER_WORKER_FAILED;
}

bool keeper_run(const struct keeper_job *job, struct keeper_result *result, struct error *err)
{
    struct keeper keeper = {.result = result, .stop_at_us = job->stop_at_us};
    int64_t started_us = clock_monotonic_us();
    int status = 0;
    *result = (struct keeper_result){0};
    bool started = keeper_signals_take(&keeper.signals, err) && start_worker(&keeper, job, err);
    if (started) {
        keeper.progress = progress_create();
        watch(&keeper);
        while (waitpid(keeper.worker, &status, 0) < 0 && errno == EINTR)
            continue;
        progress_destroy(keeper.progress);
        close(keeper.report_fd);
        close(keeper.log_fd);
        note_end(&keeper, status);
    }
    keeper_signals_give_back(&keeper.signals);
    result->seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    return started;
}
