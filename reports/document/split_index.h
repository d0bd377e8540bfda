/* The index of a folder of letters: a line for each owner, the most urgent first, and those who have no letter any more. It is for the sender. */
#pragma once
#include "reports/document/document.h"

#include <stdbool.h>
#include <stdio.h>

/* Columns of split_count.sql. */
enum { LINE_CERTIFICATES, LINE_UNSERVED, LINE_PLACES, LINE_TO_HANDLE, LINE_OVERDUE, LINE_SEVERITY, LINE_NAME, LINE_TITLE, LINE_NEXT_DAY,
      LINE_DAYS, LINE_END, LINE_END_NAME, LINE_WEEK, LINE_MONTH,
       LINE_FILED, LINE_FINDINGS, LINE_ENDED, LINE_ENDED_ON, LINE_REPLACED, LINE_FIELDS };

/* An owner's files and its line of the index. Of a former owner, who gets no letter any more, it has no fields. */
struct split_line {
    char *owner, *contacts, *stem;
    char *fields[LINE_FIELDS];
    bool has_calendar;          /* or nothing ever had a day */
};

#define SPLIT_LIST_ENDING "-certificates"       /* of the second list's name, ahead of .csv */

/* What needs action of all letters together, each certificate and server once: split_due.sql. */
struct split_due {
    long long overdue, week, month, all;
};

struct split_index {
    const struct document *document;
    const struct document_options *options;
    const struct split_line *lines;         /* of owners, then of former ones */
    size_t count, former_count;
    long long certificates;                 /* of all letters together, each once */
    struct split_due due;
    const char *matter;                     /* what is for the policy, and for no owner (policy_matter.h), as markup */
    size_t matter_len;
    const char *judged;                     /* what the letters do not know yet; NULL: nothing */
};

long long split_line_count(const struct split_line *line, size_t field);
/* For qsort(): the most urgent first, as the document has its owners. */
int split_line_compare(const void *left, const void *right);
void split_index_print(const struct split_index *index, FILE *out);
