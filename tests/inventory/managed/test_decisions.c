/* decisions.h: filters, what they find, undo, licences, inheritance, a file there and back. */
#include "inventory/managed/decisions.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory_managed_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct db *db;
static struct made_cert *leaves[8];

static void run(void)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW};
    assert_true(clock_parse_us("2026-02-01", &options.present_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

static void expect(const char *sql, const char *rows)
{
    char *found = test_rows(db, sql);
    if (strcmp(found, rows) != 0)
        fail_msg("%s\nfound:\n%swanted:\n%s", sql, found, rows);
    free(found);
}

static const char records[] = "SELECT name, record, record_step FROM certificate_now WHERE is_leaf ORDER BY 1, 2";

static void serve(size_t at, const char *address, const struct made_cert *leaf)
{
    leaves[at] = (struct made_cert *)leaf;
    int64_t id = fixture_serve(db, &(struct fixture_served){.address = address, .from = "2026-01-15", .chain = {leaf}});
    char *dirty = xasprintf("INSERT INTO dirty VALUES (2, %lld)", (long long)id);
    fixture_sql(db, dirty);
    free(dirty);
}

static int world(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    serve(0, "127.61.1.1", cert_make(&(struct cert_recipe){.subject = "CN=a.parks.example"}));
    serve(1, "127.61.1.2", cert_make(&(struct cert_recipe){.subject = "CN=b.parks.example"}));
    serve(2, "127.61.2.1", cert_make(&(struct cert_recipe){.subject = "CN=c.dmv.example"}));
    serve(3, "127.61.2.2", cert_make(&(struct cert_recipe){.subject = "CN=c.dmv.example"}));
    fixture_sql(db, "INSERT INTO managed_source (name) VALUES ('ca'); INSERT INTO managed_import (source, imported_at, files, record_count, bad_count) "
                    "VALUES (1, '2026-01-02', '{ca.csv}', 1, 0); INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, "
                    "common_name) VALUES (1, 'key', '2026-01-02', 'ca.csv', 7, '{}', '{}', 'else.example'); "
                    "INSERT INTO owner_import (file, rule_count) VALUES ('o.csv', 1); INSERT INTO owner_rule (import, line, name_suffix, owner, contacts, text) "
                    "VALUES (1, 2, 'parks.example', 'Parks', '{}', 'p'), (1, 3, 'dmv.example', 'DMV', '{}', 'd')");
    run();
    return 0;
}

static int world_end(void **state)
{
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
        cert_make_free(leaves[i]);
    return test_cluster_teardown(state);
}

/* Conditions, separated by blanks; gives how many certificates were decided, or -1 where it was refused. */
static int64_t decide(const char *kind, const char *conditions, struct decision_made made, struct error *err)
{
    struct decision_filter filter = {0};
    char *copy = xstrdup(conditions), *rest = copy, *one, id[32];
    int64_t count = -1;
    made.kind = kind;
    made.reason = "because";
    made.who = "ann";
    bool ok = true;
    while (ok && (one = strsep(&rest, " ")) != NULL)
        ok = strchr(one, '=') == NULL ? decision_filter_subject(&filter, one, err) : decision_filter_add(&filter, one, err);
    if (!ok || !decisions_begin(db, &filter, &made, id, err) || !decisions_make(db, id, &made, &count, err))
        count = -1;
    decision_filter_clear(&filter);
    free(copy);
    fixture_sql(db, "UPDATE decision SET made_at = '2026-01-20' WHERE made_at > '2026-02-01'; "
                    "UPDATE decision_filter SET made_at = '2026-01-20' WHERE made_at > '2026-02-01'");
    return count;
}

static void undo(const char *number)
{
    struct error err = {0};
    const char *params[] = {number, NULL, "bob", NULL, NULL};
    if (!db_exec_params(db, SQL_DECISION_UNDO, 5, params, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "UPDATE decision SET undone_at = '2026-01-25' WHERE undone_at > '2026-02-01'");
}

static void a_condition_names_what_is_wrong_with_it(void **state)
{
    (void)state;
    static const struct { const char *conditions, *text; } cases[] = {
        {"colour=red", "fields are sha256"}, {"time=soon", "expected one of ok, renewal due"}, {"owner=a owner=b", "given twice"},
        {"network=10.0.0.300", "an address or a prefix"}, {"network=10.1.0.1-10.1.0.9", "an address or a prefix"}, {"name=", "has no value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        assert_int_equal(decide("accept", cases[i].conditions, (struct decision_made){0}, &err), -1);
        if (err.kind != ERROR_USAGE || strstr(err.text, cases[i].text) == NULL)
            fail_msg("%s: %s", cases[i].conditions, err.text);
    }
}

static void a_filter_decides_of_what_it_finds_and_no_more(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(decide("accept", "owner=park* network=127.61.1.0/24", (struct decision_made){0}, &err), 2);
    assert_int_equal(decide("accept", "owner=parks", (struct decision_made){0}, &err), 0);        /* they are so already */
    assert_int_equal(decide("ignore", "127.61.2.1", (struct decision_made){0}, &err), 1);
    assert_int_equal(decide("mute", "b.parks.example", (struct decision_made){.until = "2099-01-01"}, &err), 1);
    run();
    expect(records, "a.parks.example|accepted|R-accepted\nb.parks.example|accepted|R-accepted\nc.dmv.example|ignored|R-ignored\n"
                    "c.dmv.example|unmanaged|R-unmatched\n");
    expect("SELECT name FROM certificate_now WHERE muted_until IS NOT NULL", "b.parks.example\n");
    expect("SELECT action, count(*) FROM next_step GROUP BY 1 ORDER BY 1", "accepted|2\nignored|1\nmanage|1\n");
    undo("3");
    run();
    expect("SELECT count(*) FROM certificate_now WHERE record = 'ignored'", "0\n");
}

/* Reports print a place with its port, its server name and its site, and a file with its host. */
static void a_place_is_meant_as_reports_print_it(void **state)
{
    (void)state;
    fixture_sql(db, "INSERT INTO endpoint (site, transport, address, port, server_name, zone, prefix) SELECT site, transport, '2001:db8::1', 8443, 'b.parks.example', '', '2001:db8::/120' FROM endpoint "
                    "WHERE address = '127.61.1.2'; INSERT INTO endpoint_judged SELECT (j).* FROM (SELECT jsonb_populate_record(j, jsonb_build_object('endpoint', "
                    "(SELECT id FROM endpoint WHERE address = '2001:db8::1'))) AS j FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint WHERE "
                    "e.address = '127.61.1.2') x; INSERT INTO file_place (site, host, path, inside, key) SELECT id, 'web1', '/etc/ssl/c d.pem', 'x', gen_random_uuid() FROM site WHERE "
                    "name = 'default'; INSERT INTO file_judged SELECT p.id, n.certificate, p.site FROM file_place p, certificate_now n WHERE n.name = "
                    "'a.parks.example'");
    static const struct { const char *subject, *name; } cases[] = {
        {"127.61.1.1:443", "a.parks.example\n"}, {"default 127.61.1.1:443", "a.parks.example\n"}, {"north 127.61.1.1:443", ""}, {"127.61.1.1:8443", ""},
        {"[2001:db8::1]:8443", "b.parks.example\n"}, {"[2001:db8::1]:8443 (b.parks.example)", "b.parks.example\n"}, {"2001:db8::1", "b.parks.example\n"},
        {"default [2001:db8::1]:8443 (B.parks.example)", "b.parks.example\n"}, {"[2001:db8::1]:8443 (c.dmv.example)", ""}, {"[2001:db8::1]:443", ""},
        {"web1:/etc/ssl/c d.pem", "a.parks.example\n"}, {"default web1:/etc/ssl/c d.pem!x", "a.parks.example\n"}, {"north web1:/etc/ssl/c d.pem", ""},
        {"web2:/etc/ssl/c d.pem", ""}, {"web1:/etc/ssl", ""}, {"a.parks.example", "a.parks.example\n"}, {"127.61.1.1:99999", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        struct decision_filter filter = {0};
        struct decision_made made = {.kind = "accept", .reason = "because", .who = "ann"};
        char id[32];
        if (!decision_filter_subject(&filter, cases[i].subject, &err) || !decisions_begin(db, &filter, &made, id, &err))
            fail_msg("%s: %s", cases[i].subject, err.text);
        char *found = test_rows(db, "SELECT DISTINCT n.name FROM decision_filter f, certificate_now n WHERE f.id = (SELECT max(id) FROM decision_filter) AND filter_finds(f, n)");
        if (strcmp(found, cases[i].name) != 0)
            fail_msg("%s: found %s", cases[i].subject, found);
        free(found);
        db_rollback(db);
        decision_filter_clear(&filter);
    }
    fixture_sql(db, "DELETE FROM endpoint_judged WHERE endpoint = (SELECT id FROM endpoint WHERE address = '2001:db8::1'); DELETE FROM endpoint WHERE "
                    "address = '2001:db8::1'; DELETE FROM file_judged; DELETE FROM file_place");
}

/* Writes the decisions as the command does, and reads them into an empty table. */
static void there_and_back(void)
{
    static const char *const all[] = {"true"};
    struct error err = {0};
    struct decision_sink sink = {0};
    struct decision_account account;
    struct db_result *rows = db_query(db, SQL_DECISIONS_LIST, 1, all, &err);
    assert_non_null(rows);
    char path[] = "/tmp/certsweep-decisions-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    for (size_t column = 0; column < db_columns(rows); column++)
        fprintf(file, "%s%s", column == 0 ? "" : ",", db_column_name(rows, column));
    for (size_t row = 0; row < db_rows(rows); row++)
        for (size_t column = 0; column < db_columns(rows); column++)
            fprintf(file, "%s%s", column == 0 ? "\n" : ",", db_value(rows, row, column) == NULL ? "" : db_value(rows, row, column));
    fclose(file);
    db_result_destroy(rows);
    fixture_sql(db, "DELETE FROM decision");
    assert_true(decisions_import(db, path, &sink, &account, &err));
    assert_int_equal(account.faults, 0);
    remove(path);
}

static void a_day_is_meant_whole_and_where_the_policy_is(void **state)
{
    (void)state;
    struct error err = {0};
    static const char until[] = "SELECT until FROM decision ORDER BY id", ends[] = "2099-07-02 06:59:59+00\n2099-12-31 12:00:00+00\n";
    char *kept = test_rows(db, "SELECT count(*) FROM decision_open");
    assert_string_equal(kept, "0\n");
    free(kept);
    assert_int_equal(decide("accept", "127.61.2.2", (struct decision_made){.until = "2099-12-31"}, &err), 1);
    expect(until, "2099-12-31 23:59:59+00\n");
    char *text = decisions_until(db, "2099-12-31", &err);
    assert_string_equal(text, "the end of 2099-12-31 (UTC)");
    free(text);
    fixture_sql(db, "DELETE FROM decision; INSERT INTO policy (name, sha256, text, document) VALUES ('z', 'z', '', '{\"zone\": \"America/Los_Angeles\"}'); "
                    "INSERT INTO policy_use (policy) SELECT id FROM policy WHERE name = 'z'");
    assert_int_equal(decide("accept", "127.61.2.2", (struct decision_made){.until = "2099-07-01"}, &err), 1);
    assert_int_equal(decide("mute", "127.61.2.2", (struct decision_made){.until = "2099-12-31T12:00Z"}, &err), 1);
    expect(until, ends);
    there_and_back();
    expect(until, ends);
    run();
    expect("SELECT axes_what, s.act_by IS NOT NULL, s.what FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.record = "
           "'accepted' AND n.name = 'c.dmv.example'",
           "None: accepted by ann until 2099-07-01|t|Replace it with a certificate of your own or an approved CA; nobody can tell it from an "
           "impostor's (accepted by ann until 2099-07-01)\n");
    /* its end comes all the same, and then it is not renewed: the same issuer would come back; a weak key is not taken over */
    fixture_sql(db, "UPDATE certificate_now SET time = 'expiring' WHERE name = 'c.dmv.example' AND record = 'accepted'");
    expect("SELECT action FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'c.dmv.example' AND n.time = "
           "'expiring'", "replace\n");
    fixture_sql(db, "UPDATE certificate_now SET time = 'ok', record = 'unmanaged', severity_rank = 2, worst_rule = 'K02' WHERE name = 'c.dmv.example' AND time = 'expiring'");
    expect("SELECT action FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'c.dmv.example' AND n.worst_rule = 'K02'", "rule\n");
    text = decisions_until(db, "2099-07-01", &err);
    assert_string_equal(text, "the end of 2099-07-01 (America/Los_Angeles)");
    free(text);
    text = decisions_until(db, "2099-07-01 09:00", &err);
    assert_string_equal(text, "2099-07-01T09:00:00Z");
    free(text);
    assert_null(decisions_until(db, "2020-01-01", &err));
    assert_non_null(strstr(err.text, "is over already"));
    assert_null(decisions_until(db, "soon", &err));
    fixture_sql(db, "DELETE FROM decision");
}

static void a_standing_filter_decides_of_later_ones(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(decide("accept", "name=*.camera.example", (struct decision_made){.is_standing = true, .until = "2099-01-01"}, &err), 0);
    serve(4, "127.61.3.1", cert_make(&(struct cert_recipe){.subject = "CN=k1.camera.example"}));
    run();
    expect("SELECT record, record_step FROM certificate_now WHERE name = 'k1.camera.example'", "accepted|R-accepted\n");
}

static void a_renewal_inherits_adoption_and_its_licence_but_no_acceptance(void **state)
{
    (void)state;
    struct error err = {0};
    fixture_sql(db, "INSERT INTO policy (name, sha256, text, document) VALUES ('p', 'p', '', '{\"licences\": 1}'); INSERT INTO policy_use (policy) "
                    "SELECT id FROM policy WHERE name = 'p'");
    /* one of no other CA is not adopted, and takes no licence */
    assert_int_equal(decide("adopt", "127.61.2.2", (struct decision_made){0}, &err), 0);
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=Other CA", .is_ca = 1});
    serve(5, "127.61.5.1", cert_make(&(struct cert_recipe){.subject = "CN=d.dmv.example", .issuer = ca}));
    serve(6, "127.61.5.2", cert_make(&(struct cert_recipe){.subject = "CN=e.dmv.example", .issuer = ca}));
    run();
    fixture_sql(db, "UPDATE certificate_now SET issuer = 'own' WHERE name = 'd.dmv.example'");
    assert_int_equal(decide("adopt", "d.dmv.example", (struct decision_made){0}, &err), 0);
    fixture_sql(db, "UPDATE certificate_now SET issuer = 'not judged' WHERE name = 'd.dmv.example'");
    assert_int_equal(decide("adopt", "name=d.dmv.example", (struct decision_made){0}, &err), 1);
    serve(7, "127.61.5.3", cert_make(&(struct cert_recipe){.subject = "CN=d.dmv.example", .issuer = ca, .not_before = "20260120000000Z"}));
    run();
    expect("SELECT record_step, count(*) FROM certificate_now WHERE name = 'd.dmv.example' GROUP BY 1 ORDER BY 1", "R-adopted|2\n");
    expect("SELECT count(*) FROM decision WHERE inherited_from IS NOT NULL", "1\n");
    char *licences = decisions_licences(db, &err);
    assert_string_equal(licences, "licences 1 of 1 used; 0 foreign found");
    free(licences);
    assert_int_equal(decide("adopt", "127.61.5.2", (struct decision_made){0}, &err), -1);
    assert_non_null(strstr(err.text, "the policy has 1 licence, 1 is used, and this would use 1 more"));
    /* the next step does not advise what is refused */
    static const char step[] = "SELECT count(*) FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'e.dmv.example' AND "
                               "s.axes_what LIKE ";
    char *refused = xasprintf("%s'%%no licence of the policy is left%%'", step), *advised = xasprintf("%s'%%managed adopt %%--reason%%'", step);
    expect(refused, "1\n");
    expect(advised, "0\n");
    fixture_sql(db, "UPDATE policy SET document = '{\"licences\": 2}' WHERE name = 'p'");
    expect(refused, "0\n");
    expect(advised, "1\n");
    fixture_sql(db, "UPDATE policy SET document = '{\"licences\": 1}' WHERE name = 'p'");
    free(refused);
    free(advised);
    cert_make_free(ca);
    undo("6");                          /* and with it what was inherited */
    run();
    expect("SELECT count(*) FROM certificate_now WHERE record_step = 'R-adopted'", "0\n");
}

/* A place shows the renewal in place of the adopted one, which is served nowhere any more and so has no owner by its place. */
static void a_renewal_inherits_at_its_place(void **state)
{
    (void)state;
    struct error err = {0};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=Another CA", .is_ca = 1});
    struct made_cert *older = cert_make(&(struct cert_recipe){.subject = "CN=nobodys.example", .issuer = ca, .not_before = "20260101000000Z"});
    struct made_cert *newer = cert_make(&(struct cert_recipe){.subject = "CN=nobodys.example", .issuer = ca, .not_before = "20260120000000Z"});
    fixture_serve(db, &(struct fixture_served){.address = "127.61.4.1", .from = "2026-01-05", .chain = {older}});
    run();
    assert_int_equal(decide("adopt", "127.61.4.1", (struct decision_made){0}, &err), 1);
    fixture_sql(db, "UPDATE answer_span SET closed_at = '2026-01-22' WHERE endpoint = (SELECT id FROM endpoint WHERE address = '127.61.4.1')");
    fixture_serve(db, &(struct fixture_served){.address = "127.61.4.1", .from = "2026-01-22", .chain = {newer}});
    run();
    expect("SELECT not_before::date, place_count, record_step FROM certificate_now WHERE name = 'nobodys.example' ORDER BY 1",
           "2026-01-01|0|R-adopted\n2026-01-20|1|R-adopted\n");
    cert_make_free(newer);
    cert_make_free(older);
    cert_make_free(ca);
}

/* An export without serial numbers: what the ladder only suggests is linked at once, each to its own record. */
static void the_latest_decision_holds_and_a_repeat_is_none(void **state)
{
    (void)state;
    struct error err = {0};
    char *before = test_rows(db, "SELECT coalesce(max(id), 0) FROM decision");
    assert_int_equal(decide("ignore", "127.61.2.1", (struct decision_made){0}, &err), 1);
    assert_int_equal(decide("accept", "127.61.2.1", (struct decision_made){0}, &err), 1);
    assert_int_equal(decide("accept", "127.61.2.1", (struct decision_made){0}, &err), 0);
    assert_int_equal(decide("ignore", "127.61.2.1", (struct decision_made){0}, &err), 1);     /* of another kind since: no repeat */
    run();
    expect("SELECT record_step FROM certificate_now n JOIN endpoint_judged j USING (certificate) JOIN endpoint e ON e.id = j.endpoint "
           "WHERE e.address = '127.61.2.1'", "R-ignored\n");
    char *clear = xasprintf("DELETE FROM decision WHERE id > %s", before);
    fixture_sql(db, clear);
    fixture_sql(db, "INSERT INTO dirty SELECT 2, id FROM endpoint WHERE address = '127.61.2.1'");
    run();
    free(clear);
    free(before);
}

static void suggestions_are_linked_at_once(void **state)
{
    (void)state;
    struct error err = {0};
    struct made_cert *one = cert_make(&(struct cert_recipe){.subject = "CN=one.export.example"});
    struct made_cert *two = cert_make(&(struct cert_recipe){.subject = "CN=two.export.example"});
    struct made_cert *other = cert_make(&(struct cert_recipe){.subject = "CN=other.export.example"});
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, common_name) VALUES "
                    "(1, 'one', '2026-01-02', 'ca.csv', 8, '{}', '{}', 'one.export.example'), (1, 'two', '2026-01-02', 'ca.csv', 9, '{}', '{}', 'two.export.example')");
    const struct made_cert *const served[] = {one, two, other};
    static const char *const addresses[] = {"127.61.6.1", "127.61.6.2", "127.61.6.3"};
    for (size_t i = 0; i < 3; i++)
        fixture_serve(db, &(struct fixture_served){.address = addresses[i], .from = "2026-01-15", .chain = {served[i]}});
    run();
    expect("SELECT record_step, count(*) FROM certificate_now WHERE name LIKE '%.export.example' GROUP BY 1 ORDER BY 1", "R-common-name|2\nR-unmatched|1\n");
    assert_int_equal(decide("link", "name=*.export.example", (struct decision_made){.record = "all"}, &err), -1);
    assert_non_null(strstr(err.text, "expected the number of a record"));
    assert_int_equal(decide("link", "name=*.export.example", (struct decision_made){.record = RECORD_SUGGESTED}, &err), 2);
    run();
    expect("SELECT n.name, n.record, n.record_step, r.common_name FROM certificate_now n LEFT JOIN managed_record r ON r.id = n.record_id "
           "WHERE n.name LIKE '%.export.example' ORDER BY 1",
           "one.export.example|managed|R-linked|one.export.example\nother.export.example|unmanaged|R-unmatched|\n"
           "two.export.example|managed|R-linked|two.export.example\n");
    assert_int_equal(decide("link", "name=*.export.example", (struct decision_made){.record = RECORD_SUGGESTED}, &err), 0);
    cert_make_free(one);
    cert_make_free(two);
    cert_make_free(other);
}

/* The certificate is not muted: other rules' notices are sent. */
static void a_mute_may_be_of_one_rule(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(decide("mute", "name=a.parks.example", (struct decision_made){.rule = "c06"}, &err), 1);
    run();
    expect("SELECT rule FROM decision_open WHERE kind = 'mute' AND sha256 = (SELECT sha256 FROM certificate_now WHERE name = 'a.parks.example')", "C06\n");
    expect("SELECT count(*) FROM certificate_now WHERE name = 'a.parks.example' AND muted_until IS NOT NULL", "0\n");
    assert_int_equal(decide("mute", "name=a.parks.example", (struct decision_made){.rule = "C06"}, &err), 0);
    assert_int_equal(decide("mute", "name=a.parks.example", (struct decision_made){.rule = "C05"}, &err), 1);
    assert_int_equal(decide("mute", "name=a.parks.example", (struct decision_made){0}, &err), 1);
    assert_int_equal(decide("mute", "name=a.parks.example", (struct decision_made){.rule = "C06"}, &err), 0);      /* nothing is sent anyway */
    run();
    expect("SELECT count(*) FROM certificate_now WHERE name = 'a.parks.example' AND muted_until IS NOT NULL", "1\n");
}

static void ignore_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)file;
    (void)text;
    *(size_t *)context = line;
}

static void a_link_and_a_file_of_decisions(void **state)
{
    (void)state;
    struct error err = {0};
    size_t faulty_line = 0;
    struct decision_sink sink = {.fault = ignore_fault, .context = &faulty_line};
    struct decision_account account;
    assert_int_equal(decide("link", "127.61.2.1", (struct decision_made){.record = "99"}, &err), -1);
    assert_non_null(strstr(err.text, "no such record"));
    assert_int_equal(decide("link", "127.61.2.1", (struct decision_made){.record = "1"}, &err), 1);
    run();
    expect("SELECT DISTINCT record, record_id FROM certificate_now WHERE record_step = 'R-linked' AND name = 'c.dmv.example'", "managed|1\n");
    fixture_sql(db, "UPDATE decision SET made_at = date_trunc('second', made_at) + interval '0.75 s'");       /* a file has no fractions */
    char path[] = "/tmp/certsweep-decisions-XXXXXX", *before = test_rows(db, "SELECT kind, sha256, reason, who, until, record_key, rule FROM decision_open ORDER BY id");
    int descriptor = mkstemp(path);
    FILE *file = fdopen(descriptor, "w");
    fputs("kind,sha256,reason,who,made_at,until,source,record_key,rule,undone_at\n", file);
    char *rows = test_rows(db, "SELECT concat_ws(',', d.kind, encode(d.sha256, 'hex'), d.reason, d.who, to_char(d.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), coalesce(to_char(d.until AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ''), coalesce(s.name, ''), "
                               "coalesce(encode(d.record_key, 'hex'), ''), coalesce(d.rule, ''), '') FROM decision_open d LEFT JOIN managed_source s ON s.id = d.source ORDER BY d.id");
    fprintf(file, "%saccept,beef,short hash,ann,2026-01-01,,,,,\n", rows);
    fclose(file);
    assert_true(decisions_import(db, path, &sink, &account, &err));
    assert_int_equal(account.added, 0);         /* all are there */
    assert_int_equal(account.faults, 1);
    assert_int_equal(account.without_subject + account.without_source, 0);
    assert_true(faulty_line > 2);
    fixture_sql(db, "DELETE FROM decision");
    assert_true(decisions_import(db, path, &sink, &account, &err));
    expect("SELECT kind, sha256, reason, who, until, record_key, rule FROM decision_open ORDER BY id", before);
    /* In another inventory: a certificate and a record that it does not have, and a source. */
    file = fopen(path, "w");
    fputs("kind,sha256,name,reason,who,made_at,source,record_key\n", file);
    fprintf(file, "accept,%064d,z.example,elsewhere,ann,2026-01-01,,\n", 0);
    char *hash = test_rows(db, "SELECT encode(sha256, 'hex') FROM certificate ORDER BY id LIMIT 1"), *source = test_rows(db, "SELECT name FROM managed_source LIMIT 1");
    fprintf(file, "link,%.64s,a.example,elsewhere,ann,2026-01-01,%.*s,beef\n", hash, (int)strcspn(source, "\n"), source);
    fprintf(file, "link,%.64s,a.example,elsewhere,ann,2026-01-02,nowhere,beef\n", hash);
    fclose(file);
    fixture_sql(db, "DELETE FROM decision");
    assert_true(decisions_import(db, path, &sink, &account, &err));
    assert_int_equal(account.added, 2);
    assert_int_equal(account.without_subject, 2);
    assert_int_equal(account.without_source, 1);
    assert_int_equal(faulty_line, 4);
    assert_int_equal(account.faults, 0);
    fixture_sql(db, "DELETE FROM decision");
    remove(path);
    free(hash);
    free(source);
    free(rows);
    free(before);
}

/* As a decision is made by a name, it is taken back by one, with a reason. */
static void what_was_decided_is_taken_back_by_name(void **state)
{
    (void)state;
    struct error err = {0};
    struct made_cert *made[2] = {cert_make(&(struct cert_recipe){.subject = "CN=back.example"}), cert_make(&(struct cert_recipe){.subject = "CN=stays.example"})};
    for (size_t i = 0; i < 2; i++) {
        char *id = xasprintf("%lld", (long long)fixture_made(db, made[i]));
        assert_true(db_exec_params(db, "INSERT INTO decision (kind, sha256, reason, who) SELECT 'accept', sha256, 'so', 'ann' FROM certificate WHERE id = $1::bigint", 1,
                                   (const char *[]){id}, &err));
        free(id);
        cert_make_free(made[i]);
    }
    run();                              /* which reads their names */
    static const struct { const char *name; long long count; } asked[] = {{"BACK.example", 1}, {"back.example", 0}, {"*tays.exampl?", 1}};
    for (size_t i = 0; i < 3; i++) {
        struct db_result *rows = db_query(db, SQL_DECISION_UNDO, 5, (const char *[]){NULL, NULL, "bob", asked[i].name, "no longer so"}, &err);
        assert_non_null(rows);
        assert_int_equal(db_int(rows, 0, 0), asked[i].count);
        db_result_destroy(rows);
    }
    assert_int_equal(test_number(db, "SELECT count(*) FROM decision WHERE who = 'ann' AND undone_by = 'bob' AND undone_reason = 'no longer so' AND undone_at IS NOT NULL"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_names_what_is_wrong_with_it),
        cmocka_unit_test(a_filter_decides_of_what_it_finds_and_no_more),
        cmocka_unit_test(a_place_is_meant_as_reports_print_it),
        cmocka_unit_test(a_standing_filter_decides_of_later_ones),
        cmocka_unit_test(a_renewal_inherits_adoption_and_its_licence_but_no_acceptance),
        cmocka_unit_test(a_renewal_inherits_at_its_place),
        cmocka_unit_test(the_latest_decision_holds_and_a_repeat_is_none),
        cmocka_unit_test(suggestions_are_linked_at_once),
        cmocka_unit_test(a_mute_may_be_of_one_rule),
        cmocka_unit_test(a_link_and_a_file_of_decisions),
        cmocka_unit_test(a_day_is_meant_whole_and_where_the_policy_is),
        cmocka_unit_test(what_was_decided_is_taken_back_by_name),
    };
    return cmocka_run_group_tests(tests, world, world_end);
}
