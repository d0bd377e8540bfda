/* A policy file after parsing and checking; used only inside this folder. */
#pragma once
#include "inventory/policy/policy.h"

#define POLICY_SETTINGS_MAX 64

struct policy_ca {
    bool own;
    char *name;
    char *issuer, *subject;         /* "O=...", separated by newlines */
    char *from, *until;             /* NULL: no bound */
    char *crls;                     /* where its revocation lists are: URLs (http) and files, separated by newlines */
};

struct policy_store {
    char *name;
    bool is_public;
    char *file;                     /* its path as it was opened; "" before */
    char *pem;                      /* the file's text; "" before it is read */
    char *platform, *from_version;  /* whose roots they are, and from which version on; NULL: not given */
    char *issued_until, *sct_until; /* certificates issued later are not trusted there; NULL: no bound */
};

struct policy_clause {              /* what a document asks for, and what proves it */
    char *pack, *id;                /* the policy that it came with: "pci-dss-4", "4.2.1" */
    char *title, *source;           /* in our words; the document's section */
    char *rules;                    /* ids, separated by blanks */
    char *note;                     /* what this program cannot prove of it; "" nothing */
};

struct policy {
    char *name, *title, *source, *text, *directory;
    bool has_section;                       /* its text has one: else it is none */
    char *values[POLICY_SETTINGS_MAX];      /* as policy_settings[] */
    bool is_given[POLICY_SETTINGS_MAX];     /* the file has it */
    struct policy_ca *cas;
    size_t ca_count;
    struct policy_store *stores;
    size_t store_count;
    struct policy_clause *clauses;
    size_t clause_count;
};

struct policy *policy_new(const char *text, const char *directory);      /* every setting at its built-in value */
void policy_replace(char **at, const char *value);
struct policy_ca *policy_ca_of(struct policy *policy, bool own, const char *name);      /* made where there is none */
struct policy_store *policy_store_of(struct policy *policy, const char *name);
struct policy_clause *policy_clause_of(struct policy *policy, const char *pack, const char *id);
