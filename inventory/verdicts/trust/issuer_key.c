/* In each lane one EVP_PKEY_CTX stays set up for the algorithm of its last signature: a CA uses one algorithm for years, so most
 * verifications cost only the digest and the arithmetic. The EVP_PKEY itself is only read, and OpenSSL lets threads share it. */
#include "inventory/verdicts/trust/issuer_key.h"

#include "inventory/certificate/cert_verify.h"
#include "probes/base/memory.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define ALGORITHM_MAX 256           /* octets of an AlgorithmIdentifier; RSASSA-PSS with all its parameters takes 67 */
#define SPKI_MAX 65536

struct scheme {                     /* an algorithm that is set up */
    uint8_t algorithm[ALGORITHM_MAX];
    size_t algorithm_len;           /* 0: none is set up */
    bool usable;                    /* the scheme fits the key */
    EVP_MD *digest;                 /* NULL: the scheme hashes by itself (EdDSA, ML-DSA) */
    EVP_PKEY_CTX *verify;           /* with digest */
    EVP_MD_CTX *hash;               /* with digest */
};

struct issuer_key {
    EVP_PKEY *pkey;                 /* NULL: unreadable */
    struct cert_verify_key *owner;  /* of pkey; NULL: it is ours */
    struct scheme *schemes[ISSUER_KEY_LANES];       /* each touched by its lane only; NULL: not used yet */
};

struct issuer_key *issuer_key_create(struct byte_reader spki)
{
    struct issuer_key *key = xcalloc(1, sizeof *key);
    const unsigned char *at = spki.at;
    if ((key->owner = cert_verify_key_create(spki)) != NULL)
        key->pkey = cert_verify_key_evp(key->owner);
    else if (spki.left <= SPKI_MAX)             /* what only OpenSSL's decoders know: explicit curves, newer algorithms */
        key->pkey = d2i_PUBKEY(NULL, &at, (long)spki.left);
    ERR_clear_error();
    return key;
}

static void scheme_clear(struct scheme *scheme)
{
    EVP_PKEY_CTX_free(scheme->verify);
    EVP_MD_CTX_free(scheme->hash);
    EVP_MD_free(scheme->digest);
    *scheme = (struct scheme){0};
}

void issuer_key_destroy(struct issuer_key *key)
{
    if (key == NULL)
        return;
    for (unsigned lane = 0; lane < ISSUER_KEY_LANES; lane++)
        if (key->schemes[lane] != NULL) {
            scheme_clear(key->schemes[lane]);
            free(key->schemes[lane]);
        }
    if (key->owner == NULL)
        EVP_PKEY_free(key->pkey);
    cert_verify_key_destroy(key->owner);
    free(key);
}

struct pss {
    int hash, mask_hash, salt_len;
};

static int algorithm_nid(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return OBJ_obj2nid(object);
}

/* RSASSA-PSS-params with its defaults (RFC 4055, 3.1). */
static bool pss_read(const X509_ALGOR *algorithm, struct pss *pss)
{
    *pss = (struct pss){.hash = NID_sha1, .mask_hash = NID_sha1, .salt_len = 20};
    if (algorithm->parameter == NULL || algorithm->parameter->type != V_ASN1_SEQUENCE)
        return false;
    RSA_PSS_PARAMS *params = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter);
    if (params == NULL)
        return false;
    bool ok = true;
    if (params->hashAlgorithm != NULL)
        pss->hash = algorithm_nid(params->hashAlgorithm);
    if (params->saltLength != NULL)
        pss->salt_len = (int)ASN1_INTEGER_get(params->saltLength);
    if (params->maskGenAlgorithm != NULL) {
        X509_ALGOR *mask = algorithm_nid(params->maskGenAlgorithm) != NID_mgf1 ? NULL
            : ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(X509_ALGOR), params->maskGenAlgorithm->parameter);
        ok = mask != NULL;
        pss->mask_hash = ok ? algorithm_nid(mask) : NID_undef;
        X509_ALGOR_free(mask);
    }
    RSA_PSS_PARAMS_free(params);
    return ok && pss->salt_len >= 0 && pss->salt_len <= 1024;
}

static bool digest_set(struct scheme *scheme, EVP_PKEY *pkey, int hash)
{
    scheme->digest = EVP_MD_fetch(NULL, OBJ_nid2sn(hash), NULL);
    scheme->verify = scheme->digest == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    scheme->hash = EVP_MD_CTX_new();
    return scheme->verify != NULL && scheme->hash != NULL && EVP_PKEY_verify_init(scheme->verify) == 1
        && EVP_PKEY_CTX_set_signature_md(scheme->verify, scheme->digest) == 1;
}

static bool pss_set(struct scheme *scheme, EVP_PKEY *pkey, const X509_ALGOR *algorithm)
{
    struct pss pss;
    if ((!EVP_PKEY_is_a(pkey, "RSA") && !EVP_PKEY_is_a(pkey, "RSA-PSS")) || !pss_read(algorithm, &pss)
        || !digest_set(scheme, pkey, pss.hash))
        return false;
    const EVP_MD *mask = EVP_get_digestbynid(pss.mask_hash);
    return mask != NULL && EVP_PKEY_CTX_set_rsa_padding(scheme->verify, RSA_PKCS1_PSS_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_pss_saltlen(scheme->verify, pss.salt_len) == 1
        && EVP_PKEY_CTX_set_rsa_mgf1_md(scheme->verify, mask) == 1;
}

static bool scheme_fits(struct scheme *scheme, EVP_PKEY *pkey, const X509_ALGOR *algorithm)
{
    int hash = NID_undef, kind = NID_undef, nid = algorithm_nid(algorithm);
    if (nid == NID_rsassaPss)
        return pss_set(scheme, pkey, algorithm);
    if (!OBJ_find_sigid_algs(nid, &hash, &kind))
        return false;
    if (hash == NID_undef)          /* the key itself says how (RFC 8410, 3) */
        return EVP_PKEY_get_id(pkey) == kind || EVP_PKEY_is_a(pkey, OBJ_nid2sn(kind));
    const char *name = kind == NID_rsaEncryption ? "RSA" : kind == NID_X9_62_id_ecPublicKey ? "EC" : kind == NID_dsa ? "DSA" : NULL;
    return name != NULL && EVP_PKEY_is_a(pkey, name) && digest_set(scheme, pkey, hash);
}

static void scheme_set(struct scheme *scheme, EVP_PKEY *pkey, struct byte_reader algorithm)
{
    scheme_clear(scheme);
    memcpy(scheme->algorithm, algorithm.at, algorithm.left);
    scheme->algorithm_len = algorithm.left;
    const unsigned char *at = algorithm.at;
    X509_ALGOR *read = d2i_X509_ALGOR(NULL, &at, (long)algorithm.left);
    scheme->usable = read != NULL && scheme_fits(scheme, pkey, read);
    X509_ALGOR_free(read);
}

static bool verify_whole(EVP_PKEY *pkey, struct byte_reader covered, struct byte_reader signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1
        && EVP_DigestVerify(context, signature.at, signature.left, covered.at, covered.left) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

static bool verify_digest(const struct scheme *scheme, struct byte_reader covered, struct byte_reader signature)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    return EVP_DigestInit_ex2(scheme->hash, scheme->digest, NULL) == 1 && EVP_DigestUpdate(scheme->hash, covered.at, covered.left) == 1
        && EVP_DigestFinal_ex(scheme->hash, hash, &len) == 1
        && EVP_PKEY_verify(scheme->verify, signature.at, signature.left, hash, len) == 1;
}

bool issuer_key_verify_in(struct issuer_key *key, unsigned lane, struct byte_reader algorithm, struct byte_reader covered,
                          struct byte_reader signature)
{
    if (key->pkey == NULL || algorithm.left == 0 || algorithm.left > ALGORITHM_MAX || signature.left == 0)
        return false;
    struct scheme *scheme = key->schemes[lane];
    if (scheme == NULL)
        scheme = key->schemes[lane] = xcalloc(1, sizeof *scheme);
    if (scheme->algorithm_len != algorithm.left || memcmp(scheme->algorithm, algorithm.at, algorithm.left) != 0)
        scheme_set(scheme, key->pkey, algorithm);
    if (!scheme->usable)
        return false;
    bool ok = scheme->digest == NULL ? verify_whole(key->pkey, covered, signature) : verify_digest(scheme, covered, signature);
    if (!ok)
        ERR_clear_error();
    return ok;
}

bool issuer_key_verify(struct issuer_key *key, struct byte_reader algorithm, struct byte_reader covered,
                       struct byte_reader signature)
{
    return issuer_key_verify_in(key, 0, algorithm, covered, signature);
}
