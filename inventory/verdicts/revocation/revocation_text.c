#include "inventory/verdicts/revocation/revocation_text.h"

#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/der.h"
#include "inventory/store/array_text.h"

#include <stdlib.h>

#define POINTS_MAX 16

char *serial_text_of(struct byte_reader content)
{
    return content.left == 0 || content.left > SERIAL_OCTETS_MAX ? NULL : cert_text_serial(content);
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
