/* A workbook of reports: a sheet for each (and a further one where a sheet is full), written row by row in constant memory by
 * libxlsxwriter. Foreign text is only ever a string, never a formula or a link; dates are dates, numbers numbers. The same rows
 * give the same bytes. */
#pragma once
#include "reports/report.h"

#include <stdint.h>

struct render_end;
struct xlsx_book;

enum { XLSX_ROWS = 1048576, XLSX_CELL = 32767 };        /* Excel's limits: rows of a sheet, characters of a cell */

/* rows: of a sheet at most, its heading included (XLSX_ROWS; tests take fewer). */
struct xlsx_book *xlsx_book_create(uint32_t rows, struct error *err);
void xlsx_book_sheet(struct xlsx_book *book, const struct report *report);      /* what follows are its rows; it must outlive them */
void xlsx_book_row(struct xlsx_book *book, const char *const *values);
void xlsx_book_note(struct xlsx_book *book, const struct render_end *end);      /* below the rows: what was not judged */

/* Writes it to out and destroys it. err NULL: the reason is not needed. */
bool xlsx_book_close(struct xlsx_book *book, FILE *out, struct error *err);
