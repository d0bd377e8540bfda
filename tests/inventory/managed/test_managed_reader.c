/* Files that say what is managed. */
#include "inventory/managed/reader.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct seen {
    struct managed_record records[16];
    size_t count, faults;
    char fault[300], story[600], note[300];
    size_t notes;
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

static void on_note(void *context, const char *file, const char *text)
{
    struct seen *seen = context;
    (void)file;
    seen->notes++;
    snprintf(seen->note, sizeof seen->note, "%s", text);
}

static void on_story(void *context, const struct managed_story *story)
{
    struct seen *seen = context;
    snprintf(seen->story, sizeof seen->story, "%s; contacts %s; %s; unused %zu %s; near %s", story->profile, story->contacts,
             story->dates_because == NULL ? "" : story->dates_because, story->unused_count, story->unused,
             story->near == NULL ? "" : story->near);
}

static bool read_bytes(struct seen *seen, const void *bytes, size_t len, const struct managed_reader_options *options,
                       struct error *err)
{
    struct managed_sink sink = {.record = on_record, .fault = on_fault, .note = on_note, .story = on_story, .context = seen};
    struct managed_reader_options all = options == NULL ? (struct managed_reader_options){0} : *options;
    struct profiles profiles;
    if (!profiles_read(&profiles, NULL, err))
        fail_msg("%s", err->text);
    all.profiles = &profiles;
    bool ok = managed_read_bytes("m.csv", byte_reader_of(bytes, len), &all, &sink, err);
    profiles_clear(&profiles);
    return ok;
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

/* Joined tables have a heading twice: what one of them leaves empty stands in the other. */
static void columns_of_the_same_heading_are_all_read(void **state)
{
    (void)state;
    static const char text[] = "Serial Number,Common Name,Serial_Number,Expires,common name,Contacts,Contacts\n"
                               "0a,a.gov,0b,2027-01-01,b.gov,x@a.gov,y@a.gov\n,,0c,2027-01-01,c.gov,,z@a.gov\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, text, sizeof text - 1, NULL, &err));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.faults, 0);
    assert_string_equal(seen.records[0].serial_number, "a");
    assert_string_equal(seen.records[0].common_name, "a.gov");
    assert_string_equal(seen.records[0].contacts, "x@a.gov, y@a.gov");
    assert_string_equal(seen.records[1].serial_number, "c");
    assert_string_equal(seen.records[1].common_name, "c.gov");
    assert_int_equal(seen.notes, 1);
    assert_non_null(strstr(seen.note, "\"Serial Number\""));
    assert_non_null(strstr(seen.note, "\"Common Name\""));
    assert_non_null(strstr(seen.note, "all of them are read"));
    assert_non_null(strstr(seen.story, "contacts Contacts; "));
    assert_non_null(strstr(seen.story, "unused 0 "));
    clear(&seen);
    /* The same for a heading that --map names. */
    static const char mapped[] = "ID,Key,ID\n,k,\n,k,0c\n";
    const char *const map[] = {"serial_number=ID"};
    memset(&seen, 0, sizeof seen);
    assert_true(read_bytes(&seen, mapped, sizeof mapped - 1, &(struct managed_reader_options){.map = map, .map_count = 1}, &err));
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.records[0].serial_number, "c");
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
        {" ,,2026-01-01,", "3: the row identifies no certificate"},
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

/* What no network serves is known by its usages; one for servers, or for anything, is not told by them. */
static void a_certificate_says_what_it_is_for(void **state)
{
    (void)state;
    static const struct { const char *usage; enum record_type type; } made_for[] = {
        {"clientAuth", TYPE_CLIENT}, {"emailProtection,clientAuth", TYPE_SMIME}, {"codeSigning", TYPE_CODE_SIGNING},
        {"serverAuth,clientAuth", TYPE_UNKNOWN}, {NULL, TYPE_UNKNOWN}, {"OCSPSigning", TYPE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof made_for / sizeof *made_for; i++) {
        struct made_cert *made = cert_make(&(struct cert_recipe){.extension = {made_for[i].usage == NULL ? NULL : "extendedKeyUsage", made_for[i].usage}});
        struct seen seen = {0};
        struct error err = {0};
        assert_true(read_bytes(&seen, made->der, made->len, NULL, &err));
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.records[0].type, made_for[i].type);
        clear(&seen);
        cert_make_free(made);
    }
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
    static const struct {
        const char *der;
        size_t len;
        const char *error;
    } whole[] = {
        {"\x30\x81\x05\x02\x01\x00\x30\x00", 8, "m.csv: no certificate; is it a key?"},
        {"\x30\x81\x07\x06\x01\x2a\xa0\x02\x30\x00", 10, "m.csv: PKCS#7 without a certificate"},
        {"\x30\x81\x0a\x02\x01\x03\x30\x05\x06\x01\x2a\x05\x00", 13, "m.csv: PKCS#12"},
    };
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct seen seen = {0};
        struct error err = {0};
        assert_false(read_bytes(&seen, whole[i].der, whole[i].len, NULL, &err));
        assert_memory_equal(err.text, whole[i].error, strlen(whole[i].error));
    }
}

/* Dates in doubt: another date of the file decides, else the user. */
static void the_order_of_dates_is_inferred_or_asked_for(void **state)
{
    (void)state;
    static const char proven[] = "cn,serial,start,end\na,1,01/02/2026,02/03/2026\nb,2,07/31/2026,02/15/2027\n";
    static const char asked[] = "cn,serial,end\na,1,02/03/2027\n", both[] = "cn,end\na,31/01/2027\nb,01/31/2027\n";
    static const char elsewhere[] = "cn,end,requested\na,02/03/2027,31/12/2026\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, proven, sizeof proven - 1, NULL, &err));
    assert_int_equal(seen.records[0].not_after_us, 1770076800000000);       /* 2026-02-03 */
    assert_non_null(strstr(seen.story, "dates read as month/day/year, since line 3 has 07/31/2026"));
    clear(&seen);
    seen = (struct seen){0};
    assert_false(read_bytes(&seen, asked, sizeof asked - 1, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "line 2 has 02/03/2027"));
    assert_false(read_bytes(&seen, both, sizeof both - 1, NULL, &err));
    assert_true(read_bytes(&seen, elsewhere, sizeof elsewhere - 1, NULL, &err));
    assert_int_equal(seen.records[0].not_after_us, 1803945600000000);       /* 2027-03-02 */
    clear(&seen);
}

static void a_link_is_an_order_or_a_serial_number_in_any_spelling(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1800123456", "1800123456"}, {"ORD-77", "ORD-77"}, {"0A:1B:2C:3D:4E:5F:60:71:82", "a1b2c3d4e5f607182"},
        {"4C49FEA7425FA7F869", "4c49fea7425fa7f869"}, {"00a0b1c2d3e4f5a6b7", "a0b1c2d3e4f5a6b7"}, {"123456789012345678", "123456789012345678"},
        {"11:22:33:44:55:66:77:88", "1122334455667788"}, {"000000000000000", "000000000000000"}, {"facade", "facade"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *link = xstrdup(cases[i][0]);
        record_tidy_link(&link);
        assert_string_equal(link, cases[i][1]);
        free(link);
    }
    char *none = NULL;
    record_tidy_link(&none);
    assert_null(none);
}

static void serial_numbers_are_read_in_the_base_of_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *column, *first;
    } cases[] = {
        {"0x0A1b", "a1b"}, {"00:0a:1B", "a1b"}, {"'0a1b", "a1b"}, {"serial=0A1B", "a1b"}, {"0a1bh", "a1b"}, {"1000", "1000"},
        {"-0a", "-a"}, {"20 40 8f", "20408f"}, {"184127453714534192705938313874992689933493984432", "20408f822e8b9e3e1fcdc23a97b52299a90bdcb0"},
        {"99999999999999999999", "56bc75e2d630fffff"}, {"99999999999999999999\nb,ff", "99999999999999999999"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];
        struct seen seen = {0};
        struct error err = {0};
        snprintf(text, sizeof text, "cn,serial\na,%s\n", cases[i].column);
        assert_true(read_bytes(&seen, text, strlen(text), NULL, &err));
        assert_string_equal(seen.records[0].serial_number, cases[i].first);
        clear(&seen);
    }
}

static void lists_of_names_are_the_same_set_in_every_spelling(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "DNS Name=a.gov, DNS Name=B.gov, IP Address=10.0.0.1", "DNS:a.gov, DNS:b.gov, IP Address:10.0.0.1",
        "dNSName: a.gov, dNSName: b.gov., iPAddress: 10.0.0.1", "a.gov|b.gov|10.0.0.1", "[\"a.gov\", \"b.gov\", \"10.0.0.1\"]",
        "a.gov b.gov;10.0.0.1,x@a.gov,URI:https://a.gov/", "a.gov\nb.gov\n10.0.0.1",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct managed_record record = RECORD_EMPTY;
        record_add_names(&record, lists[i]);
        assert_int_equal(record.name_count, 3);
        assert_string_equal(record.names[0], "a.gov");
        assert_string_equal(record.names[1], "b.gov");
        assert_string_equal(record.names[2], "10.0.0.1");
        managed_record_clear(&record);
    }
    struct managed_record record = RECORD_EMPTY;
    record_add_names(&record, "stra\xc3\x9f" "e.example, *.b\xc3\xbc" "cher.example");
    assert_string_equal(record.names[0], "xn--strae-oqa.example");
    assert_string_equal(record.names[1], "*.xn--bcher-kva.example");
    managed_record_clear(&record);
}

/* Its row is a record all the same. */
static void a_contact_with_a_control_character_is_refused_and_told(void **state)
{
    (void)state;
    static const char text[] = "Common Name,Serial Number,Additional Emails\n"
                               "a.gov,01,\"x@a.gov\r\nBcc: y@a.gov\"\n"
                               "b.gov,02,\"x@a.gov\r\ny@a.gov\"\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, text, sizeof text - 1, NULL, &err));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.faults, 1);
    assert_null(seen.records[0].contacts);
    assert_string_equal(seen.records[1].contacts, "x@a.gov, y@a.gov");
    clear(&seen);
}

/* "N/A" costs no row; contacts are addresses only; the kind of a hash follows from its length. */
static void cells_say_what_they_say(void **state)
{
    (void)state;
    static const char text[] = "Common Name,Serial Number,Expires,Thumbprint,Requester,Additional Emails,Status,Colour\n"
                               "a.gov,N/A,-,7741E3C73D0327445C2DD613A79431354D79AFED,\"Sam \r\n Desk\n\",x@a.gov;y@a.gov,Revoked,red\n"
                               "Total: 1,,,,,,,\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, text, sizeof text - 1, NULL, &err));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.faults, 0);
    const struct managed_record *record = &seen.records[0];
    assert_null(record->serial_number);
    assert_int_equal(record->not_after_us, RECORD_NO_TIME);
    assert_true(record->has_sha1);
    assert_false(record->has_sha256);
    assert_string_equal(record->contacts, "x@a.gov, y@a.gov");
    assert_string_equal(record->requester, "Sam Desk");
    assert_int_equal(record->status, STATUS_REVOKED);
    assert_non_null(strstr(seen.story, "unused 1 Colour"));
    assert_non_null(strstr(seen.story, "contacts Additional Emails;"));
    clear(&seen);
}

/* A list that somebody keeps by hand; below the rows a program says that it is done; "revoked" is a date or a word. */
static void everyday_headings_and_words_are_read(void **state)
{
    (void)state;
    static const char text[] = "Certificates,,,Dates,,\nName,Serial (hex),Order #,From,To,Revoked\n"
                               "a.gov,0A1B2C3D4E5F60718,17,2026-01-01,2027-01-01,No\nb.gov,0B1B2C3D4E5F60718,18,2026-01-01,2027-01-01,TRUE\n"
                               "c.gov,0C1B2C3D4E5F60718,19,2026-01-01,2027-01-01,2026-06-01\nCertUtil: -view command completed successfully.\n";
    static const char named[] = "Name,SAN(s),To\nThe web server,a.gov,2027-01-01\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, text, sizeof text - 1, NULL, &err));
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.faults, 0);
    assert_string_equal(seen.records[0].common_name, "a.gov");
    assert_string_equal(seen.records[0].serial_number, "a1b2c3d4e5f60718");
    assert_string_equal(seen.records[0].order_number, "17");
    assert_int_not_equal(seen.records[0].not_before_us, RECORD_NO_TIME);
    assert_int_not_equal(seen.records[0].not_after_us, RECORD_NO_TIME);
    assert_int_equal(seen.records[0].status, STATUS_UNKNOWN);
    assert_int_equal(seen.records[1].status, STATUS_REVOKED);
    assert_int_equal(seen.records[1].revoked_at_us, RECORD_NO_TIME);
    assert_int_equal(seen.records[2].status, STATUS_REVOKED);
    assert_int_not_equal(seen.records[2].revoked_at_us, RECORD_NO_TIME);
    clear(&seen);
    seen = (struct seen){0};
    assert_true(read_bytes(&seen, named, sizeof named - 1, NULL, &err));
    assert_null(seen.records[0].common_name);           /* a column of names is there */
    assert_int_equal(seen.records[0].name_count, 1);
    clear(&seen);
}

static void a_map_is_told_what_its_column_is(void **state)
{
    (void)state;
    static const char text[] = "Name,Print\na.gov,7741E3C73D0327445C2DD613A79431354D79AFED\n";
    static const char *const sha256[] = {"common_name=Name", "sha256=Print"}, *const none[] = {"sha256=Prince"};
    struct managed_reader_options options = {.map = sha256, .map_count = 2};
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, text, sizeof text - 1, &options, &err));
    assert_int_equal(seen.faults, 1);
    assert_non_null(strstr(seen.fault, "is SHA-1 (40 digits): this column is --map sha1="));
    static const char sited[] = "Name,Building\na.gov,HQ East\nb.gov,H\xc3\xb6he\n";
    static const char *const site[] = {"common_name=Name", "site=Building"};
    options.map = site;
    clear(&seen);
    seen = (struct seen){0};
    assert_true(read_bytes(&seen, sited, sizeof sited - 1, &options, &err));
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.records[0].site, "HQ East");
    assert_non_null(strstr(seen.fault, "expected a name of printable ASCII"));
    clear(&seen);
    seen = (struct seen){0};
    options.map = none, options.map_count = 1;
    assert_false(read_bytes(&seen, text, sizeof text - 1, &options, &err));
    assert_non_null(strstr(err.text, "no such column \"Prince\""));
    clear(&seen);
}

static void a_profile_is_named_or_nearly_named(void **state)
{
    (void)state;
    static const char sectigo[] = "Report\n\nCommon Name,Subject Alt Names,Status,Order Number,Certificate Type,Server Software State,Discovery Status,Issued\n"
                                  "CDT Code Signing,,Issued,18,Sectigo OV SSL,,,2026-01-01\nnew.gov,,Requested,19,Sectigo OV SSL,,,\n";
    static const char nearly[] = "Common Name,Subject Alt Names,Order Number,Server Software State\na.gov,,1,\n";
    struct seen seen = {0};
    struct error err = {0};
    assert_true(read_bytes(&seen, sectigo, sizeof sectigo - 1, NULL, &err));
    assert_memory_equal(seen.story, "Sectigo SCM, SSL certificates report;", 37);
    assert_int_equal(seen.records[0].type, TYPE_CODE_SIGNING);
    assert_int_equal(seen.records[1].type, TYPE_SERVER);
    assert_string_equal(seen.records[1].validation, "OV");
    assert_int_equal(seen.records[1].status, STATUS_REQUESTED);
    clear(&seen);
    seen = (struct seen){0};
    assert_true(read_bytes(&seen, nearly, sizeof nearly - 1, NULL, &err));
    assert_non_null(strstr(seen.story, "near nearly Sectigo SCM, SSL certificates report, but no column \"Discovery Status\""));
    clear(&seen);
}

/* A file that is no managed set is refused with advice. */
static void files_of_another_kind_are_refused_with_advice(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{\"host\":\"a.gov\",\"probe_status\":true,\"serial\":\"0a\"}\n", "m.csv: results of tlsx, no managed set: certsweep load --from tlsx"},
        {"[{\"id\":\"cert\",\"severity\":\"INFO\",\"finding\":\"x\"}]", "m.csv: results of testssl"},
        {"<?xml version=\"1.0\"?><nmaprun/>", "m.csv: XML; of nmap's results: certsweep load --from nmap"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "m.csv: a workbook of old Excel"},
        {"<HTML><table>", "m.csv: a web page"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        struct error err = {0};
        assert_false(read_bytes(&seen, cases[i].text, strlen(cases[i].text), NULL, &err));
        assert_memory_equal(err.text, cases[i].error, strlen(cases[i].error));
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

static void put_text(const char *folder, const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", folder, name), *slash = path + strlen(folder);
    while ((slash = strchr(slash + 1, '/')) != NULL) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

/* What certbot and acme.sh keep is renewed by them, unless certbot's settings say that it is not; the same file elsewhere says nothing
 * of it, and nginx.conf in its folder is no acme.sh's. */
static void programs_that_renew_are_recognised(void **state)
{
    (void)state;
    char folder[] = "/tmp/certsweep-renewers.XXXXXX";
    struct seen seen = {0};
    struct error err = {0};
    struct managed_sink sink = {.record = on_record, .fault = on_fault, .story = on_story, .context = &seen};
    struct profiles profiles;
    struct managed_reader_options options = {.profiles = &profiles};
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.gov"});
    char *pem = cert_make_pem(made);
    assert_non_null(mkdtemp(folder));
    static const char *const certificates[] = {"archive/a.gov/cert7.pem", "archive/b.gov/fullchain1.pem", "archive/c.gov/cert1.pem",
                                               "d.gov_ecc/d.gov.cer", "nginx/e.cer"};
    static const char *const renewals[] = {"true", "false", NULL, "true", NULL};
    for (size_t i = 0; i < 5; i++)
        put_text(folder, certificates[i], pem);
    put_text(folder, "renewal/a.gov.conf", "version = 2.1.0\nfullchain = /etc/letsencrypt/live/a.gov/fullchain.pem\n[renewalparams]\n");
    put_text(folder, "renewal/b.gov.conf", "fullchain = x\n[renewalparams]\n autorenew=False\n");
    put_text(folder, "d.gov_ecc/d.gov.conf", "Le_Domain='d.gov'\nLe_Alt='no'\n");
    put_text(folder, "nginx/nginx.conf", "events {}\n");
    if (!profiles_read(&profiles, NULL, &err) || !managed_read_path(folder, &options, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(seen.count, 5);
    for (size_t i = 0; i < 5; i++) {
        if (renewals[i] == NULL)
            assert_null(seen.records[i].auto_renewal);
        else
            assert_string_equal(seen.records[i].auto_renewal, renewals[i]);
    }
    assert_non_null(strstr(seen.story, "acme.sh"));         /* the last; certbot's is told before it */
    clear(&seen);
    profiles_clear(&profiles);
    assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(pem);
    cert_make_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_headings_are_understood),
        cmocka_unit_test(columns_of_the_same_heading_are_all_read),
        cmocka_unit_test(a_bad_row_is_told_and_hides_no_other),
        cmocka_unit_test(columns_and_dates_are_as_the_user_says),
        cmocka_unit_test(certificates_come_from_pem_with_garbage_and_from_der),
        cmocka_unit_test(a_certificate_says_what_it_is_for),
        cmocka_unit_test(der_of_something_else_is_no_record),
        cmocka_unit_test(the_order_of_dates_is_inferred_or_asked_for),
        cmocka_unit_test(a_link_is_an_order_or_a_serial_number_in_any_spelling),
        cmocka_unit_test(serial_numbers_are_read_in_the_base_of_their_column),
        cmocka_unit_test(lists_of_names_are_the_same_set_in_every_spelling),
        cmocka_unit_test(cells_say_what_they_say),
        cmocka_unit_test(a_contact_with_a_control_character_is_refused_and_told),
        cmocka_unit_test(everyday_headings_and_words_are_read),
        cmocka_unit_test(a_map_is_told_what_its_column_is),
        cmocka_unit_test(a_profile_is_named_or_nearly_named),
        cmocka_unit_test(files_of_another_kind_are_refused_with_advice),
        cmocka_unit_test(the_same_record_has_the_same_identity),
        cmocka_unit_test(locations_are_split_into_places),
        cmocka_unit_test(programs_that_renew_are_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
