/* Confines a worker before it reads a foreign byte. Database and reports stay with the keeper (if root called, a
 * third process stays root: starter.h). A worker that a hostile server or packet has taken over has only this:
 *
 *     terminal            none: a session of its own, no request that types into one, no descriptor of one
 *     uid, gid, groups    certsweep-net (or the user nobody) if root started it: never a database's uid
 *     capabilities        none, not even in the bounding set
 *     sockets             TCP and UDP over IPv4 and IPv6: no AF_UNIX, so no local PostgreSQL, no D-Bus, no agent
 *     files               nothing opened for writing, created, removed, renamed; what it needs is open already. Read: the
 *                         resolver's settings (Landlock, where the kernel has it)
 *     memory              nothing becomes executable
 *     processes           no execve, no fork, no ptrace, no namespaces, no signal to others, no kernel interfaces (bpf,
 *                         io_uring, keyring ...); a call that is not on the list fails with ENOSYS (confine_calls.c)
 *     the keeper's end    ends the worker too (PR_SET_PDEATHSIG)
 *
 * Builds with the address sanitizer are confined less: their leak check needs ptrace, fork and the program's own file, so these are
 * allowed there, and Landlock leaves reading alone. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum confine_sockets {
    CONFINE_IP_SOCKETS,         /* a scan's worker: TCP and UDP */
    CONFINE_NO_SOCKETS,         /* a capture's worker: what it listens on is open already */
};

struct confinement {
    enum confine_sockets sockets;
    pid_t keeper;               /* the worker ends with it; 0: none */
    const char *const *readable; /* paths that it may still read, beside the resolver's; NULL ends; NULL: none */
    int landlock;               /* for tests: use an ABI one less than this; 0: the kernel's */
};

/* For a child between fork and exec, and again in confine_enter() since a change of uid clears it: the process
 * is killed when its parent ends. False (and nothing set) where the parent has ended already. */
bool confine_die_with(pid_t parent);

/* Only the first half: session, user, capabilities, the keeper's end. A worker then opens its bundle, which may
 * come from anywhere, as its final user. */
bool confine_become(pid_t keeper, struct error *err);

/* Drops privileges for good. To be called while the process has one thread, with all that needs privilege or a new path open, by
 * a process that leads no process group (a child). Fails closed: on false the process must end. */
bool confine_enter(const struct confinement *confinement, struct error *err);

/* For a keeper that root started, after it has changed its user: no other program, no other user, no namespace, no
 * other kernel interface, no keystrokes into a terminal. Files and sockets stay: it works on files and speaks to a
 * database. */
bool confine_keeper(struct error *err);

/* A worker's signals: SIGTERM is read from the returned descriptor (-1: not available); Ctrl-C and a closed
 * terminal are handled by the keeper; a broken pipe is an error of write(). */
int confine_signals(void);

/* Raises the soft limit of descriptors to the hard one; returns the limit. No core files, since memory holds
 * foreign bytes. */
unsigned long confine_raise_descriptors(void);

/* Keeps only environment variables that a worker may know: no PG*, no CERTSWEEP_*, no loader settings, none of the
 * caller's secrets. Sanitizer options stay, so that the tests' workers are checked too. A keeper that root started
 * also keeps PG* and CERTSWEEP_*. */
void confine_clear_environment(bool is_keeper);
