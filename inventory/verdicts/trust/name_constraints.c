#include "inventory/verdicts/trust/name_constraints.h"

#include "inventory/certificate/der.h"
#include "inventory/verdicts/trust/name_canon.h"
#include "probes/base/hex.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The most comparisons of names with subtrees, against hostile certificates; beyond it the certificate is not allowed
 * (BoringSSL and Go have the same kind of limit). */
#define COMPARISONS_MAX (1 << 18)

enum general_name {                 /* context tags of GeneralName (RFC 5280, 4.2.1.6) */
    NAME_OTHER = 0xa0, NAME_EMAIL = 0x81, NAME_DNS = 0x82, NAME_X400 = 0xa3, NAME_DIRECTORY = 0xa4, NAME_EDI = 0xa5, NAME_URI = 0x86,
    NAME_IP = 0x87, NAME_ID = 0x88,
};

struct check {
    struct byte_reader permitted, excluded;     /* contents of GeneralSubtrees */
    unsigned left;                  /* comparisons */
    char *violation;
    size_t size;
};

static bool equal_folded(struct byte_reader a, struct byte_reader b)
{
    return a.left == b.left && strncasecmp((const char *)a.at, (const char *)b.at, a.left) == 0;
}

static struct byte_reader tail_of(struct byte_reader text, size_t len)
{
    return byte_reader_of(text.at + (text.left - len), len);
}

/* "example.com" holds itself and all below; ".example.com", which the RFC does not have, all below only. */
static bool dns_within(struct byte_reader name, struct byte_reader base)
{
    if (name.left > 0 && name.at[name.left - 1] == '.')
        name.left--;
    if (base.left == 0)
        return true;
    if (name.left < base.left || !equal_folded(tail_of(name, base.left), base))
        return false;
    return name.left == base.left || base.at[0] == '.' || name.at[name.left - base.left - 1] == '.';
}

/* A host in an address or a URI: "example.com" is that host alone, ".example.com" all below it. */
static bool host_within(struct byte_reader host, struct byte_reader base)
{
    if (base.left > 0 && base.at[0] == '.')
        return host.left > base.left && equal_folded(tail_of(host, base.left), base);
    return equal_folded(host, base);
}

static bool email_within(struct byte_reader name, struct byte_reader base)
{
    const uint8_t *at = name.left == 0 ? NULL : memrchr(name.at, '@', name.left);
    if (at == NULL)
        return false;
    struct byte_reader host = byte_reader_of(at + 1, name.left - (size_t)(at - name.at) - 1);
    const uint8_t *base_at = base.left == 0 ? NULL : memrchr(base.at, '@', base.left);
    if (base_at == NULL)
        return base.left == 0 || host_within(host, base);
    size_t local = (size_t)(base_at - base.at);
    return (size_t)(at - name.at) == local && memcmp(name.at, base.at, local) == 0
        && equal_folded(host, byte_reader_of(base_at + 1, base.left - local - 1));
}

static bool uri_within(struct byte_reader name, struct byte_reader base)
{
    const uint8_t *scheme = name.left < 3 ? NULL : memmem(name.at, name.left, "://", 3);
    if (scheme == NULL)
        return false;
    struct byte_reader host = byte_reader_of(scheme + 3, name.left - (size_t)(scheme - name.at) - 3);
    for (size_t i = 0; i < host.left; i++)
        if (memchr("/?#", host.at[i], 3) != NULL)
            host.left = i;
    const uint8_t *user = host.left == 0 ? NULL : memrchr(host.at, '@', host.left);
    if (user != NULL)
        host = byte_reader_of(user + 1, host.left - (size_t)(user - host.at) - 1);
    const uint8_t *port = host.left == 0 ? NULL : memchr(host.at, ':', host.left);
    if (port != NULL)
        host.left = (size_t)(port - host.at);
    return base.left == 0 || host_within(host, base);
}

static bool ip_within(struct byte_reader name, struct byte_reader base)
{
    if (base.left != 2 * name.left || (name.left != 4 && name.left != 16))
        return false;
    for (size_t i = 0; i < name.left; i++)
        if (((name.at[i] ^ base.at[i]) & base.at[name.left + i]) != 0)
            return false;
    return true;
}

static bool directory_within(struct byte_reader name, struct byte_reader base)
{
    struct byte_buffer one, other;
    byte_buffer_init(&one, 0);
    byte_buffer_init(&other, 0);
    bool within = name_canon(name, &one) && name_canon(base, &other) && other.tail <= one.tail
        && (other.tail == 0 || memcmp(one.bytes, other.bytes, other.tail) == 0);
    byte_buffer_clear(&one);
    byte_buffer_clear(&other);
    return within;
}

static bool within(uint8_t kind, struct byte_reader name, struct byte_reader base)
{
    switch (kind) {
    case NAME_DNS: return dns_within(name, base);
    case NAME_EMAIL: return email_within(name, base);
    case NAME_URI: return uri_within(name, base);
    case NAME_IP: return ip_within(name, base);
    case NAME_DIRECTORY: return directory_within(name, base);
    default: return false;
    }
}

/* A wildcard also covers names below an excluded subtree: *.example.com if a.example.com is excluded. */
static bool wildcard_reaches(struct byte_reader name, struct byte_reader base)
{
    if (name.left < 3 || name.at[0] != '*' || name.at[1] != '.')
        return false;
    struct byte_reader below = tail_of(name, name.left - 1);            /* ".example.com" */
    return base.left > below.left && equal_folded(tail_of(base, below.left), below)
        && memchr(base.at, '.', base.left - below.left) == NULL;
}

enum found { FOUND_NONE_OF_KIND, FOUND_OUTSIDE, FOUND_WITHIN };

static enum found find(struct check *check, struct byte_reader subtrees, uint8_t kind, struct byte_reader name, bool excluded)
{
    struct der_item subtree, base;
    enum found found = FOUND_NONE_OF_KIND;
    while (der_read_tag(&subtrees, DER_SEQUENCE, &subtree)) {
        if (check->left == 0)
            return excluded ? FOUND_WITHIN : FOUND_OUTSIDE;
        check->left--;
        if (!der_read(&subtree.content, &base) || base.tag != kind)
            continue;
        if (within(kind, name, base.content) || (excluded && kind == NAME_DNS && wildcard_reaches(name, base.content)))
            return FOUND_WITHIN;
        found = FOUND_OUTSIDE;
    }
    return found;
}

static bool violated(struct check *check, uint8_t kind, struct byte_reader name)
{
    static const char *const kinds[] = {[NAME_EMAIL & 15] = "email", [NAME_DNS & 15] = "dns", [NAME_DIRECTORY & 15] = "directory",
                                        [NAME_URI & 15] = "uri", [NAME_IP & 15] = "ip"};
    int len = (int)(name.left < 200 ? name.left : 200);
    if (kind == NAME_DIRECTORY || kind == NAME_IP) {
        char text[2 * 32 + 1];
        hex_format(name.at, name.left < 32 ? name.left : 32, text);
        snprintf(check->violation, check->size, "%s:%s", kinds[kind & 15], text);
    } else
        snprintf(check->violation, check->size, "%s:%.*s", kinds[kind & 15], len, (const char *)name.at);
    return false;
}

/* Excluded wins over permitted. */
static bool allow_name(struct check *check, uint8_t kind, struct byte_reader name)
{
    if (find(check, check->excluded, kind, name, true) == FOUND_WITHIN || find(check, check->permitted, kind, name, false) == FOUND_OUTSIDE)
        return violated(check, kind, name);
    return true;
}

static bool looks_like_host(struct byte_reader text)
{
    for (size_t i = 0; i < text.left; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f || memchr("/@:,=", text.at[i], 5) != NULL)
            return false;
    return text.left > 2 && text.left < 254 && memchr(text.at, '.', text.left) != NULL;
}

/* Attributes of the subject that count as an alternative name: emailAddress (RFC 5280, 4.2.1.10), and common
 * names. */
static bool allow_subject(struct check *check, struct byte_reader subject, bool counts_common)
{
    struct der_item sequence, set, attribute, oid, value;
    if (!der_read_tag(&subject, DER_SEQUENCE, &sequence))
        return true;
    while (der_read_tag(&sequence.content, DER_SET, &set))
        while (der_read_tag(&set.content, DER_SEQUENCE, &attribute)) {
            if (!der_read_tag(&attribute.content, DER_OID, &oid) || !der_read(&attribute.content, &value))
                continue;
            bool is_email = oid.content.left == 9 && memcmp(oid.content.at, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 9) == 0;
            bool is_common = oid.content.left == 3 && memcmp(oid.content.at, "\x55\x04\x03", 3) == 0;
            if (is_email && !allow_name(check, NAME_EMAIL, value.content))
                return false;
            if (is_common && counts_common && looks_like_host(value.content) && !allow_name(check, NAME_DNS, value.content))
                return false;
        }
    return true;
}

bool name_constraints_allow(struct byte_reader constraints, const struct signed_cert *cert, char *violation, size_t size)
{
    struct check check = {.left = COMPARISONS_MAX, .violation = violation, .size = size};
    struct der_item item;
    if (constraints.left == 0) {    /* unreadable, or an empty sequence, which may not be: nothing is allowed */
        snprintf(violation, size, "name constraints that cannot be read");
        return false;
    }
    while (der_read(&constraints, &item)) {
        if (item.tag == 0xa0)
            check.permitted = item.content;
        else if (item.tag == 0xa1)
            check.excluded = item.content;
    }
    bool ok = true, has_dns = false;
    struct byte_reader names = cert->subject_alt_names;
    while (ok && der_read(&names, &item)) {
        has_dns |= item.tag == NAME_DNS;
        if (item.tag == NAME_DIRECTORY) {
            struct der_item name;
            ok = !der_read(&item.content, &name) || allow_name(&check, NAME_DIRECTORY, name.whole);
        } else if (item.tag == NAME_DNS || item.tag == NAME_EMAIL || item.tag == NAME_URI || item.tag == NAME_IP)
            ok = allow_name(&check, item.tag, item.content);
    }
    struct der_item subject;
    struct byte_reader whole = cert->subject;
    bool empty = !der_read(&whole, &subject) || subject.content.left == 0;
    return ok && (empty || allow_name(&check, NAME_DIRECTORY, cert->subject)) && allow_subject(&check, cert->subject, !has_dns && !cert->is_ca);
}
