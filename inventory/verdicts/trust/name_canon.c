#include "inventory/verdicts/trust/name_canon.h"

#include "inventory/certificate/der.h"
#include "probes/base/sha256.h"

#include <stdlib.h>
#include <string.h>

#define ATTRIBUTES_MAX 32           /* of one RDN */

/* Octets per character of a string type; 0: UTF-8; -1: compared as it is. T61String is read as Latin-1, as other implementations do. */
static int width_of(uint8_t tag)
{
    switch (tag) {
    case 0x0c: return 0;
    case 0x13: case 0x14: case 0x16: case 0x1a: return 1;
    case 0x1e: return 2;
    case 0x1c: return 4;
    default: return -1;
    }
}

static void append_char(struct byte_buffer *out, uint32_t c)
{
    uint8_t bytes[4];
    size_t len;
    if (c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    if (c < 0x80) {
        bytes[0] = (uint8_t)c;
        len = 1;
    } else if (c < 0x800) {
        bytes[0] = (uint8_t)(0xc0 | c >> 6);
        bytes[1] = (uint8_t)(0x80 | (c & 0x3f));
        len = 2;
    } else if (c < 0x10000) {
        bytes[0] = (uint8_t)(0xe0 | c >> 12);
        bytes[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        bytes[2] = (uint8_t)(0x80 | (c & 0x3f));
        len = 3;
    } else {
        bytes[0] = (uint8_t)(0xf0 | (c >> 18 & 7));
        bytes[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        bytes[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        bytes[3] = (uint8_t)(0x80 | (c & 0x3f));
        len = 4;
    }
    byte_buffer_append(out, bytes, len);
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The characters of a string: blanks at its ends dropped, runs of them one space. UTF-8 passes byte by byte. */
static void append_string(struct byte_buffer *out, struct byte_reader value, int width)
{
    size_t step = width == 0 ? 1 : (size_t)width;
    bool blank = false, begun = false;
    for (size_t at = 0; at + step <= value.left; at += step) {
        uint32_t c = 0;
        for (size_t i = 0; i < step; i++)
            c = c << 8 | value.at[at + i];
        if (is_blank(c)) {
            blank = begun;
            continue;
        }
        if (blank)
            byte_buffer_append(out, " ", 1);
        blank = false;
        begun = true;
        if (width == 0 && c >= 0x80)
            byte_buffer_append(out, value.at + at, 1);
        else
            append_char(out, c);
    }
}

static void append_length(struct byte_buffer *out, size_t len)
{
    uint8_t bytes[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    byte_buffer_append(out, bytes, sizeof bytes);
}

static void fill_length(struct byte_buffer *out, size_t mark)
{
    size_t len = out->tail - mark - 4;
    for (size_t i = 0; i < 4; i++)
        out->bytes[mark + i] = (uint8_t)(len >> (24 - 8 * i));
}

static bool append_attribute(struct byte_buffer *out, struct byte_reader attribute)
{
    struct der_item oid, value;
    if (!der_read_tag(&attribute, DER_OID, &oid) || !der_read(&attribute, &value) || value.whole.left > NAME_CANON_MAX)
        return false;
    int width = width_of(value.tag);
    size_t mark = out->tail;
    append_length(out, 0);
    byte_buffer_append(out, oid.whole.at, oid.whole.left);
    if (width < 0)
        byte_buffer_append(out, value.whole.at, value.whole.left);
    else if (width < 2 || value.content.left % (size_t)width == 0)
        append_string(out, value.content, width);
    else
        byte_buffer_append(out, value.whole.at, value.whole.left);
    fill_length(out, mark);
    return true;
}

struct piece {
    const uint8_t *at;
    size_t len;
};

static int piece_compare(const void *a, const void *b)
{
    const struct piece *one = a, *other = b;
    int order = memcmp(one->at, other->at, one->len < other->len ? one->len : other->len);
    return order != 0 ? order : (one->len > other->len) - (one->len < other->len);
}

/* A SET OF has no order of its own. */
static bool append_rdn(struct byte_buffer *out, struct byte_reader set)
{
    struct piece pieces[ATTRIBUTES_MAX];
    struct byte_buffer parts;
    struct der_item attribute;
    size_t ends[ATTRIBUTES_MAX], count = 0;
    byte_buffer_init(&parts, 0);
    bool ok = true;
    while (ok && set.left > 0) {
        ok = count < ATTRIBUTES_MAX && der_read_tag(&set, DER_SEQUENCE, &attribute) && append_attribute(&parts, attribute.content);
        if (ok)
            ends[count++] = parts.tail;
    }
    for (size_t i = 0, from = 0; i < count; from = ends[i++])
        pieces[i] = (struct piece){.at = parts.bytes + from, .len = ends[i] - from};
    if (count > 1)
        qsort(pieces, count, sizeof *pieces, piece_compare);
    if (ok) {
        append_length(out, parts.tail);
        for (size_t i = 0; i < count; i++)
            byte_buffer_append(out, pieces[i].at, pieces[i].len);
    }
    byte_buffer_clear(&parts);
    return ok;
}

bool name_canon(struct byte_reader name, struct byte_buffer *canon)
{
    struct der_item sequence, set;
    if (name.left > NAME_CANON_MAX || !der_read_tag(&name, DER_SEQUENCE, &sequence))
        return false;
    while (sequence.content.left > 0)
        if (!der_read_tag(&sequence.content, DER_SET, &set) || !append_rdn(canon, set.content))
            return false;
    return true;
}

void name_canon_hash(struct byte_reader name, uint8_t hash[32])
{
    struct byte_buffer canon;
    byte_buffer_init(&canon, 0);
    if (name_canon(name, &canon))
        sha256_of(canon.bytes == NULL ? (const uint8_t *)"" : canon.bytes, canon.tail, hash);
    else
        sha256_of(name.at, name.left, hash);
    byte_buffer_clear(&canon);
}
