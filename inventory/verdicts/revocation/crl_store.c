#include "inventory/verdicts/revocation/crl_store.h"

#include "inventory/verdicts/revocation/crl.h"
#include "inventory/verdicts/revocation/revocation_text.h"
#include "inventory/verdicts/trust/name_canon.h"
#include "inventory_revocation_sql.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 32                /* keys of the issuer's name */

/* 0: signed by no known authority. */
static bool signer_find(struct db *db, struct namesakes_cache *cache, const struct crl *crl, int64_t *signer, struct error *err)
{
    struct namesakes_query query = {.key_id = crl->authority_key_id};
    name_canon_hash(crl->issuer, query.name);
    *signer = 0;
    if (!namesakes_find(cache, db, &query, 1, err))
        return false;
    for (size_t i = 0; i < query.answer->count && i < TRIES_MAX && *signer == 0; i++)
        if (issuer_key_verify(query.answer->items[i].key, crl->algorithm, crl->tbs, crl->signature))
            *signer = query.answer->items[i].authority;
    return true;
}

static bool may_sign(struct db *db, const char *authority, bool *may, struct error *err)
{
    const char *const params[] = {authority};
    struct db_result *rows = db_query(db, SQL_CRL_MAY_SIGN, 1, params, err);
    if (rows == NULL)
        return false;
    const char *value = db_value(rows, 0, 0);
    *may = value != NULL && value[0] == 't';
    db_result_destroy(rows);
    return true;
}

/* A serial number or a time that cannot be read belongs to no certificate that we hold: the others count. */
static bool entries_copy(struct db *db, struct crl crl, struct error *err)
{
    struct crl_entry entry;
    struct db_copy *copy = db_copy_begin(db, SQL_CRL_ENTRIES_COPY, err);
    bool ok = copy != NULL;
    while (ok && crl_entry_next(&crl, &entry)) {
        char *serial = serial_text_of(entry.serial_number);
        if (serial != NULL && entry.revoked_at != CRL_NO_TIME) {
            db_copy_text(copy, serial);
            db_copy_time(copy, entry.revoked_at * 1000000);
            db_copy_int(copy, entry.reason);
            ok = db_copy_row(copy, err);
        }
        free(serial);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

/* A list with entries of other CAs or with unknown critical extensions proves nothing (RFC 5280, 5.2, 5.3). */
static const char *unusable(struct crl crl)
{
    struct crl_entry entry;
    if (crl.has_unknown_critical)
        return "it has a critical extension that is not known";
    if (crl.is_indirect)
        return "it lists certificates of other CAs (indirect)";
    while (crl_entry_next(&crl, &entry))
        if (entry.has_unknown_critical)
            return "an entry has a critical extension that is not known";
    return crl.entries.left > 0 ? "its entries cannot be read to their end" : NULL;
}

static bool row_add(struct db *db, const struct crl *crl, const char *source, struct byte_reader der, const char *authority, int64_t *id,
                    struct error *err)
{
    static const char *const scopes[] = {"all", "users", "cas", "attributes"};
    uint8_t hash[32];
    char sha256[67] = "\\x", this_update[CLOCK_TEXT_SIZE], next_update[CLOCK_TEXT_SIZE];
    SHA256(der.at, der.left, hash);
    hex_format(hash, sizeof hash, sha256 + 2);
    clock_format_us(crl->this_update * 1000000, this_update);
    if (crl->next_update != CRL_NO_TIME)
        clock_format_us(crl->next_update * 1000000, next_update);
    char *number = crl->number.at == NULL ? NULL : serial_text_of(crl->number), *points = points_text_of(crl->points);
    bool complete = !crl->is_delta && !crl->has_some_reasons && !crl->has_unreadable_point;
    const char *const params[] = {sha256, source, authority, this_update, crl->next_update == CRL_NO_TIME ? NULL : next_update, number,
                                  scopes[crl->scope], points, complete ? "true" : "false"};
    struct db_result *rows = db_query(db, SQL_CRL_ADD, 9, params, err);
    free(number);
    free(points);
    if (rows == NULL)
        return false;
    *id = db_rows(rows) == 0 ? 0 : db_int(rows, 0, 0);
    db_result_destroy(rows);
    return true;
}

static bool entries_take(struct db *db, const struct crl *crl, int64_t id, struct error *err)
{
    char number[32];
    snprintf(number, sizeof number, "%" PRId64, id);
    const char *const params[] = {number};
    return db_exec(db, SQL_CRL_ENTRIES_TABLE, err) && entries_copy(db, *crl, err)
        && db_exec_params(db, SQL_CRL_TAKEN, 1, params, err) && db_exec(db, SQL_CRL_TAKE, err);
}

static enum crl_stored store(struct db *db, struct namesakes_cache *cache, const char *source, const struct crl *crl,
                             struct byte_reader der, const char **reason, struct error *err)
{
    int64_t signer, id = 0;
    char authority[32];
    bool may = false;
    if (!signer_find(db, cache, crl, &signer, err))
        return CRL_STORED_FAILED;
    if (signer == 0)
        return *reason = "no CA certificate that is known signed it", CRL_STORED_NOT;
    snprintf(authority, sizeof authority, "%" PRId64, signer);
    if (!may_sign(db, authority, &may, err))
        return CRL_STORED_FAILED;
    if (!may)
        return *reason = "the key usage of its issuer does not allow lists (cRLSign)", CRL_STORED_NOT;
    if (!row_add(db, crl, source, der, authority, &id, err))
        return CRL_STORED_FAILED;
    if (id == 0)
        return CRL_STORED_KNOWN;
    return entries_take(db, crl, id, err) ? CRL_STORED_NEW : CRL_STORED_FAILED;
}

enum crl_stored crl_store(struct db *db, struct namesakes_cache *cache, const char *source, struct byte_reader der, const char **reason,
                          struct error *err)
{
    struct crl crl;
    if (!crl_read(&crl, der))
        return *reason = "no revocation list that can be read", CRL_STORED_NOT;
    if ((*reason = unusable(crl)) != NULL)
        return CRL_STORED_NOT;
    if (!db_begin(db, err))
        return CRL_STORED_FAILED;
    enum crl_stored stored = store(db, cache, source, &crl, der, reason, err);
    if (stored == CRL_STORED_NEW && !db_commit(db, err))
        stored = CRL_STORED_FAILED;
    if (stored != CRL_STORED_NEW)
        db_rollback(db);
    return stored;
}
