#include "scanner/cli/scan_inventory.h"

#include "probes/base/log.h"

bool scan_inventory_check(const struct options *options, struct error *err)
{
    (void)options, (void)err;
    return true;
}

bool scan_inventory_take(const struct options *options, const char *bundle, const char *site, bool print,
                         bool *is_met, struct error *err)
{
    (void)options, (void)site, (void)print, (void)is_met, (void)err;
    log_info("the bundle is %s; carry it to where the database is: certsweep load %s", bundle, bundle);
    return true;
}
