/* certsweep db ...: the database itself. Without --db these speak of the private cluster. */
#include "inventory/store/cluster.h"
#include "inventory/store/database.h"
#include "inventory/load/serving.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory_store_sql.h"
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"
#include "reports/render.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *dsn_given(const struct options *options)
{
    const char *dsn = option_get(options, "db");
    return dsn == NULL || dsn[0] == '\0' ? NULL : dsn;
}

/* start, stop and upgrade are of the private cluster alone. */
static bool private_place(const struct command *command, const struct options *options, struct cluster_place *place,
                          struct error *err)
{
    if (dsn_given(options) != NULL)
        return error_set(err, ERROR_USAGE, "certsweep %s is of the private database; --db and CERTSWEEP_DB name another",
                         command->name);
    return cluster_place_default(place, err);
}

static int ended(bool ok, struct cluster_place *place, const struct error *err)
{
    cluster_place_clear(place);
    return ok ? 0 : command_fail(err);
}

static int run_start(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct cluster_place place = {0};
    bool ok = private_place(command, options, &place, &err) && cluster_pin(&place, &err);
    if (ok)
        printf("the private database in %s runs until: certsweep db stop\n", place.home);
    return ended(ok, &place, &err);
}

static int run_stop(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct cluster_place place = {0};
    bool ok = private_place(command, options, &place, &err) && cluster_stop(&place, &err);
    return ended(ok, &place, &err);
}

/* For programs: the same in one row. */
static const struct report private_report = {
    .name = "db status",
    .columns = {{"folder", "Folder", COLUMN_TEXT, false, false}, {"made", "Made", COLUMN_TEXT, false, false}, {"postgresql", "PostgreSQL", COLUMN_NUMBER, false, false},
                {"running", "Running", COLUMN_TEXT, false, false}, {"kept_running", "Kept running", COLUMN_TEXT, false, false},
                {"newest_installed", "Newest installed", COLUMN_NUMBER, false, false}, {"dsn", "DSN", COLUMN_TEXT, false, false}},
};
static const struct report given_report = {
    .name = "db status",
    .columns = {{"database", "Database", COLUMN_TEXT, false, false}, {"megabytes", "MB", COLUMN_NUMBER, false, false},
                {"certificates", "Certificates", COLUMN_NUMBER, false, false}, {"endpoints", "Endpoints", COLUMN_NUMBER, false, false},
                {"scans", "Scans", COLUMN_NUMBER, false, false}},
};

static bool is_for_people(const struct options *options)
{
    return strcmp(option_get_or(options, "format", "table"), "table") == 0;
}

static bool print_private_row(struct options *options, const struct cluster_place *place, const struct cluster_status *status, struct error *err)
{
    char major[16], newest[16];
    snprintf(major, sizeof major, "%d", status->major);
    snprintf(newest, sizeof newest, "%d", status->newest_major);
    const char *values[] = {place->home, status->major == 0 ? "no" : "yes", status->major == 0 ? NULL : major, status->running ? "yes" : "no",
                            status->pinned ? "yes" : "no", status->newest_major == 0 ? NULL : newest, status->dsn};
    return result_row_print(options, &private_report, values, err);
}

static void print_private_text(FILE *out, const struct cluster_place *place, const struct cluster_status *known)
{
    struct cluster_status status = *known;
    if (status.major == 0)
        fprintf(out, "private database in %s: not made yet; the first command that writes makes it (scan, load, managed import ...)\n", place->home);
    else
        fprintf(out, "private database in %s: PostgreSQL %d, %s%s\n  %s\n", place->home, status.major,
               status.running ? "running" : "stopped (each command starts it for itself)",
               status.pinned ? ", kept running by db start" : "", status.dsn);
    if (status.newest_major == 0)
        fprintf(out, "no PostgreSQL server programs are installed: install the package postgresql\n");
    else if (status.major != 0 && status.newest_major > status.major)
        fprintf(out, "PostgreSQL %d is installed; to move there: certsweep db upgrade\n", status.newest_major);
}

static bool print_private(struct options *options, const struct cluster_place *place, struct error *err)
{
    struct cluster_status status;
    if (!cluster_status(place, &status, err))
        return false;
    struct output *output = is_for_people(options) ? output_open(options, err) : NULL;
    if (output != NULL)
        print_private_text(output_file(output), place, &status);
    bool ok = is_for_people(options) ? output != NULL && output_close(output, true, err) : print_private_row(options, place, &status, err);
    free(status.dsn);
    return ok;
}

static bool print_given(struct options *options, const char *dsn, struct error *err)
{
    struct db *db = database_open(dsn, err);
    struct db_result *size = db == NULL ? NULL : db_query(db, SQL_DB_SIZE, 0, NULL, err);
    bool ok = size != NULL;
    char megabytes[24] = "";
    if (ok)
        snprintf(megabytes, sizeof megabytes, "%" PRId64, db_int(size, 0, 0) >> 20);
    struct output *output = ok && is_for_people(options) ? output_open(options, err) : NULL;
    if (output != NULL) {
        clean_text_print(output_file(output), "%s: %s MB, %s, %s, %s\n", db_describe(db), megabytes, COUNTED(db_int(size, 0, 1), "certificate"),
                         COUNTED(db_int(size, 0, 2), "endpoint"), COUNTED(db_int(size, 0, 3), "scan"));
        ok = output_close(output, true, err);
    } else if (ok && is_for_people(options)) {
        ok = false;
    } else if (ok) {
        const char *values[] = {db_describe(db), megabytes, db_value(size, 0, 1), db_value(size, 0, 2), db_value(size, 0, 3)};
        ok = result_row_print(options, &given_report, values, err);
    }
    db_result_destroy(size);
    db_close(db);
    return ok;
}

static int run_status(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct cluster_place place = {0};
    const char *dsn = dsn_given(options);
    bool ok = dsn != NULL ? print_given(options, dsn, &err)
                          : cluster_place_default(&place, &err) && print_private(options, &place, &err);
    return ended(ok, &place, &err);
}

static int run_dsn(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct cluster_place place = {0};
    struct cluster_status status = {0};
    bool ok = private_place(command, options, &place, &err) && cluster_status(&place, &status, &err);
    if (ok && status.dsn == NULL)
        ok = error_set(&err, ERROR_DATABASE, "the private database is not made yet: certsweep db start");
    if (ok)
        printf("%s\n", status.dsn);
    if (ok && !status.running)
        log_info("it is stopped; to keep it running: certsweep db start");
    free(status.dsn);
    return ended(ok, &place, &err);
}

static int run_upgrade(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct cluster_place place = {0};
    int from, to;
    bool ok = private_place(command, options, &place, &err) && cluster_upgrade(&place, &from, &to, &err);
    if (ok && from == to)
        printf("nothing to do: the private database is of PostgreSQL %d, and no newer one is installed\n", from);
    else if (ok)
        printf("moved from PostgreSQL %d to %d; the old data stays in %s/pg%d, remove it when you are content\n", from, to,
               place.home, from);
    return ended(ok, &place, &err);
}

/* ---- dump and restore ---- */

/* The DSN to work on: the user's, or that of the private cluster, lent for this command. is_to_read: it must have been made. */
static const char *dsn_lend(const struct options *options, bool is_to_read, struct cluster **lent, struct error *err)
{
    struct cluster_place place = {0};
    const char *dsn = dsn_given(options);
    *lent = NULL;
    if (dsn != NULL) {
        struct db *db = db_open(dsn, err);      /* refuses what must not be in argv */
        if (db == NULL && user_file_starter() >= 0)
            error_add_context(err, "called by root, files and database are handled as another user, who gets in by PGPASSFILE "
                                   "but not as root by peer authentication");
        db_close(db);
        return db == NULL ? NULL : dsn;
    }
    if (cluster_place_default(&place, err) && (!is_to_read || cluster_require_made(&place, err)))
        *lent = cluster_acquire(&place, err);
    cluster_place_clear(&place);
    return *lent == NULL ? NULL : cluster_dsn(*lent);
}

static int run_dump(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct cluster *lent = NULL;
    const char *path = argument_count(options) == 1 ? argument_at(options, 0) : NULL;
    const char *dsn = path != NULL ? dsn_lend(options, true, &lent, &err) : NULL;
    bool ok = path != NULL || error_set(&err, ERROR_USAGE, "certsweep db dump needs a FILE to write");
    int fd = -1;
    if (ok && (ok = dsn != NULL)) {
        fd = output_file_stream(path, O_EXCL, 0600, &err);
        ok = fd >= 0 && cluster_dump(dsn, fd, &err);
        if (fd >= 0 && (fsync(fd) != 0 || close(fd) != 0) && ok)
            ok = error_set(&err, ERROR_IO, "%s: %s", path, strerror(errno));
        if (fd >= 0 && !ok)
            user_file_unlink(path);     /* half a dump is none */
    }
    cluster_release(lent);
    return ok ? 0 : command_fail(&err);
}

static bool is_empty(const char *dsn, struct error *err)
{
    struct db *db = db_open(dsn, err);
    struct db_result *found = db == NULL ? NULL : db_query(db, SQL_DB_IS_EMPTY, 0, NULL, err);
    bool ok = found != NULL &&
              (db_int(found, 0, 0) == 0 || error_set(err, ERROR_USAGE,
                                                     "%s is not empty; a dump is restored into an empty database",
                                                     db_describe(db)));
    db_result_destroy(found);
    db_close(db);
    return ok;
}

static int run_restore(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct cluster *lent = NULL;
    const char *path = argument_count(options) == 1 ? argument_at(options, 0) : NULL;
    bool ok = path != NULL || error_set(&err, ERROR_USAGE, "certsweep db restore needs a FILE that db dump wrote");
    int fd = ok ? user_file_open(path, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (ok && fd < 0)
        ok = error_set(&err, ERROR_IO, "%s: %s", path, strerror(errno));
    const char *dsn = ok ? dsn_lend(options, false, &lent, &err) : NULL;
    ok = ok && dsn != NULL && is_empty(dsn, &err) && cluster_restore(dsn, fd, &err);
    if (fd >= 0)
        close(fd);
    cluster_release(lent);
    return ok ? 0 : command_fail(&err);
}

/* ---- check ---- */

static int run_check(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    struct db_result *rows = db == NULL ? NULL : db_query(db, SQL_DB_CHECK, 0, NULL, &err);
    size_t count = rows == NULL ? 0 : db_rows(rows);
    bool ok = rows != NULL && result_table_print(options, db, SQL_DB_CHECK, 0, NULL, "every row was taken in as it is", &err);
    db_result_destroy(rows);
    db_close(db);
    if (ok && count > 0)
        error_set(&err, ERROR_INPUT, "some input could not be read as it is; the rest is loaded");
    return ok && count == 0 ? 0 : command_fail(&err);
}

/* ---- prune ---- */

/* Everything that is served was seen before such a day, too. */
static bool prune_check(struct db *db, const char *before, const char *moment, struct error *err)
{
    const char *const params[] = {moment};
    struct db_result *late = db_query(db, SQL_DB_PRUNE_TOO_LATE, 1, params, err);
    if (late == NULL)
        return false;
    if (db_rows(late) > 0)
        error_set(err, ERROR_USAGE, "--before %s: the last finished scan began at %s, and what is served would be forgotten, too; name a day "
                                    "that is over by then, %s or earlier", before,
                  db_value(late, 0, 0), db_value(late, 0, 1));
    bool ok = db_rows(late) == 0;
    db_result_destroy(late);
    return ok;
}

static int run_prune(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    int64_t before_us, made = 0;
    const char *before = option_get(options, "before");
    char text[CLOCK_TEXT_SIZE];
    if (before == NULL || !clock_parse_us(before, &before_us)) {
        error_set(&err, ERROR_USAGE, "certsweep db prune needs --before DATE (as 2024-01-01)");
        return command_fail(&err);
    }
    if (before_us > clock_utc_us()) {           /* everything was seen before it */
        error_set(&err, ERROR_USAGE, "--before %s: that day is still to come, and everything that is known would be forgotten; name one that is past", before);
        return command_fail(&err);
    }
    clock_format_us(before_us, text);
    const char *const params[] = {text};
    struct db *db = database_open_made(option_get(options, "db"), &err);
    struct db_result *rows = db == NULL || !prune_check(db, before, text, &err) || !reconcile_indexes_back(db, &err) ? NULL : db_query(db, SQL_DB_PRUNE, 1, params, &err);
    bool ok = rows != NULL && serving_recompute(db, &made, &err);
    if (ok)
        clean_text_print(stdout, "%s: %s from before %s forgotten, %s recomputed\n%s", db_describe(db),
                         COUNTED(db_int(rows, 0, 0), "row"), before, COUNTED(made, "endpoint"), made == 0 ? "" : "Next: certsweep reconcile\n");
    db_result_destroy(rows);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static const struct option_spec prune_options[] = {
    {"before", 0, "DATE", "Forget what was seen before this day, which must be over when the last finished scan began.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

const struct command command_db[] = {
    {"db start", "", "start the private database and keep it running",
     "Without --db, certsweep runs a PostgreSQL of its own, reached only through a Unix socket, which stops with its last "
     "user. This keeps it running until db stop.",
     NULL, NULL, run_start},
    {"db stop", "", "stop the private database", "Refused while another certsweep uses it.", NULL, NULL, run_stop},
    {"db status", "", "say which database is used and how it is", NULL, NULL, NULL, run_status},
    {"db dsn", "", "print how to reach the private database with psql", NULL, NULL, NULL, run_dsn},
    {"db upgrade", "", "move the private database to the newest PostgreSQL installed",
     "Dumps and restores by as many connections as there are processors, into a new cluster. The old data stays beside it; remove it when the "
     "new database has proven itself.", NULL, NULL, run_upgrade},
    {"db dump", "FILE", "write the whole database to a file", "A pg_dump archive (custom format).", NULL, NULL, run_dump},
    {"db restore", "FILE", "fill an empty database from such a file", NULL, NULL, NULL, run_restore},
    {"db check", "", "name the rows that could not be taken in as they are",
     "Certificates and rows of bundles that the database refused, certificates of which not every name is kept, and scans "
     "that claim to be from the future. Their bytes are kept in the certificate's DER or the bundle. Ends with 5 where there is any.",
     NULL, NULL, run_check},
    {"db prune", "--before DATE", "forget what was seen before a day",
     "Observations, sightings, posture and quiet rows go; serving intervals and events are recomputed from what is left. "
     "Of each place the last answer of before stays where it is still given, or where another came after it, which is then a change and no new place. "
     "Certificates stay for ever, and since when each was served; a bundle that was loaded is not loaded again. What changed before the day is not told any more: "
     "report renewals counts what was renewed in the last year (by hand), so leave it a year.",
     prune_options, NULL, run_prune},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
