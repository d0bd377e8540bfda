/* Where TLS begins in a stream, found by content: a ClientHello or ServerHello (RFC 8446, section 4.1) at any
 * offset, however small its records are; a Certificate message, where the hellos were not captured; an SSLv2
 * hello (RFC 6101, appendix E) at the start of a stream. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_START_MAX 64        /* bytes after which every match is decided */

enum tls_start {
    TLS_START_NO,
    TLS_START_MORE,             /* could be one: more bytes decide */
    TLS_START_CLIENT,           /* ClientHello */
    TLS_START_SERVER,           /* ServerHello */
    TLS_START_CERTIFICATE,
    TLS_START_ALERT,            /* a plaintext alert: counts only if the other side has sent a hello */
    TLS_START_SSLV2_CLIENT,     /* only by tls_start_match_sslv2() */
    TLS_START_SSLV2_SERVER,
};

/* Does one begin at the first of these bytes? */
enum tls_start tls_start_match(const uint8_t *bytes, size_t len);
enum tls_start tls_start_match_sslv2(const uint8_t *bytes, size_t len);

/* The first offset where one begins (*kind says what) or may begin (TLS_START_MORE, at the end of the bytes);
 * len and TLS_START_NO where there is none. */
size_t tls_start_find(const uint8_t *bytes, size_t len, enum tls_start *kind);
