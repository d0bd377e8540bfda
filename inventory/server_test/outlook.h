/* What today's facts will mean on a later day: dates that CAs, browsers and standards have announced. A row applies where the facts
 * show it; what is not known says nothing. The SSL Labs guide 2009r announces no cap of a later date. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/server_facts.h"

struct outlook {
    const char *date;                   /* "2030-01-02": from then on */
    const char *source;
    char text[128];
};

#define OUTLOOK_MAX 12

/* By date. now: seconds since 1970; what has come already is left out: it is a profile's clause, or a rule's. */
size_t outlook_judge(const struct server_facts *facts, const struct chain_check *chain, int64_t now, struct outlook list[OUTLOOK_MAX]);
