/* The layers' functions, for the table in layers.c alone. Each consumes its header from cursor->bytes and names
 * what follows. */
#pragma once
#include "scanner/passive/layers/layers.h"

struct fragments;

/* For a number that no table here has: counts it, for the report at the end of the capture. */
static inline enum layer layer_not_known(struct layer_cursor *cursor, enum layer_unknown_kind kind, uint32_t number)
{
    cursor->unknown_kind = kind;
    cursor->unknown_number = number;
    return LAYER_UNKNOWN;
}

enum layer layer_link(struct layer_cursor *cursor);             /* layer_link_type.c */

enum layer layer_ethernet(struct layer_cursor *cursor);         /* layer_link.c */
enum layer layer_ethertype(struct layer_cursor *cursor);
enum layer layer_snap(struct layer_cursor *cursor);
enum layer layer_sll(struct layer_cursor *cursor);
enum layer layer_sll2(struct layer_cursor *cursor);
enum layer layer_null(struct layer_cursor *cursor);
enum layer layer_ppp(struct layer_cursor *cursor);
enum layer layer_ppp_hdlc(struct layer_cursor *cursor);
enum layer layer_c_hdlc(struct layer_cursor *cursor);
enum layer layer_pppoe(struct layer_cursor *cursor);
enum layer layer_vlan(struct layer_cursor *cursor);
enum layer layer_mpls(struct layer_cursor *cursor);

enum layer layer_sgt(struct layer_cursor *cursor);              /* layer_tag.c */
enum layer layer_vn_tag(struct layer_cursor *cursor);
enum layer layer_e_tag(struct layer_cursor *cursor);
enum layer layer_macsec(struct layer_cursor *cursor);
enum layer layer_pbb(struct layer_cursor *cursor);
enum layer layer_nsh(struct layer_cursor *cursor);
enum layer layer_next_protocol(struct layer_cursor *cursor, uint8_t number, enum layer_unknown_kind kind, uint32_t unknown);
enum layer layer_trill(struct layer_cursor *cursor);
enum layer layer_dsa_brcm_prepend(struct layer_cursor *cursor);
enum layer layer_dsa(struct layer_cursor *cursor);
enum layer layer_edsa(struct layer_cursor *cursor);

enum layer layer_frame_relay(struct layer_cursor *cursor);      /* layer_wide_area.c */
enum layer layer_rfc_1483(struct layer_cursor *cursor);
enum layer layer_ipoib(struct layer_cursor *cursor);

enum layer layer_nflog(struct layer_cursor *cursor);            /* layer_capture_header.c */
enum layer layer_pktap(struct layer_cursor *cursor);
enum layer layer_prism(struct layer_cursor *cursor);
enum layer layer_avs(struct layer_cursor *cursor);
enum layer layer_pflog(struct layer_cursor *cursor);
enum layer layer_enc(struct layer_cursor *cursor);

enum layer layer_ah(struct layer_cursor *cursor);               /* layer_ipsec.c */
enum layer layer_esp(struct layer_cursor *cursor);

enum layer layer_wifi(struct layer_cursor *cursor);             /* layer_wifi.c */
enum layer layer_radiotap(struct layer_cursor *cursor);
enum layer layer_ppi(struct layer_cursor *cursor);

enum layer layer_raw_ip(struct layer_cursor *cursor);           /* layer_ip.c */
enum layer layer_ipv4(struct layer_cursor *cursor, struct fragments *fragments);
enum layer layer_ipv6(struct layer_cursor *cursor, struct fragments *fragments);
enum layer layer_ip_protocol(struct layer_cursor *cursor);

enum layer layer_gre(struct layer_cursor *cursor);              /* layer_tunnel.c */
enum layer layer_etherip(struct layer_cursor *cursor);
enum layer layer_l2tpv3_ip(struct layer_cursor *cursor);

enum layer layer_l2tp(struct layer_cursor *cursor);             /* layer_udp_tunnel.c */
enum layer layer_vxlan(struct layer_cursor *cursor);
enum layer layer_vxlan_gpe(struct layer_cursor *cursor);
enum layer layer_gue(struct layer_cursor *cursor);
enum layer layer_lisp(struct layer_cursor *cursor);
enum layer layer_tzsp(struct layer_cursor *cursor);
enum layer layer_capwap(struct layer_cursor *cursor);
enum layer layer_geneve(struct layer_cursor *cursor);
enum layer layer_gtp_u(struct layer_cursor *cursor);
enum layer layer_teredo(struct layer_cursor *cursor);
enum layer layer_udp_payload(struct layer_cursor *cursor);      /* LAYER_UDP: no tunnel */
