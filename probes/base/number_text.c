#include "probes/base/number_text.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

bool number_text_read(const char *text, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;
    if (text[0] == '\0' || text[strspn(text, digits)] != '\0')
        return false;
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number > max)
        return false;
    *value = number;
    return true;
}

bool number_text_read_decimal(const char *text, double *value)
{
    size_t whole = strspn(text, digits), fraction = text[whole] == '.' ? 1 + strspn(text + whole + 1, digits) : 0;
    if (whole == 0 || fraction == 1 || text[whole + fraction] != '\0')
        return false;
    *value = strtod(text, NULL);
    return true;
}
