/* Which hello told what: rows by question and version, and items only where something was told. */
#include "probes/base/memory.h"
#include "probes/tls/client_hello.h"
#include "probes/tls/posture.h"
#include "scanner/sweep/hello_log.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct rows {
    size_t count;
    char text[8][160];
};

static void take(void *context, const struct tls_posture_item *item)
{
    struct rows *rows = context;
    assert_true(rows->count < 8);
    snprintf(rows->text[rows->count++], sizeof rows->text[0], "%s %s %s", item->item, item->value, item->detail);
}

static void ask(struct hello_log *log, struct tls_strategy *strategy, const char *name, const struct tls_offer *offer, int64_t from_us)
{
    struct tls_hello_plan plan = {.name = name, .offer = offer};
    hello_log_begin(log, &plan, 1000 + from_us);
    hello_log_end(log, strategy, NULL, 1000 + from_us + 5);
}

static void a_question_is_a_row_however_often_it_is_asked(void **state)
{
    static const uint16_t tls12[] = {0x0303, 0}, both[] = {0x0304, 0x0303, 0};
    static const struct tls_offer old = {.version = 0x0301}, one = {.version = 0x0303, .versions = tls12},
                                  two = {.version = 0x0303, .versions = both}, sslv2 = {.version = 0x0002};
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_DEEP, "");
    struct hello_log *log = hello_log_create(1000);
    ask(log, strategy, "combined", &two, 10);
    ask(log, strategy, "suites", &one, 20);
    ask(log, strategy, "suites", &one, 30);
    ask(log, strategy, "suites", &old, 40);
    ask(log, strategy, "ask_sslv2", &sslv2, 50);
    struct rows rows = {0};
    const struct tls_posture_item *items;
    size_t count = tls_strategy_items_now(strategy, &items);
    hello_log_tell(log, items, count, NULL, 0, take, &rows);
    assert_int_equal(rows.count, 4);
    assert_string_equal(rows.text[0], "hello:01 1 combined - 10 15");
    assert_string_equal(rows.text[1], "hello:02 2 suites TLSv1.2 20 35");
    assert_string_equal(rows.text[2], "hello:03 1 suites TLSv1.0 40 45");
    assert_string_equal(rows.text[3], "hello:04 1 ask_sslv2 SSLv2 50 55");
    hello_log_destroy(log);
    tls_strategy_destroy(strategy);
}

/* A hello that outlives every table still has its row, the last one. */
static void too_many_questions_share_the_last_row(void **state)
{
    static const struct tls_offer old = {.version = 0x0301};
    (void)state;
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_DEEP, "");
    struct hello_log *log = hello_log_create(0);
    char name[16];
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "q%d", i);
        ask(log, strategy, name, &old, i);
    }
    hello_log_destroy(log);
    tls_strategy_destroy(strategy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_a_row_however_often_it_is_asked),
        cmocka_unit_test(too_many_questions_share_the_last_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
