/* Every line of `report summary` names a command, and the command lists as many rows as the line counts: with the whole inventory, and with
 * each filter. The program itself runs the commands, over the invented inventory to which is added what it lacks, so that each line is there. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/render.h"
#include "reports/screen.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>

static void serve(struct db *db, const char *address, const char *subject, int begins, int ends, bool is_captured, const struct made_cert *issuer)
{
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = subject, .not_before = ASN1_DAY(begins), .not_after = ASN1_DAY(ends), .issuer = issuer});
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = address, .from = SQL_DAY(is_captured ? -200 : -2), .to = SQL_DAY(is_captured ? -190 : 0),
                                               .is_captured = is_captured, .chain = {made, issuer}});
    cert_make_free(made);
}

static void judge(struct db *db)
{
    struct error err = {0};
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

/* What the inventory lacks: nobody's, of later, seen by a capture long ago, twice at one endpoint, in a file alone; decisions; a record in vain. */
static void add(struct db *db)
{
    struct made_cert *issuer = cert_make(&(struct cert_recipe){.subject = "O=State of Example,CN=Example State TLS CA 9", .is_ca = 1});
    struct made_cert *lying = cert_make(&(struct cert_recipe){.subject = "CN=lying.example", .not_before = ASN1_DAY(-9), .not_after = ASN1_DAY(300)});
    fixture_sql(db, "BEGIN; INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count) "
                    "SELECT gen_random_uuid(), id, 2, now() - interval '200 days', '', '', '', 1, 1 FROM site WHERE name = 'capitol'");
    serve(db, "192.0.2.200", "CN=later.example", 5, 300, false, issuer);
    serve(db, "192.0.2.201", "CN=longer.example", -5, 900, false, issuer);
    serve(db, "203.0.113.7", "CN=forgotten.example", -250, 100, true, issuer);
    serve(db, "192.0.2.203", "CN=twice-1.example", -9, 250, false, issuer);
    serve(db, "192.0.2.203", "CN=twice-2.example", -9, 250, false, issuer);
    serve(db, "192.0.2.204", "CN=ignored.example", -9, 250, false, issuer);
    fixture_lie(db, &(struct fixture_lying){.host = "web1.example", .path = "/srv/a.pem", .certificate = lying});
    fixture_sql(db, "COMMIT");
    judge(db);
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who, until, undone_at) SELECT d.kind, c.sha256, 'so', 'x', now() + interval '9 days', "
                    "CASE d.kind WHEN 'mute' THEN now() END FROM certificate_own o JOIN certificate c ON c.id = o.certificate "
                    "JOIN (VALUES ('ignored', 'ignore'), ('twice-1', 'accept'), ('twice-1', 'mute'), ('twice-2', 'mute')) d (name, kind) "
                    "ON o.common_names[1] = d.name || '.example'");
    fixture_sql(db, "WITH r AS (INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256, not_after) "
                    "SELECT id, '\\x07', now() - interval '30 days', 'account.csv', 9, '{}', '{}', sha256('x'), now() + interval '90 days' FROM managed_source RETURNING id) "
                    "INSERT INTO managed_location (record, site, address, port) SELECT r.id, s.id, '192.0.2.250', 443 FROM r, site s WHERE s.name = 'capitol'");
    judge(db);
    cert_make_free(lying);
    cert_make_free(issuer);
}

static int setup(void **state)
{
    if (world_setup(state) != 0)
        return -1;
    add(((struct test_cluster *)*state)->db);
    return 0;
}

/* ---- the lines ---- */

static struct line {
    char *subject, *value, *command;
    size_t count;
} lines[128];
static size_t line_count;

static void *keep_begin(const struct report *report, FILE *out)
{
    (void)report;
    (void)out;
    for (; line_count > 0; line_count--) {
        free(lines[line_count - 1].subject);
        free(lines[line_count - 1].value);
        free(lines[line_count - 1].command);
    }
    return lines;
}

static void keep_row(void *state, const char *const *values)
{
    (void)state;
    if (values[3] == NULL)
        fail_msg("the line %s %s names no command", values[0], values[1]);
    lines[line_count++] = (struct line){xstrdup(values[0]), xstrdup(values[1]), xstrdup(values[3]), (size_t)atoi(values[2])};
}

static void keep_end(void *state, const struct render_end *end)
{
    (void)state;
    (void)end;
}

static const struct renderer keep = {.name = "keep", .begin = keep_begin, .row = keep_row, .end = keep_end};

static void summarise(struct db *db, const char *filter)
{
    struct error err = {0};
    if (!report_write(report_find("summary"), &(struct report_options){.filter = filter}, db, &keep, stderr, NULL, &err))
        fail_msg("%s: %s", filter, err.text);
}

/* ---- their lists ---- */

static size_t rows_of(struct test_cluster *cluster, const char *command)
{
    size_t rows = 0;
    int c;
    if (strncmp(command, "certsweep report ", 17) != 0)
        fail_msg("%s lists nothing", command);
    char *run = xasprintf("'%s' %s --db '%s' --format jsonl 2>&1", CERTSWEEP_BINARY, command + 10, test_cluster_dsn(cluster));
    FILE *out = popen(run, "r");
    assert_non_null(out);
    for (char before = '\n'; (c = fgetc(out)) != EOF; before = (char)c)
        rows += before == '\n' && c == '{';
    if (pclose(out) != 0)
        fail_msg("%s does not run", command);
    free(run);
    return rows;
}

static void each_line_counts_the_rows_of_the_list_that_it_names(void **state)
{
    static const char *const filters[] = {
        "{}", "{\"site\":\"capitol\"}", "{\"owner\":\"Department of Revenue\"}", "{\"owner\":\"none\"}", "{\"network\":\"192.0.2.0/25\",\"issuer\":\"Example\"}",
        "{\"name\":\"*.courts.example.gov\"}", "{\"severity\":[\"high\",\"medium\"]}", "{\"within\":45,\"source\":\"account\"}", "{\"due\":[8,60]}"};
    struct test_cluster *cluster = *state;
    size_t wrong = 0;
    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
        summarise(cluster->db, filters[f]);
        if (line_count < 5)
            fail_msg("%s: %zu lines", filters[f], line_count);
        for (size_t i = 0; i < line_count; i++) {
            size_t rows = rows_of(cluster, lines[i].command);
            if (rows != lines[i].count)
                print_error("%s: %s %s counts %zu, and %s lists %zu\n", filters[f], lines[i].subject, lines[i].value, lines[i].count, lines[i].command, rows);
            wrong += rows != lines[i].count;
        }
    }
    assert_int_equal(wrong, 0);
}

static void each_line_is_there_and_counts_something(void **state)
{
    static const char *const wanted[][2] = {
        {"certificates", "served or managed"}, {"certificates", "served now"}, {"places", "with a certificate"}, {"places", "not confirmed for too long: not counted"},
        {"to renew", "overdue"}, {"to renew", "0 to 7 days"}, {"to renew", "8 to 30 days"}, {"to renew", "31 to 60 days"}, {"to renew", "61 to 90 days"},
        {"record", "managed"}, {"record", "unmanaged"}, {"record", "accepted"}, {"record", "ignored"},
        {"issuer", "own"}, {"issuer", "foreign"}, {"issuer", "unknown"}, {"issuer", "self-signed"},
        {"time", "expired"}, {"time", "expiring"}, {"time", "renewal due"}, {"time", "not yet"}, {"time", "ok"}, {"time", "too long"},
        {"ends within", "7 days"}, {"ends within", "30 days"}, {"ends within", "60 days"}, {"ends within", "90 days"},
        {"deployment", "not located"}, {"deployment", "unknown here"}, {"recorded", "not where it should be"},
        {"findings", "critical"}, {"findings", "high"}, {"findings", "medium"}, {"findings", "low"}, {"findings", "info"}};
    struct test_cluster *cluster = *state;
    size_t missing = 0;
    summarise(cluster->db, "{}");
    for (size_t w = 0; w < sizeof wanted / sizeof wanted[0]; w++) {
        size_t count = 0;
        for (size_t i = 0; i < line_count; i++)
            if (strcmp(lines[i].subject, wanted[w][0]) == 0 && strcmp(lines[i].value, wanted[w][1]) == 0)
                count += lines[i].count;
        if (count == 0)
            print_error("no line %s %s\n", wanted[w][0], wanted[w][1]);
        missing += count == 0;
    }
    assert_int_equal(missing, 0);
    /* one endpoint that serves two certificates is one row, and counted so */
    assert_int_equal(test_number(cluster->db, "SELECT sum(count) FROM now_count WHERE subject = 'deployed' AND site = 0") + 1,
                     test_number(cluster->db, "SELECT count(*) FROM endpoint_judged"));
}

/* Above the lines, by owner: what has ended, ends soon, or has a critical or high finding, and said so. */
static void urgent_certificates_are_those_that_the_words_name(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    char *text = NULL, *owners;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_true(screen_print_lines(cluster->db, NULL, out, &err));
    fclose(out);
    owners = test_rows(cluster->db, "SELECT string_agg(owner || ' ' || count, ', ' ORDER BY count DESC, owner) FROM "
                                    "(SELECT coalesce(o.owner, 'nobody''s') AS owner, count(*) AS count FROM certificate_now n LEFT JOIN owner_basis o ON o.id = n.owner_basis "
                                    "WHERE n.is_leaf AND n.name IS NOT NULL AND (n.severity_rank <= 2 OR n.time IN ('expired', 'expiring')) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 4) o");
    owners[strcspn(owners, "\n")] = '\0';
    char *line = xasprintf("Urgent certificates (ended, ending soon, or with a critical or high finding): %s.\n", owners);
    if (strstr(text, line) == NULL)
        fail_msg("no %s in %s", line, text);
    free(line);
    free(owners);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_counts_the_rows_of_the_list_that_it_names),
        cmocka_unit_test(urgent_certificates_are_those_that_the_words_name),
        cmocka_unit_test(each_line_is_there_and_counts_something),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
