#include "inventory/verdicts/trust/chain_faults.h"

#include "inventory_trust_sql.h"

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

/* ---- the pending chains ---- */

enum column { COLUMN_CHAIN, COLUMN_CERTIFICATE, COLUMN_AUTHORITY, COLUMN_SIGNER, COLUMN_SELF_SIGNED, COLUMN_KNOWN };

#define NEW_COLUMNS 5

/* The certificates come one after the other, in parts that may end within a chain. Those beyond the limit are one fault. */
struct walk {
    struct db *db;
    struct db_copy *copy;
    int64_t chain;                  /* 0: none has come */
    struct chain_link links[CHAIN_LOOKED_AT_MAX + 1];
    size_t count;
    bool is_known;                  /* else it stays on the list */
};

static bool row_add(const struct walk *walk, size_t position, enum chain_fault fault, struct error *err)
{
    const struct chain_link *link = &walk->links[position];
    if (!db_binary_row(walk->copy, NEW_COLUMNS, err))
        return false;
    db_binary_int8(walk->copy, walk->chain);
    db_binary_text(walk->copy, chain_fault_name(fault));
    db_binary_int4(walk->copy, (int32_t)position);
    db_binary_int8(walk->copy, link->certificate);
    db_binary_bool(walk->copy, link->is_self_signed);
    return true;
}

static bool chain_judge(struct walk *walk, struct error *err)
{
    enum chain_fault faults[CHAIN_LOOKED_AT_MAX + 1];
    if (walk->chain == 0 || !walk->is_known)
        return true;
    size_t end = chain_faults_of(walk->links, walk->count, faults);
    bool ok = row_add(walk, end, CHAIN_FAULT_NONE, err);
    for (size_t i = 0; i < walk->count && ok; i++)
        if (faults[i] != CHAIN_FAULT_NONE)
            ok = row_add(walk, i, faults[i], err);
    return ok;
}

static bool link_add(struct walk *walk, const struct db_result *rows, size_t row, struct error *err)
{
    int64_t chain = db_binary_number(rows, row, COLUMN_CHAIN);
    if (chain != walk->chain) {
        if (!chain_judge(walk, err))
            return false;
        walk->chain = chain;
        walk->count = 0;
        walk->is_known = true;
    }
    walk->is_known &= db_binary_number(rows, row, COLUMN_KNOWN) != 0;
    if (walk->count <= CHAIN_LOOKED_AT_MAX)
        walk->links[walk->count++] = (struct chain_link){
            .certificate = db_binary_number(rows, row, COLUMN_CERTIFICATE), .authority = db_binary_number(rows, row, COLUMN_AUTHORITY),
            .signer = db_binary_number(rows, row, COLUMN_SIGNER), .is_self_signed = db_binary_number(rows, row, COLUMN_SELF_SIGNED) != 0};
    return true;
}

/* A part without rows is the last one: the last chain is whole. */
static bool part_judge(struct walk *walk, const struct db_result *rows, struct error *err)
{
    walk->copy = db_binary_begin(walk->db, SQL_TRUST_CHAINS_COPY, err);
    bool ok = walk->copy != NULL;
    for (size_t i = 0; i < db_rows(rows) && ok; i++)
        ok = link_add(walk, rows, i, err);
    if (db_rows(rows) == 0)
        ok = ok && chain_judge(walk, err);
    if (ok)
        return db_copy_end(walk->copy, err);
    db_copy_abort(walk->copy);
    return false;
}

static bool parts_judge(struct walk *walk, struct error *err)
{
    bool ok = true, any = false;
    for (size_t count = 1; ok && count > 0;) {
        struct db_result *rows = db_query_binary(walk->db, SQL_TRUST_CHAINS_FETCH, 0, NULL, err);
        count = rows == NULL ? 0 : db_rows(rows);
        ok = rows != NULL && (any || count == 0 || db_exec(walk->db, SQL_TRUST_CHAINS_TABLE, err));
        any |= count > 0;
        ok = ok && (!any || part_judge(walk, rows, err));
        db_result_destroy(rows);
    }
    return ok && (!any || db_exec(walk->db, SQL_TRUST_CHAINS_MERGE, err));
}

bool chain_faults_update(struct db *db, struct error *err)
{
    struct walk walk = {.db = db};
    if (db_begin(db, err) && db_exec(db, SQL_TRUST_CHAINS_OPEN, err) && parts_judge(&walk, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
