/* All that is known of one certificate or one endpoint, as a page for people: what it is and whose, one sentence, what was found, then the
 * facts, where it is served or what it shows, and its history. The rows are those of the report (subjects.c): section, item, value, time. */
#pragma once
#include "reports/page.h"
#include "reports/report.h"

#define SUBJECT_LINKS_MAX 16

/* What another room adds to the page of a single subject, behind its findings. */
struct subject_extra {
    size_t (*links)(void *context, struct page_link links[SUBJECT_LINKS_MAX]);
    void (*sections)(void *context, FILE *out);
    void *context;
};

/* report: certificate or endpoint. extra NULL: nothing is added. *rows gets the number of facts. */
bool subject_page_write(const struct report *report, const struct report_options *options, struct db *db, const struct subject_extra *extra,
                        FILE *out, size_t *rows, struct error *err);
