/* Owner rules: a CSV file, first match wins. Columns: owner (needed), and the conditions site, prefix, name suffix,
 * issuer; an empty condition matches everything. Further columns: contacts and environment. */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/byte_reader.h"

#include <stdint.h>

struct owner_fault_sink {
    void (*fault)(void *context, const char *file, size_t line, const char *text);
    void *context;
};

struct owner_account {
    int64_t rules, faults, replaced;
};

/* Replaces all rules by those of the file, in one transaction. A bad row is reported and skipped. A dry run counts what
 * it would do. False if the whole file is unusable or the database fails; then nothing is changed. */
bool owner_rules_import(struct db *db, const char *path, bool dry_run, const struct owner_fault_sink *sink,
                        struct owner_account *account, struct error *err);
