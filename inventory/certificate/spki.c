#include "inventory/certificate/spki.h"

#include "inventory/certificate/der.h"

bool spki_read(struct byte_reader der, struct spki *spki)
{
    struct der_item outer, algorithm, oid, bits;
    if (!der_read_tag(&der, DER_SEQUENCE, &outer) || !der_read_tag(&outer.content, DER_SEQUENCE, &algorithm)
        || !der_read_tag(&algorithm.content, DER_OID, &oid) || !der_read_tag(&outer.content, DER_BIT_STRING, &bits))
        return false;
    spki->algorithm = oid.content;
    spki->parameters = algorithm.content;
    return der_bit_bytes(bits.content, &spki->bits);
}
