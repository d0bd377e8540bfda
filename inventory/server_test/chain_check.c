#include "inventory/server_test/chain_check.h"

#include "probes/base/clean_text.h"
#include "probes/base/memory.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chain_store {
    char *name;
    bool is_public, is_shown_only;
    size_t count;
    struct der *roots;
};

/* ---- stores ---- */

struct chain_store *chain_store_empty(const char *name, bool is_public)
{
    struct chain_store *store = xcalloc(1, sizeof *store);
    store->name = xstrdup(name);
    store->is_public = is_public;
    return store;
}

void chain_store_add(struct chain_store *store, const uint8_t *der, size_t len)
{
    store->roots = xreallocarray(store->roots, store->count + 1, sizeof *store->roots);
    store->roots[store->count++] = (struct der){.bytes = xmemdup(der, len), .len = len};
}

bool chain_store_is_empty(const struct chain_store *store)
{
    return store->count == 0;
}

void chain_store_show_only(struct chain_store *store)
{
    store->is_shown_only = true;
}

void chain_store_destroy(struct chain_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->count; i++)
        free((void *)store->roots[i].bytes);
    free(store->roots);
    free(store->name);
    free(store);
}

/* ---- one chain ---- */

static X509 *decode(struct der der)
{
    const uint8_t *at = der.bytes;
    return d2i_X509(NULL, &at, (long)der.len);
}

static struct der der_of(const struct cert *cert)
{
    return (struct der){.bytes = cert->der.at, .len = cert->der.left};
}

/* Or the name's last attribute. */
static void common_name(const X509_NAME *name, char *out, size_t size)
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0)
        at = X509_NAME_entry_count(name) - 1;
    if (at < 0)
        return;
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    clean_text_into(out, size, (const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
}

static void name_root(X509_STORE_CTX *ctx, struct chain_trust *trust, struct chain_check *check)
{
    STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
    X509 *root = sk_X509_value(path, sk_X509_num(path) - 1);
    if (!check->has_root || (trust->is_public && !check->is_trusted_public))
        check->has_root = X509_digest(root, EVP_sha256(), check->root_sha256, NULL) == 1;
    common_name(X509_get_subject_name(root), trust->reason, sizeof trust->reason);
}

static bool holds(struct der root, struct byte_reader name)
{
    return name.left != 0 && memmem(root.bytes, root.len, name.at, name.left) != NULL;
}

/* Can this root be on a path of the chain? Then it contains one of the chain's names. */
static bool is_named(struct der root, const struct server_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (holds(root, chain->certs[i]->issuer_der) || holds(root, chain->certs[i]->subject_der))
            return true;
    return false;
}

/* OpenSSL takes a quarter of a millisecond to decode a root: so it gets only those that this chain names. */
static X509_STORE *roots_for(const struct chain_store *store, const struct server_chain *chain)
{
    X509_STORE *roots = X509_STORE_new();
    for (size_t i = 0; i < store->count; i++) {
        X509 *root = is_named(store->roots[i], chain) ? decode(store->roots[i]) : NULL;
        if (root != NULL)
            X509_STORE_add_cert(roots, root);
        X509_free(root);
    }
    return roots;
}

/* Dates are judged separately, so that an expired certificate of a known root is not "untrusted" as well. */
static int verify(const struct chain_store *store, const struct server_chain *chain, X509 *leaf, STACK_OF(X509) *sent,
                  struct chain_trust *trust, struct chain_check *check)
{
    X509_STORE *roots = roots_for(store, chain);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int error = X509_V_ERR_UNSPECIFIED;
    if (ctx != NULL && X509_STORE_CTX_init(ctx, roots, leaf, sent) == 1) {
        X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
        X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
        trust->is_trusted = X509_verify_cert(ctx) == 1;
        error = X509_STORE_CTX_get_error(ctx);
        if (trust->is_trusted)
            name_root(ctx, trust, check);
        else
            snprintf(trust->reason, sizeof trust->reason, "%s", X509_verify_cert_error_string(error));
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(roots);
    ERR_clear_error();
    return error;
}

static bool is_issuer_of(const struct cert *issuer, const struct cert *cert)
{
    return issuer->subject_der.left == cert->issuer_der.left &&
           memcmp(issuer->subject_der.at, cert->issuer_der.at, cert->issuer_der.left) == 0;
}

/* The last certificate of the path as far as it was sent: its issuer is what is missing. */
static const struct cert *top_of(const struct server_chain *chain)
{
    const struct cert *top = chain->certs[0];
    for (size_t steps = 0; steps < chain->count && !top->is_self_signed; steps++) {
        const struct cert *next = NULL;
        for (size_t i = 0; i < chain->count && next == NULL; i++)
            if (chain->certs[i] != top && is_issuer_of(chain->certs[i], top))
                next = chain->certs[i];
        if (next == NULL)
            break;
        top = next;
    }
    return top;
}

/* Of stores (bits) that lack the issuer. That the missing certificate is an intermediate is known only where the leaf says where
 * to get it: a root is not fetched. */
static void name_missing(const struct server_chain *chain, unsigned stores, bool has_path, struct chain_check *check)
{
    char name[48] = "without a name";
    const struct cert *top = top_of(chain);
    X509 *cert = top->is_self_signed ? NULL : decode(der_of(top));
    if (cert == NULL)
        return;
    common_name(X509_get_issuer_name(cert), name, sizeof name);
    X509_free(cert);
    bool is_intermediate = (check->faults & CHAIN_INCOMPLETE) != 0 && top->ca_issuer_urls.count != 0;
    for (size_t i = 0; i < check->trust_count; i++)
        if (stores >> i & 1)
            snprintf(check->trust[i].reason, sizeof check->trust[i].reason, "%s%s%s", is_intermediate ? "intermediate missing: issuer " : "issuer ", name,
                     has_path ? " not in this store" : is_intermediate ? " not sent" : " not sent, and in no store");
}

static void check_trust(const struct server_chain *chain, struct chain_store *const *stores, size_t store_count,
                        struct chain_check *check)
{
    X509 *leaf = decode(der_of(chain->certs[0]));
    STACK_OF(X509) *sent = sk_X509_new_null();
    for (size_t i = 1; i < chain->count; i++) {
        X509 *cert = decode(der_of(chain->certs[i]));
        if (cert != NULL)
            sk_X509_push(sent, cert);
    }
    unsigned cut = 0;                   /* a bit for each store that lacks the issuer */
    bool has_path = false;
    for (size_t i = 0; i < store_count && check->trust_count < CHAIN_STORES_MAX; i++) {
        struct chain_trust *trust = &check->trust[check->trust_count++];
        *trust = (struct chain_trust){.store = stores[i]->name, .is_public = stores[i]->is_public};
        if (leaf == NULL)
            snprintf(trust->reason, sizeof trust->reason, "the certificate cannot be decoded");
        else if (verify(stores[i], chain, leaf, sent, trust, check) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
            cut |= 1u << (check->trust_count - 1);
        has_path |= trust->is_trusted;
        if (trust->is_trusted && !stores[i]->is_shown_only)
            *(trust->is_public ? &check->is_trusted_public : &check->is_trusted_other) = true;
    }
    if (!has_path && leaf != NULL && top_of(chain) == chain->certs[0] && !chain->certs[0]->is_self_signed)
        check->faults |= CHAIN_INCOMPLETE;
    if (cut != 0)
        name_missing(chain, cut, has_path, check);
    sk_X509_pop_free(sent, X509_free);
    X509_free(leaf);
}

static bool issues_any(const struct server_chain *chain, size_t at)
{
    for (size_t i = 0; i < chain->count; i++)
        if (i != at && is_issuer_of(chain->certs[at], chain->certs[i]))
            return true;
    return false;
}

static void check_list(const struct server_chain *chain, struct chain_check *check)
{
    for (size_t i = 1; i < chain->count; i++) {
        const struct cert *cert = chain->certs[i];
        if (cert->is_self_signed)
            check->faults |= CHAIN_ROOT_SENT;
        for (size_t k = 0; k < i; k++)
            if (memcmp(chain->certs[k]->sha256, cert->sha256, sizeof cert->sha256) == 0)
                check->faults |= CHAIN_DUPLICATE;
        if (is_issuer_of(cert, chain->certs[i - 1]))
            continue;
        check->faults |= issues_any(chain, i) ? CHAIN_MISORDERED : CHAIN_EXTRA;
    }
}

static bool hash_is(const struct cert *cert, const char *hash)
{
    return cert->signature_hash != NULL && strcmp(cert->signature_hash, hash) == 0;
}

static void check_name(const struct server_facts *facts, const struct cert *leaf, struct chain_check *check)
{
    char address[ADDRESS_TEXT_SIZE];
    X509 *cert = decode(der_of(leaf));
    if (cert != NULL && facts->endpoint.server_name[0] != '\0') {
        check->name_matches = X509_check_host(cert, facts->endpoint.server_name, 0, 0, NULL) == 1;
    } else if (cert != NULL) {
        address_format(&facts->endpoint.address, address);
        check->name_matches = X509_check_ip_asc(cert, address, 0) == 1;
    }
    X509_free(cert);
    ERR_clear_error();
}

void chain_check(const struct server_facts *facts, const struct server_chain *chain, struct chain_store *const *stores,
                 size_t store_count, int64_t now, struct chain_check *check)
{
    *check = (struct chain_check){0};
    if (chain == NULL || chain->count == 0)
        return;
    const struct cert *leaf = chain->certs[0];
    check->is_known = true;
    check->is_self_signed = leaf->is_self_signed;
    check->is_expired = leaf->state[CERT_NOT_AFTER] == FIELD_PRESENT && leaf->not_after < now;
    check->is_early = leaf->state[CERT_NOT_BEFORE] == FIELD_PRESENT && leaf->not_before > now;
    check->is_md5 = !leaf->is_self_signed && (hash_is(leaf, "md5") || hash_is(leaf, "md2"));
    check->is_sha1 = !leaf->is_self_signed && hash_is(leaf, "sha1");
    check_name(facts, leaf, check);
    check_list(chain, check);
    check_trust(chain, stores, store_count, check);
}
