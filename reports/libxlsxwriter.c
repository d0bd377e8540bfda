/* libxlsxwriter, loaded on first use (loaded_library.h). */
#include "probes/base/loaded_library.h"

#include <xlsxwriter.h>

static const struct loaded_library library = {LIBXLSXWRITER_FILE, "workbooks", ERROR_SYSTEM};

/* clang-format off */
FORWARD_VOID(format_set_bold, (lxw_format *format), (format))
FORWARD_VOID(format_set_num_format, (lxw_format *format, const char *num_format), (format, num_format))
FORWARD(char *, lxw_strerror, (lxw_error error_num), (error_num))
FORWARD(lxw_format *, workbook_add_format, (lxw_workbook *workbook), (workbook))
FORWARD(lxw_worksheet *, workbook_add_worksheet, (lxw_workbook *workbook, const char *sheetname), (workbook, sheetname))
FORWARD(lxw_error, workbook_close, (lxw_workbook *workbook), (workbook))
FORWARD(lxw_workbook *, workbook_new_opt, (const char *filename, lxw_workbook_options *options), (filename, options))
FORWARD(lxw_error, workbook_set_properties, (lxw_workbook *workbook, lxw_doc_properties *properties), (workbook, properties))
FORWARD_VOID(worksheet_freeze_panes, (lxw_worksheet *worksheet, lxw_row_t row, lxw_col_t col), (worksheet, row, col))
FORWARD(lxw_error, worksheet_set_column, (lxw_worksheet *worksheet, lxw_col_t first_col, lxw_col_t last_col, double width,
                                          lxw_format *format), (worksheet, first_col, last_col, width, format))
FORWARD(lxw_error, worksheet_write_datetime, (lxw_worksheet *worksheet, lxw_row_t row, lxw_col_t col, lxw_datetime *datetime,
                                              lxw_format *format), (worksheet, row, col, datetime, format))
FORWARD(lxw_error, worksheet_write_number, (lxw_worksheet *worksheet, lxw_row_t row, lxw_col_t col, double number, lxw_format *format), (worksheet, row, col, number, format))
FORWARD(lxw_error, worksheet_write_string, (lxw_worksheet *worksheet, lxw_row_t row, lxw_col_t col, const char *string, lxw_format *format),
        (worksheet, row, col, string, format))
/* clang-format on */
