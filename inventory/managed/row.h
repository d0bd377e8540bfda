/* One row of a table as a record. */
#pragma once
#include "inventory/managed/guess.h"

/* What rows of one table have in common. */
struct row_reader {
    const char *file;
    const struct table *table;
    const struct columns *columns;
    const struct profile *general;
    const struct guess *guess;
};

enum row_kind {
    ROW_RECORD,                         /* what was left out of it, if anything, is written into fault */
    ROW_FAULT,                          /* the reason is written into fault */
    ROW_OTHER,                          /* a line of totals, a row that the profile leaves out */
};

/* Further certificates of the row (the record's chain) go to beside(). */
typedef void row_beside(void *context, const uint8_t *der, size_t len);

enum row_kind row_read(const struct row_reader *reader, const struct table_row *row, struct managed_record *record, row_beside *beside,
                       void *context, char *fault, size_t size);
