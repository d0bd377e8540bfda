#include "inventory/server_test/grade.h"

#include "probes/tls/names.h"

#include <stdio.h>
#include <string.h>

static const char *const letters[] = {"A", "A-", "B", "C", "D", "E", "F", "M", "T"};
#define LETTERS (sizeof letters / sizeof letters[0])

static size_t rank(const char *letter)
{
    for (size_t i = 0; i < LETTERS; i++)
        if (strcmp(letters[i], letter) == 0)
            return i;
    return LETTERS;
}

bool grade_is_at_least(const char *letter, const char *least)
{
    return rank(letter) <= rank(least);
}

bool grade_parse(const char *text, const char **letter)
{
    size_t at = rank(text);
    if (at == LETTERS)
        return false;
    *letter = letters[at];
    return true;
}

static void cap(struct grade *grade, const char *letter, const char *fact, const char *item)
{
    size_t at = grade->cap_count;
    if (at == GRADE_CAPS_MAX)
        return;
    for (; at > 0 && rank(grade->caps[at - 1].letter) < rank(letter); at--)
        grade->caps[at] = grade->caps[at - 1];
    grade->caps[at] = (struct grade_cap){letter, fact, item};
    grade->cap_count++;
}

/* ---- the score ---- */

static const double version_scores[SERVER_VERSIONS] = {0, 80, 90, 95, 100, 100};    /* of server_versions */

static void score_protocol(const struct server_facts *facts, struct grade *grade)
{
    double best = -1, worst = -1;
    for (size_t i = 0; i < SERVER_VERSIONS; i++) {
        if (!server_accepts(facts, server_versions[i].item))
            continue;
        if (worst < 0) {
            worst = version_scores[i];
            grade->worst_version = server_versions[i].title;
        }
        best = version_scores[i];
        grade->best_version = server_versions[i].title;
    }
    grade->protocol = worst < 0 ? 0 : (best + worst) / 2;
}

/* What an elliptic key is worth in bits of RSA (NIST SP 800-57 part 1, rev. 5, table 2; X25519 as P-256, sect233 to 239 as P-224). */
static unsigned rsa_bits_of_ec(unsigned bits)
{
    return bits < 160 ? 512 : bits < 224 ? 1024 : bits < 250 ? 2048 : bits < 384 ? 3072 : 7680;
}

static unsigned rsa_bits_of_key(const struct cert *cert)
{
    if (cert->key_algorithm == NULL)
        return 0;
    if (strncmp(cert->key_algorithm, "rsa", 3) == 0 || strcmp(cert->key_algorithm, "dsa") == 0)
        return cert->key_bits;
    if (strcmp(cert->key_algorithm, "ec") == 0)
        return rsa_bits_of_ec(cert->key_bits);
    return strcmp(cert->key_algorithm, "ed25519") == 0 ? 3072 : strcmp(cert->key_algorithm, "ed448") == 0 ? 7680 : 0;
}

static void lower_key(struct grade *grade, unsigned bits)
{
    if (bits != 0 && (grade->key_bits == 0 || bits < grade->key_bits))
        grade->key_bits = bits;
}

/* The guide takes parameters of ECDHE as it does those of DHE. */
static void lower_by_groups(const struct server_facts *facts, struct grade *grade)
{
    size_t at = 0;
    for (const struct server_item *item; (item = server_items_next(facts, "group:", &at)) != NULL;) {
        const struct tls_group *group = tls_group_parse(strrchr(item->item, ':') + 1);
        if (group != NULL && group->kind == TLS_GROUP_CURVE)
            lower_key(grade, rsa_bits_of_ec(group->bits));
        else if (group != NULL && group->kind == TLS_GROUP_FFDHE)
            lower_key(grade, group->bits);
    }
}

static void score_key_exchange(const struct server_facts *facts, struct grade *grade)
{
    for (size_t i = 0; i < facts->chain_count; i++)
        if (facts->chains[i].count != 0)
            lower_key(grade, rsa_bits_of_key(facts->chains[i].certs[0]));
    lower_key(grade, server_number(facts, "dh_bits"));
    lower_by_groups(facts, grade);
    unsigned bits = grade->key_bits;
    grade->key_exchange = bits == 0 ? 90 : bits < 512 ? 20 : bits < 1024 ? 40 : bits < 2048 ? 80 : bits < 4096 ? 90 : 100;
    if (server_accepts(facts, "export") && grade->key_exchange > 40)
        grade->key_exchange = 40;
    if (server_accepts(facts, "anonymous"))
        grade->key_exchange = 0;
}

static void see_bits(struct grade *grade, unsigned bits, bool *any)
{
    grade->best_bits = !*any || bits > grade->best_bits ? bits : grade->best_bits;
    grade->worst_bits = !*any || bits < grade->worst_bits ? bits : grade->worst_bits;
    *any = true;
}

static double score_of_bits(unsigned bits)
{
    return bits == 0 ? 0 : bits < 128 ? 20 : bits < 256 ? 80 : 100;
}

static void score_cipher(const struct server_facts *facts, struct grade *grade)
{
    bool any = false;
    size_t at = 0;
    uint16_t version;
    const struct tls_suite *accepted;
    while ((accepted = server_suites_next(facts, &at, &version)) != NULL)
        see_bits(grade, accepted->enc == TLS_ENC_NULL ? 0 : accepted->bits, &any);
    for (size_t i = 0; i < facts->chain_count && !any; i++) {
        const struct tls_suite *suite = tls_suite_find((uint32_t)facts->chains[i].cipher_suite);
        if (facts->chains[i].cipher_suite >= 0 && suite != NULL)
            see_bits(grade, suite->bits, &any);
    }
    grade->cipher = (score_of_bits(grade->best_bits) + score_of_bits(grade->worst_bits)) / 2;
}

static const char *letter_of_score(double total)
{
    return total >= 80 ? "A" : total >= 65 ? "B" : total >= 50 ? "C" : total >= 35 ? "D" : total >= 20 ? "E" : "F";
}

/* ---- the caps ---- */

struct suites_seen {
    bool any, any_old;
    bool rc4_new, block64_new;              /* in TLS 1.1 and newer */
    bool only_rc4, forward_secrecy, aead, below_112;
};

static void see_suites(const struct server_facts *facts, struct suites_seen *seen)
{
    size_t at = 0;
    uint16_t version;
    const struct tls_suite *suite;
    *seen = (struct suites_seen){.only_rc4 = true};
    while ((suite = server_suites_next(facts, &at, &version)) != NULL) {
        seen->any = true;
        seen->any_old |= version < 0x0304;
        seen->rc4_new |= suite->enc == TLS_ENC_RC4 && version >= 0x0302;
        seen->block64_new |= tls_suite_has_short_blocks(suite) && version >= 0x0302;
        seen->only_rc4 &= suite->enc == TLS_ENC_RC4;
        seen->forward_secrecy |= tls_suite_has_forward_secrecy(suite);
        seen->aead |= tls_suite_is_aead(suite);
        seen->below_112 |= suite->bits < 112;
    }
}

/* A refusal caps a letter only where it holds for every connection. */
static bool holds(const struct server_facts *facts)
{
    return !server_accepts(facts, "several");
}

static void cap_versions(const struct server_facts *facts, struct grade *grade)
{
    bool tls12 = server_accepts(facts, "tls12"), tls13 = server_accepts(facts, "tls13");
    if (server_accepts(facts, "sslv2"))
        cap(grade, "F", "SSL 2.0 is accepted", "sslv2");
    if (server_accepts(facts, "sslv3") && strcmp(grade->best_version, "SSL 3.0") == 0 && holds(facts))
        cap(grade, "F", "nothing better than SSL 3.0 is accepted", "sslv3");
    else if (server_accepts(facts, "sslv3"))
        cap(grade, "C", "SSL 3.0 is accepted (POODLE)", "sslv3");
    if (server_accepts(facts, "tls10"))
        cap(grade, "B", "TLS 1.0 is accepted", "tls10");
    if (server_accepts(facts, "tls11"))
        cap(grade, "B", "TLS 1.1 is accepted", "tls11");
    if (!tls12 && !tls13 && server_refuses(facts, "tls12") && holds(facts))
        cap(grade, "C", "neither TLS 1.2 nor 1.3 is accepted", "tls12");
    if (server_refuses(facts, "tls13") && holds(facts))
        cap(grade, "A-", "TLS 1.3 is not accepted", "tls13");
}

static const char *export_fact(const struct server_facts *facts)
{
    bool is_dh = server_number(facts, "export_dh_bits") != 0;
    if (server_refuses(facts, "export_rsa_bits"))
        return is_dh ? "EXPORT suites are accepted (LOGJAM)" : "EXPORT suites are accepted";
    return is_dh ? "EXPORT suites are accepted (FREAK, LOGJAM)" : "EXPORT suites are accepted (FREAK)";
}

/* Asking for the suites ended early: what is not in the list may be accepted all the same. */
static bool is_list_cut(const struct server_facts *facts)
{
    return server_detail(facts, "suites")[0] != '\0' && strcmp(server_value(facts, "suites"), "untested") != 0;
}

static void cap_suites(const struct server_facts *facts, struct grade *grade)
{
    struct suites_seen seen;
    see_suites(facts, &seen);
    bool is_whole = seen.any && !is_list_cut(facts) && holds(facts);
    if (server_accepts(facts, "export"))
        cap(grade, "F", export_fact(facts), "export");
    if (server_accepts(facts, "null"))
        cap(grade, "F", "suites without encryption are accepted", "null");
    if (server_accepts(facts, "anonymous"))
        cap(grade, "F", "suites without a certificate are accepted", "anonymous");
    if (server_accepts(facts, "des"))
        cap(grade, "F", "DES is accepted", "des");
    else if (seen.below_112 && !server_accepts(facts, "export") && !server_accepts(facts, "null"))
        cap(grade, "F", "a suite below 112 bits is accepted", "suites");
    if (is_whole && seen.only_rc4)
        cap(grade, "F", "nothing but RC4 is accepted", "rc4");
    else if (seen.rc4_new)
        cap(grade, "C", "RC4 is accepted with TLS 1.1 or newer", "rc4");
    else if (server_accepts(facts, "rc4"))
        cap(grade, "B", "RC4 is accepted", "rc4");
    if (seen.block64_new)
        cap(grade, "C", "a cipher of 64-bit blocks is accepted with TLS 1.1 or newer (SWEET32)", "3des");
    if (is_whole && !seen.forward_secrecy)
        cap(grade, "B", "no suite has forward secrecy", "suites");
    if ((is_whole && !seen.aead) || (server_accepts(facts, "cbc_only") && holds(facts)))
        cap(grade, "B", "no suite has authenticated encryption (AEAD)", "cbc_only");
}

static void cap_features(const struct server_facts *facts, struct grade *grade)
{
    unsigned bits = server_number(facts, "dh_bits");
    if (bits != 0 && bits < 1024)
        cap(grade, "F", "Diffie-Hellman below 1,024 bits (LOGJAM)", "dh_bits");
    else if (bits != 0 && bits < 2048)
        cap(grade, "B", "Diffie-Hellman below 2,048 bits", "dh_bits");
    if (server_accepts(facts, "compression"))
        cap(grade, "C", "TLS compression is accepted (CRIME)", "compression");
    if (server_refuses(facts, "secure_renegotiation") && holds(facts))
        cap(grade, "A-", "secure renegotiation is not supported", "secure_renegotiation");
}

/* What only an inventory knows. */
static void cap_keys(const struct server_facts *facts, struct grade *grade)
{
    const struct server_chain *chain = server_usual_chain(facts);
    if (server_refuses(facts, "sslv2") && server_accepts(facts, "known:sslv2_key"))
        cap(grade, "F", "another endpoint accepts SSL 2.0 with the same key (DROWN)", "known:sslv2_key");
    if (server_accepts(facts, "known:key"))
        cap(grade, "F", "the key is known to be weak", "known:key");
    if (chain != NULL && chain->count != 0 && chain->certs[0]->rsa_exponent != NULL && strcmp(chain->certs[0]->rsa_exponent, "1") == 0)
        cap(grade, "F", "the key's exponent is 1", NULL);
}

static void cap_certificate(const struct server_facts *facts, const struct chain_check *chain, struct grade *grade)
{
    unsigned bits = 0;
    for (size_t i = 0; i < facts->chain_count; i++)
        if (facts->chains[i].count != 0) {
            unsigned key = rsa_bits_of_key(facts->chains[i].certs[0]);
            bits = key != 0 && (bits == 0 || key < bits) ? key : bits;
        }
    if (bits != 0 && bits < 1024)
        cap(grade, "F", "the certificate's key is below 1,024 bits", NULL);
    else if (bits != 0 && bits < 2048)
        cap(grade, "B", "the certificate's key is below 2,048 bits", NULL);
    if (!chain->is_known)
        return;
    if (strcmp(server_value(facts, "known:revocation"), "revoked") == 0)
        cap(grade, "T", "the certificate is revoked", "known:revocation");
    if (chain->is_md5)
        cap(grade, "F", "the certificate is signed with MD5 or MD2", NULL);
    if (chain->is_sha1)
        cap(grade, "T", "the certificate is signed with SHA-1", NULL);
    if (chain->is_expired)
        cap(grade, "T", "the certificate has expired", NULL);
    if (chain->is_early)
        cap(grade, "T", "the certificate is not valid yet", NULL);
    if (chain->is_self_signed && !chain->is_trusted_public)
        cap(grade, "T", "the certificate is self-signed", NULL);
    else if (!chain->is_trusted_public)
        cap(grade, "T", chain->is_trusted_other ? "no public root, but one of your own" : "no path to a known root", NULL);
    if (chain->faults & CHAIN_INCOMPLETE)
        cap(grade, "B", "the chain is incomplete", NULL);
    if (!chain->name_matches)
        cap(grade, "M", "the certificate is for other names", NULL);
}

/* Without these a letter may be too good. */
static void note_untested(const struct server_facts *facts, struct grade *grade)
{
    static const char *const needed[] = {"sslv2", "sslv3", "tls10", "tls11", "tls12", "tls13", "rc4", "3des", "export",
                                         "null", "anonymous", "suites", "compression"};
    size_t len = 0;
    bool is_short = is_list_cut(facts);
    bool is_unconfirmed = strcmp(server_value(facts, "several"), "untested") == 0 && server_detail(facts, "several")[0] != '\0';
    grade->is_cut = is_short || is_unconfirmed || server_accepts(facts, "several");
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (strcmp(server_value(facts, needed[i]), "untested") != 0)
            continue;
        grade->is_cut |= strncmp(server_detail(facts, needed[i]), "spared", strlen("spared")) != 0;
        len += (size_t)snprintf(grade->untested + len, sizeof grade->untested - len, "%s%s", len == 0 ? "" : " ", needed[i]);
    }
    if (is_short)
        len += (size_t)snprintf(grade->untested + len, sizeof grade->untested - len, "%ssuites", len == 0 ? "" : " ");
    if (is_unconfirmed)
        snprintf(grade->untested + len, sizeof grade->untested - len, "%sseveral", len == 0 ? "" : " ");
}

static const char *capped(const struct grade *grade, bool with_trust)
{
    const char *letter = letter_of_score(grade->total);
    for (size_t i = 0; i < grade->cap_count; i++) {
        const char *by = grade->caps[i].letter;
        bool is_trust = strcmp(by, "T") == 0 || strcmp(by, "M") == 0;
        if ((with_trust || !is_trust) && rank(by) > rank(letter))
            letter = by;
    }
    return letter;
}

void grade_server(const struct server_facts *facts, const struct chain_check *chain, struct grade *grade)
{
    *grade = (struct grade){.letter = "", .letter_trusted = "", .letter_of_score = "", .best_version = "", .worst_version = ""};
    grade->is_known = facts->chain_count != 0 || facts->outcome == OUTCOME_NO_CERTIFICATE;
    if (!grade->is_known || facts->item_count == 0) {
        grade->is_known = false;
        return;
    }
    score_protocol(facts, grade);
    score_key_exchange(facts, grade);
    score_cipher(facts, grade);
    bool any_zero = grade->protocol == 0 || grade->key_exchange == 0 || grade->cipher == 0;
    grade->total = any_zero ? 0 : 0.3 * grade->protocol + 0.3 * grade->key_exchange + 0.4 * grade->cipher;
    grade->letter_of_score = letter_of_score(grade->total);
    cap_versions(facts, grade);
    cap_suites(facts, grade);
    cap_features(facts, grade);
    cap_keys(facts, grade);
    cap_certificate(facts, chain, grade);
    note_untested(facts, grade);
    grade->letter = capped(grade, true);
    grade->letter_trusted = capped(grade, false);
}
