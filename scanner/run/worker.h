/* A scan's worker: the process that touches the network. It is started by keeper.c as a program of its own, with
 * clean memory, which never held a DSN. It opens the bundle as --resume does, confines itself, starts the recorder
 * and the loops, and reports through a pipe until all is done, its keeper is gone, or it is told to stop. */
#pragma once
#include "scanner/process/worker_process.h"

enum { SCAN_OPENVPN_KEY_FD = WORKER_FDS, SCAN_VIA_LOGIN_FD };    /* where the plan names these files: open, or not there */

/* argv of "certsweep-worker": bundle, the keeper's process id, "none", "answered" or "all" JSON lines, "none" or the
 * rate of SYNs. Descriptor
 * 3 is the pipe to the keeper (struct worker_report), 4 takes the lines. Returns the exit code: 0 all is done,
 * 4 stopped before, others as error_exit_code(). */
int worker_main(int argc, char *const *argv);
