/* A protocol that carries TLS inside packets of its own until the handshake is over (OpenVPN, TDS). A carrier takes the framing
 * out, so that a message which spans packets is one, and no header byte is ever parsed as TLS.  TCP bytes of both directions -->
 * carrier --> TLS bytes --> tls_session */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARRIER_START_MAX 16        /* first bytes of a direction that decide */

enum carrier_match { CARRIER_NO, CARRIER_MORE, CARRIER_YES };

struct carrier_sink {
    bool (*on_tls)(void *context, unsigned from, const uint8_t *bytes, size_t len);     /* false: over */
    void *context;
};

struct carrier_kind {
    const char *protocol;           /* the probe's name */
    enum carrier_match (*match)(const uint8_t *bytes, size_t len);     /* the first bytes of a direction */
    void *(*create)(const struct carrier_sink *sink);
    void (*destroy)(void *carrier);                     /* NULL is fine */
    size_t (*memory)(const void *carrier);
    bool (*bytes)(void *carrier, unsigned from, const uint8_t *bytes, size_t len);      /* false: over */
    void (*gap)(void *carrier, unsigned from);          /* nothing of this direction is read from here on */
};

extern const struct carrier_kind carrier_openvpn, carrier_tds;
