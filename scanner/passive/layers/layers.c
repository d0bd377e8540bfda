#include "scanner/passive/layers/layers.h"

#include "probes/base/memory.h"
#include "scanner/passive/layers/fragments.h"
#include "scanner/passive/layers/layer_functions.h"

#include <stdlib.h>

struct layers {
    struct fragments *fragments;
    struct layer_counts counts;
};

static enum layer (*const functions[LAYER_COUNT])(struct layer_cursor *cursor) = {
    [LAYER_ETHERNET] = layer_ethernet,          /* IEEE 802.3 */
    [LAYER_ETHERTYPE] = layer_ethertype,
    [LAYER_RAW_IP] = layer_raw_ip,
    [LAYER_SLL] = layer_sll,                    /* Linux cooked capture, both versions */
    [LAYER_SLL2] = layer_sll2,
    [LAYER_NULL] = layer_null,                  /* BSD loopback */
    [LAYER_PPP] = layer_ppp,                    /* RFC 1661 */
    [LAYER_PPP_HDLC] = layer_ppp_hdlc,          /* RFC 1662 */
    [LAYER_C_HDLC] = layer_c_hdlc,
    [LAYER_PPPOE] = layer_pppoe,                /* RFC 2516 */
    [LAYER_WIFI] = layer_wifi,                  /* IEEE 802.11 */
    [LAYER_RADIOTAP] = layer_radiotap,
    [LAYER_PPI] = layer_ppi,
    [LAYER_VLAN] = layer_vlan,                  /* IEEE 802.1Q, 802.1ad */
    [LAYER_MPLS] = layer_mpls,                  /* RFC 3032 */
    [LAYER_IP_PROTOCOL] = layer_ip_protocol,
    [LAYER_UDP_PAYLOAD] = layer_udp_payload,    /* a tunnel by port and first bytes, or the end */
    [LAYER_GRE] = layer_gre,                    /* RFC 2784, RFC 2890 */
    [LAYER_VXLAN] = layer_vxlan,                /* RFC 7348 */
    [LAYER_GENEVE] = layer_geneve,              /* RFC 8926 */
    [LAYER_GTP_U] = layer_gtp_u,                /* 3GPP TS 29.281 */
    [LAYER_TEREDO] = layer_teredo,              /* RFC 4380 */
};

static const struct {                           /* https://www.tcpdump.org/linktypes.html */
    uint32_t link_type;
    enum layer layer;
} links[] = {
    {1, LAYER_ETHERNET}, {101, LAYER_RAW_IP}, {12, LAYER_RAW_IP}, {14, LAYER_RAW_IP}, {228, LAYER_RAW_IP},
    {229, LAYER_RAW_IP}, {113, LAYER_SLL},    {276, LAYER_SLL2},  {0, LAYER_NULL},    {108, LAYER_NULL},
    {9, LAYER_PPP},      {50, LAYER_PPP_HDLC}, {51, LAYER_PPPOE}, {204, LAYER_PPP},   {219, LAYER_MPLS},
    {166, LAYER_PPP},    {104, LAYER_C_HDLC}, {105, LAYER_WIFI},  {127, LAYER_RADIOTAP}, {192, LAYER_PPI},
};

struct layers *layers_create(void)
{
    struct layers *layers = xcalloc(1, sizeof *layers);
    layers->fragments = fragments_create();
    return layers;
}

void layers_destroy(struct layers *layers)
{
    if (layers == NULL)
        return;
    fragments_destroy(layers->fragments);
    free(layers);
}

const struct layer_counts *layers_counts(const struct layers *layers)
{
    return &layers->counts;
}

static enum layer layer_of_link(uint32_t link_type)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].link_type == link_type)
            return links[i].layer;
    return LAYER_STOP;
}

static enum layer step(struct layers *layers, enum layer layer, struct layer_cursor *cursor)
{
    if (layer != LAYER_IPV4 && layer != LAYER_IPV6)
        return functions[layer](cursor);
    if (cursor->ip_depth++ >= LAYERS_IP_DEPTH) {
        layers->counts.too_deep++;
        return LAYER_STOP;
    }
    return layer == LAYER_IPV4 ? layer_ipv4(cursor, layers->fragments) : layer_ipv6(cursor, layers->fragments);
}

enum layer layers_walk(struct layers *layers, const struct packet *packet, struct layer_cursor *cursor)
{
    *cursor = (struct layer_cursor){.bytes = byte_reader_of(packet->bytes, packet->len),
                                    .time_us = packet->time_us,
                                    .cut = packet->wire_len > packet->len};
    layers->counts.packets++;
    /* PPP with a direction: before it, or in the place of its address (with the control byte behind). */
    size_t direction = packet->link_type == 204 ? 1 : packet->link_type == 166 ? 2 : 0;
    if (!byte_reader_skip(&cursor->bytes, direction))
        return LAYER_CUT;
    enum layer layer = layer_of_link(packet->link_type);
    if (layer == LAYER_STOP)
        layers->counts.unknown_link++;
    unsigned steps = 0;
    while (layer >= LAYER_ETHERNET && steps++ < LAYERS_STEP_MAX)
        layer = step(layers, layer, cursor);
    if (layer >= LAYER_ETHERNET) {
        layers->counts.too_deep++;
        layer = LAYER_STOP;
    }
    if (layer == LAYER_CUT || (cursor->cut && (layer == LAYER_TCP || layer == LAYER_UDP)))
        layers->counts.cut++;
    layers->counts.fragments += layer == LAYER_FRAGMENT;
    return layer;
}
