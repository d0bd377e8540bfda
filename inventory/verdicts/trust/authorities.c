#include "inventory/verdicts/trust/authorities.h"

#include "inventory/verdicts/trust/name_canon.h"
#include "inventory/verdicts/trust/row_batches.h"
#include "inventory/verdicts/trust/row_bytes.h"
#include "inventory/verdicts/trust/signed_cert.h"
#include "inventory_trust_sql.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* Octets that PostgreSQL can put into an index entry, with room to spare; a longer key identifier is ignored. */
#define KEY_ID_MAX 64

static void copy_or_null(struct db_copy *copy, struct byte_reader bytes, bool there)
{
    if (there)
        db_copy_bytes(copy, bytes.at, bytes.left);
    else
        db_copy_text(copy, NULL);
}

/* May it issue certificates? By basicConstraints; for a root in a store without them, by version or key usage, as OpenSSL's
 * X509_check_ca() does. */
static bool may_issue(const struct signed_cert *cert)
{
    if (cert->has_basic_constraints)
        return cert->is_ca;
    return cert->version == 1 || (cert->usage >= 0 && (cert->usage & USAGE_CERT_SIGN) != 0);
}

static bool authority_row(struct db_copy *copy, int64_t certificate, const struct signed_cert *cert, struct error *err)
{
    uint8_t name[32], issuer[32], spki[32], key[20];
    name_canon_hash(cert->subject, name);
    name_canon_hash(cert->issuer, issuer);
    SHA256(cert->spki.at, cert->spki.left, spki);
    SHA1(cert->key_bits.at, cert->key_bits.left, key);
    db_copy_int(copy, certificate);
    db_copy_bytes(copy, name, sizeof name);
    db_copy_int(copy, name_key_of(name));
    db_copy_bytes(copy, spki, sizeof spki);
    db_copy_bytes(copy, cert->spki.at, cert->spki.left);
    db_copy_bytes(copy, key, sizeof key);
    copy_or_null(copy, cert->subject_key_id, cert->subject_key_id.left > 0 && cert->subject_key_id.left <= KEY_ID_MAX);
    db_copy_bool(copy, may_issue(cert));
    db_copy_bool(copy, memcmp(name, issuer, 32) == 0);
    db_copy_bool(copy, cert->usage < 0 || (cert->usage & USAGE_CERT_SIGN) != 0);
    db_copy_bool(copy, cert->usage < 0 || (cert->usage & USAGE_CRL_SIGN) != 0);
    if (cert->path_len >= 0)
        db_copy_int(copy, cert->path_len);
    else
        db_copy_text(copy, NULL);
    db_copy_int(copy, cert->purposes);
    copy_or_null(copy, cert->name_constraints, cert->name_constraints.at != NULL);
    return db_copy_row(copy, err);
}

static bool rows_copy(struct db *db, const struct db_result *rows, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_TRUST_AUTHORITIES_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < db_rows(rows) && ok; i++) {
        struct signed_cert cert;
        struct byte_reader der = row_bytes_take(rows, i, 1);
        if (signed_cert_read(&cert, der))
            ok = authority_row(copy, db_int(rows, i, 0), &cert, err);
        free((void *)der.at);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool rows_take(void *context, const struct db_result *rows, struct error *err)
{
    struct row_batches *batches = context;
    const char *const done[] = {batches->params[0], db_value(rows, db_rows(rows) - 1, 0)};
    return rows_copy(batches->db, rows, err) && db_exec(batches->db, SQL_TRUST_AUTHORITIES_MERGE, err)
        && db_exec_params(batches->db, SQL_TRUST_AUTHORITIES_DONE, 2, done, err);
}

bool authorities_update(struct db *db, struct error *err)
{
    struct row_batches batches = {.db = db, .begin = SQL_TRUST_SNAPSHOT, .setup = SQL_TRUST_AUTHORITIES_TABLE, .sql = SQL_TRUST_AUTHORITIES_MISSING, .param_count = 2,
                                  .params = {NULL, ROW_BATCH_OCTETS}, .work = rows_take, .context = &batches};
    return row_batches_run(&batches, err);
}
