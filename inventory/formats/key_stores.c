/* PKCS#12 (RFC 7292), by OpenSSL, and Java's JKS and JCEKS, by a reader of our own: their certificates are not
 * encrypted. Keys are opened only if the caller asks for facts about them; the keys themselves are never passed
 * on. */
#include "inventory/formats/format_parts.h"

#include "inventory/formats/der_shapes.h"
#include "probes/base/memory.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS_MAX  10000000        /* of a key derivation: a file could demand years of work */
#define BAGS_DEPTH_MAX  4
#define ENTRIES_MAX     100000          /* of a Java store */

/* The passwords to try, in order: index from 0; NULL at the end. */
static const char *password_at(const struct format_reader *reader, size_t index)
{
    static const char *const usual[] = {"", "changeit"};
    size_t own = reader->options == NULL ? 0 : reader->options->password_count;
    if (index < own)
        return reader->options->passwords[index];
    return index - own < 2 ? usual[index - own] : NULL;
}

/* How often a password-based scheme (RFC 8018) hashes; 0 if that cannot be read. */
static long iterations_of(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *oid;
    const void *value;
    int type;
    long count = 0;
    X509_ALGOR_get0(&oid, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE)
        return 0;
    const uint8_t *at = ASN1_STRING_get0_data(value);
    long len = ASN1_STRING_length(value);
    if (OBJ_obj2nid(oid) != NID_pbes2) {
        PBEPARAM *param = d2i_PBEPARAM(NULL, &at, len);
        count = param == NULL ? 0 : ASN1_INTEGER_get(param->iter);
        PBEPARAM_free(param);
        return count;
    }
    PBE2PARAM *scheme = d2i_PBE2PARAM(NULL, &at, len);
    if (scheme != NULL) {
        X509_ALGOR_get0(&oid, &type, &value, scheme->keyfunc);
        if (OBJ_obj2nid(oid) == NID_id_pbkdf2 && type == V_ASN1_SEQUENCE) {
            at = ASN1_STRING_get0_data(value);
            PBKDF2PARAM *param = d2i_PBKDF2PARAM(NULL, &at, ASN1_STRING_length(value));
            count = param == NULL ? 0 : ASN1_INTEGER_get(param->iter);
            PBKDF2PARAM_free(param);
        }
        PBE2PARAM_free(scheme);
    }
    return count;
}

/* A key is decrypted only to identify it, and only if the caller needs that; a key that no password decrypts is reported as encrypted. */
static void give_key(struct format_reader *reader, const char *file, const PKCS12_SAFEBAG *bag, const char *password)
{
    struct private_key key = {.is_encrypted = PKCS12_SAFEBAG_get_nid(bag) == NID_pkcs8ShroudedKeyBag};
    const X509_SIG *sealed = key.is_encrypted ? PKCS12_SAFEBAG_get0_pkcs8(bag) : NULL;
    const X509_ALGOR *algorithm = NULL;
    PKCS8_PRIV_KEY_INFO *opened = NULL;
    if (reader->sink->key == NULL)
        return;
    if (sealed != NULL)
        X509_SIG_get0(sealed, &algorithm, NULL);
    if (algorithm != NULL && iterations_of(algorithm) > 0 && iterations_of(algorithm) <= ITERATIONS_MAX)
        opened = PKCS12_decrypt_skey(bag, password, password == NULL ? 0 : (int)strlen(password));
    EVP_PKEY *pkey = EVP_PKCS82PKEY(opened != NULL ? opened : key.is_encrypted ? NULL : PKCS12_SAFEBAG_get0_p8inf(bag));
    if (pkey != NULL)
        private_key_describe(pkey, &key);
    EVP_PKEY_free(pkey);
    PKCS8_PRIV_KEY_INFO_free(opened);
    reader->sink->key(reader->sink->context, file, &key);
}

static void give_label(const struct format_reader *reader, const char *label)
{
    if (reader->sink->label != NULL && label != NULL)
        reader->sink->label(reader->sink->context, label);
}

static size_t give_bags(struct format_reader *reader, const char *file, const STACK_OF(PKCS12_SAFEBAG) *bags, const char *password, int depth)
{
    size_t count = 0;
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        if (PKCS12_SAFEBAG_get_nid(bag) == NID_pkcs8ShroudedKeyBag || PKCS12_SAFEBAG_get_nid(bag) == NID_keyBag)
            give_key(reader, file, bag, password);
        if (PKCS12_SAFEBAG_get_nid(bag) == NID_safeContentsBag && depth < BAGS_DEPTH_MAX)
            count += give_bags(reader, file, PKCS12_SAFEBAG_get0_safes(bag), password, depth + 1);
        if (PKCS12_SAFEBAG_get_nid(bag) != NID_certBag)
            continue;
        X509 *certificate = PKCS12_SAFEBAG_get1_cert(bag);
        uint8_t *der = NULL;
        int len = certificate == NULL ? -1 : i2d_X509(certificate, &der);
        if (len > 0) {
            char *name = reader->sink->label == NULL ? NULL : PKCS12_get_friendlyname((PKCS12_SAFEBAG *)(uintptr_t)bag);
            give_label(reader, name);
            OPENSSL_free(name);
            reader->sink->certificate(reader->sink->context, file, 0, der, (size_t)len);
            count++;
        }
        OPENSSL_free(der);
        X509_free(certificate);
    }
    return count;
}

static bool is_affordable(const PKCS7 *part)
{
    const PKCS7_ENCRYPT *encrypted = part->d.encrypted;
    if (encrypted == NULL || encrypted->enc_data == NULL || encrypted->enc_data->algorithm == NULL)
        return false;
    long count = iterations_of(encrypted->enc_data->algorithm);
    return count > 0 && count <= ITERATIONS_MAX;
}

/* The password that the store's MAC verifies with; without a MAC the first that opens a part counts. */
static const char *find_password(const struct format_reader *reader, PKCS12 *store, bool *found)
{
    const ASN1_INTEGER *iterations;
    *found = true;
    if (!PKCS12_mac_present(store))
        return NULL;
    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, store);
    *found = false;
    if (iterations != NULL && (ASN1_INTEGER_get(iterations) <= 0 || ASN1_INTEGER_get(iterations) > ITERATIONS_MAX))
        return NULL;
    for (size_t i = 0; password_at(reader, i) != NULL; i++) {
        const char *password = password_at(reader, i);
        if (PKCS12_verify_mac(store, password, -1) == 1)
            return *found = true, password;
    }
    *found = PKCS12_verify_mac(store, NULL, 0) == 1;
    return NULL;
}

static STACK_OF(PKCS12_SAFEBAG) *open_part(const struct format_reader *reader, PKCS7 *part, const char *password, bool has_password)
{
    if (PKCS7_type_is_data(part))
        return PKCS12_unpack_p7data(part);
    if (!PKCS7_type_is_encrypted(part) || !is_affordable(part))
        return NULL;
    if (has_password)
        return PKCS12_unpack_p7encdata(part, password, password == NULL ? 0 : (int)strlen(password));
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    for (size_t i = 0; bags == NULL && password_at(reader, i) != NULL; i++)
        bags = PKCS12_unpack_p7encdata(part, password_at(reader, i), (int)strlen(password_at(reader, i)));
    return bags;
}

static bool read_store(struct format_reader *reader, const char *file, PKCS12 *store, struct error *err)
{
    bool found, closed = false;
    const char *password = find_password(reader, store, &found);
    STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(store);
    size_t count = 0;
    for (int i = 0; i < sk_PKCS7_num(parts); i++) {
        PKCS7 *part = sk_PKCS7_value(parts, i);
        STACK_OF(PKCS12_SAFEBAG) *bags =
            found || PKCS7_type_is_data(part) ? open_part(reader, part, password, found && PKCS12_mac_present(store)) : NULL;
        closed |= bags == NULL;
        count += give_bags(reader, file, bags, password, 0);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    }
    sk_PKCS7_pop_free(parts, PKCS7_free);
    if (parts == NULL)
        return error_set(err, ERROR_INPUT, "%s: PKCS#12 whose content cannot be read", file);
    if (count > 0 && !closed)
        return true;
    bool has_own = reader->options != NULL && reader->options->password_count > 0;
    if (closed)
        error_set(err, ERROR_INPUT, "%s: PKCS#12 that none of the passwords opens (tried: %snone, \"\", \"changeit\"); give it with --password-file FILE", file,
                  has_own ? "yours, " : "");
    else
        error_set(err, ERROR_INPUT, "%s: PKCS#12 without a certificate", file);
    reader->has_keys_only = !closed;
    return false;
}

bool pkcs12_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err)
{
    /* RC2 and RC4 of old stores are in OpenSSL's legacy provider; the default one stays. */
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_try_load(NULL, "legacy", 1);
    const uint8_t *at = bytes.at;
    PKCS12 *store = bytes.left > LONG_MAX ? NULL : d2i_PKCS12(NULL, &at, (long)bytes.left);
    bool ok = store != NULL ? read_store(reader, file, store, err) : error_set(err, ERROR_INPUT, "%s: PKCS#12 that is damaged", file);
    PKCS12_free(store);
    if (legacy != NULL)
        OSSL_PROVIDER_unload(legacy);
    ERR_clear_error();
    return ok;
}

/* ---- Java's own stores: sun.security.provider.JavaKeyStore, com.sun.crypto.provider.JceKeyStore ---- */

static bool take_text(struct byte_reader *bytes, struct byte_reader *text)
{
    uint16_t len;
    return byte_reader_u16(bytes, &len) && byte_reader_sub(bytes, len, text);
}

static bool skip_text(struct byte_reader *bytes)
{
    struct byte_reader text;
    return take_text(bytes, &text);
}

static bool take_certificate(struct format_reader *reader, const char *file, struct byte_reader *bytes, uint32_t version, size_t *count)
{
    uint32_t len;
    struct byte_reader der;
    if ((version == 2 && !skip_text(bytes)) || !byte_reader_u32(bytes, &len) || !byte_reader_sub(bytes, len, &der))
        return false;
    reader->sink->certificate(reader->sink->context, file, 0, der.at, der.left);
    ++*count;
    return true;
}

/* The key is not decrypted: its public key is that of the first certificate of its chain, which begins here. */
static void give_java_key(struct format_reader *reader, const char *file, struct byte_reader bytes, uint32_t version)
{
    struct private_key key = {.is_encrypted = true};
    struct byte_reader der, spki;
    uint32_t len;
    if (reader->sink->key == NULL || (version == 2 && !skip_text(&bytes)) || !byte_reader_u32(&bytes, &len) || !byte_reader_sub(&bytes, len, &der))
        return;
    key.has_spki = der_certificate_spki(der, &spki);
    if (key.has_spki)
        SHA256(spki.at, spki.left, key.spki_sha256);
    reader->sink->key(reader->sink->context, file, &key);
}

/* One entry: a key with its chain (1), a certificate (2). A secret key (3, of JCEKS) is a serialized Java object, whose length is
 * not stored. */
static bool take_entry(struct format_reader *reader, const char *file, struct byte_reader *bytes, uint32_t version, size_t *count, bool *is_secret)
{
    uint32_t tag, len, certificates = 1;
    struct byte_reader alias;
    if (!byte_reader_u32(bytes, &tag) || !take_text(bytes, &alias) || !byte_reader_skip(bytes, 8))
        return false;
    char *label = xstrndup((const char *)alias.at, alias.left);
    *is_secret = tag == 3;
    bool ok = (tag == 1 || tag == 2) && (tag == 2 || (byte_reader_u32(bytes, &len) && byte_reader_skip(bytes, len) && byte_reader_u32(bytes, &certificates)));
    for (uint32_t i = 0; ok && i < certificates; i++) {
        struct byte_reader leaf = *bytes;
        give_label(reader, label);      /* of the whole chain */
        ok = take_certificate(reader, file, bytes, version, count);
        if (ok && i == 0 && tag == 1)
            give_java_key(reader, file, leaf, version);
    }
    free(label);
    return ok;
}

/* SHA-1 over the password in UTF-16, a phrase and the store; what the last 20 bytes must be. */
static bool digest_matches(struct byte_reader store, const char *password)
{
    uint8_t hash[SHA_DIGEST_LENGTH];
    SHA_CTX context;
    #pragma GCC diagnostic push
    #pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    SHA1_Init(&context);
    for (const char *at = password; *at != '\0'; at++) {
        const uint8_t unit[2] = {0, (uint8_t)*at};
        SHA1_Update(&context, unit, 2);
    }
    SHA1_Update(&context, "Mighty Aphrodite", 16);
    SHA1_Update(&context, store.at, store.left - sizeof hash);
    SHA1_Final(hash, &context);
    #pragma GCC diagnostic pop
    return memcmp(hash, store.at + store.left - sizeof hash, sizeof hash) == 0;
}

static bool digest_is_right(const struct format_reader *reader, struct byte_reader store)
{
    for (size_t i = 0; password_at(reader, i) != NULL; i++)
        if (digest_matches(store, password_at(reader, i)))
            return true;
    return false;
}

bool jks_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err)
{
    struct byte_reader store = bytes;
    uint32_t magic, version, entries;
    size_t count = 0;
    bool is_secret = false;
    if (bytes.left < 12 + SHA_DIGEST_LENGTH || !byte_reader_u32(&bytes, &magic) || !byte_reader_u32(&bytes, &version) ||
        !byte_reader_u32(&bytes, &entries) || version < 1 || version > 2)
        return error_set(err, ERROR_INPUT, "%s: a Java key store that is damaged", file);
    bytes.left -= SHA_DIGEST_LENGTH;
    bool is_right = digest_is_right(reader, store), whole = entries <= ENTRIES_MAX;
    for (uint32_t i = 0; whole && i < entries; i++)
        whole = take_entry(reader, file, &bytes, version, &count, &is_secret);
    if (!whole && is_secret)
        reader->sink->fault(reader->sink->context, file, 0, "this store holds a secret key, and only Java can read the entries after it; export the "
                                                            "certificates: keytool -importkeystore -deststoretype PKCS12");
    else if (!whole)
        reader->sink->fault(reader->sink->context, file, 0, "a Java key store that is damaged: its end could not be read");
    else if (!is_right)
        reader->sink->note(reader->sink->context, file, "its digest was not checked: no given password fits (--password-file FILE)");
    if (count > 0)
        return true;
    reader->has_keys_only = whole;
    return error_set(err, ERROR_INPUT, "%s: a Java key store without a certificate", file);
}
