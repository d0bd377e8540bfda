/* Reads a managed set from CSV: maps headings to fields and rows to records. */
#pragma once
#include "inventory/managed/reader.h"

bool managed_read_table(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err);
