/* Runs a program to its end, without a shell, with a small clean environment, in the folder "/", as another user
 * where root asks for it. For PostgreSQL's own programs; what they say is caught, not shown. */
#pragma once
#include "probes/base/error.h"

#include <stddef.h>
#include <sys/types.h>

/* A process whose filter forbids programs lets another one run them: child_process_serve() in that one, until its socket
 * (SOCK_SEQPACKET) ends; child_process_use() in this, which hands arguments and input over (48 KiB at most). */
void child_process_serve(int socket);
void child_process_use(int socket);

struct child_process {
    const char *const *argv;        /* argv[0] is the path; NULL ends */
    uid_t uid;                      /* taken on only where we are root and it is not 0 */
    gid_t gid;
    const char *input;              /* for its standard input; NULL: empty */
    bool keep_environment;          /* ours goes along: where it may say how to reach a database (PGPASSFILE) */
    int output_fd;                  /* its standard output goes there where it is > 0, else it is caught */
    int input_fd;                   /* its standard input comes from there where it is > 0 */
};

/* *output (may be NULL): what it wrote to standard output and error, at most 64 KiB, yours. False only where it
 * could not be run; *exit_code is 128 + N where signal N ended it. */
bool child_process_run(const struct child_process *child, int *exit_code, char **output, struct error *err);
