/* Names of protocol numbers that no layer here parses. */
#include "scanner/passive/layers/layers.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    enum layer_unknown_kind kind;
    uint32_t number;
    const char *name;
} names[] = {
    {LAYER_UNKNOWN_ETHERTYPE, 0x88e5, "MACsec, encrypted"},
    {LAYER_UNKNOWN_ETHERTYPE, 0x894f, "NSH, inner protocol not known"},
    {LAYER_UNKNOWN_IP_PROTOCOL, 50, "ESP, encrypted"},
    {LAYER_UNKNOWN_IP_PROTOCOL, 115, "L2TPv3, inner protocol not known"},
    {LAYER_UNKNOWN_IP_PROTOCOL, 132, "SCTP"},
    {LAYER_UNKNOWN_TUNNEL, 4790, "VXLAN-GPE, inner protocol not known"},
    {LAYER_UNKNOWN_TUNNEL, 37008, "TZSP, inner protocol not known"},
};

void layer_unknown_format(const struct layer_unknown *unknown, char text[LAYER_UNKNOWN_TEXT_MAX])
{
    static const char *const kinds[] = {
        [LAYER_UNKNOWN_LINK_TYPE] = "unknown link type %" PRIu32,
        [LAYER_UNKNOWN_ETHERTYPE] = "unknown ethertype 0x%04" PRIx32,
        [LAYER_UNKNOWN_IP_PROTOCOL] = "unknown IP protocol %" PRIu32,
        [LAYER_UNKNOWN_PPP_PROTOCOL] = "unknown PPP protocol 0x%04" PRIx32,
        [LAYER_UNKNOWN_NLPID] = "unknown NLPID 0x%02" PRIx32,
        [LAYER_UNKNOWN_TUNNEL] = "unknown tunnel at UDP port %" PRIu32,
    };
    const char *kind = unknown->kind < sizeof kinds / sizeof kinds[0] ? kinds[unknown->kind] : "unknown layer %" PRIu32;
    int len = snprintf(text, LAYER_UNKNOWN_TEXT_MAX, kind, unknown->number);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].kind == (enum layer_unknown_kind)unknown->kind && names[i].number == unknown->number)
            snprintf(text + len, LAYER_UNKNOWN_TEXT_MAX - (size_t)len, " (%s)", names[i].name);
}
