/* Spans and events out of answers: histories of one endpoint, loaded at once and a scan at a time. */
#include "inventory/load/answer_history.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

/* One scan a day: a letter is the chain shown, "-" an answer without one in a finished scan, "AB" two chains in one scan. */
static size_t story_answers(const char *const *days, size_t count, struct answer *answers)
{
    size_t made = 0;
    for (size_t day = 0; day < count; day++)
        for (const char *at = days[day]; *at != '\0'; at++) {
            int64_t chain = *at == '-' ? 0 : *at - 'A' + 1;
            answers[made] = (struct answer){.source = (int64_t)made + 1, .time_us = (int64_t)day * DAY + (at - days[day]),
                                            .unit = (int64_t)day + 1, .chain = chain, .leaf = chain, .absent = chain == 0,
                                            .finished = chain == 0};
            answers[made].last_us = answers[made].time_us;
            made++;
        }
    return made;
}

static void spans_print(const struct answer_history *history, char *text, size_t size)
{
    const struct answer_span *spans;
    const size_t *keys;
    size_t count = answer_history_spans(history, &spans, &keys), used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (spans[i].chain != 0) {
            char closed[24] = "";
            if (spans[i].closed_us != ANSWER_NO_TIME)
                snprintf(closed, sizeof closed, "%lld", (long long)(spans[i].closed_us / DAY));
            used += (size_t)snprintf(text + used, size - used, "%s%c:%lld-%s%s", used == 0 ? "" : " ", (char)('A' + spans[i].chain - 1),
                                     (long long)(spans[i].from_us / DAY), closed, spans[i].several ? "*" : "");
        }
}

static void events_print(const struct answer_event *events, size_t count, char *text, size_t size)
{
    size_t used = strlen(text);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s@%lld", used == 0 ? "" : " ", events[i].kind,
                                 (long long)(events[i].time_us / DAY));
}

static int word_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Words in an order of their own: what comes of a story at once is listed otherwise than what comes day by day. */
static void words_sort(char *text)
{
    char *copy = xstrdup(text), *words[64], *rest = copy;
    size_t count = 0;
    for (char *word; (word = strsep(&rest, " ")) != NULL && count < 64;)
        words[count++] = word;
    qsort(words, count, sizeof *words, word_compare);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(text, i == 0 ? "" : " ");
        strcat(text, words[i]);
    }
    free(copy);
}

static void tell_at_once(const char *const *days, size_t count, char spans[1000], char events[1000])
{
    struct answer answers[100];
    const struct answer_event *made;
    struct answer_history *history = answer_history_create();
    size_t answer_count = story_answers(days, count, answers);
    answer_history_begin(history, ANSWER_NO_TIME, ANSWER_NO_TIME);
    answer_history_key(history, 1, true, answers, answer_count);
    answer_history_end(history);
    events[0] = '\0';
    spans_print(history, spans, 1000);
    events_print(made, answer_history_events(history, &made), events, 1000);
    answer_history_destroy(history);
}

/* Final spans are written down and forgotten, as the database keeps them. */
static void tell_day_by_day(const char *const *days, size_t count, char spans[1000], char events[1000])
{
    struct answer all[100], known[100];
    size_t answer_count = story_answers(days, count, all), known_count = 0;
    int64_t first_us = ANSWER_NO_TIME, gone_us = ANSWER_NO_TIME;
    struct answer_history *history = answer_history_create();
    char past[1000] = "", now[1000] = "";
    events[0] = '\0';
    for (size_t from = 0, to; from < answer_count; from = to) {
        const struct answer_span *made;
        const struct answer_event *happened;
        const size_t *keys;
        for (to = from; to < answer_count && all[to].unit == all[from].unit; to++)
            known[known_count++] = all[to];
        answer_history_begin(history, first_us, gone_us);
        answer_history_key(history, 1, true, known, known_count);
        answer_history_end(history);
        size_t event_count = answer_history_events(history, &happened);
        events_print(happened, event_count, events, 1000);
        first_us = answer_history_first_certificate_us(history);
        gone_us = answer_history_gone_us(history);
        size_t span_count = answer_history_spans(history, &made, &keys);
        known_count = 0;
        for (size_t i = 0; i < span_count; i++) {
            if (!made[i].tracked && made[i].chain != 0)
                snprintf(past + strlen(past), sizeof past - strlen(past), "%s%c:%lld-%lld%s", past[0] == '\0' ? "" : " ",
                         (char)('A' + made[i].chain - 1), (long long)(made[i].from_us / DAY), (long long)(made[i].closed_us / DAY),
                         made[i].several ? "*" : "");
            else
                known[known_count++] = (struct answer){.is_span = true, .source = made[i].source, .unit = made[i].unit,
                    .chain = made[i].chain, .leaf = made[i].leaf, .from_us = made[i].from_us, .closed_us = made[i].closed_us,
                    .missed = made[i].missed, .several = made[i].several, .is_last = made[i].is_last, .absent = made[i].absent};
        }
        spans_print(history, now, sizeof now);
    }
    /* what is tracked at the end stands in now, with the last day's final ones: those are in past, too */
    spans[0] = '\0';
    snprintf(spans, 1000, "%s", past);
    for (size_t i = 0; i < known_count; i++)
        if (known[i].chain != 0) {
            char closed[24] = "";
            if (known[i].closed_us != ANSWER_NO_TIME)
                snprintf(closed, sizeof closed, "%lld", (long long)(known[i].closed_us / DAY));
            snprintf(spans + strlen(spans), 1000 - strlen(spans), "%s%c:%lld-%s%s", spans[0] == '\0' ? "" : " ",
                     (char)('A' + known[i].chain - 1), (long long)(known[i].from_us / DAY), closed, known[i].several ? "*" : "");
        }
    answer_history_destroy(history);
}

struct story {
    const char *days[12];
    const char *spans, *events;
};

static void stories_have_their_spans_and_events(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{"A", "A", "A"}, "A:0-", "new@0"},
        {{"A", "B"}, "A:0-1 B:1-", "changed@1 new@0"},
        {{"A", "B", "B", "B", "B"}, "A:0-1 B:1-", "changed@1 new@0"},
        /* back within three scans: side by side from then on, both open */
        {{"A", "B", "A", "B"}, "A:0-* B:1-*", "changed@1 new@0"},
        {{"AB", "A", "B"}, "A:0-* B:0-*", "new@0"},
        /* three scans do not show it */
        {{"BA", "A", "A", "A"}, "A:0-* B:0-3*", "new@0"},
        /* back to what it showed before: said when the other has gone */
        {{"A", "B", "A", "A", "A", "A"}, "A:0-* B:1-4*", "changed@1 changed@4 new@0"},
        {{"A", "B", "A", "B", "B", "B"}, "A:0-5* B:1-*", "changed@1 new@0"},
        /* back after three scans: a span of its own */
        {{"A", "B", "B", "B", "A"}, "A:0-1 A:4- B:1-4", "changed@1 changed@4 new@0"},
        {{"A", "-", "A"}, "A:0-", "gone@1 new@0 returned@2"},
        {{"A", "-", "-", "B"}, "A:0-3 B:3-", "changed@3 gone@1 new@0 returned@3"},
        {{"-", "-", "A"}, "A:2-", "new@2"},
    };
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        char spans[1000], events[1000];
        size_t count = 0;
        while (stories[i].days[count] != NULL)
            count++;
        tell_at_once(stories[i].days, count, spans, events);
        words_sort(spans);
        words_sort(events);
        assert_string_equal(spans, stories[i].spans);
        assert_string_equal(events, stories[i].events);
    }
}

static void a_scan_at_a_time_gives_the_same_as_all_at_once(void **state)
{
    (void)state;
    static const char *const shows[] = {"A", "B", "C", "AB", "BC", "-", "A", "A"};
    uint64_t seed = 7;
    for (int round = 0; round < 3000; round++) {
        const char *days[12];
        char once[2][1000], daily[2][1000];
        for (size_t day = 0; day < 12; day++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            days[day] = shows[seed >> 40 & 7];
        }
        tell_at_once(days, 12, once[0], once[1]);
        tell_day_by_day(days, 12, daily[0], daily[1]);
        for (int i = 0; i < 2; i++) {
            words_sort(once[i]);
            words_sort(daily[i]);
            assert_string_equal(once[i], daily[i]);
        }
    }
}

/* A key with absurdly many chains costs no more than its answers. */
static void hostile_keys_are_bounded(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct answer *answers = xcalloc(COUNT, sizeof *answers);
    const struct answer_span *spans;
    const size_t *keys;
    for (size_t i = 0; i < COUNT; i++)
        answers[i] = (struct answer){.source = (int64_t)i + 1, .time_us = (int64_t)(i % 977), .last_us = (int64_t)(i % 977),
                                     .unit = (int64_t)(i / 50000), .chain = (int64_t)i + 1, .leaf = (int64_t)i + 1};
    struct answer_history *history = answer_history_create();
    answer_history_begin(history, ANSWER_NO_TIME, ANSWER_NO_TIME);
    answer_history_key(history, 1, true, answers, COUNT);
    answer_history_end(history);
    assert_true(answer_history_spans(history, &spans, &keys) <= 2 * ANSWER_MEMBERS_MAX);
    answer_history_destroy(history);
    free(answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_have_their_spans_and_events),
        cmocka_unit_test(a_scan_at_a_time_gives_the_same_as_all_at_once),
        cmocka_unit_test(hostile_keys_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
