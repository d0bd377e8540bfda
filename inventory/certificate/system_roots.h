/* The roots that this machine trusts: those of its distribution's package, which are public, and those that its
 * administrator added, which are private: update-ca-certificates writes both into one file. */
#pragma once
#include "probes/base/error.h"

#include <stddef.h>
#include <stdint.h>

#define SYSTEM_ROOTS_FILE "/etc/ssl/certs/ca-certificates.crt"      /* package ca-certificates */
#define LOCAL_ROOTS_STORE "added by this machine's administrator"   /* the name of their trust store */

struct root_places {
    const char *file;               /* PEM: all of them. It need not exist */
    const char *package, *local;    /* folders with *.crt, as update-ca-certificates reads them; NULL: none */
};

/* The file that CERTSWEEP_ROOTS names, and no folders; else the system's. */
struct root_places root_places_of_machine(void);

struct system_root {
    uint8_t *der;
    size_t len, line;
    bool is_local;                  /* in the local folder, and not in the package's */
};

struct system_roots {
    struct system_root *list;
    size_t count;
    bool is_empty;                  /* the file is: no roots are wanted */
};

/* False with an error if the file cannot be read. Blocks that are no certificate are left out, and logged. */
bool system_roots_read(const struct root_places *places, struct system_roots *roots, struct error *err);
void system_roots_clear(struct system_roots *roots);
