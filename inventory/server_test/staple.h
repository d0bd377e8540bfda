/* What a stapled OCSP response says (RFC 6960), without judging who signed it: that is the store's work. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct server_staple {
    const char *status;             /* "good", "revoked", "unknown", or "unreadable"; NULL: there is none */
    int64_t next_update;            /* seconds since 1970; 0 none */
    uint32_t sct_count;             /* SCTs in it (RFC 6962, section 3.3) */
};

void server_staple_read(const uint8_t *der, size_t len, struct server_staple *staple);
