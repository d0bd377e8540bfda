#include "inventory/managed/import.h"

#include "inventory/store/array_text.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/facts/facts.h"
#include "inventory_managed_sql.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 32               /* of one record; a longer list is surely outdated */
#define SAFE_ENDED 5                /* if more records than this, and more than one in SAFE_SHARE, would end, ask first */
#define SAFE_SHARE 10

/* One COPY can run at a time on a connection, so places wait here until the records are through. */
struct place_row {
    int64_t ordinal;
    struct managed_place place;
};

struct managed_import {
    struct db *db;
    struct db_copy *copy;
    char source[32];                /* its id */
    char time[CLOCK_TEXT_SIZE];
    char *site;                     /* NULL: not given */
    int64_t ordinal, now_us;
    struct byte_buffer places;      /* of struct place_row */
    struct managed_account account;
};

static bool find_source(struct managed_import *import, const char *name, struct error *err)
{
    const char *params[] = {name};
    struct db_result *result = db_query(import->db, SQL_MANAGED_SOURCE_GET, 1, params, err);
    if (result == NULL)
        return false;
    snprintf(import->source, sizeof import->source, "%" PRId64, db_int(result, 0, 0));
    db_result_destroy(result);
    return true;
}

static bool make_sites(struct managed_import *import, struct error *err)
{
    const char *params[] = {import->site};
    struct db_result *made = db_query(import->db, SQL_MANAGED_SITE_ADD, 1, params, err);
    if (made == NULL)
        return false;
    import->account.new_sites = db_int(made, 0, 0);
    snprintf(import->account.new_site_names, sizeof import->account.new_site_names, "%s", db_value(made, 0, 1));
    db_result_destroy(made);
    return true;
}

static void import_destroy(struct managed_import *import)
{
    free(import->site);
    byte_buffer_clear(&import->places);
    free(import);
}

struct managed_import *managed_import_begin(struct db *db, const char *source, const char *site, struct error *err)
{
    struct managed_import *import = xcalloc(1, sizeof *import);
    import->db = db;
    import->site = site == NULL ? NULL : xstrdup(site);
    byte_buffer_init(&import->places, 0);
    import->now_us = clock_utc_us();
    clock_format_us(import->now_us, import->time);
    if (db_begin(db, err)) {
        if (find_source(import, source, err) && db_exec(db, SQL_MANAGED_NEW_TABLE, err))
            import->copy = db_copy_begin(db, SQL_MANAGED_NEW_COPY, err);
        if (import->copy != NULL)
            return import;
        db_rollback(db);
    }
    import_destroy(import);
    return NULL;
}

static void copy_bytes_or_null(struct db_copy *copy, const uint8_t *bytes, size_t len)
{
    if (bytes == NULL)
        db_copy_text(copy, NULL);
    else
        db_copy_bytes(copy, bytes, len);
}

/* The text, and beside it the form in which names are compared. */
static void copy_folded(struct db_copy *copy, const char *name)
{
    char *folded = name == NULL ? NULL : cert_text_fold_name(name);
    db_copy_text(copy, folded);
    free(folded);
}

static void copy_array(struct db_copy *copy, const char *const *items, size_t count)
{
    char *text = array_text_of(items, count);
    db_copy_text(copy, text);
    free(text);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, once each: equal sets are equal arrays. */
static void copy_name_set(struct db_copy *copy, const struct managed_record *record)
{
    const char **sorted = xcalloc(record->name_count + 1, sizeof *sorted);
    size_t count = 0;
    if (record->name_count > 0)                 /* names is NULL otherwise */
        memcpy(sorted, record->names, record->name_count * sizeof *sorted);
    qsort(sorted, record->name_count, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < record->name_count; i++)
        if (count == 0 || strcmp(sorted[count - 1], sorted[i]) != 0)
            sorted[count++] = sorted[i];
    copy_array(copy, sorted, count);
    free(sorted);
}

static void copy_lower(struct db_copy *copy, const char *text)
{
    char *lower = text == NULL ? NULL : xstrdup(text);
    for (char *at = lower; at != NULL && *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    db_copy_text(copy, lower);
    free(lower);
}

static void keep_places(struct managed_import *import, const struct managed_record *record)
{
    struct managed_place places[PLACES_MAX];
    size_t count = record_places(record->location, places, PLACES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct place_row row = {.ordinal = import->ordinal, .place = places[i]};
        byte_buffer_append(&import->places, &row, sizeof row);
    }
}

static void copy_number(struct db_copy *copy, int64_t number)
{
    if (number == 0)
        db_copy_text(copy, NULL);
    else
        db_copy_int(copy, number);
}

/* What the certificate is, in the order of managed_new. */
static void copy_identity(struct db_copy *copy, const struct managed_record *record)
{
    uint8_t identity[32];
    managed_record_identity(record, identity);
    db_copy_bytes(copy, identity, sizeof identity);
    copy_bytes_or_null(copy, record->has_sha256 ? record->sha256 : NULL, 32);
    copy_bytes_or_null(copy, record->has_sha1 ? record->sha1 : NULL, 20);
    copy_bytes_or_null(copy, record->has_spki_sha256 ? record->spki_sha256 : NULL, 32);
    copy_bytes_or_null(copy, record->der, record->der_len);
    db_copy_text(copy, record->serial_number);
    db_copy_text(copy, record->subject);
    copy_folded(copy, record->subject);
    copy_lower(copy, record->common_name);
    db_copy_text(copy, record->issuer);
    copy_folded(copy, record->issuer);
    copy_name_set(copy, record);
    db_copy_time(copy, record->not_before_us);      /* RECORD_NO_TIME is NULL there */
    db_copy_time(copy, record->not_after_us);
}

/* What its source says of it. */
static void copy_particulars(struct db_copy *copy, const struct managed_record *record)
{
    char *contacts = array_text_of_list(record->contacts);
    db_copy_text(copy, record->location);
    db_copy_text(copy, record->site);
    db_copy_text(copy, record->path);
    db_copy_text(copy, record->owner);
    db_copy_text(copy, contacts);
    db_copy_text(copy, record->environment);
    db_copy_text(copy, record_status_name(record->status));
    db_copy_text(copy, record->status_reported);
    db_copy_time(copy, record->revoked_at_us);
    db_copy_text(copy, record->revocation_reason);
    db_copy_text(copy, record->order_number);
    db_copy_text(copy, record->request_number);
    db_copy_text(copy, record->replaces);
    db_copy_text(copy, record->replaced_by);
    db_copy_text(copy, record_type_name(record->type));
    const char *const texts[] = {record->product,     record->validation,  record->term,    record->requester, record->department,
                                 record->application, record->cost_center, record->servers, record->installer};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        db_copy_text(copy, texts[i]);
    db_copy_time(copy, record->delivered_at_us);
    db_copy_text(copy, record->auto_renewal);
    db_copy_text(copy, record->key_algorithm);
    copy_number(copy, record->key_bits);
    free(contacts);
}

/* A record counts once: by its state where it is not in force, else by what it is for, where that is not a server. */
static void count_record(struct managed_import *import, const struct managed_record *record)
{
    struct managed_account *account = &import->account;
    bool is_over = record->not_after_us != RECORD_NO_TIME && record->not_after_us < import->now_us;
    if (record->status > STATUS_ISSUED)
        account->states[record->status]++;
    else if (is_over)
        account->states[STATUS_EXPIRED]++;
    else if (record->type > TYPE_SERVER)
        account->types[record->type]++;
    else
        account->states[STATUS_ISSUED]++;
}

bool managed_import_add(struct managed_import *import, const struct managed_record *record, struct error *err)
{
    struct db_copy *copy = import->copy;
    copy_identity(copy, record);
    copy_particulars(copy, record);
    db_copy_text(copy, record->file);
    db_copy_int(copy, (int64_t)record->line);
    db_copy_int(copy, ++import->ordinal);
    keep_places(import, record);
    count_record(import, record);
    return db_copy_row(copy, err);
}

static bool copy_places(struct managed_import *import, struct error *err)
{
    struct db_copy *copy = db_copy_begin(import->db, SQL_MANAGED_NEW_LOCATION_COPY, err);
    struct byte_reader rows = byte_buffer_reader(&import->places);
    const uint8_t *bytes;
    bool ok = copy != NULL;
    while (ok && byte_reader_bytes(&rows, sizeof(struct place_row), &bytes)) {
        struct place_row row;
        char address[ADDRESS_TEXT_SIZE];
        memcpy(&row, bytes, sizeof row);
        address_format(&row.place.address, address);
        db_copy_int(copy, row.ordinal);
        db_copy_text(copy, row.place.address.len == 0 ? NULL : address);
        db_copy_text(copy, row.place.address.len == 0 ? row.place.name : NULL);
        if (row.place.port == 0)
            db_copy_text(copy, NULL);
        else
            db_copy_int(copy, row.place.port);
        ok = db_copy_row(copy, err);
    }
    if (!ok) {
        db_copy_abort(copy);
        return false;
    }
    return db_copy_end(copy, err);
}

static bool merge(struct managed_import *import, const struct managed_ending *ending, struct error *err)
{
    const char *params[] = {import->source, import->time, import->site, ending->is_partial ? "true" : "false"};
    struct db_result *result = db_query(import->db, SQL_MANAGED_MERGE, 4, params, err);
    if (result == NULL)
        return false;
    int64_t *const counts[] = {&import->account.read,    &import->account.doubles, &import->account.unchanged, &import->account.changed,
                               &import->account.added,   &import->account.ended,   &import->account.before};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] = db_int(result, 0, i);
    db_result_destroy(result);
    return true;
}

static bool record_import(struct managed_import *import, const struct managed_ending *ending, struct error *err)
{
    char records[32], bad[32];
    snprintf(records, sizeof records, "%" PRId64, import->account.read - import->account.doubles);
    snprintf(bad, sizeof bad, "%" PRId64, ending->faults);
    const char *params[] = {import->source, import->time, ending->files, records, bad, ending->profiles,
                            ending->is_partial ? "true" : "false"};
    return db_exec_params(import->db, SQL_MANAGED_IMPORT_ADD, 7, params, err);
}

/* A file of the wrong kind, a truncated one or half an export must not end what its source had before. */
static bool is_safe(const struct managed_account *account, const struct managed_ending *ending, struct error *err)
{
    if (account->read == 0)
        return error_set(err, ERROR_INPUT, "no record could be read; the records imported before stay in force");
    if (ending->is_replacing || account->ended == 0)
        return true;
    if (ending->faults > 0)
        return error_set(err, ERROR_INPUT,
                         "%s could not be read, and %" PRId64 " of %s of this source would end; nothing was kept. Mend the "
                         "rows, or say --partial (what is not in these files stays) or --replace (it ends)",
                         COUNTED(ending->faults, "row"), account->ended, COUNTED(account->before, "record"));
    if (account->ended >= SAFE_ENDED && account->ended * SAFE_SHARE > account->before)
        return error_set(err, ERROR_INPUT,
                         "%" PRId64 " of %" PRId64 " records of this source are not in these files and would end; nothing was kept. Say --partial (they stay) "
                         "or --replace (they end)",
                         account->ended, account->before);
    return true;
}

bool managed_import_end(struct managed_import *import, const struct managed_ending *ending, struct managed_account *account, struct error *err)
{
    struct db *db = import->db;
    bool ok = db_copy_end(import->copy, err) && copy_places(import, err) && make_sites(import, err) &&
              db_exec(db, SQL_MANAGED_CERTIFICATES, err) && merge(import, ending, err);
    *account = import->account;
    ok = ok && is_safe(account, ending, err) && record_import(import, ending, err) && (ending->is_dry_run || db_commit(db, err));
    if (!ok || ending->is_dry_run)
        db_rollback(db);
    import_destroy(import);
    return ok && (ending->is_dry_run || facts_update(db, err));
}

void managed_import_abandon(struct managed_import *import)
{
    if (import == NULL)
        return;
    db_copy_abort(import->copy);
    db_rollback(import->db);
    import_destroy(import);
}
