#include "tests/farm/identity.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void require(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "farm: OpenSSL failed: %s\n", what);
    exit(1);
}

static EVP_PKEY *generate_rsa(int type, int bits)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, NULL);
    require(context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1,
            "RSA parameters");
    if (bits >= 4096 && type == EVP_PKEY_RSA)       /* several primes: found in seconds, not minutes */
        EVP_PKEY_CTX_set_rsa_keygen_primes(context, bits >= 8192 ? 5 : 4);
    require(EVP_PKEY_keygen(context, &key) == 1, "RSA key");
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *generate(const char *kind)
{
    static const char *const curves[][2] = {
        {"p224", "secp224r1"},       {"p256", "prime256v1"},      {"p384", "secp384r1"},       {"p521", "secp521r1"},
        {"k256", "secp256k1"},       {"bp256", "brainpoolP256r1"}, {"bp384", "brainpoolP384r1"}, {"bp512", "brainpoolP512r1"},
    };
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (strcmp(kind, curves[i][0]) == 0)
            return EVP_EC_gen(curves[i][1]);
    if (strncmp(kind, "rsa", 3) == 0)
        return generate_rsa(EVP_PKEY_RSA, atoi(kind + 3));
    if (strncmp(kind, "pss", 3) == 0)
        return generate_rsa(EVP_PKEY_RSA_PSS, atoi(kind + 3));
    if (strcmp(kind, "ed25519") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (strcmp(kind, "ed448") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    return NULL;
}

/* NULL where the kind is unknown. Borrowed. */
static EVP_PKEY *key_of(const char *kind)
{
    static struct {
        char kind[16];
        EVP_PKEY *key;
    } known[32];                    /* for the life of the process: the only global state */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].key != NULL && strcmp(known[i].kind, kind) == 0)
            return known[i].key;
        if (known[i].key == NULL) {
            snprintf(known[i].kind, sizeof known[i].kind, "%s", kind);
            return known[i].key = generate(kind);
        }
    }
    return NULL;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    require(extension != NULL && X509_add_ext(cert, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

/* An unknown extension of len zero bytes, to make a certificate large. */
static void add_padding(X509 *cert, size_t len)
{
    uint8_t *bytes = xcalloc(1, len);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *object = OBJ_txt2obj("2.25.80", 1);        /* RFC 3061's arc for private numbers */
    ASN1_OCTET_STRING_set(value, bytes, (int)len);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
    require(extension != NULL && X509_add_ext(cert, extension, -1) == 1, "padding");
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(object);
    ASN1_OCTET_STRING_free(value);
    free(bytes);
}

struct request {
    const char *name;               /* of the leaf; NULL: a CA */
    unsigned level;                 /* 0 the leaf */
    unsigned count;
    size_t padding;
    EVP_PKEY *key, *signer;
};

static X509_NAME *subject_of(const struct request *request, unsigned level)
{
    char text[80];
    snprintf(text, sizeof text, level == 0 ? "%.60s" : "Farm CA %.4s%u",
             level == 0 ? request->name : "", level);
    X509_NAME *subject = X509_NAME_new();
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, (const unsigned char *)"Farm", -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0);
    return subject;
}

static X509 *make_cert(const struct request *request)
{
    X509 *cert = X509_new();
    unsigned issuer_level = request->level + 1 < request->count ? request->level + 1 : request->level;
    X509_NAME *subject = subject_of(request, request->level), *issuer = subject_of(request, issuer_level);
    X509_set_version(cert, X509_VERSION_3);
    BIGNUM *serial = BN_new();
    BN_rand(serial, 64, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert));
    BN_free(serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -86400L);
    X509_gmtime_adj(X509_getm_notAfter(cert), 90 * 86400L);
    X509_set_subject_name(cert, subject);
    X509_set_issuer_name(cert, issuer);
    X509_set_pubkey(cert, request->key);
    add_extension(cert, NID_basic_constraints, request->level == 0 ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (request->level == 0) {
        char names[300];
        snprintf(names, sizeof names, "DNS:%.250s", request->name);
        add_extension(cert, NID_subject_alt_name, names);
    }
    if (request->padding > 0)
        add_padding(cert, request->padding);
    int signer_type = EVP_PKEY_get_base_id(request->signer);
    bool no_digest = signer_type == EVP_PKEY_ED25519 || signer_type == EVP_PKEY_ED448;
    require(X509_sign(cert, request->signer, no_digest ? NULL : EVP_sha256()) > 0, "signing");
    X509_NAME_free(subject);
    X509_NAME_free(issuer);
    return cert;
}

bool identity_init(struct identity *identity, const char *kind, const char *name, unsigned count, size_t bytes)
{
    *identity = (struct identity){.key = key_of(kind), .rest = sk_X509_new_null()};
    if (identity->key == NULL)
        return false;
    EVP_PKEY *ca = key_of("p256");
    size_t natural = 420, share = bytes / count;
    for (unsigned level = 0; level < count; level++) {
        struct request request = {.name = name, .level = level, .count = count};
        request.padding = share > natural ? share - natural : 0;
        request.key = level == 0 ? identity->key : ca;
        request.signer = count == 1 ? identity->key : ca;
        X509 *cert = make_cert(&request);
        if (level == 0)
            identity->leaf = cert;
        else
            sk_X509_push(identity->rest, cert);
    }
    return true;
}

static void append_hash(char *text, X509 *cert)
{
    uint8_t hash[32];
    unsigned len = sizeof hash;
    X509_digest(cert, EVP_sha256(), hash, &len);
    hex_format(hash, sizeof hash, text + strlen(text));
}

char *identity_hashes(const struct identity *identity)
{
    int rest = sk_X509_num(identity->rest);
    char *text = xcalloc((size_t)(rest + 1), 66);
    append_hash(text, identity->leaf);
    for (int i = 0; i < rest; i++) {
        strcat(text, ",");
        append_hash(text, sk_X509_value(identity->rest, i));
    }
    return text;
}
