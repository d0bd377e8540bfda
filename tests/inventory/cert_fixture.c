#include "tests/inventory/cert_fixture.h"

#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static EVP_PKEY *key_make(const char *kind)
{
    if (kind == NULL)
        kind = "P-256";
    EVP_PKEY *key = strncmp(kind, "RSA:", 4) == 0 ? EVP_RSA_gen((unsigned)atoi(kind + 4))
                    : strncmp(kind, "ED", 2) == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, kind) : EVP_EC_gen(kind);
    if (key == NULL)
        abort();
    return key;
}

static void subject_set(X509 *x509, const char *subject)
{
    X509_NAME *name = X509_NAME_new();
    char *copy = xstrdup(subject), *rest = copy;
    for (char *part; (part = strsep(&rest, ",")) != NULL;) {
        char *value = strchr(part, '=');
        *value++ = '\0';
        X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0);
    }
    X509_set_subject_name(x509, name);
    X509_NAME_free(name);
    free(copy);
}

static void extension_add(X509 *x509, const char *name, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf(NULL, &context, name, value);
    if (extension == NULL)
        abort();
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

static void extensions_set(X509 *x509, const struct cert_recipe *recipe, const char *subject)
{
    const char *cn = strstr(subject, "CN=");
    char *sans = recipe->sans != NULL ? xstrdup(recipe->sans) : cn == NULL ? xstrdup("") : xasprintf("DNS:%s", cn + 3);
    if (sans[0] != '\0' && !(recipe->is_ca && recipe->sans == NULL))
        extension_add(x509, "subjectAltName", sans);
    free(sans);
    if (recipe->is_ca)
        extension_add(x509, "basicConstraints", "critical,CA:TRUE");
    for (size_t i = 0; i + 1 < 8 && recipe->extension[i] != NULL; i += 2)
        extension_add(x509, recipe->extension[i], recipe->extension[i + 1]);
}

struct made_cert *cert_make(const struct cert_recipe *recipe)
{
    static long serial = 1000;
    struct made_cert *made = xcalloc(1, sizeof *made);
    made->x509 = X509_new();
    if (recipe->same_key != NULL)
        EVP_PKEY_up_ref(made->key = recipe->same_key->key);
    else
        made->key = key_make(recipe->key);
    const char *subject = recipe->subject == NULL ? "CN=www.example" : recipe->subject;
    int version = recipe->version == 0 ? 3 : recipe->version;
    X509_set_version(made->x509, version - 1);
    ASN1_INTEGER_set(X509_get_serialNumber(made->x509), recipe->serial != 0 ? recipe->serial : ++serial);
    ASN1_TIME_set_string_X509(X509_getm_notBefore(made->x509), recipe->not_before ? recipe->not_before : "20260101000000Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(made->x509), recipe->not_after ? recipe->not_after : "20260331235959Z");
    subject_set(made->x509, subject);
    X509_set_issuer_name(made->x509, X509_get_subject_name(recipe->issuer == NULL ? made->x509 : recipe->issuer->x509));
    X509_set_pubkey(made->x509, made->key);
    if (version == 3)
        extensions_set(made->x509, recipe, subject);
    EVP_PKEY *signer = recipe->issuer == NULL ? made->key : recipe->issuer->key;
    const EVP_MD *hash = EVP_PKEY_is_a(signer, "ED25519") ? NULL : EVP_get_digestbyname(recipe->hash ? recipe->hash : "SHA256");
    if (X509_sign(made->x509, signer, hash) <= 0)
        abort();
    made->len = (size_t)i2d_X509(made->x509, &made->der);
    return made;
}

void cert_make_free(struct made_cert *made)
{
    if (made == NULL)
        return;
    X509_free(made->x509);
    EVP_PKEY_free(made->key);
    OPENSSL_free(made->der);
    free(made);
}

char *cert_make_pem(const struct made_cert *made)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, made->x509);
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = xstrndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}
