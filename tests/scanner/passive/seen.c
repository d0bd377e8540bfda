#include "tests/scanner/passive/seen.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lines_add(struct lines *lines, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if ((lines->count & (lines->count - 1)) == 0)
        lines->text = xreallocarray(lines->text, lines->count == 0 ? 1 : lines->count * 2, sizeof *lines->text);
    lines->text[lines->count++] = xstrdup(text);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void lines_sort(struct lines *lines)
{
    size_t kept = 0;
    if (lines->count != 0)
        qsort(lines->text, lines->count, sizeof *lines->text, compare);
    for (size_t i = 0; i < lines->count; i++) {
        if (kept != 0 && strcmp(lines->text[kept - 1], lines->text[i]) == 0)
            free(lines->text[i]);
        else
            lines->text[kept++] = lines->text[i];
    }
    lines->count = kept;
}

void lines_clear(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->text[i]);
    free(lines->text);
    *lines = (struct lines){0};
}

bool lines_hold(const struct lines *lines, const char *text)
{
    return lines->count != 0 && bsearch(&text, lines->text, lines->count, sizeof *lines->text, compare) != NULL;
}

size_t lines_diff(const char *title, const struct lines *expected, const struct lines *seen)
{
    size_t i = 0, j = 0, wrong = 0;
    while (i < expected->count || j < seen->count) {
        int order = i == expected->count ? 1
                    : j == seen->count   ? -1
                                         : strcmp(expected->text[i], seen->text[j]);
        if (order != 0)
            fprintf(stderr, "%s: %s %s\n", title, order < 0 ? "missing" : "too much", order < 0 ? expected->text[i] : seen->text[j]);
        wrong += order != 0;
        i += order <= 0;
        j += order >= 0;
    }
    return wrong;
}

void seen_clear(struct seen *seen)
{
    lines_clear(&seen->certificates);
    lines_clear(&seen->sessions);
    lines_clear(&seen->fingerprints);
    lines_clear(&seen->follow_ups);
    *seen = (struct seen){0};
}

void seen_sort(struct seen *seen)
{
    lines_sort(&seen->certificates);
    lines_sort(&seen->sessions);
    lines_sort(&seen->fingerprints);
    lines_sort(&seen->follow_ups);
}

void seen_on_handshake(void *context, const struct handshake *handshake)
{
    struct seen *seen = context;
    char client[ADDRESS_TEXT_SIZE] = "", server[ADDRESS_TEXT_SIZE] = "";
    if (handshake->server.len != 0)
        address_format(&handshake->server, server);
    if (handshake->client.len != 0)
        address_format(&handshake->client, client);
    bool is_whole = handshake->outcome != OUTCOME_INCOMPLETE;       /* the tables have whole chains only */
    for (size_t i = 0; i < handshake->chain_count && is_whole; i++) {
        uint8_t digest[32];
        char hex[65];
        SHA256(handshake->chain[i].bytes, handshake->chain[i].len, digest);
        hex_format(digest, 32, hex);
        lines_add(&seen->certificates, "%s %u %s %zu %s", server, handshake->server_port, role_name(handshake->role), i,
                  hex);
    }
    seen->chains += handshake->chain_count != 0 && is_whole;
    seen->without_chain += handshake->chain_count == 0 || !is_whole;
    char cipher[16] = "";
    if (handshake->cipher_suite >= 0)
        snprintf(cipher, sizeof cipher, "0x%04x", (unsigned)handshake->cipher_suite);
    lines_add(&seen->sessions, "%s %u %s %u [%s] 0x%04x %s", client, handshake->client_port, server,
              handshake->server_port, handshake->server_name, handshake->tls_version, cipher);
    lines_add(&seen->fingerprints, "%s %u %s %u %s %s", client, handshake->client_port, server, handshake->server_port,
              handshake->ja3, handshake->ja3s);
    bool hidden = handshake->outcome == OUTCOME_HIDDEN || handshake->outcome == OUTCOME_INCOMPLETE ||
                  handshake->outcome == OUTCOME_NO_CERTIFICATE;
    if (hidden)
        lines_add(&seen->follow_ups, "%s %u %s %s", server, handshake->server_port, handshake->server_name,
                  handshake->protocol);
}
