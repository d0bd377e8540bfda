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
    bool is_captured;               /* seen by a capture, not by a scan */
    int cipher_suite;               /* 0: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
    const struct made_cert *chain[4];
};
/* Endpoint, chain, interval and one observation; gives the endpoint's id. */
int64_t fixture_serve(struct db *db, const struct fixture_served *served);

struct fixture_lying {
    const char *host, *path;        /* host NULL: web1 */
    const char *time;               /* of the reading that found this first; NULL: 2026-01-10 */
    int mode, marks;                /* mode 0: 0644; marks: enum file_mark */
    const struct made_cert *certificate;    /* NULL: none */
    const char *key_of;             /* SQL that gives the SPKI hash of a private key that lies there; NULL: none */
    bool key_is_encrypted, is_gone; /* is_gone: nothing is there any more */
};
/* What a file of the default site held from then on. Gives its state; 0: gone. */
int64_t fixture_lie(struct db *db, const struct fixture_lying *lying);
/* The moment so many seconds from now (before it, if negative), by strftime(), UTC; valid until the eighth call after. */
const char *fixture_moment(const char *format, int64_t seconds);
#define FIXTURE_ASN1 "%Y%m%d%H%M%SZ"
#define FIXTURE_SQL  "%Y-%m-%d %H:%M:%S+00"
#define ASN1_DAY(days) fixture_moment(FIXTURE_ASN1, (days) * INT64_C(86400))
#define SQL_DAY(days)  fixture_moment(FIXTURE_SQL, (days) * INT64_C(86400))

void fixture_sql(struct db *db, const char *sql);
void fixture_trust_clear(struct db *db);        /* what trust knows, where certificates have been emptied */
