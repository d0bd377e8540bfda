#include "inventory/verdicts/trust/signed_cert.h"

#include "inventory/certificate/der.h"

#include <string.h>

#define EXTENSIONS_MAX 256          /* more than any real certificate has */

static bool oid_is(struct byte_reader oid, const char *bytes, size_t len)
{
    return oid.left == len && memcmp(oid.at, bytes, len) == 0;
}

static void basic_constraints_read(struct signed_cert *cert, struct byte_reader value)
{
    struct der_item sequence, item;
    cert->has_basic_constraints = true;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence))
        return;
    if (der_read_tag(&sequence.content, DER_BOOLEAN, &item))
        cert->is_ca = item.content.left == 1 && item.content.at[0] != 0;
    if (!der_read_tag(&sequence.content, DER_INTEGER, &item) || item.content.left == 0)
        return;
    cert->path_len = 0;             /* a negative or huge one bounds nothing below 0 and above 255 */
    for (size_t i = 0; i < item.content.left && (item.content.at[0] & 0x80) == 0; i++)
        cert->path_len = cert->path_len > 255 ? 256 : cert->path_len << 8 | item.content.at[i];
}

static void key_usage_read(struct signed_cert *cert, struct byte_reader value)
{
    struct der_item bits;
    cert->usage = 0;
    if (!der_read_tag(&value, DER_BIT_STRING, &bits) || bits.content.left < 2)
        return;
    cert->usage |= (bits.content.at[1] & 0x04) != 0 ? USAGE_CERT_SIGN : 0;
    cert->usage |= (bits.content.at[1] & 0x02) != 0 ? USAGE_CRL_SIGN : 0;
}

static int purpose_of(struct byte_reader oid)
{
    static const char prefix[] = "\x2b\x06\x01\x05\x05\x07\x03";       /* id-kp */
    static const int purposes[] = {[1] = PURPOSE_SERVER, [2] = PURPOSE_CLIENT, [3] = PURPOSE_CODE, [4] = PURPOSE_EMAIL,
                                   [8] = PURPOSE_TIME_STAMP, [9] = PURPOSE_OCSP};
    if (oid_is(oid, "\x55\x1d\x25\x00", 4))             /* anyExtendedKeyUsage */
        return PURPOSE_ALL;
    if (oid_is(oid, "\x60\x86\x48\x01\x86\xf8\x42\x04\x01", 9) || oid_is(oid, "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x03", 10))
        return PURPOSE_SERVER;      /* server-gated cryptography of Netscape and Microsoft, as OpenSSL reads it */
    if (oid.left != 8 || memcmp(oid.at, prefix, 7) != 0 || oid.at[7] >= sizeof purposes / sizeof *purposes)
        return 0;
    return purposes[oid.at[7]];
}

static void extended_key_usage_read(struct signed_cert *cert, struct byte_reader value)
{
    struct der_item sequence, oid;
    cert->purposes = 0;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence))
        return;
    while (der_read_tag(&sequence.content, DER_OID, &oid))
        cert->purposes |= purpose_of(oid.content);
}

/* AuthorityKeyIdentifier: only keyIdentifier [0], since issuer and serial number name a certificate, not a key. */
static void authority_key_id_read(struct signed_cert *cert, struct byte_reader value)
{
    struct der_item sequence, id;
    if (der_read_tag(&value, DER_SEQUENCE, &sequence) && der_read_tag(&sequence.content, 0x80, &id))
        cert->authority_key_id = id.content;
}

static void extension_read(struct signed_cert *cert, struct byte_reader extension)
{
    struct der_item oid, critical, value, item;
    bool is_critical = false;
    if (!der_read_tag(&extension, DER_OID, &oid))
        return;
    if (der_read_tag(&extension, DER_BOOLEAN, &critical))
        is_critical = critical.content.left == 1 && critical.content.at[0] != 0;
    if (!der_read_tag(&extension, DER_OCTET_STRING, &value))
        return;
    int id = oid.content.left == 3 && oid.content.at[0] == 0x55 && oid.content.at[1] == 0x1d ? oid.content.at[2] : -1;   /* id-ce */
    switch (id) {
    case 14:
        if (der_read_tag(&value.content, DER_OCTET_STRING, &item))
            cert->subject_key_id = item.content;
        break;
    case 15: key_usage_read(cert, value.content); break;
    case 17: cert->subject_alt_names = der_read_tag(&value.content, DER_SEQUENCE, &item) ? item.content : byte_reader_of("", 0); break;
    case 19: basic_constraints_read(cert, value.content); break;
    case 30: cert->name_constraints = der_read_tag(&value.content, DER_SEQUENCE, &item) ? item.content : byte_reader_of("", 0); break;
    case 35: authority_key_id_read(cert, value.content); break;
    case 37: extended_key_usage_read(cert, value.content); break;
    case 18: case 31: case 32: case 33: case 36: case 54: break;         /* names, pointers and policies: no bound on a path here */
    default: cert->has_unknown_critical |= is_critical;
    }
}

static void extensions_read(struct signed_cert *cert, struct byte_reader wrapper)
{
    struct der_item list, extension;
    if (!der_read_tag(&wrapper, DER_SEQUENCE, &list))
        return;
    for (size_t i = 0; i < EXTENSIONS_MAX && der_read_tag(&list.content, DER_SEQUENCE, &extension); i++)
        extension_read(cert, extension.content);
}

static bool version_read(struct signed_cert *cert, struct byte_reader *tbs)
{
    struct der_item outer, number;
    cert->version = 1;
    if (der_peek(tbs) != DER_CONTEXT_0)
        return true;
    if (!der_read(tbs, &outer) || !der_read_tag(&outer.content, DER_INTEGER, &number) || number.content.left != 1)
        return false;
    cert->version = number.content.at[0] + 1;
    return true;
}

static bool bits_read(struct byte_reader *from, struct byte_reader *bits)
{
    struct der_item item;
    uint8_t unused;
    if (!der_read_tag(from, DER_BIT_STRING, &item) || !byte_reader_u8(&item.content, &unused) || unused != 0)
        return false;
    *bits = item.content;
    return true;
}

static bool tbs_read(struct signed_cert *cert, struct byte_reader tbs)
{
    struct der_item item, spki, algorithm, inner;
    if (!version_read(cert, &tbs) || !der_read_tag(&tbs, DER_INTEGER, &item))
        return false;
    cert->serial_number = item.content;
    if (!der_read_tag(&tbs, DER_SEQUENCE, &inner) || !der_read_tag(&tbs, DER_SEQUENCE, &item))      /* signature, issuer */
        return false;
    if (inner.whole.left != cert->algorithm.left || memcmp(inner.whole.at, cert->algorithm.at, inner.whole.left) != 0)
        cert->algorithm = byte_reader_of(NULL, 0);          /* RFC 5280, 4.1.1.2; no verifier accepts it */
    cert->issuer = item.whole;
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item) || !der_read_tag(&tbs, DER_SEQUENCE, &item))       /* validity, subject */
        return false;
    cert->subject = item.whole;
    if (!der_read_tag(&tbs, DER_SEQUENCE, &spki))
        return false;
    cert->spki = spki.whole;
    if (!der_read_tag(&spki.content, DER_SEQUENCE, &algorithm) || !bits_read(&spki.content, &cert->key_bits))
        return false;
    while (der_read(&tbs, &item))
        if (item.tag == DER_CONTEXT_3)
            extensions_read(cert, item.content);
    return true;
}

bool signed_cert_read(struct signed_cert *cert, struct byte_reader der)
{
    struct der_item certificate, tbs, algorithm;
    *cert = (struct signed_cert){.path_len = -1, .usage = -1, .purposes = PURPOSE_ALL};
    if (!der_read_tag(&der, DER_SEQUENCE, &certificate) || !der_read_tag(&certificate.content, DER_SEQUENCE, &tbs)
        || !der_read_tag(&certificate.content, DER_SEQUENCE, &algorithm) || !bits_read(&certificate.content, &cert->signature))
        return false;
    cert->tbs = tbs.whole;
    cert->algorithm = algorithm.whole;
    return tbs_read(cert, tbs.content);
}
