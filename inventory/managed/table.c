#include "inventory/managed/table.h"

#include "inventory/managed/record_certificate.h"
#include "inventory/managed/row.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const char *file;
    size_t line;
    const struct managed_sink *sink;
    struct managed_story story;
    char status[64];                    /* the first unknown word for a status */
};

static void on_beside(void *context, const uint8_t *der, size_t len)
{
    struct reading *reading = context;
    managed_read_certificate(reading->file, reading->line, der, len, reading->sink);
}

static void read_one(struct reading *reading, const struct row_reader *reader, const struct table_row *row)
{
    char fault[300] = "";
    struct managed_record record = RECORD_EMPTY;
    record.file = reading->file;
    record.line = reading->line = row->line;
    switch (row_read(reader, row, &record, on_beside, reading, fault, sizeof fault)) {
    case ROW_RECORD:
        if (record.status_reported != NULL && record.status == STATUS_UNKNOWN && reading->story.unknown_status_count++ == 0)
            snprintf(reading->status, sizeof reading->status, "%s", record.status_reported);
        reading->story.rows++;
        reading->sink->record(reading->sink->context, &record);
        if (fault[0] != '\0')           /* something beside was left out of it */
            reading->sink->fault(reading->sink->context, reading->file, row->line, fault);
        break;
    case ROW_FAULT:
        reading->story.rows++;
        reading->sink->fault(reading->sink->context, reading->file, row->line, fault);
        break;
    case ROW_OTHER:
        reading->story.others++;
        break;
    }
    managed_record_clear(&record);
}

/* The headings of columns with a mail address. */
static char *contact_headings(const struct table *table, const struct columns *columns)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < columns->count[RECORD_CONTACTS]; i++) {
        size_t column = columns->of[RECORD_CONTACTS][i], row = columns->heading + 1;
        while (row < table->row_count && strchr(table_cell(table, &table->rows[row], column), '@') == NULL)
            row++;
        if (row == table->row_count)
            continue;
        const char *heading = table_cell(table, &table->rows[columns->heading], column);
        bool is_told = i > 0 && strcmp(heading, table_cell(table, &table->rows[columns->heading], columns->of[RECORD_CONTACTS][i - 1])) == 0;
        if (is_told && text[0] != '\0')
            continue;
        char *longer = xasprintf("%s%s%s", text, text[0] == '\0' ? "" : ", ", heading);
        free(text);
        text = longer;
    }
    return text;
}

static void tell_twice(const struct reading *reading, const struct columns *columns)
{
    if (columns->twice == NULL || reading->sink->note == NULL)
        return;
    char *text = xasprintf("several columns are called %s: all of them are read; of one value, the first that is not empty in a row", columns->twice);
    reading->sink->note(reading->sink->context, reading->file, text);
    free(text);
}

/* What the screen says of the table, once its rows are through. */
static void tell_story(struct reading *reading, const struct table *table, const struct columns *columns, const struct guess *guess)
{
    struct managed_story *story = &reading->story;
    char *contacts = contact_headings(table, columns), *unused = columns_unused(columns, table, &story->unused_count);
    story->file = reading->file;
    story->profile = columns->profile->name;
    story->contacts = contacts;
    story->unused = unused;
    story->near = columns->near;
    story->dates_because = guess->dates_because;
    story->has_decimal_serials = guess->has_decimal_serials;
    story->unknown_status = reading->status;
    if (reading->sink->story != NULL)
        reading->sink->story(reading->sink->context, story);
    free(contacts);
    free(unused);
}

bool managed_read_table(const char *file, const struct table *table, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err)
{
    struct columns columns;
    struct guess guess = {0};
    if (table->row_count == 0)
        return error_set(err, ERROR_INPUT, "%s: no heading: the first row must name the columns", file);
    if (table->is_full)
        return error_set(err, ERROR_INPUT, "%s: a table of more than 1 GiB or of more than 1,024 columns; split it", file);
    bool ok = columns_find(&columns, file, table, options->profiles, options->profile, options->map, options->map_count, err) &&
              guess_table(&guess, file, table, &columns, options->dates, err);
    if (ok) {
        struct reading reading = {.file = file, .sink = sink};
        struct row_reader reader = {.file = file, .table = table, .columns = &columns,
                                    .general = profiles_general(options->profiles), .guess = &guess};
        tell_twice(&reading, &columns);
        for (size_t i = columns.heading + 1; i < table->row_count; i++)
            read_one(&reading, &reader, &table->rows[i]);
        tell_story(&reading, table, &columns, &guess);
    }
    columns_clear(&columns);
    guess_clear(&guess);
    return ok;
}
