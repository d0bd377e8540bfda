/* One captured packet as its source gives it; bytes are borrowed until the source is asked for the next. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct packet {
    int64_t time_us;            /* UTC; 0 where the source knows none */
    const uint8_t *bytes;
    size_t len;                 /* captured */
    size_t wire_len;            /* as it was on the wire; more than len: cut by the snap length */
    uint32_t link_type;         /* LINKTYPE_ number, as in files */
};
