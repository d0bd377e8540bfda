#include "inventory/managed/row.h"

#include "inventory/formats/certificate_text.h"
#include "inventory/formats/csv_table.h"
#include "inventory/managed/record_certificate.h"
#include "inventory/store/array_text.h"
#include "probes/base/address.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL_SURELY 43               /* digits that no hexadecimal serial number has */

/* A text may end in "*": whatever begins so. */
static bool is_in(const struct profile_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        size_t len = strcspn(texts->items[i], "*");
        bool is_beginning = texts->items[i][len] == '*';
        if (is_beginning ? strncasecmp(texts->items[i], text, len) == 0 : strcasecmp(texts->items[i], text) == 0)
            return true;
    }
    return false;
}

/* A cell's text; "" where it says in words that it is empty. */
static const char *cell_text(const struct row_reader *reader, const struct table_row *row, size_t column)
{
    const char *text = table_cell(reader->table, row, column);
    return is_in(&reader->general->empty, text) || is_in(&reader->columns->profile->empty, text) ? "" : text;
}

/* The first column of the field that says something; else what the profile says of every row. */
static const char *field_text(const struct row_reader *reader, const struct table_row *row, enum record_field field)
{
    const struct columns *columns = reader->columns;
    for (size_t i = 0; i < columns->count[field]; i++) {
        const char *text = cell_text(reader, row, columns->of[field][i]);
        if (text[0] != '\0')
            return text;
    }
    return columns->profile->constants[field].count > 0 ? columns->profile->constants[field].items[0] : "";
}

/* "Yes", "no": of what others give a date. 1, 0, or -1 where it says neither. */
static int switch_value(const char *text)
{
    static const char *const words[2][7] = {{"no", "false", "0", "off", "disabled", "manual", "n"},
                                            {"yes", "true", "1", "on", "enabled", "automatic", "y"}};
    for (int value = 0; value < 2; value++)
        for (size_t i = 0; i < 7; i++)
            if (strcasecmp(text, words[value][i]) == 0)
                return value;
    return -1;
}

static bool read_date(const struct row_reader *reader, const struct table_row *row, enum record_field field, int64_t *time_us, char *fault,
                      size_t size)
{
    const char *text = field_text(reader, row, field);
    *time_us = RECORD_NO_TIME;
    if (field == RECORD_REVOKED_AT && switch_value(text) >= 0)      /* read_status() */
        return true;
    if (text[0] == '\0' || strncmp(text, "0001-01-01", 10) == 0 || date_text_parse(text, reader->guess->dates, time_us))
        return true;
    snprintf(fault, size, "%s \"%.60s\" is no date; expected 2026-01-31 or another usual way to write it", record_field_names[field], text);
    return false;
}

/* A hash by its length, whatever its heading: "thumbprint" is SHA-1 with some and SHA-256 with others. MD5 is left out. */
static bool read_hash(const struct row_reader *reader, const struct table_row *row, enum record_field field, struct managed_record *record,
                      char *fault, size_t size)
{
    const char *text = field_text(reader, row, field);
    struct byte_buffer bytes;
    size_t digits = 0;
    if (strncasecmp(text, "sha", 3) == 0 && strchr(text, ':') != NULL)      /* "sha256:ab12..." */
        text = strchr(text, ':') + 1;
    for (const char *at = text; *at != '\0'; at++)
        digits += isxdigit((unsigned char)*at) != 0;
    if (text[0] == '\0' || digits == 32)
        return true;
    bool is_sha256 = record_set_sha256(record, text);
    if (is_sha256 && field == RECORD_SHA1 && reader->columns->mapped[field])
        return snprintf(fault, size, "\"%.80s\" is SHA-256: this column is --map sha256=...", text), false;
    if (is_sha256)
        return true;
    if (record_set_sha1(record, text)) {
        if (field != RECORD_SHA256 || !reader->columns->mapped[field])
            return true;
        record->has_sha1 = false;
        return snprintf(fault, size, "\"%.80s\" is SHA-1 (40 digits): this column is --map sha1=...", text), false;
    }
    byte_buffer_init(&bytes, 0);                /* Azure writes SHA-1 in base64 */
    bool is_base64 = strlen(text) < 32 && base64_text_decode(text, strlen(text), &bytes) && byte_buffer_len(&bytes) == 20;
    if (is_base64) {
        memcpy(record->sha1, byte_buffer_reader(&bytes).at, 20);
        record->has_sha1 = true;
    }
    byte_buffer_clear(&bytes);
    if (!is_base64)
        snprintf(fault, size, "\"%.80s\" is no SHA-256 of a certificate (64 hexadecimal digits), and no SHA-1 (40)", text);
    return is_base64;
}

static bool read_serial(const struct row_reader *reader, const struct table_row *row, struct managed_record *record, char *fault, size_t size)
{
    const char *text = field_text(reader, row, RECORD_SERIAL_NUMBER);
    size_t digits = strspn(text, "0123456789");
    bool is_decimal = text[digits] == '\0' && (reader->guess->has_decimal_serials || digits >= DECIMAL_SURELY);
    if (text[0] == '\0' || (is_decimal ? record_set_decimal_serial_number(record, text) : record_set_serial_number(record, text)))
        return true;
    if (strpbrk(text, "Ee") != NULL && strchr(text, '+') != NULL)
        snprintf(fault, size, "serial number \"%.60s\" was rounded by a spreadsheet; export the column as text", text);
    else
        snprintf(fault, size, "serial number \"%.60s\" is not hexadecimal", text);
    return false;
}

/* Texts that are kept as they are, as one line. */
static void read_texts(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++) {
        char **text = record_text(record, (enum record_field)field);
        const char *value = text == NULL || *text != NULL ? "" : field_text(reader, row, (enum record_field)field);
        if (value[0] != '\0')
            *text = field == RECORD_LOCATION ? xstrdup(value) : csv_one_line(value);        /* places may stand below each other */
    }
}

static int word_value(const struct row_reader *reader, bool of_status, const char *text)
{
    const struct profile *own = reader->columns->profile, *general = reader->general;
    int value = of_status ? profile_word_value(own->statuses, own->status_count, text) : profile_word_value(own->types, own->type_count, text);
    if (value != 0)
        return value;
    return of_status ? profile_word_value(general->statuses, general->status_count, text)
                     : profile_word_value(general->types, general->type_count, text);
}

static void read_status(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    if (record->status_reported != NULL)
        record->status = (enum record_status)word_value(reader, true, record->status_reported);
    bool is_revoked = (record->revoked_at_us != RECORD_NO_TIME && record->revoked_at_us > 0) ||
                      switch_value(field_text(reader, row, RECORD_REVOKED_AT)) == 1;
    if (is_revoked && (record->status == STATUS_UNKNOWN || record->status == STATUS_ISSUED))
        record->status = STATUS_REVOKED;
    if (record->status == STATUS_UNKNOWN && record->replaced_by != NULL)
        record->status = STATUS_REPLACED;
    bool has_certificate = record->has_sha256 || record->has_sha1 || record->serial_number != NULL;
    bool is_ordered = record->order_number != NULL || record->request_number != NULL;
    if (record->status == STATUS_UNKNOWN && !has_certificate && is_ordered && record->not_after_us == RECORD_NO_TIME)
        record->status = STATUS_REQUESTED;
}

/* Extended key usage is not known from a table, so the words of type and product count. */
static void read_type(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    static const char *const validations[] = {"DV", "OV", "EV", "IV"};
    const char *type = field_text(reader, row, RECORD_TYPE), *product = record->product == NULL ? "" : record->product;
    const char *validation = field_text(reader, row, RECORD_VALIDATION);
    if (record->type == TYPE_UNKNOWN && record->name_count == 0 && record->common_name != NULL && strchr(record->common_name, ' ') != NULL)
        record->type = (enum record_type)word_value(reader, false, record->common_name);    /* "Parks Code Signing" is no host */
    if (record->type == TYPE_UNKNOWN && type[0] != '\0')
        record->type = (enum record_type)word_value(reader, false, type);
    if (record->type == TYPE_UNKNOWN && product[0] != '\0')
        record->type = (enum record_type)word_value(reader, false, product);
    for (size_t i = 0; i < 4 && record->validation == NULL; i++) {
        char pattern[16];
        snprintf(pattern, sizeof pattern, "* %s *", validations[i]);
        char *padded = xasprintf(" %s %s %s ", validation, product, type);
        if (fnmatch(pattern, padded, FNM_CASEFOLD) == 0)
            record->validation = xstrdup(validations[i]);
        free(padded);
    }
}

static void read_switch(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    int value = switch_value(field_text(reader, row, RECORD_AUTO_RENEWAL));
    if (value >= 0 && record->auto_renewal == NULL)
        record->auto_renewal = xstrdup(value == 1 ? "true" : "false");
}

/* Of names, contacts and places every column counts, not the first alone. */
static void read_lists(const struct row_reader *reader, const struct table_row *row, struct managed_record *record, char *fault, size_t size)
{
    const struct columns *columns = reader->columns;
    for (size_t i = 0; record->der == NULL && i < columns->count[RECORD_NAMES]; i++)
        record_add_names(record, cell_text(reader, row, columns->of[RECORD_NAMES][i]));
    for (size_t i = 0; i < columns->count[RECORD_CONTACTS]; i++)
        if (contact_cell_is_sound(cell_text(reader, row, columns->of[RECORD_CONTACTS][i])))
            record_add_contacts(record, cell_text(reader, row, columns->of[RECORD_CONTACTS][i]));
        else
            snprintf(fault, size, "a control character in the contacts: none of them is taken, the rest of the row is");
}

/* Host, address and port of their own columns are a place as "address:port" is one. */
static void read_place(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    const char *address = field_text(reader, row, RECORD_ADDRESS), *host = field_text(reader, row, RECORD_HOST);
    const char *port = field_text(reader, row, RECORD_PORT);
    struct address parsed;
    const char *where = address[0] != '\0' ? address : host;
    if (where[0] == '\0' || record->location != NULL)
        return;
    bool is_v6 = address_parse(where, &parsed) && strchr(where, ':') != NULL;
    bool has_port = port[0] != '\0' && strspn(port, "0123456789") == strlen(port) && strcmp(port, "0") != 0;
    record->location = xasprintf("%s%s%s%s%s", is_v6 ? "[" : "", where, is_v6 ? "]" : "", has_port ? ":" : "", has_port ? port : "");
}

static void read_key(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    const char *bits = field_text(reader, row, RECORD_KEY_BITS), *spki = field_text(reader, row, RECORD_SPKI_SHA256);
    struct managed_record hash = RECORD_EMPTY;
    long value = strtol(bits + strcspn(bits, "0123456789"), NULL, 10);
    record->key_bits = value > 0 && value <= 65536 ? (int)value : 0;
    if (spki[0] != '\0' && record_set_sha256(&hash, spki)) {
        memcpy(record->spki_sha256, hash.sha256, 32);
        record->has_spki_sha256 = true;
    }
}

struct finding {
    struct managed_record *record;
    row_beside *beside;
    void *context;
};

static void on_request(void *context, const char *label, const uint8_t *der, size_t len)
{
    if (strcmp(label, "DER") == 0 || strstr(label, "REQUEST") != NULL)
        record_set_request(context, der, len);
}

/* The first is the record's own; chains follow it (RFC 8446, 4.4.2). */
static void on_certificate(void *context, const char *label, const uint8_t *der, size_t len)
{
    struct finding *finding = context;
    if (strcmp(label, "DER") != 0 && strstr(label, "CERTIFICATE") == NULL)
        return;
    if (strstr(label, "REQUEST") != NULL)
        return;
    struct cert *cert = cert_parse(der, len);
    if (record_is_certificate(cert)) {
        if (finding->record->der == NULL)
            record_fill(finding->record, cert, der, len);
        else if (memcmp(cert->sha256, finding->record->sha256, 32) != 0)
            finding->beside(finding->context, der, len);
    }
    cert_destroy(cert);
}

static bool looks_like_certificate(const char *text)
{
    return strncmp(text, "MII", 3) == 0 || strncmp(text, "LS0t", 4) == 0 || strstr(text, "-----BEGIN") != NULL;
}

/* First the columns that are for it, then whatever else holds one. */
static void read_certificates(const struct row_reader *reader, const struct table_row *row, struct managed_record *record, row_beside *beside,
                              void *context)
{
    const struct columns *columns = reader->columns;
    struct finding finding = {.record = record, .beside = beside, .context = context};
    const char *request = field_text(reader, row, RECORD_REQUEST);
    for (size_t i = 0; i < columns->count[RECORD_CERTIFICATE]; i++) {
        const char *text = cell_text(reader, row, columns->of[RECORD_CERTIFICATE][i]);
        certificate_text_find(text, strlen(text), on_certificate, &finding);
    }
    for (size_t i = 0; i < row->count; i++) {
        const char *text = table_cell(reader->table, row, i);
        bool is_read = false;
        for (size_t j = 0; j < columns->count[RECORD_CERTIFICATE]; j++)
            is_read |= columns->of[RECORD_CERTIFICATE][j] == i;
        if (!is_read && text != request && looks_like_certificate(text))
            certificate_text_find(text, strlen(text), on_certificate, &finding);
    }
    if (request[0] != '\0' && !record->has_spki_sha256)
        certificate_text_find(request, strlen(request), on_request, record);
}

/* "Common Name: www.example", "Serial Number: 0A 1B": lines of a text that describes a certificate (Nessus, openssl x509 -text). */
static void read_description(const struct row_reader *reader, const struct table_row *row, struct managed_record *record)
{
    const char *text = field_text(reader, row, RECORD_DESCRIPTION);
    bool of_issuer = false;
    while (*text != '\0') {
        size_t len = strcspn(text, "\r\n");
        const char *colon = memchr(text, ':', len);
        char label[32], *value = colon == NULL ? NULL : xstrndup(colon + 1 + strspn(colon + 1, " "), (size_t)(text + len - (colon + 1 + strspn(colon + 1, " "))));
        snprintf(label, sizeof label, "%.*s", colon == NULL ? 0 : (int)(colon - text > 31 ? 31 : colon - text), text);
        if (csv_heading_is(label, "issuer name"))
            of_issuer = true;
        if (csv_heading_is(label, "common name") && of_issuer && record->issuer == NULL)
            record->issuer = xstrdup(value);
        if (csv_heading_is(label, "common name") && !of_issuer && record->common_name == NULL)
            record->common_name = xstrdup(value);
        if (csv_heading_is(label, "serial number"))
            record_set_serial_number(record, value), of_issuer = false;
        if (csv_heading_is(label, "not valid before"))
            date_text_parse(value, DATES_UNKNOWN, &record->not_before_us);
        if (csv_heading_is(label, "not valid after"))
            date_text_parse(value, DATES_UNKNOWN, &record->not_after_us);
        if (csv_heading_is(label, "sha-1 fingerprint"))
            record_set_sha1(record, value);
        if (csv_heading_is(label, "sha-256 fingerprint"))
            record_set_sha256(record, value);
        if (csv_heading_is(label, "dns"))
            record_add_names(record, value);
        free(value);
        text += len;
        text += strspn(text, "\r\n");
    }
}

/* The common name of a subject in either spelling: "O=X, CN=www" and "/O=X/CN=www". */
static void read_common_name(struct managed_record *record)
{
    const char *at = record->subject;
    if (record->common_name != NULL || at == NULL)
        return;
    while ((at = strcasestr(at, "CN")) != NULL) {
        bool begins = at == record->subject || strchr(",/+ ", at[-1]) != NULL;
        const char *value = at + 2 + strspn(at + 2, " ");
        at += 2;
        if (!begins || *value != '=')
            continue;
        value += 1 + strspn(value + 1, " ");
        size_t len = strcspn(value, record->subject[0] == '/' ? "/" : ",+");
        while (len > 0 && value[len - 1] == ' ')
            len--;
        if (len > 0)
            record->common_name = xstrndup(value, len);
        return;
    }
}

static bool identifies(const struct managed_record *record)
{
    return record->has_sha256 || record->has_sha1 || record->has_spki_sha256 || record->serial_number != NULL || record->subject != NULL ||
           record->common_name != NULL || record->name_count != 0 || record->order_number != NULL || record->request_number != NULL;
}

/* "Total: 26" alone in a row of several columns. */
static bool is_total(const struct row_reader *reader, const struct table_row *row)
{
    static const char *const words[] = {"total", "sum", "grand total", "count", "rows", "records", "end of", "generated", "page", "certutil"};
    size_t said = 0;
    for (size_t i = 0; i < row->count; i++)
        said += table_cell(reader->table, row, i)[0] != '\0';
    const char *first = table_cell(reader->table, row, 0);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);
        if (strncasecmp(first, words[i], len) == 0 && (first[len] == '\0' || strchr(": =", first[len]) != NULL))
            return reader->columns->width > 1 && said <= 2;
    }
    return false;
}

static bool is_left_out(const struct row_reader *reader, const struct table_row *row)
{
    const struct profile_texts *only = &reader->columns->profile->only;
    for (size_t i = 0; i + 1 < only->count; i += 2)
        for (size_t j = 0; j < reader->columns->width; j++)
            if (csv_heading_is(table_cell(reader->table, &reader->table->rows[reader->columns->heading], j), only->items[i]) &&
                strcasecmp(table_cell(reader->table, row, j), only->items[i + 1]) != 0)
                return true;
    return false;
}

/* There is a value after the last heading: a separator within a value was not quoted, so values are in wrong columns. */
static bool is_too_wide(const struct row_reader *reader, const struct table_row *row)
{
    for (size_t i = reader->columns->width; i < row->count; i++)
        if (table_cell(reader->table, row, i)[0] != '\0')
            return true;
    return false;
}

enum row_kind row_read(const struct row_reader *reader, const struct table_row *row, struct managed_record *record, row_beside *beside,
                       void *context, char *fault, size_t size)
{
    if (is_left_out(reader, row) || is_total(reader, row))
        return ROW_OTHER;
    if (is_too_wide(reader, row)) {
        snprintf(fault, size, "more values than the heading has columns; is a value with a separator in it not quoted?");
        return ROW_FAULT;
    }
    read_certificates(reader, row, record, beside, context);
    bool has_certificate = record->der != NULL;
    if (!has_certificate && (!read_hash(reader, row, RECORD_SHA256, record, fault, size) ||
                             !read_hash(reader, row, RECORD_SHA1, record, fault, size) || !read_serial(reader, row, record, fault, size) ||
                             !read_date(reader, row, RECORD_NOT_BEFORE, &record->not_before_us, fault, size) ||
                             !read_date(reader, row, RECORD_NOT_AFTER, &record->not_after_us, fault, size)))
        return ROW_FAULT;
    if (!read_date(reader, row, RECORD_REVOKED_AT, &record->revoked_at_us, fault, size) ||
        !read_date(reader, row, RECORD_DELIVERED_AT, &record->delivered_at_us, fault, size))
        return ROW_FAULT;
    read_texts(reader, row, record);
    if (record->site != NULL && !site_name_is_valid(record->site)) {
        snprintf(fault, size, "site \"%.60s\": expected a name of printable ASCII characters", record->site);
        return ROW_FAULT;
    }
    read_lists(reader, row, record, fault, size);
    read_common_name(record);
    read_description(reader, row, record);
    read_place(reader, row, record);
    read_key(reader, row, record);
    read_switch(reader, row, record);
    read_type(reader, row, record);
    read_status(reader, row, record);
    record_tidy_link(&record->replaces);
    record_tidy_link(&record->replaced_by);
    if (identifies(record))
        return ROW_RECORD;
    snprintf(fault, size, "the row identifies no certificate: sha256, sha1, serial number, subject, common name and names are all empty");
    return ROW_FAULT;
}
