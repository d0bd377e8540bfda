/* The cookie of a SYN: SipHash-2-4 (Aumasson, Bernstein 2012) over both ends. It chooses sequence number and
 * source port, so an answer proves that it belongs to one of our SYNs, and nothing has to be remembered.
 */
#pragma once
#include "probes/base/address.h"

struct cookie_key {
    uint64_t words[2];
};

struct cookie_key cookie_key_of(const uint8_t bytes[16]);

/* The high half chooses the source port, the low half is the sequence number. */
uint64_t cookie_of(const struct cookie_key *key, const struct address *source,
                   const struct address *destination, uint16_t destination_port);

uint64_t siphash_2_4(const struct cookie_key *key, const uint8_t *bytes, size_t len);
