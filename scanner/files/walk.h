/* Walks a tree of files: each regular file is opened and passed on, once. Each name is opened relative to its
 * folder (openat), so that a folder that is moved or replaced by a link meanwhile cannot redirect the walk.
 * Symbolic links are never followed: a target inside the tree is found anyway. Devices, sockets, pipes and file
 * systems of the kernel are counted and skipped. */
#pragma once
#include "probes/base/error.h"
#include "scanner/files/file_scanner.h"

#define WALK_DEPTH_MAX 256              /* folders below each other */
#define WALK_LAYOUT_MAX 200u            /* blobs of an image; of a layout with more each is a file like any other */

struct walk_options {
    struct path_globs include;          /* none: every file */
    struct path_globs exclude;
    bool other_file_systems;
    bool git_history;                   /* repositories are given to the sink, too */
};

struct walk_counts {
    uint64_t folders, files, links, special, kernel, other_file_systems, excluded, repositories;
};

struct walk_sink {
    /* fd is the callee's to close. False: stop. */
    bool (*file)(void *context, const struct file_status *status, int fd);
    bool (*fault)(void *context, const struct file_status *status, enum file_outcome outcome, const char *detail);
    /* A repository of git: its folder of objects lies in `folder`, which stays the caller's. Called with git_history only. */
    bool (*repository)(void *context, const struct file_status *status, int folder);
    /* An image as a folder (OCI layout): its files, names[] from that folder. The descriptors are the callee's to close. */
    bool (*layout)(void *context, const struct file_status *status, const char *const *names, const int *fds, unsigned count);
    /* A device, socket or pipe in the tree, or what is of a file system of the kernel, or of another one that is not asked for: left
     * alone; may be NULL. */
    void (*left)(void *context, const char *path, const char *what);
    void *context;
};

/* path: as realpath() gives it; if it is itself something that is left alone, the sink is told so as a fault. False if the sink stopped the walk; what cannot be opened is reported to the
 * sink. */
bool walk_run(const char *path, const struct walk_options *options, const struct walk_sink *sink, struct walk_counts *counts);
