/* The keeper's part of a run: it starts the worker as a program of its own, shows its progress, prints its log
 * lines, forwards Ctrl-C and SIGTERM, and returns how it ended. It opens no foreign socket; the worker gets
 * neither environment nor descriptors beside the ones named here. */
#pragma once
#include "probes/base/error.h"
#include "scanner/process/worker_report.h"

#include <stdbool.h>

#define KEEPER_SECRETS 2

struct keeper_job {
    const char *bundle;             /* path of an open (unsealed) bundle */
    int lines_fd;                   /* JSON lines; -1: none */
    bool all_lines;
    bool syn;                       /* with the SYN stage, whose sockets the worker opens before it knows the bundle */
    unsigned syn_rate;              /* 0: its default */
    long long stop_at_us;           /* UTC: the end of the window; 0: none */
    int secrets[KEEPER_SECRETS];    /* files that the worker may not open: it gets them open, from WORKER_FDS on; -1: none */
};

enum keeper_end {
    KEEPER_FINISHED,                /* the worker has done all there was */
    KEEPER_STOPPED,                 /* by a signal, or by a stop rule */
    KEEPER_WINDOW,                  /* by the end of the window */
    KEEPER_WORKER_FAILED,           /* it logged why; code is its exit code */
    KEEPER_WORKER_DIED,             /* killed, or crashed */
};

struct keeper_result {
    enum keeper_end end;
    int code;                       /* the worker's exit code, or the signal that killed it */
    struct worker_report report;    /* the last one */
    double seconds;
};

/* False: it could not even be started. */
bool keeper_run(const struct keeper_job *job, struct keeper_result *result, struct error *err);
