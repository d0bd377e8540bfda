/* The oracle: what libssl's own client gets from an endpoint that is asked for the same as our capture asks. It implements the
 * standard independently, so each difference needs an explanation. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oracle_answer {
    uint16_t version;
    int32_t cipher_suite;
    char *chain;                        /* SHA-256 of each certificate in hex, with commas; NULL: no certificate came */
};

/* Connects to address (numeric) and asks under server_name ("" none) with the suites of our hellos for a chain, in their
 * order. False where no connection could be made. */
bool oracle_ask(const char *address, uint16_t port, const char *server_name, struct oracle_answer *answer);
void oracle_answer_clear(struct oracle_answer *answer);

/* Could libssl have chosen so? This build of it may lack the suite, the group or the version. */
struct tls_group;
bool oracle_knows(uint16_t version, int32_t cipher_suite, const struct tls_group *group);     /* NULL: none, or static */

/* The same text of a chain that was captured. The caller frees it. */
struct der;
char *oracle_chain_text(const struct der *certs, size_t count);
