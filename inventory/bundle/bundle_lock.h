/* Allows one writer per bundle: a writer locks the file until it closes it. The kernel releases the lock when the process ends,
 * however it ends. Readers take no lock. */
#pragma once
#include "probes/base/error.h"

/* Returns a descriptor that holds the lock. -1 with ERROR_IO if the file cannot be opened, or if another process writes the
 * bundle; for that it waits a moment, since the worker of a killed keeper may be about to end. */
int bundle_lock(const char *path, struct error *err);

/* To be called after SQLite has closed the file: closing any descriptor of a file drops the process's POSIX locks on it. -1 is
 * fine. */
void bundle_unlock(int lock);
