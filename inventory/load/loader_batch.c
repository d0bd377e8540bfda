/* See loader_batch.h. */
#include "inventory/load/loader_batch.h"

#include "inventory/store/array_text.h"
#include "inventory_load_sql.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- lists of ids ---- */

void id_list_clear(struct id_list *list)
{
    free(list->pairs);
    *list = (struct id_list){0};
}

void id_list_add(struct id_list *list, struct id_pair pair)
{
    if (list->count == list->capacity) {
        list->capacity = 2 * list->capacity + 1024;
        list->pairs = xreallocarray(list->pairs, list->capacity, sizeof *list->pairs);
    }
    list->pairs[list->count++] = pair;
}

void id_list_append(struct id_list *list, const struct db_result *result)
{
    for (size_t i = 0; i < db_rows(result); i++)
        id_list_add(list, (struct id_pair){db_int(result, i, 0), db_int(result, i, 1)});
}

static int pair_compare(const void *a, const void *b)
{
    int64_t x = ((const struct id_pair *)a)->row, y = ((const struct id_pair *)b)->row;
    return (x > y) - (x < y);
}

void id_list_sort(struct id_list *list)
{
    if (list->count > 1)
        qsort(list->pairs, list->count, sizeof *list->pairs, pair_compare);
}

int64_t id_list_find(const struct id_list *list, int64_t row)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->pairs[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->count && list->pairs[low].row == row ? list->pairs[low].id : 0;
}

bool loader_ids_take(struct loader *loader, const char *sql, int64_t *ids, size_t count, struct error *err)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", count);
    const char *const params[] = {number};
    struct db_result *taken = db_query_binary(loader->db, sql, 1, params, err);
    bool ok = taken != NULL && (db_rows(taken) == count || error_set(err, ERROR_DATABASE, "fewer ids than asked for"));
    for (size_t i = 0; ok && i < count; i++)
        ids[i] = db_binary_number(taken, i, 0);
    db_result_destroy(taken);
    return ok;
}

bool loader_ids_give(struct loader *loader, const char *sql, const int64_t *ids, size_t count, struct error *err)
{
    char *text = array_text_of_ids(ids, count);
    const char *const params[] = {text};
    bool ok = db_exec_params(loader->db, sql, 1, params, err);
    free(text);
    return ok;
}

/* ---- batches ---- */

bool loader_batch_begin(struct loader *loader, struct error *err)
{
    loader->first_us = INT64_MAX;
    loader->last_us = INT64_MIN;
    loader->ahead = 0;
    return db_begin(loader->db, err);
}

void loader_saw(struct loader *loader, int64_t time_us)
{
    loader_saw_span(loader, time_us, time_us);
}

void loader_saw_span(struct loader *loader, int64_t first_us, int64_t last_us)
{
    if (last_us > loader->limit_us) {
        loader->ahead++;
        return;
    }
    if (first_us < loader->first_us)
        loader->first_us = first_us;
    if (last_us > loader->last_us)
        loader->last_us = last_us;
}

void loader_time_text(int64_t time_us, char *text)
{
    clock_format_us(time_us < -INT64_C(62135596800000000) ? -INT64_C(62135596800000000) : time_us, text);
}

static bool span_add(struct loader *loader, struct error *err)
{
    char first[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE], ahead[24];
    bool any = loader->first_us <= loader->last_us;
    if (any) {
        loader_time_text(loader->first_us, first);
        loader_time_text(loader->last_us, last);
    }
    snprintf(ahead, sizeof ahead, "%lld", (long long)loader->ahead);
    const char *const params[] = {loader->scan, any ? first : NULL, any ? last : NULL, ahead};
    loader->report->ahead += loader->ahead;
    return db_exec_params(loader->db, SQL_LOADER_SPAN, 4, params, err);
}

bool loader_batch_end(struct loader *loader, enum loader_table table, int64_t row, struct error *err)
{
    char texts[LOADER_TABLES][24];
    const char *params[1 + LOADER_TABLES] = {loader->bundle};
    loader->progress[table] = row;
    for (size_t i = 0; i < LOADER_TABLES; i++) {
        snprintf(texts[i], sizeof texts[i], "%lld", (long long)loader->progress[i]);
        params[1 + i] = texts[i];
    }
    return span_add(loader, err) && db_exec_params(loader->db, SQL_LOADER_PROGRESS, 1 + LOADER_TABLES, params, err) &&
           db_commit(loader->db, err);
}

/* ---- indexes ---- */

bool loader_indexes_aside(struct loader *loader, const char *sql, int64_t rows, struct error *err)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)rows);
    const char *const params[] = {number};
    return db_exec_params(loader->db, sql, 1, params, err);
}

bool loader_indexes_back(struct loader *loader, struct error *err)
{
    return db_exec(loader->db, SQL_INDEXES_BACK, err);
}
