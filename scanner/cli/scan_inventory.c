#include "scanner/cli/scan_inventory.h"

#include "inventory/database.h"
#include "inventory/loader.h"
#include "inventory/reconcile.h"
#include "inventory_sql.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/next_command.h"
#include "reports/render.h"
#include "reports/report.h"
#include "scanner/cli/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool scan_inventory_check(const struct options *options, struct error *err)
{
    const char *dsn = option_get(options, "db");
    if (dsn == NULL)
        return true;
    struct db *db = database_open(dsn, err);
    db_close(db);
    return db != NULL;
}

/* What the rows name, where the space holds it; the same name on several ports is one line. */
static char *list_known(const struct db_result *result, const struct target_space *space)
{
    struct byte_buffer text;
    char *last = xstrdup("");
    byte_buffer_init(&text, 0);
    for (size_t row = 0; row < db_rows(result); row++) {
        struct target target = {.transport = (enum transport)db_int(result, row, 2),
                                .port = (uint16_t)db_int(result, row, 1)};
        uint64_t index;
        if (!address_parse(db_value(result, row, 0), &target.address) ||
            !target_space_find(space, &target, &index))
            continue;
        char *line = xasprintf("%s %s\n", db_value(result, row, 0), db_value(result, row, 3));
        if (strcmp(line, last) != 0)
            byte_buffer_append(&text, line, strlen(line));
        free(last);
        last = line;
    }
    free(last);
    byte_buffer_append(&text, "", 1);
    char *lines = xmemdup(text.bytes, byte_buffer_len(&text));
    byte_buffer_clear(&text);
    return lines;
}

char *scan_inventory_known_names(const struct options *options, const char *site,
                                 const struct target_space *space)
{
    struct error err = {0};
    const char *dsn = option_get(options, "db"), *params[] = {site};
    if (dsn == NULL)
        return NULL;
    struct db *db = database_open(dsn, &err);
    struct db_result *result = db == NULL ? NULL : db_query(db, SQL_KNOWN_NAMES, 1, params, &err);
    char *lines = result == NULL ? NULL : list_known(result, space);
    if (result == NULL)
        log_warning("names known from earlier scans are not asked: %s", err.text);
    db_result_destroy(result);
    db_close(db);
    return lines;
}

static bool load(struct db *db, const char *bundle, struct error *err)
{
    struct loader_report report;
    if (!loader_load(db, bundle, &report, err))
        return false;
    log_info("loaded into %s: %" PRId64 " observations, %" PRId64 " endpoints looked at anew",
             db_describe(db), report.observations, report.recomputed);
    return true;
}

static bool print_summary(struct db *db, const char *site, struct error *err)
{
    const struct report *report = report_find("summary");
    const struct report_options options = {.site = site};
    return report_write(report, &options, db, renderer_find("table"), stdout, NULL, err) &&
           next_command_print(db, site, stdout, err);
}

/* "unmanaged,expired": values of any axis, rules' ids among them. */
static bool is_any_met(const struct reconcile_account *account, const char *names)
{
    char list[512], *rest = list, *name;
    snprintf(list, sizeof list, "%s", names);
    while ((name = strsep(&rest, ", ")) != NULL)
        for (size_t i = 0; name[0] != '\0' && i < account->count; i++)
            if (strcmp(account->counts[i].value, name) == 0 && account->counts[i].count > 0)
                return true;
    return false;
}

bool scan_inventory_take(const struct options *options, const char *bundle, const char *site, bool print,
                         bool *is_met, struct error *err)
{
    struct reconcile_account account;
    struct db *db = database_open(option_get(options, "db"), err);
    bool ok = db != NULL && load(db, bundle, err) && reconcile_run(db, NULL, &account, err) &&
              (!print || print_summary(db, site, err));
    db_close(db);
    *is_met = ok && option_given(options, "fail-on") && is_any_met(&account, option_get(options, "fail-on"));
    if (!ok)
        error_add_context(err, "the bundle %s is whole (certsweep load takes it again), but", bundle);
    return ok;
}
