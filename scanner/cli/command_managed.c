#include "inventory/store/database.h"
#include "inventory/managed/import.h"
#include "inventory/managed/reader.h"
#include "inventory_managed_sql.h"
#include "probes/base/clean_text.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_SHOWN 50             /* a file of the wrong kind need not fill the screen */

struct reading {
    struct managed_import *import;
    int64_t faults;
    bool failed;
    struct error *err;
};

static void on_record(void *context, struct managed_record *record)
{
    struct reading *reading = context;
    if (!reading->failed && !managed_import_add(reading->import, record, reading->err))
        reading->failed = true;
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    struct reading *reading = context;
    if (++reading->faults <= FAULTS_SHOWN && line == 0)     /* DER has no lines */
        log_warning("%s: %s", file, text);
    else if (reading->faults <= FAULTS_SHOWN)
        log_warning("%s:%zu: %s", file, line, text);
    if (reading->faults == FAULTS_SHOWN)
        log_warning("%s: more faults are counted, not shown", file);
}

static bool read_options(struct options *options, struct managed_reader_options *reader, const char **map,
                         struct error *err)
{
    const char *dates = option_get_or(options, "dates", "iso");
    for (size_t i = 0; i < option_count(options, "map"); i++)
        map[i] = option_at(options, "map", i);
    *reader = (struct managed_reader_options){.map = map, .map_count = option_count(options, "map")};
    if (strcmp(dates, "mdy") == 0)
        reader->dates = DATES_MONTH_DAY_YEAR;
    else if (strcmp(dates, "dmy") == 0)
        reader->dates = DATES_DAY_MONTH_YEAR;
    else if (strcmp(dates, "iso") != 0)
        return error_set(err, ERROR_USAGE, "--dates %s: expected iso, mdy or dmy", dates);
    if (argument_count(options) == 0)
        return error_set(err, ERROR_USAGE, "which files? certsweep managed import --source NAME FILE...");
    if (!option_given(options, "source"))
        return error_set(err, ERROR_USAGE, "--source NAME is missing: where the files come from, as ca-account; the next "
                                           "import of that source takes the place of this one");
    return true;
}

static char *file_list(struct options *options)
{
    char *list = xstrdup("");
    for (size_t i = 0; i < argument_count(options); i++) {
        char *longer = xasprintf("%s%s%s", list, i == 0 ? "" : "\n", argument_at(options, i));
        free(list);
        list = longer;
    }
    return list;
}

static void tell_account(const struct managed_account *account, const char *source, int64_t faults, bool dry_run)
{
    clean_text_print(stdout, "%s%s: %" PRId64 " records read: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " unchanged, %" PRId64
           " ended, %" PRId64 " listed twice, %" PRId64 " not readable\n",
           dry_run ? "(dry run, nothing kept) " : "", source, account->read, account->added, account->changed,
           account->unchanged, account->ended, account->doubles, faults);
    if (!dry_run)
        puts("Next: certsweep reconcile");
}

/* 0; 5 where some of the input was bad. */
static int import_files(struct db *db, struct options *options, const struct managed_reader_options *reader,
                        struct error *err)
{
    const char *source = option_get(options, "source");
    bool dry_run = option_given(options, "dry-run");
    struct reading reading = {.err = err};
    struct managed_sink sink = {.record = on_record, .fault = on_fault, .context = &reading};
    struct managed_account account;
    reading.import = managed_import_begin(db, source, option_get(options, "site"), err);
    bool ok = reading.import != NULL;
    for (size_t i = 0; ok && i < argument_count(options); i++)
        ok = managed_read_file(argument_at(options, i), reader, &sink, err) && !reading.failed;
    if (!ok) {
        managed_import_abandon(reading.import);
        return command_fail(err);
    }
    char *files = file_list(options);
    ok = managed_import_end(reading.import, files, reading.faults, dry_run, &account, err);
    free(files);
    if (!ok)
        return command_fail(err);
    tell_account(&account, source, reading.faults, dry_run);
    return reading.faults == 0 ? 0 : 5;
}

static int run_import(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct managed_reader_options reader;
    const char **map = xcalloc(option_count(options, "map") + 1, sizeof *map);
    struct db *db = read_options(options, &reader, map, &err) ? database_open(option_get(options, "db"), &err) : NULL;
    int code = db == NULL ? command_fail(&err) : import_files(db, options, &reader, &err);
    db_close(db);
    free(map);
    return code;
}

static int list_query(struct options *options, const char *sql, size_t count, const char *const *params)
{
    struct error err = {0};
    struct db *db = database_open(option_get(options, "db"), &err);
    bool ok = db != NULL &&
              result_table_print(options, db, sql, count, params,
                                 "nothing is managed yet; next: certsweep managed import --source NAME FILE...", &err);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static int run_list(const struct command *command, struct options *options)
{
    (void)command;
    const char *params[] = {option_get(options, "source")};
    return list_query(options, SQL_MANAGED_LIST, 1, params);
}

static int run_sources(const struct command *command, struct options *options)
{
    (void)command;
    return list_query(options, SQL_MANAGED_SOURCES, 0, NULL);
}

static const struct option_spec import_options[] = {
    {"source", 0, "NAME", "Where the files come from, as ca-account. The next import of the same source takes the place of this "
                          "one: what it no longer holds is no longer managed.", false, false},
    {"map", 0, "FIELD=HEADING", "The CSV column of a field, where its heading is not a usual one. Fields: subject, common_name, "
                                "names, serial_number, issuer, not_before, not_after, sha256, location, owner, contacts, "
                                "environment.", true, false},
    {"dates", 0, "ORDER", "How 01/02/2026 is meant: mdy or dmy. ISO dates (2026-02-01) are always read; without this "
                          "option only they are.", false, false},
    {"dry-run", 'n', NULL, "Read and compare everything, say what would change, keep nothing.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec list_options[] = {
    {"source", 0, "NAME", "Only this source.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const import_examples[] = {
    "certsweep managed import --source sectigo export.csv", "take a CA account's export as that source's truth from now on",
    "certsweep managed import --source pki --map common_name=\"Cert Name\" list.csv", "a column with a heading of its own",
    "certsweep managed import --source vault -n *.pem", "see what a folder of certificates would change",
    NULL,
};

const struct command command_managed[] = {
    {"managed import", "--source NAME FILE...", "tell certsweep which certificates are managed",
     "Reads PEM (whatever stands between the blocks), DER and CSV files with a heading. All files of one import together "
     "are the source's truth from now on: a dated snapshot. A row that cannot be read is told with file and line, and "
     "hides none of the others (exit code 5). --site says of which site the places in the files are; without it, a place that "
     "several sites hold is not judged.",
     import_options, import_examples, run_import},
    {"managed list", "", "list the managed certificates", NULL, list_options, NULL, run_list},
    {"managed sources", "", "list the sources and how fresh each is", NULL, NULL, NULL, run_sources},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
