/* Any text as a policy, a name in it, a file of holidays: the first byte chooses the reader. */
#include "inventory/policy/holidays.h"
#include "inventory/policy/policy.h"
#include "inventory/policy/policy_dn.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A name has attributes, or there is none. */
static void drive_name(const char *text)
{
    char *attributes = policy_dn_attributes(text);
    if (attributes == NULL)
        return;
    if (attributes[0] == '\0' || strchr(attributes, '=') == NULL)
        abort();
    free(attributes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    struct error err = {0};
    char *text = xstrndup((const char *)bytes + 1, len - 1);
    if (bytes[0] % 3 == 0)
        drive_name(text);
    else if (bytes[0] % 3 == 1)
        free(holidays_parse("fuzz", text, &err));
    else
        policy_destroy(policy_parse("fuzz.ini", text, &err));
    free(text);
    return 0;
}
