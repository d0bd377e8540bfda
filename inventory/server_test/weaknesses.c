#include "inventory/server_test/weaknesses.h"

#include "probes/tls/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *weakness_state_name(enum weakness_state state)
{
    static const char *const names[] = {"no", "potential", "yes", "untested", "not tested"};
    return names[state];
}

__attribute__((format(printf, 3, 4))) static enum weakness_state because(struct weakness *weakness,
                                                                         enum weakness_state state,
                                                                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(weakness->because, sizeof weakness->because, format, args);
    va_end(args);
    return state;
}

/* An item that decides alone. */
static enum weakness_state by_item(const struct server_facts *facts, const char *item, const char *what,
                                   enum weakness_state if_accepted, struct weakness *weakness)
{
    const char *detail = server_detail(facts, item);
    if (server_accepts(facts, item))
        return because(weakness, if_accepted, "%s is accepted%s%.60s", what, detail[0] == '\0' ? "" : ": ", detail);
    if (server_refuses(facts, item))
        return because(weakness, WEAKNESS_NO, "%s is refused", what);
    return because(weakness, WEAKNESS_UNTESTED, "%.80s", detail[0] == '\0' ? "not asked" : detail);
}

/* Is a suite that `fits` accepted in this version or an older one? */
static const char *suite_up_to(const struct server_facts *facts, uint16_t newest, bool (*fits)(const struct tls_suite *))
{
    size_t at = 0;
    uint16_t version;
    const struct tls_suite *suite;
    while ((suite = server_suites_next(facts, &at, &version)) != NULL)
        if (version <= newest && fits(suite))
            return suite->name;
    return NULL;
}

static enum weakness_state judge_poodle(const struct server_facts *facts, struct weakness *weakness)
{
    if (!server_accepts(facts, "sslv3"))
        return by_item(facts, "sslv3", "SSL 3.0", WEAKNESS_YES, weakness);
    const char *suite = suite_up_to(facts, 0x0300, tls_suite_is_cbc);
    return suite != NULL ? because(weakness, WEAKNESS_YES, "SSL 3.0 with %.70s", suite)
                         : because(weakness, WEAKNESS_POTENTIAL, "SSL 3.0 is accepted; no CBC suite was seen in it");
}

/* Without the sizes (another depth than deep) any EXPORT suite counts. */
static enum weakness_state judge_freak(const struct server_facts *facts, struct weakness *weakness)
{
    const char *bits = server_value(facts, "export_rsa_bits"), *suite = server_detail(facts, "export_rsa_bits");
    if (server_number(facts, "export_rsa_bits") != 0)
        return because(weakness, WEAKNESS_YES, "an RSA key of %.6s bits%s: %.48s", bits,
                       server_accepts(facts, "export_rsa_reuse") ? ", the same in two connections" : "", suite);
    if (strcmp(bits, "certificate") == 0)
        return because(weakness, WEAKNESS_YES, "the certificate's own short RSA key: %.60s", suite);
    if (server_refuses(facts, "export_rsa_bits"))
        return because(weakness, WEAKNESS_NO, "no RSA_EXPORT suite is accepted");
    return by_item(facts, "export", "an EXPORT suite", WEAKNESS_YES, weakness);
}

static enum weakness_state judge_logjam(const struct server_facts *facts, struct weakness *weakness)
{
    const char *prime = server_value(facts, "dh_prime");
    unsigned bits = server_number(facts, "dh_bits");
    if (server_number(facts, "export_dh_bits") != 0)
        return because(weakness, WEAKNESS_YES, "a prime of %u bits: %.60s", server_number(facts, "export_dh_bits"),
                       server_detail(facts, "export_dh_bits"));
    if (server_refuses(facts, "dh_bits"))
        return because(weakness, WEAKNESS_NO, "no DHE suite is accepted");
    if (bits == 0)
        return because(weakness, WEAKNESS_UNTESTED, "%.80s", server_detail(facts, "dh_bits"));
    bool is_common = strcmp(prime, "unknown") != 0 && strcmp(prime, "untested") != 0;
    if (bits < 1024)
        return because(weakness, WEAKNESS_YES, "a prime of %u bits", bits);
    if (bits == 1024)
        return because(weakness, is_common ? WEAKNESS_YES : WEAKNESS_POTENTIAL, "a prime of 1,024 bits: %.60s",
                       is_common ? prime : "of its own or not known");
    return because(weakness, WEAKNESS_NO, "a prime of %u bits: %.60s", bits, prime);
}

/* IDEA, RC2 and the DES of EXPORT suites have no item of their own. */
static enum weakness_state judge_sweet32(const struct server_facts *facts, struct weakness *weakness)
{
    const char *suite = suite_up_to(facts, 0x0303, tls_suite_has_short_blocks);
    if (suite != NULL)
        return because(weakness, WEAKNESS_YES, "blocks of 64 bits: %.60s", suite);
    enum weakness_state triple = by_item(facts, "3des", "3DES", WEAKNESS_YES, weakness);
    return triple == WEAKNESS_NO ? by_item(facts, "des", "DES, like 3DES,", WEAKNESS_YES, weakness) : triple;
}

static enum weakness_state judge_beast(const struct server_facts *facts, struct weakness *weakness)
{
    if (server_refuses(facts, "tls10") && server_refuses(facts, "sslv3"))
        return because(weakness, WEAKNESS_NO, "TLS 1.0 and SSL 3.0 are refused");
    const char *suite = suite_up_to(facts, 0x0301, tls_suite_is_cbc);
    if (suite != NULL)
        return because(weakness, WEAKNESS_POTENTIAL, "TLS 1.0 with %.60s; today's clients split records", suite);
    return server_accepts(facts, "tls10") || server_accepts(facts, "sslv3")
               ? because(weakness, WEAKNESS_UNTESTED, "TLS 1.0 is accepted; its suites were not asked")
               : because(weakness, WEAKNESS_UNTESTED, "TLS 1.0 was not asked");
}

static enum weakness_state judge_lucky13(const struct server_facts *facts, struct weakness *weakness)
{
    const char *suite = suite_up_to(facts, 0x0303, tls_suite_is_cbc);
    if (suite == NULL)
        return because(weakness, strcmp(server_value(facts, "suites"), "untested") == 0 ? WEAKNESS_UNTESTED : WEAKNESS_NO,
                       "no CBC suite was found");
    return server_accepts(facts, "encrypt_then_mac")
               ? because(weakness, WEAKNESS_POTENTIAL, "%.60s; encrypt-then-MAC where the client asks", suite)
               : because(weakness, WEAKNESS_POTENTIAL, "%.80s", suite);
}

static enum weakness_state judge_rc4(const struct server_facts *facts, struct weakness *weakness)
{
    return by_item(facts, "rc4", "RC4", WEAKNESS_YES, weakness);
}

static enum weakness_state judge_crime(const struct server_facts *facts, struct weakness *weakness)
{
    return by_item(facts, "compression", "TLS compression", WEAKNESS_YES, weakness);
}

static enum weakness_state judge_raccoon(const struct server_facts *facts, struct weakness *weakness)
{
    if (server_refuses(facts, "dh_bits"))
        return because(weakness, WEAKNESS_NO, "no DHE suite is accepted");
    return by_item(facts, "dh_reuse", "the same DHE key twice", WEAKNESS_POTENTIAL, weakness);
}

static enum weakness_state judge_renegotiation(const struct server_facts *facts, struct weakness *weakness)
{
    if (server_refuses(facts, "secure_renegotiation"))
        return because(weakness, WEAKNESS_POTENTIAL, "RFC 5746 is not supported: insecure if it renegotiates at all");
    return by_item(facts, "secure_renegotiation", "secure renegotiation", WEAKNESS_NO, weakness);
}

/* A key that any SSL 2.0 server uses allows decrypting the sessions of all other servers with that key
 * (https://drownattack.com). */
static enum weakness_state judge_drown(const struct server_facts *facts, struct weakness *weakness)
{
    const char *place = server_detail(facts, "known:sslv2_key");
    if (!server_refuses(facts, "sslv2"))
        return by_item(facts, "sslv2", "SSL 2.0", WEAKNESS_YES, weakness);
    if (server_accepts(facts, "known:sslv2_key"))
        return because(weakness, WEAKNESS_YES, "refused here, but accepted with the same key at %.60s", place);
    if (server_refuses(facts, "known:sslv2_key"))
        return because(weakness, WEAKNESS_NO, "SSL 2.0 is refused wherever the inventory has this key");
    return place[0] != '\0' ? because(weakness, WEAKNESS_UNTESTED, "refused here; %.90s", place)
                            : because(weakness, WEAKNESS_NO, "SSL 2.0 is refused here; other servers with this key are not known");
}

/* One certificate for several protocols: what is meant for one can be carried to another (https://alpaca-attack.com). */
static enum weakness_state judge_alpaca(const struct server_facts *facts, struct weakness *weakness)
{
    unsigned protocols = server_number(facts, "known:protocols");
    if (protocols == 0)
        return because(weakness, WEAKNESS_UNTESTED, "only an inventory knows where else the certificate is served");
    return protocols == 1 ? because(weakness, WEAKNESS_NO, "the certificate is served on one protocol: %.60s", server_detail(facts, "known:protocols"))
                          : because(weakness, WEAKNESS_POTENTIAL, "the certificate is served on several: %.70s", server_detail(facts, "known:protocols"));
}

static enum weakness_state judge_shared_key(const struct server_facts *facts, struct weakness *weakness)
{
    const char *value = server_value(facts, "known:same_key"), *place = server_detail(facts, "known:same_key");
    if (strcmp(value, "untested") == 0)
        return because(weakness, WEAKNESS_UNTESTED, "only an inventory knows who else has the key");
    return strcmp(value, "0") == 0 ? because(weakness, WEAKNESS_NO, "no other certificate has the key")
                                   : because(weakness, WEAKNESS_POTENTIAL, "in other certificates at %.8s endpoints, as %.60s", value, place);
}

static enum weakness_state judge_weak_key(const struct server_facts *facts, struct weakness *weakness)
{
    if (strcmp(server_value(facts, "known:key"), "untested") == 0)
        return because(weakness, WEAKNESS_UNTESTED, "keys are tested in an inventory");
    return server_accepts(facts, "known:key") ? because(weakness, WEAKNESS_YES, "%.90s", server_detail(facts, "known:key"))
                                              : because(weakness, WEAKNESS_NO, "no test of the key found anything");
}

static enum weakness_state judge_starttls(const struct server_facts *facts, struct weakness *weakness)
{
    if (strcmp(server_value(facts, "cleartext_after_starttls"), "untested") == 0)
        return because(weakness, WEAKNESS_NO, "TLS at once, or no word in the clear after the agreement");
    return by_item(facts, "cleartext_after_starttls", "a word in the clear after STARTTLS", WEAKNESS_POTENTIAL, weakness);
}

static enum weakness_state judge_fallback(const struct server_facts *facts, struct weakness *weakness)
{
    if (server_accepts(facts, "fallback_scsv"))
        return because(weakness, WEAKNESS_NO, "TLS_FALLBACK_SCSV is heeded (RFC 7507)");
    if (!server_refuses(facts, "fallback_scsv"))
        return because(weakness, strcmp(server_detail(facts, "fallback_scsv"), "does not apply") == 0 ? WEAKNESS_NO : WEAKNESS_UNTESTED,
                       "%.110s", strcmp(server_detail(facts, "fallback_scsv"), "does not apply") == 0
                                    ? "one version alone is spoken: nothing to fall back to (SSL Labs wants the signal for an A+ all the "
                                      "same)" : server_detail(facts, "fallback_scsv"));
    return because(weakness, server_accepts(facts, "sslv3") ? WEAKNESS_YES : WEAKNESS_POTENTIAL,
                   "a client that falls back is not stopped");
}

static enum weakness_state not_tested(const struct server_facts *facts, struct weakness *weakness)
{
    (void)facts;
    return because(weakness, WEAKNESS_NOT_TESTED, "only an attack would tell");
}

static const struct {
    const char *name, *cve;
    enum weakness_state (*judge)(const struct server_facts *facts, struct weakness *weakness);
} attacks[] = {
    {"DROWN", "CVE-2016-0800", judge_drown},
    {"POODLE", "CVE-2014-3566", judge_poodle},
    {"FREAK", "CVE-2015-0204", judge_freak},
    {"LOGJAM", "CVE-2015-4000", judge_logjam},
    {"SWEET32", "CVE-2016-2183", judge_sweet32},
    {"RC4", "CVE-2013-2566", judge_rc4},
    {"BEAST", "CVE-2011-3389", judge_beast},
    {"LUCKY13", "CVE-2013-0169", judge_lucky13},
    {"CRIME", "CVE-2012-4929", judge_crime},
    {"Raccoon", "CVE-2020-1968", judge_raccoon},
    {"ALPACA", "", judge_alpaca},
    {"shared key", "", judge_shared_key},
    {"weak key", "", judge_weak_key},
    {"downgrade", "", judge_fallback},
    {"renegotiation", "CVE-2009-3555", judge_renegotiation},
    {"STARTTLS answers in the clear", "", judge_starttls},
    {"Heartbleed", "CVE-2014-0160", not_tested},
    {"CCS injection", "CVE-2014-0224", not_tested},
    {"Ticketbleed", "CVE-2016-9244", not_tested},
    {"ROBOT", "CVE-2017-13099", not_tested},
    {"padding oracles", "", not_tested},
    {"STARTTLS injection", "CVE-2011-0411", not_tested},
};

size_t weaknesses_judge(const struct server_facts *facts, struct weakness list[WEAKNESSES_MAX])
{
    size_t count = sizeof attacks / sizeof attacks[0];
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct weakness){.name = attacks[i].name, .cve = attacks[i].cve};
        list[i].state = attacks[i].judge(facts, &list[i]);
        if (list[i].state == WEAKNESS_NO && server_accepts(facts, "several"))       /* of one of them */
            list[i].state = because(&list[i], WEAKNESS_UNTESTED, "several servers answer");
    }
    return count;
}
