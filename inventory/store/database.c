/* See database.h. */
#include "inventory/store/database.h"

#include "inventory/store/cluster.h"
#include "inventory/store/schema.h"

#include <stdlib.h>

static void on_close(void *context)
{
    cluster_release(context);
}

static char *on_lost(void *context)
{
    return cluster_complaint(context);
}

static struct db *open_private(struct error *err)
{
    struct cluster_place place;
    if (!cluster_place_default(&place, err))
        return NULL;
    struct cluster *cluster = cluster_acquire(&place, err);
    cluster_place_clear(&place);
    struct db *db = cluster == NULL ? NULL : db_open(cluster_dsn(cluster), err);
    if (db == NULL) {
        cluster_release(cluster);
        return NULL;
    }
    db_on_close(db, on_close, cluster);
    db_on_lost(db, on_lost);
    return db;
}

struct db *database_open(const char *dsn, struct error *err)
{
    if (dsn == NULL)
        dsn = getenv("CERTSWEEP_DB");
    struct db *db = dsn != NULL && dsn[0] != '\0' ? db_open(dsn, err) : open_private(err);
    if (db == NULL || schema_apply(db, err))
        return db;
    db_close(db);
    return NULL;
}
