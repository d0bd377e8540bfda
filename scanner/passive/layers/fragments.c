#include "scanner/passive/layers/fragments.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 256                       /* incomplete datagrams; the oldest is dropped */
#define DATAGRAM_MAX 65536
#define BYTES_MAX (8u << 20)            /* over all datagrams */
#define AGE_MAX_US 60000000
#define PIECES_MAX 512

struct piece {
    uint32_t offset, len;
};

struct datagram {
    bool used;
    uint8_t ip_len, protocol;
    uint8_t source[16], destination[16];
    uint32_t id;
    int64_t first_us;
    uint64_t order;                     /* when its first fragment came; the lowest is dropped first */
    size_t total;                       /* 0: the last fragment is missing */
    uint8_t *bytes;
    size_t capacity;
    struct piece *pieces;               /* disjoint, ascending */
    size_t piece_count;
};

struct fragments {
    struct datagram slots[SLOTS];
    uint64_t order;
    size_t bytes;                       /* allocated for all */
    uint8_t *whole;                     /* the datagram returned last */
};

struct fragments *fragments_create(void)
{
    return xcalloc(1, sizeof(struct fragments));
}

static void forget(struct fragments *fragments, struct datagram *datagram)
{
    fragments->bytes -= datagram->capacity;
    free(datagram->bytes);
    free(datagram->pieces);
    memset(datagram, 0, sizeof *datagram);
}

void fragments_destroy(struct fragments *fragments)
{
    if (fragments == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        forget(fragments, &fragments->slots[i]);
    free(fragments->whole);
    free(fragments);
}

static bool is_of(const struct datagram *datagram, const struct fragment *fragment)
{
    return datagram->used && datagram->id == fragment->id && datagram->ip_len == fragment->ip_len &&
           (fragment->ip_len == 16 || datagram->protocol == fragment->protocol) &&
           memcmp(datagram->source, fragment->source, fragment->ip_len) == 0 &&
           memcmp(datagram->destination, fragment->destination, fragment->ip_len) == 0;
}

static struct datagram *find_or_begin(struct fragments *fragments, const struct fragment *fragment)
{
    struct datagram *oldest = &fragments->slots[0];
    for (size_t i = 0; i < SLOTS; i++) {
        struct datagram *datagram = &fragments->slots[i];
        if (is_of(datagram, fragment)) {
            if (llabs(fragment->time_us - datagram->first_us) <= AGE_MAX_US)
                return datagram;
            forget(fragments, datagram);    /* an older datagram with the same identification */
        }
        if (oldest->used && (!datagram->used || datagram->order < oldest->order))
            oldest = datagram;
    }
    if (oldest->used)
        forget(fragments, oldest);
    oldest->used = true;
    oldest->ip_len = fragment->ip_len;
    oldest->protocol = fragment->protocol;
    memcpy(oldest->source, fragment->source, fragment->ip_len);
    memcpy(oldest->destination, fragment->destination, fragment->ip_len);
    oldest->id = fragment->id;
    oldest->first_us = fragment->time_us;
    oldest->order = ++fragments->order;
    return oldest;
}

static bool ensure_capacity(struct fragments *fragments, struct datagram *datagram, size_t len)
{
    if (len <= datagram->capacity)
        return true;
    size_t capacity = len < 4096 ? 4096 : len * 2 > DATAGRAM_MAX ? DATAGRAM_MAX : len * 2;
    if (fragments->bytes + capacity - datagram->capacity > BYTES_MAX)
        return false;
    datagram->bytes = xrealloc(datagram->bytes, capacity);
    fragments->bytes += capacity - datagram->capacity;
    datagram->capacity = capacity;
    return true;
}

/* Copies the bytes that are missing and notes them as pieces; on overlap the first copy wins. */
static bool put(struct datagram *datagram, size_t offset, const uint8_t *bytes, size_t len)
{
    size_t end = offset + len, i = 0;
    if (datagram->piece_count + 1 >= PIECES_MAX)
        return false;
    datagram->pieces = xreallocarray(datagram->pieces, PIECES_MAX < datagram->piece_count + 2 ? PIECES_MAX
                                     : datagram->piece_count + 2, sizeof *datagram->pieces);
    while (i < datagram->piece_count && datagram->pieces[i].offset + datagram->pieces[i].len < offset)
        i++;
    size_t from = offset, to = end, j = i;
    for (size_t at = offset; j < datagram->piece_count && datagram->pieces[j].offset <= end; j++) {
        struct piece piece = datagram->pieces[j];
        if (piece.offset > at)
            memcpy(datagram->bytes + at, bytes + (at - offset), piece.offset - at);
        if (piece.offset + piece.len > at)
            at = piece.offset + piece.len;
        from = piece.offset < from ? piece.offset : from;
        to = piece.offset + piece.len > to ? piece.offset + piece.len : to;
        if (j + 1 == datagram->piece_count || datagram->pieces[j + 1].offset > end) {
            if (at < end)
                memcpy(datagram->bytes + at, bytes + (at - offset), end - at);
        }
    }
    if (i == j) {                       /* adjoins no other: a new piece */
        memcpy(datagram->bytes + offset, bytes, len);
        memmove(datagram->pieces + i + 1, datagram->pieces + i,
                (datagram->piece_count - i) * sizeof *datagram->pieces);
        datagram->piece_count++;
    } else {
        memmove(datagram->pieces + i + 1, datagram->pieces + j,
                (datagram->piece_count - j) * sizeof *datagram->pieces);
        datagram->piece_count -= j - i - 1;
    }
    datagram->pieces[i] = (struct piece){.offset = (uint32_t)from, .len = (uint32_t)(to - from)};
    return true;
}

bool fragments_add(struct fragments *fragments, struct fragment *fragment, struct byte_reader *datagram_bytes)
{
    size_t end = fragment->offset + fragment->bytes.left;
    if (fragment->bytes.left == 0 || end > DATAGRAM_MAX || (fragment->more && fragment->bytes.left % 8 != 0))
        return false;
    struct datagram *datagram = find_or_begin(fragments, fragment);
    if (fragment->offset == 0)
        datagram->protocol = fragment->protocol;
    if (!fragment->more && datagram->total == 0)
        datagram->total = end;
    if (!ensure_capacity(fragments, datagram, end) ||
        !put(datagram, fragment->offset, fragment->bytes.at, fragment->bytes.left)) {
        forget(fragments, datagram);
        return false;
    }
    if (datagram->total == 0 || datagram->piece_count != 1 || datagram->pieces[0].offset != 0 ||
        datagram->pieces[0].len < datagram->total)
        return false;
    fragment->protocol = datagram->protocol;
    *datagram_bytes = byte_reader_of(datagram->bytes, datagram->total);
    free(fragments->whole);
    fragments->whole = datagram->bytes;
    fragments->bytes -= datagram->capacity;
    datagram->bytes = NULL;
    datagram->capacity = 0;
    forget(fragments, datagram);
    return true;
}
