/* What root programmes have said of a root: from which of their lists on they had it, until which, and since when they distrust what it
 * issues. Lists are snapshots of single days, so "since" is the first list that has the root (earlier where that is our oldest one), and
 * a root that was added and removed between two of them is not seen. No list at all does not mean "trusted nowhere": programmes
 * are named only where a list of theirs is known. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROOT_PROGRAMMES_MAX 8       /* statements about one root */

struct root_list {                  /* one programme's list on one day */
    char day[11];                   /* "2022-10-16" */
    char version[80];               /* "13.0.0_r9", "iOS 16, iPadOS 16, macOS 13, ..."; "": the programme counts none */
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

/* Statements about the root of this SHA-256 (of its DER), by programme; gives how many. name (may be NULL) gets its name, "" where no
 * list has it. */
size_t root_programmes_find(const uint8_t sha256[32], struct root_programme found[ROOT_PROGRAMMES_MAX], char name[128]);
