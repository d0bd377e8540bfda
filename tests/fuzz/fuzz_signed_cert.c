/* What trust reads of a certificate: its walk, names in one spelling, and name constraints held against the certificate itself. */
#include "inventory/verdicts/trust/name_canon.h"
#include "inventory/verdicts/trust/name_constraints.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signed_cert cert;
    char violation[64];
    uint8_t hash[32];
    if (!signed_cert_read(&cert, byte_reader_of(data, size)))
        return 0;
    if (cert.tbs.at < data || cert.tbs.at + cert.tbs.left > data + size || cert.signature.left > size || cert.spki.left > size)
        abort();
    name_canon_hash(cert.subject, hash);
    name_canon_hash(cert.issuer, hash);
    if (cert.name_constraints.at != NULL)
        name_constraints_allow(cert.name_constraints, &cert, violation, sizeof violation);
    return 0;
}
