/* Records out of a table: its columns are found (columns.h), its dates and numbers weighed as a whole (guess.h), then each row is
 * a record, a fault, or a row of another kind. */
#pragma once
#include "inventory/formats/table.h"
#include "inventory/managed/reader.h"

/* Tells the sink what the table is (managed_story), each record and each row that cannot be read. False where the whole table is of no use. */
bool managed_read_table(const char *file, const struct table *table, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err);
