#include "scanner/targets/target_fault.h"

#include "probes/base/address.h"
#include "probes/base/memory.h"
#include "scanner/targets/host_name.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED                                                                                                     \
    "expected an address, a range (10.0.0.0/16, 10.0.0.1-50, 2001:db8::/120), a name or name@address, each with "    \
    "optional :PORTS ([2001:db8::1]:443)"

/* Each looks at one kind of fault: true where it is that one, with err set. */
typedef bool fault_function(const char *host, bool pattern, struct error *err);

static bool fault(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fault(struct error *err, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(err, ERROR_USAGE, "%s", text);
    return true;
}

/* ---- URLs */

static bool is_url(const char *text, struct error *err)
{
    static const struct {
        const char *scheme, *port;
    } ports[] = {{"https", ":443"}, {"http", ":80"}, {"ldaps", ":636"}, {"imaps", ":993"}, {"smtps", ":465"}};
    const char *end = strstr(text, "://"), *port = "";
    if (end == NULL)
        return false;
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        if (strlen(ports[i].scheme) == (size_t)(end - text) && strncmp(text, ports[i].scheme, (size_t)(end - text)) == 0)
            port = ports[i].port;
    const char *host = end + 3;
    size_t len = strcspn(host, "/?#");
    const char *bracket = memchr(host, ']', len), *colon = memchr(bracket == NULL ? host : bracket, ':',
                                                                 len - (size_t)(bracket == NULL ? 0 : bracket - host));
    return fault(err, "a URL; a target is its host and port: %.*s%s", (int)len, host, colon == NULL ? port : "");
}

/* ---- addresses */

/* Only digits, dots and the characters of ranges: meant as an IPv4 address. */
static bool looks_like_ipv4(const char *text)
{
    return isdigit((unsigned char)text[0]) && text[strspn(text, "0123456789.*-")] == '\0';
}

static bool looks_like_ipv6(const char *text)
{
    const char *colon = strchr(text, ':');
    bool is_ipv4 = colon != NULL && memchr(text, '.', (size_t)(colon - text)) != NULL;
    return colon != NULL && !is_ipv4 && strchr(colon + 1, ':') != NULL && text[strspn(text, "0123456789abcdefABCDEF:.")] == '\0';
}

static bool ipv4_fault(const char *text, struct error *err)
{
    unsigned parts = 1;
    for (const char *at = text; (at = strchr(at, '.')) != NULL; at++)
        parts++;
    if (strchr(text, '*') != NULL)
        return fault(err, "\"*\" is not read in an address: write the network, as 10.0.0.0/24");
    if (parts == 1)
        return fault(err, "a number alone is no target: write ports after a colon (10.0.0.1:443) or in -p");
    if (parts != 4)
        return fault(err, "an IPv4 address has four numbers, and this has %u", parts);
    for (const char *part = text;; part++) {
        char *end;
        unsigned long number = strtoul(part, &end, 10);
        if (*end == '-')
            return fault(err, "only the last number of an IPv4 address may be a range: write networks or FIRST-LAST");
        if (end == part)
            return fault(err, "a number of the IPv4 address is missing");
        if (number > 255)
            return fault(err, "the numbers of an IPv4 address are 0 to 255, and %lu is not", number);
        if (part[0] == '0' && end - part > 1)
            return fault(err, "a number with a leading zero (%.*s) may mean octal or decimal: leave the zero out",
                         (int)(end - part), part);
        if (*(part = end) == '\0')
            return false;
    }
}

static bool address_fault(const char *text, struct error *err)
{
    struct address address;
    if (address_parse(text, &address))
        return false;
    if (looks_like_ipv4(text))
        return ipv4_fault(text, err);
    return looks_like_ipv6(text) && fault(err, "not an IPv6 address (RFC 4291, section 2.2)");
}

/* 255.255.255.0 as 24; 33 where the ones are not in one piece. */
static unsigned netmask_bits(const struct address *mask)
{
    uint32_t value = (uint32_t)address_value(mask);
    unsigned bits = 0;
    while (bits < 32 && (value & (0x80000000u >> bits)) != 0)
        bits++;
    return bits == 32 || value << bits == 0 ? bits : 33;
}

static bool prefix_fault(const char *host, bool pattern, struct error *err)
{
    (void)pattern;
    const char *slash = strchr(host, '/');
    struct address address, mask;
    if (slash == NULL)
        return false;
    char *base = xstrndup(host, (size_t)(slash - host));
    const char *prefix = slash + 1;
    bool is_number = prefix[0] != '\0' && prefix[strspn(prefix, "0123456789")] == '\0';
    bool is_address = address_parse(base, &address), done = true;
    unsigned most = !is_address || strchr(base, ':') != NULL ? 128 : 32;
    if (!is_address && !address_fault(base, err))
        done = fault(err, "\"/%s\" is no prefix: only an address has one, and a name has no path", prefix);
    else if (is_address && is_number && strtoul(prefix, NULL, 10) > most)
        fault(err, "a prefix of IPv%c is /0 to /%u", most == 32 ? '4' : '6', most);
    else if (is_address && most == 32 && address_parse(prefix, &mask) && mask.len == 4 && netmask_bits(&mask) <= 32)
        fault(err, "a netmask: write %s/%u", base, netmask_bits(&mask));
    else if (is_address && is_number && most == 128)
        fault(err, "an IPv4-mapped prefix is /96 to /128");
    else if (is_address)
        fault(err, "\"/%s\" is no prefix length", prefix);
    free(base);
    return done;
}

static bool range_fault(const char *host, bool pattern, struct error *err)
{
    (void)pattern;
    const char *dash = strchr(host, '-');
    struct address first, last;
    bool done = true;
    if (dash == NULL)
        return false;
    char *head = xstrndup(host, (size_t)(dash - host));
    const char *end = dash + 1;
    bool is_number = end[0] != '\0' && end[strspn(end, "0123456789")] == '\0';
    if (!address_parse(head, &first))
        done = false;
    else if (address_parse(end, &last) && last.len != first.len)
        fault(err, "a range does not go from IPv4 to IPv6");
    else if (address_parse(end, &last))
        fault(err, "the range runs backwards: write %s-%s", end, head);
    else if (is_number && first.len == 4 && strtoul(end, NULL, 10) > 255)
        fault(err, "the last number of an IPv4 address is 0 to 255, and %s is not", end);
    else if (is_number && first.len == 4)
        fault(err, "the range runs backwards: write %.*s%s-%u", (int)(strrchr(head, '.') - head + 1), head, end,
              first.bytes[3]);
    else
        fault(err, "\"%s\" does not end a range: write the whole last address", end);
    free(head);
    return done;
}

static bool zone_fault(const char *host, bool pattern, struct error *err)
{
    (void)pattern;
    return strchr(host, '%') != NULL && strchr(host, ':') != NULL &&
           fault(err, "an address with a zone is link-local, and such addresses are never asked");
}

static bool plain_address_fault(const char *host, bool pattern, struct error *err)
{
    (void)pattern;
    return address_fault(host, err);
}

/* ---- names */

static bool at_fault(const char *host, bool pattern, struct error *err)
{
    const char *at = strrchr(host, '@');
    struct address address;
    if (at == NULL)
        return false;
    if (at == host)
        return fault(err, "\"@FILE\" stands alone: give it as an argument or a value of its own");
    if (pattern)
        return fault(err, "name@address is no exclusion: give the name or the address");
    if (!address_parse(at + 1, &address))
        return fault(err, "behind \"@\" stands one address, and \"%s\" is none", at + 1);
    char *name = xstrndup(host, (size_t)(at - host));
    host_name_fault(name, err);
    free(name);
    return true;
}

static bool wildcard_fault(const char *host, bool pattern, struct error *err)
{
    if (strchr(host, '*') == NULL)
        return false;
    return pattern ? fault(err, "\"*\" stands for whole labels at the head of a name only, as *.x.example")
                   : fault(err, "a name with \"*\" cannot be asked; it may stand in exclusions and scope files");
}

static bool port_separator_fault(const char *host, bool pattern, struct error *err)
{
    (void)pattern;
    const char *colon = strchr(host, ':');
    if (colon == NULL)
        return false;
    return fault(err, "more than one colon: ports are parted by commas (:443,8443), and an IPv6 address with ports stands "
                      "in brackets ([2001:db8::1]:443)");
}

bool target_fault(const char *text, const char *host, bool pattern, struct error *err)
{
    static fault_function *const faults[] = {at_fault,            zone_fault,     prefix_fault,        range_fault,
                                             plain_address_fault, wildcard_fault, port_separator_fault};
    bool found = is_url(text, err);
    if (!found && text[0] == '\0')
        found = fault(err, "a target is missing");
    if (!found && host == NULL)
        found = fault(err, "write brackets around an IPv6 address, then its ports: [2001:db8::1]:443");
    if (!found && host[0] == '\0')
        found = fault(err, "before \":\" stands an address or a name");
    for (size_t i = 0; !found && i < sizeof faults / sizeof faults[0]; i++)
        found = faults[i](host, pattern, err);
    if (!found) {
        struct error why = {0};
        host_name_fault(host, &why);
        error_set(err, ERROR_USAGE, "%s; " EXPECTED, why.text);
    }
    return error_add_context(err, "\"%.100s\"", text);
}
