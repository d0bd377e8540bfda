/* See cluster.h. Everything that changes the server's state happens under HOME/lock; a shared lock on HOME/users
 * shows that a process still needs the server. */
#include "inventory/store/cluster.h"

#include "inventory/store/cluster_server.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_HOME    "/var/lib/certsweep"
#define SOCKET_DIR_MAX 80       /* of sun_path's 107 bytes; the socket's own name follows */

struct cluster {
    struct cluster_place place;
    struct cluster_server server;
    int lock_fd, users_fd;
    char *dsn;
};

/* ---- the place ---- */

/* The user that runs the server for root: the owner of HOME, else the first of these that exists. */
static bool system_user_find(const char *home, struct cluster_place *place, struct error *err)
{
    static const char *const names[] = {"certsweep", "postgres", "nobody"};
    struct stat st;
    if (stat(home, &st) == 0 && st.st_uid != 0) {
        place->uid = st.st_uid;
        place->gid = st.st_gid;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct passwd *user = getpwnam(names[i]);
        if (user == NULL || user->pw_uid == 0)
            continue;
        if (i > 0)
            log_warning("there is no system user certsweep (the package and ./bootstrap make it); the private "
                        "database runs as %s",
                        names[i]);
        place->uid = user->pw_uid;
        place->gid = user->pw_gid;
        return true;
    }
    return error_set(err, ERROR_SYSTEM,
                     "PostgreSQL does not run as root, and there is no system user certsweep, postgres or nobody");
}

bool cluster_place_default(struct cluster_place *place, struct error *err)
{
    *place = (struct cluster_place){.uid = geteuid(), .gid = getegid()};
    const char *named = named_folder("CERTSWEEP_HOME"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    const struct passwd *user = geteuid() == 0 ? NULL : getpwuid(geteuid());
    if (named != NULL)
        place->home = xstrdup(named);
    else if (geteuid() == 0 || (user != NULL && strcmp(user->pw_name, "certsweep") == 0))
        place->home = xstrdup(SYSTEM_HOME);
    else if (data != NULL && data[0] == '/')
        place->home = xasprintf("%s/certsweep", data);
    else if ((home != NULL && home[0] == '/') || (user != NULL && (home = user->pw_dir) != NULL))
        place->home = xasprintf("%s/.local/share/certsweep", home);
    else
        return error_set(err, ERROR_SYSTEM, "no home folder for the private database: HOME is not set");
    if (geteuid() != 0 || system_user_find(place->home, place, err))
        return true;
    cluster_place_clear(place);
    return false;
}

void cluster_place_clear(struct cluster_place *place)
{
    free(place->home);
    place->home = NULL;
}

/* Makes HOME. Parent folders keep their owners. */
static bool home_make(const struct cluster_place *place, struct error *err)
{
    char *path = xstrdup(place->home);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, geteuid() == 0 ? 0755 : 0700);
        *slash = '/';
    }
    free(path);
    return cluster_folder_make(place->home, place->uid, place->gid, 0700, err);
}

/* ---- versions and folders ---- */

static int data_major(const char *home)
{
    int best = 0;
    DIR *dir = opendir(home);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char *end = entry->d_name;
        int major = strncmp(entry->d_name, "pg", 2) == 0 ? (int)strtol(entry->d_name + 2, &end, 10) : 0;
        if (*end != '\0')
            continue;
        char *version = xasprintf("%s/%s/data/PG_VERSION", home, entry->d_name);
        if (major > best && access(version, F_OK) == 0)
            best = major;
        free(version);
    }
    if (dir != NULL)
        closedir(dir);
    return best;
}

bool cluster_is_made(const struct cluster_place *place)
{
    return data_major(place->home) != 0 || (access(place->home, R_OK | X_OK) != 0 && errno != ENOENT);
}

bool cluster_require_made(const struct cluster_place *place, struct error *err)
{
    return cluster_is_made(place) || error_set(err, ERROR_DATABASE, "there is no inventory in %s yet: certsweep scan TARGET makes it, as do load and managed import; "
                                                                    "--db names one elsewhere", place->home);
}

static uint64_t path_hash(const char *path)
{
    uint64_t hash = 14695981039346656037u;      /* FNV-1a */
    for (; *path != '\0'; path++)
        hash = (hash ^ (unsigned char)*path) * 1099511628211u;
    return hash;
}

static bool server_of(const struct cluster_place *place, int major, struct cluster_server *server,
                      struct error *err)
{
    if (strlen(place->home) > CLUSTER_PATH_MAX - 40)
        return error_set(err, ERROR_SYSTEM, "%s: too long for the private database's folder", place->home);
    *server = (struct cluster_server){.uid = place->uid, .gid = place->gid, .major = major};
    snprintf(server->folder, sizeof server->folder, "%.*s/pg%d", CLUSTER_PATH_MAX - 40, place->home, major);
    snprintf(server->data, sizeof server->data, "%.*s/pg%d/data", CLUSTER_PATH_MAX - 40, place->home, major);
    if (strcmp(place->home, SYSTEM_HOME) == 0)
        snprintf(server->run, sizeof server->run, CLUSTER_SYSTEM_RUN);
    else if (strlen(place->home) + 10 < SOCKET_DIR_MAX)
        snprintf(server->run, sizeof server->run, "%.*s/pg%d/run", CLUSTER_PATH_MAX - 40, place->home, major);
    else
        snprintf(server->run, sizeof server->run, "/tmp/certsweep-%u-%016llx", (unsigned)place->uid,
                 (unsigned long long)path_hash(place->home));
    return true;
}

/* ---- locks ---- */

static int file_lock(const struct cluster_place *place, const char *name, struct error *err)
{
    char *path = xasprintf("%s/%s", place->home, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        error_set(err, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
    else if (geteuid() == 0 && fchown(fd, place->uid, place->gid) != 0)
        log_debug("%s: %s", path, strerror(errno));
    free(path);
    return fd;
}

static bool lock_take(int fd, int how, struct error *err)
{
    while (flock(fd, how) != 0) {
        if (errno != EINTR)
            return error_set(err, ERROR_SYSTEM, "cannot lock the private database: %s", strerror(errno));
    }
    return true;
}

static bool is_pinned(const struct cluster_place *place)
{
    char *path = xasprintf("%s/pinned", place->home);
    bool pinned = access(path, F_OK) == 0;
    free(path);
    return pinned;
}

static void cluster_free(struct cluster *cluster)
{
    if (cluster == NULL)
        return;
    if (cluster->users_fd >= 0)
        close(cluster->users_fd);
    if (cluster->lock_fd >= 0)
        close(cluster->lock_fd);
    cluster_place_clear(&cluster->place);
    free(cluster->dsn);
    free(cluster);
}

static struct cluster *cluster_locked(const struct cluster_place *place, struct error *err)
{
    struct cluster *cluster = xcalloc(1, sizeof *cluster);
    cluster->lock_fd = cluster->users_fd = -1;
    cluster->place = (struct cluster_place){xstrdup(place->home), place->uid, place->gid};
    if (home_make(place, err) && (cluster->lock_fd = file_lock(place, "lock", err)) >= 0 &&
        (cluster->users_fd = file_lock(place, "users", err)) >= 0 && lock_take(cluster->lock_fd, LOCK_EX, err))
        return cluster;
    cluster_free(cluster);
    return NULL;
}

/* ---- use ---- */

/* Where the server's programs lie. They are looked for only where one must run: to ask each for its version costs more than to read a
 * page of a report. */
static bool programs_set(struct cluster_server *server, struct error *err)
{
    char bin[CLUSTER_PATH_MAX];
    int found;
    if (server->bin[0] != '\0')
        return true;
    if (!cluster_server_find(server->major, bin, &found, err))
        return false;
    server->major = found;
    memcpy(server->bin, bin, sizeof bin);
    return true;
}

/* Which version, and is it made? The data decides; without data, the newest programs. */
static bool server_choose(struct cluster *cluster, struct error *err)
{
    struct cluster_server programs = {.major = data_major(cluster->place.home)};
    if (programs.major != 0)
        return server_of(&cluster->place, programs.major, &cluster->server, err);
    if (!programs_set(&programs, err) || !server_of(&cluster->place, programs.major, &cluster->server, err))
        return false;
    memcpy(cluster->server.bin, programs.bin, sizeof programs.bin);
    return cluster_server_init(&cluster->server, err);
}

static bool server_run(struct cluster_server *server, struct error *err)
{
    return cluster_server_says_ready(server) || cluster_server_is_up(server) || (programs_set(server, err) && cluster_server_start(server, err));
}

struct cluster *cluster_acquire(const struct cluster_place *place, struct error *err)
{
    struct cluster *cluster = cluster_locked(place, err);
    if (cluster == NULL)
        return NULL;
    if (server_choose(cluster, err) && lock_take(cluster->users_fd, LOCK_SH, err) && server_run(&cluster->server, err)) {
        cluster->dsn = cluster_server_dsn(&cluster->server);
        flock(cluster->lock_fd, LOCK_UN);
        return cluster;
    }
    cluster_free(cluster);
    return NULL;
}

/* Under the lock: stops the server if no other process uses it. */
static bool stop_if_last(struct cluster *cluster, bool *others, struct error *err)
{
    flock(cluster->users_fd, LOCK_UN);
    *others = flock(cluster->users_fd, LOCK_EX | LOCK_NB) != 0;
    if (*others || !cluster_server_is_up(&cluster->server))
        return true;
    return programs_set(&cluster->server, err) && cluster_server_stop(&cluster->server, err);
}

bool cluster_recovers(const struct cluster *cluster)
{
    return cluster_server_is_up(&cluster->server);
}

void cluster_release(struct cluster *cluster)
{
    struct error err = {0};
    bool others;
    if (cluster == NULL)
        return;
    if (!lock_take(cluster->lock_fd, LOCK_EX, &err) ||
        (!is_pinned(&cluster->place) && !stop_if_last(cluster, &others, &err)))
        log_warning("%s", err.text);
    cluster_free(cluster);
}

char *cluster_complaint(const struct cluster *cluster)
{
    return cluster_server_complaint(&cluster->server);
}

const char *cluster_dsn(const struct cluster *cluster)
{
    return cluster->dsn;
}

/* ---- db start, stop, status ---- */

bool cluster_pin(const struct cluster_place *place, struct error *err)
{
    struct cluster *cluster = cluster_acquire(place, err);
    if (cluster == NULL)
        return false;
    int fd = file_lock(place, "pinned", err);
    if (fd >= 0)
        close(fd);
    cluster_release(cluster);
    return fd >= 0;
}

bool cluster_stop(const struct cluster_place *place, struct error *err)
{
    struct cluster *cluster = cluster_locked(place, err);
    int major = cluster == NULL ? 0 : data_major(place->home);
    if (major == 0) {
        cluster_free(cluster);
        return cluster != NULL;
    }
    char *pinned = xasprintf("%s/pinned", place->home);
    if (unlink(pinned) != 0 && errno != ENOENT)
        log_warning("%s: %s", pinned, strerror(errno));
    free(pinned);
    bool others = false;
    bool ok = server_of(place, major, &cluster->server, err) && stop_if_last(cluster, &others, err);
    if (ok && others)
        ok = error_set(err, ERROR_DATABASE,
                       "the private database is in use by another certsweep; it stops when that one ends");
    cluster_free(cluster);
    return ok;
}

bool cluster_status(const struct cluster_place *place, struct cluster_status *status, struct error *err)
{
    char bin[CLUSTER_PATH_MAX];
    struct cluster_server server;
    *status = (struct cluster_status){.major = data_major(place->home), .pinned = is_pinned(place)};
    cluster_server_find(0, bin, &status->newest_major, NULL);
    if (status->major == 0)
        return true;
    if (!server_of(place, status->major, &server, err))
        return false;
    status->dsn = cluster_server_dsn(&server);
    status->running = cluster_server_is_up(&server);
    return true;
}

/* ---- db dump, restore ---- */

/* The programs for a database that we do not run: the newest. */
static bool programs_find(struct cluster_server *programs, struct error *err)
{
    int major;
    *programs = (struct cluster_server){.uid = geteuid(), .gid = getegid()};
    return cluster_server_find(0, programs->bin, &major, err);
}

bool cluster_dump(const char *dsn, int fd, struct error *err)
{
    struct cluster_server programs;
    return programs_find(&programs, err) && cluster_server_dump(&programs, dsn, fd, err);
}

bool cluster_restore(const char *dsn, int fd, struct error *err)
{
    struct cluster_server programs;
    return programs_find(&programs, err) && cluster_server_restore(&programs, dsn, fd, err);
}

/* ---- db upgrade ---- */

/* The new cluster gets its final name when it is whole: a crash in between leaves the old one in its place. */
static bool fresh_fill(const struct cluster_server *fresh, const char *dump, const char *final, struct error *err)
{
    bool ok = cluster_server_init(fresh, err) && cluster_server_start(fresh, err);
    if (!ok)
        return false;
    char *dsn = cluster_server_dsn(fresh);
    ok = cluster_server_restore_folder(fresh, dsn, dump, err);
    free(dsn);
    ok = cluster_server_stop(fresh, ok ? err : NULL) && ok;
    return ok && (rename(fresh->folder, final) == 0 || error_set(err, ERROR_IO, "%s: %s", final, strerror(errno)));
}

static bool upgrade(struct cluster *old, int major, const char *bin, struct error *err)
{
    struct cluster_server fresh, dumper = old->server;
    if (!server_of(&old->place, major, &fresh, err))
        return false;
    memcpy(fresh.bin, bin, CLUSTER_PATH_MAX);
    memcpy(dumper.bin, bin, CLUSTER_PATH_MAX);          /* the newer pg_dump reads the older server */
    char *final = xstrdup(fresh.folder), *path = xasprintf("%s/upgrade.dump", old->place.home);
    snprintf(fresh.folder, sizeof fresh.folder, "%.*s/upgrade", CLUSTER_PATH_MAX - 40, old->place.home);
    snprintf(fresh.data, sizeof fresh.data, "%.*s/upgrade/data", CLUSTER_PATH_MAX - 40, old->place.home);
    memcpy(fresh.run, old->server.run, sizeof fresh.run);       /* the old one is down by then */
    char *dsn = cluster_server_dsn(&old->server);
    bool ok = cluster_server_remove(&fresh, err) &&
              programs_set(&old->server, err) && server_run(&old->server, err) &&
              cluster_server_dump_folder(&dumper, dsn, path, err) && cluster_server_stop(&old->server, err) &&
              fresh_fill(&fresh, path, final, err);
    ok = cluster_server_remove_folder(&dumper, path, ok ? err : NULL) && ok;
    free(dsn);
    free(path);
    free(final);
    return ok;
}

bool cluster_upgrade(const struct cluster_place *place, int *from, int *to, struct error *err)
{
    char bin[CLUSTER_PATH_MAX];
    struct cluster *cluster = cluster_locked(place, err);
    if (cluster == NULL)
        return false;
    *from = data_major(place->home);
    bool ok = cluster_server_find(0, bin, to, err);
    if (ok && (*from == 0 || *from >= *to))
        *to = *from;
    else if (ok && flock(cluster->users_fd, LOCK_EX | LOCK_NB) != 0)
        ok = error_set(err, ERROR_DATABASE, "the private database is in use; end that certsweep first");
    else if (ok)
        ok = server_choose(cluster, err) && upgrade(cluster, *to, bin, err);
    cluster_free(cluster);
    return ok;
}
