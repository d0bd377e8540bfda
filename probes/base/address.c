#include "probes/base/address.h"

#include "probes/base/number_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_mapped(const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(bytes, mapped, sizeof mapped) == 0;
}

struct address address_from_bytes(const uint8_t *bytes, size_t len)
{
    struct address address = {.len = (uint8_t)len};
    if (len == 16 && is_mapped(bytes)) {
        address.len = 4;
        memcpy(address.bytes, bytes + 12, 4);
    } else {
        memcpy(address.bytes, bytes, len);
    }
    return address;
}

bool address_parse(const char *text, struct address *address)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        *address = address_from_bytes(bytes, 4);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *address = address_from_bytes(bytes, 16);
    else
        return false;
    return true;
}

void address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    if (address->len == 0)
        text[0] = '\0';
    else
        inet_ntop(address->len == 4 ? AF_INET : AF_INET6, address->bytes, text, ADDRESS_TEXT_SIZE);
}

int address_compare(const struct address *a, const struct address *b)
{
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool address_range_of_prefix(const struct address *address, unsigned prefix_len, struct address_range *range)
{
    unsigned bits = address->len * 8u;
    if (prefix_len > bits)
        return false;
    *range = (struct address_range){.first = *address, .last = *address};
    for (unsigned bit = prefix_len; bit < bits; bit++) {
        uint8_t mask = (uint8_t)(0x80 >> bit % 8);
        range->first.bytes[bit / 8] &= (uint8_t)~mask;
        range->last.bytes[bit / 8] |= mask;
    }
    if (bits == 128 && is_mapped(range->last.bytes))    /* ::/80: written as an address, its end would be IPv4 */
        range->last.bytes[11] = 0xfe;
    return true;
}

/* The length behind "/", for an address that was written as text: as that of IPv4, /112 of an IPv4-mapped one is /16. */
static bool parse_prefix_len(const char *digits, const char *text, const struct address *address, uint64_t *prefix_len)
{
    uint64_t most = address->len == 4 && strchr(text, ':') == NULL ? 32 : 128, least = most == 128 && address->len == 4 ? 96 : 0;
    if (!number_text_read(digits, most, prefix_len) || *prefix_len < least)
        return false;
    *prefix_len -= least;
    return true;
}

bool address_network_text(const char *text, char network[ADDRESS_NETWORK_TEXT_SIZE])
{
    char head[ADDRESS_TEXT_SIZE];
    struct address address;
    uint64_t prefix_len;
    size_t len = strcspn(text, "/");
    if (len >= sizeof head)
        return false;
    memcpy(head, text, len);
    head[len] = '\0';
    if (!address_parse(head, &address) || (text[len] == '/' && !parse_prefix_len(text + len + 1, head, &address, &prefix_len)))
        return false;
    address_format(&address, network);
    if (text[len] == '/')
        snprintf(network + strlen(network), 5, "/%u", (unsigned)prefix_len);
    return true;
}

static bool parse_last(const char *text, const struct address *first, struct address *last)
{
    uint64_t octet;
    if (address_parse(text, last))
        return last->len == first->len;
    if (first->len != 4 || !number_text_read(text, 255, &octet))
        return false;
    *last = *first;
    last->bytes[3] = (uint8_t)octet;
    return true;
}

bool address_range_parse(const char *text, struct address_range *range)
{
    char first[ADDRESS_TEXT_SIZE];
    size_t len = strcspn(text, "/-");
    uint64_t prefix_len;
    if (len >= sizeof first)
        return false;
    memcpy(first, text, len);
    first[len] = '\0';
    if (!address_parse(first, &range->first))
        return false;
    range->last = range->first;
    if (text[len] == '/')
        return parse_prefix_len(text + len + 1, first, &range->first, &prefix_len)
            && address_range_of_prefix(&range->first, (unsigned)prefix_len, range);
    if (text[len] == '-')
        return parse_last(text + len + 1, &range->first, &range->last) &&
               address_compare(&range->first, &range->last) <= 0;
    return true;
}

void address_range_format(const struct address_range *range, char text[ADDRESS_RANGE_TEXT_SIZE])
{
    address_format(&range->first, text);
    if (address_compare(&range->first, &range->last) == 0)
        return;
    size_t len = strlen(text);
    text[len] = '-';
    address_format(&range->last, text + len + 1);
}

bool address_range_contains(const struct address_range *range, const struct address *address)
{
    return address->len == range->first.len && address_compare(&range->first, address) <= 0 &&
           address_compare(address, &range->last) <= 0;
}

const char *transport_name(enum transport transport)
{
    switch (transport) {
    case TRANSPORT_TCP: return "tcp";
    case TRANSPORT_UDP: return "udp";
    case TRANSPORT_SCTP: return "sctp";
    }
    return "?";
}

bool transport_parse(const char *name, enum transport *transport)
{
    static const enum transport all[] = {TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_SCTP};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(name, transport_name(all[i])) == 0) {
            *transport = all[i];
            return true;
        }
    }
    return false;
}
