#include "inventory/formats/format_parts.h"

#include "inventory/formats/certificate_text.h"
#include "inventory/formats/csv_table.h"
#include "inventory/formats/text_decode.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool starts(struct byte_reader bytes, const char *magic, size_t len)
{
    return bytes.left >= len && memcmp(bytes.at, magic, len) == 0;
}

static bool ends(const char *file, const char *suffix)
{
    size_t len = strlen(file), suffix_len = strlen(suffix);
    return len >= suffix_len && strcasecmp(file + len - suffix_len, suffix) == 0;
}

static bool is_packed(struct byte_reader bytes)
{
    return starts(bytes, "PK\3\4", 4) || starts(bytes, "PK\5\6", 4) || starts(bytes, "\x1f\x8b", 2) || starts(bytes, "\x28\xb5\x2f\xfd", 4) ||
           starts(bytes, "\xfd" "7zXZ", 6) || starts(bytes, "BZh", 3) || starts(bytes, "7z\xbc\xaf\x27\x1c", 6) ||
           (bytes.left > 262 && memcmp(bytes.at + 257, "ustar", 5) == 0);
}

/* Finds a marker at the start of a line; in a cell or string other text would precede it. */
static bool has_pem_line(struct byte_reader text)
{
    const uint8_t *at = text.at, *end = text.at + text.left;
    while ((at = memmem(at, (size_t)(end - at), "-----BEGIN ", 11)) != NULL) {
        const uint8_t *before = at;
        while (before > text.at && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        if (before == text.at || before[-1] == '\n' || before[-1] == '\r')
            return true;
        at += 11;
    }
    return false;
}

static struct byte_reader without_blanks(struct byte_reader text)
{
    while (text.left > 0 && isspace(text.at[0]))
        byte_reader_skip(&text, 1);
    return text;
}

/* "---" or "word:" in the first line that is no comment. */
static bool is_yaml(const char *file, struct byte_reader text)
{
    if (ends(file, ".yaml") || ends(file, ".yml"))
        return true;
    if (starts(text, "---\n", 4) || starts(text, "---\r\n", 5) || starts(text, "apiVersion:", 11))
        return true;
    return false;
}

/* A file of base64 alone, as Windows writes .cer and .p7b. */
static bool read_base64(struct format_reader *reader, const char *file, struct byte_reader text, bool *is_base64, struct error *err)
{
    struct byte_buffer bytes;
    byte_buffer_init(&bytes, 0);
    *is_base64 = text.left > 64 && base64_text_decode((const char *)text.at, text.left, &bytes) && byte_buffer_reader(&bytes).left > 4 &&
                 (byte_buffer_reader(&bytes).at[0] == 0x30 || starts(byte_buffer_reader(&bytes), "-----", 5));
    bool ok = *is_base64;
    if (ok && reader->depth >= FORMAT_DEPTH_MAX) {
        ok = error_set(err, ERROR_INPUT, "%s: base64 of base64, more than %d deep", file, FORMAT_DEPTH_MAX);
    } else if (ok) {
        reader->depth++;
        ok = format_read(reader, file, byte_buffer_reader(&bytes), err);
        reader->depth--;
    }
    byte_buffer_clear(&bytes);
    return ok;
}

static bool read_text(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err)
{
    struct byte_reader first = without_blanks(text);
    bool is_base64;
    if (first.left == 0)
        return error_set(err, ERROR_INPUT, "%s: no heading: nothing but blanks", file);
    if (first.at[0] == '{' || first.at[0] == '[')
        return json_file_read(reader, file, first, err);
    if (is_yaml(file, first))
        return yaml_file_read(reader, file, text, err);
    if (has_pem_line(text))
        return pem_file_read(reader, file, text, err);
    bool ok = read_base64(reader, file, first, &is_base64, err);
    return is_base64 ? ok : csv_file_read(reader, file, text, err);
}

/* Kinds that people try, and what helps; NULL: none of them. */
static const char *other_kind(struct byte_reader bytes)
{
    static const struct {
        const char *magic, *advice;
        size_t len;
    } kinds[] = {
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of old Excel (.xls), or one with a password; save it as .xlsx without one, or as CSV", 8},
        {"%PDF", "a PDF; export the list as CSV or XLSX", 4},
        {"kych", "a keychain of macOS; export its certificates: security export -t certs -f pemseq -k FILE", 4},
        {"SQLite format 3", "a database of SQLite; of NSS (cert9.db) export the certificates: certutil -L -d FOLDER -n NAME -a", 15},
        {"<html", "a web page; export the list as CSV or XLSX", 5},
        {"<!doctype html", "a web page; export the list as CSV or XLSX", 14},
        {"<?xml", "XML; of nmap's results: certsweep load --from nmap FILE", 5},
        {"<nmaprun", "XML; of nmap's results: certsweep load --from nmap FILE", 8},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (bytes.left >= kinds[i].len && strncasecmp((const char *)bytes.at, kinds[i].magic, kinds[i].len) == 0)
            return kinds[i].advice;
    return NULL;
}

bool format_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err)
{
    reader->has_keys_only = false;
    reader->read = format_read;
    reader->read_inner = format_read_inner;
    if (reader->packed == 0)
        reader->packed = bytes.left;
    if (bytes.left == 0)
        return error_set(err, ERROR_INPUT, "%s: empty", file);
    if (is_packed(bytes))
        return archive_file_read(reader, file, bytes, err);
    if (starts(bytes, "\xfe\xed\xfe\xed", 4) || starts(bytes, "\xce\xce\xce\xce", 4))
        return jks_read(reader, file, bytes, err);
    if (bytes.left > 4 && bytes.at[0] == 0x30 && (bytes.at[1] & 0x80) != 0)     /* SEQUENCE, long length */
        return der_file_read(reader, file, 0, bytes, err);
    if (other_kind(bytes) != NULL)
        return error_set(err, ERROR_INPUT, "%s: %s", file, other_kind(bytes));
    struct byte_buffer decoded;
    struct byte_reader text = text_decode(bytes, &decoded, NULL);
    bool ok = other_kind(text) == NULL ? read_text(reader, file, text, err) : error_set(err, ERROR_INPUT, "%s: %s", file, other_kind(text));
    byte_buffer_clear(&decoded);
    return ok;
}

static bool promises_certificates(const char *file)
{
    static const char *const suffixes[] = {".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".yaml", ".yml", ".pem", ".crt", ".cer", ".der",
                                           ".p7b", ".p7c", ".p12", ".pfx", ".jks", ".jceks", ".zip", ".tar", ".gz", ".tgz", ".xz", ".zst"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (ends(file, suffixes[i]))
            return true;
    return false;
}

bool format_read_inner(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err)
{
    struct error inner = {0};
    if (bytes.left == 0) {
        reader->others++;
        return true;
    }
    if (format_read(reader, file, bytes, &inner))
        return true;
    if (inner.kind == ERROR_USAGE) {
        if (err != NULL)
            *err = inner;
        return false;
    }
    if (!reader->has_keys_only && promises_certificates(file)) {
        size_t name = strlen(file);     /* the error begins with it, and the sink adds it again */
        const char *text = strncmp(inner.text, file, name) == 0 && inner.text[name] == ':' ? inner.text + name + 2 : inner.text;
        reader->sink->fault(reader->sink->context, file, 0, text);
    } else {
        reader->others++;
    }
    return true;
}

struct csv_reading {
    struct format_reader *reader;
    const char *file;
    struct table table;
};

static void on_row(void *context, const struct csv_row *row)
{
    struct csv_reading *reading = context;
    if (table_begin_row(&reading->table, row->line))
        for (size_t i = 0; i < row->count; i++)
            table_add_cell(&reading->table, row->fields[i], strlen(row->fields[i]));
}

static void on_fault(void *context, size_t line, const char *text)
{
    struct csv_reading *reading = context;
    reading->reader->sink->fault(reading->reader->sink->context, reading->file, line, text);
}

bool csv_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err)
{
    struct csv_reading reading = {.reader = reader, .file = file};
    struct csv_table csv = {.file = file, .row = on_row, .fault = on_fault, .context = &reading};
    table_init(&reading.table);
    bool ok = csv_table_read(&csv, text, err) && reader->sink->table(reader->sink->context, file, &reading.table, err);
    table_clear(&reading.table);
    return ok;
}
