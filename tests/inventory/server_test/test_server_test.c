/* The server test's judgements over facts made by hand: which fact caps which letter, and what is never said without one. */
#include "inventory/server_test/hellos.h"
#include "inventory/server_test/judgement.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

struct item {
    const char *item, *value;
};

/* A current server: everything else is said by what is added. */
static const struct item good[] = {
    {"sslv2", "refused"}, {"sslv3", "refused"}, {"tls10", "refused"}, {"tls11", "refused"}, {"tls12", "accepted"},
    {"tls13", "accepted"}, {"rc4", "refused"}, {"3des", "refused"}, {"des", "refused"}, {"export", "refused"},
    {"null", "refused"}, {"anonymous", "refused"}, {"cbc_only", "refused"}, {"compression", "refused"},
    {"dh_bits", "refused"}, {"secure_renegotiation", "accepted"}, {"suites", "2"}, {"fallback_scsv", "accepted"},
    {"suite:TLSv1.2:TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "accepted"}, {"suite:TLSv1.3:TLS_AES_128_GCM_SHA256", "accepted"},
};

static struct server_facts facts_of(const struct item *more, size_t count)
{
    struct server_facts facts = {.outcome = OUTCOME_NO_CERTIFICATE};
    for (size_t i = 0; i < count; i++)
        server_facts_add(&facts, more[i].item, more[i].value, "");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (strcmp(server_value(&facts, good[i].item), "untested") == 0)
            server_facts_add(&facts, good[i].item, good[i].value, "");
    return facts;
}

static void clear(struct server_facts *facts)
{
    struct server_test test = {.count = 1, .servers = xmemdup(facts, sizeof *facts)};
    server_test_clear(&test);
}

static void expect_letter(const char *letter, const char *fact, const struct item *more, size_t count)
{
    struct server_facts facts = facts_of(more, count);
    struct server_judgement judgement;
    server_judge(&facts, NULL, 0, 0, &judgement);
    if (strcmp(judgement.grade.letter, letter) != 0)
        fail_msg("%s: %s, not %s", count == 0 ? "good" : more[0].item, judgement.grade.letter, letter);
    if (fact != NULL)
        assert_string_equal(judgement.grade.caps[0].fact, fact);
    clear(&facts);
}

#define EXPECT(letter, fact, ...)                                                                                    \
    expect_letter(letter, fact, (const struct item[]){__VA_ARGS__}, sizeof(const struct item[]){__VA_ARGS__} / sizeof(struct item))

static void test_letters(void **state)
{
    (void)state;
    expect_letter("A", NULL, NULL, 0);
    EXPECT("F", "SSL 2.0 is accepted", {"sslv2", "accepted"});
    EXPECT("C", "SSL 3.0 is accepted (POODLE)", {"sslv3", "accepted"});
    EXPECT("F", "nothing better than SSL 3.0 is accepted", {"sslv3", "accepted"}, {"tls12", "refused"}, {"tls13", "refused"});
    EXPECT("B", "TLS 1.0 is accepted", {"tls10", "accepted"});
    EXPECT("B", "TLS 1.1 is accepted", {"tls11", "accepted"});
    EXPECT("C", "neither TLS 1.2 nor 1.3 is accepted", {"tls10", "accepted"}, {"tls12", "refused"}, {"tls13", "refused"});
    EXPECT("A-", "TLS 1.3 is not accepted", {"tls13", "refused"});
    EXPECT("A-", "secure renegotiation is not supported", {"secure_renegotiation", "refused"});
    EXPECT("F", "EXPORT suites are accepted (FREAK)", {"export", "accepted"});
    EXPECT("F", "suites without encryption are accepted", {"null", "accepted"});
    EXPECT("F", "suites without a certificate are accepted", {"anonymous", "accepted"});
    EXPECT("C", "RC4 is accepted with TLS 1.1 or newer", {"rc4", "accepted"},
           {"suite:TLSv1.2:TLS_RSA_WITH_RC4_128_SHA", "accepted"});
    EXPECT("C", "a cipher of 64-bit blocks is accepted with TLS 1.1 or newer (SWEET32)", {"3des", "accepted"},
           {"suite:TLSv1.2:TLS_RSA_WITH_3DES_EDE_CBC_SHA", "accepted"});
    EXPECT("F", "Diffie-Hellman below 1,024 bits (LOGJAM)", {"dh_bits", "512"});
    EXPECT("B", "Diffie-Hellman below 2,048 bits", {"dh_bits", "1024"});
    EXPECT("C", "TLS compression is accepted (CRIME)", {"compression", "accepted"});
    EXPECT("A", NULL, {"dh_bits", "2048"});
}

/* What was not asked neither lifts nor caps, and is named. */
static void test_untested(void **state)
{
    (void)state;
    struct server_facts facts = facts_of((const struct item[]){{"sslv2", "?"}}, 1);
    free(facts.items[0].value);
    facts.items[0].value = xstrdup("untested");
    struct server_judgement judgement;
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_string_equal(judgement.grade.letter, "A");
    assert_string_equal(judgement.grade.untested, "sslv2");
    for (size_t i = 0; i < judgement.weakness_count; i++)
        if (strcmp(judgement.weaknesses[i].name, "DROWN") == 0)
            assert_int_equal(judgement.weaknesses[i].state, WEAKNESS_UNTESTED);
    clear(&facts);
}

/* A list that ended early lacks nothing for certain: no cap, and the letter is a bound. */
static void test_cut_list(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = {.outcome = OUTCOME_NO_CERTIFICATE};
    server_facts_add(&facts, "tls12", "accepted", "");
    server_facts_add(&facts, "suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA", "accepted", "");
    server_facts_add(&facts, "suites", "1", "closed");
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(judgement.grade.cap_count, 0);
    assert_true(judgement.grade.is_cut);
    clear(&facts);
    facts = facts_of((const struct item[]){{"several", "accepted"}}, 1);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_true(judgement.grade.is_cut);
    clear(&facts);
}

/* What one of several servers refused caps nothing; what one accepted does. The letter is a bound, also where it was not found out. */
static void a_letter_of_several_servers_is_a_bound(void **state)
{
    (void)state;
    EXPECT("A", NULL, {"several", "accepted"}, {"tls13", "refused"}, {"cbc_only", "accepted"}, {"secure_renegotiation", "refused"});
    EXPECT("B", "TLS 1.0 is accepted", {"several", "accepted"}, {"tls10", "accepted"});
    struct server_judgement judgement;
    struct server_facts facts = facts_of(NULL, 0);
    server_facts_add(&facts, "several", "untested", "too few answers");
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_true(judgement.grade.is_cut);
    assert_string_equal(judgement.grade.untested, "several");
    clear(&facts);
    facts = facts_of((const struct item[]){{"several", "refused"}}, 1);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_false(judgement.grade.is_cut);
    clear(&facts);
}

/* No chain, no handshake, no item: no letter at all. */
static void test_no_letter(void **state)
{
    (void)state;
    struct server_facts facts = {.outcome = OUTCOME_TIMEOUT_CONNECT};
    struct server_judgement judgement;
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_false(judgement.grade.is_known);
    assert_string_equal(judgement.grade.letter, "");
}

static enum weakness_state state_of(const struct server_judgement *judgement, const char *name)
{
    for (size_t i = 0; i < judgement->weakness_count; i++)
        if (strcmp(judgement->weaknesses[i].name, name) == 0)
            return judgement->weaknesses[i].state;
    fail_msg("no weakness %s", name);
    return WEAKNESS_NO;
}

static void test_weaknesses(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"sslv3", "accepted"}, {"tls10", "accepted"},
                                                               {"suite:SSLv3:TLS_RSA_WITH_AES_128_CBC_SHA", "accepted"},
                                                               {"suite:TLSv1.0:TLS_RSA_WITH_AES_128_CBC_SHA", "accepted"},
                                                               {"dh_bits", "1024"}, {"dh_prime", "MODP 1024 (RFC 2409)"},
                                                               {"dh_reuse", "accepted"}, {"fallback_scsv", "refused"}}, 8);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(state_of(&judgement, "POODLE"), WEAKNESS_YES);
    assert_int_equal(state_of(&judgement, "BEAST"), WEAKNESS_POTENTIAL);
    assert_int_equal(state_of(&judgement, "LUCKY13"), WEAKNESS_POTENTIAL);
    assert_int_equal(state_of(&judgement, "LOGJAM"), WEAKNESS_YES);
    assert_int_equal(state_of(&judgement, "Raccoon"), WEAKNESS_POTENTIAL);
    assert_int_equal(state_of(&judgement, "downgrade"), WEAKNESS_YES);
    assert_int_equal(state_of(&judgement, "FREAK"), WEAKNESS_NO);
    assert_int_equal(state_of(&judgement, "Heartbleed"), WEAKNESS_NOT_TESTED);
    clear(&facts);
}

/* Ciphers of 64-bit blocks that have no item of their own; the profiles name a suite once. */
static void test_short_blocks(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"suite:TLSv1.2:TLS_RSA_WITH_IDEA_CBC_SHA", "accepted"},
                                                               {"suite:TLSv1.1:TLS_RSA_WITH_IDEA_CBC_SHA", "accepted"},
                                                               {"suite:TLSv1.0:TLS_RSA_WITH_RC4_128_SHA", "accepted"},
                                                               {"suite:TLSv1.1:TLS_RSA_WITH_RC4_128_SHA", "accepted"}}, 4);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(state_of(&judgement, "SWEET32"), WEAKNESS_YES);
    for (size_t i = 0; i < judgement.profile_count; i++)
        for (size_t f = 0; f < judgement.profiles[i].fault_count; f++)
            for (size_t g = 0; g < f; g++)
                assert_string_not_equal(judgement.profiles[i].faults[f].text, judgement.profiles[i].faults[g].text);
    clear(&facts);
}

/* EXPORT suites with Diffie-Hellman alone are LOGJAM's, not FREAK's; a strong prime beside them does not hide theirs. */
static void test_export_keys(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"export", "accepted"}, {"export_rsa_bits", "refused"}, {"export_dh_bits", "512"},
                                                               {"dh_bits", "2048"}}, 4);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(state_of(&judgement, "FREAK"), WEAKNESS_NO);
    assert_int_equal(state_of(&judgement, "LOGJAM"), WEAKNESS_YES);
    assert_string_equal(judgement.grade.caps[0].fact, "EXPORT suites are accepted (LOGJAM)");
    clear(&facts);
    facts = facts_of((const struct item[]){{"export", "accepted"}, {"export_rsa_bits", "512"}, {"export_rsa_reuse", "accepted"},
                                           {"export_dh_bits", "refused"}}, 4);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(state_of(&judgement, "FREAK"), WEAKNESS_YES);
    assert_int_equal(state_of(&judgement, "LOGJAM"), WEAKNESS_NO);
    clear(&facts);
}

static void change(struct server_facts *facts, const char *item, const char *value, const char *detail)
{
    for (size_t i = 0; i < facts->item_count; i++)
        if (strcmp(facts->items[i].item, item) == 0) {
            free(facts->items[i].value);
            free(facts->items[i].detail);
            facts->items[i].value = xstrdup(value);
            facts->items[i].detail = xstrdup(detail);
        }
}

/* A list that is not whole, or an item without an answer, makes a letter that nobody may rely on; what was spared on purpose does not. */
static void test_cut_short(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"rc4", "untested"}}, 1);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_true(judgement.grade.is_cut);
    clear(&facts);
    facts = facts_of(NULL, 0);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_false(judgement.grade.is_cut);
    change(&facts, "export", "untested", "spared: no client of today asks for it");
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_false(judgement.grade.is_cut);
    assert_string_equal(judgement.grade.untested, "export");
    clear(&facts);
}

static void test_profiles(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of(NULL, 0);
    server_judge(&facts, NULL, 0, 0, &judgement);
    for (size_t i = 0; i < judgement.profile_count; i++)
        assert_int_equal(judgement.profiles[i].failed, strcmp(judgement.profiles[i].name, "modern") == 0);
    clear(&facts);
    facts = facts_of((const struct item[]){{"tls11", "accepted"}}, 1);
    server_judge(&facts, NULL, 0, 0, &judgement);
    for (size_t i = 0; i < judgement.profile_count; i++)
        if (strcmp(judgement.profiles[i].name, "sp800-52") == 0)
            assert_string_equal(judgement.profiles[i].faults[0].text, "TLS 1.1 is accepted");
    clear(&facts);
}

/* Which of the profiles "old", "intermediate", "sp800-52" pass where this suite is accepted too; "-" for each that fails. */
static void expect_profiles(const char *suite, const char *wanted)
{
    char item[96], found[4] = "---";
    struct server_judgement judgement;
    snprintf(item, sizeof item, "suite:TLSv1.2:%s", suite);
    struct server_facts facts = facts_of((const struct item[]){{item, "accepted"}}, 1);
    server_judge(&facts, NULL, 0, 0, &judgement);
    for (size_t i = 0; i < judgement.profile_count; i++)
        if (judgement.profiles[i].failed == 0) {
            found[0] = strcmp(judgement.profiles[i].name, "old") == 0 ? 'o' : found[0];
            found[1] = strcmp(judgement.profiles[i].name, "intermediate") == 0 ? 'i' : found[1];
            found[2] = strcmp(judgement.profiles[i].name, "sp800-52") == 0 ? 'n' : found[2];
        }
    if (strcmp(found, wanted) != 0)
        fail_msg("%s: %s, not %s", suite, found, wanted);
    clear(&facts);
}

static void test_suites_of_profiles(void **state)
{
    (void)state;
    expect_profiles("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "oin");
    expect_profiles("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "oi-");
    expect_profiles("TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "--n");
    expect_profiles("TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", "o-n");
    expect_profiles("TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "--n");
    expect_profiles("TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", "--n");
    expect_profiles("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "o--");
    expect_profiles("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "---");
    expect_profiles("TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384", "---");
    expect_profiles("TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", "---");
    expect_profiles("TLS_DH_anon_WITH_3DES_EDE_CBC_SHA", "---");
}

static const struct client_result *client_of(const struct server_judgement *judgement, const char *name)
{
    for (size_t i = 0; i < judgement->client_count; i++)
        if (strcmp(judgement->clients[i].client->name, name) == 0)
            return &judgement->clients[i];
    fail_msg("no client %s", name);
    return NULL;
}

static void test_clients(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"group:TLSv1.3:secp256r1", "accepted"},
                                                               {"group:TLSv1.3:x25519", "accepted"},
                                                               {"tls12", "refused"}}, 3);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_string_equal(client_of(&judgement, "Node.js 4")->why_not, "no common version");
    const struct client_result *chromium = client_of(&judgement, "Chromium 156");
    assert_true(chromium->connects);
    assert_int_equal(chromium->version, 0x0304);
    assert_string_equal(chromium->suite, "TLS_AES_128_GCM_SHA256");
    assert_string_equal(chromium->group, "x25519");         /* of its own order, as no other is known */
    clear(&facts);
    /* Without a group in common ECDHE is left out; static RSA needs none. */
    facts = facts_of((const struct item[]){{"tls13", "refused"}, {"suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA", "accepted"},
                                           {"group:TLSv1.2:gc512c", "accepted"}}, 3);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_string_equal(client_of(&judgement, "Node.js 4")->suite, "TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_string_equal(client_of(&judgement, "Go 1.22")->why_not, "no common suite");
    clear(&facts);
}

/* Whose order of groups decides in TLS 1.2 was asked there, not in TLS 1.3. */
static void the_order_of_groups_is_of_the_version(void **state)
{
    (void)state;
    static const struct item orders[] = {{"group_preference_12", "server"}, {"group_preference", "server"}};
    static const char *const groups[] = {"secp384r1", "x25519"};
    for (size_t i = 0; i < 2; i++) {
        struct server_judgement judgement;
        struct server_facts facts = facts_of((const struct item[]){{"tls13", "refused"}, orders[i]}, 2);
        server_facts_add(&facts, "suite:TLSv1.2:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "accepted", "1");
        server_facts_add(&facts, "group:TLSv1.2:secp384r1", "accepted", "1");
        server_facts_add(&facts, "group:TLSv1.2:x25519", "accepted", "2");
        server_judge(&facts, NULL, 0, 0, &judgement);
        assert_string_equal(client_of(&judgement, "Go 1.22")->group, groups[i]);
        clear(&facts);
    }
}

/* Where a server stopped answering before its suites or groups were found, nobody knows that a client would not connect. */
static void test_clients_of_a_cut_test(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of(NULL, 0);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_false(client_of(&judgement, "Go 1.22")->is_known || client_of(&judgement, "Go 1.22")->connects);     /* no groups */
    assert_true(client_of(&judgement, "Node.js 4")->why_not != NULL && clients_are_simulated(judgement.clients, judgement.client_count));
    clear(&facts);
    facts = facts_of((const struct item[]){{"suite_preference", "server"}, {"group:TLSv1.2:x25519", "accepted"}}, 2);
    change(&facts, "suites", "1", "timeout_handshake");
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_true(judgement.grade.is_cut);
    assert_string_equal(judgement.grade.untested, "suites");
    assert_false(client_of(&judgement, "Chromium 156")->is_known);
    clear(&facts);
}

/* An elliptic key is worth what NIST says: of 3,072 bits for P-256 and X25519, as SSL Labs has it. */
static void test_key_exchange(void **state)
{
    (void)state;
    static const struct {
        const char *group;
        unsigned bits;
    } cases[] = {{"secp192r1", 1024}, {"secp224r1", 2048}, {"secp256r1", 3072}, {"x25519", 3072}, {"secp384r1", 7680}, {"ffdhe2048", 2048}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char item[48];
        struct server_judgement judgement;
        snprintf(item, sizeof item, "group:TLSv1.2:%s", cases[i].group);
        struct server_facts facts = facts_of((const struct item[]){{item, "accepted"}}, 1);
        server_judge(&facts, NULL, 0, 0, &judgement);
        assert_int_equal(judgement.grade.key_bits, cases[i].bits);
        assert_int_equal((int)judgement.grade.key_exchange, cases[i].bits < 2048 ? 80 : cases[i].bits < 4096 ? 90 : 100);
        clear(&facts);
    }
}

static const struct outside_trust *programme_of(const struct outside_trust *list, size_t count, const char *programme)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].programme, programme) == 0)
            return &list[i];
    fail_msg("no programme %s", programme);
    return NULL;
}

/* By the root's hash alone: ISRG Root X1, Entrust's G2 (distrusted from a day on, and the day of issue is not known here), no root at all. */
static void test_root_programmes(void **state)
{
    (void)state;
    static const uint8_t isrg_x1[32] = {0x96, 0xbc, 0xec, 0x06, 0x26, 0x49, 0x76, 0xf3, 0x74, 0x60, 0x77, 0x9a, 0xcf, 0x28, 0xc5, 0xa7,
                                        0xcf, 0xe8, 0xa3, 0xc0, 0xaa, 0xe1, 0x1a, 0x8f, 0xfc, 0xee, 0x05, 0xc0, 0xbd, 0xdf, 0x08, 0xc6};
    static const uint8_t entrust_g2[32] = {0x43, 0xdf, 0x57, 0x74, 0xb0, 0x3e, 0x7f, 0xef, 0x5f, 0xe4, 0x0d, 0x93, 0x1a, 0x7b, 0xed, 0xf1,
                                           0xbb, 0x2e, 0x6b, 0x42, 0x73, 0x8c, 0x4e, 0x6d, 0x38, 0x41, 0x10, 0x3d, 0x3a, 0xa7, 0xf3, 0x39};
    struct server_facts facts = {0};
    struct chain_check check = {.has_root = true};
    struct outside_trust list[ROOT_PROGRAMMES_MAX];
    memcpy(check.root_sha256, isrg_x1, sizeof isrg_x1);
    size_t count = outside_trust_judge(&facts, &check, list);
    assert_int_equal(programme_of(list, count, "Mozilla")->state, OUTSIDE_TRUSTED);
    assert_string_not_equal(programme_of(list, count, "Android")->since, "");
    memcpy(check.root_sha256, entrust_g2, sizeof entrust_g2);
    count = outside_trust_judge(&facts, &check, list);
    assert_int_equal(programme_of(list, count, "Mozilla")->state, OUTSIDE_UNKNOWN);
    assert_non_null(strstr(programme_of(list, count, "Mozilla")->because, "distrusts what was issued after 2024"));
    memset(check.root_sha256, 7, sizeof check.root_sha256);
    count = outside_trust_judge(&facts, &check, list);
    assert_int_equal(programme_of(list, count, "Apple")->state, OUTSIDE_UNTRUSTED);
    assert_string_equal(programme_of(list, count, "Apple")->because, "no list of it has the root");
    check.has_root = false;
    assert_int_equal(outside_trust_judge(&facts, &check, list), 0);
}

/* An item without a name, as a bundle may have one, was told by nobody: looking for it ends. */
static void test_nameless_item(void **state)
{
    (void)state;
    struct server_facts facts = facts_of(NULL, 0);
    struct server_hello hellos[SERVER_HELLOS_MAX];
    server_facts_add(&facts, "", "accepted", "");
    server_facts_add(&facts, "hello:01", "1", "combined - 1 2 tls13");
    size_t count = server_hellos(&facts, hellos);
    assert_int_equal(count, 1);
    assert_null(server_hello_of(hellos, count, ""));
    assert_ptr_equal(server_hello_of(hellos, count, "tls13"), &hellos[0]);
    clear(&facts);
}

/* What is announced for a later day, and only that. */
static void test_outlook(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"tls13", "refused"}, {"hybrid_groups", "refused"}}, 2);
    server_judge(&facts, NULL, 0, INT64_C(1800000000), &judgement);         /* 2027-01-15 */
    assert_int_equal(judgement.outlook_count, 2);
    assert_string_equal(judgement.outlook[0].date, "2030-01-02");
    assert_string_equal(judgement.outlook[1].date, "2030-12-31");
    server_judge(&facts, NULL, 0, INT64_C(1900000000), &judgement);         /* 2030-03-17 */
    assert_int_equal(judgement.outlook_count, 1);
    clear(&facts);
}

static const struct server_step *step_of(const struct server_judgement *judgement, const char *item)
{
    for (size_t i = 0; i < judgement->step_count; i++)
        if (judgement->steps[i].item != NULL && strcmp(judgement->steps[i].item, item) == 0)
            return &judgement->steps[i];
    return NULL;
}

/* Each from a fact, worst first; what was not answered asks for nothing. */
static void test_steps(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of(NULL, 0);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(judgement.step_count, 0);
    clear(&facts);
    facts = facts_of((const struct item[]){{"tls13", "refused"}, {"tls11", "accepted"}, {"sslv2", "accepted"}, {"tls10", "?"}, {"dh_bits", "1024"},
                                           {"suite:TLSv1.2:TLS_RSA_WITH_AES_128_GCM_SHA256", "accepted"}}, 6);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_int_equal(judgement.step_count, 5);
    assert_string_equal(judgement.steps[0].item, "sslv2");
    assert_string_equal(judgement.steps[0].severity, "critical");
    assert_null(step_of(&judgement, "tls10"));
    assert_string_equal(step_of(&judgement, "tls11")->until, "overdue since March 2021");
    assert_string_equal(step_of(&judgement, "tls11")->done, "the next test says: TLS 1.1 refused");
    assert_string_equal(step_of(&judgement, "dh_bits")->why, "Diffie-Hellman has 1024 bits (LOGJAM); RFC 9325, 4.5.");
    assert_string_equal(step_of(&judgement, "suites")->severity, "low");
    assert_string_equal(judgement.steps[4].severity, "low");
    clear(&facts);
}

/* 1.3 alone wants no 1.2; neither of them wants one. */
static void test_step_to_a_current_version(void **state)
{
    (void)state;
    struct server_judgement judgement;
    struct server_facts facts = facts_of((const struct item[]){{"tls12", "refused"}}, 1);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_null(step_of(&judgement, "tls12"));
    clear(&facts);
    facts = facts_of((const struct item[]){{"tls10", "accepted"}, {"tls12", "refused"}, {"tls13", "refused"}}, 3);
    server_judge(&facts, NULL, 0, 0, &judgement);
    assert_non_null(step_of(&judgement, "tls12"));
    clear(&facts);
}

static void test_order_of_letters(void **state)
{
    (void)state;
    const char *letter;
    assert_true(grade_is_at_least("A", "B"));
    assert_false(grade_is_at_least("C", "B"));
    assert_false(grade_is_at_least("T", "F"));
    assert_false(grade_parse("A++", &letter));
    assert_true(grade_parse("A-", &letter));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),    cmocka_unit_test(test_untested), cmocka_unit_test(test_no_letter),
        cmocka_unit_test(test_weaknesses), cmocka_unit_test(test_export_keys), cmocka_unit_test(test_short_blocks), cmocka_unit_test(test_cut_short), cmocka_unit_test(test_profiles), cmocka_unit_test(test_suites_of_profiles), cmocka_unit_test(test_clients), cmocka_unit_test(the_order_of_groups_is_of_the_version), cmocka_unit_test(test_clients_of_a_cut_test), cmocka_unit_test(test_key_exchange),
        cmocka_unit_test(test_cut_list), cmocka_unit_test(a_letter_of_several_servers_is_a_bound),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_step_to_a_current_version),
        cmocka_unit_test(test_order_of_letters), cmocka_unit_test(test_root_programmes), cmocka_unit_test(test_outlook), cmocka_unit_test(test_nameless_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
