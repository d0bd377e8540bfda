#include "inventory/owners/owner_ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 128

/* "255.255.255.0" as 24; false where it is no netmask (RFC 4632, 5.1). */
static bool mask_bits(const char *text, unsigned *bits)
{
    struct address mask;
    if (!address_parse(text, &mask) || mask.len != 4)
        return false;
    uint32_t value = (uint32_t)address_value(&mask);
    *bits = 0;
    while (*bits < 32 && (value >> (31 - *bits) & 1) != 0)
        ++*bits;
    return *bits > 0 && (*bits == 32 || value << *bits == 0);
}

static bool masked(const char *address_text, const char *mask_text, struct address_range *range)
{
    struct address address;
    unsigned bits;
    return address_parse(address_text, &address) && address.len == 4 && mask_bits(mask_text, &bits) &&
           address_range_of_prefix(&address, bits, range);
}

/* "10.1.*" and "10.1.*.*" */
static bool starred(const char *text, struct address_range *range)
{
    char whole[WORD_MAX];
    size_t fixed = strcspn(text, "*");
    unsigned parts = 0;
    if (text[fixed] == '\0' || fixed == 0 || fixed > 12 || text[fixed - 1] != '.' || strspn(text + fixed, "*.") != strlen(text + fixed))
        return false;
    for (size_t i = 0; i < fixed; i++)
        parts += text[i] == '.';
    int len = snprintf(whole, sizeof whole, "%.*s0", (int)fixed, text);
    for (unsigned i = parts + 1; i < 4 && len > 0 && (size_t)len < sizeof whole - 2; i++)
        len += snprintf(whole + len, sizeof whole - (size_t)len, ".0");
    struct address address;
    return parts < 4 && address_parse(whole, &address) && address_range_of_prefix(&address, 8 * parts, range);
}

static bool word_parse(char *word, struct address_range *range)
{
    if (address_range_parse(word, range) || starred(word, range))
        return true;
    char *slash = strchr(word, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    bool ok = masked(word, slash + 1, range);
    *slash = '/';
    return ok;
}

size_t owner_ranges_parse(const char *text, struct address_range ranges[OWNER_RANGES_MAX], char *bad, size_t bad_size)
{
    static const char separators[] = ",; \t\r\n";
    char word[WORD_MAX], before[WORD_MAX] = "";
    size_t count = 0;
    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        size_t len = strcspn(text, separators);
        snprintf(word, sizeof word, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX - 1), text);
        text += len;
        struct address_range range;
        unsigned bits;
        if (count > 0 && before[0] != '\0' && mask_bits(word, &bits) && bits >= 4 && masked(before, word, &ranges[count - 1])) {
            before[0] = '\0';           /* "10.1.0.0 255.255.0.0": the second word belonged to the first */
            continue;
        }
        if (!word_parse(word, &range) || count == OWNER_RANGES_MAX) {
            snprintf(bad, bad_size, "%s", word);
            return 0;
        }
        snprintf(before, sizeof before, "%s", strpbrk(word, "/-*") == NULL ? word : "");
        ranges[count++] = range;
    }
    return count;
}
