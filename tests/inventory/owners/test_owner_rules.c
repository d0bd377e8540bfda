/* owner_rules.h, owner_ranges.h: spellings of ranges and suffixes, exports of other tools, rules without effect, the rank of a
 * managed record's owner, and one answer for places and certificates. */
#include "inventory/owners/owner_match.h"
#include "inventory/owners/owner_ranges.h"
#include "inventory/owners/owner_rules.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory_owners_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct db *db;
static char told[2048];             /* "3: is never reached ...\n" of all notes and faults */

static void on_line(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    (void)file;
    size_t len = strlen(told);
    snprintf(told + len, sizeof told - len, "%zu: %s\n", line, text);
}

static bool import(const char *text, struct owner_import_options options, struct owner_account *account, struct error *err)
{
    char path[] = "/tmp/certsweep-owners.XXXXXX";
    struct owner_fault_sink sink = {.fault = on_line, .note = on_line};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    told[0] = '\0';
    bool ok = owner_rules_import(db, path, &options, &sink, account, err);
    unlink(path);
    return ok;
}

static struct owner_account imported(const char *text, struct owner_import_options options)
{
    struct owner_account account;
    struct error err = {0};
    if (!import(text, options, &account, &err))
        fail_msg("%s", err.text);
    return account;
}

static void expect(const char *sql, const char *rows)
{
    char *found = test_rows(db, sql);
    if (strcmp(found, rows) != 0)
        fail_msg("%s\nfound:\n%swanted:\n%s", sql, found, rows);
    free(found);
}

static void run(void)
{
    struct error err = {0};
    struct reconcile_options options = {.as_of_us = RECONCILE_NOW, .everything = true};
    assert_true(clock_parse_us("2026-02-01", &options.present_us));
    if (!reconcile_run(db, &options, NULL, &err))
        fail_msg("%s", err.text);
}

static void ranges_in_every_spelling(void **state)
{
    (void)state;
    static const struct { const char *text, *ranges; } cases[] = {
        {"10.1.0.0/29", "10.1.0.0-10.1.0.7"}, {"10.1.0.0/255.255.255.248", "10.1.0.0-10.1.0.7"}, {"10.1.0.8 255.255.255.248", "10.1.0.8-10.1.0.15"},
        {"10.1.2.*", "10.1.2.0-10.1.2.255"}, {"10.1.*", "10.1.0.0-10.1.255.255"}, {"10.1.*.*", "10.1.0.0-10.1.255.255"},
        {"10.1.0.9-12", "10.1.0.9-10.1.0.12"}, {"10.1.0.3/29", "10.1.0.0-10.1.0.7"}, {"10.1.0.13", "10.1.0.13"},
        {"10.1.0.0/29, 10.1.0.8/29;2001:db8::/32", "10.1.0.0-10.1.0.7 10.1.0.8-10.1.0.15 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"10.1.0.1 10.1.0.2", "10.1.0.1 10.1.0.2"}, {"10.1.0", ""}, {"10.1.0.0/255.0.255.0", ""}, {"*", ""}, {"Datacenter", ""}, {"10.1.0.1, all", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address_range ranges[OWNER_RANGES_MAX];
        char bad[80], text[ADDRESS_RANGE_TEXT_SIZE], all[1024] = "";
        size_t count = owner_ranges_parse(cases[i].text, ranges, bad, sizeof bad);
        for (size_t at = 0; at < count; at++) {
            address_range_format(&ranges[at], text);
            size_t len = strlen(all);
            snprintf(all + len, sizeof all - len, "%s%s", at == 0 ? "" : " ", text);
        }
        if (strcmp(all, cases[i].ranges) != 0)
            fail_msg("%s: %s", cases[i].text, all);
    }
}

static char *answer(struct owner_question question)
{
    struct error err = {0};
    struct db_result *result = owner_ask(db, &question, 1, &err) ? db_query(db, SQL_OWNER_EXPLAIN, 0, NULL, &err) : NULL;
    if (result == NULL)
        fail_msg("%s", err.text);
    char *owner = strdup(db_rows(result) == 0 ? "nobody" : db_value(result, 0, 3));
    db_result_destroy(result);
    return owner;
}

static char *explain(const char *site, const char *address, const char *name, const char *issuer)
{
    return answer((struct owner_question){.site = site, .address = address, .name = name, .issuer = issuer});
}

static void explains(const char *address, const char *name, const char *wanted)
{
    char *owner = explain("default", address, name, NULL);
    assert_string_equal(owner, wanted);
    free(owner);
}

static void the_first_owner_rule_that_matches_wins(void **state)
{
    (void)state;
    struct owner_account account = imported("owner,site,prefix,name suffix,issuer,contacts,floor\n"
                                            "lab,,10.1.2.0/24,,,a@x;b@x,3\n"
                                            "nobody here,,10.0.0.0/99,,,,\n"
                                            "dmv,,10.1.0.0-10.1.255.255,,,,\n"
                                            "parks,,,*.Parks.gov. rangers.gov,,,\n"
                                            "north,north,10.0.0.0/8,,,,\n"
                                            "vendor,,,,100%_Sure,,\n", (struct owner_import_options){0});
    assert_int_equal(account.rules, 6);
    assert_int_equal(account.faults, 1);
    assert_string_equal(told, "1: columns not used: floor\n"
                              "3: \"10.0.0.0/99\" is no range; expected 10.1.0.0/16, 10.1.0.1-10.1.0.9, 10.1.* or 2001:db8::/32\n"
                              "6: matches nothing: there is no site north\n");
    static const struct {
        const char *site, *address, *name, *issuer, *owner;
    } cases[] = {
        {"default", "10.1.2.3", NULL, NULL, "lab"},     {"default", "10.1.3.3", NULL, NULL, "dmv"},
        {"default", NULL, "www.parks.gov", NULL, "parks"}, {"default", NULL, "parks.gov", NULL, "parks"}, {"default", NULL, "a.rangers.gov", NULL, "parks"},
        {"default", NULL, "notparks.gov", NULL, "nobody"}, {"north", "10.9.9.9", NULL, NULL, "north"},
        {"south", "10.9.9.9", NULL, NULL, "nobody"},    {"default", NULL, NULL, "O=100%_Sure CA", "vendor"},
        {"default", NULL, NULL, "O=100 Sure CA", "nobody"}, {"default", "2001:db8::1", NULL, NULL, "nobody"},
        {"default", NULL, "*.Parks.gov", NULL, "parks"},    {"default", NULL, ".parks.gov", NULL, "parks"}, {"default", NULL, "gov", NULL, "nobody"},
        {"default", "10.1.3.3", "www.parks.gov", "O=100%_Sure CA", "dmv"}, {"north", NULL, "a.b.rangers.gov", NULL, "parks"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *owner = explain(cases[i].site, cases[i].address, cases[i].name, cases[i].issuer);
        assert_string_equal(owner, cases[i].owner);
        free(owner);
    }
}

/* The rule in its simplest form, each place against each line: slow, but short enough to be trusted. */
static const char first_line[] =
    "SELECT coalesce(min(r.line), 0) FROM owner_asked a JOIN owner_rule_current r "
    "ON (r.site IS NULL OR r.site = a.site) "
    "AND (r.first_address IS NULL OR (a.address >= r.first_address AND a.address <= r.last_address AND family(a.address) = family(r.first_address))) "
    "AND (r.name_suffix IS NULL OR lower(a.name) = r.name_suffix OR right(lower(a.name), length(r.name_suffix) + 1) = '.' || r.name_suffix) "
    "AND (r.issuer_like IS NULL OR a.issuer ILIKE r.issuer_like) "
    "AND (r.host_suffix IS NULL OR lower(a.host) = r.host_suffix OR right(lower(a.host), length(r.host_suffix) + 1) = '.' || r.host_suffix) "
    "AND (r.path_prefix IS NULL OR a.path = r.path_prefix OR left(a.path, length(r.path_prefix) + 1) = r.path_prefix || '/') "
    "WHERE a.id = o.id";

/* Random rules and random places; each condition is often missing, and values are few, so that most combinations occur. */
static void the_first_line_is_found_among_many(void **state)
{
    (void)state;
    fixture_sql(db, "SELECT setseed(0.20261129); INSERT INTO owner_import (file, rule_count) VALUES ('many.csv', 300); "
                    "INSERT INTO owner_rule (import, line, site, first_address, last_address, name_suffix, issuer_like, host_suffix, path_prefix, owner, contacts, text) "
                    "SELECT (SELECT max(id) FROM owner_import), n, CASE WHEN random() < 0.3 THEN (ARRAY['default', 'north', 'nowhere'])[1 + floor(3 * random())] END, "
                    "first, CASE WHEN first IS NOT NULL THEN first + floor(4 * random())::bigint END, "
                    "CASE WHEN random() < 0.4 THEN (ARRAY['a.example', 'b.example', 'x.b.example', 'example', 'c'])[1 + floor(5 * random())] END, "
                    "CASE WHEN random() < 0.3 THEN (ARRAY['%one%', '%two', '%CA%'])[1 + floor(3 * random())] END, "
                    "CASE WHEN of_file AND n % 2 = 0 THEN (ARRAY['web1', 'web1.example', 'example'])[1 + floor(3 * random())] END, "
                    "CASE WHEN of_file AND (n % 2 = 1 OR random() < 0.5) THEN (ARRAY['', '/srv', '/srv/web', '/srv/web/a.pem', '/etc'])[1 + floor(5 * random())] END, "
                    "'owner ' || n, '{}', 'line' "
                    "FROM (SELECT n, n % 3 = 0 AS of_file, CASE WHEN n % 3 = 0 AND n % 30 <> 0 THEN NULL WHEN random() < 0.5 "
                    "THEN inet '10.0.0.0' + floor(64 * random())::bigint ELSE inet '2001:db8::' + floor(64 * random())::bigint END AS first "
                    "FROM generate_series(1, 300) n) v WHERE of_file OR first IS NOT NULL");
    struct error err = {0};
    struct owner_question *questions = xcalloc(400, sizeof *questions);
    char (*addresses)[40] = xcalloc(400, sizeof *addresses);
    static const char *const sites[] = {"default", "north", "south"}, *const issuers[] = {NULL, "CN=one CA", "CN=two", "CN=three", NULL},
                      *const names[] = {NULL, "a.example", "www.B.example", "x.b.example", "w.x.b.example", "example", "c", "d.c", "other", ".example", "*.a.example"},
                      *const hosts[] = {"web1", "WEB1.example", "a.web1.example", "web2", "example"},
                      *const paths[] = {"/srv/web/a.pem", "/srv/web2/a.pem", "/srv", "/etc/ssl/x", "/a", "/srv/web/a.pem/b"};
    for (unsigned i = 0; i < 400; i++) {
        snprintf(addresses[i], sizeof addresses[i], i % 3 == 0 ? "2001:db8::%x" : "10.0.0.%u", (i * 7) % 66);
        questions[i] = (struct owner_question){.site = sites[i % 7 % 3], .address = i % 5 == 0 ? NULL : addresses[i], .name = names[i % 11],
                                               .issuer = issuers[i % 13 % 5]};
        if (i % 4 == 1) {
            questions[i].address = NULL;
            questions[i].host = hosts[i % 17 % 5];
            questions[i].path = paths[i % 19 % 6];
        }
    }
    if (!owner_ask(db, questions, 400, &err))
        fail_msg("%s", err.text);
    char *sql = xasprintf("SELECT count(*) FILTER (WHERE coalesce(o.line, 0) <> (%s)) || ' wrong, ' || (count(DISTINCT o.line) > 20) FROM "
                          "(SELECT q.id, p.line FROM owner_asked q LEFT JOIN "
                          "(SELECT endpoint AS id, line FROM owner_at_place UNION ALL SELECT place, line FROM owner_at_file) p USING (id)) o", first_line);
    expect(sql, "0 wrong, true\n");
    assert_true(test_number(db, "SELECT count(*) FROM owner_at_file JOIN owner_rule_now r USING (line) WHERE r.is_for_files") > 20);
    fixture_sql(db, "DELETE FROM owner_rule USING owner_import i WHERE i.id = import AND i.file = 'many.csv'; DELETE FROM owner_import WHERE file = 'many.csv'");
    free(sql);
    free(questions);
    free(addresses);
}

static void a_file_without_rules_changes_nothing(void **state)
{
    (void)state;
    struct owner_account account;
    struct error err = {0};
    int64_t before = test_number(db, "SELECT count(*) FROM owner_rule_current");
    static const char *const texts[] = {"owner,prefix\n,10.0.0.0/8\n", "who,prefix\nx,10.0.0.0/8\n", "", "prefix,owner\n"};
    for (size_t i = 0; i < 4; i++)
        assert_false(import(texts[i], (struct owner_import_options){0}, &account, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM owner_rule_current"), before);
}

static void exports_of_other_tools_put_the_smallest_range_first(void **state)
{
    (void)state;
    struct owner_account account = imported("id,prefix,status,family,vrf,tenant,site,vlan,role,description\n1,10.204.0.0/16,Container,IPv4,,HQ,DC1,,,\n"
                                            "2,10.204.1.0/29,Active,IPv4,,Parks,DC1,,,\n3,10.205.0.0/16,Active,IPv4,,,DC1,,,\n", (struct owner_import_options){0});
    assert_string_equal(account.profile, "NetBox");
    assert_int_equal(account.rules, 2);
    assert_int_equal(account.faults, 0);
    char *owner = explain("default", "10.204.1.3", NULL, NULL);
    assert_string_equal(owner, "Parks");
    free(owner);
    account = imported("header-network,address*,netmask*,EA-Owner,comment\nnetwork,10.7.0.0,255.255.0.0,Roads,\n", (struct owner_import_options){0});
    assert_string_equal(account.profile, "Infoblox");
    owner = explain("default", "10.7.200.1", NULL, NULL);
    assert_string_equal(owner, "Roads");
    free(owner);
    account = imported("name,ip_address,support_group,operational_status\nweb1,10.8.0.1,Web Team,Operational\nweb2,10.8.0.2,Web Team,Retired\n",
                       (struct owner_import_options){0});
    assert_string_equal(account.profile, "ServiceNow CMDB");
    assert_int_equal(account.rules, 1);
    explains("10.8.0.1", NULL, "Web Team");             /* the machine's name says nothing against it */
    account = imported("name,ip_address,fqdn,support_group,install_status\nweb1,,web1.example.gov,Web Team,Installed\nweb2,,,DB Team,Installed\n"
                       "web3,10.8.0.3,,DB Team,Retired\n", (struct owner_import_options){0});
    assert_int_equal(account.rules, 1);
    assert_int_equal(account.faults, 0);
    explains("10.8.0.9", "web1.example.gov", "Web Team");
    account = imported("ID,IP Address,VRF,Status,Role,Tenant,DNS Name\n5,10.9.0.1/24,,Active,,DMV,c.example.gov\n6,10.9.0.2/24,,Active,,,\n"
                       "7,10.9.0.3/24,,Deprecated,,Old,\n", (struct owner_import_options){0});
    assert_string_equal(account.profile, "NetBox");
    assert_int_equal(account.rules, 1);
    explains("10.9.0.1", NULL, "DMV");
    explains("10.9.0.4", NULL, "nobody");                   /* the mask is its network's */
    account = imported("header-networkview,name*,comment\nnetworkview,default,\nheader-network,address*,netmask*,EA-Owner\nnetwork,10.7.0.0,255.255.0.0,Roads\n"
                       "header-hostrecord,fqdn*,addresses,comment,EA-Owner\nhostrecord,c.example.gov,\"10.7.1.1,10.7.1.2\",,Web\n"
                       "header-arecord,address*,fqdn*\narecord,10.7.1.3,d.example.gov\n", (struct owner_import_options){0});
    assert_string_equal(account.profile, "Infoblox");
    assert_int_equal(account.rules, 3);
    assert_int_equal(account.faults, 0);
    explains("10.7.1.2", NULL, "Web");
    explains("10.7.1.3", NULL, "Roads");
}

static void columns_of_the_same_heading_are_all_read(void **state)
{
    (void)state;
    struct owner_account account = imported("owner,prefix,contacts,Owner,prefix\nParks,10.8.0.0/24,p@x.example,Old,\n,,w@x.example,Web,10.8.1.0/24\n",
                                            (struct owner_import_options){0});
    assert_int_equal(account.rules, 2);
    assert_int_equal(account.faults, 0);
    assert_non_null(strstr(told, "1: several columns are called \"owner\": the first that is not empty in a row is read"));
    assert_non_null(strstr(told, "1: several columns are called \"prefix\""));
    assert_null(strstr(told, "not used"));
    explains("10.8.0.1", NULL, "Parks");
    explains("10.8.1.1", NULL, "Web");
}

static void rules_that_say_nothing_are_told(void **state)
{
    (void)state;
    imported("prefix,owner\n10.204.0.0/16,HQ\n10.204.1.0/29,Parks\n", (struct owner_import_options){0});
    assert_non_null(strstr(told, "3: is never reached: line 2 takes all that it would"));
    struct owner_account account = imported("prefix,owner\n,Everybody\n10.204.1.0/29,Parks\n", (struct owner_import_options){0});
    assert_int_equal(account.faults, 1);
    assert_non_null(strstr(told, "3: no rule after line 2 is ever reached"));
    account = imported("prefix,owner\n,Everybody\n10.204.1.0/29,Parks\n", (struct owner_import_options){.catch_all = true});
    assert_int_equal(account.rules, 2);
    account = imported("prefix,owner\n10.204.1.0/29,Parks\n,Everybody\n", (struct owner_import_options){0});
    assert_int_equal(account.faults, 0);
}

static void an_owner_has_one_spelling(void **state)
{
    (void)state;
    struct owner_account account = imported("prefix,owner\n10.205.0.0/24,HQ\n10.205.1.0/24,Web Team\n10.205.2.0/24,web team\n10.205.3.0/24,WEB TEAM\n"
                                            "10.205.4.0/24,web team\n", (struct owner_import_options){0});
    assert_int_equal(account.rules, 5);
    assert_int_equal(account.faults, 0);
    assert_non_null(strstr(told, "4: owner \"web team\" is also written \"Web Team\" (line 3): read as \"Web Team\"\n"));
    assert_non_null(strstr(told, "5: owner \"WEB TEAM\" is also written \"Web Team\" (line 3): read as \"Web Team\"\n"));
    assert_null(strstr(told, "6: owner"));
    expect("SELECT owner, count(*) FROM owner_rule_current GROUP BY owner ORDER BY owner", "HQ|1\nWeb Team|4\n");
    explains("10.205.4.1", NULL, "Web Team");
}

static void hosts_and_paths_own_files(void **state)
{
    (void)state;
    struct owner_account account = imported("owner,host,path,prefix\nWeb,web1.example,/srv/web/,\nUnix,*.Example,/etc/*,\nShop,,/srv/shop,\n"
                                            "Hosts,web1,,\nNobody,,srv/x,\nBoth,,/srv,10.0.0.0/8\nAll,,/,\nLast,web3,/opt,\n", (struct owner_import_options){0});
    assert_int_equal(account.rules, 7);
    assert_int_equal(account.faults, 1);
    assert_non_null(strstr(told, "6: \"srv/x\" is no path prefix"));
    assert_non_null(strstr(told, "7: matches nothing: an address is an endpoint's, a host or path a file's"));
    assert_non_null(strstr(told, "9: is never reached: line 8 takes all that it would"));
    static const struct {
        const char *host, *path, *owner;
    } cases[] = {
        {"web1.example", "/srv/web/a.pem", "Web"}, {"WEB1.example", "/srv/web", "Web"}, {"web1.example", "/srv/website/a.pem", "All"},
        {"a.web1.example", "/srv/web/x/y.pem", "Web"}, {"db.example", "/etc/ssl/a.pem", "Unix"}, {"example", "/etc/x", "Unix"},
        {"web1", "/srv/shop/a", "Shop"}, {"web1", "/a", "Hosts"}, {"web2", "/a", "All"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *owner = answer((struct owner_question){.site = "default", .host = cases[i].host, .path = cases[i].path});
        assert_string_equal(owner, cases[i].owner);
        free(owner);
    }
    char *owner = explain("default", "10.1.2.3", NULL, NULL);
    assert_string_equal(owner, "nobody");
    free(owner);
}

static const char owners[] = "SELECT n.name, b.owner FROM certificate_now n LEFT JOIN owner_basis b ON b.id = n.owner_basis WHERE is_leaf ORDER BY 1";

/* A certificate belongs to the owners of its places; the rule book gives the rank of a record's owner. */
static void one_answer(void **state)
{
    (void)state;
    struct made_cert *one = cert_make(&(struct cert_recipe){.subject = "CN=a.parks.example"});
    struct made_cert *two = cert_make(&(struct cert_recipe){.subject = "CN=b.parks.example"});
    fixture_serve(db, &(struct fixture_served){.address = "127.62.1.1", .chain = {one}});
    fixture_serve(db, &(struct fixture_served){.address = "127.62.2.1", .chain = {two}});
    fixture_serve(db, &(struct fixture_served){.address = "127.62.3.1", .chain = {two}});
    run();
    fixture_sql(db, "INSERT INTO managed_source (name) VALUES ('ca'); INSERT INTO managed_import (source, imported_at, files, record_count, bad_count) "
                    "VALUES (1, '2026-01-02', '{ca.csv}', 1, 0); INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, sha256, "
                    "department) SELECT 1, sha256, '2026-01-02', 'ca.csv', 7, '{}', '{}', sha256, 'Account' FROM certificate_now WHERE name = 'a.parks.example'");
    static const char rules[] = "prefix,name suffix,owner\n127.62.2.0/24,,Host Team\n,parks.example,Parks\n";
    imported(rules, (struct owner_import_options){0});
    run();
    expect(owners, "a.parks.example|Parks\nb.parks.example|shared by Host Team; Parks\n");
    imported(rules, (struct owner_import_options){.record_first = true});
    run();
    expect(owners, "a.parks.example|Account\nb.parks.example|shared by Host Team; Parks\n");
    imported("prefix,name suffix,owner\n127.62.1.0/24,,Net Team\n,,@record\n,parks.example,Parks\n", (struct owner_import_options){0});
    run();
    expect(owners, "a.parks.example|Net Team\nb.parks.example|Parks\n");
    imported("prefix,name suffix,owner\n127.62.2.0/24,,Net Team\n,,@record\n,parks.example,Parks\n", (struct owner_import_options){0});
    run();
    expect(owners, "a.parks.example|Account\nb.parks.example|shared by Net Team; Parks\n");
    imported("prefix,name suffix,owner\n127.62.2.0/24,,ACCOUNT\n,,@record\n,parks.example,Parks\n", (struct owner_import_options){0});
    run();                              /* the record's "Account" is the owner of the rules */
    expect(owners, "a.parks.example|ACCOUNT\nb.parks.example|shared by ACCOUNT; Parks\n");
    imported("prefix,name suffix,owner\n127.62.2.0/24,,Net Team\n,,@record\n,parks.example,Parks\n", (struct owner_import_options){0});
    run();
    expect(owners, "a.parks.example|Account\nb.parks.example|shared by Net Team; Parks\n");
    /* Where no rule has it, records that differ only in case name one owner, spelled as the first one. */
    fixture_sql(db, "INSERT INTO managed_record (source, key, valid_from, file, line, contacts, name_set, sha256, department) "
                    "SELECT 1, sha256, '2026-01-02', 'ca.csv', 8, '{}', '{}', sha256, 'ACCOUNT' FROM certificate_now WHERE name = 'b.parks.example'");
    imported("prefix,name suffix,owner\n,,@record\n,parks.example,Parks\n", (struct owner_import_options){0});
    run();
    expect(owners, "a.parks.example|Account\nb.parks.example|Account\n");
    fixture_sql(db, "DELETE FROM managed_record WHERE line = 8");
    imported("prefix,name suffix,owner\n127.62.2.0/24,,Net Team\n,,@record\n,parks.example,Parks\n", (struct owner_import_options){0});
    run();
    const char *known[] = {NULL, "127.62.2.1", "443", NULL, "default", NULL, NULL};
    struct error err = {0};
    struct db_result *rows = db_query(db, SQL_OWNER_EXPLAIN_KNOWN, 7, known, &err);
    assert_non_null(rows);
    assert_int_equal(db_rows(rows), 1);
    assert_string_equal(db_value(rows, 0, 3), "Net Team");
    db_result_destroy(rows);
    cert_make_free(one);
    cert_make_free(two);
}

/* Their names may read alike together, and are told apart: each owner is counted by one certificate of the set. */
static void two_sets_of_owners_are_two(void **state)
{
    (void)state;
    static const struct { const char *address; int certificate; } served[] = {{"127.63.1.1", 0}, {"127.63.2.1", 0}, {"127.63.3.1", 1}, {"127.63.4.1", 1}};
    struct made_cert *made[] = {cert_make(&(struct cert_recipe){.subject = "CN=c.parks.example"}), cert_make(&(struct cert_recipe){.subject = "CN=d.parks.example"})};
    for (size_t i = 0; i < 4; i++)
        fixture_serve(db, &(struct fixture_served){.address = served[i].address, .chain = {made[served[i].certificate]}});
    imported("prefix,owner\n127.63.1.0/24,Doe; Poe\n127.63.2.0/24,Roe\n127.63.3.0/24,Doe\n127.63.4.0/24,Poe; Roe\n", (struct owner_import_options){0});
    run();
    expect("SELECT count(DISTINCT owner_basis), count(DISTINCT owner_basis) FILTER (WHERE n.name LIKE 'c.%') FROM certificate_now n "
           "WHERE n.name IN ('c.parks.example', 'd.parks.example')", "2|1\n");
    expect("SELECT owner, lasting FROM owner_count WHERE owner IN ('Doe', 'Doe; Poe', 'Roe', 'Poe; Roe') ORDER BY 1", "Doe|1\nDoe; Poe|1\nPoe; Roe|1\nRoe|1\n");
    cert_make_free(made[0]);
    cert_make_free(made[1]);
}

static int world(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    return 0;
}

static void a_manager_is_told_by_its_column(void **state)
{
    (void)state;
    struct owner_account account = {0};
    struct error err = {0};
    assert_true(import("owner,name suffix,contacts,manager\nWeb team,web.example,a@web.example,boss@web.example; cio@example\n",
                       (struct owner_import_options){0}, &account, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM owner_rule_current WHERE manager_contacts = '{boss@web.example,cio@example}' AND contacts = '{a@web.example}'"), 1);
    assert_null(strstr(told, "no mail address"));
    assert_true(import("owner,name suffix,contacts,manager\nWeb team,web.example,a@web.example; Ann_Doe,boss@web.example\nApp,app.example,555-0100,x@\n",
                       (struct owner_import_options){0}, &account, &err));
    assert_non_null(strstr(told, "2: the contact \"Ann_Doe\" is no mail address, nor are 2 more: no notice can be sent there"));
}

/* What stands behind a line break in it may be a header of a mail, and no recipient. Lines of addresses are a list. */
static void a_contact_with_a_control_character_is_refused_and_told(void **state)
{
    (void)state;
    struct owner_account account = {0};
    struct error err = {0};
    assert_true(import("owner,name suffix,contacts\nWeb team,web.example,a@x.example\x01;b@x.example\x7f\n", (struct owner_import_options){0}, &account, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM owner_rule_current WHERE contacts = '{}'"), 1);
    assert_int_equal(account.faults, 0);             /* the rule is in force */
    assert_int_equal(account.contacts_refused, 1);
    assert_true(import("owner,name suffix,contacts,manager\nWeb team,web.example,\"a@x.example\r\nBcc: b@y.example\",\"c@x.example\r\nd@x.example\"\n",
                       (struct owner_import_options){0}, &account, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM owner_rule_current WHERE contacts = '{}' AND manager_contacts = '{c@x.example,d@x.example}'"), 1);
    assert_int_equal(account.faults, 0);             /* the rule is in force */
    assert_int_equal(account.contacts_refused, 1);
    assert_int_equal(account.rules, 1);
    assert_non_null(strstr(told, "2: a control character in the contacts: none of them is taken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manager_is_told_by_its_column),
        cmocka_unit_test(a_contact_with_a_control_character_is_refused_and_told),
        cmocka_unit_test(ranges_in_every_spelling),
        cmocka_unit_test(the_first_owner_rule_that_matches_wins),
        cmocka_unit_test(the_first_line_is_found_among_many),
        cmocka_unit_test(hosts_and_paths_own_files),
        cmocka_unit_test(a_file_without_rules_changes_nothing),
        cmocka_unit_test(exports_of_other_tools_put_the_smallest_range_first),
        cmocka_unit_test(columns_of_the_same_heading_are_all_read),
        cmocka_unit_test(rules_that_say_nothing_are_told),
        cmocka_unit_test(an_owner_has_one_spelling),
        cmocka_unit_test(one_answer),
        cmocka_unit_test(two_sets_of_owners_are_two),
    };
    return cmocka_run_group_tests(tests, world, test_cluster_teardown);
}
