/* What a policy file says, read and checked; inside this folder only. */
#pragma once
#include "inventory/policy/policy.h"

#define POLICY_SETTINGS_MAX 16

struct policy_ca {
    bool own;
    char *name;
    char *issuer, *subject;         /* "O=...", parted by newlines */
    char *from, *until;             /* NULL: no bound */
};

struct policy_store {
    char *name;
    bool is_public;
    char *pem;                      /* the file's text; "" before it is read */
    char *platform, *from_version;  /* whose roots they are, since when; NULL: not said */
    char *issued_until, *sct_until; /* what was issued later is not trusted there; NULL: no bound */
};

struct policy {
    char *name, *text, *directory;
    char *values[POLICY_SETTINGS_MAX];      /* as policy_settings[] */
    struct policy_ca *cas;
    size_t ca_count;
    struct policy_store *stores;
    size_t store_count;
};
