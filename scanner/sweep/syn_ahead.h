/* The SYN stage as part of a sweep: a thread of its own between the dispatcher's blocks and the loops. */
#pragma once
#include "scanner/sweep/scan.h"

struct syn_ahead;

/* Opens what needs privilege: before the worker confines itself. NULL with an error that says how to get it. */
struct syn_ahead *syn_ahead_open(unsigned rate_per_s, struct error *err);
void syn_ahead_close(struct syn_ahead *ahead);              /* NULL is fine */

/* Starts it over the scan's space; ends by itself, or by scan->stop. */
bool syn_ahead_start(struct syn_ahead *ahead, struct scan *scan, const struct target_space *space, struct error *err);

/* Waits for its end. False: the sockets failed for good, and the scan is not complete. */
bool syn_ahead_join(struct syn_ahead *ahead, struct error *err);

bool syn_ahead_has_failed(const struct syn_ahead *ahead);   /* NULL: false. Any thread */
