/* What is right and wrong with a chain as a server sent it: name, dates, order, and a path to a root in each store.
 * The path is OpenSSL's (X509_verify_cert, RFC 5280, section 6), built only from what was sent and the store, so
 * that a missing intermediate is reported. */
#pragma once
#include "inventory/server_test/server_facts.h"

#include <openssl/x509.h>

#define CHAIN_STORES_MAX 16

struct chain_store;                 /* a named set of roots */

/* Without roots. is_public: those of a programme, which every client has. */
struct chain_store *chain_store_empty(const char *name, bool is_public);
void chain_store_add(struct chain_store *store, const uint8_t *der, size_t len);
bool chain_store_is_empty(const struct chain_store *store);
void chain_store_show_only(struct chain_store *store);      /* what it trusts is shown, and changes no letter */
void chain_store_destroy(struct chain_store *store);

struct chain_trust {
    const char *store;              /* borrowed from the store */
    bool is_public, is_trusted;
    char reason[112];               /* why not; or the root's common name */
};

enum chain_fault {                  /* bits: of the list as sent */
    CHAIN_MISORDERED = 1, CHAIN_DUPLICATE = 2, CHAIN_EXTRA = 4, CHAIN_ROOT_SENT = 8, CHAIN_INCOMPLETE = 16,
};

struct chain_check {
    bool is_known;                  /* a chain was sent */
    bool name_matches;              /* RFC 6125 as OpenSSL implements it; without a name the address must match */
    bool is_expired, is_early, is_self_signed;
    bool is_md5, is_sha1;           /* the leaf's signature, unless it is self-signed */
    unsigned faults;                /* enum chain_fault; incomplete: no store has a path, and the leaf's issuer was not sent */
    bool is_trusted_public, is_trusted_other;
    bool has_root;                  /* a path was found: of its root, a public store's first */
    uint8_t root_sha256[32];
    size_t trust_count;
    struct chain_trust trust[CHAIN_STORES_MAX];
};

/* stores: store_count of them. now: seconds since 1970. */
void chain_check(const struct server_facts *facts, const struct server_chain *chain, struct chain_store *const *stores,
                 size_t store_count, int64_t now, struct chain_check *check);
