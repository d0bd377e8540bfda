#include "scanner/files/found.h"

#include "inventory/certificate/der.h"
#include "inventory/formats/candidates.h"
#include "inventory/formats/der_shapes.h"
#include "inventory/formats/format_parts.h"
#include "inventory/formats/text_blocks.h"
#include "inventory/formats/text_bytes.h"
#include "probes/base/memory.h"
#include "scanner/files/path_text.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORK_MIN   (256u << 20)
#define STORE_WORK (16u << 20)      /* what trying passwords on a store counts as */
#define KEY_WORK   (64u << 10)      /* what OpenSSL's look at a key counts as */
#define LABEL_MAX  256
#define HEAD_CHARS 96               /* of base64: enough to see what a structure is */
#define BASE64_CERTIFICATE_MAX (1u << 20)

#define MAPPED_MAX (64u << 20)      /* bytes decoded again to tell offsets, in one file */

/* What was decoded, and from which text. */
struct origin {
    const struct scan *outer;
    enum { ORIGIN_NONE, ORIGIN_BASE64, ORIGIN_BYTES, ORIGIN_WIDE } form;
    size_t start;                   /* in the outer one's bytes */
    size_t lost;                    /* bytes that were put in front of what was decoded */
};

struct scan {
    struct origin origin;
    struct found *found;
    struct byte_reader bytes;
    int64_t base;
    const char *kind;
    int depth;
    struct byte_buffer decoded;     /* of the current block */
};

/* ---- what is kept ---- */

void found_init(struct found *found)
{
    *found = (struct found){.outcome = FILE_READ, .work_max = WORK_MIN};
}

void found_clear(struct found *found)
{
    for (size_t i = 0; i < found->certificate_count; i++) {
        free((uint8_t *)(uintptr_t)found->certificates[i].der.bytes);
        free((char *)(uintptr_t)found->certificates[i].label);
    }
    free(found->label);
    for (size_t i = 0; i < found->key_count; i++) {
        free((uint8_t *)(uintptr_t)found->keys[i].spki_sha256);
        free((char *)(uintptr_t)found->keys[i].algorithm);
    }
    for (size_t i = 0; i < found->use_count; i++)
        free((char *)(uintptr_t)found->uses[i].path);
    free(found->certificates);
    free(found->keys);
    free(found->uses);
    found_init(found);
}

bool found_anything(const struct found *found)
{
    return found->certificate_count + found->key_count + found->use_count > 0;
}

void found_name_kind(struct found *found, const char *kind)
{
    if (found->kind[0] == '\0')
        snprintf(found->kind, sizeof found->kind, "%s", kind);
}

static bool has_room(struct found *found, size_t count)
{
    found->is_full |= count >= FILE_ITEMS_MAX;
    return count < FILE_ITEMS_MAX;
}

void found_label(struct found *found, const char *label)
{
    free(found->label);
    found->label = path_text(label, strnlen(label, LABEL_MAX));
}

static char *take_label(struct found *found)
{
    char *label = found->label == NULL ? xstrdup("") : found->label;
    found->label = NULL;
    return label;
}

void found_add_certificate(struct found *found, struct byte_reader der, int64_t offset, const char *kind)
{
    size_t at = found->certificate_count;
    if (der.left == 0 || !has_room(found, at))
        return;
    for (size_t i = 0; i < at && offset >= 0; i++)
        if (found->certificates[at - 1 - i].offset == offset)
            return;                     /* windows overlap */
        else if (i > 64)
            break;
    if (at == found->certificate_room) {
        found->certificate_room = 2 * at + 16;
        found->certificates = xreallocarray(found->certificates, found->certificate_room, sizeof *found->certificates);
    }
    found->certificates[at] = (struct file_certificate){.der = {xmemdup(der.at, der.left), der.left}, .offset = offset, .label = take_label(found)};
    found->certificate_count++;
    found->ca_count += der_certificate_is_ca(der);
    found_name_kind(found, kind);
}

void found_add_key(struct found *found, enum file_key_kind kind, const struct private_key *key, int64_t offset)
{
    size_t at = found->key_count;
    if (!has_room(found, at) || (at > 0 && offset >= 0 && found->keys[at - 1].offset >= offset))
        return;                         /* the latter: windows overlap */
    if (at == found->key_room) {
        found->key_room = 2 * at + 16;
        found->keys = xreallocarray(found->keys, found->key_room, sizeof *found->keys);
    }
    found->keys[at] = (struct file_key){.kind = kind,
                                        .spki_sha256 = key->has_spki ? xmemdup(key->spki_sha256, 32) : NULL,
                                        .algorithm = xstrdup(key->algorithm),
                                        .bits = key->bits,
                                        .is_encrypted = key->is_encrypted,
                                        .offset = offset};
    found->key_count++;
}

void found_add_use(struct found *found, const char *service, const char *directive, const char *path, size_t line)
{
    size_t at = found->use_count;
    if (!has_room(found, at))
        return;
    if (at == found->use_room) {
        found->use_room = 2 * at + 16;
        found->uses = xreallocarray(found->uses, found->use_room, sizeof *found->uses);
    }
    found->uses[at] = (struct file_use){.service = service, .directive = directive, .path = xstrdup(path), .line = (int64_t)line};
    found->use_count++;
}

void found_fault(struct found *found, enum file_outcome outcome, const char *detail)
{
    if (found->outcome == FILE_READ) {
        found->outcome = outcome;
        snprintf(found->detail, sizeof found->detail, "%s", detail);
    }
}

/* ---- places in bytes ---- */

static bool may_work(struct scan *scan, uint64_t more)
{
    struct found *found = scan->found;
    found->work += more;
    if (found->work <= found->work_max)
        return true;
    found_fault(found, FILE_LIMIT, "too many beginnings of certificates that are none: the rest of it was not looked into");
    return false;
}

/* The place in the base64 text where this byte of what it holds is. */
static size_t base64_offset(struct byte_reader text, size_t at)
{
    struct byte_buffer decoded;
    byte_buffer_init(&decoded, 0);
    size_t used = at < 3 ? 0 : text_base64_read(text, at / 3 * 3, &decoded);
    byte_buffer_clear(&decoded);
    while (used < text.left && (text.at[used] == '\n' || text.at[used] == '\r' || text.at[used] == ' '))
        used++;
    return used + at % 3;
}

/* Of a byte in the file: what was encoded has the offset of its text. -1: unknown (packed, or too far into too many encodings). */
static int64_t offset_of(const struct scan *scan, size_t at)
{
    const struct origin *origin = &scan->origin;
    if (origin->form == ORIGIN_NONE)
        return scan->base < 0 ? -1 : scan->base + (int64_t)at;
    at = at < origin->lost ? 0 : at - origin->lost;
    scan->found->mapped += at;
    if (scan->found->mapped > MAPPED_MAX)
        return -1;
    const struct byte_reader text = origin->outer->bytes;
    if (origin->form == ORIGIN_WIDE)
        return offset_of(origin->outer, origin->start + 2 * at);
    if (origin->form == ORIGIN_BYTES)
        return offset_of(origin->outer, text_bytes_offset(text, origin->start, at));
    return offset_of(origin->outer, origin->start + base64_offset(byte_reader_of(text.at + origin->start, text.left - origin->start), at));
}

static void scan_all(struct found *found, struct byte_reader bytes, int64_t base, const char *kind, int depth, const struct origin *origin);

/* Scans decoded bytes. The nested scan reuses the buffer, so it takes it over. */
static void scan_decoded(struct scan *scan, const char *kind, const struct origin *origin)
{
    struct byte_buffer decoded = scan->decoded;
    byte_buffer_init(&scan->decoded, TEXT_BLOCK_MAX);
    if (scan->depth < FOUND_DEPTH_MAX)
        scan_all(scan->found, byte_buffer_reader(&decoded), -1, kind, scan->depth + 1, origin);
    else
        found_fault(scan->found, FILE_LIMIT, "base64 of base64, too deep: not looked into");
    byte_buffer_clear(&decoded);
}

static void add_request(struct scan *scan, struct byte_reader spki, int64_t offset)
{
    struct private_key request = {.has_spki = true};
    SHA256(spki.at, spki.left, request.spki_sha256);
    found_add_key(scan->found, FILE_KEY_REQUEST, &request, offset);
    found_name_kind(scan->found, "request");
}

static bool is_label(const char *label, const char *const *labels)
{
    for (; *labels != NULL; labels++)
        if (strcmp(label, *labels) == 0)
            return true;
    return false;
}

/* A certificate that is broken inside is kept; one that is cut, or whose bytes only begin like one, is reported. Sources and their tests
 * have blocks of any bytes ("AAAA"), which are nothing. */
static void take_pem_certificate(struct scan *scan, struct byte_reader der, int64_t offset)
{
    struct byte_reader whole;
    if (der_is_signed(der, &whole))
        found_add_certificate(scan->found, whole, offset, "pem");
    else if (der.left > 64 && der.at[0] == 0x30)
        found_fault(scan->found, FILE_DAMAGED, "a CERTIFICATE block that is cut short or holds no certificate");
}

/* Returns how far the block goes. */
static size_t look_at_pem(struct scan *scan, size_t at)
{
    static const char *const certificates[] = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", NULL};
    static const char *const requests[] = {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", NULL};
    static const char *const messages[] = {"PKCS7", "CMS", "PKCS #7 SIGNED DATA", NULL};
    struct text_block block;
    struct private_key key;
    struct byte_reader spki;
    bool ok = text_block_read(byte_reader_of(scan->bytes.at + at, scan->bytes.left - at), &block, &scan->decoded);
    may_work(scan, block.len);
    struct byte_reader der = byte_buffer_reader(&scan->decoded);
    if (!ok)
        return at + block.len;
    if (is_label(block.label, certificates))
        take_pem_certificate(scan, der, offset_of(scan, at));
    else if (is_label(block.label, requests) && der_is_request(der, &spki))
        add_request(scan, spki, offset_of(scan, at));
    else if (is_label(block.label, messages))
        scan_decoded(scan, "pkcs7", &(struct origin){.form = ORIGIN_NONE});
    else if (private_key_read_block(block.label, block.is_encrypted, der, &key)) {
        found_add_key(scan->found, FILE_KEY_PRIVATE, &key, offset_of(scan, at));
        found_name_kind(scan->found, "key");
        explicit_bzero((void *)(uintptr_t)der.at, der.left);
    }
    return at + block.len;
}

/* What is a key by its structure, and for OpenSSL, too. */
static bool take_key(struct scan *scan, struct byte_reader der, size_t at, const char *kind)
{
    struct private_key key;
    if (!may_work(scan, KEY_WORK) || !private_key_read(der, &key) || key.is_encrypted)
        return false;
    found_add_key(scan->found, FILE_KEY_PRIVATE, &key, offset_of(scan, at));
    found_name_kind(scan->found, kind);
    return true;
}

static size_t look_at_der(struct scan *scan, size_t at)
{
    struct byte_reader whole, bytes = byte_reader_of(scan->bytes.at + at, scan->bytes.left - at);
    if (der_is_private_key(bytes, &whole))
        return take_key(scan, whole, at, "key") ? at + whole.left : at + 1;
    if (!der_is_certificate(bytes, &whole))
        return at + 1;
    found_add_certificate(scan->found, whole, offset_of(scan, at), scan->kind);
    return at + whole.left;
}

/* The length of the SEQUENCE whose header this is; 0: another form, or too short for a key. */
static size_t sequence_len(struct byte_reader head)
{
    if (head.left < 12 || head.at[0] != 0x30 || head.at[1] < 0x20)
        return 0;
    return head.at[1] < 0x80 ? 2 + (size_t)head.at[1] : head.at[1] == 0x81 ? 3 + (size_t)head.at[2] : head.at[1] == 0x82
        ? 4 + ((size_t)head.at[2] << 8 | head.at[3]) : head.at[1] == 0x83 ? 5 + ((size_t)head.at[2] << 16 | (size_t)head.at[3] << 8 | head.at[4]) : 0;
}

/* 1.2.840.113549.1.7: PKCS#7, behind one length or the indefinite form. */
static bool is_message(struct byte_reader head)
{
    static const uint8_t oid[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};
    for (size_t at = 2; at < 7 && at + sizeof oid <= head.left; at++)
        if (memcmp(head.at + at, oid, sizeof oid) == 0)
            return true;
    return false;
}

/* 1.2.840.113549.1.7, which is near the front of every PKCS#12; what only looks like one costs no password. */
static bool is_pkcs12_head(struct byte_reader head)
{
    bool begins = head.left > 30 && head.at[0] == 0x30 &&
                  (memcmp(head.at + 4, "\x02\x01\x03\x30", 4) == 0 || memcmp(head.at + 1, "\x80\x02\x01\x03\x30", 5) == 0);
    return begins && memmem(head.at, head.left < 48 ? head.left : 48, "\x2a\x86\x48\x86\xf7\x0d\x01\x07", 8) != NULL;
}

static bool is_java_head(struct byte_reader head)
{
    return head.left > 12 && memcmp(head.at, "\xfe\xed\xfe\xed\0\0\0", 7) == 0 && (head.at[7] == 1 || head.at[7] == 2);
}

static bool is_store_head(struct byte_reader head)
{
    return is_pkcs12_head(head) || is_java_head(head);
}

static void read_store(struct scan *scan, struct byte_reader bytes)
{
    if (scan->found->on_store != NULL && may_work(scan, STORE_WORK))
        scan->found->on_store(scan->found, bytes, scan->found->context);
}

/* A store that lies in a binary or in another file. */
static size_t look_at_store(struct scan *scan, size_t at)
{
    struct byte_reader bytes = byte_reader_of(scan->bytes.at + at, scan->bytes.left - at);
    size_t len = sequence_len(bytes);
    if (!is_store_head(bytes))
        return at + 1;
    if (len > 0 && len < bytes.left)
        bytes.left = len;
    read_store(scan, bytes);
    return at + (len > 0 ? bytes.left : 8);
}

static size_t look_at_base64(struct scan *scan, size_t at)
{
    struct byte_reader text = byte_reader_of(scan->bytes.at + at, scan->bytes.left - at), head = text, whole;
    if (head.left > HEAD_CHARS)
        head.left = HEAD_CHARS;
    text_base64_read(head, 0, &scan->decoded);
    struct byte_reader decoded = byte_buffer_reader(&scan->decoded);
    bool message = is_message(decoded), store = is_store_head(decoded);
    size_t wanted = sequence_len(decoded);
    size_t inner = wanted == 0 ? 0 : decoded.at[1] < 0x80 ? 2 : decoded.at[1] - 0x7eu;
    bool may_be = wanted > 0 && wanted <= BASE64_CERTIFICATE_MAX &&
                  (decoded.at[inner] == 0x30 || memcmp(decoded.at + inner, "\x02\x01\x00", 3) == 0 || memcmp(decoded.at + inner, "\x02\x01\x01", 3) == 0);
    if (store && may_work(scan, text.left < TEXT_BLOCK_MAX ? text.left : TEXT_BLOCK_MAX)) {
        size_t len = text_base64_read(text, 0, &scan->decoded);
        read_store(scan, byte_buffer_reader(&scan->decoded));
        return at + len;
    }
    if ((!message && !may_be) || !may_work(scan, message ? text.left : wanted))
        return at + 3;
    size_t taken = text_base64_read(text, message ? 0 : wanted, &scan->decoded);
    if (message) {
        scan_decoded(scan, "pkcs7", &(struct origin){scan, ORIGIN_BASE64, at, 0});
        return at + taken;
    }
    decoded = byte_buffer_reader(&scan->decoded);
    if (decoded.left < wanted)
        return at + 3;
    if (der_is_private_key(decoded, &whole) && take_key(scan, whole, at, "base64")) {
        explicit_bzero((void *)(uintptr_t)decoded.at, decoded.left);
        return at + taken;
    }
    if (!der_is_certificate(decoded, &whole))
        return at + 3;
    found_add_certificate(scan->found, whole, offset_of(scan, at), "base64");
    return at + taken;
}

/* "-----BEGIN" in base64 begins in one of three ways: its first byte may be the first, second or third of a group
 * of three. */
static const struct {
    const char *text;
    size_t before;                  /* characters ahead of "tLS" */
    size_t from;                    /* where a group of four begins, from "tLS" */
    bool from_before;
    const char *lost;               /* dashes that the group before has */
} alignments[] = {
    {"LS0tLS1CRUdJTi", 3, 3, true, ""},
    {"0tLS0tQkVHSU4", 1, 1, false, "--"},
    {"tLS0tLUJFR0lO", 0, 1, false, "-"},
};

static size_t look_at_base64_pem(struct scan *scan, size_t at)
{
    for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++) {
        size_t len = strlen(alignments[i].text);
        if (at < alignments[i].before || scan->bytes.left - (at - alignments[i].before) < len ||
            memcmp(scan->bytes.at + at - alignments[i].before, alignments[i].text, len) != 0)
            continue;
        size_t from = alignments[i].from_before ? at - alignments[i].from : at + alignments[i].from;
        size_t taken = text_base64_read(byte_reader_of(scan->bytes.at + from, scan->bytes.left - from), 0, &scan->decoded);
        if (!may_work(scan, taken))
            return scan->bytes.left;
        struct byte_buffer text;
        byte_buffer_init(&text, 0);
        byte_buffer_append(&text, alignments[i].lost, strlen(alignments[i].lost));
        byte_buffer_append(&text, byte_buffer_reader(&scan->decoded).at, byte_buffer_len(&scan->decoded));
        byte_buffer_clear(&scan->decoded);
        scan->decoded = text;
        scan->decoded.limit = TEXT_BLOCK_MAX;
        scan_decoded(scan, "base64", &(struct origin){scan, ORIGIN_BASE64, from, strlen(alignments[i].lost)});
        return from + taken;
    }
    return at + 3;
}

static size_t look_at_base64_twice(struct scan *scan, size_t at)
{
    size_t taken = text_base64_read(byte_reader_of(scan->bytes.at + at, scan->bytes.left - at), 0, &scan->decoded);
    if (!may_work(scan, taken))
        return scan->bytes.left;
    scan_decoded(scan, "base64", &(struct origin){scan, ORIGIN_BASE64, at, 0});
    return at + taken;
}

static size_t look_at_base64_gzip(struct scan *scan, size_t at)
{
    size_t taken = text_base64_read(byte_reader_of(scan->bytes.at + at, scan->bytes.left - at), 0, &scan->decoded);
    struct byte_buffer unpacked;
    byte_buffer_init(&unpacked, TEXT_BLOCK_MAX);
    bool is_whole = may_work(scan, taken) && format_gunzip(byte_buffer_reader(&scan->decoded), &unpacked);
    if (byte_buffer_len(&unpacked) == 0 || !may_work(scan, byte_buffer_len(&unpacked))) {
        byte_buffer_clear(&unpacked);
        return at + taken;
    }
    if (!is_whole)
        found_fault(scan->found, FILE_LIMIT, "limit: gzip in base64 that is cut short or unpacks to more than 8 MiB: the rest of it was not looked into");
    byte_buffer_clear(&scan->decoded);
    scan->decoded = unpacked;
    scan_decoded(scan, "base64", &(struct origin){.form = ORIGIN_NONE});
    return at + taken;
}

/* "ssh-ed25519-cert-v01@openssh.com AAAA...": type, nonce, the key's numbers, serial, then what the certificate is for. */
static bool is_host_certificate(struct byte_reader blob, char *type, size_t size)
{
    struct byte_reader part;
    uint32_t len, use;
    if (!byte_reader_u32(&blob, &len) || !byte_reader_sub(&blob, len, &part) || part.left >= size)
        return false;
    snprintf(type, size, "%.*s", (int)part.left, (const char *)part.at);
    unsigned numbers = strstr(type, "ed25519") != NULL ? 1 : strstr(type, "dss") != NULL ? 4 : 2;
    for (unsigned i = 0; i < 1 + numbers; i++)
        if (!byte_reader_u32(&blob, &len) || !byte_reader_skip(&blob, len))
            return false;
    return byte_reader_skip(&blob, 8) && byte_reader_u32(&blob, &use) && use == 2;      /* SSH2_CERT_TYPE_HOST */
}

static size_t look_at_ssh(struct scan *scan, size_t at)
{
    struct private_key key = {.is_encrypted = false};
    struct byte_reader text = byte_reader_of(scan->bytes.at + at, scan->bytes.left - at);
    char type[64];
    if (at < 6 || memcmp(scan->bytes.at + at - 6, "-cert-", 6) != 0 || text.left < 40 || memcmp(text.at, "v01@openssh.com ", 16) != 0)
        return at + 4;
    byte_reader_skip(&text, 16);
    const uint8_t *end = memchr(text.at, ' ', text.left < TEXT_BLOCK_MAX ? text.left : TEXT_BLOCK_MAX);
    const uint8_t *line = memchr(text.at, '\n', text.left < TEXT_BLOCK_MAX ? text.left : TEXT_BLOCK_MAX);
    if (end != NULL || line != NULL)
        text.left = (size_t)((end != NULL && (line == NULL || end < line) ? end : line) - text.at);
    size_t taken = text_base64_read(text, 0, &scan->decoded);
    may_work(scan, taken);
    if (is_host_certificate(byte_buffer_reader(&scan->decoded), type, sizeof type)) {
        char *suffix = strstr(type, "-cert-v01@");
        if (suffix != NULL)
            *suffix = '\0';
        snprintf(key.algorithm, sizeof key.algorithm, "%.31s", type);
        found_add_key(scan->found, FILE_KEY_SSH_HOST, &key, offset_of(scan, at));
        found_name_kind(scan->found, "ssh");
    }
    return at + 16 + taken;
}

/* DER has a length, PEM an end; what is decoded is looked through as if it stood there itself. */
static size_t look_at_bytes(struct scan *scan, size_t at)
{
    size_t start;
    if (!text_bytes_find(scan->bytes, at, &start))
        return at + 1;
    text_bytes_read(scan->bytes, start, HEAD_CHARS, &scan->decoded);
    bool is_pem = byte_buffer_reader(&scan->decoded).at[0] == '-';
    size_t wanted = sequence_len(byte_buffer_reader(&scan->decoded));
    if ((!is_pem && (wanted == 0 || wanted > BASE64_CERTIFICATE_MAX)) || !may_work(scan, is_pem ? 0 : wanted))
        return at + 1;
    size_t end = text_bytes_read(scan->bytes, start, is_pem ? 0 : wanted, &scan->decoded);
    if (!may_work(scan, end - start) || byte_buffer_len(&scan->decoded) < wanted)
        return at + 1;
    scan_decoded(scan, "bytes", &(struct origin){scan, ORIGIN_BYTES, start, 0});
    return end > at ? end : at + 1;
}

/* The characters of UTF-16 that are ASCII, from shortly before here to where they end. */
static size_t look_at_wide(struct scan *scan, size_t at)
{
    const struct byte_reader bytes = scan->bytes;
    size_t start = at;
    while (at - start < 12 && start >= 2 && bytes.at[start - 1] == 0 && bytes.at[start - 2] != 0)
        start -= 2;
    byte_buffer_consume(&scan->decoded, byte_buffer_len(&scan->decoded));
    size_t end = start;
    while (end < bytes.left && bytes.at[end] != 0 && (end + 1 == bytes.left || bytes.at[end + 1] == 0) && byte_buffer_append(&scan->decoded, bytes.at + end, 1))
        end += 2;
    if (!may_work(scan, end - start))
        return scan->bytes.left;
    bool is_big = scan->base >= 0 && scan->origin.form == ORIGIN_NONE && (scan->base + (int64_t)start) % 2 == 1;
    scan_decoded(scan, "text", &(struct origin){scan, ORIGIN_WIDE, is_big ? start - 1 : start, 0});
    return end > bytes.left ? bytes.left : end > at ? end : at + 1;
}

static size_t look_at(struct scan *scan, enum candidate candidate, size_t at)
{
    switch (candidate) {
    case CANDIDATE_PEM:           return look_at_pem(scan, at);
    case CANDIDATE_DER:           return look_at_der(scan, at);
    case CANDIDATE_STORE:         return look_at_store(scan, at);
    case CANDIDATE_BASE64:        return look_at_base64(scan, at);
    case CANDIDATE_BASE64_PEM:    return look_at_base64_pem(scan, at);
    case CANDIDATE_BASE64_TWICE: return look_at_base64_twice(scan, at);
    case CANDIDATE_BASE64_GZIP:   return look_at_base64_gzip(scan, at);
    case CANDIDATE_BYTES:         return look_at_bytes(scan, at);
    case CANDIDATE_WIDE:          return look_at_wide(scan, at);
    case CANDIDATE_SSH:           return look_at_ssh(scan, at);
    case CANDIDATE_NONE:          break;
    }
    return scan->bytes.left;
}

static void scan_all(struct found *found, struct byte_reader bytes, int64_t base, const char *kind, int depth, const struct origin *origin)
{
    struct scan scan = {.origin = *origin, .found = found, .bytes = bytes, .base = base, .kind = kind, .depth = depth};
    size_t at, from = 0;
    enum candidate candidate;
    byte_buffer_init(&scan.decoded, TEXT_BLOCK_MAX);
    while (found->work <= found->work_max && (candidate = candidate_next(bytes, from, &at)) != CANDIDATE_NONE)
        from = look_at(&scan, candidate, at);
    byte_buffer_clear(&scan.decoded);
}

void found_scan(struct found *found, struct byte_reader bytes, int64_t base, const char *kind)
{
    found->work_max += 16 * (uint64_t)bytes.left;
    scan_all(found, bytes, base, kind, 0, &(struct origin){.form = ORIGIN_NONE});
}
