/* The pcapng file format (draft-ietf-opsawg-pcapng): blocks; interfaces may have different link types and clocks; a new section
 * may change even the byte order. We parse it ourselves, because libpcap refuses mixed link types and does not return decryption
 * secrets. */
#include "scanner/passive/capture/capture_format.h"

#include "probes/base/memory.h"

#include <string.h>

enum {
    BLOCK_SECTION_HEADER = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OBSOLETE = 2,
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_DECRYPTION_SECRETS = 10,
};
#define SECRETS_TLS_KEY_LOG 0x544c534b
#define INTERFACES_MAX 65536

static bool on_section_header(struct capture_file *file, size_t len)
{
    if (len < 28)
        return capture_format_end(file, "damaged: a section header too short");
    file->interface_count = 0;
    return true;
}

static uint64_t resolution(uint8_t value)
{
    uint64_t units = 1;
    unsigned exponent = value & 0x7f;
    if (value & 0x80)
        return exponent < 63 ? 1ULL << exponent : 1ULL << 62;
    for (unsigned i = 0; i < exponent && i < 18; i++)
        units *= 10;
    return units;
}

static bool on_interface(struct capture_file *file, const uint8_t *block, size_t len)
{
    if (len < 20 || file->interface_count >= INTERFACES_MAX)
        return capture_format_end(file, "damaged: an interface description");
    file->interfaces = xreallocarray(file->interfaces, file->interface_count + 1, sizeof *file->interfaces);
    struct capture_interface *interface = &file->interfaces[file->interface_count++];
    *interface = (struct capture_interface){.link_type = capture_u16(file, block + 8),
                                            .snap_len = capture_u32(file, block + 12),
                                            .units_per_second = 1000000};
    for (size_t at = 16; at + 4 <= len - 4;) {
        uint16_t code = capture_u16(file, block + at), value_len = capture_u16(file, block + at + 2);
        at += 4;
        if (code == 0 || value_len > len - 4 - at)
            break;
        if (code == 9 && value_len == 1)                /* if_tsresol */
            interface->units_per_second = resolution(block[at]);
        if (code == 14 && value_len == 8) {             /* if_tsoffset */
            uint64_t low = capture_u32(file, block + at + (file->swapped ? 4 : 0));
            uint64_t high = capture_u32(file, block + at + (file->swapped ? 0 : 4));
            int64_t offset = (int64_t)(high << 32 | low);
            if (offset > -(1LL << 33) && offset < 1LL << 33)
                interface->offset_s = offset;
        }
        at += (value_len + 3u) & ~3u;
    }
    return true;
}

static int64_t time_of(const struct capture_interface *interface, uint32_t high, uint32_t low)
{
    uint64_t ticks = (uint64_t)high << 32 | low, units = interface->units_per_second;
    if (units == 1000000)
        return (int64_t)(ticks & INT64_MAX) + interface->offset_s * 1000000;
    unsigned __int128 us = (unsigned __int128)ticks * 1000000 / units;
    return (us > (1ULL << 62) ? (int64_t)(1ULL << 62) : (int64_t)us) + interface->offset_s * 1000000;
}

/* A packet block: its data begins at `at` in the block. False: damaged (noted) or of no known interface. */
static bool give_packet(struct capture_file *file, struct packet *packet, const uint8_t *block, size_t len,
                        size_t at, uint32_t interface_id, uint32_t captured, uint32_t wire_len)
{
    if (interface_id >= file->interface_count)
        return capture_format_end(file, "damaged: a packet of an interface that is not described");
    if (captured > len - 4 - at)
        return capture_format_end(file, "damaged: a packet longer than its block");
    packet->bytes = block + at;
    packet->len = captured;
    packet->wire_len = wire_len < captured ? captured : wire_len;
    packet->link_type = file->interfaces[interface_id].link_type;
    return true;
}

static bool on_packet(struct capture_file *file, struct packet *packet, uint32_t type, const uint8_t *block,
                      size_t len)
{
    if (type == BLOCK_SIMPLE_PACKET) {
        if (len < 16)
            return capture_format_end(file, "damaged: a packet block too short");
        uint32_t wire_len = capture_u32(file, block + 8), captured = wire_len;
        if (file->interface_count != 0 && file->interfaces[0].snap_len != 0 &&
            captured > file->interfaces[0].snap_len)
            captured = file->interfaces[0].snap_len;
        if (captured > len - 16)
            captured = (uint32_t)len - 16;
        packet->time_us = file->last_time_us;           /* a Simple Packet Block has no time */
        return give_packet(file, packet, block, len, 12, 0, captured, wire_len);
    }
    if (len < 32)
        return capture_format_end(file, "damaged: a packet block too short");
    uint32_t interface_id =
        type == BLOCK_PACKET_OBSOLETE ? capture_u16(file, block + 8) : capture_u32(file, block + 8);
    if (!give_packet(file, packet, block, len, 28, interface_id, capture_u32(file, block + 20),
                     capture_u32(file, block + 24)))
        return false;
    packet->time_us =
        time_of(&file->interfaces[interface_id], capture_u32(file, block + 12), capture_u32(file, block + 16));
    file->last_time_us = packet->time_us;
    return true;
}

static void on_secrets(const struct capture_file *file, const uint8_t *block, size_t len)
{
    if (file->on_secrets == NULL || len < 20 || capture_u32(file, block + 8) != SECRETS_TLS_KEY_LOG)
        return;
    uint32_t text_len = capture_u32(file, block + 12);
    if (text_len <= len - 20)
        file->on_secrets(file->secrets_context, (const char *)block + 16, text_len);
}

/* The next block, whole and in one piece; *block is NULL where it was too long and is skipped. */
static bool next_block(struct capture_file *file, const uint8_t **block, uint32_t *type, uint32_t *len)
{
    const uint8_t *start = capture_input_peek(file->input, 12);
    if (start == NULL)
        return capture_input_left(file->input) != 0 || capture_input_trouble(file->input) != NULL
                   ? capture_format_end(file, "ends inside a block header")
                   : false;
    if (capture_u32(file, start) == BLOCK_SECTION_HEADER) {     /* the byte order of what follows */
        static const uint8_t big_endian_magic[4] = {0x1a, 0x2b, 0x3c, 0x4d};
        static const uint8_t little_endian_magic[4] = {0x4d, 0x3c, 0x2b, 0x1a};
        bool big = memcmp(start + 8, big_endian_magic, 4) == 0;
        if (!big && memcmp(start + 8, little_endian_magic, 4) != 0)
            return capture_format_end(file, "damaged: a section header without its byte-order magic");
        file->swapped = big == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    }
    *type = capture_u32(file, start);
    *len = capture_u32(file, start + 4);
    if (*len < 12 || *len % 4 != 0)
        return capture_format_end(file, "damaged: a block of impossible length");
    if (*len > CAPTURE_INPUT_MAX) {
        *block = NULL;
        return capture_input_skip(file->input, *len) || capture_format_end(file, "ends inside a block");
    }
    *block = capture_input_peek(file->input, *len);
    return *block != NULL || capture_format_end(file, "ends inside a block");
}

static bool pcapng_next(struct capture_file *file, struct packet *packet)
{
    const uint8_t *block = NULL;
    uint32_t type = 0, len = 0;
    while (next_block(file, &block, &type, &len)) {
        if (block == NULL)
            continue;
        switch (type) {
        case BLOCK_ENHANCED_PACKET:
        case BLOCK_SIMPLE_PACKET:
        case BLOCK_PACKET_OBSOLETE:
            file->consume_first = len;
            return on_packet(file, packet, type, block, len);
        case BLOCK_SECTION_HEADER:
            if (!on_section_header(file, len))
                return false;
            break;
        case BLOCK_INTERFACE:
            if (!on_interface(file, block, len))
                return false;
            break;
        case BLOCK_DECRYPTION_SECRETS: on_secrets(file, block, len); break;
        default: break;             /* names, statistics, custom blocks */
        }
        capture_input_consume(file->input, len);
    }
    return false;
}

bool pcapng_begin(struct capture_file *file, struct error *err)
{
    const uint8_t *start = capture_input_peek(file->input, 12);
    if (start == NULL)
        return error_set(err, ERROR_INPUT, "%s: ends inside the header of a pcapng file", file->name);
    file->next = pcapng_next;
    return true;
}
