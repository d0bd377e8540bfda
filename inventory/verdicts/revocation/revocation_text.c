#include "inventory/verdicts/revocation/revocation_text.h"

#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/der.h"
#include "inventory/store/array_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 16

char *serial_text_of(struct byte_reader content)
{
    uint8_t magnitude[SERIAL_OCTETS_MAX];
    char hex[2 * SERIAL_OCTETS_MAX + 1], *from = hex;
    if (content.left == 0 || content.left > SERIAL_OCTETS_MAX)
        return NULL;
    bool negative = (content.at[0] & 0x80) != 0;
    unsigned carry = 1;
    for (size_t i = content.left; i-- > 0;) {           /* a negative number's amount: all bits turned, and one more */
        unsigned byte = negative ? (uint8_t)~content.at[i] + carry : content.at[i];
        magnitude[i] = (uint8_t)byte;
        carry = byte >> 8;
    }
    hex_format(magnitude, content.left, hex);
    while (from[0] == '0' && from[1] != '\0')
        from++;
    return xasprintf("%s%s", negative ? "-" : "", from);
}

char *points_text_of(struct byte_reader general_names)
{
    char *urls[POINTS_MAX];
    size_t count = 0;
    struct der_item item;
    while (count < POINTS_MAX && general_names.at != NULL && der_read(&general_names, &item))
        if (item.tag == 0x86)       /* uniformResourceIdentifier */
            urls[count++] = cert_text_clean(item.content.at, item.content.left);
    char *text = array_text_of((const char *const *)urls, count);
    for (size_t i = 0; i < count; i++)
        free(urls[i]);
    return text;
}
