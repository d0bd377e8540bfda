#include "inventory/server_test/steps.h"

#include "probes/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAY       86400
#define SOON_DAYS 30            /* a certificate that ends so soon is to be renewed now */

/* One item with this value is a step. */
static const struct rule {
    const char *item, *value, *severity, *what, *why, *until, *done;
} rules[] = {
    {"sslv2", "accepted", "critical", "Switch SSL 2.0 off.", "SSL 2.0 is accepted; RFC 6176 forbids it (DROWN).", "overdue since March 2011",
     "SSL 2.0 refused"},
    {"null", "accepted", "critical", "Take the suites with NULL in their names out of the list.",
     "Suites without encryption are accepted; RFC 9325, 4.1.", "overdue since May 2015", "no suite with NULL in its name"},
    {"anonymous", "accepted", "critical", "Take the anonymous suites (anon, ADH, AECDH) out of the list.",
     "Suites without a certificate are accepted; RFC 5246, A.5.", "overdue since August 2008", "no suite with anon in its name"},
    {"export", "accepted", "critical", "Take the EXPORT suites out of the list.", "EXPORT suites are accepted; RFC 9325, 4.1 (FREAK, LOGJAM).",
     "overdue since May 2015", "FREAK and LOGJAM not possible"},
    {"des", "accepted", "critical", "Take the suites with DES out of the list.", "DES is accepted; RFC 9325, 4.1, demands 112 bits.",
     "overdue since May 2015", "no suite with DES in its name"},
    {"known:key", "accepted", "critical", "Make a new key, and replace the certificate; revoke the old one.", "The key is known to be weak.", "at once",
     "weak key not possible"},
    {"known:sslv2_key", "accepted", "critical", "Switch SSL 2.0 off on every server with this key, or give this one a key of its own.",
     "Another endpoint accepts SSL 2.0 with the same key (DROWN).", "at once", "DROWN not possible"},
    {"sslv3", "accepted", "high", "Switch SSL 3.0 off.", "SSL 3.0 is accepted; RFC 7568 forbids it (POODLE).", "overdue since June 2015",
     "SSL 3.0 refused"},
    {"tls10", "accepted", "high", "Switch TLS 1.0 off; keep 1.2 and 1.3.", "TLS 1.0 is accepted; RFC 8996 forbids it.", "overdue since March 2021",
     "TLS 1.0 refused"},
    {"tls11", "accepted", "high", "Switch TLS 1.1 off; keep 1.2 and 1.3.", "TLS 1.1 is accepted; RFC 8996 forbids it.", "overdue since March 2021",
     "TLS 1.1 refused"},
    {"rc4", "accepted", "high", "Take the suites with RC4 out of the list.", "RC4 is accepted; RFC 7465 forbids it.", "overdue since February 2015",
     "RC4 not possible"},
    {"compression", "accepted", "high", "Switch TLS compression off.", "TLS compression is accepted (CRIME); RFC 9325, 3.3.", "overdue since May 2015",
     "TLS compression refused"},
    {"3des", "accepted", "medium", "Take the suites with 3DES out of the list.", "3DES is accepted (SWEET32); SP 800-131A rev. 2 ended it.",
     "overdue since 2024", "SWEET32 not possible"},
    {"secure_renegotiation", "refused", "medium", "Update the TLS library, or switch secure renegotiation on.",
     "Secure renegotiation is not supported; RFC 5746.", "overdue since February 2010", "secure renegotiation accepted"},
    {"tls12", "refused", "high", "Switch TLS 1.2 or 1.3 on.", "Neither is accepted; RFC 9325, 3.1.1.", "overdue since November 2022", "TLS 1.2 or 1.3 accepted"},
    {"tls13", "refused", "low", "Switch TLS 1.3 on.", "TLS 1.3 is refused; EO 14144 demands it of federal agencies.", "by 2030-01-02",
     "TLS 1.3 accepted"},
    {"hybrid_groups", "refused", "low", "Offer X25519MLKEM768; that may need a newer TLS library.",
     "Hybrid groups are refused: what is recorded today can be read by a quantum computer later; EO 14409.", "by 2030-12-31", "post-quantum key exchange accepted"},
};

struct steps {
    struct server_step *list;
    size_t count;
};

static unsigned rank(const char *severity)
{
    static const char *const order[] = {"critical", "high", "medium", "low"};
    unsigned at = 0;
    while (at < 3 && strcmp(order[at], severity) != 0)
        at++;
    return at;
}

/* Worst first; of the same severity in the order of their coming. */
static struct server_step *add(struct steps *steps, const char *severity, const char *item, const char *until, const char *done)
{
    size_t at = steps->count;
    if (at == STEPS_MAX)
        return NULL;
    for (; at > 0 && rank(steps->list[at - 1].severity) > rank(severity); at--)
        steps->list[at] = steps->list[at - 1];
    steps->list[at] = (struct server_step){.severity = severity, .item = item};
    snprintf(steps->list[at].until, sizeof steps->list[at].until, "%s", until);
    snprintf(steps->list[at].done, sizeof steps->list[at].done, "the next test says: %s", done);
    steps->count++;
    return &steps->list[at];
}

__attribute__((format(printf, 3, 4))) static void say(struct server_step *step, const char *what, const char *format, ...)
{
    va_list args;
    if (step == NULL)
        return;
    snprintf(step->what, sizeof step->what, "%s", what);
    va_start(args, format);
    vsnprintf(step->why, sizeof step->why, format, args);
    va_end(args);
}

static void add_rules(struct steps *steps, const struct server_facts *facts)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];
        if (strcmp(server_value(facts, rule->item), rule->value) != 0)
            continue;
        if (strcmp(rule->item, "tls12") == 0 && !server_refuses(facts, "tls13"))
            continue;                   /* 1.3 alone is better, or it is not known */
        say(add(steps, rule->severity, rule->item, rule->until, rule->done), rule->what, "%s", rule->why);
    }
}

static void add_suites(struct steps *steps, const struct server_facts *facts)
{
    size_t at = 0;
    uint16_t version;
    const struct tls_suite *suite, *fixed = NULL;
    bool has_forward_secrecy = false;
    while ((suite = server_suites_next(facts, &at, &version)) != NULL) {
        has_forward_secrecy |= tls_suite_has_forward_secrecy(suite);
        if (suite->kx == TLS_KX_RSA && !suite->is_export && suite->enc != TLS_ENC_NULL)
            fixed = suite;
    }
    if (fixed != NULL)
        say(add(steps, has_forward_secrecy ? "low" : "medium", "suites", "with the next change", "no suite with \"no forward secrecy\""),
            has_forward_secrecy ? "Take the suites whose names begin with TLS_RSA out of the list."
                                : "Switch suites whose names begin with TLS_ECDHE on, and those with TLS_RSA off.",
            "No forward secrecy: %.60s is accepted; RFC 9325, 4.1.", fixed->name);
    if (server_accepts(facts, "cbc_only"))
        say(add(steps, "medium", "cbc_only", "overdue since November 2022", "a suite with GCM or CHACHA20 accepted"), "Switch suites with GCM or CHACHA20 on.",
            "Nothing but CBC is accepted (LUCKY13); RFC 9325, 4.2.");
    unsigned bits = server_number(facts, "dh_bits");
    if (bits != 0 && bits < 2048)
        say(add(steps, bits < 1024 ? "critical" : "high", "dh_bits", "overdue since May 2015", "Diffie-Hellman of 2048 bits or more, or none"),
            "Give Diffie-Hellman a group of 2,048 bits (ffdhe2048), or switch the suites with DHE off.", "Diffie-Hellman has %u bits (LOGJAM); RFC 9325, 4.5.",
            bits);
}

static void add_dates(struct steps *steps, const struct cert *leaf, const struct chain_check *chain, int64_t now)
{
    char time[CLOCK_TEXT_SIZE], until[64];
    clock_format_us(leaf->not_after * 1000000, time);
    if (chain->is_expired) {
        snprintf(until, sizeof until, "overdue since %.10s", time);
        say(add(steps, "critical", NULL, until, "valid until a later day"), "Replace the certificate.", "It has expired on %.10s.", time);
    } else if (leaf->state[CERT_NOT_AFTER] == FIELD_PRESENT && leaf->not_after - now < (int64_t)SOON_DAYS * DAY) {
        snprintf(until, sizeof until, "by %.10s", time);
        say(add(steps, "high", NULL, until, "valid until a later day"), "Renew the certificate.", "It expires on %.10s.", time);
    }
    if (chain->is_early)
        say(add(steps, "critical", NULL, "at once", "no word of the date"), "Install a certificate that is valid today, or set the clock right.",
            "The certificate is not valid yet.");
}

static void add_chain(struct steps *steps, const struct cert *leaf, const struct chain_check *chain)
{
    if (chain->is_md5 || chain->is_sha1)
        say(add(steps, "critical", NULL, "overdue since 2017", "a signature with SHA-256"), "Replace the certificate by one that is signed with SHA-256.",
            "It is signed with %.20s, which clients refuse.", leaf->signature_hash);
    if (chain->faults & CHAIN_INCOMPLETE)
        say(add(steps, "high", NULL, "at once", "the issuer behind the server's certificate"),
            "Send the issuer's certificate, too, behind the server's own (the file of the chain).", "The issuer %.90s is not sent, and no store has it.",
            leaf->issuer == NULL ? "without a name" : leaf->issuer);
    else if (chain->is_self_signed && !chain->is_trusted_public && !chain->is_trusted_other)
        say(add(steps, "high", NULL, "at once", "trusted, by a store at least"), "Replace the certificate by one of a CA that the clients trust.",
            "It is self-signed.");
    else if (!chain->is_trusted_public && !chain->is_trusted_other)
        say(add(steps, "high", NULL, "at once", "trusted, by a store at least"),
            "Take a certificate of a CA that the clients trust, or give this CA's root with --roots if it is yours.", "No store has a root of the chain.");
    if (chain->faults & (CHAIN_MISORDERED | CHAIN_DUPLICATE | CHAIN_EXTRA))
        say(add(steps, "low", NULL, "with the next change", "nothing misordered, twice or superfluous"),
            "Send the server's certificate, then each one's issuer, and nothing else.", "The chain as sent is %s; RFC 8446, 4.4.2.",
            chain->faults & CHAIN_MISORDERED ? "misordered" : "longer than its path");
    if (!chain->name_matches)
        say(add(steps, "high", NULL, "at once", "the name matches"), "Install a certificate for the name that clients ask for, or ask for one that it has.",
            "The certificate is for other names; RFC 9525.");
}

static void add_certificate(struct steps *steps, const struct server_facts *facts, const struct chain_check *chain, int64_t now)
{
    const struct server_chain *sent = server_usual_chain(facts);
    if (sent == NULL || sent->count == 0)
        return;
    const struct cert *leaf = sent->certs[0];
    bool is_rsa = leaf->key_algorithm != NULL && strncmp(leaf->key_algorithm, "rsa", 3) == 0;
    add_dates(steps, leaf, chain, now);
    add_chain(steps, leaf, chain);
    if (strcmp(server_value(facts, "known:revocation"), "revoked") == 0)
        say(add(steps, "critical", "known:revocation", "at once", "not revoked"), "Replace the certificate.", "It is revoked: %.100s",
            server_detail(facts, "known:revocation"));
    if (is_rsa && leaf->key_bits != 0 && leaf->key_bits < 2048)
        say(add(steps, leaf->key_bits < 1024 ? "critical" : "high", NULL, "overdue since 2014", "a key of 2,048 bits or more"),
            "Make a key of 2,048 bits or more (or EC of 256), and replace the certificate.", "The RSA key has %u bits; SP 800-131A.", leaf->key_bits);
}

size_t steps_judge(const struct server_facts *facts, const struct chain_check *chain, int64_t now, struct server_step list[STEPS_MAX])
{
    struct steps steps = {.list = list};
    if (chain->is_known)
        add_certificate(&steps, facts, chain, now);
    add_rules(&steps, facts);
    add_suites(&steps, facts);
    return steps.count;
}
