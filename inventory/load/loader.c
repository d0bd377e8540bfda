/* See loader.h. */
#include "inventory/load/loader.h"

#include "inventory/facts/facts.h"
#include "inventory/load/loader_parts.h"
#include "inventory/load/serving.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- scan and bundle ---- */

static char *bytea(const uint8_t *bytes, size_t len)
{
    char *text = xmalloc(2 * len + 3);
    memcpy(text, "\\x", 2);
    hex_format(bytes, len, text + 2);
    return text;
}

static bool scan_compare(struct loader *loader, const char *const *params, struct error *err)
{
    struct db_result *found = db_query(loader->db, SQL_LOADER_SCAN_FIND, 9, params, err);
    if (found == NULL)
        return false;
    bool ok = db_rows(found) == 1 && strcmp(db_value(found, 0, 1), "t") == 0;
    if (ok) {
        loader->scan_id = db_int(found, 0, 0);
        snprintf(loader->scan, sizeof loader->scan, "%lld", (long long)loader->scan_id);
        loader->site_id = db_int(found, 0, 2);
        snprintf(loader->site, sizeof loader->site, "%lld", (long long)loader->site_id);
    } else
        error_set(err, ERROR_INPUT,
                  "bundle %s: the database knows its scan %s with another site, space or key; nothing is loaded",
                  bundle_reader_path(loader->reader), loader->head->scan_id);
    db_result_destroy(found);
    return ok;
}

/* Makes text valid for PostgreSQL: plan and space should be ours, but the file may come from anybody. */
static char *ascii_text(const char *text)
{
    char *clean = xstrdup(text);
    for (char *at = clean; *at != '\0'; at++) {
        if ((unsigned char)*at >= 0x80 || ((unsigned char)*at < 0x20 && *at != '\n' && *at != '\t'))
            *at = '?';
    }
    return clean;
}

static bool scan_add(struct loader *loader, struct error *err)
{
    const struct bundle_head *head = loader->head;
    char kind[16], size[24], shards[24], started[CLOCK_TEXT_SIZE];
    snprintf(kind, sizeof kind, "%d", (int)head->kind);
    snprintf(size, sizeof size, "%llu", (unsigned long long)head->space_size);
    snprintf(shards, sizeof shards, "%u", head->shard_count);
    loader_time_text(head->started_us, started);
    char *plan = ascii_text(head->plan), *space = ascii_text(head->space);
    char *key = bytea(head->permutation_key, sizeof head->permutation_key);
    const char *const params[] = {head->scan_id, head->site, kind, started, plan, space, key, size, shards};
    const char *const site[] = {head->site};
    bool ok = db_exec_params(loader->db, SQL_LOADER_SITE_ADD, 1, site, err) &&
              db_exec_params(loader->db, SQL_LOADER_SCAN_ADD, 9, params, err) && scan_compare(loader, params, err);
    free(plan);
    free(space);
    free(key);
    return ok;
}

/* *sealed: what the database knows of its seal; -1: another scan's bundle has this id. */
static bool bundle_find(struct loader *loader, const char *id, int64_t *sealed, struct error *err)
{
    const char *const params[] = {id};
    struct db_result *found = db_query(loader->db, SQL_LOADER_BUNDLE_FIND, 1, params, err);
    if (found == NULL)
        return false;
    bool ok = db_rows(found) == 1 && db_int(found, 0, 1) == loader->scan_id;
    if (ok) {
        loader->bundle_row = db_int(found, 0, 0);
        snprintf(loader->bundle, sizeof loader->bundle, "%lld", (long long)loader->bundle_row);
        for (size_t i = 0; i < LOADER_TABLES; i++)
            loader->progress[i] = db_int(found, 0, 2 + i);
        *sealed = db_int(found, 0, 2 + LOADER_TABLES);
    } else
        error_set(err, ERROR_INPUT, "bundle %s: in the database it belongs to another scan; nothing is loaded",
                  bundle_reader_path(loader->reader));
    db_result_destroy(found);
    return ok;
}

static bool bundle_add(struct loader *loader, int64_t *sealed, struct error *err)
{
    char shard[16], *id = bytea(loader->head->bundle_id, 16);
    snprintf(shard, sizeof shard, "%u", loader->head->shard);
    const char *const params[] = {id, loader->scan, shard};
    bool ok = db_exec_params(loader->db, SQL_LOADER_BUNDLE_ADD, 3, params, err) && bundle_find(loader, id, sealed, err);
    free(id);
    return ok;
}

/* Loading a capture file twice would double its counts. So a capture is identified by a hash over its sightings, not by its
 * file: somebody could forge a file with the same mark, and more can be read from a file once its keys are known.
 * Skipping loses nothing, since every row is in the database. */
static bool read_sightings_sha256(struct loader *loader, const struct bundle_account *account, struct error *err)
{
    uint8_t sightings_sha256[32];
    bool only_sightings = account->observations == 0 && account->postures == 0 && account->names == 0;
    if (loader->head->kind != BUNDLE_CAPTURE || bundle_reader_seal(loader->reader) != BUNDLE_SEALED ||
        account->sightings == 0 || !only_sightings)
        return true;
    if (!bundle_reader_told(loader->reader, sightings_sha256, err))
        return false;
    loader->sightings_sha256 = bytea(sightings_sha256, sizeof sightings_sha256);
    return true;
}

static bool skip_known_capture(struct loader *loader, bool *skip, struct error *err)
{
    *skip = false;
    if (loader->sightings_sha256 == NULL)
        return true;
    const char *const params[] = {loader->sightings_sha256, loader->scan};
    struct db_result *found = db_query(loader->db, SQL_LOADER_SAME_CAPTURE, 2, params, err);
    if (found == NULL)
        return false;
    *skip = db_rows(found) == 1;
    if (*skip)
        log_info("%s: skipped: all of its sightings were loaded before, with the capture %s of %s UTC; "
                 "nothing is lost",
                 bundle_reader_path(loader->reader), db_value(found, 0, 0), db_value(found, 0, 1));
    db_result_destroy(found);
    return true;
}

static bool register_bundle(struct loader *loader, bool *skip, int64_t *sealed, struct error *err)
{
    if (db_begin(loader->db, err) && scan_add(loader, err) && bundle_add(loader, sealed, err) &&
        skip_known_capture(loader, skip, err) && db_commit(loader->db, err))
        return true;
    db_rollback(loader->db);
    return false;
}

/* ---- the load ---- */

static bool load_rows(struct loader *loader, const struct bundle_account *account, struct error *err)
{
    return loader_dictionaries(loader, account, err) && facts_update(loader->db, err) &&
           loader_indexes_aside(loader, SQL_INDEXES_ASIDE_ANSWERS, account->observations, err) && loader_answers(loader, err) &&
           loader_indexes_back(loader, err) && db_exec(loader->db, SQL_LOADER_OTHER_TABLES, err) &&
           (account->sightings == 0 || loader_sightings(loader, err)) &&
           (account->postures == 0 || loader_postures(loader, err)) && (account->names == 0 || loader_names(loader, err)) &&
           (account->counters == 0 || loader_counters(loader, err)) && loader_blocks(loader, err) && loader_files(loader, account, err);
}

static bool tell_ahead(const struct loader *loader)
{
    if (loader->report->ahead > 0)
        log_warning("%s: %s dated more than a day ahead of this machine's clock: kept, but never "
                    "counted as the present: check the clocks of both machines",
                    bundle_reader_path(loader->reader), COUNTED_AS(loader->report->ahead, "row is", "rows are"));
    return true;
}

static bool finish(struct loader *loader, const struct bundle_account *account, struct error *err)
{
    char sealed[16], lines[24];
    snprintf(sealed, sizeof sealed, "%d", (int)bundle_reader_seal(loader->reader));
    snprintf(lines, sizeof lines, "%lld", (long long)account->target_lines);
    const char *const end[] = {loader->bundle, sealed, lines, loader->sightings_sha256}, *const scan[] = {loader->scan};
    if (!db_begin(loader->db, err) || !db_exec_params(loader->db, SQL_LOADER_BUNDLE_END, 4, end, err))
        return false;
    struct db_result *finished = db_query(loader->db, SQL_LOADER_SCAN_FINISH, 1, scan, err);
    if (finished == NULL)
        return false;
    loader->report->finished = db_rows(finished) == 1;
    db_result_destroy(finished);
    return (!loader->report->finished || db_exec_params(loader->db, SQL_LOADER_SCAN_TOUCH, 1, scan, err)) &&
           db_commit(loader->db, err);
}

static bool load(struct loader *loader, struct error *err)
{
    struct bundle_account account;
    bool skip;
    int64_t sealed;
    if (!loader_space_open(loader, err) || !loader_indexes_back(loader, err) || !db_exec(loader->db, SQL_LOADER_TABLES, err) ||
        !loader_check(loader, &account, err) || !read_sightings_sha256(loader, &account, err) ||
        !register_bundle(loader, &skip, &sealed, err))
        return false;
    if (skip) {
        loader->report->skipped = true;         /* its sightings are all here, by another bundle */
        return finish(loader, &account, err) && serving_recompute(loader->db, &loader->report->recomputed, err);
    }
    return load_rows(loader, &account, err) && tell_ahead(loader) && db_exec(loader->db, SQL_LOADER_ANALYZE, err) && finish(loader, &account, err) &&
           serving_recompute(loader->db, &loader->report->recomputed, err);
}

bool loader_load(struct db *db, const char *path, struct loader_report *report, struct error *err)
{
    struct loader_report ignored;
    struct loader loader = {.db = db, .report = report == NULL ? &ignored : report};
    *loader.report = (struct loader_report){0};
    loader.reader = bundle_reader_open(path, err);
    if (loader.reader == NULL)
        return false;
    loader.head = bundle_reader_head(loader.reader);
    loader.limit_us = clock_utc_us() + INT64_C(86400000000);
    bool ok = db_exec(db, SQL_LOADER_LOCK, err) && load(&loader, err);
    db_rollback(db);
    ok = loader_indexes_back(&loader, ok ? err : NULL) && ok;
    ok = db_exec(db, SQL_LOADER_TABLES_DROP, ok ? err : NULL) && ok;
    ok = db_exec(db, SQL_LOADER_UNLOCK, ok ? err : NULL) && ok;
    row_list_clear(&loader.chain_rows);
    row_list_clear(&loader.certificate_rows);
    id_list_clear(&loader.certificates);
    id_list_clear(&loader.chains);
    id_list_clear(&loader.leafs);
    id_list_clear(&loader.staples);
    id_list_clear(&loader.endpoints);
    free(loader.sightings_sha256);
    target_space_destroy(loader.space);
    bundle_reader_close(loader.reader);
    return ok;
}
