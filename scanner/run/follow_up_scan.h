/* Asks (or lists) the endpoints whose certificate a capture could not see. The scope judges each candidate that the
 * workers wrote, and each is asked once within its time to live (follow_up_memory.h). Candidates of one dialect are
 * one scan, since the protocol before TLS is known here, whatever the port.
 *
 *     candidates --> can it be asked? --> scope --> asked already? --+--> a scan per dialect --> on_sealed()
 *                                                                    +--> or lines of a file
 *
 * A scan's plan names the captures ("follow_up_of"), so that the database can put its answers beside their
 * sightings. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct target_space;

struct follow_up_request {
    int candidates_fd;             /* lines of follow_ups.h */
    const char *targets_path;      /* where they are only listed; NULL: they are asked */
    const char *scope_path;        /* NULL none */
    const char *const *exclusions; /* SPEC or @FILE each, as with scan -x */
    size_t exclusion_count;
    const char *rate; /* NULL: the default of scans */
    const char *site;
    const char *output; /* bundles are OUTPUT.follow-up, OUTPUT.follow-up.2 ...; NULL: in their folder */
    int lines_fd;       /* JSON lines; -1 none */
    /* As scan_request.known_names, with the same context as below; NULL: nothing is known. */
    char *(*known_names)(void *context, const char *site, const struct target_space *space);
    /* A scan is over and its bundle sealed. */
    bool (*on_sealed)(void *context, const char *bundle, struct error *err);
    void *context;

    size_t asked, asked_before, out_of_scope, no_way; /* filled */
    int code;                                         /* filled: the exit code of the scans */
};

bool follow_up_scan(struct follow_up_request *request, struct error *err);
