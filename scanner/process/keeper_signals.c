#include "scanner/process/keeper_signals.h"

#include "probes/base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool keeper_signals_take(struct keeper_signals *signals, struct error *err)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGTSTP, SIGCONT, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        sigaddset(&set, taken[i]);
    sigprocmask(SIG_BLOCK, &set, &signals->before);
    signals->interrupts = 0;
    signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals->fd >= 0 || error_set(err, ERROR_SYSTEM, "signals cannot be read: %s", strerror(errno));
}

void keeper_signals_give_back(struct keeper_signals *signals)
{
    if (signals->fd >= 0)
        close(signals->fd);
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

void keeper_signals_stop(const struct keeper_signals *signals, const struct worker_process *worker)
{
    worker_process_signal(worker, signals->interrupts > 1 ? SIGKILL : SIGTERM);
}

/* Ctrl-Z reaches the keeper alone, the worker has left the terminal: first the worker is stopped, then the keeper, as a shell
 * expects it. SIGCONT to the keeper (fg, bg) wakes both. In an orphaned process group, which no shell could wake, SIGTSTP has no
 * effect, and both continue at once. */
static void stop_both(const struct worker_process *worker)
{
    sigset_t stop;
    worker_process_signal(worker, SIGSTOP);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL); /* comes back when the keeper is woken */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    worker_process_signal(worker, SIGCONT);
}

bool keeper_signals_read(struct keeper_signals *signals, const struct worker_process *worker)
{
    struct signalfd_siginfo info;
    bool is_asked = false;
    while (read(signals->fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGUSR1) {
            is_asked = true;
        } else if (info.ssi_signo == SIGTSTP) {
            stop_both(worker);
        } else if (info.ssi_signo == SIGCONT) {
            worker_process_signal(worker, SIGCONT);
        } else if (info.ssi_signo != SIGCHLD) {
            signals->interrupts++;
            log_info(signals->interrupts == 1 ? "stopping; once more to stop at once" : "stopping at once");
            keeper_signals_stop(signals, worker);
        }
    }
    return is_asked;
}
