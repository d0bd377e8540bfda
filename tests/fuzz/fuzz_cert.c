/* Any bytes as a certificate, and any text as PEM: nothing but facts comes out. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/pem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cert *cert = cert_parse(data, size);
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
