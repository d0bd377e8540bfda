/* The layers' functions, for the table in layers.c alone. Each consumes its header from cursor->bytes and names
 * what follows. */
#pragma once
#include "scanner/passive/layers/layers.h"

struct fragments;

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

enum layer layer_wifi(struct layer_cursor *cursor);             /* layer_wifi.c */
enum layer layer_radiotap(struct layer_cursor *cursor);
enum layer layer_ppi(struct layer_cursor *cursor);

enum layer layer_raw_ip(struct layer_cursor *cursor);           /* layer_ip.c */
enum layer layer_ipv4(struct layer_cursor *cursor, struct fragments *fragments);
enum layer layer_ipv6(struct layer_cursor *cursor, struct fragments *fragments);
enum layer layer_ip_protocol(struct layer_cursor *cursor);
enum layer layer_tcp(struct layer_cursor *cursor);
enum layer layer_udp(struct layer_cursor *cursor);

enum layer layer_gre(struct layer_cursor *cursor);              /* layer_tunnel.c */
enum layer layer_vxlan(struct layer_cursor *cursor);
enum layer layer_geneve(struct layer_cursor *cursor);
enum layer layer_gtp_u(struct layer_cursor *cursor);
enum layer layer_teredo(struct layer_cursor *cursor);
enum layer layer_udp_payload(struct layer_cursor *cursor);      /* LAYER_UDP: no tunnel */
