/* The Certificate message: its list in the form of TLS 1.2 and before (RFC 5246, section 7.4.2) and of 1.3 (RFC
 * 8446, section 4.4.2). */
#pragma once
#include "probes/base/byte_reader.h"
#include "scanner/passive/handshake/handshake.h"

struct certificate_list {
    struct der certificates[HANDSHAKE_CHAIN_MAX];      /* borrowed from the message */
    size_t count;
    bool cut;                       /* the list ends inside an entry; the whole entries are here */
    bool too_long;                  /* there were more */
    const uint8_t *bytes;           /* the list as sent */
    size_t bytes_len;
    const uint8_t *ocsp_staple;     /* 1.3: in the leaf's extensions */
    size_t ocsp_staple_len;
    uint32_t sct_count;
};

void certificate_list_read(struct byte_reader body, uint16_t version, struct certificate_list *list);
