/* Frames as bytes: SYNs, ARP and neighbour requests to be sent, answers to be read. No socket here.
 *
 *     [ Ethernet 14 ] [ IPv4 20 | IPv6 40 ] [ TCP 20 + MSS option 4 ]        RFC 894, 791, 8200, 9293 */
#pragma once
#include "probes/base/address.h"
#include "probes/base/byte_reader.h"

#define FRAME_SIZE      78 /* of the longest SYN, Ethernet header and all */
#define FRAME_MAC_SIZE  6
#define FRAME_LINK_SIZE 14 /* the Ethernet header before the IP packet */

struct frame_syn {
    struct address source, destination; /* of one family */
    uint16_t source_port, destination_port;
    uint32_t sequence;
};

/* Writes the IP packet (no link header) and gives its length. */
size_t frame_write_syn(const struct frame_syn *syn, uint8_t bytes[FRAME_SIZE - FRAME_LINK_SIZE]);
void frame_write_link(const uint8_t source[FRAME_MAC_SIZE], const uint8_t destination[FRAME_MAC_SIZE],
                      uint16_t ether_type, uint8_t bytes[FRAME_LINK_SIZE]);

/* Who has this address? A whole frame: ARP (RFC 826) or a neighbour solicitation (RFC 4861, 4.3). */
#define FRAME_ASK_SIZE 86
size_t frame_write_neighbour_ask(const uint8_t mac[FRAME_MAC_SIZE], const struct address *own,
                                 const struct address *asked, uint8_t bytes[FRAME_ASK_SIZE]);
/* Is the frame the answer to that? Then mac is filled. */
bool frame_read_neighbour_answer(const uint8_t *bytes, size_t len, const struct address *asked,
                                 uint8_t mac[FRAME_MAC_SIZE]);

enum frame_kind {
    FRAME_OTHER, /* nothing of ours, or broken */
    FRAME_SYN_ACK,
    FRAME_RESET,
    FRAME_UNREACHABLE, /* ICMP, with the beginning of our SYN quoted */
};

struct frame_answer {
    enum frame_kind kind;
    struct frame_syn syn; /* the SYN that this answers, taken from the answer */
    struct address from;  /* who sent it: the target, or a router */
    uint8_t icmp_code;
};

/* An IP packet, perhaps cut at its end. */
void frame_read_answer(struct byte_reader packet, struct frame_answer *answer);
