/* certsweep test: the server test of named endpoints, without a database. */
#include "inventory/bundle/bundle_files.h"
#include "inventory/server_test/changes.h"
#include "inventory/server_test/judgement.h"
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/terminal.h"
#include "reports/server_test/server_test_report.h"
#include "scanner/cli/command.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/cli/scan_options.h"
#include "scanner/cli/test_stores.h"
#include "scanner/cli/version.h"
#include "scanner/run/mail_hosts.h"
#include "scanner/run/scan_run.h"
#include "scanner/targets/known_names.h"

#include <stdlib.h>
#include <string.h>

/* ---- the scan ---- */

static bool read_settings(const struct options *options, struct scan_settings *settings, struct error *err)
{
    settings->depth = TLS_DEPTH_DEEP;
    settings->attempt_ms = SCAN_DEEP_ATTEMPT_MS;
    settings->bundle_only = settings->is_passing = true;
    return scan_options_read(options, settings, err);
}

/* --mx: each argument is a domain, and its mail hosts are what is tested. */
static bool add_mail_hosts(struct target_list *list, struct scan_request *request, const char *domain, struct error *err)
{
    char **names;
    size_t count;
    bool ok = mail_hosts_find(domain, request->settings.resolver, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = scan_options_add_target(list, request, names[i], err);
    mail_hosts_free(names, count);
    return ok;
}

static struct target_list *read_targets(const struct options *options, struct scan_request *request, struct error *err)
{
    struct port_set *ports = port_set_parse(option_get_or(options, "ports", option_given(options, "mx") ? "25" : "443"), err);
    if (ports == NULL)
        return NULL;
    struct target_list *list = target_list_create(ports);
    bool ok = scan_options_begin(options, ports, request, err);
    port_set_destroy(ports);
    for (size_t i = 0; ok && i < argument_count(options); i++)
        ok = option_given(options, "mx") ? add_mail_hosts(list, request, argument_at(options, i), err)
                                         : scan_options_add_target(list, request, argument_at(options, i), err);
    if (ok)
        return list;
    target_list_destroy(list);
    return NULL;
}

/* Hosts that take one session at a time, from earlier scans, are asked so. */
static char *known_hosts(void *context, const char *site, const struct target_space *space)
{
    char *lines = scan_inventory_known_names(context, true, site, space);
    if (lines != NULL)
        known_names_leave_out(lines);
    return lines;
}

/* --keep: into the inventory, as scan --depth deep does; what it knows of these servers is shown, too. */
static bool keep(const struct options *options, const struct scan_request *request, struct server_test *test, struct error *err)
{
    return !option_given(options, "keep") || !request->is_sealed ||
           scan_inventory_keep(options, request->path, request->site, test, err);
}

/* The bundle, whose path is request->path, is read and then removed, since it is nobody's scan or is in the inventory. */
static bool ask(struct options *options, struct scan_request *request, struct server_test *test, struct error *err)
{
    scan_settings_init(&request->settings);
    request->site = option_get_or(options, "site", "default");
    request->shard_count = 1;
    request->lines_fd = -1;
    if (strcmp(option_get_or(options, "rate", ""), "max") != 0) {       /* max lifts every cap, this one too */
        request->known_names = known_hosts;
        request->known_context = options;
    }
    bool ok = (!option_given(options, "keep") || scan_inventory_reach(options, err)) && read_settings(options, &request->settings, err) &&
        (request->targets = read_targets(options, request, err)) != NULL &&
              scan_run(request, err) && server_test_read(request->path, test, err) && keep(options, request, test, err);
    bool is_lost = !ok && option_given(options, "keep") && request->is_sealed;          /* the error names the bundle: it can be loaded */
    if (request->path[0] != '\0' && !is_lost)
        bundle_files_remove(request->path);
    target_list_destroy(request->targets);
    scan_settings_clear(&request->settings);
    return ok;
}

/* ---- what is shown ---- */

/* A retry without a name is an endpoint of its own in the bundle, without answers of its own. */
static bool is_shown(const struct server_facts *facts, const struct server_test *test)
{
    return facts->item_count != 0 || test->count == 1 || facts->outcome != OUTCOME_CERTIFICATE;
}

/* By name, address and port, whichever ended first. */
static int by_place(const void *a, const void *b)
{
    const struct endpoint *x = &((const struct server_facts *)a)->endpoint, *y = &((const struct server_facts *)b)->endpoint;
    int order = strcmp(x->server_name, y->server_name);
    if (order == 0)
        order = address_compare(&x->address, &y->address);
    return order != 0 ? order : (x->port > y->port) - (x->port < y->port);
}

static size_t judge_all(const struct server_test *test, const struct test_stores *stores, struct server_judgement *judgements)
{
    size_t count = 0;
    for (size_t i = 0; i < test->count; i++)
        if (is_shown(&test->servers[i], test))
            server_judge(&test->servers[i], stores->list, stores->count, clock_utc_us() / 1000000, &judgements[count++]);
    return count;
}

/* Places and names that gave no answer at all: a line for each way in which they did not. */
static void show_silent(FILE *out, const struct server_test *test)
{
    for (unsigned outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (test->silent[outcome] != 0)
            fprintf(out, "no answer       %s: %u\n", outcome_name((enum outcome)outcome), test->silent[outcome]);
}

/* What cannot be judged fails: a test without an answer, one that ended early, a policy that says nothing of the server. */
static bool fails_one(const char *wanted, const struct server_judgement *judgement)
{
    const char *letter;
    if (!judgement->grade.is_known || judgement->grade.is_cut)
        return true;
    if (grade_parse(wanted, &letter))
        return !grade_is_at_least(judgement->grade.letter, letter);
    for (size_t i = 0; i < judgement->profile_count; i++)
        if (strcmp(judgement->profiles[i].name, wanted) == 0)
            return judgement->profiles[i].failed != 0;
    return true;
}

/* --fail-below: a letter, a profile's name, or "policy": the inventory's, so the test must be kept. */
static bool check_wanted(const struct options *options, struct error *err)
{
    const char *letter;
    for (size_t i = 0; i < option_count(options, "fail-below"); i++) {
        const char *wanted = option_at(options, "fail-below", i);
        bool is_known = grade_parse(wanted, &letter);
        if (strcmp(wanted, "policy") == 0 && !option_given(options, "keep"))
            return error_set(err, ERROR_USAGE, "--fail-below policy: the policy in use is the inventory's, so it needs --keep");
        is_known |= strcmp(wanted, "policy") == 0;
        for (size_t p = 0; p < profiles_count(); p++)
            is_known |= strcmp(profile_name(p), wanted) == 0;
        if (!is_known)
            return error_set(err, ERROR_USAGE, "--fail-below %.40s: expected A, A-, B ... F, modern, intermediate, old, sp800-52 or policy",
                             wanted);
    }
    return true;
}

static bool fails(const struct options *options, const struct server_judgement *judgements, size_t count)
{
    for (size_t i = 0; i < option_count(options, "fail-below"); i++)
        for (size_t k = 0; k < count; k++)
            if (fails_one(option_at(options, "fail-below", i), &judgements[k]))
                return true;
    return false;
}

/* ---- addresses of one name ---- */

#define PLACE_SIZE (ADDRESS_TEXT_SIZE + 16)

static void place_text(const struct server_facts *facts, char place[PLACE_SIZE])
{
    char address[ADDRESS_TEXT_SIZE];
    bool is_6 = facts->endpoint.address.len == 16;
    address_format(&facts->endpoint.address, address);
    snprintf(place, PLACE_SIZE, "%s%s%s:%u", is_6 ? "[" : "", address, is_6 ? "]" : "", facts->endpoint.port);
}

/* The first one that was tested under the same name and at the same port; NULL: this is the first. */
static const struct server_judgement *find_twin(const struct server_judgement *judgements, size_t at)
{
    const struct endpoint *endpoint = &judgements[at].facts->endpoint;
    for (size_t i = 0; i < at && endpoint->server_name[0] != '\0'; i++) {
        const struct endpoint *other = &judgements[i].facts->endpoint;
        if (other->port == endpoint->port && strcmp(other->server_name, endpoint->server_name) == 0)
            return judgements[i].grade.is_known && judgements[at].grade.is_known ? &judgements[i] : NULL;
    }
    return NULL;
}

/* The caller frees changes. False: it has no twin. */
static bool compare_twin(const struct server_judgement *judgements, size_t at, char place[PLACE_SIZE], struct server_change **changes,
                         struct server_test_origin *origin)
{
    const struct server_judgement *twin = find_twin(judgements, at);
    *changes = NULL;
    if (twin == NULL)
        return false;
    place_text(twin->facts, place);
    origin->twin = place;
    origin->difference_count = server_changes(twin, &judgements[at], changes);
    origin->differences = *changes;
    return true;
}

static void show_twins(FILE *out, const struct server_judgement *judgements, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        char there[PLACE_SIZE], here[PLACE_SIZE];
        struct server_change *changes;
        struct server_test_origin origin = {0};
        if (!compare_twin(judgements, i, there, &changes, &origin))
            continue;
        place_text(judgements[i].facts, here);
        fputc('\n', out);
        server_test_twins(out, here, &origin, terminal_width(out, 120));
        free(changes);
    }
}

static void show_text(const struct options *options, const struct server_test *test, const struct server_judgement *judgements,
                      size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i != 0)
            fputc('\n', out);
        server_test_text(out, &judgements[i], option_given(options, "verbose"), terminal_width(out, 120));
    }
    show_twins(out, judgements, count);
    show_silent(out, test);
}

static void show_json(const struct server_judgement *judgements, size_t count, FILE *out)
{
    struct server_test_document *document = server_test_json_begin();
    for (size_t i = 0; i < count; i++) {
        char place[PLACE_SIZE];
        struct server_change *changes;
        struct server_test_origin origin = {0};
        compare_twin(judgements, i, place, &changes, &origin);
        server_test_json_add(document, &judgements[i], &origin, NULL);
        free(changes);
    }
    server_test_json_end(document, out);
}

static bool show(const struct options *options, const struct server_test *test, const struct server_judgement *judgements,
                 size_t count, struct error *err)
{
    struct output *output = output_open(options, err);
    if (output == NULL)
        return false;
    FILE *out = output_file(output);
    const char *format = option_get_or(options, "format", "table");
    if (strcmp(format, "json") == 0)
        show_json(judgements, count, out);
    else if (strcmp(format, "html") == 0)
        server_test_html(out, &judgements[0], &(struct server_test_origin){.written_by = "certsweep " CERTSWEEP_VERSION}, NULL);
    else
        show_text(options, test, judgements, count, out);
    return output_close(output, true, err);
}

static int run(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct server_test test = {0};
    struct test_stores stores = {0};
    struct scan_request request = {0};
    const char *format = option_get_or(options, "format", "table");
    bool is_below = false;
    bool ok = check_wanted(options, &err);
    if (ok && argument_count(options) == 0)
        ok = error_set(&err, ERROR_USAGE, "certsweep test needs HOST[:PORT], as certsweep test www.example.gov");
    if (ok && strcmp(format, "table") != 0 && strcmp(format, "json") != 0 && strcmp(format, "html") != 0)
        ok = error_set(&err, ERROR_USAGE, "--format %.20s: certsweep test has table, json and html", format);
    ok = ok && test_stores_read(options, &stores, &err) && ask(options, &request, &test, &err);
    struct server_judgement *judgements = xcalloc(test.count + 1, sizeof *judgements);
    if (ok) {
        qsort(test.servers, test.count, sizeof *test.servers, by_place);
        size_t count = judge_all(&test, &stores, judgements);
        is_below = fails(options, judgements, count) || (count == 0 && option_count(options, "fail-below") != 0);
        ok = (strcmp(format, "html") != 0 || count == 1 ||
              error_set(&err, ERROR_INPUT, "--format html is a page of one server, and %zu answered: name ADDRESS:PORT", count)) &&
             show(options, &test, judgements, count, &err);
    }
    free(judgements);
    server_test_clear(&test);
    test_stores_clear(&stores);
    return !ok ? command_fail(&err) : is_below ? 1 : request.code;
}

static const struct option_spec test_options[] = {
    {.name = "ports", .letter = 'p', .argument = "SPEC", .help = "Ports of targets that name none (443)."},
    {.name = "mx", .help = "The arguments are domains: test the hosts that take their mail, port 25 by STARTTLS, all of their addresses."},
    SCAN_OPTION_RESOLVER,
    {.name = "probe", .argument = "NAME", .help = "Speak this protocol (tls, smtp, ldap ...) instead of the port's own."},
    {.name = "roots",
     .argument = "[NAME=]FILE",
     .repeatable = true,
     .help = "Judge trust by these roots too: a file or folder, PEM, DER, PKCS#7 or a key store (Java's cacerts). The system's (CERTSWEEP_ROOTS) "
             "count as public, but for those in /usr/local/share/ca-certificates."},
    {.name = "fail-below",
     .argument = "GRADE|PROFILE",
     .repeatable = true,
     .help = "Exit with 1 where a server has a worse grade (A, A-, B ... F), or fails a profile: modern, intermediate, old, sp800-52, or "
             "policy, the one in use in the inventory (with --keep). No answer, a test that ended early, or answers that contradict each other count as failed."},
    {.name = "keep", .help = "Keep the test in the inventory: report server-tests and report endpoint show it, and what has changed since the one before."},
    {.name = "ids-friendly",
     .help = "Ask slowly, a connection a second, and with no hello that no client of today sends; what only such hellos would show stays untested."},
    SCAN_OPTION_SCOPE,
    SCAN_OPTION_RATE,
    {.name = NULL},
};

static const char *const examples[] = {
    "certsweep test www.example.gov", "every address of the name, port 443",
    "certsweep test --mx example.gov", "the hosts that take a domain's mail",
    "certsweep test mail.example.gov:587 db.example.gov:5432", "STARTTLS and databases too",
    "certsweep test --fail-below intermediate --roots own=ca.pem 10.1.2.3:8443", "for a pipeline: an exit code",
    "certsweep test --keep --fail-below policy 10.1.2.3:8443", "the same by the policy in use",
    NULL,
};

const struct command command_test[] = {
    {.name = "test",
     .arguments = "HOST[:PORT]...",
     .summary = "test a server as SSL Labs does: grade, weaknesses, profiles, each with its fact",
     .description =
         "Asks one endpoint, or each address of a name, for versions, suites, groups, signature schemes, features, tolerance and "
         "chains: some 50 connections and one per accepted suite, all of them ordinary hellos. No application data is sent and "
         "nothing malformed. What only an attack would tell (Heartbleed, ROBOT ...) is shown as not tested, so a letter is "
         "provisional. The letter is that of the SSL Labs rating guide 2009r. -v shows what was refused and untested too; "
         "--format json has every answer, --format html -o FILE is a page of one server. Nothing is stored without --keep; certsweep scan "
         "--depth deep stores too, over ranges and by plan.",
     .options = test_options,
     .examples = examples,
     .run = run},
    {.name = NULL},
};
