/* Passwords of key stores: a line each of a file, and the environment's (CERTSWEEP_KEYSTORE_PASSWORD). */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define PASSWORDS_MAX 1000

struct passwords {
    char *items[PASSWORDS_MAX];
    size_t count;
};

/* path: NULL: the environment's only. */
bool passwords_read(struct passwords *passwords, const char *path, struct error *err);
void passwords_forget(struct passwords *passwords);     /* wipes them */
