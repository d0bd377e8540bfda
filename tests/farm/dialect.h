/* The servers' side of the STARTTLS dialects: a script of what is waited for and what is then said. */
#pragma once
#include "probes/base/byte_buffer.h"

#include <stdbool.h>

struct dialect_turn {
    const char *until;              /* answered when what came contains this; NULL: after len bytes */
    size_t len;
    const char *answer;
    size_t answer_len;
};

struct dialect {
    const char *name;               /* of the probe */
    const char *greeting;
    size_t greeting_len;
    struct dialect_turn turns[4];   /* one without an answer ends the talk; TLS follows */
};

const struct dialect *dialect_find(const char *name);

/* Takes what has come; appends answers to out; true when TLS begins with what is left in `in`. */
bool dialect_talk(const struct dialect *dialect, unsigned *turn, struct byte_buffer *in, struct byte_buffer *out);
