/* certsweep load: bundles into the database. */
#include "inventory/store/database.h"
#include "inventory/load/loader.h"
#include "inventory/results/results.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/trust/trust.h"
#include "inventory_load_sql.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"
#include "reports/screen.h"
#include "scanner/cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool load_one(struct db *db, const char *path, struct error *err)
{
    struct loader_report report;
    if (!loader_load(db, path, &report, err))
        return false;
    int64_t rows = report.observations + report.sightings + report.postures + report.blocks + report.names + report.files;
    if (report.skipped)
        return true;        /* the loader has said so */
    if (rows == 0)
        log_info("%s: nothing new", path);
    else if (report.files > 0)
        log_info("%s: %s%s", path, COUNTED(report.files, "file"), report.finished ? "; its walk is complete" : "");
    else
        log_info("%s: %s, %s, %s, %s; %s recomputed%s", path, COUNTED(report.observations, "observation"), COUNTED(report.sightings, "sighting"),
                 COUNTED(report.blocks, "block"), COUNTED(report.names, "name"), COUNTED(report.recomputed, "endpoint"),
                 report.finished ? "; its scan is complete" : "");
    return true;
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    if (line == 0)
        log_warning("%s: %s", file, text);
    else
        log_warning("%s:%zu: %s", file, line, text);
}

/* Are these very results here already? */
static bool is_loaded(struct db *db, const char *scan_id, bool *loaded, struct error *err)
{
    const char *params[] = {scan_id};
    struct db_result *result = db_query(db, SQL_LOADER_IMPORT_FIND, 1, params, err);
    if (result == NULL)
        return false;
    *loaded = db_int(result, 0, 0) > 0;
    db_result_destroy(result);
    return true;
}

static void tell_results(const struct results_request *request, const struct results_account *account)
{
    printf("%s: %s with certificates", request->tool, COUNTED(account->answers, "answer"));
    if (account->certificates > 0)
        printf(", %s without a place", COUNTED(account->certificates, "certificate"));
    if (account->bare > 0)
        printf(", %s without the certificate itself, left out (expected is %s)", COUNTED(account->bare, "result"), results_advice(request->tool));
    if (account->faults > 0)
        printf(", %" PRIu64 " not readable", account->faults);
    putchar('\n');
}

/* Others' results become a bundle in a folder of its own, which goes away with it. */
static bool load_results(struct db *db, const struct options *options, struct results_account *account, struct error *err)
{
    size_t count = argument_count(options);
    const char **files = xcalloc(count, sizeof *files), *folder = getenv("TMPDIR");
    char *made = xasprintf("%s/certsweep-load.XXXXXX", folder == NULL ? "/tmp" : folder), *bundle = NULL, id[SCAN_ID_SIZE];
    bool loaded = false;
    for (size_t i = 0; i < count; i++)
        files[i] = argument_at(options, i);
    struct results_request request = {.tool = option_get(options, "from"), .files = files, .file_count = count,
                                      .site = option_get_or(options, "site", "default"), .fault = on_fault};
    bool ok = results_scan_id(&request, id, err) && is_loaded(db, id, &loaded, err);
    if (ok && loaded) {
        log_info("these results are in the database already");
    } else if (ok && mkdtemp(made) == NULL) {
        ok = error_set(err, ERROR_IO, "%s: %s", made, strerror(errno));
    } else if (ok) {
        request.bundle = bundle = xasprintf("%s/results.bundle", made);
        ok = results_convert(&request, account, err) && load_one(db, bundle, err);
        unlink(bundle);
        char *rest[] = {xasprintf("%s-wal", bundle), xasprintf("%s-shm", bundle)};
        for (size_t i = 0; i < 2; i++) {
            unlink(rest[i]);
            free(rest[i]);
        }
        rmdir(made);
        if (ok)
            tell_results(&request, account);
    }
    free(bundle);
    free(made);
    free(files);
    return ok;
}

/* What has come is judged, or left to a later reconcile. */
static bool judge(struct db *db, const struct options *options, struct error *err)
{
    struct reconcile_account account;
    if (option_given(options, "no-reconcile"))
        return trust_update(db, err);
    return reconcile_run(db, NULL, &account, err);
}

static bool check_tool(const struct options *options, struct error *err)
{
    if (results_advice(option_get(options, "from")) != NULL)
        return site_name_check(option_get(options, "site"), err);
    return error_set(err, ERROR_USAGE, "--from %s: expected tlsx, zgrab2, nmap, zeek, testssl, sslyze or ct", option_get(options, "from"));
}

static int run_load_from(struct options *options)
{
    struct error err = {0};
    struct results_account account = {0};
    struct db *db = check_tool(options, &err) ? database_open(option_get(options, "db"), &err) : NULL;
    bool ok = db != NULL && load_results(db, options, &account, &err) && judge(db, options, &err);
    db_close(db);
    return !ok ? command_fail(&err) : account.faults > 0 ? 5 : 0;
}

/* One bad bundle does not keep the others out; the first error gives the exit code. */
static int run_load(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0}, first = {0};
    size_t loaded = 0;
    if (argument_count(options) == 0) {
        error_set(&err, ERROR_USAGE, "certsweep load needs a BUNDLE; -o, or the last line of a scan, gives its path");
        return command_fail(&err);
    }
    if (option_given(options, "from"))
        return run_load_from(options);
    if (option_typed(options, "site")) {
        error_set(&err, ERROR_USAGE, "--site is for --from only: a bundle contains its site");
        return command_fail(&err);
    }
    struct db *db = database_open(option_get(options, "db"), &err);
    if (db == NULL)
        return command_fail(&err);
    log_info("loading into %s", db_describe(db));
    for (size_t i = 0; i < argument_count(options) && first.kind != ERROR_DATABASE; i++) {
        if (load_one(db, argument_at(options, i), &err)) {
            loaded++;
            continue;
        }
        if (first.kind != ERROR_NONE)
            log_error("%s", first.text);
        first = err;
    }
    bool ok = loaded == 0 || first.kind == ERROR_DATABASE || (judge(db, options, &err) && screen_print(db, NULL, stdout, &err));
    db_close(db);
    if (first.kind != ERROR_NONE)
        return command_fail(&first);
    return ok ? 0 : command_fail(&err);
}

static const char *const load_examples[] = {
    "certsweep load site-a.bundle", "carry a scan of an air-gapped site into the database",
    "certsweep load --from nmap scan.xml", "take what nmap's script ssl-cert saw (-oX) as observations",
    "certsweep load --from zeek ssl.log x509.log", "take Zeek's logs, with the policy log-certs-base64 loaded",
    "certsweep load *.bundle", "carry several, in any order; those that are there already change nothing",
    NULL,
};

static const struct option_spec load_options[] = {
    {"from", 0, "TOOL", "The files are results of another tool: tlsx, zgrab2, nmap, zeek, testssl, sslyze, or ct (certificates of a CT log; one for a name below "
                        "own_suffixes of the policy that nothing serves is a finding, R10). "
                        "They become observations of method import.", false, false},
    {"no-reconcile", 0, NULL, "Leave the judging to a later certsweep reconcile: of many loads, one is enough.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

const struct command command_load[] = {
    {"load", "BUNDLE...|--from TOOL FILE...", "carry bundles into the database",
     "Each row of a bundle arrives exactly once, however often and in whatever order bundles are loaded; what follows from "
     "them (spans, events, verdicts) follows for what is new; if a bundle comes late, it is recomputed. A bundle is checked whole before any "
     "of it is loaded. With --from, results of other tools are loaded instead, where they hold the certificates themselves; results "
     "without one are counted. --site says where these tools stood.",
     load_options, load_examples, run_load},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
