/* certsweep listen: the chains that pass by, from capture files or an interface, into bundles. */
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"
#include "scanner/cli/command.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/pacing/pacing.h"
#include "scanner/passive/capture/capture_folder.h"
#include "scanner/run/follow_up_scan.h"
#include "scanner/run/listen_run.h"
#include "scanner/targets/known_names.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct option_spec listen_options[] = {
    {.name = "read",
     .letter = 'r',
     .argument = "FILE",
     .repeatable = true,
     .help = "Read a capture: pcap or pcapng, also packed (gzip, zstd, xz, bzip2, lz4); - is standard input, a folder stands for all files in it. More "
             "may follow as arguments."},
    {.name = "interface",
     .letter = 'i',
     .argument = "IF",
     .help = "Listen to an interface (any: all of them) until Ctrl-C or --duration."},
    {.name = "filter", .argument = "BPF", .help = "Only packets that match, in tcpdump's language (none by default)."},
    {.name = "snaplen", .argument = "BYTES", .help = "Bytes of each packet that are captured (262144)."},
    {.name = "ring", .argument = "MIB", .help = "The kernel's buffer for packets that wait (64)."},
    {.name = "duration", .argument = "SECONDS", .help = "Stop listening after this time."},
    {.name = "every",
     .argument = "SECONDS",
     .help = "Live: begin a new bundle this often; the one before is loaded, and what was hidden is asked, while "
             "listening goes on. Nothing is lost between two bundles: for up to 30 s after, the old one still takes "
             "connections that began before. An interface that goes down and comes back is listened to again."},
    {.name = "output",
     .letter = 'o',
     .argument = "BUNDLE",
     .help = "Write the bundle here (several files: BUNDLE, BUNDLE.2 ...) and leave the database alone."},
    {.name = "jsonl",
     .argument = "FILE",
     .optional_argument = true,
     .help = "A JSON line for each handshake, to the file or standard output."},
    {.name = "key-log",
     .argument = "FILE",
     .help = "TLS secrets in the format of SSLKEYLOGFILE; those inside a pcapng file are always used."},
    {.name = "follow-up",
     .argument = "FILE",
     .optional_argument = true,
     .help = "Ask what was hidden (TLS 1.3, QUIC, resumed, incomplete) by a scan afterwards, inside the scope only. "
             "An endpoint is asked once in 24 hours, in the protocol that was spoken there. With a file the targets "
             "are only written to it, for certsweep scan @FILE."},
    {.name = "fail-on",
     .argument = "VERDICT,...",
     .help = "Exit code 1 where one of these verdicts is there after loading, as with scan."},
    {.name = "scope", .argument = "FILE", .help = "Who authorised what, for --follow-up (certsweep scope new)."},
    {.name = "exclude",
     .letter = 'x',
     .argument = "SPEC|@FILE",
     .repeatable = true,
     .help = "What --follow-up never asks: addresses, ranges or names."},
    {.name = "rate", .argument = "N", .help = "New connections a second of --follow-up (1000), as with scan."},
    {0},
};

static const char *const listen_examples[] = {
    "certsweep listen -r incident.pcapng",
    "the certificates of a capture",
    "certsweep listen -r trunk.pcap.gz -o trunk.bundle --jsonl",
    "only a bundle, and lines to standard output",
    "certsweep listen -i eth1 --duration 3600 --follow-up",
    "an hour at a mirror port, then ask what was hidden",
    "certsweep listen -i eth1 --every 3600 --follow-up",
    "a sensor: loaded and asked every hour, until Ctrl-C",
    "certsweep listen -r incident/",
    "every capture of a folder",
    NULL,
};

static bool lines_on_stdout(const struct options *options)
{
    const char *path = option_get(options, "jsonl");
    return path != NULL && (path[0] == '\0' || strcmp(path, "-") == 0);
}

static bool open_lines(const struct options *options, int *fd, struct error *err)
{
    *fd = -1;
    if (!option_given(options, "jsonl"))
        return true;
    const char *path = option_get(options, "jsonl");
    if (!lines_on_stdout(options))
        return (*fd = output_file_stream(path, O_TRUNC, 0644, err)) >= 0;
    return (*fd = dup(STDOUT_FILENO)) >= 0 || error_set(err, ERROR_IO, "standard output: %s", strerror(errno));
}

static bool read_request(const struct options *options, struct listen_request *request, struct error *err)
{
    long long snap_len = 262144, ring = 64;
    struct pacing_limits limits = pacing_limits_default;
    const char *rate = option_get(options, "rate");
    if ((rate != NULL && !pacing_limits_set_rate(&limits, rate, err)) ||
        !option_number(options, "snaplen", 64, 262144, &snap_len, err) ||
        !option_number(options, "ring", 1, 2047, &ring, err) ||
        !option_number(options, "duration", 1, 10LL * 365 * 86400, &request->duration_s, err))
        return false;
    request->snap_len = (int)snap_len;
    request->ring_mib = (int)ring;
    request->filter = option_get(options, "filter");
    request->key_log = option_get(options, "key-log");
    request->site = option_get_or(options, "site", "default");
    size_t files = option_count(options, "read") + argument_count(options);
    if ((files != 0) == option_given(options, "interface"))
        return error_set(err, ERROR_USAGE, files != 0 ? "-r and -i: one of them"
                                                      : "nothing to listen to: name files with -r, or an interface "
                                                        "with -i");
    if (option_given(options, "every") && (files != 0 || option_get_or(options, "follow-up", "")[0] != '\0'))
        return error_set(err, ERROR_USAGE, "--every: for live capture, and not with --follow-up=FILE");
    if (files != 0 && request->filter != NULL)
        return error_set(err, ERROR_USAGE, "--filter: for live capture; a file is read whole");
    return true;
}

/* --- follow-up ------------------------------------------------------------------------------------------ */

struct follow_up_taking {           /* what a follow-up's bundle is taken with */
    const struct options *options;
    const char *site;
    bool is_met;
};

static bool on_sealed(void *context, const char *bundle, struct error *err)
{
    struct follow_up_taking *taking = context;
    bool is_met = false;
    bool ok = option_given(taking->options, "output") ||
              scan_inventory_take(taking->options, bundle, taking->site, false, &is_met, err);
    taking->is_met |= is_met;
    return ok;
}

/* The file that the workers write candidates to; -1: not asked for. */
static bool candidates_open(const struct options *options, int *fd, struct error *err)
{
    *fd = -1;
    if (!option_given(options, "follow-up"))
        return true;
    *fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return *fd >= 0 || error_set(err, ERROR_SYSTEM, "/tmp: %s", strerror(errno));
}

/* Which hosts take one session at a time. Names are not asked for here: each endpoint is asked under the name that was seen. */
static char *known_hosts(void *context, const char *site, const struct target_space *space)
{
    struct follow_up_taking *taking = context;
    char *lines = scan_inventory_known_names(taking->options, !option_given(taking->options, "output"), site, space);
    if (lines != NULL)
        known_names_leave_out(lines);
    return lines;
}

/* output: as the bundles of the follow-up begin. */
static int follow_up(const struct options *options, const struct listen_request *from, const char *output)
{
    struct error error = {0}, *err = &error;
    const char *path = option_get(options, "follow-up");
    struct follow_up_taking taking = {.options = options, .site = from->site};
    struct follow_up_request request = {.candidates_fd = from->follow_up_fd,
                                        .targets_path = path[0] == '\0' ? NULL : path,
                                        .scope_path = option_get(options, "scope"),
                                        .exclusion_count = option_count(options, "exclude"),
                                        .rate = option_get(options, "rate"),
                                        .site = from->site,
                                        .output = output,
                                        .lines_fd = from->lines_fd,
                                        .known_names = known_hosts,
                                        .on_sealed = on_sealed,
                                        .context = &taking};
    const char **exclusions = xcalloc(request.exclusion_count + 1, sizeof *exclusions);
    for (size_t i = 0; i < request.exclusion_count; i++)
        exclusions[i] = option_at(options, "exclude", i);
    request.exclusions = exclusions;
    bool ok = follow_up_scan(&request, err);
    free(exclusions);
    if (!ok)
        return command_fail(err);
    return taking.is_met && request.code == 0 ? 1 : request.code;
}

/* --- the command ---------------------------------------------------------------------------------------- */

/* A sealed bundle that goes to the database is added to the list. */
static void list_bundle(const struct listen_request *request, struct path_list *bundles)
{
    if (request->is_sealed && request->bundle != NULL)
        log_info("bundle: %s", request->path);
    else if (request->is_sealed)
        path_list_add(bundles, request->path);
}

static int listen_one(struct listen_request *request, struct path_list *bundles, struct error *err)
{
    *err = (struct error){0};
    if (!listen_run(request, err))
        return command_fail(err);
    list_bundle(request, bundles);
    return request->code;
}

/* All that was heard goes to the database at once, and is judged once. */
static int take_in(const struct options *options, const struct path_list *bundles, const char *site, bool print)
{
    struct error err = {0};
    bool is_met = false;
    if (bundles->count == 0)
        return 0;
    if (!scan_inventory_take_all(options, (const char *const *)bundles->paths, bundles->count, site, print, &is_met,
                                 &err))
        return command_fail(&err);
    return is_met ? 1 : 0;
}

/* Combines exit codes: bad input (5) does not hide another code, and a verdict that was met (1) is kept. */
static int code_of_both(int code, int one)
{
    return (code == 0 || code == 5 || code == 1) && one != 0 ? one : code;
}

static int list_files(const struct options *options, struct path_list *files)
{
    size_t named = option_count(options, "read"), count = named + argument_count(options);
    int code = 0;
    for (size_t i = 0; i < count; i++) {
        struct error err = {0};
        if (!capture_folder_add(files, i < named ? option_at(options, "read", i) : argument_at(options, i - named), &err))
            code = command_fail(&err);
    }
    return code;
}

static int listen_files(const struct options *options, struct listen_request *request, struct path_list *bundles,
                        struct error *err)
{
    const char *output = option_get(options, "output");
    struct path_list files = {0};
    char path[4096];
    int code = list_files(options, &files);
    for (size_t i = 0; i < files.count && !request->interrupted; i++) {
        request->file = files.paths[i];
        request->bundle = output;
        if (output != NULL && i != 0) {
            snprintf(path, sizeof path, "%s.%zu", output, i + 1);
            request->bundle = path;
        }
        code = code_of_both(code, listen_one(request, bundles, err));
    }
    path_list_clear(&files);
    return code;
}

/* What comes after listening: the database, and what was hidden. code: how listening ended. */
static int conclude(const struct options *options, const struct listen_request *request,
                    const struct path_list *bundles, const char *output, bool print, int code)
{
    code = code_of_both(code, take_in(options, bundles, request->site, print && !lines_on_stdout(options)));
    if (request->follow_up_fd < 0 || (code != 0 && code != 1 && code != 5))
        return code;
    int more = follow_up(options, request, output);
    return code == 0 ? more : code;
}

/* --- live ----------------------------------------------------------------------------------------------- */

/* With --every the capture is cut into slices. Each is concluded by a child, one after the other, while the next one is
 * being heard; the last one by ourselves. */
struct live {
    const struct options *options;
    int order_fd;                   /* its lock is held by the child that loads and reports */
    pid_t *children;
    size_t child_count;
};

static bool slice_begin(void *context, struct listen_request *slice, unsigned number, struct error *err)
{
    const struct live *live = context;
    const char *output = option_get(live->options, "output");
    slice->bundle = output;
    if (number > 1 && output != NULL) {
        snprintf(slice->output, sizeof slice->output, "%s.%u", output, number);
        slice->bundle = slice->output;
    }
    return candidates_open(live->options, &slice->follow_up_fd, err);
}

static void slice_end(void *context, struct listen_request *slice)
{
    struct live *live = context;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct path_list bundles = {0};
    list_bundle(slice, &bundles);
    fflush(NULL);
    int asks = user_file_fork();
    pid_t child = fork();
    if (child != 0 && asks >= 0)
        close(asks);
    if (child == 0) {
        sigset_t none;
        user_file_ask(asks, user_file_starter_process());
        setpgid(0, 0);              /* Ctrl-C ends the listening; what was heard is still taken in */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        int code = fcntl(live->order_fd, F_SETLKW, &lock) == 0
                       ? conclude(live->options, slice, &bundles, slice->bundle, false, 0)
                       : 4;
        fflush(NULL);
        _exit(code);
    }
    if (child < 0) {
        log_error("no process to take %s in: %s; certsweep load takes it", slice->path, strerror(errno));
    } else {
        live->children = xreallocarray(live->children, live->child_count + 1, sizeof *live->children);
        live->children[live->child_count++] = child;
    }
    if (slice->follow_up_fd >= 0)
        close(slice->follow_up_fd);
    path_list_clear(&bundles);
}

static int slices_wait(struct live *live, int code)
{
    for (size_t i = 0; i < live->child_count; i++) {
        int status = 0;
        while (waitpid(live->children[i], &status, 0) < 0 && errno == EINTR)
            continue;
        code = code_of_both(code, WIFEXITED(status) ? WEXITSTATUS(status) : 4);
    }
    free(live->children);
    close(live->order_fd);
    return code;
}

static int listen_in_slices(struct live *live, struct listen_request *request, long long every_s, struct error *err)
{
    const struct listen_slices slices = {.every_s = every_s, .context = live, .begin = slice_begin, .end = slice_end};
    struct path_list bundles = {0};
    *err = (struct error){0};
    int code = listen_run_slices(request, &slices, err) ? request->code : command_fail(err);
    list_bundle(request, &bundles);
    code = conclude(live->options, request, &bundles, request->bundle, true, slices_wait(live, code));
    path_list_clear(&bundles);
    return code;
}

static int listen_live(const struct options *options, struct listen_request *request, struct error *err)
{
    struct live live = {.options = options};
    struct path_list bundles = {0};
    long long every_s = 0;
    request->interface = option_get(options, "interface");
    request->bundle = option_get(options, "output");
    if (!option_number(options, "every", 1, 366LL * 86400, &every_s, err))
        return command_fail(err);
    if (every_s == 0) {
        int code = candidates_open(options, &request->follow_up_fd, err) ? listen_one(request, &bundles, err) : command_fail(err);
        code = conclude(options, request, &bundles, request->bundle, true, code);
        path_list_clear(&bundles);
        return code;
    }
    if ((live.order_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) < 0) {
        error_set(err, ERROR_SYSTEM, "/tmp: %s", strerror(errno));
        return command_fail(err);
    }
    return listen_in_slices(&live, request, every_s, err);
}

static int run_listen(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct listen_request request = {.lines_fd = -1, .follow_up_fd = -1};
    struct path_list bundles = {0};
    int code;
    (void)command;
    if (!read_request(options, &request, &err) || !open_lines(options, &request.lines_fd, &err) ||
        !scan_inventory_check_fail_on(options, !option_given(options, "output"), &err) ||
        (!option_given(options, "output") && !scan_inventory_check(options, &err)))
        return command_fail(&err);
    if (option_given(options, "interface")) {
        code = listen_live(options, &request, &err);
    } else if (!candidates_open(options, &request.follow_up_fd, &err)) {
        code = command_fail(&err);
    } else {
        code = listen_files(options, &request, &bundles, &err);
        code = conclude(options, &request, &bundles, option_get(options, "output"), true, code);
        path_list_clear(&bundles);
    }
    if (request.follow_up_fd >= 0)
        close(request.follow_up_fd);
    if (request.lines_fd >= 0)
        close(request.lines_fd);
    return code;
}

const struct command command_listen[] = {
    {
        .name = "listen",
        .arguments = "[FILE...]",
        .summary = "read the certificates of traffic, from capture files or an interface",
        .description = "Every TLS handshake on every port is found by content, also after STARTTLS, inside proxies and "
                       "tunnels, in DTLS, QUIC and EAP-TLS. What is seen goes into a bundle, one row an hour for the "
                       "same chain at the same endpoint; a capture whose sightings were all loaded before "
                       "(the same file again) changes nothing when it is loaded.\n"
                       "Packets are read by a process that has given up all privileges.",
        .options = listen_options,
        .examples = listen_examples,
        .run = run_listen,
    },
    {0},
};
