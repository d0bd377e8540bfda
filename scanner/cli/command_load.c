/* certsweep load: bundles into the database. */
#include "inventory/store/database.h"
#include "inventory/load/loader.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/trust/trust.h"
#include "probes/base/log.h"
#include "scanner/cli/command.h"

#include <inttypes.h>

static bool load_one(struct db *db, const char *path, struct error *err)
{
    struct loader_report report;
    if (!loader_load(db, path, &report, err))
        return false;
    int64_t rows = report.observations + report.sightings + report.postures + report.blocks + report.names;
    if (report.skipped)
        return true;        /* the loader has said so */
    if (rows == 0)
        log_info("%s: nothing new", path);
    else
        log_info("%s: %" PRId64 " observations, %" PRId64 " sightings, %" PRId64 " blocks, %" PRId64
                 " names; %" PRId64 " endpoints recomputed%s",
                 path, report.observations, report.sightings, report.blocks, report.names, report.recomputed,
                 report.finished ? "; its scan is complete" : "");
    return true;
}

/* What has come is judged, or left to a later reconcile. */
static bool judge(struct db *db, const struct options *options, struct error *err)
{
    struct reconcile_account account;
    if (option_given(options, "no-reconcile"))
        return trust_update(db, err);
    return reconcile_run(db, NULL, &account, err);
}

/* One bad bundle does not keep the others out; the first error gives the exit code. */
static int run_load(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0}, first = {0};
    if (argument_count(options) == 0) {
        error_set(&err, ERROR_USAGE, "certsweep load wants a BUNDLE; a scan's lies where its -o, or its last line, says");
        return command_fail(&err);
    }
    struct db *db = database_open(option_get(options, "db"), &err);
    if (db == NULL)
        return command_fail(&err);
    log_info("loading into %s", db_describe(db));
    for (size_t i = 0; i < argument_count(options) && first.kind != ERROR_DATABASE; i++) {
        if (load_one(db, argument_at(options, i), &err))
            continue;
        if (first.kind != ERROR_NONE)
            log_error("%s", first.text);
        first = err;
    }
    bool ok = first.kind == ERROR_DATABASE || judge(db, options, &err);
    db_close(db);
    if (first.kind != ERROR_NONE)
        return command_fail(&first);
    return ok ? 0 : command_fail(&err);
}

static const char *const load_examples[] = {
    "certsweep load site-a.bundle", "carry a scan of an air-gapped site into the database",
    "certsweep load *.bundle", "carry several, in any order; those that are there already change nothing",
    NULL,
};

static const struct option_spec load_options[] = {
    {"no-reconcile", 0, NULL, "Leave the judging to a later certsweep reconcile: of many loads, one is enough.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

const struct command command_load[] = {
    {"load", "BUNDLE...", "carry bundles into the database",
     "Each row of a bundle arrives exactly once, however often and in whatever order bundles are loaded; what follows from "
     "them (spans, events, verdicts) follows for what is new; where a bundle comes late, it is made anew. A bundle is checked whole before any "
     "of it is loaded.",
     load_options, load_examples, run_load},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
