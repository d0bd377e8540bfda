#include "inventory/managed/reader.h"

#include "inventory/managed/record_certificate.h"
#include "inventory/managed/table.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Programs whose folders were read, by the names that format.h gives them. */
struct kept {
    const char *name;
    size_t count, renewed;              /* certificates that are no CA's */
};

struct reading {
    const struct managed_reader_options *options;
    const struct managed_sink *sink;
    struct kept kept[4], *now;          /* now: what keeps the certificates that are given; NULL: none of them */
    bool renews;
};

static void on_renewer(void *context, const char *name, bool renews)
{
    struct reading *reading = context;
    reading->now = NULL;
    reading->renews = renews;
    for (size_t i = 0; name != NULL && reading->now == NULL && i < sizeof reading->kept / sizeof *reading->kept; i++)
        if (reading->kept[i].name == NULL || strcmp(reading->kept[i].name, name) == 0)
            reading->now = &reading->kept[i];
    if (reading->now != NULL)
        reading->now->name = name;
}

static void on_record(void *context, struct managed_record *record)
{
    struct reading *reading = context;
    if (reading->now != NULL && record->type != TYPE_CA) {
        record->auto_renewal = xstrdup(reading->renews ? "true" : "false");
        reading->now->count++;
        reading->now->renewed += reading->renews;
    }
    reading->sink->record(reading->sink->context, record);
}

static void on_fault(void *context, const char *file, size_t line, const char *text);

static void on_certificate(void *context, const char *file, size_t line, const uint8_t *der, size_t len)
{
    const struct managed_sink sink = {.record = on_record, .fault = on_fault, .context = context};
    managed_read_certificate(file, line, der, len, &sink);
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
    return (struct format_sink){.certificate = on_certificate, .table = on_table, .fault = on_fault, .note = on_note, .renewer = on_renewer,
                                .context = reading};
}

/* The program is the profile of what it keeps. */
static void tell_kept(const struct reading *reading, const char *path)
{
    for (size_t i = 0; i < sizeof reading->kept / sizeof *reading->kept && reading->kept[i].count > 0; i++) {
        const struct kept *kept = &reading->kept[i];
        if (reading->sink->story != NULL)
            reading->sink->story(reading->sink->context, &(struct managed_story){.file = path, .profile = kept->name, .contacts = "", .unused = "",
                                                                                 .rows = kept->count});
        if (reading->sink->note == NULL)
            continue;
        char *text = xasprintf("%s renews %zu of the %zu certificates read", kept->name, kept->renewed, kept->count);
        reading->sink->note(reading->sink->context, path, text);
        free(text);
    }
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
    tell_kept(&reading, path);
    if (ok && others > 0 && sink->note != NULL) {
        char *text = xasprintf("%zu other files hold no certificate", others);
        sink->note(sink->context, path, text);
        free(text);
    }
    return ok;
}
