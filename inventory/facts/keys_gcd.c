#include "inventory/facts/keys_gcd.h"

#include "inventory/facts/keys/shared_primes.h"
#include "inventory/facts/keys/slow_tests.h"
#include "inventory_facts_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define STEP 2048                   /* moduli of the slow tests between two commits */

struct modulus {
    uint8_t sha256[32];
    bool is_known, prime_tested, excluded, compared;       /* known: has been tested for small factors */
};

struct moduli {
    struct modulus *items;
    mpz_t *n;                       /* beside them: as one array, that product trees read */
    size_t count, size;
};

enum column { COLUMN_SHA256, COLUMN_MODULUS, COLUMN_KNOWN, COLUMN_PRIME_TESTED, COLUMN_EXCLUDED, COLUMN_COMPARED };

static bool is_true(const struct db_result *row, size_t column)
{
    return db_value(row, 0, column)[0] == 't';
}

static bool on_modulus(void *context, const struct db_result *row)
{
    struct moduli *moduli = context;
    if (moduli->count == moduli->size) {
        moduli->size = 2 * moduli->size + 1024;
        moduli->items = xreallocarray(moduli->items, moduli->size, sizeof *moduli->items);
        moduli->n = xreallocarray(moduli->n, moduli->size, sizeof *moduli->n);
    }
    struct modulus *modulus = &moduli->items[moduli->count];
    *modulus = (struct modulus){.is_known = is_true(row, COLUMN_KNOWN), .prime_tested = is_true(row, COLUMN_PRIME_TESTED), .excluded = is_true(row, COLUMN_EXCLUDED),
                                .compared = is_true(row, COLUMN_COMPARED)};
    if (!hex_parse(db_value(row, 0, COLUMN_SHA256), modulus->sha256, sizeof modulus->sha256))
        return false;
    mpz_init_set_str(moduli->n[moduli->count++], db_value(row, 0, COLUMN_MODULUS), 16);
    return true;
}

static void moduli_clear(struct moduli *moduli)
{
    for (size_t i = 0; i < moduli->count; i++)
        mpz_clear(moduli->n[i]);
    free(moduli->n);
    free(moduli->items);
}

static void swap(struct moduli *moduli, size_t a, size_t b)
{
    struct modulus modulus = moduli->items[a];
    moduli->items[a] = moduli->items[b];
    moduli->items[b] = modulus;
    mpz_swap(moduli->n[a], moduli->n[b]);
}

/* Order: moduli not compared yet, then those already compared, then the rest. */
static void moduli_sort(struct moduli *moduli, size_t *fresh, size_t *comparable)
{
    *fresh = *comparable = 0;
    for (size_t i = 0; i < moduli->count; i++) {
        if (moduli->items[i].excluded)
            continue;
        swap(moduli, i, *comparable);
        if (!moduli->items[*comparable].compared)
            swap(moduli, *comparable, (*fresh)++);
        ++*comparable;
    }
}

/* A finding of a modulus is one of each of its keys: those of another exponent, too. */
static bool finding_row(struct db_copy *copy, const struct modulus *modulus, enum key_weakness weakness, const char *evidence,
                        const uint8_t *prime_sha256, struct error *err)
{
    db_copy_bytes(copy, modulus->sha256, sizeof modulus->sha256);
    db_copy_text(copy, key_weakness_name(weakness));
    db_copy_text(copy, evidence);
    if (prime_sha256 == NULL)
        db_copy_text(copy, NULL);
    else
        db_copy_bytes(copy, prime_sha256, 32);
    return db_copy_row(copy, err);
}

static bool tested_copy(struct db *db, const struct moduli *moduli, size_t from, size_t to, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_KEYS_TESTED_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = from; i < to && ok; i++) {
        const struct modulus *modulus = &moduli->items[i];
        db_copy_bytes(copy, modulus->sha256, sizeof modulus->sha256);
        db_copy_bool(copy, modulus->prime_tested);
        db_copy_bool(copy, modulus->excluded);
        db_copy_bool(copy, modulus->compared);
        ok = db_copy_row(copy, err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

/* The slow tests of one modulus; what they found is copied at once. */
static bool modulus_test(struct slow_tests *tests, struct db_copy *copy, struct modulus *modulus, const mpz_t n, bool prime_test,
                         struct keys_gcd_report *report, struct error *err)
{
    struct key_findings findings = {0};
    bool ok = true;
    modulus->excluded = mpz_even_p(n) != 0;
    if (!modulus->excluded)
        slow_tests_run(tests, n, prime_test, &findings);
    modulus->prime_tested = modulus->prime_tested || prime_test;
    for (size_t i = 0; i < findings.count && ok; i++) {
        bool small = findings.items[i].weakness == KEY_SMALL_FACTOR;
        modulus->excluded = modulus->excluded || small;
        report->small_factors += small;
        report->primes += !small;
        ok = finding_row(copy, modulus, findings.items[i].weakness, findings.items[i].evidence, NULL, err);
    }
    key_findings_clear(&findings);
    modulus->is_known = true;
    report->tested++;
    return ok;
}

/* New, or left untested for being a prime by an earlier run. */
static bool is_due(const struct modulus *modulus, bool prime_test)
{
    return !modulus->excluded && (!modulus->is_known || (prime_test && !modulus->prime_tested));
}

/* One transaction per step: after a kill the next run continues from here. */
static bool step_run(struct db *db, struct slow_tests *tests, struct moduli *moduli, size_t from, size_t to, bool prime_test,
                     struct keys_gcd_report *report, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    bool ok = db_exec(db, SQL_KEYS_TABLES, err);
    struct db_copy *copy = ok ? db_copy_begin(db, SQL_KEYS_FINDING_COPY, err) : NULL;
    ok = copy != NULL;
    for (size_t i = from; i < to && ok; i++)
        if (is_due(&moduli->items[i], prime_test))
            ok = modulus_test(tests, copy, &moduli->items[i], moduli->n[i], prime_test, report, err);
    ok = copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && tested_copy(db, moduli, from, to, err)
         && db_exec(db, SQL_KEYS_MERGE, err) && db_commit(db, err);
    if (!ok)
        db_rollback(db);
    return ok;
}

static bool slow_run(struct db *db, const struct keys_gcd_options *options, struct moduli *moduli, struct keys_gcd_report *report,
                     struct error *err)
{
    struct slow_tests tests;
    bool ok = true;
    slow_tests_init(&tests);
    for (size_t from = 0, to; from < moduli->count && ok; from = to) {
        to = moduli->count - from < STEP ? moduli->count : from + STEP;
        bool any = false;
        for (size_t i = from; i < to && !any; i++)
            any = is_due(&moduli->items[i], !options->no_prime_test);
        ok = !any || step_run(db, &tests, moduli, from, to, !options->no_prime_test, report, err);
        if (ok && any && options->on_progress != NULL)
            options->on_progress("tested one by one", to, moduli->count);
    }
    slow_tests_clear(&tests);
    return ok;
}

static bool on_compared(void *context, size_t done, size_t total)
{
    const struct keys_gcd_options *options = context;
    if (options->on_progress != NULL)
        options->on_progress("compared", done, total);
    return true;
}

/* Those involved in what was found: the fresh ones that share, and among the old ones their partners. */
struct involved {
    struct shared_modulus *moduli;
    size_t *index;                  /* of each in `moduli` of all */
    size_t count;
};

static void involved_add(struct involved *involved, const struct moduli *all, size_t index, const mpz_t shared)
{
    shared_modulus_init(&involved->moduli[involved->count], all->n[index], shared);
    involved->index[involved->count++] = index;
}

static void involved_find(struct involved *involved, const struct moduli *all, mpz_t *shared, size_t fresh, size_t comparable)
{
    mpz_t common, rest;
    mpz_init_set_ui(common, 1);
    mpz_init(rest);
    *involved = (struct involved){xcalloc(comparable + 1, sizeof *involved->moduli), xcalloc(comparable + 1, sizeof *involved->index), 0};
    for (size_t i = 0; i < fresh; i++)
        if (mpz_cmp_ui(shared[i], 1) > 0) {
            if (comparable > fresh)
                mpz_mul(common, common, shared[i]);
            involved_add(involved, all, i, shared[i]);
        }
    for (size_t i = fresh; i < comparable && involved->count > 0; i++) {
        mpz_mod(rest, common, all->n[i]);
        mpz_gcd(rest, rest, all->n[i]);
        if (mpz_cmp_ui(rest, 1) > 0)
            involved_add(involved, all, i, rest);
    }
    mpz_clears(common, rest, NULL);
}

static void involved_clear(struct involved *involved)
{
    for (size_t i = 0; i < involved->count; i++)
        shared_modulus_clear(&involved->moduli[i]);
    free(involved->moduli);
    free(involved->index);
}

static void number_hash(const mpz_t number, uint8_t sha256[32])
{
    size_t len = (mpz_sizeinbase(number, 2) + 7) / 8;
    uint8_t *bytes = xcalloc(len, 1);
    mpz_export(bytes, NULL, 1, 1, 1, 0, number);
    SHA256(bytes, len, sha256);
    free(bytes);
}

static bool accused_rows(struct db_copy *copy, const struct moduli *all, const struct involved *involved, struct keys_gcd_report *report,
                         struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < involved->count && ok; i++) {
        const struct shared_modulus *modulus = &involved->moduli[i];
        bool shares = mpz_sgn(modulus->factor) != 0;
        if (!shares && !modulus->is_multiple)
            continue;
        char partner[65];
        uint8_t prime_sha256[32];
        hex_format(all->items[involved->index[modulus->partner]].sha256, 32, partner);
        char *evidence = xasprintf("{\"%s\": \"%s\"}", shares ? "other_modulus_sha256" : "divisor_modulus_sha256", partner);
        if (shares)
            number_hash(modulus->factor, prime_sha256);
        ok = finding_row(copy, &all->items[involved->index[i]], shares ? KEY_SHARED_PRIME : KEY_MULTIPLE, evidence,
                         shares ? prime_sha256 : NULL, err);
        report->shared += shares;
        report->multiples += !shares;
        free(evidence);
    }
    return ok;
}

static bool accused_store(struct db *db, struct moduli *moduli, mpz_t *shared, size_t fresh, size_t comparable,
                          struct keys_gcd_report *report, struct error *err)
{
    struct involved involved;
    involved_find(&involved, moduli, shared, fresh, comparable);
    shared_primes_resolve(involved.moduli, involved.count);
    for (size_t i = 0; i < fresh; i++)
        moduli->items[i].compared = true;
    bool ok = db_begin(db, err) && db_exec(db, SQL_KEYS_TABLES, err);
    struct db_copy *copy = ok ? db_copy_begin(db, SQL_KEYS_FINDING_COPY, err) : NULL;
    ok = copy != NULL && accused_rows(copy, moduli, &involved, report, err);
    ok = copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && tested_copy(db, moduli, 0, fresh, err)
         && db_exec(db, SQL_KEYS_MERGE, err) && db_commit(db, err);
    if (!ok)
        db_rollback(db);
    involved_clear(&involved);
    return ok;
}

static bool compare_run(struct db *db, const struct keys_gcd_options *options, struct moduli *moduli, struct keys_gcd_report *report,
                        struct error *err)
{
    size_t fresh, comparable;
    moduli_sort(moduli, &fresh, &comparable);
    report->excluded = moduli->count - comparable;
    report->compared = fresh;
    if (fresh == 0)
        return true;
    mpz_t *shared = xcalloc(fresh, sizeof *shared);
    for (size_t i = 0; i < fresh; i++)
        mpz_init(shared[i]);
    bool ok = shared_primes_find((const mpz_t *)moduli->n, comparable, fresh, SHARED_PRIMES_BATCH, shared, on_compared, (void *)options)
              && accused_store(db, moduli, shared, fresh, comparable, report, err);
    for (size_t i = 0; i < fresh; i++)
        mpz_clear(shared[i]);
    free(shared);
    return ok;
}

bool keys_gcd_run(struct db *db, const struct keys_gcd_options *options, struct keys_gcd_report *report, struct error *err)
{
    struct moduli moduli = {0};
    *report = (struct keys_gcd_report){0};
    bool ok = db_stream(db, SQL_KEYS_MODULI, 0, NULL, on_modulus, &moduli, err);
    report->moduli = moduli.count;
    ok = ok && slow_run(db, options, &moduli, report, err) && compare_run(db, options, &moduli, report, err);
    moduli_clear(&moduli);
    return ok || error_add_context(err, "keys gcd");
}
