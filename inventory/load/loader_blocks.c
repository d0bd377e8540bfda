/* Loads finished blocks: turns positions into addresses by the scan's permutation and space, and attempts without an
 * answer into quiet rows. A block that another bundle of the scan reported already is skipped. */
#include "inventory/load/loader_parts.h"

#include "inventory/load/quiet_map.h"
#include "inventory_load_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/permutation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BLOCKS 1024       /* 4 MB of outcomes */

struct kept_block {
    uint64_t block;
    int64_t from_us, to_us;
    uint32_t count;
    bool is_new;
    uint8_t outcomes[BLOCK_POSITIONS];
};

struct blocks {
    struct loader *loader;
    struct permutation permutation;
    struct quiet_map *quiet;
    struct kept_block *rows;
    size_t count;
    int64_t last;
    int64_t account[OUTCOME_COUNT];
};

static bool keep_block(void *context, const struct bundle_block *row)
{
    struct blocks *blocks = context;
    struct kept_block *kept = &blocks->rows[blocks->count++];
    kept->block = row->result.block;
    kept->from_us = row->result.from_us;
    kept->to_us = row->result.to_us;
    kept->count = row->result.count;
    kept->is_new = false;
    memcpy(kept->outcomes, row->result.outcomes, row->result.count);
    blocks->last = row->row;
    return true;
}

/* ---- quiet rows ---- */

struct quiet_copy {
    struct db_copy *copy;
    struct error *err;
};

static bool group_copy(void *context, const struct quiet_group *group)
{
    struct quiet_copy *to = context;
    char address[ADDRESS_TEXT_SIZE], prefix[ADDRESS_TEXT_SIZE + 8], bits[66] = "x";
    address_format(&group->prefix, address);
    snprintf(prefix, sizeof prefix, "%s/%d", address, group->prefix.len == 4 ? 24 : 120);
    hex_format(group->addresses, sizeof group->addresses, bits + 1);
    db_copy_text(to->copy, prefix);
    db_copy_int(to->copy, group->port);
    db_copy_int(to->copy, group->transport);
    db_copy_int(to->copy, group->outcome);
    db_copy_time(to->copy, group->from_us);
    db_copy_time(to->copy, group->to_us);
    db_copy_text(to->copy, bits);
    return db_copy_row(to->copy, to->err);
}

static bool quiet_flush(struct blocks *blocks, struct error *err)
{
    struct db *db = blocks->loader->db;
    const char *const scan[] = {blocks->loader->scan};
    struct quiet_copy to = {db_copy_begin(db, SQL_LOADER_QUIET_COPY, err), err};
    if (to.copy == NULL)
        return false;
    if (!quiet_map_drain(blocks->quiet, group_copy, &to)) {
        db_copy_abort(to.copy);
        return false;
    }
    return db_copy_end(to.copy, err) && db_exec_params(db, SQL_LOADER_QUIET_MERGE, 1, scan, err) &&
           db_exec(db, SQL_LOADER_QUIET_CLEAR, err);
}

static bool block_spread(struct blocks *blocks, const struct kept_block *block, struct error *err)
{
    loader_saw_span(blocks->loader, block->from_us, block->to_us);
    for (uint32_t i = 0; i < block->count; i++) {
        uint8_t outcome = block->outcomes[i];
        struct target target;
        blocks->account[outcome] += block->is_new;
        if (outcome_is_answer((enum outcome)outcome))
            continue;
        uint64_t position = block->block * BLOCK_POSITIONS + i;
        target_space_get(blocks->loader->space, permutation_index(&blocks->permutation, position), &target);
        quiet_map_add(blocks->quiet, &target, outcome, block->from_us, block->to_us);
    }
    return quiet_map_count(blocks->quiet) < QUIET_MAP_MAX || quiet_flush(blocks, err);
}

/* ---- the account ---- */

static int block_compare(const void *a, const void *b)
{
    uint64_t x = ((const struct kept_block *)a)->block, y = ((const struct kept_block *)b)->block;
    return (x > y) - (x < y);
}

/* Selects the blocks that no other bundle has reported. */
static bool blocks_register(struct blocks *blocks, struct error *err)
{
    struct db *db = blocks->loader->db;
    const char *const scan[] = {blocks->loader->scan};
    struct db_copy *copy = db_copy_begin(db, SQL_LOADER_BLOCKS_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < blocks->count; i++) {
        db_copy_int(copy, (int64_t)blocks->rows[i].block);
        ok = db_copy_row(copy, err);
    }
    if (!ok) {
        db_copy_abort(copy);
        return false;
    }
    struct db_result *added = db_copy_end(copy, err) ? db_query(db, SQL_LOADER_BLOCKS_MERGE, 1, scan, err) : NULL;
    if (added == NULL)
        return false;
    qsort(blocks->rows, blocks->count, sizeof *blocks->rows, block_compare);
    for (size_t i = 0; i < db_rows(added); i++) {
        struct kept_block wanted = {.block = (uint64_t)db_int(added, i, 0)};
        struct kept_block *found = bsearch(&wanted, blocks->rows, blocks->count, sizeof *blocks->rows, block_compare);
        if (found != NULL)
            found->is_new = true;
    }
    db_result_destroy(added);
    return true;
}

static bool account_add(struct blocks *blocks, struct error *err)
{
    for (int outcome = 1; outcome < OUTCOME_COUNT; outcome++) {
        char number[16], count[24];
        if (blocks->account[outcome] == 0)
            continue;
        snprintf(number, sizeof number, "%d", outcome);
        snprintf(count, sizeof count, "%lld", (long long)blocks->account[outcome]);
        const char *const params[] = {blocks->loader->scan, number, count};
        if (!db_exec_params(blocks->loader->db, SQL_LOADER_OUTCOME_ADD, 3, params, err))
            return false;
    }
    return true;
}

static bool blocks_batch(struct blocks *blocks, struct error *err)
{
    memset(blocks->account, 0, sizeof blocks->account);
    bool ok = loader_batch_begin(blocks->loader, err) && blocks_register(blocks, err);
    for (size_t i = 0; ok && i < blocks->count; i++)
        ok = block_spread(blocks, &blocks->rows[i], err);
    return ok && quiet_flush(blocks, err) && account_add(blocks, err) &&
           loader_batch_end(blocks->loader, LOADER_BLOCK, blocks->last, err);
}

/* Before anything is loaded: do the bundle's space and its size agree? */
bool loader_space_open(struct loader *loader, struct error *err)
{
    return bundle_reader_space(loader->reader, &loader->space, err);
}

bool loader_blocks(struct loader *loader, struct error *err)
{
    if (loader->space == NULL)
        return true;
    struct blocks blocks = {.loader = loader, .quiet = quiet_map_create(),
                            .rows = xcalloc(BATCH_BLOCKS, sizeof *blocks.rows)};
    bool ok = true, more = true;
    permutation_init(&blocks.permutation, loader->head->space_size, loader->head->permutation_key);
    while (ok && more) {
        blocks.count = 0;
        ok = bundle_read_blocks(loader->reader, loader->progress[LOADER_BLOCK], BATCH_BLOCKS, keep_block, &blocks,
                                err) &&
             (blocks.count == 0 || blocks_batch(&blocks, err));
        loader->report->blocks += ok ? (int64_t)blocks.count : 0;
        more = blocks.count == BATCH_BLOCKS;
    }
    quiet_map_destroy(blocks.quiet);
    free(blocks.rows);
    return ok;
}
