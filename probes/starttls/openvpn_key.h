/* The key that guards OpenVPN's control channel before TLS (openvpn's "--tls-auth", "--tls-crypt", "--tls-crypt-v2"): without
 * it a server answers nobody. A key has 2,048 bits: two of a cipher key and an HMAC key, one pair a direction.
 *
 *     tls-auth    | opcode | session id | HMAC | packet id | time | rest |        HMAC over packet id, time, opcode ... rest
 *     tls-crypt   | opcode | session id | packet id | time | tag | AES-256-CTR(rest) |    the tag is the IV, too
 *
 * With tls-crypt-v2 each client has a key of its own, sealed as by tls-crypt. The server keeps none of them: a client's first
 * packet brings the key along, wrapped by the server's own, and the client's file has both (openvpn's tls-crypt-v2.txt).
 *
 * We are the client: key direction 1 of tls-auth, as nearly everybody has it. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/base/error.h"

#define OPENVPN_HEAD_LEN  9             /* opcode and session id, in the clear in either */
#define OPENVPN_GUARD_MAX 72            /* what a packet grows by at most */
#define OPENVPN_WRAPPED_MAX 1024        /* a wrapped key: 290 bytes, and at most 734 of metadata */

enum openvpn_guard { OPENVPN_TLS_AUTH, OPENVPN_TLS_CRYPT, OPENVPN_TLS_CRYPT_V2 };

struct openvpn_key {
    enum openvpn_guard guard;
    const char *digest;                 /* of tls-auth, as OpenSSL names it */
    size_t digest_len;
    uint8_t bytes[256];
    uint8_t wrapped[OPENVPN_WRAPPED_MAX];       /* of tls-crypt-v2: goes behind the first packet, as it is */
    size_t wrapped_len;
};

/* "tls-auth:FILE", "tls-auth-sha256:FILE", "tls-auth-sha512:FILE", "tls-crypt:FILE" or "tls-crypt-v2:FILE": *path is its part. */
bool openvpn_key_kind(const char *text, struct openvpn_key *key, const char **path, struct error *err);

/* What "openvpn --genkey secret" writes, or for tls-crypt-v2 "openvpn --genkey tls-crypt-v2-client"; an .ovpn file that has it
 * inside will do. False with ERROR_INPUT, which never quotes it. */
bool openvpn_key_parse(const char *text, size_t len, struct openvpn_key *key, struct error *err);

/* A packet of ours, number `id` from 1 on: head, guard and rest. */
void openvpn_seal(const struct openvpn_key *key, uint32_t id, const uint8_t head[OPENVPN_HEAD_LEN], struct byte_reader rest,
                  struct byte_writer *out);

/* A server's packet from its head on: the rest, opened into room (as long as the packet). False: not by this key. */
bool openvpn_open(const struct openvpn_key *key, struct byte_reader packet, uint8_t *room, struct byte_reader *rest);
