/* Names (RFC 5280, 4.1.2.4): as text (RFC 4514), as attributes, compared (7.1), folded. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/oid.h"
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789ABCDEF";

/* RFC 4514, 2.4: what is special, hidden or no character at all as \HH per byte of UTF-8. */
static void rfc4514_put(struct text *text, uint32_t code, const uint8_t *raw, size_t raw_len, bool first, bool last)
{
    uint8_t utf8[4];
    size_t len = code == TEXT_BAD ? raw_len : text_utf8_put(code, utf8);
    const uint8_t *bytes = code == TEXT_BAD ? raw : utf8;
    if (code != TEXT_BAD && !clean_text_hides(code)) {
        if ((code < 0x80 && strchr(",+\"\\<>;", (int)code) != NULL) || (code == '#' && first) || (code == ' ' && (first || last)))
            text_add(text, "\\", 1);
        text_add(text, bytes, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        char escape[3] = {'\\', digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        text_add(text, escape, sizeof escape);
    }
}

/* One attribute of a Name. */
struct attribute {
    struct byte_reader oid;
    struct der_item value;
    bool joined;                    /* to the one before, in one RDN */
};

static void attribute_rfc4514(struct text *text, const struct attribute *attribute)
{
    const char *name = oid_name(attribute->oid);
    char *dotted = name == NULL ? oid_text(attribute->oid) : NULL;
    const char *type = name == NULL ? dotted : name;
    text_add_string(text, type);
    text_add(text, "=", 1);
    free(dotted);
    if (name == NULL || !cert_text_is_string(attribute->value.tag)) {           /* RFC 4514, 2.4: '#' and the value's BER */
        text_add(text, "#", 1);
        for (size_t i = 0; i < attribute->value.whole.left; i++) {
            uint8_t byte = attribute->value.whole.at[i];
            char pair[2] = {digits[byte >> 4], digits[byte & 15]};
            text_add(text, pair, 2);
        }
        return;
    }
    struct byte_reader value = attribute->value.content, raw;
    for (bool first = true; value.left > 0; first = false) {
        uint32_t code = text_char_next(&value, attribute->value.tag, &raw);
        rfc4514_put(text, code, raw.at, raw.left, first, value.left == 0);
    }
}

static char *attribute_plain(const struct attribute *attribute)
{
    struct text text = {0};
    char *type = oid_label(attribute->oid), *value = cert_text_string(&attribute->value);
    text_add_string(&text, type);
    text_add(&text, "=", 1);
    text_add_string(&text, value);
    free(type);
    free(value);
    return text_take(&text);
}

/* The attributes of a Name in its order, at most CERT_LIST_MAX; *broken where something is no attribute. */
static size_t attributes_read(struct byte_reader rdns, struct attribute *attributes, bool *broken, bool *cut)
{
    struct der_item set, sequence, oid;
    size_t count = 0;
    while (der_read(&rdns, &set)) {
        if (set.tag != DER_SET)
            *broken = true;
        for (bool joined = false; set.tag == DER_SET && der_read(&set.content, &sequence);) {
            struct attribute *next = &attributes[count];
            if (count == CERT_LIST_MAX) {
                *cut = true;
                return count;
            }
            if (sequence.tag != DER_SEQUENCE || !der_read_tag(&sequence.content, DER_OID, &oid)
                || !der_read(&sequence.content, &next->value)) {
                *broken = true;
                continue;
            }
            *broken = *broken || sequence.content.left > 0;
            next->oid = oid.content;
            next->joined = joined;
            joined = true;
            count++;
        }
        *broken = *broken || (set.tag == DER_SET && set.content.left > 0);
    }
    *broken = *broken || rdns.left > 0;
    return count;
}

char *cert_text_name(struct byte_reader der, struct cert_texts *attributes, bool *broken)
{
    struct attribute found[CERT_LIST_MAX];
    struct der_item name;
    *broken = true;
    if (!der_read_tag(&der, DER_SEQUENCE, &name))
        return NULL;
    *broken = der.left > 0;
    bool cut = false;
    size_t count = attributes_read(name.content, found, broken, &cut);
    struct text text = {0};
    for (size_t i = count; i-- > 0;) {                  /* RFC 4514, 2.1: the last one first */
        attribute_rfc4514(&text, &found[i]);
        if (i > 0)
            text_add(&text, found[i].joined ? "+" : ",", 1);
    }
    for (size_t i = 0; i < count && attributes != NULL; i++)
        cert_texts_add(attributes, attribute_plain(&found[i]));
    if (attributes != NULL)
        attributes->cut = cut;
    return text_take(&text);
}

/* A value as it is compared: characters in lower case (ASCII), runs of blanks as one, none at the ends. */
static uint32_t folded_next(struct byte_reader *value, uint8_t tag)
{
    struct byte_reader raw, ahead;
    uint32_t code = text_char_next(value, tag, &raw);
    if (code == ' ') {
        for (ahead = *value; ahead.left > 0 && text_char_next(&ahead, tag, &raw) == ' ';)
            *value = ahead;
        return value->left == 0 ? 0 : ' ';
    }
    return code < 0x80 ? (uint32_t)tolower((int)code) : code;
}

static void blanks_skip(struct byte_reader *value, uint8_t tag)
{
    struct byte_reader raw;
    for (struct byte_reader ahead = *value; ahead.left > 0 && text_char_next(&ahead, tag, &raw) == ' ';)
        *value = ahead;
}

static bool values_equal(const struct der_item *a, const struct der_item *b)
{
    if (a->whole.left == b->whole.left && memcmp(a->whole.at, b->whole.at, a->whole.left) == 0)
        return true;
    if (!cert_text_is_string(a->tag) || !cert_text_is_string(b->tag))
        return false;
    struct byte_reader one = a->content, other = b->content;
    blanks_skip(&one, a->tag);
    blanks_skip(&other, b->tag);
    while (one.left > 0 && other.left > 0) {
        uint32_t code = folded_next(&one, a->tag);
        if (code != folded_next(&other, b->tag) || code == TEXT_BAD)
            return false;
    }
    uint32_t rest = one.left > 0 ? folded_next(&one, a->tag) : other.left > 0 ? folded_next(&other, b->tag) : 0;
    return rest == 0;
}

bool cert_names_equal(struct byte_reader a, struct byte_reader b)
{
    if (a.left == b.left && a.left > 0 && memcmp(a.at, b.at, a.left) == 0)
        return true;
    struct attribute one[CERT_LIST_MAX], other[CERT_LIST_MAX];
    struct der_item first, second;
    bool broken = false, cut = false;
    if (!der_read_tag(&a, DER_SEQUENCE, &first) || !der_read_tag(&b, DER_SEQUENCE, &second))
        return false;
    size_t count = attributes_read(first.content, one, &broken, &cut);
    if (count != attributes_read(second.content, other, &broken, &cut) || broken || cut)
        return false;
    for (size_t i = 0; i < count; i++)
        if (one[i].joined != other[i].joined || one[i].oid.left != other[i].oid.left
            || memcmp(one[i].oid.at, other[i].oid.at, one[i].oid.left) != 0 || !values_equal(&one[i].value, &other[i].value))
            return false;
    return true;
}

/* Folding: cut at unescaped separators, undo escapes, sort. */
static int text_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool begins_attribute(const char *at)        /* "O=", "1.2.3=" */
{
    while (*at == ' ')
        at++;
    const char *start = at;
    while (isalnum((unsigned char)*at) || *at == '.' || *at == '-')
        at++;
    while (*at == ' ')
        at++;
    return at > start && *at == '=';
}

static void attribute_add(struct cert_texts *parts, char *text, size_t len)
{
    size_t out = 0;
    bool blank = false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == ' ' || c == '\t') {
            blank = out > 0;
            continue;
        }
        if (blank && c != '=' && text[out - 1] != '=')
            text[out++] = ' ';
        blank = false;
        text[out++] = (char)tolower(c);
    }
    if (out > 0)
        cert_texts_add(parts, xstrndup(text, out));
}

char *cert_text_fold_name(const char *name)
{
    struct cert_texts parts = {0};
    char *part = xmalloc(strlen(name) + 1);
    size_t len = 0;
    bool quoted = false;
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            part[len++] = *++at;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && strchr(",;/+", *at) != NULL && begins_attribute(at + 1)) {
            attribute_add(&parts, part, len);
            len = 0;
        } else
            part[len++] = *at;
    }
    attribute_add(&parts, part, len);
    free(part);
    if (parts.count > 1)
        qsort(parts.items, parts.count, sizeof(char *), text_compare);
    size_t size = 1;
    for (size_t i = 0; i < parts.count; i++)
        size += strlen(parts.items[i]) + 1;
    char *folded = xcalloc(size, 1), *out = folded;
    for (size_t i = 0; i < parts.count; i++) {
        if (i > 0)
            *out++ = ',';
        out = stpcpy(out, parts.items[i]);
    }
    cert_texts_clear(&parts);
    return folded;
}
