/* One writer for a bundle: whoever has it open for writing holds a lock on it until it is closed, and the kernel gives the lock
 * back when a process ends in whatever way. Readers need none. */
#pragma once
#include "probes/base/error.h"

/* A descriptor that holds the lock; -1 with ERROR_IO where another process writes the bundle (after a moment of waiting: the
 * worker of a killed keeper may be about to end) or the file cannot be opened. */
int bundle_lock(const char *path, struct error *err);

/* Not before SQLite has closed the file: closing any descriptor of it ends the process's own POSIX locks. -1 is fine. */
void bundle_unlock(int lock);
