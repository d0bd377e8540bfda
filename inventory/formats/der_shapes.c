#include "inventory/formats/der_shapes.h"

#include "inventory/certificate/der.h"

#include <string.h>

struct parts {                      /* of a TBSCertificate */
    bool has_version;
    struct der_item issuer, subject, spki, rest;
};

static bool is_time(uint8_t tag)
{
    return tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME;
}

static bool take_algorithm(struct byte_reader *bytes)
{
    struct der_item algorithm, oid;
    return der_read_tag(bytes, DER_SEQUENCE, &algorithm) && der_read_tag(&algorithm.content, DER_OID, &oid) && oid.content.left > 0;
}

static bool take_spki(struct byte_reader *bytes, struct der_item *spki)
{
    struct der_item bits;
    if (!der_read_tag(bytes, DER_SEQUENCE, spki))
        return false;
    struct byte_reader inside = spki->content;
    return take_algorithm(&inside) && der_read_tag(&inside, DER_BIT_STRING, &bits) && inside.left == 0;
}

static bool take_tbs(struct byte_reader tbs, struct parts *parts)
{
    struct der_item item, validity;
    parts->has_version = der_peek(&tbs) == DER_CONTEXT_0;
    if (parts->has_version && !der_read(&tbs, &item))
        return false;
    return der_read_tag(&tbs, DER_INTEGER, &item) && take_algorithm(&tbs) && der_read_tag(&tbs, DER_SEQUENCE, &parts->issuer) &&
           der_read_tag(&tbs, DER_SEQUENCE, &validity) && is_time(der_peek(&validity.content)) && der_read(&validity.content, &item) &&
           is_time(der_peek(&validity.content)) && der_read_tag(&tbs, DER_SEQUENCE, &parts->subject) && take_spki(&tbs, &parts->spki);
}

static bool take_signed(struct byte_reader bytes, struct der_item *outer, struct der_item *tbs)
{
    struct der_item signature;
    return der_read_tag(&bytes, DER_SEQUENCE, outer) && der_read_tag(&outer->content, DER_SEQUENCE, tbs) && take_algorithm(&outer->content) &&
           der_read_tag(&outer->content, DER_BIT_STRING, &signature) && outer->content.left == 0;
}

bool der_is_certificate(struct byte_reader bytes, struct byte_reader *whole)
{
    struct der_item outer, tbs;
    struct parts parts;
    if (!take_signed(bytes, &outer, &tbs) || !take_tbs(tbs.content, &parts))
        return false;
    *whole = outer.whole;
    return true;
}

bool der_is_signed(struct byte_reader bytes, struct byte_reader *whole)
{
    struct der_item outer, tbs;
    if (!take_signed(bytes, &outer, &tbs))
        return false;
    *whole = outer.whole;
    return true;
}

bool der_is_request(struct byte_reader bytes, struct byte_reader *spki)
{
    struct der_item outer, info, version, subject, key;
    if (!take_signed(bytes, &outer, &info) || !der_read_tag(&info.content, DER_INTEGER, &version) ||
        !der_read_tag(&info.content, DER_SEQUENCE, &subject) || !take_spki(&info.content, &key))
        return false;
    *spki = key.whole;
    return true;
}

/* ECPrivateKey (RFC 5915, 3), behind its version: the number, the curve, the public half. */
static bool take_ec_key(struct byte_reader *bytes)
{
    struct der_item item;
    if (!der_read_tag(bytes, DER_OCTET_STRING, &item) || item.content.left < 20 || item.content.left > 72 || der_peek(bytes) != DER_CONTEXT_0 || !der_read(bytes, &item))
        return false;
    return bytes->left == 0 || (der_peek(bytes) == DER_CONTEXT_1 && der_read(bytes, &item) && bytes->left == 0);
}

/* Programs that make such keys hold the first bytes of one as a constant, and any bytes behind it would do for a key: text, code and
 * zeros are told from random numbers, of which 32 bytes have 30 values, and less than 20 once in millions. */
static bool is_random(struct byte_reader bytes)
{
    bool seen[256] = {false}, has_high = false;
    unsigned values = 0;
    for (size_t i = 0; i < bytes.left; i++) {
        values += !seen[bytes.at[i]];
        seen[bytes.at[i]] = true;
        has_high |= bytes.at[i] >= 0x80;
    }
    return values >= 20 && has_high;
}

/* PrivateKeyInfo (RFC 5208, 5), behind its version; of Ed25519 and its kin the number alone is in it (RFC 8410, 7). */
static bool take_plain_key(struct byte_reader *bytes)
{
    struct der_item key, number;
    if (!take_algorithm(bytes) || !der_read_tag(bytes, DER_OCTET_STRING, &key) || key.content.left < 32)
        return false;
    struct byte_reader inside = key.content;
    return der_peek(&inside) != DER_OCTET_STRING || (der_read_tag(&inside, DER_OCTET_STRING, &number) && inside.left == 0 && is_random(number.content));
}

bool der_is_private_key(struct byte_reader bytes, struct byte_reader *whole)
{
    struct der_item outer, item;
    if (!der_read_tag(&bytes, DER_SEQUENCE, &outer) || !der_read_tag(&outer.content, DER_INTEGER, &item) || item.content.left != 1)
        return false;
    *whole = outer.whole;
    if (der_peek(&outer.content) == DER_SEQUENCE)
        return take_plain_key(&outer.content);
    if (der_peek(&outer.content) == DER_OCTET_STRING)
        return take_ec_key(&outer.content);
    for (unsigned numbers = 0; numbers < 8; numbers++)
        if (!der_read_tag(&outer.content, DER_INTEGER, &item) || (numbers == 0 && item.content.left < 64))
            return false;
    return outer.content.left == 0;
}

bool der_certificate_spki(struct byte_reader certificate, struct byte_reader *spki)
{
    struct der_item outer, tbs;
    struct parts parts;
    if (!take_signed(certificate, &outer, &tbs) || !take_tbs(tbs.content, &parts))
        return false;
    *spki = parts.spki.whole;
    return true;
}

bool der_certificate_is_ca(struct byte_reader certificate)
{
    static const uint8_t basic_constraints[] = {DER_OID, 3, 0x55, 0x1d, 0x13};          /* 2.5.29.19 */
    struct der_item outer, tbs, item, constraints;
    struct parts parts;
    if (!take_signed(certificate, &outer, &tbs) || !take_tbs(tbs.content, &parts))
        return false;
    if (!parts.has_version)
        return parts.issuer.whole.left == parts.subject.whole.left &&
               memcmp(parts.issuer.whole.at, parts.subject.whole.at, parts.issuer.whole.left) == 0;
    const uint8_t *end = tbs.whole.at + tbs.whole.left, *after = parts.spki.whole.at + parts.spki.whole.left;
    const uint8_t *found = memmem(after, (size_t)(end - after), basic_constraints, sizeof basic_constraints);
    if (found == NULL)
        return false;
    struct byte_reader value = byte_reader_of(found + sizeof basic_constraints, (size_t)(end - found) - sizeof basic_constraints);
    if (der_peek(&value) == DER_BOOLEAN && !der_read(&value, &item))                    /* critical */
        return false;
    return der_read_tag(&value, DER_OCTET_STRING, &item) && der_read_tag(&item.content, DER_SEQUENCE, &constraints) &&
           der_read_tag(&constraints.content, DER_BOOLEAN, &item) && item.content.left == 1 && item.content.at[0] != 0;
}
