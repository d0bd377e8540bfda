#include "scanner/passive/tcp_given.h"

#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

void tcp_given_clear(struct tcp_given *given)
{
    free(given->bytes);
    free(given->hashes);
    *given = (struct tcp_given){0};
}

static size_t keep_bytes(struct tcp_given *given, const uint8_t *bytes, size_t len)
{
    size_t room = TCP_GIVEN_BYTES_MAX - given->len;
    len = len < room ? len : room;
    if (given->len + len > given->capacity) {
        uint32_t want = given->capacity != 0 ? given->capacity : len > 1024 ? 6144 : 2048;      /* a flight; a hello */
        while (want < given->len + len)
            want *= 2;
        want = want < TCP_GIVEN_BYTES_MAX ? want : TCP_GIVEN_BYTES_MAX;
        given->bytes = xrealloc(given->bytes, want);
        given->capacity = want;
    }
    memcpy(given->bytes + given->len, bytes, len);
    given->len += (uint32_t)len;
    return len;
}

static uint32_t hash_of(const struct tcp_given *given, const uint8_t *block)
{
    uint32_t hash = (uint32_t)fast_hash(given->key, block, TCP_GIVEN_BLOCK);
    return hash == 0 ? 1 : hash;
}

static void keep_hash(struct tcp_given *given, uint32_t block, const uint8_t *bytes)
{
    if (given->hashes == NULL) {
        given->key = fast_hash_key();
        given->first_block = block;
    }
    uint32_t at = block - given->first_block;
    if (at >= TCP_GIVEN_BLOCKS_MAX)
        return;
    if (at >= given->hash_capacity) {
        uint32_t want = given->hash_capacity == 0 ? 64 : given->hash_capacity;
        while (want <= at)
            want *= 2;
        given->hashes = xrealloc(given->hashes, want * sizeof *given->hashes);
        given->hash_capacity = want;
    }
    if (at > given->hash_count)         /* a hole */
        memset(given->hashes + given->hash_count, 0, (at - given->hash_count) * sizeof *given->hashes);
    given->hashes[at] = hash_of(given, bytes);
    given->hash_count = at + 1;
}

/* Pieces have any length: what does not fill a block waits for the next one, and is forgotten where a hole follows. */
static void keep_hashes(struct tcp_given *given, uint32_t at, const uint8_t *bytes, size_t len)
{
    if (at / TCP_GIVEN_BLOCK >= TCP_GIVEN_BYTES_MAX / TCP_GIVEN_BLOCK + TCP_GIVEN_BLOCKS_MAX)
        return;
    if (given->partial_len != 0 && given->partial_at != at)
        given->partial_len = 0;
    while (len != 0) {
        uint32_t inside = at % TCP_GIVEN_BLOCK;
        size_t step = TCP_GIVEN_BLOCK - inside < len ? TCP_GIVEN_BLOCK - inside : len;
        if (step == TCP_GIVEN_BLOCK) {
            keep_hash(given, at / TCP_GIVEN_BLOCK, bytes);
        } else if (inside == given->partial_len) {      /* else its beginning did not come */
            memcpy(given->partial + inside, bytes, step);
            given->partial_len += (uint32_t)step;
            if (given->partial_len == TCP_GIVEN_BLOCK) {
                keep_hash(given, at / TCP_GIVEN_BLOCK, given->partial);
                given->partial_len = 0;
            }
        }
        at += (uint32_t)step;
        bytes += step;
        len -= step;
    }
    given->partial_at = at;
}

void tcp_given_add(struct tcp_given *given, uint32_t sequence, const uint8_t *bytes, size_t len)
{
    if (!given->began) {
        given->began = true;
        given->start = sequence;
    }
    uint32_t at = sequence - given->start;
    if (at == given->len && given->len < TCP_GIVEN_BYTES_MAX) {
        size_t kept = keep_bytes(given, bytes, len);
        at += (uint32_t)kept;
        bytes += kept;
        len -= kept;
    }
    if (len != 0)
        keep_hashes(given, at, bytes, len);
}

static bool blocks_differ(const struct tcp_given *given, uint32_t at, const uint8_t *bytes, size_t len)
{
    size_t to_boundary = (TCP_GIVEN_BLOCK - at % TCP_GIVEN_BLOCK) % TCP_GIVEN_BLOCK;
    for (size_t i = to_boundary; i + TCP_GIVEN_BLOCK <= len; i += TCP_GIVEN_BLOCK) {
        uint32_t index = (at + (uint32_t)i) / TCP_GIVEN_BLOCK - given->first_block;
        if (index < given->hash_count && given->hashes[index] != 0 && given->hashes[index] != hash_of(given, bytes + i))
            return true;
    }
    return false;
}

bool tcp_given_differs(const struct tcp_given *given, uint32_t sequence, const uint8_t *bytes, size_t len)
{
    if (!given->began)
        return false;
    int32_t from = (int32_t)(sequence - given->start);      /* RFC 9293, section 3.4: modulo 2^32 */
    size_t skip = from < 0 ? (size_t)-(int64_t)from : 0, at = from > 0 ? (size_t)from : 0;
    if (skip >= len)
        return false;
    bytes += skip;
    len -= skip;
    if (at < given->len) {
        size_t both = len < given->len - at ? len : given->len - at;
        if (memcmp(bytes, given->bytes + at, both) != 0)
            return true;
    }
    return given->hash_count != 0 && blocks_differ(given, (uint32_t)at, bytes, len);
}
