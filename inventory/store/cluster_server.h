/* Finds and runs PostgreSQL's own programs. Used by cluster.c under its lock. */
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

/* Finds the newest server binaries (major 0), or those of one major version. The error (ERROR_DATABASE) names the package. */
bool cluster_server_find(int major, char bin[CLUSTER_PATH_MAX], int *found, struct error *err);

bool cluster_server_init(const struct cluster_server *server, struct error *err);     /* initdb, role, database */
bool cluster_server_remove(const struct cluster_server *server, struct error *err);   /* its folder with everything in it */
bool cluster_server_start(const struct cluster_server *server, struct error *err);
bool cluster_server_stop(const struct cluster_server *server, struct error *err);
bool cluster_server_says_ready(const struct cluster_server *server);    /* without a connection, which costs 3 ms */
bool cluster_server_is_up(const struct cluster_server *server);         /* waits while it starts or stops */
char *cluster_server_complaint(const struct cluster_server *server);    /* from the end of its log, to be freed; or NULL */
char *cluster_server_dsn(const struct cluster_server *server);          /* to be freed */

/* Run pg_dump and pg_restore of that version; fd is the dump. If server has no folder, only its programs are used, with
 * our own environment. */
bool cluster_server_dump(const struct cluster_server *server, const char *dsn, int fd, struct error *err);
bool cluster_server_restore(const struct cluster_server *server, const char *dsn, int fd, struct error *err);

/* The same by way of a folder, each by as many connections as this machine has processors: for a move from one cluster into a new one, which
 * is thrown away where the restore fails. What the folder held before is removed. */
bool cluster_server_dump_folder(const struct cluster_server *server, const char *dsn, const char *folder, struct error *err);
bool cluster_server_restore_folder(const struct cluster_server *server, const char *dsn, const char *folder, struct error *err);
bool cluster_server_remove_folder(const struct cluster_server *server, const char *folder, struct error *err);

/* Creates a folder of the server's user if it is missing; refuses one that belongs to another user. */
bool cluster_folder_make(const char *path, uid_t uid, gid_t gid, mode_t mode, struct error *err);
