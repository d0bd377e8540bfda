#include "scanner/cli/scan_inventory.h"

#include "probes/base/log.h"
#include "scanner/cli/options.h"

#include <stddef.h>

bool scan_inventory_check(const struct options *options, struct error *err)
{
    (void)options, (void)err;
    return true;
}

bool scan_inventory_check_fail_on(const struct options *options, bool is_judged, struct error *err)
{
    (void)is_judged, (void)err;
    if (option_given(options, "fail-on"))
        log_warning("--fail-on is not judged here: this program is built without the database");
    return true;
}

char *scan_inventory_known_names(const struct options *options, bool is_private, const char *site, const struct target_space *space)
{
    (void)options, (void)is_private, (void)site, (void)space;
    return NULL;
}

bool scan_inventory_take_all(const struct options *options, const char *const *bundles, size_t count,
                             const char *site, bool print, bool *is_met, struct error *err)
{
    (void)options, (void)site, (void)print, (void)is_met, (void)err;
    for (size_t i = 0; i < count; i++)
        log_info("the bundle is %s; carry it to where the database is: certsweep load %s", bundles[i], bundles[i]);
    return true;
}

bool scan_inventory_take(const struct options *options, const char *bundle, const char *site, bool print,
                         bool *is_met, struct error *err)
{
    return scan_inventory_take_all(options, &bundle, 1, site, print, is_met, err);
}

bool scan_inventory_reach(const struct options *options, struct error *err)
{
    (void)options;
    return error_set(err, ERROR_USAGE, "--keep: this program is built without the database; certsweep scan --depth deep -o BUNDLE");
}

bool scan_inventory_keep(const struct options *options, const char *bundle, const char *site, struct server_test *test, struct error *err)
{
    (void)bundle, (void)site, (void)test;
    return scan_inventory_reach(options, err);
}

void scan_inventory_connect(const char *dsn, bool for_programs)
{
    (void)dsn, (void)for_programs;
}

void scan_inventory_helper(void (**serve)(int socket), void (**use)(int socket))
{
    *serve = NULL;
    *use = NULL;
}
