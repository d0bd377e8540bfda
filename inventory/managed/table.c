#include "inventory/managed/table.h"

#include "inventory/formats/csv_table.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum field {
    FIELD_SUBJECT, FIELD_COMMON_NAME, FIELD_NAMES, FIELD_SERIAL_NUMBER, FIELD_ISSUER, FIELD_NOT_BEFORE,
    FIELD_NOT_AFTER, FIELD_SHA256, FIELD_LOCATION, FIELD_OWNER, FIELD_CONTACTS, FIELD_ENVIRONMENT,
    FIELD_COUNT
};

const char *const managed_fields[] = {"subject",    "common_name", "names",    "serial_number", "issuer",
                                      "not_before", "not_after",   "sha256",   "location",      "owner",
                                      "contacts",   "environment", NULL};

/* Column headings that exports of CA accounts and inventories use; compared by csv_heading_is(). */
static const char *const usual[FIELD_COUNT][12] = {
    [FIELD_SUBJECT] = {"subject", "subject dn", "subject name", "distinguished name", "dn"},
    [FIELD_COMMON_NAME] = {"common name", "cn", "domain", "domain name", "host name", "fqdn"},
    [FIELD_NAMES] = {"names", "san", "sans", "subject alternative names", "subject alternative name",
                     "subject alt names", "subject alt name", "dns names", "alternative names"},
    [FIELD_SERIAL_NUMBER] = {"serial number", "serial", "certificate serial number", "serial no"},
    [FIELD_ISSUER] = {"issuer", "issuer dn", "issuer name", "issued by", "issuing ca", "ca"},
    [FIELD_NOT_BEFORE] = {"not before", "valid from", "issued", "issue date", "issued on", "start date",
                          "effective date"},
    [FIELD_NOT_AFTER] = {"not after", "valid until", "valid to", "expires", "expiry", "expiry date", "expires on",
                         "expiration", "expiration date", "end date"},
    [FIELD_SHA256] = {"sha256", "sha 256 fingerprint", "sha256 hash", "fingerprint", "fingerprint sha256",
                      "sha256 thumbprint", "thumbprint"},
    [FIELD_LOCATION] = {"location", "locations", "installed on", "installed at", "server", "where"},
    [FIELD_OWNER] = {"owner", "organization unit", "department", "owner group", "responsible"},
    [FIELD_CONTACTS] = {"contacts", "contact", "email", "emails", "e mail", "requester", "requester email"},
    [FIELD_ENVIRONMENT] = {"environment", "env", "stage"},
};

struct table {
    const char *file;
    const struct managed_reader_options *options;
    const struct managed_sink *sink;
    size_t column[FIELD_COUNT];         /* from 1; 0: the table has no such column */
};

static bool find_usual(struct table *table, enum field field, const struct csv_row *heading)
{
    for (size_t name = 0; name < 12 && usual[field][name] != NULL; name++) {
        for (size_t i = 0; i < heading->count; i++) {
            if (csv_heading_is(heading->fields[i], usual[field][name])) {
                table->column[field] = i + 1;
                return true;
            }
        }
    }
    return false;
}

static bool apply_map(struct table *table, const char *pair, const struct csv_row *heading, struct error *err)
{
    const char *equals = strchr(pair, '=');
    size_t field = 0;
    while (equals != NULL && field < FIELD_COUNT &&
           !(strncmp(managed_fields[field], pair, (size_t)(equals - pair)) == 0 &&
             managed_fields[field][equals - pair] == '\0'))
        field++;
    if (equals == NULL || field == FIELD_COUNT)
        return error_set(err, ERROR_USAGE,
                         "--map %s: expected FIELD=HEADING, with a field of subject, common_name, names, "
                         "serial_number, issuer, not_before, not_after, sha256, location, owner, contacts, "
                         "environment",
                         pair);
    for (size_t i = 0; i < heading->count; i++) {
        if (csv_heading_is(heading->fields[i], equals + 1)) {
            table->column[field] = i + 1;
            return true;
        }
    }
    return error_set(err, ERROR_INPUT, "%s: no column \"%s\", which --map %s names", table->file, equals + 1, pair);
}

static void list_headings(const struct csv_row *heading, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < heading->count && used < size - 1; i++) {
        int more = snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", heading->fields[i]);
        used += more < 0 ? 0 : (size_t)more;
    }
}

static bool on_heading(void *context, const struct csv_row *row, struct error *err)
{
    struct table *table = context;
    for (int field = 0; field < FIELD_COUNT; field++)
        find_usual(table, (enum field)field, row);
    for (size_t i = 0; i < table->options->map_count; i++)
        if (!apply_map(table, table->options->map[i], row, err))
            return false;
    const size_t *column = table->column;
    if (column[FIELD_SHA256] != 0 || column[FIELD_SERIAL_NUMBER] != 0 || column[FIELD_SUBJECT] != 0 ||
        column[FIELD_COMMON_NAME] != 0 || column[FIELD_NAMES] != 0)
        return true;
    char headings[512];
    list_headings(row, headings, sizeof headings);
    return error_set(err, ERROR_INPUT,
                     "%s:%zu: no column identifies the certificate (%s); one of sha256, serial number, subject, common name, "
                     "names is needed. Name yours with --map, as --map common_name=\"%s\"",
                     table->file, row->line, headings, row->fields[0]);
}

/* 01/31/2026 or 31.01.2026 as the user said that they are meant, else ISO. */
static bool parse_date(const char *text, enum date_order order, int64_t *time_us)
{
    unsigned a, b, year;
    int len = 0;
    if (sscanf(text, "%2u%*1[/.]%2u%*1[/.]%4u%n", &a, &b, &year, &len) == 3 && len > 0) {
        char iso[32];
        if (order == DATES_ISO)
            return false;
        unsigned month = order == DATES_MONTH_DAY_YEAR ? a : b, day = order == DATES_MONTH_DAY_YEAR ? b : a;
        snprintf(iso, sizeof iso, "%04u-%02u-%02u%.20s", year % 10000, month % 100, day % 100, text + len);
        return clock_parse_us(iso, time_us);
    }
    if (clock_parse_us(text, time_us))
        return true;
    struct tm tm = {0};                 /* as OpenSSL prints: Jan 31 12:00:00 2026 GMT */
    const char *end = strptime(text, "%b %d %H:%M:%S %Y GMT", &tm);
    if (end == NULL || *end != '\0')
        return false;
    *time_us = (int64_t)timegm(&tm) * 1000000;
    return true;
}

static const char *field_of(const struct table *table, const struct csv_row *row, enum field field)
{
    size_t column = table->column[field];
    return column == 0 || column > row->count ? "" : row->fields[column - 1];
}

static char *text_of(const struct table *table, const struct csv_row *row, enum field field)
{
    const char *text = field_of(table, row, field);
    return text[0] == '\0' ? NULL : xstrdup(text);
}

static bool read_date(const struct table *table, const struct csv_row *row, enum field field, int64_t *time_us,
                      char *fault, size_t size)
{
    const char *text = field_of(table, row, field);
    *time_us = RECORD_NO_TIME;
    if (text[0] == '\0' || parse_date(text, table->options->dates, time_us))
        return true;
    snprintf(fault, size, "%s \"%.60s\" is no date; expected 2026-01-31%s", managed_fields[field], text,
             table->options->dates == DATES_ISO ? " (--dates mdy or dmy reads 01/31/2026 or 31.01.2026)" : "");
    return false;
}

/* False with the reason in fault. */
static bool read_row(const struct table *table, const struct csv_row *row, struct managed_record *record,
                     char *fault, size_t size)
{
    const char *sha256 = field_of(table, row, FIELD_SHA256), *serial = field_of(table, row, FIELD_SERIAL_NUMBER);
    if (sha256[0] != '\0' && !record_set_sha256(record, sha256)) {
        snprintf(fault, size, "\"%.80s\" is no SHA-256 of a certificate (64 hexadecimal digits)", sha256);
        return false;
    }
    if (serial[0] != '\0' && !record_set_serial_number(record, serial)) {
        snprintf(fault, size, "serial number \"%.60s\" is not hexadecimal", serial);
        return false;
    }
    if (!read_date(table, row, FIELD_NOT_BEFORE, &record->not_before_us, fault, size) ||
        !read_date(table, row, FIELD_NOT_AFTER, &record->not_after_us, fault, size))
        return false;
    record->subject = text_of(table, row, FIELD_SUBJECT);
    record->common_name = text_of(table, row, FIELD_COMMON_NAME);
    record->issuer = text_of(table, row, FIELD_ISSUER);
    record->location = text_of(table, row, FIELD_LOCATION);
    record->owner = text_of(table, row, FIELD_OWNER);
    record->contacts = text_of(table, row, FIELD_CONTACTS);
    record->environment = text_of(table, row, FIELD_ENVIRONMENT);
    record_add_names(record, field_of(table, row, FIELD_NAMES));
    if (record->has_sha256 || record->serial_number != NULL || record->subject != NULL ||
        record->common_name != NULL || record->name_count != 0)
        return true;
    snprintf(fault, size, "the row tells no certificate: sha256, serial number, subject, common name and names are "
                          "all empty");
    return false;
}

static void on_row(void *context, const struct csv_row *row)
{
    struct table *table = context;
    char fault[256];
    struct managed_record record = {.not_before_us = RECORD_NO_TIME, .not_after_us = RECORD_NO_TIME};
    record.file = table->file;
    record.line = row->line;
    if (read_row(table, row, &record, fault, sizeof fault))
        table->sink->record(table->sink->context, &record);
    else
        table->sink->fault(table->sink->context, table->file, row->line, fault);
    managed_record_clear(&record);
}

static void on_fault(void *context, size_t line, const char *text)
{
    struct table *table = context;
    table->sink->fault(table->sink->context, table->file, line, text);
}

bool managed_read_table(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err)
{
    struct table table = {.file = file, .options = options, .sink = sink};
    struct csv_table csv = {
        .file = file, .heading = on_heading, .row = on_row, .fault = on_fault, .context = &table};
    return csv_table_read(&csv, bytes, err);
}
