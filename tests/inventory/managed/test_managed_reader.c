/* Files that say what is managed. */
#include "inventory/managed/reader.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seen {
    struct managed_record records[16];
    size_t count, faults;
    char fault[300];
};

static void on_record(void *context, struct managed_record *record)
{
    struct seen *seen = context;
    assert_true(seen->count < 16);
    seen->records[seen->count++] = *record;
    *record = (struct managed_record){0};
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    struct seen *seen = context;
    (void)file;
    if (seen->faults++ == 0)
        snprintf(seen->fault, sizeof seen->fault, "%zu: %s", line, text);
}

static bool read_bytes(struct seen *seen, const void *bytes, size_t len, const struct managed_reader_options *options,
                       struct error *err)
{
    struct managed_sink sink = {.record = on_record, .fault = on_fault, .context = seen};
    static const struct managed_reader_options none;
    return managed_read_bytes("m.csv", byte_reader_of(bytes, len), options == NULL ? &none : options, &sink, err);
}

static void clear(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        managed_record_clear(&seen->records[i]);
}

static void usual_headings_are_understood(void **state)
{
    (void)state;
    static const char text[] = "Common Name,Subject Alternative Names,Serial Number,Issuer,Valid From,Expires,SHA-256,"
                               "Location,Owner,Contacts\n"
                               "www.a.gov,\"www.a.gov, DNS:B.gov\",00:0A:1b,O=CA,2026-01-01,Jan 31 12:00:00 2027 GMT,"
                               "00000000000000000000000000000000000000000000000000000000000000Ff,10.0.0.1:443,DMV,x@a.gov\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, text, sizeof text - 1, NULL, &err));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.faults, 0);
    const struct managed_record *record = &seen.records[0];
    assert_string_equal(record->common_name, "www.a.gov");
    assert_int_equal(record->name_count, 2);
    assert_string_equal(record->names[1], "b.gov");
    assert_string_equal(record->serial_number, "a1b");
    assert_int_equal(record->sha256[31], 0xff);
    assert_int_equal(record->not_before_us, 1767225600000000);
    assert_int_equal(record->not_after_us, 1801396800000000);
    assert_int_equal(record->line, 2);
    clear(&seen);
}

static void a_bad_row_is_told_and_hides_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *row, *fault;
    } cases[] = {
        {"a,1,30.02.2026,", "3: not_after \"30.02.2026\" is no date"},
        {"a,1,2026-02-30,", "3: not_after \"2026-02-30\" is no date"},
        {"a,xyz,,", "3: serial number \"xyz\" is not hexadecimal"},
        {"a,,,abcd", "3: \"abcd\" is no SHA-256"},
        {" ,,2026-01-01,", "3: the row tells no certificate"},
        {"\"a", "3: a quote that is opened"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, "cn,serial,not after,sha256\nfirst,1,,\n%s\nlast,2,,\n", cases[i].row);
        struct seen seen = {0};
        struct error err = {0};
        assert_true(read_bytes(&seen, text, strlen(text), NULL, &err));
        assert_int_equal(seen.count, 2);
        assert_string_equal(seen.records[1].common_name, "last");
        assert_int_equal(seen.faults, 1);
        assert_memory_equal(seen.fault, cases[i].fault, strlen(cases[i].fault));
        clear(&seen);
    }
}

static void columns_and_dates_are_as_the_user_says(void **state)
{
    (void)state;
    static const char text[] = "Title,Ends\nwww.a.gov,12/31/2026\n";
    static const char *const map[] = {"common_name=title", "not_after=Ends"}, *const wrong[] = {"common_name=Nope"},
                            *const unknown[] = {"color=Title"};
    struct managed_reader_options options = {.map = map, .map_count = 2, .dates = DATES_MONTH_DAY_YEAR};
    struct seen seen = {0};
    struct error err = {0};
    assert_false(read_bytes(&seen, text, sizeof text - 1, NULL, &err));
    assert_non_null(strstr(err.text, "--map common_name=\"Title\""));
    assert_true(read_bytes(&seen, text, sizeof text - 1, &options, &err));
    assert_int_equal(seen.records[0].not_after_us, 1798675200000000);
    options.map = wrong, options.map_count = 1;
    assert_false(read_bytes(&seen, text, sizeof text - 1, &options, &err));
    options.map = unknown;
    assert_false(read_bytes(&seen, text, sizeof text - 1, &options, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    clear(&seen);
}

static void certificates_come_from_pem_with_garbage_and_from_der(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=www.example", .sans = "DNS:a.example"});
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, made->der, made->len, NULL, &err));
    char *base64 = xmalloc(made->len * 2 + 8);
    EVP_EncodeBlock((unsigned char *)base64, made->der, (int)made->len);
    char *pem = xasprintf("Bag Attributes\n-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\nprose\n"
                          "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
                          "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64);
    assert_true(read_bytes(&seen, pem, strlen(pem), NULL, &err));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.faults, 1);
    assert_memory_equal(seen.records[0].sha256, seen.records[1].sha256, 32);
    assert_int_equal(seen.records[1].der_len, made->len);
    assert_string_equal(seen.records[1].names[0], "a.example");
    assert_string_equal(seen.records[1].common_name, "www.example");
    free(pem);
    free(base64);
    clear(&seen);
    cert_make_free(made);
}

/* A key that came in for a certificate would be kept in the database. */
static void der_of_something_else_is_no_record(void **state)
{
    (void)state;
    static const struct {
        const char *der;
        size_t len;
        const char *fault;
    } cases[] = {
        {"\x30\x81\x05\x02\x01\x03\x30\x00", 8, "0: PKCS#12"},
        {"\x30\x81\x07\x06\x01\x2a\xa0\x02\x30\x00", 10, "0: PKCS#7"},
        {"\x30\x81\x05\x02\x01\x00\x30\x00", 8, "0: no certificate; is it a key?"},
        {"\x30\x82\xff\xff\x00\x00", 6, "0: neither a certificate"},
        {"-----BEGIN CERTIFICATE-----\nMIIAAA==\n-----END CERTIFICATE-----\n", 63, "1: neither a certificate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        struct error err = {0};
        assert_true(read_bytes(&seen, cases[i].der, cases[i].len, NULL, &err));
        assert_int_equal(seen.count, 0);
        assert_int_equal(seen.faults, 1);
        assert_memory_equal(seen.fault, cases[i].fault, strlen(cases[i].fault));
    }
}

static void the_same_record_has_the_same_identity(void **state)
{
    (void)state;
    uint8_t first[32], second[32];
    struct managed_record a = {.issuer = "O=CA", .serial_number = "a1", .owner = "x"};
    struct managed_record b = {.issuer = "O=CA", .serial_number = "a1", .owner = "y"};
    managed_record_identity(&a, first);
    managed_record_identity(&b, second);
    assert_memory_equal(first, second, 32);
    b.serial_number = "a2";
    managed_record_identity(&b, second);
    assert_memory_not_equal(first, second, 32);
}

static void locations_are_split_into_places(void **state)
{
    (void)state;
    struct managed_place places[8];
    size_t count = record_places("10.1.2.3:443; WWW.a.gov [2001:db8::1]:8443,2001:db8::2 Datacenter host.x:0", places, 8);
    assert_int_equal(count, 4);
    assert_int_equal(places[0].port, 443);
    assert_int_equal(places[0].address.len, 4);
    assert_string_equal(places[1].name, "www.a.gov");
    assert_int_equal(places[2].port, 8443);
    assert_int_equal(places[3].address.len, 16);
    assert_int_equal(places[3].port, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_headings_are_understood),
        cmocka_unit_test(a_bad_row_is_told_and_hides_no_other),
        cmocka_unit_test(columns_and_dates_are_as_the_user_says),
        cmocka_unit_test(certificates_come_from_pem_with_garbage_and_from_der),
        cmocka_unit_test(der_of_something_else_is_no_record),
        cmocka_unit_test(the_same_record_has_the_same_identity),
        cmocka_unit_test(locations_are_split_into_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
