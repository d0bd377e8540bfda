#include "scanner/targets/target_text.h"

#include "probes/base/memory.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX    63 /* RFC 1035, 2.3.4 */
#define NAME_MAX_LEN 253

/* ---- names */

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits, hyphens inside (RFC 1123, 2.1), and underscores, which real host names have. */
static bool label_is_valid(const char *label, size_t len)
{
    if (len == 0 || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_letter_or_digit(label[i]) && label[i] != '-' && label[i] != '_')
            return false;
    }
    return true;
}

/* A last label of digits and hyphens only belongs to a mistyped address or range; no domain ends so. */
static bool is_number(const char *label)
{
    return label[strspn(label, "0123456789-_")] == '\0';
}

static bool ascii_name_of(const char *text, char name[SERVER_NAME_SIZE])
{
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '.')
        len--;
    if (len == 0 || len > NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < len; i++)
        name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
    name[len] = '\0';
    const char *label = name;
    for (;;) {
        size_t label_len = strcspn(label, ".");
        if (!label_is_valid(label, label_len))
            return false;
        if (label[label_len] == '\0')
            return !is_number(label);
        label += label_len + 1;
    }
}

bool host_name_of(const char *text, char name[SERVER_NAME_SIZE])
{
    bool is_ascii = true;
    for (const char *c = text; *c != '\0'; c++)
        is_ascii = is_ascii && (unsigned char)*c < 0x80;
    if (is_ascii)
        return ascii_name_of(text, name);
    char *ascii = NULL;
    bool ok = strlen(text) < 1024 &&
              idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK &&
              ascii_name_of(ascii, name);
    idn2_free(ascii);
    return ok;
}

bool host_name_matches(const char *pattern, const char *name)
{
    if (strncmp(pattern, "*.", 2) != 0)
        return strcmp(pattern, name) == 0;
    size_t suffix_len = strlen(pattern + 1), len = strlen(name);
    return len > suffix_len && strcmp(name + len - suffix_len, pattern + 1) == 0;
}

/* ---- the pieces of a spec */

/* host gets what stands before the ports, without brackets; ports what stands behind, or NULL. text is cut.
 */
static bool split_ports(char *text, char **host, char **ports)
{
    *ports = NULL;
    *host = text;
    char *bracket = strchr(text, '[');
    if (bracket != NULL) {
        char *end = strchr(bracket, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':') || (bracket != text && bracket[-1] != '@'))
            return false;
        if (end[1] == ':')
            *ports = end + 2;
        *end = '\0';
        memmove(bracket, bracket + 1, strlen(bracket + 1) + 1);
        return true;
    }
    char *colon = strchr(text, ':');
    if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *colon = '\0';
        *ports = colon + 1;
    }
    return true;
}

static bool parse_host(char *host, bool pattern, struct target_text *spec)
{
    char *at = strrchr(host, '@');
    if (at != NULL && !pattern) {
        *at = '\0';
        spec->is_name = true;
        return address_parse(at + 1, &spec->at) && host_name_of(host, spec->name);
    }
    if (address_range_parse(host, &spec->range))
        return true;
    spec->is_name = true;
    if (pattern && strncmp(host, "*.", 2) == 0) {
        char base[SERVER_NAME_SIZE];
        if (!host_name_of(host + 2, base) || strlen(base) + 2 > NAME_MAX_LEN)
            return false;
        memcpy(spec->name, "*.", 2);
        memcpy(spec->name + 2, base, strlen(base) + 1);
        return true;
    }
    return host_name_of(host, spec->name);
}

static bool parse(const char *text, bool pattern, struct target_text *spec, struct error *err)
{
    char *copy = xstrdup(text), *host, *ports;
    *spec = (struct target_text){0};
    bool ok = split_ports(copy, &host, &ports) && parse_host(host, pattern, spec);
    if (!ok)
        error_set(err, ERROR_USAGE, "\"%.100s\": " TARGET_SPEC_EXPECTED, text);
    if (ok && ports != NULL) {
        spec->ports = port_set_parse(ports, err);
        ok = spec->ports != NULL || error_add_context(err, "\"%.100s\"", text);
    }
    free(copy);
    return ok;
}

bool target_text_parse(const char *text, struct target_text *spec, struct error *err)
{
    return parse(text, false, spec, err);
}

bool target_text_parse_pattern(const char *text, struct target_text *spec, struct error *err)
{
    return parse(text, true, spec, err);
}

void target_text_clear(struct target_text *spec)
{
    port_set_destroy(spec->ports);
    *spec = (struct target_text){0};
}

static char *format_range(const struct address_range *range)
{
    char first[ADDRESS_TEXT_SIZE], last[ADDRESS_TEXT_SIZE];
    address_format(&range->first, first);
    address_format(&range->last, last);
    if (address_compare(&range->first, &range->last) == 0)
        return xstrdup(first);
    return xasprintf("%s-%s", first, last);
}

char *target_text_format(const struct target_text *spec)
{
    char *host, *text;
    bool brackets = false;
    if (spec->is_name && spec->at.len != 0) {
        char at[ADDRESS_TEXT_SIZE];
        address_format(&spec->at, at);
        host = spec->at.len == 16 ? xasprintf("%s@[%s]", spec->name, at) : xasprintf("%s@%s", spec->name, at);
    } else if (spec->is_name) {
        host = xstrdup(spec->name);
    } else {
        host = format_range(&spec->range);
        brackets = spec->range.first.len == 16;
    }
    if (spec->ports == NULL)
        return host;
    char *ports = port_set_format(spec->ports);
    text = xasprintf(brackets ? "[%s]:%s" : "%s:%s", host, ports);
    free(ports);
    free(host);
    return text;
}
