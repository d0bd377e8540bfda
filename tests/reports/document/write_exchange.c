/* write_exchange FOLDER SMTP_URL WEBHOOK_URL CA_FILE: sends the invented inventory's notices, twice by each way, and writes what other
 * programs read into the folder. What is said goes to standard output. */
#include "probes/base/memory.h"
#include "reports/document/folder.h"
#include "reports/exchange/cbom.h"
#include "reports/exchange/events.h"
#include "reports/notices/notices.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <stdlib.h>

static char **words;            /* FOLDER, SMTP_URL, WEBHOOK_URL, CA_FILE */

static int setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    world_make(((struct test_cluster *)*state)->db, WORLD_CERTIFICATES);
    return 0;
}

static struct notices_account told(struct db *db, struct notices_options options)
{
    struct notices_account account;
    struct error err = {0};
    options.from = "certificates@tech.example.gov";
    options.organization = "Example\r\nBcc: everybody@example.gov";      /* an ini file may hold anything */
    if (!notices_run(&options, db, stdout, &account, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "SELECT pg_advisory_unlock_all()");
    return account;
}

static void a_mail_server_gets_each_notice_once(void **state)
{
    struct test_cluster *cluster = *state;
    const struct deliver_mail nobody = {.url = "smtp://127.0.0.1:9"}, distrusted = {.url = words[1]}, mail = {.url = words[1], .roots = words[3]};
    fixture_sql(cluster->db, "INSERT INTO decision (kind, sha256, reason, who) SELECT 'mute', c.sha256, 'test', 'test' FROM certificate c "
                             "JOIN certificate_own o ON o.certificate = c.id WHERE o.common_names[1] = 'tolls.transport.example.gov'; "
                             "UPDATE certificate_now SET muted_until = 'infinity' WHERE name = 'tolls.transport.example.gov'");
    fixture_sql(cluster->db, "UPDATE owner_rule SET manager_contacts = '{Boss@revenue.example.gov,tls@revenue.example.gov}' WHERE owner = 'Department of Revenue'; "
                             "UPDATE policy SET document = document || '{\"escalate_after_days\": 4}'");
    assert_int_equal(told(cluster->db, (struct notices_options){0}).contacts, 0);           /* listed, not sent */
    struct notices_account account = told(cluster->db, (struct notices_options){.mail = &nobody});
    assert_int_equal(account.contacts, 0);
    assert_true(account.failed > 2);
    assert_int_equal(told(cluster->db, (struct notices_options){.mail = &distrusted}).contacts, 0);
    struct notices_account sent = told(cluster->db, (struct notices_options){.mail = &mail});
    assert_int_equal(sent.contacts, account.failed);
    assert_int_equal(sent.failed, 0);
    assert_true(sent.notices > sent.contacts);
    struct notices_account again = told(cluster->db, (struct notices_options){.mail = &mail});
    assert_int_equal(again.contacts + again.failed, 0);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM notice WHERE state <> 'sent'"), 0);
    assert_int_equal(test_number(cluster->db, "SELECT max(attempts) FROM notice"), 3);
    fixture_sql(cluster->db, "UPDATE notice SET state = 'sending'");                        /* as a kill leaves it */
    again = told(cluster->db, (struct notices_options){.mail = &mail});
    assert_int_equal(again.contacts, 0);
    assert_true(again.cut_off > 0);
}

static void a_webhook_gets_signed_json_and_a_folder_gets_files(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    fixture_sql(cluster->db, "DELETE FROM notice");
    char *moved_url = xasprintf("%smoved", words[2]);
    const struct deliver_hook moved = {.url = moved_url}, hook = {.url = words[2], .secret = "secret", .headers = "Authorization: Bearer x\n"};
    struct notices_account elsewhere = told(cluster->db, (struct notices_options){.hook = &moved});        /* answers 302: nobody took it */
    assert_int_equal(elsewhere.contacts, 0);
    assert_true(elsewhere.failed > 2);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM notice WHERE trouble NOT LIKE 'http://127.0.0.1:%: it answered 302, not 2xx; it said: elsewhere'"), 0);
    assert_true(told(cluster->db, (struct notices_options){.hook = &hook, .hook_template = "{\"title\":\"{{subject}}\",\"all\":{{json}}}"}).contacts > 2);
    fixture_sql(cluster->db, "DELETE FROM notice");
    free(moved_url);
    char *path = xasprintf("%s/eml", words[0]);
    struct folder *folder = folder_open(path, &err);
    assert_non_null(folder);
    struct notices_account account = told(cluster->db, (struct notices_options){.eml = folder});
    assert_int_equal(account.contacts, folder_count(folder));
    folder_close(folder);
    free(path);
}

static FILE *created(const char *name)
{
    char *path = xasprintf("%s/%s", words[0], name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    free(path);
    return out;
}

static void others_read_the_inventory(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    static const char *const versions[] = {"1.7", "1.6"};
    for (size_t i = 0; i < 2; i++) {
        FILE *out = created(i == 0 ? "cbom-1.7.json" : "cbom-1.6.json");
        if (!cbom_write(cluster->db, NULL, versions[i], "0", out, &err))
            fail_msg("%s", err.text);
        fclose(out);
    }
    fixture_sql(cluster->db, "INSERT INTO event (endpoint, kind, time, variant, chain_after) SELECT endpoint, 'new', from_at, 1, chain FROM answer_span");
    FILE *out = created("events.jsonl");
    if (!events_write(cluster->db, "north", "2020-01-01", out, &err))
        fail_msg("%s", err.text);
    fclose(out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_mail_server_gets_each_notice_once), cmocka_unit_test(a_webhook_gets_signed_json_and_a_folder_gets_files),
                                       cmocka_unit_test(others_read_the_inventory)};
    if (argc != 5)
        return 2;
    words = argv + 1;
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
