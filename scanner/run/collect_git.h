/* The two processes of git that give one repository's objects to the reader (scanner/files/git_objects.h). Git sees the
 * repository's objects and nothing else of it: its folder is an empty one of ours, so no setting, hook, filter or helper program of the
 * repository is read or run, whoever owns it, and nothing is fetched. */
#pragma once
#include "probes/base/error.h"
#include "scanner/files/git_objects.h"

struct collect_git {
    pid_t lister, giver;                /* 0: none */
    int pipes[GIT_PIPES];               /* the reader's ends, -1 none */
    char folder[32];                    /* "" none */
};

/* folder: of the repository, open. */
bool collect_git_start(struct collect_git *git, int folder, struct error *err);

/* Ends both: whoever reads their pipes comes to the end. */
void collect_git_kill(const struct collect_git *git);

/* A number that grows while they or the reader work (time of CPU); 0 unknown. */
uint64_t collect_git_work(const struct collect_git *git, int reader);

/* The pipes are whoever's took them. False: the list of objects was not whole. */
bool collect_git_stop(struct collect_git *git);
