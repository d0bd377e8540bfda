/* Any bytes as a file of the managed set: PEM, DER or CSV. */
#include "inventory/managed/reader.h"

static void on_record(void *context, struct managed_record *record)
{
    uint8_t identity[32];
    (void)context;
    managed_record_identity(record, identity);
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    (void)file;
    (void)line;
    (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct managed_reader_options orders[] = {{.dates = DATES_ISO}, {.dates = DATES_MONTH_DAY_YEAR}};
    static const struct managed_sink sink = {.record = on_record, .fault = on_fault};
    struct error err = {0};
    for (size_t i = 0; i < 2; i++)
        managed_read_bytes("fuzz", byte_reader_of(data, size), &orders[i], &sink, &err);
    return 0;
}
