/* The status of a root in the root programmes: the first and the last of their lists that have it, and from when
 * they distrust the certificates that it issues. Lists are snapshots of single days, so "since" is the first list
 * that has the root (earlier where that is our oldest one), and a root that was added and removed between two of
 * them is not seen. A root without any list is not "trusted nowhere": only programmes of which we have a list are
 * named. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROOT_PROGRAMMES_MAX 8       /* statements about one root */

struct root_list {                  /* one programme's list on one day */
    char day[11];                   /* "2022-10-16" */
    char version[80];               /* "13.0.0_r9", "iOS 16, iPadOS 16, macOS 13, ..."; "": the programme has no versions */
};

struct root_programme {
    char programme[16];             /* "Android", "Apple", "Chrome", "Microsoft", "Mozilla", "OpenJDK" */
    bool is_listed;                 /* first and last are set; false: only distrust is known (Chrome) */
    struct root_list first, last;   /* the oldest and the newest list that has the root */
    bool is_since_before;           /* first is the oldest list that we have of the programme: it may be much older */
    bool is_trusted;                /* last is the newest list that we have of the programme */
    char distrust_day[11];          /* what is issued later (UTC) is not trusted; "": no such statement */
    bool distrust_by_sct;           /* "issued" is the day of the earliest SCT, not notBefore */
    char distrust_version[16];      /* the first version that does so; "": all that know the day */
    char source[160];               /* where the newest list, or the distrust, was read */
};

/* Statements about the root with this SHA-256 (of its DER), by programme; returns their number. name (may be NULL)
 * gets its name, "" if no list has it. */
size_t root_programmes_find(const uint8_t sha256[32], struct root_programme found[ROOT_PROGRAMMES_MAX], char name[128]);
