/* write_documents FOLDER [CERTIFICATES]: the documents of the invented inventory (world.h): discovery.html, a report's page, pages of a certificate and an endpoint, the
 * owners' letters, evidence signed by a key of the test's own. For tests that look at them with other programs. */
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/document/folder.h"
#include "reports/document/split.h"
#include "reports/evidence/evidence.h"
#include "reports/render.h"
#include "reports/report_columns.h"
#include "reports/subject_page.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *folder;
static unsigned count = WORLD_CERTIFICATES;

static const struct document_options options = {
    .title = {.organization = "State of Example, Office of Technology", .author = "Certificate Services, certificates@tech.example.gov",
              .classification = "internal use", .answer_to = "certificates@tech.example.gov"},
    .written_by = "certsweep",
};

static const struct report_head head = {.organization = "State of Example, Office of Technology", .author = "Certificate Services, certificates@tech.example.gov",
                                        .classification = "internal use", .reference = "2026-11", .written_by = "certsweep"};

static int setup(void **state)
{
    if (test_cluster_setup(state) != 0)
        return -1;
    world_make(((struct test_cluster *)*state)->db, count);
    /* a word that is wider than a telephone */
    fixture_sql(((struct test_cluster *)*state)->db, "UPDATE finding SET evidence = evidence || jsonb_build_object('other', repeat('0123456789abcdef', 4)) WHERE rule = 'K02'");
    return 0;
}

static char *path_of(const char *name)
{
    return xasprintf("%s/%s", folder, name);
}

static FILE *created(const char *name)
{
    char *path = path_of(name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    free(path);
    return out;
}

static void write_discovery(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    FILE *out = created("discovery.html");
    if (!discovery_write(&options, cluster->db, out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(fclose(out), 0);
    out = created("findings.html");
    if (!report_write(report_find("findings"), &(struct report_options){.head = &head}, cluster->db, &render_html, out, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(fclose(out), 0);
}

/* Every report as a page, and the dictionary of columns, in the folder reports. */
static void write_reports(void **state)
{
    struct test_cluster *cluster = *state;
    char *made = path_of("reports");
    assert_int_equal(mkdir(made, 0755), 0);
    free(made);
    FILE *out = created("reports/columns.html");
    report_columns_write(NULL, &render_html, out);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        struct error err = {0};
        if (reports_all[i]->argument != NULL)
            continue;
        char *name = xasprintf("reports/%s.html", reports_all[i]->name);
        out = created(name);
        if (!report_write(reports_all[i], &(struct report_options){.head = &head}, cluster->db, &render_html, out, NULL, &err))
            fail_msg("%s: %s", name, err.text);
        assert_int_equal(fclose(out), 0);
        free(name);
    }
}

static void write_subjects(void **state)
{
    struct test_cluster *cluster = *state;
    static const char *const subjects[][3] = {{"certificate", "{\"argument\":\"kiosk.revenue.example.gov\"}", "certificate.html"},
                                              {"certificate", "{\"argument\":\"*.revenue.example.gov\"}", "certificates.html"},
                                              {"endpoint", "{\"argument\":\"192.0.2.9\"}", "endpoint.html"}};
    for (size_t i = 0; i < 3; i++) {
        struct error err = {0};
        size_t facts = 0;
        FILE *out = created(subjects[i][2]);
        if (!subject_page_write(report_find(subjects[i][0]), &(struct report_options){.filter = subjects[i][1], .head = &head}, cluster->db, NULL, out, &facts, &err))
            fail_msg("%s", err.text);
        assert_true(facts > 10);
        assert_int_equal(fclose(out), 0);
    }
}

static struct folder *opened(const char *name)
{
    struct error err = {0};
    char *path = path_of(name);
    struct folder *made = folder_open(path, &err);
    if (made == NULL)
        fail_msg("%s", err.text);
    free(path);
    return made;
}

static void write_letters(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct folder *letters = opened("letters");
    if (!split_write(&options, cluster->db, letters, NULL, &err))
        fail_msg("%s", err.text);
    folder_close(letters);
}

static void write_evidence(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=Auditors' CA", .is_ca = 1, .not_before = "20200101000000Z", .not_after = "20400101000000Z"});
    struct made_cert *signer = cert_make(&(struct cert_recipe){.subject = "CN=Auditor", .issuer = ca, .not_before = "20200101000000Z", .not_after = "20400101000000Z"});
    FILE *out = created("signer.pem");
    PEM_write_X509(out, signer->x509);
    fclose(out);
    out = created("signer.key");
    PEM_write_PrivateKey(out, signer->key, NULL, NULL, 0, NULL, NULL);
    fclose(out);
    out = created("ca.pem");
    PEM_write_X509(out, ca->x509);
    fclose(out);
    struct folder *evidence = opened("evidence");
    char *certificate = path_of("signer.pem"), *key = path_of("signer.key");
    if (!evidence_write(&(struct evidence_options){.document = options, .version = "test", .certificate = certificate, .key = key}, cluster->db, evidence, &err))
        fail_msg("%s", err.text);
    folder_close(evidence);
    free(certificate);
    free(key);
    cert_make_free(ca);
    cert_make_free(signer);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(write_discovery), cmocka_unit_test(write_reports), cmocka_unit_test(write_subjects), cmocka_unit_test(write_letters),
                                       cmocka_unit_test(write_evidence)};
    if (argc < 2)
        return 2;
    folder = argv[1];
    if (argc > 2)
        count = (unsigned)strtoul(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}
