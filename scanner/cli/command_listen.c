/* certsweep listen: the chains that pass by, from capture files or an interface, into bundles. */
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/cli/command.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/passive/follow_ups.h"
#include "scanner/passive/listen_run.h"
#include "scanner/scan_run.h"
#include "scanner/scope.h"
#include "scanner/target_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec listen_options[] = {
    {.name = "read",
     .letter = 'r',
     .argument = "FILE",
     .repeatable = true,
     .help = "Read a capture: pcap or pcapng, gzip too; - is standard input. More files may follow as arguments."},
    {.name = "interface",
     .letter = 'i',
     .argument = "IF",
     .help = "Listen to an interface (any: all of them) until Ctrl-C or --duration."},
    {.name = "filter", .argument = "BPF", .help = "Only packets that match, in tcpdump's language (none by default)."},
    {.name = "snaplen", .argument = "BYTES", .help = "Bytes of each packet that are captured (262144)."},
    {.name = "ring", .argument = "MIB", .help = "The kernel's buffer for packets that wait (64)."},
    {.name = "duration", .argument = "SECONDS", .help = "Stop listening after this time."},
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
             "With a file the targets are only written to it, for certsweep scan @FILE."},
    {.name = "fail-on",
     .argument = "VERDICT,...",
     .help = "Exit code 1 where one of these verdicts is there after loading, as with scan."},
    {.name = "scope", .argument = "FILE", .help = "Who authorised what, for --follow-up (certsweep scope new)."},
    {0},
};

static const char *const listen_examples[] = {
    "certsweep listen -r incident.pcapng",
    "the certificates of a capture",
    "certsweep listen -r trunk.pcap.gz -o trunk.bundle --jsonl",
    "only a bundle, and lines to standard output",
    "certsweep listen -i eth1 --duration 3600 --follow-up",
    "an hour at a mirror port, then ask what was hidden",
    NULL,
};

struct follow_up_list {
    int fd;                         /* what the worker writes; -1 not asked for */
    const char *path;               /* where targets go; NULL: they are asked */
    size_t asked, out_of_scope, no_way;
};

static bool open_lines(const struct options *options, int *fd, struct error *err)
{
    *fd = -1;
    if (!option_given(options, "jsonl"))
        return true;
    const char *path = option_get(options, "jsonl");
    *fd = path[0] == '\0' || strcmp(path, "-") == 0 ? dup(STDOUT_FILENO)
                                                   : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return *fd >= 0 ||
           error_set(err, ERROR_IO, "%s: %s", path[0] == '\0' ? "standard output" : path, strerror(errno));
}

static bool read_request(const struct options *options, struct listen_request *request, struct error *err)
{
    long long snap_len = 262144, ring = 64;
    if (!option_number(options, "snaplen", 64, 262144, &snap_len, err) ||
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
    if (files != 0 && request->filter != NULL)
        return error_set(err, ERROR_USAGE, "--filter: for live capture; a file is read whole");
    return true;
}

/* --- follow-up ------------------------------------------------------------------------------------------ */

static bool follow_up_open(const struct options *options, struct follow_up_list *list, struct error *err)
{
    list->fd = -1;
    if (!option_given(options, "follow-up"))
        return true;
    const char *path = option_get(options, "follow-up");
    list->path = path[0] == '\0' ? NULL : path;
    list->fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return list->fd >= 0 || error_set(err, ERROR_SYSTEM, "/tmp: %s", strerror(errno));
}

/* One candidate: a target where the scope allows it. */
static bool follow_up_take(struct follow_up_list *list, const struct scope *scope, char *line,
                           struct target_list *targets, FILE *out, struct error *err)
{
    struct follow_up candidate;
    char text[512];
    const char *reason = "";
    if (!follow_up_parse(line, &candidate))
        return true;
    struct target target = {.address = candidate.address, .transport = TRANSPORT_TCP, .port = candidate.port};
    struct scope_question question = {.target = &target, .server_name = candidate.server_name,
                                      .depth = TLS_DEPTH_CERT, .time_us = clock_utc_us()};
    if (!follow_up_target(&candidate, text)) {
        list->no_way++;
        return true;
    }
    if (scope_judge(scope, &question, &reason) != SCOPE_ALLOWED) {
        list->out_of_scope++;
        return true;
    }
    list->asked++;
    if (out != NULL)
        return fprintf(out, "%s\n", text) > 0 || error_set(err, ERROR_IO, "%s: %s", list->path, strerror(errno));
    return target_list_add(targets, text, err);
}

static bool follow_up_read(struct follow_up_list *list, const struct scope *scope, struct target_list *targets,
                           FILE *out, struct error *err)
{
    char *line = NULL;
    size_t size = 0;
    bool ok = true;
    FILE *in = fdopen(dup(list->fd), "r");
    if (in == NULL)
        return error_set(err, ERROR_SYSTEM, "follow-up: %s", strerror(errno));
    rewind(in);
    while (ok && getline(&line, &size, in) > 0)
        ok = follow_up_take(list, scope, line, targets, out, err);
    free(line);
    fclose(in);
    return ok;
}

static bool follow_up_write(struct follow_up_list *list, const struct scope *scope, struct error *err)
{
    FILE *out = fopen(list->path, "w");
    if (out == NULL)
        return error_set(err, ERROR_IO, "%s: %s", list->path, strerror(errno));
    bool ok = follow_up_read(list, scope, NULL, out, err);
    if (fclose(out) != 0 && ok)
        ok = error_set(err, ERROR_IO, "%s: %s", list->path, strerror(errno));
    if (ok)
        log_info("%zu hidden endpoints for certsweep scan @%s (%zu out of scope, %zu that a scan cannot ask)",
                 list->asked, list->path, list->out_of_scope, list->no_way);
    return ok;
}

static bool follow_up_scan(const struct options *options, struct follow_up_list *list, const struct scope *scope, const struct listen_request *from,
                           struct scan_request *request, struct error *err)
{
    struct port_set *ports = port_set_parse("443", err);
    bool is_met = false;
    if (ports == NULL)
        return false;
    request->targets = target_list_create(ports);
    request->settings.ports = port_set_format(ports);
    port_set_destroy(ports);
    bool ok = follow_up_read(list, scope, request->targets, NULL, err);
    if (ok)
        log_info("%zu hidden endpoints are asked (%zu out of scope, %zu that a scan cannot ask)", list->asked,
                 list->out_of_scope, list->no_way);
    request->site = from->site;
    request->lines_fd = from->lines_fd;
    request->shard_count = 1;
    ok = ok && (list->asked == 0 || scan_run(request, err));
    if (ok && request->is_sealed && !option_given(options, "output"))
        ok = scan_inventory_take(options, request->path, request->site, false, &is_met, err);
    if (ok && is_met && request->code == 0)
        request->code = 1;
    target_list_destroy(request->targets);
    request->targets = NULL;
    return ok;
}

static int follow_up(const struct options *options, struct follow_up_list *list, const struct listen_request *from,
                     struct error *err)
{
    struct scan_request request = {.lines_fd = -1};
    const char *path = option_get(options, "scope");
    scan_settings_init(&request.settings);
    request.settings.depth = TLS_DEPTH_CERT;
    request.scope_label = path;
    bool ok = path == NULL || (request.settings.scope = scope_read_file(path, err)) != NULL;
    struct scope *scope = ok ? scope_create(request.settings.scope, path == NULL ? "" : path, "", err) : NULL;
    ok = scope != NULL && (list->path != NULL ? follow_up_write(list, scope, err)
                                              : follow_up_scan(options, list, scope, from, &request, err));
    int code = ok ? request.code : command_fail(err);
    scope_destroy(scope);
    scan_settings_clear(&request.settings);
    return code;
}

/* --- the command ---------------------------------------------------------------------------------------- */

/* is_last: of several files; the summary of the inventory is printed once. */
static int listen_one(const struct options *options, struct listen_request *request, bool is_last, struct error *err)
{
    *err = (struct error){0};
    if (!listen_run(request, err))
        return command_fail(err);
    if (request->is_sealed && request->bundle != NULL)
        log_info("bundle: %s", request->path);
    bool is_met = false, lines_on_stdout = request->lines_fd >= 0 && option_get(options, "jsonl")[0] == '\0';
    if (request->is_sealed && request->bundle == NULL &&
        !scan_inventory_take(options, request->path, request->site, is_last && !lines_on_stdout, &is_met, err))
        return command_fail(err);
    return is_met && request->code == 0 ? 1 : request->code;
}

static int listen_files(const struct options *options, struct listen_request *request, struct error *err)
{
    size_t named = option_count(options, "read"), count = named + argument_count(options);
    const char *output = option_get(options, "output");
    char path[4096];
    int code = 0;
    for (size_t i = 0; i < count && !request->interrupted; i++) {
        request->file = i < named ? option_at(options, "read", i) : argument_at(options, i - named);
        request->bundle = output;
        if (output != NULL && i != 0) {
            snprintf(path, sizeof path, "%s.%zu", output, i + 1);
            request->bundle = path;
        }
        int one = listen_one(options, request, i + 1 == count, err);     /* a bad file is told and does not hide the others */
        code = code == 0 || code == 5 || code == 1 ? (one == 0 ? code : one) : code;
    }
    return code;
}

static int run_listen(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct listen_request request = {.lines_fd = -1, .follow_up_fd = -1};
    struct follow_up_list list = {.fd = -1};
    (void)command;
    if (!read_request(options, &request, &err) || !open_lines(options, &request.lines_fd, &err) ||
        !follow_up_open(options, &list, &err) ||
        (!option_given(options, "output") && !scan_inventory_check(options, &err)))
        return command_fail(&err);
    request.follow_up_fd = list.fd;
    int code;
    if (option_given(options, "interface")) {
        request.interface = option_get(options, "interface");
        request.bundle = option_get(options, "output");
        code = listen_one(options, &request, true, &err);
    } else {
        code = listen_files(options, &request, &err);
    }
    if (list.fd >= 0 && (code == 0 || code == 1 || code == 5)) {
        int more = follow_up(options, &list, &request, &err);
        code = code == 0 ? more : code;
    }
    if (list.fd >= 0)
        close(list.fd);
    if (request.lines_fd >= 0)
        close(request.lines_fd);
    return code;
}

const struct command command_listen[] = {
    {
        .name = "listen",
        .arguments = "[FILE...]",
        .summary = "read the certificates of traffic, from capture files or an interface",
        .description = "Every TLS handshake on every port is found by content, also behind STARTTLS, proxies and "
                       "tunnels, in DTLS, QUIC and EAP-TLS. What is seen goes into a bundle, one row an hour for the "
                       "same chain at the same endpoint; a capture that tells nothing but what another one has told "
                       "already (the same file again) changes nothing when it is loaded.\n"
                       "Packets are read by a process that has given up all privileges.",
        .options = listen_options,
        .examples = listen_examples,
        .run = run_listen,
    },
    {0},
};
