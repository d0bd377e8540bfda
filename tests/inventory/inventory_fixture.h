/* Rows of an inventory without a scan: certificates, and what served them where, for tests of facts and verdicts. */
#pragma once
#include "inventory/store/db.h"
#include "tests/inventory/cert_fixture.h"

/* Fail the test on any trouble. Times are text, "2026-01-31". */
int64_t fixture_certificate(struct db *db, const void *der, size_t len);
int64_t fixture_made(struct db *db, const struct made_cert *made);

struct fixture_served {
    const char *site;               /* NULL: default */
    const char *address;
    int port;                       /* 0: 443 */
    const char *server_name;        /* NULL: '' */
    const char *from, *to, *closed; /* from and to NULL: 2026-01-15; closed NULL: current */
    int tls_version;                /* 0: 0x0303 */
    int cipher_suite;               /* 0: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
    const struct made_cert *chain[4];
};
/* Endpoint, chain, interval and one observation; gives the endpoint's id. */
int64_t fixture_serve(struct db *db, const struct fixture_served *served);
void fixture_sql(struct db *db, const char *sql);
void fixture_trust_clear(struct db *db);        /* what trust knows, where certificates have been emptied */
