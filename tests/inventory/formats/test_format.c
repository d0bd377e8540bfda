/* Whatever holds certificates and tables: archives with their limits, key stores, trees, spreadsheets, folders. */
#include "inventory/formats/format.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct seen {
    size_t certificates, faults, notes;
    char file[200], fault[300], note[300], table[600];
};

static void on_certificate(void *context, const char *file, size_t line, const uint8_t *der, size_t len)
{
    struct seen *seen = context;
    (void)line;
    assert_true(len > 100 && der[0] == 0x30);
    seen->certificates++;
    snprintf(seen->file, sizeof seen->file, "%s", file);
}

static bool on_table(void *context, const char *file, const struct table *table, struct error *err)
{
    struct seen *seen = context;
    size_t used = strlen(seen->table);
    (void)file;
    (void)err;
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < table->rows[i].count; j++)
            used += (size_t)snprintf(seen->table + used, used < sizeof seen->table ? sizeof seen->table - used : 0, "%s%c",
                                     table_cell(table, &table->rows[i], j), j + 1 < table->rows[i].count ? ',' : '/');
    return true;
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    struct seen *seen = context;
    (void)line;
    if (seen->faults++ == 0)
        snprintf(seen->fault, sizeof seen->fault, "%s: %s", file, text);
}

static void on_note(void *context, const char *file, const char *text)
{
    struct seen *seen = context;
    if (seen->notes++ == 0)
        snprintf(seen->note, sizeof seen->note, "%s: %s", file, text);
}

static bool read_bytes(struct seen *seen, const char *file, const void *bytes, size_t len, const char *password, struct error *err)
{
    struct format_options options = {.passwords = &password, .password_count = password != NULL};
    struct format_sink sink = {.certificate = on_certificate, .table = on_table, .fault = on_fault, .note = on_note, .context = seen};
    struct format_reader reader = {.options = &options, .sink = &sink};
    return format_read(&reader, file, byte_reader_of(bytes, len), err);
}

struct archive_file {
    const char *name;
    const void *bytes;
    size_t len;
};

/* Writes an archive into memory. */
static size_t pack(uint8_t *to, size_t size, int format, int filter, const struct archive_file *files, size_t count)
{
    struct archive *archive = archive_write_new();
    size_t used = 0;
    assert_int_equal(archive_write_set_format(archive, format), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    archive_write_set_bytes_per_block(archive, 0);
    assert_int_equal(archive_write_open_memory(archive, to, size, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, files[i].name);
        archive_entry_set_size(entry, (la_int64_t)files[i].len);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, files[i].bytes, files[i].len), files[i].len);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return used;
}

static void archives_are_opened_in_each_other(void **state)
{
    const struct made_cert *made = *state;
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_ZIP, ARCHIVE_FORMAT_7ZIP, ARCHIVE_FORMAT_CPIO_POSIX};
    static const int filters[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_XZ};
    static uint8_t inner[65536], outer[65536];
    for (size_t i = 0; i < 4; i++) {
        struct seen seen = {0};
        struct error err = {0};
        struct archive_file file = {"d/a.der", made->der, made->len};
        size_t len = pack(inner, sizeof inner, formats[i], filters[i], &file, 1);
        struct archive_file two[] = {{"x.bin", inner, len}, {"../../etc/b.der", made->der, made->len}};
        len = pack(outer, sizeof outer, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, two, 2);
        if (!read_bytes(&seen, "t.tar.zst", outer, len, NULL, &err))
            fail_msg("%s", err.text);
        assert_int_equal(seen.certificates, 2);
        assert_int_equal(seen.faults, 0);
        assert_string_equal(seen.file, "t.tar.zst!../../etc/b.der");
        assert_string_equal(seen.note, "t.tar.zst!../../etc/b.der: its name points out of the archive; it was read in memory only");
    }
}

/* 200 MB of zeros in 200 kB, and archives in archives without end. */
static void bombs_meet_limits(void **state)
{
    const struct made_cert *made = *state;
    size_t size = 200u << 20, room = 1u << 20;
    uint8_t *zeros = xcalloc(1, size), *packed = xmalloc(room), *more = xmalloc(room);
    struct seen seen = {0};
    struct error err = {0};
    struct archive_file files[] = {{"a.der", made->der, made->len}, {"zeros", zeros, size}, {"b.der", made->der, made->len}};
    size_t len = pack(packed, room, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, files, 3);
    size_t twice = pack(more, room, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, &(struct archive_file){"x.zip", packed, len}, 1);
    assert_true(read_bytes(&seen, "bomb.tar.xz", more, twice, NULL, &err));
    assert_int_equal(seen.certificates, 1);
    assert_non_null(strstr(seen.fault, "as a bomb does"));
    struct archive_file file = {"a.der", made->der, made->len};
    len = pack(packed, room, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, &file, 1);
    for (int i = 0; i < 8; i++) {
        memcpy(more, packed, len);
        len = pack(packed, room, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, &(struct archive_file){"x.tar", more, len}, 1);
    }
    memset(&seen, 0, sizeof seen);
    assert_true(read_bytes(&seen, "deep.tar", packed, len, NULL, &err));
    assert_int_equal(seen.certificates, 0);
    assert_non_null(strstr(seen.fault, "more than 6 deep"));
    free(zeros);
    free(packed);
    free(more);
}

static void a_damaged_archive_is_told_and_its_start_read(void **state)
{
    const struct made_cert *made = *state;
    static uint8_t packed[65536];
    struct archive_file files[] = {{"a.der", made->der, made->len}, {"b.der", made->der, made->len}};
    size_t len = pack(packed, sizeof packed, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, files, 2);
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, "cut.tar", packed, len < 1400 ? len : 1400 + made->len / 2, NULL, &err));
    assert_true(seen.certificates >= 1);
    assert_int_equal(seen.faults > 0, true);
}

/* A Java store as keytool writes it: one entry of a certificate, then the digest. */
static void java_stores_are_read_and_their_digest_checked(void **state)
{
    const struct made_cert *made = *state;
    static uint8_t store[65536];
    static const uint8_t head[] = {0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0,
                                   0, 5, 'X', '.', '5', '0', '9', 0, 0};
    size_t len = sizeof head;
    memcpy(store, head, len);
    store[len++] = (uint8_t)(made->len >> 8);
    store[len++] = (uint8_t)made->len;
    memcpy(store + len, made->der, made->len);
    len += made->len;
    uint8_t text[65536] = {0, 's', 0, 'e', 0, 'c'};
    memcpy(text + 6, "Mighty Aphrodite", 16);
    memcpy(text + 22, store, len);
    SHA1(text, 22 + len, store + len);
    len += 20;
    for (int i = 0; i < 3; i++) {
        struct seen seen = {0};
        struct error err = {0};
        if (i == 2) {                   /* JCEKS: another mark, and a digest over it; the rest is the same */
            memcpy(store, "\xce\xce\xce\xce", 4);
            memcpy(text + 22, store, 4);
            SHA1(text, 22 + len - 20, store + len - 20);
        }
        assert_true(read_bytes(&seen, i == 2 ? "a.jceks" : "a.jks", store, len, i == 1 ? NULL : "sec", &err));
        assert_int_equal(seen.certificates, 1);
        assert_int_equal(seen.notes, i == 1);
    }
    struct seen seen = {0};
    struct error err = {0};
    assert_false(read_bytes(&seen, "cut.jks", store, 40, NULL, &err));
}

static void pkcs12_and_pkcs7_are_opened(void **state)
{
    const struct made_cert *made = *state;
    PKCS12 *store = PKCS12_create("sec", "a", made->key, made->x509, NULL, 0, 0, 2048, 2048, 0);
    PKCS7 *message = PKCS7_new();
    uint8_t *der = NULL;
    assert_non_null(store);
    int len = i2d_PKCS12(store, &der);
    assert_true(len > 0);
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, "a.p12", der, (size_t)len, "sec", &err));
    assert_int_equal(seen.certificates, 1);
    assert_false(read_bytes(&seen, "a.p12", der, (size_t)len, "other", &err));
    assert_non_null(strstr(err.text, "(tried: yours, none"));
    assert_non_null(strstr(err.text, "--password-file"));
    assert_false(read_bytes(&seen, "a.p12", der, (size_t)len, NULL, &err));
    assert_non_null(strstr(err.text, "(tried: none"));
    OPENSSL_free(der);
    PKCS12_free(store);
    der = NULL;
    PKCS7_set_type(message, NID_pkcs7_signed);
    PKCS7_content_new(message, NID_pkcs7_data);
    PKCS7_add_certificate(message, made->x509);
    len = i2d_PKCS7(message, &der);
    assert_true(len > 0);
    assert_true(read_bytes(&seen, "a.p7b", der, (size_t)len, NULL, &err));
    assert_int_equal(seen.certificates, 2);
    OPENSSL_free(der);
    PKCS7_free(message);
}

static void trees_are_tables(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text, *table;
    } cases[] = {
        {"a.json", "{\"total\":2,\"items\":[{\"a\":{\"b\":1},\"n\":[\"x\",\"y\"]},{\"c\":true,\"n\":null}]}", "a.b,n,c/1,x\ny,/,,true/"},
        {"a.jsonl", "{\"a\":1}\n{\"a\":2}\n", "a/1/2/"},
        {"a.yaml", "a: 1\nb:\n  c: [x, z]\n---\na: \"2\"\n", "a,b.c/1,x\nz/2,/"},
        {"list.yml", "- a: &x 1\n- a: *x\n", "a/1/1/"},
        {"merge.yml", "base: &b {a: 1, c: 2}\nitems:\n- {<<: *b, c: 3}\n- {<<: [*b], d: &b 4}\n- {a: *b}\n", "c,a,d/3,1,/2,1,4/,4,/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        struct error err = {0};
        if (!read_bytes(&seen, cases[i].file, cases[i].text, strlen(cases[i].text), NULL, &err))
            fail_msg("%s", err.text);
        assert_string_equal(seen.table, cases[i].table);
    }
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, "b.jsonl", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n", 22, NULL, &err));
    assert_int_equal(seen.faults, 1);
    assert_false(read_bytes(&seen, "c.json", "[1,", 3, NULL, &err));
    seen = (struct seen){0};            /* settings of a program are no JSON, and no faults of it */
    assert_false(read_bytes(&seen, "c.conf", "[ req ]\nbits = 1\n", 17, NULL, &err));
    assert_int_equal(seen.faults, 0);
    assert_false(read_bytes(&seen, "vault.json", "[\"1f:2e\",\"3d:4c\"]", 17, NULL, &err));
    assert_non_null(strstr(err.text, "a list of words alone"));
    assert_false(read_bytes(&seen, "d.yaml", "[", 1, NULL, &err));
}

/* Each line names ten times the line before: 10^12 values. A value inside itself is not there yet. */
static void aliases_of_aliases_meet_a_limit(void **state)
{
    (void)state;
    static const char inside[] = "- {a: 1, b: &x [2, *x, *none]}\n";
    char text[2000] = "- &l0 {a: lol}\n";
    for (size_t line = 1, used = strlen(text); line < 12; line++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "- &l%zu {a: [", line);
        for (size_t i = 0; i < 10; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s*l%zu", i == 0 ? "" : ", ", line - 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "]}\n");
    }
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, "laughs.yaml", text, strlen(text), NULL, &err));
    assert_string_equal(seen.fault, "laughs.yaml: more than 5,000,000 values");
    seen = (struct seen){0};
    assert_true(read_bytes(&seen, "inside.yaml", inside, sizeof inside - 1, NULL, &err));
    assert_string_equal(seen.table, "a,b/1,2/");
    assert_non_null(strstr(seen.note, "an alias (*name)"));
}

static void spreadsheets_are_tables(void **state)
{
    (void)state;
    static const char types[] = "<x/>", book[] = "<workbook><workbookPr/></workbook>";
    static const char strings[] = "<sst><si><t>Name</t></si><si><r><t>a.</t></r><r><t>gov</t></r><rPh><t>no</t></rPh></si></sst>";
    static const char styles[] = "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"dd/mm/yyyy\"/><numFmt numFmtId=\"171\" formatCode=\"0.0&quot;d&quot;\"/>"
                                 "</numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/></cellXfs></styleSheet>";
    static const char sheet[] = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"inlineStr\"><is><t>Ends</t></is></c></row>"
                                "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c r=\"B3\" s=\"1\"><v>46079</v></c><c r=\"C3\" s=\"2\"><v>46079.5</v></c>"
                                "<c r=\"D3\" s=\"3\"><v>7</v></c><c r=\"E3\" t=\"s\"><v>99</v></c></row></sheetData></worksheet>";
    struct archive_file files[] = {{"[Content_Types].xml", types, sizeof types - 1},        {"xl/workbook.xml", book, sizeof book - 1},
                                   {"xl/sharedStrings.xml", strings, sizeof strings - 1}, {"xl/styles.xml", styles, sizeof styles - 1},
                                   {"xl/worksheets/sheet1.xml", sheet, sizeof sheet - 1}};
    static uint8_t packed[65536];
    size_t len = pack(packed, sizeof packed, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, files, 5);
    struct seen seen = {0};
    struct error err = {0};
    if (!read_bytes(&seen, "a.xlsx", packed, len, NULL, &err))
        fail_msg("%s", err.text);
    assert_string_equal(seen.table, "Name,,Ends/a.gov,2026-02-26,2026-02-26T12:00:00,7,/");
    len = pack(packed, sizeof packed, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, files, 2);
    assert_false(read_bytes(&seen, "b.xlsx", packed, len, NULL, &err));
    assert_non_null(strstr(err.text, "without a sheet that can be read"));
}

static void put(const char *folder, const char *name, const void *bytes, size_t len)
{
    char *path = xasprintf("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static void make_folders(const char *folder, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *path = xasprintf("%s/%s", folder, names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        free(path);
    }
}

static void remove_folder(char *folder)
{
    char *command[] = {"rm", "-r", folder, NULL};
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

static void walk_folder(const char *folder, struct seen *seen, size_t *others)
{
    struct error err = {0};
    struct format_sink sink = {.certificate = on_certificate, .table = on_table, .fault = on_fault, .note = on_note, .context = seen};
    struct format_options options = {0};
    if (!format_read_path(folder, &options, &sink, others, &err))
        fail_msg("%s", err.text);
}

static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

/* certbot's folder: live/ points into archive/, where older ones stay; keys and prose are no faults. */
static void folders_are_walked(void **state)
{
    const struct made_cert *made = *state;
    char folder[] = "/tmp/certsweep-formats.XXXXXX", path[100], target[] = "../../archive/a.gov/cert2.pem";
    static const char *const made_folders[] = {"live", "archive", "live/a.gov", "archive/a.gov"};
    assert_non_null(mkdtemp(folder));
    make_folders(folder, made_folders, 4);
    char *pem = cert_make_pem(made);
    put(folder, "archive/a.gov/cert1.pem", pem, strlen(pem));
    put(folder, "archive/a.gov/cert2.pem", pem, strlen(pem));
    put(folder, "archive/a.gov/privkey2.pem", key_pem, sizeof key_pem - 1);
    put(folder, "README", "prose", 5);
    put(folder, "bad.pem", "-----BEGIN CERTIFICATE-----\n!\n", 30);
    snprintf(path, sizeof path, "%s/live/a.gov/cert.pem", folder);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/out.pem", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    struct seen seen = {0};
    size_t others = 0;
    walk_folder(folder, &seen, &others);
    assert_int_equal(seen.certificates, 1);
    assert_non_null(strstr(seen.file, "archive/a.gov/cert2.pem"));
    assert_int_equal(seen.faults, 1);
    assert_non_null(strstr(seen.fault, "bad.pem"));
    assert_int_equal(others, 1);                /* the key; prose of one line is a table to the test's sink */
    assert_int_equal(seen.notes, 2);            /* the link out, and what certbot has replaced */
    free(pem);
    remove_folder(folder);
}

/* acme.sh's folder: a folder for each name, with its settings; what it has replaced is in backup/. Another's backup/ is as good as
 * any folder. */
static void what_acme_sh_has_replaced_is_left_out(void **state)
{
    const struct made_cert *made = *state;
    char folder[] = "/tmp/certsweep-formats.XXXXXX";
    static const char *const made_folders[] = {"a.gov", "a.gov/backup", "b.gov_ecc", "b.gov_ecc/backup", "c.gov", "c.gov/backup", "ca"};
    static const char settings[] = "Le_Domain='a.gov'\nLe_Alt='no'\nLe_NextRenewTime='1790000000'\n";
    assert_non_null(mkdtemp(folder));
    make_folders(folder, made_folders, 7);
    char *pem = cert_make_pem(made);
    static const char *const certificates[] = {"a.gov/a.gov.cer", "a.gov/fullchain.cer", "a.gov/backup/cert.bak", "b.gov_ecc/b.gov.cer",
                                               "b.gov_ecc/backup/fullchain.bak", "c.gov/backup/cert.bak"};
    for (size_t i = 0; i < 6; i++)
        put(folder, certificates[i], pem, strlen(pem));
    put(folder, "a.gov/a.gov.conf", settings, sizeof settings - 1);
    put(folder, "a.gov/a.gov.key", key_pem, sizeof key_pem - 1);
    put(folder, "a.gov/backup/key.bak", key_pem, sizeof key_pem - 1);
    put(folder, "b.gov_ecc/b.gov.conf", settings, sizeof settings - 1);
    put(folder, "ca/account.key", key_pem, sizeof key_pem - 1);
    struct seen seen = {0};
    size_t others = 0;
    walk_folder(folder, &seen, &others);
    assert_int_equal(seen.certificates, 4);
    assert_non_null(strstr(seen.file, "c.gov/backup/cert.bak"));
    assert_int_equal(seen.faults, 0);
    assert_int_equal(others, 2);
    assert_int_equal(seen.notes, 1);
    assert_non_null(strstr(seen.note, "acme.sh's folder"));
    free(pem);
    remove_folder(folder);
}

static int set_up(void **state)
{
    *state = cert_make(&(struct cert_recipe){.subject = "CN=a.gov"});
    return 0;
}

static int tear_down(void **state)
{
    cert_make_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_are_opened_in_each_other),
        cmocka_unit_test(bombs_meet_limits),
        cmocka_unit_test(a_damaged_archive_is_told_and_its_start_read),
        cmocka_unit_test(java_stores_are_read_and_their_digest_checked),
        cmocka_unit_test(pkcs12_and_pkcs7_are_opened),
        cmocka_unit_test(trees_are_tables),
        cmocka_unit_test(spreadsheets_are_tables),
        cmocka_unit_test(folders_are_walked),
        cmocka_unit_test(what_acme_sh_has_replaced_is_left_out),
        cmocka_unit_test(aliases_of_aliases_meet_a_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
