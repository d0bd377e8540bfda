/* Whose letter says what: every owner of something has one, what nobody owns is somebody's to look at, what is shared names the others, and an owner
 * called like several together, or like nobody, is still one. The invented inventory, with owners of each kind. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "inventory/store/db.h"
#include "reports/document/split.h"
#include "reports/render.h"
#include "reports_document_sql.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char work[] = "/tmp/certsweep-owners.XXXXXX";
static struct test_cluster *cluster;
static struct db *db;
static char *text;      /* what was read last */

static struct made_cert *make(const char *subject)
{
    return cert_make(&(struct cert_recipe){.subject = subject, .not_before = ASN1_DAY(-20), .not_after = ASN1_DAY(180)});
}

/* At these server names, for each NULL at the end. */
static void serve(const char *subject, const char *const names[])
{
    struct made_cert *made = make(subject);
    for (; *names != NULL; names++)
        fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.240", .server_name = *names, .from = SQL_DAY(-2), .to = SQL_DAY(0), .chain = {made}});
    cert_make_free(made);
}

static void record(const char *subject, const char *owner)
{
    struct error err = {0};
    struct made_cert *made = make(subject);
    char *id = xasprintf("%lld", (long long)fixture_made(db, made));
    const char *params[] = {id, owner};
    if (!db_exec_params(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, sha256, owner) "
                            "SELECT s.id, c.sha256, now() - interval '3 days', 'account.csv', 40 + c.id, '{}', '{}', c.sha256, $2 FROM managed_source s, certificate c WHERE c.id = $1::bigint", 2, params, &err))
        fail_msg("%s", err.text);
    free(id);
    cert_make_free(made);
}

static void lie(const char *subject, const char *host)
{
    struct made_cert *made = make(subject);
    fixture_lie(db, &(struct fixture_lying){.host = host, .path = "/srv/a.pem", .certificate = made});
    cert_make_free(made);
}

static int setup(void **state)
{
    if (mkdtemp(work) == NULL || world_setup(state) != 0)
        return -1;
    cluster = *state;
    db = cluster->db;
    fixture_sql(db, "INSERT INTO owner_rule (import, line, name_suffix, host_suffix, owner, contacts, text) SELECT i.id, r.* FROM (SELECT max(id) AS id FROM owner_import) i, (VALUES "
                    "(89, 'one.doe.example', NULL, 'Doe', '{one@doe.example}'::text[], ''), (90, 'doe.example', NULL, 'Doe', '{doe@doe.example}'::text[], ''), (91, 'poe.example', NULL, 'Poe', '{poe@poe.example}', ''), "
                    "(92, 'both.example', NULL, 'Doe; Poe', '{both@both.example}', ''), (93, 'idle.example', NULL, 'Idle', '{}', ''), "
                    "(87, 'rota.example', NULL, 'Rota', '{zoe@rota.example,adam@rota.example}', ''), "
                    "(96, 'roe.example', NULL, 'Roe', '{}', ''), (94, 'nowhere.example', NULL, 'None', '{}', ''), (95, NULL, 'filer.example', "
                    "'Filer', '{}', ''), "
                    "(88, NULL, 'keys.example', 'Keeper', '{keeper@keys.example}', '')) r");
    fixture_sql(db, "BEGIN");
    serve("CN=shared.example", (const char *const[]){"a.doe.example", "secret-1.poe.example", "secret-2.poe.example", "unowned.example", NULL});
    serve("CN=two.example", (const char *const[]){"two.poe.example", "two.roe.example", NULL});
    serve("CN=one.doe.example", (const char *const[]){"one.doe.example", NULL});
    serve("CN=x.both.example", (const char *const[]){"x.both.example", NULL});
    serve("CN=calm.idle.example", (const char *const[]){"calm.idle.example", NULL});
    serve("CN=y.nowhere.example", (const char *const[]){"y.nowhere.example", NULL});
    serve("CN=x.rota.example", (const char *const[]){"x.rota.example", NULL});
    serve("CN=turns.example", (const char *const[]){"turns.rota.example", "turns.doe.example", NULL});
    record("CN=kept.example", "Recorder");
    record("CN=orphan-record.example", NULL);
    record("CN=swapped.example", "Swapper");
    fixture_sql(db, "UPDATE managed_record SET order_number = 'first' WHERE owner = 'Swapper'; "
                    "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, common_name, serial_number, order_number, replaces, not_before, owner) "
                    "SELECT source, sha256('next'), valid_from, file, 99, '{next.example}', '{}', 'next.example', 'beef99', 'next', 'first', now() - interval '2 days', 'Else' "
                    "FROM managed_record WHERE owner = 'Swapper'");
    lie("CN=lying.example", "disk.filer.example");
    lie("CN=orphan-file.example", "disk.example");
    struct made_cert *made = make("CN=one-more.example");
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.241", .server_name = "more.doe.example", .from = SQL_DAY(-2), .to = SQL_DAY(0), .chain = {made}});
    fixture_lie(db, &(struct fixture_lying){.host = "disk2.filer.example", .path = "/srv/b.pem", .certificate = made});
    cert_make_free(made);
    made = make("CN=half.example");
    static const char *const halves[][2] = {{"capitol", "half.doe.example"}, {"default", "half.doe.example"}, {"capitol", "half.example"}};
    for (size_t i = 0; i < 3; i++)
        fixture_serve(db, &(struct fixture_served){.site = halves[i][0], .address = "192.0.2.242", .server_name = halves[i][1], .from = SQL_DAY(-2), .to = SQL_DAY(0), .chain = {made}});
    cert_make_free(made);
    fixture_sql(db, "COMMIT");
    struct error err = {0};
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    fixture_lie(db, &(struct fixture_lying){.host = "disk.keys.example", .path = "/srv/one.key", .mode = 0644,
                                            .key_of = "SELECT o.spki_sha256 FROM certificate_own o JOIN certificate_now n USING (certificate) WHERE "
                                                      "n.name = 'one.doe.example'"});
    fixture_sql(db, "INSERT INTO dirty SELECT 1, certificate FROM certificate_now WHERE name = 'one.doe.example'");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "DELETE FROM finding WHERE certificate IN (SELECT certificate FROM certificate_now WHERE name ~ 'idle|kept|lying.example|orphan') "
                    "OR endpoint IN (SELECT id FROM endpoint WHERE server_name ~ 'idle'); "
                    "INSERT INTO finding SELECT 0, id, 'P03', 1, 2, '{}', now() FROM endpoint WHERE server_name = 'unowned.example'");
    return 0;
}

static int teardown(void **state)
{
    char *command = xasprintf("rm -rf %s", work);
    int status = system(command);
    free(command);
    free(text);
    return test_cluster_teardown(state) != 0 || status != 0 ? -1 : 0;
}

static const char *read_file(const char *name)
{
    char *path = xasprintf("%s/letters/%s", work, name);
    FILE *in = fopen(path, "r");
    if (in == NULL)
        fail_msg("%s is not there", path);
    free(text);
    text = xcalloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, in) > 0);
    fclose(in);
    free(path);
    return text;
}

static void has(const char *file, const char *words)
{
    if (strstr(read_file(file), words) == NULL)
        fail_msg("%s does not have \"%s\":\n%s", file, words, strstr(text, "<main") == NULL ? text : strstr(text, "<main"));
}

static void has_not(const char *file, const char *words)
{
    if (strstr(read_file(file), words) != NULL)
        fail_msg("%s has \"%s\"", file, words);
}

static void is_not_there(const char *name)
{
    char *path = xasprintf("%s/letters/%s", work, name);
    if (access(path, F_OK) == 0)
        fail_msg("%s is there", path);
    free(path);
}

static void write_letters(void)
{
    struct error err = {0};
    char *path = xasprintf("%s/letters", work);
    struct folder *folder = folder_open(path, &err);
    const struct document_options options = {.written_by = "x"};
    if (folder == NULL || !split_write(&options, db, folder, NULL, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    free(path);
}

static void every_owner_of_something_gets_a_letter(void **state)
{
    (void)state;
    write_letters();
    has("idle.html", "Nothing of yours needs work");
    has("idle.html", "You have one certificate, at one place. It ends on ");
    has("idle-certificates.csv", "calm.idle.example");
    is_not_there("idle.ics");                   /* RFC 5545 wants a component in a calendar */
    has_not("idle.html", "idle.ics");
    has_not("idle.html", "idle.csv");           /* which is a head alone */
    has_not("index.html", "idle.ics");
    has_not("index.html", "idle.csv");
    has("recorder.html", "You have one certificate. It is recorded, and is served nowhere. It ends on ");
    has("recorder.html", "recorded, and not seen served");
    has("recorder-certificates.csv", "\"kept.example\"");
    has("filer.html", "disk.filer.example:/srv/a.pem");
    has("filer.html", "disk2.filer.example:/srv/b.pem");
    has("filer-certificates.csv", "\"lying.example\"");
    has("filer-certificates.csv", "disk2.filer.example:/srv/b.pem");
    has("index.html", "idle.html");
    has("index.html", "nothing due");
    has("index.html", "recorder.html");
    has("index.html", "filer.html");
}

/* It is not looked for: another was issued in its place. */
static void what_was_replaced_is_told_as_replaced(void **state)
{
    (void)state;
    has("swapper.html", "none: replaced by order next since ");
    has_not("swapper.html", "and not seen served");
    char *row = strstr(read_file("index.html"), "swapper.html");
    *strstr(row, "</tr>") = '\0';
    assert_non_null(strstr(row, "1 not served"));
    assert_non_null(strstr(row, "1 of these replaced"));
}

static void what_nobody_owns_is_listed_wherever_it_is(void **state)
{
    (void)state;
    has("nobody-named-yet-certificates.csv", "\"orphan-record.example\"");
    has("nobody-named-yet-certificates.csv", "\"orphan-file.example\"");
    has("nobody-named-yet.html", "disk.example:/srv/a.pem");
    has_not("nobody-named-yet-certificates.csv", "\"shared.example\"");        /* Doe and Poe have it: `report certificates --owner none` does not list it either */
    has("index.html", "nobody-named-yet.html");
    char *row = strstr(read_file("index.html"), "nobody-named-yet.html");
    *strstr(row, "</tr>") = '\0';
    char *told = xasprintf(">%lld<", (long long)test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf AND owner_basis IS NULL"));
    if (strstr(row, told) == NULL || strstr(row, "2 not served") == NULL)
        fail_msg("%s is not in %s", told, row);
    free(told);
}

/* Its certificate is of those who have it elsewhere: the place stands for itself, in the step as in the count. */
static void a_place_of_nobody_stands_for_itself(void **state)
{
    (void)state;
    has("nobody-named-yet.html", "192.0.2.240:443 (unowned.<wbr>example)");
    has_not("nobody-named-yet.html", "shared.<wbr>example");
    has("nobody-named-yet.csv", "192.0.2.240:443 (unowned.example)");
}

/* The site "default" is named where a place of another one stands beside it; who is not known cannot be agreed with. */
static void places_of_two_sites_name_both(void **state)
{
    (void)state;
    has("doe.html", "192.0.2.242:443 (half.doe.example) at capitol, 192.0.2.242:443 (half.doe.example) at default");
    has("doe.html", "Also at: nobody named yet, 1 place. Tell us whose that is, if you know.");
    has("doe.html", "Also at: Poe (poe@poe.example), 2 places; nobody named yet, 1 place. Agree with them on what changes.");
}

/* It goes to whoever can name an owner, and asks nobody. */
static void what_nobody_owns_is_told_to_the_sender(void **state)
{
    (void)state;
    has("nobody-named-yet.html", "These have no owner: find who runs them.");
    has("nobody-named-yet.html", "certsweep owners import FILE");
    has_not("nobody-named-yet.html", "<dt>To</dt>");
    has_not("nobody-named-yet.html", "your certificates");
    has_not("nobody-named-yet.html", "It is not ours");
    has("doe.html", "It is not ours");
}

static void a_letter_goes_to_all_its_contacts(void **state)
{
    (void)state;
    has("doe.html", "Doe: doe@doe.example, one@doe.example");
    has("doe.html", "Contact: one@doe.example.");
    has("index.html", "one@<wbr>doe.<wbr>example");
    has("doe-certificates.csv", "\"one@doe.example\"");
    has("doe.csv", "\"one@doe.example\"");
    has_not("poe.html", "one@doe.example");
}

static void the_index_tells_how_many_are_different(void **state)
{
    (void)state;
    char *told = xasprintf("Together %lld different certificates", (long long)test_number(db, "SELECT (SELECT count(*) FROM certificate_now WHERE is_leaf) + (SELECT count(*) FROM unseen_record)"));
    has("index.html", told);
    free(told);
}

static void a_letter_names_the_other_owner(void **state)
{
    (void)state;
    has("doe.html", "Also at: Poe (poe@poe.example), 2 places; nobody named yet, 1 place");
    has("doe-certificates.csv", "Poe (poe@poe.example), 2 places");
    has_not("doe.html", "secret-");
    has_not("doe-certificates.csv", "secret-");
    has_not("doe.csv", "secret-");
    has("doe.html", "Filer, 1 file");
    has("poe.html", "Also at: Doe (doe@doe.example), 1 place");
    has("filer.html", "Doe (doe@doe.example), 1 place");
    has_not("nobody-named-yet.html", "Poe (poe@poe.example)");
}

/* The one that is called so, and the set. */
static void an_owner_called_like_two_is_one(void **state)
{
    (void)state;
    has("doe-poe-certificates.csv", "x.both.example");
    has_not("doe-poe-certificates.csv", "shared.example");
    has("doe-poe.html", "Doe; Poe: both@both.example");
    has_not("doe-poe.html", "doe@doe.example");
}

/* The rows of what needs action, by owner: of the document, or of the letter of each. */
static struct db_result *due(struct document *document, const char *owner)
{
    struct error err = {0};
    struct document_options options = *document->options;
    options.owner = owner;
    const struct document_options *kept = document->options;
    document->options = &options;
    struct db_result *rows = document_fill(document, &err) ? document_ask(document, SQL_DOCUMENT_DUE, 0, NULL, &err) : NULL;
    if (rows == NULL)
        fail_msg("%s", err.text);
    document->options = kept;
    return rows;
}

static long long number_at(const char *row, const char *label)
{
    char *mark = xasprintf("data-label=\"%s\"", label);
    const char *at = strstr(row, mark);
    if (at == NULL)
        fail_msg("no %s in %s", label, row);
    at += strcspn(at, ">") + 1;
    at += strncmp(at, "<b class", 8) == 0 ? strcspn(at, "0123456789") : 0;
    free(mark);
    return atoll(at);
}

/* Last: it adds findings. Who compares the index of the letters with the document's table of what needs action, sees the same numbers: owner by
 * owner, and in all, also of what is shared, of what nobody has, of servers that show certificates of several, of CAs, and of records that nobody
 * has seen. */
static void the_letters_and_the_document_count_the_same(void **state)
{
    (void)state;
    struct error err = {0};
    static const char *const labels[] = {"Overdue", "7 days", "30 days"};
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, name_set, contacts, serial_number, common_name, owner, "
                    "not_before, not_after) "
                    "SELECT 1, sha256(convert_to(v.name, 'UTF8')), now() - interval '3 days', 'account.csv', 900, ARRAY[v.name], '{}', 'feed' "
                    "|| d, v.name, v.owner, "
                    "now() - interval '200 days', now() + d * interval '1 day' FROM (VALUES (16, 'unseen.doe.example', NULL), (25, "
                    "'unseen.example', 'Recorder'), (3, 'unseen.nobody.example', NULL), "
                    "(90, 'later.poe.example', NULL)) v (d, name, owner)");
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "INSERT INTO finding SELECT 0, id, 'P03', 1, 2, '{}', now() - interval '28 days' FROM endpoint WHERE server_name IN "
                    "('a.doe.example', 'secret-1.poe.example', 'half.example', 'half.doe.example'); "
                    "INSERT INTO finding SELECT 0, id, 'P05', 1, 4, '{}', now() FROM endpoint WHERE server_name IN ('two.poe.example', "
                    "'more.doe.example', 'y.nowhere.example'); "
                    "INSERT INTO finding SELECT certificate, 0, 'H04', 1, 3, '{}', now() FROM certificate_now WHERE NOT is_leaf ORDER BY "
                    "certificate LIMIT 2");
    struct document document, letters;
    const struct document_options whole = {.written_by = "x"}, of_letters = {.written_by = "x", .is_of_letters = true};
    if (!document_open(&document, db, &whole, &err))
        fail_msg("%s", err.text);
    struct db_result *rows = due(&document, NULL);
    document_close(&document);
    assert_true(db_rows(rows) > 12);
    if (!document_open(&letters, db, &of_letters, &err))
        fail_msg("%s", err.text);
    for (size_t i = 1; i < db_rows(rows); i++) {
        struct db_result *own = due(&letters, db_value(rows, i, 0));
        if (db_rows(own) == 0)
            fail_msg("nothing is told to %s", db_value(rows, i, 0));
        for (size_t c = 1; c < db_columns(rows); c++)
            if (db_int(own, 0, c) != db_int(rows, i, c))
                fail_msg("%s, column %zu: %lld in the letter, %lld in the document", db_value(rows, i, 0), c, (long long)db_int(own, 0, c),
                         (long long)db_int(rows, i, c));
        db_result_destroy(own);
    }
    document_close(&letters);
    write_letters();
    read_file("index.html");
    for (size_t i = 0; i < db_rows(rows); i++) {
        if (i > 0 && document_owner_name(db_value(rows, i, 0))[0] == '"')       /* which is escaped there */
            continue;
        char *name = i == 0 ? xstrdup("<th scope=\"row\">All owners</th>") : xasprintf(".html\">%s</a>", document_owner_name(db_value(rows, i, 0)));
        const char *row = strstr(text, name);
        if (row == NULL)
            fail_msg("no %s in %s", name, text);
        for (size_t c = 0; c < 3; c++)
            assert_int_equal(number_at(row, labels[c]), db_int(rows, i, c + 1));
        assert_int_equal(number_at(row, "All"), db_int(rows, i, db_columns(rows) - 1));
        free(name);
    }
    db_result_destroy(rows);
}

/* The words that mean nobody or all stand in SQL for rows, and in C for pages: the same of them are quoted. */
static void both_ways_to_tell_an_owner_quote_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"(nobody)", "Nobody", "nobody named yet", "(ALL)", "all", "All owners", "\"x", "none", "Parks Service", "nobodys", "A; B"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *sql = xasprintf("SELECT owner_shown('%s')", names[i]), *shown = test_rows(db, sql);
        shown[strcspn(shown, "\n")] = '\0';
        assert_string_equal(shown, document_owner_name(names[i]));
        free(sql);
        free(shown);
    }
}

static size_t listed(const char *command, const char **said)
{
    char *run = xasprintf("'%s' report %s --db '%s' 2>&1", CERTSWEEP_BINARY, command, test_cluster_dsn(cluster));
    FILE *out = popen(run, "r");
    assert_non_null(out);
    free(text);
    text = xcalloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, out) > 0);
    int status = pclose(out);
    free(run);
    size_t rows = 0;
    for (const char *at = text; (at = strstr(at, "\"sha256\":")) != NULL; at++)
        rows++;
    if (said != NULL)
        *said = text;
    return status == 0 ? rows : SIZE_MAX;
}

/* A key that all may read is told to who can close its file, and nothing else of that certificate, which stays with its own owner. */
static void a_readable_key_is_of_the_owner_of_its_file(void **state)
{
    (void)state;
    const char *said;
    has("keeper.html", "Private key of a served certificate is readable by all");
    has("keeper.html", "disk.keys.example:/srv/one.key");
    has_not("keeper.html", "No path leads");
    has("keeper.csv", "\"K21\"");
    size_t lines = 0;
    for (const char *at = read_file("keeper.csv"); (at = strstr(at, "\r\n")) != NULL; at += 2)
        lines++;
    assert_int_equal(lines, 2);
    has("doe.html", "Private key of a served certificate is readable by all");
    assert_int_equal(listed("certificates --owner Keeper --format jsonl", NULL), 0);
    assert_int_equal(listed("findings --owner keeper --format jsonl", &said), 1);
    assert_non_null(strstr(said, "\"owner\":\"Keeper\",\"contacts\":[\"keeper@keys.example\"]"));
    assert_int_equal(listed("findings --owner Doe --rule K21 --format jsonl", &said), 1);
    assert_non_null(strstr(said, "\"owner\":\"Keeper\""));
    listed("certificate one.doe.example", &said);
    assert_null(strstr(said, "shared by"));
    assert_true(listed("discovery --format html", &said) != SIZE_MAX);
    assert_non_null(strstr(said, "Keeper"));
}

/* Who stands first in the rule book stands first everywhere, also behind the contacts of another owner. */
static void contacts_stand_in_the_order_of_their_rule(void **state)
{
    (void)state;
    const char *said, *both = "\"contacts\":[\"zoe@rota.example\",\"adam@rota.example\"]";
    has("rota.html", "Rota: zoe@rota.example, adam@rota.example");
    has("rota.html", "Contact: zoe@rota.example, adam@rota.example.");
    const char *list = read_file("rota-certificates.csv"), *first = strstr(list, "zoe@rota.example"), *second = strstr(list, "adam@rota.example");
    assert_true(first != NULL && second > first);
    has("doe.html", "Rota (zoe@rota.example, adam@rota.example)");
    assert_true(listed("ownership --owner Rota --format jsonl", &said) != SIZE_MAX);
    if (strstr(said, both) == NULL)
        fail_msg("%s", said);
    assert_int_equal(listed("certificates --name x.rota.example --format jsonl", &said), 1);
    if (strstr(said, both) == NULL)
        fail_msg("%s", said);
    assert_int_equal(listed("certificates --name turns.example --format jsonl", &said), 1);
    if (strstr(said, "[\"doe@doe.example\",\"zoe@rota.example\",\"adam@rota.example\"]") == NULL)
        fail_msg("%s", said);
}

/* All of it, in whatever form it is asked for. */
static void several_together_are_no_owner_to_any_report(void **state)
{
    (void)state;
    static const char *const commands[] = {"discovery --owner 'Poe; Roe' -o /tmp/never.html", "discovery --owner 'Poe; Roe' --format xlsx", "discovery --owner 'Poe; Roe' --evidence /tmp/never",
                                           "discovery --owner 'poe; roe' -o /tmp/never/", "certificates --owner 'Poe; Roe'", "findings --owner 'Poe; Roe' --format csv",
                                           "ownership --owner 'Poe; Roe' --format json", "renewals --owner 'Poe; Roe' --format html"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *said;
        if (listed(commands[i], &said) != SIZE_MAX || strstr(said, "these are several owners together, each of whom has what they share: name one of them, Poe, Roe") == NULL)
            fail_msg("%s: %s", commands[i], said);
    }
    static const char *const turned[][2] = {{"Roe; Poe", "Poe, Roe"}, {"shared by roe;poe", "Poe, Roe"}, {"Doe; Roe", "Doe, Roe"},
                                            {"roe; doe", "Doe, Roe"}, {"Roe; Idle; Poe", "Idle, Poe, Roe"}};
    for (size_t i = 0; i < sizeof turned / sizeof turned[0]; i++) {     /* in whatever order, and where they share nothing */
        const char *said;
        char *command = xasprintf("certificates --owner '%s'", turned[i][0]),
             *wanted = xasprintf("--owner %s: these are several owners together, each of whom has what they share: name one of them, %s\n",
                                 turned[i][0], turned[i][1]);
        if (listed(command, &said) != SIZE_MAX || strstr(said, wanted) == NULL)
            fail_msg("%s: %s", command, said);
        free(command);
        free(wanted);
    }
    static const char *const lists[] = {"certificates --name two.example", "certificates --name two.example --format csv", "certificate two.example"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {       /* readable as several, wherever it is told */
        const char *said;
        listed(lists[i], &said);
        if (strstr(said, "shared by Poe; Roe") == NULL)
            fail_msg("%s: %s", lists[i], said);
    }
    assert_int_equal(listed("certificates --owner 'Doe; Poe' --format jsonl", NULL), 1);        /* the one that is called so, not what Doe and Poe share */
    assert_int_equal(listed("certificates --owner Doe --format jsonl", NULL), 5);
    assert_int_equal(listed("certificates --owner Roe --format jsonl", NULL), 1);
}

/* Its owner is "Doe; Poe ..." as a whole, and of no place. */
static void what_is_shared_has_its_places_in_the_document(void **state)
{
    (void)state;
    const char *said;
    assert_true(listed("discovery --format html", &said) != SIZE_MAX);
    char *row = strstr(said, "<summary>two.<wbr>example</summary>");
    assert_non_null(row);
    *strstr(row, "</dl>") = '\0';
    if (strstr(row, "<dt>Places</dt>") == NULL || strstr(row, "two.<wbr>roe.<wbr>example) at capitol (Roe)") == NULL || strstr(row, "two.<wbr>poe.<wbr>example) at capitol (Poe)") == NULL)
        fail_msg("%s", row);
}

static void an_owner_may_be_called_none(void **state)
{
    (void)state;
    const char *said;
    size_t nobodys = (size_t)test_number(db, "SELECT count(*) FROM certificate_now WHERE is_leaf AND owner_basis IS NULL");
    assert_int_equal(listed("certificates --owner none --format jsonl --limit 0", &said), nobodys);
    assert_non_null(strstr(said, "an owner is called \"None\", too: --owner '=None'"));
    assert_int_equal(listed("certificates --owner =none --format jsonl", NULL), 1);
    assert_true(listed("find y.nowhere.example --owner =none --format jsonl", &said) != SIZE_MAX && strstr(said, "\"found\":\"certificate\"") != NULL);
    assert_true(listed("discovery --owner =none --format html", &said) != SIZE_MAX && strstr(said, "<dd>None</dd>") != NULL && strstr(said, "nowhere") != NULL);
    assert_true(listed("findings --owner =none --rule C09 --format json", &said) == SIZE_MAX || strstr(said, "--owner none") == NULL);
    assert_true(listed("summary --format csv", &said) != SIZE_MAX);
    if (strstr(said, "--owner None") != NULL)
        fail_msg("%s", said);
}

/* Who is called like nobody is in quotes wherever nobody stands beside them. */
static void an_owner_may_be_called_like_nobody(void **state)
{
    (void)state;
    struct error err = {0};
    const char *said;
    static const char *const asked[] = {"ownership --format csv", "renewals --format csv"};
    fixture_sql(db, "UPDATE owner_rule SET owner = '(nobody)' WHERE owner = 'Idle'; UPDATE owner_rule SET owner = 'Nobody named yet' WHERE owner = 'Roe'");
    if (!reconcile_run(db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        listed(asked[i], &said);
        if (strstr(said, "\n\"\"\"(nobody)\"\"\",") == NULL || strstr(said, "\n\"(nobody)\",") == NULL || strstr(said, "\n\"\"\"Nobody named yet\"\"\",") == NULL)
            fail_msg("%s: %s", asked[i], said);
    }
    write_letters();
    has("index.html", ">&quot;Nobody named yet&quot;</a>");
    has("index.html", ">&quot;(nobody)&quot;</a>");
    has("index.html", ">Nobody named yet</a>");
    assert_true(listed("certificates --owner '(nobody)' --format jsonl", NULL) > 0);
}

/* That nothing is asked does not mean that nothing has ended. */
static void an_owner_with_nothing_due_reads_what_has_ended(void **state)
{
    (void)state;
    has_not("recorder.html", "ended");
    fixture_sql(db, "UPDATE certificate_now SET not_after = now() - interval '3 days', ends_at = now() - interval '3 days', time = 'expired' WHERE name IN ('kept.example', 'lying.example'); "
                    "DELETE FROM finding WHERE certificate IN (SELECT certificate FROM certificate_now WHERE name = 'one-more.example')");
    write_letters();
    has("recorder.html", "It is recorded, and is served nowhere. It has ended, on ");
    has("recorder.html", ">ended</span>");
    has("filer.html", " One of them has ended, on ");
    has("filer.html", " The next to end is ");
    has("index.html", "<span class=\"soft\">ended ");
    has("index.html", "1 ended, the last ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_owner_of_something_gets_a_letter),
        cmocka_unit_test(what_was_replaced_is_told_as_replaced),
        cmocka_unit_test(what_nobody_owns_is_listed_wherever_it_is),
        cmocka_unit_test(what_nobody_owns_is_told_to_the_sender),
        cmocka_unit_test(a_place_of_nobody_stands_for_itself),
        cmocka_unit_test(places_of_two_sites_name_both),
        cmocka_unit_test(a_letter_goes_to_all_its_contacts),
        cmocka_unit_test(contacts_stand_in_the_order_of_their_rule),
        cmocka_unit_test(the_index_tells_how_many_are_different),
        cmocka_unit_test(a_letter_names_the_other_owner),
        cmocka_unit_test(an_owner_called_like_two_is_one),
        cmocka_unit_test(a_readable_key_is_of_the_owner_of_its_file),
        cmocka_unit_test(several_together_are_no_owner_to_any_report),
        cmocka_unit_test(what_is_shared_has_its_places_in_the_document),
        cmocka_unit_test(an_owner_may_be_called_none),
        cmocka_unit_test(an_owner_with_nothing_due_reads_what_has_ended),
        cmocka_unit_test(an_owner_may_be_called_like_nobody),
        cmocka_unit_test(both_ways_to_tell_an_owner_quote_the_same),
        cmocka_unit_test(the_letters_and_the_document_count_the_same),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
