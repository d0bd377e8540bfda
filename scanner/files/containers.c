/* Containers: archives and compressed files, nested, by libarchive, and never unpacked to disk. An outer file is
 * read through its descriptor and its directory at the end is used; an inner one streams through all layers, except
 * for zip and 7-Zip, which are held in memory up to a limit so that their directories count. */
#include "scanner/files/scanner_parts.h"

#include "inventory/formats/format_parts.h"
#include "probes/base/memory.h"
#include "scanner/files/path_text.h"
#include "scanner/files/tree_marks.h"

#include <archive.h>
#include <archive_entry.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536u
#define SMALL_MAX (16u << 20)   /* of an entry that is kept whole, because it says something of others */
#define TIME_SECONDS_MAX 253402300800   /* the year 10000, before and after 1970 */

struct container {
    struct file_scanner *scanner;
    struct archive *archive;
    struct byte_reader head;                    /* given first, */
    struct source *source;                      /* then what this has */
    struct byte_buffer spool;                   /* all of it, where it must be read from its end */
    uint8_t *chunk;
    const char *why;                            /* the source failed */
    struct found *found;                        /* takes what is wrong with the archive itself */
};

static const char name_too_long[] = "limit: a name of more than 65,535 bytes; that file is not read";

static bool begins(struct byte_reader head, size_t at, const char *magic, size_t len)
{
    return head.left >= at + len && memcmp(head.at + at, magic, len) == 0;
}

static bool wants_end(struct byte_reader head)
{
    return begins(head, 0, "PK\3\4", 4) || begins(head, 0, "7z\xbc\xaf\x27\x1c", 6);
}

/* Most archives begin with a mark; tar has one inside (POSIX), or only a checksum (older: left out, since anything may look like it). */
bool container_is_head(struct byte_reader head)
{
    static const struct {
        const char *magic;
        size_t len, at;
    } marks[] = {
        {"PK\3\4", 4, 0}, {"PK\5\6", 4, 0}, {"\x1f\x8b\x08", 3, 0}, {"\x28\xb5\x2f\xfd", 4, 0}, {"\xfd" "7zXZ", 6, 0}, {"BZh", 3, 0},
        {"7z\xbc\xaf\x27\x1c", 6, 0}, {"ustar", 5, 257}, {"!<arch>\n", 8, 0}, {"\xed\xab\xee\xdb", 4, 0}, {"070701", 6, 0}, {"070707", 6, 0},
        {"CD001", 5, 32769}, {"\x1f\x9d", 2, 0}, {"\x04\x22\x4d\x18", 4, 0},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (begins(head, marks[i].at, marks[i].magic, marks[i].len))
            return true;
    return false;
}

/* ---- bytes for libarchive ---- */

static la_ssize_t on_read(struct archive *archive, void *context, const void **bytes)
{
    struct container *container = context;
    const char *why = NULL;
    (void)archive;
    if (container->head.left > 0) {
        size_t len = container->head.left;
        *bytes = container->head.at;
        container->head.left = 0;
        return (la_ssize_t)len;
    }
    ssize_t got = container->source->read(container->source->context, container->chunk, CHUNK, &why);
    *bytes = container->chunk;
    if (got >= 0)
        return got;
    container->why = why;
    archive_set_error(archive, 5, "%s", why == NULL ? "it cannot be read" : why);
    return -1;
}

/* Reads the whole source into memory; false: it is larger than the limit, and the bytes read are in the spool. */
static bool spool_all(struct container *container)
{
    const char *why = NULL;
    byte_buffer_append(&container->spool, container->head.at, container->head.left);
    for (;;) {
        uint8_t *room = byte_buffer_room(&container->spool, CHUNK);
        ssize_t got = room == NULL ? 0 : container->source->read(container->source->context, room, CHUNK, &why);
        if (got <= 0)
            return room != NULL;
        byte_buffer_added(&container->spool, (size_t)got);
    }
}

/* libarchive takes anything that begins with zeros for an empty tar, a compressed image of a disk, too. Of a source that can be read
 * only once, its front says so. */
static bool begins_with_zeros(struct byte_reader head)
{
    static const uint8_t zeros[512];
    uint8_t bytes[512];
    struct archive_entry *entry;
    struct archive *archive = format_archive_new_raw();
    bool is_so = archive_read_open_memory(archive, head.at, head.left) == ARCHIVE_OK && archive_read_next_header(archive, &entry) == ARCHIVE_OK &&
                 archive_read_data(archive, bytes, sizeof bytes) == (la_ssize_t)sizeof bytes && memcmp(bytes, zeros, sizeof bytes) == 0;
    archive_read_free(archive);
    return is_so;
}

static bool is_empty_tar(const struct container *container, uint64_t entries)
{
    return container->scanner->entries == entries && (archive_format(container->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR &&
           archive_filter_count(container->archive) > 1;
}

static bool open_container(struct container *container, bool is_raw)
{
    int code;
    is_raw = is_raw || (container->source->fd < 0 && !wants_end(container->head) && begins_with_zeros(container->head));
    container->archive = is_raw ? format_archive_new_raw() : format_archive_new();
    if (container->source->fd >= 0 && lseek(container->source->fd, 0, SEEK_SET) == 0) {
        code = archive_read_open_fd(container->archive, container->source->fd, CHUNK);
    } else if (wants_end(container->head) && spool_all(container)) {
        struct byte_reader all = byte_buffer_reader(&container->spool);
        code = archive_read_open_memory(container->archive, all.at, all.left);
    } else {
        if (byte_buffer_len(&container->spool) > 0)
            container->head = byte_buffer_reader(&container->spool);
        container->chunk = xmalloc(CHUNK);
        code = archive_read_open(container->archive, container, NULL, on_read, NULL);
    }
    return code == ARCHIVE_OK;
}

static void close_container(struct container *container)
{
    archive_read_free(container->archive);
    byte_buffer_clear(&container->spool);
    free(container->chunk);
    container->chunk = NULL;
}

/* ---- entries ---- */

struct entry {
    struct container *container;
    struct source source;
};

/* The file that was opened counts, not the archive inside of it: a bomb multiplies from level to level. */
static const char *limit_met(const struct file_scanner *scanner)
{
    if (scanner->entries > SCANNER_ENTRIES_MAX)
        return "limit: more than 5,000,000 entries; the rest is not read";
    if (scanner->unpacked > SCANNER_BYTES_MAX)
        return "limit: it unpacks to more than 64 GiB; the rest is not read";
    if (scanner->packed > 0 && scanner->unpacked > SCANNER_RATIO_FROM && scanner->unpacked / SCANNER_RATIO_MAX > scanner->packed)
        return "limit: it unpacks to more than 1,000 times its size, as a bomb does; the rest is not read";
    return NULL;
}

static ssize_t read_entry(void *context, void *bytes, size_t room, const char **why)
{
    struct entry *entry = context;
    struct file_scanner *scanner = entry->container->scanner;
    *why = limit_met(scanner);
    if (*why != NULL) {
        entry->source.fault = FILE_LIMIT;
        return -1;
    }
    la_ssize_t got = archive_read_data(entry->container->archive, bytes, room);
    if (got > 0)
        scanner->unpacked += (uint64_t)got;
    if (got >= 0)
        return (ssize_t)got;
    bool is_encrypted = archive_read_has_encrypted_entries(entry->container->archive) == 1;
    entry->source.fault = is_encrypted ? FILE_ENCRYPTED : FILE_DAMAGED;
    *why = is_encrypted ? "an encrypted entry of an archive; unpack it first" : "damaged: it cannot be unpacked whole";
    return -1;
}

/* Nested places are named one after the other: "a.jar!b/c.pem". A single compressed file is the place itself. */
static char *inside_of(const struct place *place, const char *name, bool is_raw)
{
    if (is_raw)
        return xstrdup(place->inside);
    char *text = path_text(name, strlen(name));
    const char *at = strncmp(text, "./", 2) == 0 ? text + 2 : text;
    char *inside = place->inside[0] == '\0' ? xstrdup(at) : xasprintf("%s!%s", place->inside, at);
    free(text);
    return inside;
}

static bool look_at_entry(struct container *container, const struct place *place, const char *name, bool is_raw)
{
    struct entry entry = {.container = container};
    entry.source = (struct source){.read = read_entry, .context = &entry, .fd = -1};
    char *inside = inside_of(place, name, is_raw);
    const struct place inner = {.status = place->status, .inside = inside};
    bool ok = true;
    if (strlen(inside) < FILE_PATH_MAX)
        ok = container->scanner->look(container->scanner, &inner, &entry.source);
    else
        found_fault(container->found, FILE_LIMIT, name_too_long);
    free(inside);
    return ok;
}

static const char *name_of(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    return name != NULL ? name : archive_entry_pathname_utf8(entry);
}

static bool is_file(struct archive_entry *entry)
{
    return archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == NULL;
}

/* on_entry() scans one entry; false only for an error of the bundle. Returns whether the archive was read to its
 * end. */
static bool each_entry(struct container *container, struct found *found,
                       bool (*on_entry)(void *context, struct archive_entry *entry, const char *name, bool is_raw), void *context, bool *ok)
{
    struct archive_entry *entry;
    int code;
    container->found = found;
    *ok = true;
    while ((code = archive_read_next_header(container->archive, &entry)) == ARCHIVE_OK || code == ARCHIVE_WARN) {
        bool is_raw = archive_format(container->archive) == ARCHIVE_FORMAT_RAW;
        const char *name = is_raw ? "" : name_of(entry);
        container->scanner->entries++;
        container->scanner->counts.entries++;
        if (limit_met(container->scanner) != NULL) {
            found_fault(found, FILE_LIMIT, limit_met(container->scanner));
            return false;
        }
        if (name != NULL && !(*ok = on_entry(context, entry, name, is_raw)))
            return false;
    }
    if (code == ARCHIVE_EOF)
        return true;
    found_fault(found, container->source->fault == FILE_LIMIT ? FILE_LIMIT : FILE_DAMAGED,
                container->why != NULL ? container->why : "an archive that is damaged: its end could not be read");
    return false;
}

struct inner {
    struct container *container;
    const struct place *place;
    struct image *image;                        /* that this container is; NULL: none as far as seen */
    struct tree_marks *marks;                   /* of its entries; NULL: none was seen, or an image's */
};

/* ---- entries that say something of others ---- */

/* Reads a small entry whole, and looks into it like into any other file, too. */
static bool look_at_small(struct container *container, const struct place *place, void (*take)(void *context, struct byte_reader bytes), void *context)
{
    struct entry entry = {.container = container};
    struct byte_buffer bytes;
    const char *why = NULL;
    ssize_t got = 1;
    entry.source = (struct source){.read = read_entry, .context = &entry, .fd = -1};
    byte_buffer_init(&bytes, SMALL_MAX + CHUNK);
    for (uint8_t *room; got > 0 && (room = byte_buffer_room(&bytes, CHUNK)) != NULL;) {
        got = read_entry(&entry, room, CHUNK, &why);
        byte_buffer_added(&bytes, got > 0 ? (size_t)got : 0);
    }
    if (got == 0 && byte_buffer_len(&bytes) > 0)
        take(context, byte_buffer_reader(&bytes));
    bool ok = true;
    if (strlen(place->inside) < FILE_PATH_MAX)
        ok = scanner_look_at_bytes(container->scanner, place, byte_buffer_reader(&bytes));
    else
        found_fault(container->found, FILE_LIMIT, name_too_long);
    byte_buffer_clear(&bytes);
    return ok;
}

static bool is_small(struct archive_entry *entry, size_t most)
{
    return is_file(entry) && archive_entry_size_is_set(entry) && archive_entry_size(entry) <= (la_int64_t)most;
}

struct list {
    struct tree_marks *marks;
    const char *name;
};

static void take_list(void *context, struct byte_reader bytes)
{
    const struct list *list = context;
    tree_marks_add_list(list->marks, list->name, bytes);
}

static void take_document(void *context, struct byte_reader bytes)
{
    if (bytes.at[0] == '{' || bytes.at[0] == '[')
        image_add_document(context, bytes);
}

/* What is in an archive is marked at its end. */
struct marking {
    const struct tree_marks *marks;
    const char *inside;                         /* of the archive; NULL: its entries are files themselves */
};

static unsigned marks_of(void *context, const char *path, const char *inside)
{
    const struct marking *marking = context;
    size_t len = marking->inside == NULL ? 0 : strlen(marking->inside);
    const char *name = marking->inside == NULL ? path : inside + len + (len > 0);
    bool is_in = marking->inside == NULL || len == 0 || (strncmp(inside, marking->inside, len) == 0 && inside[len] == '!');
    return is_in ? tree_marks_of(marking->marks, name, marking->inside == NULL ? strlen(name) : strcspn(name, "!")) : 0;
}

static bool mark_all(struct file_scanner *scanner, const struct tree_marks *marks, const char *inside, int64_t since)
{
    struct marking marking = {marks, inside};
    bool ok = marks == NULL || bundle_mark_files(scanner->options.writer, since, marks_of, &marking, scanner->err);
    scanner->failed |= !ok;
    return ok;
}

/* ---- an archive in a file ---- */

static bool is_layer(const struct file_scanner *scanner)
{
    return scanner->image != NULL && scanner->depth == image_depth(scanner->image) + 1;
}

/* A tar of an image inside of another image's is an archive like any other. */
static void begin_image(struct inner *inner, const char *name)
{
    struct file_scanner *scanner = inner->container->scanner;
    if (inner->image == NULL && scanner->image == NULL && image_is_entry(name)) {
        inner->image = image_create(inner->place->inside, scanner->depth);
        scanner->image = inner->image;
    }
    if (inner->image != NULL)
        image_begin_entry(inner->image, name);
}

/* NULL: an image's other entries, and archives in its layers, which are what the file in the layer is. */
static struct tree_marks *marks_for(struct inner *inner)
{
    struct file_scanner *scanner = inner->container->scanner;
    if (scanner->image != NULL)
        return is_layer(scanner) ? image_marks(scanner->image) : NULL;
    if (inner->marks == NULL)
        inner->marks = tree_marks_create();
    return inner->marks;
}

static bool on_inner(void *context, struct archive_entry *entry, const char *name, bool is_raw)
{
    struct inner *inner = context;
    struct tree_marks *marks = is_raw ? NULL : marks_for(inner);
    bool is_list = marks != NULL && tree_marks_note(marks, name) && is_small(entry, SMALL_MAX);
    if (!is_raw && is_layer(inner->container->scanner))
        image_note_file(inner->container->scanner->image, name);
    if (!is_raw && !is_file(entry))
        return true;
    if (!is_raw)
        begin_image(inner, name);
    bool is_document = inner->image != NULL && is_small(entry, IMAGE_DOCUMENT_MAX);
    if (!is_list && !is_document)
        return look_at_entry(inner->container, inner->place, name, is_raw);
    struct list list = {marks, name};
    char *inside = inside_of(inner->place, name, false);
    const struct place place = {.status = inner->place->status, .inside = inside};
    bool ok = is_document ? look_at_small(inner->container, &place, take_document, inner->image) : look_at_small(inner->container, &place, take_list, &list);
    free(inside);
    return ok;
}

static bool write_kept(void *context, const struct file_status *status, const char *inside, unsigned marks, struct found *found)
{
    const struct place place = {.status = status, .inside = inside, .marks = marks};
    struct file_scanner *scanner = context;
    return scanner->write(scanner, &place, found);
}

static bool end_image(struct inner *inner)
{
    struct file_scanner *scanner = inner->container->scanner;
    if (inner->image == NULL)
        return true;
    scanner->image = NULL;
    bool ok = image_give(inner->image, write_kept, scanner);
    image_destroy(inner->image);
    return ok;
}

bool container_look(struct file_scanner *scanner, const struct place *place, struct byte_reader head, struct source *source, struct found *found)
{
    struct container container = {.scanner = scanner, .head = head, .source = source};
    struct inner inner = {.container = &container, .place = place};
    bool ok = true;
    if (scanner->depth >= SCANNER_DEPTH_MAX) {
        found_fault(found, FILE_LIMIT, "limit: archives in archives, more than 8 deep; not read");
        return true;
    }
    byte_buffer_init(&container.spool, SCANNER_STORE_MAX);
    scanner->depth++;
    uint64_t entries = scanner->entries, places = scanner->counts.places;
    int64_t since = scanner->image == NULL ? bundle_last_file(scanner->options.writer) : 0;
    bool is_open = open_container(&container, false);
    if (is_open)
        each_entry(&container, found, on_inner, &inner, &ok);
    if (is_open && source->fd >= 0 && is_empty_tar(&container, entries)) {
        close_container(&container);
        byte_buffer_init(&container.spool, SCANNER_STORE_MAX);
        is_open = open_container(&container, true);
        if (is_open)
            each_entry(&container, found, on_inner, &inner, &ok);
    }
    if (!is_open)
        found_fault(found, FILE_DAMAGED, "an archive that cannot be read");
    ok = end_image(&inner) && ok;
    if (ok && scanner->counts.places != places)
        ok = mark_all(scanner, inner.marks, place->inside, since);
    tree_marks_destroy(inner.marks);
    scanner->depth--;
    close_container(&container);
    return ok;
}

/* ---- a whole machine's files as one tar ---- */

struct stream {
    struct container *container;
    struct tar_roots *roots;
    struct place place;                         /* of an image */
    struct inner image;                         /* the stream is one, as soon as it has an image */
    struct tree_marks *marks;
};

static bool is_below(const char *path, const char *root)
{
    size_t len = strlen(root);
    return strncmp(path, root, len) == 0 && (path[len] == '\0' || path[len] == '/' || strcmp(root, "/") == 0);
}

/* tar writes a folder before its contents: a path below no known root begins a new root. */
static void note_root(struct tar_roots *roots, const char *path)
{
    for (size_t i = 0; i < roots->count; i++)
        if (is_below(path, roots->paths[i]))
            return;
    if (roots->count == 1000)
        return;                         /* a list of files: their paths are kept, but no more roots */
    roots->paths = xreallocarray(roots->paths, roots->count + 1, sizeof *roots->paths);
    roots->paths[roots->count++] = path_text(path, strlen(path));
}

static char *absolute(const char *name)
{
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    while (name[0] == '/')
        name++;
    char *path = xasprintf("/%s", strcmp(name, ".") == 0 ? "" : name);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    return path;
}

/* The archive says what it likes: numbers that no file system has are unknown. */
static int64_t id_of(la_int64_t id)
{
    return id >= 0 && id <= UINT32_MAX ? id : -1;
}

static int64_t time_of(struct archive_entry *entry)
{
    int64_t seconds = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : INT64_MIN;
    return seconds > -TIME_SECONDS_MAX && seconds < TIME_SECONDS_MAX ? seconds * 1000000 : INT64_MIN;
}

/* "docker save app:1 | certsweep collect --host registry/app:1 -": the machine is the image, its place standard input. */
static bool is_image(struct stream *stream, struct archive_entry *entry, const char *name)
{
    return stream->image.image != NULL || (is_file(entry) && image_is_only_entry(name));
}

static bool on_stream_entry(void *context, struct archive_entry *entry, const char *name, bool is_raw)
{
    struct stream *stream = context;
    struct container *container = stream->container;
    if (!is_raw && is_image(stream, entry, name)) {
        note_root(stream->roots, stream->place.status->path);
        return on_inner(&stream->image, entry, name, false);
    }
    char *path = absolute(is_raw ? "standard input" : name);
    const struct file_status status = {.path = path,
                                       .mode = is_raw ? -1 : (int)archive_entry_perm(entry) & 07777,
                                       .uid = is_raw ? -1 : id_of(archive_entry_uid(entry)),
                                       .gid = is_raw ? -1 : id_of(archive_entry_gid(entry)),
                                       .size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1,
                                       .modified_us = time_of(entry)};
    const struct place place = {.status = &status, .inside = ""};
    struct list list = {stream->marks, name};
    bool ok = true, is_list = !is_raw && tree_marks_note(stream->marks, name) && is_small(entry, SMALL_MAX);
    note_root(stream->roots, path);
    if (is_raw || is_file(entry)) {
        container->scanner->counts.files++;
        if (is_list && strlen(path) < FILE_PATH_MAX)
            ok = look_at_small(container, &place, take_list, &list);
        else if (strlen(path) < FILE_PATH_MAX)
            ok = look_at_entry(container, &place, "", true);
        else
            found_fault(container->found, FILE_LIMIT, name_too_long);
    }
    free(path);
    return ok;
}

struct stream_source {
    struct file_scanner *scanner;
    int fd;
};

/* The stream may be silent for long, so is_stopped is called meanwhile. */
static ssize_t read_stream(void *context, void *bytes, size_t room, const char **why)
{
    const struct stream_source *stream = context;
    struct pollfd ready = {.fd = stream->fd, .events = POLLIN};
    while (poll(&ready, 1, SCANNER_WAIT_MS) <= 0)
        if (scanner_is_stopped(stream->scanner)) {
            *why = "everything was stopped while it was read";
            return -1;
        }
    ssize_t got = read(stream->fd, bytes, room);
    if (got < 0)
        *why = "standard input cannot be read";
    return got;
}

bool container_stream(struct file_scanner *scanner, const struct file_status *status, int fd, struct tar_roots *roots, struct found *found)
{
    struct stream_source from = {scanner, fd};
    struct source source = {.read = read_stream, .context = &from, .fd = -1};
    struct container container = {.scanner = scanner, .source = &source};
    struct stream stream = {.container = &container, .roots = roots, .place = {.status = status, .inside = ""}};
    stream.image = (struct inner){.container = &container, .place = &stream.place};
    stream.marks = tree_marks_create();
    int64_t since = bundle_last_file(scanner->options.writer);
    bool ok = true;
    byte_buffer_init(&container.spool, SCANNER_STORE_MAX);
    if (open_container(&container, false))
        roots->is_whole = each_entry(&container, found, on_stream_entry, &stream, &ok);
    else
        found_fault(found, FILE_DAMAGED, "it is no archive");
    ok = end_image(&stream.image) && ok && mark_all(scanner, stream.marks, NULL, since);
    tree_marks_destroy(stream.image.marks);
    tree_marks_destroy(stream.marks);
    close_container(&container);
    return ok;
}
