#include "inventory/server_test/outlook.h"

#include "probes/base/clock.h"

#include <stdio.h>
#include <string.h>

#define DAY 86400

static const struct cert *leaf_of(const struct server_facts *facts)
{
    const struct server_chain *chain = server_usual_chain(facts);
    return chain == NULL || chain->count == 0 ? NULL : chain->certs[0];
}

/* SC-081v3 counts both ends, and binds only CAs of public programmes. */
static bool lives_longer(const struct cert *leaf, const struct chain_check *chain, int days)
{
    return leaf != NULL && chain->is_trusted_public && leaf->state[CERT_NOT_BEFORE] == FIELD_PRESENT &&
           leaf->state[CERT_NOT_AFTER] == FIELD_PRESENT && leaf->not_after - leaf->not_before + 1 > (int64_t)days * DAY;
}

static bool judge_100_days(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size)
{
    snprintf(text, size, "a public certificate may live 100 days; this one has more");
    return lives_longer(leaf_of(facts), chain, 100);
}

static bool judge_47_days(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size)
{
    snprintf(text, size, "a public certificate may live 47 days; this one has more");
    return lives_longer(leaf_of(facts), chain, 47);
}

static bool judge_no_13(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size)
{
    (void)chain;
    snprintf(text, size, "federal agencies must support TLS 1.3; it is refused here");
    return server_refuses(facts, "tls13");
}

/* SP 800-57 part 1, table 2: 128 bits are RSA or DH of 3,072 and a curve of 256. */
static bool judge_112_bits(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size)
{
    const struct cert *leaf = leaf_of(facts);
    unsigned dh = server_number(facts, "dh_bits");
    bool is_rsa = leaf != NULL && leaf->key_algorithm != NULL && strncmp(leaf->key_algorithm, "rsa", 3) == 0;
    bool is_ec = leaf != NULL && leaf->key_algorithm != NULL && strcmp(leaf->key_algorithm, "ec") == 0;
    (void)chain;
    if ((is_rsa && leaf->key_bits != 0 && leaf->key_bits < 3072) || (is_ec && leaf->key_bits != 0 && leaf->key_bits < 256)) {
        snprintf(text, size, "keys of 112 bits' strength end: its %s key has %u bits", is_rsa ? "RSA" : "EC", leaf->key_bits);
        return true;
    }
    snprintf(text, size, "keys of 112 bits' strength end: Diffie-Hellman has %u bits", dh);
    return dh != 0 && dh < 3072;
}

static bool judge_no_hybrid(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size)
{
    (void)chain;
    snprintf(text, size, "key exchange must resist quantum computers; hybrid groups are refused here");
    return server_refuses(facts, "hybrid_groups");
}

static bool judge_classical(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size)
{
    const struct cert *leaf = leaf_of(facts);
    const char *key = leaf == NULL ? NULL : leaf->key_algorithm;
    (void)chain;
    snprintf(text, size, "classical keys end (draft): the certificate's is %s", key == NULL ? "unknown" : key);
    return key != NULL && (strncmp(key, "rsa", 3) == 0 || strcmp(key, "ec") == 0 || strcmp(key, "dsa") == 0 || strncmp(key, "ed", 2) == 0);
}

static const struct {
    const char *date, *source;
    bool (*judge)(const struct server_facts *facts, const struct chain_check *chain, char *text, size_t size);
} rows[] = {
    {"2027-03-15", "CA/Browser Forum SC-081v3", judge_100_days},
    {"2029-03-15", "CA/Browser Forum SC-081v3", judge_47_days},
    {"2030-01-02", "EO 14144", judge_no_13},
    {"2030-12-31", "EO 14409", judge_no_hybrid},
    {"2031-01-01", "NIST SP 800-57, SP 800-131A draft", judge_112_bits},
    {"2036-01-01", "NIST IR 8547 draft", judge_classical},
};

size_t outlook_judge(const struct server_facts *facts, const struct chain_check *chain, int64_t now, struct outlook list[OUTLOOK_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && count < OUTLOOK_MAX; i++) {
        int64_t date_us;
        if (!clock_parse_us(rows[i].date, &date_us) || date_us / 1000000 <= now)
            continue;
        list[count] = (struct outlook){.date = rows[i].date, .source = rows[i].source};
        count += rows[i].judge(facts, chain, list[count].text, sizeof list[count].text);
    }
    return count;
}
