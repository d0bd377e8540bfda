/* An import replaces all records of one source by those of its files: one transaction, one dated snapshot. */
#pragma once
#include "inventory/store/db.h"
#include "inventory/managed/record.h"

struct managed_account {
    int64_t read, doubles, unchanged, changed, added, ended, before;
    /* Each record counts once: by its type where that is no server's, else by its state. */
    int64_t states[STATUS_COUNT], types[TYPE_COUNT];
    int64_t new_sites;
    char new_site_names[304];       /* the first of them: no scan has said anything of these sites */
};

/* How an import is to end. */
struct managed_ending {
    const char *files, *profiles;   /* separated by newlines */
    int64_t faults;                 /* rows and files that could not be read */
    bool is_dry_run;                /* counts the same and keeps nothing */
    bool is_partial;                /* records that are not in the files stay */
    bool is_replacing;              /* they end, however many they are */
};

struct managed_import;

/* Opens the transaction. site: the site of the places that the records name, created if it is new. NULL: not given; then a
 * place counts only if a single site has that address. Certificates themselves belong to no site. */
struct managed_import *managed_import_begin(struct db *db, const char *source, const char *site, struct error *err);
bool managed_import_add(struct managed_import *import, const struct managed_record *record, struct error *err);

/* Merges, records the import and commits. Destroys the import in any case. Refused, with nothing changed: an import without a record;
 * one that would end a tenth of its source's records and five at least, or any while rows were unreadable, unless the ending says which way. */
bool managed_import_end(struct managed_import *import, const struct managed_ending *ending, struct managed_account *account, struct error *err);
void managed_import_abandon(struct managed_import *import);     /* rolls back; NULL is fine */
