/* Reads a CSV file with a heading, row by row (RFC 4180 by libcsv, strict about quotes). A bad row is reported with its
 * line, and reading continues at the next line. Accepts any encoding of text_decode.h, CRLF, a first line "sep=;", and ";", tab
 * or "|" as separator (recognised in the first rows). */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/error.h"

#define CSV_LINE_MAX   (1u << 20)       /* bytes of one row; a longer one is a fault */
#define CSV_FIELDS_MAX 256

struct csv_row {
    size_t line;                        /* where it begins, from 1 */
    size_t count;
    char *const *fields;                /* trimmed of surrounding blanks; "" if empty; borrowed */
};

struct csv_table {
    const char *file;                   /* for messages */
    bool (*heading)(void *context, const struct csv_row *row, struct error *err);   /* false: stop reading the file.
                                         * NULL: every row that is not blank goes to row(), the heading too */
    void (*row)(void *context, const struct csv_row *row);
    /* Is this row the heading of those below it? It goes to row(). NULL: a file has one heading. */
    bool (*is_heading)(void *context, const struct csv_row *row);
    void (*fault)(void *context, size_t line, const char *text);
    void *context;
};

/* False if there is no heading or it was refused. */
bool csv_table_read(const struct csv_table *table, struct byte_reader bytes, struct error *err);

/* Does a heading mean this field? Case, blanks, "_", "-", ".", "#", ":" and brackets do not count: "Serial_Number" is
 * "serial number", "SAN(s)" is "sans". */
bool csv_heading_is(const char *heading, const char *name);

/* A cell's text as one line: a line break and the blanks around it are one blank. Yours: free(). */
char *csv_one_line(const char *text);
