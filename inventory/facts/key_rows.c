#include "inventory/facts/key_rows.h"

#include "inventory/facts/keys/key_tests.h"
#include "inventory_facts_sql.h"
#include "probes/base/memory.h"
#include "probes/base/sha256.h"

#include <stdlib.h>
#include <string.h>

#define KEY_COLUMNS 3

struct key_rows {
    struct key_tests tests;
};

/* The findings about one key of the batch. */
struct weak {
    const struct cert *cert;
    struct key_findings findings;
};

struct key_rows *key_rows_create(void)
{
    struct key_rows *keys = xcalloc(1, sizeof *keys);
    key_tests_init(&keys->tests);
    return keys;
}

void key_rows_destroy(struct key_rows *keys)
{
    if (keys == NULL)
        return;
    key_tests_clear(&keys->tests);
    free(keys);
}

/* The modulus as a big-endian number; empty if it cannot be compared with others. */
static struct byte_reader modulus_of(const struct cert *cert)
{
    struct byte_reader modulus = cert->rsa_modulus_content;
    if (modulus.left == 0 || modulus.left > RSA_TESTS_BYTES_MAX || modulus.at[0] & 0x80)
        return (struct byte_reader){0};
    while (modulus.left > 0 && modulus.at[0] == 0)
        byte_reader_skip(&modulus, 1);
    return modulus.left == 1 && modulus.at[0] <= 3 ? (struct byte_reader){0} : modulus;
}

static bool key_row(struct db_copy *copy, const struct cert *cert, struct error *err)
{
    struct byte_reader modulus = modulus_of(cert);
    uint8_t sha256[32];
    if (!db_binary_row(copy, KEY_COLUMNS, err))
        return false;
    db_binary_bytes(copy, cert->spki_sha256, sizeof cert->spki_sha256);
    if (modulus.left == 0) {
        db_binary_null(copy);
        db_binary_null(copy);
    } else {
        db_binary_bytes(copy, modulus.at, modulus.left);
        sha256_of(modulus.at, modulus.left, sha256);
        db_binary_bytes(copy, sha256, sizeof sha256);
    }
    return true;
}

static bool weakness_rows(struct db_copy *copy, const struct weak *weak, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < weak->findings.count && ok; i++) {
        db_copy_bytes(copy, weak->cert->spki_sha256, sizeof weak->cert->spki_sha256);
        db_copy_text(copy, key_weakness_name(weak->findings.items[i].weakness));
        db_copy_text(copy, weak->findings.items[i].evidence);
        ok = db_copy_row(copy, err);
    }
    return ok;
}

static int key_compare(const void *a, const void *b)
{
    const struct cert *x = *(const struct cert *const *)a, *y = *(const struct cert *const *)b;
    return memcmp(x->spki_sha256, y->spki_sha256, sizeof x->spki_sha256);
}

/* Each key once, in the order of the index. */
static bool keys_copy(struct db *db, struct cert *const *certs, size_t count, struct error *err)
{
    const struct cert **sorted = xcalloc(count + 1, sizeof *sorted);
    size_t sorted_count = 0;
    for (size_t i = 0; i < count; i++)
        if (certs[i]->spki.left > 0)
            sorted[sorted_count++] = certs[i];
    qsort(sorted, sorted_count, sizeof *sorted, key_compare);
    struct db_copy *copy = db_binary_begin(db, SQL_FACTS_KEY_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < sorted_count && ok; i++)
        if (i == 0 || key_compare(&sorted[i - 1], &sorted[i]) != 0)
            ok = key_row(copy, sorted[i], err);
    free(sorted);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && db_exec(db, SQL_FACTS_KEY_MERGE, err);
}

static bool weaknesses_copy(struct db *db, const struct weak *weak, size_t count, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_FACTS_WEAKNESS_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < count && ok; i++)
        ok = weakness_rows(copy, &weak[i], err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && db_exec(db, SQL_FACTS_WEAKNESS_MERGE, err);
}

bool key_rows_store(struct key_rows *keys, struct db *db, struct cert *const *certs, size_t count, struct error *err)
{
    struct weak *weak = xcalloc(count + 1, sizeof *weak);
    size_t weak_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct key_findings findings = {0};
        key_tests_run(&keys->tests, certs[i], &findings);
        if (findings.count > 0)
            weak[weak_count++] = (struct weak){certs[i], findings};
    }
    bool ok = keys_copy(db, certs, count, err) && (weak_count == 0 || weaknesses_copy(db, weak, weak_count, err));
    for (size_t i = 0; i < weak_count; i++)
        key_findings_clear(&weak[i].findings);
    free(weak);
    return ok;
}
