/* Any bytes as a file of the managed set, whatever it is: certificates, key stores, archives, tables. */
#include "inventory/managed/reader.h"

#include <stdlib.h>

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
    static struct profiles profiles;
    struct error err = {0};
    if (profiles.count == 0 && !profiles_read(&profiles, NULL, &err))
        abort();
    struct managed_reader_options options = {.profiles = &profiles};
    static const struct managed_sink sink = {.record = on_record, .fault = on_fault};
    managed_read_bytes("fuzz", byte_reader_of(data, size), &options, &sink, &err);
    options.dates = DATES_MONTH_DAY_YEAR;
    managed_read_bytes("fuzz.yaml", byte_reader_of(data, size), &options, &sink, &err);
    return 0;
}
