/* From a captured frame to the datagram that TLS may be in: link layers, tags, tunnels, IP, in any nesting.
 * One table (layers.c) names the layers; each is one function that consumes its header and returns the next one,
 * and one walker calls them.
 *
 *     frame --> [ethernet] --> [vlan]* --> [ipv4] --> [udp: vxlan] --> [ethernet] --> [ipv6] --> tcp
 *
 * A layer that is cut short is never guessed: the packet is counted and skipped. */
#pragma once
#include "probes/base/byte_reader.h"
#include "scanner/passive/capture/packet.h"

#include <stdbool.h>

enum layer {
    LAYER_STOP,                 /* nothing in it for us */
    LAYER_CUT,                  /* the header is not whole: the snap length, or damage */
    LAYER_FRAGMENT,             /* kept until its datagram is whole */
    LAYER_UNKNOWN,              /* cursor->unknown says what is not read here; counted, and LAYER_STOP is returned */
    /* where a walk ends well */
    LAYER_TCP,
    LAYER_UDP,
    LAYER_EAPOL,
    /* what is walked through */
    LAYER_LINK,                 /* cursor->link_type says what follows: the number that a capture file has */
    LAYER_ETHERNET,
    LAYER_ETHERTYPE,            /* cursor->ethertype says what follows */
    LAYER_RAW_IP,               /* the version nibble says which */
    LAYER_SLL,
    LAYER_SLL2,
    LAYER_NULL,
    LAYER_PPP,
    LAYER_PPP_HDLC,
    LAYER_C_HDLC,
    LAYER_PPPOE,
    LAYER_WIFI,
    LAYER_RADIOTAP,
    LAYER_PPI,
    LAYER_VLAN,
    LAYER_MPLS,
    LAYER_SGT,
    LAYER_VN_TAG,
    LAYER_E_TAG,
    LAYER_MACSEC,
    LAYER_PBB,
    LAYER_NSH,
    LAYER_TRILL,
    LAYER_DSA_BRCM_PREPEND,
    LAYER_DSA,
    LAYER_EDSA,
    LAYER_FRAME_RELAY,
    LAYER_RFC_1483,
    LAYER_IPOIB,
    LAYER_NFLOG,
    LAYER_PKTAP,
    LAYER_PRISM,
    LAYER_AVS,
    LAYER_PFLOG,
    LAYER_ENC,
    LAYER_IPV4,
    LAYER_IPV6,
    LAYER_IP_PROTOCOL,          /* cursor->protocol says what follows */
    LAYER_UDP_PAYLOAD,
    LAYER_AH,
    LAYER_ESP,
    LAYER_GRE,
    LAYER_ETHERIP,
    LAYER_L2TPV3_IP,
    LAYER_L2TP,
    LAYER_MPLS_UDP,
    LAYER_VXLAN,
    LAYER_VXLAN_GPE,
    LAYER_GUE,
    LAYER_LISP,
    LAYER_TZSP,
    LAYER_CAPWAP,
    LAYER_GENEVE,
    LAYER_GTP_U,
    LAYER_TEREDO,
    LAYER_COUNT
};

#define LAYERS_IP_DEPTH 8       /* IP in IP in ... no deeper */
#define LAYERS_STEP_MAX 64

/* Where the number stood that no layer here reads. */
enum layer_unknown_kind {
    LAYER_UNKNOWN_LINK_TYPE,
    LAYER_UNKNOWN_ETHERTYPE,
    LAYER_UNKNOWN_IP_PROTOCOL,
    LAYER_UNKNOWN_PPP_PROTOCOL,
    LAYER_UNKNOWN_NLPID,
    LAYER_UNKNOWN_TUNNEL,       /* the UDP port of a tunnel whose inner protocol is not known */
};

struct layer_unknown {
    uint32_t kind;              /* enum layer_unknown_kind */
    uint32_t number;
    uint64_t packets;
};

/* "unknown ethertype 0x88e5 (MACsec, encrypted)". */
#define LAYER_UNKNOWN_TEXT_MAX 96
void layer_unknown_format(const struct layer_unknown *unknown, char text[LAYER_UNKNOWN_TEXT_MAX]);

/* The packet as it is taken apart. After LAYER_TCP or LAYER_UDP: addresses, ports and payload; after
 * LAYER_EAPOL: the MAC addresses and payload. */
struct layer_cursor {
    struct byte_reader bytes;   /* what is not yet consumed; at the end the transport's payload */
    int64_t time_us;
    uint32_t link_type;         /* LINKTYPE_ number, for LAYER_LINK */
    uint16_t ethertype;
    uint8_t protocol;           /* IANA number */
    uint8_t ip_len;             /* of an address: 4, 16, 0 none yet */
    uint8_t ip_depth;
    bool cut;                   /* the payload is shorter than it was on the wire */
    const uint8_t *source, *destination;
    const uint8_t *source_mac, *destination_mac;    /* NULL where the link has none */
    uint16_t source_port, destination_port;
    uint32_t tcp_sequence, tcp_acknowledgment;
    uint8_t tcp_flags;
    enum layer_unknown_kind unknown_kind;       /* of LAYER_UNKNOWN */
    uint32_t unknown_number;
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

#define LAYERS_UNKNOWN_MAX 16   /* kinds that are counted one by one; the rest together */

struct layer_counts {
    uint64_t packets, cut, too_deep, fragments;
    uint64_t unknown;           /* packets that ended in a layer that is not read here, of all kinds */
    struct layer_unknown unknown_kinds[LAYERS_UNKNOWN_MAX];     /* in the order of their first packets */
    size_t unknown_kind_count;
};

struct layers;

struct layers *layers_create(void);
void layers_destroy(struct layers *layers);
const struct layer_counts *layers_counts(const struct layers *layers);

/* Walks one packet down to LAYER_TCP, LAYER_UDP, LAYER_EAPOL or to an end (LAYER_STOP, _CUT, _FRAGMENT). What the
 * cursor points at is borrowed from the packet (or from a reassembled datagram) until the next call. */
enum layer layers_walk(struct layers *layers, const struct packet *packet, struct layer_cursor *cursor);
