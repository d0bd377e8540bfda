/* Runs a program and waits for its end: without a shell, with a small clean environment, in the folder "/", and as
 * another user if we are root. For PostgreSQL's own programs; their output is captured, not shown. */
#pragma once
#include "probes/base/error.h"

#include <stddef.h>
#include <sys/types.h>

/* A process whose seccomp filter forbids starting programs lets another process run them. That one calls
 * child_process_serve(), which returns when the other end of its socket (SOCK_SEQPACKET) is closed. This one calls
 * child_process_use(), and child_process_run() then sends arguments and input over the socket (48 KiB at most). */
void child_process_serve(int socket);
void child_process_use(int socket);

struct child_process {
    const char *const *argv;        /* argv[0] is the path; NULL ends */
    uid_t uid;                      /* the child runs as this user if we are root and it is not 0 */
    gid_t gid;
    const char *input;              /* for its standard input; NULL: empty */
    bool keep_environment;          /* pass on our environment, which may say how to reach a database (PGPASSFILE) */
    int output_fd;                  /* its standard output if > 0; else the output is captured */
    int input_fd;                   /* its standard input if > 0 */
};

/* *output (may be NULL): what it wrote to standard output and error, at most 64 KiB; the caller frees it. False only
 * if it could not be started; *exit_code is 128 + N if signal N ended it. */
bool child_process_run(const struct child_process *child, int *exit_code, char **output, struct error *err);
