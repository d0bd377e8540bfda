#include "inventory/verdicts/revocation/staples.h"

#include "inventory/verdicts/revocation/ocsp.h"
#include "inventory/verdicts/revocation/revocation_text.h"
#include "inventory/verdicts/trust/issuer_key.h"
#include "inventory/verdicts/trust/row_batches.h"
#include "inventory/verdicts/trust/row_bytes.h"
#include "inventory/verdicts/trust/signed_cert.h"
#include "inventory_revocation_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define ANSWERS_MAX 64              /* single answers of one response */
#define ISSUERS_MAX 4096            /* kept at once */

struct signer {
    int64_t authority;
    struct issuer_key *key;
};

struct issuer {                     /* an authority with this key */
    uint8_t key_sha1[20];
    struct signer *signers;
    size_t count;
    UT_hash_handle hh;
};

struct reading {
    struct db *db;
    struct issuer *issuers;
};

static void issuers_forget(struct reading *reading)
{
    struct issuer *issuer, *next;
    HASH_ITER(hh, reading->issuers, issuer, next) {
        HASH_DEL(reading->issuers, issuer);
        for (size_t i = 0; i < issuer->count; i++)
            issuer_key_destroy(issuer->signers[i].key);
        free(issuer->signers);
        free(issuer);
    }
}

static struct issuer *issuer_read(struct reading *reading, const uint8_t key_sha1[20], struct error *err)
{
    char text[2 + 40 + 1] = "\\x";
    hex_format(key_sha1, 20, text + 2);
    const char *const params[] = {text};
    struct db_result *rows = db_query(reading->db, SQL_STAPLES_AUTHORITY, 1, params, err);
    if (rows == NULL)
        return NULL;
    struct issuer *issuer = xcalloc(1, sizeof *issuer);
    memcpy(issuer->key_sha1, key_sha1, 20);
    issuer->signers = xcalloc(db_rows(rows) + 1, sizeof *issuer->signers);
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct byte_reader spki = row_bytes_take(rows, i, 1);
        issuer->signers[issuer->count++] = (struct signer){db_int(rows, i, 0), issuer_key_create(spki)};
        free((void *)spki.at);
    }
    db_result_destroy(rows);
    HASH_ADD(hh, reading->issuers, key_sha1, 20, issuer);
    return issuer;
}

static struct issuer *issuer_get(struct reading *reading, const uint8_t key_sha1[20], struct error *err)
{
    struct issuer *issuer;
    if (HASH_COUNT(reading->issuers) > ISSUERS_MAX)
        issuers_forget(reading);
    HASH_FIND(hh, reading->issuers, key_sha1, 20, issuer);
    return issuer != NULL ? issuer : issuer_read(reading, key_sha1, err);
}

/* The issuer itself, or a responder that it certified for this purpose, whose certificate was sent with it (RFC 6960, 4.2.2.2). */
static bool signed_by(struct issuer_key *issuer, const struct ocsp *ocsp)
{
    struct signed_cert responder;
    if (issuer_key_verify(issuer, ocsp->algorithm, ocsp->tbs, ocsp->signature))
        return true;
    if (ocsp->responder.at == NULL || !signed_cert_read(&responder, ocsp->responder) || responder.purposes == PURPOSE_ALL
        || (responder.purposes & PURPOSE_OCSP) == 0
        || !issuer_key_verify(issuer, responder.algorithm, responder.tbs, responder.signature))
        return false;
    struct issuer_key *key = issuer_key_create(responder.spki);
    bool ok = issuer_key_verify(key, ocsp->algorithm, ocsp->tbs, ocsp->signature);
    issuer_key_destroy(key);
    return ok;
}

static bool answer_row(struct db_copy *copy, int64_t authority, const struct ocsp_answer *answer, struct error *err)
{
    static const char *const statuses[] = {"good", "revoked", "unknown"};
    char *serial = serial_text_of(answer->serial_number);
    if (serial == NULL)
        return true;
    db_copy_int(copy, authority);
    db_copy_text(copy, serial);
    db_copy_text(copy, statuses[answer->status]);
    db_copy_time(copy, answer->this_update * 1000000);
    db_copy_time(copy, answer->next_update == OCSP_NO_TIME ? INT64_MIN : answer->next_update * 1000000);
    db_copy_time(copy, answer->revoked_at == OCSP_NO_TIME ? INT64_MIN : answer->revoked_at * 1000000);
    db_copy_int(copy, answer->reason);
    free(serial);
    return db_copy_row(copy, err);
}

struct answers {                    /* of one batch; windows into its DER */
    struct {
        int64_t authority;
        struct ocsp_answer answer;
    } *items;
    size_t count, capacity;
};

static void answers_add(struct answers *answers, int64_t authority, const struct ocsp_answer *answer)
{
    if (answers->count == answers->capacity)
        answers->items = xreallocarray(answers->items, answers->capacity = 2 * answers->capacity + 64, sizeof *answers->items);
    answers->items[answers->count].authority = authority;
    answers->items[answers->count++].answer = *answer;
}

static bool is_sha1(struct byte_reader oid)
{
    return oid.left == 5 && memcmp(oid.at, "\x2b\x0e\x03\x02\x1a", 5) == 0;
}

/* waits_for: the key of an unknown issuer; all zero: none. False: a database error. */
static bool staple_read(struct reading *reading, struct byte_reader der, struct answers *answers, uint8_t waits_for[20], struct error *err)
{
    struct ocsp ocsp;
    struct ocsp_answer answer;
    memset(waits_for, 0, 20);
    if (!ocsp_read(&ocsp, der))
        return true;
    for (size_t i = 0; i < ANSWERS_MAX && ocsp_answer_next(&ocsp, &answer); i++) {
        if (answer.issuer_key.left != 20 || !is_sha1(answer.hash_algorithm))
            continue;               /* clients use SHA-1 only (RFC 5019) */
        struct issuer *issuer = issuer_get(reading, answer.issuer_key.at, err);
        if (issuer == NULL)
            return false;
        if (issuer->count == 0)
            memcpy(waits_for, answer.issuer_key.at, 20);
        for (size_t j = 0; j < issuer->count; j++)
            if (signed_by(issuer->signers[j].key, &ocsp))
                answers_add(answers, issuer->signers[j].authority, &answer);
    }
    return true;
}

static bool answers_copy(struct db *db, const struct answers *answers, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_STAPLES_ANSWERS_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < answers->count && ok; i++)
        ok = answer_row(copy, answers->items[i].authority, &answers->items[i].answer, err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool done_copy(struct db *db, const struct db_result *rows, const uint8_t (*waits_for)[20], struct error *err)
{
    static const uint8_t none[20];
    struct db_copy *copy = db_copy_begin(db, SQL_STAPLES_DONE_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < db_rows(rows) && ok; i++) {
        db_copy_text(copy, db_value(rows, i, 0));
        if (memcmp(waits_for[i], none, 20) == 0)
            db_copy_text(copy, NULL);
        else
            db_copy_bytes(copy, waits_for[i], 20);
        ok = db_copy_row(copy, err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool rows_read(void *context, const struct db_result *rows, struct error *err)
{
    struct reading *reading = context;
    size_t count = db_rows(rows);
    struct answers answers = {0};
    struct byte_reader *ders = xcalloc(count, sizeof *ders);
    uint8_t (*waits_for)[20] = xcalloc(count, sizeof *waits_for);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ders[i] = row_bytes_take(rows, i, 1);
        ok = staple_read(reading, ders[i], &answers, waits_for[i], err);
    }
    ok = ok && answers_copy(reading->db, &answers, err) && done_copy(reading->db, rows, (const uint8_t (*)[20])waits_for, err)
         && db_exec(reading->db, SQL_STAPLES_TAKE, err);
    for (size_t i = 0; i < count; i++)
        free((void *)ders[i].at);
    free(ders);
    free(waits_for);
    free(answers.items);
    return ok;
}

bool staples_update(struct db *db, struct error *err)
{
    struct reading reading = {.db = db};
    struct row_batches batches = {.db = db, .setup = SQL_STAPLES_TABLE, .sql = SQL_STAPLES_PENDING, .param_count = 1, .work = rows_read,
                                  .context = &reading};
    bool ok = row_batches_run(&batches, err);
    issuers_forget(&reading);
    return ok || error_add_context(err, "stapled answers");
}
