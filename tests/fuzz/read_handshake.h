/* Reads every byte that a listener reports, for the sanitizers. */
#pragma once
#include "scanner/passive/handshake/handshake.h"

static inline void read_handshake(void *context, const struct handshake *handshake)
{
    volatile uint8_t sum = 0;
    (void)context;
    for (size_t i = 0; i < handshake->chain_count; i++)
        for (size_t j = 0; j < handshake->chain[i].len; j++)
            sum = (uint8_t)(sum + handshake->chain[i].bytes[j]);
    for (size_t i = 0; i < handshake->ocsp_staple_len; i++)
        sum = (uint8_t)(sum + handshake->ocsp_staple[i]);
}
