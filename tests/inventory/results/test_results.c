/* Results of other tools become observations with their certificates; what holds none is counted. */
#include "inventory/results/results.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
    char folder[64];
    struct made_cert *made;
    char *pem, *escaped, *base64, sha256[65];
};

static int set_up(void **state)
{
    struct place *place = xcalloc(1, sizeof *place);
    strcpy(place->folder, "/tmp/certsweep-results.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    place->made = cert_make(&(struct cert_recipe){.subject = "CN=a.gov"});
    place->pem = cert_make_pem(place->made);
    place->escaped = xcalloc(strlen(place->pem) * 2 + 1, 1);
    for (char *at = place->pem, *to = place->escaped; *at != '\0'; at++)
        to += sprintf(to, *at == '\n' ? "\\n" : "%c", *at);
    place->base64 = xcalloc(place->made->len * 2 + 8, 1);
    EVP_EncodeBlock((unsigned char *)place->base64, place->made->der, (int)place->made->len);
    uint8_t hash[32];
    SHA256(place->made->der, place->made->len, hash);
    for (int i = 0; i < 32; i++)
        sprintf(place->sha256 + 2 * i, "%02x", hash[i]);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    rmdir(place->folder);
    cert_make_free(place->made);
    free(place->pem);
    free(place->escaped);
    free(place->base64);
    free(place);
    return 0;
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)file;
    (void)line;
    (void)text;
    ++*(size_t *)context;
}

static char *path_of(const struct place *place, const char *name)
{
    return xasprintf("%s/%s", place->folder, name);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The observations of a bundle, a line each: port, name, version, time, certificates. */
static void read_bundle(const char *path, char *text, size_t size)
{
    sqlite3 *sqlite;
    sqlite3_stmt *stmt;
    size_t used = 0;
    text[0] = '\0';
    assert_int_equal(sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sqlite,
                                        "SELECT e.port || '|' || e.server_name || '|' || o.tls_version || '|' || (o.time_us / 1000000) || '|' || "
                                        "(SELECT count(*) FROM chain_certificate c WHERE c.chain = o.chain) || '|' || o.method || o.variant "
                                        "FROM observation o JOIN endpoint e ON e.id = o.endpoint ORDER BY o.id",
                                        -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        used += (size_t)snprintf(text + used, size - used, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    sqlite3_close(sqlite);
}

static bool convert(const struct place *place, const char *tool, const char *const *texts, size_t count, struct results_account *account,
                    char *seen, size_t size, struct error *err)
{
    char *files[2], *bundle = path_of(place, "b");
    size_t faults = 0;
    for (size_t i = 0; i < count; i++) {
        files[i] = path_of(place, i == 0 ? "one" : "two");
        write_text(files[i], texts[i]);
    }
    struct results_request request = {.tool = tool, .files = (const char *const *)files, .file_count = count, .site = "default",
                                      .bundle = bundle, .fault = on_fault, .context = &faults};
    bool ok = results_convert(&request, account, err);
    if (ok)
        read_bundle(bundle, seen, size);
    assert_int_equal(faults, account->faults);
    for (size_t i = 0; i < count; i++) {
        unlink(files[i]);
        free(files[i]);
    }
    unlink(bundle);
    free(bundle);
    return ok;
}

static void each_tool_is_read(void **state)
{
    const struct place *place = *state;
    struct {
        const char *tool;
        char *text;
        const char *seen;
    } cases[] = {
        {"tlsx", xasprintf("{\"timestamp\":\"2026-11-28T00:00:00Z\",\"host\":\"a.gov\",\"ip\":\"127.0.0.9\",\"port\":\"8443\",\"probe_status\":true,"
                           "\"tls_version\":\"tls13\",\"certificate\":\"%s\",\"chain\":[{\"certificate\":\"%s\"}]}\nnonsense\n"
                           "{\"host\":\"b\",\"ip\":\"127.0.0.9\",\"port\":\"1\",\"probe_status\":false}\n", place->escaped, place->escaped),
         "8443|a.gov|772|1795824000|2|48\n"},
        {"zgrab2", xasprintf("{\"ip\":\"127.0.0.9\",\"domain\":\"a.gov\",\"data\":{\"smtp\":{\"status\":\"success\",\"timestamp\":\"2026-11-28T00:00:00Z\","
                             "\"result\":{\"tls\":{\"handshake_log\":{\"server_hello\":{\"version\":{\"name\":\"TLSv1.2\",\"value\":771}},"
                             "\"server_certificates\":{\"certificate\":{\"raw\":\"%s\"}}}}}}}}\n", place->base64),
         "25|a.gov|771|1795824000|1|48\n"},
        {"nmap", xasprintf("<?xml version=\"1.0\"?><nmaprun start=\"1795824000\"><host starttime=\"1795824001\"><address addr=\"127.0.0.9\" addrtype=\"ipv4\"/>"
                           "<address addr=\"00:00:00:00:00:01\" addrtype=\"mac\"/><hostnames><hostname name=\"A.gov\" type=\"user\"/></hostnames><ports>"
                           "<port protocol=\"tcp\" portid=\"443\"><script id=\"ssl-cert\"><elem key=\"pem\">%s</elem></script></port></ports></host></nmaprun>",
                           place->pem), "443|a.gov|0|1795824001|1|48\n"},
        {"testssl", xasprintf("[{\"id\":\"cert_fingerprintSHA256\",\"ip\":\"a.gov/127.0.0.9\",\"port\":\"443\",\"severity\":\"INFO\",\"finding\":\"AB\"},"
                              "{\"id\":\"cert\",\"ip\":\"a.gov/127.0.0.9\",\"port\":\"443\",\"severity\":\"INFO\",\"finding\":\"%s\"}]", place->escaped),
         "443|a.gov|0|*|1|48\n"},
        {"sslyze", xasprintf("{\"date_scans_started\":\"2026-11-28T00:00:00\",\"server_scan_results\":[{\"server_location\":{\"hostname\":\"a.gov\","
                             "\"ip_address\":\"127.0.0.9\",\"port\":443},\"scan_result\":{\"certificate_info\":{\"result\":{\"certificate_deployments\":["
                             "{\"received_certificate_chain\":[{\"as_pem\":\"%s\"}]}]}}}}]}", place->escaped), "443|a.gov|0|1795824000|1|48\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct results_account account;
        struct error err = {0};
        char seen[1000];
        if (!convert(place, cases[i].tool, (const char *const *)&cases[i].text, 1, &account, seen, sizeof seen, &err))
            fail_msg("%s: %s", cases[i].tool, err.text);
        const char *star = strchr(cases[i].seen, '*');      /* the file's own time */
        if (star == NULL)
            assert_string_equal(seen, cases[i].seen);
        else
            assert_memory_equal(seen, cases[i].seen, (size_t)(star - cases[i].seen));
        assert_int_equal(account.answers, 1);
        assert_int_equal(account.bare, 0);
        assert_int_equal(account.faults, i == 0);           /* a line of nonsense among them */
        free(cases[i].text);
    }
}

static void zeek_joins_its_logs_by_hash(void **state)
{
    const struct place *place = *state;
    char *x509 = xasprintf("#separator \\x09\n#fields\tts\tfingerprint\tcert\n1795824000.0\t%s\t%s\n", place->sha256, place->base64);
    char *ssl = xasprintf("#fields\tts\tid.resp_h\tid.resp_p\tversion\tserver_name\tcert_chain_fps\n1795824000.5\t127.0.0.9\t443\tTLSv12\ta.gov\t%s,ffff\n"
                          "1795824001.0\t127.0.0.9\t444\tTLSv13\t-\t(empty)\n1795824001.0\t::1\t445\tTLSv13\t-\teeee\n", place->sha256);
    const char *texts[] = {ssl, x509};
    struct results_account account;
    struct error err = {0};
    char seen[1000];
    if (!convert(place, "zeek", texts, 2, &account, seen, sizeof seen, &err))
        fail_msg("%s", err.text);
    assert_string_equal(seen, "443|a.gov|771|1795824000|1|48\n");
    assert_int_equal(account.bare, 1);
    free(ssl);
    free(x509);
}

static void certificates_of_a_log_have_no_place(void **state)
{
    const struct place *place = *state;
    char *stream = xasprintf("{\"data\":{\"leaf_cert\":{\"as_der\":\"%s\"},\"chain\":[]}}\n{\"id\":1,\"issuer_name\":\"CN=x\",\"serial_number\":\"0a\"}\n"
                             "{\"id\":\"2\",\"dns_names\":[],\"cert_der\":\"%s\"}\n",
                             place->base64, place->base64);
    struct results_account account;
    struct error err = {0};
    char seen[1000];
    if (!convert(place, "ct", (const char *const *)&stream, 1, &account, seen, sizeof seen, &err))
        fail_msg("%s", err.text);
    assert_string_equal(seen, "");
    assert_int_equal(account.certificates, 2);
    assert_int_equal(account.bare, 1);
    free(stream);
    if (!convert(place, "ct", (const char *const[]){place->pem}, 1, &account, seen, sizeof seen, &err))
        fail_msg("%s", err.text);
    assert_int_equal(account.certificates, 1);
    char *der = path_of(place, "der"), *bundle = path_of(place, "b");
    FILE *file = fopen(der, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(place->made->der, 1, place->made->len, file), place->made->len);
    assert_int_equal(fclose(file), 0);
    const struct results_request request = {.tool = "ct", .files = (const char *const[]){der}, .file_count = 1, .site = "default", .bundle = bundle};
    assert_true(results_convert(&request, &account, &err));
    assert_int_equal(account.certificates, 1);
    unlink(der);
    unlink(bundle);
    free(der);
    free(bundle);
}

static void results_without_certificates_are_told_with_what_is_expected(void **state)
{
    const struct place *place = *state;
    static const char *const text = "{\"ip\":\"127.0.0.9\",\"port\":\"443\",\"probe_status\":true,\"fingerprint_hash\":{\"sha256\":\"ab\"}}\n";
    struct results_account account;
    struct error err = {0};
    char seen[10];
    assert_false(convert(place, "tlsx", &text, 1, &account, seen, sizeof seen, &err));
    assert_non_null(strstr(err.text, "1 result names certificates, but none is in the file; expected is what tlsx -json -cert writes"));
    assert_false(convert(place, "nmap", (const char *const[]){"<nmaprun><host>"}, 1, &account, seen, sizeof seen, &err));
    assert_int_equal(account.faults, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tool_is_read),
        cmocka_unit_test(zeek_joins_its_logs_by_hash),
        cmocka_unit_test(certificates_of_a_log_have_no_place),
        cmocka_unit_test(results_without_certificates_are_told_with_what_is_expected),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
