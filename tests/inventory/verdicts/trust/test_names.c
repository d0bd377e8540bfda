/* name_canon.h against OpenSSL's comparison, and name_constraints.h against a table and OpenSSL's judgement. */
#include "inventory/verdicts/trust/name_canon.h"
#include "inventory/verdicts/trust/name_constraints.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct attribute {
    int nid, type;
    const char *bytes;
    int len, set;                   /* set -1: into the RDN before it */
};

static X509_NAME *name_make(const struct attribute *attributes, size_t count)
{
    X509_NAME *name = X509_NAME_new();
    for (size_t i = 0; i < count; i++) {
        X509_NAME_ENTRY *entry = X509_NAME_ENTRY_new();
        X509_NAME_ENTRY_set_object(entry, OBJ_nid2obj(attributes[i].nid));
        X509_NAME_ENTRY_set_data(entry, attributes[i].type, (const unsigned char *)attributes[i].bytes, attributes[i].len);
        X509_NAME_add_entry(name, entry, -1, attributes[i].set);
        X509_NAME_ENTRY_free(entry);
    }
    return name;
}

static void names_are_equal_where_openssl_says_so(void **state)
{
    (void)state;
    static const struct attribute values[] = {
        {NID_organizationName, V_ASN1_UTF8STRING, "Agency", 6, 0},
        {NID_organizationName, V_ASN1_PRINTABLESTRING, "AGENCY", 6, 0},
        {NID_organizationName, V_ASN1_PRINTABLESTRING, "  Agency\t", 9, 0},
        {NID_organizationName, V_ASN1_BMPSTRING, "\0A\0g\0e\0n\0c\0y", 12, 0},
        {NID_organizationName, V_ASN1_UTF8STRING, "Agency  of   Ways", 17, 0},
        {NID_organizationName, V_ASN1_T61STRING, "agency of ways", 14, 0},
        {NID_organizationName, V_ASN1_UTF8STRING, "Stra\xc3\x9f" "e", 7, 0},
        {NID_organizationName, V_ASN1_T61STRING, "STRA\xdf" "E", 6, 0},
        {NID_organizationName, V_ASN1_UTF8STRING, "\xc3\x84rger", 6, 0},
        {NID_organizationName, V_ASN1_UTF8STRING, "\xc3\xa4rger", 6, 0},
        {NID_organizationName, V_ASN1_UTF8STRING, "", 0, 0},
        {NID_organizationName, V_ASN1_UTF8STRING, "   ", 3, 0},
        {NID_organizationalUnitName, V_ASN1_UTF8STRING, "Agency", 6, 0},
        {NID_organizationName, V_ASN1_NUMERICSTRING, "12", 2, 0},
        {NID_organizationName, V_ASN1_PRINTABLESTRING, "12", 2, 0},
    };
    enum { COUNT = sizeof values / sizeof *values };
    X509_NAME *names[COUNT + 4];
    for (size_t i = 0; i < COUNT; i++)
        names[i] = name_make(&values[i], 1);
    const struct attribute two[] = {{NID_countryName, V_ASN1_PRINTABLESTRING, "US", 2, 0}, {NID_commonName, V_ASN1_UTF8STRING, "b", 1, 0}};
    const struct attribute swapped[] = {two[1], two[0]};
    const struct attribute together[] = {two[0], {NID_commonName, V_ASN1_UTF8STRING, "B", 1, -1}};
    const struct attribute turned[] = {two[1], {NID_countryName, V_ASN1_PRINTABLESTRING, "us", 2, -1}};
    names[COUNT] = name_make(two, 2);
    names[COUNT + 1] = name_make(swapped, 2);
    names[COUNT + 2] = name_make(together, 2);
    names[COUNT + 3] = name_make(turned, 2);
    for (size_t i = 0; i < COUNT + 4; i++)
        for (size_t j = 0; j < COUNT + 4; j++) {
            uint8_t one[32], other[32], *a = NULL, *b = NULL;
            int a_len = i2d_X509_NAME(names[i], &a), b_len = i2d_X509_NAME(names[j], &b);
            name_canon_hash(byte_reader_of(a, (size_t)a_len), one);
            name_canon_hash(byte_reader_of(b, (size_t)b_len), other);
            if ((X509_NAME_cmp(names[i], names[j]) == 0) != (memcmp(one, other, 32) == 0))
                fail_msg("names %zu and %zu", i, j);
            OPENSSL_free(a);
            OPENSSL_free(b);
        }
    for (size_t i = 0; i < COUNT + 4; i++)
        X509_NAME_free(names[i]);
}

struct constraint_case {
    const char *constraints, *sans, *subject;
    bool allowed;
    bool apart;                     /* stricter than OpenSSL here, on purpose */
};

static const struct constraint_case cases[] = {
    {"permitted;DNS:a.example", "DNS:a.example", "CN=x", true, false},
    {"permitted;DNS:a.example", "DNS:WWW.A.example", "CN=x", true, false},
    {"permitted;DNS:a.example", "DNS:xa.example", "CN=x", false, false},
    {"permitted;DNS:.a.example", "DNS:a.example", "CN=x", false, false},
    {"permitted;DNS:.a.example", "DNS:b.a.example", "CN=x", true, false},
    {"permitted;DNS:a.example", "DNS:*.a.example", "CN=x", true, false},
    {"permitted;DNS:a.example", "DNS:a.example,DNS:b.example", "CN=x", false, false},
    {"permitted;DNS:a.example,permitted;DNS:b.example", "DNS:a.example,DNS:b.example", "CN=x", true, false},
    {"permitted;DNS:a.example,excluded;DNS:s.a.example", "DNS:x.s.a.example", "CN=x", false, false},
    {"excluded;DNS:a.example", "DNS:b.example", "CN=x", true, false},
    {"excluded;DNS:s.a.example", "DNS:*.a.example", "CN=x", false, true},
    {"permitted;DNS:a.example", "IP:10.0.0.1", "CN=x", true, false},
    {"permitted;IP:10.0.0.0/255.0.0.0", "IP:10.2.3.4", "CN=x", true, false},
    {"permitted;IP:10.0.0.0/255.0.0.0", "IP:11.2.3.4", "CN=x", false, false},
    {"permitted;IP:10.0.0.0/255.0.0.0", "IP:2001:db8::1", "CN=x", false, false},
    {"excluded;IP:0.0.0.0/0.0.0.0", "DNS:a.example", "CN=x", true, false},
    {"permitted;email:example.com", "email:a@example.com", "CN=x", true, false},
    {"permitted;email:example.com", "email:a@b.example.com", "CN=x", false, false},
    {"permitted;email:.example.com", "email:a@b.example.com", "CN=x", true, false},
    {"permitted;email:a@example.com", "email:a@EXAMPLE.com", "CN=x", true, false},
    {"permitted;email:a@example.com", "email:b@example.com", "CN=x", false, false},
    {"permitted;email:example.com", "DNS:a.example", "emailAddress=a@other.example,CN=x", false, false},
    {"permitted;URI:.example.com", "URI:https://user@www.example.com:8443/a?b", "CN=x", true, false},
    {"permitted;URI:.example.com", "URI:https://example.org/www.example.com", "CN=x", false, false},
    {"permitted;URI:host.example", "URI:http://host.example", "CN=x", true, false},
    {"permitted;DNS:a.example", "", "CN=www.a.example", true, false},
    {"permitted;DNS:a.example", "", "CN=www.b.example", false, false},
    {"permitted;DNS:a.example", "DNS:a.example", "CN=www.b.example", true, false},
    {"permitted;DNS:a.example", "", "CN=Some Person", true, false},
};

static bool openssl_allows(const struct made_cert *ca, const struct made_cert *leaf)
{
    X509_check_purpose(leaf->x509, -1, 0);      /* fills in what OpenSSL keeps of extensions */
    NAME_CONSTRAINTS *constraints = X509_get_ext_d2i(ca->x509, NID_name_constraints, NULL, NULL);
    bool allowed = NAME_CONSTRAINTS_check(leaf->x509, constraints) == X509_V_OK
                   && (X509_get_ext_by_NID(leaf->x509, NID_subject_alt_name, -1) >= 0
                       || NAME_CONSTRAINTS_check_CN(leaf->x509, constraints) == X509_V_OK);
    NAME_CONSTRAINTS_free(constraints);
    return allowed;
}

static void constraints_allow_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct constraint_case *c = &cases[i];
        struct made_cert *ca = cert_make(&(struct cert_recipe){.is_ca = 1, .extension = {"nameConstraints", c->constraints}});
        struct made_cert *leaf = cert_make(&(struct cert_recipe){.subject = c->subject, .sans = c->sans});
        struct signed_cert above, below;
        char violation[128] = "";
        assert_true(signed_cert_read(&above, byte_reader_of(ca->der, ca->len)));
        assert_true(signed_cert_read(&below, byte_reader_of(leaf->der, leaf->len)));
        if (name_constraints_allow(above.name_constraints, &below, violation, sizeof violation) != c->allowed)
            fail_msg("%s: %s %s: expected %s (%s)", c->constraints, c->sans, c->subject, c->allowed ? "allowed" : "refused", violation);
        if (openssl_allows(ca, leaf) != c->allowed && !c->apart)
            fail_msg("%s: %s %s: OpenSSL says otherwise", c->constraints, c->sans, c->subject);
        cert_make_free(ca);
        cert_make_free(leaf);
    }
}

static void directory_names_are_bound_by_their_beginning(void **state)
{
    (void)state;
    struct made_cert *base = cert_make(&(struct cert_recipe){.subject = "C=US,O=Agency"});
    uint8_t *name = NULL, constraints[256];
    int len = i2d_X509_NAME(X509_get_subject_name(base->x509), &name);
    uint8_t head[] = {0xa0, (uint8_t)(len + 4), 0x30, (uint8_t)(len + 2), 0xa4, (uint8_t)len};
    memcpy(constraints, head, sizeof head);
    memcpy(constraints + sizeof head, name, (size_t)len);
    static const struct { const char *subject; bool allowed; } subjects[] = {
        {"C=US,O=AGENCY,CN=x", true}, {"C=US,O=Agency", true}, {"C=US,O=Agency of,CN=x", false}, {"O=Agency,C=US,CN=x", false}, {"C=US", false},
    };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        struct made_cert *leaf = cert_make(&(struct cert_recipe){.subject = subjects[i].subject, .sans = "DNS:a.example"});
        struct signed_cert cert;
        char violation[64];
        assert_true(signed_cert_read(&cert, byte_reader_of(leaf->der, leaf->len)));
        if (name_constraints_allow(byte_reader_of(constraints, sizeof head + (size_t)len), &cert, violation, sizeof violation) != subjects[i].allowed)
            fail_msg("%s", subjects[i].subject);
        cert_make_free(leaf);
    }
    OPENSSL_free(name);
    cert_make_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_equal_where_openssl_says_so),
        cmocka_unit_test(constraints_allow_what_they_say),
        cmocka_unit_test(directory_names_are_bound_by_their_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
