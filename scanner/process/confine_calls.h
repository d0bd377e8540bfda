/* The system calls that a confined process still has: a list of what is allowed, by libseccomp. Other calls fail
 * with ENOSYS, so that libraries fall back to an older call; calls that only an intruder would make end the
 * process. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>

/* Sanitizers need more: their leak check at exit stops the threads by ptrace, and forks to do so. */
#if defined(__SANITIZE_ADDRESS__)
#define CONFINE_UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONFINE_UNDER_SANITIZER 1
#endif
#endif
#ifndef CONFINE_UNDER_SANITIZER
#define CONFINE_UNDER_SANITIZER 0
#endif

/* For a process with one thread that has no_new_privs; for good. connects: TCP and UDP sockets are allowed. */
bool confine_calls(bool connects, struct error *err);

/* The same for a keeper: only calls that an intruder would make end the process. */
bool confine_hostile_calls(struct error *err);
