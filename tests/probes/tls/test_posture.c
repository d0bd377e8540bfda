/* Posture against servers that are a few words: which versions, which suites, and how they say no. What comes out must be
 * the truth or "untested", whatever they are, and never cost more than the limit. */
#include "probes/tls/names.h"
#include "probes/tls/offers.h"
#include "probes/tls/posture.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum refusal { BY_70, BY_40, BY_CLOSE };        /* protocol_version, handshake_failure, the end of the stream */

struct model {
    uint16_t versions[6];           /* zero ends */
    uint16_t suites[12];            /* up to TLS 1.2; TLS 1.3 has AES-128-GCM */
    enum refusal wrong_version, no_suite;
    bool by_server;                 /* its own order decides */
    bool exact;                     /* a version that it lacks is refused, though it has a lower one */
    uint32_t dh_bits;
    uint32_t sslv2_kinds[4];
    unsigned answers;               /* connections until it stops answering; 0: never */
};

static enum outcome refuse(enum refusal how, struct tls_facts *facts)
{
    facts->alert = how == BY_70 ? 70 : how == BY_40 ? 40 : -1;
    return how == BY_CLOSE ? OUTCOME_CLOSED : OUTCOME_TLS_ALERT;
}

static uint16_t version_of(const struct model *model, const struct tls_offer *offer)
{
    if (tls_list_holds(offer->versions, 0x0304) && tls_list_holds(model->versions, 0x0304))
        return 0x0304;
    for (uint16_t version = offer->version; version >= 0x0300; version--) {
        if (offer->versions != NULL && !tls_list_holds(offer->versions, version))
            continue;
        if (tls_list_holds(model->versions, version))
            return version;
        if (model->exact)
            return 0;
    }
    return 0;
}

static enum outcome answer(const struct model *model, const struct tls_offer *offer, struct tls_facts *facts)
{
    static const struct der certificate = {(const uint8_t *)"0", 1};
    *facts = (struct tls_facts){.cipher_suite = -1, .group = -1, .alert = -1, .scheme = -1};
    if (offer->by_libssl)
        return OUTCOME_CLOSED;
    if (offer->version == 0x0002) {
        if (!tls_list_holds(model->versions, 0x0002))
            return OUTCOME_CLOSED;
        while (model->sslv2_kinds[facts->sslv2_kind_count] != 0) {
            facts->sslv2_kinds[facts->sslv2_kind_count] = model->sslv2_kinds[facts->sslv2_kind_count];
            facts->sslv2_kind_count++;
        }
        facts->version = 0x0002;
        facts->cipher_suite = (int32_t)model->sslv2_kinds[0];
        facts->chain = &certificate;
        facts->chain_count = 1;
        return OUTCOME_CERTIFICATE;
    }
    uint16_t version = version_of(model, offer);
    if (version == 0)
        return refuse(model->wrong_version, facts);
    if (version == 0x0304 && (offer == &offer_ask_hybrid || tls_list_holds(offer->suites, 0x1301) == false ||
                              !tls_list_holds(offer->schemes, 0x0804)))
        return refuse(BY_40, facts);
    const struct tls_suite *chosen = version == 0x0304 ? tls_suite_find(0x1301) : NULL;
    const uint16_t *decides = model->by_server ? model->suites : offer->suites, *others = model->by_server ? offer->suites : model->suites;
    for (const uint16_t *suite = decides; *suite != 0 && chosen == NULL; suite++)
        if (tls_list_holds(others, *suite) && tls_suite_fits(tls_suite_find(*suite), version))
            chosen = tls_suite_find(*suite);
    if (chosen == NULL)
        return refuse(model->no_suite, facts);
    facts->version = version;
    facts->cipher_suite = chosen->id;
    facts->scheme = version == 0x0304 ? 0x0804 : -1;
    if (chosen->kx == TLS_KX_DHE || chosen->is_export)
        facts->dh_bits = model->dh_bits;
    if (!tls_suite_sends_certificate(chosen))
        return OUTCOME_NO_CERTIFICATE;
    facts->chain = &certificate;
    facts->chain_count = 1;
    return OUTCOME_CERTIFICATE;
}

/* Of a hello that got no answer. */
static const struct tls_facts nothing = {.alert = -1, .cipher_suite = -1, .group = -1, .scheme = -1};

struct run {
    struct tls_strategy *strategy;
    unsigned connections;
};

static struct run run(enum tls_depth depth, const struct model *model)
{
    struct run run = {.strategy = tls_strategy_create(depth, "")};
    struct tls_hello_plan plan;
    struct tls_facts facts;
    while (tls_strategy_next(run.strategy, &plan)) {
        size_t count = 0;
        while (plan.offer->suites != NULL && plan.offer->suites[count] != 0)
            count++;
        assert_true(count <= HELLO_SUITES);
        bool is_gone = model->answers != 0 && run.connections >= model->answers;
        enum outcome outcome = is_gone ? OUTCOME_RESET : answer(model, plan.offer, &facts);
        tls_strategy_note(run.strategy, &plan, outcome, is_gone ? &nothing : &facts);
        run.connections++;
        assert_true(run.connections <= tls_strategy_connections_max(depth, 0));
    }
    return run;
}

static const struct tls_posture_item *find_item(const struct run *run, const char *name)
{
    const struct tls_posture_item *items;
    size_t count = tls_strategy_posture(run->strategy, &items);
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].item, name) == 0)
            return &items[i];
    return NULL;
}

static void assert_items(const struct run *run, const char *expected)
{
    char text[1024], *rest = text, *word;
    snprintf(text, sizeof text, "%s", expected);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        const struct tls_posture_item *item = find_item(run, word);
        assert_non_null(item);
        if (strcmp(item->value, value) != 0)
            print_error("%s is %s, not %s\n", word, item->value, value);
        assert_string_equal(item->value, value);
    }
}

static void assert_finds(const struct model *model, const char *expected)
{
    struct run result = run(TLS_DEPTH_POSTURE, model);
    assert_items(&result, expected);
    tls_strategy_destroy(result.strategy);
}

/* OpenSSL with ECDHE-RSA-CAMELLIA128-SHA256:AECDH-AES128-SHA:NULL-SHA, TLS 1.3 on; and with ARIA or CCM_8 alone. */
static void what_the_first_hello_lacks_is_found(void **state)
{
    (void)state;
    assert_finds(&(struct model){.versions = {0x0304, 0x0303, 0x0302, 0x0301}, .suites = {0xc076, 0xc018, 0x0002},
                                 .wrong_version = BY_70, .no_suite = BY_40},
                 "tls13=accepted tls12=accepted tls11=accepted tls10=accepted sslv3=refused null=accepted "
                 "anonymous=accepted rc4=refused export=refused");
    assert_finds(&(struct model){.versions = {0x0304, 0x0303}, .suites = {0xc050}, .wrong_version = BY_70, .no_suite = BY_40},
                 "tls13=accepted tls12=accepted tls11=refused cbc_only=refused static_rsa=accepted");
    assert_finds(&(struct model){.versions = {0x0304, 0x0303}, .suites = {0xc0a0}, .wrong_version = BY_CLOSE, .no_suite = BY_CLOSE},
                 "tls13=accepted tls12=accepted tls11=refused tls10=refused sslv3=refused");
}

/* OpenSSL 1.0.2 with weak suites only. */
static void servers_of_the_old_days(void **state)
{
    (void)state;
    static const struct {
        uint16_t suites[3];
        const char *items;
    } rows[] = {
        {{0x0009, 0x0015}, "des=accepted export=refused rc4=refused null=refused cbc_only=accepted"},
        {{0x0007}, "des=refused 3des=refused cbc_only=accepted static_rsa=accepted"},
        {{0x0096, 0x009a}, "des=refused 3des=refused cbc_only=accepted"},
        {{0x0001, 0x0002}, "null=accepted cbc_only=untested rc4=refused"},
        {{0x0003, 0x0006}, "export=accepted rc4=accepted null=refused dh_bits=refused"},
        {{0x0005, 0x0004}, "rc4=accepted cbc_only=untested export=refused"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model model = {.versions = {0x0303, 0x0302, 0x0301, 0x0300}, .wrong_version = BY_CLOSE, .no_suite = BY_40,
                              .dh_bits = 512};
        memcpy(model.suites, rows[i].suites, sizeof rows[i].suites);
        assert_finds(&model, "tls13=refused tls12=accepted tls11=accepted tls10=accepted sslv3=accepted sslv2=refused");
        assert_finds(&model, rows[i].items);
    }
}

static void sslv2_names_all_its_kinds(void **state)
{
    (void)state;
    assert_finds(&(struct model){.versions = {0x0002}, .sslv2_kinds = {0x020080, 0x060040}, .wrong_version = BY_CLOSE},
                 "sslv2=accepted export=accepted des=accepted rc4=accepted 3des=refused null=refused");
}

/* GnuTLS without TLS 1.1 answers a hello of that version with protocol_version, and speaks 1.0. */
static void a_version_may_be_missing_between_others(void **state)
{
    (void)state;
    assert_finds(&(struct model){.versions = {0x0303, 0x0301}, .suites = {0xc02f, 0x002f}, .wrong_version = BY_70, .exact = true},
                 "tls12=accepted tls11=refused tls10=accepted sslv3=refused");
}

static void tls13_alone_refuses_in_its_way(void **state)
{
    (void)state;
    for (enum refusal how = BY_70; how <= BY_CLOSE; how++)
        assert_finds(&(struct model){.versions = {0x0304}, .wrong_version = how, .no_suite = how},
                     "tls13=accepted tls12=refused tls11=refused tls10=refused sslv3=refused rc4=refused static_rsa=refused");
}

/* A limiter from the Nth connection on: nothing that it refuses is called refused. */
static void who_stops_answering_has_refused_nothing(void **state)
{
    (void)state;
    struct model model = {.versions = {0x0304, 0x0303, 0x0302, 0x0301}, .suites = {0xc02f, 0x002f, 0x0005, 0x0033}, .dh_bits = 1024,
                          .wrong_version = BY_70, .no_suite = BY_40};
    struct run whole = run(TLS_DEPTH_POSTURE, &model);
    assert_items(&whole, "tls12=accepted tls11=accepted tls10=accepted rc4=accepted dh_bits=1024 null=refused");
    bool was_stopped = false;
    for (model.answers = 1; model.answers <= whole.connections; model.answers++) {
        struct run cut = run(TLS_DEPTH_POSTURE, &model);
        const struct tls_posture_item *items, *all;
        size_t count = tls_strategy_posture(cut.strategy, &items);
        assert_int_equal(tls_strategy_posture(whole.strategy, &all), count);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(items[i].value, "refused") == 0)
                assert_string_equal(all[i].value, "refused");
            was_stopped |= items[i].detail != NULL && strcmp(items[i].detail, "the endpoint stopped answering") == 0;
        }
        tls_strategy_destroy(cut.strategy);
    }
    assert_true(was_stopped);
    tls_strategy_destroy(whole.strategy);
}

/* Hellos that only put the list in order are no exception from the cap, and leave room for TLS 1.3's suites, which come after them.
 * Suites with DSS are asked in another hello than those with RSA, and are mixed with them here. */
static void the_order_of_suites_stays_below_the_cap(void **state)
{
    (void)state;
    static const struct model model = {.versions = {0x0304, 0x0303}, .by_server = true, .wrong_version = BY_70, .no_suite = BY_40,
                                       .suites = {0xc030, 0x0032, 0x002f, 0x0038, 0x003d, 0x0040, 0x009c, 0x006a, 0x0035, 0x00a2}};
    bool has_order = false;
    for (unsigned cap = 1; cap <= 60; cap++) {
        struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_SUITES, "");
        struct tls_hello_plan plan;
        struct tls_facts facts;
        unsigned connections = 0, hellos = 0;
        tls_strategy_limit(strategy, cap);
        while (tls_strategy_next(strategy, &plan)) {
            enum outcome outcome = answer(&model, plan.offer, &facts);
            tls_strategy_note(strategy, &plan, outcome, &facts);
            connections++;
            hellos += strncmp(plan.name, "suites", 6) == 0;
            has_order |= strcmp(plan.name, "suites_order") == 0;
        }
        assert_in_range(hellos, 1, cap);
        assert_true(connections <= tls_strategy_connections_max(TLS_DEPTH_SUITES, cap));
        if (cap >= 30)
            assert_int_equal(tls_strategy_suites_now(strategy), 10 + 1);
        tls_strategy_destroy(strategy);
    }
    assert_true(has_order);
}

/* The weak suites first, and the rest is said to be untested. */
static void the_survey_ends_at_its_limit(void **state)
{
    (void)state;
    static const struct model model = {.versions = {0x0303}, .suites = {0xc02f, 0xc030, 0x009c, 0x009d, 0x0005, 0x000a, 0x0002},
                                       .wrong_version = BY_70, .no_suite = BY_40};
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_SUITES, "");
    struct run result = {.strategy = strategy};
    struct tls_hello_plan plan;
    struct tls_facts facts;
    tls_strategy_limit(strategy, 3);
    while (tls_strategy_next(strategy, &plan)) {
        enum outcome outcome = answer(&model, plan.offer, &facts);
        tls_strategy_note(strategy, &plan, outcome, &facts);
    }
    assert_string_equal(find_item(&result, "suites")->value, "3");
    assert_string_equal(find_item(&result, "suites")->detail, "limit");
    assert_non_null(find_item(&result, "suite:TLSv1.2:TLS_RSA_WITH_RC4_128_SHA"));
    assert_non_null(find_item(&result, "suite:TLSv1.2:TLS_RSA_WITH_NULL_SHA"));
    assert_null(find_item(&result, "suite:TLSv1.2:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
    tls_strategy_destroy(strategy);
}

/* What a fallback row has found implies nothing of what it did not offer. */
static void a_fallback_implies_nothing(void **state)
{
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_POSTURE, "");
    struct tls_hello_plan plan;
    struct tls_facts facts = {.version = 0x0301, .cipher_suite = 0x002f, .group = -1, .alert = -1, .scheme = -1};
    assert_true(tls_strategy_next(strategy, &plan));
    tls_strategy_note(strategy, &plan, OUTCOME_CLOSED, &nothing);
    assert_true(tls_strategy_next(strategy, &plan));
    assert_string_equal(plan.name, "small");
    tls_strategy_note(strategy, &plan, OUTCOME_CERTIFICATE, &facts);
    struct run run = {.strategy = strategy};
    assert_items(&run, "tls13=untested tls12=untested tls11=untested tls10=accepted extended_master_secret=untested ocsp_staple=untested");
    tls_strategy_destroy(strategy);
}

/* A ServerHello of TLS 1.3 that an alert follows is none that could be completed. */
static void a_flight_that_breaks_off_accepts_nothing(void **state)
{
    (void)state;
    struct posture posture;
    struct tls_hello_plan plan;
    struct tls_facts facts = {.version = 0x0303, .cipher_suite = 0xc02f, .group = 29, .alert = -1, .scheme = -1};
    posture_init(&posture);
    posture_see(&posture, &facts, &offer_tls12, false);
    while (posture_next(&posture, &plan)) {
        struct tls_facts broken = {.version = 0x0304, .cipher_suite = 0x1301, .group = 29, .alert = 40, .scheme = -1};
        posture_note(&posture, OUTCOME_TLS_ALERT, &broken);
    }
    assert_string_equal(posture.items[POSTURE_TLS13].value, "refused");
}

static void the_usual_servers_cost_twelve(void **state)
{
    (void)state;
    static const struct model models[] = {
        {.versions = {0x0304, 0x0303}, .suites = {0xc02f, 0xc030}, .wrong_version = BY_70, .no_suite = BY_40},
        {.versions = {0x0304, 0x0303}, .suites = {0xc02f, 0x009e, 0x002f}, .dh_bits = 2048, .wrong_version = BY_70, .no_suite = BY_40},
        {.versions = {0x0304, 0x0303}, .suites = {0xc02f, 0x002f}, .wrong_version = BY_70, .no_suite = BY_40},
        {.versions = {0x0303}, .suites = {0xc02f, 0x002f}, .wrong_version = BY_70, .no_suite = BY_40},
        {.versions = {0x0304}, .wrong_version = BY_70, .no_suite = BY_40},
    };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct run result = run(TLS_DEPTH_POSTURE, &models[i]);
        assert_in_range(result.connections, 6, 12);
        tls_strategy_destroy(result.strategy);
    }
}

/* --- property: truth or untested ----------------------------------------------------------------------- */

static bool takes_kind(const struct model *model, uint32_t kind)
{
    for (const uint16_t *id = model->suites; *id != 0; id++)
        for (const uint16_t *version = model->versions; *version != 0; version++)
            if (*version >= 0x0300 && *version <= 0x0303 && tls_suite_fits(tls_suite_find(*id), *version) &&
                (posture_kinds(tls_suite_find(*id)) & kind) != 0)
                return true;
    return false;
}

static bool speaks(const struct model *model, uint16_t version)
{
    if (!tls_list_holds(model->versions, version))
        return false;
    if (version == 0x0304)
        return true;
    for (const uint16_t *id = model->suites; *id != 0; id++)
        if (tls_suite_fits(tls_suite_find(*id), version))
            return true;
    return false;
}

static void assert_truth(const struct run *run, const char *name, bool is_true)
{
    const struct tls_posture_item *item = find_item(run, name);
    if (item != NULL && strcmp(item->value, "untested") != 0)
        assert_string_equal(item->value, is_true ? "accepted" : "refused");
}

static struct model random_model(unsigned *seed)
{
    size_t count, at = 0, wanted = (size_t)rand_r(seed) % 11;
    const struct tls_suite *all = tls_suites(&count);
    struct model model = {.wrong_version = (enum refusal)(rand_r(seed) % 3), .no_suite = (enum refusal)(1 + rand_r(seed) % 2),
                          .dh_bits = 1024};
    size_t versions = 0, lowest = (size_t)rand_r(seed) % 5, highest = lowest + (size_t)rand_r(seed) % (5 - lowest);
    for (size_t i = highest + 1; i-- > lowest;)
        model.versions[versions++] = (uint16_t)(0x0300 + i);
    while (at < wanted) {
        const struct tls_suite *suite = &all[(size_t)rand_r(seed) % count];
        if (tls_suite_fits(suite, 0x0303) && !tls_list_holds(model.suites, suite->id))
            model.suites[at++] = suite->id;
    }
    return model;
}

static void whatever_is_said_is_true(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum posture_id kind;
    } kinds[] = {{"rc4", POSTURE_RC4}, {"3des", POSTURE_3DES}, {"null", POSTURE_NULL}, {"des", POSTURE_DES},
                 {"anonymous", POSTURE_ANONYMOUS}};
    static const char *const versions[] = {"sslv3", "tls10", "tls11", "tls12", "tls13"};
    unsigned seed = 7;
    for (unsigned i = 0; i < 3000; i++) {
        struct model model = random_model(&seed);
        struct run result = run(i % 8 == 0 ? TLS_DEPTH_SUITES : TLS_DEPTH_POSTURE, &model);
        for (uint16_t version = 0; version < 5; version++)
            assert_truth(&result, versions[version], speaks(&model, (uint16_t)(0x0300 + version)));
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            if (!takes_kind(&model, 1u << kinds[k].kind))
                assert_truth(&result, kinds[k].name, false);
        tls_strategy_destroy(result.strategy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_first_hello_lacks_is_found),
        cmocka_unit_test(servers_of_the_old_days),
        cmocka_unit_test(sslv2_names_all_its_kinds),
        cmocka_unit_test(a_version_may_be_missing_between_others),
        cmocka_unit_test(tls13_alone_refuses_in_its_way),
        cmocka_unit_test(who_stops_answering_has_refused_nothing),
        cmocka_unit_test(the_order_of_suites_stays_below_the_cap),
        cmocka_unit_test(the_survey_ends_at_its_limit),
        cmocka_unit_test(a_fallback_implies_nothing),
        cmocka_unit_test(a_flight_that_breaks_off_accepts_nothing),
        cmocka_unit_test(the_usual_servers_cost_twelve),
        cmocka_unit_test(whatever_is_said_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
