#include "inventory/server_test/profiles.h"

#include "probes/tls/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Mozilla Server Side TLS 5.7 (https://wiki.mozilla.org/Security/Server_Side_TLS) and NIST SP 800-52 rev. 2,
 * sections 3.1 to 3.4. Suites are described by the properties that all suites in a profile's list share, and
 * no others have, so that no list is needed here. */
struct profile {
    const char *name, *title;
    const char *versions_off;           /* items that must be refused, with blanks between */
    const char *versions_on;            /* items that must be accepted */
    bool needs_forward_secrecy, needs_aead;
    unsigned suite_bits_min, dh_bits_min, rsa_bits_min, ec_bits_min;
    bool allows_3des, is_nist;          /* is_nist: AES alone, CCM too; else Mozilla's choice of ciphers */
};

static const struct profile profiles[] = {
    {"modern", "Mozilla modern 5.7", "sslv2 sslv3 tls10 tls11 tls12", "tls13", true, true, 128, 0, 2048, 256, false, false},
    {"intermediate", "Mozilla intermediate 5.7", "sslv2 sslv3 tls10 tls11", "tls12 tls13", true, true, 128, 2048, 2048, 256, false, false},
    {"old", "Mozilla old 5.7", "sslv2 sslv3", "tls12 tls13", false, false, 112, 1024, 2048, 256, true, false},
    {"sp800-52", "NIST SP 800-52 rev. 2", "sslv2 sslv3 tls10 tls11", "tls12 tls13", false, false, 112, 2048, 2048, 224, false, true},
};

size_t profiles_count(void)
{
    return sizeof profiles / sizeof profiles[0];
}

const char *profile_name(size_t index)
{
    return profiles[index].name;
}

__attribute__((format(printf, 2, 3))) static void fail(struct profile_result *result, const char *format, ...)
{
    va_list args;
    result->failed++;
    if (result->fault_count == PROFILE_FAULTS_MAX)
        return;
    va_start(args, format);
    vsnprintf(result->faults[result->fault_count].text, sizeof result->faults[0].text, format, args);
    va_end(args);
    result->fault_count++;
}

/* The name of "tls10" for people. */
static const char *version_title(const char *item)
{
    for (size_t i = 0; i < SERVER_VERSIONS; i++)
        if (strcmp(server_versions[i].item, item) == 0)
            return server_versions[i].title;
    return item;
}

static void judge_versions(const struct server_facts *facts, const char *list, bool wanted, struct profile_result *result)
{
    for (const char *at = list; *at != '\0';) {
        char item[16];
        size_t len = strcspn(at, " ");
        snprintf(item, sizeof item, "%.*s", (int)len, at);
        at += len + (at[len] == ' ');
        result->clauses++;
        if (wanted ? server_refuses(facts, item) : server_accepts(facts, item))
            fail(result, "%s is %s", version_title(item), wanted ? "not accepted" : "accepted");
        else if (!server_refuses(facts, item) && !server_accepts(facts, item))
            result->untested++;
    }
}

/* Of the ciphers that NIST approves (SP 800-52 rev. 2, section 3.3.1). */
static bool is_of_nist(const struct tls_suite *suite)
{
    return suite->enc == TLS_ENC_AES_GCM || suite->enc == TLS_ENC_AES_CCM || suite->enc == TLS_ENC_AES_CCM_8 || suite->enc == TLS_ENC_AES_CBC;
}

/* In one of Mozilla's lists: no CCM, CAMELLIA or ARIA, DHE with RSA alone, and there CBC with SHA-256 alone. */
static bool is_of_mozilla(const struct tls_suite *suite)
{
    bool is_cbc = suite->enc == TLS_ENC_AES_CBC;
    if (suite->kx == TLS_KX_DHE && (suite->auth != TLS_AUTH_RSA || (is_cbc && suite->mac != TLS_MAC_SHA256)))
        return false;
    return is_cbc || suite->enc == TLS_ENC_AES_GCM || suite->enc == TLS_ENC_CHACHA20_POLY1305;
}

static bool suite_fits(const struct profile *profile, const struct tls_suite *suite)
{
    if (suite->enc == TLS_ENC_3DES_CBC && suite->auth != TLS_AUTH_ANON)     /* NIST's ended with 2023: SP 800-131A rev. 2, section 2 */
        return profile->allows_3des && suite->kx == TLS_KX_RSA;
    return suite->auth != TLS_AUTH_ANON && !suite->is_export && (profile->is_nist ? is_of_nist(suite) : is_of_mozilla(suite)) &&
           suite->bits >= profile->suite_bits_min && (!profile->needs_forward_secrecy || tls_suite_has_forward_secrecy(suite)) &&
           (!profile->needs_aead || tls_suite_is_aead(suite));
}

/* One more suite of a clause that has failed already; once, in however many versions it is accepted. */
static void add_suite(struct profile_result *result, const char *name)
{
    char text[sizeof result->faults[0].text];
    snprintf(text, sizeof text, "%.60s is accepted", name);
    for (size_t i = 0; i < result->fault_count; i++)
        if (strcmp(result->faults[i].text, text) == 0)
            return;
    if (result->fault_count < PROFILE_FAULTS_MAX)
        memcpy(result->faults[result->fault_count++].text, text, sizeof text);
}

static void judge_suites(const struct profile *profile, const struct server_facts *facts, struct profile_result *result)
{
    size_t at = 0;
    uint16_t version;
    const struct tls_suite *suite;
    result->clauses++;
    bool is_failed = false;
    if (strcmp(server_value(facts, "suites"), "untested") == 0)
        result->untested++;
    while ((suite = server_suites_next(facts, &at, &version)) != NULL) {
        if (suite_fits(profile, suite))
            continue;
        if (!is_failed)
            fail(result, "%.60s is accepted", suite->name);
        else
            add_suite(result, suite->name);
        is_failed = true;
    }
}

static void judge_keys(const struct profile *profile, const struct server_facts *facts, struct profile_result *result)
{
    unsigned dh_bits = server_number(facts, "dh_bits");
    result->clauses += 2;
    if (dh_bits != 0 && profile->dh_bits_min == 0)
        fail(result, "DHE is accepted");
    else if (dh_bits != 0 && dh_bits < profile->dh_bits_min)
        fail(result, "Diffie-Hellman of %u bits", dh_bits);
    for (size_t i = 0; i < facts->chain_count; i++) {
        const struct cert *leaf = facts->chains[i].count == 0 ? NULL : facts->chains[i].certs[0];
        if (leaf == NULL || leaf->key_algorithm == NULL)
            continue;
        bool is_rsa = strncmp(leaf->key_algorithm, "rsa", 3) == 0;
        bool is_short = is_rsa ? leaf->key_bits < profile->rsa_bits_min
                               : strcmp(leaf->key_algorithm, "ec") == 0 && leaf->key_bits < profile->ec_bits_min;
        if (is_short) {
            fail(result, "a key of %u bits (%s)", leaf->key_bits, leaf->key_algorithm);
            return;
        }
    }
}

static void judge_compression(const struct server_facts *facts, struct profile_result *result)
{
    result->clauses++;
    if (server_accepts(facts, "compression"))
        fail(result, "TLS compression is accepted");
}

void profile_judge(size_t index, const struct server_facts *facts, struct profile_result *result)
{
    const struct profile *profile = &profiles[index];
    *result = (struct profile_result){.name = profile->name, .title = profile->title};
    judge_versions(facts, profile->versions_off, false, result);
    judge_versions(facts, profile->versions_on, true, result);
    judge_suites(profile, facts, result);
    judge_keys(profile, facts, result);
    judge_compression(facts, result);
    if (server_accepts(facts, "several"))        /* what one refused another may accept */
        result->untested++;
}

bool profile_judge_policy(const struct server_facts *facts, struct profile_result *result)
{
    const struct server_item *broken;
    size_t at = 0;
    *result = (struct profile_result){.name = "policy", .title = server_value(facts, "known:policy")};
    result->clauses = (unsigned)strtoul(server_detail(facts, "known:policy"), NULL, 10);
    while ((broken = server_items_next(facts, "breaks:", &at)) != NULL)
        fail(result, "%.10s %.80s", broken->item + strlen("breaks:"), broken->detail);
    return result->clauses != 0;
}
