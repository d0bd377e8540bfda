/* The private PostgreSQL cluster, which certsweep uses if the user names no database. It is created on first use and
 * reached only through a Unix socket in a folder of its owner. The first process that needs it starts it; the last one
 * stops it, unless `certsweep db start` pinned it. Processes coordinate by flock(2), so a crash leaves nothing to
 * clean up.
 *
 *     HOME/lock          locked while the server is started or stopped
 *     HOME/users         each process has a shared lock; one that gets it exclusively is the last
 *     HOME/pinned        if it exists, the server keeps running without users
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
    uid_t uid;                      /* the user who runs the server */
    gid_t gid;
};

/* Where this process's cluster is, and its user: for root the system user certsweep, or one that a test names. */
bool cluster_place_default(struct cluster_place *place, struct error *err);
void cluster_place_clear(struct cluster_place *place);

/* Was it made? Makes nothing. True, too, where we may not look: whoever uses it is told so. */
bool cluster_is_made(const struct cluster_place *place);
bool cluster_require_made(const struct cluster_place *place, struct error *err);        /* the error says what makes it */

/* Returns a running server, shared with other processes until cluster_release(). Creates and starts it if needed. */
struct cluster *cluster_acquire(const struct cluster_place *place, struct error *err);
void cluster_release(struct cluster *cluster);                  /* stops it if we were the last user; NULL is fine */
bool cluster_recovers(const struct cluster *cluster);           /* waits while the server, which said that it was ready, recovers from a crash */
const char *cluster_dsn(const struct cluster *cluster);         /* has no secret: the folder's mode protects it */

char *cluster_complaint(const struct cluster *cluster);         /* the last failure in its log, to be freed; or NULL */

/* For db start and db stop: pin and unpin the server. Stop is refused while other processes use it. */
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

/* Run pg_dump and pg_restore of the newest version installed, on any database; fd is the dump. A restore needs an
 * empty database. */
bool cluster_dump(const char *dsn, int fd, struct error *err);
bool cluster_restore(const char *dsn, int fd, struct error *err);
