#include "inventory/store/database.h"
#include "inventory/managed/import.h"
#include "inventory/managed/reader.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory_managed_sql.h"
#include "probes/base/clean_text.h"
#include "probes/base/file_bytes.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/site_name.h"
#include "reports/screen.h"
#include "scanner/cli/command.h"
#include "scanner/cli/passwords.h"
#include "scanner/cli/result_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_SHOWN  50
#define FAULTS_AHEAD  3             /* until a record was read: a file of the wrong kind need not fill the screen */
#define STORIES_SHOWN 12            /* nor a folder of a thousand files */

struct reading {
    struct managed_import *import;
    int64_t faults, notes, stories;
    char *held;                     /* faults until a record was read, beyond the first few, a line each; NULL: none */
    bool has_record;
    char *profiles;                 /* names, a line each */
    char *said;                     /* the rest of the account's sentence, where one table was read */
    bool failed;
    struct error *err;
};

static void add_text(char **list, const char *separator, const char *text)
{
    char *longer = *list == NULL ? xstrdup(text) : xasprintf("%s%s%s", *list, separator, text);
    free(*list);
    *list = longer;
}

static void show_held(struct reading *reading)
{
    for (char *rest = reading->held, *line; (line = strsep(&rest, "\n")) != NULL;)
        log_warning("%s", line);
    free(reading->held);
    reading->held = NULL;
}

static void on_record(void *context, struct managed_record *record)
{
    struct reading *reading = context;
    reading->has_record = true;
    show_held(reading);
    if (!reading->failed && !managed_import_add(reading->import, record, reading->err))
        reading->failed = true;
}

/* Takes text. */
static void show_or_hold(struct reading *reading, char *text)
{
    if (reading->has_record || reading->faults <= FAULTS_AHEAD) {
        log_warning("%s", text);
    } else {
        for (char *at = text; *at != '\0'; at++)
            *at = *at == '\n' ? ' ' : *at;
        add_text(&reading->held, "\n", text);
    }
    free(text);
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    struct reading *reading = context;
    if (++reading->faults <= FAULTS_SHOWN)
        show_or_hold(reading, line == 0 ? xasprintf("%s: %s", file, text) : xasprintf("%s:%zu: %s", file, line, text));     /* DER has no lines */
    if (reading->faults == FAULTS_SHOWN)
        show_or_hold(reading, xasprintf("%s: more faults are counted, not shown", file));
}

static void on_note(void *context, const char *file, const char *text)
{
    struct reading *reading = context;
    if (++reading->notes <= FAULTS_SHOWN)
        log_info("%s: %s", file, text);
}

static bool has_line(const char *lines, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = lines; at != NULL && (at = strstr(at, line)) != NULL; at++)
        if ((at == lines || at[-1] == '\n') && (at[len] == '\0' || at[len] == '\n'))
            return true;
    return false;
}

static void add_part(char **text, char *part)
{
    add_text(text, "; ", part);
    free(part);
}

/* "contacts from External Requester; dates read as month/day/year, since line 4 has 07/31/2026; 3 columns not used: ..." */
static char *story_text(const struct managed_story *story)
{
    char *text = NULL;
    if (story->contacts[0] != '\0')
        add_part(&text, xasprintf("contacts from %s", story->contacts));
    if (story->dates_because != NULL)
        add_part(&text, xstrdup(story->dates_because));
    if (story->has_decimal_serials)
        add_part(&text, xstrdup("serial numbers read as decimal"));
    if (story->unknown_status_count > 0)
        add_part(&text, xasprintf("%zu of a status that is not known (\"%s\"), taken as in force", story->unknown_status_count, story->unknown_status));
    if (story->others > 0)
        add_part(&text, xasprintf("%zu %s no certificate", story->others, story->others == 1 ? "row identifies" : "rows identify"));
    if (story->unused_count > 0)
        add_part(&text, xasprintf("%zu %s not used: %s", story->unused_count, story->unused_count == 1 ? "column" : "columns", story->unused));
    return text == NULL ? xstrdup("") : text;
}

static void on_story(void *context, const struct managed_story *story)
{
    struct reading *reading = context;
    if (!has_line(reading->profiles, story->profile))
        add_text(&reading->profiles, "\n", story->profile);
    char *text = story_text(story);
    if (++reading->stories <= STORIES_SHOWN)
        clean_text_print(stdout, "%s: read as %s%s%s\n", story->file, story->profile, story->near == NULL ? "" : "; ",
                         story->near == NULL ? "" : story->near);
    if (reading->stories == 1)
        reading->said = xstrdup(text);
    else if (reading->stories <= STORIES_SHOWN && text[0] != '\0')
        clean_text_print(stdout, "  %s\n", text);
    free(text);
}

/* A built-in profile by its name, else a file. */
static bool choose_profile(struct profiles *profiles, const char *name, const struct profile **chosen, struct error *err)
{
    *chosen = NULL;
    if (!profiles_read(profiles, NULL, err))
        return false;
    if (name == NULL || (*chosen = profiles_find(profiles, name)) != NULL)
        return true;
    bool is_path = strchr(name, '/') != NULL || strchr(name, '.') != NULL;
    if (!is_path) {
        char *names = NULL;
        for (size_t i = 0; i < profiles->count; i++)
            add_text(&names, ", ", profiles->items[i].id);
        error_set(err, ERROR_USAGE, "--profile %s: no such profile; there are %s, or FILE", name, names);
        free(names);
        profiles_clear(profiles);
        return false;
    }
    profiles_clear(profiles);
    if (!profiles_read(profiles, name, err))
        return false;
    *chosen = &profiles->items[0];
    return true;
}

static bool read_options(struct options *options, struct managed_reader_options *reader, const char **map, struct error *err)
{
    const char *dates = option_get_or(options, "dates", "auto");
    for (size_t i = 0; i < option_count(options, "map"); i++)
        map[i] = option_at(options, "map", i);
    *reader = (struct managed_reader_options){.map = map, .map_count = option_count(options, "map")};
    if (strcmp(dates, "mdy") == 0)
        reader->dates = DATES_MONTH_DAY_YEAR;
    else if (strcmp(dates, "dmy") == 0)
        reader->dates = DATES_DAY_MONTH_YEAR;
    else if (strcmp(dates, "auto") != 0)
        return error_set(err, ERROR_USAGE, "--dates %s: expected mdy, dmy or auto", dates);
    if (argument_count(options) == 0)
        return error_set(err, ERROR_USAGE, "which files? certsweep managed import --source NAME FILE|FOLDER...");
    if (!option_given(options, "source"))
        return error_set(err, ERROR_USAGE, "--source NAME is missing: where the files come from, as ca-account; the next "
                                           "import of that source takes the place of this one");
    if (option_given(options, "partial") && option_given(options, "replace"))
        return error_set(err, ERROR_USAGE, "--partial keeps what is not in the files, --replace ends it: give one of them");
    return true;
}

static char *file_list(struct options *options)
{
    char *list = NULL;
    for (size_t i = 0; i < argument_count(options); i++)
        add_text(&list, "\n", argument_at(options, i));
    return list;
}

static void add_count(char **text, int64_t count, const char *what)
{
    char part[64];
    snprintf(part, sizeof part, "%" PRId64 " %s", count, what);
    if (count > 0)
        add_text(text, ", ", part);
}

/* "26 rows: 22 certificates in force, 1 revoked, 1 expired, 1 requested, 1 code signing; contacts from ..." */
static void tell_account(const struct managed_account *account, const struct reading *reading, const char *source, bool dry_run)
{
    char *text = NULL;
    add_count(&text, account->states[STATUS_ISSUED], account->states[STATUS_ISSUED] == 1 ? "certificate in force" : "certificates in force");
    for (int status = STATUS_REVOKED; status < STATUS_COUNT; status++)
        add_count(&text, account->states[status], record_status_name((enum record_status)status));
    add_count(&text, account->states[STATUS_REQUESTED], "requested");
    add_count(&text, account->states[STATUS_DECLINED], "declined");
    for (int type = TYPE_CLIENT; type < TYPE_COUNT; type++)
        add_count(&text, account->types[type], type == TYPE_OTHER ? "for another use" : record_type_name((enum record_type)type));
    add_count(&text, reading->faults, "not readable");
    clean_text_print(stdout, "%s%s: %" PRId64 " row%s: %s%s%s\n", dry_run ? "(dry run, nothing kept) " : "", source, account->read + reading->faults,
                     account->read + reading->faults == 1 ? "" : "s",
                     text == NULL ? "none" : text, reading->said == NULL || reading->said[0] == '\0' ? "" : "; ",
                     reading->said == NULL ? "" : reading->said);
    clean_text_print(stdout, "%s%s: %" PRId64 " record%s read: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " unchanged, %" PRId64
           " ended, %" PRId64 " listed twice, %" PRId64 " not readable\n",
           dry_run ? "(dry run, nothing kept) " : "", source, account->read, account->read == 1 ? "" : "s", account->added, account->changed,
           account->unchanged, account->ended, account->doubles, reading->faults);
    if (account->new_sites > 0)
        clean_text_print(stdout, "%s%s: no scan has seen %s: %s\n", dry_run ? "(dry run, nothing kept) " : "", source,
                         account->new_sites == 1 ? "this site" : "these sites", account->new_site_names);
    free(text);
}

/* Shows the state of these certificates: runs reconcile for what the import changed. */
static bool tell_standing(struct db *db, const char *source, struct error *err)
{
    if (!reconcile_run(db, NULL, NULL, err))
        return false;
    const char *params[] = {source};
    struct db_result *result = db_query(db, SQL_MANAGED_STANDING, 1, params, err);
    if (result == NULL)
        return false;
    printf("Of these %" PRId64 " are served now: %" PRId64 " of them superseded, %" PRId64 " revoked, %" PRId64 " expired; %" PRId64
           " in force were never seen. Served certificates that no source knows: %" PRId64 ".\n",
           db_int(result, 0, 1), db_int(result, 0, 2), db_int(result, 0, 3), db_int(result, 0, 4), db_int(result, 0, 5), db_int(result, 0, 6));
    if (db_int(result, 0, 7) > 0)
        printf("%" PRId64 " of those %s probably in it: names, the key or the serial number alone agree, which proves nothing. Next: certsweep managed "
               "link --where record=unmanaged --record suggested --reason TEXT\n", db_int(result, 0, 7), db_int(result, 0, 7) == 1 ? "is" : "are");
    putchar('\n');
    db_result_destroy(result);
    return screen_print(db, NULL, stdout, err);
}

/* A file that cannot be read is reported like a bad row, and the others are still read; only a decision that the user must make
 * ends the import. */
static bool read_files(struct reading *reading, struct options *options, const struct managed_reader_options *reader)
{
    struct managed_sink sink = {.record = on_record, .fault = on_fault, .note = on_note, .story = on_story, .context = reading};
    for (size_t i = 0; i < argument_count(options); i++) {
        struct error fault = {0};
        bool ok = managed_read_path(argument_at(options, i), reader, &sink, &fault);
        if (reading->failed)
            return false;
        if (!ok && (fault.kind == ERROR_USAGE || argument_count(options) == 1)) {
            *reading->err = fault;
            return false;
        }
        if (!ok) {
            log_warning("%s", fault.text);
            reading->faults++;
        }
    }
    return true;
}

/* 0; 5 where some of the input was bad. */
static int import_files(struct db *db, struct options *options, const struct managed_reader_options *reader,
                        struct error *err)
{
    const char *source = option_get(options, "source");
    struct reading reading = {.err = err};
    struct managed_account account;
    if (!site_name_check(option_get(options, "site"), err))
        return command_fail(err);
    reading.import = managed_import_begin(db, source, option_get(options, "site"), err);
    bool ok = reading.import != NULL && read_files(&reading, options, reader);
    if (ok)
        show_held(&reading);
    else if (reading.held != NULL)
        log_warning("... and %" PRId64 " more faults like these", reading.faults - FAULTS_AHEAD);
    if (ok) {
        char *files = file_list(options);
        struct managed_ending ending = {.files = files,
                                        .profiles = reading.profiles == NULL ? "" : reading.profiles,
                                        .faults = reading.faults,
                                        .is_dry_run = option_given(options, "dry-run"),
                                        .is_partial = option_given(options, "partial"),
                                        .is_replacing = option_given(options, "replace")};
        ok = managed_import_end(reading.import, &ending, &account, err);
        free(files);
        if (ok || account.read > 0)
            tell_account(&account, &reading, source, ending.is_dry_run);
        if (ok && !ending.is_dry_run && option_given(options, "no-reconcile"))
            puts("Next: certsweep reconcile");
        else if (ok && !ending.is_dry_run)
            ok = tell_standing(db, source, err);
    } else {
        managed_import_abandon(reading.import);
    }
    free(reading.profiles);
    free(reading.said);
    free(reading.held);
    return !ok ? command_fail(err) : reading.faults == 0 ? 0 : 5;
}

static int run_import(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct managed_reader_options reader;
    struct profiles profiles = {0};
    struct passwords passwords = {0};
    const char **map = xcalloc(option_count(options, "map") + 1, sizeof *map);
    struct db *db = NULL;
    int code;
    if (read_options(options, &reader, map, &err) && choose_profile(&profiles, option_get(options, "profile"), &reader.profile, &err) &&
        passwords_read(&passwords, option_get(options, "password-file"), &err))
        db = database_open(option_get(options, "db"), &err);
    reader.profiles = &profiles;
    reader.format = (struct format_options){.passwords = (const char *const *)passwords.items, .password_count = passwords.count};
    code = db == NULL ? command_fail(&err) : import_files(db, options, &reader, &err);
    db_close(db);
    passwords_forget(&passwords);
    profiles_clear(&profiles);
    free(map);
    return code;
}

static int run_forget(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    if (argument_count(options) != 1) {
        error_set(&err, ERROR_USAGE, "which source? certsweep managed forget SOURCE; certsweep managed sources lists them");
        return command_fail(&err);
    }
    const char *source = argument_at(options, 0), *params[] = {source};
    struct db *db = database_open(option_get(options, "db"), &err);
    struct db_result *result = db == NULL ? NULL : db_query(db, SQL_MANAGED_FORGET, 1, params, &err);
    bool ok = result != NULL && (db_int(result, 0, 0) == 1 || error_set(&err, ERROR_USAGE, "no source \"%s\"; certsweep managed sources lists them", source));
    if (ok)
        clean_text_print(stdout, "%s: %" PRId64 " record%s ended; what was true before stays in the history\nNext: certsweep reconcile\n", source,
                         db_int(result, 0, 1), db_int(result, 0, 1) == 1 ? "" : "s");
    db_result_destroy(result);
    db_close(db);
    return ok ? 0 : command_fail(&err);
}

static int list_query(struct options *options, const char *sql, size_t count, const char *const *params)
{
    struct error err = {0};
    struct db *db = database_open_made(option_get(options, "db"), &err);
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
    {"profile", 0, "NAME|FILE", "How the source writes its export, where its headings do not tell: sectigo-scm, digicert-orders ... or a file "
                                "of your own, made like those in share/certsweep/profiles.", false, false},
    {"map", 0, "FIELD=HEADING", "The column of a field, where its heading is not a usual one. Fields: subject, common_name, names, "
                                "serial_number, issuer, not_before, not_after, sha256, sha1, spki_sha256, certificate, request, location, host, "
                                "address, port, site, path, owner, contacts, requester, department, application, environment, cost_center, "
                                "status, revoked_at, revocation_reason, order_number, request_number, replaces, replaced_by, type, product, "
                                "validation, term, servers, installer, delivered_at, auto_renewal, key_algorithm, key_bits, description.",
     true, false},
    {"dates", 0, "ORDER", "How 01/02/2026 is meant: mdy or dmy. Without this option the file's other dates tell, and where they do not, "
                          "the import asks.", false, false},
    {"password-file", 0, "FILE", "Passwords of key stores (PKCS#12, JKS, JCEKS), a line each; CERTSWEEP_KEYSTORE_PASSWORD in the "
                                 "environment is another. None, the empty one and \"changeit\" are tried, too. Keys are never read.", false, false},
    {"partial", 0, NULL, "The files are a part of the source: records that are not in them stay.", false, false},
    {"replace", 0, NULL, "The files are the whole source, however many records end by them. Without it, an import stops that would end "
                         "more than a tenth of the source's records and at least five, or any while rows were unreadable.", false, false},
    {"no-reconcile", 0, NULL, "Leave the judging to a later certsweep reconcile.", false, false},
    {"dry-run", 'n', NULL, "Read and compare everything, say what would change, keep nothing.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec list_options[] = {
    {"source", 0, "NAME", "Only this source.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const import_examples[] = {
    "certsweep managed import --source sectigo export.csv", "take a CA account's export as that source's truth from now on",
    "certsweep managed import --source pki --map common_name=\"Cert Name\" list.xlsx", "a column with a heading of its own",
    "certsweep managed import --source web -n /etc/letsencrypt", "see what a folder of certificates would change",
    NULL,
};

const struct command command_managed[] = {
    {"managed import", "--source NAME FILE|FOLDER...", "import the certificates that are managed",
     "Reads tables (CSV in any encoding and with any separator, XLSX, JSON, JSON lines, YAML), certificates (PEM, DER, PKCS#7, also as base64 "
     "inside of tables, and of Kubernetes secrets), key stores (PKCS#12, JKS, JCEKS), folders, and tar, zip, 7-Zip, gzip, bzip2, xz and zstd of all these. What a "
     "table's columns mean is defined by the profile of its source, which is recognised by the headings and named: Sectigo SCM, Entrust ECS, "
     "DigiCert CertCentral, GlobalSign, Venafi, Keyfactor, Microsoft CA, PowerShell, AWS ACM, Azure Key Vault, Google Cloud, Vault, "
     "cert-manager, Lemur, ServiceNow, Nessus; any other table by general headings. In the folders of certbot and acme.sh "
     "what they keep is renewed automatically, unless certbot's settings say otherwise. All files of one import together "
     "are the source's truth from now on: a dated snapshot. A row or file that cannot be read is reported with file and line, and "
     "the others are still read (exit code 5). --site says of which site the places in the files are; without it, a place that "
     "several sites hold is not judged.",
     import_options, import_examples, run_import},
    {"managed forget", "SOURCE", "end all records of a source",
     "Its certificates are no longer managed by it from now on. What was true before stays in the history.", NULL, NULL, run_forget},
    {"managed list", "", "list the managed certificates", NULL, list_options, NULL, run_list},
    {"managed sources", "", "list the sources and how fresh each is", NULL, NULL, NULL, run_sources},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
