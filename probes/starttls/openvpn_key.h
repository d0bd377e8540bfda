/* The key that guards OpenVPN's control channel before TLS (openvpn's "--tls-auth", "--tls-crypt",
 * "--tls-crypt-v2"): a server does not answer without it. A key has 2,048 bits: one cipher key and one HMAC key per
 * direction.
 *
 *     tls-auth    | opcode | session id | HMAC | packet id | time | rest |        HMAC over packet id, time, opcode ... rest
 *     tls-crypt   | opcode | session id | packet id | time | tag | AES-256-CTR(rest) |    the tag is the IV, too
 *
 * With tls-crypt-v2 each client has a key of its own, sealed as by tls-crypt. The server stores none of them: a
 * client's first packet carries the key, wrapped with the server's key; the client's file has both forms (openvpn's
 * tls-crypt-v2.txt).
 *
 * We act as the client: key direction 1 of tls-auth, the usual setting. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/base/error.h"

#define OPENVPN_HEAD_LEN  9             /* opcode and session id: plaintext in both */
#define OPENVPN_GUARD_MAX 72            /* most bytes that sealing adds */
#define OPENVPN_WRAPPED_MAX 1024        /* a wrapped key: 290 bytes, and at most 734 of metadata */

enum openvpn_guard { OPENVPN_TLS_AUTH, OPENVPN_TLS_CRYPT, OPENVPN_TLS_CRYPT_V2 };

struct openvpn_key {
    enum openvpn_guard guard;
    const char *digest;                 /* of tls-auth, as OpenSSL names it */
    size_t digest_len;
    uint8_t bytes[256];
    uint8_t wrapped[OPENVPN_WRAPPED_MAX];       /* of tls-crypt-v2: appended to the first packet */
    size_t wrapped_len;
};

/* "tls-auth:FILE", "tls-auth-sha256:FILE", "tls-auth-sha512:FILE", "tls-crypt:FILE" or "tls-crypt-v2:FILE": *path
 * points to FILE. */
bool openvpn_key_kind(const char *text, struct openvpn_key *key, const char **path, struct error *err);

/* What "openvpn --genkey secret" writes, or for tls-crypt-v2 "openvpn --genkey tls-crypt-v2-client"; an .ovpn file
 * that contains it also works. False with ERROR_INPUT, whose text never quotes the key. */
bool openvpn_key_parse(const char *text, size_t len, struct openvpn_key *key, struct error *err);

/* A packet of ours, number `id` from 1 on: head, guard and rest. */
void openvpn_seal(const struct openvpn_key *key, uint32_t id, const uint8_t head[OPENVPN_HEAD_LEN], struct byte_reader rest,
                  struct byte_writer *out);

/* Opens a server's packet (from its head on) into room, which is as long as the packet. False: not sealed with this
 * key. */
bool openvpn_open(const struct openvpn_key *key, struct byte_reader packet, uint8_t *room, struct byte_reader *rest);
