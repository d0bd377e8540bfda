/* What capture_file.c and the two formats share; no other file includes this. */
#pragma once
#include "scanner/passive/capture/capture_file.h"
#include "scanner/passive/capture/capture_input.h"

#define CAPTURE_PACKET_MAX (1u << 20)      /* captured bytes of one packet; more is damage */

struct capture_interface {                 /* pcapng */
    uint32_t link_type;
    uint32_t snap_len;
    uint64_t units_per_second;             /* of time stamps */
    int64_t offset_s;
};

struct capture_file {
    struct capture_input *input;
    const char *name;
    bool swapped;                          /* the writer's byte order is not ours */
    bool (*next)(struct capture_file *file, struct packet *packet);
    char note[256];
    void (*on_secrets)(void *context, const char *text, size_t len);
    void *secrets_context;
    /* pcap */
    uint32_t link_type;
    uint32_t packet_max;
    unsigned ticks_per_us;                 /* 1 or 1000 */
    size_t packet_header_len;              /* 16, 24 in a variant */
    /* pcapng */
    struct capture_interface *interfaces;
    size_t interface_count;
    size_t consume_first;                  /* the packet given last, consumed with the next call */
    int64_t last_time_us;
};

bool pcap_begin(struct capture_file *file, struct error *err);
bool pcapng_begin(struct capture_file *file, struct error *err);

/* Notes why reading ends here; false, so that "return capture_format_end(...)" reads as one step. */
bool capture_format_end(struct capture_file *file, const char *what);

static inline uint16_t capture_u16(const struct capture_file *file, const uint8_t *at)
{
    uint16_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return file->swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t capture_u32(const struct capture_file *file, const uint8_t *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return file->swapped ? __builtin_bswap32(value) : value;
}
