#include "probes/base/counted.h"

#include <stdio.h>

const char *counted_into(char buffer[COUNTED_SIZE], long long number, const char *one, const char *more)
{
    snprintf(buffer, COUNTED_SIZE, "%lld %s", number, number == 1 ? one : more);
    return buffer;
}
