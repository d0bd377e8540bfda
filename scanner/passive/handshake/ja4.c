#include "scanner/passive/handshake/ja4.h"

#include "probes/base/hex.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS_MAX 1024 /* suites or extensions; only a forged hello has more */
#define HASH_CHARS  12

struct numbers {
    uint16_t number[NUMBERS_MAX];
    size_t count;
};

static void add(struct numbers *numbers, uint16_t number)
{
    if (!tls_is_grease(number) && numbers->count < NUMBERS_MAX)
        numbers->number[numbers->count++] = number;
}

static void add_list(struct numbers *numbers, struct byte_reader list)
{
    uint16_t number;
    while (byte_reader_u16(&list, &number))
        add(numbers, number);
}

static int by_number(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static size_t write_numbers(const struct numbers *numbers, char *text)
{
    size_t len = 0;
    for (size_t i = 0; i < numbers->count; i++)
        len += (size_t)sprintf(text + len, i == 0 ? "%04x" : ",%04x", numbers->number[i]);
    return len;
}

/* An empty list is written as zeroes. */
static void write_hash(const char *text, size_t len, char out[HASH_CHARS + 1])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    memset(out, '0', HASH_CHARS);
    out[HASH_CHARS] = '\0';
    if (len != 0 && EVP_Digest(text, len, digest, &digest_len, EVP_sha256(), NULL) == 1)
        hex_format(digest, HASH_CHARS / 2, out);
}

static const char *version_text(const struct client_hello *hello)
{
    static const struct {
        uint16_t version;
        char text[3];
    } versions[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
                    {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (versions[i].version == hello->max_version)
            return versions[i].text;
    return "00";
}

/* First and last character of the first ALPN protocol, or of its hexadecimal form if one of them is no letter or digit. In lower
 * case, as in JA4's reference code ("H2" becomes h2). */
static void write_alpn(struct byte_reader list, char out[3])
{
    struct byte_reader name;
    memcpy(out, "00", 3);
    if (!byte_reader_vector8(&list, &name) || name.left == 0)
        return;
    uint8_t first = name.at[0], last = name.at[name.left - 1];
    bool is_plain = first < 0x80 && last < 0x80 && isalnum(first) && isalnum(last);
    out[0] = is_plain ? (char)tolower(first) : "0123456789abcdef"[first >> 4];
    out[1] = is_plain ? (char)tolower(last) : "0123456789abcdef"[last & 15];
}

static unsigned two_digits(size_t count)
{
    return count > 99 ? 99 : (unsigned)count;
}

void ja4_client(const struct client_hello *hello, char transport, char out[JA4_SIZE])
{
    struct numbers suites = {.count = 0}, extensions = {.count = 0}, algorithms = {.count = 0};
    struct byte_reader rest = hello->extensions, data;
    char text[2 * (NUMBERS_MAX * 5 + 2)], alpn[3], suites_hash[HASH_CHARS + 1],
        extensions_hash[HASH_CHARS + 1];
    size_t extension_count = 0, len;
    bool has_server_name = false;
    uint16_t type;
    while (extension_next(&rest, &type, &data)) {
        extension_count += !tls_is_grease(type);
        has_server_name |= type == TLS_EXT_SERVER_NAME;
        if (type != TLS_EXT_SERVER_NAME && type != TLS_EXT_ALPN)
            add(&extensions, type);
    }
    add_list(&suites, hello->cipher_suites);
    add_list(&algorithms, hello->signature_algorithms);
    qsort(suites.number, suites.count, sizeof suites.number[0], by_number);
    qsort(extensions.number, extensions.count, sizeof extensions.number[0], by_number);
    write_hash(text, write_numbers(&suites, text), suites_hash);
    len = write_numbers(&extensions, text);
    if (algorithms.count != 0) {
        text[len++] = '_';
        len += write_numbers(&algorithms, text + len);
    }
    write_hash(text, len, extensions_hash);
    write_alpn(hello->alpn, alpn);
    snprintf(out, JA4_SIZE, "%c%s%c%02u%02u%s_%s_%s", transport, version_text(hello),
             has_server_name ? 'd' : 'i', two_digits(suites.count), two_digits(extension_count), alpn,
             suites_hash, extensions_hash);
}
