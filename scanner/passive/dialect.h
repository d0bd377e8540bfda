/* Which protocol ran before TLS, recognised by the first words of client and server. Names
 * are those of the probes. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIALECT_OPENING_MAX 192     /* first bytes of each side that are kept for it */

struct dialect_side {
    uint8_t bytes[DIALECT_OPENING_MAX];
    size_t len;
    uint8_t last[16];               /* the last bytes before TLS: "AUTH TLS\r\n", "STARTTLS\r\n" */
    size_t last_len;
};

void dialect_note(struct dialect_side *side, const uint8_t *bytes, size_t len);

/* Never NULL; "tls" where both are empty, "starttls" where nothing is known. */
const char *dialect_name(const struct dialect_side *client, const struct dialect_side *server);

/* The same as a number that a flow can keep when its words are gone, whichever side the client is. Never 0;
 * DIALECT_UNKNOWN where nothing is known. */
#define DIALECT_UNKNOWN 255
uint8_t dialect_number(const struct dialect_side *a, const struct dialect_side *b);
const char *dialect_of_number(uint8_t number);

/* Do they speak HTTP, without having agreed on a tunnel or on TLS? Then what looks like TLS is in a body. */
bool dialect_is_body(const struct dialect_side *a, const struct dialect_side *b);
bool dialect_number_is_body(uint8_t number);

/* Is the last thing before TLS a line of text, as what agrees to STARTTLS is in most protocols? */
bool dialect_ends_in_line(const struct dialect_side *side);

/* Has one of them asked for TLS, or is it a protocol that may soon? */
bool dialect_may_start_tls(const struct dialect_side *a, const struct dialect_side *b);
