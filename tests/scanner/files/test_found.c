/* Certificates and keys in the clothes that they wear in files. */
#include "inventory/formats/candidates.h"
#include "scanner/files/found.h"
#include "scanner/files/nss_store.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static struct made_cert *made;
static char *pem, *key_pem, *request_pem;

static char *take_text(BIO *bio)
{
    char *bytes, *text;
    long len = BIO_get_mem_data(bio, &bytes);
    text = xstrndup(bytes, (size_t)len);
    BIO_free(bio);
    return text;
}

static int setup(void **state)
{
    (void)state;
    made = cert_make(&(struct cert_recipe){.subject = "CN=www.example"});
    pem = cert_make_pem(made);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, made->key, NULL, NULL, 0, NULL, NULL);
    key_pem = take_text(bio);
    X509_REQ *request = X509_to_X509_REQ(made->x509, made->key, EVP_sha256());
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_REQ(bio, request);
    request_pem = take_text(bio);
    X509_REQ_free(request);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cert_make_free(made);
    free(pem);
    free(key_pem);
    free(request_pem);
    return 0;
}

static char *base64_of(const void *bytes, size_t len)
{
    char *text = xmalloc(len * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
    return text;
}

/* Each line of the text, put between these. */
static char *wrap_lines(const char *text, const char *before, const char *after)
{
    struct byte_buffer out;
    byte_buffer_init(&out, 0);
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        byte_buffer_append(&out, before, strlen(before));
        byte_buffer_append(&out, at, len);
        byte_buffer_append(&out, after, strlen(after));
        at += len + (at[len] == '\n');
    }
    char *wrapped = xstrndup((const char *)byte_buffer_reader(&out).at, byte_buffer_len(&out));
    byte_buffer_clear(&out);
    return wrapped;
}

static void is_found(const char *text, size_t len, const char *kind, int64_t offset)
{
    struct found found;
    found_init(&found);
    found_scan(&found, byte_reader_of(text, len), 0, "der");
    assert_int_equal(found.certificate_count, 1);
    assert_int_equal(found.certificates[0].der.len, made->len);
    assert_memory_equal(found.certificates[0].der.bytes, made->der, made->len);
    assert_string_equal(found.kind, kind);
    if (offset >= -1)
        assert_int_equal(found.certificates[0].offset, offset);
    found_clear(&found);
}

static void in_text(const char *text, const char *kind)
{
    is_found(text, strlen(text), kind, -2);
}

static void pem_is_read_in_every_dress(void **state)
{
    static const char *const dresses[][2] = {
        {"", "\n"},   {"", "\r\n"}, {"    ", "\n"},     {"\"", "\\n\"\n"},          {"// ", "\n"}, {" * ", "\n"},
        {"", "\\n"},  {"", "\\r\\n"}, {"", "\\\\n"},     {"'", "' +\n"},             {"# ", "\n"},  {"> ", "\n"},
        {"", " "},    {"", "\\u000a"}, {"\"", "\\n\" \\\n"}, {"|", "|\n"},             {"  \"", "\",\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof dresses / sizeof *dresses; i++) {
        char *text = wrap_lines(pem, dresses[i][0], dresses[i][1]);
        in_text(text, "pem");
        free(text);
    }
}

static void base64_is_looked_through(void **state)
{
    (void)state;
    char *bare = base64_of(made->der, made->len), *once = base64_of(pem, strlen(pem)), *twice = base64_of(once, strlen(once));
    in_text(bare, "base64");
    char *xml = xasprintf("<X509Certificate>%s</X509Certificate>", bare), *secret = xasprintf("data:\n  tls.crt: %s\n", once);
    in_text(xml, "base64");
    in_text(secret, "pem");
    in_text(twice, "pem");
    for (int shift = 1; shift <= 2; shift++) {
        char *text = xasprintf("%.*s%s", shift, "xy", pem), *shifted = base64_of(text, strlen(text));
        in_text(shifted, "pem");
        free(text);
        free(shifted);
    }
    free(bare);
    free(once);
    free(twice);
    free(xml);
    free(secret);
}

static void der_is_found_at_any_offset_of_a_binary(void **state)
{
    size_t size = 300000;
    uint8_t *bytes = xmalloc(size);
    uint64_t noise = 1;
    (void)state;
    for (size_t offset = 0; offset < 200; offset += 13) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)((noise = noise * 6364136223846793005u + 1442695040888963407u) >> 56);
        memcpy(bytes + 250000 + offset, made->der, made->len);
        is_found((const char *)bytes, size, "der", 250000 + (int64_t)offset);
    }
    free(bytes);
}

static void keys_and_requests_are_told_by_their_public_half(void **state)
{
    struct found found;
    uint8_t *spki = NULL, hash[32];
    (void)state;
    int len = i2d_PUBKEY(made->key, &spki);
    SHA256(spki, (size_t)len, hash);
    char *both = xasprintf("%s%s", key_pem, request_pem);
    found_init(&found);
    found_scan(&found, byte_reader_of(both, strlen(both)), 0, "der");
    assert_int_equal(found.key_count, 2);
    assert_int_equal(found.certificate_count, 0);
    assert_int_equal(found.keys[0].kind, FILE_KEY_PRIVATE);
    assert_int_equal(found.keys[1].kind, FILE_KEY_REQUEST);
    assert_false(found.keys[0].is_encrypted);
    assert_string_equal(found.keys[0].algorithm, "ec");
    assert_int_equal(found.keys[0].bits, 256);
    for (int i = 0; i < 2; i++)
        assert_memory_equal(found.keys[i].spki_sha256, hash, 32);
    found_clear(&found);
    OPENSSL_free(spki);
    free(both);
}

static void an_encrypted_key_is_told_as_such(void **state)
{
    static const char traditional[] = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
                                      "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n-----END RSA PRIVATE KEY-----\n";
    struct found found;
    (void)state;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, made->key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
    char *text = take_text(bio), *both = xasprintf("%s%s", traditional, text);
    found_init(&found);
    found_scan(&found, byte_reader_of(both, strlen(both)), 0, "der");
    assert_int_equal(found.key_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(found.keys[i].is_encrypted);
        assert_null(found.keys[i].spki_sha256);
    }
    found_clear(&found);
    free(text);
    free(both);
}

static void pkcs7_in_pem_gives_its_certificates(void **state)
{
    struct found found;
    STACK_OF(X509) *certificates = sk_X509_new_null();
    (void)state;
    sk_X509_push(certificates, made->x509);
    BIO *null = BIO_new(BIO_s_null());
    PKCS7 *message = PKCS7_sign(NULL, NULL, certificates, null, PKCS7_DETACHED);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS7(bio, message);
    char *text = take_text(bio), *both = xasprintf("%s%s", text, pem);
    found_init(&found);
    found_scan(&found, byte_reader_of(both, strlen(both)), 0, "der");
    assert_int_equal(found.certificate_count, 2);
    assert_string_equal(found.kind, "pkcs7");
    found_clear(&found);
    sk_X509_free(certificates);
    PKCS7_free(message);
    BIO_free(null);
    free(text);
    free(both);
}

static void a_store_of_nss_gives_certificates_and_keys(void **state)
{
    static const char schema[] = "CREATE TABLE nssPublic (id PRIMARY KEY UNIQUE ON CONFLICT ABORT, a0, a11, a3);"
                                 "CREATE TABLE nssPrivate (id PRIMARY KEY, a0, a100);"
                                 "INSERT INTO nssPrivate VALUES (1, x'00000003', x'00000003');"
                                 "INSERT INTO nssPublic VALUES (2, x'ce534353', x'00', 'trust')";         /* trust, which is no certificate */
    struct found found;
    sqlite3 *sqlite = NULL;
    sqlite3_stmt *stmt = NULL;
    sqlite3_int64 size;
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite, schema, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sqlite, "INSERT INTO nssPublic VALUES (1, x'00000001', ?, 'Server-Cert')", -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_blob(stmt, 1, made->der, (int)made->len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    unsigned char *bytes = sqlite3_serialize(sqlite, "main", &size, 0);
    struct byte_reader file = byte_reader_of(bytes, (size_t)size);
    bytes[18] = bytes[19] = 2;          /* as NSS leaves it in WAL mode */
    assert_true(nss_store_is(file));
    found_init(&found);
    nss_store_read(file, &found);
    assert_int_equal(found.certificate_count, 1);
    assert_memory_equal(found.certificates[0].der.bytes, made->der, made->len);
    assert_int_equal(found.key_count, 1);
    assert_true(found.keys[0].is_encrypted);
    assert_string_equal(found.keys[0].algorithm, "ec");
    assert_string_equal(found.certificates[0].label, "Server-Cert");
    assert_string_equal(found.kind, "nss");
    found_clear(&found);
    file.left /= 2;                     /* cut: told or empty, and no harm */
    found_init(&found);
    nss_store_read(file, &found);
    found_clear(&found);
    sqlite3_free(bytes);
    sqlite3_close(sqlite);
}

/* key4.db as certutil makes it: the public half is in the clear. */
static void keys_of_nss_are_known_without_the_password(void **state)
{
    static const char schema[] = "CREATE TABLE nssPrivate (id PRIMARY KEY, a0, a100, a120, a122, a180, ad5a0db00)";
    struct found found;
    sqlite3 *sqlite = NULL;
    sqlite3_stmt *stmt = NULL;
    sqlite3_int64 size;
    uint8_t point[65], hash[2][32], *spki = NULL, modulus[256];
    size_t len;
    BIGNUM *n = NULL;
    (void)state;
    EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256"), *keys[] = {rsa, ec};
    for (unsigned i = 0; i < 2; i++, OPENSSL_free(spki), spki = NULL) {
        int spki_len = i2d_PUBKEY(keys[i], &spki);
        SHA256(spki, (size_t)spki_len, hash[i]);
    }
    assert_int_equal(EVP_PKEY_get_octet_string_param(ec, "encoded-pub-key", point, sizeof point, &len), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(rsa, "n", &n), 1);
    BN_bn2binpad(n, modulus, sizeof modulus);
    BN_free(n);
    assert_int_equal(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite, schema, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sqlite, "INSERT INTO nssPrivate VALUES (1, x'00000003', x'00000000', ?, x'010001', NULL, NULL)", -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_blob(stmt, 1, modulus, sizeof modulus, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_prepare_v2(sqlite, "INSERT INTO nssPrivate VALUES (2, x'00000003', x'00000003', NULL, NULL, x'06082a8648ce3d030107', ?)", -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_blob(stmt, 1, point, (int)len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    unsigned char *bytes = sqlite3_serialize(sqlite, "main", &size, 0);
    found_init(&found);
    nss_store_read(byte_reader_of(bytes, (size_t)size), &found);
    assert_int_equal(found.key_count, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(found.keys[i].is_encrypted);
        assert_non_null(found.keys[i].spki_sha256);
        assert_memory_equal(found.keys[i].spki_sha256, hash[i], 32);
    }
    assert_int_equal(found.keys[0].bits, 2048);
    found_clear(&found);
    sqlite3_free(bytes);
    sqlite3_close(sqlite);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
}

static void a_block_that_holds_no_certificate_is_none(void **state)
{
    static const char *const blocks[] = {"AAAA", "MAAA", "MAMCAQE=", "MIIBAAAA", "MFwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="};
    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct found found;
        char *text = xasprintf("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", blocks[i]);
        found_init(&found);
        found_scan(&found, byte_reader_of(text, strlen(text)), 0, "der");
        assert_int_equal(found.certificate_count, 0);
        assert_int_equal(found.outcome, i < 4 ? FILE_READ : FILE_DAMAGED);
        found_clear(&found);
        free(text);
    }
}

static void what_is_cut_short_is_told(void **state)
{
    struct found found;
    (void)state;
    char *cut = xasprintf("%.*s\n-----END CERTIFICATE-----\n", 200, pem);
    found_init(&found);
    found_scan(&found, byte_reader_of(cut, strlen(cut)), 0, "der");
    assert_int_equal(found.certificate_count, 0);
    assert_int_equal(found.outcome, FILE_DAMAGED);
    found_clear(&found);
    free(cut);
}

/* A beginning every few bytes, each of which claims a megabyte: the work is bounded, and the limit is reported. */
static void beginnings_without_ends_cost_no_more_than_the_file(void **state)
{
    static const char head[] = "MIMP//8wgw////+g";          /* 30 83 0f ff ff 30 83 ... */
    size_t len = sizeof head - 1, count = 200000;
    char *text = xmalloc(count * len + 1);
    struct found found;
    (void)state;
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * len, head, len);
    memcpy(text, "MII", 3);
    found_init(&found);
    found_scan(&found, byte_reader_of(text, count * len), 0, "der");
    assert_true(found.work <= found.work_max + (1u << 20) + count * len);
    found_clear(&found);
    free(text);
}

static void the_filter_finds_what_a_plain_search_finds(void **state)
{
    static const char *const marks[] = {"-----BEGIN ", "\x30\x82\x01\x02\x30\x82", "MIIB", "tLS0", "v01@", "MIAG", "MIGHAg", "-----BEGIN%20", "308201023082010202010002", "48, 130, 1, 2, 48, 130, 1, 2, 2, 1, 0, 2"};
    char bytes[400];
    (void)state;
    for (size_t mark = 0; mark < sizeof marks / sizeof *marks; mark++)
        for (size_t offset = 0; offset < 300; offset++) {
            size_t at;
            memset(bytes, 'x', sizeof bytes);
            memcpy(bytes + offset, marks[mark], strlen(marks[mark]));
            assert_int_not_equal(candidate_next(byte_reader_of(bytes, sizeof bytes), 0, &at), CANDIDATE_NONE);
            assert_int_equal(at, offset);
            assert_int_equal(candidate_next(byte_reader_of(bytes, sizeof bytes), at + 1, &at), CANDIDATE_NONE);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_is_read_in_every_dress),
        cmocka_unit_test(base64_is_looked_through),
        cmocka_unit_test(der_is_found_at_any_offset_of_a_binary),
        cmocka_unit_test(keys_and_requests_are_told_by_their_public_half),
        cmocka_unit_test(an_encrypted_key_is_told_as_such),
        cmocka_unit_test(pkcs7_in_pem_gives_its_certificates),
        cmocka_unit_test(a_store_of_nss_gives_certificates_and_keys),
        cmocka_unit_test(keys_of_nss_are_known_without_the_password),
        cmocka_unit_test(a_block_that_holds_no_certificate_is_none),
        cmocka_unit_test(what_is_cut_short_is_told),
        cmocka_unit_test(beginnings_without_ends_cost_no_more_than_the_file),
        cmocka_unit_test(the_filter_finds_what_a_plain_search_finds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
