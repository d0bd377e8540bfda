/* Any bytes as a file that people have: each reader on its own, whatever the first bytes say. */
#include "inventory/formats/certificate_text.h"
#include "inventory/formats/date_text.h"
#include "inventory/formats/format_parts.h"

#include <stdlib.h>
#include <string.h>

static void on_certificate(void *context, const char *file, size_t line, const uint8_t *der, size_t len)
{
    (void)file;
    (void)line;
    *(size_t *)context += len > 0 ? der[len - 1] : 0;       /* the last byte must be readable */
}

static bool on_table(void *context, const char *file, const struct table *table, struct error *err)
{
    (void)file;
    (void)err;
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < table->rows[i].count + 1; j++)
            *(size_t *)context += strlen(table_cell(table, &table->rows[i], j));
    return true;
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)file;
    *(size_t *)context += line + strlen(text);
}

static void on_note(void *context, const char *file, const char *text)
{
    on_fault(context, file, 0, text);
}

static void on_found(void *context, const char *label, const uint8_t *der, size_t len)
{
    on_certificate(context, label, 0, der, len);
}

static void read_as_part(struct format_reader *reader, const char *name, const char *first, const uint8_t *data, size_t size)
{
    struct xlsx_part parts[2] = {{.name = (char *)(uintptr_t)first}, {.name = (char *)(uintptr_t)name}};
    static const char strings[] = "<sst><si><t>a</t></si><si><t>b</t></si></sst>";
    byte_buffer_init(&parts[0].bytes, 0);
    byte_buffer_init(&parts[1].bytes, 0);
    byte_buffer_append(&parts[0].bytes, strings, sizeof strings - 1);
    byte_buffer_append(&parts[1].bytes, data, size);
    xlsx_read(reader, "fuzz", parts, 2, NULL);
    byte_buffer_clear(&parts[0].bytes);
    byte_buffer_clear(&parts[1].bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t seen = 0;
    bool in_doubt;
    int64_t time_us;
    struct format_sink sink = {.certificate = on_certificate, .table = on_table, .fault = on_fault, .note = on_note, .context = &seen};
    struct format_reader reader = {.sink = &sink, .packed = size};
    if (size < 2)
        return 0;
    struct byte_reader bytes = byte_reader_of(data + 1, size - 1);
    char *text = strndup((const char *)data + 1, size - 1);
    switch (data[0] % 12) {
    case 0: format_read(&reader, "fuzz", bytes, NULL); break;
    case 1: jks_read(&reader, "fuzz", bytes, NULL); break;
    case 2: pkcs12_read(&reader, "fuzz", bytes, NULL); break;
    case 3: pkcs7_read(&reader, "fuzz", 0, bytes, NULL); break;
    case 4: der_file_read(&reader, "fuzz", 0, bytes, NULL); break;
    case 5: pem_file_read(&reader, "fuzz", bytes, NULL); break;
    case 6: json_file_read(&reader, "fuzz", bytes, NULL); break;
    case 7: yaml_file_read(&reader, "fuzz", bytes, NULL); break;
    case 8: csv_file_read(&reader, "fuzz", bytes, NULL); break;
    case 9: read_as_part(&reader, "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", data + 1, size - 1); break;
    case 10: certificate_text_find(text, strlen(text), on_found, &seen); break;
    default:
        date_text_order(text, &in_doubt);
        if (date_text_parse(text, DATES_MONTH_DAY_YEAR, &time_us))
            seen += (size_t)time_us;
        break;
    }
    free(text);
    return seen == SIZE_MAX && data[0] == 255 ? -1 : 0;
}
