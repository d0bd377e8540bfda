/* Archives: tar, zip, cpio, 7-Zip and single compressed files, by libarchive, from memory into memory. Nothing is written to
 * disk, so a path that leads out of its archive does no harm; it is reported. */
#include "inventory/formats/format_parts.h"

#include "probes/base/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 512                   /* of a workbook: its sheets and a few more */

struct unpacking {
    struct format_reader *reader;
    const char *file;
    struct archive *archive;
    struct xlsx_part *parts;            /* of a workbook; NULL: this is none */
    size_t part_count;
    bool is_workbook;
};

struct archive *format_archive_new_raw(void)
{
    struct archive *archive = archive_read_new();
    archive_read_support_filter_gzip(archive);          /* not _all(): it would run programs */
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_lzma(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_lz4(archive);
    archive_read_support_filter_compress(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    return archive;
}

struct archive *format_archive_new(void)
{
    struct archive *archive = format_archive_new_raw();
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_cpio(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_filter_rpm(archive);
    archive_read_support_format_ar(archive);            /* .deb */
    archive_read_support_format_iso9660(archive);
    return archive;
}

bool format_gunzip(struct byte_reader bytes, struct byte_buffer *out)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    la_ssize_t got = -1;
    uint8_t *room = NULL;
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_raw(archive);
    if (archive_read_open_memory(archive, bytes.at, bytes.left) == ARCHIVE_OK && archive_read_next_header(archive, &entry) == ARCHIVE_OK &&
        archive_filter_count(archive) > 1)
        while ((room = byte_buffer_room(out, 65536)) != NULL && (got = archive_read_data(archive, room, 65536)) > 0)
            byte_buffer_added(out, (size_t)got);
    archive_read_free(archive);
    return room != NULL && got == 0;
}

static struct archive *open_archive(struct byte_reader bytes)
{
    struct archive *archive = format_archive_new();
    if (archive_read_open_memory(archive, bytes.at, bytes.left) == ARCHIVE_OK)
        return archive;
    archive_read_free(archive);
    return NULL;
}

/* NULL, or which limit was reached. The named file counts, not the archive inside of it: a bomb multiplies from
 * level to level. */
static const char *limit_met(const struct format_reader *reader)
{
    if (reader->entries > FORMAT_ENTRIES_MAX)
        return "more than 200,000 entries: the rest is not read";
    if (reader->bytes > FORMAT_BYTES_MAX)
        return "unpacks to more than 4 GiB: the rest is not read";
    if (reader->bytes > FORMAT_RATIO_FROM && reader->bytes / FORMAT_RATIO_MAX > reader->packed)
        return "unpacks to more than 1,000 times its size, as a bomb does: the rest is not read";
    return NULL;
}

/* The entry's bytes. NULL, or what is wrong. */
static const char *take_entry(struct unpacking *unpacking, struct byte_buffer *bytes)
{
    for (;;) {
        const char *limit = limit_met(unpacking->reader);
        uint8_t *room = byte_buffer_room(bytes, 65536);
        if (limit != NULL)
            return limit;
        if (room == NULL)
            return "more than 512 MiB unpacked: not read";
        la_ssize_t got = archive_read_data(unpacking->archive, room, 65536);
        if (got == 0)
            return NULL;
        if (got < 0)
            return archive_read_has_encrypted_entries(unpacking->archive) == 1
                       ? "encrypted; unpack it first"
                       : "damaged: it cannot be unpacked whole";
        byte_buffer_added(bytes, (size_t)got);
        unpacking->reader->bytes += (uint64_t)got;
    }
}

static bool points_out(const char *name)
{
    if (name[0] == '/' || (name[0] != '\0' && name[1] == ':'))
        return true;
    for (const char *at = name; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == name || at[-1] == '/' || at[-1] == '\\') && (at[2] == '\0' || at[2] == '/' || at[2] == '\\'))
            return true;
    return false;
}

static void keep_part(struct unpacking *unpacking, const char *name, struct byte_buffer *bytes)
{
    if (unpacking->part_count == PARTS_MAX)
        return;
    unpacking->parts = xreallocarray(unpacking->parts, unpacking->part_count + 1, sizeof *unpacking->parts);
    unpacking->parts[unpacking->part_count++] = (struct xlsx_part){.name = xstrdup(name), .bytes = *bytes};
    byte_buffer_init(bytes, 0);         /* the part has them */
}

/* False only where everything must end. */
static bool read_entry(struct unpacking *unpacking, const char *name, bool is_raw, struct error *err)
{
    struct format_reader *reader = unpacking->reader;
    struct byte_buffer bytes;
    char *inside = is_raw ? xstrdup(unpacking->file) : xasprintf("%s!%s", unpacking->file, name);
    byte_buffer_init(&bytes, FORMAT_ENTRY_MAX);
    const char *fault = take_entry(unpacking, &bytes);
    bool ok = true;
    if (!is_raw && points_out(name))
        reader->sink->note(reader->sink->context, inside, "its name points out of the archive; it was read in memory only");
    if (fault != NULL)
        reader->sink->fault(reader->sink->context, inside, 0, fault);
    else if (unpacking->is_workbook)
        keep_part(unpacking, name, &bytes);
    else if (is_raw)
        ok = reader->read(reader, inside, byte_buffer_reader(&bytes), err);
    else
        ok = reader->read_inner(reader, inside, byte_buffer_reader(&bytes), err);
    byte_buffer_clear(&bytes);
    free(inside);
    return ok;
}

/* A workbook is a zip with certain parts; the first of them is [Content_Types].xml (ECMA-376, part 2). */
static bool is_workbook(struct byte_reader bytes)
{
    return bytes.left > 30 && memcmp(bytes.at, "PK\3\4", 4) == 0 && memmem(bytes.at, bytes.left, "[Content_Types].xml", 19) != NULL &&
           memmem(bytes.at, bytes.left, "xl/workbook.", 12) != NULL;
}

static bool read_entries(struct unpacking *unpacking, struct error *err)
{
    struct archive_entry *entry;
    struct format_reader *reader = unpacking->reader;
    size_t files = 0;
    int code;
    while ((code = archive_read_next_header(unpacking->archive, &entry)) == ARCHIVE_OK || code == ARCHIVE_WARN) {
        const char *name = archive_entry_pathname(entry);
        bool is_raw = archive_format(unpacking->archive) == ARCHIVE_FORMAT_RAW;
        reader->entries++;
        if (limit_met(reader) != NULL) {
            reader->sink->fault(reader->sink->context, unpacking->file, 0, limit_met(reader));
            return true;
        }
        if (name == NULL || (!is_raw && archive_entry_filetype(entry) != AE_IFREG) || (unpacking->is_workbook && !xlsx_wants_part(name)))
            continue;
        files++;
        if (!read_entry(unpacking, name, is_raw, err))
            return false;
        if (limit_met(reader) != NULL)
            return true;                /* reported with the entry */
    }
    if (code != ARCHIVE_EOF && files > 0)
        reader->sink->fault(reader->sink->context, unpacking->file, 0, "the archive is damaged: its end could not be read");
    else if (code != ARCHIVE_EOF)
        return error_set(err, ERROR_INPUT, "%s: an archive that cannot be read: %s", unpacking->file,
                         archive_error_string(unpacking->archive) == NULL ? "damaged" : archive_error_string(unpacking->archive));
    return true;
}

bool archive_file_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err)
{
    struct unpacking unpacking = {.reader = reader, .file = file, .is_workbook = is_workbook(bytes)};
    if (reader->depth >= FORMAT_DEPTH_MAX)
        return error_set(err, ERROR_INPUT, "%s: archives in archives, more than %d deep: not read", file, FORMAT_DEPTH_MAX);
    unpacking.archive = open_archive(bytes);
    if (unpacking.archive == NULL)
        return error_set(err, ERROR_INPUT, "%s: an archive that cannot be read", file);
    reader->depth++;
    bool ok = read_entries(&unpacking, err);
    archive_read_free(unpacking.archive);
    if (ok && unpacking.is_workbook)
        ok = xlsx_read(reader, file, unpacking.parts, unpacking.part_count, err);
    reader->depth--;
    for (size_t i = 0; i < unpacking.part_count; i++) {
        free(unpacking.parts[i].name);
        byte_buffer_clear(&unpacking.parts[i].bytes);
    }
    free(unpacking.parts);
    return ok;
}
