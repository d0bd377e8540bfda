/* The letter of one owner: what to do and by which day, first day first; what to answer if something is not theirs; all of their
 * certificates. It contains no row of another owner; of what is shared it names the others, and how many places they have. */
#pragma once
#include "reports/document/document.h"

struct letter {
    const char *contacts;                           /* to whom it goes, "a@x, b@x" */
    const char *stem;                               /* the name of the files beside it without their ending */
    const char *judged;                             /* what it does not know yet, "as of ...; 2 changes since are not judged yet"; NULL: nothing */
    long long certificates, unserved, filed, places;        /* unserved: of these, recorded or in a file alone; filed: in a file */
    bool has_findings, has_calendar;                /* whether the files beside it hold any; as of another day there is no calendar */
    long long ended;                                /* of these, how many have ended */
    const char *ended_on;                           /* and the last day of these; NULL: none has */
    const char *next_end, *next_name;               /* the first certificate to end; NULL: none is to come */
};

/* Of the owner that the open document is filled with. What nobody owns is told to the sender, who can name an owner. */
bool letter_write(struct document *document, const struct letter *letter, FILE *out, struct error *err);
