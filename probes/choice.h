/* Which probes are tried on an endpoint, one after the other, until one fits: the named one; with `auto` TLS first;
 * otherwise the one of its port. The server's answer selects the next:
 *
 *     it sent plaintext, even in answer to a hello     the dialect that its words name
 *     TLS where a dialect was expected, or silence     TLS at once
 *     no TLS at once, and no plaintext                 the dialect of its port
 *
 * A web server's answer leads to HTTP Upgrade only with `auto`, since there are many web servers and almost none
 * supports it. A named probe is the only one tried; a probe that must be named (the PROXY protocol) is never
 * chosen. */
#pragma once
#include "probes/base/outcome.h"
#include "probes/base/probe.h"

#define PROBE_CHOICE_MAX 3              /* probes to one endpoint, whatever it answers */
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

/* The next probe after a connection that ended with this outcome and without a chain. words: what the server sent
 * first (may be empty). NULL: no further probe is worth a connection. */
const struct probe *probe_choice_next(struct probe_choice *choice, enum outcome outcome, const uint8_t *words, size_t len);

/* The dialect that a server's first words name; NULL if they name none that leads to TLS. */
const struct probe *probe_of_words(const uint8_t *words, size_t len);

/* Formats plaintext words as a detail (DETAIL_SIZE): "14 bytes: 250 injected??". */
void probe_words_format(const uint8_t *words, size_t len, char *detail);
