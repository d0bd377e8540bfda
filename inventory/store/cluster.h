/* The private PostgreSQL cluster: what certsweep uses where the user names no database. Made on first use,
 * reached only through a Unix socket in a folder of its owner, started by the first who needs it and stopped by the
 * last, unless `certsweep db start` pinned it. Users find each other by flock(2), so a crash leaves no trace
 * that would have to be cleaned.
 *
 *     HOME/lock          taken for the moments of starting and stopping
 *     HOME/users         held shared by each user; who gets it exclusively is the last
 *     HOME/pinned        exists: stay up without users
 *     HOME/pg15/data     the cluster of that major version; pg15/log, pg15/run (the socket)
 *
 * HOME is $XDG_DATA_HOME/certsweep, ~/.local/share/certsweep, or /var/lib/certsweep for root and the system user
 * certsweep. Started by root it runs as the owner of HOME, never as root. */
#pragma once
#include "probes/base/error.h"

#include <sys/types.h>

struct cluster;

struct cluster_place {
    char *home;
    uid_t uid;                      /* who runs the server */
    gid_t gid;
};

/* Where this process's cluster is; for root that user is found or, in tests, named. */
bool cluster_place_default(struct cluster_place *place, struct error *err);
void cluster_place_clear(struct cluster_place *place);

/* A running server, shared with others until cluster_release(). Makes and starts it where needed. */
struct cluster *cluster_acquire(const struct cluster_place *place, struct error *err);
void cluster_release(struct cluster *cluster);                  /* stops it where we were the last; NULL is fine */
const char *cluster_dsn(const struct cluster *cluster);         /* no secret in it: the folder's mode is the guard */

char *cluster_complaint(const struct cluster *cluster);         /* what its log says last went wrong; yours, or NULL */

/* db start, db stop: pin and unpin. Stop is refused while others use it. */
bool cluster_pin(const struct cluster_place *place, struct error *err);
bool cluster_stop(const struct cluster_place *place, struct error *err);

struct cluster_status {
    char *dsn;                      /* NULL: no cluster made yet */
    int major;                      /* of its data; 0 none */
    int newest_major;               /* of the server binaries found; 0 none */
    bool running, pinned;
};
bool cluster_status(const struct cluster_place *place, struct cluster_status *status, struct error *err);

/* Moves the data to the newest major version whose binaries are installed (dump, new cluster, restore); the old
 * folder stays beside it. True with *from == *to where there is nothing to do. */
bool cluster_upgrade(const struct cluster_place *place, int *from, int *to, struct error *err);

/* pg_dump and pg_restore of the newest version installed, on any database; fd is the dump. A restore wants an
 * empty database. */
bool cluster_dump(const char *dsn, int fd, struct error *err);
bool cluster_restore(const char *dsn, int fd, struct error *err);
