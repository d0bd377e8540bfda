/* The pcap file format (draft-ietf-opsawg-pcap): a header of 24 bytes, then packets. */
#include "scanner/passive/capture/capture_format.h"

static bool pcap_next(struct capture_file *file, struct packet *packet)
{
    const uint8_t *header = capture_input_peek(file->input, file->packet_header_len);
    if (header == NULL)
        return capture_input_left(file->input) != 0 || capture_input_trouble(file->input) != NULL
                   ? capture_format_end(file, "ends inside a packet header")
                   : false;
    uint32_t len = capture_u32(file, header + 8);
    if (len > file->packet_max)
        return capture_format_end(file, "damaged: a packet longer than the format allows");
    packet->time_us = (int64_t)capture_u32(file, header) * 1000000 +
                      capture_u32(file, header + 4) / file->ticks_per_us;
    packet->wire_len = capture_u32(file, header + 12);
    const uint8_t *whole = capture_input_peek(file->input, file->packet_header_len + len);
    if (whole == NULL)
        return capture_format_end(file, "ends inside a packet");
    packet->bytes = whole + file->packet_header_len;
    packet->len = len;
    if (packet->wire_len < len)
        packet->wire_len = len;
    packet->link_type = file->link_type;
    file->consume_first = file->packet_header_len + len;
    return true;
}

bool pcap_begin(struct capture_file *file, struct error *err)
{
    static const struct {
        uint32_t magic;
        unsigned ticks_per_us;
        size_t packet_header_len;
    } kinds[] = {{0xa1b2c3d4, 1, 16}, {0xa1b23c4d, 1000, 16}, {0xa1b2cd34, 1, 24}};
    const uint8_t *header = capture_input_peek(file->input, 4);
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof kinds[0]; i++) {
        file->swapped = i % 2 != 0;
        if (capture_u32(file, header) != kinds[i / 2].magic)
            continue;
        file->ticks_per_us = kinds[i / 2].ticks_per_us;
        file->packet_header_len = kinds[i / 2].packet_header_len;
        header = capture_input_peek(file->input, 24);
        if (header == NULL)
            return error_set(err, ERROR_INPUT, "%s: ends inside the header of a pcap file", file->name);
        file->packet_max = capture_u32(file, header + 16);
        if (file->packet_max < 262144)      /* writers understate it; libpcap's own maximum is the floor */
            file->packet_max = 262144;
        if (file->packet_max > CAPTURE_PACKET_MAX)
            file->packet_max = CAPTURE_PACKET_MAX;
        file->link_type = capture_u32(file, header + 20) & 0xffff;      /* the upper bits: frame check sequence */
        file->next = pcap_next;
        capture_input_consume(file->input, 24);
        return true;
    }
    return error_set(err, ERROR_INPUT, "%s: not a capture file (neither pcap nor pcapng)", file->name);
}
