/* Any bytes as a certificate, its key tested, and any text as PEM: nothing but facts comes out. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/pem.h"
#include "inventory/facts/keys/key_tests.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct key_tests tests;          /* made once: their constants cost more than a run */
    static bool made;
    struct key_findings findings = {0};
    if (!made)
        key_tests_init(&tests);
    made = true;
    struct cert *cert = cert_parse(data, size);
    key_tests_run(&tests, cert, &findings);
    key_findings_clear(&findings);
    if (cert->subject != NULL)
        free(cert_text_fold_name(cert->subject));
    cert_destroy(cert);
    struct pem_reader reader = pem_reader_of(data, size);
    for (struct pem_block block; pem_next(&reader, &block);) {
        cert_destroy(cert_parse(block.der, block.len));
        free(block.der);
    }
    return 0;
}
