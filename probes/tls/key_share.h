/* Key shares (RFC 8446, section 4.2.8). Ours is the group's generator, that is the private key 1: the shared secret
 * is then the server's own share, and nothing is computed. Such a session has no secrecy, and nothing secret is
 * sent in it. Servers that refuse the generator get real shares.
 *
 * ML-KEM, alone (draft-ietf-tls-mlkem) or in the hybrid groups (draft-ietf-tls-ecdhe-mlkem), gets an encapsulation key
 * (FIPS 203) whose vector t is zero: the ciphertext's v is then the message and a little noise, so the message is read from
 * it, and the secret follows. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"

#include <stdbool.h>
#include <stdint.h>

#define TLS_SHARED_SECRET_MAX 1024      /* ffdhe8192 */

enum {
    GROUP_SECP256R1 = 23, GROUP_SECP384R1 = 24, GROUP_SECP521R1 = 25, GROUP_X25519 = 29, GROUP_X448 = 30,
    GROUP_FFDHE2048 = 256, GROUP_FFDHE3072, GROUP_FFDHE4096, GROUP_FFDHE6144, GROUP_FFDHE8192,
    GROUP_MLKEM512 = 0x0200, GROUP_MLKEM768, GROUP_MLKEM1024,
    GROUP_SECP256R1MLKEM768 = 0x11eb, GROUP_X25519MLKEM768 = 0x11ec, GROUP_SECP384R1MLKEM1024 = 0x11ed,
};

bool key_share_knows(uint16_t group);                       /* with the generator */

/* The KeyShareEntry's key_exchange. */
void key_share_write(uint16_t group, struct byte_writer *out);

/* The shared secret from the server's share; false if the share is not valid in the group. */
bool key_share_secret(uint16_t group, struct byte_reader server_share, uint8_t secret[TLS_SHARED_SECRET_MAX],
                      size_t *len);

/* Real shares of X25519, P-256, P-384, P-521 and X448: one key pair each, made when first written. */
struct key_pairs;
struct key_pairs *key_pairs_create(void);
void key_pairs_destroy(struct key_pairs *pairs);
bool key_pairs_know(uint16_t group);
void key_pairs_write(struct key_pairs *pairs, uint16_t group, struct byte_writer *out);
bool key_pairs_secret(struct key_pairs *pairs, uint16_t group, struct byte_reader server_share,
                      uint8_t secret[TLS_SHARED_SECRET_MAX], size_t *len);
