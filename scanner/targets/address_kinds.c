#include "scanner/targets/address_kinds.h"

#include <stdlib.h>
#include <string.h>

struct row {
    enum address_kind kind;
    const char *range, *reason;
};

static const struct row rows[] = {
    {ADDRESS_PRIVATE, "127.0.0.0/8", "loopback address (RFC 1122)"},
    {ADDRESS_PRIVATE, "10.0.0.0/8", "private address (RFC 1918)"},
    {ADDRESS_PRIVATE, "172.16.0.0/12", "private address (RFC 1918)"},
    {ADDRESS_PRIVATE, "192.168.0.0/16", "private address (RFC 1918)"},
    {ADDRESS_PRIVATE, "100.64.0.0/10", "shared address (RFC 6598)"},
    {ADDRESS_PRIVATE, "198.18.0.0/15", "benchmark address (RFC 2544)"},
    {ADDRESS_PRIVATE, "2001:2::/48", "benchmark address (RFC 5180)"},
    {ADDRESS_PRIVATE, "::1", "loopback address (RFC 4291)"},
    {ADDRESS_PRIVATE, "fc00::/7", "private address (RFC 4193)"},
    {ADDRESS_PRIVATE, "fec0::/10", "site-local address (RFC 3879)"},
    {ADDRESS_DOCUMENTATION, "192.0.2.0/24", "documentation address (RFC 5737)"},
    {ADDRESS_DOCUMENTATION, "198.51.100.0/24", "documentation address (RFC 5737)"},
    {ADDRESS_DOCUMENTATION, "203.0.113.0/24", "documentation address (RFC 5737)"},
    {ADDRESS_DOCUMENTATION, "2001:db8::/32", "documentation address (RFC 3849)"},
    {ADDRESS_DOCUMENTATION, "3fff::/20", "documentation address (RFC 9637)"},
    {ADDRESS_NEVER, "0.0.0.0/8", "unspecified address (RFC 1122)"},
    {ADDRESS_NEVER, "169.254.0.0/16", "link-local address (RFC 3927)"},
    {ADDRESS_NEVER, "224.0.0.0/4", "multicast address (RFC 5771)"},
    {ADDRESS_NEVER, "255.255.255.255", "broadcast address (RFC 919)"},
    {ADDRESS_NEVER, "240.0.0.0/4", "reserved address (RFC 1112)"},
    {ADDRESS_NEVER, "::", "unspecified address (RFC 4291)"},
    {ADDRESS_NEVER, "::0.0.0.2-::255.255.255.255", "IPv4-compatible address, deprecated (RFC 4291)"},
    {ADDRESS_NEVER, "100::/64", "discard-only address (RFC 6666)"},
    {ADDRESS_NEVER, "fe80::/10", "link-local address (RFC 4291)"},
    {ADDRESS_NEVER, "ff00::/8", "multicast address (RFC 4291)"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct address_range address_range_constant(const char *text)
{
    struct address_range range;
    if (!address_range_parse(text, &range))
        abort(); /* a wrong row in a table of ours */
    return range;
}

bool address_kind_range(enum address_kind kind, size_t number, struct address_range *range, const char **reason)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].kind != kind || number-- != 0)
            continue;
        *range = address_range_constant(rows[i].range);
        if (reason != NULL)
            *reason = rows[i].reason;
        return true;
    }
    return false;
}

static const char *reason_of(enum address_kind kind, const struct address *address)
{
    struct address_range range;
    const char *reason;
    for (size_t i = 0; address_kind_range(kind, i, &range, &reason); i++)
        if (address_range_contains(&range, address))
            return reason;
    return NULL;
}

const char *address_never_reason(const struct address *address)
{
    if (address->len == 4 && address->bytes[0] != 0 && address->bytes[0] != 169 && address->bytes[0] < 224)
        return NULL; /* nearly all */
    return reason_of(ADDRESS_NEVER, address);
}

const char *address_public_reason(const struct address *address)
{
    const char *reason = reason_of(ADDRESS_DOCUMENTATION, address);
    return reason == NULL ? "public address" : reason;
}

bool address_is_loopback(const struct address *address)
{
    static const uint8_t ipv6_loopback[16] = {[15] = 1};
    return address->len == 4 ? address->bytes[0] == 127 : memcmp(address->bytes, ipv6_loopback, 16) == 0;
}

/* ---- IPv4 inside IPv6 */

static struct address inside(const uint8_t *bytes, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t address[4] = {bytes[a], bytes[b], bytes[c], bytes[d]};
    return address_from_bytes(address, 4);
}

size_t address_judged(const struct address *address, struct address candidates[ADDRESS_JUDGED_MAX])
{
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b},
                         nat64_local[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
    static const uint8_t teredo[4] = {0x20, 0x01, 0x00, 0x00};
    const uint8_t *b = address->bytes;
    size_t count = 0;
    candidates[0] = *address;
    if (address->len != 16)
        return 1;
    if (memcmp(b, nat64, sizeof nat64) == 0) {
        candidates[0] = inside(b, 12, 13, 14, 15);
    } else if (b[0] == 0x20 && b[1] == 0x02) { /* 6to4, RFC 3056 */
        candidates[0] = inside(b, 2, 3, 4, 5);
    } else if (memcmp(b, teredo, sizeof teredo) == 0) { /* RFC 4380, 4: the client's, inverted */
        candidates[0] = inside(b, 12, 13, 14, 15);
        for (size_t i = 0; i < 4; i++)
            candidates[0].bytes[i] ^= 0xff;
    } else if (memcmp(b, nat64_local, sizeof nat64_local) == 0) {
        const struct address forms[ADDRESS_JUDGED_MAX] = {inside(b, 12, 13, 14, 15), inside(b, 6, 7, 9, 10),
                                                      inside(b, 7, 9, 10, 11), inside(b, 9, 10, 11, 12)};
        for (size_t i = 0; i < ADDRESS_JUDGED_MAX; i++)
            if (forms[i].bytes[0] != 0) /* 0.0.0.0/8 is no host's address, so this prefix length is not the one in use */
                candidates[count++] = forms[i];
        if (count != 0)
            return count;
        candidates[0] = forms[0];
    }
    return 1;
}
