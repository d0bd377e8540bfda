/* OpenVPN's control channel under a static key: what is sealed opens again, what was not sealed by the key does not, and a key file
 * that is none is refused without its words. */
#include "probes/base/probe.h"
#include "probes/starttls/openvpn_key.h"
#include "tests/cmocka_all.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define BEGIN "# 2048 bit\n-----BEGIN OpenVPN Static key V1-----\n"
#define END   "-----END OpenVPN Static key V1-----\n"

static void key_of(const char *kind, struct openvpn_key *key)
{
    char text[1024] = BEGIN;
    const char *path;
    struct error err = {0};
    size_t len = strlen(text);
    assert_true(openvpn_key_kind(kind, key, &path, &err));
    assert_string_equal(path, "k");
    for (unsigned i = 0; i < 256; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%02x%s", i * 7 % 256, i % 16 == 15 ? "\n" : "");
    len += (size_t)snprintf(text + len, sizeof text - len, END);
    assert_true(openvpn_key_parse(text, len, key, &err));
}

/* The server's side: what we send with the second pair of keys, it opens with the second. */
static struct openvpn_key turned(const struct openvpn_key *key)
{
    struct openvpn_key other = *key;
    memcpy(other.bytes, key->bytes + 128, 128);
    memcpy(other.bytes + 128, key->bytes, 128);
    return other;
}

static const char *const kinds[] = {"tls-crypt:k", "tls-auth:k", "tls-auth-sha256:k", "tls-auth-sha512:k"};

static void what_is_sealed_opens_again_and_nothing_else(void **state)
{
    (void)state;
    static const uint8_t head[OPENVPN_HEAD_LEN] = {0x38, 1, 2, 3, 4, 5, 6, 7, 8};
    for (size_t i = 0; i < 4; i++) {
        struct openvpn_key key, server;
        uint8_t packet[256], room[256];
        struct byte_reader rest;
        key_of(kinds[i], &key);
        server = turned(&key);
        struct byte_writer out = byte_writer_of(packet, sizeof packet);
        openvpn_seal(&key, 7, head, byte_reader_of("rest", 4), &out);
        assert_true(byte_writer_ok(&out) && out.len <= OPENVPN_HEAD_LEN + OPENVPN_GUARD_MAX + 4);
        assert_memory_equal(packet, head, sizeof head);
        assert_true(openvpn_open(&server, byte_reader_of(packet, out.len), room, &rest));
        assert_int_equal(rest.left, 4);
        assert_memory_equal(rest.at, "rest", 4);
        assert_false(openvpn_open(&key, byte_reader_of(packet, out.len), room, &rest));     /* our own, sent back */
        for (size_t at = 0; at < out.len; at++) {
            packet[at] ^= 1;
            assert_false(openvpn_open(&server, byte_reader_of(packet, out.len), room, &rest));
            packet[at] ^= 1;
            assert_false(openvpn_open(&server, byte_reader_of(packet, at), room, &rest));
        }
    }
}

/* ---- a client's key, and its wrapped copy ---- */

#define CLIENT_BEGIN "-----BEGIN OpenVPN tls-crypt-v2 client key-----\n"
#define CLIENT_END   "-----END OpenVPN tls-crypt-v2 client key-----\n"

static bool client_key_of(size_t wrapped_len, unsigned stated_len, struct openvpn_key *key, uint8_t *wrapped)
{
    uint8_t bytes[256 + OPENVPN_WRAPPED_MAX + 64], coded[2 * sizeof bytes];
    char text[2 * sizeof bytes + 256];
    const char *path;
    struct error err = {0};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    bytes[256 + wrapped_len - 2] = (uint8_t)(stated_len >> 8);
    bytes[256 + wrapped_len - 1] = (uint8_t)stated_len;
    memcpy(wrapped, bytes + 256, wrapped_len);
    int coded_len = EVP_EncodeBlock(coded, bytes, (int)(256 + wrapped_len));
    size_t len = (size_t)snprintf(text, sizeof text, "<tls-crypt-v2>\n" CLIENT_BEGIN);
    for (int at = 0; at < coded_len; at += 64)
        len += (size_t)snprintf(text + len, sizeof text - len, "%.64s\n", coded + at);
    len += (size_t)snprintf(text + len, sizeof text - len, CLIENT_END "</tls-crypt-v2>\n");
    assert_true(openvpn_key_kind("tls-crypt-v2:k", key, &path, &err));
    bool ok = openvpn_key_parse(text, len, key, &err);
    assert_true(ok || err.kind == ERROR_INPUT);
    return ok;
}

static void a_client_brings_its_wrapped_key_behind_its_first_packet(void **state)
{
    (void)state;
    static const struct {
        size_t wrapped_len;
        unsigned stated_len;
        bool is_key;
    } cases[] = {{290, 290, true}, {OPENVPN_WRAPPED_MAX, OPENVPN_WRAPPED_MAX, true}, {OPENVPN_WRAPPED_MAX + 1, OPENVPN_WRAPPED_MAX + 1, false},
                 {290, 289, false}, {288, 288, false}, {2, 2, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct openvpn_key key, other;
        uint8_t wrapped[OPENVPN_WRAPPED_MAX + 64], packet[PROBE_PACKET_MAX], room[PROBE_PACKET_MAX];
        uint64_t probe_state[PROBE_STATE_SIZE / 8] = {0};
        char detail[128];
        if (client_key_of(cases[i].wrapped_len, cases[i].stated_len, &key, wrapped) != cases[i].is_key)
            fail_msg("%zu bytes that tell %u", cases[i].wrapped_len, cases[i].stated_len);
        if (!cases[i].is_key)
            continue;
        const struct probe_target target = {"", 1194, &key};
        struct byte_writer out = byte_writer_of(packet, sizeof packet);
        struct byte_reader in = byte_reader_of(NULL, 0), rest;
        assert_int_equal(probe_find("openvpn")->step(probe_state, &target, &in, &out, detail), PROBE_MORE);
        size_t sealed_len = out.len - 2 - cases[i].wrapped_len;
        assert_int_equal(packet[0] << 8 | packet[1], out.len - 2);
        assert_int_equal(packet[2], 10 << 3);                   /* HARD_RESET_CLIENT_V3 */
        assert_memory_equal(packet + 2 + sealed_len, wrapped, cases[i].wrapped_len);
        other = turned(&key);
        assert_true(openvpn_open(&other, byte_reader_of(packet + 2, sealed_len), room, &rest));
        assert_int_equal(rest.left, 5);                         /* no acknowledgement, number 0 */
    }
}

/* This vector was made by Python's hmac, HMAC-SHA1 over id, time, head and rest. */
static void tls_auth_stands_where_openvpn_looks_for_it(void **state)
{
    (void)state;
    static const uint8_t head[OPENVPN_HEAD_LEN] = {0x38, 1, 2, 3, 4, 5, 6, 7, 8};
    struct openvpn_key key;
    uint8_t packet[256];
    key_of("tls-auth:k", &key);
    struct byte_writer out = byte_writer_of(packet, sizeof packet);
    openvpn_seal(&key, 1, head, byte_reader_of("\0\0\0\0\0", 5), &out);
    assert_int_equal(out.len, 9 + 20 + 8 + 5);
    assert_memory_equal(packet + 29, "\0\0\0\x01\0\0\0\x01\0\0\0\0\0", 13);
    assert_memory_equal(packet + 9, "\x73\xc6\x45\x62\x05\x15\x3d\x5d\x1f\xf3\xb6\x04\xfa\xe9\x10\xca\xfe\x63\x25\x42", 20);
}

static void what_is_no_key_is_refused_and_not_quoted(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "secret", BEGIN "00112233" END, BEGIN "zz" END, BEGIN};
    struct openvpn_key key = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = {0};
        assert_false(openvpn_key_parse(wrong[i], strlen(wrong[i]), &key, &err));
        assert_null(strstr(err.text, "0011"));
    }
    static const char *const kinds_wrong[] = {"k", "tls-crypt", "tls-crypt:", "tls-auth-md5:k", ":k", ""};
    for (size_t i = 0; i < sizeof kinds_wrong / sizeof kinds_wrong[0]; i++) {
        struct error err = {0};
        const char *path;
        assert_false(openvpn_key_kind(kinds_wrong[i], &key, &path, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_again_and_nothing_else),
        cmocka_unit_test(a_client_brings_its_wrapped_key_behind_its_first_packet),
        cmocka_unit_test(tls_auth_stands_where_openvpn_looks_for_it),
        cmocka_unit_test(what_is_no_key_is_refused_and_not_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
