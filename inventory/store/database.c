/* See database.h. */
#include "inventory/store/database.h"

#include "inventory/store/cluster.h"
#include "inventory/store/schema.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

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
    struct error first = {0};
    struct db *db = cluster == NULL ? NULL : db_open(cluster_dsn(cluster), &first);
    if (db == NULL && cluster != NULL && cluster_recovers(cluster))
        db = db_open(cluster_dsn(cluster), err);
    else if (db == NULL && cluster != NULL && err != NULL)
        *err = first;
    if (db == NULL) {
        cluster_release(cluster);
        return NULL;
    }
    db_on_close(db, on_close, cluster);
    db_on_lost(db, on_lost);
    return db;
}

/* The connection made before this process became another user, who might not be able to connect (peer
 * authentication, PGPASSFILE). */
static struct {
    char *dsn;          /* NULL: none was tried */
    struct db *db;      /* NULL: err says why not */
    struct error err;
} early;

void database_connect_early(const char *dsn, bool for_programs)
{
    early.dsn = xstrdup(dsn);
    early.db = db_open(dsn, &early.err);
    if (early.db != NULL)
        db_keep(early.db);
    if (early.db != NULL && for_programs)
        db_lend_password(early.db);
}

static struct db *open_early(struct error *err)
{
    if (early.db == NULL && err != NULL)
        *err = early.err;
    return early.db;
}

struct db *database_open(const char *dsn, struct error *err)
{
    if (dsn != NULL && early.dsn != NULL && strcmp(dsn, early.dsn) == 0) {
        struct db *kept = open_early(err);
        return kept != NULL && schema_apply(kept, err) ? kept : NULL;
    }
    struct db *db = dsn != NULL && dsn[0] != '\0' ? db_open(dsn, err) : open_private(err);
    if (db == NULL || schema_apply(db, err))
        return db;
    db_close(db);
    return NULL;
}

/* Is the private cluster there, if it is asked for? */
static bool require_made(const char *dsn, struct error *err)
{
    struct cluster_place place;
    if (dsn != NULL && dsn[0] != '\0')
        return true;
    if (!cluster_place_default(&place, err))
        return false;
    bool is_made = cluster_require_made(&place, err);
    cluster_place_clear(&place);
    return is_made;
}

bool database_is_missing(const char *dsn)
{
    return !require_made(dsn, NULL);
}

struct db *database_open_made(const char *dsn, struct error *err)
{
    return require_made(dsn, err) ? database_open(dsn, err) : NULL;
}
