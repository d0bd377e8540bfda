#include "inventory/facts/facts.h"

#include "inventory/store/array_text.h"
#include "inventory/store/set_aside.h"
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory_facts_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define FACTS_VERSION "1"           /* one more whenever cert_parse() reads something otherwise */
#define FACTS_VERSION_NUMBER 1
#define FACTS_TEXT_MAX (64u << 10)  /* bytes of one text; the DER has the rest */

/* How much of a text is kept: the whole of it stays in the DER. Ends between two characters. */
static size_t text_len(const char *text)
{
    size_t len = strnlen(text, FACTS_TEXT_MAX + 1);
    if (len <= FACTS_TEXT_MAX)
        return len;
    for (len = FACTS_TEXT_MAX; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

static void copy_text(struct db_copy *copy, const char *text)
{
    if (text == NULL)
        db_copy_text(copy, NULL);
    else
        db_copy_text_len(copy, text, text_len(text));
}

static void copy_texts(struct db_copy *copy, const struct cert_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        texts->items[i][text_len(texts->items[i])] = '\0';
    char *array = array_text_of((const char *const *)texts->items, texts->count);
    db_copy_text(copy, array);
    free(array);
}

/* NULL where the extension is absent. */
static void copy_extension_texts(struct db_copy *copy, const struct cert *cert, enum cert_field field,
                                 const struct cert_texts *texts)
{
    if (cert->state[field] == FIELD_ABSENT)
        db_copy_text(copy, NULL);
    else
        copy_texts(copy, texts);
}

static void copy_bytes_or_null(struct db_copy *copy, const struct byte_reader *bytes)
{
    if (bytes->at == NULL)
        db_copy_text(copy, NULL);
    else
        db_copy_bytes(copy, bytes->at, bytes->left);
}

static void copy_time(struct db_copy *copy, const struct cert *cert, enum cert_field field, int64_t seconds)
{
    db_copy_time(copy, cert_has(cert, field) ? seconds * 1000000 : INT64_MIN);
}

static void copy_folded(struct db_copy *copy, const char *name)
{
    char *folded = name == NULL ? NULL : cert_text_fold_name(name);
    copy_text(copy, folded);
    free(folded);
}

static void copy_broken(struct db_copy *copy, const struct cert *cert)
{
    const char *names[CERT_FIELD_COUNT];
    size_t count = 0;
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        if (cert->state[field] == FIELD_BROKEN)
            names[count++] = cert_field_name(field);
    char *array = array_text_of(names, count);
    db_copy_text(copy, array);
    free(array);
}

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* dns_names, ip_names and name_set: DNS and IP SANs in order, and all of them as a sorted set. */
static void copy_san_columns(struct db_copy *copy, const struct cert *cert)
{
    const char **dns = xcalloc(3 * cert->san_count + 1, sizeof *dns), **ip = dns + cert->san_count;
    const char **set = ip + cert->san_count;
    size_t dns_count = 0, ip_count = 0, set_count = 0, kept = 0;
    for (size_t i = 0; i < cert->san_count; i++) {
        const struct cert_name *name = &cert->names[i];
        if (name->kind == CERT_NAME_DNS)
            set[set_count++] = dns[dns_count++] = name->text;
        else if (name->kind == CERT_NAME_IP && name->address.len != 0)
            set[set_count++] = ip[ip_count++] = name->text;
    }
    qsort(set, set_count, sizeof *set, text_compare);
    for (size_t i = 0; i < set_count; i++)
        if (i == 0 || strcmp(set[i], set[kept - 1]) != 0)
            set[kept++] = set[i];
    const char **lists[] = {dns, ip, set};
    const size_t counts[] = {dns_count, ip_count, kept};
    for (size_t i = 0; i < 3; i++) {
        char *array = array_text_of(lists[i], counts[i]);
        db_copy_text(copy, array);
        free(array);
    }
    free(dns);
}

static const char *common_name(const struct cert *cert)
{
    return cert->name_count > cert->san_count ? cert->names[cert->san_count].text : NULL;
}

/* The columns of certificate_facts in the order of facts_copy.sql. */
static bool facts_row(struct db_copy *copy, int64_t certificate, const struct cert *cert, struct error *err)
{
    db_copy_int(copy, certificate);
    db_copy_int(copy, FACTS_VERSION_NUMBER);
    copy_broken(copy, cert);
    if (cert_has(cert, CERT_VERSION))
        db_copy_int(copy, cert->version);
    else
        db_copy_text(copy, NULL);
    copy_text(copy, cert->serial_text);
    copy_text(copy, cert->subject);
    copy_text(copy, cert->issuer);
    copy_folded(copy, cert->subject);
    copy_folded(copy, cert->issuer);
    copy_texts(copy, &cert->subject_attributes);
    copy_texts(copy, &cert->issuer_attributes);
    copy_text(copy, common_name(cert));
    copy_time(copy, cert, CERT_NOT_BEFORE, cert->not_before);
    copy_time(copy, cert, CERT_NOT_AFTER, cert->not_after);
    copy_text(copy, cert->key_algorithm);
    if (cert->key_bits > 0)
        db_copy_int(copy, cert->key_bits);
    else
        db_copy_text(copy, NULL);
    copy_text(copy, cert->key_curve);
    copy_text(copy, cert->rsa_exponent);
    if (cert->spki.left > 0)
        db_copy_bytes(copy, cert->spki_sha256, sizeof cert->spki_sha256);
    else
        db_copy_text(copy, NULL);
    copy_text(copy, cert->signature_algorithm);
    copy_text(copy, cert->signature_hash);
    db_copy_bool(copy, cert->signature_algorithms_agree);
    db_copy_bool(copy, cert->state[CERT_SUBJECT_ALT_NAMES] != FIELD_ABSENT);
    copy_san_columns(copy, cert);
    db_copy_int(copy, (int64_t)cert->names_omitted);
    db_copy_bool(copy, cert->is_ca);
    if (cert->path_len >= 0)
        db_copy_int(copy, cert->path_len);
    else
        db_copy_text(copy, NULL);
    copy_extension_texts(copy, cert, CERT_KEY_USAGE, &cert->key_usage);
    copy_extension_texts(copy, cert, CERT_EXTENDED_KEY_USAGE, &cert->extended_key_usage);
    copy_bytes_or_null(copy, &cert->authority_key_id);
    copy_bytes_or_null(copy, &cert->subject_key_id);
    copy_extension_texts(copy, cert, CERT_POLICIES, &cert->policies);
    copy_texts(copy, &cert->crl_urls);
    copy_texts(copy, &cert->ocsp_urls);
    copy_texts(copy, &cert->ca_issuer_urls);
    copy_texts(copy, &cert->extensions);
    copy_texts(copy, &cert->critical_extensions);
    db_copy_int(copy, cert->sct_count);
    db_copy_bool(copy, cert->must_staple);
    db_copy_bool(copy, cert->is_precertificate);
    db_copy_bool(copy, cert->is_self_issued);
    db_copy_bool(copy, cert->is_self_signed);
    return db_copy_row(copy, err);
}

static bool name_rows(struct db_copy *copy, int64_t certificate, const struct cert *cert, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < cert->name_count && ok; i++) {
        const struct cert_name *name = &cert->names[i];
        db_copy_int(copy, certificate);
        db_copy_int(copy, (int64_t)i);
        db_copy_text(copy, cert_name_kind_name(name->kind));
        copy_text(copy, name->text);
        db_copy_bytes(copy, name->bytes.at, name->bytes.left < FACTS_TEXT_MAX ? name->bytes.left : FACTS_TEXT_MAX);
        db_copy_text(copy, name->address.len == 0 ? NULL : name->text);
        ok = db_copy_row(copy, err);
    }
    return ok;
}

static struct cert *cert_of_value(const char *bytea)        /* "\x3082..." */
{
    size_t len = strlen(bytea) / 2 - 1;
    uint8_t *der = xmalloc(len + 1);
    if (!hex_parse(bytea + 2, der, len))
        len = 0;
    struct cert *cert = cert_parse(der, len);
    free(der);
    return cert;
}

/* Certificates without facts: by SQL_FACTS_MISSING some 32 MiB of DER at most. */
struct batch {
    struct db *db;
    const struct db_result *rows;
    struct cert **certs;
};

static bool rows_copy(const struct batch *batch, const char *sql, size_t from, size_t to,
                      bool (*on_cert)(struct db_copy *, int64_t, const struct cert *, struct error *), struct error *err)
{
    struct db_copy *copy = db_copy_begin(batch->db, sql, err);
    bool ok = copy != NULL;
    for (size_t i = from; i < to && ok; i++)
        ok = on_cert(copy, db_int(batch->rows, i, 0), batch->certs[i], err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool batch_store(void *context, size_t from, size_t to, struct error *err)
{
    const struct batch *batch = context;
    return rows_copy(batch, SQL_FACTS_COPY, from, to, facts_row, err) &&
           rows_copy(batch, SQL_FACTS_NAMES_COPY, from, to, name_rows, err);
}

static bool batch_refuse(void *context, size_t row, const char *reason, struct error *err)
{
    const struct batch *batch = context;
    const char *const params[] = {db_value(batch->rows, row, 0), FACTS_VERSION};
    const struct set_aside aside = {.stage = "facts", .version = FACTS_VERSION_NUMBER,
                                    .certificate = db_int(batch->rows, row, 0)};
    return set_aside_add(batch->db, &aside, reason, err) && db_exec_params(batch->db, SQL_FACTS_BARE_ADD, 2, params, err);
}

static bool batch_parse_and_store(struct db *db, const struct db_result *rows, struct error *err)
{
    size_t count = db_rows(rows);
    struct batch batch = {.db = db, .rows = rows, .certs = xcalloc(count + 1, sizeof *batch.certs)};
    const struct set_aside_work work = {batch_store, batch_refuse, &batch};
    for (size_t i = 0; i < count; i++)
        batch.certs[i] = cert_of_value(db_value(rows, i, 1));
    bool ok = set_aside_store(db, &work, count, err);
    for (size_t i = 0; i < count; i++)
        cert_destroy(batch.certs[i]);
    free(batch.certs);
    return ok;
}

/* One transaction: what has no facts is read under the lock, so nobody else computes it too. */
static bool batch_run(struct db *db, size_t *count, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    struct db_result *rows = db_exec(db, SQL_FACTS_LOCK, err) ? db_query(db, SQL_FACTS_MISSING, 0, NULL, err) : NULL;
    bool ok = rows != NULL && batch_parse_and_store(db, rows, err);
    *count = rows == NULL ? 0 : db_rows(rows);
    db_result_destroy(rows);
    if (ok && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool facts_update(struct db *db, struct error *err)
{
    static const char *const version[] = {FACTS_VERSION};
    size_t count = 0;
    if (!db_exec_params(db, SQL_FACTS_OUTDATED_NAMES_DELETE, 1, version, err)
        || !db_exec_params(db, SQL_FACTS_OUTDATED_DELETE, 1, version, err))
        return error_add_context(err, "certificate facts");
    do {
        if (!batch_run(db, &count, err))
            return error_add_context(err, "certificate facts");
    } while (count > 0);
    return true;
}
