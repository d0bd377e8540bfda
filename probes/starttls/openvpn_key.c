#include "probes/starttls/openvpn_key.h"

#include "probes/base/probe.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

#define STAMP_LEN 8                     /* packet id and time */
#define TAG_LEN   32

bool openvpn_key_kind(const char *text, struct openvpn_key *key, const char **path, struct error *err)
{
    static const struct {
        const char *name;
        enum openvpn_guard guard;
        const char *digest;
        size_t digest_len;
    } kinds[] = {{"tls-crypt", OPENVPN_TLS_CRYPT, "SHA256", TAG_LEN},
                 {"tls-crypt-v2", OPENVPN_TLS_CRYPT_V2, "SHA256", TAG_LEN},
                 {"tls-auth", OPENVPN_TLS_AUTH, "SHA1", 20},
                 {"tls-auth-sha256", OPENVPN_TLS_AUTH, "SHA256", 32},
                 {"tls-auth-sha512", OPENVPN_TLS_AUTH, "SHA512", 64}};
    size_t len = strcspn(text, ":");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && text[len] == ':' && text[len + 1] != '\0'; i++) {
        if (strlen(kinds[i].name) != len || memcmp(text, kinds[i].name, len) != 0)
            continue;
        *key = (struct openvpn_key){.guard = kinds[i].guard, .digest = kinds[i].digest, .digest_len = kinds[i].digest_len};
        *path = text + len + 1;
        return true;
    }
    return error_set(err, ERROR_USAGE,
                     "--openvpn-key %s: expected tls-crypt:FILE, tls-crypt-v2:FILE, tls-auth:FILE, tls-auth-sha256:FILE or "
                     "tls-auth-sha512:FILE",
                     text);
}

static int hex_digit(char c)
{
    const char *at = c == '\0' ? NULL : strchr("0123456789abcdef", c | 0x20);
    return at == NULL ? -1 : (int)(at - "0123456789abcdef");
}

static bool static_key_parse(const char *text, size_t len, struct openvpn_key *key, struct error *err)
{
    static const char begin[] = "-----BEGIN OpenVPN Static key V1-----";
    const char *at = memmem(text, len, begin, sizeof begin - 1), *end = text + len;
    size_t count = 0;
    for (at = at == NULL ? end : at + sizeof begin - 1; at < end && *at != '-'; at++) {
        int digit = hex_digit(*at);
        if (digit < 0 && strchr(" \t\r\n", *at) != NULL)
            continue;
        if (digit < 0 || count == 2 * sizeof key->bytes)
            break;
        key->bytes[count / 2] = (uint8_t)(key->bytes[count / 2] << 4 | digit);
        count++;
    }
    if (count == 2 * sizeof key->bytes && at < end && *at == '-')
        return true;
    OPENSSL_cleanse(key->bytes, sizeof key->bytes);
    return error_set(err, ERROR_INPUT, "it is no OpenVPN static key of 2,048 bits (openvpn --genkey secret FILE)");
}

/* The client's key, then the same key wrapped for the server; the wrapped part ends with its length. */
static bool client_key_take(struct byte_reader in, struct openvpn_key *key)
{
    const uint8_t *bytes;
    if (!byte_reader_bytes(&in, sizeof key->bytes, &bytes) || in.left <= TAG_LEN + sizeof key->bytes || in.left > sizeof key->wrapped ||
        (size_t)(in.at[in.left - 2] << 8 | in.at[in.left - 1]) != in.left)
        return false;
    memcpy(key->bytes, bytes, sizeof key->bytes);
    memcpy(key->wrapped, in.at, in.left);
    key->wrapped_len = in.left;
    return true;
}

static bool client_key_parse(const char *text, size_t len, struct openvpn_key *key, struct error *err)
{
    static const char name[] = "OpenVPN tls-crypt-v2 client key", begin[] = "-----BEGIN OpenVPN tls-crypt-v2 client key-----";
    const char *at = memmem(text, len, begin, sizeof begin - 1);
    BIO *bio = at == NULL ? NULL : BIO_new_mem_buf(at, (int)(text + len - at));
    char *found = NULL, *header = NULL;
    unsigned char *data = NULL;
    long data_len = 0;
    bool ok = bio != NULL && PEM_read_bio(bio, &found, &header, &data, &data_len) == 1 && strcmp(found, name) == 0 &&
              client_key_take(byte_reader_of(data, (size_t)data_len), key);
    OPENSSL_free(found);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, (size_t)data_len);
    BIO_free(bio);
    return ok || error_set(err, ERROR_INPUT, "it is no tls-crypt-v2 key of a client (openvpn --tls-crypt-v2 SERVER-KEY --genkey "
                                             "tls-crypt-v2-client FILE)");
}

bool openvpn_key_parse(const char *text, size_t len, struct openvpn_key *key, struct error *err)
{
    return key->guard == OPENVPN_TLS_CRYPT_V2 ? client_key_parse(text, len, key, err) : static_key_parse(text, len, key, err);
}

/* Each direction has a cipher key and an HMAC key of 64 bytes; the client sends with the second. */
static const uint8_t *cipher_key(const struct openvpn_key *key, bool is_ours)
{
    return key->bytes + (is_ours ? 128 : 0);
}

static const uint8_t *hmac_key(const struct openvpn_key *key, bool is_ours)
{
    return cipher_key(key, is_ours) + 64;
}

static bool hmac(const struct openvpn_key *key, bool is_ours, const struct byte_reader *parts, size_t count, uint8_t *tag)
{
    uint8_t bytes[OPENVPN_HEAD_LEN + STAMP_LEN + PROBE_PACKET_MAX];
    unsigned len = 0;
    struct byte_writer all = byte_writer_of(bytes, sizeof bytes);
    for (size_t i = 0; i < count; i++)
        byte_writer_bytes(&all, parts[i].at, parts[i].left);
    return byte_writer_ok(&all) &&
           HMAC(EVP_get_digestbyname(key->digest), hmac_key(key, is_ours), (int)key->digest_len, bytes, all.len, tag, &len) != NULL &&
           len == key->digest_len;
}

/* In counter mode encryption and decryption are the same. */
static bool crypt(const struct openvpn_key *key, bool is_ours, const uint8_t *tag, struct byte_reader in, uint8_t *out)
{
    int len = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context != NULL && EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), NULL, cipher_key(key, is_ours), tag) &&
              EVP_EncryptUpdate(context, out, &len, in.at, (int)in.left) && (size_t)len == in.left;
    EVP_CIPHER_CTX_free(context);
    return ok;
}

void openvpn_seal(const struct openvpn_key *key, uint32_t id, const uint8_t head[OPENVPN_HEAD_LEN], struct byte_reader rest,
                  struct byte_writer *out)
{
    uint8_t stamp[STAMP_LEN], tag[EVP_MAX_MD_SIZE];
    struct byte_writer stamped = byte_writer_of(stamp, sizeof stamp);
    byte_writer_u32(&stamped, id);
    byte_writer_u32(&stamped, 1);       /* any time is valid, as long as it does not decrease */
    struct byte_reader head_bytes = byte_reader_of(head, OPENVPN_HEAD_LEN), stamp_bytes = byte_reader_of(stamp, sizeof stamp);
    const struct byte_reader of_auth[] = {stamp_bytes, head_bytes, rest}, of_crypt[] = {head_bytes, stamp_bytes, rest};
    bool is_auth = key->guard == OPENVPN_TLS_AUTH;
    bool ok = hmac(key, true, is_auth ? of_auth : of_crypt, 3, tag);
    byte_writer_bytes(out, head, OPENVPN_HEAD_LEN);
    if (is_auth)
        byte_writer_bytes(out, tag, key->digest_len);
    byte_writer_bytes(out, stamp, sizeof stamp);
    if (!is_auth)
        byte_writer_bytes(out, tag, TAG_LEN);
    uint8_t *room = byte_writer_room(out, rest.left);
    if (room != NULL && is_auth && rest.left != 0)
        memcpy(room, rest.at, rest.left);
    else if (room != NULL && !is_auth)
        ok = ok && crypt(key, true, tag, rest, room);
    out->full |= !ok;                   /* never send a packet that could not be sealed */
}

bool openvpn_open(const struct openvpn_key *key, struct byte_reader packet, uint8_t *room, struct byte_reader *rest)
{
    struct byte_reader head, stamp, tag, body;
    uint8_t expected[EVP_MAX_MD_SIZE];
    bool is_auth = key->guard == OPENVPN_TLS_AUTH;
    if (!byte_reader_sub(&packet, OPENVPN_HEAD_LEN, &head) || (is_auth && !byte_reader_sub(&packet, key->digest_len, &tag)) ||
        !byte_reader_sub(&packet, STAMP_LEN, &stamp) || (!is_auth && !byte_reader_sub(&packet, TAG_LEN, &tag)))
        return false;
    body = packet;
    if (!is_auth && !crypt(key, false, tag.at, body, room))
        return false;
    if (is_auth && body.left != 0)
        memcpy(room, body.at, body.left);
    *rest = byte_reader_of(room, body.left);
    const struct byte_reader of_auth[] = {stamp, head, *rest}, of_crypt[] = {head, stamp, *rest};
    return hmac(key, false, is_auth ? of_auth : of_crypt, 3, expected) && CRYPTO_memcmp(expected, tag.at, key->digest_len) == 0;
}
