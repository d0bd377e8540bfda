/* An import replaces all records of one source by those of its files: one transaction, one dated snapshot. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/managed/record.h"

struct managed_account {
    int64_t read, doubles, unchanged, changed, added, ended;
};

struct managed_import;

/* Opens the transaction. site: the site of the places that the records name, created if it is new. NULL: not given; then a
 * place counts only if a single site has that address. Certificates themselves belong to no site. */
struct managed_import *managed_import_begin(struct db *db, const char *source, const char *site, struct error *err);
bool managed_import_add(struct managed_import *import, const struct managed_record *record, struct error *err);

/* Merges, records the import (files separated by newlines) and commits; a dry run counts the same and rolls back.
 * Destroys the import in any case. An import without a record is refused and changes nothing. */
bool managed_import_end(struct managed_import *import, const char *files, int64_t faults, bool dry_run,
                        struct managed_account *account, struct error *err);
void managed_import_abandon(struct managed_import *import);     /* rolls back; NULL is fine */
