/* The public key (RFC 5280, 4.1.2.7; RFC 3279, 5480, 8410) and the signature algorithm (4.1.1.2). RSA is read by
 * our own walk: it is most of all keys, and a modulus that a library refuses is just what is to be told. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "probes/base/memory.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

/* Names that this OpenSSL does not have (FIPS 204, FIPS 205; NIST's CSOR). */
static const struct { const char *oid, *name; } later_algorithms[] = {
    {"2.16.840.1.101.3.4.3.17", "ML-DSA-44"}, {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"},
    {"2.16.840.1.101.3.4.3.19", "ML-DSA-87"}, {"2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s"},
    {"2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f"}, {"2.16.840.1.101.3.4.3.26", "SLH-DSA-SHAKE-128s"},
    {"2.16.840.1.101.3.4.4.1", "ML-KEM-512"}, {"2.16.840.1.101.3.4.4.2", "ML-KEM-768"},
    {"2.16.840.1.101.3.4.4.3", "ML-KEM-1024"},
};

static char *algorithm_name(const ASN1_OBJECT *object)
{
    char oid[80];
    int nid = OBJ_obj2nid(object);
    if (nid == EVP_PKEY_RSA_PSS)
        return xstrdup("rsassaPss");
    if (nid != NID_undef)
        return xstrdup(strncmp(OBJ_nid2sn(nid), "RSA-", 4) == 0 || nid == NID_rsaEncryption ? OBJ_nid2ln(nid)
                                                                                             : OBJ_nid2sn(nid));
    OBJ_obj2txt(oid, sizeof oid, object, 1);
    for (size_t i = 0; i < sizeof later_algorithms / sizeof *later_algorithms; i++)
        if (strcmp(oid, later_algorithms[i].oid) == 0)
            return xstrdup(later_algorithms[i].name);
    return cert_text_clean(oid, strlen(oid));
}

static unsigned integer_bits(struct byte_reader content)
{
    while (content.left > 0 && content.at[0] == 0)
        byte_reader_skip(&content, 1);
    if (content.left == 0)
        return 0;
    return (unsigned)content.left * 8 - (unsigned)(__builtin_clz(content.at[0]) - 24);
}

/* RSAPublicKey (RFC 8017, A.1.1). */
static enum field rsa_parse(struct cert *cert, struct byte_reader key)
{
    struct der_item sequence, modulus, exponent;
    if (!der_read_tag(&key, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_INTEGER, &modulus)
        || !der_read_tag(&sequence.content, DER_INTEGER, &exponent))
        return FIELD_BROKEN;
    cert->key_bits = integer_bits(modulus.content);
    if (exponent.content.left > 2048)           /* decimal text of it would serve nobody */
        return FIELD_BROKEN;
    const unsigned char *at = exponent.whole.at;
    ASN1_INTEGER *integer = d2i_ASN1_INTEGER(NULL, &at, (long)exponent.whole.left);
    BIGNUM *number = integer == NULL ? NULL : ASN1_INTEGER_to_BN(integer, NULL);
    char *text = number == NULL ? NULL : BN_bn2dec(number);
    if (text != NULL)
        cert->rsa_exponent = xstrdup(text);
    OPENSSL_free(text);
    BN_free(number);
    ASN1_INTEGER_free(integer);
    return cert->rsa_exponent != NULL && cert->key_bits > 0 && modulus.content.at[0] < 0x80 ? FIELD_PRESENT
                                                                                           : FIELD_BROKEN;
}

static enum field ec_parse(struct cert *cert, struct byte_reader parameters, EVP_PKEY *key)
{
    if (der_peek(&parameters) == DER_OID) {     /* namedCurve; all else is explicit (RFC 5480, 2.1.1 forbids it) */
        const unsigned char *at = parameters.at;
        ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)parameters.left);
        int nid = OBJ_obj2nid(object);
        const char *nist = EC_curve_nid2nist(nid);
        EC_GROUP *group = nid == NID_undef ? NULL : EC_GROUP_new_by_curve_name(nid);
        if (object != NULL)
            cert->key_curve = nist != NULL ? xstrdup(nist) : algorithm_name(object);
        cert->key_bits = group == NULL ? 0 : (unsigned)EC_GROUP_get_degree(group);
        EC_GROUP_free(group);
        ASN1_OBJECT_free(object);
    } else if (key != NULL) {
        cert->key_bits = (unsigned)EVP_PKEY_get_bits(key);
    }
    return key == NULL ? FIELD_BROKEN : FIELD_PRESENT;          /* the point is not on the curve, or no such curve */
}

enum field cert_key_parse(struct cert *cert, struct byte_reader spki)
{
    cert->spki = spki;
    SHA256(spki.at, spki.left, cert->spki_sha256);
    struct byte_reader all = spki;
    struct der_item outer, algorithm, oid, bits;
    if (!der_read_tag(&all, DER_SEQUENCE, &outer) || !der_read_tag(&outer.content, DER_SEQUENCE, &algorithm)
        || !der_read_tag(&algorithm.content, DER_OID, &oid) || !der_read_tag(&outer.content, DER_BIT_STRING, &bits)
        || !byte_reader_skip(&bits.content, 1))
        return FIELD_BROKEN;
    const unsigned char *at = oid.whole.at;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)oid.whole.left);
    int nid = OBJ_obj2nid(object);
    if (nid == NID_rsaEncryption || nid == NID_rsassaPss) {
        cert->key_algorithm = xstrdup(nid == NID_rsaEncryption ? "rsa" : "rsa-pss");
        ASN1_OBJECT_free(object);
        return rsa_parse(cert, bits.content);
    }
    at = spki.at;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.left);
    enum field state = FIELD_PRESENT;
    switch (nid) {
    case NID_X9_62_id_ecPublicKey:
        cert->key_algorithm = xstrdup("ec");
        state = ec_parse(cert, algorithm.content, key);
        break;
    case NID_ED25519: cert->key_algorithm = xstrdup("ed25519"); cert->key_bits = 256; break;
    case NID_ED448:   cert->key_algorithm = xstrdup("ed448"); cert->key_bits = 456; break;
    case NID_dsa:
        cert->key_algorithm = xstrdup("dsa");
        cert->key_bits = key == NULL ? 0 : (unsigned)EVP_PKEY_get_bits(key);
        break;
    default:
        if (object != NULL)
            cert->key_algorithm = algorithm_name(object);
        else
            state = FIELD_BROKEN;
    }
    EVP_PKEY_free(key);
    ASN1_OBJECT_free(object);
    return state;
}

static const char *pss_hash(struct byte_reader parameters)
{
    const unsigned char *at = parameters.at;
    RSA_PSS_PARAMS *pss = d2i_RSA_PSS_PARAMS(NULL, &at, (long)parameters.left);
    if (pss == NULL)
        return NULL;
    int nid = NID_sha1;                         /* the DEFAULT (RFC 4055, 3.1) */
    if (pss->hashAlgorithm != NULL)
        nid = OBJ_obj2nid(pss->hashAlgorithm->algorithm);
    RSA_PSS_PARAMS_free(pss);
    return nid == NID_undef ? NULL : OBJ_nid2ln(nid);
}

enum field cert_signature_parse(struct cert *cert, struct byte_reader algorithm)
{
    struct der_item sequence, oid;
    if (!der_read_tag(&algorithm, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_OID, &oid))
        return FIELD_BROKEN;
    const unsigned char *at = oid.whole.at;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)oid.whole.left);
    if (object == NULL)
        return FIELD_BROKEN;
    cert->signature_algorithm = algorithm_name(object);
    int nid = OBJ_obj2nid(object), hash = NID_undef;
    const char *name = NULL;
    if (nid == NID_rsassaPss)
        name = pss_hash(sequence.content);
    else if (nid != NID_undef && OBJ_find_sigid_algs(nid, &hash, NULL) == 1 && hash != NID_undef)
        name = OBJ_nid2ln(hash);
    if (name != NULL)
        cert->signature_hash = cert_text_clean_lower(name, strlen(name));
    ASN1_OBJECT_free(object);
    return FIELD_PRESENT;
}
