/* How a worker locks itself in before it reads a foreign byte. The keeper keeps database, reports and terminal;
 * a worker that a hostile server or packet has taken over finds itself here:
 *
 *     uid, gid, groups    certsweep-net (else nobody) where it was started by root: never a database's uid
 *     capabilities        none, not even in the bounding set
 *     sockets             IPv4 and IPv6 only: no AF_UNIX, so no local PostgreSQL, no D-Bus, no agent
 *     files               nothing opened for writing, created, removed, renamed; what it needs is open already
 *     processes           no execve, no ptrace, no namespaces, no kernel interfaces (bpf, io_uring, keyring ...)
 *     the keeper's end    is its own (PR_SET_PDEATHSIG) */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum confine_sockets {
    CONFINE_IP_SOCKETS,         /* a scan's worker: TCP and UDP */
    CONFINE_NO_SOCKETS,         /* a capture's worker: what it listens on is open already */
};

/* For a child between fork and exec, and again in confine_enter() since a change of uid clears it: the process
 * is killed when its parent ends. False (and nothing set) where the parent has ended already. */
bool confine_die_with(pid_t parent);

/* Takes away, for good. To be called while the process has one thread, with all that needs privilege or a new
 * path open. parent: the keeper (0: none). Fails closed: on false nobody may go on. */
bool confine_enter(enum confine_sockets sockets, pid_t parent, struct error *err);

/* A worker's signals: SIGTERM comes by the descriptor that is given back (-1: none to be had), Ctrl-C and a
 * closed terminal are the keeper's to decide about, a broken pipe is an error of write(). */
int confine_signals(void);

/* The soft limit of descriptors raised to the hard one; gives the limit. No core files, since memory holds
 * foreign bytes. */
unsigned long confine_raise_descriptors(void);

/* Leaves of the environment only what a worker may know: no PG*, no CERTSWEEP_*, no loader settings. Sanitizer
 * options stay, so that the tests' workers are checked too. */
void confine_clear_environment(void);
