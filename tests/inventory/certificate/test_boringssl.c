/* BoringSSL's files for its parser of certificates: what it refuses is broken for us too, what it takes is not. Each of its files
 * says by a block "ERRORS" that it is refused. The differences are listed below with their reasons, and a needless line fails. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/pem.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static struct { const char *file, *why; bool used; } differences[] = {
    {"extension_critical_3.pem", "X.690, 11.1: TRUE is 255; a 3 hides and changes nothing, so the extension is read as critical", false},
    {"subject_blank_subjectaltname_not_critical.pem", "RFC 5280, 4.1.2.6: about two fields together, none of them is broken", false},
    {"subjectaltname_dns_not_ascii.pem", "RFC 5280, 4.2.1.6: the name is kept, and rule C11 says that it is no host name", false},
    {"issuer_bad_printable_string.pem", "RFC 5280, 4.1.2.4: CAs have written any character there; it is shown, not hidden", false},
    {"subject_not_printable_string.pem", "RFC 5280, 4.1.2.4: CAs have written any character there; it is shown, not hidden", false},
    {"policy_constraints_empty.pem", "RFC 5280, 4.2.1.11: not a fact of ours", false},
    {"serial_negative.pem", "RFC 5280, 4.1.2.2: it can be read, and rule C16 judges it", false},
};

static bool is_difference(const char *file)
{
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (strcmp(differences[i].file, file) == 0)
            return differences[i].used = true;
    return false;
}

static void broken_print(const struct cert *cert)
{
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        if (cert->state[field] == FIELD_BROKEN)
            print_message(" %s", cert_field_name(field));
    print_message("\n");
}

static bool is_broken(const struct cert *cert)
{
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        if (cert->state[field] == FIELD_BROKEN)
            return true;
    return false;
}

/* Gives whether the file is judged as there; counts it if there is a certificate in it. */
static bool file_agrees(const char *path, const char *name, size_t *compared)
{
    struct file_bytes file;
    struct error err = {0};
    struct cert *cert = NULL;
    bool refused = false;
    assert_true(file_bytes_open(&file, path, &err));
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    for (struct pem_block block; pem_next(&reader, &block); free(block.der)) {
        refused = refused || strcmp(block.label, "ERRORS") == 0;
        if (cert == NULL && block.der != NULL && strcmp(block.label, "CERTIFICATE") == 0)
            cert = cert_parse(block.der, block.len);
    }
    file_bytes_close(&file);
    bool agrees = cert == NULL || is_broken(cert) == refused;
    *compared += cert != NULL;
    if (!agrees && !is_difference(name)) {
        print_message("%s: %s there, here broken:", name, refused ? "refused" : "taken");
        broken_print(cert);
    } else {
        agrees = true;
    }
    cert_destroy(cert);
    return agrees;
}

static void what_it_refuses_is_broken(void **state)
{
    (void)state;
    const char *shared = getenv("CERTSWEEP_SHARED");
    if (shared == NULL) {
        print_message("SKIP: CERTSWEEP_SHARED is not set, the corpora are not read\n");
        skip();
    }
    char *folder = xasprintf("%s/corpora/boringssl-parse-certificate", shared);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t compared = 0, wrong = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len < 4 || strcmp(entry->d_name + len - 4, ".pem") != 0)
            continue;
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        wrong += !file_agrees(path, entry->d_name, &compared);
        free(path);
    }
    closedir(dir);
    free(folder);
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (!differences[i].used) {
            print_message("a reason without a difference: %s\n", differences[i].file);
            wrong++;
        }
    print_message("%zu files compared\n", compared);
    assert_true(compared > 30);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_refuses_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
