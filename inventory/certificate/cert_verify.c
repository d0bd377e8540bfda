#include "inventory/certificate/cert_verify.h"

#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/ec_curve.h"
#include "inventory/certificate/oid.h"
#include "inventory/certificate/spki.h"
#include "probes/base/memory.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BYTES_MAX 2049          /* 16,384 bits and a sign; OpenSSL's own limit */
#define RSA_EXPONENT_BYTES_MAX 9    /* 64 bits and a sign: a longer one would make verification slow, perhaps on purpose */
#define DSA_BYTES_MAX 513

struct cert_verify_key {
    EVP_PKEY *pkey;
    enum key_kind { KEY_RSA, KEY_RSA_PSS, KEY_EC, KEY_DSA, KEY_EDWARDS } kind;
};

static EVP_PKEY *pkey_of(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (context == NULL || params == NULL || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return pkey;
}

/* Positive INTEGERs by these names. */
static EVP_PKEY *numbers_key(const char *type, const char *const *names, const struct byte_reader *numbers, size_t count, size_t max)
{
    BIGNUM *values[4] = {NULL};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool ok = builder != NULL;
    for (size_t i = 0; i < count && ok; i++) {
        ok = numbers[i].left > 0 && numbers[i].left <= max && numbers[i].at[0] < 0x80;
        values[i] = ok ? BN_bin2bn(numbers[i].at, (int)numbers[i].left, NULL) : NULL;
        ok = ok && values[i] != NULL && !BN_is_zero(values[i]) && OSSL_PARAM_BLD_push_BN(builder, names[i], values[i]) == 1;
    }
    EVP_PKEY *pkey = ok ? pkey_of(type, builder) : NULL;
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < count; i++)
        BN_free(values[i]);
    return pkey;
}

static EVP_PKEY *rsa_key(struct byte_reader bits)
{
    static const char *const names[] = {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E};
    struct der_item sequence, n, e;
    if (!der_read_tag(&bits, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_INTEGER, &n)
        || !der_read_tag(&sequence.content, DER_INTEGER, &e) || e.content.left > RSA_EXPONENT_BYTES_MAX || n.content.left == 0
        || (n.content.at[n.content.left - 1] & 1) == 0)
        return NULL;
    const struct byte_reader numbers[] = {n.content, e.content};
    return numbers_key("RSA", names, numbers, 2, RSA_BYTES_MAX);
}

static EVP_PKEY *dsa_key(struct byte_reader parameters, struct byte_reader bits)
{
    static const char *const names[] = {OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY};
    struct der_item sequence, number[4];
    if (!der_read_tag(&parameters, DER_SEQUENCE, &sequence) || !der_read_tag(&bits, DER_INTEGER, &number[3]))
        return NULL;
    for (size_t i = 0; i < 3; i++)
        if (!der_read_tag(&sequence.content, DER_INTEGER, &number[i]))
            return NULL;
    const struct byte_reader numbers[] = {number[0].content, number[1].content, number[2].content, number[3].content};
    return numbers_key("DSA", names, numbers, 4, DSA_BYTES_MAX);
}

static EVP_PKEY *ec_key(struct byte_reader parameters, struct byte_reader bits)
{
    struct der_item oid;
    struct ec_curve curve;
    if (!der_read_tag(&parameters, DER_OID, &oid) || !ec_curve_find(oid.content, &curve)
        || ec_curve_point(&curve, bits) != EC_POINT_ON_CURVE)
        return NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *pkey = NULL;
    if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(curve.nid), 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, bits.at, bits.left) == 1)
        pkey = pkey_of("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return pkey;
}

struct cert_verify_key *cert_verify_key_create(struct byte_reader der)
{
    struct spki spki;
    struct cert_verify_key key = {0};
    if (!spki_read(der, &spki))
        return NULL;
    const char *name = oid_name(spki.algorithm);
    if (name == NULL)
        return NULL;
    if (strcmp(name, "rsaEncryption") == 0 || strcmp(name, "rsassaPss") == 0)
        key = (struct cert_verify_key){rsa_key(spki.bits), name[3] == 'E' ? KEY_RSA : KEY_RSA_PSS};
    else if (strcmp(name, "id-ecPublicKey") == 0)
        key = (struct cert_verify_key){ec_key(spki.parameters, spki.bits), KEY_EC};
    else if (strcmp(name, "DSA") == 0)
        key = (struct cert_verify_key){dsa_key(spki.parameters, spki.bits), KEY_DSA};
    else if (strcmp(name, "ED25519") == 0 || strcmp(name, "ED448") == 0)
        key = (struct cert_verify_key){EVP_PKEY_new_raw_public_key(name[2] == '2' ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, NULL,
                                                                   spki.bits.at, spki.bits.left), KEY_EDWARDS};
    ERR_clear_error();
    return key.pkey == NULL ? NULL : xmemdup(&key, sizeof key);
}

void cert_verify_key_destroy(struct cert_verify_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

struct evp_pkey_st *cert_verify_key_evp(const struct cert_verify_key *key)
{
    return key->pkey;
}

/* The signature algorithm asks for a key of its own kind. */
static bool fits(const struct cert_verify_key *key, const char *algorithm)
{
    switch (key->kind) {
    case KEY_RSA:     return strcasestr(algorithm, "RSA") != NULL && strcasestr(algorithm, "ecdsa") == NULL
                             && strcasestr(algorithm, "DSA") == NULL;
    case KEY_RSA_PSS: return strcmp(algorithm, "rsassaPss") == 0;
    case KEY_EC:      return strncmp(algorithm, "ecdsa", 5) == 0 || strncmp(algorithm, "id-ecdsa", 8) == 0;
    case KEY_DSA:     return strncasecmp(algorithm, "dsa", 3) == 0 || strncmp(algorithm, "id-dsa", 6) == 0;
    case KEY_EDWARDS: return strncmp(algorithm, "ED", 2) == 0;
    }
    return false;
}

static const EVP_MD *hash_of(const char *name)
{
    return name == NULL ? NULL : EVP_get_digestbyname(strcmp(name, "sha512-256") == 0 ? "SHA512-256" : name);
}

/* RSASSA-PSS as its parameters say (RFC 4055, 3.1). */
static bool pss_set(EVP_PKEY_CTX *context, const struct cert *cert)
{
    struct byte_reader algorithm = cert->signature_algorithm_der;
    struct der_item sequence, oid;
    struct pss_parameters pss;
    if (!der_read_tag(&algorithm, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_OID, &oid)
        || !cert_pss_parse(sequence.content, &pss))
        return false;
    const EVP_MD *mask = hash_of(pss.mask_hash);
    return mask != NULL && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
           && EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)pss.salt_len) == 1;
}

enum cert_verified cert_verify(struct cert_verify_key *key, const struct cert *cert)
{
    if (key == NULL || cert->signature_algorithm == NULL || !cert_has(cert, CERT_SIGNATURE) || cert->tbs.left == 0
        || !fits(key, cert->signature_algorithm))
        return CERT_NOT_VERIFIABLE;
    if (!cert->signature_algorithms_agree)      /* RFC 5280, 4.1.1.2; no verifier accepts it */
        return CERT_NOT_VERIFIED;
    const EVP_MD *hash = hash_of(cert->signature_hash);
    if (hash == NULL && key->kind != KEY_EDWARDS)
        return CERT_NOT_VERIFIABLE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    enum cert_verified verified = CERT_NOT_VERIFIABLE;
    if (EVP_DigestVerifyInit(context, &parameters, hash, NULL, key->pkey) == 1
        && (strcmp(cert->signature_algorithm, "rsassaPss") != 0 || pss_set(parameters, cert)))
        verified = EVP_DigestVerify(context, cert->signature.at, cert->signature.left, cert->tbs.at, cert->tbs.left) == 1
                       ? CERT_VERIFIED : CERT_NOT_VERIFIED;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return verified;
}
