/* Each report and each filter that reports share: a filter that nothing in the inventory matches leaves no row, or only rows that count nothing;
 * or the program refuses it and says why. Ignored it is never. */
#include "inventory/policy/policy_packs.h"
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/render.h"
#include "reports/report_filter.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* What they name is there, and nothing is of it. */
static const struct filter {
    const char *name, *value;
} filters[] = {{"site", "empty"}, {"owner", "Idle Team"}, {"issuer", "No Such CA"}, {"network", "203.0.113.128/25"}, {"port", "9"}, {"name", "*.nowhere.example"},
               {"rule", "H08"}, {"kind", "smime"}, {"source", "unused"}, {"within", "1"}, {"due", "5000-5001"}};
#define FILTERS (sizeof filters / sizeof filters[0])

static struct db *db;

static int setup(void **state)
{
    struct error err = {0};
    if (world_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    world_record(db, "CN=old.retired.example", -5);
    fixture_sql(db, "INSERT INTO site (name) VALUES ('empty'); INSERT INTO managed_source (name) VALUES ('unused'); "
                    "INSERT INTO owner_rule (import, line, owner, contacts, name_suffix, text) SELECT max(id), 99, 'Idle Team', '{}'::text[], 'idle.example', '' FROM owner_import "
                    "UNION ALL SELECT max(id), 98, 'Retired Team', '{}'::text[], 'retired.example', '' FROM owner_import");
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256, not_after) "
                    "SELECT id, '\\x07', now() - interval '30 days', 'account.csv', 9, '{}', '{}', sha256('x'), now() + interval '90 days' FROM managed_source WHERE name = 'account'");
    fixture_sql(db, "UPDATE certificate_own SET not_after = not_after + interval '3 days' WHERE common_names[1] = 'permits.transport.example.gov'; "
                    "INSERT INTO dirty SELECT 1, certificate FROM certificate_own WHERE common_names[1] = 'permits.transport.example.gov'");     /* none within a day */
    fixture_lie(db, &(struct fixture_lying){.host = "web1.example", .path = "/srv/app/a.pem", .key_of = "SELECT decode(repeat('ab', 32), 'hex')"});
    return reconcile_run(db, NULL, NULL, &err) ? 0 : -1;
}

/* ---- what is counted ---- */

static struct seen {
    size_t rows;
    long long sum;              /* of all numbers that are counts */
} seen;
static const struct report *of;

static void *begin(const struct report *report, FILE *out)
{
    (void)out;
    of = report;
    seen = (struct seen){0};
    return &seen;
}

static void row(void *state, const char *const *values)
{
    (void)state;
    seen.rows++;
    for (size_t i = 0; i < report_column_count(of); i++)
        if (of->columns[i].kind == COLUMN_COUNT && values[i] != NULL)
            seen.sum += atoll(values[i]);
}

static void end(void *state, const struct render_end *rest)
{
    (void)state;
    (void)rest;
}

static const struct renderer count = {.name = "count", .begin = begin, .row = row, .end = end};

static struct seen counted(const struct report *report, const struct filter *one)
{
    struct error err = {0};
    struct report_filter *filter = report_filter_create();
    const char *argument = report->argument == NULL ? NULL : strcmp(report->name, "endpoint") == 0 ? "192.0.2.9" : "kiosk.revenue.example.gov";
    const char *since = strcmp(report->name, "changes") == 0 ? "2000-01-01" : NULL;
    if (!report_filter_set(filter, "argument", argument, &err) || !report_filter_set(filter, "since", since, &err) || (one != NULL && !report_filter_set(filter, one->name, one->value, &err)) ||
        !report_filter_check(filter, db, policy_packs_offer, &err) ||
        !report_write(report, &(struct report_options){.filter = report_filter_text(filter)}, db, &count, stderr, NULL, &err))
        fail_msg("report %s --%s: %s", report->name, one == NULL ? "" : one->name, err.text);
    report_filter_destroy(filter);
    return seen;
}

/* The program says no, with the option's name, and prints no row. */
static bool is_refused(struct test_cluster *cluster, const char *report, const struct filter *one)
{
    char *run = xasprintf("'%s' report %s --%s '%s' --db '%s' 2>&1 > /dev/null", CERTSWEEP_BINARY, report, one->name, one->value, test_cluster_dsn(cluster));
    char text[400] = "", *word = xasprintf("--%s", one->name);
    FILE *out = popen(run, "r");
    assert_non_null(out);
    text[fread(text, 1, sizeof text - 1, out)] = '\0';
    int code = pclose(out);
    bool is = WIFEXITED(code) && WEXITSTATUS(code) == 2 && strstr(text, word) != NULL;
    free(word);
    free(run);
    return is;
}

/* The first column of each row of certsweep REPORT ARGUMENT, each value once, in order; yours. */
static char *subjects_of(struct test_cluster *cluster, const char *command, const char *argument)
{
    char *run = xasprintf("'%s' %s '%s' --format csv --db '%s' 2> /dev/null | sed -n 's/^\"\\([^\"]*\\)\".*/\\1/p' | sed 1d | uniq", CERTSWEEP_BINARY, command, argument,
                          test_cluster_dsn(cluster));
    char *text = xcalloc(1, 4096);
    FILE *out = popen(run, "r");
    assert_non_null(out);
    assert_true(fread(text, 1, 4095, out) < 4095);
    pclose(out);
    free(run);
    return text;
}

/* What a report prints as the name of a place is taken back as its name. */
static void a_place_is_found_as_it_is_printed(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(db, "UPDATE endpoint SET server_name = 'kiosk.example.gov' WHERE id = (SELECT min(id) FROM endpoint WHERE host(address) = '192.0.2.9')");
    char *all = subjects_of(cluster, "report endpoint", "192.0.2.9");
    size_t found = 0;
    char *lines = xstrdup(all);
    for (char *at = lines, *line; (line = strsep(&at, "\n")) != NULL;) {
        if (line[0] == '\0')
            continue;
        char *one = subjects_of(cluster, "report endpoint", line), *wanted = xasprintf("%s\n", line);
        assert_string_equal(one, wanted);
        free(one);
        free(wanted);
        one = subjects_of(cluster, "find", line);
        assert_string_equal(one, "endpoint\n");
        free(one);
        found++;
    }
    assert_true(found > 0);
    assert_non_null(strstr(all, " (kiosk.example.gov)"));
    free(lines);
    free(all);
    fixture_sql(db, "UPDATE endpoint SET server_name = '' WHERE server_name = 'kiosk.example.gov'");
}

static char *told_by(struct test_cluster *cluster, const char *command);

/* An IPv4 address in IPv6's form finds what the plain one finds, with brackets and port, and in hexadecimal. */
static void a_mapped_address_is_the_address(void **state)
{
    static const struct { const char *plain, *mapped; } pairs[] = {
        {"192.0.2.9", "::ffff:192.0.2.9"}, {"192.0.2.9", "::ffff:c000:209"}, {"192.0.2.9", "[::FFFF:192.0.2.9]"},
        {"192.0.2.9:443", "[::ffff:192.0.2.9]:443"},
        {"192.0.2.9:443", "[::ffff:c000:209]:443"}, {"192.0.2.9:444", "[::ffff:192.0.2.9]:444"},
    };
    static const char *const commands[] = {"find %s --format csv", "report endpoint %s --format csv", "report endpoint %s --format json",
                                           "owners explain %s --format csv",
                                           "managed accept %s --reason x"};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (size_t j = 0; j < sizeof commands / sizeof commands[0]; j++) {
            char *text[2];
            for (size_t k = 0; k < 2; k++) {
                char *at = strstr(commands[j], "%s"),
                     *command = xasprintf("%.*s'%s'%s", (int)(at - commands[j]), commands[j], k == 0 ? pairs[i].plain : pairs[i].mapped, at + 2);
                text[k] = told_by(*state, command);
                free(command);
            }
            if (j == 4)         /* which tells what it found, as it was asked */
                for (size_t k = 0; k < 2; k++)
                    text[k][strcspn(text[k], " ")] = '\0';
            if (strcmp(text[0], text[1]) != 0)
                fail_msg("%s: %s%s: %s", pairs[i].plain, text[0], pairs[i].mapped, text[1]);
            free(text[0]);
            free(text[1]);
            fixture_sql(db, "DELETE FROM decision WHERE reason = 'x'");
        }
    char *accepted = told_by(*state, "managed accept --where network=::ffff:192.0.2.0/120 --reason x");
    assert_null(strstr(accepted, "no certificate of the inventory"));
    free(accepted);
}

/* Of another day, too, before and after anything was known, and then it is of that day as far as it is a list. */
static void the_next_command_of_another_day_runs(void **state)
{
    struct test_cluster *cluster = *state;
    static const char *const reports[] = {"unmanaged", "expiring", "findings", "summary", "certificates"};
    size_t wrong = 0;
    for (size_t i = 0; i < 2 * sizeof reports / sizeof reports[0]; i++) {
        char *run = xasprintf("cd \"$(mktemp -d)\" && day=$(date -u -d '%s' +%%F) && next=$('%s' report %s --as-of $day --db '%s' 2> log | sed -n 's/^Next: certsweep //p') && "
                              "eval \"'%s' $next --db '%s'\" > out 2>> log; code=$?; [ $code = 0 ] && case \"$next\" in 'report '*--as-of*) true;; 'report '*|'') false;; esac || "
                              "{ echo \"%s $day: $next: $code\"; cat log; code=1; }; rm -rf \"$PWD\"; exit $code", i % 2 == 0 ? "400 days ago" : "5 days ago", CERTSWEEP_BINARY, reports[i / 2],
                              test_cluster_dsn(cluster), CERTSWEEP_BINARY, test_cluster_dsn(cluster), reports[i / 2]);
        wrong += system(run) != 0;
        free(run);
    }
    assert_int_equal(wrong, 0);
}

/* What was decided since is no exception of that day. */
static void an_exception_of_another_day_was_made_by_then(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who) SELECT 'accept', sha256, 'r', 'Later' FROM certificate_now WHERE name LIKE 'kiosk%'");
    char *run = xasprintf("'%s' report exceptions --format csv --db '%s' 2> /dev/null | grep -q Later && "
                          "! '%s' report exceptions --as-of $(date -u -d '5 days ago' +%%F) --format csv --db '%s' 2> /dev/null | grep Later",
                          CERTSWEEP_BINARY, test_cluster_dsn(cluster), CERTSWEEP_BINARY, test_cluster_dsn(cluster));
    assert_int_equal(system(run), 0);
    free(run);
    fixture_sql(db, "DELETE FROM decision WHERE who = 'Later'");
}

/* One that was taken back is not one that has ended by its last day: the table says by whom and when. */
static void an_exception_that_was_undone_says_by_whom_and_when(void **state)
{
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who, made_at, until, undone_at, undone_by, undone_reason) "
                    "SELECT 'accept', sha256, 'r', 'Maker', now() - interval '9 days', now() + interval '90 days', now() - interval '2 days', 'Jane Doe', 'it is gone' FROM certificate_now WHERE name LIKE 'kiosk%' "
                    "UNION ALL SELECT 'ignore', sha256, 'r', 'Maker', now() - interval '9 days', now() - interval '3 days', NULL, NULL, NULL FROM certificate_now WHERE name LIKE 'kiosk%'");
    char *table = told_by(*state, "report exceptions"), *rows = told_by(*state, "report exceptions --format csv"),
         *before = told_by(*state, "report exceptions --as-of \"$(date -u -d '5 days ago' +%F)\" --format csv"), *day = test_rows(db, "SELECT ((now() - interval '2 days') AT TIME ZONE 'UTC')::date");
    day[strcspn(day, "\n")] = '\0';
    char *said = xasprintf("\"%s by Jane Doe: it is gone\"", day);
    if (strstr(table, "undone") == NULL || strstr(table, day) == NULL || strstr(table, "Doe") == NULL || strstr(rows, "\"accept\",\"undone\",\"kiosk.") == NULL ||
        strstr(rows, "\"ignore\",\"ended\",\"kiosk.") == NULL || strstr(rows, said) == NULL)
        fail_msg("%s%s", table, rows);
    char *json = told_by(*state, "report exceptions --format json"), *decisions = told_by(*state, "managed decisions --all --format csv");
    assert_non_null(strstr(json, "Jane Doe"));
    assert_non_null(strstr(strstr(json, "\"undone_reason\""), "it is gone"));
    assert_non_null(strstr(rows, "by Jane Doe: it is gone\",\"it is gone\""));
    assert_non_null(strstr(decisions, "\"undone_at\",\"undone_by\",\"undone_reason\""));
    assert_non_null(strstr(decisions, "\"Jane Doe\",\"it is gone\""));
    /* the last day is that of the other list, and moments have their zone */
    assert_non_null(strstr(decisions, "\"last_day\",\"until\""));
    char *last = test_rows(db, "SELECT '\"' || decision_last_day(until) || '\",\"' || moment_text(until) || '\"' FROM decision WHERE who = "
                               "'Maker' ORDER BY id LIMIT 1");
    last[strcspn(last, "\n")] = '\0';
    assert_non_null(strstr(decisions, last));
    free(last);
    assert_null(strstr(before, "it is gone"));
    free(json);
    free(decisions);
    assert_non_null(strstr(before, "\"accept\",\"in force\",\"kiosk."));
    assert_null(strstr(before, "Jane Doe"));
    free(table);
    free(rows);
    free(before);
    free(day);
    free(said);
    fixture_sql(db, "DELETE FROM decision WHERE who = 'Maker'");
}

/* Run by a shell as it is printed, for a site whose name a shell would take apart. */
static void the_next_command_of_each_report_runs(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(db, "UPDATE site SET name = 'north''s $west' WHERE name = 'north'");
    size_t wrong = 0, ran = 0;
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        if (reports_all[i]->argument != NULL)
            continue;
        char *run = xasprintf("cd \"$(mktemp -d)\" && next=$('%s' report %s --site 'north'\\''s $west' --db '%s' 2> log | sed -n 's/^Next: certsweep //p') && "
                              "eval \"'%s' $next --db '%s'\" > out 2>> log; code=$?; [ $code = 0 ] && [ -n \"$next\" ] || { echo \"$next: $code\"; cat log; }; "
                              "rm -rf \"$PWD\"; exit $code", CERTSWEEP_BINARY, reports_all[i]->name, test_cluster_dsn(cluster), CERTSWEEP_BINARY,
                              test_cluster_dsn(cluster));
        int code = system(run);
        wrong += code != 0;
        ran++;
        free(run);
    }
    fixture_sql(db, "UPDATE site SET name = 'north' WHERE name = 'north''s $west'");
    assert_int_equal(wrong, 0);
    assert_true(ran > 15);
}

static bool understands(const struct report *report, const char *filter)
{
    for (size_t i = 0; i < REPORT_OWN_FILTERS && report->own_filters[i] != NULL; i++)
        if (strcmp(report->own_filters[i], filter) == 0)
            return true;
    return !report->no_filter || strcmp(filter, "site") == 0;
}

/* The command that a report names next; yours. NULL: it says that nothing is to be done. */
static char *next_of(struct test_cluster *cluster, const char *command)
{
    char *text = told_by(cluster, command), *next = strstr(text, "Next: ");
    if (next == NULL || strchr(next, '\n') == NULL)
        fail_msg("%s: names nothing next: %s", command, text);
    next[strcspn(next, "\n")] = '\0';
    bool is_command = strncmp(next, "Next: certsweep ", 16) == 0;
    if (!is_command && strcmp(next, "Next: nothing is to be done for what these filters leave") != 0)
        fail_msg("%s: %s", command, next);
    char *found = is_command ? xstrdup(next + 16) : NULL;
    free(text);
    return found;
}

/* It is a list under the same filters, and not empty; or all of one subject; or no list. */
static bool next_is_good(struct test_cluster *cluster, const char *command, const char *next, const struct filter *one)
{
    if (next == NULL || strncmp(next, "report ", 7) != 0 || strncmp(next, "report discovery", 16) == 0)
        return true;
    char *bare = xstrdup(next), *option = xasprintf(" --%s ", one->name);
    bare[strstr(bare, " --format csv -o") == NULL ? strlen(bare) : (size_t)(strstr(bare, " --format csv -o") - bare)] = '\0';
    char *run = xasprintf("%s --format csv 2> /dev/null", bare), *rows = told_by(cluster, run);
    const char *second = strchr(rows, '\n');
    bool has_filter = strstr(bare, option) != NULL || strncmp(bare, "report coverage", 15) == 0 || strncmp(bare, "report certificate ", 19) == 0,
         has_rows = second != NULL && second[1] == '"';
    if (!has_filter || !has_rows)
        print_error("%s: Next: certsweep %s: %s\n", command, next, has_rows ? "without the filter" : "no row");
    free(bare);
    free(option);
    free(run);
    free(rows);
    return has_filter && has_rows;
}

/* Whatever the filter leaves, and where it leaves nothing. */
static void what_follows_under_a_filter_has_rows_under_it(void **state)
{
    struct test_cluster *cluster = *state;
    static const struct filter with_rows[] = {{"site", "north"}, {"owner", "'Parks Service'"}, {"owner", "'Office of Technology'"}, {"owner", "none"}, {"owner", "'Retired Team'"},
                                              {"issuer", "Harbor"}, {"network", "198.51.0.0/16"}, {"port", "443"}, {"name", "'*.health.example.gov'"}, {"rule", "C06"}, {"severity", "low"},
                                              {"kind", "server"}, {"source", "account"}, {"within", "30"}, {"due", "overdue"}};
    size_t wrong = 0, good = 0;
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        const struct report *report = reports_all[i];
        for (size_t f = 0; f < FILTERS + sizeof with_rows / sizeof with_rows[0]; f++) {
            const struct filter *one = f < FILTERS ? &filters[f] : &with_rows[f - FILTERS];
            if (f < FILTERS && (i + f) % 2 != 0)        /* each runs twice: of empty lists every other one will do */
                continue;
            if (report->argument != NULL || !understands(report, one->name) || report_refusal(report, one->name, one->value) != NULL)
                continue;
            char *command = xasprintf(f < FILTERS ? "report %s --%s '%s'" : "report %s --%s %s", report->name, one->name, one->value), *next = next_of(cluster, command);
            wrong += !next_is_good(cluster, command, next, one);
            good += next != NULL;
            free(next);
            free(command);
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(good > 50);
}

/* What is over and served nowhere asks for nothing. */
static void nothing_follows_from_what_is_over(void **state)
{
    static const char *const reports[] = {"summary", "findings", "expiring", "expired", "unmanaged", "renewals", "compliance", "exceptions", "foreign"};
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        char *command = xasprintf("report %s --owner 'Retired Team'", reports[i]), *next = next_of(*state, command);
        if (next != NULL)
            fail_msg("%s: Next: certsweep %s", command, next);
        free(command);
    }
    char *next = next_of(*state, "find old.retired.example");
    assert_non_null(next);
    assert_memory_equal(next, "report certificate ", 19);
    char *found = told_by(*state, next);
    assert_non_null(strstr(found, "old.retired.example"));
    free(found);
    free(next);
    char *none = told_by(*state, "find nosuchnameanywhere");
    assert_null(strstr(none, "nosuchnameanywhere*"));
    free(none);
}

/* What follows from a record that nobody has seen is the list that has it, and from that list what its place shows. */
static void what_follows_from_a_record_tells_of_it(void **state)
{
    struct error err = {0};
    fixture_sql(db, "WITH r AS (INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, "
                    "owner, not_before, not_after) SELECT id, sha256('unseen'), now() - interval '3 days', 'account.csv', 970, "
                    "'{unseen.example}', '{}', 'beef99', 'unseen.example', 'Record Team', now() - interval '100 days', now() + interval '9 days' FROM managed_source WHERE name = 'account' RETURNING id) "
                    "INSERT INTO managed_location (record, site, address, port) SELECT r.id, s.id, '192.0.2.9', 443 FROM r, site s "
                    "WHERE s.name = 'capitol'");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    static const char *const commands[][2] = {{"find unseen.example", "report recorded --name unseen.example --source account"},
                                              {"find 0x00BEEF99", "report recorded --name unseen.example --source account"},
                                              {"find 'Record Team'", "report recorded --owner 'Record Team'"},
                                              {"report recorded --owner 'Record Team'", "report endpoint 192.0.2.9:443 --site capitol"},
                                              {"report recorded --site capitol --name unseen.example",
                                               "report endpoint 192.0.2.9:443 --site capitol"}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char *next = next_of(*state, commands[i][0]);
        if (next == NULL || strcmp(next, commands[i][1]) != 0)
            fail_msg("%s: Next: %s", commands[i][0], next);
        char *found = told_by(*state, next);
        if (strstr(found, i < 3 ? "unseen" : "kiosk") == NULL)
            fail_msg("%s: %s", next, found);
        free(found);
        free(next);
    }
}

/* Of another day, of one site: each command of a row has both, and runs. */
static void the_commands_of_rows_keep_day_and_filters(void **state)
{
    struct test_cluster *cluster = *state;
    static const char *const asked[] = {"report summary", "report find '*.gov'", "report compliance"};
    fixture_sql(db, "CREATE TEMP VIEW certificate_of_ours AS SELECT * FROM certificate_now");      /* another session's are not in the way */
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        char *run = xasprintf("cd \"$(mktemp -d)\" && day=$(date -u -d '60 days' +%%F) && '%s' %s --site north --port 443 --as-of $day --format csv --db '%s' > rows 2> log;"
                              "grep -o 'certsweep report [^\"]*' rows > commands; [ -s commands ] || cat log rows; [ -s commands ] && "
                              "! grep -v -e \" --as-of $day .*--port 443 .*--site north\" commands && "
                              "sort -R --random-source=commands commands | head -2 | sed \"s|^certsweep|'%s'|; s|$| --db '%s'|\" | sh -e > out 2> log || { cat log; false; }; code=$?; rm -rf \"$PWD\"; exit $code",
                              CERTSWEEP_BINARY, asked[i], test_cluster_dsn(cluster), CERTSWEEP_BINARY, test_cluster_dsn(cluster));
        if (system(run) != 0)
            fail_msg("%s", asked[i]);
        free(run);
    }
    fixture_sql(db, "DROP VIEW certificate_of_ours");
}

static void each_filter_is_applied_or_refused_by_each_report(void **state)
{
    struct test_cluster *cluster = *state;
    size_t wrong = 0;
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        const struct report *report = reports_all[i];
        struct seen all = counted(report, NULL);
        for (size_t f = 0; f < FILTERS; f++) {
            struct seen left = {0};
            bool is_wrong;
            if (understands(report, filters[f].name) && report_refusal(report, filters[f].name, filters[f].value) == NULL) {
                left = counted(report, &filters[f]);
                is_wrong = left.rows != 0 && (left.sum != 0 || all.sum == 0);
            } else {
                is_wrong = !is_refused(cluster, report->name, &filters[f]);
            }
            if (is_wrong)
                print_error("report %s --%s %s: %zu rows, counts %lld\n", report->name, filters[f].name, filters[f].value, left.rows, left.sum);
            wrong += is_wrong;
        }
        if (all.rows == 0)
            print_message("report %s has no row here at all\n", report->name);
    }
    assert_int_equal(wrong, 0);
}

/* It describes a site or an owner whole. */
static void the_document_takes_a_site_and_an_owner_and_refuses_the_rest(void **state)
{
    struct test_cluster *cluster = *state;
    for (size_t f = 0; f < FILTERS; f++) {
        bool is_taken = strcmp(filters[f].name, "site") == 0 || strcmp(filters[f].name, "owner") == 0;
        if (is_refused(cluster, "discovery", &filters[f]) == is_taken)
            fail_msg("report discovery --%s: %s", filters[f].name, is_taken ? "refused" : "not refused");
    }
}

/* The code and what is said, of certsweep COMMAND. */
static int run_words(struct test_cluster *cluster, const char *command, char text[400])
{
    char *run = xasprintf("cd /tmp && '%s' %s --db '%s' 2>&1 > /dev/null", CERTSWEEP_BINARY, command, test_cluster_dsn(cluster));
    FILE *out = popen(run, "r");
    assert_non_null(out);
    text[fread(text, 1, 399, out)] = '\0';
    int code = pclose(out);
    free(run);
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

static void an_option_that_would_do_nothing_is_refused(void **state)
{
    static const struct {
        const char *command, *option;       /* NULL: taken */
    } cases[] = {
        {"report findings --bom", "--bom"},
        {"report findings --bom --format json", "--bom"},
        {"report discovery --bom -o /tmp/none/", "--bom"},
        {"report discovery --bom --format csv", "--bom"},
        {"report columns --bom", "--bom"},
        {"find 10.1.2.3 --bom --format xlsx", "--bom"},
        {"report findings --bom --format csv", NULL},
        {"report columns --bom --format csv", NULL},
        {"report findings --organization Agency", "--organization"},
        {"report findings --author Jane --format csv", "--author"},
        {"report discovery --reference 7 --format xlsx", "--reference"},
        {"find 10.1.2.3 --classification none", "--classification"},
        {"report findings --organization Agency --format html", NULL},
        {"report discovery --organization Agency", NULL},
        {"report findings --split owner -o /tmp/none", "--split"},
        {"report findings --evidence /tmp/none", "--evidence"},
        {"report discovery --split owner --evidence /tmp/none -o /tmp/none", "--evidence"},
        {"report discovery --evidence /tmp/none -o /tmp/none", "--output"},
        {"report discovery --sign-cert a.pem --sign-key a.key", "--sign-cert"},
        {"report columns --owner Parks", "--owner"},
        {"report columns --limit 7", "--limit"},
        {"report columns --as-of 2027-01-31", "--as-of"},
        {"check --format prometheus --owner Parks", "--owner"},
        {"check --format prometheus --site empty", "--site"},
        {"check --format prometheus --warning 40", "--warning"},
        {"check --format prometheus", NULL},
        {"export cbom --format csv", "--format"},
        {"notices --due --site empty", "--site"},
        {"report findings --rule=", "--rule needs a value"},
        {"report findings --rule=,", "--rule needs a value"},
        {"report certificates --owner=", "--owner needs a value"},
        {"report certificates --name=", "--name needs a value"},
        {"report discovery --owner=", "--owner needs a value"},
        {"find 10.1.2.3 --issuer=", "--issuer needs a value"},
        {"managed list --source=", "--source needs a value"},
        {"report findings --sort=", "--sort needs a value"},
        {"report findings --group=", "--group needs a value"},
        {"reconcile --fail-on=", "--fail-on needs a value"},
        {"export events --since=", "expected a day"},
        {"export events --since soon", "expected a day"},
        {"export events --since 2026-01-31", NULL},
        {"managed link 3f1c9a2b --record +7 --reason x", "the number of a managed record"},
        {"managed link 3f1c9a2b --record= --reason x", "the number of a managed record"},
        {"owners explain 10.1.2.3 --issuer=", "--issuer needs a value"},
        {"report files --host=", "--host needs a value"},
        {"report certificates --status ' '", "--status needs a value"},
        {"report changes --since=", "--since needs a value"},
        {"report certificates --within=", "--within needs a value"},
        {"report compliance --pack=", "--pack needs a value"},
        {"report findings --as-of=", "--as-of needs a value"},
        {"report findings --organization= --format html", NULL},
        {"report expired --within 30", "certsweep report expiring --within DAYS"},
        {"report expired --within soon", "expected a number"},
        {"report expired --within ' 30'", "expected a number"},
        {"report expiring --within +30", "expected a number"},
        {"report expiring --within 30", NULL},
        {"report certificates --limit +5", "--limit is a whole number"},
        {"report certificates --limit ' 5'", "--limit is a whole number"},
        {"report certificates --limit 0x5", "--limit is a whole number"},
        {"report certificates --due 1--3", "expected overdue"},
        {"report certificates --due +1", "expected overdue"},
        {"report certificates --due 8-", "expected overdue"},
        {"report certificates --due 8-3", "expected overdue"},
        {"report certificates --due 8-30", NULL},
        {"report certificates --network 10.0.0.0/+8", "expected a network"},
        {"report certificates --network '10.0.0.0/ 8'", "expected a network"},
        {"report certificates --network 10.0.0.0/33", "expected a network"},
        {"report certificates --network ::ffff:10.0.0.0/104", NULL},
        {"report certificates --network ::ffff:10.0.0.0/8", "expected a network"},
        {"report certificates --status expired --due 0", NULL},
        {"managed accept 0123456789abcdef --reason ' '", "--reason TEXT is missing"},
        {"managed accept 0123456789abcdef --reason x --who ' '", "--who NAME is blank"},
        {"managed undo 0123456789abcdef --reason ' '", "--reason TEXT is blank"},
        {"managed undo 0123456789abcdef --who ' '", "--who NAME is blank"},
        {"reconcile --ask-ocsp=+5", "--ask-ocsp"},
        {"scan 127.0.0.1 --shard +1/2 --dry-run", "--shard"},
        {"scan 127.0.0.1 --rate 1e3 --dry-run", "rate \"1e3\""},
        {"scan 127.0.0.1 --min-hit-rate ' 0.5' --dry-run", "--min-hit-rate"},
        {"report expired --due 30", "certsweep report expiring --due DAYS"},
        {"report expired --due overdue", NULL},
        {"report expiring --status expired", "certsweep report certificates --status WORD"},
        {"report expiring --status 'renewal due'", NULL},
        {"report weak --severity info", "certsweep report findings --severity info"},
        {"report weak --severity info,high", NULL},
        {"report weak --rule C05", "certsweep report findings --rule ID"},
        {"report weak --rule c05,R01", "certsweep report findings --rule ID"},
        {"report weak --rule C05,K02", NULL},
        {"report weak --rule p03", NULL},
        {"report expiring --rule C05", "certsweep report expired"},
        {"report expired --rule C06,C07", "certsweep report expiring"},
        {"report expired --rule C06,C05", NULL},
        {"report renewals --rule C05", "certsweep report expired"},
        {"report files --network 10.0.0.0/8", "--network"},
        {"report files --port 443", "--port"},
        {"report certificates --status expired --within 5", "certsweep report expired"},
        {"report certificates --status 'renewal due' --within 5", NULL},
        {"report certificates --status expired --due 8-30", "--due overdue"},
        {"report certificates --status expired --due overdue", NULL},
        {"report certificates --status ok --rule C05", "leave one of them out"},
        {"report certificates --status expired --rule C05", NULL},
        {"report certificates --status expired --rule C06", "leave one of them out"},
        {"report findings --rule c05 --within 30", "certsweep report expiring --within DAYS"},
        {"report findings --rule C05,C06 --within 30", NULL},
        {"report findings --rule C05 --due 30", "--due overdue"},
        {"report summary --rule C05 --due overdue", NULL},
        {"report endpoints --unconfirmed --deployment 'unknown here'", "--unconfirmed"},
        {"report discovery --format xlsx --rule C05 --within 5 -o /tmp/none.xlsx", "certsweep report expiring"},
        {"find 10.1.2.3 --rule C05 --within 5", "certsweep report expiring"},
        {"report changes --since 2999-01-31", "changes are told until 20"},
        {"report changes --since last", NULL},
        {"report changes --since 2020-01-31", NULL},
        {"report changes --since 2020-01-31 --as-of 2020-01-30", "changes are told until 2020-01-3"},
    };
    char text[400];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = run_words(*state, cases[i].command, text);
        if (code != (cases[i].option == NULL ? 0 : 2) || (cases[i].option != NULL && strstr(text, cases[i].option) == NULL))
            fail_msg("%s: %d: %s", cases[i].command, code, text);
    }
}

/* Blanks on either side of a comma are no part of a word: a script would never fail. */
static void the_words_of_fail_on_have_no_blanks(void **state)
{
    char text[400];
    if (run_words(*state, "reconcile --fail-on 'expired , unmanaged '", text) != 1)
        fail_msg("%s", text);
}

/* "weak" is what the report of that name lists: not what its rules tell for information alone. */
static void failing_on_what_is_weak_is_to_fail_on_its_list(void **state)
{
    char text[400];
    assert_int_equal(run_words(*state, "reconcile --fail-on weak,own", text), 1);
    fixture_sql(db, "CREATE TABLE kept AS SELECT * FROM now_count WHERE subject = 'weak'; DELETE FROM now_count WHERE subject = 'weak'");
    if (run_words(*state, "reconcile --fail-on ' WEAK '", text) != 0)        /* the counts by rule stay: K20 is among them */
        fail_msg("%s", text);
    fixture_sql(db, "INSERT INTO now_count SELECT * FROM kept; DROP TABLE kept");
    if (run_words(*state, "reconcile --fail-on ' WEAK '", text) != 1)
        fail_msg("%s", text);
}

/* Which rules the list of what is weak refuses is said in C, which it holds in SQL. */
static void the_weak_list_refuses_the_rules_that_it_never_has(void **state)
{
    (void)state;
    struct error err = {0};
    struct db_result *rules = db_query(db, "SELECT id, is_weak_rule(id) FROM rule", 0, NULL, &err);
    assert_non_null(rules);
    for (size_t i = 0; i < db_rows(rules); i++)
        if ((report_refusal(report_find("weak"), "rule", db_value(rules, i, 0)) == NULL) != (db_value(rules, i, 1)[0] == 't'))
            fail_msg("report weak --rule %s", db_value(rules, i, 0));
    assert_true(db_rows(rules) > 50);
    db_result_destroy(rules);
}

/* The output of certsweep COMMAND; yours. */
static char *told_by(struct test_cluster *cluster, const char *command)
{
    char *run = xasprintf("'%s' %s --db '%s' 2>&1", CERTSWEEP_BINARY, command, test_cluster_dsn(cluster)), *text = xcalloc(1, 1 << 16);
    FILE *out = popen(run, "r");
    assert_non_null(out);
    text[fread(text, 1, (1 << 16) - 1, out)] = '\0';
    pclose(out);
    free(run);
    return text;
}

/* Who knows a part of a name alone is told how to write it. */
static void a_part_of_a_name_is_found_by_the_command_that_is_told(void **state)
{
    static const char *const quiet[] = {"find 192.0.2.99", "find 9999999999", "find '*nosuch*'", "find 2001:db8::99"};
    char *text = told_by(*state, "find Payments --site capitol");
    if (strstr(text, "Nothing of that is known") == NULL && strstr(text, "leave no row") == NULL)
        fail_msg("%s", text);
    char *next = strstr(text, "Next: certsweep find '*Payments*' --site capitol\n");
    if (next == NULL)
        fail_msg("%s", text);
    next[strcspn(next, "\n")] = '\0';
    char *found = told_by(*state, next + strlen("Next: certsweep "));
    assert_non_null(strstr(found, "payments.revenue.example.gov"));
    free(found);
    free(text);
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++) {
        text = told_by(*state, quiet[i]);
        if (strstr(text, "Next: certsweep report certificates\n") == NULL)
            fail_msg("%s: %s", quiet[i], text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_of_a_name_is_found_by_the_command_that_is_told),
        cmocka_unit_test(a_place_is_found_as_it_is_printed),
        cmocka_unit_test(a_mapped_address_is_the_address),
        cmocka_unit_test(the_next_command_of_each_report_runs),
        cmocka_unit_test(what_follows_under_a_filter_has_rows_under_it),
        cmocka_unit_test(nothing_follows_from_what_is_over),
        cmocka_unit_test(what_follows_from_a_record_tells_of_it),
        cmocka_unit_test(the_commands_of_rows_keep_day_and_filters),
        cmocka_unit_test(the_next_command_of_another_day_runs),
        cmocka_unit_test(an_exception_of_another_day_was_made_by_then),
        cmocka_unit_test(an_exception_that_was_undone_says_by_whom_and_when),
        cmocka_unit_test(each_filter_is_applied_or_refused_by_each_report),
        cmocka_unit_test(the_document_takes_a_site_and_an_owner_and_refuses_the_rest),
        cmocka_unit_test(an_option_that_would_do_nothing_is_refused),
        cmocka_unit_test(the_weak_list_refuses_the_rules_that_it_never_has),
        cmocka_unit_test(the_words_of_fail_on_have_no_blanks),
        cmocka_unit_test(failing_on_what_is_weak_is_to_fail_on_its_list),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
