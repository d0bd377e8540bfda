/* IPv4 and IPv6 addresses, ranges and prefixes. Bytes are in network order; an IPv4-mapped IPv6 address (RFC 4291,
 * section 2.5.5.2) is converted to IPv4 when it is made, so that writing an address in that form evades no rule. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT_SIZE 46        /* INET6_ADDRSTRLEN */

struct address {
    uint8_t bytes[16];              /* the first len count; the rest is zero */
    uint8_t len;                    /* 4 or 16 (0: no address) */
};

struct address_range {              /* both ends inside, same family, first <= last */
    struct address first;
    struct address last;
};

enum transport { TRANSPORT_TCP = 6, TRANSPORT_UDP = 17, TRANSPORT_SCTP = 132 };    /* IANA protocol numbers */

struct address address_from_bytes(const uint8_t *bytes, size_t len);     /* len 4 or 16 */
bool address_parse(const char *text, struct address *address);           /* no zone, no brackets */
void address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]);    /* RFC 5952 */
int address_compare(const struct address *a, const struct address *b);   /* IPv4 before IPv6, then by value */

/* The range of address/prefix_len; host bits are cleared. A range that would end inside the IPv4-mapped block ends
 * just before it, since those addresses are IPv4. False if prefix_len is too large. */
bool address_range_of_prefix(const struct address *address, unsigned prefix_len, struct address_range *range);

/* A network ("10.0.0.0/8") or an address as the inventory has it: an IPv4-mapped one is IPv4 ("::ffff:10.0.0.0/104" is "10.0.0.0/8"), which
 * no wider network is. Bits of the host stay. False: it is neither. */
#define ADDRESS_NETWORK_TEXT_SIZE (ADDRESS_TEXT_SIZE + 4)
bool address_network_text(const char *text, char network[ADDRESS_NETWORK_TEXT_SIZE]);

/* "10.0.0.0/16", "10.0.0.1-10.0.0.50", "10.0.0.1-50", "2001:db8::/120", "10.0.0.1"; nothing else. */
bool address_range_parse(const char *text, struct address_range *range);
/* "10.0.0.1-10.0.0.50", and "10.0.0.1" where both ends are one. */
#define ADDRESS_RANGE_TEXT_SIZE (2 * ADDRESS_TEXT_SIZE)
void address_range_format(const struct address_range *range, char text[ADDRESS_RANGE_TEXT_SIZE]);
bool address_range_contains(const struct address_range *range, const struct address *address);

const char *transport_name(enum transport transport);                    /* "tcp", "udp", "sctp" */
bool transport_parse(const char *name, enum transport *transport);

/* The address as a number, and back: for arithmetic within one family. */
static inline unsigned __int128 address_value(const struct address *address)
{
    unsigned __int128 value = 0;
    for (unsigned i = 0; i < address->len; i++)
        value = value << 8 | address->bytes[i];
    return value;
}

static inline struct address address_of_value(unsigned __int128 value, uint8_t len)
{
    struct address address = {.len = len};
    for (unsigned i = len; i-- > 0; value >>= 8)
        address.bytes[i] = (uint8_t)value;
    return address;
}
