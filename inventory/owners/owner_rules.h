/* Owner rules: a CSV file, first match wins. Columns: owner (needed), and the conditions site, prefix (of endpoints alone), name
 * suffix, issuer, host and path (of files alone); an empty condition matches everything. Further columns: contacts, manager (who is told what stays overdue)
 * and environment. Exports of NetBox, ServiceNow
 * and Infoblox are known by their headings; their order means nothing, so the smallest range comes first there.
 * The owner that a managed record names ranks after all rules, before them, or where a row with the owner @record stands. */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/byte_reader.h"

#include <stdint.h>

struct owner_fault_sink {
    void (*fault)(void *context, const char *file, size_t line, const char *text);      /* the row is not taken, or not all of it */
    void (*note)(void *context, const char *file, size_t line, const char *text);       /* the row is taken, or it is no matter of a row (line 0) */
    void *context;
};

struct owner_import_options {
    bool dry_run;
    bool record_first;              /* the owner that a managed record names goes before all rules */
    bool catch_all;                 /* a row without a condition may stand before others, which are then never reached */
};

struct owner_account {
    int64_t rules, replaced;
    int64_t faults;                 /* rows that are not taken */
    int64_t contacts_refused;       /* rows that are taken without their contacts or managers */
    const char *profile;            /* "NetBox"; NULL: a table of rules */
};

/* Replaces all rules by those of the file, in one transaction. A bad row is reported and skipped; rules that can never match, are
 * never reached or match nothing in the inventory are reported; owners that differ only in case get the first spelling, and that is reported. A dry
 * run counts what it would do. False if the whole file is
 * unusable or the database fails; then nothing is changed. */
bool owner_rules_import(struct db *db, const char *path, const struct owner_import_options *options, const struct owner_fault_sink *sink,
                        struct owner_account *account, struct error *err);
