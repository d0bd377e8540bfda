/* Processes pending rows in batches: each is one transaction that reads some rows, works on them and marks them as done. Memory is
 * bounded by the limit in the statement. */
#pragma once
#include "inventory/store/db.h"

#define ROW_BATCHES_PARAMS_MAX 4

struct row_batches {
    struct db *db;
    const char *begin;              /* the first statement of each transaction; NULL: none */
    const char *setup;              /* makes temporary tables; not for a batch without rows, since each commit empties all that exist */
    const char *sql;                /* the rows of a batch in order of column 0, a number; $1: the last number of the batch before */
    size_t param_count;
    const char *params[ROW_BATCHES_PARAMS_MAX];         /* the first is filled in */
    bool is_binary;                 /* rows come in binary form: for db_binary_number() and the like */
    bool (*work)(void *context, const struct db_result *rows, struct error *err);
    void *context;
};

/* Runs batches until one has no rows. */
bool row_batches_run(struct row_batches *batches, struct error *err);
