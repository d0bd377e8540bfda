/* cert.h against OpenSSL: what OpenSSL's decoders read of a certificate, our walk must have read the same. Over made
 * certificates, and, with CERTSWEEP_SHARED, over every certificate of the corpora there. Where the two differ on purpose,
 * the comparison says so and why. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/cert_verify.h"
#include "inventory/certificate/pem.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *file_name = "made";

#define SAME(condition, ...)                              \
    do {                                                  \
        if (!(condition)) {                               \
            print_error("%s: ", file_name);               \
            print_error(__VA_ARGS__);                     \
            print_error("\n");                            \
            differences++;                                \
        }                                                 \
    } while (0)

static size_t differences, compared;

/* OpenSSL shows characters that hide (U+202E) as they are, bytes that are no character as Latin 1, and gives no attribute of
 * a name with one bad string: texts are compared where all is ASCII. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

static void name_compare(const char *what, const X509_NAME *name, const char *ours)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    BIO_write(bio, "", 1);
    char *text;
    BIO_get_mem_data(bio, &text);
    if (is_plain(text) && ours != NULL && is_plain(ours))
        SAME(strcmp(text, ours) == 0, "%s is %s, not %s", what, text, ours);
    BIO_free(bio);
}

static void time_compare(const char *what, const ASN1_TIME *time, enum field state, int64_t ours)
{
    struct tm tm;
    bool readable = ASN1_TIME_to_tm(time, &tm) == 1 && tm.tm_year > -1900;
    SAME(readable == (state == FIELD_PRESENT), "%s is %s, OpenSSL says otherwise", what, readable ? "broken" : "present");
    if (readable && state == FIELD_PRESENT)
        SAME(timegm(&tm) == ours, "%s is %lld, not %lld", what, (long long)timegm(&tm), (long long)ours);
}

static void serial_compare(const ASN1_INTEGER *serial, const char *ours)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
    char *hex = BN_bn2hex(number);
    BIGNUM *back = NULL;
    BN_hex2bn(&back, ours);
    SAME(BN_cmp(number, back) == 0, "serial number is %s, not %s", hex, ours);
    OPENSSL_free(hex);
    BN_free(number);
    BN_free(back);
}

static void key_compare(X509 *x509, const struct cert *cert)
{
    EVP_PKEY *key = X509_get0_pubkey(x509);
    if (key == NULL || EVP_PKEY_get_base_id(key) <= 0)
        return;                     /* not on its curve, or unknown to OpenSSL: ours says which */
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "DSA"))         /* of EC, OpenSSL counts the order, not the field */
        SAME(cert->key_bits == (unsigned)EVP_PKEY_get_bits(key), "key has %d bits, not %u", EVP_PKEY_get_bits(key), cert->key_bits);
    char group[80] = "";
    if (EVP_PKEY_is_a(key, "EC") && cert->key_curve != NULL && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1) {
        const char *nist = EC_curve_nid2nist(OBJ_sn2nid(group));
        SAME(strcmp(nist != NULL ? nist : group, cert->key_curve) == 0, "curve is %s, not %s", group, cert->key_curve);
        SAME(cert->state[CERT_PUBLIC_KEY] == FIELD_PRESENT, "OpenSSL can read the EC key");
    }
    BIGNUM *e = NULL;
    if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bn_param(key, "e", &e) == 1) {
        char *text = BN_bn2dec(e);
        SAME(cert->rsa_exponent != NULL && strcmp(text, cert->rsa_exponent) == 0, "exponent is %s", text);
        OPENSSL_free(text);
        BN_free(e);
    }
    if (cert->is_self_issued)
        SAME((X509_verify(x509, key) == 1) == cert->is_self_signed, "self-signed is %d", cert->is_self_signed);
}

/* The first of an extension, as X509_get_ext_d2i gives it where there is one alone. */
static void names_compare(X509 *x509, const struct cert *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    if (names == NULL)
        return;
    SAME((size_t)sk_GENERAL_NAME_num(names) == cert->san_count, "%d SANs, not %zu", sk_GENERAL_NAME_num(names), cert->san_count);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && (size_t)i < cert->san_count; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const struct cert_name *ours = &cert->names[i];
        if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI || name->type == GEN_IPADD) {
            const ASN1_STRING *string = name->type == GEN_IPADD ? name->d.iPAddress : name->d.ia5;
            SAME((size_t)ASN1_STRING_length(string) == ours->bytes.left
                 && memcmp(ASN1_STRING_get0_data(string), ours->bytes.at, ours->bytes.left) == 0, "SAN %d differs", i);
        }
        if (name->type == GEN_DIRNAME)
            name_compare("SAN's directory name", name->d.directoryName, ours->text);
    }
    GENERAL_NAMES_free(names);
}

static void usages_compare(X509 *x509, const struct cert *cert)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
    for (int i = 0; usages != NULL && i < sk_ASN1_OBJECT_num(usages); i++) {
        const ASN1_OBJECT *object = sk_ASN1_OBJECT_value(usages, i);
        char oid[128];
        OBJ_obj2txt(oid, sizeof oid, object, 1);
        const char *name = OBJ_obj2nid(object) == NID_undef ? oid : OBJ_nid2sn(OBJ_obj2nid(object));
        SAME((size_t)i < cert->extended_key_usage.count && strcmp(cert->extended_key_usage.items[i], name) == 0, "EKU %d is %s", i, name);
    }
    EXTENDED_KEY_USAGE_free(usages);
    BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(x509, NID_basic_constraints, NULL, NULL);
    if (constraints != NULL) {
        SAME((constraints->ca != 0) == cert->is_ca, "CA is %d", cert->is_ca);
        long path_len = constraints->pathlen == NULL ? -1 : ASN1_INTEGER_get(constraints->pathlen);
        SAME(cert->path_len == (path_len < 0 ? -1 : path_len), "pathLen is %lld", (long long)cert->path_len);   /* a negative one: broken */
    }
    BASIC_CONSTRAINTS_free(constraints);
    ASN1_BIT_STRING *bits = X509_get_ext_d2i(x509, NID_key_usage, NULL, NULL);
    size_t set = 0;
    for (int i = 0; bits != NULL && i < 9; i++)
        set += (size_t)ASN1_BIT_STRING_get_bit(bits, i);
    if (bits != NULL)
        SAME(set == cert->key_usage.count, "%zu key usages, not %zu", set, cert->key_usage.count);
    ASN1_BIT_STRING_free(bits);
}

static void pointers_compare(X509 *x509, const struct cert *cert)
{
    AUTHORITY_KEYID *aki = X509_get_ext_d2i(x509, NID_authority_key_identifier, NULL, NULL);
    if (aki != NULL && aki->keyid != NULL)
        SAME((size_t)ASN1_STRING_length(aki->keyid) == cert->authority_key_id.left, "AKI differs");
    AUTHORITY_KEYID_free(aki);
    CERTIFICATEPOLICIES *policies = X509_get_ext_d2i(x509, NID_certificate_policies, NULL, NULL);
    for (int i = 0; policies != NULL && i < sk_POLICYINFO_num(policies); i++) {
        char oid[128];
        OBJ_obj2txt(oid, sizeof oid, sk_POLICYINFO_value(policies, i)->policyid, 1);
        SAME((size_t)i < cert->policies.count && strcmp(cert->policies.items[i], oid) == 0, "policy %d is %s", i, oid);
    }
    CERTIFICATEPOLICIES_free(policies);
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);
    size_t ocsp = 0;
    for (int i = 0; access != NULL && i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *description = sk_ACCESS_DESCRIPTION_value(access, i);
        ocsp += OBJ_obj2nid(description->method) == NID_ad_OCSP && description->location->type == GEN_URI;
    }
    if (access != NULL)
        SAME(ocsp == cert->ocsp_urls.count, "%zu OCSP URLs, not %zu", ocsp, cert->ocsp_urls.count);
    AUTHORITY_INFO_ACCESS_free(access);
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);
    size_t urls = 0;
    for (int i = 0; points != NULL && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT_NAME *point = sk_DIST_POINT_value(points, i)->distpoint;
        for (int j = 0; point != NULL && point->type == 0 && j < sk_GENERAL_NAME_num(point->name.fullname); j++)
            urls += sk_GENERAL_NAME_value(point->name.fullname, j)->type == GEN_URI;
    }
    if (points != NULL)
        SAME(urls == cert->crl_urls.count, "%zu CRL URLs, not %zu", urls, cert->crl_urls.count);
    CRL_DIST_POINTS_free(points);
}

static void extensions_compare(X509 *x509, const struct cert *cert)
{
    SAME((size_t)X509_get_ext_count(x509) >= cert->extensions.count, "%d extensions, not %zu", X509_get_ext_count(x509),
         cert->extensions.count);
    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        char oid[128];
        bool found = false;
        OBJ_obj2txt(oid, sizeof oid, X509_EXTENSION_get_object(X509_get_ext(x509, i)), 1);
        for (size_t j = 0; j < cert->extensions.count; j++)
            found = found || strcmp(cert->extensions.items[j], oid) == 0;
        SAME(found, "extension %s is missed", oid);
    }
}

static void signature_compare(const X509 *x509, const struct cert *cert)
{
    int nid = X509_get_signature_nid(x509), hash = NID_undef;
    if (nid == NID_undef)
        return;
    const char *expected = nid == NID_rsassaPss ? "rsassaPss"
        : strncmp(OBJ_nid2sn(nid), "RSA-", 4) == 0 || nid == NID_rsaEncryption ? OBJ_nid2ln(nid) : OBJ_nid2sn(nid);
    SAME(strcmp(cert->signature_algorithm, expected) == 0, "signature algorithm is %s, not %s", expected, cert->signature_algorithm);
    if (cert->signature_hash != NULL && nid != NID_rsassaPss && OBJ_find_sigid_algs(nid, &hash, NULL) == 1 && hash != NID_undef)
        SAME(strcasecmp(cert->signature_hash, OBJ_nid2ln(hash)) == 0, "hash is %s, not %s",
             OBJ_nid2ln(hash), cert->signature_hash);
}

static void compare(const uint8_t *der, size_t len)
{
    const unsigned char *at = der;
    X509 *x509 = d2i_X509(NULL, &at, (long)len);
    struct cert *cert = cert_parse(der, len);
    if (x509 != NULL && at == der + len) {
        compared++;
        SAME(cert->version == X509_get_version(x509) + 1 || cert->state[CERT_VERSION] == FIELD_BROKEN, "version is %d", cert->version);
        serial_compare(X509_get0_serialNumber(x509), cert->serial_text);
        name_compare("subject", X509_get_subject_name(x509), cert->subject);
        name_compare("issuer", X509_get_issuer_name(x509), cert->issuer);
        time_compare("notBefore", X509_get0_notBefore(x509), cert->state[CERT_NOT_BEFORE], cert->not_before);
        time_compare("notAfter", X509_get0_notAfter(x509), cert->state[CERT_NOT_AFTER], cert->not_after);
        SAME((X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0) == cert->is_self_issued, "self-issued is %d",
             cert->is_self_issued);
        key_compare(x509, cert);
        signature_compare(x509, cert);
        names_compare(x509, cert);
        usages_compare(x509, cert);
        pointers_compare(x509, cert);
        extensions_compare(x509, cert);
        SAME(cert->state[CERT_STRUCTURE] == FIELD_PRESENT, "OpenSSL reads the whole of it");
    }
    X509_free(x509);
    cert_destroy(cert);
    ERR_clear_error();
}

static void made_certificates_read_the_same(void **state)
{
    (void)state;
    static const char *const keys[] = {"P-256", "P-384", "P-521", "P-224", "secp256k1", "brainpoolP320r1", "sect283k1", "RSA:1024",
                                       "ED25519"};
    static const char *const subjects[] = {"C=US,ST=California,L=Sacramento,O=A Agency,OU=One,OU=Two,CN=www.example",
        "CN= leading and trailing ", "CN=#a; \"b\" <c> \\ # + =", "emailAddress=a@example,DC=example,DC=gov,UID=7,serialNumber=12",
        "jurisdictionC=US,businessCategory=Government Entity,street=1 Main,postalCode=1,CN=x"};
    differences = compared = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t j = 0; j < sizeof subjects / sizeof *subjects; j++) {
            struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = subjects[j], .key = keys[i], .is_ca = 1});
            struct made_cert *made = cert_make(&(struct cert_recipe){.subject = subjects[j], .key = keys[i], .issuer = ca, .serial = -(long)(i * 1000 + j) + 3,
                .hash = "SHA384", .not_before = "19490101000000Z", .not_after = "20510101000000Z",
                .sans = "DNS:A.example,IP:10.0.0.1,email:a@b.example,URI:http://x/,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:u@x",
                .extension = {"extendedKeyUsage", "serverAuth,clientAuth,1.2.3.4.5", "keyUsage", "critical,keyAgreement,decipherOnly",
                    "certificatePolicies", "DER:3010300406022a033008060667810c010202", "authorityInfoAccess", "OCSP;URI:http://o/,caIssuers;URI:http://c/"}});
            compare(ca->der, ca->len);
            compare(made->der, made->len);
            struct cert_verify_key *key;
            struct cert *ca_cert = cert_parse(ca->der, ca->len), *cert = cert_parse(made->der, made->len);
            assert_non_null(key = cert_verify_key_create(ca_cert->spki));
            assert_int_equal(cert_verify(key, cert), CERT_VERIFIED);
            cert_verify_key_destroy(key);
            assert_non_null(key = cert_verify_key_create(cert->spki));
            assert_int_equal(cert_verify(key, cert), CERT_NOT_VERIFIED);
            cert_verify_key_destroy(key);
            cert_destroy(ca_cert);
            cert_destroy(cert);
            cert_make_free(made);
            cert_make_free(ca);
        }
    assert_int_equal(compared, 2 * sizeof keys / sizeof *keys * sizeof subjects / sizeof *subjects);
    assert_int_equal(differences, 0);
}

static void file_compare(const char *path)
{
    struct file_bytes file;
    struct error err = {0};
    if (!file_bytes_open(&file, path, &err))
        return;
    file_name = path;
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    for (struct pem_block block; pem_next(&reader, &block);) {
        if (block.der != NULL && strcmp(block.label, "CERTIFICATE") == 0)
            compare(block.der, block.len);
        free(block.der);
    }
    if (strstr(path, ".der") != NULL)
        compare(file.bytes, file.len);
    file_bytes_close(&file);
}

static void folder_compare(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            folder_compare(path);
        else if (entry->d_type == DT_REG)
            file_compare(path);
        free(path);
    }
    if (dir != NULL)
        closedir(dir);
}

static void certificates_of_the_corpora_read_the_same(void **state)
{
    (void)state;
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, the corpora are not read\n");
        skip();
    }
    differences = compared = 0;
    char *corpora = xasprintf("%s/corpora", shared);
    folder_compare(corpora);
    free(corpora);
    print_message("%zu certificates compared\n", compared);
    assert_true(compared > 700);
    assert_int_equal(differences, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_certificates_read_the_same),
        cmocka_unit_test(certificates_of_the_corpora_read_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
