#include "inventory/managed/record.h"

#include "inventory/certificate/der.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <idn2.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *record_status_name(enum record_status status)
{
    static const char *const names[STATUS_COUNT] = {NULL, "issued", "requested", "declined", "revoked", "expired", "replaced"};
    return names[status];
}

const char *record_type_name(enum record_type type)
{
    static const char *const names[TYPE_COUNT] = {NULL, "server", "client", "S/MIME", "code signing", "CA", "other"};
    return names[type];
}

void managed_record_clear(struct managed_record *record)
{
    char *const texts[] = {
        record->serial_number, record->subject,        record->common_name,  record->issuer,     record->location,
        record->owner,         record->contacts,       record->environment,  record->site,       record->path,
        record->status_reported, record->revocation_reason, record->order_number, record->request_number, record->replaces,
        record->replaced_by,   record->product,        record->validation,   record->term,       record->requester,
        record->department,    record->application,    record->cost_center,  record->servers,    record->installer,
        record->auto_renewal,  record->key_algorithm};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    for (size_t i = 0; i < record->name_count; i++)
        free(record->names[i]);
    free(record->names);
    free(record->der);
    *record = RECORD_EMPTY;
}

/* The hexadecimal digits of text, lower case; NULL where anything but digits, colons, spaces and dashes is there. */
static char *only_hex(const char *text)
{
    char *digits = xmalloc(strlen(text) + 1);
    size_t len = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    for (; *text != '\0'; text++) {
        if (strchr(": -\t", *text) != NULL || (unsigned char)*text == 0xc2 || (unsigned char)*text == 0xa0)     /* U+00A0 */
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

static bool set_hash(const char *text, uint8_t *hash, size_t len)
{
    char *digits = only_hex(text);
    bool ok = digits != NULL && strlen(digits) == 2 * len && hex_parse(digits, hash, len);
    free(digits);
    return ok;
}

bool record_set_sha256(struct managed_record *record, const char *text)
{
    return record->has_sha256 = set_hash(text, record->sha256, sizeof record->sha256);
}

bool record_set_sha1(struct managed_record *record, const char *text)
{
    return record->has_sha1 = set_hash(text, record->sha1, sizeof record->sha1);
}

/* Without what spreadsheets and programs put around a number to keep it. Yours: free(). */
static char *bare_number(const char *text)
{
    if (strncasecmp(text, "serial", 6) == 0 && strchr(text, '=') != NULL)
        text = strchr(text, '=') + 1;
    text += strspn(text, "'=\" \t");
    size_t len = strlen(text);
    while (len > 0 && strchr("\"' \t", text[len - 1]) != NULL)
        len--;
    if (len > 1 && (text[len - 1] == 'h' || text[len - 1] == 'H') && isxdigit((unsigned char)text[len - 2]))
        len--;
    return xstrndup(text, len);
}

static void keep_serial_number(struct managed_record *record, const char *digits, bool is_negative)
{
    size_t zeros = strspn(digits, "0");
    if (digits[zeros] == '\0')
        zeros--;                    /* the number 0 keeps one digit */
    free(record->serial_number);
    record->serial_number = xasprintf("%s%s", is_negative ? "-" : "", digits + zeros);
}

bool record_set_serial_number(struct managed_record *record, const char *text)
{
    char *bare = bare_number(text), *digits = only_hex(bare);
    bool ok = digits != NULL && digits[0] != '\0';
    if (ok)
        keep_serial_number(record, digits, bare[0] == '-');
    free(digits);
    free(bare);
    return ok;
}

/* Orders are numbers of few digits; a serial number of 64 bits and more nearly always has a letter among its hexadecimal ones. */
#define LINKED_SERIAL_DIGITS 15

void record_tidy_link(char **link)
{
    if (*link == NULL)
        return;
    char *bare = bare_number(*link), *digits = only_hex(bare);
    bool is_serial = digits != NULL && strlen(digits) >= LINKED_SERIAL_DIGITS &&
                     (strpbrk(digits, "abcdef") != NULL || strchr(bare, ':') != NULL);
    if (is_serial) {
        const char *first = digits + strspn(digits, "0");
        free(*link);
        *link = xstrdup(first);
    }
    free(digits);
    free(bare);
}

#define DECIMAL_DIGITS_MAX 128      /* 20 bytes (RFC 5280, 4.1.2.2) are 49 */

bool record_set_decimal_serial_number(struct managed_record *record, const char *text)
{
    char *bare = bare_number(text);
    BIGNUM *number = NULL;
    const char *digits = bare + (bare[0] == '-');
    size_t len = strlen(digits);
    bool ok = len > 0 && len <= DECIMAL_DIGITS_MAX && strspn(digits, "0123456789") == len && BN_dec2bn(&number, digits) > 0;
    char *hex = ok ? BN_bn2hex(number) : NULL;
    for (char *at = hex; at != NULL && *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    ok = hex != NULL;
    if (ok)
        keep_serial_number(record, hex, bare[0] == '-');
    OPENSSL_free(hex);
    BN_free(number);
    free(bare);
    return ok;
}

static bool is_beyond_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((*text & 0x80) != 0)
            return true;
    return false;
}

void record_add_name(struct managed_record *record, const char *name, size_t len)
{
    if (len > 1 && name[len - 1] == '.')
        len--;                      /* the root */
    char *copy = xstrndup(name, len), *ascii = NULL;
    for (char *at = copy; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    /* certificates have the name in ASCII (RFC 5280, 7.2) */
    if (is_beyond_ascii(copy) && idn2_to_ascii_8z(copy, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK) {
        free(copy);
        copy = xstrdup(ascii);
    }
    idn2_free(ascii);
    record->names = xreallocarray(record->names, record->name_count + 1, sizeof *record->names);
    record->names[record->name_count++] = copy;
}

/* The length of a label here, such as "DNS Name=" or "dNSName: "; 0: none. Longer ones first. */
static size_t label_len(const char *at)
{
    static const char *const labels[] = {"dns name", "dnsname", "dns", "ip address", "ipaddress", "ip"};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        size_t len = strlen(labels[i]);
        if (strncasecmp(at, labels[i], len) != 0)
            continue;
        size_t blanks = strspn(at + len, " ");
        if (at[len + blanks] == '=' || at[len + blanks] == ':')
            return len + blanks + 1;
    }
    return 0;
}

/* Of names of other kinds not even the value: "URI:https://...", "email:x@y", "RFC822 Name=", "DirName:/CN=x". */
static bool is_no_host(const char *name, size_t len)
{
    return memchr(name, '@', len) != NULL || memchr(name, '=', len) != NULL || memchr(name, '/', len) != NULL || memchr(name, '<', len) != NULL ||
           (len > 4 && strncasecmp(name, "URI:", 4) == 0);
}

void record_add_names(struct managed_record *record, const char *list)
{
    static const char separators[] = ",;| \t\r\n[]\"'{}";
    list += strspn(list, separators);
    while (*list != '\0') {
        list += label_len(list);
        list += strspn(list, " ");
        size_t len = strcspn(list, separators);
        if (len > 0 && !is_no_host(list, len))
            record_add_name(record, list, len);
        list += len;
        list += strspn(list, separators);
    }
}

static bool has_contact(const char *contacts, const char *address, size_t len)
{
    for (const char *at = contacts; at != NULL && (at = strcasestr(at, address)) != NULL; at++)
        if ((at == contacts || at[-1] == ' ') && (at[len] == '\0' || at[len] == ','))
            return true;
    return false;
}

void record_add_contacts(struct managed_record *record, const char *text)
{
    static const char separators[] = ",;|<>()[]{}\"' \t\r\n:";
    text += strspn(text, separators);
    for (; *text != '\0'; text += strspn(text, separators)) {
        size_t len = strcspn(text, separators);
        const char *at = memchr(text, '@', len);
        if (at != NULL && at != text && at != text + len - 1) {
            char *address = xstrndup(text, len);
            if (!has_contact(record->contacts, address, len)) {
                char *longer = record->contacts == NULL ? xstrdup(address) : xasprintf("%s, %s", record->contacts, address);
                free(record->contacts);
                record->contacts = longer;
            }
            free(address);
        }
        text += len;
    }
}

bool record_set_request(struct managed_record *record, const uint8_t *der, size_t len)
{
    struct byte_reader bytes = byte_reader_of(der, len);
    struct der_item request, info, item, key;
    if (!der_read_tag(&bytes, DER_SEQUENCE, &request) || !der_read_tag(&request.content, DER_SEQUENCE, &info) ||
        !der_read_tag(&info.content, DER_INTEGER, &item) || !der_read_tag(&info.content, DER_SEQUENCE, &item) ||
        !der_read_tag(&info.content, DER_SEQUENCE, &key))
        return false;
    SHA256(key.whole.at, key.whole.left, record->spki_sha256);
    return record->has_spki_sha256 = true;
}

/* "https://host:8443/path" becomes "host:8443". */
static void cut_url(char *text)
{
    char *scheme = strstr(text, "://");
    if (scheme == NULL)
        return;
    const char *host = scheme + 3;
    size_t len = strcspn(host, "/?#");
    bool is_https = scheme - text == 5 && strncasecmp(text, "https", 5) == 0 && memchr(host, ':', len) == NULL && host[0] != '[';
    memmove(text, host, len);
    strcpy(text + len, is_https && len < 200 ? ":443" : "");
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
    cut_url(copy);
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
    } else if (record->has_sha1) {
        EVP_DigestUpdate(digest, record->sha1, sizeof record->sha1);
    } else {
        digest_text(digest, "subject", record->subject);
        digest_text(digest, "common name", record->common_name);
        for (size_t i = 0; i < record->name_count; i++)
            digest_text(digest, "name", record->names[i]);
        digest_text(digest, "serial", record->serial_number);
        EVP_DigestUpdate(digest, &record->not_after_us, sizeof record->not_after_us);
        if (record->order_number != NULL || record->request_number != NULL) {
            digest_text(digest, "order", record->order_number);
            digest_text(digest, "request", record->request_number);
        }
    }
    EVP_DigestFinal_ex(digest, identity, NULL);
    EVP_MD_CTX_free(digest);
}
