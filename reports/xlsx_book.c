#include "reports/xlsx_book.h"

#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "reports/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define CREATED 1577836800      /* 2020-01-01: the same for ever, so that equal rows are equal files */
#define SHEET_NAME 31

struct xlsx_book {
    char *folder, *path;        /* libxlsxwriter wants a file by name */
    lxw_workbook *workbook;
    lxw_format *bold, *date;
    lxw_worksheet *sheet;
    const struct report *report;
    size_t columns;
    uint32_t rows_max, rows;    /* of the sheet */
    unsigned part;              /* of the report: its first, second ... sheet */
    lxw_error fault;            /* the first one */
    int cause;                  /* its errno; 0: it has none */
};

/* Of files alone errno says why; who calls what writes them clears it before. */
static void keep_fault(struct xlsx_book *book, lxw_error fault)
{
    bool is_of_file = fault >= LXW_ERROR_CREATING_XLSX_FILE && fault <= LXW_ERROR_ZIP_CLOSE;
    if (book->fault != LXW_NO_ERROR || fault == LXW_NO_ERROR)
        return;
    book->fault = fault;
    book->cause = is_of_file ? errno : 0;
}

/* The library ignores it where a row cannot be written to its temporary file, and the workbook would lack rows: the sheet is asked
 * while it is open. */
static void check_sheet(struct xlsx_book *book)
{
    FILE *rows = book->sheet == NULL ? NULL : book->sheet->optimize_tmpfile;
    errno = 0;
    if (rows != NULL && (fflush(rows) != 0 || ferror(rows) != 0))
        keep_fault(book, LXW_ERROR_CREATING_TMPFILE);
}

static bool tell_fault(const struct xlsx_book *book, const char *word, struct error *err)
{
    return error_set(err, ERROR_IO, "%s: %s (workbooks are put together there; TMPDIR names another folder)", book->path,
                     book->cause != 0 ? strerror(book->cause) : word);
}

static void remove_files(struct xlsx_book *book)
{
    unlink(book->path);
    rmdir(book->folder);
    free(book->path);
    free(book->folder);
    free(book);
}

struct xlsx_book *xlsx_book_create(uint32_t rows, struct error *err)
{
    const char *place = getenv("TMPDIR");
    struct xlsx_book *book = xcalloc(1, sizeof *book);
    book->rows_max = rows;
    book->folder = xasprintf("%s/certsweep-xlsx.XXXXXX", place == NULL || place[0] == '\0' ? "/tmp" : place);
    if (mkdtemp(book->folder) == NULL) {
        error_set(err, ERROR_IO, "%s: %s", book->folder, strerror(errno));
        free(book->folder);
        free(book);
        return NULL;
    }
    book->path = xasprintf("%s/book.xlsx", book->folder);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = book->folder, .use_zip64 = LXW_FALSE};
    lxw_doc_properties properties = {.title = "certsweep", .created = CREATED};
    errno = 0;
    book->workbook = workbook_new_opt(book->path, &options);
    if (book->workbook == NULL) {
        book->cause = errno;
        tell_fault(book, "a workbook cannot be made", err);
        remove_files(book);
        return NULL;
    }
    keep_fault(book, workbook_set_properties(book->workbook, &properties));
    book->bold = workbook_add_format(book->workbook);
    format_set_bold(book->bold);
    book->date = workbook_add_format(book->workbook);
    format_set_num_format(book->date, "yyyy-mm-dd hh:mm");
    return book;
}

static double width_of(enum column_kind kind)
{
    switch (kind) {
    case COLUMN_PROSE: return 60;
    case COLUMN_TIME:
    case COLUMN_MOMENT: return 17;
    case COLUMN_NUMBER:
    case COLUMN_COUNT:
    case COLUMN_SEVERITY: return 11;
    case COLUMN_TEXT:
    case COLUMN_UNIT:
    case COLUMN_PLACE:
    case COLUMN_HASH:
    case COLUMN_LIST: return 28;
    }
    return 28;
}

/* The next sheet of the report: "findings", then "findings 2". Its headings are the stable keys, as in CSV. */
static void add_sheet(struct xlsx_book *book)
{
    char name[SHEET_NAME + 1];
    if (++book->part == 1)
        snprintf(name, sizeof name, "%.*s", SHEET_NAME, book->report->name);
    else
        snprintf(name, sizeof name, "%.*s %u", SHEET_NAME - 11, book->report->name, book->part);
    check_sheet(book);
    errno = 0;
    book->sheet = workbook_add_worksheet(book->workbook, name);
    book->rows = 0;
    if (book->sheet == NULL) {
        keep_fault(book, LXW_ERROR_CREATING_TMPFILE);       /* the only one that is told; without memory errno says so */
        return;
    }
    for (size_t i = 0; i < book->columns; i++) {
        keep_fault(book, worksheet_set_column(book->sheet, (lxw_col_t)i, (lxw_col_t)i, width_of(book->report->columns[i].kind), NULL));
        keep_fault(book, worksheet_write_string(book->sheet, 0, (lxw_col_t)i, book->report->columns[i].key, book->bold));
    }
    worksheet_freeze_panes(book->sheet, 1, 0);
    book->rows = 1;
}

void xlsx_book_sheet(struct xlsx_book *book, const struct report *report)
{
    book->report = report;
    book->columns = report_column_count(report);
    book->part = 0;
    add_sheet(book);
}

/* "2026-01-31 12:00:00+00": false for any other time (a year of five digits, "infinity"). Sheets begin with 1900. */
static bool read_time(const char *text, lxw_datetime *time)
{
    int used = 0;
    if (sscanf(text, "%4d-%2d-%2d %2d:%2d:%lf%n", &time->year, &time->month, &time->day, &time->hour, &time->min, &time->sec, &used) != 6)
        return false;
    return strcmp(text + used, "+00") == 0 && time->year >= 1900 && time->year <= 9999;
}

/* Characters as Excel counts them, UTF-16 units: longer texts are cut below the limit and marked. */
static void cut_cell(char *text)
{
    static const char mark[] = " ... (cut)";
    size_t units = 0, at = 0, keep = 0;
    while (text[at] != '\0') {
        unsigned char c = (unsigned char)text[at];
        size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        units += len == 4 ? 2 : 1;
        if (units > XLSX_CELL) {
            memcpy(text + keep, mark, sizeof mark);     /* shorter than what is cut away */
            return;
        }
        at += len;
        if (units <= XLSX_CELL - sizeof mark)
            keep = at;
    }
}

static void write_cell(struct xlsx_book *book, lxw_col_t column, enum column_kind kind, const char *value)
{
    lxw_datetime time = {0};
    char *end;
    if (value == NULL || value[0] == '\0')
        return;
    if (render_is_time(kind) && read_time(value, &time)) {
        keep_fault(book, worksheet_write_datetime(book->sheet, book->rows, column, &time, book->date));
        return;
    }
    double number = render_is_number(kind) ? strtod(value, &end) : 0;
    if (render_is_number(kind) && *end == '\0') {
        keep_fault(book, worksheet_write_number(book->sheet, book->rows, column, number, NULL));
        return;
    }
    char *clean = clean_text_lines(value, SIZE_MAX);
    cut_cell(clean);
    keep_fault(book, worksheet_write_string(book->sheet, book->rows, column, clean, NULL));
    free(clean);
}

void xlsx_book_row(struct xlsx_book *book, const char *const *values)
{
    if (book->sheet != NULL && book->rows == book->rows_max)
        add_sheet(book);
    if (book->sheet == NULL)
        return;
    for (size_t i = 0; i < book->columns; i++)
        write_cell(book, (lxw_col_t)i, book->report->columns[i].kind, values[i]);
    book->rows++;
}

void xlsx_book_note(struct xlsx_book *book, const struct render_end *end)
{
    char *mark = book->sheet == NULL || end == NULL ? NULL : render_unjudged_mark(end);
    if (mark == NULL)
        return;
    if (book->rows == book->rows_max)
        add_sheet(book);
    keep_fault(book, worksheet_write_string(book->sheet, book->rows++, 0, mark, NULL));
    free(mark);
}

static bool copy_file(const char *path, FILE *out, struct error *err)
{
    char buffer[65536];
    size_t len;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    while ((len = fread(buffer, 1, sizeof buffer, file)) > 0)
        fwrite(buffer, 1, len, out);
    bool ok = !ferror(file) || error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    return ok;
}

bool xlsx_book_close(struct xlsx_book *book, FILE *out, struct error *err)
{
    struct error ignored;
    if (err == NULL)
        err = &ignored;
    check_sheet(book);
    errno = 0;
    keep_fault(book, workbook_close(book->workbook));
    bool ok = book->fault == LXW_NO_ERROR || tell_fault(book, lxw_strerror(book->fault), err);
    ok = ok && copy_file(book->path, out, err);
    remove_files(book);
    return ok;
}
