/* certsweep scan: targets into a bundle, the bundle to a worker, what it found to the database. */
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/number_text.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"
#include "probes/choice.h"
#include "probes/secrets.h"
#include "probes/via.h"
#include "scanner/cli/command.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/cli/scan_options.h"
#include "scanner/cli/scan_plan.h"
#include "scanner/pacing/pacing.h"
#include "scanner/run/scan_run.h"
#include "scanner/syn/stage.h"
#include "scanner/targets/target_list.h"
#include "scanner/pacing/window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec scan_options[] = {
    {.name = "ports",
     .letter = 'p',
     .argument = "PORTS",
     .repeatable = true,
     .help =
         "Ports of targets that name none: 443,8443,9000-9010, @common (the default), @web, @mail, "
         "@directory, @database, @remote, @devices, @all."},
    {.name = "exclude",
     .letter = 'x',
     .argument = "SPEC|@FILE",
     .repeatable = true,
     .help = "Never ask these addresses, ranges or names, whatever resolves to them."},
    {.name = "sni",
     .argument = "NAME",
     .repeatable = true,
     .help = "Ask each endpoint that answers under this server name too."},
    {.name = "probe",
     .argument = "NAME",
     .help = "Speak this protocol on every port (tls, smtp, ldap ...; proxy+tls and proxy-v2+tls: after a PROXY "
             "header) instead of the port's own; auto: TLS first, then what the server says."},
    {.name = "probe-posture",
     .argument = "NAME,...",
     .help = "Ask these protocols for posture and suites though it may harm: mysql (an endpoint gets one connection in a scan, "
             "since the server counts them as errors), vnc (three)."},
    {.name = "via",
     .argument = "PROXY",
     .help = "Connect to every target through this proxy: http://ADDRESS:PORT (CONNECT) or socks5://ADDRESS:PORT. Names "
             "are resolved here, and the scope must allow the proxy too."},
    {.name = "via-login",
     .argument = "FILE",
     .help = "The proxy's login: one line of NAME:PASSWORD in a file that no other user may read. It is sent as the proxy requires, in "
             "the clear, and stands in no bundle."},
    {.name = "openvpn-key",
     .argument = "KIND:FILE",
     .help = "The key that an OpenVPN server requires before it answers: tls-crypt:FILE, tls-crypt-v2:FILE (of a client), "
             "tls-auth:FILE, tls-auth-sha256:FILE, tls-auth-sha512:FILE."},
    {.name = "depth",
     .argument = "cert|posture|suites|deep",
     .help =
         "How much is asked of an endpoint that answers: its certificate; its other certificates and what it "
         "accepts too (the default); every cipher suite; all that the server test asks (certsweep test)."},
    {.name = "ids-friendly",
     .help = "Ask slowly (one connection a second to a host and its /24, unless --prefix-rate says otherwise), and with no hello that no "
             "client of today sends: no SSL 2.0, no suites without encryption or certificate. What only such hellos would show stays untested."},
    {.name = "prove",
     .help = "With --depth cert: check too that the endpoint holds the certificate's key. The deeper depths do."},
    SCAN_OPTION_RATE,
    {.name = "syn",
     .help = "Send stateless SYNs ahead, so that a silent address costs a packet and not a socket. Needs "
             "CAP_NET_RAW."},
    {.name = "syn-rate", .argument = "N", .help = "SYNs a second (" TEXT_OF(SYN_RATE_DEFAULT) ")."},
    {.name = "prefix-rate", .argument = "N", .help = "New connections a second to one /24 or /64 (" TEXT_OF(PACING_PREFIX_RATE_DEFAULT) ")."},
    {.name = "host-connections", .argument = "N", .help = "Connections to one host at once (" TEXT_OF(PACING_PER_HOST_DEFAULT) ")."},
    {.name = "connections",
     .argument = "N",
     .help = "Connections at once in all (as many as descriptors allow)."},
    {.name = "loops", .argument = "N", .help = "Event loops, a thread each (one per core)."},
    {.name = "suite-connections",
     .argument = "N",
     .help = "Connections to one endpoint that --depth suites may add (100; deep 300), weak suites first; the rest is untested."},
    {.name = "connect-timeout", .argument = "MS", .help = "Until a connection is made (" TEXT_OF(SCAN_CONNECT_MS_DEFAULT) ")."},
    {.name = "handshake-timeout", .argument = "MS", .help = "Until the chain is there (" TEXT_OF(SCAN_HANDSHAKE_MS_DEFAULT) ")."},
    {.name = "greeting-timeout",
     .argument = "MS",
     .help = "For the greeting of a server that speaks first (" TEXT_OF(SCAN_GREETING_MS_DEFAULT) "); not of the attempt's time."},
    {.name = "attempt-timeout", .argument = "MS", .help = "For all connections of an attempt (" TEXT_OF(SCAN_ATTEMPT_MS_DEFAULT) ")."},
    {.name = "reset", .help = "End connections by a reset instead of an alert and an orderly close."},
    {.name = "ptr", .help = "Ask again under the names that reverse DNS has for an address that answered."},
    {.name = "follow",
     .help =
         "Ask again under names in the certificate just seen that resolve to the same address (asks DNS)."},
    SCAN_OPTION_RESOLVER,
    {.name = "dns-timeout",
     .argument = "MS",
     .help = "Until a name server has answered a query (" TEXT_OF(SCAN_DNS_MS_DEFAULT) ", three times)."},
    SCAN_OPTION_SCOPE,
    {.name = "shard",
     .argument = "K/N",
     .help = "Only the K-th of N parts (1/4 ... 4/4), of the addresses and of the names. The parts together are one scan, on "
             "however many machines, where targets, ports, exclusions, site, depth and --shard-name are the same."},
    {.name = "shard-name",
     .argument = "NAME",
     .help = "Names the scan of which this is a part (today's date in UTC, as 2026-01-31)."},
    {.name = "shard-of", .argument = "BUNDLE", .help = "Be a part of the scan of which BUNDLE is another part."},
    {.name = "plan",
     .argument = "FILE",
     .help =
         "Targets, ports, exclusions, scope, rates and window from a plan; what the command line says wins."},
    {.name = "continue", .help = "With --plan: go on with its unfinished run, or start the next."},
    {.name = "window",
     .argument = "FROM-TO [DAYS]",
     .repeatable = true,
     .help = "Ask only then, in local time: 22:00-05:00, \"22:00-05:00 Mon-Fri\". At its end the scan stops; "
             "--resume goes on."},
    {.name = "min-hit-rate",
     .argument = "SHARE",
     .help = "Stop where fewer of the last 1,000 attempts were answered (0.01)."},
    {.name = "max-error-rate",
     .argument = "SHARE",
     .help = "Stop where more of the last 1,000 attempts were reset or unreachable."},
    {.name = "fail-on",
     .argument = "VERDICT,...",
     .help = "Exit with 1 where one of these verdicts is true of what this scan saw: unmanaged, expired, "
             "foreign ..., weak, or a rule's id. What is not judged, and a rule that was asked of nothing, counts as met."},
    {.name = "resume",
     .argument = "ID|BUNDLE",
     .help = "Go on with a scan that was stopped, as it began: targets, exclusions, rates and all else are in "
             "its bundle."},
    {.name = "output",
     .letter = 'o',
     .argument = "BUNDLE",
     .help = "Write the bundle here and leave the database alone."},
    {.name = "jsonl",
     .argument = "FILE",
     .optional_argument = true,
     .help = "A JSON line for each answer: to FILE, where it is given (--jsonl=FILE, with the sign), else to standard output. "
             "--resume and --continue append; what was in flight when a scan was killed is asked and written again."},
    {.name = "jsonl-all",
     .argument = "FILE",
     .optional_argument = true,
     .help = "The same for every attempt, answered or not."},
    {.name = "dry-run", .help = "Only say what would be asked."},
    {0},
};

static const char *const scan_examples[] = {
    "certsweep scan 10.20.0.0/16",
    "the common TLS ports of a network",
    "certsweep scan -p 443,8443 --exclude 10.0.0.0/24 10.0.0.0/16 www.example.org",
    "ranges and names",
    "certsweep scan -o site.bundle --site plant @targets.txt",
    "an air-gapped site: only the bundle",
    "certsweep scan --resume site.bundle",
    "go on where it was stopped",
    NULL,
};

/* --- options -------------------------------------------------------------------------------------------- */

static bool number(const struct options *options, const char *name, long long min, long long max,
                   uint32_t *value, struct error *err)
{
    long long given = *value;
    if (!option_number(options, name, min, max, &given, err))
        return false;
    *value = (uint32_t)given;
    return true;
}

static bool read_numbers(const struct options *options, struct scan_settings *settings, struct error *err)
{
    return number(options, "prefix-rate", 0, 1000000, &settings->prefix_rate_per_s, err) &&
           number(options, "host-connections", 0, 10000, &settings->host_connections, err) &&
           number(options, "syn-rate", 1, 100000000, &settings->syn_rate_per_s, err) &&
           number(options, "connections", 1, 1000000, &settings->connections, err) &&
           number(options, "loops", 1, 64, &settings->loops, err) &&
           number(options, "connect-timeout", 1, 600000, &settings->connect_ms, err) &&
           number(options, "handshake-timeout", 1, 600000, &settings->handshake_ms, err) &&
           number(options, "suite-connections", 1, 1000, &settings->suite_connections, err) &&
           number(options, "greeting-timeout", 1, 600000, &settings->greeting_ms, err) &&
           number(options, "dns-timeout", 1, 600000, &settings->dns_timeout_ms, err) &&
           number(options, "attempt-timeout", 1, 3600000, &settings->attempt_ms, err);
}

static char *copy_option(const struct options *options, const char *name)
{
    const char *value = option_get(options, name);
    return value == NULL ? NULL : xstrdup(value);
}

static bool is_share(const char *text)
{
    double share;
    return text == NULL || (number_text_read_decimal(text, &share) && share <= 1);
}

/* Each word must be a probe that is spared by default. */
static bool check_probe_posture(const char *list, struct error *err)
{
    char *copy = xstrdup(list), *rest = copy, *word;
    bool ok = true;
    while (ok && (word = strsep(&rest, ",")) != NULL) {
        const struct probe *probe = probe_find(word);
        if (probe == NULL || probe->scan_connections == 0)
            ok = error_set(err, ERROR_USAGE, "--probe-posture %s: expected mysql or vnc, separated by commas", word);
    }
    free(copy);
    return ok;
}

/* --sni WWW.x.example and www.x.example. are one name. */
static bool has_name(const struct scan_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->sni_count; i++)
        if (strcmp(settings->sni[i], name) == 0)
            return true;
    return false;
}

static char *absolute(const char *path)
{
    char *whole = user_file_real_path(path), *copy = xstrdup(whole == NULL ? path : whole);
    free(whole);
    return copy;
}

/* Secrets are read here only to say early what is wrong with them; the worker reads them again, also after --resume. */
static bool read_via(const struct options *options, struct scan_settings *settings, struct error *err)
{
    struct via via;
    settings->via = copy_option(options, "via");
    if (settings->via == NULL)
        return !option_given(options, "via-login") || error_set(err, ERROR_USAGE, "--via-login: there is no --via that it is for");
    if (!via_parse(settings->via, &via, err))
        return false;
    if (!option_given(options, "via-login"))
        return true;
    bool ok = via_login_read(option_get(options, "via-login"), &via, err) || error_add_context(err, "--via-login");
    via_login_wipe(&via);
    settings->via_login = absolute(option_get(options, "via-login"));
    return ok;
}

static bool read_openvpn_key(const char *spec, struct scan_settings *settings, struct error *err)
{
    struct openvpn_key *key = openvpn_key_read(spec, err);
    if (key == NULL)
        return false;
    openvpn_key_destroy(key);
    const char *path = strchr(spec, ':') + 1;
    char *whole = absolute(path);
    settings->openvpn_key = xasprintf("%.*s%s", (int)(path - spec), spec, whole);
    free(whole);
    return true;
}

static bool read_settings(const struct options *options, struct scan_settings *settings, struct error *err)
{
    const char *depth = option_get(options, "depth");
    if (depth != NULL && !tls_depth_parse(depth, &settings->depth))
        return error_set(err, ERROR_USAGE, "--depth %s: expected cert, posture, suites or deep", depth);
    if (settings->depth == TLS_DEPTH_DEEP)      /* some hundred connections; --attempt-timeout still counts */
        settings->attempt_ms = SCAN_DEEP_ATTEMPT_MS;
    if (!scan_options_read(options, settings, err))
        return false;
    settings->min_hit_rate = copy_option(options, "min-hit-rate");
    settings->max_error_rate = copy_option(options, "max-error-rate");
    if (!is_share(settings->min_hit_rate) || !is_share(settings->max_error_rate))
        return error_set(err, ERROR_USAGE,
                         "--min-hit-rate and --max-error-rate: expected a share from 0 to 1, as 0.01");
    settings->probe_posture = copy_option(options, "probe-posture");
    if (!read_via(options, settings, err))
        return false;
    if (option_given(options, "openvpn-key") && !read_openvpn_key(option_get(options, "openvpn-key"), settings, err))
        return false;
    if (settings->probe_posture != NULL && !check_probe_posture(settings->probe_posture, err))
        return false;
    settings->syn = option_given(options, "syn");
    if (settings->via != NULL && settings->syn)
        return error_set(err, ERROR_USAGE, "--via and --syn: a SYN finds out nothing through a proxy; use one of them");
    settings->reset_end = option_given(options, "reset");
    settings->prove = option_given(options, "prove");
    settings->ask_ptr = option_given(options, "ptr");
    settings->follow_names = option_given(options, "follow");
    for (size_t i = 0; i < option_count(options, "sni"); i++) {
        char name[SERVER_NAME_SIZE];
        if (!host_name_of(option_at(options, "sni", i), name))
            return error_set(err, ERROR_USAGE, "--sni %s: not a host name", option_at(options, "sni", i));
        if (!has_name(settings, name))
            scan_settings_add(&settings->sni, &settings->sni_count, name);
    }
    return read_numbers(options, settings, err);
}

static struct port_set *read_ports(const struct options *options, struct error *err)
{
    size_t count = option_count(options, "ports");
    struct port_set *ports = port_set_parse(count == 0 ? "@common" : option_at(options, "ports", 0), err);
    for (size_t i = 1; i < count && ports != NULL; i++) {
        struct port_set *more = port_set_parse(option_at(options, "ports", i), err), *all = NULL;
        if (more != NULL)
            all = port_set_union(ports, more);
        port_set_destroy(ports);
        port_set_destroy(more);
        ports = all;
    }
    return ports;
}

static bool read_shard(const struct options *options, struct scan_request *request, struct error *err)
{
    const char *text = option_get(options, "shard"), *name = option_get(options, "shard-name");
    uint64_t k = 0, n = 0;
    request->shard_count = 1;
    request->shard_of = option_get(options, "shard-of");
    if (text == NULL)
        return (name == NULL && request->shard_of == NULL) ||
               error_set(err, ERROR_USAGE, "--shard-name and --shard-of: of which part? Add --shard K/N");
    if (name != NULL && request->shard_of != NULL)
        return error_set(err, ERROR_USAGE, "--shard-name and --shard-of: one of them, since the bundle has the name");
    size_t len = strcspn(text, "/");
    char *part = xstrndup(text, len);
    bool ok = text[len] == '/' && number_text_read(text + len + 1, 65536, &n) && number_text_read(part, n, &k) && k >= 1;
    free(part);
    if (!ok)
        return error_set(err, ERROR_USAGE, "--shard %s: expected K/N with K from 1 to N, as 2/4", text);
    request->shard = (uint32_t)k - 1;
    request->shard_count = (uint32_t)n;
    request->settings.shard_name = n == 1 || name == NULL ? NULL : xstrdup(name);
    return true;
}

static struct target_list *read_targets(const struct options *options, const struct plan *plan,
                                        struct scan_request *request, struct error *err)
{
    struct port_set *ports = read_ports(options, err);
    if (ports == NULL)
        return NULL;
    struct target_list *list = target_list_create(ports);
    bool ok = scan_options_begin(options, ports, request, err);
    port_set_destroy(ports);
    for (size_t i = 0; i < option_count(options, "exclude") && ok; i++)
        ok = target_list_exclude(list, option_at(options, "exclude", i), err);
    for (size_t i = 0; i < argument_count(options) && ok; i++)
        ok = scan_options_add_target(list, request, argument_at(options, i), err);
    bool takes_plans = plan != NULL && argument_count(options) == 0;
    for (size_t i = 0; takes_plans && i < plan->target_count && ok; i++)
        ok = scan_options_add_target(list, request, plan->targets[i], err);
    if (ok)
        return list;
    target_list_destroy(list);
    return NULL;
}

/* --- JSON lines ----------------------------------------------------------------------------------------- */

/* A resumed scan appends to the lines that it has written before. */
static bool open_lines(const struct options *options, struct scan_request *request, struct error *err)
{
    bool goes_on = request->resume != NULL || request->continues[0] != '\0';
    bool all = option_given(options, "jsonl-all");
    request->lines_fd = -1;
    request->all_lines = all;
    if (all && option_given(options, "jsonl"))
        return error_set(err, ERROR_USAGE,
                         "--jsonl and --jsonl-all: one of them, since every line is in the second");
    if (!all && !option_given(options, "jsonl"))
        return true;
    const char *path = option_get(options, all ? "jsonl-all" : "jsonl");
    request->lines_on_stdout = path[0] == '\0' || strcmp(path, "-") == 0;
    if (!request->lines_on_stdout)
        return (request->lines_fd = goes_on ? output_file_append(path, 0644, err)
                                            : output_file_stream(path, O_TRUNC, 0644, err)) >= 0;
    request->lines_fd = dup(STDOUT_FILENO);
    return request->lines_fd >= 0 || error_set(err, ERROR_IO, "standard output: %s", strerror(errno));
}

/* --window: a line each. Yours: free(). NULL with err->kind ERROR_NONE: not given. */
static char *read_window(const struct options *options, struct error *err)
{
    char *lines = NULL;
    for (size_t i = 0; i < option_count(options, "window"); i++) {
        struct window window;
        if (!window_parse(option_at(options, "window", i), &window, err)) {
            error_add_context(err, "--window");
            free(lines);
            return NULL;
        }
        char *more = xasprintf("%s%s\n", lines == NULL ? "" : lines, option_at(options, "window", i));
        free(lines);
        lines = more;
    }
    return lines;
}

/* --- the command ---------------------------------------------------------------------------------------- */

static char *known_names(void *context, const char *site, const struct target_space *space)
{
    return scan_inventory_known_names(context, !option_given(context, "output"), site, space);
}

static bool run_targets(struct options *options, const struct plan *plan, struct scan_request *request,
                        struct error *err)
{
    request->site = option_get_or(options, "site", "default");
    request->known_names = known_names;
    request->known_context = options;
    request->settings.window = request->window == NULL ? NULL : xstrdup(request->window);
    bool is_judged = request->bundle == NULL && !request->dry_run;
    return scan_inventory_check_fail_on(options, is_judged, err) &&
           read_settings(options, &request->settings, err) &&
           (request->targets = read_targets(options, plan, request, err)) != NULL &&
           open_lines(options, request, err) &&
           (request->bundle != NULL || request->dry_run || scan_inventory_check(options, err)) &&
           scan_run(request, err);
}

static bool run_new(struct options *options, struct scan_request *request, struct error *err)
{
    const char *path = option_get(options, "plan");
    bool is_open = true;
    if (!read_shard(options, request, err))
        return false;
    if (path == NULL)
        return run_targets(options, NULL, request, err);
    struct plan *plan = plan_read(path, err);
    bool names_targets = plan == NULL || plan->target_count > 0 ||
                         error_set(err, ERROR_USAGE, "%s: it names no target: expected target = ... under [targets]; its [collect] is read by "
                                   "certsweep collect --plan", path);
    bool ok = plan != NULL && names_targets && scan_plan_apply(plan, options, err) &&
              scan_plan_prepare(plan, options, request, &is_open, err) &&
              (!is_open || run_targets(options, plan, request, err));
    plan_destroy(plan);
    return ok;
}

/* A resumed scan keeps its options: other ones are refused, not ignored. */
static bool check_again(const struct options *options, struct error *err)
{
    static const char *const taken[] = {"resume", "window", "fail-on", "jsonl", "jsonl-all", "via-login", "openvpn-key"};
    if (argument_count(options) != 0)
        return error_set(err, ERROR_USAGE,
                         "--resume goes on with the targets that the bundle has: to ask others, start a new scan");
    for (const struct option_spec *row = scan_options; row->name != NULL; row++) {
        bool is_taken = false;
        for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
            is_taken |= strcmp(row->name, taken[i]) == 0;
        if (!is_taken && option_typed(options, row->name))
            return error_set(err, ERROR_USAGE,
                             "--resume goes on as the scan began, and --%s is in its bundle already: to ask "
                             "something else, or otherwise, start a new scan",
                             row->name);
    }
    return true;
}

static bool run_again(const struct options *options, struct scan_request *request, struct error *err)
{
    return check_again(options, err) && scan_inventory_check_fail_on(options, true, err) && open_lines(options, request, err) && scan_resume(request, err);
}

/* A sealed bundle goes to the database, unless the user said where the bundle is to be. */
static bool take_in(const struct options *options, struct scan_request *request, struct error *err)
{
    bool is_met = false, prints = !(request->lines_fd >= 0 && request->lines_on_stdout);
    if (!request->is_sealed || request->settings.bundle_only)
        return true;
    if (!scan_inventory_take(options, request->path, request->site, prints, &is_met, err))
        return false;
    if (is_met)
        request->code = 1;
    return true;
}

static int run_scan(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct scan_request request = {
        .bundle = option_get(options, "output"),
        .resume = option_get(options, "resume"),
        .via_login = option_get(options, "via-login"),
        .openvpn_key = option_get(options, "openvpn-key"),
        .dry_run = option_given(options, "dry-run"),
        .lines_fd = -1,
    };
    (void)command;
    scan_settings_init(&request.settings);
    char *window = read_window(options, &err);
    request.window = window;
    bool ok;
    if (err.kind != ERROR_NONE)
        ok = false;
    else if (request.resume == NULL && argument_count(options) == 0 && !option_given(options, "plan"))
        ok = error_set(
            &err, ERROR_USAGE,
            "nothing to scan: name a target, as certsweep scan 10.0.0.0/24, or --plan, or --resume");
    else
        ok = request.resume != NULL ? run_again(options, &request, &err) : run_new(options, &request, &err);
    ok = ok && take_in(options, &request, &err);
    int code = ok ? request.code : command_fail(&err);
    if (code == 0 && request.targets != NULL && target_list_bad_lines(request.targets) != 0)
        code = 5;
    if (request.lines_fd >= 0)
        close(request.lines_fd);
    target_list_destroy(request.targets);
    scan_settings_clear(&request.settings);
    free(window);
    return code;
}

const struct command command_scan[] = {
    {
        .name = "scan",
        .arguments = "[TARGET...]",
        .summary = "sweep addresses and names for certificates, load and reconcile what was found",
        .description = "TARGET is a range or address (10.0.0.0/16, 10.0.0.1-10.0.0.50, 10.0.0.1-50, "
                       "2001:db8::/120), a name "
                       "(host.example) or a name on an address (name@address), each with an optional :PORTS "
                       "([address]:port), @FILE or - for a list. Blanks, tabs or commas stand between several of them; # "
                       "begins a comment in a list, and a line with a word that is no target is refused whole.\n"
                       "What is found is on disk first, in a bundle; a scan that was stopped or killed goes "
                       "on with --resume.",
        .options = scan_options,
        .examples = scan_examples,
        .run = run_scan,
    },
    {0},
};
