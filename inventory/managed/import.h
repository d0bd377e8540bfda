/* An import makes one source's files its whole truth from now on: one transaction, one dated snapshot. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/managed/record.h"

struct managed_account {
    int64_t read, doubles, unchanged, changed, added, ended;
};

struct managed_import;

/* Opens the transaction. site: of the places that the records name, made where it is new; NULL: not told, so that a place is
 * one only where a single site holds it. A certificate's identity has no site. */
struct managed_import *managed_import_begin(struct db *db, const char *source, const char *site, struct error *err);
bool managed_import_add(struct managed_import *import, const struct managed_record *record, struct error *err);

/* Merges, records the import (files parted by newlines) and commits; a dry run says the same and rolls back. The
 * import is gone either way. An import without a record is refused and changes nothing. */
bool managed_import_end(struct managed_import *import, const char *files, int64_t faults, bool dry_run,
                        struct managed_account *account, struct error *err);
void managed_import_abandon(struct managed_import *import);     /* rolls back; NULL is fine */
