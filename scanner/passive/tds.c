/* Microsoft SQL Server: until the handshake ends, TLS travels in TDS packets (MS-TDS, section 2.2.6.5, PRELOGIN), each with a
 * header of eight bytes; after it TLS records have no TDS header. */
#include "probes/base/memory.h"
#include "scanner/passive/carrier.h"

#include <stdlib.h>

enum { PACKET_REPLY = 0x04, PACKET_PRELOGIN = 0x12, HEADER_LEN = 8, RECORD_FIRST = 0x14, RECORD_LAST = 0x17 };

struct tds_side {
    uint8_t header[HEADER_LEN];
    uint8_t header_len;
    uint16_t left;                  /* of the packet's payload */
    bool at_payload;                /* its first byte comes next */
    bool in_tls;                    /* payloads are TLS from now on, whatever the record boundaries */
    bool raw;                       /* no TDS packets any more */
    bool lost;
};

struct tds {
    struct carrier_sink sink;
    struct tds_side side[2];
};

/* Type, status (last packet or not), length, process id (0 of a client), packet id, window (0). */
static bool is_header(const uint8_t *header)
{
    return (header[0] == PACKET_PRELOGIN || header[0] == PACKET_REPLY) && header[1] <= 1 &&
           (header[2] << 8 | header[3]) > HEADER_LEN && header[7] == 0;
}

/* After the header: the VERSION option of a PRELOGIN (token 0), or a TLS handshake record. */
static enum carrier_match match(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return CARRIER_MORE;
    if (bytes[0] != PACKET_PRELOGIN && bytes[0] != PACKET_REPLY)
        return CARRIER_NO;
    if (len < HEADER_LEN + 3)
        return CARRIER_MORE;
    const uint8_t *payload = bytes + HEADER_LEN;
    bool is_before_login = bytes[4] == 0 && bytes[5] == 0;
    bool is_record = payload[0] == 0x16 && payload[1] == 3 && payload[2] <= 4;
    return is_header(bytes) && is_before_login && (payload[0] == 0 || is_record) ? CARRIER_YES : CARRIER_NO;
}

static void *create(const struct carrier_sink *sink)
{
    struct tds *tds = xcalloc(1, sizeof *tds);
    tds->sink = *sink;
    return tds;
}

static size_t memory(const void *carrier)
{
    (void)carrier;
    return sizeof(struct tds);
}

static bool on_payload(struct tds *tds, unsigned from, const uint8_t *bytes, size_t len)
{
    struct tds_side *side = &tds->side[from];
    if (side->at_payload && bytes[0] >= RECORD_FIRST && bytes[0] <= RECORD_LAST)
        side->in_tls = true;
    side->at_payload = false;
    return !side->in_tls || tds->sink.on_tls(tds->sink.context, from, bytes, len);
}

static void on_header(struct tds_side *side)
{
    side->header_len = 0;
    side->left = (uint16_t)((side->header[2] << 8 | side->header[3]) - HEADER_LEN);
    side->at_payload = true;
}

/* Not a TDS header: records without a header begin here, and the bytes taken for a header are theirs. */
static bool on_raw(struct tds *tds, unsigned from)
{
    struct tds_side *side = &tds->side[from];
    size_t len = side->header_len;
    side->raw = true;
    side->header_len = 0;
    return tds->sink.on_tls(tds->sink.context, from, side->header, len);
}

static bool bytes_of(void *carrier, unsigned from, const uint8_t *bytes, size_t len)
{
    struct tds *tds = carrier;
    struct tds_side *side = &tds->side[from];
    while (len != 0 && !side->lost) {
        if (side->raw)
            return tds->sink.on_tls(tds->sink.context, from, bytes, len);
        if (side->left == 0) {
            side->header[side->header_len++] = *bytes++;
            len--;
            bool begins = side->header[0] == PACKET_PRELOGIN || side->header[0] == PACKET_REPLY;
            if (begins && side->header_len < HEADER_LEN)
                continue;
            if (!begins || !is_header(side->header)) {
                if (!on_raw(tds, from))
                    return false;
                continue;
            }
            on_header(side);
            continue;
        }
        size_t step = side->left < len ? side->left : len;
        side->left = (uint16_t)(side->left - step);
        if (!on_payload(tds, from, bytes, step))
            return false;
        bytes += step;
        len -= step;
    }
    return true;
}

static void gap(void *carrier, unsigned from)
{
    struct tds *tds = carrier;
    tds->side[from].lost = true;
}

const struct carrier_kind carrier_tds = {
    .protocol = "mssql",
    .match = match,
    .create = create,
    .destroy = free,
    .memory = memory,
    .bytes = bytes_of,
    .gap = gap,
};
