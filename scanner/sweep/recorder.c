#include "scanner/sweep/recorder.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "inventory/bundle/observation_line.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_BYTES_MAX (8u << 20)
#define WAKE_COUNT      64 /* records that wake the thread; fewer wait for its next look */
#define LOOK_NS         20000000L
#define COMMIT_NS       250000000L
#define LINES_FLUSH     65536u
#define COMMIT_ROWS     900 /* before the bundle would at 1,000 */

enum record_kind {
    RECORD_OBSERVATION,
    RECORD_QUIET,
    RECORD_POSTURE,
    RECORD_BLOCK,
    RECORD_NAME
};

struct record { /* one allocation with all that its pointers point to */
    struct record *next;
    size_t size;
    enum record_kind kind;
    union {
        struct observation observation;
        struct posture_fact posture;
        struct block_result block;
        struct name_result name;
    };
};

struct recorder {
    struct bundle_writer *writer;
    struct recorder_lines lines;
    struct certificate_budget *budget; /* NULL: not counted */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t filled, drained;
    struct record *head, **tail;
    size_t queued_bytes;
    unsigned queued;  /* since the thread last took them */
    bool sleeping;    /* the thread waits on `filled` */
    unsigned waiting; /* loops that wait on `drained` */
    bool ending;
    atomic_bool failed;
    unsigned rows;         /* since the last commit */
    struct error err;      /* the thread's; read after its end */
    struct json_line line; /* one line */
    char *out;             /* lines to be written */
    size_t out_len, out_capacity;
};

/* --- what the loops call ------------------------------------------------------------------------------- */

static struct record *record_create(enum record_kind kind, size_t extra)
{
    struct record *record = xmalloc(sizeof *record + extra);
    record->next = NULL;
    record->size = sizeof *record + extra;
    record->kind = kind;
    return record;
}

static void push(struct recorder *recorder, struct record *record)
{
    pthread_mutex_lock(&recorder->mutex);
    while (recorder->queued_bytes > QUEUE_BYTES_MAX) { /* the thread is awake: it always handles a full queue */
        recorder->waiting++;
        pthread_cond_wait(&recorder->drained, &recorder->mutex);
        recorder->waiting--;
    }
    *recorder->tail = record;
    recorder->tail = &record->next;
    recorder->queued_bytes += record->size;
    bool wake = recorder->sleeping && ++recorder->queued >= WAKE_COUNT;
    if (wake)
        recorder->sleeping = false;
    pthread_mutex_unlock(&recorder->mutex);
    if (wake)
        pthread_cond_signal(&recorder->filled);
}

/* Copies bytes to *at, and moves it on. */
static void *place(uint8_t **at, const void *bytes, size_t len)
{
    void *placed = *at;
    if (len != 0)
        memcpy(placed, bytes, len);
    *at += len;
    return placed;
}

/* Most of an observation is room for texts that are short or empty. Copying only their used part spares the cache lines between
 * the loop's core and the recorder's. */
static void copy_observation(struct observation *to, const struct observation *from)
{
    const struct {
        size_t begin, end;
    } parts[] = {
        {0, offsetof(struct observation, endpoint.server_name) + strlen(from->endpoint.server_name) + 1},
        {offsetof(struct observation, peer), offsetof(struct observation, detail) + strlen(from->detail) + 1},
        {offsetof(struct observation, tls_version), sizeof *from},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        memcpy((uint8_t *)to + parts[i].begin, (const uint8_t *)from + parts[i].begin,
               parts[i].end - parts[i].begin);
}

static void push_observation(struct recorder *recorder, enum record_kind kind,
                             const struct observation *observation)
{
    size_t extra = observation->chain_count * sizeof(struct der) + observation->ocsp_staple_len;
    for (size_t i = 0; i < observation->chain_count; i++)
        extra += observation->chain[i].len;
    struct record *record = record_create(kind, extra);
    struct der *chain = (struct der *)(record + 1);
    uint8_t *at = (uint8_t *)(chain + observation->chain_count);
    copy_observation(&record->observation, observation);
    record->observation.chain = chain;
    for (size_t i = 0; i < observation->chain_count; i++) {
        chain[i].len = observation->chain[i].len;
        chain[i].bytes = place(&at, observation->chain[i].bytes, observation->chain[i].len);
    }
    if (observation->ocsp_staple != NULL)
        record->observation.ocsp_staple = place(&at, observation->ocsp_staple, observation->ocsp_staple_len);
    push(recorder, record);
}

void recorder_observation(struct recorder *recorder, const struct observation *observation)
{
    push_observation(recorder, RECORD_OBSERVATION, observation);
}

bool recorder_wants_quiet(const struct recorder *recorder)
{
    return recorder->lines.fd >= 0 && recorder->lines.all;
}

void recorder_quiet(struct recorder *recorder, const struct observation *observation)
{
    if (recorder_wants_quiet(recorder))
        push_observation(recorder, RECORD_QUIET, observation);
}

void recorder_posture(struct recorder *recorder, const struct posture_fact *fact)
{
    size_t item = strlen(fact->item) + 1, value = strlen(fact->value) + 1, detail = strlen(fact->detail) + 1;
    struct record *record = record_create(RECORD_POSTURE, item + value + detail);
    uint8_t *at = (uint8_t *)(record + 1);
    record->posture = *fact;
    record->posture.item = place(&at, fact->item, item);
    record->posture.value = place(&at, fact->value, value);
    record->posture.detail = place(&at, fact->detail, detail);
    push(recorder, record);
}

void recorder_block(struct recorder *recorder, const struct block_result *result)
{
    struct record *record = record_create(RECORD_BLOCK, result->count);
    uint8_t *at = (uint8_t *)(record + 1);
    record->block = *result;
    record->block.outcomes = place(&at, result->outcomes, result->count);
    push(recorder, record);
}

void recorder_name(struct recorder *recorder, const struct name_result *result)
{
    size_t name = strlen(result->name) + 1, detail = strlen(result->detail) + 1;
    struct record *record = record_create(RECORD_NAME, name + detail);
    uint8_t *at = (uint8_t *)(record + 1);
    record->name = *result;
    record->name.name = place(&at, result->name, name);
    record->name.detail = place(&at, result->detail, detail);
    push(recorder, record);
}

bool recorder_failed(const struct recorder *recorder)
{
    return atomic_load_explicit(&recorder->failed, memory_order_relaxed);
}

/* --- the thread ---------------------------------------------------------------------------------------- */

static bool flush_lines(struct recorder *recorder)
{
    for (size_t done = 0; done < recorder->out_len;) {
        ssize_t written = write(recorder->lines.fd, recorder->out + done, recorder->out_len - done);
        if (written >= 0) {
            done += (size_t)written;
        } else if (errno == EAGAIN) { /* standard output is a non-blocking pipe */
            struct pollfd ready = {.fd = recorder->lines.fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return error_set(&recorder->err, ERROR_IO, "the JSON lines cannot be written: %s",
                             strerror(errno));
        }
    }
    recorder->out_len = 0;
    return true;
}

static bool add_line(struct recorder *recorder, const struct observation *observation,
                     const uint8_t (*chain)[32], size_t chain_count)
{
    const struct bundle_head *head = bundle_head(recorder->writer);
    struct json_line *line = &recorder->line;
    observation_line_write(line, head->scan_id, head->site, observation, chain, chain_count);
    if (recorder->out_capacity - recorder->out_len < line->len) {
        recorder->out_capacity = recorder->out_len + line->len + LINES_FLUSH;
        recorder->out = xrealloc(recorder->out, recorder->out_capacity);
    }
    memcpy(recorder->out + recorder->out_len, line->text, line->len);
    recorder->out_len += line->len;
    return recorder->out_len < LINES_FLUSH || flush_lines(recorder);
}

static bool write_observation(struct recorder *recorder, const struct observation *observation)
{
    size_t count = 0;
    uint64_t before = bundle_added_der_bytes(recorder->writer);
    if (!bundle_add_observation(recorder->writer, observation, &recorder->err))
        return false;
    if (recorder->budget != NULL)
        certificate_budget_add(recorder->budget, &observation->endpoint.address,
                        (size_t)(bundle_added_der_bytes(recorder->writer) - before));
    if (recorder->lines.fd < 0)
        return true;
    const uint8_t(*chain)[32] = bundle_last_chain(recorder->writer, &count);
    return add_line(recorder, observation, chain, count);
}

/* JSON lines first: a block or name that is finished in the bundle is never asked again, so a kill between the two would lose its
 * lines for ever. For the same reason we commit before the bundle would by itself, at 1,000 rows. */
static bool commit(struct recorder *recorder)
{
    recorder->rows = 0;
    return flush_lines(recorder) && bundle_commit(recorder->writer, &recorder->err);
}

static bool write_row(struct recorder *recorder, const struct record *record)
{
    struct bundle_writer *writer = recorder->writer;
    switch (record->kind) {
    case RECORD_OBSERVATION: return write_observation(recorder, &record->observation);
    case RECORD_QUIET: return add_line(recorder, &record->observation, NULL, 0);
    case RECORD_POSTURE: return bundle_add_posture(writer, &record->posture, &recorder->err);
    case RECORD_BLOCK: return bundle_finish_block(writer, &record->block, &recorder->err);
    case RECORD_NAME: return bundle_finish_name(writer, &record->name, &recorder->err);
    }
    abort();
}

static bool write_record(struct recorder *recorder, const struct record *record)
{
    return write_row(recorder, record) && (++recorder->rows < COMMIT_ROWS || commit(recorder));
}

static struct timespec after(long ns)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += ns;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_nsec -= 1000000000L;
        at.tv_sec++;
    }
    return at;
}

/* Waits a little (less if much has come), then takes all records. A wake-up for each record would cost the loops more than the record. */
static struct record *take_all(struct recorder *recorder, bool *ending)
{
    struct timespec look_at = after(LOOK_NS);
    pthread_mutex_lock(&recorder->mutex);
    recorder->queued = 0;
    recorder->sleeping = !recorder->ending;
    while (recorder->sleeping)
        if (pthread_cond_timedwait(&recorder->filled, &recorder->mutex, &look_at) == ETIMEDOUT)
            recorder->sleeping = false;
    struct record *taken = recorder->head;
    recorder->head = NULL;
    recorder->tail = &recorder->head;
    *ending = recorder->ending && taken == NULL;
    pthread_mutex_unlock(&recorder->mutex);
    return taken;
}

/* Queue room is released as records are freed, so the limit bounds memory, not only what waits. */
static void release(struct recorder *recorder, size_t bytes)
{
    pthread_mutex_lock(&recorder->mutex);
    recorder->queued_bytes -= bytes;
    if (recorder->waiting != 0 && recorder->queued_bytes <= QUEUE_BYTES_MAX)
        pthread_cond_broadcast(&recorder->drained);
    pthread_mutex_unlock(&recorder->mutex);
}

static bool write_all(struct recorder *recorder, struct record *record, bool ok)
{
    size_t freed = 0;
    while (record != NULL) {
        struct record *next = record->next;
        ok = ok && write_record(recorder, record); /* after a failure further records are dropped */
        freed += record->size;
        if (freed > QUEUE_BYTES_MAX / 8 || next == NULL) {
            release(recorder, freed);
            freed = 0;
        }
        free(record);
        record = next;
    }
    return ok;
}

static bool is_past(const struct timespec *at)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

static void *record_until_end(void *context)
{
    struct recorder *recorder = context;
    struct timespec commit_at = after(COMMIT_NS);
    bool ok = true, ending = false;
    while (!ending) {
        ok = write_all(recorder, take_all(recorder, &ending), ok);
        if (ok && (ending || is_past(&commit_at))) {
            ok = commit(recorder);
            commit_at = after(COMMIT_NS);
        } else if (is_past(&commit_at)) {
            commit_at = after(COMMIT_NS);
        }
        if (!ok)
            atomic_store_explicit(&recorder->failed, true, memory_order_relaxed);
    }
    return NULL;
}

struct recorder *recorder_create(struct bundle_writer *writer, const struct recorder_lines *lines,
                                 struct certificate_budget *budget)
{
    struct recorder *recorder = xcalloc(1, sizeof *recorder);
    pthread_condattr_t monotonic;
    recorder->writer = writer;
    recorder->lines = *lines;
    recorder->budget = budget;
    recorder->tail = &recorder->head;
    json_line_init(&recorder->line);
    pthread_mutex_init(&recorder->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&recorder->filled, &monotonic);
    pthread_cond_init(&recorder->drained, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&recorder->thread, NULL, record_until_end, recorder) != 0)
        abort(); /* at the start of a process with a few threads: no memory at all */
    return recorder;
}

bool recorder_finish(struct recorder *recorder, struct error *err)
{
    pthread_mutex_lock(&recorder->mutex);
    recorder->ending = true;
    recorder->sleeping = false;
    pthread_mutex_unlock(&recorder->mutex);
    pthread_cond_signal(&recorder->filled);
    pthread_join(recorder->thread, NULL);
    bool ok = !recorder_failed(recorder);
    if (!ok && err != NULL)
        *err = recorder->err;
    pthread_cond_destroy(&recorder->filled);
    pthread_cond_destroy(&recorder->drained);
    pthread_mutex_destroy(&recorder->mutex);
    json_line_clear(&recorder->line);
    free(recorder->out);
    free(recorder);
    return ok;
}
