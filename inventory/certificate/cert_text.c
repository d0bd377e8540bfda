#include "inventory/certificate/cert_text.h"

#include "probes/base/memory.h"

#include <ctype.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the well-formed UTF-8 character at the head (RFC 3629), 0 where there is none. */
static size_t utf8_len(const uint8_t *at, size_t left)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
                 : at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : 0;
    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90)
        || (at[0] == 0xf4 && at[1] > 0x8f))        /* overlong, surrogates, beyond U+10FFFF */
        return 0;
    return len;
}

static bool is_control(const uint8_t *at, size_t len)
{
    return (len == 1 && (at[0] < 0x20 || at[0] == 0x7f)) || (len == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

char *cert_text_clean(const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;
    char *text = xmalloc(4 * len + 1), *out = text;
    for (size_t step; len > 0; at += step, len -= step) {
        step = utf8_len(at, len);
        if (step > 0 && !is_control(at, step)) {
            memcpy(out, at, step);
            out += step;
            continue;
        }
        step = 1;
        *out++ = '\\';
        *out++ = 'x';
        *out++ = digits[at[0] >> 4];
        *out++ = digits[at[0] & 15];
    }
    *out = '\0';
    return text;
}

char *cert_text_clean_lower(const void *bytes, size_t len)
{
    char *text = cert_text_clean(bytes, len);
    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return text;
}

void cert_texts_add(struct cert_texts *texts, char *text)
{
    if (texts->count == CERT_NAMES_MAX) {
        free(text);
        return;
    }
    if ((texts->count & (texts->count - 1)) == 0)       /* room doubles at each power of two */
        texts->items = xreallocarray(texts->items, texts->count == 0 ? 1 : 2 * texts->count, sizeof(char *));
    texts->items[texts->count++] = text;
}

void cert_texts_clear(struct cert_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct cert_texts){0};
}

static char *bio_take(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = cert_text_clean(data, len < 0 ? 0 : (size_t)len);
    BIO_free(bio);
    return text;
}

/* RFC 4514 keeps UTF-8 readable; a string that is not what its type says is printed byte for byte. */
static char *name_print(const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
        return bio_take(bio);
    BIO_free(bio);
    bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_DN_REV | XN_FLAG_FN_SN | ASN1_STRFLGS_ESC_2253
                       | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB);
    return bio_take(bio);
}

static char *attribute_text(const X509_NAME_ENTRY *entry)
{
    const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
    char type[80];
    int nid = OBJ_obj2nid(object);
    if (nid == NID_undef)
        OBJ_obj2txt(type, sizeof type, object, 1);
    unsigned char *utf8 = NULL;
    int len = ASN1_STRING_to_UTF8(&utf8, value);
    char *text = len >= 0 ? cert_text_clean(utf8, (size_t)len)
                          : cert_text_clean(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    OPENSSL_free(utf8);
    char *attribute = xasprintf("%s=%s", nid == NID_undef ? type : OBJ_nid2sn(nid), text);
    free(text);
    return attribute;
}

char *cert_text_name(struct byte_reader der, struct cert_texts *attributes)
{
    const unsigned char *at = der.at;
    X509_NAME *name = der.left > INT32_MAX ? NULL : d2i_X509_NAME(NULL, &at, (long)der.left);
    if (name == NULL || at != der.at + der.left) {
        X509_NAME_free(name);
        return NULL;
    }
    for (int i = 0; attributes != NULL && i < X509_NAME_entry_count(name); i++)
        cert_texts_add(attributes, attribute_text(X509_NAME_get_entry(name, i)));
    char *text = name_print(name);
    X509_NAME_free(name);
    return text;
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
