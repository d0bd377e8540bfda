/* report changes: every kind of it, once. A renewal, another CA, other names, a move, which is one row and not a going and a coming, what went, what came
 * back, and what a newer one has superseded. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/render.h"
#include "reports/report_filter.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdlib.h>
#include <string.h>

static struct db *db;
static struct made_cert *ca, *other_ca;

static struct made_cert *made(const char *subject, struct made_cert *issuer, const char *not_after)
{
    return cert_make(&(struct cert_recipe){.subject = subject, .issuer = issuer, .not_before = "20251201000000Z", .not_after = not_after});
}

/* Served from the middle of January; until 1 March, where it is closed. */
static int64_t serve(const char *site, const char *address, struct made_cert *cert, const char *from, bool is_closed)
{
    return fixture_serve(db, &(struct fixture_served){.site = site, .address = address, .from = from, .to = is_closed ? "2026-02-28" : "2026-03-02",
                                                      .closed = is_closed ? "2026-03-01" : NULL, .chain = {cert}});
}

/* An event of 1 March, with the chains as the loader notes them: both of a change, else none. */
static void happen(int64_t endpoint, const char *kind, const char *time)
{
    char id[24];
    struct error err = {0};
    snprintf(id, sizeof id, "%lld", (long long)endpoint);
    const char *params[] = {id, kind, time};
    if (!db_exec_params(db,
            "INSERT INTO event (endpoint, kind, time, variant, chain_before, chain_after) SELECT $1::bigint, $2, $3::timestamptz, 1, "
            "CASE WHEN $2 = 'changed' THEN (SELECT chain FROM answer_span WHERE endpoint = $1::bigint AND closed_at IS NOT NULL ORDER BY from_at DESC LIMIT 1) END, "
            "CASE WHEN $2 IN ('changed', 'new') THEN (SELECT chain FROM answer_span WHERE endpoint = $1::bigint AND closed_at IS NULL LIMIT 1) END",
            3, params, &err))
        fail_msg("%s", err.text);
}

static void change(const char *address, struct made_cert *before, struct made_cert *after)
{
    serve(NULL, address, before, "2026-01-15", true);
    happen(serve(NULL, address, after, "2026-03-01", false), "changed", "2026-03-01");
}

static void put(const char *path, const char *time, const struct made_cert *certificate)
{
    fixture_lie(db, &(struct fixture_lying){.path = path, .time = time, .certificate = certificate, .is_gone = certificate == NULL});
}

/* The same kinds for what lies in files. */
static void lie(void)
{
    struct made_cert *moved = made("CN=file-moved.example", ca, "20270101000000Z"), *back = made("CN=file-back.example", ca, "20270101000000Z");
    put("/a/new.pem", "2026-03-01", made("CN=file-new.example", ca, "20270101000000Z"));
    put("/a/renewed.pem", "2026-01-15", made("CN=file-renewed.example", ca, "20260601000000Z"));
    put("/a/renewed.pem", "2026-03-01", made("CN=file-renewed.example", ca, "20270601000000Z"));
    put("/a/replaced.pem", "2026-01-15", made("CN=file-before.example", ca, "20260601000000Z"));
    put("/a/replaced.pem", "2026-03-01", made("CN=file-after.example", ca, "20270601000000Z"));
    put("/a/from.pem", "2026-01-15", moved);
    put("/a/from.pem", "2026-03-01", NULL);
    put("/a/to.pem", "2026-03-01", moved);
    put("/a/gone.pem", "2026-01-15", made("CN=file-gone.example", ca, "20270101000000Z"));
    put("/a/gone.pem", "2026-03-01", NULL);
    put("/a/back.pem", "2026-01-10", back);
    put("/a/back.pem", "2026-01-20", NULL);
    put("/a/back.pem", "2026-03-01", back);
    put("/a/same.pem", "2026-01-15", moved);
    fixture_lie(db, &(struct fixture_lying){.path = "/usr/share/doc/x.pem", .time = "2026-03-01", .marks = 2,
                                            .certificate = made("CN=file-sample.example", ca, "20270101000000Z")});
}

static char *places_alone;

static int setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    ca = cert_make(&(struct cert_recipe){.subject = "O=Agency,CN=Agency CA", .is_ca = 1});
    other_ca = cert_make(&(struct cert_recipe){.subject = "O=Else,CN=Else CA", .is_ca = 1});
    struct made_cert *moved = made("CN=moved.example", ca, "20270101000000Z"), *twice = made("CN=twice.example", ca, "20270101000000Z");
    struct made_cert *far = made("CN=far.example", ca, "20270101000000Z"), *left = made("CN=left.example", ca, "20270101000000Z");

    happen(serve(NULL, "10.0.0.1", made("CN=fresh.example", ca, "20270101000000Z"), "2026-03-01", false), "new", "2026-03-01");
    struct error first = {0};
    if (!reconcile_run(db, NULL, NULL, &first))         /* while no other site is known */
        fail_msg("%s", first.text);
    places_alone = test_rows(db, "SELECT places FROM certificate_now WHERE places IS NOT NULL");
    change("10.0.0.2", made("CN=renewed.example", ca, "20260601000000Z"), made("CN=renewed.example", ca, "20270601000000Z"));
    /* another hello to it found the same right after */
    fixture_sql(db, "INSERT INTO event SELECT endpoint, kind, time + interval '20 seconds', 2, chain_before, chain_after, leaf_before, leaf_after FROM event WHERE kind = 'changed'");
    change("10.0.0.3", made("CN=swapped.example", ca, "20260601000000Z"), made("CN=swapped.example", other_ca, "20270601000000Z"));
    change("10.0.0.4", made("CN=before.example", ca, "20260601000000Z"), made("CN=after.example", ca, "20270601000000Z"));
    happen(serve(NULL, "10.0.0.5", moved, "2026-01-15", true), "gone", "2026-03-01");
    happen(serve(NULL, "10.0.0.6", moved, "2026-03-02", false), "new", "2026-03-02");
    happen(serve(NULL, "10.0.0.7", left, "2026-01-15", true), "gone", "2026-03-01");
    happen(serve(NULL, "10.0.0.8", made("CN=back.example", ca, "20270101000000Z"), "2026-03-01", false), "returned", "2026-03-01");
    serve(NULL, "10.0.0.9", made("CN=old.example", ca, "20270101000000Z"), "2026-01-15", false);
    /* one leaves, two come: one has moved, the other is new */
    happen(serve(NULL, "10.0.0.10", twice, "2026-01-15", true), "gone", "2026-03-01");
    happen(serve(NULL, "10.0.0.11", twice, "2026-03-01", false), "new", "2026-03-01");
    happen(serve(NULL, "10.0.0.12", twice, "2026-03-03", false), "new", "2026-03-03");
    /* at another site it is another place's certificate: no move */
    happen(serve(NULL, "10.0.0.13", far, "2026-01-15", true), "gone", "2026-03-01");
    happen(serve("far", "10.0.0.13", far, "2026-03-01", false), "new", "2026-03-01");
    /* it was renewed at one place, and gave way at another: no move */
    struct made_cert *rolled = made("CN=roll.example", ca, "20270601000000Z");
    change("10.0.0.15", made("CN=roll.example", ca, "20260601000000Z"), rolled);
    change("10.0.0.16", rolled, made("CN=else.example", ca, "20270601000000Z"));
    /* it came beside the other in an earlier run, and stays: no move */
    struct made_cert *both = made("CN=both.example", ca, "20270601000000Z");
    happen(serve(NULL, "10.0.0.17", both, "2026-02-10", false), "new", "2026-02-10");
    change("10.0.0.18", both, made("CN=next.example", ca, "20270601000000Z"));
    /* long ago */
    happen(serve(NULL, "10.0.0.14", made("CN=ago.example", ca, "20270101000000Z"), "2026-01-15", false), "new", "2026-01-15");
    lie();
    struct error err = {0};
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "UPDATE endpoint_judged SET deployment = 'superseded but served', deployment_since = '2026-03-01' "
                    "WHERE endpoint = (SELECT id FROM endpoint WHERE address = '10.0.0.9')");
    return 0;
}

static char rows[65536];

static void *keep_begin(const struct report *report, FILE *out)
{
    (void)report;
    (void)out;
    rows[0] = '\0';
    return NULL;
}

static size_t unfilled;         /* cells of the rows that are empty, though they are known */

/* Of each row the certificate is known: of what is gone, the one that was there; of what took another's place, both. */
static void count_unfilled(const char *const *values)
{
    static const char *const of_two[] = {"renewed", "issuer swapped", "replaced", "gone"};
    bool has_before = false;
    for (size_t i = 0; i < sizeof of_two / sizeof of_two[0]; i++)
        has_before |= strcmp(values[0], of_two[i]) == 0;
    for (size_t i = 5; i < 14; i++)     /* name, issuer, valid until and SHA-256, each with the one before */
        if (i != 11 && values[i] == NULL && (has_before || (i != 6 && i != 8 && i != 10 && i != 13))) {
            unfilled++;
            print_message("%s %s: column %zu is empty\n", values[0], values[3], i);
        }
}

/* change, site, places, moved from, name, name before where it is another */
static void keep_row(void *state, const char *const *values)
{
    (void)state;
    size_t len = strlen(rows);
    count_unfilled(values);
    snprintf(rows + len, sizeof rows - len, "%s|%s|%s|%s|%s|%s\n", values[0], values[2], values[3], values[4] == NULL ? "" : values[4],
             values[5] == NULL ? "" : values[5], values[6] == NULL || (values[5] != NULL && strcmp(values[5], values[6]) == 0) ? "" : values[6]);
}

static void keep_end(void *state, const struct render_end *end)
{
    (void)state;
    (void)end;
}

static char *next_page;

static void keep_end_of_page(void *state, const struct render_end *end)
{
    (void)state;
    next_page = end->next == NULL ? NULL : xstrdup(end->next);
}

static const struct renderer keep = {.name = "keep", .begin = keep_begin, .row = keep_row, .end = keep_end};

static void changes(const char *const *words)
{
    struct error err = {0};
    struct report_filter *filter = report_filter_create();
    for (size_t i = 0; words[i] != NULL; i += 2)
        if (!report_filter_set(filter, words[i], words[i + 1], &err))
            fail_msg("%s", err.text);
    const struct report_options options = {.filter = report_filter_text(filter), .sort = "places"};
    if (!report_write(report_find("changes"), &options, db, &keep, stderr, NULL, &err))
        fail_msg("%s", err.text);
    report_filter_destroy(filter);
}

static void each_kind_is_one_row(void **state)
{
    (void)state;
    changes((const char *const[]){"since", "2026-02-01", NULL});
    static const char *const wanted[] = {
        "new|default|10.0.0.1:443||fresh.example|\n",
        "renewed|default|10.0.0.2:443||renewed.example|\n",
        "issuer swapped|default|10.0.0.3:443||swapped.example|\n",
        "replaced|default|10.0.0.4:443||after.example|before.example\n",
        "moved|default|10.0.0.6:443|10.0.0.5:443|moved.example|\n",
        "gone|default|10.0.0.7:443||left.example|\n",
        "returned|default|10.0.0.8:443||back.example|\n",
        "superseded|default|10.0.0.9:443||old.example|\n",
        "moved|default|10.0.0.11:443|10.0.0.10:443|twice.example|\n",
        "new|default|10.0.0.12:443||twice.example|\n",
        "gone|default|10.0.0.13:443||far.example|\n",
        "new|far|10.0.0.13:443||far.example|\n",
        "renewed|default|10.0.0.15:443||roll.example|\n",
        "new|default|10.0.0.17:443||both.example|\n",
        "replaced|default|10.0.0.18:443||next.example|both.example\n",
        "replaced|default|10.0.0.16:443||else.example|roll.example\n",
        "new|default|web1:/a/new.pem||file-new.example|\n",
        "renewed|default|web1:/a/renewed.pem||file-renewed.example|\n",
        "replaced|default|web1:/a/replaced.pem||file-after.example|file-before.example\n",
        "moved|default|web1:/a/to.pem|web1:/a/from.pem|file-moved.example|\n",
        "gone|default|web1:/a/gone.pem||file-gone.example|\n",
        "returned|default|web1:/a/back.pem||file-back.example|\n",
    };
    size_t lines = 0;
    for (const char *at = rows; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(rows, wanted[i]) == NULL)
            fail_msg("missing: %sfound:\n%s", wanted[i], rows);
    if (lines != sizeof wanted / sizeof wanted[0])
        fail_msg("%zu rows:\n%s", lines, rows);
}

static void what_is_known_of_a_certificate_stands_in_each_row(void **state)
{
    (void)state;
    unfilled = 0;
    changes((const char *const[]){"since", "2026-02-01", NULL});
    assert_int_equal(unfilled, 0);
    unfilled = 0;           /* of what is nowhere any more, and is not judged any more */
    fixture_sql(db, "CREATE TABLE kept AS SELECT * FROM certificate_now WHERE name IN ('left.example', 'file-gone.example', 'before.example'); "
                    "DELETE FROM certificate_now n USING kept k WHERE k.certificate = n.certificate");
    changes((const char *const[]){"since", "2026-02-01", NULL});
    fixture_sql(db, "INSERT INTO certificate_now SELECT * FROM kept; DROP TABLE kept");
    assert_int_equal(unfilled, 0);
}

static void filters_narrow_it(void **state)
{
    (void)state;
    changes((const char *const[]){"since", "2026-02-01", "site", "far", NULL});
    assert_string_equal(rows, "new|far|10.0.0.13:443||far.example|\n");
    changes((const char *const[]){"since", "2026-02-01", "name", "swapped.example", NULL});
    assert_string_equal(rows, "issuer swapped|default|10.0.0.3:443||swapped.example|\n");
    changes((const char *const[]){"since", "2026-02-01", "network", "10.0.0.6/32", NULL});
    assert_string_equal(rows, "moved|default|10.0.0.6:443|10.0.0.5:443|moved.example|\n");
    changes((const char *const[]){"since", "2026-03-04", NULL});
    assert_string_equal(rows, "");
}

/* All pages of that many rows behind one another, in the list's own order. 0: one page of all. */
static char *pages_of(size_t size)
{
    static const struct renderer page = {.name = "page", .begin = keep_begin, .row = keep_row, .end = keep_end_of_page};
    struct error err = {0};
    char *all = xstrdup(""), *after = NULL;
    do {
        const struct report_options options = {.filter = "{\"since\":\"2026-01-01\"}", .limit = size, .after = after};
        if (!report_write(report_find("changes"), &options, db, &page, stderr, NULL, &err))
            fail_msg("%s", err.text);
        char *longer = xasprintf("%s%s", all, rows);
        free(all);
        all = longer;
        free(after);
        after = next_page;
    } while (after != NULL);
    return all;
}

static void pages_behind_one_another_are_the_whole_list(void **state)
{
    (void)state;
    char *whole = pages_of(0);
    assert_ptr_equal(strstr(whole, "new|default|10.0.0.12:443"), whole);                /* the latest */
    for (size_t size = 1; size < 6; size++) {
        char *pages = pages_of(size);
        assert_string_equal(pages, whole);
        free(pages);
    }
    free(whole);
}

/* Beside another site the usual one is named, too: in what runs keep of places, and in what lists read; of a site alone none is. */
static void places_name_their_sites_alike(void **state)
{
    (void)state;
    assert_string_equal(places_alone, "10.0.0.1:443\n");
    static const char *const none[] = {
        "SELECT count(*) FROM certificate_now WHERE places IS NOT NULL AND places !~ '^(default|far) 10[.]'",
        "SELECT count(*) FROM certificate_places(ARRAY(SELECT certificate FROM certificate_now), "
        "'{}') WHERE places !~ '^(default|far) (10[.]|web1:)'",
        "SELECT count(*) FROM certificate_places(ARRAY(SELECT certificate FROM certificate_now), "
        "'{\"site\":\"default\"}') WHERE places !~ '^(10[.]|web1:)'",
        "SELECT count(*) FROM certificate_places(ARRAY(SELECT certificate FROM certificate_now), "
        "'{\"network\":\"10.0.0.0/8\"}') WHERE places !~ '^(default|far) 10[.]'",
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (test_number(db, none[i]) != 0)
            fail_msg("%s: %lld", none[i], (long long)test_number(db, none[i]));
    char *both = test_rows(db, "SELECT p.places FROM certificate_now n JOIN certificate_places(ARRAY(SELECT certificate FROM certificate_now), "
                               "'{}') p USING (certificate) "
                               "WHERE n.name IN ('far.example', 'file-new.example') ORDER BY 1");
    assert_string_equal(both, "default web1:/a/new.pem\nfar 10.0.0.13:443\n");
    free(both);
    struct error err = {0};
    if (!reconcile_run(db, &(struct reconcile_options){.as_of_us = 1772582400000000}, NULL, &err))      /* of another day, too */
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, none[0]), 0);
    assert_int_equal(test_number(db, "SELECT count(*) FROM certificate_now WHERE places LIKE 'default %'") > 3, 1);
    fixture_sql(db, "DISCARD TEMP");
}

/* What was loaded and is not judged yet is told with what is known of it. Last: it takes a verdict away. */
static void what_is_not_judged_yet_has_its_facts(void **state)
{
    (void)state;
    fixture_sql(db, "DELETE FROM certificate_now WHERE name = 'fresh.example'");
    changes((const char *const[]){"since", "2026-02-01", NULL});
    if (strstr(rows, "new|default|10.0.0.1:443||fresh.example|\n") == NULL)
        fail_msg("%s", rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_kind_is_one_row), cmocka_unit_test(what_is_known_of_a_certificate_stands_in_each_row),
                                       cmocka_unit_test(filters_narrow_it),
                                       cmocka_unit_test(pages_behind_one_another_are_the_whole_list),
                                       cmocka_unit_test(places_name_their_sites_alike),
                                       cmocka_unit_test(what_is_not_judged_yet_has_its_facts)};
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
