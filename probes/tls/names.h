/* The numbers of TLS and what they are called: IANA's tables, generated at build time from the dated CSV files in
 * iana/. A suite's name is IANA's ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), a group's and a scheme's too
 * ("x25519", "secp256r1", "X25519MLKEM768"; "rsa_pss_rsae_sha256"), a version's is "TLSv1.2". All find by number
 * in O(log n); NULL if the number has no name. What is returned is static. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_kx {           /* key exchange */
    TLS_KX_NULL, TLS_KX_ANY, TLS_KX_SCSV,                   /* ANY: TLS 1.3, the group decides; SCSV: a signal */
    TLS_KX_RSA, TLS_KX_DH, TLS_KX_ECDH,                     /* static: no forward secrecy */
    TLS_KX_DHE, TLS_KX_ECDHE,                               /* anonymous DH counts here */
    TLS_KX_PSK, TLS_KX_KRB5, TLS_KX_SRP, TLS_KX_GOST, TLS_KX_ECCPWD, TLS_KX_OTHER,
};

enum tls_auth {         /* what the server proves itself with */
    TLS_AUTH_NULL, TLS_AUTH_ANY, TLS_AUTH_ANON,
    TLS_AUTH_RSA, TLS_AUTH_DSS, TLS_AUTH_ECDSA,             /* a certificate */
    TLS_AUTH_PSK, TLS_AUTH_KRB5, TLS_AUTH_SRP, TLS_AUTH_GOST, TLS_AUTH_ECCPWD, TLS_AUTH_OTHER,
};

enum tls_enc {
    TLS_ENC_NULL, TLS_ENC_RC4, TLS_ENC_RC2_CBC, TLS_ENC_DES_CBC, TLS_ENC_3DES_CBC, TLS_ENC_IDEA_CBC,
    TLS_ENC_SEED_CBC, TLS_ENC_AES_CBC, TLS_ENC_CAMELLIA_CBC, TLS_ENC_ARIA_CBC,
    TLS_ENC_AES_GCM, TLS_ENC_AES_CCM, TLS_ENC_AES_CCM_8, TLS_ENC_CAMELLIA_GCM, TLS_ENC_ARIA_GCM,
    TLS_ENC_CHACHA20_POLY1305, TLS_ENC_SM4_GCM, TLS_ENC_SM4_CCM, TLS_ENC_GOST, TLS_ENC_OTHER,
};

enum tls_mac { TLS_MAC_NULL, TLS_MAC_AEAD, TLS_MAC_MD5, TLS_MAC_SHA, TLS_MAC_SHA256, TLS_MAC_SHA384, TLS_MAC_GOST,
               TLS_MAC_OTHER };

enum tls_hash { TLS_HASH_SHA256, TLS_HASH_SHA384 };         /* of the key schedule, TLS 1.2 and 1.3 */

struct tls_suite {
    uint16_t id;
    const char *name;
    enum tls_kx kx;
    enum tls_auth auth;
    enum tls_enc enc;
    enum tls_mac mac;
    enum tls_hash hash;
    uint16_t bits;      /* of the encryption's strength: 3DES 112, EXPORT 40, NULL 0 */
    bool is_export;     /* EXPORT or EXPORT1024 */
    bool is_tls13;
};

enum tls_group_kind { TLS_GROUP_CURVE, TLS_GROUP_FFDHE, TLS_GROUP_KEM, TLS_GROUP_HYBRID, TLS_GROUP_EXPLICIT };

struct tls_group {
    uint16_t id;
    const char *name;
    enum tls_group_kind kind;
    uint16_t bits;      /* of the field; of a hybrid's classical part */
};

const struct tls_suite *tls_suite_find(uint32_t id);
const struct tls_suite *tls_suite_parse(const char *name);
const char *tls_suite_name(uint32_t id);                    /* SSLv2's three-byte kinds too */
const struct tls_suite *tls_suites(size_t *count);          /* all, by number */
/* May this suite be chosen in this version? Signals and NULL_WITH_NULL_NULL never; AEAD came with TLS 1.2; SSLv3 has a MAC of
 * its own for MD5 and SHA alone, and no PSK (RFC 6101, 5.2.3.1; RFC 4279). */
bool tls_suite_fits(const struct tls_suite *suite, uint16_t version);

bool tls_suite_is_aead(const struct tls_suite *suite);
bool tls_suite_has_short_blocks(const struct tls_suite *suite);     /* of 64 bits: DES, 3DES, IDEA, RC2 */
bool tls_suite_is_cbc(const struct tls_suite *suite);
bool tls_suite_has_forward_secrecy(const struct tls_suite *suite);     /* TLS 1.3, DHE, ECDHE */
bool tls_suite_sends_certificate(const struct tls_suite *suite);       /* the server authenticates with one */

const char *tls_kx_name(enum tls_kx kx);                    /* "ECDHE", "RSA", "any" ... */
const char *tls_auth_name(enum tls_auth auth);              /* "RSA", "ECDSA", "anonymous" ... */
const char *tls_enc_name(enum tls_enc enc);                 /* "AES-GCM", "RC4", "3DES-CBC" ... */
const char *tls_mac_name(enum tls_mac mac);                 /* "AEAD", "SHA256" ... */

const struct tls_group *tls_group_find(uint32_t id);
const struct tls_group *tls_groups(size_t *count);         /* all, by number */
const char *tls_group_name(uint32_t id);
const struct tls_group *tls_group_parse(const char *name);
const char *tls_scheme_name(uint32_t id);
const char *tls_alert_name(uint32_t id);                    /* "handshake_failure" */

/* "SSLv2", "SSLv3", "TLSv1.0" ... "TLSv1.3", "DTLSv1.0", "DTLSv1.2", "DTLSv1.3". */
const char *tls_version_name(uint16_t version);
bool tls_version_parse(const char *name, uint16_t *version);

/* GREASE (RFC 8701): 0x0a0a, 0x1a1a ... 0xfafa, as suite, extension or group. */
static inline bool tls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}
