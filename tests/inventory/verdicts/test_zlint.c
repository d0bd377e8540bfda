/* zlint's own tests say what its lints make of some 650 certificates; where a rule of ours asks the same, it must say the same. Two
 * tables beside this file:
 *
 *     zlint_lints.tsv         each lint: the rule that asks the same ("C11:empty label": with that word in its evidence), or "-" and why none does
 *     zlint_differences.tsv   lint, file, why the verdicts differ there (RFC or BR clause)
 *
 * Both are complete and hold nothing more: a lint without a line, a line without a lint, a difference without a reason and a reason
 * without a difference fail alike. The certificates themselves are in CERTSWEEP_SHARED/corpora.
 *
 * With CERTSWEEP_ZLINT_RUN, a file that zlint_run.go beside this file has written: what zlint itself says of those certificates, whichever
 * they are, is compared too: where it complains, the rule must hit, or a line of zlint_run_differences.tsv says why none does. */
#include "inventory/certificate/pem.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/rules/rules.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 400000

struct row {
    char *fields[3];
    bool used;
};

struct table {
    struct row rows[ROWS_MAX];
    size_t count;
};

static void table_read(struct table *table, const char *path)
{
    char line[2048];
    FILE *in = fopen(path, "r");
    if (in == NULL)
        fail_msg("%s cannot be read", path);
    while (fgets(line, sizeof line, in) != NULL && table->count < ROWS_MAX) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        struct row *row = &table->rows[table->count++];
        char *rest = line;
        for (size_t i = 0; i < 3; i++) {
            const char *field = strsep(&rest, "\t");
            row->fields[i] = xstrdup(field == NULL ? "" : field);
        }
    }
    fclose(in);
}

static void table_clear(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        for (size_t j = 0; j < 3; j++)
            free(table->rows[i].fields[j]);
    free(table);
}

static struct row *row_find(struct table *table, const char *first, const char *second)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].fields[0], first) == 0 && (second == NULL || strcmp(table->rows[i].fields[1], second) == 0))
            return &table->rows[i];
    return NULL;
}

static char *sibling(const char *name)
{
    const char *slash = strrchr(__FILE__, '/');
    return xasprintf("%.*s/%s", (int)(slash - __FILE__), __FILE__, name);
}

/* The first certificate of the file, served by itself under the name. */
static bool serve_path(struct db *db, const char *path, const char *file)
{
    FILE *in = fopen(path, "rb");
    static char text[1 << 20];
    size_t len = in == NULL ? 0 : fread(text, 1, sizeof text, in);
    if (in != NULL)
        fclose(in);
    struct pem_reader reader = pem_reader_of(text, len);
    bool found = false;
    for (struct pem_block block; !found && pem_next(&reader, &block); free(block.der)) {
        if (block.der == NULL || strcmp(block.label, "CERTIFICATE") != 0)
            continue;
        struct made_cert made = {.der = block.der, .len = block.len};
        fixture_serve(db, &(struct fixture_served){.address = "127.60.10.3", .from = "2000-01-01", .to = "2000-01-01", .server_name = file,
                                                   .chain = {&made}});
        found = true;
    }
    return found;
}

static bool serve_file(struct db *db, const char *shared, const char *file)
{
    char *path = xasprintf("%s/corpora/zlint/%s", shared, file);
    bool found = serve_path(db, path, file);
    free(path);
    return found;
}

static void run(struct db *db)
{
    struct error err = {0};
    struct reconcile_options options = {0};
    assert_true(clock_parse_us("2026-11-22", &options.as_of_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

/* As if a public root vouched for each of them. */
static void make_public(struct db *db)
{
    static struct made_cert *root;
    struct error err = {0};
    root = cert_make(&(struct cert_recipe){.subject = "CN=Public CA", .is_ca = 1, .not_before = "20000101000000Z", .not_after = "20990101000000Z"});
    char *id = xasprintf("%lld", (long long)fixture_made(db, root));
    const char *params[] = {id};
    if (!db_exec_params(db, "WITH p AS (INSERT INTO policy (name, sha256, text, document) SELECT 't', sha256(''), '', "
            "'{\"min_ec_bits\": 224}' || jsonb_build_object('trust_stores', jsonb_build_array(jsonb_build_object('name', 'x', 'kind', 'public', "
            "'certificates', jsonb_build_array(encode(sha256, 'hex'))))) FROM certificate WHERE id = $1::bigint RETURNING id) "
            "INSERT INTO policy_use (policy) SELECT id FROM p", 1, params, &err))
        fail_msg("%s", err.text);
    free(id);
    cert_make_free(root);
    run(db);
    fixture_sql(db, "INSERT INTO edge SELECT f.certificate, (SELECT authority FROM ca_path ORDER BY id LIMIT 1), 0, 0, 0, false, 63 "
        "FROM certificate_facts f WHERE f.common_name IS DISTINCT FROM 'Public CA' ON CONFLICT (child) DO UPDATE SET authority = excluded.authority");
    fixture_sql(db, "INSERT INTO ca_path (store, authority, ca, root, certificates, purposes, is_weak, constrained) SELECT s.id, a.authority, "
        "a.certificate, a.certificate, ARRAY[a.certificate], 63, false, '{}' FROM authority_certificate a, trust_store s WHERE s.kind = 'public' "
        "ON CONFLICT DO NOTHING");
    run(db);
}

/* Does the rule hit the file's certificate, and say the word? */
static bool is_hit(const struct db_result *hits, const char *file, const char *rule)
{
    const char *word = strchr(rule, ':');
    for (size_t i = 0; i < db_rows(hits); i++)
        if (strcmp(db_value(hits, i, 0), file) == 0 && strncmp(db_value(hits, i, 1), rule, 3) == 0
            && (word == NULL || strstr(db_value(hits, i, 2), word + 1) != NULL))
            return true;
    return false;
}

static size_t rows_unused(const struct table *table, const char *what)
{
    size_t unused = 0;
    for (size_t i = 0; i < table->count; i++)
        if (!table->rows[i].used) {
            print_message("%s: %s %s\n", what, table->rows[i].fields[0], table->rows[i].fields[1]);
            unused++;
        }
    return unused;
}

static bool is_fault(const char *verdict)
{
    return strcmp(verdict, "NE") != 0 && strcmp(verdict, "NA") != 0 && strchr("EWNewif", verdict[0]) != NULL;
}

/* What zlint itself has just said of any certificates; its lines come file by file. */
static struct table *live_serve(struct db *db, const char *path)
{
    struct table *live = xcalloc(1, sizeof *live);
    table_read(live, path);
    for (size_t i = 0; i < live->count; i++)
        if (i == 0 || strcmp(live->rows[i - 1].fields[1], live->rows[i].fields[1]) != 0)
            live->rows[i].used = serve_path(db, live->rows[i].fields[1], live->rows[i].fields[1]);
        else
            live->rows[i].used = live->rows[i - 1].used;
    return live;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static size_t live_compare(struct db *db, struct table *live, struct table *lints, struct table *differences)
{
    struct error err = {0};
    struct table *reasons = xcalloc(1, sizeof *reasons);
    size_t compared = 0, wrong = 0;
    char *path = sibling("zlint_run_differences.tsv");
    table_read(reasons, path);
    free(path);
    struct db_result *hits = db_query(db, "SELECT DISTINCT e.server_name, h.rule, h.evidence::text FROM hit h JOIN place d USING (certificate) JOIN "
                                          "endpoint e ON e.id = d.endpoint WHERE e.server_name LIKE '/%'", 0, NULL, &err);
    if (hits == NULL)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < live->count; i++) {
        const char *lint = live->rows[i].fields[0], *file = live->rows[i].fields[1], *verdict = live->rows[i].fields[2];
        const struct row *known = row_find(lints, lint, NULL);
        if (known == NULL || known->fields[1][0] == '-' || !live->rows[i].used)
            continue;
        compared++;
        if (!is_fault(verdict) || row_find(reasons, lint, NULL) != NULL || row_find(differences, lint, name_of(file)) != NULL ||
            is_hit(hits, file, known->fields[1]))
            continue;
        print_message("%s\t%s\t%s, but %s does not hit\n", lint, file, verdict, known->fields[1]);
        wrong++;
    }
    print_message("%zu verdicts of this run compared, %zu differ without a reason\n", compared, wrong);
    db_result_destroy(hits);
    table_clear(reasons);
    table_clear(live);
    return wrong;
}

static void rules_say_what_zlint_says(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, the corpora are not read\n");
        skip();
    }
    struct table *verdicts = xcalloc(1, sizeof *verdicts), *lints = xcalloc(1, sizeof *lints), *differences = xcalloc(1, sizeof *differences);
    char *path = xasprintf("%s/corpora/zlint-verdicts.tsv", shared), *lints_path = sibling("zlint_lints.tsv"),
         *differences_path = sibling("zlint_differences.tsv");
    table_read(verdicts, path);
    table_read(lints, lints_path);
    table_read(differences, differences_path);
    for (size_t i = 0; i < verdicts->count; i++) {
        struct row *row = &verdicts->rows[i];
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(verdicts->rows[j].fields[1], row->fields[1]) == 0 && verdicts->rows[j].used;
        row->used = seen || serve_file(db, shared, row->fields[1]);        /* read: there is such a certificate */
    }
    struct table *live = getenv("CERTSWEEP_ZLINT_RUN") == NULL ? NULL : live_serve(db, getenv("CERTSWEEP_ZLINT_RUN"));
    make_public(db);
    struct error err = {0};
    struct db_result *hits = db_query(db, "SELECT DISTINCT e.server_name, h.rule, h.evidence::text FROM hit h JOIN place d USING (certificate) JOIN "
                                          "endpoint e ON e.id = d.endpoint", 0, NULL, &err);
    if (hits == NULL)
        fail_msg("%s", err.text);
    size_t compared = 0, wrong = 0;
    for (size_t i = 0; i < verdicts->count; i++) {
        const char *lint = verdicts->rows[i].fields[0], *file = verdicts->rows[i].fields[1], *verdict = verdicts->rows[i].fields[2];
        if (strchr(lint, '_') == NULL)
            continue;               /* the heading */
        struct row *known = row_find(lints, lint, NULL);
        if (known == NULL) {
            print_message("no line: %s\n", lint);
            wrong++;
            continue;
        }
        known->used = true;
        if (known->fields[1][0] == '-') {
            wrong += known->fields[2][0] == '\0';
            continue;
        }
        if (!verdicts->rows[i].used)
            continue;               /* a list of revoked certificates, or no file */
        if (rule_find((char[4]){known->fields[1][0], known->fields[1][1], known->fields[1][2], '\0'}) == NULL)
            fail_msg("%s: there is no rule %s", lint, known->fields[1]);
        bool hit = is_hit(hits, file, known->fields[1]), fault = is_fault(verdict);
        struct row *difference = row_find(differences, lint, file);
        compared++;
        if (hit == fault)
            continue;
        if (difference != NULL && difference->fields[2][0] != '\0') {
            difference->used = true;
            continue;
        }
        print_message("%s\t%s\t%s, but %s %s\n", lint, file, verdict, known->fields[1], hit ? "hits" : "does not hit");
        wrong++;
    }
    db_result_destroy(hits);
    if (live != NULL)
        wrong += live_compare(db, live, lints, differences);
    wrong += rows_unused(lints, "no such lint") + rows_unused(differences, "a reason without a difference");
    print_message("%zu verdicts compared, %zu wrong, %zu differ for a reason\n", compared, wrong, differences->count);
    assert_int_equal(wrong, 0);
    free(path);
    free(lints_path);
    free(differences_path);
    table_clear(verdicts);
    table_clear(lints);
    table_clear(differences);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_say_what_zlint_says),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
