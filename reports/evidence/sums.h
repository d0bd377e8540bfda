/* SHA256SUMS: the SHA-256 of each file of a folder, in the form that sha256sum -c reads. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SUMS_NAME "SHA256SUMS"

struct sums_account {
    size_t right, changed, missing, added;      /* added: a file that the list does not name */
    size_t bad_lines;
};

/* Compares the folder with its SHA256SUMS, and calls `on_file` for each file that differs: "changed", "missing", "added". The list's
 * signature and time stamps are not "added". False if the list cannot be read. */
bool sums_compare(const char *folder, void (*on_file)(void *context, const char *name, const char *state), void *context,
                  struct sums_account *account, struct error *err);
