#include "scanner/cli/scan_inventory.h"

#include "inventory/store/array_text.h"
#include "inventory/bundle/bundle_reader.h"
#include "inventory/server_test/kept/kept_known.h"
#include "inventory/store/child_process.h"
#include "inventory/store/cluster.h"
#include "inventory/store/database.h"
#include "inventory/load/loader.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/rules/rules.h"
#include "inventory_load_sql.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/comma_words.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/next_command.h"
#include "reports/render.h"
#include "reports/report.h"
#include "reports/report_filter.h"
#include "reports/screen.h"
#include "scanner/cli/command.h"
#include "scanner/targets/host_name.h"
#include "scanner/targets/known_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool scan_inventory_check(const struct options *options, struct error *err)
{
    return scan_inventory_check_fail_on(options, true, err) && scan_inventory_reach(options, err);
}

bool scan_inventory_reach(const struct options *options, struct error *err)
{
    const char *dsn = option_get(options, "db");
    if (dsn == NULL)
        return true;
    struct db *db = database_open(dsn, err);
    db_close(db);
    return db != NULL;
}

/* What the rows name, where the space holds it; the same name on several ports is one line. */
static void add_names(struct byte_buffer *text, const struct db_result *result, const struct target_space *space)
{
    char *last = xstrdup(""), name[SERVER_NAME_SIZE];
    for (size_t row = 0; row < db_rows(result); row++) {
        struct target target = {.transport = (enum transport)db_int(result, row, 2),
                                .port = (uint16_t)db_int(result, row, 1)};
        uint64_t index;
        if (!address_parse(db_value(result, row, 0), &target.address) ||
            !target_space_find(space, &target, &index) || !host_name_of(db_value(result, row, 3), name))
            continue;               /* a bundle's name may be anything, and would begin a line of its own */
        char *line = xasprintf("%s %s\n", db_value(result, row, 0), db_value(result, row, 3));
        if (strcmp(line, last) != 0)
            byte_buffer_append(text, line, strlen(line));
        free(last);
        last = line;
    }
    free(last);
}

/* Hosts that take one session at a time, whatever their ports: the limit is the host's. */
static void add_one_session(struct byte_buffer *text, const struct db_result *result)
{
    for (size_t row = 0; row < db_rows(result); row++) {
        char *line = xasprintf("%s %s\n", db_value(result, row, 0), KNOWN_ONE_SESSION);
        byte_buffer_append(text, line, strlen(line));
        free(line);
    }
}

static char *list_known(struct db *db, const char *site, const struct target_space *space, struct error *err)
{
    struct byte_buffer text;
    const char *params[] = {site};
    struct db_result *names = db_query(db, SQL_KNOWN_NAMES, 1, params, err);
    struct db_result *hosts = names == NULL ? NULL : db_query(db, SQL_ONE_SESSION_HOSTS, 1, params, err);
    char *lines = NULL;
    byte_buffer_init(&text, 0);
    if (hosts != NULL) {
        add_names(&text, names, space);
        add_one_session(&text, hosts);
        byte_buffer_append(&text, "", 1);
        lines = xmemdup(text.bytes, byte_buffer_len(&text));
    }
    byte_buffer_clear(&text);
    db_result_destroy(names);
    db_result_destroy(hosts);
    return lines;
}

char *scan_inventory_known_names(const struct options *options, bool is_private, const char *site, const struct target_space *space)
{
    struct error err = {0};
    const char *dsn = option_get(options, "db");
    if (dsn == NULL && (!is_private || database_is_missing(NULL)))
        return NULL;
    struct db *db = database_open(dsn, &err);
    char *lines = db == NULL ? NULL : list_known(db, site, space, &err);
    if (lines == NULL)
        log_warning("names known from earlier scans are not asked, and hosts with one session at a time not known: %s", err.text);
    db_close(db);
    return lines;
}

static bool load(struct db *db, const char *bundle, struct error *err)
{
    struct loader_report report;
    if (!loader_load(db, bundle, &report, err))
        return false;
    if (report.files > 0)
        log_info("loaded into %s: %s", db_describe(db), COUNTED(report.files, "file"));
    else
        log_info("loaded into %s: %s, %s, %s recomputed", db_describe(db), COUNTED(report.observations, "observation"),
                 COUNTED(report.sightings, "sighting"), COUNTED(report.recomputed, "endpoint"));
    return true;
}

static bool print_summary(struct db *db, const char *site, struct error *err)
{
    const struct report *report = report_find("summary");
    const struct report_options options = {.site = site, .is_brief = true};
    struct report_filter *filter = report_filter_create();
    bool ok = report_filter_set(filter, "site", site, err) && screen_print_lines(db, site, stdout, err) && putchar('\n') != EOF &&
              screen_print_due(db, report_filter_text(filter), stdout, err) &&
              report_write(report, &options, db, renderer_find("table"), stdout, NULL, err) && next_command_print(db, site, stdout, err);
    report_filter_destroy(filter);
    return ok;
}

/* --- --fail-on ------------------------------------------------------------------------------------------ */

/* The values of all axes (inventory/verdicts/reconcile_*.sql), and the report whose rules count as one. */
static const char *const verdicts[] = {
    "managed",
    "unmanaged",
    "accepted",
    "ignored",
    "own",
    "approved",
    "foreign",
    "private",
    "self-signed",
    "as recorded",
    "other known",
    "unknown here",
    "superseded but served",
    "revoked but served",
    "never served",
    "recorded but not seen",
    "unreachable",
    "not located",
    "ok",
    "renewal due",
    "expiring",
    "expired",
    "not yet",
    "too long",
    "unknown",
    "not judged",
    "weak",
};
#define VERDICT_COUNT (sizeof verdicts / sizeof verdicts[0])

static bool is_known(const char *word)
{
    for (size_t i = 0; i < VERDICT_COUNT; i++)
        if (strcasecmp(verdicts[i], word) == 0)
            return true;
    return rule_find(word) != NULL;
}

/* "expired, K02": the words between the commas. */
struct word_list {
    char **words;
    size_t count;
};

static struct word_list split_words(const char *list)
{
    struct word_list split = {0};
    const char *word;
    for (size_t len; comma_word_next(&list, &word, &len);) {
        split.words = xreallocarray(split.words, split.count + 1, sizeof *split.words);
        split.words[split.count++] = xstrndup(word, len);
    }
    return split;
}

static void word_list_clear(struct word_list *split)
{
    for (size_t i = 0; i < split->count; i++)
        free(split->words[i]);
    free(split->words);
}

static bool refuse_word(const char *word, struct error *err)
{
    struct byte_buffer known;
    byte_buffer_init(&known, 0);
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        byte_buffer_append(&known, verdicts[i], strlen(verdicts[i]));
        byte_buffer_append(&known, ", ", 2);
    }
    error_set(err, ERROR_USAGE,
              "--fail-on %s: no such verdict; known are %.*sand the rules (certsweep rules list)", word,
              (int)byte_buffer_len(&known), (const char *)known.bytes);
    byte_buffer_clear(&known);
    return false;
}

bool scan_inventory_check_fail_on(const struct options *options, bool is_judged, struct error *err)
{
    const char *list = option_get(options, "fail-on");
    if (list == NULL)
        return true;
    struct word_list split = split_words(list);
    bool ok =
        split.count != 0 || error_set(err, ERROR_USAGE, "--fail-on: expected verdicts, as expired,unmanaged");
    for (size_t i = 0; i < split.count && ok; i++)
        ok = is_known(split.words[i]) || refuse_word(split.words[i], err);
    word_list_clear(&split);
    if (ok && !is_judged)
        log_warning("--fail-on is not judged: the database is left alone");
    return ok;
}

/* Verdicts that nothing can have while its axis is not judged, and what would let it be judged. */
static const struct unjudged_axis {
    const char *subject;            /* of now_count */
    const char *since;
    const char *words[16];
} unjudged_axes[] = {
    {"served record", "there is no managed source (certsweep managed import)",
     {"managed", "unmanaged", "accepted", "as recorded", "other known", "unknown here", "superseded but served", "recorded but not seen",
      "unreachable", "not located", "ignored", "revoked but served", "never served", NULL}},
    {"served issuer", "the policy names no own CA (certsweep policy use)", {"own", "approved", "foreign", "private", "unknown", NULL}},
};

static const struct unjudged_axis *axis_of(const char *word)
{
    for (size_t i = 0; i < sizeof unjudged_axes / sizeof unjudged_axes[0]; i++)
        for (const char *const *at = unjudged_axes[i].words; *at != NULL; at++)
            if (strcasecmp(*at, word) == 0)
                return &unjudged_axes[i];
    return NULL;
}

/* A rule that was asked of nothing has no hit: that is no answer either. */
static bool fails_unasked(struct db *db, const struct word_list *words, bool *is_met, struct error *err)
{
    struct db_result *rules = db_query(db, SQL_FAIL_ON_UNASKED, 0, NULL, err);
    for (size_t i = 0; i < words->count && rules != NULL; i++)
        for (size_t row = 0; row < db_rows(rules); row++) {
            if (strcasecmp(db_value(rules, row, 0), words->words[i]) != 0)
                continue;
            log_error("--fail-on %s: was asked of nothing: %s; this counts as met", words->words[i], db_value(rules, row, 1));
            *is_met = true;
        }
    db_result_destroy(rules);
    return rules != NULL;
}

bool scan_inventory_fails_unjudged(struct db *db, const struct options *options, const char *site, bool *is_met, struct error *err)
{
    const char *list = option_get(options, "fail-on");
    if (list == NULL)
        return true;
    const char *params[] = {site};
    struct db_result *counts = db_query(db, SQL_FAIL_ON_UNJUDGED, 1, params, err);
    struct word_list split = split_words(list);
    for (size_t i = 0; i < split.count && counts != NULL; i++) {
        const struct unjudged_axis *axis = axis_of(split.words[i]);
        for (size_t row = 0; row < db_rows(counts) && axis != NULL; row++) {
            if (strcmp(db_value(counts, row, 0), axis->subject) != 0)
                continue;
            log_error("--fail-on %s: %s not judged, since %s; this counts as met", split.words[i],
                      COUNTED_AS(db_int(counts, row, 1), "certificate is", "certificates are"), axis->since);
            *is_met = true;
        }
    }
    bool ok = counts != NULL && fails_unasked(db, &split, is_met, err);
    word_list_clear(&split);
    db_result_destroy(counts);
    return ok;
}

/* Is a verdict that --fail-on names true of what the bundle's scan saw? */
static bool find_failures(struct db *db, const struct options *options, const char *bundle, bool *is_met,
                          struct error *err)
{
    const char *list = option_get(options, "fail-on");
    if (list == NULL)
        return true;
    struct bundle_reader *reader = bundle_reader_open(bundle, err);
    if (reader == NULL)
        return false;
    struct word_list split = split_words(list);
    char *words = array_text_of((const char *const *)split.words, split.count);
    const char *params[] = {bundle_reader_head(reader)->scan_id, words};
    struct db_result *result = db_query(db, SQL_SCAN_FAILS, 2, params, err);
    for (size_t row = 0; result != NULL && row < db_rows(result); row++)
        log_info("--fail-on %s: %" PRId64 " in this scan", db_value(result, row, 0), db_int(result, row, 1));
    *is_met = result != NULL && db_rows(result) != 0;
    bool ok = result != NULL;
    db_result_destroy(result);
    free(words);
    word_list_clear(&split);
    bundle_reader_close(reader);
    return ok;
}

bool scan_inventory_take_all(const struct options *options, const char *const *bundles, size_t count,
                             const char *site, bool print, bool *is_met, struct error *err)
{
    struct db *db = database_open(option_get(options, "db"), err);
    bool ok = db != NULL, met = false;
    size_t at = 0;
    while (ok && at < count && (ok = load(db, bundles[at], err)))
        at++;
    ok = ok && reconcile_run(db, NULL, NULL, err) && (!print || print_summary(db, site, err));
    *is_met = false;
    for (size_t i = 0; i < count && ok; i++) {
        ok = find_failures(db, options, bundles[i], &met, err);
        *is_met |= met;
    }
    ok = ok && scan_inventory_fails_unjudged(db, options, site, is_met, err);
    db_close(db);
    if (!ok)
        error_add_context(err, "the bundle %s is whole (certsweep load takes it again), but",
                          bundles[at < count ? at : count - 1]);
    return ok;
}

bool scan_inventory_keep(const struct options *options, const char *bundle, const char *site, struct server_test *test, struct error *err)
{
    struct db *db = database_open(option_get(options, "db"), err);
    bool ok = db != NULL && load(db, bundle, err) && reconcile_run(db, NULL, NULL, err);
    for (size_t i = 0; ok && i < test->count; i++)
        ok = kept_known_add(db, site, &test->servers[i], err);
    db_close(db);
    return ok || error_add_context(err, "the bundle %s is whole (certsweep load takes it again), but", bundle);
}

bool scan_inventory_take(const struct options *options, const char *bundle, const char *site, bool print,
                         bool *is_met, struct error *err)
{
    return scan_inventory_take_all(options, &bundle, 1, site, print, is_met, err);
}

/* --- as root ---------------------------------------------------------------------------------------------- */

void scan_inventory_connect(const char *dsn, bool for_programs)
{
    database_connect_early(dsn, for_programs);
}

void scan_inventory_helper(void (**serve)(int socket), void (**use)(int socket))
{
    *serve = child_process_serve;
    *use = child_process_use;
}
