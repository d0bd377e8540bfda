/* Reads files of managed certificates: PEM (with any text between the blocks), DER, or a CSV table whose headings
 * have their usual names or are mapped by the user. The kind is recognised by the bytes. */
#pragma once
#include "inventory/managed/record.h"
#include "probes/base/byte_reader.h"
#include "probes/base/error.h"

enum date_order { DATES_ISO, DATES_MONTH_DAY_YEAR, DATES_DAY_MONTH_YEAR };

struct managed_reader_options {
    const char *const *map;         /* "field=Heading", map_count of them; they override the usual names */
    size_t map_count;
    enum date_order dates;          /* how 01/02/2026 is meant; ISO dates are always read */
};

struct managed_sink {
    void (*record)(void *context, struct managed_record *record);   /* clears the strings that it does not take */
    void (*fault)(void *context, const char *file, size_t line, const char *text);
    void *context;
};

/* False if the whole file is unusable: unreadable, empty, no known column. The records borrow file, so it must
 * outlive them. */
bool managed_read_bytes(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err);
bool managed_read_file(const char *path, const struct managed_reader_options *options,
                       const struct managed_sink *sink, struct error *err);

/* The fields that a CSV heading may name, for messages and help: "common_name", ... ; NULL at the end. */
extern const char *const managed_fields[];
