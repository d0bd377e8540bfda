/* Imports: one source's files are its whole truth from then on; owners and policy go the same way. */
#include "inventory/managed/import.h"
#include "inventory/policy/policy.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/store/test_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct managed_account import(struct db *db, const char *source, const struct managed_record *records,
                                     size_t count, bool dry_run)
{
    struct error err = {0};
    struct managed_account account = {0};
    struct managed_import *running = managed_import_begin(db, source, NULL, &err);
    if (running == NULL)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        if (!managed_import_add(running, &records[i], &err))
            fail_msg("%s", err.text);
    struct managed_ending ending = {.files = "m.csv", .profiles = "", .is_dry_run = dry_run, .is_replacing = true};
    if (!managed_import_end(running, &ending, &account, &err))
        fail_msg("%s", err.text);
    return account;
}

static const struct managed_record first = {.issuer = "O=CA", .serial_number = "a1", .owner = "DMV", .common_name = "A.gov",
    .location = "10.0.0.1:443 a.gov", .not_before_us = RECORD_NO_TIME, .not_after_us = RECORD_NO_TIME,
    .revoked_at_us = RECORD_NO_TIME, .delivered_at_us = RECORD_NO_TIME, .file = "m.csv"};
static const struct managed_record second = {.issuer = "O=CA", .serial_number = "a2", .owner = "DMV",
    .not_before_us = RECORD_NO_TIME, .not_after_us = RECORD_NO_TIME,
    .revoked_at_us = RECORD_NO_TIME, .delivered_at_us = RECORD_NO_TIME, .file = "m.csv", .line = 3};

static void an_import_takes_the_place_of_the_one_before(void **state)
{
    struct test_cluster *cluster = *state;
    struct managed_record records[] = {first, second, first};
    struct managed_account account = import(cluster->db, "ca", records, 3, false);
    assert_int_equal(account.added, 2);
    assert_int_equal(account.doubles, 1);
    account = import(cluster->db, "ca", records, 2, false);
    assert_int_equal(account.unchanged, 2);
    records[0].owner = "Parks";
    account = import(cluster->db, "ca", records, 1, true);
    assert_int_equal(account.changed, 1);
    assert_int_equal(account.ended, 1);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM managed_record WHERE valid_to IS NULL"), 2);
    account = import(cluster->db, "ca", records, 1, false);
    assert_int_equal(account.changed, 1);
    assert_int_equal(account.ended, 1);
    char *rows = test_rows(cluster->db, "SELECT owner, common_name, valid_to IS NULL FROM managed_record "
                                        "ORDER BY common_name, owner");
    assert_string_equal(rows, "DMV|a.gov|f\nParks|a.gov|t\nDMV||f\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM managed_import"), 3);
    rows = test_rows(cluster->db, "SELECT l.address, l.name, l.port FROM managed_location l JOIN managed_record r "
                                  "ON r.id = l.record WHERE r.valid_to IS NULL ORDER BY l.name NULLS FIRST");
    assert_string_equal(rows, "10.0.0.1||443\n|a.gov|\n");
    free(rows);
}

/* A file of which no row could be read must not end all earlier records of its source. */
static void an_import_of_nothing_changes_nothing(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct managed_account account;
    import(cluster->db, "careful", &first, 1, false);
    int64_t imports = test_number(cluster->db, "SELECT count(*) FROM managed_import");
    for (int dry_run = 0; dry_run < 2; dry_run++) {
        struct managed_import *running = managed_import_begin(cluster->db, "careful", NULL, &err);
        assert_non_null(running);
        struct managed_ending ending = {.files = "m.csv", .profiles = "", .faults = 7, .is_dry_run = dry_run == 1, .is_replacing = true};
        assert_false(managed_import_end(running, &ending, &account, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
    }
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM managed_import"), imports);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM managed_record r JOIN managed_source s ON s.id = r.source "
                                              "WHERE s.name = 'careful' AND valid_to IS NULL"), 1);
}

static bool end_import(struct db *db, size_t count, int64_t faults, bool is_partial, bool is_replacing, struct error *err)
{
    struct managed_account account;
    struct managed_import *running = managed_import_begin(db, "large", NULL, err);
    if (running == NULL)
        fail_msg("%s", err->text);
    for (size_t i = 0; i < count; i++) {
        struct managed_record record = second;
        char serial[16];
        snprintf(serial, sizeof serial, "%zx", i + 16);
        record.serial_number = serial;
        assert_true(managed_import_add(running, &record, err));
    }
    struct managed_ending ending = {.files = "m.csv", .profiles = "Sectigo", .faults = faults, .is_partial = is_partial, .is_replacing = is_replacing};
    return managed_import_end(running, &ending, &account, err);
}

/* Half an export must not end the other half. */
static void an_import_that_would_end_many_records_asks_first(void **state)
{
    struct test_cluster *cluster = *state;
    static const char in_force[] = "SELECT count(*) FROM managed_record r JOIN managed_source s ON s.id = r.source "
                                   "WHERE s.name = 'large' AND valid_to IS NULL";
    struct error err = {0};
    assert_true(end_import(cluster->db, 40, 0, false, false, &err));
    assert_false(end_import(cluster->db, 35, 0, false, false, &err));           /* 5 of 40 */
    assert_non_null(strstr(err.text, "5 of 40 records"));
    assert_non_null(strstr(err.text, "--replace"));
    assert_true(end_import(cluster->db, 36, 0, false, false, &err));            /* 4 are less than five */
    assert_int_equal(test_number(cluster->db, in_force), 36);
    assert_false(end_import(cluster->db, 35, 1, false, false, &err));           /* one, but a row was not readable */
    assert_true(end_import(cluster->db, 10, 1, true, false, &err));
    assert_int_equal(test_number(cluster->db, in_force), 36);
    assert_true(end_import(cluster->db, 10, 0, false, true, &err));
    assert_int_equal(test_number(cluster->db, in_force), 10);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM managed_import WHERE is_partial AND profiles = '{Sectigo}'"), 1);
}

/* What the source says of a record, besides what its certificate is. */
static void particulars_are_kept(void **state)
{
    struct test_cluster *cluster = *state;
    struct managed_record record = second;
    record.has_sha1 = true;
    record.sha1[0] = 0xab;
    record.status = STATUS_REVOKED;
    record.status_reported = "Revoked";
    record.revoked_at_us = 0;
    record.order_number = "18";
    record.type = TYPE_CODE_SIGNING;
    record.validation = "OV";
    record.auto_renewal = "true";
    record.key_bits = 2048;
    record.contacts = "a@x.gov, b@x.gov";
    record.site = "north";
    record.location = "10.0.0.9:443";
    record.path = "/etc/ssl/a.pem";
    import(cluster->db, "told", &record, 1, false);
    char *rows = test_rows(cluster->db, "SELECT encode(sha1, 'hex') LIKE 'ab00%', status, status_told, revoked_at = 'epoch', order_number, type, "
                                        "validation, auto_renewal, key_bits, contacts, s.name, (SELECT count(*) FROM managed_location l WHERE l.record = r.id "
                                        "AND l.site = s.id AND l.path = r.path) FROM managed_record r JOIN site s ON s.id = r.site WHERE type = 'code signing'");
    assert_string_equal(rows, "t|revoked|Revoked|t|18|code signing|OV|t|2048|{a@x.gov,b@x.gov}|north|1\n");
    free(rows);
}

/* A column may name the site of each place (--map site=Building); what is new is told, since it may be a slip of the pen. */
static void sites_of_rows_are_made_and_told(void **state)
{
    struct test_cluster *cluster = *state;
    struct managed_record records[] = {first, second, first};
    records[0].site = "Building 7";
    records[0].common_name = "seven.gov";
    records[2].common_name = "eight.gov";
    records[2].serial_number = "e8";
    struct managed_account account = import(cluster->db, "buildings", records, 3, false);
    assert_int_equal(account.new_sites, 1);
    assert_string_equal(account.new_site_names, "Building 7");
    char *rows = test_rows(cluster->db, "SELECT r.common_name, s.name, l.port FROM managed_location l JOIN managed_record r ON r.id = l.record "
                                        "LEFT JOIN site s ON s.id = l.site WHERE r.common_name LIKE '%eight.gov' OR r.common_name = 'seven.gov' "
                                        "ORDER BY 1, 3");
    assert_string_equal(rows, "eight.gov||443\neight.gov||\nseven.gov|Building 7|443\nseven.gov|Building 7|\n");
    free(rows);
    account = import(cluster->db, "buildings", records, 3, false);
    assert_int_equal(account.new_sites, 0);
}

/* A request for a client's certificate is no client certificate, and one that was revoked is none in force. */
static void a_record_counts_by_its_state_ahead_of_its_kind(void **state)
{
    struct test_cluster *cluster = *state;
    static const enum record_status statuses[] = {STATUS_UNKNOWN, STATUS_ISSUED, STATUS_REQUESTED, STATUS_DECLINED, STATUS_REVOKED, STATUS_ISSUED};
    struct managed_record records[6];
    char serials[6][4];
    for (size_t i = 0; i < 6; i++) {
        records[i] = second;
        records[i].type = TYPE_CLIENT;
        records[i].status = statuses[i];
        snprintf(serials[i], sizeof serials[i], "c%zu", i);
        records[i].serial_number = serials[i];
    }
    records[5].not_after_us = 0;
    struct managed_account account = import(cluster->db, "clients", records, 6, true);
    assert_int_equal(account.types[TYPE_CLIENT], 2);
    assert_int_equal(account.states[STATUS_REQUESTED], 1);
    assert_int_equal(account.states[STATUS_DECLINED], 1);
    assert_int_equal(account.states[STATUS_REVOKED], 1);
    assert_int_equal(account.states[STATUS_EXPIRED], 1);
    assert_int_equal(account.states[STATUS_ISSUED], 0);
}

static void sources_do_not_touch_each_other(void **state)
{
    struct test_cluster *cluster = *state;
    struct managed_record records[] = {first, second};
    import(cluster->db, "one", records, 2, false);
    struct managed_account account = import(cluster->db, "other", records, 1, false);
    assert_int_equal(account.added, 1);
    assert_int_equal(account.ended, 0);
}

static void a_policy_is_stored_once_and_put_to_use(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    if (!policy_ensure(cluster->db, &err))
        fail_msg("%s", err.text);
    struct policy *policy = policy_parse("p.ini",
                                         "[policy]\nname = agency\nmin_rsa_bits = 3072\nnotice_days = 60 30\n"
                                         "forbid_foreign = yes\n[own ca: State]\nissuer = O=Sectigo*\n"
                                         "subject = O=State\nfrom = 2024-01-01\n", &err);
    if (policy == NULL || !policy_use(cluster->db, policy, &err) || !policy_use(cluster->db, policy, &err))
        fail_msg("%s", err.text);
    policy_destroy(policy);
    char *rows = test_rows(cluster->db,
        "SELECT name, document->'min_rsa_bits', document->'notice_days', document->'forbid_foreign', "
        "document->'min_ec_bits', document->'own_cas' FROM policy_current");
    assert_string_equal(rows, "agency|3072|[60, 30]|true|256|[{\"crls\": [], \"from\": \"2024-01-01\", \"name\": \"State\", "
                              "\"until\": null, \"issuer\": [\"O=Sectigo*\"], \"subject\": [\"O=State\"]}]\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM policy_use"), 2);
}

static void a_wrong_policy_names_file_line_and_what_is_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"[policy]\nmin_rsa_bits = many\n", "p.ini:2: min_rsa_bits = many: expected whole numbers"},
        {"[policy]\ncolour = red\n", "p.ini:2: no setting \"colour\""},
        {"[policy]\nforbid_foreign = maybe\n", "p.ini:2: forbid_foreign = maybe: expected yes or no"},
        {"[owned ca: x]\nissuer = O=x\n", "p.ini:2: no section [owned ca: x]"},
        {"[own ca: x]\nfrom = 2026-02-30\n", "p.ini:2: from = 2026-02-30: no date"},
        {"[own ca: x]\nissuer = Sectigo\n", "p.ini:2: issuer = Sectigo: expected attributes of a name"},
        {"[own ca: x]\nfrom = 2026-01-01\n", "p.ini: [own ca: x] has no issuer and no subject"},
        {"[policy]\nname = x\n [own ca: y] ; all of it\n; issuer = O=y\n", "p.ini: [own ca: y] has no issuer and no subject"},
        {"[trust store: x]\n", "p.ini: [trust store: x] names no file"},
        {"[trust store: x]\nfile = /nonexistent.pem\n", "p.ini:2: /nonexistent.pem: No such file"},
        {"[trust store: x]\nkind = public\n", "p.ini: [trust store: x] names no file"},
        {"nonsense\n", "p.ini:1: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(policy_parse("p.ini", cases[i].text, &err));
        assert_memory_equal(err.text, cases[i].error, strlen(cases[i].error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_takes_the_place_of_the_one_before),
        cmocka_unit_test(an_import_of_nothing_changes_nothing),
        cmocka_unit_test(an_import_that_would_end_many_records_asks_first),
        cmocka_unit_test(particulars_are_kept),
        cmocka_unit_test(sites_of_rows_are_made_and_told),
        cmocka_unit_test(a_record_counts_by_its_state_ahead_of_its_kind),
        cmocka_unit_test(sources_do_not_touch_each_other),
        cmocka_unit_test(a_policy_is_stored_once_and_put_to_use),
        cmocka_unit_test(a_wrong_policy_names_file_line_and_what_is_expected),
    };
    return cmocka_run_group_tests(tests, test_cluster_setup, test_cluster_teardown);
}
