/* Several servers behind one address: the test's answers contradict each other, and it says so. Each connection goes to libssl's
 * server in memory, or by a pattern to another one, or gets an alert. */
#include "probes/survey/server_survey.h"
#include "tests/cmocka_all.h"
#include "tests/probes/tls/capture_driver.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

static const struct tls_facts alert = {.alert = 40, .cipher_suite = -1, .group = -1, .scheme = -1};

struct pool {
    struct memory_server *usual, *other;        /* other NULL: an alert */
    unsigned every;                             /* each so many-th connection goes there; 0: by chance */
    unsigned percent, seed;
    bool is_by_name;                            /* hellos under another name or none go there */
    unsigned connections;
    struct tls_capture *capture;
};

/* The same for the same connection of the same seed. */
static unsigned draw(unsigned seed, unsigned number)
{
    uint32_t mixed = seed * 2654435761u + number * 40503u;
    for (int i = 0; i < 3; i++) {
        mixed ^= mixed >> 16;
        mixed *= 0x45d9f3bu;
    }
    return (mixed ^ mixed >> 16) % 100;
}

static bool goes_elsewhere(const struct pool *pool)
{
    return pool->every != 0 ? pool->connections % pool->every == 0 : draw(pool->seed, pool->connections) < pool->percent;
}

static enum outcome connect_to(struct pool *pool, const struct tls_hello_plan *plan, const struct tls_facts **facts)
{
    pool->connections++;
    bool is_named = plan->send_server_name && plan->server_name == NULL && !plan->offer->sslv2_format;
    bool is_other = pool->is_by_name ? !is_named : goes_elsewhere(pool);
    struct memory_server *server = is_other ? pool->other : pool->usual;
    *facts = &alert;
    if (server == NULL)
        return OUTCOME_TLS_ALERT;
    memory_server_restart(server);
    enum tls_capture_result result = capture_drive(pool->capture, plan->offer, server, 0);
    *facts = tls_capture_facts(pool->capture);
    return capture_outcome(result, *facts);
}

struct told {
    char several[24], detail[DETAIL_SIZE];
    bool is_old, tls13, cbc_only, knows_suites;
    unsigned again;                 /* connections beside accepted suites */
};

static void ask(struct pool *pool, struct told *told)
{
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_DEEP, "leaf.example");
    struct tls_hello_plan plan;
    const struct tls_facts *facts;
    const struct tls_posture_item *items;
    memset(told, 0, sizeof *told);
    pool->connections = 0;
    pool->capture = tls_capture_create(NULL);
    while (tls_strategy_next(strategy, &plan)) {
        enum outcome outcome = connect_to(pool, &plan, &facts);
        tls_strategy_note(strategy, &plan, outcome, facts);
    }
    struct server_survey *survey = server_survey_create(strategy, "leaf.example", true);
    while (survey != NULL && server_survey_next(survey, &plan)) {
        enum outcome outcome = connect_to(pool, &plan, &facts);
        server_survey_note(survey, &plan, outcome, facts, 0);
    }
    size_t count = survey == NULL ? 0 : server_survey_items(survey, &items);
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].item, "several") == 0) {
            snprintf(told->several, sizeof told->several, "%s", items[i].value);
            snprintf(told->detail, sizeof told->detail, "%s", items[i].detail);
        }
    told->is_old = strcmp(tls_strategy_item(strategy, "tls10"), "accepted") == 0 || strcmp(tls_strategy_item(strategy, "tls11"), "accepted") == 0;
    told->tls13 = strcmp(tls_strategy_item(strategy, "tls13"), "accepted") == 0;
    told->cbc_only = strcmp(tls_strategy_item(strategy, "cbc_only"), "accepted") == 0;
    told->knows_suites = tls_strategy_knows_suites(strategy);
    told->again = pool->connections - (unsigned)tls_strategy_suites_now(strategy);
    server_survey_destroy(survey);
    tls_strategy_destroy(strategy);
    tls_capture_destroy(pool->capture);
}

/* A letter is firm only where the answers agree and the list of suites is whole. */
static bool is_told(const struct told *told)
{
    return strcmp(told->several, "refused") != 0 || !told->knows_suites;
}

static struct memory_server *modern(void)
{
    return memory_server_create(&(struct memory_server_options){.key = "rsa:2048", .min_version = TLS1_2_VERSION, .ciphers = "DEFAULT"});
}

static const struct memory_server_options weak = {.key = "rsa:1024", .max_version = TLS1_VERSION, .ciphers = "AES128-SHA:@SECLEVEL=0"};
static const struct memory_server_options other_chain = {.key = "rsa:2048", .padding = 100, .min_version = TLS1_2_VERSION, .ciphers = "DEFAULT"};
static const struct memory_server_options no_tls13 = {.key = "rsa:2048", .min_version = TLS1_2_VERSION, .max_version = TLS1_2_VERSION, .ciphers = "DEFAULT"};
static const struct memory_server_options with_old = {.key = "rsa:2048", .ciphers = "DEFAULT:@SECLEVEL=0"};

/* One server's answers agree, and its letter is firm. */
static void one_server_does_not_contradict_itself(void **state)
{
    (void)state;
    static const struct memory_server_options servers[] = {
        {.key = "rsa:2048"}, {.key = "ec:P-256"}, {.key = "rsa:2048", .second_key = "ec:P-256"}, {.key = "ed25519"},
        {.key = "rsa:2048", .server_preference = true}, {.key = "rsa:2048", .ciphers = "ALL:@SECLEVEL=0"},
        {.key = "rsa:2048", .max_version = TLS1_2_VERSION, .ciphers = "AES128-SHA"}, {.key = "ec:P-384", .min_version = TLS1_3_VERSION},
        {.key = "rsa:1024", .max_version = TLS1_VERSION, .ciphers = "AES128-SHA:@SECLEVEL=0"}, {.key = "rsa-pss:2048"},
    };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct told told;
        struct pool pool = {.usual = memory_server_create(&servers[i]), .every = 1000};
        ask(&pool, &told);
        assert_string_equal(told.several, "refused");
        assert_in_range(told.again, 20, 71);
        memory_server_destroy(pool.usual);
    }
}

/* Without its name another server answers, with versions, suites and a certificate of its own: they are not this one's. */
static void servers_of_other_names_are_no_contradiction(void **state)
{
    (void)state;
    static const struct memory_server_options others[] = {
        {.key = "rsa:1024", .max_version = TLS1_VERSION, .ciphers = "AES128-SHA:@SECLEVEL=0"}, {.key = "ec:P-256", .max_version = TLS1_2_VERSION},
        {.key = "rsa:2048", .padding = 100, .min_version = TLS1_2_VERSION, .max_version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-CAMELLIA256-SHA384"},
        {.key = "rsa:2048", .padding = 100, .ciphers = "ALL:@SECLEVEL=0"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct told told;
        struct pool pool = {.usual = memory_server_create(&(struct memory_server_options){.key = "rsa:2048", .min_version = i % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION,
                                                                                          .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"}),
                            .other = memory_server_create(&others[i]),
                            .is_by_name = true};
        ask(&pool, &told);
        assert_string_equal(told.several, "refused");
        assert_true(told.tls13 && !told.is_old && told.knows_suites);
        assert_in_range(told.again, 20, 71);
        memory_server_destroy(pool.usual);
        memory_server_destroy(pool.other);
    }
}

/* Every second, third, fifth or tenth connection comes to another server, or gets an alert. */
static void servers_that_take_turns_are_told(void **state)
{
    (void)state;
    static const struct {
        const struct memory_server_options *other;      /* NULL: an alert */
        unsigned most;                                  /* of every */
    } kinds[] = {{&weak, 10}, {NULL, 10}, {&other_chain, 5}, {&no_tls13, 5}, {&with_old, 3}};
    static const unsigned every[] = {2, 3, 5, 10};
    for (size_t kind = 0; kind < 5; kind++) {
        struct pool pool = {.usual = modern(), .other = kinds[kind].other == NULL ? NULL : memory_server_create(kinds[kind].other)};
        for (size_t i = 0; i < 4 && every[i] <= kinds[kind].most; i++) {
            struct told told;
            pool.every = every[i];
            ask(&pool, &told);
            if (!is_told(&told))
                print_error("kind %zu, every %u: %s\n", kind, every[i], told.several);
            assert_true(is_told(&told) || (kinds[kind].other == &with_old && told.is_old));
            assert_true(kinds[kind].other != NULL || (told.tls13 && !told.cbc_only));
        }
        memory_server_destroy(pool.usual);
        memory_server_destroy(pool.other);
    }
}

/* By chance: how often of SEEDS it is told. What is drawn, and so the numbers, are always the same; less than now would be a loss. */
#define SEEDS 20

static unsigned told_of(const struct memory_server_options *other, unsigned percent)
{
    unsigned count = 0;
    struct pool pool = {.usual = modern(), .other = other == NULL ? NULL : memory_server_create(other), .percent = percent};
    for (pool.seed = 1; pool.seed <= SEEDS; pool.seed++) {
        struct told told;
        ask(&pool, &told);
        count += is_told(&told) || (other == &with_old && told.is_old);
    }
    memory_server_destroy(pool.usual);
    memory_server_destroy(pool.other);
    return count;
}

static void servers_by_chance_are_told_mostly(void **state)
{
    (void)state;
    static const struct {
        const struct memory_server_options *other;
        const char *name;
        unsigned least[3];          /* of SEEDS, at 10, 20 and 30 percent */
    } kinds[] = {
        {&weak, "weak", {20, 20, 20}},
        {NULL, "alert", {20, 20, 20}},
        {&other_chain, "another chain", {18, 20, 20}},
        {&no_tls13, "no TLS 1.3", {8, 14, 16}},
        {&with_old, "TLS 1.0 beside", {8, 10, 15}},
    };
    for (size_t kind = 0; kind < 5; kind++)
        for (unsigned i = 0; i < 3; i++) {
            unsigned count = told_of(kinds[kind].other, 10 + 10 * i);
            print_message("%s, %u %%: told in %u of %d\n", kinds[kind].name, 10 + 10 * i, count, SEEDS);
            assert_in_range(count, kinds[kind].least[i], SEEDS);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_does_not_contradict_itself),
        cmocka_unit_test(servers_of_other_names_are_no_contradiction),
        cmocka_unit_test(servers_that_take_turns_are_told),
        cmocka_unit_test(servers_by_chance_are_told_mostly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
