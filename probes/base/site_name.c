#include "probes/base/site_name.h"

#include "probes/base/observation.h"

#include <string.h>

bool site_name_is_valid(const char *name)
{
    size_t len = strlen(name);
    for (const char *at = name; *at != '\0'; at++)
        if (*at < 0x20 || *at > 0x7e)
            return false;
    return len != 0 && len < SITE_SIZE && name[0] != ' ' && name[len - 1] != ' ';
}

bool site_name_check(const char *name, struct error *err)
{
    return name == NULL || site_name_is_valid(name) ||
           error_set(err, ERROR_USAGE, "--site \"%.80s\": expected a name of 1 to %d printable ASCII characters", name, SITE_SIZE - 1);
}
