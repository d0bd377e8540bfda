/* The server test as people and programs read it: one screen on a terminal, or one JSON document. Each writes what is in the
 * judgement and judges nothing itself. Foreign texts are cleaned. */
#pragma once
#include "inventory/server_test/judgement.h"

#include <stdio.h>

/* is_long: also what was refused and untested, schemes and the features that nobody misses. width: of the terminal. */
void server_test_text(FILE *out, const struct server_judgement *judgement, bool is_long, unsigned width);

/* One object a server, in an array. */
void server_test_json(FILE *out, const struct server_judgement *judgements, size_t count);

/* One server as a page of its own (reports/page.h). written_by: "certsweep 1.0.0". */
void server_test_html(FILE *out, const struct server_judgement *judgement, const char *written_by);
