/* certsweep scans: the runs, newest first: those with a bundle in the folder, then those that only the database knows. */
#include "inventory/store/database.h"
#include "inventory/store/site.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/render.h"
#include "scanner/process/bundle_folder.h"
#include "scanner/cli/command.h"
#include "scanner/process/progress.h"
#include "scanner/run/scan_account.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct report scans_report = {
    .name = "scans",
    .title = "Scans",
    .none = "no scan yet",
    .columns = {{"id", "Scan", COLUMN_TEXT, false, false},
                {"site", "Site", COLUMN_TEXT, false, false},
                {"started", "Started", COLUMN_MOMENT, false, false},
                {"share", "Done %", COLUMN_NUMBER, false, false},
                {"state", "State", COLUMN_TEXT, false, false},
                {"account", "Account", COLUMN_TEXT, false, false},
                {"targets", "Targets", COLUMN_TEXT, false, false}},
};
enum { COLUMNS = 7 };

struct listing {
    const struct renderer *renderer;
    void *state;
    const char *site;              /* NULL: every one */
    struct scan_account *accounts; /* of the folder's bundles */
    size_t count;
};

/* "12 certificate, 4 refused": the text after "targets: ". Yours: free(). */
static char *short_account(const struct scan_account *account)
{
    char *whole = progress_account("target", account->positions, account->total);
    const char *behind = strchr(whole, ':');
    char *text = xstrdup(behind == NULL || behind[1] == '\0' ? "" : behind + 2);
    free(whole);
    return text;
}

static void read_bundle(struct listing *listing, const char *path)
{
    struct scan_account account;
    struct error err = {0};
    if (!scan_account_read(path, &account, &err)) {
        log_warning("%s", err.text);
        return;
    }
    listing->accounts = xreallocarray(listing->accounts, listing->count + 1, sizeof *listing->accounts);
    listing->accounts[listing->count++] = account;
}

/* As the loader judges it: the bundle's clock was wrong, or its time was forged. */
static bool is_ahead(const struct scan_account *account)
{
    return account->started_us > clock_utc_us() + INT64_C(86400000000);
}

/* Runs that claim to be from the future are listed last. */
static int newest_first(const void *a, const void *b)
{
    const struct scan_account *x = a, *y = b;
    int order = is_ahead(x) - is_ahead(y);
    return order != 0 ? order : (x->started_us < y->started_us) - (x->started_us > y->started_us);
}

static const char *state_of(const struct scan_account *account)
{
    if (is_ahead(account))
        return account->is_sealed ? "finished, clock ahead" : "open (scan --resume), clock ahead";
    return account->is_sealed ? "finished" : "open (scan --resume)";
}

static void print_account(const struct listing *listing, const struct scan_account *account)
{
    char started[CLOCK_TEXT_SIZE], share[16], *text = short_account(account);
    uint64_t ended = account->ended + account->names_ended, total = account->total + account->names_total;
    clock_format_us(account->started_us, started);
    snprintf(share, sizeof share, "%.1f", total == 0 ? 100.0 : 100.0 * (double)ended / (double)total);
    const char *values[COLUMNS] = {account->scan_id,
                                   account->site,
                                   started,
                                   share,
                                   state_of(account),
                                   text,
                                   account->targets};
    listing->renderer->row(listing->state, values);
    free(text);
}

static int is_bundle(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 7 && strcmp(entry->d_name + len - 7, ".bundle") == 0;
}

static bool add_bundles(struct listing *listing, struct error *err)
{
    char folder[4096], path[4096 + 256];
    struct dirent **entries = NULL;
    if (!bundle_folder(folder, sizeof folder, err))
        return false;
    int count = scandir(folder, &entries, is_bundle, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        read_bundle(listing, path);
        free(entries[i]);
    }
    free(entries);
    if (listing->count != 0)
        qsort(listing->accounts, listing->count, sizeof *listing->accounts, newest_first);
    for (size_t i = 0; i < listing->count; i++)
        if (listing->site == NULL || strcmp(listing->site, listing->accounts[i].site) == 0)
            print_account(listing, &listing->accounts[i]);
    return count >= 0 || error_set(err, ERROR_IO, "%s: %s", folder, strerror(errno));
}

static bool is_listed(const struct listing *listing, const char *id)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->accounts[i].scan_id, id) == 0)
            return true;
    return false;
}

/* A site that neither a bundle in the folder nor the database knows is a mistake, not an empty list. */
static bool site_is_known(const struct listing *listing, struct db *db, struct error *err)
{
    for (size_t i = 0; i < listing->count && listing->site != NULL; i++)
        if (strcmp(listing->accounts[i].site, listing->site) == 0)
            return true;
    return site_check(db, listing->site, err);
}

static bool add_database(struct listing *listing, const char *dsn, struct error *err)
{
    const char *params[] = {listing->site};
    struct db *db = database_open_made(dsn, err);
    bool may_list = db != NULL && site_is_known(listing, db, err);
    struct db_result *result = may_list ? db_query(db, SQL_SCANS_LIST, 1, params, err) : NULL;
    for (size_t row = 0; result != NULL && row < db_rows(result); row++) {
        const char *values[COLUMNS];
        for (size_t i = 0; i < COLUMNS; i++)
            values[i] = db_value(result, row, i);
        if (!is_listed(listing, values[0]))
            listing->renderer->row(listing->state, values);
    }
    bool ok = result != NULL;
    db_result_destroy(result);
    db_close(db);
    return ok;
}

static int run_scans(const struct command *command, struct options *options)
{
    struct error err = {0};
    const char *format = option_get_or(options, "format", "table");
    struct listing listing = {.renderer = renderer_find(format), .site = option_get(options, "site")};
    (void)command;
    if (listing.renderer == NULL) {
        error_set(&err, ERROR_USAGE, "--format %s: expected table, csv or json", format);
        return command_fail(&err);
    }
    struct output *output = output_open(options, &err);
    if (output == NULL)
        return command_fail(&err);
    listing.state = listing.renderer->begin(&scans_report, output_file(output));
    bool ok = add_bundles(&listing, &err) && ((listing.count > 0 && database_is_missing(option_get(options, "db"))) ||
                                              add_database(&listing, option_get(options, "db"), &err));
    listing.renderer->end(listing.state, NULL);
    ok = output_close(output, true, ok ? &err : NULL) && ok;
    for (size_t i = 0; i < listing.count; i++)
        free(listing.accounts[i].targets);
    free(listing.accounts);
    return ok ? 0 : command_fail(&err);
}

const struct command command_scans[] = {
    {
        .name = "scans",
        .arguments = "",
        .summary = "list the runs: targets, share done, account, id",
        .description =
            "An open run was stopped or killed, or is under way: certsweep scan --resume ID goes on with it.",
        .run = run_scans,
    },
    {0},
};
