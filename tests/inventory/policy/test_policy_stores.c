/* Trust stores of a policy: what is no store is refused by name, and what a programme says of it is read. */
#include "inventory/policy/policy.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/certsweep-policy-XXXXXX";
static struct made_cert *root;

static void write_file(const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    free(path);
}

static void expect_error(const char *keys, const char *error)
{
    struct error err = {0};
    char *text = xasprintf("[trust store: x]\n%s", keys), *found;
    struct policy *policy = policy_parse("p.ini", text, &err);
    if (policy != NULL || (found = strstr(err.text, error)) == NULL)
        fail_msg("%s: %s", keys, err.text);
    policy_destroy(policy);
    free(text);
}

static void what_is_no_certificate_is_refused_by_name(void **state)
{
    (void)state;
    char *pem = cert_make_pem(root), *both = xasprintf("%s-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", pem);
    char *keys = xasprintf("file = %s/garbage.pem\n", folder), *line = xasprintf("%s/garbage.pem:1: this PEM block is no certificate", folder);
    write_file("garbage.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    expect_error(keys, line);
    write_file("garbage.pem", "-----BEGIN CERTIFICATE-----\nM*A=\n-----END CERTIFICATE-----\n");
    expect_error(keys, "garbage.pem:1: ");
    write_file("garbage.pem", both);            /* one good root does not make the other one */
    expect_error(keys, "is no certificate");
    write_file("garbage.pem", "nothing\n");
    expect_error(keys, "no certificate in it");
    free(pem);
    free(both);
    free(keys);
    free(line);
}

static void a_policy_in_utf_16_is_told_what_to_do(void **state)
{
    (void)state;
    struct error err = {0};
    char *path = xasprintf("%s/wide.ini", folder);
    FILE *file = fopen(path, "w");
    fwrite("[\0p\0]\0\n\0", 1, 8, file);
    fclose(file);
    assert_null(policy_load(path, &err));
    assert_non_null(strstr(err.text, "UTF-16"));
    assert_non_null(strstr(err.text, "save it as UTF-8"));
    remove(path);
    free(path);
}

static void a_programmes_words_are_read(void **state)
{
    (void)state;
    struct error err = {0};
    char *pem = cert_make_pem(root), *text = xasprintf("[trust store: java]\nkind = public\nfile = %s/good.pem\nplatform = Java\nfrom_version = 17\n"
        "issued_until = 2024-11-11\nsct_until = 2024-11-12\n", folder);
    write_file("good.pem", pem);
    struct policy *policy = policy_parse("p.ini", text, &err);
    if (policy == NULL)
        fail_msg("%s", err.text);
    policy_destroy(policy);
    expect_error("issued_until = soon\n", "issued_until = soon: no date");
    expect_error("until = 2024-11-11\n", "no key \"until\" here");
    free(pem);
    free(text);
}

static void names_of_stores_that_are_always_there_are_taken(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(policy_parse("p.ini", "[trust store: system]\nkind = public\n", &err));
    assert_non_null(strstr(err.text, "that name is taken"));
}

static int setup(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_recipe){.subject = "CN=root", .is_ca = 1});
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"garbage.pem", "good.pem"};
    for (size_t i = 0; i < 2; i++) {
        char *path = xasprintf("%s/%s", folder, names[i]);
        unlink(path);
        free(path);
    }
    cert_make_free(root);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_certificate_is_refused_by_name),
        cmocka_unit_test(a_policy_in_utf_16_is_told_what_to_do),
        cmocka_unit_test(a_programmes_words_are_read),
        cmocka_unit_test(names_of_stores_that_are_always_there_are_taken),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
