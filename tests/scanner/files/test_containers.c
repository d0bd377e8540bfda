/* What holds files and stores: archives and packages of every kind in each other, images with layers, mail, stores inside of other files.
 * Each is made here by the library that people make it with. */
#include "inventory/bundle/bundle_reader.h"
#include "scanner/files/file_scanner.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/bundle/bundle_fixture.h"
#include "tests/inventory/cert_fixture.h"
#include "tests/scanner/files/gzip_quine.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <hivex.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

static struct made_cert *made;
static char *folder, *path, *pem;
static struct byte_reader store;        /* PKCS#12, password "changeit" */

/* ---- what is scanned, and what was found ---- */

static char readings[65536];            /* a line each: inside kind outcome certificates keys labels */
static bool with_paths;                 /* before each line */
static unsigned marks;                  /* of all readings */
static bool sets_time_back;              /* whoever writes, while the file is read */

static bool on_file(void *context, const struct bundle_file *row)
{
    const struct file_reading *r = &row->reading;
    size_t len = strlen(readings);
    (void)context;
    marks |= r->marks;
    snprintf(readings + len, sizeof readings - len, "%s%s%s|%s|%d|%zu|%zu|%s\n", with_paths ? r->path : "", with_paths ? "|" : "", r->inside, r->kind, (int)r->outcome, r->certificate_count, r->key_count,
             r->certificate_count > 0 ? r->certificates[0].label : "");
    return true;
}

static void read_back(void)
{
    struct error err = {0};
    struct bundle_reader *reader = bundle_reader_open(path, &err);
    readings[0] = '\0';
    marks = 0;
    if (reader == NULL || !bundle_reader_check(reader, NULL, &err) || !bundle_read_files(reader, 0, -1, on_file, NULL, &err))
        fail_msg("%s", err.text);
    bundle_reader_close(reader);
    unlink(path);
}

static void scan_as(const char *name, struct byte_reader bytes, int64_t size)
{
    struct error err = {0};
    const struct bundle_head head = fixture_head(BUNDLE_FILES, "", 0);
    int fd = memfd_create("file", MFD_CLOEXEC);
    struct stat status;
    assert_int_equal(write(fd, bytes.at, bytes.left), (ssize_t)bytes.left);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(fstat(fd, &status), 0);
    const struct file_scanner_options options = {.writer = bundle_create(path, &head, &err), .host = "web1"};
    const struct file_status told = {.path = name, .mode = 0644, .size = size, .modified_us = status.st_mtim.tv_sec * INT64_C(1000000) + status.st_mtim.tv_nsec / 1000,
                                     .changed_us = status.st_ctim.tv_sec * INT64_C(1000000) + status.st_ctim.tv_nsec / 1000};
    struct file_scanner *scanner = file_scanner_create(&options);
    if (sets_time_back) {
        const struct timespec times[2] = {status.st_atim, status.st_mtim};
        do {                                /* until the clock of the file system has moved */
            assert_int_equal(pwrite(fd, "-", 1, 0), 1);
            assert_int_equal(futimens(fd, times), 0);
            assert_int_equal(fstat(fd, &status), 0);
        } while (status.st_ctim.tv_sec * INT64_C(1000000) + status.st_ctim.tv_nsec / 1000 == told.changed_us);
    }
    if (options.writer == NULL || !file_scanner_file(scanner, &told, fd, &err) || !bundle_seal(options.writer, &err))
        fail_msg("%s", err.text);
    file_scanner_destroy(scanner);
    close(fd);
    read_back();
}

/* As standard input. Afterwards readings have the paths, too. */
static void scan_stream(struct byte_reader bytes)
{
    struct error err = {0};
    struct tar_roots roots;
    const struct bundle_head head = fixture_head(BUNDLE_FILES, "", 0);
    int fd = memfd_create("stream", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes.at, bytes.left), (ssize_t)bytes.left);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    const struct file_scanner_options options = {.writer = bundle_create(path, &head, &err), .host = "web1"};
    struct file_scanner *scanner = file_scanner_create(&options);
    if (options.writer == NULL || !file_scanner_stream(scanner, fd, &roots, &err) || !bundle_seal(options.writer, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < roots.count; i++)
        free(roots.paths[i]);
    free(roots.paths);
    file_scanner_destroy(scanner);
    close(fd);
    with_paths = true;
    read_back();
    with_paths = false;
}

static void scan(struct byte_reader bytes)
{
    scan_as("/srv/file", bytes, (int64_t)bytes.left);
}

static void has(const char *line)
{
    if (strstr(readings, line) == NULL)
        fail_msg("expected %s in\n%s", line, readings);
}

/* ---- archives ---- */

struct part {
    const char *name;
    struct byte_reader bytes;
};

static struct byte_reader text_of(const char *text)
{
    return byte_reader_of(text, strlen(text));
}

static struct byte_reader buffer_take(struct byte_buffer *buffer)
{
    return byte_buffer_reader(buffer);
}

static la_ssize_t on_write(struct archive *archive, void *context, const void *bytes, size_t len)
{
    (void)archive;
    byte_buffer_append(context, bytes, len);
    return (la_ssize_t)len;
}

/* free((void *)bytes.at). */
static struct byte_reader pack(int (*format)(struct archive *), int (*filter)(struct archive *), const struct part *parts, size_t count)
{
    struct byte_buffer out;
    struct archive *archive = archive_write_new();
    byte_buffer_init(&out, 0);
    assert_int_equal(format(archive), ARCHIVE_OK);
    if (filter != NULL)
        assert_int_equal(filter(archive), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(archive, 1);
    assert_int_equal(archive_write_open(archive, &out, NULL, on_write, NULL), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, parts[i].name);
        archive_entry_set_size(entry, (la_int64_t)parts[i].bytes.left);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, parts[i].bytes.at, parts[i].bytes.left), parts[i].bytes.left);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return buffer_take(&out);
}

static void release(struct byte_reader bytes)
{
    free((void *)(uintptr_t)bytes.at);
}

static void archives_of_every_kind_are_read(void **state)
{
    static const struct {
        int (*format)(struct archive *), (*filter)(struct archive *);
    } kinds[] = {
        {archive_write_set_format_zip, NULL},     {archive_write_set_format_7zip, NULL},         {archive_write_set_format_iso9660, NULL},
        {archive_write_set_format_cpio_newc, NULL}, {archive_write_set_format_ustar, NULL},       {archive_write_set_format_pax, archive_write_add_filter_zstd},
        {archive_write_set_format_ustar, archive_write_add_filter_xz}, {archive_write_set_format_cpio_newc, archive_write_add_filter_gzip},
        {archive_write_set_format_ustar, archive_write_add_filter_bzip2}, {archive_write_set_format_ustar, archive_write_add_filter_lz4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct byte_reader bytes = pack(kinds[i].format, kinds[i].filter, &(struct part){"a.pem", text_of(pem)}, 1);
        scan(bytes);
        has("a.pem|pem|1|1|0|");
        release(bytes);
    }
}

static void a_jar_in_a_war_is_read(void **state)
{
    (void)state;
    struct byte_reader jar = pack(archive_write_set_format_zip, NULL, &(struct part){"keys/trust.pem", text_of(pem)}, 1);
    struct byte_reader war = pack(archive_write_set_format_zip, NULL, &(struct part){"WEB-INF/lib/a.jar", jar}, 1);
    scan(war);
    has("WEB-INF/lib/a.jar!keys/trust.pem|pem|1|1|0|");
    release(jar);
    release(war);
}

/* deb(5): an ar of a version, control and data. */
static void a_package_of_debian_is_read(void **state)
{
    (void)state;
    struct byte_reader control = pack(archive_write_set_format_ustar, archive_write_add_filter_xz, &(struct part){"./control", text_of("Package: a\n")}, 1);
    struct byte_reader data = pack(archive_write_set_format_ustar, archive_write_add_filter_xz, &(struct part){"./etc/ssl/a.pem", text_of(pem)}, 1);
    const struct part parts[] = {{"debian-binary", text_of("2.0\n")}, {"control.tar.xz", control}, {"data.tar.xz", data}};
    struct byte_reader deb = pack(archive_write_set_format_ar_svr4, NULL, parts, 3);
    scan(deb);
    has("data.tar.xz!etc/ssl/a.pem|pem|1|1|0|");
    release(control);
    release(data);
    release(deb);
}

/* A lead of 96 bytes, a header of signatures and one of facts (here without an index), then a cpio. */
static void a_package_of_rpm_is_read(void **state)
{
    static const uint8_t header[16] = {0x8e, 0xad, 0xe8, 0x01};
    uint8_t lead[96] = {0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1};
    struct byte_buffer rpm;
    (void)state;
    lead[79] = 5;                       /* the kind of its signatures */
    struct byte_reader payload = pack(archive_write_set_format_cpio_newc, archive_write_add_filter_gzip, &(struct part){"./etc/a.pem", text_of(pem)}, 1);
    byte_buffer_init(&rpm, 0);
    byte_buffer_append(&rpm, lead, sizeof lead);
    byte_buffer_append(&rpm, header, sizeof header);
    byte_buffer_append(&rpm, header, sizeof header);
    byte_buffer_append(&rpm, payload.at, payload.left);
    scan(byte_buffer_reader(&rpm));
    has("etc/a.pem|pem|1|1|0|");
    byte_buffer_clear(&rpm);
    release(payload);
}

/* ---- images ---- */

static struct byte_reader layer_of(const struct part *parts, size_t count)
{
    return pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, parts, count);
}

static void an_image_tells_layer_and_what_was_removed(void **state)
{
    static const char docker[] = "[{\"Config\":\"c.json\",\"RepoTags\":[\"app:1.2\"],\"Layers\":[\"blobs/sha256/1\",\"blobs/sha256/2\",\"blobs/sha256/3\"]}]";
    static const char index[] = "{\"manifests\":[{\"digest\":\"sha256:m\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"app:oci\"}}]}";
    static const char manifest[] = "{\"layers\":[{\"digest\":\"sha256:1\"},{\"digest\":\"sha256:2\"},{\"digest\":\"sha256:3\"}]}";
    const struct part first[] = {{"etc/key/a.pem", text_of(pem)}, {"etc/b.pem", text_of(pem)}, {"opt/c.pem", text_of(pem)}, {"srv/d.pem", text_of(pem)}};
    const struct part second[] = {{"etc/.wh.key", text_of("")}, {"srv/.wh..wh..opq", text_of("")}};
    const struct part third[] = {{"etc/b.pem", text_of(pem)}};
    (void)state;
    struct byte_reader layers[] = {layer_of(first, 4), layer_of(second, 2), layer_of(third, 1)};
    const struct part parts[] = {{"blobs/sha256/3", layers[2]}, {"blobs/sha256/1", layers[0]}, {"blobs/sha256/m", text_of(manifest)},
                                 {"blobs/sha256/2", layers[1]}, {"manifest.json", text_of(docker)}, {"index.json", text_of(index)}};
    struct byte_reader saved = pack(archive_write_set_format_ustar, NULL, parts, 5);
    scan(saved);
    has("app:1.2!layer 1 of 3, removed in layer 2!etc/key/a.pem|pem|1|1|0|");
    has("app:1.2!layer 1 of 3, replaced in layer 3!etc/b.pem|pem|1|1|0|");
    has("app:1.2!layer 1 of 3!opt/c.pem|pem|1|1|0|");
    has("app:1.2!layer 1 of 3, removed in layer 2!srv/d.pem|pem|1|1|0|");
    has("app:1.2!layer 3 of 3!etc/b.pem|pem|1|1|0|");
    scan_stream(saved);
    has("/standard input|app:1.2!layer 1 of 3, removed in layer 2!etc/key/a.pem|pem|1|1|0|");
    has("/standard input|app:1.2!layer 3 of 3!etc/b.pem|pem|1|1|0|");
    release(saved);
    const struct part oci[] = {parts[0], parts[1], parts[2], parts[3], parts[5]};
    saved = pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, oci, 5);
    scan(saved);
    has("app:oci!layer 1 of 3, removed in layer 2!etc/key/a.pem|pem|1|1|0|");
    release(saved);
    saved = pack(archive_write_set_format_ustar, NULL, parts, 4);       /* neither document: it stays an archive */
    scan(saved);
    has("blobs/sha256/1!opt/c.pem|pem|1|1|0|");
    release(saved);
    for (unsigned i = 0; i < 3; i++)
        release(layers[i]);
}

static void a_web_site_on_standard_input_is_no_image(void **state)
{
    const struct part parts[] = {{"manifest.json", text_of("[]")}, {"index.json", text_of("{}")}, {"a.pem", text_of(pem)}};
    (void)state;
    struct byte_reader site = pack(archive_write_set_format_ustar, NULL, parts, 3);
    scan_stream(site);
    has("/a.pem||pem|1|1|0|");
    release(site);
}

/* 300,000 names of layers, looked up in 20,000 entries: not each in each. */
static void an_image_of_many_names_costs_little(void **state)
{
    static struct part parts[20001];
    static char names[20000][16];
    struct byte_buffer manifest;
    (void)state;
    byte_buffer_init(&manifest, 0);
    for (int i = 0; i < 300; i++) {
        const char *begin = i == 0 ? "[{\"Layers\":[\"e0\"" : "]},{\"Layers\":[\"e0\"";
        byte_buffer_append(&manifest, begin, strlen(begin));
        for (int j = 1; j < 1000; j++)
            byte_buffer_append(&manifest, ",\"z\"", 4);
    }
    byte_buffer_append(&manifest, "]}]", 3);
    parts[0] = (struct part){"manifest.json", byte_buffer_reader(&manifest)};
    struct byte_reader layer = layer_of(&(struct part){"a.pem", text_of(pem)}, 1);
    for (int i = 0; i < 20000; i++) {
        snprintf(names[i], sizeof names[i], "e%d", i);
        parts[i + 1] = (struct part){names[i], i == 0 ? layer : text_of("")};
    }
    struct byte_reader saved = pack(archive_write_set_format_ustar, NULL, parts, 20001);
    clock_t before = clock();
    scan(saved);
    assert_in_range((clock() - before) / CLOCKS_PER_SEC, 0, 4);
    has("image!layer 1 of 1000!a.pem|pem|1|1|0|");
    release(saved);
    release(layer);
    byte_buffer_clear(&manifest);
}

/* ---- mail ---- */

static char *base64_of(struct byte_reader bytes)
{
    char *text = xmalloc(bytes.left * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)text, bytes.at, (int)bytes.left);
    return text;
}

/* Each "=" of the text as =3D, and a soft line end in the midst of each line (RFC 2045, 6.7). */
static char *quoted_printable(const char *text)
{
    struct byte_buffer out;
    unsigned column = 0;
    byte_buffer_init(&out, 0);
    for (; *text != '\0'; text++) {
        column = *text == '\n' ? 0 : column + 1;
        byte_buffer_append(&out, *text == '=' ? "=3D" : text, *text == '=' ? 3 : 1);
        if (column == 30)
            byte_buffer_append(&out, "=\n", 2);
    }
    byte_buffer_append(&out, "", 1);
    return (char *)out.bytes;
}

static void mail_is_read_part_by_part(void **state)
{
    (void)state;
    struct byte_reader archive = pack(archive_write_set_format_zip, NULL, &(struct part){"in.pem", text_of(pem)}, 1);
    char *attached = base64_of(archive), *quoted = quoted_printable(pem);
    char *message = xasprintf("From: a@b.example\nSubject: the certificate\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"x\"\n\n"
                              "--x\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n%s\n"
                              "--x\nContent-Type: application/zip\nContent-Disposition: attachment; filename=\"a.zip\"\n"
                              "Content-Transfer-Encoding: base64\n\n%s\n--x--\n", quoted, attached);
    scan(text_of(message));             /* as in a Maildir */
    has("part 1|pem|1|1|0|");
    has("a.zip!in.pem|pem|1|1|0|");
    char *mbox = xasprintf("From a@b Mon Jan  1 00:00:00 2024\n%s\nFrom c@d Mon Jan  1 00:00:01 2024\n%s", message, message);
    scan(text_of(mbox));
    has("message 1!part 1|pem|1|1|0|");
    has("message 2!a.zip!in.pem|pem|1|1|0|");
    scan(text_of("Subject: x\nFrom: y\n\nno mail, since it has no MIME\n"));
    assert_string_equal(readings, "");
    free(mbox);
    free(message);
    free(quoted);
    free(attached);
    release(archive);
}

/* ---- stores ---- */

static void a_store_is_found_inside_of_other_files(void **state)
{
    struct byte_buffer program;
    (void)state;
    scan(store);
    has("|pkcs12|1|1|1|my friend");
    char *encoded = base64_of(store), *secret = xasprintf("apiVersion: v1\nkind: Secret\ndata:\n  keystore.p12: %s\n", encoded);
    scan(text_of(secret));
    has("|pkcs12|1|1|1|my friend");
    byte_buffer_init(&program, 0);
    byte_buffer_append(&program, "\x7f" "ELF", 4);
    memset(byte_buffer_room(&program, 300000), 0, 300000);
    byte_buffer_added(&program, 300000);
    byte_buffer_append(&program, store.at, store.left);
    byte_buffer_append(&program, secret, strlen(secret));
    scan(byte_buffer_reader(&program));
    has("|pkcs12|1|2|2|my friend");
    byte_buffer_clear(&program);
    free(secret);
    free(encoded);
}

static void a_compressed_image_that_begins_with_zeros_is_read(void **state)
{
    struct byte_buffer disk;
    (void)state;
    byte_buffer_init(&disk, 0);
    memset(byte_buffer_room(&disk, 100000), 0, 100000);
    byte_buffer_added(&disk, 100000);
    byte_buffer_append(&disk, pem, strlen(pem));
    struct byte_reader packed = pack(archive_write_set_format_raw, archive_write_add_filter_gzip, &(struct part){"0", byte_buffer_reader(&disk)}, 1);
    scan(packed);
    has("|pem|1|1|0|");
    struct byte_reader outer = pack(archive_write_set_format_ustar, NULL, &(struct part){"disk.img.gz", packed}, 1);
    scan(outer);
    has("disk.img.gz|pem|1|1|0|");
    release(outer);
    release(packed);
    byte_buffer_clear(&disk);
}

/* ---- a hive ---- */

static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* The least that libhivex opens for writing: a head, one page with the root key (88 bytes), its security record (48) and free room. */
static void fill_empty_hive(uint8_t hive[8192])
{
    uint8_t *page = hive + 4096, *root = page + 0x20, *security = page + 0x78;
    uint32_t sum = 0;
    memset(hive, 0, 8192);
    memcpy(hive, "regf\1\0\0\0\1\0\0", 11);
    put_u32(hive + 20, 1);
    put_u32(hive + 24, 3);
    put_u32(hive + 32, 1);
    put_u32(hive + 36, 0x20);
    put_u32(hive + 40, 4096);
    put_u32(hive + 44, 1);
    for (unsigned i = 0; i < 508; i += 4)
        sum ^= (uint32_t)hive[i] | (uint32_t)hive[i + 1] << 8 | (uint32_t)hive[i + 2] << 16 | (uint32_t)hive[i + 3] << 24;
    put_u32(hive + 508, sum);
    memcpy(page, "hbin", 4);
    put_u32(page + 8, 4096);
    put_u32(root, (uint32_t)-88);
    memcpy(root + 4, "nk\x2c", 3);
    put_u32(root + 20, 0xffffffff);
    for (unsigned at = 32; at <= 52; at += 4)
        if (at != 40)
            put_u32(root + at, at == 48 ? 0x78 : 0xffffffff);
    root[76] = 1;
    root[80] = 'R';
    put_u32(security, (uint32_t)-48);
    memcpy(security + 4, "sk", 2);
    put_u32(security + 8, 0x78);
    put_u32(security + 12, 0x78);
    put_u32(security + 16, 1);
    put_u32(security + 20, 20);
    put_u32(page + 0xa8, 4096 - 0xa8);
}

/* As Windows keeps it: properties, number 32 last. */
static void add_store(hive_h *hive, const char *thumbprint)
{
    static const char *const keys[] = {"Microsoft", "SystemCertificates", "ROOT", "Certificates"};
    uint8_t *blob = xcalloc(1, made->len + 44);
    hive_node_h node = hivex_root(hive);
    for (unsigned i = 0; i < 4; i++)
        assert_int_not_equal(node = hivex_node_add_child(hive, node, keys[i]), 0);
    assert_int_not_equal(node = hivex_node_add_child(hive, node, thumbprint), 0);
    put_u32(blob, 3);                   /* the SHA-1 */
    put_u32(blob + 4, 1);
    put_u32(blob + 8, 20);
    put_u32(blob + 32, 32);
    put_u32(blob + 36, 1);
    put_u32(blob + 40, (uint32_t)made->len);
    memcpy(blob + 44, made->der, made->len);
    const hive_set_value value = {.key = (char *)(uintptr_t)"Blob", .t = hive_t_REG_BINARY, .len = made->len + 44, .value = (char *)blob};
    assert_int_equal(hivex_node_set_value(hive, node, &value, 0), 0);
    free(blob);
}

static void a_hive_of_windows_gives_certificates_with_their_keys(void **state)
{
    static uint8_t bytes[65536];
    (void)state;
    char *name = fixture_path(folder, "SOFTWARE");
    fill_empty_hive(bytes);
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, bytes, 8192), 8192);
    hive_h *hive = hivex_open(name, HIVEX_OPEN_WRITE);
    assert_non_null(hive);
    add_store(hive, "ABCDEF0123");
    assert_int_equal(hivex_commit(hive, NULL, 0), 0);
    hivex_close(hive);
    ssize_t len = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    unlink(name);
    free(name);
    scan(byte_reader_of(bytes, (size_t)len));
    has("|registry|1|1|0|Microsoft/SystemCertificates/ROOT/Certificates/ABCDEF0123\n");
    put_u32(bytes + 36, 0x7000);        /* no root: libhivex refuses it, and the bytes tell */
    scan(byte_reader_of(bytes, (size_t)len));
    has("|registry|1|1|0|\n");
}

/* ---- bad input ---- */

static struct byte_reader zeros(size_t len)
{
    return byte_reader_of(xcalloc(1, len), len);
}

/* As 42.zip: each level holds the one below sixteen times. */
static void a_bomb_of_zips_is_told(void **state)
{
    (void)state;
    struct byte_reader base = zeros(64u << 20), bomb = pack(archive_write_set_format_zip, NULL, &(struct part){"0", base}, 1);
    release(base);
    for (unsigned level = 0; level < 2; level++) {
        struct part parts[16];
        for (unsigned i = 0; i < 16; i++)
            parts[i] = (struct part){"z", bomb};
        struct byte_reader next = pack(archive_write_set_format_zip, NULL, parts, 16);
        release(bomb);
        bomb = next;
    }
    scan(bomb);
    has("||5|0|0|");
    release(bomb);
}

static void a_bomb_of_one_compressed_file_is_told(void **state)
{
    static int (*const filters[])(struct archive *) = {archive_write_add_filter_zstd, archive_write_add_filter_xz, archive_write_add_filter_bzip2};
    (void)state;
    struct byte_reader base = zeros(300u << 20);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct byte_reader bomb = pack(archive_write_set_format_raw, filters[i], &(struct part){"0", base}, 1);
        scan(bomb);
        has("||5|0|0|");
        release(bomb);
    }
    release(base);
}

/* It unpacks to itself: there is no last level. */
static void a_quine_is_told(void **state)
{
    uint8_t quine[GZIP_QUINE_MAX], unpacked[GZIP_QUINE_MAX];
    struct archive_entry *entry;
    size_t len = gzip_quine(quine);
    (void)state;
    struct archive *archive = archive_read_new();
    archive_read_append_filter(archive, ARCHIVE_FILTER_GZIP);
    archive_read_support_format_raw(archive);
    assert_int_equal(archive_read_open_memory(archive, quine, len), ARCHIVE_OK);
    assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
    assert_int_equal(archive_read_data(archive, unpacked, sizeof unpacked), len);
    assert_memory_equal(quine, unpacked, len);
    archive_read_free(archive);
    scan(byte_reader_of(quine, len));
    assert_non_null(strstr(readings, "||"));
    const struct part parts[] = {{"before.pem", text_of(pem)}, {"quine.gz", byte_reader_of(quine, len)}, {"behind.pem", text_of(pem)}};
    struct byte_reader bytes = pack(archive_write_set_format_zip, NULL, parts, 3);
    scan(bytes);
    has("before.pem|pem|1|1|0|");
    has("behind.pem|pem|1|1|0|");
    assert_non_null(strstr(readings, "quine.gz"));
    release(bytes);
}

/* A tar in a tar in a tar: each header's file is all that follows. */
static void a_hundred_thousand_levels_are_told(void **state)
{
    const size_t levels = 100000, len = levels * 512;
    uint8_t *bytes = xcalloc(len, 1);
    (void)state;
    for (size_t i = 0; i < levels; i++) {
        char *tar = (char *)bytes + i * 512;
        unsigned sum = 0;
        snprintf(tar, 100, "level%zu", i);
        snprintf(tar + 100, 8, "%07o", 0644u);
        snprintf(tar + 124, 12, "%011zo", len - (i + 1) * 512);
        memcpy(tar + 257, "ustar\00000", 8);
        tar[156] = '0';
        memset(tar + 148, ' ', 8);
        for (size_t at = 0; at < 512; at++)
            sum += (uint8_t)tar[at];
        snprintf(tar + 148, 8, "%06o", sum);
    }
    scan(byte_reader_of(bytes, len));
    has("level0!level1!level2!level3!level4!level5!level6!level7||5|0|0|");
    free(bytes);
}

static void a_file_that_changed_is_told(void **state)
{
    (void)state;
    scan_as("/srv/file", text_of(pem), (int64_t)strlen(pem) - 20);
    has("||6|0|0|");
}

/* ---- limits, and lies ---- */

static void a_file_that_was_written_over_is_told_though_its_size_and_time_are_the_same(void **state)
{
    (void)state;
    sets_time_back = true;
    scan(text_of(pem));
    sets_time_back = false;
    has("|pem|1|1|0|");
    has("||6|0|0|");
}

static char *repeated(char c, size_t len)
{
    char *text = xcalloc(1, len + 1);
    memset(text, c, len);
    return text;
}

/* Another machine's samples, in a tar of it, are samples as well. */
static void samples_in_a_stream_are_marked(void **state)
{
    (void)state;
    const struct part sample[] = {{"usr/share/doc/app/a.pem", text_of(pem)}}, other[] = {{"etc/docks/tests.pem", text_of(pem)}};
    struct byte_reader bytes = pack(archive_write_set_format_pax, NULL, sample, 1);
    scan_stream(bytes);
    has("/usr/share/doc/app/a.pem|");
    assert_int_equal(marks, FILE_MARK_SAMPLE);
    release(bytes);
    bytes = pack(archive_write_set_format_pax, NULL, other, 1);
    scan_stream(bytes);
    has("/etc/docks/tests.pem|");
    assert_int_equal(marks, 0);
    release(bytes);
}

static void a_name_that_is_too_long_is_told(void **state)
{
    (void)state;
    char *name = repeated('x', 70000);
    const struct part parts[] = {{"manifest.json", text_of("[]")}, {name, text_of(pem)}, {"a.pem", text_of(pem)}};
    struct byte_reader image = pack(archive_write_set_format_pax, NULL, parts, 3), plain = pack(archive_write_set_format_pax, NULL, parts + 1, 2);
    scan(plain);
    has("||5|0|0|");
    has("a.pem|pem|1|1|0|");
    scan(image);
    has("||5|0|0|");
    has("a.pem|pem|1|1|0|");
    scan_stream(plain);
    has("/standard input|||5|0|0|");
    has("/a.pem||pem|1|1|0|");
    release(image);
    release(plain);
    free(name);
}

static void mail_in_too_many_parts_is_told(void **state)
{
    static const char begin[] = "From: a@example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b0\n\n";
    struct byte_buffer mail;
    char line[80];
    (void)state;
    byte_buffer_init(&mail, 0);
    byte_buffer_append(&mail, begin, strlen(begin));
    for (int i = 0; i < 40; i++) {
        snprintf(line, sizeof line, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i + 1);
        byte_buffer_append(&mail, line, strlen(line));
    }
    byte_buffer_append(&mail, "--b40\n\n", 7);
    byte_buffer_append(&mail, pem, strlen(pem));
    scan(byte_buffer_reader(&mail));
    has("||5|0|0|");
    byte_buffer_clear(&mail);
}

/* What it says of owner and time is kept only where a file system could have it: the bundle is read again, whole. */
static void a_tar_that_lies_costs_nothing_else(void **state)
{
    struct byte_buffer out;
    (void)state;
    struct archive *archive = archive_write_new();
    byte_buffer_init(&out, 0);
    assert_int_equal(archive_write_set_format_pax(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open(archive, &out, NULL, on_write, NULL), ARCHIVE_OK);
    for (int i = 0; i < 2; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, i == 0 ? "../../etc/\x1b[2J\n.pem" : "b.pem");
        archive_entry_set_size(entry, (la_int64_t)strlen(pem));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_uid(entry, i == 0 ? INT64_MAX : 5);
        archive_entry_set_gid(entry, i == 0 ? INT64_MAX : 5);
        archive_entry_set_mtime(entry, i == 0 ? INT64_MAX : 5, 0);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, pem, strlen(pem)), strlen(pem));
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    scan_stream(byte_buffer_reader(&out));
    has("/../../etc/\\x1b[2J\\x0a.pem||pem|1|1|0|");
    has("/b.pem||pem|1|1|0|");
    byte_buffer_clear(&out);
}

static int setup(void **state)
{
    (void)state;
    uint8_t *der = NULL;
    file_scanner_prepare();
    made = cert_make(&(struct cert_recipe){.subject = "CN=www.example"});
    pem = cert_make_pem(made);
    folder = fixture_folder_create();
    path = fixture_path(folder, "c.bundle");
    PKCS12 *p12 = PKCS12_create("changeit", "my friend", made->key, made->x509, NULL, 0, 0, 2048, 2048, 0);
    int len = i2d_PKCS12(p12, &der);
    store = byte_reader_of(der, (size_t)len);
    PKCS12_free(p12);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    OPENSSL_free((void *)(uintptr_t)store.at);
    fixture_folder_destroy(folder);
    cert_make_free(made);
    free(path);
    free(pem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_of_every_kind_are_read),
        cmocka_unit_test(a_jar_in_a_war_is_read),
        cmocka_unit_test(a_package_of_debian_is_read),
        cmocka_unit_test(a_package_of_rpm_is_read),
        cmocka_unit_test(an_image_tells_layer_and_what_was_removed),
        cmocka_unit_test(a_web_site_on_standard_input_is_no_image),
        cmocka_unit_test(an_image_of_many_names_costs_little),
        cmocka_unit_test(mail_is_read_part_by_part),
        cmocka_unit_test(a_store_is_found_inside_of_other_files),
        cmocka_unit_test(a_hive_of_windows_gives_certificates_with_their_keys),
        cmocka_unit_test(a_compressed_image_that_begins_with_zeros_is_read),
        cmocka_unit_test(a_bomb_of_zips_is_told),
        cmocka_unit_test(a_bomb_of_one_compressed_file_is_told),
        cmocka_unit_test(a_quine_is_told),
        cmocka_unit_test(a_hundred_thousand_levels_are_told),
        cmocka_unit_test(a_file_that_changed_is_told),
        cmocka_unit_test(a_file_that_was_written_over_is_told_though_its_size_and_time_are_the_same),
        cmocka_unit_test(samples_in_a_stream_are_marked),
        cmocka_unit_test(a_name_that_is_too_long_is_told),
        cmocka_unit_test(mail_in_too_many_parts_is_told),
        cmocka_unit_test(a_tar_that_lies_costs_nothing_else),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
