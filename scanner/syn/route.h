/* Where a packet goes, as the kernel would send it: asked by rtnetlink, remembered per /24 and /64 (where
 * both ends of one go the same way; else each address is asked for itself). Through an Ethernet gateway
 * frames are built by us; everything else (loopback, neighbours on the link, tunnels) goes out through a raw
 * IP socket, for which the kernel finds the link address. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/error.h"
#include "scanner/syn/frame.h"

enum route_kind {
    ROUTE_NONE, /* the kernel knows no way, or refuses it */
    ROUTE_RAW_IP,
    ROUTE_ETHERNET,
};

struct route {
    enum route_kind kind;
    struct address source;  /* our address on that way */
    struct address gateway; /* ROUTE_ETHERNET */
    int interface_index;
    uint8_t own_mac[FRAME_MAC_SIZE];
    bool is_complete; /* the gateway has been asked */
    uint8_t gateway_mac[FRAME_MAC_SIZE];
};

struct route_table;

/* Opens its sockets (CAP_NET_RAW for ARP and neighbour discovery). NULL with ERROR_SYSTEM. */
struct route_table *route_table_open(struct error *err);
void route_table_close(struct route_table *table); /* NULL is fine */

/* Borrowed until the next call. A gateway is asked for its link address once, which may take up to a second;
 * one that does not answer makes ROUTE_NONE. */
const struct route *route_find(struct route_table *table, const struct address *destination);
