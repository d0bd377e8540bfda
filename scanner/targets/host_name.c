#include "scanner/targets/host_name.h"

#include "probes/base/utf8.h"

#include <idn2.h>
#include <string.h>

#define LABEL_MAX    63 /* RFC 1035, 2.3.4 */
#define NAME_MAX_LEN 253
#define TEXT_MAX     1024

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label_character(char c)
{
    return is_letter_or_digit(c) || c == '-' || c == '_';
}

/* NULL where the label is good: letters, digits, hyphens inside (RFC 1123, 2.1), and underscores, which real host names
 * have. */
static const char *label_fault(const char *label, size_t len)
{
    if (len == 0)
        return "a label of it is empty (two dots, or a dot at the head)";
    if (len > LABEL_MAX)
        return "a label of a name has at most 63 bytes";
    if (label[0] == '-' || label[len - 1] == '-')
        return "a label of a name neither begins nor ends with a hyphen";
    for (size_t i = 0; i < len; i++)
        if (!is_label_character(label[i]))
            return "a name has letters, digits, hyphens and dots only";
    return NULL;
}

/* "xn--zzzz" looks like an A-label and decodes to nothing: browsers and the registries refuse it (RFC 5891, 4.1). */
static bool is_no_a_label(const char *name)
{
    char *text = NULL;
    bool has_a_label = strncmp(name, "xn--", 4) == 0 || strstr(name, ".xn--") != NULL;
    bool is_wrong = has_a_label && idn2_to_unicode_8z8z(name, &text, 0) != IDN2_OK;
    idn2_free(text);
    return is_wrong;
}

/* A last label of digits and hyphens only belongs to a mistyped address or range; no domain ends so. "0x7f000001" is 127.0.0.1 for
 * browsers and C libraries, and no name for either. */
static bool is_number(const char *label)
{
    if (label[0] == '0' && label[1] == 'x')
        return label[2 + strspn(label + 2, "0123456789abcdef")] == '\0';
    return label[strspn(label, "0123456789-_")] == '\0';
}

static const char *name_from_ascii(const char *text, char name[SERVER_NAME_SIZE])
{
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '.')
        len--;
    if (len == 0)
        return "a name is missing";
    if (len > NAME_MAX_LEN)
        return "a name has at most 253 bytes";
    for (size_t i = 0; i < len; i++)
        name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
    name[len] = '\0';
    const char *label = name, *fault = NULL;
    for (;;) {
        size_t label_len = strcspn(label, ".");
        if ((fault = label_fault(label, label_len)) != NULL)
            return fault;
        if (label[label_len] == '\0' && is_number(label))
            return "its last label is a number, which no name has";
        if (label[label_len] == '\0')
            return is_no_a_label(name) ? "a label of it begins with xn-- and stands for no characters" : NULL;
        label += label_len + 1;
    }
}

/* Symbols such as U+2665 are no letters of IDNA 2008, but UTS 46 has them, and so have browsers and the DNS. libidn2 takes them
 * in its transitional mode alone. That mode also maps U+00DF, U+03C2 and the joiners to something else, which would be another
 * name: for a name with one of these it must not be used. */
static bool has_deviation(const char *text)
{
    static const char *const deviations[] = {"\xc3\x9f", "\xcf\x82", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe1\xba\x9e"};
    for (size_t i = 0; i < sizeof deviations / sizeof deviations[0]; i++)
        if (strstr(text, deviations[i]) != NULL)
            return true;
    return false;
}

static const char *name_from_unicode(const char *text, char name[SERVER_NAME_SIZE])
{
    char *ascii = NULL;
    if (strlen(text) >= TEXT_MAX)
        return "a name has at most 253 bytes";
    int result = idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (result == IDN2_DISALLOWED && !has_deviation(text))
        result = idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
    const char *fault = result == IDN2_OK ? name_from_ascii(ascii, name) : idn2_strerror(result);
    idn2_free(ascii);
    return fault;
}

static const char *name_from(const char *text, char name[SERVER_NAME_SIZE])
{
    bool is_ascii = true;
    for (const char *c = text; *c != '\0'; c++)
        is_ascii = is_ascii && (unsigned char)*c < 0x80;
    return is_ascii ? name_from_ascii(text, name) : name_from_unicode(text, name);
}

bool host_name_of(const char *text, char name[SERVER_NAME_SIZE])
{
    return name_from(text, name) == NULL;
}

bool host_name_fault(const char *text, struct error *err)
{
    char name[SERVER_NAME_SIZE];
    const char *fault = name_from(text, name);
    size_t at = 0, len = strlen(text);
    while (at < len && (is_label_character(text[at]) || text[at] == '.'))
        at++;
    size_t used = utf8_character(text + at, len - at);
    if (at < len && (unsigned char)text[at] < 0x80)
        return error_set(err, ERROR_USAGE, "a name has no \"%c\": letters, digits, hyphens and dots only", text[at]);
    if (at < len && used == 0)
        return error_set(err, ERROR_USAGE, "it is not UTF-8 (byte %zu)", at + 1);
    return error_set(err, ERROR_USAGE, "no host name: %s", fault == NULL ? "?" : fault);
}

bool host_name_matches(const char *pattern, const char *name)
{
    if (strncmp(pattern, "*.", 2) != 0)
        return strcmp(pattern, name) == 0;
    size_t suffix_len = strlen(pattern + 1), len = strlen(name);
    return len > suffix_len && strcmp(name + len - suffix_len, pattern + 1) == 0;
}
