#include "inventory/managed/reader.h"

#include "inventory/managed/record_certificate.h"
#include "inventory/managed/table.h"
#include "probes/base/memory.h"

#include <stdlib.h>

struct reading {
    const struct managed_reader_options *options;
    const struct managed_sink *sink;
};

static void on_certificate(void *context, const char *file, size_t line, const uint8_t *der, size_t len)
{
    struct reading *reading = context;
    managed_read_certificate(file, line, der, len, reading->sink);
}

static bool on_table(void *context, const char *file, const struct table *table, struct error *err)
{
    struct reading *reading = context;
    return managed_read_table(file, table, reading->options, reading->sink, err);
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    struct reading *reading = context;
    reading->sink->fault(reading->sink->context, file, line, text);
}

static void on_note(void *context, const char *file, const char *text)
{
    struct reading *reading = context;
    if (reading->sink->note != NULL)
        reading->sink->note(reading->sink->context, file, text);
}

static struct format_sink sink_of(struct reading *reading)
{
    return (struct format_sink){.certificate = on_certificate, .table = on_table, .fault = on_fault, .note = on_note, .context = reading};
}

bool managed_read_bytes(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err)
{
    struct reading reading = {.options = options, .sink = sink};
    struct format_sink formats = sink_of(&reading);
    struct format_reader reader = {.options = &options->format, .sink = &formats};
    return format_read(&reader, file, bytes, err);
}

bool managed_read_path(const char *path, const struct managed_reader_options *options, const struct managed_sink *sink, struct error *err)
{
    struct reading reading = {.options = options, .sink = sink};
    struct format_sink formats = sink_of(&reading);
    size_t others = 0;
    bool ok = format_read_path(path, &options->format, &formats, &others, err);
    if (ok && others > 0 && sink->note != NULL) {
        char *text = xasprintf("%zu other files hold no certificate", others);
        sink->note(sink->context, path, text);
        free(text);
    }
    return ok;
}
