/* The signature's AlgorithmIdentifier (RFC 5280, 4.1.1.2; RFC 4055, 5758, 8410): its name and hash. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/oid.h"
#include "probes/base/memory.h"

#include <string.h>

static const struct { const char *name, *hash; } hash_names[] = {
    {"SHA1", "sha1"}, {"SHA224", "sha224"}, {"SHA256", "sha256"}, {"SHA384", "sha384"}, {"SHA512", "sha512"},
    {"SHA512-256", "sha512-256"}, {"MD5", "md5"}, {"SHA3-256", "sha3-256"}, {"SHA3-384", "sha3-384"}, {"SHA3-512", "sha3-512"},
};

/* What is in use comes first. */
static const struct { const char *name, *hash; } signature_hashes[] = {
    {"sha256WithRSAEncryption", "sha256"}, {"ecdsa-with-SHA256", "sha256"}, {"ecdsa-with-SHA384", "sha384"},
    {"sha384WithRSAEncryption", "sha384"}, {"sha512WithRSAEncryption", "sha512"}, {"ecdsa-with-SHA512", "sha512"},
    {"sha1WithRSAEncryption", "sha1"}, {"md5WithRSAEncryption", "md5"}, {"sha1WithRSA", "sha1"},
    {"md2WithRSAEncryption", "md2"}, {"md4WithRSAEncryption", "md4"}, {"sha224WithRSAEncryption", "sha224"},
    {"ecdsa-with-SHA1", "sha1"}, {"ecdsa-with-SHA224", "sha224"}, {"sha512-224WithRSAEncryption", "sha512-224"},
    {"sha512-256WithRSAEncryption", "sha512-256"}, {"DSA-SHA1", "sha1"}, {"DSA-SHA1-old", "sha1"}, {"dsa_with_SHA224", "sha224"},
    {"dsa_with_SHA256", "sha256"}, {"id-dsa-with-sha384", "sha384"}, {"id-dsa-with-sha512", "sha512"},
    {"id-ecdsa-with-sha3-224", "sha3-224"}, {"id-ecdsa-with-sha3-256", "sha3-256"}, {"id-ecdsa-with-sha3-384", "sha3-384"},
    {"id-ecdsa-with-sha3-512", "sha3-512"}, {"id-rsassa-pkcs1-v1_5-with-sha3-224", "sha3-224"},
    {"id-rsassa-pkcs1-v1_5-with-sha3-256", "sha3-256"}, {"id-rsassa-pkcs1-v1_5-with-sha3-384", "sha3-384"},
    {"id-rsassa-pkcs1-v1_5-with-sha3-512", "sha3-512"}, {"SM2-SM3", "sm3"}, {"RSA-SM3", "sm3"},
};

static const char *hash_of(struct byte_reader algorithm)        /* the inside of an AlgorithmIdentifier */
{
    struct der_item oid;
    const char *name = der_read_tag(&algorithm, DER_OID, &oid) ? oid_name(oid.content) : NULL;
    for (size_t i = 0; name != NULL && i < sizeof hash_names / sizeof *hash_names; i++)
        if (strcmp(name, hash_names[i].name) == 0)
            return hash_names[i].hash;
    return NULL;
}

bool cert_pss_parse(struct byte_reader parameters, struct pss_parameters *pss)
{
    *pss = (struct pss_parameters){.hash = "sha1", .mask_hash = "sha1", .salt_len = 20, .absent = parameters.left == 0};
    struct der_item sequence, field, algorithm, oid, hash, salt;
    if (pss->absent)
        return true;                /* each field has its DEFAULT */
    if (!der_read_tag(&parameters, DER_SEQUENCE, &sequence))
        return false;
    bool ok = parameters.left == 0;
    while (der_read(&sequence.content, &field))
        switch (field.tag) {
        case DER_CONTEXT_0:
            pss->hash = der_read_tag(&field.content, DER_SEQUENCE, &algorithm) ? hash_of(algorithm.content) : NULL;
            break;
        case DER_CONTEXT_1:
            pss->mask_hash = der_read_tag(&field.content, DER_SEQUENCE, &algorithm)
                             && der_read_tag(&algorithm.content, DER_OID, &oid) && der_read_tag(&algorithm.content, DER_SEQUENCE, &hash)
                                 ? hash_of(hash.content) : NULL;
            break;
        case DER_CONTEXT_2:
            ok = der_read_tag(&field.content, DER_INTEGER, &salt) && der_int64(salt.content, &pss->salt_len)
                 && pss->salt_len >= 0 && pss->salt_len <= CERT_INTEGER_MAX && ok;
            break;
        case DER_CONTEXT_3:
            break;
        default:
            ok = false;
        }
    return ok && pss->hash != NULL && pss->mask_hash != NULL;
}

static enum field pss_tell(struct cert *cert, struct byte_reader parameters)
{
    struct pss_parameters pss;
    bool ok = cert_pss_parse(parameters, &pss);
    if (pss.hash != NULL)
        cert->signature_hash = xstrdup(pss.hash);
    cert->signature_parameters = pss.absent ? xstrdup("absent")
        : xasprintf("%s mgf1-%s salt %lld", pss.hash == NULL ? "unknown" : pss.hash, pss.mask_hash == NULL ? "unknown" : pss.mask_hash,
                    (long long)pss.salt_len);
    return ok && !pss.absent ? FIELD_PRESENT : FIELD_BROKEN;    /* RFC 4055, 3.1: a signature has parameters */
}

enum field cert_signature_parse(struct cert *cert, struct byte_reader algorithm)
{
    struct der_item sequence, oid;
    if (!der_read_tag(&algorithm, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_OID, &oid))
        return FIELD_BROKEN;
    cert->signature_algorithm = oid_label(oid.content);
    if (strcmp(cert->signature_algorithm, "rsassaPss") == 0)
        return pss_tell(cert, sequence.content);
    for (size_t i = 0; i < sizeof signature_hashes / sizeof *signature_hashes; i++)
        if (strcmp(cert->signature_algorithm, signature_hashes[i].name) == 0) {
            cert->signature_hash = xstrdup(signature_hashes[i].hash);
            break;
        }
    return FIELD_PRESENT;
}
