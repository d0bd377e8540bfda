#include "scanner/run/worker.h"

#include "inventory/bundle/bundle_files.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "probes/tls/posture.h"
#include "probes/secrets.h"
#include "scanner/process/confine.h"
#include "scanner/sweep/resolver.h"
#include "scanner/sweep/scan_loop.h"
#include "scanner/targets/scope.h"
#include "scanner/sweep/syn_ahead.h"
#include "scanner/process/worker_process.h"
#include "scanner/process/worker_report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define REPORT_MS       250
#define LOOPS_MAX       64
#define SPARE_PER_LOOP  12 /* descriptors: epoll, eventfd, sockets to resolvers */
#define SPARE           8
#define CONNECTIONS_MAX 20000 /* unless the user or the descriptors allow less */
#define CONNECTIONS_UNPACED                                                                                  \
    2000 /* with --rate max: on loopback SYNs beyond a listener's backlog (4,096) are lost */

struct worker_args {
    const char *bundle;
    pid_t keeper;
    const char *syn;        /* packets per second (0: the default), or "none" */
    struct recorder_lines lines;
};

struct worker {
    struct scan scan;
    struct scan_settings settings;
    struct bundle_writer *writer;
    struct target_space *space;
    struct name_list *names;
    struct syn_ahead *syn; /* NULL: connections only */
    struct scan_loop *loops[LOOPS_MAX];
    unsigned loop_count, slots; /* connections at once */
    int report_fd, signal_fd;
    bool stopping;
};

/* --- before the drop ----------------------------------------------------------------------------------- */

static bool open_syn(struct worker *worker, const struct worker_args *args, struct error *err)
{
    bool is_used = strcmp(args->syn, "none") != 0;
    return !is_used || (worker->syn = syn_ahead_open((unsigned)strtoul(args->syn, NULL, 10), err)) != NULL;
}

/* --- as the worker's user -------------------------------------------------------------------------------- */

/* The first write makes the -wal and -shm files, which may not be made later. */
static bool open_bundle(struct worker *worker, const char *path, struct error *err)
{
    static const int files[BUNDLE_FILE_COUNT] = {WORKER_BUNDLE_FD, WORKER_BUNDLE_FD + 1, WORKER_BUNDLE_FD + 2};
    bundle_files_lend(path, files);
    worker->writer = bundle_reopen(path, err);
    return worker->writer != NULL &&
           bundle_add_counter(worker->writer, "worker_started", (uint64_t)clock_utc_us(), err) &&
           bundle_commit(worker->writer, err);
}

static unsigned count_open_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 32;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static unsigned choose_loops(const struct scan_settings *settings)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned loops = settings->loops != 0 ? settings->loops : cores < 1 ? 1 : (unsigned)cores;
    return loops > LOOPS_MAX ? LOOPS_MAX : loops;
}

/* Connections at once: as many as the user wants and descriptors allow. */
static unsigned choose_slots(const struct scan_settings *settings, unsigned loops)
{
    unsigned long limit = confine_raise_descriptors();
    unsigned long taken = count_open_descriptors() + SPARE + SPARE_PER_LOOP * loops;
    unsigned long room = limit > taken + loops ? limit - taken : loops;
    bool unpaced = settings->rate != NULL && strcmp(settings->rate, "max") == 0;
    unsigned long most = unpaced ? CONNECTIONS_UNPACED : CONNECTIONS_MAX;
    unsigned long wanted = settings->connections != 0 ? settings->connections : most;
    if (wanted > room && settings->connections != 0)
        log_warning("%lu connections at once were asked for, %lu descriptors are left (ulimit -n %lu)",
                    wanted, room, limit);
    unsigned long chosen = wanted < room ? wanted : room;
    return chosen < loops ? loops : (unsigned)chosen;
}

static void lend(const char *path, int fd)
{
    if (path != NULL && fcntl(fd, F_GETFD) >= 0)
        user_file_lend(path, fd);
}

static bool read_secrets(struct worker *worker, struct error *err)
{
    const struct scan_settings *settings = &worker->settings;
    struct scan *scan = &worker->scan;
    lend(openvpn_key_path(settings->openvpn_key), SCAN_OPENVPN_KEY_FD);
    lend(settings->via_login, SCAN_VIA_LOGIN_FD);
    return (settings->openvpn_key == NULL || (scan->openvpn_key = openvpn_key_read(settings->openvpn_key, err)) != NULL) &&
           (settings->via_login == NULL || via_login_read(settings->via_login, &scan->via, err));
}

static bool read_plan(struct worker *worker, struct error *err)
{
    const struct bundle_head *head = bundle_head(worker->writer);
    scan_settings_init(&worker->settings);
    if (!scan_settings_parse(head->plan, &worker->settings, err) ||
        (worker->settings.is_passing && !bundle_spare_syncs(worker->writer, err)))
        return false;
    worker->scan.scope =
        scope_create(worker->settings.scope, "the bundle's scope",
                     worker->settings.exclusions == NULL ? "" : worker->settings.exclusions, err);
    if (worker->scan.scope == NULL)
        return false;
    worker->scan.goes_via = worker->settings.via != NULL;
    if (worker->scan.goes_via && !via_parse(worker->settings.via, &worker->scan.via, err))
        return false;
    if (!read_secrets(worker, err))
        return false;
    worker->scan.known = known_names_create(head->known_names == NULL ? "" : head->known_names);
    worker->scan.asks_names = worker->settings.sni_count != 0 || worker->settings.ask_ptr ||
                              worker->settings.follow_names ||
                              known_names_count(worker->scan.known) != 0;
    worker->names =
        name_list_create(worker->writer, worker->settings.ports == NULL ? "" : worker->settings.ports, err);
    if (worker->names == NULL)
        return false;
    worker->space = head->space[0] == '\0' ? NULL : target_space_parse(head->space, err);
    worker->scan.settings = &worker->settings;
    worker->scan.head = head;
    if (head->space[0] != '\0' && worker->space == NULL)
        return false;
    bool uses_syn = worker->settings.syn && worker->space != NULL && target_space_count(worker->space) != 0;
    if (uses_syn && worker->syn == NULL)
        return error_set(err, ERROR_USAGE, "the bundle asks for SYNs, and its worker was started without");
    if (!uses_syn) {
        syn_ahead_close(worker->syn);
        worker->syn = NULL;
    }
    return true;
}

static struct pacing *make_pacing(const struct scan_settings *settings, unsigned slots, struct error *err)
{
    struct pacing_limits limits = pacing_limits_default;
    if (settings->rate != NULL && !pacing_limits_set_rate(&limits, settings->rate, err))
        return NULL;
    limits.prefix_rate = settings->prefix_rate_per_s;
    limits.per_host = settings->host_connections;
    limits.in_flight = slots;
    limits.min_hit_rate = settings->min_hit_rate == NULL ? 0 : strtod(settings->min_hit_rate, NULL);
    limits.max_error_rate = settings->max_error_rate == NULL ? 0 : strtod(settings->max_error_rate, NULL);
    return pacing_create(&limits);
}

static void on_one_session(void *context, const struct address *host)
{
    pacing_single(context, host, clock_monotonic_us());
}

/* Hosts of which an earlier scan, or this one before it was resumed, knows that they take one session at a time. */
static bool note_one_session_hosts(struct worker *worker, struct error *err)
{
    const struct address *hosts;
    size_t count = known_names_one_session(worker->scan.known, &hosts);
    for (size_t i = 0; i < count; i++)
        on_one_session(worker->scan.pacing, &hosts[i]);
    return bundle_each_posture_address(worker->writer, POSTURE_SESSIONS_AT_ONCE, on_one_session, worker->scan.pacing, err);
}

/* Counts cores and descriptors, which reads files and so comes before the confinement. Always true. */
static bool choose_size(struct worker *worker)
{
    worker->scan.loop_count = choose_loops(&worker->settings);
    worker->slots = choose_slots(&worker->settings, worker->scan.loop_count);
    return true;
}

/* --- the run ------------------------------------------------------------------------------------------- */

static bool make_loops(struct worker *worker, struct error *err)
{
    unsigned count = worker->scan.loop_count, slots = worker->slots;
    for (unsigned i = 0; i < count; i++) {
        unsigned share = slots / count + (i < slots % count ? 1 : 0);
        worker->loops[i] = scan_loop_create(&worker->scan, share, err);
        if (worker->loops[i] == NULL)
            return false;
        worker->loop_count = i + 1;
    }
    return true;
}

static void report(struct worker *worker, bool is_last)
{
    struct scan_counters *counters = &worker->scan.counters;
    struct worker_report report = {
        .observations = atomic_load(&counters->observations),
        .certificates = atomic_load(&counters->certificates),
        .connections = atomic_load(&counters->connections),
        .local_limits = atomic_load(&counters->local_limits),
        .in_flight = (uint32_t)atomic_load(&counters->in_flight),
        .is_last = is_last,
    };
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        report.outcomes[i] = atomic_load(&counters->outcomes[i]);
    struct dispatcher_counts counts;
    dispatcher_progress(worker->scan.dispatcher, &counts);
    report.ended = counts.ended;
    report.total = counts.total;
    report.names_ended = counts.names_ended;
    report.names_total = counts.names_total;
    if (write(worker->report_fd, &report, sizeof report) < 0 && errno == EPIPE)
        worker->stopping = true; /* the keeper is gone */
}

static void stop(struct worker *worker)
{
    dispatcher_stop(worker->scan.dispatcher);
    atomic_store(&worker->scan.stop, true);
    for (unsigned i = 0; i < worker->loop_count; i++)
        scan_loop_wake(worker->loops[i]);
}

/* Sends progress until the loops have ended; the numbers are in counters. */
static void watch(struct worker *worker)
{
    struct pollfd wakes[] = {
        {.fd = worker->signal_fd, .events = POLLIN},
        {.fd = worker->scan.ended_fd, .events = POLLIN},
    };
    bool told = false;
    while (atomic_load(&worker->scan.running) != 0) {
        eventfd_t ends;
        if (poll(wakes, 2, REPORT_MS) > 0) {
            struct signalfd_siginfo info;
            eventfd_read(worker->scan.ended_fd, &ends);
            while (read(worker->signal_fd, &info, sizeof info) > 0)
                worker->stopping |= info.ssi_signo == SIGTERM;
        }
        report(worker, false);
        const char *rule = pacing_stop(worker->scan.pacing);
        if (rule != NULL && !worker->stopping)
            log_warning("a stop rule ends the scan: %s", rule);
        if (rule != NULL || syn_ahead_has_failed(worker->syn) || recorder_failed(worker->scan.recorder))
            worker->stopping = true;
        if (worker->stopping && !told)
            stop(worker);
        told = worker->stopping;
    }
}

static bool run_loops(struct worker *worker, struct error *err)
{
    atomic_store(&worker->scan.running, worker->loop_count);
    unsigned started = 0;
    bool ok = true;
    while (ok && started < worker->loop_count) {
        ok = scan_loop_start(worker->loops[started], err);
        started += ok;
    }
    if (!ok) {
        atomic_fetch_sub(&worker->scan.running, worker->loop_count - started);
        worker->stopping = true;
    }
    watch(worker);
    for (unsigned i = 0; i < started; i++)
        scan_loop_join(worker->loops[i]);
    return ok;
}

static bool scan(struct worker *worker, const struct worker_args *args, struct error *err)
{
    bool ok = false;
    worker->scan.resolved = resolver_cache_create();
    worker->scan.budget = certificate_budget_create();
    worker->scan.pacing = make_pacing(&worker->settings, worker->slots, err);
    if (worker->scan.pacing == NULL || !note_one_session_hosts(worker, err))
        return false;
    worker->scan.dispatcher =
        dispatcher_create(worker->space, worker->names, worker->writer, worker->scan.pacing, err);
    if (worker->scan.dispatcher != NULL && make_loops(worker, err)) {
        worker->scan.recorder = recorder_create(worker->writer, &args->lines, worker->scan.budget);
        dispatcher_start(worker->scan.dispatcher, worker->scan.recorder);
        if (worker->syn != NULL)
            dispatcher_use_syn(worker->scan.dispatcher);
        ok = worker->syn == NULL || syn_ahead_start(worker->syn, &worker->scan, worker->space, err);
        ok = ok && run_loops(worker, err);
        ok = syn_ahead_join(worker->syn, ok ? err : NULL) && ok;
        ok = recorder_finish(worker->scan.recorder, ok ? err : NULL) && ok;
        report(worker, ok);
    }
    for (unsigned i = 0; i < worker->loop_count; i++)
        scan_loop_destroy(worker->loops[i]);
    dispatcher_destroy(worker->scan.dispatcher);
    pacing_destroy(worker->scan.pacing);
    resolver_cache_destroy(worker->scan.resolved);
    certificate_budget_destroy(worker->scan.budget);
    return ok;
}

static int worker_run(const struct worker_args *args)
{
    struct worker *worker = xcalloc(1, sizeof *worker);
    const struct confinement confinement = {.sockets = CONFINE_IP_SOCKETS, .keeper = args->keeper};
    struct error err = {0};
    mallopt(M_TOP_PAD, 1 << 20); /* the loops allocate and the recorder frees: the heap should not shrink and grow all the time */
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_ARENA_MAX, 1); /* the others grow by a few pages and a system call each time */
    bundle_one_thread(); /* this one, and while the loops run the recorder's */
    worker->report_fd = WORKER_REPORT_FD;
    worker->signal_fd = confine_signals();
    worker->scan.ended_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool ok = open_syn(worker, args, &err) && confine_become(args->keeper, &err) &&
              open_bundle(worker, args->bundle, &err) && read_plan(worker, &err) &&
              choose_size(worker) && confine_enter(&confinement, &err) && scan(worker, args, &err);
    if (!ok)
        log_error("%s", err.text);
    int code = !ok ? error_exit_code(&err) : worker->stopping ? 4 : 0;
    bundle_close(worker->writer);
    target_space_destroy(worker->space);
    name_list_destroy(worker->names);
    known_names_destroy(worker->scan.known);
    syn_ahead_close(worker->syn);
    scope_destroy(worker->scan.scope);
    openvpn_key_destroy(worker->scan.openvpn_key);
    via_login_wipe(&worker->scan.via);
    scan_settings_clear(&worker->settings);
    close(worker->scan.ended_fd);
    free(worker);
    return code;
}

int worker_main(int argc, char *const *argv)
{
    if (argc != 5)
        return 2;
    prctl(PR_SET_NAME, "certsweep-worke");      /* 15 characters; "exe" otherwise */
    bool no_lines = strcmp(argv[3], "none") == 0;
    struct worker_args args = {
        .bundle = argv[1],
        .keeper = (pid_t)atoi(argv[2]),
        .syn = argv[4],
        .lines = {.fd = no_lines ? -1 : WORKER_LINES_FD, .all = strcmp(argv[3], "all") == 0},
    };
    return worker_run(&args);
}
