/* Which probes an endpoint is asked with, one after the other, until one is right: the one that was named; or by `auto`
 * TLS first; or by its port. What the server says decides what comes next:
 *
 *     it spoke in the clear, or answered a hello so    the dialect that its words name
 *     TLS where a dialect was expected, or silence     TLS at once
 *     no TLS at once, and no word                      the dialect of its port
 *
 * What a web server answers leads to its Upgrade only by `auto`: nearly none has one, and there are many of them. A
 * probe that was named is the only one, and nothing leads to one that may only be named (the PROXY protocol). */
#pragma once
#include "probes/base/outcome.h"
#include "probes/base/probe.h"

#define PROBE_CHOICE_MAX 3              /* probes to one endpoint, whatever it says */
#define PROBE_WORDS_MAX  128            /* of a server's first words, which name a dialect */

struct probe_choice {
    const struct probe *tried[PROBE_CHOICE_MAX];
    unsigned count;
    bool is_named, is_auto;
    uint16_t port;
};

bool probe_choice_knows(const char *name);      /* a probe's name, or "auto" */

/* The first probe. name: as probe_choice_knows() has it; NULL, or an unknown one: by port. */
const struct probe *probe_choice_begin(struct probe_choice *choice, const char *name, uint16_t port);

/* The next one, after a connection that brought no chain ended so; words: what the server sent first (may be empty).
 * NULL: nothing more is worth a connection. */
const struct probe *probe_choice_next(struct probe_choice *choice, enum outcome outcome, const uint8_t *words, size_t len);

/* The dialect that a server's first words name; NULL where they name none that leads to TLS. */
const struct probe *probe_of_words(const uint8_t *words, size_t len);

/* Words in the clear as a fact's detail (DETAIL_SIZE): "14 bytes: 250 injected??". */
void probe_words_format(const uint8_t *words, size_t len, char *detail);
