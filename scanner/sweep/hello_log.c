#include "scanner/sweep/hello_log.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"
#include "probes/tls/client_hello.h"
#include "probes/tls/posture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELLOS_MAX 99           /* rows; there are some 50 questions */
#define ITEMS_MAX  1024

struct hello_row {
    char name[40];              /* of the plan, and the version */
    unsigned connections;
    int64_t from_us, to_us;
};

struct answer {                 /* what an item said last, and the row that said it; 0: none */
    uint32_t hash;
    uint8_t row;
};

struct hello_log {
    int64_t began_us;
    size_t count;
    struct hello_row rows[HELLOS_MAX];
    struct answer posture[ITEMS_MAX], survey[ITEMS_MAX];
    size_t suites_seen;
};

struct hello_log *hello_log_create(int64_t began_us)
{
    struct hello_log *log = xcalloc(1, sizeof *log);
    log->began_us = began_us;
    return log;
}

void hello_log_destroy(struct hello_log *log)
{
    free(log);
}

/* The one version that is offered; NULL: several. */
static const char *version_of(const struct tls_offer *offer)
{
    if (offer->versions == NULL)
        return offer->version == 0x0002 ? "SSLv2" : tls_version_name(offer->version);
    return offer->versions[0] != 0 && offer->versions[1] == 0 ? tls_version_name(offer->versions[0]) : NULL;
}

void hello_log_begin(struct hello_log *log, const struct tls_hello_plan *plan, int64_t now_us)
{
    char name[sizeof log->rows[0].name];
    const char *version = plan->offer == NULL ? NULL : version_of(plan->offer);
    snprintf(name, sizeof name, "%s %s", plan->name, version == NULL ? "-" : version);
    bool is_same = log->count != 0 && strcmp(log->rows[log->count - 1].name, name) == 0;
    if (!is_same && log->count == HELLOS_MAX)
        is_same = true;         /* a strategy gone wild: the last row takes the rest */
    if (!is_same) {
        memcpy(log->rows[log->count].name, name, sizeof name);
        log->rows[log->count++].from_us = now_us;
    }
    log->rows[log->count - 1].connections++;
}

/* FNV-1a */
static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return (hash ^ 0xffu) * 16777619u;
}

static void look(struct hello_log *log, struct answer *answers, const struct tls_posture_item *items, size_t count, bool is_first)
{
    for (size_t i = 0; i < count && i < ITEMS_MAX; i++) {
        uint32_t hash = hash_text(hash_text(2166136261u, items[i].value), items[i].detail);
        if (hash != answers[i].hash && !(is_first && answers[i].hash == 0 && strcmp(items[i].value, "untested") == 0))
            answers[i].row = (uint8_t)log->count;
        answers[i].hash = hash;
    }
}

void hello_log_end(struct hello_log *log, const struct tls_strategy *strategy, const struct server_survey *survey, int64_t now_us)
{
    const struct tls_posture_item *items;
    if (log->count == 0)
        return;
    log->rows[log->count - 1].to_us = now_us;
    size_t count = tls_strategy_items_now(strategy, &items);
    look(log, log->posture, items, count, true);
    /* Behind them the final list has the preference, the number of suites, TLS 1.3's preference, and each suite. */
    size_t suites = tls_strategy_suites_now(strategy);
    for (size_t i = log->suites_seen; i < suites && count + 3 + i < ITEMS_MAX; i++)
        log->posture[count + 3 + i].row = (uint8_t)log->count;
    const char *name = log->rows[log->count - 1].name;
    if (strncmp(name, "suites ", 7) == 0)
        log->posture[strcmp(name, "suites TLSv1.3") == 0 ? count + 2 : count].row = log->posture[count + 1].row = (uint8_t)log->count;
    log->suites_seen = suites;
    if (survey != NULL) {
        count = server_survey_items_now(survey, &items);
        look(log, log->survey, items, count, false);
    }
}

static void add_items(struct byte_buffer *text, size_t row, const struct answer *answers, const struct tls_posture_item *items, size_t count)
{
    for (size_t i = 0; i < count && i < ITEMS_MAX; i++)
        if (answers[i].row == row) {
            byte_buffer_append(text, " ", 1);
            byte_buffer_append(text, items[i].item, strlen(items[i].item));
        }
}

void hello_log_tell(const struct hello_log *log, const struct tls_posture_item *posture, size_t posture_count,
                    const struct tls_posture_item *survey, size_t survey_count,
                    void (*tell)(void *context, const struct tls_posture_item *item), void *context)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct hello_row *row = &log->rows[i];
        char item[32], value[12], head[sizeof row->name + 48];
        struct byte_buffer text;
        byte_buffer_init(&text, 0);
        snprintf(item, sizeof item, "hello:%02zu", i + 1);
        snprintf(value, sizeof value, "%u", row->connections);
        int len = snprintf(head, sizeof head, "%s %lld %lld", row->name, (long long)(row->from_us - log->began_us),
                           (long long)(row->to_us - log->began_us));
        byte_buffer_append(&text, head, (size_t)len);
        add_items(&text, i + 1, log->posture, posture, posture_count);
        add_items(&text, i + 1, log->survey, survey, survey_count);
        byte_buffer_append(&text, "", 1);
        tell(context, &(struct tls_posture_item){.item = item, .value = value, .detail = (const char *)text.bytes});
        byte_buffer_clear(&text);
    }
}
