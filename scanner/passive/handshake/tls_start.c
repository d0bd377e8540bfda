#include "scanner/passive/handshake/tls_start.h"

#include <string.h>

enum { TYPE_ALERT = 21, TYPE_HANDSHAKE = 22, CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11 };
#define RECORD_MAX (16384 + 2048)

/* Walks over records of any size and collects the first bytes of the message in them. */
static enum tls_start collect(const uint8_t *bytes, size_t len, uint8_t *message, size_t *message_len, size_t want)
{
    *message_len = 0;
    while (*message_len < want) {
        static const uint8_t low[5] = {TYPE_HANDSHAKE, 3, 0, 0, 0}, high[5] = {TYPE_HANDSHAKE, 3, 4, 255, 255};
        for (size_t i = 0; i < 5; i++) {
            if (i == len)
                return TLS_START_MORE;
            if (bytes[i] < low[i] || bytes[i] > high[i])
                return TLS_START_NO;
        }
        size_t record = (size_t)(bytes[3] << 8 | bytes[4]);
        if (record == 0 || record > RECORD_MAX)
            return TLS_START_NO;
        bytes += 5;
        len -= 5;
        for (; record != 0 && *message_len < want; record--, bytes++, len--) {
            if (len == 0)
                return TLS_START_MORE;
            message[(*message_len)++] = *bytes;
        }
    }
    return TLS_START_CLIENT;        /* whole */
}

static size_t u24(const uint8_t *at)
{
    return (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
}

/* True if these are the first bytes of a handshake message that can begin TLS; have (bytes there) may be below 6. */
static enum tls_start judge(const uint8_t *message, size_t have)
{
    if (have >= 1 && message[0] != CLIENT_HELLO && message[0] != SERVER_HELLO && message[0] != CERTIFICATE)
        return TLS_START_NO;
    if (have < 6)
        return TLS_START_MORE;
    size_t body = u24(message + 1);
    if (message[0] == CERTIFICATE)
        return have < 10 ? TLS_START_MORE
               : body >= 6 && body <= (1u << 20) && u24(message + 4) == body - 3 && u24(message + 7) != 0 &&
                         u24(message + 7) <= body - 6
                   ? TLS_START_CERTIFICATE
                   : TLS_START_NO;
    if (message[4] != 3 || message[5] > 4)
        return TLS_START_NO;
    if (message[0] == CLIENT_HELLO)
        return body >= 38 && body <= (1u << 17) ? TLS_START_CLIENT : TLS_START_NO;
    return body >= 38 && body <= (1u << 16) ? TLS_START_SERVER : TLS_START_NO;
}

static enum tls_start match_alert(const uint8_t *bytes, size_t len)
{
    static const uint8_t low[6] = {TYPE_ALERT, 3, 0, 0, 2, 1}, high[6] = {TYPE_ALERT, 3, 4, 0, 2, 2};
    for (size_t i = 0; i < 6; i++) {
        if (i == len)
            return TLS_START_MORE;
        if (bytes[i] < low[i] || bytes[i] > high[i])
            return TLS_START_NO;
    }
    return TLS_START_ALERT;
}

enum tls_start tls_start_match(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return TLS_START_MORE;
    if (bytes[0] == TYPE_ALERT)
        return match_alert(bytes, len);
    uint8_t message[10];
    size_t have;
    enum tls_start status = collect(bytes, len, message, &have, sizeof message);
    if (status == TLS_START_NO)
        return TLS_START_NO;
    enum tls_start kind = judge(message, have);
    return kind != TLS_START_MORE || status == TLS_START_MORE ? kind : TLS_START_NO;
}

enum tls_start tls_start_match_sslv2(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return TLS_START_MORE;
    if ((bytes[0] & 0x80) == 0 || (len >= 3 && bytes[2] != 1 && bytes[2] != 4))
        return TLS_START_NO;
    if (len < 11)
        return TLS_START_MORE;
    size_t record = (size_t)((bytes[0] & 0x7f) << 8 | bytes[1]);
    if (bytes[2] == 1) {            /* CLIENT-HELLO: version, three lengths */
        bool version = (bytes[3] == 0 && bytes[4] == 2) || (bytes[3] == 3 && bytes[4] <= 3);
        size_t sum = (size_t)(bytes[5] << 8 | bytes[6]) + (size_t)(bytes[7] << 8 | bytes[8]) +
                     (size_t)(bytes[9] << 8 | bytes[10]);
        return version && sum + 9 == record && (bytes[5] << 8 | bytes[6]) % 3 == 0
                   ? TLS_START_SSLV2_CLIENT
                   : TLS_START_NO;
    }
    if (len < 13)                   /* SERVER-HELLO: session id hit, certificate type, version, three lengths */
        return TLS_START_MORE;
    size_t sum = (size_t)(bytes[7] << 8 | bytes[8]) + (size_t)(bytes[9] << 8 | bytes[10]) +
                 (size_t)(bytes[11] << 8 | bytes[12]);
    return bytes[3] <= 1 && bytes[5] == 0 && bytes[6] == 2 && sum + 11 == record ? TLS_START_SSLV2_SERVER
                                                                                 : TLS_START_NO;
}

size_t tls_start_find(const uint8_t *bytes, size_t len, enum tls_start *kind)
{
    for (size_t at = 0; at < len; at++) {
        const uint8_t *hit = memchr(bytes + at, TYPE_HANDSHAKE, len - at);
        if (hit == NULL)
            break;
        at = (size_t)(hit - bytes);
        *kind = tls_start_match(hit, len - at);
        if (*kind != TLS_START_NO)
            return at;
    }
    *kind = TLS_START_NO;
    return len;
}
