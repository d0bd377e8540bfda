#include "inventory/facts/name_faults.h"

#include "inventory/certificate/cert_text.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEN_MAX 253            /* RFC 1035, 2.3.4, without the length octets */
#define LABEL_LEN_MAX 63
#define EXAMPLE_LEN 100             /* bytes of the name that are shown */

enum fault {
    INTERNAL_NAME, RESERVED_ADDRESS, REVERSE_ZONE, UNDERSCORE, TRAILING_DOT, EMPTY_LABEL, LONG_LABEL, HYPHEN_AT_END, BAD_CHARACTER,
    LONG_NAME, WILDCARD_PLACE, WILDCARD_OF_SUFFIX, SUFFIX_ALONE, OTHER_KIND, FAULT_COUNT
};
static const char *const words[FAULT_COUNT] = {
    "internal name", "reserved address", "reverse zone", "underscore", "trailing dot", "empty label", "label of more than 63 bytes",
    "hyphen at a label's end", "no character of a host name", "name of more than 253 bytes", "wildcard inside the name",
    "wildcard of a public suffix", "public suffix alone", "neither host nor address",
};

/* BR 1.6.1, Reserved IP Address: all of IANA's special-purpose registries (RFC 6890), and what is no unicast. */
static const char *const reserved[] = {
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/127", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "ff00::/8",
};

static bool is_reserved(const struct address *address)
{
    struct address_range range;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (address_range_parse(reserved[i], &range) && address_range_contains(&range, address))
            return true;
    return false;
}

static uint32_t bit(enum fault fault)
{
    return 1u << fault;
}

/* One label. A wildcard is the whole first one (BR 3.2.2.6). */
static uint32_t label_faults(const char *label, size_t len, bool is_first)
{
    uint32_t faults = 0;
    if (is_first && len == 1 && label[0] == '*')
        return 0;
    if (len == 0)
        return bit(EMPTY_LABEL);
    if (len > LABEL_LEN_MAX)
        faults |= bit(LONG_LABEL);
    if (label[0] == '-' || label[len - 1] == '-')
        faults |= bit(HYPHEN_AT_END);
    for (size_t i = 0; i < len; i++)
        if (label[i] == '*')
            faults |= bit(WILDCARD_PLACE);
        else if (label[i] == '_')
            faults |= bit(UNDERSCORE);
        else if (!isalnum((unsigned char)label[i]) && label[i] != '-')
            faults |= bit(BAD_CHARACTER);
    return faults;
}

static bool is_suffix(const psl_ctx_t *suffixes, const char *name)
{
    return suffixes != NULL && psl_is_public_suffix2(suffixes, name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

static bool is_top_level_known(const psl_ctx_t *suffixes, const char *top)
{
    return suffixes == NULL || strcmp(top, "onion") == 0 || is_suffix(suffixes, top);       /* RFC 7686 */
}

static uint32_t host_faults(const psl_ctx_t *suffixes, const char *name)
{
    uint32_t faults = 0;
    size_t len = strlen(name), labels = 0;
    if (len > 1 && name[len - 1] == '.')
        faults |= bit(TRAILING_DOT), len--;
    if (len > NAME_LEN_MAX)
        faults |= bit(LONG_NAME);
    const char *top = name;
    for (const char *label = name; label <= name + len; labels++) {
        size_t label_len = 0;
        while (label + label_len < name + len && label[label_len] != '.')
            label_len++;
        faults |= label_faults(label, label_len, labels == 0);
        top = label;
        label += label_len + 1;
    }
    char *host = xstrndup(name, len);
    const char *rest = strncmp(host, "*.", 2) == 0 ? host + 2 : host;
    if (strcmp(host, "*") == 0)
        faults |= bit(WILDCARD_PLACE);
    else if (labels == 1 ? !is_suffix(suffixes, host) : !is_top_level_known(suffixes, host + (top - name)))
        faults |= bit(INTERNAL_NAME);
    if (len >= 5 && strcmp(host + len - 5, ".arpa") == 0)
        faults |= bit(REVERSE_ZONE);
    if (is_suffix(suffixes, rest))
        faults |= bit(rest > host ? WILDCARD_OF_SUFFIX : SUFFIX_ALONE);
    free(host);
    return faults;
}

void name_faults_find(const psl_ctx_t *suffixes, const struct cert *cert, struct cert_texts *faults)
{
    uint32_t reported = 0;
    for (size_t i = 0; i < cert->san_count; i++) {
        const struct cert_name *name = &cert->names[i];
        uint32_t found = name->kind == CERT_NAME_DNS ? host_faults(suffixes, name->text)
                       : name->kind != CERT_NAME_IP || name->address.len == 0 ? bit(OTHER_KIND)
                       : is_reserved(&name->address) ? bit(RESERVED_ADDRESS) : 0;
        for (int fault = 0; fault < FAULT_COUNT; fault++)
            if ((found & ~reported) >> fault & 1) {
                char *example = cert_text_clean(name->text, strnlen(name->text, EXAMPLE_LEN));
                cert_texts_add(faults, xasprintf("%s: %s", words[fault], example));
                free(example);
            }
        reported |= found;
    }
}
