/* Root parses nothing. Started by root, certsweep is three processes:
 *
 *     starter    root, the one that the user started: opens what the command line names, starts the worker, gives a finished output its
 *                name, forwards signals. It reads no byte of a file and none of a database.
 *     keeper     certsweep (the owner of the private database's folder), no capability, no new privileges, no terminal, a filter: runs
 *                the command. What it may not open itself it asks of the starter (probes/base/user_file.h)
 *     helper     as the keeper, without the filter: PostgreSQL's programs are started there (inventory/store/child_process.h)
 *
 * What a compromised keeper can get from the starter: for reading, what the command line, the settings or the plan
 * name, and what lies below it; for writing, what is named as output, the side files of bundles, and what lies in
 * the folders of our own data (there without any symbolic link). It can also start a worker, which confines
 * itself. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct starter_word {
    const char *path;           /* as the user wrote it */
    bool is_output;             /* may be written, too */
};

struct starter_rules {
    uid_t uid;                  /* the keeper's */
    gid_t gid;
    const char *home, *bundles; /* folders of our data; made for the keeper where they are not there */
    const char *run;            /* the socket's; NULL: inside home */
    const char *plan;           /* a plan: what it names may be read; NULL none */
    struct starter_word *words;
    size_t word_count;
    void (*serve)(int socket);  /* the helper's work, until its socket ends; NULL: no helper */
    void (*use)(int socket);    /* in the keeper: where the helper is */
};

/* Call before we have opened any descriptor. */
void starter_close_inherited(const struct starter_rules *rules);

/* True in the keeper, which goes on with the command. False in the starter, at the end: *code is how the keeper
 * ended, or err is set because it could not be started. */
bool starter_split(const struct starter_rules *rules, int *code, struct error *err);
