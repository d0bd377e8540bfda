/* A policy file after parsing and checking; used only inside this folder. */
#pragma once
#include "inventory/policy/policy.h"

#define POLICY_SETTINGS_MAX 64

struct policy_ca {
    bool own;
    char *name;
    char *issuer, *subject;         /* "O=...", separated by newlines */
    char *from, *until;             /* NULL: no bound */
};

struct policy_store {
    char *name;
    bool is_public;
    char *pem;                      /* the file's text; "" before it is read */
    char *platform, *from_version;  /* whose roots they are, and from which version on; NULL: not given */
    char *issued_until, *sct_until; /* certificates issued later are not trusted there; NULL: no bound */
};

struct policy {
    char *name, *text, *directory;
    char *values[POLICY_SETTINGS_MAX];      /* as policy_settings[] */
    struct policy_ca *cas;
    size_t ca_count;
    struct policy_store *stores;
    size_t store_count;
};
