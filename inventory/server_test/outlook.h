/* What today's facts will mean on a later day: dates that CAs, browsers and standards have announced. A row applies
 * if the facts show it; an unknown fact gives no row. The SSL Labs guide 2009r announces no cap of a later date. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/server_facts.h"

struct outlook {
    const char *date;                   /* "2030-01-02": from then on */
    const char *source;
    char text[128];
};

#define OUTLOOK_MAX 12

/* By date. now: seconds since 1970; past dates are left out: profiles and rules cover them. */
size_t outlook_judge(const struct server_facts *facts, const struct chain_check *chain, int64_t now, struct outlook list[OUTLOOK_MAX]);
