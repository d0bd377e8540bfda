#include "inventory/verdicts/trust/chain_faults.h"

#include "inventory/verdicts/trust/row_batches.h"
#include "inventory_trust_sql.h"

#include <string.h>

const char *chain_fault_name(enum chain_fault fault)
{
    static const char *const names[] = {[CHAIN_FAULT_MISORDERED] = "misordered", [CHAIN_FAULT_EXTRA] = "extra",
        [CHAIN_FAULT_DUPLICATE] = "duplicate", [CHAIN_FAULT_UNRELATED] = "unrelated", [CHAIN_FAULT_ROOT_SENT] = "root sent"};
    return names[fault];
}

/* The next certificate on the line of issuers: the nearest after links[at] that belongs to its signer, else the first before it. */
static size_t issuer_of(const struct chain_link *links, size_t count, const bool *taken, size_t at)
{
    for (size_t i = 1; i < count; i++) {
        size_t other = (at + i) % count;
        if (!taken[other] && links[other].authority != 0 && links[other].authority == links[at].signer)
            return other;
    }
    return at;
}

/* It may help some client: another certificate of an authority that signed one of these, or one that these signed. */
static bool is_related(const struct chain_link *links, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (i != at && ((links[at].authority != 0 && links[at].authority == links[i].signer)
                        || (links[i].authority != 0 && links[i].authority == links[at].signer)
                        || (links[i].authority != 0 && links[i].authority == links[at].authority)))
            return true;
    return false;
}

size_t chain_faults_of(const struct chain_link *links, size_t count, enum chain_fault *faults)
{
    bool taken[CHAIN_LOOKED_AT_MAX] = {true};
    size_t looked_at = count < CHAIN_LOOKED_AT_MAX ? count : CHAIN_LOOKED_AT_MAX, end = 0;
    for (size_t i = 0; i < count; i++)
        faults[i] = i < looked_at ? CHAIN_FAULT_NONE : CHAIN_FAULT_UNRELATED;
    for (size_t i = 1; i < looked_at; i++)
        for (size_t j = 0; j < i && !taken[i]; j++)
            if (links[i].certificate == links[j].certificate) {
                faults[i] = CHAIN_FAULT_DUPLICATE;
                taken[i] = true;
            }
    while (!links[end].is_self_signed && links[end].signer != 0) {
        size_t next = issuer_of(links, looked_at, taken, end);
        if (next == end)
            break;
        if (next < end)
            faults[next] = CHAIN_FAULT_MISORDERED;
        else if (links[next].is_self_signed)
            faults[next] = CHAIN_FAULT_ROOT_SENT;
        taken[next] = true;
        end = next;
    }
    for (size_t i = 1; i < looked_at; i++)
        if (!taken[i])
            faults[i] = is_related(links, looked_at, i) ? CHAIN_FAULT_EXTRA : CHAIN_FAULT_UNRELATED;
    return end;
}

static bool row_add(struct db_copy *copy, const char *chain, const struct chain_link *link, size_t position, enum chain_fault fault,
                    struct error *err)
{
    db_copy_text(copy, chain);
    db_copy_text(copy, chain_fault_name(fault));
    db_copy_int(copy, (int64_t)position);
    db_copy_int(copy, link->certificate);
    db_copy_bool(copy, link->is_self_signed);
    return db_copy_row(copy, err);
}

/* Rows first to last are one chain; certificates beyond the limit are one fault. */
static bool chain_judge(struct db_copy *copy, const struct db_result *rows, size_t first, size_t last, struct error *err)
{
    struct chain_link links[CHAIN_LOOKED_AT_MAX + 1];
    enum chain_fault faults[CHAIN_LOOKED_AT_MAX + 1];
    size_t count = 0;
    for (size_t i = first; i < last; i++)
        if (db_value(rows, i, 5)[0] != 't')
            return true;            /* it stays on the list */
    for (size_t i = first; i < last && count <= CHAIN_LOOKED_AT_MAX; i++)
        links[count++] = (struct chain_link){.certificate = db_int(rows, i, 1), .authority = db_int(rows, i, 2),
            .signer = db_int(rows, i, 3), .is_self_signed = db_value(rows, i, 4)[0] == 't'};
    const char *chain = db_value(rows, first, 0);
    size_t end = chain_faults_of(links, count, faults);
    bool ok = row_add(copy, chain, &links[end], end, CHAIN_FAULT_NONE, err);
    for (size_t i = 0; i < count && ok; i++)
        if (faults[i] != CHAIN_FAULT_NONE)
            ok = row_add(copy, chain, &links[i], i, faults[i], err);
    return ok;
}

static bool rows_judge(void *context, const struct db_result *rows, struct error *err)
{
    struct db *db = context;
    struct db_copy *copy = db_copy_begin(db, SQL_TRUST_CHAINS_COPY, err);
    bool ok = copy != NULL;
    for (size_t first = 0, next; first < db_rows(rows) && ok; first = next) {
        for (next = first + 1; next < db_rows(rows) && strcmp(db_value(rows, first, 0), db_value(rows, next, 0)) == 0;)
            next++;
        ok = chain_judge(copy, rows, first, next, err);
    }
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && db_exec(db, SQL_TRUST_CHAINS_MERGE, err);
}

bool chain_faults_update(struct db *db, struct error *err)
{
    struct row_batches batches = {.db = db, .setup = SQL_TRUST_CHAINS_TABLE, .sql = SQL_TRUST_CHAINS_PENDING, .param_count = 1,
                                  .work = rows_judge, .context = db};
    return row_batches_run(&batches, err);
}
