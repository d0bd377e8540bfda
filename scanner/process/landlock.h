/* Landlock (Linux 5.13 and newer): a process irrevocably gives up access to paths, TCP and signals. Called by raw
 * system call, since the C library has no function for it; rights that the kernel does not know are left out, so
 * that the same program runs on 6.1 (ABI 2: no truncation, no device calls, no TCP), on newer ones, and on one
 * without Landlock. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>

struct landlock_rules {
    int abi_max;                        /* pretend that the kernel knows no more than this; negative: all that it knows */
    bool reads_everywhere;              /* reading is left alone: sanitizers read the program itself and /proc */
    bool connects;                      /* TCP connections stay allowed */
    const char *const *readable[2];     /* lists of paths that may still be read, with what is below them; NULL ends
                                         * each, a list may be NULL. A path that does not exist is left out. */
    const char *const *runnable;        /* the same, of programs that may be started and what they load */
    const char *const *writable;        /* the same, of files that may also be written: /dev/null */
};

/* The ABI that is enforced from here on; 0: none, this kernel has no Landlock. Negative with an error: it has, and it
 * failed. Needs no_new_privs. */
int landlock_enter(const struct landlock_rules *rules, struct error *err);
