#include "inventory/managed/record.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

void managed_record_clear(struct managed_record *record)
{
    free(record->serial_number);
    free(record->subject);
    free(record->common_name);
    free(record->issuer);
    for (size_t i = 0; i < record->name_count; i++)
        free(record->names[i]);
    free(record->names);
    free(record->location);
    free(record->owner);
    free(record->contacts);
    free(record->environment);
    free(record->der);
    *record = (struct managed_record){.not_before_us = RECORD_NO_TIME, .not_after_us = RECORD_NO_TIME};
}

/* The hexadecimal digits of text, lower case; NULL where anything but digits, colons, spaces and dashes is there. */
static char *only_hex(const char *text)
{
    char *digits = xmalloc(strlen(text) + 1);
    size_t len = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    for (; *text != '\0'; text++) {
        if (strchr(": -\t", *text) != NULL)
            continue;
        if (!isxdigit((unsigned char)*text)) {
            free(digits);
            return NULL;
        }
        digits[len++] = (char)tolower((unsigned char)*text);
    }
    digits[len] = '\0';
    return digits;
}

bool record_set_sha256(struct managed_record *record, const char *text)
{
    char *digits = only_hex(text);
    record->has_sha256 = digits != NULL && strlen(digits) == 64 && hex_parse(digits, record->sha256, 32);
    free(digits);
    return record->has_sha256;
}

bool record_set_serial_number(struct managed_record *record, const char *text)
{
    char *digits = only_hex(text);
    if (digits == NULL || digits[0] == '\0') {
        free(digits);
        return false;
    }
    size_t zeros = strspn(digits, "0");
    if (digits[zeros] == '\0')
        zeros--;                    /* the number 0 keeps one digit */
    free(record->serial_number);
    record->serial_number = xstrdup(digits + zeros);
    free(digits);
    return true;
}

void record_add_name(struct managed_record *record, const char *name, size_t len)
{
    char *copy = xstrndup(name, len);
    for (char *at = copy; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    record->names = xreallocarray(record->names, record->name_count + 1, sizeof *record->names);
    record->names[record->name_count++] = copy;
}

void record_add_names(struct managed_record *record, const char *list)
{
    static const char separators[] = ",; \t\r\n";
    while (*list != '\0') {
        size_t len = strcspn(list, separators);
        const char *name = list;
        size_t name_len = len;
        if (len > 4 && strncasecmp(name, "DNS:", 4) == 0)
            name += 4, name_len -= 4;
        if (name_len > 0)
            record_add_name(record, name, name_len);
        list += len;
        list += strspn(list, separators);
    }
}

/* "host:443", "[addr]:443", "addr", "host"; false where it is neither name nor address. */
static bool parse_place(const char *text, size_t len, struct managed_place *place)
{
    char copy[sizeof place->name];
    if (len == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *place = (struct managed_place){0};
    char *host = copy, *colon = strrchr(copy, ':');
    if (copy[0] == '[') {
        char *end = strchr(copy, ']');
        if (end == NULL)
            return false;
        *end = '\0';
        host = copy + 1;
        colon = end[1] == ':' ? end + 1 : NULL;
    } else if (colon != NULL && strchr(copy, ':') != colon) {
        colon = NULL;                   /* an IPv6 address without brackets */
    }
    if (colon != NULL) {
        char *end;
        unsigned long port = strtoul(colon + 1, &end, 10);
        if (*end != '\0' || port == 0 || port > 65535)
            return false;
        place->port = (uint16_t)port;
        *colon = '\0';
    }
    if (address_parse(host, &place->address))
        return true;
    for (char *at = host; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr("-._", *at) == NULL)
            return false;
        *at = (char)tolower((unsigned char)*at);
    }
    strcpy(place->name, host);
    return strchr(host, '.') != NULL;   /* a word is no place: "Datacenter 2" */
}

size_t record_places(const char *location, struct managed_place *places, size_t max)
{
    static const char separators[] = ",; \t\r\n";
    size_t count = 0;
    while (location != NULL && *location != '\0' && count < max) {
        size_t len = strcspn(location, separators);
        count += parse_place(location, len, &places[count]);
        location += len;
        location += strspn(location, separators);
    }
    return count;
}

static void digest_text(EVP_MD_CTX *digest, const char *label, const char *text)
{
    EVP_DigestUpdate(digest, label, strlen(label) + 1);
    if (text != NULL)
        EVP_DigestUpdate(digest, text, strlen(text) + 1);
}

void managed_record_identity(const struct managed_record *record, uint8_t identity[32])
{
    if (record->has_sha256) {
        memcpy(identity, record->sha256, 32);
        return;
    }
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    if (record->serial_number != NULL && record->issuer != NULL) {
        digest_text(digest, "issuer", record->issuer);
        digest_text(digest, "serial", record->serial_number);
    } else {
        digest_text(digest, "subject", record->subject);
        digest_text(digest, "common name", record->common_name);
        for (size_t i = 0; i < record->name_count; i++)
            digest_text(digest, "name", record->names[i]);
        digest_text(digest, "serial", record->serial_number);
        EVP_DigestUpdate(digest, &record->not_after_us, sizeof record->not_after_us);
    }
    EVP_DigestFinal_ex(digest, identity, NULL);
    EVP_MD_CTX_free(digest);
}
