#include "scanner/run/listen_worker.h"

#include "inventory/bundle/bundle.h"
#include "inventory/bundle/bundle_files.h"
#include "probes/base/clock.h"
#include "probes/base/libarchive.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/process/confine.h"
#include "scanner/passive/capture/capture_file.h"
#include "scanner/passive/capture/capture_live.h"
#include "scanner/passive/follow_ups.h"
#include "scanner/passive/handshake/key_log.h"
#include "scanner/passive/listener.h"
#include "scanner/passive/sightings.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define REPORT_US       250000
#define FLUSH_US        60000000LL      /* live: how often counts of repeated sightings are written */
#define PACKETS_A_LOOK  4096            /* between looks at the clock and at signals */

struct listen_worker {
    const char *bundle, *source, *filter;
    pid_t keeper;
    int snap_len, ring_mib;
    bool has_lines, has_keys, has_follow_ups;
    struct bundle_writer *writer;
    struct capture_file *file;
    struct capture_live *live;
    struct listener *listener;
    struct sightings *sightings;
    struct follow_ups *follow_ups;
    struct key_log *keys;
    struct listen_report report;
    struct listen_slice slice;
    int signal_fd;
    int64_t next_look_us, next_flush_us;
    bool stopping;
};

bool listen_slice_has(const struct listen_slice *slice, const struct handshake *handshake)
{
    bool began_before = handshake->flow_started_us < slice->from_us || !handshake->flow_start_seen;
    if (slice->from_us != 0 && began_before && handshake->time_us < slice->from_us + slice->drain_us)
        return false;               /* the worker before this one has it */
    if (slice->until_us == INT64_MAX)
        return true;
    return handshake->flow_started_us < slice->until_us && handshake->time_us < slice->until_us + slice->drain_us;
}

static void on_handshake(void *context, const struct handshake *handshake)
{
    struct listen_worker *worker = context;
    char line[512];
    if (!listen_slice_has(&worker->slice, handshake))
        return;
    sightings_add(worker->sightings, handshake);
    if (worker->follow_ups == NULL || !follow_ups_add(worker->follow_ups, handshake, line))
        return;
    worker->report.follow_ups++;
    if (write(LISTEN_FOLLOW_UP_FD, line, strlen(line)) < 0)
        worker->follow_ups = (follow_ups_destroy(worker->follow_ups), NULL);
}

static void on_secrets(void *context, const char *text, size_t len)
{
    struct listen_worker *worker = context;
    key_log_add(worker->keys, text, len);
}

/* --- what needs privilege or a path --------------------------------------------------------------------- */

static bool open_source(struct listen_worker *worker, struct error *err)
{
    if (worker->ring_mib == 0) {
        libarchive_load();              /* a file is read confined, from its first byte: it may be compressed */
        return true;
    }
    struct capture_live_options options = {.interface = worker->source,
                                           .filter = worker->filter,
                                           .snap_len = worker->snap_len,
                                           .ring_mib = worker->ring_mib,
                                           .promiscuous = strcmp(worker->source, "any") != 0};
    worker->live = capture_live_open(&options, err);
    return worker->live != NULL;
}

/* --- as the worker's user -------------------------------------------------------------------------------- */

static bool read_keys(struct listen_worker *worker, struct error *err)
{
    worker->keys = key_log_create();
    return !worker->has_keys || key_log_add_fd(worker->keys, LISTEN_KEYS_FD, "the key log", err);
}

/* The first write makes the -wal and -shm files, which may not be made later. */
static bool open_bundle(struct listen_worker *worker, struct error *err)
{
    static const int files[BUNDLE_FILE_COUNT] = {WORKER_BUNDLE_FD, WORKER_BUNDLE_FD + 1, WORKER_BUNDLE_FD + 2};
    bundle_files_lend(worker->bundle, files);
    worker->writer = bundle_reopen(worker->bundle, err);
    return worker->writer != NULL &&
           bundle_add_counter(worker->writer, "worker_started", (uint64_t)clock_utc_us(), err) &&
           bundle_commit(worker->writer, err);
}

/* --- the run ------------------------------------------------------------------------------------------- */

static void report(struct listen_worker *worker, bool is_last)
{
    struct listen_report *report = &worker->report;
    const struct sightings_counts *seen = sightings_counts(worker->sightings);
    const struct layer_counts *layers = listener_layer_counts(worker->listener);
    const struct conversation_counts *conversations = listener_conversation_counts(worker->listener);
    const struct flow_counts *flows = listener_flow_counts(worker->listener);
    report->handshakes = seen->handshakes;
    report->chains = seen->chains;
    report->hidden = seen->hidden;
    report->incomplete = seen->incomplete;
    report->resumed = seen->resumed;
    report->rows = seen->rows;
    report->cut = layers->cut;
    report->unknown = layers->unknown;
    report->unknown_kind_count = (uint32_t)layers->unknown_kind_count;
    memcpy(report->unknown_kinds, layers->unknown_kinds, sizeof report->unknown_kinds);
    report->too_deep = layers->too_deep;
    report->fragments = layers->fragments;
    report->gaps = conversations->gaps;
    report->gap_bytes = conversations->gap_bytes;
    report->overlaps = conversations->overlaps;
    report->over_limit = conversations->over_limit;
    report->flows = flows->flows;
    report->evicted = flows->evicted;
    report->evicted_silent = flows->evicted_silent;
    report->conversations_dropped = flows->conversations_dropped;
    if (worker->live != NULL) {
        struct capture_live_counts counts;
        capture_live_counts(worker->live, &counts);
        report->received = counts.received;
        report->dropped = counts.dropped;
        report->dropped_by_interface = counts.dropped_by_interface;
    }
    report->is_last = is_last;
    if (write(WORKER_REPORT_FD, report, sizeof *report) < 0 && errno == EPIPE)
        worker->stopping = true;        /* the keeper is gone */
}

/* Signals, report, what is due to be on disk. */
static bool look(struct listen_worker *worker, struct error *err)
{
    int64_t now_us = clock_monotonic_us();
    struct signalfd_siginfo info;
    if (now_us < worker->next_look_us)
        return true;
    worker->next_look_us = now_us + REPORT_US;
    while (read(worker->signal_fd, &info, sizeof info) > 0)
        worker->stopping |= info.ssi_signo == SIGTERM;
    report(worker, false);
    if (worker->live != NULL && now_us >= worker->next_flush_us) {
        worker->next_flush_us = now_us + FLUSH_US;
        if (!sightings_flush(worker->sightings, err))
            return false;
    }
    return bundle_commit(worker->writer, err);
}

static void on_packet(void *context, const struct packet *packet)
{
    struct listen_worker *worker = context;
    worker->report.packets++;
    worker->report.bytes += packet->len;
    listener_packet(worker->listener, packet);
}

static bool read_file(struct listen_worker *worker, struct error *err)
{
    struct packet packet;
    uint64_t next = PACKETS_A_LOOK;
    worker->file = capture_file_open(LISTEN_FILE_FD, worker->source, err);
    if (worker->file == NULL)
        return false;
    capture_file_on_secrets(worker->file, on_secrets, worker);
    while (!worker->stopping && capture_file_next(worker->file, &packet)) {
        on_packet(worker, &packet);
        if (worker->report.packets >= next) {
            next += PACKETS_A_LOOK;
            if (!look(worker, err))
                return false;
        }
    }
    const char *note = capture_file_note(worker->file);
    if (note != NULL) {
        log_warning("%s: %s; what comes before it was read", worker->source, note);
        worker->report.input_damaged = 1;
    }
    return true;
}

static bool read_live(struct listen_worker *worker, struct error *err)
{
    worker->next_flush_us = clock_monotonic_us() + FLUSH_US;
    struct error gone = {0};
    while (!worker->stopping) {
        if (!capture_live_read(worker->live, on_packet, worker, &gone)) {
            log_warning("%s: %s; what was heard before is kept", worker->source, gone.text);
            worker->report.interface_gone = 1;
            return true;
        }
        if (!look(worker, err))
            return false;
    }
    return true;
}

static bool add_counters(struct listen_worker *worker, struct error *err)
{
    const struct listen_report *r = &worker->report;
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"packets", r->packets},         {"bytes", r->bytes},
        {"handshakes", r->handshakes},   {"chains", r->chains},
        {"hidden", r->hidden},           {"incomplete", r->incomplete},
        {"packets_cut", r->cut},         {"packets_unknown", r->unknown},
        {"too_deep", r->too_deep},       {"fragments", r->fragments},
        {"gaps", r->gaps},               {"gap_bytes", r->gap_bytes},
        {"overlap_conflicts", r->overlaps}, {"flows_over_limit", r->over_limit},
        {"flows", r->flows},             {"flows_evicted", r->evicted},
        {"silent_flows_evicted", r->evicted_silent}, {"conversations_dropped", r->conversations_dropped},
        {"received", r->received},       {"dropped", r->dropped},
        {"dropped_by_interface", r->dropped_by_interface}, {"input_damaged", r->input_damaged},
    };
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        if (!bundle_add_counter(worker->writer, counters[i].name, counters[i].value, err))
            return false;
    for (uint32_t i = 0; i < r->unknown_kind_count; i++) {
        char name[LAYER_UNKNOWN_TEXT_MAX];
        layer_unknown_format(&r->unknown_kinds[i], name);
        if (!bundle_add_counter(worker->writer, name, r->unknown_kinds[i].packets, err))
            return false;
    }
    return true;
}

static bool listen_to(struct listen_worker *worker, struct error *err)
{
    const struct bundle_head *head = bundle_head(worker->writer);
    struct sightings_options sightings = {.writer = worker->writer,
                                          .first_at_once = worker->live != NULL,
                                          .lines_fd = worker->has_lines ? WORKER_LINES_FD : -1,
                                          .scan_id = head->scan_id,
                                          .site = head->site};
    worker->sightings = sightings_create(&sightings);
    if (worker->has_follow_ups)
        worker->follow_ups = follow_ups_create(FOLLOW_UP_TTL_US, head->scan_id);
    struct listener_options options = {.on_handshake = on_handshake, .context = worker,
                                       .want_ja3 = worker->has_lines, .keys = worker->keys};
    worker->listener = listener_create(&options);
    bool ok = worker->live != NULL ? read_live(worker, err) : read_file(worker, err);
    listener_end(worker->listener);
    ok = sightings_flush(worker->sightings, ok ? err : NULL) && ok;
    report(worker, false);
    ok = ok && add_counters(worker, err) && bundle_commit(worker->writer, err);
    report(worker, ok);
    return ok;
}

static void clear(struct listen_worker *worker)
{
    listener_destroy(worker->listener);
    sightings_destroy(worker->sightings);
    follow_ups_destroy(worker->follow_ups);
    capture_file_close(worker->file);
    capture_live_close(worker->live);
    key_log_destroy(worker->keys);
    bundle_close(worker->writer);
}

int listen_worker_main(int argc, char *const *argv)
{
    struct error err = {0};
    if (argc != 9)
        return 2;
    struct listen_worker worker = {.bundle = argv[1],
                                   .keeper = (pid_t)atoi(argv[2]),
                                   .source = argv[3],
                                   .filter = argv[4],
                                   .snap_len = atoi(argv[5]),
                                   .ring_mib = atoi(argv[6]),
                                   .has_lines = strchr(argv[7], 'l') != NULL,
                                   .has_keys = strchr(argv[7], 'k') != NULL,
                                   .has_follow_ups = strchr(argv[7], 'f') != NULL};
    long long from = 0, until = INT64_MAX, drain = 0;
    if (sscanf(argv[8], "%lld:%lld:%lld", &from, &until, &drain) != 3)
        return 2;
    worker.slice = (struct listen_slice){from, until, drain};
    char statistics[64];
    const char *const readable[] = {statistics, NULL};
    const struct confinement confinement = {.sockets = CONFINE_NO_SOCKETS, .keeper = worker.keeper,
                                            .readable = worker.ring_mib == 0 ? NULL : readable};
    snprintf(statistics, sizeof statistics, "/sys/class/net/%.32s/statistics", worker.source);    /* what the card dropped */
    prctl(PR_SET_NAME, "certsweep-worke");      /* 15 characters; "exe" otherwise */
    bundle_one_thread();
    worker.signal_fd = confine_signals();
    bool ok = open_source(&worker, &err) && confine_become(worker.keeper, &err) && read_keys(&worker, &err) && open_bundle(&worker, &err) &&
              confine_enter(&confinement, &err) && listen_to(&worker, &err);
    if (!ok)
        log_error("%s", err.text);
    int code = !ok ? error_exit_code(&err) : worker.report.input_damaged ? 5 : 0;
    clear(&worker);
    return code;
}
