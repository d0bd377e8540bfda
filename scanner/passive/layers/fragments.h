/* IP fragments until their datagram is whole (RFC 791, section 3.2; RFC 8200, section 4.5). Bounded in datagrams,
 * bytes and time (the packets' own); of overlapping bytes the first ones stay. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fragment {
    int64_t time_us;
    const uint8_t *source, *destination;
    uint8_t ip_len;
    uint8_t protocol;           /* of the first fragment, after it is whole */
    uint32_t id;
    size_t offset;              /* bytes */
    bool more;
    struct byte_reader bytes;
};

struct fragments;

struct fragments *fragments_create(void);
void fragments_destroy(struct fragments *fragments);

/* True when this was the last missing one: *datagram is the whole payload, borrowed until the next call, and
 * fragment->protocol what it holds. */
bool fragments_add(struct fragments *fragments, struct fragment *fragment, struct byte_reader *datagram);
