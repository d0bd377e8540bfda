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
    [LAYER_LINK] = layer_link,
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
    [LAYER_SGT] = layer_sgt,                    /* Cisco MetaData: a security group tag */
    [LAYER_VN_TAG] = layer_vn_tag,
    [LAYER_E_TAG] = layer_e_tag,                /* IEEE 802.1BR */
    [LAYER_MACSEC] = layer_macsec,              /* IEEE 802.1AE, integrity only */
    [LAYER_PBB] = layer_pbb,                    /* IEEE 802.1ah */
    [LAYER_NSH] = layer_nsh,                    /* RFC 8300 */
    [LAYER_TRILL] = layer_trill,                /* RFC 6325 */
    [LAYER_DSA_BRCM_PREPEND] = layer_dsa_brcm_prepend,
    [LAYER_DSA] = layer_dsa,                    /* tags of switch chips: four bytes, of Broadcom too */
    [LAYER_EDSA] = layer_edsa,
    [LAYER_FRAME_RELAY] = layer_frame_relay,    /* RFC 2427 */
    [LAYER_RFC_1483] = layer_rfc_1483,          /* now RFC 2684 */
    [LAYER_IPOIB] = layer_ipoib,                /* RFC 4391 */
    [LAYER_NFLOG] = layer_nflog,                /* what tools put before each packet */
    [LAYER_PKTAP] = layer_pktap,
    [LAYER_PRISM] = layer_prism,
    [LAYER_AVS] = layer_avs,
    [LAYER_PFLOG] = layer_pflog,
    [LAYER_ENC] = layer_enc,
    [LAYER_IP_PROTOCOL] = layer_ip_protocol,
    [LAYER_UDP_PAYLOAD] = layer_udp_payload,    /* a tunnel by port and first bytes, or the end */
    [LAYER_AH] = layer_ah,                      /* RFC 4302 */
    [LAYER_ESP] = layer_esp,                    /* RFC 4303 with NULL encryption (RFC 2410) */
    [LAYER_GRE] = layer_gre,                    /* RFC 2784, RFC 2890 */
    [LAYER_ETHERIP] = layer_etherip,            /* RFC 3378 */
    [LAYER_L2TPV3_IP] = layer_l2tpv3_ip,        /* RFC 3931 */
    [LAYER_L2TP] = layer_l2tp,                  /* RFC 2661, and RFC 3931 over UDP */
    [LAYER_MPLS_UDP] = layer_mpls,              /* RFC 7510 */
    [LAYER_VXLAN] = layer_vxlan,                /* RFC 7348 */
    [LAYER_VXLAN_GPE] = layer_vxlan_gpe,        /* draft-ietf-nvo3-vxlan-gpe */
    [LAYER_GENEVE] = layer_geneve,              /* RFC 8926 */
    [LAYER_GUE] = layer_gue,                    /* draft-ietf-intarea-gue */
    [LAYER_LISP] = layer_lisp,                  /* RFC 9300 */
    [LAYER_TZSP] = layer_tzsp,
    [LAYER_CAPWAP] = layer_capwap,              /* RFC 5415, data in the clear */
    [LAYER_GTP_U] = layer_gtp_u,                /* 3GPP TS 29.281 */
    [LAYER_TEREDO] = layer_teredo,              /* RFC 4380 */
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

static void count_unknown(struct layer_counts *counts, const struct layer_cursor *cursor)
{
    counts->unknown++;
    for (size_t i = 0; i < counts->unknown_kind_count; i++)
        if (counts->unknown_kinds[i].kind == (uint32_t)cursor->unknown_kind &&
            counts->unknown_kinds[i].number == cursor->unknown_number) {
            counts->unknown_kinds[i].packets++;
            return;
        }
    if (counts->unknown_kind_count < LAYERS_UNKNOWN_MAX)
        counts->unknown_kinds[counts->unknown_kind_count++] =
            (struct layer_unknown){(uint32_t)cursor->unknown_kind, cursor->unknown_number, 1};
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
                                    .link_type = packet->link_type,
                                    .cut = packet->wire_len > packet->len};
    layers->counts.packets++;
    enum layer layer = LAYER_LINK;
    unsigned steps = 0;
    while (layer >= LAYER_LINK && steps++ < LAYERS_STEP_MAX)
        layer = step(layers, layer, cursor);
    if (layer >= LAYER_LINK) {
        layers->counts.too_deep++;
        layer = LAYER_STOP;
    }
    if (layer == LAYER_UNKNOWN) {
        count_unknown(&layers->counts, cursor);
        layer = LAYER_STOP;
    }
    if (layer == LAYER_CUT || (cursor->cut && (layer == LAYER_TCP || layer == LAYER_UDP)))
        layers->counts.cut++;
    layers->counts.fragments += layer == LAYER_FRAGMENT;
    return layer;
}
