/* The server test as people and programs read it: one screen on a terminal, or one JSON document. Each writes what is in the
 * judgement and judges nothing itself. Foreign texts are cleaned. */
#pragma once
#include "inventory/server_test/changes.h"
#include "inventory/server_test/judgement.h"

#include <stdio.h>

/* is_long: also what was refused and untested, schemes and unimportant features. width: of the terminal. */
void server_test_text(FILE *out, const struct server_judgement *judgement, bool is_long, unsigned width);

/* Where the facts come from; NULL: not known, and not shown. */
struct server_test_origin {
    const char *site, *owner, *asked_by;
    const char *written_by;             /* "certsweep 1.0.0" */
    const char *twin;                   /* another address of the same name that was tested too: "192.0.2.1:443" */
    const struct server_change *differences;            /* from the twin to this one */
    size_t difference_count;
};

/* Where one address of a name differs from another, or that none does: a line each. */
void server_test_twins(FILE *out, const char *place, const struct server_test_origin *origin, unsigned width);

struct server_test_past;                /* server_test_sections.h */

/* One object a server, in an array: begin, one a server, end. origin and past may be NULL. */
struct server_test_document;
struct server_test_document *server_test_json_begin(void);
void server_test_json_add(struct server_test_document *document, const struct server_judgement *judgement,
                          const struct server_test_origin *origin, const struct server_test_past *past);
void server_test_json_end(struct server_test_document *document, FILE *out);       /* out NULL: discards it */

/* One server as a page of its own (reports/page.h). past NULL: no test before is known. */
void server_test_html(FILE *out, const struct server_judgement *judgement, const struct server_test_origin *origin,
                      const struct server_test_past *past);
