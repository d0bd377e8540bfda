/* Which clients would connect, and with what: computed from what the server accepts and each client's recorded
 * hello (clients_table.h), as RFC 8446, section 4.1.1, and RFC 5246, section 7.4.1.3, define the choice. Needs the
 * suites and groups of `--depth deep`. The client is assumed to trust the certificate. */
#pragma once
#include "inventory/server_test/clients_table.h"
#include "inventory/server_test/server_facts.h"

struct client_result {
    const struct client *client;
    bool is_known;                  /* false: the facts do not suffice (why_not says why if those of other clients do) */
    bool connects;
    uint16_t version;
    const char *suite, *group;      /* IANA's names; group NULL: none, or TLS 1.2 without ECDHE */
    const char *why_not;            /* "no common version", "no common suite", "no common group" */
};

#define CLIENTS_MAX 64

size_t clients_simulate(const struct server_facts *facts, struct client_result list[CLIENTS_MAX]);
bool clients_are_simulated(const struct client_result *list, size_t count);     /* false: of none is anything known */
