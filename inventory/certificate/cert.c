#include "inventory/certificate/cert.h"

#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum field version_parse(struct cert *cert, struct byte_reader *tbs)
{
    struct der_item outer, number;
    cert->version = 1;
    if (der_peek(tbs) != DER_CONTEXT_0)
        return FIELD_PRESENT;           /* DEFAULT v1 */
    if (!der_read(tbs, &outer) || !der_read_tag(&outer.content, DER_INTEGER, &number) || number.content.left != 1)
        return FIELD_BROKEN;
    cert->version = number.content.at[0] + 1;
    return FIELD_PRESENT;
}

static enum field serial_parse(struct cert *cert, const struct der_item *item)
{
    cert->serial_number = item->content;
    const unsigned char *at = item->whole.at;
    ASN1_INTEGER *integer = d2i_ASN1_INTEGER(NULL, &at, (long)item->whole.left);
    BIGNUM *number = integer == NULL ? NULL : ASN1_INTEGER_to_BN(integer, NULL);
    char *text = number == NULL ? NULL : BN_bn2hex(number);
    if (text != NULL) {
        const char *from = text[0] == '-' ? text + 1 : text;
        while (from[0] == '0' && from[1] != '\0')
            from++;
        cert->serial_text = xasprintf("%s%s", text[0] == '-' ? "-" : "", from);
        for (char *c = cert->serial_text; *c != '\0'; c++)
            *c = (char)(*c >= 'A' && *c <= 'F' ? *c + 32 : *c);
    }
    OPENSSL_free(text);
    BN_free(number);
    ASN1_INTEGER_free(integer);
    if (cert->serial_text != NULL)
        return FIELD_PRESENT;
    cert->serial_text = xmalloc(2 * item->content.left + 1);     /* not minimal, or empty: the bytes as they are */
    hex_format(item->content.at, item->content.left, cert->serial_text);
    return FIELD_BROKEN;
}

static enum field time_parse(struct byte_reader *validity, int64_t *seconds)
{
    struct der_item item;
    struct tm tm = {0};
    if (!der_read(validity, &item) || (item.tag != DER_UTC_TIME && item.tag != DER_GENERALIZED_TIME))
        return FIELD_BROKEN;
    const unsigned char *at = item.whole.at;
    ASN1_TIME *time = d2i_ASN1_TIME(NULL, &at, (long)item.whole.left);
    bool ok = time != NULL && ASN1_TIME_to_tm(time, &tm) == 1 && tm.tm_year > -1900;     /* no year 0 in SQL */
    ASN1_TIME_free(time);
    if (ok)
        *seconds = timegm(&tm);
    return ok ? FIELD_PRESENT : FIELD_BROKEN;
}

static enum field name_parse(struct byte_reader der, struct byte_reader *bytes, char **text,
                             struct cert_texts *attributes)
{
    *bytes = der;
    *text = cert_text_name(der, attributes);
    return *text == NULL ? FIELD_BROKEN : FIELD_PRESENT;
}

/* TBSCertificate (RFC 5280, 4.1); all mandatory fields are broken until they are read. */
static void tbs_parse(struct cert *cert, struct byte_reader tbs, struct byte_reader *inner_algorithm)
{
    struct der_item item;
    enum field *state = cert->state;
    if ((state[CERT_VERSION] = version_parse(cert, &tbs)) == FIELD_BROKEN)
        cert->version = 0;
    if (!der_read_tag(&tbs, DER_INTEGER, &item))
        return;
    state[CERT_SERIAL_NUMBER] = serial_parse(cert, &item);
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return;
    *inner_algorithm = item.whole;
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return;
    state[CERT_ISSUER] = name_parse(item.whole, &cert->issuer_der, &cert->issuer, &cert->issuer_attributes);
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return;
    state[CERT_NOT_BEFORE] = time_parse(&item.content, &cert->not_before);
    state[CERT_NOT_AFTER] = time_parse(&item.content, &cert->not_after);
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return;
    state[CERT_SUBJECT] = name_parse(item.whole, &cert->subject_der, &cert->subject, &cert->subject_attributes);
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return;
    state[CERT_PUBLIC_KEY] = cert_key_parse(cert, item.whole);
    state[CERT_EXTENSIONS] = FIELD_ABSENT;
    while (der_read(&tbs, &item))
        if (item.tag == DER_CONTEXT_3) {
            cert_extensions_parse(cert, item.content);
            return;
        }
    if (tbs.left > 0)
        state[CERT_EXTENSIONS] = FIELD_BROKEN;
}

static void common_names_add(struct cert *cert)
{
    for (size_t i = 0; i < cert->subject_attributes.count; i++) {
        const char *attribute = cert->subject_attributes.items[i];
        if (strncmp(attribute, "CN=", 3) != 0)
            continue;
        cert->names = xreallocarray(cert->names, cert->name_count + 1, sizeof *cert->names);
        cert->names[cert->name_count++] = (struct cert_name){.kind = CERT_NAME_COMMON, .text = xstrdup(attribute + 3),
            .bytes = byte_reader_of(attribute + 3, strlen(attribute + 3))};
    }
}

static X509 *x509_of(const struct cert *cert)
{
    const unsigned char *at = cert->der.at;
    X509 *x509 = cert->der.left > INT32_MAX ? NULL : d2i_X509(NULL, &at, (long)cert->der.left);
    if (x509 != NULL && at != cert->der.at + cert->der.left) {
        X509_free(x509);
        return NULL;
    }
    return x509;
}

static bool names_equal(struct byte_reader a, struct byte_reader b)
{
    if (a.left == b.left && a.left > 0 && memcmp(a.at, b.at, a.left) == 0)
        return true;
    const unsigned char *at = a.at, *bt = b.at;
    X509_NAME *first = d2i_X509_NAME(NULL, &at, (long)a.left), *second = d2i_X509_NAME(NULL, &bt, (long)b.left);
    bool equal = first != NULL && second != NULL && X509_NAME_cmp(first, second) == 0;
    X509_NAME_free(first);
    X509_NAME_free(second);
    return equal;
}

/* What needs the certificate as a whole. */
static void whole_parse(struct cert *cert)
{
    X509 *x509 = x509_of(cert);
    cert->state[CERT_STRUCTURE] = x509 == NULL ? FIELD_BROKEN : FIELD_PRESENT;
    cert->is_self_issued = cert_has(cert, CERT_SUBJECT) && cert_has(cert, CERT_ISSUER)
                           && names_equal(cert->subject_der, cert->issuer_der);
    if (cert->is_self_issued && x509 != NULL) {
        EVP_PKEY *key = X509_get0_pubkey(x509);
        cert->is_self_signed = key != NULL && X509_verify(x509, key) == 1;
    }
    X509_free(x509);
}

struct cert *cert_parse(const void *der, size_t len)
{
    struct cert *cert = xcalloc(1, sizeof *cert);
    cert->der = byte_reader_of(len == 0 ? xcalloc(1, 1) : xmemdup(der, len), len);
    SHA256(cert->der.at, len, cert->sha256);
    for (enum cert_field field = CERT_VERSION; field <= CERT_EXTENSIONS; field++)
        cert->state[field] = FIELD_BROKEN;
    cert->path_len = -1;

    struct byte_reader all = cert->der, inner_algorithm = {0};
    struct der_item certificate, tbs, algorithm;
    if (der_read_tag(&all, DER_SEQUENCE, &certificate) && der_read_tag(&certificate.content, DER_SEQUENCE, &tbs)) {
        tbs_parse(cert, tbs.content, &inner_algorithm);
        bool outer = der_read_tag(&certificate.content, DER_SEQUENCE, &algorithm);
        cert->signature_algorithms_agree = outer && algorithm.whole.left == inner_algorithm.left
            && memcmp(algorithm.whole.at, inner_algorithm.at, inner_algorithm.left) == 0;
        if (outer || inner_algorithm.left > 0)
            cert->state[CERT_SIGNATURE_ALGORITHM] = cert_signature_parse(cert, outer ? algorithm.whole : inner_algorithm);
    }
    common_names_add(cert);
    whole_parse(cert);
    return cert;
}

void cert_destroy(struct cert *cert)
{
    if (cert == NULL)
        return;
    char *texts[] = {cert->serial_text, cert->subject, cert->issuer, cert->key_algorithm, cert->key_curve,
                     cert->rsa_exponent, cert->signature_algorithm, cert->signature_hash};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < cert->name_count; i++)
        free(cert->names[i].text);
    free(cert->names);
    struct cert_texts *lists[] = {&cert->subject_attributes, &cert->issuer_attributes, &cert->key_usage,
        &cert->extended_key_usage, &cert->policies, &cert->crl_urls, &cert->ocsp_urls, &cert->ca_issuer_urls,
        &cert->extensions, &cert->critical_extensions};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        cert_texts_clear(lists[i]);
    free((void *)cert->der.at);
    free(cert);
}

bool cert_matches_host(const struct cert *cert, const char *host)
{
    X509 *x509 = x509_of(cert);
    if (x509 == NULL)
        return false;
    struct address address;
    bool match = address_parse(host, &address) ? X509_check_ip(x509, address.bytes, address.len, 0) == 1
                                               : X509_check_host(x509, host, 0, 0, NULL) == 1;
    X509_free(x509);
    return match;
}

const char *cert_field_name(enum cert_field field)
{
    static const char *const names[CERT_FIELD_COUNT] = {
        [CERT_STRUCTURE] = "structure", [CERT_VERSION] = "version", [CERT_SERIAL_NUMBER] = "serial_number",
        [CERT_SIGNATURE_ALGORITHM] = "signature_algorithm", [CERT_ISSUER] = "issuer",
        [CERT_NOT_BEFORE] = "not_before", [CERT_NOT_AFTER] = "not_after", [CERT_SUBJECT] = "subject",
        [CERT_PUBLIC_KEY] = "public_key", [CERT_EXTENSIONS] = "extensions",
        [CERT_SUBJECT_ALT_NAMES] = "subject_alt_names", [CERT_BASIC_CONSTRAINTS] = "basic_constraints",
        [CERT_KEY_USAGE] = "key_usage", [CERT_EXTENDED_KEY_USAGE] = "extended_key_usage",
        [CERT_AUTHORITY_KEY_ID] = "authority_key_identifier", [CERT_SUBJECT_KEY_ID] = "subject_key_identifier",
        [CERT_POLICIES] = "certificate_policies", [CERT_CRL_DISTRIBUTION_POINTS] = "crl_distribution_points",
        [CERT_AUTHORITY_INFO_ACCESS] = "authority_info_access", [CERT_SCT_LIST] = "sct_list",
        [CERT_TLS_FEATURE] = "tls_feature", [CERT_NAME_CONSTRAINTS] = "name_constraints",
        [CERT_PRECERT_POISON] = "precertificate_poison",
    };
    return names[field];
}

const char *cert_name_kind_name(enum cert_name_kind kind)
{
    static const char *const names[] = {
        [CERT_NAME_DNS] = "dns", [CERT_NAME_IP] = "ip", [CERT_NAME_EMAIL] = "email", [CERT_NAME_URI] = "uri",
        [CERT_NAME_DIRECTORY] = "directory", [CERT_NAME_OTHER] = "other", [CERT_NAME_COMMON] = "common_name",
    };
    return names[kind];
}
