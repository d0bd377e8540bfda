/* Files that say what is managed: PEM (with whatever stands between the blocks), DER, or a CSV table whose
 * headings are known by their usual names or mapped by the user. The kind is seen in the bytes. */
#pragma once
#include "inventory/managed/record.h"
#include "probes/base/byte_reader.h"
#include "probes/base/error.h"

enum date_order { DATES_ISO, DATES_MONTH_DAY_YEAR, DATES_DAY_MONTH_YEAR };

struct managed_reader_options {
    const char *const *map;         /* "field=Heading", map_count of them; over the usual names */
    size_t map_count;
    enum date_order dates;          /* how 01/02/2026 is meant; ISO dates are always read */
};

struct managed_sink {
    void (*record)(void *context, struct managed_record *record);   /* may take the strings: clears what it leaves */
    void (*fault)(void *context, const char *file, size_t line, const char *text);
    void *context;
};

/* False where the file as a whole says nothing: unreadable, empty, no known column. file is borrowed by the
 * records, for as long as they are used. */
bool managed_read_bytes(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err);
bool managed_read_file(const char *path, const struct managed_reader_options *options,
                       const struct managed_sink *sink, struct error *err);

/* The fields that a CSV heading may name, for messages and help: "common_name", ... ; NULL at the end. */
extern const char *const managed_fields[];
