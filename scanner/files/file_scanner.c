#include "scanner/files/scanner_parts.h"

#include "inventory/formats/candidates.h"
#include "inventory/formats/config_uses.h"
#include "inventory/formats/der_shapes.h"
#include "inventory/formats/format_parts.h"
#include "probes/base/clock.h"
#include "probes/base/libarchive.h"
#include "probes/base/memory.h"
#include "scanner/files/mail_parts.h"
#include "scanner/files/nss_store.h"
#include "scanner/files/path_text.h"
#include "scanner/files/registry_hive.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES   65536u
#define WINDOW       (8u << 20)
#define OVERLAP      (2u << 20)         /* overlap of two windows: what begins in one ends in it or in the next */
#define TAIL         64u                /* overlap of two chunks: as far as a candidate may reach back or ahead */
#define TRUST_STORE  10                 /* CA certificates; more are a trust store */

void file_scanner_destroy(struct file_scanner *scanner)
{
    if (scanner == NULL)
        return;
    for (int i = 0; i <= SCANNER_DEPTH_MAX; i++)
        byte_buffer_clear(&scanner->buffers[i]);
    free(scanner);
}

const struct scanner_counts *file_scanner_counts(const struct file_scanner *scanner)
{
    return &scanner->counts;
}

/* ---- what is written ---- */

static void count_found(struct file_scanner *scanner, const struct found *found)
{
    scanner->counts.places += found_anything(found);
    scanner->counts.certificates += found->certificate_count;
    scanner->counts.keys += found->key_count;
    scanner->counts.uses += found->use_count;
    scanner->counts.faults += found->outcome != FILE_READ;
    scanner->counts.unreadable += found->outcome == FILE_UNREADABLE;
}

static void tell_fault(struct file_scanner *scanner, const char *path, const char *inside, const char *detail)
{
    char *name = inside[0] == '\0' ? xstrdup(path) : xasprintf("%s!%s", path, inside);
    if (scanner->options.on_fault != NULL)
        scanner->options.on_fault(scanner->options.context, name, detail);
    free(name);
}

static bool has_private_key(const struct found *found)
{
    for (size_t i = 0; i < found->key_count; i++)
        if (found->keys[i].kind == FILE_KEY_PRIVATE)
            return true;
    return false;
}

static bool write_found(struct file_scanner *scanner, const struct place *place, struct found *found)
{
    const struct file_status *status = place->status;
    if (!found_anything(found) && found->outcome == FILE_READ)
        return true;
    if (scanner->image != NULL && image_keep(scanner->image, status, place->inside, found))
        return true;
    unsigned marks = status->marks | place->marks;
    if (found->ca_count > TRUST_STORE && !has_private_key(found))
        marks |= FILE_MARK_TRUST_STORE;
    if (strcmp(found->kind, "program") == 0)
        marks |= FILE_MARK_PROGRAM;
    char *path = path_text(status->path, strlen(status->path));
    const struct file_reading reading = {.time_us = clock_utc_us(),
                                         .host = scanner->options.host,
                                         .path = path,
                                         .inside = place->inside,
                                         .kind = found->kind[0] != '\0' ? found->kind : found->use_count > 0 ? "configuration" : "",
                                         .outcome = found->outcome,
                                         .detail = found->is_full ? "more than 200,000 certificates or keys: the rest is not kept" : found->detail,
                                         .size = status->size,
                                         .modified_us = status->modified_us,
                                         .mode = status->mode,
                                         .uid = status->uid,
                                         .gid = status->gid,
                                         .marks = marks,
                                         .certificates = found->certificates,
                                         .certificate_count = found->certificate_count,
                                         .keys = found->keys,
                                         .key_count = found->key_count,
                                         .uses = found->uses,
                                         .use_count = found->use_count};
    if (found->outcome != FILE_READ)
        tell_fault(scanner, path, place->inside, found->detail);
    count_found(scanner, found);
    bool ok = bundle_add_file(scanner->options.writer, &reading, scanner->err);
    scanner->failed |= !ok;
    free(path);
    return ok;
}

/* ---- what it is ---- */

static bool begins(struct byte_reader bytes, const char *magic, size_t len)
{
    return bytes.left >= len && memcmp(bytes.at, magic, len) == 0;
}

static bool is_program(struct byte_reader head)
{
    return begins(head, "\x7f" "ELF", 4) || begins(head, "MZ", 2) || begins(head, "\xca\xfe\xba\xbe", 4) || begins(head, "\xcf\xfa\xed\xfe", 4) ||
           begins(head, "\xce\xfa\xed\xfe", 4) || begins(head, "dex\n", 4);
}

static const char *bare_kind(struct byte_reader head)
{
    if (is_program(head))
        return "program";
    if (begins(head, "regf", 4))
        return "registry";              /* a hive that libhivex does not read: its certificate stores hold plain DER */
    if (head.left > 15 && head.at[0] == 0x30 && memmem(head.at, 20 < head.left ? 20 : head.left, "\x2a\x86\x48\x86\xf7\x0d\x01\x07", 8) != NULL)
        return "pkcs7";
    return "der";
}

/* Files that only another tool can open, and its command. */
static const char *export_first(const char *name, struct byte_reader head)
{
    static const struct {
        const char *magic, *advice;
        size_t at, len;
    } kinds[] = {
        {"kych", "a keychain of macOS; export it first: security export -t certs -f pemseq -k FILE", 0, 4},
        {"\x53\xef", "a disk image (ext4); mount it read-only and name the mount", 0x438, 2},
        {"hsqs", "a disk image (squashfs); mount it read-only and name the mount", 0, 4},
        {"QFI\xfb", "a disk image (qcow2); mount it read-only and name the mount", 0, 4},
        {"KDMV", "a disk image (VMDK); mount it read-only and name the mount", 0, 4},
        {"conectix", "a disk image (VHD); mount it read-only and name the mount", 0, 8},
        {"vhdxfile", "a disk image (VHDX); mount it read-only and name the mount", 0, 8},
    };
    const char *base = strrchr(name, '/') == NULL ? name : strrchr(name, '/') + 1;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (head.left >= kinds[i].at + kinds[i].len && memcmp(head.at + kinds[i].at, kinds[i].magic, kinds[i].len) == 0)
            return kinds[i].advice;
    if (strcmp(base, "cert8.db") == 0)
        return "a store of old NSS (cert8.db); export it first: certutil -L -d dbm:FOLDER, then -n NAME -a of each";
    size_t len = strlen(base);
    if ((len > 6 && strcmp(base + len - 6, ".bcfks") == 0) || (len > 4 && strcmp(base + len - 4, ".bks") == 0))
        return "a store of Bouncy Castle; export it first: keytool -importkeystore -srckeystore FILE -srcstoretype BCFKS -deststoretype PKCS12";
    return NULL;
}

/* ---- key stores, by inventory/formats ---- */

struct store {
    struct found *found;
    const char *kind;
};

static void on_certificate(void *context, const char *file, size_t line, const uint8_t *der, size_t len)
{
    struct store *store = context;
    (void)file;
    (void)line;
    found_add_certificate(store->found, byte_reader_of(der, len), -1, store->kind);
}

static void on_label(void *context, const char *label)
{
    const struct store *store = context;
    found_label(store->found, label);
}

static void on_key(void *context, const char *file, const struct private_key *key)
{
    struct store *store = context;
    (void)file;
    found_add_key(store->found, FILE_KEY_PRIVATE, key, -1);
    found_name_kind(store->found, store->kind);
}

static bool on_table(void *context, const char *file, const struct table *table, struct error *err)
{
    (void)context;
    (void)file;
    (void)table;
    (void)err;
    return true;
}

static void on_store_fault(void *context, const char *file, size_t line, const char *text)
{
    struct store *store = context;
    (void)file;
    (void)line;
    found_fault(store->found, FILE_DAMAGED, text);
}

static void on_note(void *context, const char *file, const char *text)
{
    (void)context;
    (void)file;
    (void)text;
}

static bool is_pkcs12(struct byte_reader bytes)
{
    if (bytes.left < 20 || bytes.at[0] != 0x30)
        return false;
    size_t at = bytes.at[1] == 0x80 ? 2 : (bytes.at[1] & 0x80) == 0 ? 2 : 2u + (bytes.at[1] & 0x7fu);
    return at < 8 && bytes.left > at + 5 && memcmp(bytes.at + at, "\x02\x01\x03\x30", 4) == 0;
}

static bool read_store(struct file_scanner *scanner, const char *name, struct byte_reader bytes, struct found *found, struct error *err)
{
    bool is_java = begins(bytes, "\xfe\xed\xfe\xed", 4), is_p12 = is_pkcs12(bytes);
    struct store store = {.found = found, .kind = is_p12 ? "pkcs12" : is_java ? "jks" : "jceks"};
    const struct format_sink sink = {.certificate = on_certificate, .label = on_label, .key = on_key, .table = on_table, .fault = on_store_fault,
                                     .note = on_note, .context = &store};
    struct format_reader reader = {.options = &scanner->options.formats, .sink = &sink};
    bool ok = is_p12 ? pkcs12_read(&reader, name, bytes, err) : jks_read(&reader, name, bytes, err);
    if (!ok && !reader.has_keys_only)
        found_name_kind(found, store.kind);
    return ok || reader.has_keys_only;
}

/* In the midst of other bytes: what is damaged is none, most likely. */
static void on_store_inside(struct found *found, struct byte_reader bytes, void *context)
{
    static const char name[] = "a store inside";
    struct error err = {0};
    enum file_outcome outcome = found->outcome;
    if (read_store(context, name, bytes, found, &err))
        return;
    found->outcome = outcome;
    if (strstr(err.text, "passwords") != NULL)
        found_fault(found, FILE_ENCRYPTED, err.text + sizeof name + 1);
}

/* True if it is a key store; its contents are added to found. */
static bool look_at_store(struct file_scanner *scanner, const struct place *place, struct byte_reader bytes, struct found *found)
{
    bool is_java = begins(bytes, "\xfe\xed\xfe\xed", 4), is_jceks = begins(bytes, "\xce\xce\xce\xce", 4), is_p12 = is_pkcs12(bytes);
    if (nss_store_is(bytes)) {
        nss_store_read(bytes, found);
        return true;
    }
    if (!is_java && !is_jceks && !is_p12)
        return false;
    struct error err = {0};
    const char *name = place->inside[0] == '\0' ? place->status->path : place->inside;
    if (!read_store(scanner, name, bytes, found, &err)) {
        const char *why = strncmp(err.text, name, strlen(name)) == 0 ? err.text + strlen(name) + 2 : err.text;
        found_fault(found, is_p12 && strstr(err.text, "passwords") != NULL ? FILE_ENCRYPTED : FILE_DAMAGED, why);
    }
    return true;
}

/* ---- all of it in memory ---- */

static void on_use(void *context, const struct config_use *use)
{
    found_add_use(context, use->service, use->directive, use->path, use->line);
}

/* A key or a request alone in a file of DER. */
static void look_at_front(struct byte_reader bytes, struct found *found)
{
    struct private_key key;
    struct byte_reader spki;
    if (bytes.left < 32 || bytes.at[0] != 0x30 || found_anything(found))
        return;
    if (der_is_request(bytes, &spki)) {
        struct private_key request = {.has_spki = true};
        EVP_Digest(spki.at, spki.left, request.spki_sha256, NULL, EVP_sha256(), NULL);
        found_add_key(found, FILE_KEY_REQUEST, &request, 0);
        found_name_kind(found, "request");
    } else if (private_key_read(bytes, &key) && (!key.is_encrypted || bytes.left < 65536)) {
        found_add_key(found, FILE_KEY_PRIVATE, &key, 0);
        found_name_kind(found, "key");
    }
}

/* One of our own bundles contains certificates of other places. */
static bool is_own_bundle(struct byte_reader bytes)
{
    return begins(bytes, "SQLite format 3", 16) && bytes.left > 72 && memcmp(bytes.at + 68, "CSWP", 4) == 0;
}

static void look_at_whole(struct file_scanner *scanner, const struct place *place, struct byte_reader bytes, struct found *found)
{
    const char *name = place->inside[0] == '\0' ? place->status->path : place->inside;
    if (is_own_bundle(bytes) || look_at_store(scanner, place, bytes, found) || (registry_hive_is(bytes) && registry_hive_read(bytes, found) && found_anything(found)))
        return;
    found_scan(found, bytes, 0, bare_kind(bytes));
    look_at_front(bytes, found);
    if (config_uses_may_be(name))
        config_uses_each(name, bytes, on_use, found);
}

/* ---- pieces ---- */

/* Fills the buffer up to size. False: reading failed, which found records. *end: nothing follows. */
static bool fill(struct file_scanner *scanner, struct source *source, struct byte_buffer *buffer, size_t size, bool *end, struct found *found)
{
    const char *why = NULL;
    *end = false;
    while (byte_buffer_len(buffer) < size) {
        if (source->size != 0 && scanner->depth == 0 && byte_buffer_len(buffer) == source->size && source->fd >= 0) {
            *end = true;                /* whether it changed since is seen by its time and size */
            return true;
        }
        if (scanner_is_stopped(scanner)) {
            found_fault(found, FILE_UNREADABLE, "everything was stopped while it was read");
            return false;
        }
        size_t room = size - byte_buffer_len(buffer);
        ssize_t got = source->read(source->context, byte_buffer_room(buffer, room), room, &why);
        if (got < 0) {
            found_fault(found, source->fault == 0 ? FILE_DAMAGED : (enum file_outcome)source->fault, why == NULL ? "it cannot be read" : why);
            return false;
        }
        if (got == 0) {
            *end = true;
            return true;
        }
        byte_buffer_added(buffer, (size_t)got);
        scanner->counts.bytes += (uint64_t)got;
    }
    return true;
}

/* The filter reads a chunk while it is still in the CPU cache, and a chunk without candidates is dropped. At the
 * first candidate a window is filled that has room for what begins there. */
static void look_through(struct file_scanner *scanner, struct byte_buffer *buffer, struct source *source, struct found *found)
{
    int64_t base = 0;
    bool end = false, ok = true;
    const char *kind = bare_kind(byte_buffer_reader(buffer));
    while (ok && !end) {
        size_t at, used;
        ok = fill(scanner, source, buffer, SCANNER_WHOLE_MAX, &end, found);
        struct byte_reader chunk = byte_buffer_reader(buffer);
        if (candidate_next(chunk, 0, &at) == CANDIDATE_NONE) {
            used = end || !ok || chunk.left < TAIL ? chunk.left : chunk.left - TAIL;
        } else {
            used = at < TAIL ? 0 : at - TAIL;           /* a candidate may look back a little */
            byte_buffer_consume(buffer, used);
            base += (int64_t)used;
            ok = ok && (end || fill(scanner, source, buffer, WINDOW, &end, found));
            chunk = byte_buffer_reader(buffer);
            found_scan(found, chunk, base, kind);
            used = end || !ok || chunk.left <= OVERLAP ? chunk.left : chunk.left - OVERLAP;
        }
        byte_buffer_consume(buffer, used);
        base += (int64_t)used;
    }
}

static size_t wanted_whole(struct byte_reader head)
{
    bool is_store = begins(head, "\xfe\xed\xfe\xed", 4) || begins(head, "\xce\xce\xce\xce", 4) || begins(head, "SQLite format 3", 16) ||
        registry_hive_is(head) || is_pkcs12(head);
    return is_store ? SCANNER_STORE_MAX : SCANNER_WHOLE_MAX;
}

static bool look(struct file_scanner *scanner, const struct place *place, struct source *source)
{
    struct found found;
    struct byte_buffer *buffer = &scanner->buffers[scanner->depth];
    bool end, ok = true;
    found_init(&found);
    found.on_store = on_store_inside;
    found.context = scanner;
    byte_buffer_consume(buffer, byte_buffer_len(buffer));
    if (fill(scanner, source, buffer, HEAD_BYTES, &end, &found)) {
        struct byte_reader head = byte_buffer_reader(buffer);
        const char *export = export_first(place->inside[0] == '\0' ? place->status->path : place->inside, head);
        if (container_is_head(head)) {
            ok = container_look(scanner, place, head, source, &found);
        } else if (mail_is_head(head)) {
            ok = mail_look(scanner, place, head, source, &found);
        } else {
            size_t whole = wanted_whole(head);
            if (!end)
                fill(scanner, source, buffer, whole, &end, &found);
            if (end || found.outcome != FILE_READ)
                look_at_whole(scanner, place, byte_buffer_reader(buffer), &found);
            else if (!is_own_bundle(byte_buffer_reader(buffer)))
                look_through(scanner, buffer, source, &found);
        }
        if (export != NULL)
            found_fault(&found, FILE_EXPORT_FIRST, export);
    }
    ok = ok && write_found(scanner, place, &found);
    found_clear(&found);
    return ok;
}

/* ---- files ---- */

void file_scanner_prepare(void)
{
    libarchive_load();
    mail_prepare();
    registry_hive_prepare();
}

struct file_scanner *file_scanner_create(const struct file_scanner_options *options)
{
    struct file_scanner *scanner = xcalloc(1, sizeof *scanner);
    scanner->options = *options;
    scanner->look = look;
    scanner->write = write_found;
    return scanner;
}

static ssize_t read_fd(void *context, void *bytes, size_t room, const char **why)
{
    const int *fd = context;
    ssize_t got;
    while ((got = read(*fd, bytes, room)) < 0 && errno == EINTR)
        continue;
    if (got < 0)
        *why = strerror(errno);
    return got;
}

static int64_t time_us(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

/* The limits count from here. */
static void begin(struct file_scanner *scanner, uint64_t packed)
{
    scanner->packed = packed;
    scanner->unpacked = scanner->entries = 0;
    scanner->depth = 0;
}

bool scanner_look_at_one(struct file_scanner *scanner, const struct place *place, struct source *source, uint64_t packed)
{
    begin(scanner, packed);
    return look(scanner, place, source);
}

/* A small file in which nothing was found was read by one call, and is not asked again. */
static bool may_be_mixed(const struct file_scanner *scanner, const struct scanner_counts *before, const struct file_status *status)
{
    return status->size > HEAD_BYTES || scanner->counts.places != before->places || scanner->counts.faults != before->faults;
}

/* Whoever writes may keep the size and set the time of modification back, but not that of the inode. */
static bool has_changed(int fd, const struct file_status *status)
{
    struct stat after;
    return fstat(fd, &after) == 0 && (after.st_size != status->size || time_us(&after.st_mtim) != status->modified_us ||
                                      (status->changed_us != 0 && time_us(&after.st_ctim) != status->changed_us));
}

bool file_scanner_file(struct file_scanner *scanner, const struct file_status *status, int fd, struct error *err)
{
    struct source source = {.read = read_fd, .context = &fd, .fd = fd, .fault = FILE_UNREADABLE, .size = status->size < 0 ? 0 : (uint64_t)status->size};
    const struct place place = {.status = status, .inside = ""};
    const struct scanner_counts before = scanner->counts;
    scanner->err = err;
    scanner->counts.files++;
    bool ok = scanner_look_at_one(scanner, &place, &source, source.size);
    if (ok && may_be_mixed(scanner, &before, status) && has_changed(fd, status))
        ok = file_scanner_tell(scanner, status, FILE_CHANGED, "it changed while it was read; what was found of it may be of both", err);
    return ok;
}

/* ---- an image as a folder ---- */

/* What says how the image is made: JSON, and small. */
static void add_document(struct image *image, int fd, size_t size)
{
    uint8_t *bytes = xmalloc(size);
    if (pread(fd, bytes, size, 0) == (ssize_t)size && bytes[0] == '{')
        image_add_document(image, byte_reader_of(bytes, size));
    free(bytes);
}

static bool look_at_blob(struct file_scanner *scanner, const struct place *place, int fd)
{
    struct stat now;
    if (fstat(fd, &now) != 0)
        return true;
    struct source source = {.read = read_fd, .context = &fd, .fd = fd, .fault = FILE_UNREADABLE, .size = (uint64_t)now.st_size};
    scanner->counts.files++;
    image_begin_entry(scanner->image, place->inside);
    if (now.st_size > 0 && now.st_size <= (off_t)IMAGE_DOCUMENT_MAX)
        add_document(scanner->image, fd, (size_t)now.st_size);
    return scanner_look_at_one(scanner, place, &source, source.size);
}

static bool write_kept(void *context, const struct file_status *status, const char *inside, unsigned marks, struct found *found)
{
    const struct place place = {.status = status, .inside = inside, .marks = marks};
    return write_found(context, &place, found);
}

bool file_scanner_layout(struct file_scanner *scanner, const struct file_status *status, const char *const *names, const int *fds, unsigned count,
                         struct error *err)
{
    struct image *image = image_create("", 0);
    bool ok = true;
    scanner->err = err;
    scanner->image = image;
    for (unsigned i = 0; i < count && ok && !scanner_is_stopped(scanner); i++) {
        const struct place place = {.status = status, .inside = names[i]};
        ok = look_at_blob(scanner, &place, fds[i]);
    }
    scanner->image = NULL;
    ok = ok && image_give(image, write_kept, scanner);
    image_destroy(image);
    return ok;
}

bool file_scanner_tell(struct file_scanner *scanner, const struct file_status *status, enum file_outcome outcome, const char *detail,
                       struct error *err)
{
    const struct place place = {.status = status, .inside = ""};
    struct found found;
    scanner->err = err;
    found_init(&found);
    found_fault(&found, outcome, detail);
    bool ok = write_found(scanner, &place, &found);
    found_clear(&found);
    return ok;
}

bool file_scanner_stream(struct file_scanner *scanner, int fd, struct tar_roots *roots, struct error *err)
{
    static const struct file_status status = {.path = "/standard input", .mode = -1, .uid = -1, .gid = -1, .size = -1, .modified_us = INT64_MIN};
    struct found found;
    *roots = (struct tar_roots){0};
    scanner->err = err;
    begin(scanner, 0);
    found_init(&found);
    bool ok = container_stream(scanner, &status, fd, roots, &found);
    if (ok && found.outcome != FILE_READ)
        ok = file_scanner_tell(scanner, &status, found.outcome, found.detail, err);
    found_clear(&found);
    return ok;
}
