/* See set_aside.h. */
#include "inventory/store/set_aside.h"

#include "inventory_store_sql.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool part_store(struct db *db, const struct set_aside_work *work, size_t from, size_t to, struct error *err)
{
    struct error why = {0};
    if (!db_savepoint(db, err))
        return false;
    if (work->store(work->context, from, to, &why))
        return true;
    if (!db_failed_on_data(db)) {
        if (err != NULL)
            *err = why;
        return false;
    }
    if (!db_savepoint_rollback(db, err))
        return false;
    if (to - from == 1)
        return work->refuse(work->context, from, why.text, err);
    size_t middle = from + (to - from) / 2;
    return part_store(db, work, from, middle, err) && part_store(db, work, middle, to, err);
}

bool set_aside_store(struct db *db, const struct set_aside_work *work, size_t count, struct error *err)
{
    return count == 0 || part_store(db, work, 0, count, err);
}

/* The server's message may quote the row, and be cut in the middle of a character. */
static char *ascii_of(const char *text)
{
    char *clean = xstrdup(text);
    for (char *at = clean; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
            *at = '?';
    return clean;
}

bool set_aside_add(struct db *db, const struct set_aside *row, const char *reason, struct error *err)
{
    char version[16], certificate[24], bundle[24], number[24], *clean = ascii_of(reason);
    snprintf(version, sizeof version, "%d", row->version);
    snprintf(certificate, sizeof certificate, "%" PRId64, row->certificate);
    snprintf(bundle, sizeof bundle, "%" PRId64, row->bundle);
    snprintf(number, sizeof number, "%" PRId64, row->row);
    const char *const params[] = {row->stage, version, row->certificate == 0 ? NULL : certificate,
                                  row->bundle == 0 ? NULL : bundle, row->table, row->row == 0 ? NULL : number, clean};
    log_warning("%s: %s %" PRId64 " is set aside, the others are stored (certsweep db check lists it): %.300s", row->stage,
                row->certificate != 0 ? "certificate" : row->table, row->certificate != 0 ? row->certificate : row->row, clean);
    bool ok = db_exec_params(db, SQL_SET_ASIDE_ADD, 7, params, err);
    free(clean);
    return ok;
}
