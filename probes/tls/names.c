#include "probes/tls/names.h"

#include <stdlib.h>
#include <string.h>

struct numbered {
    uint32_t id;
    const char *name;
};

#include "names_tables.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Every table is sorted by its first member, read here as a number of id_size bytes. */
static const void *find(const void *table, size_t count, size_t row_size, size_t id_size, uint32_t id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *row = (const char *)table + middle * row_size;
        uint32_t here = id_size == 2 ? *(const uint16_t *)(const void *)row : *(const uint32_t *)(const void *)row;
        if (here == id)
            return row;
        if (here < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const char *find_name(const struct numbered *table, size_t count, uint32_t id)
{
    const struct numbered *row = find(table, count, sizeof *row, sizeof row->id, id);
    return row == NULL ? NULL : row->name;
}

const struct tls_suite *tls_suite_find(uint32_t id)
{
    return find(suites, COUNT(suites), sizeof suites[0], sizeof suites[0].id, id);
}

const struct tls_suite *tls_suite_parse(const char *name)
{
    for (size_t i = 0; i < COUNT(suites); i++)
        if (strcmp(suites[i].name, name) == 0)
            return &suites[i];
    return NULL;
}

const char *tls_suite_name(uint32_t id)
{
    const struct tls_suite *suite = tls_suite_find(id);
    return suite != NULL ? suite->name : find_name(sslv2_kinds, COUNT(sslv2_kinds), id);
}

const struct tls_suite *tls_suites(size_t *count)
{
    *count = COUNT(suites);
    return suites;
}

bool tls_suite_fits(const struct tls_suite *suite, uint16_t version)
{
    if (suite->id == 0 || suite->kx == TLS_KX_SCSV || suite->is_tls13 != (version == 0x0304))
        return false;
    if (version == 0x0300 && ((suite->mac != TLS_MAC_MD5 && suite->mac != TLS_MAC_SHA) || suite->auth == TLS_AUTH_PSK))
        return false;
    return version >= 0x0303 || !tls_suite_is_aead(suite);
}

bool tls_suite_is_aead(const struct tls_suite *suite)
{
    return suite->mac == TLS_MAC_AEAD;
}

bool tls_suite_is_cbc(const struct tls_suite *suite)
{
    return suite->enc >= TLS_ENC_RC2_CBC && suite->enc <= TLS_ENC_ARIA_CBC;
}

bool tls_suite_has_short_blocks(const struct tls_suite *suite)
{
    return suite->enc == TLS_ENC_3DES_CBC || suite->enc == TLS_ENC_DES_CBC || suite->enc == TLS_ENC_IDEA_CBC ||
           suite->enc == TLS_ENC_RC2_CBC;
}

bool tls_suite_has_forward_secrecy(const struct tls_suite *suite)
{
    return suite->kx == TLS_KX_ANY || suite->kx == TLS_KX_DHE || suite->kx == TLS_KX_ECDHE ||
           suite->kx == TLS_KX_ECCPWD;
}

bool tls_suite_sends_certificate(const struct tls_suite *suite)
{
    switch (suite->auth) {
    case TLS_AUTH_ANY:
    case TLS_AUTH_RSA:
    case TLS_AUTH_DSS:
    case TLS_AUTH_ECDSA:
    case TLS_AUTH_GOST: return true;
    case TLS_AUTH_PSK: return suite->kx == TLS_KX_RSA;      /* RSA_PSK, RFC 4279 section 4 */
    default: return false;
    }
}

const char *tls_kx_name(enum tls_kx kx)
{
    static const char *const names[] = {"NULL", "any", "SCSV", "RSA", "DH", "ECDH", "DHE",
                                        "ECDHE", "PSK", "KRB5", "SRP", "GOST", "ECCPWD", "other"};
    return names[kx];
}

const char *tls_auth_name(enum tls_auth auth)
{
    static const char *const names[] = {"NULL", "any", "anonymous", "RSA", "DSS", "ECDSA",
                                        "PSK", "KRB5", "SRP", "GOST", "ECCPWD", "other"};
    return names[auth];
}

const char *tls_enc_name(enum tls_enc enc)
{
    static const char *const names[] = {
        "NULL", "RC4", "RC2-CBC", "DES-CBC", "3DES-CBC", "IDEA-CBC", "SEED-CBC", "AES-CBC", "CAMELLIA-CBC",
        "ARIA-CBC", "AES-GCM", "AES-CCM", "AES-CCM_8", "CAMELLIA-GCM", "ARIA-GCM", "CHACHA20-POLY1305", "SM4-GCM",
        "SM4-CCM", "GOST", "other"};
    return names[enc];
}

const char *tls_mac_name(enum tls_mac mac)
{
    static const char *const names[] = {"NULL", "AEAD", "MD5", "SHA", "SHA256", "SHA384", "GOST", "other"};
    return names[mac];
}

const struct tls_group *tls_group_find(uint32_t id)
{
    return find(groups, COUNT(groups), sizeof groups[0], sizeof groups[0].id, id);
}

const struct tls_group *tls_groups(size_t *count)
{
    *count = COUNT(groups);
    return groups;
}

const char *tls_group_name(uint32_t id)
{
    const struct tls_group *group = tls_group_find(id);
    return group == NULL ? NULL : group->name;
}

const struct tls_group *tls_group_parse(const char *name)
{
    for (size_t i = 0; i < COUNT(groups); i++)
        if (strcmp(groups[i].name, name) == 0)
            return &groups[i];
    return NULL;
}

const char *tls_scheme_name(uint32_t id)
{
    return find_name(schemes, COUNT(schemes), id);
}

const char *tls_alert_name(uint32_t id)
{
    return find_name(alerts, COUNT(alerts), id);
}

static const struct numbered versions[] = {
    {0x0002, "SSLv2"}, {0x0300, "SSLv3"}, {0x0301, "TLSv1.0"}, {0x0302, "TLSv1.1"}, {0x0303, "TLSv1.2"},
    {0x0304, "TLSv1.3"}, {0xfefc, "DTLSv1.3"}, {0xfefd, "DTLSv1.2"}, {0xfeff, "DTLSv1.0"},
};

const char *tls_version_name(uint16_t version)
{
    return find_name(versions, COUNT(versions), version);
}

bool tls_version_parse(const char *name, uint16_t *version)
{
    for (size_t i = 0; i < COUNT(versions); i++)
        if (strcmp(versions[i].name, name) == 0)
            return *version = (uint16_t)versions[i].id, true;
    return false;
}
