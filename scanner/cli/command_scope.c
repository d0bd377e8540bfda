/* certsweep scope: writes the file that says who allowed scans of which networks, from options or a few questions, and shows it
 * in words. */
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "probes/base/ports.h"
#include "scanner/cli/command.h"
#include "scanner/targets/scope.h"
#include "scanner/targets/target_words.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec new_options[] = {
    {.name = "authorised-by", .argument = "NAME", .help = "Who allows the scan: a person with the right to."},
    {.name = "reference", .argument = "TEXT", .help = "A ticket, letter or contract that says so."},
    {.name = "range",
     .argument = "RANGE[:PORTS]",
     .repeatable = true,
     .help = "Addresses that may be asked, on every port or on these."},
    {.name = "name",
     .argument = "NAME[:PORTS]",
     .repeatable = true,
     .help = "A name, or *.suffix, whose addresses may be asked, on port 443 or on these."},
    {.name = "exclude",
     .letter = 'x',
     .argument = "SPEC",
     .repeatable = true,
     .help = "Never asked all the same."},
    {.name = "from", .argument = "DATE", .help = "The first day, as 2026-01-31. Without it: at once."},
    {.name = "until", .argument = "DATE", .help = "The last day. Without it: for good."},
    {.name = "depth",
     .argument = "cert|posture|suites|deep",
     .help = "The deepest that an endpoint may be asked. Without it: posture."},
    {0},
};

static const char *const new_examples[] = {
    "certsweep scope new -o scope.ini",
    "asks who allows it and what",
    "certsweep scope new --authorised-by \"Jane Doe, CISO\" --range 203.0.113.0/24 --name '*.x.ca.gov' "
    "--until 2026-12-31 -o scope.ini",
    "the same without questions",
    NULL,
};

/* ---- writing one */

#define VALUE_MAX 150 /* with its name, a line that ini_file.h reads */

struct draft {
    char *text;
    size_t len;
    FILE *out;
};

/* A value goes into one line of a file that is read as ini: control characters and comment signs do not. */
static bool is_plain_value(const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == ';' || *c == '#')
            return false;
    }
    return value[0] != '\0';
}

static bool put(struct draft *draft, const char *name, const char *value, struct error *err)
{
    if (!is_plain_value(value))
        return error_set(err, ERROR_USAGE, "%s \"%.40s\": expected one line of text, without ; and #", name,
                         value);
    if (strlen(value) > VALUE_MAX)
        return error_set(err, ERROR_USAGE, "%s \"%.40s...\": longer than %d bytes", name, value, VALUE_MAX);
    fprintf(draft->out, "%s = %s\n", name, value);
    return true;
}

/* A line for each target of the text. kind NULL: a name is one where it cannot be an address. */
static bool put_words(struct draft *draft, const char *text, const char *kind, struct error *err)
{
    struct target_words words;
    bool ok = target_words_parse(text, true, &words, err);
    for (size_t i = 0; i < words.count && ok; i++) {
        const struct target_text *spec = &words.specs[i];
        char *line = target_text_format(spec);
        ok = put(draft, kind != NULL ? kind : spec->is_name ? "name" : "range", line, err);
        free(line);
    }
    target_words_clear(&words);
    return ok;
}

static bool put_all(struct draft *draft, const struct options *options, const char *name, const char *kind,
                    struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < option_count(options, name) && ok; i++)
        ok = put_words(draft, option_at(options, name, i), kind, err);
    return ok;
}

static bool put_head(struct draft *draft, const struct options *options, const char *who, struct error *err)
{
    static const char *const names[] = {"reference", "from", "until", "depth"};
    fputs("; What may be asked by certsweep, and who allowed it. Shown by: certsweep scope show "
          "FILE\n[scope]\n",
          draft->out);
    bool ok = put(draft, "authorised-by", who, err);
    for (size_t i = 0; i < 4 && ok; i++) {
        if (option_given(options, names[i]))
            ok = put(draft, names[i], option_get(options, names[i]), err);
    }
    return ok;
}

/* The answer to a question on the terminal; "" at its end. Yours: free(). */
static char *ask(const char *question)
{
    char *line = NULL;
    size_t capacity = 0;
    fprintf(stderr, "%s: ", question);
    if (getline(&line, &capacity, stdin) < 0) {
        free(line);
        return xstrdup("");
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static bool write_draft(struct draft *draft, const struct options *options, struct error *err)
{
    bool has_what = option_given(options, "range") || option_given(options, "name");
    bool may_ask = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if ((!has_what || !option_given(options, "authorised-by")) && !may_ask)
        return error_set(
            err, ERROR_USAGE,
            "expected --authorised-by NAME and --range RANGE or --name NAME (there is no terminal to ask "
            "on)");
    char *who = option_given(options, "authorised-by") ? xstrdup(option_get(options, "authorised-by"))
                                                       : ask("Who allows this scan (name, role)");
    bool ok = put_head(draft, options, who, err);
    fputs("\n[allow]\n", draft->out);
    ok = ok && put_all(draft, options, "range", "range", err) && put_all(draft, options, "name", "name", err);
    if (ok && !has_what) {
        char *what = ask("Which ranges and names (203.0.113.0/24 *.x.ca.gov ...)");
        ok = put_words(draft, what, NULL, err);
        free(what);
    }
    if (ok && option_given(options, "exclude")) {
        fputs("\n[exclude]\n", draft->out);
        ok = put_all(draft, options, "exclude", NULL, err);
    }
    free(who);
    return ok;
}

static int run_new(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct draft draft = {0};
    (void)command;
    draft.out = open_memstream(&draft.text, &draft.len);
    bool ok = write_draft(&draft, options, &err);
    fclose(draft.out);
    /* What is written must be readable: the scope's own parser is the judge of every value. */
    struct scope *scope = ok ? scope_create(draft.text, "the new scope file", "", &err) : NULL;
    struct output *output = scope == NULL ? NULL : output_open(options, &err);
    ok = output != NULL;
    if (ok) {
        fputs(draft.text, output_file(output));
        ok = output_close(output, true, &err);
    }
    scope_destroy(scope);
    free(draft.text);
    return ok ? 0 : command_fail(&err);
}

/* ---- showing one */

static void show_ranges(FILE *out, const char *label, const struct target_space *space)
{
    for (size_t i = 0; i < target_space_segment_count(space); i++) {
        struct address_range range;
        char addresses[ADDRESS_RANGE_TEXT_SIZE];
        const struct port_set *ports = target_space_segment(space, i, &range);
        char *text = port_set_format(ports);
        address_range_format(&range, addresses);
        fprintf(out, "%-15s %s, %s%s\n", label, addresses,
                port_set_count(ports) == PORT_SET_COUNT_MAX ? "every port" : "ports ",
                port_set_count(ports) == PORT_SET_COUNT_MAX ? "" : text);
        free(text);
    }
}

static void show_names(FILE *out, const struct scope *scope, const struct scope_facts *facts)
{
    for (size_t i = 0; i < facts->name_count; i++) {
        char *ports = port_set_format(scope_name_ports(scope, i));
        clean_text_print(out, "%-15s what %s resolves to, ports %s\n", "allowed", scope_name(scope, i), ports);
        free(ports);
    }
    for (size_t i = 0; i < facts->excluded_name_count; i++)
        clean_text_print(out, "%-15s %s\n", "excluded", scope_excluded_name(scope, i));
}

static void show_day(FILE *out, const char *label, int64_t time_us, const char *open)
{
    char day[CLOCK_TEXT_SIZE];
    clock_format_us(time_us, day);
    if (open != NULL)
        fprintf(out, "%-15s %s\n", label, open);
    else
        fprintf(out, "%-15s %.19s UTC\n", label, day);
}

static void show(FILE *out, const struct scope *scope)
{
    static const char *const depths[] = {"cert", "posture", "suites", "deep"};
    struct scope_facts facts;
    struct error err;
    int64_t now_us = clock_utc_us();
    scope_get(scope, &facts);
    clean_text_print(out, "%-15s %s\n", "authorised by",
                     facts.has_file ? facts.authorised_by : "nobody: there is no file");
    if (facts.reference[0] != '\0')
        clean_text_print(out, "%-15s %s\n", "reference", facts.reference);
    show_day(out, "from", facts.from_us, facts.from_us == INT64_MIN ? "at once" : NULL);
    show_day(out, "until", facts.until_us, facts.until_us == INT64_MAX ? "for good" : NULL);
    fprintf(out, "%-15s %s\n", "depth", depths[facts.depth]);
    show_ranges(out, "allowed", scope_allowed(scope));
    show_ranges(out, "excluded", scope_excluded(scope));
    show_names(out, scope, &facts);
    fprintf(out, "%-15s unspecified, multicast, broadcast, link-local and reserved addresses\n", "never");
    if (scope_check(scope, TLS_DEPTH_CERT, now_us, &err))
        fprintf(out, "%-15s holds now\n", "today");
    else
        fprintf(out, "%-15s does not hold: %s\n", "today", err.text);
}

static int run_show(const struct command *command, struct options *options)
{
    struct error err = {0};
    const char *path = argument_count(options) == 0 ? NULL : argument_at(options, 0);
    (void)command;
    char *text = path == NULL ? NULL : scope_read_file(path, &err);
    struct scope *scope = NULL;
    if (argument_count(options) > 1)
        error_set(&err, ERROR_USAGE, "scope show takes one file");
    else if (path == NULL || text != NULL)
        scope = scope_create(text, path, "", &err);
    struct output *output = scope == NULL ? NULL : output_open(options, &err);
    bool ok = output != NULL;
    if (ok) {
        show(output_file(output), scope);
        ok = output_close(output, true, &err);
    }
    scope_destroy(scope);
    free(text);
    return ok ? 0 : command_fail(&err);
}

const struct command command_scope[] = {
    {.name = "scope new",
     .summary = "write the file that allows public addresses to be asked",
     .description =
         "certsweep asks loopback and private addresses without a scope file. Public ones it asks only within a "
         "scope file, which says who allowed which ranges and names, how deep, and from when to when. With "
         "a scope file nothing outside it is asked, private or not.\n"
         "Without --authorised-by, and without --range and --name, it asks on the terminal.",
     .options = new_options,
     .examples = new_examples,
     .run = run_new},
    {.name = "scope show",
     .arguments = "[FILE]",
     .summary = "say in words what a scope file allows",
     .description = "Without FILE: what is allowed without one.",
     .run = run_show},
    {0},
};
