/* The public key (RFC 5280, 4.1.2.7; RFC 3279, 5480, 8410), parsed by ourselves, because a modulus or a point that a library
 * rejects must be reported too. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/ec_curve.h"
#include "inventory/certificate/oid.h"
#include "inventory/certificate/spki.h"
#include "probes/base/memory.h"
#include "probes/base/sha256.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <string.h>

static char *decimal(struct byte_reader content)
{
    int64_t small;
    if (der_int64(content, &small))
        return xasprintf("%lld", (long long)small);
    bool negative = content.left > 0 && content.at[0] & 0x80;
    BIGNUM *number = BN_bin2bn(content.at, (int)content.left, NULL);
    if (negative) {                 /* two's complement: less 2^(8 * len) */
        BIGNUM *power = BN_new();
        BN_set_bit(power, (int)content.left * 8);
        BN_sub(number, number, power);
        BN_free(power);
    }
    char *digits = BN_bn2dec(number), *text = xstrdup(digits);
    OPENSSL_free(digits);
    BN_free(number);
    return text;
}

/* RSAPublicKey (RFC 8017, A.1.1). */
static enum field rsa_parse(struct cert *cert, struct byte_reader key)
{
    struct der_item sequence, modulus, exponent;
    if (!der_read_tag(&key, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_INTEGER, &modulus))
        return FIELD_BROKEN;
    cert->rsa_modulus_content = modulus.content;
    cert->key_bits = (unsigned)der_integer_bits(modulus.content);
    if (!der_read_tag(&sequence.content, DER_INTEGER, &exponent))
        return FIELD_BROKEN;
    cert->rsa_exponent_content = exponent.content;
    if (exponent.content.left == 0 || exponent.content.left > CERT_INTEGER_MAX)     /* too long to be shown in decimal */
        return FIELD_BROKEN;
    cert->rsa_exponent = decimal(exponent.content);
    return cert->key_bits > 0 && modulus.content.at[0] < 0x80 && exponent.content.at[0] < 0x80
           && sequence.content.left == 0 && key.left == 0 ? FIELD_PRESENT : FIELD_BROKEN;
}

static enum field point_note(struct cert *cert, enum ec_point point)
{
    if (point == EC_POINT_OFF_CURVE)
        cert->key_faults |= CERT_KEY_OFF_CURVE;
    if (point == EC_POINT_INFINITY)
        cert->key_faults |= CERT_KEY_INFINITY;
    return point == EC_POINT_ON_CURVE ? FIELD_PRESENT : FIELD_BROKEN;
}

static enum field ec_parse(struct cert *cert, struct byte_reader parameters, struct byte_reader point)
{
    struct der_item item;
    struct ec_curve curve;
    if (!der_read(&parameters, &item))
        return FIELD_BROKEN;
    if (item.tag == DER_OID) {                  /* namedCurve */
        if (!ec_curve_find(item.content, &curve)) {
            cert->key_curve = oid_label(item.content);
            return FIELD_BROKEN;
        }
        cert->key_curve = xstrdup(curve.name);
        cert->key_bits = curve.bits;
        return point_note(cert, ec_curve_point(&curve, point));
    }
    if (item.tag != DER_SEQUENCE)               /* implicitCurve, or nothing that there is */
        return FIELD_BROKEN;
    struct ec_explicit given;                   /* RFC 5480, 2.1.1 forbids them */
    cert->key_faults |= CERT_KEY_EXPLICIT_PARAMETERS;
    if (!ec_explicit_read(item.content, point, &given))
        return FIELD_BROKEN;
    cert->key_bits = given.bits;
    if (given.same_equation != NULL)
        cert->key_explicit_curve = xstrdup(given.same_equation);
    if (given.same_equation != NULL && !given.same_generator)
        cert->key_faults |= CERT_KEY_FALSE_GENERATOR;
    return point_note(cert, given.point);
}

static enum field dsa_parse(struct cert *cert, struct byte_reader parameters)
{
    struct der_item sequence, p;
    if (!der_read_tag(&parameters, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_INTEGER, &p))
        return FIELD_BROKEN;        /* inherited from the issuer (RFC 3279, 2.3.2), or broken */
    cert->key_bits = (unsigned)der_integer_bits(p.content);
    return FIELD_PRESENT;
}

static enum field fixed_parse(struct cert *cert, const char *name, unsigned bits, size_t len, size_t found)
{
    cert->key_algorithm = xstrdup(name);
    cert->key_bits = bits;
    return len == found ? FIELD_PRESENT : FIELD_BROKEN;
}

enum field cert_key_parse(struct cert *cert, struct byte_reader spki)
{
    struct spki key;
    cert->spki = spki;
    sha256_of(spki.at, spki.left, cert->spki_sha256);
    if (!spki_read(spki, &key))
        return FIELD_BROKEN;
    if (OID_IS(key.algorithm, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") || OID_IS(key.algorithm, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a")) {
        cert->key_algorithm = xstrdup(key.algorithm.at[8] == 1 ? "rsa" : "rsa-pss");
        return rsa_parse(cert, key.bits);
    }
    if (OID_IS(key.algorithm, "\x2a\x86\x48\xce\x3d\x02\x01")) {
        cert->key_algorithm = xstrdup("ec");
        return ec_parse(cert, key.parameters, key.bits);
    }
    if (OID_IS(key.algorithm, "\x2b\x65\x70"))
        return fixed_parse(cert, "ed25519", 256, 32, key.bits.left);
    if (OID_IS(key.algorithm, "\x2b\x65\x71"))
        return fixed_parse(cert, "ed448", 456, 57, key.bits.left);
    if (OID_IS(key.algorithm, "\x2a\x86\x48\xce\x38\x04\x01")) {
        cert->key_algorithm = xstrdup("dsa");
        return dsa_parse(cert, key.parameters);
    }
    cert->key_algorithm = oid_label(key.algorithm);
    return FIELD_PRESENT;
}
