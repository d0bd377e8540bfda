/* Stores rows so that a bad one never stops the others. All rows are stored at once; if the database refuses them for
 * their values, they are halved until each bad row is alone. It is set aside with the reason, reported, and not
 * tried again by the same version of the program. */
#pragma once
#include "inventory/store/db.h"

struct set_aside_work {
    /* Stores rows [from, to) inside the caller's transaction. */
    bool (*store)(void *context, size_t from, size_t to, struct error *err);
    /* Records that this row was refused: set_aside_add(), and whatever keeps it from being tried again. */
    bool (*refuse)(void *context, size_t row, const char *reason, struct error *err);
    void *context;
};

/* Stores all count rows, inside a transaction of the caller. false: the database failed for another reason than a row's values. */
bool set_aside_store(struct db *db, const struct set_aside_work *work, size_t count, struct error *err);

struct set_aside {
    const char *stage;              /* "facts", "trust", "load" */
    int version;                    /* of the stage; another version tries the row again */
    int64_t certificate;            /* 0: none, as below */
    int64_t bundle, row;            /* of a bundle's table: */
    const char *table;
};

/* Adds a row to the table set_aside and logs a warning. */
bool set_aside_add(struct db *db, const struct set_aside *row, const char *reason, struct error *err);
