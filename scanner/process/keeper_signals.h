/* The signals by which a user controls a keeper, of sweeps and of captures alike: Ctrl-C (or SIGTERM, SIGHUP) once
 * ends the worker and keeps all that it has, twice ends it at once; Ctrl-Z stops both and fg wakes both; SIGUSR1
 * requests a status line. They are read from a descriptor, so that nothing runs inside a signal handler. */
#pragma once
#include "probes/base/error.h"
#include "scanner/process/worker_process.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct keeper_signals {
    int fd;                 /* to be polled; negative: not available */
    sigset_t before;
    unsigned interrupts;
};

/* Before the worker is started. Always followed by keeper_signals_give_back(). */
bool keeper_signals_take(struct keeper_signals *signals, struct error *err);
void keeper_signals_give_back(struct keeper_signals *signals);

/* Reads the pending signals and forwards interrupts to the worker (NULL: there is none now). True: a status was
 * asked for. */
bool keeper_signals_read(struct keeper_signals *signals, const struct worker_process *worker);

/* Ends the worker as an interrupt would now. */
void keeper_signals_stop(const struct keeper_signals *signals, const struct worker_process *worker);
