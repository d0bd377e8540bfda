/* One row never stops the others. What is to be stored is offered as a whole; where the database refuses it for its
 * values, it is halved until each row that is refused stands alone. That one is set aside with the reason, reported,
 * and not tried again by the same version of the program. */
#pragma once
#include "inventory/store/db.h"

struct set_aside_work {
    /* Stores rows [from, to) inside the caller's transaction. */
    bool (*store)(void *context, size_t from, size_t to, struct error *err);
    /* Notes that this row was refused: set_aside_add(), and what else keeps it from being tried again. */
    bool (*refuse)(void *context, size_t row, const char *reason, struct error *err);
    void *context;
};

/* All count rows, inside a transaction of the caller. false: the database fails for another reason than a row's values. */
bool set_aside_store(struct db *db, const struct set_aside_work *work, size_t count, struct error *err);

struct set_aside {
    const char *stage;              /* "facts", "trust", "load" */
    int version;                    /* of the stage: another one tries again */
    int64_t certificate;            /* 0: none, as below */
    int64_t bundle, row;            /* of a bundle's table: */
    const char *table;
};

/* A row of the table set_aside, and a warning in the log. */
bool set_aside_add(struct db *db, const struct set_aside *row, const char *reason, struct error *err);
