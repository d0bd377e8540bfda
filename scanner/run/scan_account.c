#include "scanner/run/scan_account.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/memory.h"
#include "scanner/sweep/scan_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool on_block(void *context, const struct bundle_block *row)
{
    struct scan_account *account = context;
    for (uint32_t i = 0; i < row->result.count; i++)
        account->positions[row->result.outcomes[i] % OUTCOME_COUNT]++;
    account->ended += row->result.count;
    return true;
}

static bool on_name(void *context, const struct bundle_name *row)
{
    struct scan_account *account = context;
    account->names[(unsigned)row->result.outcome % OUTCOME_COUNT]++;
    account->names_ended++;
    return true;
}

static bool on_target_line(void *context, int64_t line, const char *text)
{
    struct scan_account *account = context;
    (void)line, (void)text;
    account->names_total++;
    return true;
}

/* Positions of the blocks with block % shard_count == shard. */
static uint64_t shard_size(const struct bundle_head *head)
{
    uint64_t blocks = (head->space_size + BLOCK_POSITIONS - 1) / BLOCK_POSITIONS;
    if (head->shard_count == 0 || blocks <= head->shard)
        return 0;
    uint64_t count = (blocks - head->shard - 1) / head->shard_count + 1;
    uint64_t last = (count - 1) * head->shard_count + head->shard;
    uint64_t missing = last == blocks - 1 ? blocks * BLOCK_POSITIONS - head->space_size : 0;
    return count * BLOCK_POSITIONS - missing;
}

/* A few, then how many more. */
static char *describe_targets(const char *plan)
{
    struct scan_settings settings;
    char *text = xstrdup("");
    scan_settings_init(&settings);
    if (scan_settings_parse(plan, &settings, NULL)) {
        for (size_t i = 0; i < settings.target_count && i < 3; i++) {
            char *longer = xasprintf("%s%s%.60s", text, i == 0 ? "" : " ", settings.targets[i]);
            free(text);
            text = longer;
        }
        if (settings.target_count > 3) {
            char *longer = xasprintf("%s and %zu more", text, settings.target_count - 3);
            free(text);
            text = longer;
        }
    }
    scan_settings_clear(&settings);
    return text;
}

bool scan_account_read(const char *path, struct scan_account *account, struct error *err)
{
    *account = (struct scan_account){0};
    struct bundle_reader *reader = bundle_reader_open(path, err);
    if (reader == NULL)
        return false;
    const struct bundle_head *head = bundle_reader_head(reader);
    memcpy(account->scan_id, head->scan_id, sizeof account->scan_id);
    memcpy(account->site, head->site, sizeof account->site);
    account->started_us = head->started_us;
    account->total = shard_size(head);
    account->is_sealed = bundle_reader_seal(reader) != BUNDLE_UNSEALED;
    account->targets = describe_targets(head->plan);
    bool ok = bundle_read_blocks(reader, 0, INT64_MAX, on_block, account, err) &&
              bundle_read_names(reader, 0, INT64_MAX, on_name, account, err) &&
              bundle_read_target_lines(reader, 0, INT64_MAX, on_target_line, account, err);
    bundle_reader_close(reader);
    if (ok)
        return true;
    free(account->targets);
    account->targets = NULL;
    return false;
}
