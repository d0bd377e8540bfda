#include "scanner/process/keeper.h"

#include "probes/base/clock.h"
#include "scanner/process/keeper_signals.h"
#include "scanner/process/progress.h"
#include "scanner/process/worker_process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct keeper {
    struct worker_process worker;
    struct keeper_signals signals;
    struct progress *progress;
    struct keeper_result *result;
    long long stop_at_us;
    bool window_ended;
};

static bool start_worker(struct keeper *keeper, const struct keeper_job *job, struct error *err)
{
    char self[16], syn[16] = "none";
    const char *lines = job->lines_fd < 0 ? "none" : job->all_lines ? "all" : "answered";
    const char *const argv[] = {"certsweep-worker", job->bundle, self, lines, syn, NULL};
    const struct worker_start start = {.argv = argv, .bundle = job->bundle, .lines_fd = job->lines_fd, .fds = {job->secrets[0], job->secrets[1], -1}};
    if (job->syn)
        snprintf(syn, sizeof syn, "%u", job->syn_rate);
    snprintf(self, sizeof self, "%d", (int)worker_process_keeper());
    return worker_process_start(&keeper->worker, &start, err);
}

/* --- while it runs ------------------------------------------------------------------------------------- */

static bool read_report(struct keeper *keeper)
{
    struct worker_report report;
    ssize_t got = read(keeper->worker.report_fd, &report, sizeof report);
    if (got < 0 && errno == EINTR)
        return true;
    if (got != sizeof report)
        return false;
    keeper->result->report = report;
    progress_update(keeper->progress, &report);
    return true;
}

static void watch(struct keeper *keeper)
{
    struct pollfd fds[WORKER_POLLS + 1];
    while (worker_process_poll(&keeper->worker, fds)) {
        fds[WORKER_POLLS] = (struct pollfd){.fd = keeper->signals.fd, .events = POLLIN};
        if (poll(fds, WORKER_POLLS + 1, 1000) < 0) {
            if (errno != EINTR)
                break;
            continue;
        }
        if (fds[WORKER_POLL_REPORT].revents != 0 && !read_report(keeper)) {
            close(keeper->worker.report_fd);
            keeper->worker.report_fd = -1;
        }
        worker_process_pass_on(&keeper->worker, fds);
        if (fds[WORKER_POLLS].revents != 0 && keeper_signals_read(&keeper->signals, &keeper->worker))
            progress_tell(keeper->progress);
        if (keeper->stop_at_us != 0 && !keeper->window_ended && clock_utc_us() >= keeper->stop_at_us) {
            keeper->window_ended = true;
            keeper_signals_stop(&keeper->signals, &keeper->worker);
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
    *result = (struct keeper_result){0};
    bool started = keeper_signals_take(&keeper.signals, err) && start_worker(&keeper, job, err);
    if (started) {
        keeper.progress = progress_create();
        watch(&keeper);
        int status = worker_process_end(&keeper.worker);
        progress_destroy(keeper.progress);
        note_end(&keeper, status);
    }
    keeper_signals_give_back(&keeper.signals);
    result->seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    return started;
}
