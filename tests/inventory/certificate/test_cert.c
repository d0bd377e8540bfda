/* cert.h and cert_text.h: every field on its own, whatever the bytes are. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/pem.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_sound_certificate_gives_all_its_fields(void **state)
{
    (void)state;
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "C=US,O=Example Trust,CN=Example CA", .is_ca = 1});
    struct made_cert *made = cert_make(&(struct cert_recipe){
        .subject = "C=US,O=State of Examples,CN=www.example.gov", .issuer = ca, .serial = 0xabcdef,
        .sans = "DNS:WWW.example.gov,DNS:*.example.gov,IP:127.60.0.1,IP:2001:db8::1,email:a@example.gov,URI:http://x/",
        .extension = {"keyUsage", "critical,digitalSignature,keyEncipherment", "extendedKeyUsage", "serverAuth,1.2.3.4",
                      "tlsfeature", "status_request", "certificatePolicies", "DER:300a3008060667810c010202"}});
    struct cert *cert = cert_parse(made->der, made->len);
    assert_int_equal(cert->version, 3);
    assert_string_equal(cert->serial_text, "abcdef");
    assert_string_equal(cert->subject, "CN=www.example.gov,O=State of Examples,C=US");
    assert_string_equal(cert->issuer, "CN=Example CA,O=Example Trust,C=US");
    assert_string_equal(cert->subject_attributes.items[1], "O=State of Examples");
    assert_int_equal(cert->not_before, 1767225600);
    assert_int_equal(cert->not_after, 1775001599);
    assert_string_equal(cert->key_algorithm, "ec");
    assert_string_equal(cert->key_curve, "P-256");
    assert_int_equal(cert->key_bits, 256);
    assert_string_equal(cert->signature_algorithm, "ecdsa-with-SHA256");
    assert_string_equal(cert->signature_hash, "sha256");
    assert_true(cert->signature_algorithms_agree);
    assert_int_equal(cert->san_count, 6);
    assert_int_equal(cert->name_count, 7);
    assert_string_equal(cert->names[0].text, "www.example.gov");
    assert_string_equal(cert->names[3].text, "2001:db8::1");
    assert_int_equal(cert->names[6].kind, CERT_NAME_COMMON);
    assert_int_equal(cert->key_usage.count, 2);
    assert_string_equal(cert->extended_key_usage.items[0], "serverAuth");
    assert_string_equal(cert->extended_key_usage.items[1], "1.2.3.4");
    assert_string_equal(cert->policies.items[0], "2.23.140.1.2.2");
    assert_string_equal(cert_validation(cert), "ov");
    assert_true(cert->must_staple);
    assert_false(cert->is_ca);
    assert_false(cert->is_self_issued);
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        assert_int_not_equal(cert->state[field], FIELD_BROKEN);
    cert_destroy(cert);
    cert = cert_parse(ca->der, ca->len);
    assert_true(cert->is_ca && cert->is_self_issued && cert->is_self_signed);
    assert_int_equal(cert->path_len, -1);
    cert_destroy(cert);
    cert_make_free(made);
    cert_make_free(ca);
}

static void keys_of_each_kind_tell_size_and_exponent(void **state)
{
    (void)state;
    static const struct { const char *key, *algorithm, *curve, *exponent; unsigned bits; } cases[] = {
        {"RSA:1024", "rsa", NULL, "65537", 1024}, {"P-384", "ec", "P-384", NULL, 384},
        {"secp256k1", "ec", "secp256k1", NULL, 256}, {"ED25519", "ed25519", NULL, NULL, 256},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made_cert *made = cert_make(&(struct cert_recipe){.key = cases[i].key, .hash = "SHA1"});
        struct cert *cert = cert_parse(made->der, made->len);
        assert_string_equal(cert->key_algorithm, cases[i].algorithm);
        assert_int_equal(cert->key_bits, cases[i].bits);
        if (cases[i].curve != NULL)
            assert_string_equal(cert->key_curve, cases[i].curve);
        if (cases[i].exponent != NULL)
            assert_string_equal(cert->rsa_exponent, cases[i].exponent);
        assert_true(cert->is_self_signed);
        if (strcmp(cases[i].algorithm, "ed25519") != 0)
            assert_string_equal(cert->signature_hash, "sha1");
        cert_destroy(cert);
        cert_make_free(made);
    }
}

/* Whatever is cut off or turned over: the hash is there, and what lies before the fault is. */
static void a_broken_field_hides_no_other(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example"});
    for (size_t len = 0; len < made->len; len++) {
        struct cert *cert = cert_parse(made->der, len);
        assert_int_equal(cert->state[CERT_STRUCTURE], FIELD_BROKEN);
        cert_destroy(cert);
    }
    for (size_t i = 0; i < made->len; i++) {
        uint8_t *der = xmemdup(made->der, made->len);
        der[i] ^= 0xff;
        cert_destroy(cert_parse(der, made->len));
        free(der);
    }
    uint8_t *der = xmemdup(made->der, made->len);
    uint8_t *time = memmem(der, made->len, "260331235959Z", 13);
    assert_non_null(time);
    memcpy(time, "269931", 6);
    struct cert *cert = cert_parse(der, made->len);
    assert_int_equal(cert->state[CERT_NOT_AFTER], FIELD_BROKEN);
    assert_int_equal(cert->state[CERT_NOT_BEFORE], FIELD_PRESENT);
    assert_int_equal(cert->state[CERT_PUBLIC_KEY], FIELD_PRESENT);
    assert_string_equal(cert->names[0].text, "a.example");
    cert_destroy(cert);
    free(der);
    cert = cert_parse("", 0);
    assert_int_equal(cert->state[CERT_SUBJECT], FIELD_BROKEN);
    cert_destroy(cert);
    cert_make_free(made);
}

/* A copy of the DER with one piece replaced by another of the same length, parsed. */
static struct cert *parse_patched(const struct made_cert *made, const void *from, const void *to, size_t len)
{
    uint8_t *der = xmemdup(made->der, made->len), *at = der;
    size_t found = 0;
    while ((at = memmem(at, made->len - (size_t)(at - der), from, len)) != NULL) {
        memcpy(at, to, len);
        at += len;
        found++;
    }
    assert_true(found > 0);
    struct cert *cert = cert_parse(der, made->len);
    free(der);
    return cert;
}

static void one_bad_character_costs_one_character(void **state)
{
    (void)state;
    static const struct { const char *tagged, *cn, *subject; size_t len; } cases[] = {
        {"\x0c\x06" "ca\xffXYZ", "ca\\xffXYZ", "CN=ca\\FFXYZ", 8},
        {"\x1e\x06" "\0a\xd8\0\0b", "a\\xd8\\x00b", "CN=a\\D8\\00b", 8},           /* a lone surrogate */
        {"\x1e\x06" "\xd8\x3d\xde\0\0b", "\xf0\x9f\x98\x80" "b", "CN=\xf0\x9f\x98\x80" "b", 8},
        {"\x1c\x06" "\0\0\0a\xff\xfe", "a\\xff\\xfe", "CN=a\\FF\\FE", 8},
        {"\x14\x06" "caf\xe9XY", "caf\xc3\xa9XY", "CN=caf\xc3\xa9XY", 8},
        {"\x0c\x06" "a\xe2\x80\xae" "bc", "a\\u202ebc", "CN=a\\E2\\80\\AEbc", 8},
        {"\x0c\x06" "a\0\x1b[,c", "a\\x00\\x1b[,c", "CN=a\\00\\1B[\\,c", 8},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=abcdef", .sans = "DNS:other.example"});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cert *cert = parse_patched(made, "\x0c\x06" "abcdef", cases[i].tagged, cases[i].len);
        assert_string_equal(cert->names[1].text, cases[i].cn);
        assert_string_equal(cert->subject, cases[i].subject);
        cert_destroy(cert);
    }
    cert_make_free(made);
}

static void a_broken_element_leaves_its_neighbours(void **state)
{
    (void)state;
    /* The first policy's qualifiers are an empty OBJECT IDENTIFIER; a URL follows an access method without a location. */
    struct made_cert *made = cert_make(&(struct cert_recipe){.sans = "DNS:a.example,IP:10.0.0.1,DNS:b.example", .extension = {
        "certificatePolicies", "DER:3018300606022a030600300406022a043008060667810c010202",
        "authorityInfoAccess", "DER:3020300a06082b06010505073001301206082b060105050730018606687474703a2f",
        "extendedKeyUsage", "DER:300e06082b0601050507030105000600"}});
    struct cert *cert = cert_parse(made->der, made->len);
    assert_int_equal(cert->state[CERT_POLICIES], FIELD_BROKEN);
    assert_int_equal(cert->policies.count, 3);
    assert_string_equal(cert->policies.items[0], "1.2.3");
    assert_string_equal(cert->policies.items[2], "2.23.140.1.2.2");
    assert_int_equal(cert->state[CERT_AUTHORITY_INFO_ACCESS], FIELD_BROKEN);
    assert_int_equal(cert->ocsp_urls.count, 1);
    assert_int_equal(cert->state[CERT_EXTENDED_KEY_USAGE], FIELD_BROKEN);
    assert_string_equal(cert->extended_key_usage.items[0], "serverAuth");
    cert_destroy(cert);
    cert = parse_patched(made, "\x87\x04\x0a\0\0\x01", "\x87\x04\x0a\0\0\x02", 6);
    assert_int_equal(cert->san_count, 3);
    cert_destroy(cert);
    cert = parse_patched(made, "\x82\x09" "a.example", "\x87\x09" "a.example", 11);      /* an address of nine bytes */
    assert_int_equal(cert->state[CERT_SUBJECT_ALT_NAMES], FIELD_BROKEN);
    assert_int_equal(cert->san_count, 3);
    assert_string_equal(cert->names[2].text, "b.example");
    cert_destroy(cert);
    cert_make_free(made);
}

static void times_that_are_none_are_broken_and_odd_forms_told(void **state)
{
    (void)state;
    static const struct { const char *text; enum field time, form; int64_t seconds; } cases[] = {
        {"\x17\x0d" "260331235959Z", FIELD_PRESENT, FIELD_PRESENT, 1775001599},
        {"\x17\x0d" "260230000000Z", FIELD_BROKEN, FIELD_BROKEN, 0},
        {"\x17\x0d" "240229000000Z", FIELD_PRESENT, FIELD_PRESENT, 1709164800},
        {"\x17\x0d" "hello, world!", FIELD_BROKEN, FIELD_BROKEN, 0},
        {"\x18\x0d" "202603312359Z", FIELD_PRESENT, FIELD_BROKEN, 1775001540},
        {"\x18\x0d" "20260331.5Z  ", FIELD_BROKEN, FIELD_BROKEN, 0},
        {"\x17\x0d" "26033123+0100", FIELD_BROKEN, FIELD_BROKEN, 0},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example"});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cert *cert = parse_patched(made, "\x17\x0d" "260331235959Z", cases[i].text, 15);
        assert_int_equal(cert->state[CERT_NOT_AFTER], cases[i].time);
        assert_int_equal(cert->state[CERT_VALIDITY_FORM], cases[i].form);
        if (cases[i].time == FIELD_PRESENT)
            assert_true(cert->not_after == cases[i].seconds);
        assert_int_equal(cert->state[CERT_NOT_BEFORE], FIELD_PRESENT);
        assert_string_equal(cert->names[0].text, "a.example");
        cert_destroy(cert);
    }
    cert_make_free(made);
}

static void what_stands_twice_is_told_and_read(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a.example", .extension = {
        "subjectAltName", "DNS:hidden.example", "keyUsage", "digitalSignature"}});
    struct cert *cert = cert_parse(made->der, made->len);
    assert_int_equal(cert->duplicate_extensions.count, 1);
    assert_string_equal(cert->duplicate_extensions.items[0], "2.5.29.17");
    assert_int_equal(cert->state[CERT_SUBJECT_ALT_NAMES], FIELD_BROKEN);
    assert_int_equal(cert->state[CERT_KEY_USAGE], FIELD_PRESENT);
    assert_int_equal(cert->san_count, 2);
    assert_string_equal(cert->names[1].text, "hidden.example");
    assert_int_equal(cert->extensions.count, 2);
    cert_destroy(cert);
    cert_make_free(made);
}

static void names_of_other_kinds_are_decoded(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=a,CN=b",
        .sans = "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@agency.example,RID:1.2.840.113549,otherName:1.2.3;UTF8:plain,"
                "otherName:1.3.6.1.5.5.7.8.7;IA5:_mail.example",
        .extension = {"issuerAltName", "DNS:ca.example,email:ca@example", "nameConstraints",
                      "permitted;DNS:.example,excluded;IP:10.0.0.0/255.0.0.0", "subjectInfoAccess", "caRepository;URI:http://repo/"}});
    struct cert *cert = cert_parse(made->der, made->len);
    static const struct { enum cert_name_kind kind; const char *text; } want[] = {
        {CERT_NAME_UPN, "user@agency.example"}, {CERT_NAME_REGISTERED_ID, "1.2.840.113549"}, {CERT_NAME_OTHER, "1.2.3=plain"},
        {CERT_NAME_SRV, "_mail.example"}, {CERT_NAME_COMMON, "a"}, {CERT_NAME_COMMON, "b"},
    };
    assert_int_equal(cert->name_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(cert->names[i].kind, want[i].kind);
        assert_string_equal(cert->names[i].text, want[i].text);
    }
    assert_string_equal(cert->issuer_alt_names.items[0], "dns:ca.example");
    assert_string_equal(cert->access_methods.items[0], "caRepository=http://repo/");
    assert_int_equal(cert->subtree_count, 2);
    assert_false(cert->subtrees[0].excluded);
    assert_string_equal(cert->subtrees[0].text, ".example");
    assert_true(cert->subtrees[1].excluded);
    assert_string_equal(cert->subtrees[1].text, "10.0.0.0/255.0.0.0");
    assert_int_equal(cert->state[CERT_NAME_CONSTRAINTS], FIELD_PRESENT);
    cert_destroy(cert);
    cert_make_free(made);
}

static void serial_numbers_keep_sign_and_form(void **state)
{
    (void)state;
    static const struct { const char *der, *text; enum field field; } cases[] = {
        {"\x02\x04\x12\x34\x56\x78", "12345678", FIELD_PRESENT}, {"\x02\x04\xff\x34\x56\x78", "-cba988", FIELD_PRESENT},
        {"\x02\x04\x80\0\0\0", "-80000000", FIELD_PRESENT}, {"\x02\x04\xff\xff\xff\xff", "-1", FIELD_BROKEN},
        {"\x02\x04\0\0\0\x01", "1", FIELD_BROKEN}, {"\x02\x04\0\0\0\0", "0", FIELD_BROKEN},
        {"\x04\x04\0\0\0\0", NULL, FIELD_BROKEN},
    };
    struct made_cert *made = cert_make(&(struct cert_recipe){.serial = 0x12345678});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cert *cert = parse_patched(made, "\x02\x04\x12\x34\x56\x78", cases[i].der, 6);
        assert_int_equal(cert->state[CERT_SERIAL_NUMBER], cases[i].field);
        if (cases[i].text != NULL)
            assert_string_equal(cert->serial_text, cases[i].text);
        assert_int_equal(cert->state[CERT_ISSUER], FIELD_PRESENT);
        cert_destroy(cert);
    }
    cert_make_free(made);
}

static void resign(struct made_cert *made)
{
    OPENSSL_free(made->der);
    made->der = NULL;
    assert_true(X509_sign(made->x509, made->key, EVP_sha256()) > 0);
    made->len = (size_t)i2d_X509(made->x509, &made->der);
}

static void points_and_parameters_of_curves_are_looked_into(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.key = "P-384"});
    uint8_t point[97], other[97];
    size_t len;
    EVP_PKEY_get_octet_string_param(made->key, "pub", point, sizeof point, &len);
    assert_int_equal(len, 97);
    memcpy(other, point, 97);
    other[96] ^= 1;
    struct cert *cert = parse_patched(made, point, other, 97);
    assert_int_equal(cert->key_faults, CERT_KEY_OFF_CURVE);
    assert_int_equal(cert->state[CERT_PUBLIC_KEY], FIELD_BROKEN);
    assert_string_equal(cert->key_curve, "P-384");
    cert_destroy(cert);
    EVP_PKEY_set_utf8_string_param(made->key, "encoding", "explicit");
    X509_set_pubkey(made->x509, made->key);
    resign(made);
    cert = cert_parse(made->der, made->len);
    assert_int_equal(cert->key_faults, CERT_KEY_EXPLICIT_PARAMETERS);
    assert_int_equal(cert->state[CERT_PUBLIC_KEY], FIELD_PRESENT);
    assert_null(cert->key_curve);
    assert_string_equal(cert->key_explicit_curve, "P-384");
    assert_int_equal(cert->key_bits, 384);
    cert_destroy(cert);
    static const uint8_t generator[] = {0x04, 0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05}, false_one[] = {0x04, 0xab, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05};
    cert = parse_patched(made, generator, false_one, sizeof generator);
    assert_int_equal(cert->key_faults, CERT_KEY_EXPLICIT_PARAMETERS | CERT_KEY_FALSE_GENERATOR);
    cert_destroy(cert);
    cert_make_free(made);
}

static void pss_parameters_are_read_and_verified(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.key = "RSA:1024"});
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters;
    assert_int_equal(EVP_DigestSignInit(context, &parameters, EVP_sha384(), NULL, made->key), 1);
    EVP_PKEY_CTX_set_rsa_padding(parameters, 6);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 13);
    assert_true(X509_sign_ctx(made->x509, context) > 0);
    EVP_MD_CTX_free(context);
    OPENSSL_free(made->der);
    made->der = NULL;
    made->len = (size_t)i2d_X509(made->x509, &made->der);
    struct cert *cert = cert_parse(made->der, made->len);
    assert_string_equal(cert->signature_algorithm, "rsassaPss");
    assert_string_equal(cert->signature_hash, "sha384");
    assert_string_equal(cert->signature_parameters, "sha384 mgf1-sha384 salt 13");
    assert_true(cert->is_self_signed);
    cert_destroy(cert);
    cert_make_free(made);
    made = cert_make(&(struct cert_recipe){.key = "RSA:1024"});         /* NULL is no parameters of this algorithm */
    cert = parse_patched(made, "\x86\xf7\x0d\x01\x01\x0b", "\x86\xf7\x0d\x01\x01\x0a", 6);
    assert_int_equal(cert->state[CERT_SIGNATURE_ALGORITHM], FIELD_BROKEN);
    assert_false(cert->is_self_signed);
    cert_destroy(cert);
    cert_make_free(made);
}

static void algorithms_inside_and_outside_are_compared(void **state)
{
    (void)state;
    struct made_cert *made = cert_make(&(struct cert_recipe){.key = "RSA:1024"});
    uint8_t *at = memmem(made->der, made->len, "\x86\xf7\x0d\x01\x01\x0b", 6);
    at[5] = 0x0c;
    struct cert *cert = cert_parse(made->der, made->len);
    assert_false(cert->signature_algorithms_agree);
    assert_string_equal(cert->signature_algorithm, "sha256WithRSAEncryption");
    assert_string_equal(cert->signed_algorithm, "sha384WithRSAEncryption");
    assert_false(cert->is_self_signed);
    cert_destroy(cert);
    cert_make_free(made);
}

static void a_list_without_end_is_counted_and_cut(void **state)
{
    (void)state;
    size_t size = 1 << 20, len = 0;
    char *sans = xmalloc(size);
    for (int i = 0; i < 1500; i++)
        len += (size_t)snprintf(sans + len, size - len, "%sDNS:n%d.example", i == 0 ? "" : ",", i);
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=n0.example", .sans = sans});
    struct cert *cert = cert_parse(made->der, made->len);
    assert_int_equal(cert->san_count, CERT_NAMES_MAX);
    assert_int_equal(cert->names_omitted, 500);
    assert_int_equal(cert->name_count, CERT_NAMES_MAX + 1);
    assert_int_equal(cert->state[CERT_LIMITS], FIELD_BROKEN);
    assert_int_equal(cert->state[CERT_SUBJECT_ALT_NAMES], FIELD_PRESENT);
    cert_destroy(cert);
    cert_make_free(made);
    free(sans);
}

static void names_compare_as_rfc_5280_says(void **state)
{
    (void)state;
#define NAME(value) "\x30\x12\x31\x10\x30\x0e\x06\x03\x55\x04\x0a" value
    static const struct { const char *name; bool same; } cases[] = {
        {NAME("\x13\x07" "A b  CD"), true}, {NAME("\x0c\x07" "a B cD "), true}, {NAME("\x0c\x07" " a b cd"), true},
        {NAME("\x0c\x07" "a b c d"), false}, {NAME("\x0c\x07" "ab  cd "), false}, {NAME("\x04\x07" "A b  CD"), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(cert_names_equal(byte_reader_of(cases[0].name, 20), byte_reader_of(cases[i].name, 20)), cases[i].same);
    assert_false(cert_names_equal(byte_reader_of(cases[0].name, 20), byte_reader_of("\x30\x00", 2)));
}

static void foreign_text_is_made_fit(void **state)
{
    (void)state;
    char *text = cert_text_clean_lower("A\0b\xc3\xbc\xff\x1b[", 8);
    assert_string_equal(text, "a\\x00b\xc3\xbc\\xff\\x1b[");
    free(text);
}

static void the_same_name_folds_to_one_text(void **state)
{
    (void)state;
    static const char *const same[] = {"CN=Example CA,O=Example\\, Inc.,C=US", "C=US, O=\"Example, Inc.\", CN=example ca",
                                       "/C=US/O=Example, Inc./CN=Example CA", " cn = Example  CA , o=Example\\, Inc. , c=us"};
    char *first = cert_text_fold_name(same[0]);
    for (size_t i = 1; i < 4; i++) {
        char *other = cert_text_fold_name(same[i]);
        assert_string_equal(first, other);
        free(other);
    }
    char *other = cert_text_fold_name("CN=Example CA,C=US");
    assert_string_not_equal(first, other);
    free(other);
    free(first);
}

static void pem_blocks_are_found_in_garbage(void **state)
{
    (void)state;
    static const char text[] = "prose\r\n-----BEGIN CERTIFICATE-----\r\nAQID\r\n-----END CERTIFICATE-----\r\n\xff\xfe junk\n"
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
        "-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nBAUG\n-----END PRIVATE KEY-----\n"
        "-----BEGIN CERTIFICATE-----\nAQID\n-----BEGIN CERTIFICATE-----\nBwgJ\n-----END CERTIFICATE-----\n"
        "-----BEGIN CERTIFICATE-----\nAQID";
    static const struct { size_t line, len; const char *label; } want[] = {
        {2, 3, "CERTIFICATE"}, {6, 0, "CERTIFICATE"}, {9, 3, "PRIVATE KEY"}, {14, 0, "CERTIFICATE"},
        {16, 3, "CERTIFICATE"}, {19, 0, "CERTIFICATE"},
    };
    struct pem_reader reader = pem_reader_of(text, sizeof text - 1);
    struct pem_block block;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(pem_next(&reader, &block));
        assert_int_equal(block.line, want[i].line);
        assert_int_equal(block.len, want[i].len);
        assert_string_equal(block.label, want[i].label);
        assert_true((block.fault == NULL) == (want[i].len > 0));
        free(block.der);
    }
    assert_false(pem_next(&reader, &block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_certificate_gives_all_its_fields),
        cmocka_unit_test(keys_of_each_kind_tell_size_and_exponent),
        cmocka_unit_test(a_broken_field_hides_no_other),
        cmocka_unit_test(one_bad_character_costs_one_character),
        cmocka_unit_test(a_broken_element_leaves_its_neighbours),
        cmocka_unit_test(times_that_are_none_are_broken_and_odd_forms_told),
        cmocka_unit_test(what_stands_twice_is_told_and_read),
        cmocka_unit_test(names_of_other_kinds_are_decoded),
        cmocka_unit_test(serial_numbers_keep_sign_and_form),
        cmocka_unit_test(points_and_parameters_of_curves_are_looked_into),
        cmocka_unit_test(pss_parameters_are_read_and_verified),
        cmocka_unit_test(algorithms_inside_and_outside_are_compared),
        cmocka_unit_test(a_list_without_end_is_counted_and_cut),
        cmocka_unit_test(names_compare_as_rfc_5280_says),
        cmocka_unit_test(foreign_text_is_made_fit),
        cmocka_unit_test(the_same_name_folds_to_one_text),
        cmocka_unit_test(pem_blocks_are_found_in_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
