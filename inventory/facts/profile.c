#include "inventory/facts/profile.h"

#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/oid.h"
#include "inventory/facts/facts.h"
#include "inventory/facts/facts_row.h"
#include "inventory/facts/key_strength.h"
#include "inventory_facts_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define KNOWN_MAX       200000      /* cached profiles, some 100 bytes each */
#define PROFILE_COLUMNS 40

struct known {
    uint8_t sha256[32];
    int64_t id;                     /* 0: new, its row is not stored yet */
    UT_hash_handle hh;
};

struct profiles {
    struct known *known;
    EVP_MD_CTX *hash;
    EVP_MD *sha256;
};

struct profiles *profiles_create(void)
{
    struct profiles *profiles = xcalloc(1, sizeof *profiles);
    profiles->hash = EVP_MD_CTX_new();
    profiles->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);     /* else each hash would look it up */
    return profiles;
}

void profiles_forget(struct profiles *profiles)
{
    struct known *known, *next;
    HASH_ITER(hh, profiles->known, known, next) {
        HASH_DEL(profiles->known, known);
        free(known);
    }
}

void profiles_destroy(struct profiles *profiles)
{
    if (profiles == NULL)
        return;
    profiles_forget(profiles);
    EVP_MD_CTX_free(profiles->hash);
    EVP_MD_free(profiles->sha256);
    free(profiles);
}

static void hash_bytes(EVP_MD_CTX *hash, const void *bytes, size_t len)
{
    const uint64_t length = len;    /* so that field boundaries are part of the hash */
    EVP_DigestUpdate(hash, &length, sizeof length);
    EVP_DigestUpdate(hash, bytes, len);
}

static void hash_text(EVP_MD_CTX *hash, const char *text)
{
    hash_bytes(hash, text == NULL ? "" : text, text == NULL ? 0 : strlen(text) + 1);
}

/* The values of these extensions differ by certificate; a profile holds only whether they are present and critical. */
static bool is_own(struct byte_reader oid)
{
    return OID_IS(oid, "\x55\x1d\x11") || OID_IS(oid, "\x55\x1d\x0e") || OID_IS(oid, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02");
}

static void hash_extensions(EVP_MD_CTX *hash, const struct cert *cert)
{
    if (cert->extension_count == CERT_LIST_MAX) {       /* there may be more that were not parsed: hash the whole certificate */
        hash_bytes(hash, cert->tbs.at, cert->tbs.left);
        return;
    }
    for (size_t i = 0; i < cert->extension_count; i++) {
        const struct cert_extension *extension = &cert->extension_items[i];
        if (is_own(extension->oid)) {
            hash_bytes(hash, extension->oid.at, extension->oid.left);
            hash_bytes(hash, &extension->is_critical, sizeof extension->is_critical);
        } else {
            hash_bytes(hash, extension->whole.at, extension->whole.left);
        }
    }
}

static void profile_hash(const struct profiles *profiles, const struct cert *cert, uint8_t sha256[32])
{
    EVP_MD_CTX *hash = profiles->hash;
    const int numbers[] = {FACTS_VERSION_NUMBER, cert->version, (int)cert->key_bits, cert->signature_algorithms_agree,
                           (int)cert->key_faults, cert->spki.left > 0};
    const char *const texts[] = {cert->key_algorithm, cert->key_curve, cert->key_explicit_curve, cert->rsa_exponent,
                                 cert->signed_algorithm};
    EVP_DigestInit_ex2(hash, profiles->sha256, NULL);
    hash_bytes(hash, numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        hash_text(hash, texts[i]);
    hash_bytes(hash, cert->issuer_der.at, cert->issuer_der.left);
    hash_bytes(hash, cert->signature_algorithm_der.at, cert->signature_algorithm_der.left);
    hash_extensions(hash, cert);
    EVP_DigestFinal_ex(hash, sha256, NULL);
}

/* What a certificate is for. Without an extended key usage, or with anyExtendedKeyUsage, the purpose is unknown. */
static void kinds_column(struct db_copy *copy, const struct cert *cert)
{
    static const struct { const char *usage, *kind; } kinds[] = {
        {"serverAuth", "server"}, {"msSGC", "server"}, {"nsSGC", "server"}, {"clientAuth", "client"},
        {"msSmartcardLogin", "client"}, {"emailProtection", "smime"}, {"codeSigning", "code_signing"},
        {"OCSPSigning", "ocsp"}, {"timeStamping", "time_stamping"},
    };
    const char *found[sizeof kinds / sizeof *kinds + 1];
    size_t count = 0;
    if (cert->is_ca)
        found[count++] = "ca";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !cert->is_ca; i++)
        if (cert_texts_hold(&cert->extended_key_usage, kinds[i].usage) && (count == 0 || strcmp(found[count - 1], kinds[i].kind) != 0))
            found[count++] = kinds[i].kind;     /* usages of one kind stand side by side */
    if (count == 0)
        found[count++] = "unknown";
    db_binary_array_begin(copy, DB_TEXT, count);
    for (size_t i = 0; i < count; i++)
        db_binary_text(copy, found[i]);
    db_binary_array_end(copy);
}

static void name_constraints(struct db_copy *copy, const struct cert *cert)
{
    struct cert_texts texts = {0};
    for (size_t i = 0; i < cert->subtree_count; i++)
        cert_texts_add(&texts, xasprintf("%s %s:%s", cert->subtrees[i].excluded ? "excluded" : "permitted",
                                         cert_name_kind_name(cert->subtrees[i].kind), cert->subtrees[i].text));
    facts_extension_texts(copy, cert, CERT_NAME_CONSTRAINTS, &texts);
    cert_texts_clear(&texts);
}

static void key_columns(struct db_copy *copy, const struct cert *cert)
{
    const struct key_strength strength = key_strength_of(cert->key_algorithm, cert->key_bits);
    facts_text(copy, cert->key_algorithm);
    facts_int_or_null(copy, cert->key_bits > 0, cert->key_bits);
    facts_text(copy, cert->key_curve);
    facts_text(copy, cert->key_explicit_curve);
    facts_text(copy, cert->rsa_exponent);
    facts_int_or_null(copy, strength.security_bits >= 0, strength.security_bits);
    facts_int_or_null(copy, strength.quantum_level >= 0, strength.quantum_level);
}

/* The columns of profile in the order of facts_profile_copy.sql. */
static bool profile_row(struct db_copy *copy, const uint8_t sha256[32], const struct cert *cert, struct error *err)
{
    if (!db_binary_row(copy, PROFILE_COLUMNS, err))
        return false;
    db_binary_bytes(copy, sha256, 32);
    facts_int_or_null(copy, cert_has(cert, CERT_VERSION), cert->version);
    facts_text(copy, cert->issuer);
    facts_folded(copy, cert->issuer);
    facts_texts(copy, &cert->issuer_attributes);
    facts_bytes(copy, cert->authority_key_id);
    key_columns(copy, cert);
    facts_text(copy, cert->signature_algorithm);
    facts_text(copy, cert->signature_hash);
    facts_text(copy, cert->signature_parameters);
    db_binary_bool(copy, cert->signature_algorithms_agree);
    facts_text(copy, cert->signed_algorithm);
    db_binary_bool(copy, cert->is_ca);
    if (cert->path_len >= 0)
        db_binary_int8(copy, cert->path_len);
    else
        db_binary_null(copy);
    kinds_column(copy, cert);
    facts_extension_texts(copy, cert, CERT_KEY_USAGE, &cert->key_usage);
    facts_extension_texts(copy, cert, CERT_EXTENDED_KEY_USAGE, &cert->extended_key_usage);
    facts_extension_texts(copy, cert, CERT_POLICIES, &cert->policies);
    facts_texts(copy, &cert->policy_qualifiers);
    db_binary_text(copy, cert_validation(cert));
    facts_texts(copy, &cert->crl_urls);
    facts_texts(copy, &cert->crl_reasons);
    facts_texts(copy, &cert->freshest_crl_urls);
    facts_texts(copy, &cert->ocsp_urls);
    facts_texts(copy, &cert->ca_issuer_urls);
    facts_texts(copy, &cert->access_methods);
    name_constraints(copy, cert);
    facts_texts(copy, &cert->qc_statements);
    facts_texts(copy, &cert->issuer_alt_names);
    facts_texts(copy, &cert->extensions);
    facts_texts(copy, &cert->critical_extensions);
    facts_texts(copy, &cert->duplicate_extensions);
    db_binary_bool(copy, cert->must_staple);
    db_binary_bool(copy, cert->is_precertificate);
    return true;
}

/* Copies one row for each profile that is not cached. */
static bool unknown_copy(struct profiles *profiles, struct db *db, struct cert *const *certs, struct known **found, size_t count,
                         size_t *unknown, struct error *err)
{
    struct db_copy *copy = NULL;
    bool ok = true;
    *unknown = 0;
    for (size_t i = 0; i < count && ok; i++) {
        uint8_t sha256[32];
        profile_hash(profiles, certs[i], sha256);
        HASH_FIND(hh, profiles->known, sha256, sizeof sha256, found[i]);
        if (found[i] != NULL)
            continue;
        found[i] = xcalloc(1, sizeof *found[i]);
        memcpy(found[i]->sha256, sha256, sizeof sha256);
        HASH_ADD(hh, profiles->known, sha256, sizeof sha256, found[i]);
        if (copy == NULL && (copy = db_binary_begin(db, SQL_FACTS_PROFILE_COPY, err)) == NULL)
            return false;
        ok = profile_row(copy, sha256, certs[i], err);
        ++*unknown;
    }
    return copy == NULL || (db_copy_end(copy, ok ? err : NULL) && ok);
}

static bool ids_take(struct profiles *profiles, struct db *db, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_FACTS_PROFILE_MERGE, 0, NULL, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < db_rows(rows); i++) {
        uint8_t sha256[32];
        struct known *known = NULL;
        if (hex_parse(db_value(rows, i, 1), sha256, sizeof sha256))
            HASH_FIND(hh, profiles->known, sha256, sizeof sha256, known);
        if (known != NULL)
            known->id = db_int(rows, i, 0);
    }
    db_result_destroy(rows);
    return true;
}

bool profiles_resolve(struct profiles *profiles, struct db *db, struct cert *const *certs, size_t count, int64_t *ids,
                      struct error *err)
{
    if (HASH_COUNT(profiles->known) > KNOWN_MAX)
        profiles_forget(profiles);
    struct known **found = xcalloc(count + 1, sizeof *found);
    size_t unknown;
    bool ok = unknown_copy(profiles, db, certs, found, count, &unknown, err) && (unknown == 0 || ids_take(profiles, db, err));
    for (size_t i = 0; i < count && ok; i++)
        ids[i] = found[i]->id;
    free(found);
    return ok;
}
