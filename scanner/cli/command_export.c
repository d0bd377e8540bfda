#include "inventory/store/database.h"
#include "inventory/store/site.h"
#include "probes/base/clock.h"
#include "reports/exchange/cbom.h"
#include "reports/exchange/events.h"
#include "scanner/cli/command.h"
#include "scanner/cli/version.h"

#include <string.h>

static bool write_one(const struct command *command, const struct options *options, struct db *db, FILE *out, struct error *err)
{
    const char *site = option_get(options, "site");
    if (strcmp(command->name, "export events") == 0) {
        const char *since = option_get(options, "since");
        int64_t moment_us;
        if (since != NULL && !clock_parse_us(since, &moment_us))
            return error_set(err, ERROR_USAGE, "--since %s: expected a day, as 2026-01-31", since);
        return events_write(db, site, since, out, err);
    }
    const char *version = option_get_or(options, "spec", "1.7");
    if (strcmp(version, "1.7") != 0 && strcmp(version, "1.6") != 0)
        return error_set(err, ERROR_USAGE, "--spec %s: CycloneDX 1.7 or 1.6", version);
    return cbom_write(db, site, version, CERTSWEEP_VERSION, out, err);
}

static int run_export(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    struct output *output = db != NULL && site_check(db, option_get(options, "site"), &err) ? output_open(options, &err) : NULL;
    bool ok = output != NULL && write_one(command, options, db, output_file(output), &err);
    if (output != NULL)
        ok = output_close(output, ok, &err) && ok;
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static const struct option_spec cbom_options[] = {
    {"spec", 0, "VERSION", "1.7 (the default) or 1.6.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};
static const struct option_spec events_options[] = {
    {"since", 0, "DATE", "Only what happened since then.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};
static const char *const cbom_examples[] = {"certsweep export cbom -o cbom.json", "for planning the change to post-quantum keys", NULL};
static const char *const events_examples[] = {"certsweep export events --since 2026-01-31", "what is new, changed, gone, returned", NULL};

const struct command command_export[] = {
    {"export cbom", "", "write certificates, keys, algorithms and protocols as a CycloneDX bill (CBOM)",
     "With where each was found, and its level against a quantum computer. The same facts give the same bytes.", cbom_options, cbom_examples, run_export},
    {"export events", "", "write the events of places as JSON lines, with ids that stay",
     "Each line: id, time, event (new, changed, gone, returned), site, address, port, transport (tcp, udp, sctp), server_name, certificate_before and "
     "certificate_after (SHA-256).", events_options, events_examples, run_export},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
