/* Spreadsheets of Office Open XML (ECMA-376, part 1, 18): of the archive's parts, which archive_files.c unpacked, the sheets become
 * tables. Cells with a date's format become ISO dates; what a formula computed last is its value. */
#include "inventory/formats/format_parts.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX 10000000
#define FORMATS_MAX 65536
#define COLUMN_MAX  TABLE_COLUMNS_MAX

/* Most programs call it sheet1.xml, not all. */
static bool is_sheet(const char *name)
{
    return strncmp(name, "xl/worksheets/", 14) == 0 && strchr(name + 14, '/') == NULL && strstr(name, ".xml") != NULL;
}

bool xlsx_wants_part(const char *name)
{
    return strcmp(name, "xl/workbook.xml") == 0 || strcmp(name, "xl/_rels/workbook.xml.rels") == 0 || strcmp(name, "xl/sharedStrings.xml") == 0 ||
           strcmp(name, "xl/styles.xml") == 0 || is_sheet(name);
}

/* ---- what all parts share ---- */

struct workbook {
    struct byte_buffer strings;         /* shared texts, each ended by a NUL */
    size_t *string_at, string_count, string_room;
    bool *is_date;                      /* of each cell format (18.8.10) */
    size_t format_count;
    bool *custom_is_date;               /* of each number format of the file's own (18.8.30) */
    bool is_1904;                       /* days are counted from 1904 (18.2.28) */
};

struct part_reading {
    struct workbook *book;
    struct table *table;                /* of a sheet */
    struct byte_buffer text;            /* of the element being read */
    bool in_text, in_formats;
    int phonetic;                       /* inside <rPh>: how it is pronounced, no text */
    size_t row, column, next_column;
    char type[16];
    size_t style;
    struct byte_buffer value;           /* of the cell */
    XML_Parser parser;
};

static const char *attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(attributes[i], name) == 0)
            return attributes[i + 1];
    return NULL;
}

/* Without a namespace's prefix. */
static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

static void on_text(void *user, const char *text, int len)
{
    struct part_reading *reading = user;
    if (reading->in_text && reading->phonetic == 0)
        byte_buffer_append(&reading->text, text, (size_t)len);
}

static bool parse_part(struct part_reading *reading, const struct xlsx_part *part, XML_StartElementHandler on_start, XML_EndElementHandler on_end)
{
    struct byte_reader bytes = byte_buffer_reader(&part->bytes);
    XML_Parser parser = XML_ParserCreate(NULL);
    if (parser == NULL)
        return false;
    byte_buffer_init(&reading->text, TABLE_TEXT_MAX);
    byte_buffer_init(&reading->value, TABLE_TEXT_MAX);
    reading->parser = parser;
    XML_SetUserData(parser, reading);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    bool ok = bytes.left < INT32_MAX && XML_Parse(parser, bytes.left == 0 ? "" : (const char *)bytes.at, (int)bytes.left, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    byte_buffer_clear(&reading->text);
    byte_buffer_clear(&reading->value);
    return ok;
}

static void take_text(struct byte_buffer *from, struct byte_buffer *to)
{
    struct byte_reader text = byte_buffer_reader(from);
    byte_buffer_append(to, text.at, text.left);
    byte_buffer_consume(from, text.left);
}

/* ---- shared strings (18.4) ---- */

static void on_string_start(void *user, const char *name, const char **attributes)
{
    struct part_reading *reading = user;
    struct workbook *book = reading->book;
    (void)attributes;
    name = local_name(name);
    reading->in_text = strcmp(name, "t") == 0;
    reading->phonetic += strcmp(name, "rPh") == 0;
    if (strcmp(name, "si") != 0 || book->string_count == STRINGS_MAX)
        return;
    if (book->string_count == book->string_room) {
        book->string_room = book->string_room == 0 ? 1024 : book->string_room * 2;
        book->string_at = xreallocarray(book->string_at, book->string_room, sizeof *book->string_at);
    }
    book->string_at[book->string_count++] = byte_buffer_len(&book->strings);
}

static void on_string_end(void *user, const char *name)
{
    struct part_reading *reading = user;
    name = local_name(name);
    reading->in_text = false;
    reading->phonetic -= strcmp(name, "rPh") == 0;
    if (strcmp(name, "si") == 0) {
        take_text(&reading->text, &reading->book->strings);
        byte_buffer_append(&reading->book->strings, "", 1);
    }
}

/* ---- formats of cells ---- */

/* Does this number format show a date? y, m, d, h and s outside of quotes and brackets. */
static bool shows_date(const char *code)
{
    for (; *code != '\0'; code++) {
        if (*code == '"' || *code == '[') {
            const char *end = strchr(code + 1, *code == '"' ? '"' : ']');
            if (end == NULL)
                return false;
            code = end;
        } else if (*code == '\\' && code[1] != '\0') {
            code++;
        } else if (strchr("yYdDhH", *code) != NULL) {
            return true;
        }
    }
    return false;
}

static void on_style_start(void *user, const char *name, const char **attributes)
{
    struct part_reading *reading = user;
    struct workbook *book = reading->book;
    name = local_name(name);
    if (strcmp(name, "cellXfs") == 0)
        reading->in_formats = true;
    const char *id_text = attribute(attributes, "numFmtId"), *code = attribute(attributes, "formatCode");
    unsigned long id = id_text == NULL ? 0 : strtoul(id_text, NULL, 10);
    if (strcmp(name, "numFmt") == 0 && code != NULL && id < FORMATS_MAX)
        book->custom_is_date[id] = shows_date(code);
    if (strcmp(name, "xf") == 0 && reading->in_formats && book->format_count < FORMATS_MAX)
        book->is_date[book->format_count++] = (id >= 14 && id <= 22) || (id >= 45 && id <= 47) || (id < FORMATS_MAX && book->custom_is_date[id]);
}

static void on_style_end(void *user, const char *name)
{
    struct part_reading *reading = user;
    if (strcmp(local_name(name), "cellXfs") == 0)
        reading->in_formats = false;
}

static void on_book_start(void *user, const char *name, const char **attributes)
{
    struct part_reading *reading = user;
    const char *value = attribute(attributes, "date1904");
    if (strcmp(local_name(name), "workbookPr") == 0 && value != NULL)
        reading->book->is_1904 = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
}

static void on_nothing(void *user, const char *name)
{
    (void)user;
    (void)name;
}

/* ---- a sheet (18.3) ---- */

/* "BC12" is column 54, from 0; SIZE_MAX where it is none. */
static size_t column_of(const char *reference)
{
    size_t column = 0;
    for (; *reference >= 'A' && *reference <= 'Z' && column < 100000; reference++)
        column = column * 26 + (size_t)(*reference - 'A') + 1;
    return column == 0 || column > COLUMN_MAX ? SIZE_MAX : column - 1;
}

static void begin_cell(struct part_reading *reading, const char **attributes)
{
    const char *reference = attribute(attributes, "r"), *type = attribute(attributes, "t"), *style = attribute(attributes, "s");
    reading->column = reference == NULL ? reading->next_column : column_of(reference);
    reading->style = style == NULL ? 0 : strtoul(style, NULL, 10);
    snprintf(reading->type, sizeof reading->type, "%s", type == NULL ? "n" : type);
    byte_buffer_consume(&reading->value, byte_buffer_len(&reading->value));
}

static void on_sheet_start(void *user, const char *name, const char **attributes)
{
    struct part_reading *reading = user;
    name = local_name(name);
    if (strcmp(name, "row") == 0) {
        const char *number = attribute(attributes, "r");
        reading->row = number == NULL ? reading->row + 1 : strtoul(number, NULL, 10);
        reading->next_column = 0;
        if (!table_begin_row(reading->table, reading->row))
            XML_StopParser(reading->parser, XML_FALSE);
    } else if (strcmp(name, "c") == 0) {
        begin_cell(reading, attributes);
    }
    reading->phonetic += strcmp(name, "rPh") == 0;
    reading->in_text = strcmp(name, "v") == 0 || strcmp(name, "t") == 0;
    if (reading->in_text)
        byte_buffer_consume(&reading->text, byte_buffer_len(&reading->text));
}

/* A number of days as a date: "2027-02-26", with the time where there is one. */
static void format_date(const struct workbook *book, double days, char *text, size_t size)
{
    int64_t first = book->is_1904 ? -24107 : -25569;            /* day 0, counted from 1970 */
    char iso[CLOCK_TEXT_SIZE];
    int64_t seconds = (int64_t)((days + (double)first) * 86400 + (days + (double)first < 0 ? -0.5 : 0.5));
    clock_format_us(seconds * 1000000, iso);
    iso[seconds % 86400 == 0 ? 10 : 19] = '\0';
    snprintf(text, size, "%s", iso);
}

static void add_cell(struct part_reading *reading, const char *text, size_t len)
{
    struct table_row *row = &reading->table->rows[reading->table->row_count - 1];
    while (row->count < reading->column && table_add_cell(reading->table, "", 0))
        ;
    if (row->count == reading->column)
        table_add_cell(reading->table, text, len);
    reading->next_column = reading->column + 1;
}

static void end_cell(struct part_reading *reading)
{
    struct workbook *book = reading->book;
    byte_buffer_append(&reading->value, "", 1);
    const char *value = (const char *)byte_buffer_reader(&reading->value).at;
    char date[CLOCK_TEXT_SIZE];
    if (reading->column == SIZE_MAX || reading->table->row_count == 0 || value[0] == '\0')
        return;
    if (strcmp(reading->type, "s") == 0) {
        size_t index = strtoul(value, NULL, 10);
        value = index < book->string_count ? (const char *)byte_buffer_reader(&book->strings).at + book->string_at[index] : "";
    } else if (strcmp(reading->type, "n") == 0 && reading->style < book->format_count && book->is_date[reading->style]) {
        double days = strtod(value, NULL);
        if (days >= 0 && days < 2958466) {              /* 9999-12-31 */
            format_date(book, days, date, sizeof date);
            value = date;
        }
    } else if (strcmp(reading->type, "b") == 0) {
        value = value[0] == '1' ? "true" : "false";
    }
    size_t len = strlen(value);
    while (len > 0 && strchr(" \t\r\n", value[0]) != NULL)
        value++, len--;
    while (len > 0 && strchr(" \t\r\n", value[len - 1]) != NULL)
        len--;
    add_cell(reading, value, len);
}

static void on_sheet_end(void *user, const char *name)
{
    struct part_reading *reading = user;
    name = local_name(name);
    reading->phonetic -= strcmp(name, "rPh") == 0;
    if (reading->in_text)
        take_text(&reading->text, &reading->value);
    reading->in_text = false;
    if (strcmp(name, "c") == 0)
        end_cell(reading);
    else if (strcmp(name, "row") == 0 && reading->table->row_count > 0 && reading->table->rows[reading->table->row_count - 1].count == 0)
        reading->table->row_count--;                    /* a row without a value */
}

static const struct xlsx_part *find_part(const struct xlsx_part *parts, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    return NULL;
}

static void read_shared(struct workbook *book, const struct xlsx_part *parts, size_t count)
{
    const struct xlsx_part *part;
    struct part_reading reading = {.book = book};
    if ((part = find_part(parts, count, "xl/workbook.xml")) != NULL)
        parse_part(&reading, part, on_book_start, on_nothing);
    if ((part = find_part(parts, count, "xl/styles.xml")) != NULL)
        parse_part(&reading, part, on_style_start, on_style_end);
    reading = (struct part_reading){.book = book};
    if ((part = find_part(parts, count, "xl/sharedStrings.xml")) != NULL)
        parse_part(&reading, part, on_string_start, on_string_end);
}

/* One sheet. A sheet without a table of certificates (a cover, a legend) is only noted if another sheet has one. */
static bool read_sheet(struct format_reader *reader, struct workbook *book, const char *file, const struct xlsx_part *part, struct error *err)
{
    struct table table;
    struct part_reading reading = {.book = book, .table = &table};
    const char *base = strrchr(part->name, '/') + 1;
    char *name = xasprintf("%s!%.*s", file, (int)strcspn(base, "."), base);
    table_init(&table);
    bool ok = parse_part(&reading, part, on_sheet_start, on_sheet_end);
    if (!ok && table.row_count == 0)
        error_set(err, ERROR_INPUT, "%s: a sheet that is damaged", name);
    else if (table.row_count == 0)
        ok = error_set(err, ERROR_INPUT, "%s: an empty sheet", name);
    else {
        if (!ok)
            reader->sink->fault(reader->sink->context, name, reading.row, "the sheet is damaged from here on");
        ok = reader->sink->table(reader->sink->context, name, &table, err);
    }
    table_clear(&table);
    free(name);
    return ok;
}

static void workbook_clear(struct workbook *book)
{
    byte_buffer_clear(&book->strings);
    free(book->string_at);
    free(book->is_date);
    free(book->custom_is_date);
}

bool xlsx_read(struct format_reader *reader, const char *file, struct xlsx_part *parts, size_t count, struct error *err)
{
    struct workbook book = {.is_date = xcalloc(FORMATS_MAX, sizeof *book.is_date),
                            .custom_is_date = xcalloc(FORMATS_MAX, sizeof *book.custom_is_date)};
    struct error first = {0}, fault = {0};
    size_t read = 0, sheets = 0;
    byte_buffer_init(&book.strings, TABLE_TEXT_MAX);
    read_shared(&book, parts, count);
    for (size_t i = 0; i < count && first.kind != ERROR_USAGE; i++) {
        if (!is_sheet(parts[i].name))
            continue;
        sheets++;
        if (read_sheet(reader, &book, file, &parts[i], &fault))
            read++;
        else if (first.kind == ERROR_NONE || fault.kind == ERROR_USAGE)
            first = fault;
    }
    workbook_clear(&book);
    if (sheets == 0)
        return error_set(err, ERROR_INPUT, "%s: a workbook (.xlsx) without a sheet that can be read; save it again, or as CSV", file);
    if (first.kind != ERROR_USAGE && read > 0 && read < sheets)
        reader->sink->note(reader->sink->context, file, "sheets without a column that identifies a certificate are left out");
    if (first.kind == ERROR_USAGE || read == 0) {
        if (err != NULL)
            *err = first;
        return false;
    }
    return true;
}
