/* Every line of `report summary` names a command, and the command lists as many rows as the line counts: with the whole inventory, and with
 * each filter. The program itself runs the commands, over the invented inventory to which is added what it lacks, so that each line is there. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
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

/* Certificates of several owners: at the places of two, of three, and at one's place and another's file. */
static void share(struct db *db, const struct made_cert *issuer)
{
    static const char *const names[][3] = {{"a.revenue.example.gov", "a.parks.example.gov"}, {"b.revenue.example.gov", "b.parks.example.gov", "b.tech.example.gov"},
                                           {"c.courts.example.gov"}};
    struct made_cert *made[3];
    for (size_t i = 0; i < 3; i++) {
        char *subject = xasprintf("CN=shared-%zu.example", i);
        made[i] = cert_make(&(struct cert_recipe){.subject = subject, .not_before = ASN1_DAY(-340), .not_after = ASN1_DAY(10 + 25 * (int)i), .issuer = issuer});
        for (size_t n = 0; n < 3 && names[i][n] != NULL; n++)
            fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.210", .server_name = names[i][n], .from = SQL_DAY(-2), .to = SQL_DAY(0),
                                                       .chain = {made[i], issuer}});
        free(subject);
    }
    fixture_sql(db, "INSERT INTO owner_rule (import, line, site, owner, contacts, text) SELECT max(id), 99, 'default', 'Department of Health', '{}', 'files' FROM owner_import");
    fixture_lie(db, &(struct fixture_lying){.host = "files.health.example.gov", .path = "/srv/c.pem", .certificate = made[2]});
    for (size_t i = 0; i < 3; i++)
        cert_make_free(made[i]);
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
    share(db, issuer);
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
        "{}", "{\"site\":\"capitol\"}", "{\"owner\":\"Department of Revenue\"}", "{\"owner\":\"\"}", "{\"network\":\"192.0.2.0/25\",\"issuer\":\"Example\"}",
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
    owners = test_rows(cluster->db, "SELECT string_agg(owner || ': ' || count, ' · ' ORDER BY count DESC, owner) || "
                                    "CASE WHEN max(owners) > 5 THEN ' · and ' || max(owners) - 4 || ' more owners' ELSE '' END FROM (SELECT * FROM "
                                    "(SELECT x.owner, count(*) AS count, count(*) OVER () AS owners, row_number() OVER (ORDER BY count(*) DESC, x.owner) AS line FROM "
                                    "(SELECT DISTINCT n.certificate, coalesce(po.owner, co.owner, 'nobody''s') AS owner FROM certificate_now n "
                                    "LEFT JOIN (SELECT certificate, owner_basis FROM endpoint_judged UNION SELECT certificate, owner_basis FROM file_judged) p "
                                    "ON p.certificate = n.certificate AND p.owner_basis IS NOT NULL "
                                    "LEFT JOIN owner_basis po ON po.id = p.owner_basis LEFT JOIN owner_basis co ON co.id = n.owner_basis "
                                    "WHERE n.is_leaf AND (n.severity_rank <= 2 OR n.time IN ('expired', 'expiring'))) x GROUP BY 1) y WHERE line <= 4 OR owners = 5) o");
    owners[strcspn(owners, "\n")] = '\0';
    long long different = test_number(cluster->db, "SELECT count(*) FROM certificate_now WHERE is_leaf AND (severity_rank <= 2 OR time IN ('expired', 'expiring'))");
    char *line = xasprintf("Urgent certificates (ended, ending soon, or with a critical or high finding): %s. "
                           "A certificate of several owners counts at each of them; together %lld different ones.\n", owners, different);
    if (strstr(text, line) == NULL)
        fail_msg("no %s in %s", line, text);
    free(line);
    free(owners);
    free(text);
}

/* "And 1 more owner" is as long as its name: a fifth one is named, and a thirteenth has its row. */
static void no_single_owner_is_hidden(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    for (int owners = 5; owners <= 6; owners++) {
        char *sql = xasprintf("BEGIN; CREATE TEMP TABLE made ON COMMIT DROP AS SELECT r.* FROM (SELECT c FROM owner_count c LIMIT 1) o, generate_series(1, %d) n, "
                              "jsonb_populate_record(o.c, jsonb_build_object('owner_key', md5('Team ' || n), 'owner', 'Team ' || n, 'due_overdue', 20 - n, "
                              "'urgent', CASE WHEN n <= %d THEN 20 - n ELSE 0 END)) r; DELETE FROM owner_count; INSERT INTO owner_count SELECT * FROM made",
                              owners + 8, owners), *text = NULL;
        size_t len;
        struct error err = {0};
        fixture_sql(db, sql);
        FILE *out = open_memstream(&text, &len);
        assert_true(screen_print_lines(db, NULL, out, &err) && screen_print_due(db, "{}", out, &err));
        fclose(out);
        fixture_sql(db, "ROLLBACK");
        assert_int_equal(strstr(text, "Team 4: 16 · Team 5: 15.") != NULL, owners == 5);
        assert_int_equal(strstr(text, "Team 4: 16 · and 2 more owners.") != NULL, owners == 6);
        assert_int_equal(strstr(text, "\nTeam 13 ") != NULL, owners == 5);
        assert_int_equal(strstr(text, "\nand 2 more owners: ") != NULL, owners == 6);
        assert_null(strstr(text, "1 more owner"));
        free(sql);
        free(text);
    }
}

/* ---- one rule in all views ---- */

static char *document_of(struct db *db)
{
    static char *text;          /* static: else gcc 12 takes what the stream made for a pointer to these */
    static size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    bool ok = discovery_write(&(struct document_options){.written_by = "x"}, db, out, &err);
    fclose(out);
    if (!ok)
        fail_msg("%s", err.text);
    return text;
}

/* The number in the last cell of the row of that name, in the table of that caption; 0: no such row. */
static long long last_cell(const char *page, const char *caption, const char *name)
{
    const char *at = strstr(page, caption), *end = at == NULL ? NULL : strstr(at, "</table>");
    char *head = xasprintf(">%s</", name);
    at = at == NULL ? NULL : strstr(at, head);
    free(head);
    if (at == NULL || at > end)
        return 0;
    const char *row = strstr(at, "</tr>"), *cell = at;
    for (const char *next = at; (next = strstr(next, "<td")) != NULL && next < row; next++)
        cell = next;
    return atoll(strchr(cell, '>') + 1);
}

static long long due_of(const char *owner)
{
    char *option = owner == NULL ? NULL : xasprintf("--owner '%s'", owner);
    long long sum = 0;
    for (size_t i = 0; i < line_count; i++)
        if (strcmp(lines[i].subject, "to renew") == 0 && (owner == NULL) == (strstr(lines[i].command, "--owner") == NULL) &&
            (option == NULL || strstr(lines[i].command, option) != NULL))
            sum += (long long)lines[i].count;
    free(option);
    return sum;
}

static const char *const owners[] = {"Department of Revenue", "Department of Health", "Department of Transport", "Parks Service", "Courts Administration",
                                     "Office of Technology"};
#define BOTH  "shared by Department of Revenue; Parks Service"

/* What is due, and what there is, counts at each owner, and nowhere at several together. */
static void each_view_counts_what_several_own_by_the_rule_that_it_tells(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *page = document_of(db), *count;
    long long due = 0, handled = 0, held = 0;
    summarise(db, "{}");
    for (size_t i = 0; i < line_count; i++)
        if (strstr(lines[i].command, "; ") != NULL)
            fail_msg("%s %s: %s", lines[i].subject, lines[i].value, lines[i].command);
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        due += due_of(owners[i]);
        handled += last_cell(page, "What needs action", owners[i]);
    }
    for (size_t i = 0; i < line_count; i++)
        due += strcmp(lines[i].subject, "to renew") == 0 && strstr(lines[i].command, "--owner none") != NULL ? (long long)lines[i].count : 0;
    assert_int_equal(due - due_of(NULL), 1 + 2 + 1);
    handled += last_cell(page, "What needs action", "Nobody named yet");
    assert_int_equal(handled - last_cell(page, "What needs action", "All owners"), 1 + 2 + 1);
    assert_int_equal(last_cell(page, "What needs action", BOTH), 0);
    count = xasprintf("counts at each of them; together %lld different", last_cell(page, "What needs action", "All owners"));
    assert_non_null(strstr(page, count));
    free(count);
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        char *served = xasprintf("SELECT count(DISTINCT j.certificate) FROM owned_place j JOIN owner_basis b ON b.id = j.owner_basis "
                                 "JOIN certificate_now n USING (certificate) WHERE b.owner = '%s' AND n.place_count > 0", owners[i]);     /* in a file of theirs, too */
        assert_int_equal(last_cell(page, "Certificates of each owner", owners[i]), test_number(db, served));
        held += test_number(db, served);
        free(served);
    }
    held += last_cell(page, "Certificates of each owner", "Nobody named yet");
    assert_int_equal(last_cell(page, "Certificates of each owner", "All owners"), lines[1].count);
    assert_int_equal(held - (long long)lines[1].count, 1 + 2 + 1);
    assert_null(strstr(strstr(page, "Certificates of each owner"), BOTH "</th>"));
    count = xasprintf("counts at each of them; together %zu different ones, of which 3 have several owners", lines[1].count);
    assert_non_null(strstr(page, count));
    free(count);
    free(page);
}

/* The cells of the row of that name in the document's table of renewals, "1 2 3 4 5"; without a row "0 0 0 0 0". */
static char *renewals_told(const char *page, const char *name)
{
    const char *table = strstr(page, "To renew of what is served</caption>"), *end = table == NULL ? NULL : strstr(table, "</table>");
    char *head = xasprintf("<th scope=\"row\">%s</th>", name), *told = NULL;
    const char *row = table == NULL ? NULL : strstr(table, head);
    free(head);
    if (row == NULL || row > end)
        return xstrdup("0 0 0 0 0");
    size_t len;
    FILE *out = open_memstream(&told, &len);
    for (int i = 0; i < 5; i++) {
        row = strstr(row, "<td");
        row = strchr(row, '>') + 1;
        fprintf(out, "%s%lld", i == 0 ? "" : " ", atoll(row));
    }
    fclose(out);
    return told;
}

/* As the tables have it, by nothing that reports use: of what is served, days from the day in the policy's zone until the last one to ask; at each owner of a place or file, else of
 * the record. */
#define RENEWALS_BY_HAND "SELECT concat_ws(' ', count(*) FILTER (WHERE d < 0), count(*) FILTER (WHERE d BETWEEN 0 AND 7), count(*) FILTER (WHERE d BETWEEN 8 AND 30), " \
    "count(*) FILTER (WHERE d BETWEEN 31 AND 60), count(*) FILTER (WHERE d BETWEEN 61 AND 90)) FROM (SELECT DISTINCT n.certificate, t.ask_by - (r.as_of AT TIME ZONE t.zone)::date AS d " \
    "FROM certificate_now n JOIN renewal_term t USING (certificate) CROSS JOIN report_as_of r " \
    "LEFT JOIN (SELECT certificate, owner_basis FROM endpoint_judged UNION SELECT certificate, owner_basis FROM file_judged) p ON p.certificate = n.certificate AND p.owner_basis IS NOT NULL " \
    "LEFT JOIN owner_basis po ON po.id = p.owner_basis LEFT JOIN owner_basis co ON co.id = n.owner_basis WHERE n.is_leaf AND n.place_count > 0 %s) x"

/* The document has the summary's table, and both have what is there: rows and totals, of all, and of one owner alone. */
static void the_document_renews_what_the_summary_does(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    long long later = 0;
    char *page = document_of(db);
    for (size_t i = 0; i <= sizeof owners / sizeof owners[0]; i++) {
        const char *name = i == 0 ? "All owners" : owners[i - 1];
        char *whose = i == 0 ? xstrdup("") : xasprintf("AND coalesce(po.owner, co.owner) = '%s'", name), *sql = xasprintf(RENEWALS_BY_HAND, whose);
        char *told = renewals_told(page, name), *wanted = test_rows(db, sql);
        wanted[strcspn(wanted, "\n")] = '\0';
        if (strcmp(told, wanted) != 0)
            fail_msg("%s: %s, not %s", name, told, wanted);
        long long counts[5] = {0}, sum = 0;
        assert_int_equal(sscanf(told, "%lld %lld %lld %lld %lld", &counts[0], &counts[1], &counts[2], &counts[3], &counts[4]), 5);
        for (size_t c = 0; c < 5; c++)
            sum += counts[c];
        later += counts[2] + counts[3] + counts[4];
        summarise(db, "{}");
        assert_int_equal(sum, due_of(i == 0 ? NULL : name));
        free(whose);
        free(sql);
        free(told);
        free(wanted);
    }
    assert_true(later > 0);
    char *whole = renewals_told(page, "Department of Health");
    free(page);
    static char *text;
    static size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    assert_true(discovery_write(&(struct document_options){.written_by = "x", .owner = "department of health"}, db, out, &err));
    fclose(out);
    char *alone = renewals_told(text, "Department of Health");
    assert_string_equal(alone, whole);
    free(alone);
    free(whole);
    free(text);
}

/* The screen's table, and the same on a page. */
static void the_table_of_what_is_due_says_how_many_are_different(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static char *text;
    static size_t len;
    struct error err = {0};
    const struct report_head head = {.written_by = "x"};
    summarise(db, "{}");
    char *told = xasprintf("A certificate of several owners counts at each of them; together %lld different ones.", due_of(NULL));
    FILE *out = open_memstream(&text, &len);
    assert_true(screen_print_due(db, "{}", out, &err));
    fclose(out);
    assert_non_null(strstr(text, told));
    assert_null(strstr(text, "; Parks"));
    free(text);
    out = open_memstream(&text, &len);
    assert_true(report_write(report_find("summary"), &(struct report_options){.filter = "{}", .head = &head}, db, &render_html, out, NULL, &err));
    fclose(out);
    assert_non_null(strstr(text, told));
    const char *table = strstr(text, "To renew of what is served</caption>");
    assert_non_null(table);
    long long last = last_cell(text, "To renew of what is served", "Department of Revenue");
    size_t ninety = 0;
    for (size_t i = 0; i < line_count; i++)
        ninety += strcmp(lines[i].value, "61 to 90 days") == 0 && strstr(lines[i].command, "--owner 'Department of Revenue'") != NULL ? lines[i].count : 0;
    assert_int_equal(last, ninety);
    free(text);
    free(told);
}

static char *listed(struct db *db, const char *name, const char *filter)
{
    char *text = NULL;
    size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    bool ok = report_write(report_find(name), &(struct report_options){.filter = filter}, db, &render_csv, out, NULL, &err);
    fclose(out);
    if (!ok)
        fail_msg("%s", err.text);
    return text;
}

static char *renewals_of(struct db *db, const char *filter)
{
    return listed(db, "renewals", filter);
}

/* What runs keep and what a filter counts is the same: each certificate at each of its owners, in "(all)" once. */
static void renewals_count_at_each_owner(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *kept = renewals_of(db, "{}"), *counted = renewals_of(db, "{\"network\":\"0.0.0.0/0\"}"), *of_one = renewals_of(db, "{\"owner\":\"Parks Service\"}");
    fixture_sql(db, "CREATE TABLE ending_kept AS SELECT * FROM ending_count; DELETE FROM ending_count");
    char *before = renewals_of(db, "{}");
    fixture_sql(db, "INSERT INTO ending_count SELECT * FROM ending_kept; DROP TABLE ending_kept");
    assert_string_equal(kept, before);
    assert_null(strstr(kept, "; "));
    assert_null(strstr(counted, "; "));
    const char *parks = strstr(kept, "\n\"Parks Service\","), *all = strstr(kept, "\n\"(all)\",\"");
    assert_non_null(parks);
    assert_non_null(all);
    assert_non_null(strstr(of_one, "\n\"Parks Service\","));
    assert_memory_equal(strstr(of_one, "\n\"Parks Service\","), parks, (size_t)(strchr(parks + 1, '\n') - parks));
    assert_int_equal(atoi(all + strlen("\n\"(all)\",\"")), test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf AND time <> 'expired'"));
    assert_int_equal(test_number(db, "SELECT sum(lasting) FROM owner_count") - atoi(all + strlen("\n\"(all)\",\"")), 1 + 2 + 1);
    free(kept);
    free(counted);
    free(of_one);
    free(before);
    /* a short life is no history, and what is told of a certificate is one thing */
    assert_int_equal(test_number(db, "SELECT sum(automatic) FROM owner_count"), test_number(db, "SELECT count(*) FROM certificate_now n LEFT JOIN managed_record r ON r.id = n.record_id "
                     "WHERE n.is_leaf AND n.time <> 'expired' AND (n.is_automatic OR r.auto_renewal)"));
    assert_true(test_number(db, "SELECT sum(presumed) FROM owner_count") > 0);
    assert_int_equal(test_number(db, "SELECT count(*) FROM owner_count WHERE automatic + presumed + by_hand > lasting"), 0);
}

/* The rows of the list as plain SQL has them: owner, certificates, of these with other owners, too, unmanaged ones, expired ones. */
static const char owned_by_hand[] =
    "WITH owned AS (SELECT DISTINCT n.certificate, coalesce(po.owner, o.owner, '(nobody)') AS owner FROM certificate_now n "
    "LEFT JOIN (SELECT certificate, owner_basis FROM endpoint_judged UNION SELECT certificate, owner_basis FROM file_judged) p "
    "ON p.certificate = n.certificate AND p.owner_basis IS NOT NULL "
    "LEFT JOIN owner_basis po ON po.id = p.owner_basis LEFT JOIN owner_basis o ON o.id = n.owner_basis WHERE n.is_leaf), "
    "several AS (SELECT certificate FROM owned GROUP BY certificate HAVING count(*) > 1) "
    "SELECT string_agg(l, E'\n' ORDER BY l COLLATE \"C\") FROM (SELECT concat_ws(',', '\"' || o.owner || '\"', '\"' || count(*) || '\"', '\"' || count(s.certificate) || '\"', "
    "'\"' || count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) || '\"', '\"' || count(*) FILTER (WHERE n.time = 'expired') || '\"') AS l "
    "FROM owned o JOIN certificate_now n USING (certificate) LEFT JOIN several s USING (certificate) GROUP BY o.owner) x";

/* The same columns of the list. */
static char *owned_as_listed(struct db *db, const char *filter)
{
    char *text = listed(db, "ownership", filter), *made = NULL, *rest = text, *sorted;
    size_t len;
    FILE *out = open_memstream(&made, &len);
    strsep(&rest, "\n");
    fputs("SELECT string_agg(l, E'\\n' ORDER BY l COLLATE \"C\") FROM (VALUES ", out);
    bool is_first = true;
    for (char *row, *cells[16]; (row = strsep(&rest, "\n")) != NULL && row[0] != '\0'; is_first = false) {
        for (size_t i = 0; i < 16; i++)
            cells[i] = strsep(&row, ",");
        fprintf(out, "%s('%s,%s,%s,%s,%s')", is_first ? "" : ",", cells[0], cells[3], cells[4], cells[7], cells[8]);
    }
    fputs(") x (l)", out);
    fclose(out);
    sorted = test_rows(db, made);
    free(text);
    free(made);
    return sorted;
}

static void ownership_counts_at_each_owner(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *by_hand = test_rows(db, owned_by_hand), *kept = owned_as_listed(db, "{}"), *counted = owned_as_listed(db, "{\"name\":\"*\"}");
    fixture_sql(db, "CREATE TABLE ending_kept AS SELECT * FROM ending_count; DELETE FROM ending_count");
    char *before = owned_as_listed(db, "{}"), *of_one = owned_as_listed(db, "{\"owner\":\"Parks Service\"}");
    fixture_sql(db, "INSERT INTO ending_count SELECT * FROM ending_kept; DROP TABLE ending_kept");
    assert_string_equal(kept, by_hand);
    assert_string_equal(before, by_hand);
    assert_string_equal(counted, by_hand);
    assert_null(strstr(kept, "; "));
    of_one[strcspn(of_one, "\n")] = '\0';
    assert_non_null(strstr(kept, of_one));
    assert_non_null(strstr(of_one, "\"Parks Service\""));
    assert_int_equal(test_number(db, "SELECT sum(certificates) FROM owner_count") - test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf"), 1 + 2 + 1);
    char *ends = listed(db, "ownership", "{}"), *ends_counted = listed(db, "ownership", "{\"name\":\"*\"}");
    assert_string_equal(ends, ends_counted);                /* the ends, too */
    free(ends);
    free(ends_counted);
    free(by_hand);
    free(kept);
    free(counted);
    free(before);
    free(of_one);
}

static bool is_noted(struct db *db, const char *name, const char *words)
{
    static char *text;
    static size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    assert_true(report_write(report_find(name), &(struct report_options){.filter = "{}"}, db, &render_json, out, NULL, &err));
    fclose(out);
    bool is_there = strstr(text, words) != NULL;
    free(text);
    return is_there;
}

/* Where places count at several deployments, or at several owners, a sentence says so; else it does not. */
static void what_sums_to_more_than_the_places_is_said(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    assert_false(is_noted(db, "summary", "sum to more than the places"));
    fixture_sql(db, "UPDATE now_count SET count = count + 1 WHERE subject = 'deployed' AND site = 0 AND value = 'unknown here'");
    assert_true(is_noted(db, "summary", "sum to more than the places"));
    fixture_sql(db, "UPDATE now_count SET count = count - 1 WHERE subject = 'deployed' AND site = 0 AND value = 'unknown here'");
    char *told = xasprintf("A certificate of several owners counts at each of them; together %lld different ones, of which 3 have several owners.",
                           (long long)test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf"));
    assert_true(is_noted(db, "ownership", told));
    free(told);
    assert_false(is_noted(db, "ownership", "sums to more than the places"));
    fixture_sql(db, "UPDATE owner_count SET places = places + 1 WHERE owner = 'Parks Service'");
    assert_true(is_noted(db, "ownership", "sums to more than the places"));
    fixture_sql(db, "UPDATE owner_count SET places = places - 1 WHERE owner = 'Parks Service'");
}

/* A place that has not been confirmed for long is none of those where something is served. */
static void the_screen_and_the_summary_count_the_same_places(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *text = NULL;
    size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    assert_true(screen_print_lines(db, NULL, out, &err));
    fclose(out);
    char *told = xasprintf("served at %lld places", (long long)test_number(db, "SELECT count(DISTINCT endpoint) FROM endpoint_judged"));
    assert_non_null(strstr(text, told));
    free(told);
    free(text);
}

/* Of a collection, those places that no earlier one has read, though all hold what they held for as long as they are known. */
static void the_screen_counts_new_files(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *text = NULL;
    size_t len;
    struct error err = {0};
    struct made_cert *lying = cert_make(&(struct cert_recipe){.subject = "CN=lying.parks.example.gov", .not_after = ASN1_DAY(90)});
    fixture_lie(db, &(struct fixture_lying){.path = "/srv/known-1.pem", .certificate = lying});
    fixture_lie(db, &(struct fixture_lying){.path = "/srv/known-2.pem", .certificate = lying});
    fixture_lie(db, &(struct fixture_lying){.path = "/srv/new.pem", .certificate = lying, .time = "now"});
    cert_make_free(lying);
    fixture_sql(db, "INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count, first_at) "
                    "SELECT gen_random_uuid(), id, 3, now(), '{}', '', '', 0, 1, now() - interval '1 minute' "
                    "FROM site WHERE name = 'default'; "
                    "UPDATE file_now SET scan = (SELECT max(id) FROM scan) WHERE place IN (SELECT id FROM file_place WHERE path LIKE '/srv/%n%.pem')");
    FILE *out = open_memstream(&text, &len);
    assert_true(screen_print_lines(db, NULL, out, &err));
    fclose(out);
    fixture_sql(db, "DELETE FROM scan WHERE kind = 3");
    if (strstr(text, ": 3 places with certificates, keys or their configuration, 1 of them new.") == NULL)
        fail_msg("%s", text);
    free(text);
}

/* Its place shows another one, and no source has it: nothing is due, and nothing is foreign. */
static void what_was_replaced_stands_in_no_list(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const lists[] = {"expiring", "foreign", "certificates", "unmanaged"};
    struct error err = {0};
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=once.parks.example.gov", .not_before = ASN1_DAY(-380), .not_after = ASN1_DAY(15)});
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.252", .from = SQL_DAY(-20), .to = SQL_DAY(-5), .closed = SQL_DAY(-4), .chain = {made}});
    cert_make_free(made);
    assert_true(reconcile_run(db, NULL, NULL, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM certificate_now WHERE name LIKE 'once.%' AND NOT is_leaf"), 1);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char *text = listed(db, lists[i], "{}");
        if (strstr(text, "once.parks") != NULL)
            fail_msg("it stands in %s:\n%s", lists[i], text);
        free(text);
    }
}

/* Another rule file names another contact: the one of the file before it is told no more. */
static void contacts_are_those_of_the_rules_in_force(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    fixture_sql(db, "INSERT INTO owner_import (file, rule_count) VALUES ('newer.csv', 6)");
    fixture_sql(db, "INSERT INTO owner_rule (import, line, name_suffix, owner, contacts, text, environment) "
                    "SELECT (SELECT max(id) FROM owner_import), line, name_suffix, owner, ARRAY['new.' || contacts[1]], text, 'newest' FROM owner_rule");
    assert_true(reconcile_run(db, NULL, NULL, &err));
    char *text = listed(db, "ownership", "{}");
    assert_non_null(strstr(text, "\"new.tls@parks.example.gov\""));
    assert_null(strstr(text, "\"tls@parks.example.gov"));
    assert_non_null(strstr(text, "\"newest\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_view_counts_what_several_own_by_the_rule_that_it_tells),
        cmocka_unit_test(the_document_renews_what_the_summary_does),
        cmocka_unit_test(the_table_of_what_is_due_says_how_many_are_different),
        cmocka_unit_test(what_sums_to_more_than_the_places_is_said),
        cmocka_unit_test(the_screen_and_the_summary_count_the_same_places),
        cmocka_unit_test(the_screen_counts_new_files),
        cmocka_unit_test(renewals_count_at_each_owner),
        cmocka_unit_test(what_was_replaced_stands_in_no_list),
        cmocka_unit_test(ownership_counts_at_each_owner),
        cmocka_unit_test(each_line_counts_the_rows_of_the_list_that_it_names),
        cmocka_unit_test(urgent_certificates_are_those_that_the_words_name),
        cmocka_unit_test(no_single_owner_is_hidden),
        cmocka_unit_test(each_line_is_there_and_counts_something),
        cmocka_unit_test(contacts_are_those_of_the_rules_in_force),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
