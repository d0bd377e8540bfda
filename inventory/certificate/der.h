/* Tag, length, value of DER (X.690) over a byte_reader, as far as certificates need it. Lengths that are not
 * minimal are accepted (the certificate is stored whatever its faults); the indefinite form and tag numbers above 30
 * are not. A failed read returns false and does not move the reader. */
#pragma once
#include "probes/base/byte_reader.h"

enum der_tag {
    DER_BOOLEAN = 0x01, DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_OCTET_STRING = 0x04, DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c, DER_NUMERIC_STRING = 0x12, DER_PRINTABLE_STRING = 0x13, DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16, DER_UTC_TIME = 0x17, DER_GENERALIZED_TIME = 0x18, DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c, DER_BMP_STRING = 0x1e, DER_SEQUENCE = 0x30, DER_SET = 0x31,
    DER_CONTEXT = 0x80, DER_CONSTRUCTED = 0x20,
    DER_CONTEXT_0 = 0xa0, DER_CONTEXT_1 = 0xa1, DER_CONTEXT_2 = 0xa2, DER_CONTEXT_3 = 0xa3,
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

/* The content of an INTEGER (X.690, 8.3) that fits into 64 bits, in its shortest form. */
bool der_int64(struct byte_reader content, int64_t *value);

/* Bits of the content of an INTEGER without its sign; 0 for zero. */
size_t der_integer_bits(struct byte_reader content);

/* The bytes of a BIT STRING after the count of unused bits, which must be 0 (as in keys and signatures). */
bool der_bit_bytes(struct byte_reader content, struct byte_reader *bytes);

/* Bit n of a BIT STRING's content, the first being 0 (as named bits are counted). */
bool der_bit(struct byte_reader content, size_t n);
