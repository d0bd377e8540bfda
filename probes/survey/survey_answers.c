#include "probes/survey/dh_primes.h"
#include "probes/survey/survey_parts.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define REUSE_HELLOS_MAX 3      /* where answers come with keys of several groups */
#define CLOCK_MAX_S 86400       /* the first four bytes of a ServerHello's random are a time if they are this near to ours */

void survey_set(struct server_survey *survey, const char *item, bool is_accepted, const char *detail)
{
    survey_items_set(survey->items, item, is_accepted ? "accepted" : "refused", detail);
}

static void leaf_sha256(const struct tls_facts *facts, uint8_t sha256[32])
{
    EVP_Digest(facts->chain[0].bytes, facts->chain[0].len, sha256, NULL, EVP_sha256(), NULL);
}

static void note_client_certificate(struct server_survey *survey, const struct tls_facts *facts)
{
    char detail[DETAIL_SIZE] = "";
    if (facts->client_certificate_requested && facts->client_ca_count != 0)
        snprintf(detail, sizeof detail, "%u CA%s: %.90s%s", facts->client_ca_count, facts->client_ca_count == 1 ? "" : "s",
                 facts->client_ca, facts->client_ca_count == 1 ? "" : " ...");
    else if (facts->client_certificate_requested)
        snprintf(detail, sizeof detail, "of any CA");
    survey_set(survey, "client_certificate", facts->client_certificate_requested, detail);
}

static bool note_dhe(struct server_survey *survey, const struct tls_facts *facts);

bool survey_note_features(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    if (facts->version >= 0x0304 || facts->version < 0x0300)
        return false;
    survey_set(survey, "session_ticket", facts->session_ticket, NULL);
    survey_set(survey, "heartbeat", facts->heartbeat, NULL);
    survey_set(survey, "next_protocol", facts->next_protocol, NULL);
    note_client_certificate(survey, facts);
    if (survey->offer.encrypt_then_mac)
        survey_set(survey, "encrypt_then_mac", facts->encrypt_then_mac, NULL);
    else if (tls_strategy_knows_suites(survey->strategy))
        survey_items_set(survey->items, "encrypt_then_mac", "untested", "no CBC suite is accepted");
    note_dhe(survey, facts);
    int64_t offset_s = (int64_t)facts->server_time - now_us / 1000000;
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)offset_s);
    if (offset_s > -CLOCK_MAX_S && offset_s < CLOCK_MAX_S)
        survey_items_set(survey->items, "clock", text, NULL);
    else
        survey_items_set(survey->items, "clock", "untested", "its hello contains no time");
    return false;
}

static void note_features_13(struct server_survey *survey, const struct tls_facts *facts)
{
    static const char *const names[] = {"", "zlib", "brotli", "zstd"};
    uint16_t algorithm = facts->certificate_compression;
    survey_set(survey, "certificate_compression", algorithm != 0, algorithm < 4 ? names[algorithm] : "unknown");
    if (survey_items_value(survey->items, "client_certificate") == NULL)
        note_client_certificate(survey, facts);
    survey_keep_leaf(survey, facts);
}

bool survey_note_etm(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    survey_set(survey, "encrypt_then_mac", facts->encrypt_then_mac, NULL);
    return false;
}

bool survey_note_fallback(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    survey_set(survey, "fallback_scsv", false, tls_version_name(facts->version));
    return false;
}

static bool list_remove(struct survey_list *list, uint16_t value)
{
    bool was_there = tls_list_remove(list->left, value);
    if (was_there && list->count < SURVEY_LIST_MAX)
        list->found[list->count++] = value;
    return was_there;
}

/* The server chose one more of a list: it is noted, and left out of the next hello. False: it chose none that was offered. */
static bool note_listed(struct server_survey *survey, const char *kind, struct survey_list *list, const struct tls_facts *facts,
                        int32_t value, const char *name)
{
    char item[80], number[12], place[12];
    if (value < 0 || !list_remove(list, (uint16_t)value))
        return false;
    snprintf(number, sizeof number, "0x%04x", (unsigned)value);
    snprintf(item, sizeof item, "%s:%s:%s", kind, tls_version_name(facts->version), name == NULL ? number : name);
    snprintf(place, sizeof place, "%zu", list->count);
    survey_items_set(survey->items, item, "accepted", place);
    return true;
}

static bool note_group(struct server_survey *survey, const struct tls_facts *facts)
{
    return note_listed(survey, "group", &survey->groups, facts, facts->group,
                       facts->group < 0 ? NULL : tls_group_name((uint32_t)facts->group));
}

static bool note_scheme(struct server_survey *survey, const struct tls_facts *facts)
{
    return note_listed(survey, "scheme", &survey->schemes, facts, facts->scheme,
                       facts->scheme < 0 ? NULL : tls_scheme_name((uint32_t)facts->scheme));
}

/* The first of its groups whose keys can be compared: a hybrid's share is a ciphertext, which always differs. */
static void note_share_group(struct server_survey *survey, const struct tls_facts *facts)
{
    const struct tls_group *group = facts->group < 0 ? NULL : tls_group_find((uint32_t)facts->group);
    if (facts->version == 0x0304 && survey->share_group == 0 && group != NULL && group->kind != TLS_GROUP_HYBRID &&
        group->kind != TLS_GROUP_KEM && key_share_knows((uint16_t)facts->group))
        survey->share_group = (uint16_t)facts->group;
}

static bool is_set(const uint8_t sha256[32])
{
    static const uint8_t none[32];
    return memcmp(sha256, none, sizeof none) != 0;
}

static void keep_key(struct server_survey *survey, enum survey_key key, const uint8_t sha256[32], int32_t group)
{
    memcpy(survey->keys[key].sha256, sha256, sizeof survey->keys[key].sha256);
    survey->keys[key].group = group;
    survey->keys[key].is_known = true;
}

static void keep_group_key(struct server_survey *survey, const struct tls_facts *facts)
{
    if (facts->version == 0x0304 || !is_set(facts->ephemeral_sha256))
        return;
    if (!survey->keys[KEY_FIRST].is_known)
        keep_key(survey, KEY_FIRST, facts->ephemeral_sha256, facts->group);
    keep_key(survey, KEY_LAST, facts->ephemeral_sha256, facts->group);
}

bool survey_note_both(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    bool has_group = note_group(survey, facts), has_scheme = note_scheme(survey, facts);
    if (has_group)
        keep_group_key(survey, facts);
    return has_group && has_scheme && survey->groups.left[0] != 0 && survey->schemes.left[0] != 0;
}

bool survey_note_group(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    note_share_group(survey, facts);
    bool has_group = note_group(survey, facts);
    if (has_group)
        keep_group_key(survey, facts);
    return has_group && survey->groups.left[0] != 0;
}

bool survey_note_order(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    if (facts->group >= 0)
        survey_items_set(survey->items, "group_preference", facts->group == survey->groups.left[0] ? "client" : "server", NULL);
    return false;
}

bool survey_note_scheme(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    bool has_scheme = note_scheme(survey, facts);
    if (has_scheme && survey->is_both_refused && survey->asked_of_row == 1 && facts->group >= 0)
        survey_groups_are_over(survey);
    return (has_scheme && survey->schemes.left[0] != 0) || survey_next_schemes(survey);
}

bool survey_note_scheme_13(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    if (survey->asked_of_row == 1)
        note_features_13(survey, facts);
    (void)now_us;
    return note_scheme(survey, facts) && survey->schemes.left[0] != 0;
}

static bool alpn_remove(char *list, const char *name)
{
    size_t len = strlen(name);
    for (char *at = list; *at != '\0';) {
        size_t word = strcspn(at, ",");
        char *next = at + word + (at[word] == ',');
        if (word == len && memcmp(at, name, len) == 0) {
            memmove(at, next, strlen(next) + 1);
            if (at[0] == '\0' && at > list)
                at[-1] = '\0';
            return true;
        }
        at = next;
    }
    return false;
}

/* Is the server's key the same as the one that is kept? True if none is kept yet, so that it is asked once more. */
static bool note_reuse(struct server_survey *survey, enum survey_key key, const uint8_t sha256[32], int32_t group, const char *item)
{
    if (!survey->keys[key].is_known || survey->keys[key].group != group) {
        keep_key(survey, key, sha256, group);
        return survey->asked_of_row < REUSE_HELLOS_MAX;
    }
    survey_set(survey, item, memcmp(survey->keys[key].sha256, sha256, sizeof survey->keys[key].sha256) == 0, NULL);
    return false;
}

static bool note_dhe(struct server_survey *survey, const struct tls_facts *facts)
{
    char sha256[65];
    const struct tls_suite *suite = facts->cipher_suite < 0 ? NULL : tls_suite_find((uint32_t)facts->cipher_suite);
    if (facts->dh_bits == 0 || suite == NULL || suite->kx != TLS_KX_DHE || suite->is_export || !is_set(facts->dh_prime_sha256))
        return false;
    for (size_t i = 0; i < 32; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", facts->dh_prime_sha256[i]);
    const char *name = dh_prime_name(facts->dh_prime_sha256);
    survey_items_set(survey->items, "dh_prime", name == NULL ? "unknown" : name, sha256);
    return is_set(facts->ephemeral_sha256) && note_reuse(survey, KEY_DHE, facts->ephemeral_sha256, -1, "dh_reuse");
}

bool survey_note_dhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_dhe(survey, facts);
}

bool survey_note_version(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    survey_set(survey, "tolerates_version", true, tls_version_name(facts->version));
    note_dhe(survey, facts);
    return false;
}

bool survey_note_tolerance(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    static const char *const items[] = {"tolerates_extension", "tolerates_length", "tolerates_grease"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        survey_set(survey, items[i], true, tls_version_name(facts->version));
    return false;
}

bool survey_note_export_dhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    char bits[12];
    (void)now_us;
    snprintf(bits, sizeof bits, "%u", facts->dh_bits);
    if (facts->dh_bits != 0)
        survey_items_set(survey->items, "export_dh_bits", bits, tls_suite_name((uint32_t)facts->cipher_suite));
    return false;
}

/* A key of the certificate that is no longer than the suite allows needs no temporary one. */
bool survey_note_export_rsa(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    char bits[12] = "certificate";
    (void)now_us;
    if (facts->dh_bits != 0)
        snprintf(bits, sizeof bits, "%u", facts->dh_bits);
    survey_items_set(survey->items, "export_rsa_bits", bits, tls_suite_name((uint32_t)facts->cipher_suite));
    return facts->dh_bits != 0 && note_reuse(survey, KEY_EXPORT_RSA, facts->dh_prime_sha256, -1, "export_rsa_reuse");
}

bool survey_note_share(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return is_set(facts->ephemeral_sha256) && note_reuse(survey, KEY_FIRST, facts->ephemeral_sha256, facts->group, "ecdh_reuse");
}

bool survey_note_ecdhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    const struct survey_list *groups = &survey->groups;
    bool is_last = groups->count > 1 && facts->group == groups->found[groups->count - 1];
    if (is_last || (groups->count > 1 && facts->group == groups->found[0]))
        survey_items_set(survey->items, "group_preference_12", is_last ? "client" : "server", NULL);
    return is_set(facts->ephemeral_sha256) &&
           note_reuse(survey, is_last ? KEY_LAST : KEY_FIRST, facts->ephemeral_sha256, facts->group, "ecdh_reuse");
}

static bool note_sni(struct server_survey *survey, const struct tls_facts *facts, const char *item)
{
    uint8_t sha256[32];
    char detail[DETAIL_SIZE] = "the same certificate";
    if (facts->chain_count == 0 || !survey->has_leaf)
        return false;
    leaf_sha256(facts, sha256);
    if (memcmp(sha256, survey->leaf, sizeof sha256) != 0) {
        size_t at = (size_t)snprintf(detail, sizeof detail, "another certificate, SHA-256 ");
        for (size_t i = 0; i < sizeof sha256; i++)
            snprintf(detail + at + 2 * i, 3, "%02x", sha256[i]);
    }
    survey_set(survey, item, true, detail);
    return false;
}

void survey_keep_leaf(struct server_survey *survey, const struct tls_facts *facts)
{
    if (facts->chain_count == 0 || survey->has_leaf)
        return;
    leaf_sha256(facts, survey->leaf);
    survey->has_leaf = true;
}

/* What was refused before, asked again. The same suite in each answer may have its reasons (the suites that stood beside it). */
bool survey_note_refused(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)facts, (void)now_us;
    return survey->asked_of_row < SURVEY_CONFIRM;
}

bool survey_note_alpn(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    char item[80], place[12];
    (void)now_us;
    if (facts->alpn[0] == '\0')
        survey_keep_leaf(survey, facts);
    if (facts->alpn[0] == '\0' || !alpn_remove(survey->alpn, facts->alpn))
        return false;
    snprintf(item, sizeof item, "alpn:%s", facts->alpn);
    snprintf(place, sizeof place, "%zu", ++survey->alpn_count);
    survey_items_set(survey->items, item, "accepted", place);
    return survey->alpn[0] != '\0';
}

bool survey_note_usual(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    survey_keep_leaf(survey, facts);
    return survey->asked_of_row < 2;
}

bool survey_note_sni_none(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_sni(survey, facts, "sni_none");
}

bool survey_note_sni_wrong(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us)
{
    (void)now_us;
    return note_sni(survey, facts, "sni_wrong");
}
