#include "inventory/formats/csv_table.h"

#include "inventory/formats/text_decode.h"
#include "probes/base/memory.h"

#include <csv.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const struct csv_table *table;
    struct csv_parser parser;
    char *fields[CSV_FIELDS_MAX];
    size_t count, heading_count;
    bool too_many, have_heading, refused;
    size_t line, row_line;              /* the line being read, and where its row began */
    struct error *err;
};

static void clear_fields(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++)
        free(reading->fields[i]);
    reading->count = 0;
    reading->too_many = false;
}

static void on_field(void *bytes, size_t len, void *context)
{
    struct reading *reading = context;
    if (reading->count == CSV_FIELDS_MAX) {
        reading->too_many = true;
        return;
    }
    const char *text = bytes;
    while (len > 0 && isspace((unsigned char)text[0]))
        text++, len--;
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    if (len > 2 && memcmp(text, "=\"", 2) == 0 && text[len - 1] == '"')     /* "=""0012""": see without_formulas() */
        text += 2, len -= 3;
    reading->fields[reading->count++] = text == NULL ? xstrdup("") : xstrndup(text, len);
}

static bool is_blank(const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++)
        if (reading->fields[i][0] != '\0')
            return false;
    return true;
}

/* A value after the last heading shows that a separator within a value was not quoted: the values are in wrong columns. Fewer
 * values than headings are fine: spreadsheets leave out empty cells at the end. */
static bool has_more_than_heading(const struct reading *reading)
{
    for (size_t i = reading->heading_count; i < reading->count; i++)
        if (reading->fields[i][0] != '\0')
            return true;
    return false;
}

static void on_row(int c, void *context)
{
    struct reading *reading = context;
    (void)c;
    struct csv_row row = {.line = reading->row_line, .count = reading->count, .fields = reading->fields};
    if (reading->too_many) {
        reading->table->fault(reading->table->context, row.line, "more than 256 fields in a row");
    } else if (reading->table->heading == NULL) {
        if (!is_blank(reading))
            reading->table->row(reading->table->context, &row);
    } else if (!is_blank(reading) && !reading->have_heading) {
        reading->have_heading = true;
        reading->heading_count = reading->count;
        reading->refused = !reading->table->heading(reading->table->context, &row, reading->err);
    } else if (reading->table->is_heading != NULL && !is_blank(reading) && reading->table->is_heading(reading->table->context, &row)) {
        reading->heading_count = reading->count;
        reading->table->row(reading->table->context, &row);
    } else if (has_more_than_heading(reading)) {
        reading->table->fault(reading->table->context, row.line,
                              "more values than the heading has columns; is a value with a separator in it not quoted?");
    } else if (!is_blank(reading)) {
        reading->table->row(reading->table->context, &row);
    }
    clear_fields(reading);
}

#define SAMPLE_ROWS 20

/* How many of the first rows have the same number of this separator outside quotes: column separators have equal counts,
 * characters within values do not. *each gets that number. */
static size_t rows_alike(struct byte_reader bytes, char separator, size_t *each)
{
    size_t counts[SAMPLE_ROWS] = {0}, rows = 0, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < bytes.left && rows < SAMPLE_ROWS; i++) {
        char c = (char)bytes.at[i];
        quoted ^= c == '"';
        counts[rows] += !quoted && c == separator;
        if ((!quoted && c == '\n') || i + 1 == bytes.left)
            rows++;
    }
    *each = 0;
    for (size_t i = 0; i < rows; i++) {
        size_t alike = 0;
        for (size_t j = 0; j < rows; j++)
            alike += counts[j] == counts[i];
        if (counts[i] > 0 && (alike > best || (alike == best && counts[i] > *each)))
            best = alike, *each = counts[i];
    }
    return best;
}

static unsigned char find_separator(struct byte_reader bytes)
{
    static const char separators[] = ",;\t|";
    size_t best = 0, best_each = 0;
    char found = ',';
    for (const char *at = separators; *at != '\0'; at++) {
        size_t each, alike = rows_alike(bytes, *at, &each);
        if (alike > best || (alike == best && each > best_each))
            best = alike, best_each = each, found = *at;
    }
    return (unsigned char)found;
}

/* "sep=;", which Excel writes and understands, is no row. False if the first line is another. */
static bool take_separator_line(struct byte_reader *bytes, unsigned char *separator)
{
    struct byte_reader after = *bytes;
    if (after.left < 6 || strncasecmp((const char *)after.at, "sep=", 4) != 0 || strchr("\r\n", after.at[5]) == NULL)
        return false;
    *separator = after.at[4];
    byte_reader_skip(&after, 5);
    while (after.left > 0 && after.at[0] != '\n')
        byte_reader_skip(&after, 1);
    byte_reader_skip(&after, 1);
    *bytes = after;
    return true;
}

static void restart(struct reading *reading, unsigned char separator)
{
    csv_free(&reading->parser);
    csv_init(&reading->parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&reading->parser, separator);
    clear_fields(reading);
}

/* One line with its line end, or what is left. */
static struct byte_reader take_line(struct byte_reader *bytes)
{
    const uint8_t *end = bytes->left == 0 ? NULL : memchr(bytes->at, '\n', bytes->left);
    size_t len = end == NULL ? bytes->left : (size_t)(end - bytes->at) + 1;
    struct byte_reader line = byte_reader_of(bytes->at, len);
    byte_reader_skip(bytes, len);
    return line;
}

static const char *parse_plain_line(struct reading *reading, struct byte_reader line)
{
    if (memchr(line.at, '\0', line.left) != NULL)
        return "a NUL byte; is this a text file?";
    if (csv_parse(&reading->parser, line.at, line.left, on_field, on_row, reading) != line.left)
        return "wrong quoting: a quote inside a field is written twice, and the field quoted";
    if (line.at[line.left - 1] != '\n')        /* the last line may lack its end */
        csv_parse(&reading->parser, "\n", 1, on_field, on_row, reading);
    return NULL;
}

/* ="0012" makes a spreadsheet keep a number as text: the "=" is removed, the quoted text stays. NULL if the line has none;
 * otherwise yours. */
static uint8_t *without_formulas(struct reading *reading, struct byte_reader line, size_t *len)
{
    if (memmem(line.at, line.left, "=\"", 2) == NULL)
        return NULL;
    uint8_t *copy = xmalloc(line.left);
    bool quoted = reading->parser.quoted != 0;
    *len = 0;
    for (size_t i = 0; i < line.left; i++) {
        bool at_start = i == 0 || line.at[i - 1] == csv_get_delim(&reading->parser);
        if (!quoted && at_start && line.at[i] == '=' && i + 1 < line.left && line.at[i + 1] == '"')
            continue;
        quoted ^= line.at[i] == '"';
        copy[(*len)++] = line.at[i];
    }
    return copy;
}

/* Gives one line to the parser. NULL, or what is wrong with it. */
static const char *parse_line(struct reading *reading, struct byte_reader line)
{
    size_t len;
    uint8_t *copy = without_formulas(reading, line, &len);
    if (copy != NULL) {
        const char *fault = parse_plain_line(reading, byte_reader_of(copy, len));
        free(copy);
        return fault;
    }
    return parse_plain_line(reading, line);
}

/* Reads line after line. A row of several lines (a quoted line end) that does not come to its end, within the limit or in the
 * file, is a fault of its first line, and reading continues after that line. */
static void read_lines(struct reading *reading, struct byte_reader bytes, unsigned char separator)
{
    struct byte_reader behind_first = bytes;
    size_t row_len = 0;
    bool open = false;
    while (bytes.left > 0 && !reading->refused) {
        struct byte_reader line = take_line(&bytes);
        reading->line++;
        if (!open) {
            reading->row_line = reading->line;
            behind_first = bytes;
            row_len = 0;
        }
        row_len += line.left;
        const char *fault = row_len > CSV_LINE_MAX ? "a row of more than 1 MiB" : parse_line(reading, line);
        open = fault == NULL && reading->parser.quoted != 0;
        if (open && bytes.left == 0)
            fault = "a quote that is opened in this row is never closed";
        if (fault == NULL)
            continue;
        reading->table->fault(reading->table->context, reading->row_line, fault);
        restart(reading, separator);
        bytes = behind_first;
        reading->line = reading->row_line;
        open = false;
    }
}

bool csv_table_read(const struct csv_table *table, struct byte_reader bytes, struct error *err)
{
    struct reading reading = {.table = table, .err = err};
    struct byte_buffer decoded;
    struct byte_reader text = text_decode(bytes, &decoded, NULL);
    unsigned char separator;
    if (take_separator_line(&text, &separator))
        reading.line++;
    else
        separator = find_separator(text);
    csv_init(&reading.parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&reading.parser, separator);
    read_lines(&reading, text, separator);
    clear_fields(&reading);
    csv_free(&reading.parser);
    byte_buffer_clear(&decoded);
    if (reading.refused)
        return false;
    if (table->heading != NULL && !reading.have_heading)
        return error_set(err, ERROR_INPUT, "%s: no heading: the first row must name the columns", table->file);
    return true;
}

static int next_letter(const char **text)
{
    while (**text != '\0' && strchr(" _-.\t()#:", **text) != NULL)
        (*text)++;
    return **text == '\0' ? 0 : tolower((unsigned char)*(*text)++);
}

bool csv_heading_is(const char *heading, const char *name)
{
    int a, b;
    do {
        a = next_letter(&heading);
        b = next_letter(&name);
    } while (a == b && a != 0);
    return a == b;
}

char *csv_one_line(const char *text)
{
    char *line = xstrdup(text), *to = line;
    for (const char *at = text; *at != '\0';) {
        size_t blanks = strspn(at, " \t\r\n");
        if (strcspn(at, "\r\n") < blanks) {
            if (to > line && at[blanks] != '\0')
                *to++ = ' ';
            at += blanks;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return line;
}
