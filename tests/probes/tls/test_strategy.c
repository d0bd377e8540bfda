/* The strategy against libssl's server in memory: which hellos, how many, and what they find out. */
#include "probes/tls/messages.h"
#include "probes/tls/names.h"
#include "probes/tls/offers.h"
#include "probes/tls/strategy.h"
#include "probes/tls/key_type.h"
#include "probes/tls/suite_survey.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <stdlib.h>
#include <string.h>

/* Of a hello that got no answer. */
static const struct tls_facts nothing = {.alert = -1, .cipher_suite = -1, .group = -1, .scheme = -1};

struct run {
    unsigned connections, chains;
    unsigned variants;                          /* bits of enum variant that brought a chain */
    char last_plan[32];
    struct tls_strategy *strategy;
};

static struct run run_strategy(enum tls_depth depth, const struct memory_server_options *options)
{
    struct run run = {.strategy = tls_strategy_create(depth, "leaf.example")};
    struct memory_server *server = memory_server_create(options);
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan;
    while (tls_strategy_next(run.strategy, &plan)) {
        memory_server_restart(server);
        enum tls_capture_result result = capture_drive(capture, plan.offer, server, 0);
        const struct tls_facts *facts = tls_capture_facts(capture);
        enum outcome outcome = capture_outcome(result, facts);
        tls_strategy_note(run.strategy, &plan, outcome, facts);
        run.connections++;
        snprintf(run.last_plan, sizeof run.last_plan, "%s", plan.name);
        if (outcome == OUTCOME_CERTIFICATE && !plan.is_posture) {
            run.chains++;
            run.variants |= 1u << plan.variant;
        }
        assert_true(run.connections < 500);
    }
    tls_capture_destroy(capture);
    memory_server_destroy(server);
    return run;
}

static const char *item(const struct run *run, const char *name)
{
    const struct tls_posture_item *items;
    size_t count = tls_strategy_posture(run->strategy, &items);
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].item, name) == 0)
            return items[i].value;
    return "(none)";
}

static void assert_items(const struct run *run, const char *expected)
{
    char text[1024], *rest = text, *word;
    snprintf(text, sizeof text, "%s", expected);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        if (strcmp(item(run, word), value) != 0)
            print_error("%s is %s, not %s\n", word, item(run, word), value);
        assert_string_equal(item(run, word), value);
    }
}

static void one_connection_is_enough_for_a_chain(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 3; i++) {
        struct run run = run_strategy(TLS_DEPTH_CERT, &(struct memory_server_options){
            .min_version = versions[i], .max_version = versions[i], .key = "rsa:2048"});
        assert_int_equal(run.connections, 1);
        assert_int_equal(run.variants, 1u << VARIANT_DEFAULT);
        assert_string_equal(item(&run, "tls10"), "(none)");
        tls_strategy_destroy(run.strategy);
    }
}

static void a_modern_endpoint_costs_at_most_twelve(void **state)
{
    (void)state;
    struct run run = run_strategy(TLS_DEPTH_POSTURE, &(struct memory_server_options){
        .min_version = TLS1_2_VERSION, .key = "ec:P-256", .ocsp_staple = true,
        .ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20", .groups = "X25519:P-256"});
    assert_true(run.connections <= 12);
    assert_int_equal(run.variants, 1u << VARIANT_DEFAULT | 1u << VARIANT_TLS12);     /* its key type is known */
    assert_items(&run, "sslv2=refused sslv3=refused tls10=refused tls11=refused tls12=accepted tls13=accepted "
                       "rc4=refused 3des=refused export=refused null=refused anonymous=refused static_rsa=refused "
                       "cbc_only=refused dh_bits=refused curve=x25519 secure_renegotiation=accepted "
                       "extended_master_secret=accepted compression=refused ocsp_staple=accepted "
                       "hybrid_groups=refused");
    tls_strategy_destroy(run.strategy);
}

/* One hello finds the other key, and one more that there is no third. */
static void a_second_key_costs_one_connection_more(void **state)
{
    (void)state;
    unsigned connections[2];
    for (unsigned has_two = 0; has_two < 2; has_two++) {
        struct run run = run_strategy(TLS_DEPTH_POSTURE, &(struct memory_server_options){
            .min_version = TLS1_2_VERSION, .key = "ec:P-256", .second_key = has_two ? "rsa:2048" : NULL,
            .ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20", .groups = "X25519:P-256"});
        assert_int_equal(run.variants, 1u << VARIANT_DEFAULT | 1u << VARIANT_TLS12 | (has_two ? 1u << VARIANT_RSA : 0));
        assert_items(&run, "tls12=accepted tls13=accepted tls11=refused rc4=refused hybrid_groups=refused");
        connections[has_two] = run.connections;
        tls_strategy_destroy(run.strategy);
    }
    assert_int_equal(connections[1], connections[0] + 1);
    assert_true(connections[1] <= 12);
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* What no server says: answers drawn by chance, a new one for each hello. */
static enum outcome draw_answer(uint32_t *seed, struct tls_facts *facts)
{
    static const enum outcome outcomes[] = {OUTCOME_CERTIFICATE, OUTCOME_NO_CERTIFICATE, OUTCOME_TLS_ALERT, OUTCOME_TLS_ALERT,
                                            OUTCOME_CLOSED, OUTCOME_RESET, OUTCOME_TLS_ERROR, OUTCOME_TIMEOUT_HANDSHAKE};
    static const uint8_t alerts[] = {40, 43, 47, 70, 71, 80, 112, 120, 10};
    static const int32_t schemes[] = {-1, 0x0804, 0x0403, 0x0807, 0x0904, 0x0911, 0x0202};
    static const struct der certificate = {(const uint8_t *)"\x30", 1};
    size_t suite_count;
    const struct tls_suite *suites = tls_suites(&suite_count);
    enum outcome outcome = outcomes[draw(seed) % 8];
    *facts = nothing;
    if (outcome == OUTCOME_TLS_ALERT)
        facts->alert = alerts[draw(seed) % sizeof alerts];
    if (outcome != OUTCOME_CERTIFICATE && outcome != OUTCOME_NO_CERTIFICATE)
        return outcome;
    facts->version = (uint16_t)(draw(seed) % 6 == 0 ? 0x0002 : 0x0300 + draw(seed) % 5);
    facts->cipher_suite = suites[draw(seed) % suite_count].id;
    facts->scheme = schemes[draw(seed) % 7];
    facts->group = draw(seed) % 2 == 0 ? 29 : 0x11ec;
    facts->chain = &certificate;
    facts->chain_count = outcome == OUTCOME_CERTIFICATE;
    return outcome;
}

static void no_answer_costs_more_than_the_bound(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (unsigned i = 0; i < 20000; i++) {
        static const enum tls_depth depths[] = {TLS_DEPTH_CERT, TLS_DEPTH_POSTURE, TLS_DEPTH_SUITES};
        enum tls_depth depth = depths[i % 3];
        struct tls_strategy *strategy = tls_strategy_create(depth, i % 2 == 0 ? "" : "leaf.example");
        struct tls_hello_plan plan;
        struct tls_facts facts;
        unsigned connections = 0, most = tls_strategy_connections_max(depth, 0);
        while (tls_strategy_next(strategy, &plan)) {
            enum outcome outcome = draw_answer(&seed, &facts);
            tls_strategy_note(strategy, &plan, outcome, &facts);
            if (++connections > most)
                fail_msg("walk %u: %u connections, of at most %u: %s", i, connections, most, plan.name);
        }
        tls_strategy_destroy(strategy);
    }
}

static void a_weak_endpoint_is_found_out(void **state)
{
    (void)state;
    struct run run = run_strategy(TLS_DEPTH_POSTURE, &(struct memory_server_options){
        .max_version = TLS1_2_VERSION, .key = "rsa:2048", .second_key = "ec:P-256"});
    assert_items(&run, "sslv2=refused sslv3=refused tls10=accepted tls11=accepted tls12=accepted tls13=refused "
                       "rc4=refused export=refused null=accepted anonymous=accepted static_rsa=accepted "
                       "cbc_only=refused dh_bits=2048 ocsp_staple=refused hybrid_groups=refused");
    assert_int_equal(run.variants, 1u << VARIANT_DEFAULT | 1u << VARIANT_TLS12 | 1u << VARIANT_RSA);
    tls_strategy_destroy(run.strategy);
}

static void cbc_alone_and_one_old_version(void **state)
{
    (void)state;
    struct run run = run_strategy(TLS_DEPTH_POSTURE, &(struct memory_server_options){
        .min_version = TLS1_VERSION, .max_version = TLS1_VERSION, .key = "rsa:2048", .ciphers = "AES128-SHA:@SECLEVEL=0"});
    assert_items(&run, "tls10=accepted tls11=refused tls12=refused tls13=refused sslv3=refused cbc_only=accepted "
                       "static_rsa=accepted dh_bits=refused curve=refused null=refused");
    tls_strategy_destroy(run.strategy);
}

static void tls13_alone_has_no_old_faults(void **state)
{
    (void)state;
    struct run run = run_strategy(TLS_DEPTH_POSTURE, &(struct memory_server_options){
        .min_version = TLS1_3_VERSION, .key = "ed25519"});
    assert_true(run.connections <= 12);
    assert_int_equal(run.variants, 1u << VARIANT_DEFAULT);
    assert_items(&run, "tls13=accepted tls12=refused tls11=refused tls10=refused sslv3=refused rc4=refused "
                       "static_rsa=refused cbc_only=refused dh_bits=refused secure_renegotiation=untested "
                       "compression=refused");
    tls_strategy_destroy(run.strategy);
}

/* Every suite that libssl would take is found, in every version, and none else. */
static void the_survey_finds_every_suite(void **state)
{
    (void)state;
    struct run run = run_strategy(TLS_DEPTH_SUITES, &(struct memory_server_options){
        .key = "rsa:2048", .min_version = TLS1_2_VERSION, .server_preference = true,
        .ciphers = "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA:DHE-RSA-CHACHA20-POLY1305:AES256-SHA256"});
    const struct tls_posture_item *items;
    size_t count = tls_strategy_posture(run.strategy, &items);
    for (size_t i = 0, place = 1; i < count; i++)       /* in the server's order */
        if (strncmp(items[i].item, "suite:TLSv1.2:", 14) == 0) {
            static const char *const order[] = {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA",
                                                "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256"};
            assert_true(place <= 4);
            assert_string_equal(items[i].item + 14, order[place - 1]);
            assert_int_equal(strtoul(items[i].detail, NULL, 10), place++);
        }
    assert_items(&run, "suites=7 suite_preference=server suite_preference_13=server suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA=accepted "
                       "suite:TLSv1.2:TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256=accepted "
                       "suite:TLSv1.3:TLS_AES_128_GCM_SHA256=accepted");
    /* as many as are accepted, one for each chunk and version, two preferences, and the posture's */
    size_t all;
    tls_suites(&all);
    assert_in_range(run.connections, 7, 7 + all / HELLO_SUITES + 2 + 2 + 13);
    tls_strategy_destroy(run.strategy);
    run = run_strategy(TLS_DEPTH_SUITES, &(struct memory_server_options){
        .key = "rsa:2048", .max_version = TLS1_2_VERSION, .min_version = TLS1_2_VERSION,
        .ciphers = "AES128-SHA:AES256-SHA"});
    assert_items(&run, "suites=2 suite_preference=client");
    tls_strategy_destroy(run.strategy);
}

/* Weak suites and usual ones are asked in one hello: however they are mixed, no hello is needed for their order alone. */
static void weak_and_usual_suites_come_in_one_order(void **state)
{
    (void)state;
    static const char *const order[] = {"TLS_RSA_WITH_NULL_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_DH_anon_WITH_AES_128_CBC_SHA",
                                        "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA256"};
    struct run run = run_strategy(TLS_DEPTH_SUITES, &(struct memory_server_options){
        .key = "rsa:2048", .min_version = TLS1_2_VERSION, .max_version = TLS1_2_VERSION, .server_preference = true,
        .ciphers = "NULL-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ADH-AES128-SHA:AES128-SHA:AECDH-AES128-SHA:AES256-SHA256:@SECLEVEL=0"});
    const struct tls_posture_item *items;
    size_t count = tls_strategy_posture(run.strategy, &items), place = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(items[i].item, "suite:TLSv1.2:", 14) == 0) {
            assert_true(place < 6);
            assert_string_equal(items[i].item + 14, order[place++]);
        }
    assert_int_equal(place, 6);
    assert_in_range(run.connections, 6, 6 + 3 + 1 + 15);        /* the suites, three chunks, the preference, the posture's */
    tls_strategy_destroy(run.strategy);
}

/* Chunk and remove, with refusals told by a close instead: always, or once where an answer was due. */
static unsigned survey_with_closes(bool always, bool once, const char **suites)
{
    static char text[16];
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_SUITES, "leaf.example");
    struct memory_server *server = memory_server_create(&(struct memory_server_options){
        .min_version = TLS1_2_VERSION, .key = "rsa:2048", .ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"});
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan;
    unsigned connections = 0;
    while (tls_strategy_next(strategy, &plan)) {
        memory_server_restart(server);
        enum tls_capture_result result = capture_drive(capture, plan.offer, server, 0);
        const struct tls_facts *facts = tls_capture_facts(capture);
        enum outcome outcome = capture_outcome(result, facts);
        bool is_survey = strcmp(plan.name, "suites") == 0, is_busy = once && is_survey && outcome != OUTCOME_TLS_ALERT;
        once &= !is_busy;
        if (is_busy || (always && is_survey && outcome == OUTCOME_TLS_ALERT))
            tls_strategy_note(strategy, &plan, OUTCOME_CLOSED, &nothing);
        else
            tls_strategy_note(strategy, &plan, outcome, facts);
        connections++;
    }
    struct run run = {.strategy = strategy};
    snprintf(text, sizeof text, "%s", item(&run, "suites"));
    *suites = text;
    tls_capture_destroy(capture);
    memory_server_destroy(server);
    tls_strategy_destroy(strategy);
    return connections;
}

/* A busy server hides no suite, and who never sends an alert is not asked everything twice. */
static void a_close_is_believed_when_it_comes_again(void **state)
{
    (void)state;
    const char *suites;
    unsigned usual = survey_with_closes(false, false, &suites);
    assert_string_equal(suites, "6");
    assert_int_equal(survey_with_closes(false, true, &suites), usual + 1);
    assert_string_equal(suites, "6");
    assert_in_range(survey_with_closes(true, false, &suites), usual + 1, usual + 1 + 2 * SUITE_SURVEY_VAIN_SPLITS);
    assert_string_equal(suites, "6");
}

/* ---- a server that fails at DHE ---- */

/* TLS 1.2 and the first of its suites that the hello holds, in its own order; its DHE suites end in `failure`, others are refused. */
static enum outcome failing_answer(const struct tls_offer *offer, bool can_dhe, enum outcome failure, struct tls_facts *facts)
{
    static const uint16_t suites[] = {0xc030, 0x009f, 0xc02f, 0x009e, 0x009d, 0xc09d, 0x003c, 0};
    static const uint8_t byte = 0;
    static const struct der chain[] = {{.bytes = &byte, .len = 1}};
    *facts = nothing;
    facts->alert = 40;
    for (size_t i = 0; suites[i] != 0 && offer->version == 0x0303 && (offer->versions == NULL || tls_list_holds(offer->versions, 0x0303)); i++) {
        if (!tls_list_holds(offer->suites, suites[i]))
            continue;
        facts->alert = failure == OUTCOME_TLS_ALERT ? 80 : -1;
        if ((suites[i] == 0x009f || suites[i] == 0x009e) && !can_dhe)
            return failure;
        *facts = (struct tls_facts){.version = 0x0303, .cipher_suite = suites[i], .group = -1, .alert = -1, .scheme = -1, .chain = chain, .chain_count = 1};
        return OUTCOME_CERTIFICATE;
    }
    facts->alert = failure == OUTCOME_TLS_ALERT ? 40 : -1;
    return failure;
}

static struct run survey_failing(bool can_dhe, enum outcome failure)
{
    struct run run = {.strategy = tls_strategy_create(TLS_DEPTH_SUITES, "leaf.example")};
    struct tls_hello_plan plan;
    struct tls_facts facts;
    while (tls_strategy_next(run.strategy, &plan)) {
        enum outcome outcome = failing_answer(plan.offer, can_dhe, failure, &facts);
        tls_strategy_note(run.strategy, &plan, outcome, &facts);
        run.connections++;
    }
    return run;
}

/* Without DH parameters a server fails when it chooses DHE: its other suites are found all the same, whatever the failure looks like. */
static void a_failure_at_dhe_hides_no_other_suite(void **state)
{
    (void)state;
    static const enum outcome failures[] = {OUTCOME_TLS_ALERT, OUTCOME_CLOSED, OUTCOME_RESET};
    struct run whole = survey_failing(true, OUTCOME_TLS_ALERT);
    assert_items(&whole, "suites=7 suite:TLSv1.2:TLS_DHE_RSA_WITH_AES_128_GCM_SHA256=accepted");
    for (size_t i = 0; i < 3; i++) {
        struct run run = survey_failing(false, failures[i]);
        assert_items(&run, "suites=5 suite_preference=server suite:TLSv1.2:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256=accepted "
                           "suite:TLSv1.2:TLS_RSA_WITH_AES_256_GCM_SHA384=accepted suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA256=accepted "
                           "suite:TLSv1.2:TLS_RSA_WITH_AES_256_CCM=accepted suite:TLSv1.2:TLS_DHE_RSA_WITH_AES_128_GCM_SHA256=(none)");
        assert_in_range(run.connections, 5, whole.connections + 10);
        tls_strategy_destroy(run.strategy);
    }
    tls_strategy_destroy(whole.strategy);
}

/* ---- a server that takes its certificate by what a hello could use ---- */

static bool takes_ecdsa(const struct tls_offer *offer)
{
    bool has_scheme = offer->schemes == NULL, has_suite = false;
    for (const uint16_t *scheme = offer->schemes; scheme != NULL && *scheme != 0; scheme++)
        has_scheme |= key_type_of_scheme(*scheme) == VARIANT_ECDSA;
    for (const uint16_t *id = offer->suites; id != NULL && *id != 0; id++) {
        const struct tls_suite *suite = tls_suite_find(*id);
        has_suite |= suite != NULL && (suite->is_tls13 || suite->auth == TLS_AUTH_ECDSA);
    }
    return has_scheme && has_suite;
}

/* HAProxy with two certificates: a suite for ECDSA that it refuses hides no suite of RSA. */
static void suites_of_the_other_certificate_are_found(void **state)
{
    (void)state;
    struct memory_server_options options = {.key = "rsa:2048", .min_version = TLS1_2_VERSION, .server_preference = true,
                                            .ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:AES128-SHA"};
    struct memory_server *of_rsa = memory_server_create(&options);
    options.key = "ec:P-256";
    struct memory_server *of_ecdsa = memory_server_create(&options);
    struct tls_capture *capture = tls_capture_create(NULL);
    struct run run = {.strategy = tls_strategy_create(TLS_DEPTH_SUITES, "leaf.example")};
    struct tls_hello_plan plan;
    while (tls_strategy_next(run.strategy, &plan)) {
        struct memory_server *server = takes_ecdsa(plan.offer) ? of_ecdsa : of_rsa;
        memory_server_restart(server);
        enum tls_capture_result result = capture_drive(capture, plan.offer, server, 0);
        tls_strategy_note(run.strategy, &plan, capture_outcome(result, tls_capture_facts(capture)), tls_capture_facts(capture));
    }
    assert_items(&run, "suites=10 suite:TLSv1.2:TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256=accepted "
                       "suite:TLSv1.2:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256=accepted suite:TLSv1.2:TLS_RSA_WITH_AES_128_CBC_SHA=accepted");
    tls_capture_destroy(capture);
    memory_server_destroy(of_rsa);
    memory_server_destroy(of_ecdsa);
    tls_strategy_destroy(run.strategy);
}

/* ---- answers that no libssl gives ---- */

static void assert_next(struct tls_strategy *strategy, struct tls_hello_plan *plan, const char *name)
{
    assert_true(tls_strategy_next(strategy, plan));
    assert_string_equal(plan->name, name);
}

static void the_ladder_follows_the_trouble(void **state)
{
    (void)state;
    static const struct {
        enum outcome outcome;
        int32_t alert;
        const char *next;       /* NULL: the endpoint has ended */
    } rows[] = {
        {OUTCOME_TLS_ALERT, 47, "real_shares"}, {OUTCOME_TLS_ALERT, 80, "real_shares"},
        {OUTCOME_TLS_ALERT, 40, "rest"},        {OUTCOME_TLS_ALERT, 112, "no_name"},
        {OUTCOME_TLS_ALERT, 70, "tls10_plain"}, {OUTCOME_TLS_ALERT, 120, "alpn"},
        {OUTCOME_TLS_ALERT, 43, "raw_key"},     {OUTCOME_RESET, -1, "small"},
        {OUTCOME_CLOSED, -1, "small"},          {OUTCOME_TIMEOUT_HANDSHAKE, -1, "small"},
        {OUTCOME_NOT_TLS, -1, NULL},            {OUTCOME_REFUSED, -1, NULL},
        {OUTCOME_TOO_LARGE, -1, NULL},          {OUTCOME_TIMEOUT_CONNECT, -1, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "a.example");
        struct tls_hello_plan plan;
        struct tls_facts facts = {.alert = rows[i].alert};
        assert_next(strategy, &plan, "combined");
        tls_strategy_note(strategy, &plan, rows[i].outcome, &facts);
        if (rows[i].next == NULL)
            assert_false(tls_strategy_next(strategy, &plan));
        else {
            assert_next(strategy, &plan, rows[i].next);
            assert_int_equal(plan.variant, VARIANT_FALLBACK);
        }
        tls_strategy_destroy(strategy);
    }
}

/* A raw public key that came where a certificate would have done is no chain: the same is asked for a certificate alone, and
 * the key by itself only where none came. Whoever sends alerts alone still costs three. */
static void a_raw_key_never_hides_a_chain(void **state)
{
    (void)state;
    struct tls_facts alert = {.alert = 40}, raw_key = {.version = 0x0304, .cipher_suite = 0x1301, .alert = -1, .raw_public_key = true};
    for (unsigned has_chain = 0; has_chain < 2; has_chain++) {
        struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "a.example");
        struct tls_hello_plan plan;
        assert_next(strategy, &plan, "combined");
        assert_int_equal(plan.offer->certificate_types, TLS_TYPES_CERTIFICATE);
        tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &alert);
        assert_next(strategy, &plan, "rest");
        assert_int_equal(plan.offer->certificate_types, TLS_TYPES_EITHER);
        tls_strategy_note(strategy, &plan, OUTCOME_NO_CERTIFICATE, &raw_key);
        assert_next(strategy, &plan, "rest_certificate");
        assert_int_equal(plan.offer->certificate_types, TLS_TYPES_CERTIFICATE);
        if (has_chain) {
            tls_strategy_note(strategy, &plan, OUTCOME_CERTIFICATE, &(struct tls_facts){.version = 0x0304, .cipher_suite = 0x1301, .alert = -1});
        } else {
            tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &alert);
            assert_next(strategy, &plan, "raw_key");
            assert_int_equal(plan.offer->certificate_types, TLS_TYPES_RAW_KEY);
            tls_strategy_note(strategy, &plan, OUTCOME_NO_CERTIFICATE, &raw_key);
        }
        assert_false(tls_strategy_next(strategy, &plan));
        tls_strategy_destroy(strategy);
    }
}

/* Who had a chain only for real shares, or only for a hybrid group, is asked so for the others too. */
static void variants_ask_as_the_chain_was_found(void **state)
{
    (void)state;
    static const struct {
        int32_t alert;
        const char *found_by;
    } rows[] = {{47, "real_shares"}, {40, "rest"}};
    for (size_t i = 0; i < 2; i++) {
        struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_SUITES, "a.example");
        struct tls_hello_plan plan;
        struct tls_facts alert = {.alert = rows[i].alert},
                         found = {.version = 0x0304, .cipher_suite = 0x1301, .group = i == 0 ? 29 : GROUP_X25519MLKEM768, .alert = -1};
        assert_next(strategy, &plan, "combined");
        tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &alert);
        assert_next(strategy, &plan, rows[i].found_by);
        tls_strategy_note(strategy, &plan, OUTCOME_CERTIFICATE, &found);
        unsigned of_13 = 0;
        while (tls_strategy_next(strategy, &plan)) {
            if (tls_list_holds(plan.offer->versions, 0x0304)) {
                assert_int_equal(plan.offer->real_shares, i == 0);
                if (i == 1)
                    assert_true(tls_list_holds(plan.offer->groups, GROUP_X25519MLKEM768));
                of_13++;
            }
            tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &alert);
        }
        assert_in_range(of_13, 6, 8);           /* rsa, ecdsa, eddsa, pq, ask_hybrid, the survey's, again */
        tls_strategy_destroy(strategy);
    }
}

/* A chain in answer to an older hello proves nothing about TLS 1.3. */
static void what_the_chain_s_hello_left_out_is_asked(void **state)
{
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_POSTURE, "");
    struct tls_hello_plan plan;
    struct tls_facts found = {.version = 0x0303, .cipher_suite = 0xc02f, .group = 29, .alert = -1};
    assert_next(strategy, &plan, "combined");
    tls_strategy_note(strategy, &plan, OUTCOME_RESET, &nothing);
    assert_next(strategy, &plan, "small");
    tls_strategy_note(strategy, &plan, OUTCOME_CERTIFICATE, &found);
    struct run run = {.strategy = strategy};
    assert_items(&run, "tls13=untested");
    bool is_asked = false;
    while (tls_strategy_next(strategy, &plan)) {
        is_asked |= strcmp(plan.name, "ask_tls13") == 0;
        tls_strategy_note(strategy, &plan, OUTCOME_RESET, &nothing);
    }
    assert_true(is_asked);
    assert_items(&run, "tls13=untested");       /* nothing was answered any more */
    tls_strategy_destroy(strategy);
}

/* Nobody says whether it was the generator or a missing hybrid group that was illegal. */
static void illegal_parameter_may_mean_a_hybrid_is_wanted(void **state)
{
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "a.example");
    struct tls_hello_plan plan;
    struct tls_facts facts = {.alert = 47};
    assert_next(strategy, &plan, "combined");
    tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &facts);
    assert_next(strategy, &plan, "real_shares");
    tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &facts);
    assert_next(strategy, &plan, "rest");
    assert_true(tls_list_holds(plan.offer->groups, GROUP_X25519MLKEM768));
    tls_strategy_destroy(strategy);
}

/* A server that answers the generator with an alert: asked once more with real shares, and the detail says so. */
static void a_refused_generator_is_asked_with_real_shares(void **state)
{
    (void)state;
    static const uint8_t refusal[] = {21, 3, 3, 0, 2, 2, 47};
    struct memory_server *server = memory_server_create(&(struct memory_server_options){.key = "ec:P-256"});
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "leaf.example");
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan;
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    assert_next(strategy, &plan, "combined");
    tls_capture_begin(capture, &plan, "leaf.example", &out);
    assert_int_equal(capture_give(capture, refusal, sizeof refusal, &out), TLS_CAPTURE_ALERT);
    tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, tls_capture_facts(capture));
    assert_next(strategy, &plan, "real_shares");
    assert_int_equal(capture_drive(capture, plan.offer, server, 0), TLS_CAPTURE_DONE);
    assert_int_equal(tls_capture_facts(capture)->chain_count, 1);
    assert_string_equal(tls_capture_facts(capture)->detail, "generator_refused");
    tls_strategy_note(strategy, &plan, OUTCOME_CERTIFICATE, tls_capture_facts(capture));
    assert_false(tls_strategy_next(strategy, &plan));
    tls_capture_destroy(capture);
    tls_strategy_destroy(strategy);
    memory_server_destroy(server);
}

static void silence_is_asked_once_more(void **state)
{
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_POSTURE, "");
    struct tls_hello_plan plan;
    assert_next(strategy, &plan, "combined");
    tls_strategy_note(strategy, &plan, OUTCOME_TIMEOUT_HANDSHAKE, &nothing);
    assert_next(strategy, &plan, "small");
    tls_strategy_note(strategy, &plan, OUTCOME_TIMEOUT_HANDSHAKE, &nothing);
    assert_false(tls_strategy_next(strategy, &plan));
    tls_strategy_destroy(strategy);
}

static void the_ladder_has_an_end(void **state)
{
    (void)state;
    for (int32_t alert = 0; alert < 130; alert++) {
        struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_POSTURE, "a.example");
        struct tls_hello_plan plan;
        struct tls_facts facts = {.alert = alert};
        unsigned count = 0;
        while (tls_strategy_next(strategy, &plan)) {
            facts.cipher_suite = facts.group = facts.scheme = -1;
            tls_strategy_note(strategy, &plan, OUTCOME_TLS_ALERT, &facts);
            count++;
        }
        assert_in_range(count, 2, 3);
        tls_strategy_destroy(strategy);
    }
}

/* Every row that finds a chain proves the key as well, where that is asked for. */
static void the_key_is_proven_at_any_depth(void **state)
{
    (void)state;
    static const struct memory_server_options options[] = {
        {.key = "ec:P-256"},
        {.key = "rsa:2048", .max_version = TLS1_2_VERSION},
        {.key = "rsa:2048", .max_version = TLS1_2_VERSION, .ciphers = "ECDHE-ARIA128-GCM-SHA256:ECDHE-RSA-CAMELLIA256-SHA384:@SECLEVEL=0"},
        {.key = "ec:P-256", .max_version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        for (int proves = 0; proves < 2; proves++) {
            struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "leaf.example");
            struct memory_server *server = memory_server_create(&options[i]);
            struct tls_capture *capture = tls_capture_create(NULL);
            struct tls_hello_plan plan;
            enum outcome outcome = 0;
            if (proves)
                tls_strategy_prove(strategy);
            while (tls_strategy_next(strategy, &plan)) {
                memory_server_restart(server);
                enum tls_capture_result result = capture_drive(capture, plan.offer, server, 0);
                outcome = capture_outcome(result, tls_capture_facts(capture));
                tls_strategy_note(strategy, &plan, outcome, tls_capture_facts(capture));
            }
            assert_int_equal(outcome, OUTCOME_CERTIFICATE);
            assert_int_equal(tls_capture_facts(capture)->key_proven, proves ? KEY_PROVEN_TRUE : KEY_PROVEN_UNKNOWN);
            tls_capture_destroy(capture);
            memory_server_destroy(server);
            tls_strategy_destroy(strategy);
        }
}

/* ---- servers that accept weak suites only ---- */

/* A server of which only its first answer matters: of the suites in the hello it takes one of its own, if its version
 * fits, and sends the certificate; otherwise handshake_failure. */
struct narrow_server {
    uint16_t version;               /* the only one that it speaks */
    uint16_t suites[4];
};

static uint16_t chosen_suite(const struct narrow_server *server, struct byte_reader hello)
{
    struct byte_reader session_id, suites = byte_reader_of(NULL, 0);
    uint16_t version = 0, suite, chosen = 0;
    byte_reader_skip(&hello, 5 + 4);
    assert_true(byte_reader_u16(&hello, &version) && byte_reader_skip(&hello, 32) &&
                byte_reader_vector8(&hello, &session_id) && byte_reader_vector16(&hello, &suites));
    while (byte_reader_u16(&suites, &suite))
        if (chosen == 0 && version >= server->version && tls_list_holds(server->suites, suite))
            chosen = suite;
    return chosen;
}

static size_t narrow_answer(const struct narrow_server *server, struct byte_reader hello, uint8_t *bytes, size_t capacity)
{
    struct byte_writer out = byte_writer_of(bytes, capacity);
    uint16_t suite = hello.left > 5 && hello.at[0] == 22 ? chosen_suite(server, hello) : 0;
    static const uint8_t refusal[] = {21, 3, 0, 0, 2, 2, 40};
    static const uint8_t certificate[] = {11, 0, 0, 10, 0, 0, 7, 0, 0, 4, 0x30, 2, 5, 0, 14, 0, 0, 0};
    if (suite == 0) {
        byte_writer_bytes(&out, refusal, sizeof refusal);
        return out.len;
    }
    byte_writer_u8(&out, 22);
    byte_writer_u16(&out, server->version);
    size_t record = byte_writer_vector_begin(&out, 2);
    byte_writer_u8(&out, 2);
    byte_writer_u24(&out, 38);
    byte_writer_u16(&out, server->version);
    memset(byte_writer_room(&out, 32), 7, 32);
    byte_writer_u8(&out, 0);
    byte_writer_u16(&out, suite);
    byte_writer_u8(&out, 0);
    byte_writer_bytes(&out, certificate, sizeof certificate);
    byte_writer_vector_end(&out, record, 2);
    assert_true(byte_writer_ok(&out));
    return out.len;
}

static void even_the_narrowest_server_shows_its_chain(void **state)
{
    (void)state;
    static const struct {
        struct narrow_server server;
        const char *plan;
    } rows[] = {
        {{0x0303, {0x003b}}, "special"},               /* RSA_WITH_NULL_SHA256 */
        {{0x0301, {0x0002, 0x0001}}, "special"},       /* RSA_WITH_NULL_SHA, _MD5 */
        {{0x0301, {0xc00b, 0xc001}}, "special"},       /* static ECDH with NULL */
        {{0x0301, {0x0003, 0x0008}}, "rest"},         /* RSA_EXPORT_WITH_RC4_40_MD5, _DES40_CBC_SHA */
        {{0x0300, {0x0006}}, "rest"},                 /* RSA_EXPORT_WITH_RC2_CBC_40_MD5 */
        {{0x0301, {0x0011, 0x0014}}, "rest"},         /* DHE_DSS_EXPORT, DHE_RSA_EXPORT */
        {{0x0303, {0x00a0}}, "rest"},                 /* DH_RSA_WITH_AES_128_GCM_SHA256 */
        {{0x0301, {0x0031, 0x0036}}, "rest"},         /* DH_RSA and DH_DSS, AES in CBC */
        {{0x0301, {0x000f}}, "rest"},                 /* DH_RSA_WITH_DES_CBC_SHA */
        {{0x0301, {0xc004}}, "combined"},             /* ECDH_ECDSA_WITH_AES_128_CBC_SHA */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "leaf.example");
        struct tls_capture *capture = tls_capture_create(NULL);
        struct tls_hello_plan plan;
        const struct tls_facts *facts = NULL;
        unsigned count = 0;
        while (tls_strategy_next(strategy, &plan) && !plan.offer->by_libssl) {
            uint8_t hello[TLS_OUT_MAX], answer[256];
            struct byte_writer out = byte_writer_of(hello, sizeof hello);
            tls_capture_begin(capture, &plan, "leaf.example", &out);
            size_t len = narrow_answer(&rows[i].server, byte_reader_of(hello, out.len), answer, sizeof answer);
            enum tls_capture_result result = capture_give(capture, answer, len, &out);
            facts = tls_capture_facts(capture);
            count++;
            tls_strategy_note(strategy, &plan, capture_outcome(result, facts), facts);
        }
        if (facts->chain_count == 0)
            print_error("row %zu: no chain\n", i);
        assert_int_equal(facts->chain_count, 1);
        assert_true(tls_list_holds(rows[i].server.suites, (uint16_t)facts->cipher_suite));
        assert_string_equal(plan.name, rows[i].plan);
        assert_in_range(count, 1, 3);
        tls_capture_destroy(capture);
        tls_strategy_destroy(strategy);
    }
}

/* libssl as such a server, and posture behind it. */
static void a_server_of_null_suites_alone_is_found_out(void **state)
{
    (void)state;
    struct run run = run_strategy(TLS_DEPTH_POSTURE, &(struct memory_server_options){
        .min_version = TLS1_2_VERSION, .max_version = TLS1_2_VERSION, .key = "rsa:2048",
        .ciphers = "NULL-SHA256:@SECLEVEL=0"});
    assert_int_equal(run.variants, 1u << VARIANT_LEGACY);
    assert_items(&run, "null=accepted rc4=refused export=refused anonymous=refused");
    tls_strategy_destroy(run.strategy);
}

/* Nothing is called good that got no answer. */
static void silence_is_untested(void **state)
{
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_POSTURE, "a.example");
    struct tls_hello_plan plan;
    struct tls_facts facts = {.version = 0x0303, .cipher_suite = 0x002f, .group = -1, .alert = -1};
    assert_next(strategy, &plan, "combined");
    tls_strategy_note(strategy, &plan, OUTCOME_CERTIFICATE, &facts);
    while (tls_strategy_next(strategy, &plan))
        tls_strategy_note(strategy, &plan, OUTCOME_TIMEOUT_HANDSHAKE, &nothing);
    struct run run = {.strategy = strategy};
    assert_items(&run, "sslv2=untested sslv3=untested tls10=untested tls11=untested tls12=accepted rc4=untested "
                       "null=untested anonymous=untested static_rsa=accepted dh_bits=untested cbc_only=untested");
    tls_strategy_destroy(strategy);
}

/* Old Windows reads 64 suites; a hello of 256-511 bytes hangs old load balancers. */
static void hellos_are_agreeable(void **state)
{
    (void)state;
    static const struct tls_offer *const offers[] = {
        &offer_combined, &offer_real_shares, &offer_alpn, &offer_raw_key, &offer_small, &offer_tls10, &offer_tls10_plain,
        &offer_ssl3, &offer_tls12, &offer_rsa, &offer_ecdsa, &offer_eddsa, &offer_pq, &offer_ask_dhe, &offer_ask_hybrid,
        &offer_legacy_ssl3, &offer_ask_no_cbc, &offer_rest, &offer_rest_certificate, &offer_special};
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        size_t count = 0;
        for (; offers[i]->suites[count] != 0; count++) {
            const struct tls_suite *suite = tls_suite_find(offers[i]->suites[count]);
            assert_non_null(suite);
            for (size_t j = 0; j < count; j++)
                assert_int_not_equal(offers[i]->suites[count], offers[i]->suites[j]);
            if (offers[i] != &offer_special)
                assert_true(tls_suite_sends_certificate(suite));
            if (offers[i]->suites == offer_combined.suites)
                assert_int_not_equal(suite->enc, TLS_ENC_NULL);
        }
        assert_true(count <= (offers[i]->suites == offer_rest.suites || offers[i] == &offer_special ? HELLO_SUITES : 64));
        for (size_t name = 1; name < 250; name++) {
            char text[256] = "";
            static const uint8_t random[32];
            uint8_t bytes[TLS_OUT_MAX];
            struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
            for (size_t at = 0; at < name; at++)
                text[at] = at % 50 == 49 && at + 1 < name ? '.' : 'a';
            client_hello_write(&(struct client_hello_input){.offer = offers[i], .server_name = text,
                                                            .random = random, .session_id = random, .retry_group = -1},
                               &out);
            assert_true(byte_writer_ok(&out));
            assert_true(out.len < 256 || out.len > 511);
        }
    }
}

/* Some servers hide their own weak parameters behind a client's ffdhe groups. */
static void the_question_for_dhe_lists_no_ffdhe_group(void **state)
{
    (void)state;
    for (const uint16_t *group = offer_ask_dhe.groups; *group != 0; group++)
        assert_int_not_equal(tls_group_find(*group)->kind, TLS_GROUP_FFDHE);
    for (const uint16_t *suite = offer_ask_dhe.suites; *suite != 0; suite++)
        assert_int_equal(tls_suite_find(*suite)->kx, TLS_KX_DHE);
}

/* A certificate on a curve that is absent is not sent. */
static void every_curve_and_scheme_is_offered(void **state)
{
    (void)state;
    static const uint16_t curves[] = {21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33};
    static const uint16_t schemes[] = {0x0201, 0x0203, 0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603, 0x0804, 0x0805,
                                       0x0806, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c};
    static const uint16_t shares[] = {29, 23, 24};
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        assert_true(tls_list_holds(offer_combined.groups, curves[i]));
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        assert_true(tls_list_holds(offer_combined.schemes, schemes[i]) &&
                    tls_list_holds(offer_ecdsa.cert_schemes, schemes[i]));
    for (size_t i = 0; i < 3; i++)
        assert_true(tls_list_holds(offer_combined.shares, shares[i]));
    for (const uint16_t *group = offer_combined.groups; *group != 0; group++)       /* a server that prefers one would ask for it */
        assert_int_not_equal(tls_group_find(*group)->kind, TLS_GROUP_HYBRID);
}

/* Strongest first, RC4 and 3DES last: a server that follows the client's order must not look weaker than it is. */
static void weak_suites_stand_last(void **state)
{
    (void)state;
    bool are_weak = false;
    for (const uint16_t *id = offer_combined.suites; *id != 0; id++) {
        const struct tls_suite *suite = tls_suite_find(*id);
        bool is_weak = suite->enc == TLS_ENC_RC4 || suite->enc == TLS_ENC_3DES_CBC;
        assert_false(are_weak && !is_weak);
        are_weak = is_weak;
    }
    assert_true(are_weak);
}

static void every_hello_has_its_own_random_and_session_id(void **state)
{
    (void)state;
    uint8_t bytes[2][TLS_OUT_MAX];
    struct tls_capture *capture = tls_capture_create(NULL);
    struct client_hello hellos[2];
    for (size_t i = 0; i < 2; i++) {
        struct byte_writer out = byte_writer_of(bytes[i], sizeof bytes[i]);
        tls_capture_begin(capture, &(struct tls_hello_plan){.name = "test", .offer = &offer_combined}, "", &out);
        assert_true(client_hello_parse(byte_reader_of(bytes[i] + 9, out.len - 9), &hellos[i]));
        assert_int_equal(hellos[i].session_id.left, 32);
    }
    assert_memory_not_equal(hellos[0].random, hellos[1].random, 32);
    assert_memory_not_equal(hellos[0].session_id.at, hellos[1].session_id.at, 32);
    assert_memory_not_equal(hellos[0].random, hellos[0].session_id.at, 32);
    tls_capture_destroy(capture);
}

static void what_is_no_name_is_not_sent(void **state)
{
    (void)state;
    assert_true(client_hello_may_send_name("www.example.ca.gov"));
    assert_true(client_hello_may_send_name("xn--bcher-kva.example"));
    static const char *const bad[] = {"", "10.0.0.1", "2001:db8::1", "*.example", "a..b", "a b", ".a", "a."};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(client_hello_may_send_name(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_is_enough_for_a_chain),
        cmocka_unit_test(a_modern_endpoint_costs_at_most_twelve),
        cmocka_unit_test(a_second_key_costs_one_connection_more),
        cmocka_unit_test(no_answer_costs_more_than_the_bound),
        cmocka_unit_test(a_weak_endpoint_is_found_out),
        cmocka_unit_test(cbc_alone_and_one_old_version),
        cmocka_unit_test(tls13_alone_has_no_old_faults),
        cmocka_unit_test(the_survey_finds_every_suite),
        cmocka_unit_test(weak_and_usual_suites_come_in_one_order),
        cmocka_unit_test(a_failure_at_dhe_hides_no_other_suite), cmocka_unit_test(suites_of_the_other_certificate_are_found),
        cmocka_unit_test(the_ladder_follows_the_trouble),
        cmocka_unit_test(a_close_is_believed_when_it_comes_again),
        cmocka_unit_test(a_raw_key_never_hides_a_chain),
        cmocka_unit_test(variants_ask_as_the_chain_was_found),
        cmocka_unit_test(what_the_chain_s_hello_left_out_is_asked),
        cmocka_unit_test(illegal_parameter_may_mean_a_hybrid_is_wanted),
        cmocka_unit_test(a_refused_generator_is_asked_with_real_shares),
        cmocka_unit_test(silence_is_asked_once_more),
        cmocka_unit_test(the_ladder_has_an_end),
        cmocka_unit_test(the_key_is_proven_at_any_depth),
        cmocka_unit_test(even_the_narrowest_server_shows_its_chain),
        cmocka_unit_test(a_server_of_null_suites_alone_is_found_out),
        cmocka_unit_test(silence_is_untested),
        cmocka_unit_test(hellos_are_agreeable),
        cmocka_unit_test(the_question_for_dhe_lists_no_ffdhe_group),
        cmocka_unit_test(every_curve_and_scheme_is_offered),
        cmocka_unit_test(weak_suites_stand_last),
        cmocka_unit_test(every_hello_has_its_own_random_and_session_id),
        cmocka_unit_test(what_is_no_name_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
