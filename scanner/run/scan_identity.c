#include "scanner/run/scan_identity.h"

#include "probes/base/hex.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static bool random_bytes(void *bytes, size_t len, struct error *err)
{
    if (getrandom(bytes, len, 0) != (ssize_t)len)
        return error_set(err, ERROR_SYSTEM, "no random bytes: %s", strerror(errno));
    return true;
}

/* The UUID of 16 bytes, with version and variant put in (RFC 9562, section 4). */
static void format_id(const uint8_t bytes[16], unsigned version, char id[SCAN_ID_SIZE])
{
    uint8_t b[16];
    char hex[33];
    memcpy(b, bytes, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | version << 4);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    hex_format(b, sizeof b, hex);
    snprintf(id, SCAN_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

bool scan_identity_draw_id(char id[SCAN_ID_SIZE], struct error *err)
{
    uint8_t bytes[16];
    if (!random_bytes(bytes, sizeof bytes, err))
        return false;
    format_id(bytes, 4, id);
    return true;
}

bool scan_identity_draw(struct bundle_head *head, struct error *err)
{
    return random_bytes(head->permutation_key, sizeof head->permutation_key, err) &&
           scan_identity_draw_id(head->scan_id, err);
}

/* Each field with its length before it, so that no two lists of fields are the same bytes. */
static void add(EVP_MD_CTX *digest, const char *field)
{
    char len[32];
    snprintf(len, sizeof len, "%zu:", strlen(field));
    if (EVP_DigestUpdate(digest, len, strlen(len)) != 1 || EVP_DigestUpdate(digest, field, strlen(field)) != 1)
        abort();        /* SHA-256 over memory has no other way to fail than a broken libcrypto */
}

bool scan_identity_derive(const char *name, enum tls_depth depth, struct target_list *names, struct bundle_head *head,
                          struct error *err)
{
    char number[24];
    uint8_t hash[EVP_MAX_MD_SIZE];
    uint64_t line;
    const char *text;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest == NULL || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        abort();
    add(digest, "certsweep: parts of a scan, 1");
    add(digest, name);
    add(digest, head->site);
    snprintf(number, sizeof number, "%u", head->shard_count);
    add(digest, number);
    snprintf(number, sizeof number, "%u", (unsigned)depth);
    add(digest, number);
    add(digest, head->space);
    struct error why = {0};
    target_list_rewind(names);
    while (target_list_next_name(names, &line, &text, &why))
        add(digest, text);
    if (EVP_DigestFinal_ex(digest, hash, NULL) != 1)
        abort();
    EVP_MD_CTX_free(digest);
    format_id(hash, 8, head->scan_id);
    memcpy(head->permutation_key, hash + 16, sizeof head->permutation_key);
    if (why.kind != ERROR_NONE && err != NULL)
        *err = why;
    return why.kind == ERROR_NONE;
}

bool scan_identity_has_line(const struct bundle_head *head, uint64_t line)
{
    return (line - 1) % head->shard_count == head->shard;
}
