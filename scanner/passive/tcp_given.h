/* What one direction of a connection has handed on, kept so that a second copy of it can be compared: the first bytes as they
 * were, as far as they came without a hole, and behind them a hash of each whole block. So a chain of any length that is
 * reported is covered for a sixteenth of its size. What is not noticed: a change in the first or last part of a copy that
 * fills no block (less than a block at each end, behind the first bytes alone), and what lies beyond the limit. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TCP_GIVEN_BYTES_MAX  (32u << 10)        /* kept as they were */
#define TCP_GIVEN_BLOCK      64u
#define TCP_GIVEN_BLOCKS_MAX ((1u << 20) / TCP_GIVEN_BLOCK)     /* a Certificate message is no longer (tls_session.h) */

struct tcp_given {
    bool began;
    uint32_t start;                 /* the sequence number of the first byte */
    uint8_t *bytes;
    uint32_t len, capacity;
    uint32_t *hashes;               /* by block, counted from first_block on; 0: it did not come whole */
    uint32_t first_block, hash_count, hash_capacity;
    uint64_t key;                   /* of the hashes: a sender cannot make two blocks equal */
    uint32_t partial_at;            /* where the block under way goes on */
    uint32_t partial_len;
    uint8_t partial[TCP_GIVEN_BLOCK];
};

void tcp_given_clear(struct tcp_given *given);
void tcp_given_add(struct tcp_given *given, uint32_t sequence, const uint8_t *bytes, size_t len);      /* ascending */
bool tcp_given_differs(const struct tcp_given *given, uint32_t sequence, const uint8_t *bytes, size_t len);

static inline size_t tcp_given_memory(const struct tcp_given *given)
{
    return given->capacity + given->hash_capacity * sizeof *given->hashes;
}
