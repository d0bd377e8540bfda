/* PostgreSQL's own programs: where they are, and the few things asked of them. Used by cluster.c under its lock. */
#pragma once
#include "inventory/store/cluster.h"

#define CLUSTER_DATABASE "certsweep"
#define CLUSTER_PATH_MAX 512
#define CLUSTER_SYSTEM_RUN "/run/certsweep"

struct cluster_server {
    int major;
    char bin[CLUSTER_PATH_MAX];     /* folder of initdb, pg_ctl, postgres */
    char folder[CLUSTER_PATH_MAX];  /* HOME/pgN */
    char data[CLUSTER_PATH_MAX];    /* HOME/pgN/data */
    char run[CLUSTER_PATH_MAX];     /* the socket's folder: short (sun_path holds 107 bytes) */
    uid_t uid;
    gid_t gid;
};

/* The newest server binaries, or those of one major version (0: newest); ERROR_DATABASE that names the package. */
bool cluster_server_find(int major, char bin[CLUSTER_PATH_MAX], int *found, struct error *err);

bool cluster_server_init(const struct cluster_server *server, struct error *err);     /* initdb, role, database */
bool cluster_server_remove(const struct cluster_server *server, struct error *err);   /* its folder, with all in it */
bool cluster_server_start(const struct cluster_server *server, struct error *err);
bool cluster_server_stop(const struct cluster_server *server, struct error *err);
bool cluster_server_is_up(const struct cluster_server *server);         /* waits while it starts or stops */
char *cluster_server_complaint(const struct cluster_server *server);    /* of its log's end; yours, or NULL */
char *cluster_server_dsn(const struct cluster_server *server);          /* yours */

/* pg_dump and pg_restore of that version; fd is the dump. A server with no folder is only a place of programs, run
 * with our own environment. */
bool cluster_server_dump(const struct cluster_server *server, const char *dsn, int fd, struct error *err);
bool cluster_server_restore(const struct cluster_server *server, const char *dsn, int fd, struct error *err);

/* A folder of the server's user, made where it is not; refused where it is somebody else's. */
bool cluster_folder_make(const char *path, uid_t uid, gid_t gid, mode_t mode, struct error *err);
