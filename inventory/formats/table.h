/* Rows of text cells as a file held them, all in one piece of memory: what a CSV file, a spreadsheet, JSON and YAML
 * are to an importer. The readers fill it; the importer decides which row is the heading and what the columns
 * mean. */
#pragma once
#include "probes/base/byte_buffer.h"

#define TABLE_TEXT_MAX    (1u << 30)    /* bytes of all cells */
#define TABLE_CELLS_MAX   (1u << 26)
#define TABLE_COLUMNS_MAX 1024

struct table_row {
    size_t line;                        /* in its file, from 1; where JSON has no lines: the number of the object */
    size_t first, count;                /* its cells */
};

struct table {
    struct byte_buffer text;            /* the cells, each ended by a NUL */
    uint32_t *cells;                    /* where each begins */
    size_t cell_count, cell_room;
    struct table_row *rows;
    size_t row_count, row_room;
    bool is_full;                       /* a limit was reached: later cells are missing */
    bool has_paths;                     /* its headings are paths into JSON: "certificate.common_name" */
};

void table_init(struct table *table);
void table_clear(struct table *table);

/* A row begins, then its cells follow. A NUL in a cell becomes a blank. False once a limit is met. */
bool table_begin_row(struct table *table, size_t line);
bool table_add_cell(struct table *table, const char *text, size_t len);

/* "" if the row has fewer cells. Borrowed until the next cell is added. */
const char *table_cell(const struct table *table, const struct table_row *row, size_t column);
