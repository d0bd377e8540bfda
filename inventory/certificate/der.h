/* Tag, length, value of DER (X.690) over a byte_reader, as far as certificates need it. Lengths that are longer
 * than they had to be are read (the certificate is stored whatever its faults); the indefinite form and tag
 * numbers above 30 are not. A read that does not fit returns false and moves nothing. */
#pragma once
#include "probes/base/byte_reader.h"

enum der_tag {
    DER_BOOLEAN = 0x01, DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_OCTET_STRING = 0x04, DER_OID = 0x06,
    DER_UTC_TIME = 0x17, DER_GENERALIZED_TIME = 0x18, DER_SEQUENCE = 0x30, DER_SET = 0x31,
    DER_CONTEXT_0 = 0xa0, DER_CONTEXT_3 = 0xa3,
};

struct der_item {
    uint8_t tag;
    struct byte_reader whole;       /* tag and length included */
    struct byte_reader content;
};

bool der_read(struct byte_reader *reader, struct der_item *item);

/* The same, where the next item must have this tag. */
bool der_read_tag(struct byte_reader *reader, uint8_t tag, struct der_item *item);

/* The next item's tag; 0 at the end. */
uint8_t der_peek(const struct byte_reader *reader);
