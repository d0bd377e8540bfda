/* QUIC's long-header packets, and the decryption of those that anyone can decrypt: Initial packets, whose keys
 * follow from the client's first connection id (RFC 9001, section 5.2; RFC 9369 for version 2; the drafts still
 * seen). */
#pragma once
#include "probes/base/byte_reader.h"

#define QUIC_VERSION_1 0x00000001u
#define QUIC_VERSION_2 0x6b3343cfu
#define QUIC_PACKET_MAX 65536

enum quic_packet_type { QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_RETRY, QUIC_VERSION_NEGOTIATION };

struct quic_packet {
    enum quic_packet_type type;
    uint32_t version;
    struct byte_reader destination_id, source_id;
    const uint8_t *start;           /* of the packet */
    size_t number_offset;           /* of the protected packet number; everything after it is protected */
    size_t len;                     /* of the whole packet */
};

/* Takes one long-header packet off the datagram (packets may be coalesced). False: none, or damaged, or of an
 * unknown version. */
bool quic_packet_read(struct byte_reader *datagram, struct quic_packet *packet);
bool quic_version_is_known(uint32_t version);

struct quic_keys {
    const char *cipher;             /* OpenSSL's names */
    const char *mask_cipher;
    size_t key_len;
    uint8_t key[32], iv[12], mask_key[32];
};

bool quic_initial_keys(uint32_t version, struct byte_reader client_destination_id, bool is_client,
                       struct quic_keys *keys);
/* Keys of a later level from its secret; suite is TLS's number. False if the suite is unknown. */
bool quic_keys_of_secret(uint32_t version, uint16_t suite, const uint8_t *secret, size_t secret_len,
                         struct quic_keys *keys);

/* Decrypts a packet into plain (at least packet->len bytes); false if the keys do not fit. frames: its payload. */
bool quic_packet_open(const struct quic_keys *keys, const struct quic_packet *packet, uint8_t *plain,
                      struct byte_reader *frames);

/* The next CRYPTO frame (other frames are skipped): false at the end, or at a frame that cannot be parsed. */
bool quic_next_crypto(struct byte_reader *frames, uint64_t *offset, struct byte_reader *data);
