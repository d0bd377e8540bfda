/* The letter of the SSL Labs server rating guide, 2009r of 2025-05-16, in an implementation of our own (its table
 * of caps is in grade.c). What differs, on purpose:
 * - intrusive tests (Heartbleed, CCS, Ticketbleed, ROBOT, padding oracles) are not made: a letter is provisional, and
 *   says so;
 * - a service behind STARTTLS is graded as any other;
 * - trust in private roots counts beside public trust: "T; if trust is ignored: B";
 * - HSTS is a matter of HTTP and is not tested, so no letter is better than A.
 * - where several servers answer, what one of them refused caps nothing, and the letter is the best that any may have.
 * An untested fact neither raises nor caps the letter; the missing items are listed in `untested`. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/server_test/server_facts.h"

#define GRADE_CAPS_MAX 32

struct grade_cap {
    const char *letter;         /* "F", "T", "M", "C", "B", "A-" */
    const char *fact;           /* "TLS 1.0 is accepted" */
    const char *item;           /* the posture item that it is based on; NULL: the certificate */
};

struct grade {
    bool is_known;              /* a chain or a handshake without one was seen; else there is no letter */
    const char *letter;         /* all counted */
    const char *letter_trusted; /* assuming that trust and name are right */
    const char *letter_of_score;        /* without caps */
    double protocol, key_exchange, cipher, total;       /* 0 to 100 */
    const char *best_version, *worst_version;
    unsigned key_bits;          /* RSA's equivalent of the weakest key exchange, 0 unknown */
    unsigned best_bits, worst_bits;
    size_t cap_count;
    struct grade_cap caps[GRADE_CAPS_MAX];      /* worst first */
    bool is_cut;                /* some of them were asked and not answered, or the lists are not whole (not: spared by --ids-friendly), or several servers answer, or it
                                 * was not found out whether they do: the letter is the best that it may be */
    char untested[256];         /* items without which the letter may be too good; "" none */
};

void grade_server(const struct server_facts *facts, const struct chain_check *chain, struct grade *grade);

/* Is `letter` at least as good as `least`? T and M are worse than F here: no client should connect. */
bool grade_is_at_least(const char *letter, const char *least);
bool grade_parse(const char *text, const char **letter);        /* "A", "A-", "B" ... */
