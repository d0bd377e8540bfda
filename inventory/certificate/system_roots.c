#include "inventory/certificate/system_roots.h"

#include "probes/base/named_folder.h"

#include <stddef.h>

const char *system_roots_file(void)
{
    const char *named = named_folder("CERTSWEEP_ROOTS");
    return named == NULL ? SYSTEM_ROOTS_FILE : named;
}
