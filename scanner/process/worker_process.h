/* A worker as its keeper sees it, of sweeps and of captures alike: this program again, with clean memory and
 * environment, without the terminal, and with no descriptor beside the ones named here. Its output comes back
 * through pipes: reports on one, log lines on another, and JSON lines too if they are for a terminal, so that no
 * uncleaned byte of a worker reaches a terminal. */
#pragma once
#include "probes/base/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* In the worker: standard input and output are /dev/null, standard error is the log's pipe. The others follow from WORKER_FDS on, in
 * the order of worker_start.fds. */
enum { WORKER_REPORT_FD = 3, WORKER_LINES_FD, WORKER_BUNDLE_FD, WORKER_FDS = WORKER_BUNDLE_FD + 3, WORKER_FDS_MAX = WORKER_FDS + 3 };

struct worker_start {
    const char *const *argv;    /* argv[0] is the worker's name; NULL ends */
    const char *tunables;       /* GLIBC_TUNABLES for it; NULL none */
    const char *bundle;         /* its path: the worker gets its files open (bundle_files_lend()); NULL: it has none */
    int lines_fd;               /* where its JSON lines go; -1 none */
    int fds[WORKER_FDS_MAX - WORKER_FDS];   /* descriptors it gets; -1: none at that place */
};

struct worker_process {
    pid_t pid;                  /* 0: the starter's, */
    int starter_fd;             /* the socket to the starter, which signals it and waits for it; else -1 */
    int report_fd;              /* to be read by the caller, who sets it to -1 at its end */
    int log_fd, lines_fd;       /* -1: at their ends, or none */
    int terminal_fd;            /* where lines_fd's bytes go */
    unsigned char last;         /* of lines_fd's bytes */
    char log[2048];             /* the unfinished line */
    size_t log_len;
};

bool worker_process_start(struct worker_process *worker, const struct worker_start *start, struct error *err);

/* What to poll for, three descriptors (poll ignores negative ones), and whether any is left. Poll until none is, so
 * that no output of the worker is lost. */
enum { WORKER_POLL_REPORT, WORKER_POLL_LOG, WORKER_POLL_LINES, WORKER_POLLS };
bool worker_process_poll(const struct worker_process *worker, struct pollfd fds[WORKER_POLLS]);

/* Passes on log and lines, where poll() found something. */
void worker_process_pass_on(struct worker_process *worker, const struct pollfd fds[WORKER_POLLS]);

void worker_process_signal(const struct worker_process *worker, int signal);        /* NULL: there is none */

/* The worker's parent, with which it ends: this process, or its starter. */
pid_t worker_process_keeper(void);

/* A starter's part: the worker with these descriptors, by their places there (WORKER_FDS_MAX). Its id; -1 with errno. */
pid_t worker_process_fork(const char *const *argv, const char *tunables, const int *fds);

/* Waits for its end and closes the pipes. Returns the status of waitpid(). */
int worker_process_end(struct worker_process *worker);
