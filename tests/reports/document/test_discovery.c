/* The discovery document: it agrees with the inventory and claims nothing that is unknown. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/render.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *written(struct db *db, const struct document_options *options)
{
    static char *text;          /* static: else gcc 12 takes what the stream made for a pointer to these */
    static size_t len;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    bool ok = discovery_write(options, db, out, &err);
    fclose(out);
    if (!ok)
        fail_msg("%s", err.text);
    return text;
}

static void has(const char *page, const char *text)
{
    if (strstr(page, text) == NULL)
        fail_msg("no \"%s\" in\n%s", text, strstr(page, "<body") == NULL ? page : strstr(page, "<body"));
}

static void has_not(const char *page, const char *text)
{
    if (strstr(page, text) != NULL)
        fail_msg("\"%s\" stands in\n%s", text, strstr(page, "<body"));
}

/* The number in cell `column` of the row that begins with `row`, in the table with that caption; -1: no number. */
static long long cell(const char *page, const char *caption, const char *row, unsigned column)
{
    const char *at = strstr(page, caption);
    at = at == NULL ? NULL : strstr(at, row);
    for (unsigned i = 0; at != NULL && i < column; i++)
        at = strstr(at + 1, "<td");
    if (at == NULL)
        fail_msg("no %s, row %s, column %u", caption, row, column);
    const char *end = strstr(at, "</td>");
    for (at = strchr(at, '>') + 1; at < end; at++)
        if (*at >= '0' && *at <= '9' && at[-1] != '#')
            return atoll(at);
    return -1;
}

static size_t count_of(const char *page, const char *end, const char *text)
{
    size_t count = 0;
    for (; (page = strstr(page, text)) != NULL && page < end; page++)
        count++;
    return count;
}

static void the_sums_are_those_of_the_inventory(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, &(struct document_options){.written_by = "certsweep"});
    assert_int_equal(cell(page, "Certificates of each owner", "All owners", 5),
                     test_number(cluster->db, "SELECT count FROM now_count WHERE site = 0 AND subject = 'certificates' AND value = 'served now'"));
    assert_int_equal(cell(page, "Certificates of each owner", "All owners", 3),
                     test_number(cluster->db, "SELECT count FROM now_count WHERE site = 0 AND subject = 'served record' AND value = 'unmanaged'"));
    long long findings = test_number(cluster->db, "SELECT sum(count) FROM now_count WHERE site = 0 AND subject = 'severity'");
    char *told = xasprintf("<p>%lld findings of", findings);
    has(page, told);
    free(told);
    char *rules = test_rows(cluster->db, "SELECT rule, count(DISTINCT coalesce(nullif(certificate, 0), -endpoint)) FROM finding GROUP BY rule");
    for (char *line = strtok(rules, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *id = xasprintf("id=\"%.*s\"", (int)strcspn(line, "|"), line);
        has(page, id);
        free(id);
    }
    free(rules);
    long long sum = 0;
    static const char *const owners[WORLD_OWNERS] = {"Department of Revenue", "Department of Health", "Department of Transport",
                                                     "Parks Service", "Courts Administration", "Office of Technology"};
    for (size_t i = 0; i < WORLD_OWNERS; i++)
        sum += cell(page, "What needs action, by its first day", owners[i], 7);
    assert_int_equal(sum, cell(page, "What needs action, by its first day", "All owners", 7));
    free(page);
}

/* Certificates and servers with a day to act by; the screen's urgent certificates are others, and the words say so. */
static void what_is_to_handle_is_counted_as_the_glossary_says(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, &(struct document_options){.written_by = "certsweep"});
    const char *section = strstr(page, "<h2>What needs action, by owner"), *told = section == NULL ? NULL : strstr(section, ">Department of Revenue <small>");
    assert_non_null(told);
    told = strstr(told, "<small>") + strlen("<small>");
    assert_int_equal(strncmp(told + strspn(told, "0123456789"), " to handle", 10), 0);
    assert_int_equal(atoll(told), cell(page, "What needs action, by its first day", "Department of Revenue", 7));
    has(strstr(page, "id=\"glossary\""), "<dt>To handle</dt><dd>Certificates and servers");
    free(page);
}

static void it_says_how_bad_it_is_and_whose(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, &(struct document_options){.title = {.organization = "State of <b>Example</b>", .classification = "internal \"use\"}"},
                                                                 .written_by = "certsweep"});
    has(page, "One certificate has expired and is still served.");
    has(page, "payments.<wbr>revenue.<wbr>example.<wbr>gov");
    has(page, "State of &lt;b&gt;Example&lt;/b&gt;");
    has(page, "internal \\22 use\\22 }");               /* in the style sheet, where markup has another meaning */
    has(page, "Replaced with the new filing system");
    has(page, "<td class=\"n\">+");
    has(page, "<rect class=\"m\" fill=\"#8493a4\"");     /* WeasyPrint gives no style sheet to an SVG: all parts were black */
    has(page, "<rect class=\"u\" fill=\"#0a4f9e\"");
    has_not(page, "<rect class=\"m\" x");
    has_not(page, "src=");
    has_not(page, "http://");
    has_not(page, "https://");
    free(page);
}

/* Whenever the last run was. */
static void the_title_has_the_month_of_the_day(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TABLE scan_kept AS SELECT id, started_at, first_at, last_at FROM scan; "
                    "UPDATE scan SET started_at = '2024-09-30 10:00Z', first_at = '2024-09-30 10:00Z', last_at = '2024-10-01 11:00Z'");
    char *page = written(db, &(struct document_options){.written_by = "certsweep"});
    char *month = test_rows(db, "SELECT to_char(today, 'FMMonth YYYY') FROM report_today");
    char *title = xasprintf("<h1>Certificate discovery, %.*s</h1>", (int)strcspn(month, "\n"), month);
    has(page, title);
    has(page, "30 September 2024 to 1 October 2024");
    fixture_sql(db, "UPDATE scan s SET started_at = k.started_at, first_at = k.first_at, last_at = k.last_at FROM scan_kept k WHERE k.id = s.id; DROP TABLE scan_kept");
    free(title);
    free(month);
    free(page);
}

static void nothing_is_drawn_of_nothing(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, &(struct document_options){.owner = "", .written_by = "certsweep"});
    has(page, "id=\"expiry\"");
    has_not(page, "<figure>");
    has_not(page, "none known");
    free(page);
}

/* What needs no action is neither overdue nor among the worst; what has no end is not taken back; a shared certificate has its places. */
static void what_is_over_is_not_due(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TABLE now_kept AS SELECT certificate, place_count FROM certificate_now; CREATE TABLE decision_kept AS SELECT id, until FROM decision; "
                    "UPDATE decision SET until = NULL; UPDATE certificate_now SET place_count = 0 WHERE name = 'payments.revenue.example.gov'");
    char *page = written(db, &(struct document_options){.written_by = "certsweep"});
    const char *worst = strstr(page, "id=\"worst\""), *end = strstr(worst, "</ol>");
    const char *payments = strstr(worst, "payments.<wbr>revenue");
    assert_true(payments == NULL || payments > end);
    has(page, "class=\"d\">no end</td>");
    has_not(page, "taken back");
    fixture_sql(db, "UPDATE certificate_now n SET place_count = k.place_count FROM now_kept k WHERE k.certificate = n.certificate; DROP TABLE now_kept; "
                    "UPDATE decision d SET until = k.until FROM decision_kept k WHERE k.id = d.id; DROP TABLE decision_kept");
    free(page);
}

/* Owners read it: no path of our machine, no hash of 64 digits. */
static void evidence_is_brief(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *text = test_rows(db, "SELECT evidence_brief(jsonb_build_object('record', '/srv/lists of 2026/scm.csv:7', 'other', repeat('0123456789abcdef', 4))), "
                               "evidence_brief('{\"seen_by\": [\"default\", \"posture\", \"tls12\"]}'), "
                               "evidence_brief('{\"records\": [\"/srv/a b/one.csv:4\", \"/srv/two.csv:5\"], "
                               "\"newer_record\": \"/srv/three.csv:6\"}')");
    assert_non_null(strstr(text, "the other certificate has the SHA-256 0123456789abcdef"));
    assert_non_null(strstr(text, "records one.csv:4, two.csv:5; newer record three.csv:6"));
    assert_null(strstr(text, "0123456789abcdef0"));
    assert_non_null(strstr(text, "record scm.csv:7"));
    assert_non_null(strstr(text, "seen in a usual handshake, when asked for, in a handshake of TLS 1.2"));
    free(text);
}

/* One of each rule. */
static void the_worst_are_of_different_rules(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *page = written(db, &(struct document_options){.written_by = "certsweep"}), *links[3] = {NULL};
    char *at = strstr(page, "id=\"worst\"");
    *strstr(at, "</ol>") = '\0';
    size_t count = 0;
    for (; count < 3 && (at = strstr(at, "href=\"")) != NULL; at++)
        links[count++] = at;
    assert_true(count > 1);
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(strncmp(links[i], links[k], 10), 0);
    free(page);
}

/* Each of the worst says by when, or how late it is, and how many more its rule found. */
static void the_worst_tell_their_day_and_how_many_are_alike(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE kept AS SELECT * FROM finding; DELETE FROM finding; "
                    "INSERT INTO finding SELECT n.certificate, 0, x.rule, 1, x.rank, '{}', now() - make_interval(days => x.age), NULL FROM (VALUES ('K02', 2, 40), ('K03', 3, 0)) x (rule, rank, age), "
                    "(SELECT certificate FROM certificate_now WHERE is_leaf AND place_count > 0 AND record = 'managed' ORDER BY ends_at DESC LIMIT 4) n WHERE x.rule <> 'K03'; "
                    "INSERT INTO finding SELECT certificate, 0, 'K03', 1, 3, '{}', now(), NULL FROM certificate_now WHERE is_leaf AND name = 'portal.revenue.example.gov'");
    char *page = written(db, &(struct document_options){.written_by = "certsweep"});
    char *day = test_rows(db, "SELECT ', by ' || to_char((now() AT TIME ZONE 'UTC')::date + 90, 'FMDD Mon YYYY') || '.</li>'");
    fixture_sql(db, "DELETE FROM finding; INSERT INTO finding SELECT * FROM kept; DROP TABLE kept");
    char *worst = strstr(page, "id=\"worst\"");
    *strstr(worst, "</ol>") = '\0';
    day[strcspn(day, "\n|")] = '\0';
    const char *weak = strstr(worst, "#K02"), *other = strstr(worst, "#K03");
    if (weak == NULL || strstr(weak, " and 3 others with the same finding<br>") == NULL || strstr(weak, ", 10 days late.</li>") == NULL)
        fail_msg("%s", worst);
    if (other == NULL || strstr(other, day) == NULL || strstr(other, "same finding") != NULL)
        fail_msg("%s: %s", day, worst);
    free(day);
    free(page);
}

/* The sum of the numbers in a text, as words or digits, and where it ends: at the first of these signs. */
static long long sum_until(const char **text, const char *stops)
{
    static const char *const words[] = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
    long long sum = 0;
    for (size_t len; strchr(stops, **text) == NULL; *text += len + (strchr(", ", (*text)[len]) != NULL && (*text)[len] != '\0')) {
        len = strcspn(*text, " ,:.");
        if ((*text)[0] >= '0' && (*text)[0] <= '9')
            sum += atoll(*text);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (strlen(words[i]) == len && strncasecmp(*text, words[i], len) == 0 && strncmp(*text + len, " week", 5) != 0)
                sum += (long long)i + 1;
    }
    return sum;
}

/* Of a record that nobody has seen, and of a certificate that no server shows, the first sentence says what is due: a renewal, too. */
static void what_no_server_shows_is_to_be_renewed(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    fixture_sql(db, "CREATE TABLE found_before AS SELECT * FROM finding; CREATE TABLE recorded_before AS SELECT id FROM managed_record");
    world_record_unseen(db, "fade01", "lost.parks.example.gov", NULL, 18);
    world_record(db, "CN=kept.parks.example.gov", 9);
    assert_true(reconcile_run(db, NULL, NULL, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM finding f JOIN certificate_now n USING (certificate) "
                                     "WHERE n.name = 'kept.parks.example.gov' AND f.rule = 'C06'"), 1);
    fixture_sql(db, "DELETE FROM finding f USING certificate_now n WHERE n.certificate = f.certificate AND n.place_count > 0");
    char *page = written(db, &(struct document_options){.written_by = "certsweep"});
    fixture_sql(db, "UPDATE managed_record SET valid_to = now() - interval '1 second' WHERE id NOT IN (SELECT id FROM recorded_before); "
                    "DELETE FROM finding; "
                    "INSERT INTO finding SELECT * FROM found_before; DROP TABLE found_before, recorded_before");
    assert_true(reconcile_run(db, NULL, NULL, &err));
    char *lead = strstr(page, "<p class=\"lead\">");
    *strstr(lead, "</p>") = '\0';
    if (strstr(lead, "two that are served nowhere must be renewed. ") == NULL || strstr(lead, "something else") != NULL)
        fail_msg("%s", lead);
    free(page);
}

/* "Four more things are overdue, and three must be handled within a week: two certificates are past ..., and five need something else." */
static void the_kinds_of_what_is_due_add_up(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "UPDATE finding SET since = since - interval '300 days' WHERE rule = 'R01'");
    char *page = written(db, &(struct document_options){.written_by = "certsweep"});
    fixture_sql(db, "UPDATE finding SET since = since + interval '300 days' WHERE rule = 'R01'");
    const char *lead = strstr(page, "<p class=\"lead\">");
    const char *due = strstr(lead, " is overdue") != NULL ? strstr(lead, " is overdue") : strstr(lead, " are overdue");
    if (due == NULL)
        due = strstr(lead, "must be handled");
    assert_non_null(due);
    while (due > lead && due[-1] != '.' && due[-1] != '>')
        due--;
    due += strspn(due, " ");
    const char *at = due;
    long long told = sum_until(&at, ":.");
    if (*at != ':')
        fail_msg("%.400s", due);
    at += 2;
    long long kinds = sum_until(&at, ".");
    if (told != kinds || told == 0)
        fail_msg("%lld, not %lld: %.400s", kinds, told, due);
    free(page);
}

/* What somebody has decided to leave as it is, is not the worst that can be said: neither muted, nor muted for the rule that would be, nor accepted. */
static void what_is_settled_is_not_among_the_worst(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const settled[] = {"UPDATE certificate_now SET muted_until = 'infinity' WHERE name = 'payments.revenue.example.gov'",
                                          "UPDATE certificate_now SET record = 'accepted' WHERE name = 'payments.revenue.example.gov'",
                                          ("INSERT INTO decision (kind, sha256, reason, who, made_at, rule) SELECT 'mute', n.sha256, 'known', 'us', r.as_of, f.rule "
                                          "FROM certificate_now n JOIN finding f USING (certificate) CROSS JOIN report_as_of r WHERE n.name = 'payments.revenue.example.gov'")};
    for (size_t i = 0; i <= sizeof settled / sizeof settled[0]; i++) {
        fixture_sql(db, "CREATE TABLE now_kept AS SELECT certificate, record, muted_until FROM certificate_now");
        if (i > 0)
            fixture_sql(db, settled[i - 1]);
        char *page = written(db, &(struct document_options){.written_by = "certsweep"}), *worst = strstr(page, "id=\"worst\"");
        *strstr(worst, "</ol>") = '\0';
        if ((strstr(worst, "payments.<wbr>revenue") == NULL) == (i == 0))
            fail_msg("%zu: %s", i, worst);
        free(page);
        fixture_sql(db, "UPDATE certificate_now n SET record = k.record, muted_until = k.muted_until FROM now_kept k WHERE k.certificate = n.certificate; DROP TABLE now_kept; "
                        "DELETE FROM decision WHERE reason = 'known' AND who = 'us'");
    }
}

static void a_site_is_told_alone(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, &(struct document_options){.site = "north"});
    has(page, "imaging.<wbr>health");
    has_not(page, "revenue");
    assert_int_equal(cell(page, "Certificates of each owner", "All owners", 5), 3);
    free(page);
}

/* Each site's document tells the findings that its list counts: about what lies in files alone, and about CAs above what is served, too. */
static void a_sites_document_tells_what_its_list_counts(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const sites[] = {"default", "capitol", "north"};
    struct error err = {0};
    struct made_cert *filed = cert_make(&(struct cert_recipe){.subject = "CN=filed.parks.example.gov", .key = "RSA:1024", .not_before = ASN1_DAY(-10), .not_after = ASN1_DAY(90)}),
                     *above = cert_make(&(struct cert_recipe){.subject = "O=Old Lab,CN=Old Lab CA", .key = "RSA:1024", .is_ca = 1, .not_before = ASN1_DAY(-900), .not_after = ASN1_DAY(900)}),
                     *below = cert_make(&(struct cert_recipe){.subject = "CN=below.parks.example.gov", .not_before = ASN1_DAY(-10), .not_after = ASN1_DAY(90), .issuer = above});
    fixture_lie(db, &(struct fixture_lying){.path = "/etc/ssl/filed.pem", .certificate = filed, .time = SQL_DAY(-1)});
    fixture_serve(db, &(struct fixture_served){.site = "north", .address = "198.51.2.240", .from = SQL_DAY(-2), .to = SQL_DAY(0), .chain = {below, above}});
    if (!reconcile_run(db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT count(*) FROM site_ca a JOIN site ON site.id = a.site WHERE site.name = 'north' AND a.certificate = "
                                    "(SELECT certificate FROM certificate_own WHERE subject LIKE '%Old Lab CA%')"), 1);
    for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
        char *page = written(db, &(struct document_options){.site = sites[i]}),
             *count = xasprintf("SELECT count(*) FROM findings_wanted('{\"site\":\"%s\"}', NULL, NULL)", sites[i]);
        assert_true(test_number(db, count) > 0);
        char *told = xasprintf("<p>%lld findings of", (long long)test_number(db, count));
        has(page, told);
        if (i == 0)
            has(page, "filed.<wbr>parks");
        if (i == 2)
            has(page, "Old Lab CA");
        free(told);
        free(count);
        free(page);
    }
    cert_make_free(filed);
    cert_make_free(above);
    cert_make_free(below);
}

/* That no path leads from certificates of an own CA to a root is for who keeps the policy: it is told once, with the CAs, and is no item of any
 * owner. */
static void a_matter_of_the_policy_is_told_once(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const owners[] = {"Department of Health", "Department of Revenue", "All owners"};
    long long before[3];
    char *page = written(db, &(struct document_options){.written_by = "x"});
    has_not(page, "For who keeps the policy");
    for (size_t i = 0; i < 3; i++)
        before[i] = cell(page, "What needs action, by its first day", owners[i], 7);
    free(page);
    fixture_sql(db, "CREATE TEMP TABLE pathless_before AS SELECT * FROM finding; DELETE FROM finding WHERE rule = 'H01'; INSERT INTO finding "
                    "SELECT certificate, 0, 'H01', 1, 2, "
                    "'{\"reason\": \"signed by no known CA\"}', r.as_of - interval '9 days' FROM certificate_now n CROSS JOIN report_as_of r "
                    "WHERE name IN ('intake.health.example.gov', "
                    "'records.health.example.gov', 'scanner.health.example.gov', 'portal.revenue.example.gov', 'trails.parks.example.gov')");
    page = written(db, &(struct document_options){.written_by = "x"});
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cell(page, "What needs action, by its first day", owners[i], 7), before[i]);
    const char *matter = strstr(page, "<b>For who keeps the policy</b>");
    has(matter, "no path leads from 4 certificates of own CAs to a trust anchor (H01). Name the roots of <b>Example State TLS CA 2</b> (3), "
                "<b>Example State Internal CA</b> (1) in the policy "
                "(<code>[trust store: NAME]</code>), by ");
    has_not(matter + 10, "For who keeps the policy");
    const char *section = strstr(page, "id=\"H01\">");
    has(section, "trails.<wbr>parks");                         /* somebody else's CA: its owner's */
    char *rule = xstrndup(section, (size_t)(strstr(section, "</section>") - section));
    has_not(rule, "intake.<wbr>health");
    has(rule, "4 findings have no day: for information, of what is over or replaced, and served nowhere, or <a href=\"#policy\">a matter of the policy</a>.");
    free(rule);
    free(page);
    fixture_sql(db, "DELETE FROM finding; INSERT INTO finding SELECT * FROM pathless_before; DROP TABLE pathless_before");
}

/* What a rule saw of each one alike stands once above its lines. */
static void what_is_seen_of_each_is_said_once(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE seen_before AS SELECT * FROM finding; DELETE FROM finding WHERE rule IN ('H02', 'C15'); "
                    "INSERT INTO finding SELECT certificate, 0, r, 1, 2, CASE WHEN r = 'H02' OR name LIKE 'i%' THEN '{\"reason\": \"signed by "
                    "no known CA\"}' "
                    "ELSE '{\"reason\": \"it is so\"}' END::jsonb, now() FROM certificate_now, unnest('{H02,C15}'::text[]) r "
                    "WHERE name IN ('intake.health.example.gov', 'labs.health.example.gov', 'id.tech.example.gov')");
    char *page = written(db, &(struct document_options){.written_by = "x"});
    for (int differs = 0; differs < 2; differs++) {
        const char *at = strstr(page, differs ? "<section class=\"rule whole\" id=\"C15\">" : "<section class=\"rule whole\" id=\"H02\">");
        assert_non_null(at);
        char *section = xstrndup(at, (size_t)(strstr(at, "</section>") - at));
        assert_int_equal(count_of(section, section + strlen(section), "signed by no known CA"), differs ? 2 : 1);
        assert_int_equal(strstr(section, "Seen of each one listed here: ") != NULL, !differs);
        assert_int_equal(strstr(section, "<th scope=\"col\">Seen</th>") != NULL, differs);
        free(section);
    }
    free(page);
    fixture_sql(db, "DELETE FROM finding; INSERT INTO finding SELECT * FROM seen_before; DROP TABLE seen_before");
}

static void an_owner_is_told_alone(void **state)
{
    struct test_cluster *cluster = *state;
    char *page = written(cluster->db, &(struct document_options){.owner = "Parks Service"});
    has(page, "camera.<wbr>parks");
    has_not(page, "revenue");
    has_not(page, "Department of Health");
    char *same = written(cluster->db, &(struct document_options){.owner = "parks SERVICE"});
    assert_string_equal(same, page);            /* filters find an owner in any case */
    free(same);
    free(page);
}

/* Where another owner shows one of their certificates is no place of theirs: the document counts places as the lists do. */
static void an_owners_places_are_theirs_alone(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const theirs = "SELECT count(DISTINCT j.endpoint) FROM endpoint_judged j JOIN owner_basis o ON o.id = j.owner_basis "
                                      "WHERE o.owner = 'Department of Transport'";
    long long before = test_number(db, theirs);
    fixture_sql(db, "CREATE TEMP TABLE given AS SELECT j.endpoint, j.certificate, j.owner_basis FROM endpoint_judged j "
                    "JOIN owner_basis o ON o.id = j.owner_basis WHERE o.owner = 'Department of Transport' AND j.certificate IN "
                    "(SELECT certificate FROM endpoint_judged GROUP BY certificate HAVING count(*) > 1) LIMIT 1; "
                    "UPDATE endpoint_judged j SET owner_basis = (SELECT min(id) FROM owner_basis WHERE owner = 'Department of Health') "
                    "FROM given g WHERE (j.endpoint, j.certificate) = (g.endpoint, g.certificate)");
    assert_int_equal(test_number(db, theirs), before - 1);
    char *page = written(db, &(struct document_options){.owner = "Department of Transport"}), *told = xasprintf(", %lld places with a certificate", before - 1);
    fixture_sql(db, "UPDATE endpoint_judged j SET owner_basis = g.owner_basis FROM given g WHERE (j.endpoint, j.certificate) = (g.endpoint, g.certificate)");
    has(page, told);
    free(told);
    free(page);
}

/* Spellings of earlier rule books stay in owner_basis; nothing is theirs any more. */
static void a_former_spelling_finds_the_owner(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "INSERT INTO owner_basis (key, owner, contacts, evidence) VALUES (gen_random_uuid(), 'PARKS SERVICE', '{}', 'old.csv:1')");
    char *page = written(cluster->db, &(struct document_options){.owner = "PARKS SERVICE"});
    has(page, "trails.<wbr>parks.<wbr>example");
    free(page);
    fixture_sql(cluster->db, "DELETE FROM owner_basis WHERE owner = 'PARKS SERVICE'");
}

/* Whoever chooses names may not push all others off the first screen. */
static void a_long_name_leaves_room_for_others(void **state)
{
    struct test_cluster *cluster = *state;
    char ls[401];
    memset(ls, 'L', 400);
    ls[400] = '\0';
    fixture_sql(cluster->db, "CREATE TEMP TABLE kept AS SELECT certificate, name FROM certificate_now; UPDATE certificate_now SET name = repeat('L', 60000); "
                             "UPDATE owner_basis SET owner = owner || repeat('L', 5000) WHERE owner = 'Parks Service'");
    char *page = written(cluster->db, &(struct document_options){.written_by = "x"});
    has(page, "Parks ServiceLLL");
    has(page, "<summary>LLL");
    has_not(page, ls);
    free(page);
    fixture_sql(cluster->db, "UPDATE certificate_now n SET name = k.name FROM kept k WHERE k.certificate = n.certificate; DROP TABLE kept; "
                             "UPDATE owner_basis SET owner = 'Parks Service' WHERE owner LIKE 'Parks ServiceL%'");
}

static void the_same_facts_give_the_same_bytes(void **state)
{
    struct test_cluster *cluster = *state;
    char *one = written(cluster->db, &(struct document_options){.written_by = "x"}), *two = written(cluster->db, &(struct document_options){.written_by = "x"});
    assert_string_equal(one, two);
    free(one);
    free(two);
}

/* Each certificate has an owner of its own: on paper the first twelve, then one row of all others, and the sums agree. */
static void many_owners_leave_room_on_paper(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    fixture_sql(cluster->db, "INSERT INTO owner_import (file, rule_count) VALUES ('many.csv', 40); "
                             "INSERT INTO owner_rule (import, line, name_suffix, owner, contacts, text) SELECT (SELECT max(id) FROM owner_import), row_number() OVER (ORDER BY o.certificate), "
                             "o.common_names[1], 'Team ' || row_number() OVER (ORDER BY o.certificate), '{}', '' FROM certificate_own o JOIN certificate_now n USING (certificate) WHERE n.is_leaf");
    if (!reconcile_run(cluster->db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    char *page = written(cluster->db, &(struct document_options){.written_by = "x"});
    const char *table = strstr(page, "What needs action, by its first day"), *end = strstr(table, "</table>");
    size_t screen = count_of(table, end, "<tr class=\"only-screen\"><th scope=\"row\"><a href=\"#own-"), paper = count_of(table, end, "<tr><th scope=\"row\"><a href=\"#own-");
    assert_int_equal(paper, 12);
    assert_true(screen > 0);
    assert_int_equal(count_of(table, end, "<tr class=\"only-print\">"), 1);
    const char *others = strstr(table, "<tr class=\"only-print\">");
    long long told = 0;
    for (const char *row = table; (row = strstr(row, "<tr><th scope=\"row\"><a href=\"#own-")) != NULL && row < end; row++)
        told += cell(row, "<tr>", "<tr>", 7);
    assert_int_equal(told + cell(others, "only-print", "only-print", 7), cell(page, "What needs action, by its first day", "All owners", 7));
    has(page, "All owners: <code>certsweep report ownership");
    free(page);
}

/* Whatever the summary says must be renewed within a week, the document and the owner's letter say, too. */
static void what_the_summary_renews_the_document_tells(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    world_serve_month(db);
    assert_int_equal(test_number(db, "SELECT count(*) FROM finding f JOIN certificate_now n USING (certificate) WHERE n.name LIKE 'month.%' AND f.rule IN ('C05', 'C06', 'C07')"), 0);
    long long overdue = test_number(db, "SELECT overdue FROM renewals_due('{}', NULL, 0) WHERE is_total");
    long long ended = test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf AND place_count > 0 AND not_after < (SELECT as_of FROM report_as_of)");
    long long week = test_number(db, "SELECT week FROM renewals_due('{}', NULL, 0) WHERE is_total");
    char *page = written(db, &(struct document_options){.written_by = "certsweep"});
    char *lead = xstrdup(strstr(page, "<p class=\"lead\">"));
    *strstr(lead, "</p>") = '\0';
    char *late = xasprintf("%s past the last safe day to renew", overdue - ended == 1 ? "certificate is" : "certificates are");
    char *told = xasprintf("%s must be renewed within a week", week == 1 ? "one" : "two");
    has(lead, late);
    has(lead, told);
    char *again = strstr(lead, " within a week");
    if (strstr(again + 1, " within a week") != NULL)
        fail_msg("told twice: %s", lead);           /* all that must be handled are renewals */
    free(late);
    free(lead);
    free(told);
    has(page, "<section class=\"rule whole\" id=\"renewal\">");
    has(strstr(page, "id=\"renewal\""), "month.<wbr>parks.<wbr>example.<wbr>gov");
    has(strstr(page, "What needs action, by owner"), "<a href=\"#renewal\">To be renewed</a>");
    told = xasprintf("<p>%lld findings of", (long long)test_number(db, "SELECT sum(count) FROM now_count WHERE site = 0 AND subject = 'severity'"));
    has(page, told);                            /* a renewal is none */
    free(told);
    free(page);
}

/* A record whose place no scan has asked, and one that names none, are not known, and the list of records says why. */
static void records_without_an_answer_are_not_known(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *text = NULL;
    size_t len = 0;
    char *before = written(db, &(struct document_options){.written_by = "x"});
    const char *none = strstr(before, "id=\"unknown\"");
    has_not(none, "1 record");
    free(before);
    world_record(db, "CN=unasked.parks.example.gov", 90);
    fixture_sql(db, "INSERT INTO managed_location (record, address, port) SELECT max(id), '203.0.113.9', 443 FROM managed_record");
    world_record(db, "CN=nowhere.parks.example.gov", 91);
    if (!reconcile_run(db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    char *page = written(db, &(struct document_options){.written_by = "x"});
    const char *unknown = strstr(page, "id=\"unknown\"");
    has(unknown, "1 record is not judged: no scan has asked its place, as far as is known: what db prune has forgotten is not");
    has_not(unknown, "for too long");
    has(unknown, "1 record could not be placed: it names no place");
    has_not(unknown, "Everything that was found was judged");
    free(page);
    FILE *out = open_memstream(&text, &len);
    if (!report_write(report_find("recorded"), &(struct report_options){.filter = "{}"}, db, &render_csv, out, NULL, &err))
        fail_msg("%s", err.text);
    fclose(out);
    has(text, "no scan has asked its place, as far as is known");
    has(text, "its record names no place");
    free(text);
}

/* Last: it empties the inventory. */
static void what_was_not_judged_is_no_zero(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    test_cluster_empty(cluster);
    fixture_sql(cluster->db, "TRUNCATE certificate_now, endpoint_judged, record_judged, finding, now_count; DELETE FROM managed_import; "
                             "DELETE FROM managed_source; DELETE FROM decision");
    char *page = written(cluster->db, &(struct document_options){.written_by = "x"});
    has(page, "nothing can be said");
    has_not(page, "Nothing needs action.");
    free(page);
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=alone.example"});
    fixture_serve(cluster->db, &(struct fixture_served){.address = "127.60.9.1", .chain = {made}});
    cert_make_free(made);
    if (!reconcile_run(cluster->db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    page = written(cluster->db, &(struct document_options){.written_by = "x"});
    has(page, "was not judged: no list of managed certificates was imported");
    assert_int_equal(cell(page, "Certificates of each owner", "All owners", 2), -1);
    assert_int_equal(cell(page, "Certificates of each owner", "Nobody named yet", 3), -1);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sums_are_those_of_the_inventory),
        cmocka_unit_test(what_is_to_handle_is_counted_as_the_glossary_says),
        cmocka_unit_test(it_says_how_bad_it_is_and_whose),
        cmocka_unit_test(the_title_has_the_month_of_the_day),
        cmocka_unit_test(nothing_is_drawn_of_nothing),
        cmocka_unit_test(what_is_over_is_not_due),
        cmocka_unit_test(the_worst_are_of_different_rules),
        cmocka_unit_test(the_worst_tell_their_day_and_how_many_are_alike),
        cmocka_unit_test(what_is_settled_is_not_among_the_worst),
        cmocka_unit_test(the_kinds_of_what_is_due_add_up),
        cmocka_unit_test(what_no_server_shows_is_to_be_renewed),
        cmocka_unit_test(evidence_is_brief),
        cmocka_unit_test(a_site_is_told_alone),
        cmocka_unit_test(a_matter_of_the_policy_is_told_once),
        cmocka_unit_test(what_is_seen_of_each_is_said_once),
        cmocka_unit_test(an_owner_is_told_alone),
        cmocka_unit_test(an_owners_places_are_theirs_alone),
        cmocka_unit_test(a_former_spelling_finds_the_owner),
        cmocka_unit_test(a_long_name_leaves_room_for_others),
        cmocka_unit_test(the_same_facts_give_the_same_bytes),
        cmocka_unit_test(many_owners_leave_room_on_paper),
        cmocka_unit_test(what_the_summary_renews_the_document_tells),
        cmocka_unit_test(records_without_an_answer_are_not_known),
        cmocka_unit_test(a_sites_document_tells_what_its_list_counts),
        cmocka_unit_test(what_was_not_judged_is_no_zero),
    };
    return cmocka_run_group_tests(tests, world_setup, test_cluster_teardown);
}
