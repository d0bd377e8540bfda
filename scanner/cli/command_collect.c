/* certsweep collect: certificates and keys at rest, from files and what is inside of them, into a bundle. */
#include "inventory/bundle/bundle_reader.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "scanner/cli/command.h"
#include "scanner/cli/file_lines.h"
#include "scanner/cli/options.h"
#include "scanner/cli/passwords.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/run/collect_run.h"
#include "scanner/run/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct option_spec collect_options[] = {
    {.name = "include",
     .argument = "GLOB",
     .repeatable = true,
     .help = "Only files of this name (a glob without a slash), or of this path (one with a slash; * crosses folders)."},
    {.name = "exclude",
     .letter = 'x',
     .argument = "GLOB",
     .repeatable = true,
     .help = "Leave out files and folders of this name or path."},
    {.name = "other-file-systems",
     .help = "Also go into other file systems that are mounted below a path; those of the kernel (/proc, /sys) are always left alone."},
    {.name = "git-history",
     .help = "Of git repositories (bare ones, too) read every commit, and what no commit holds any more: each content once, its place is the first "
             "commit that has it. Without it only the files that lie there are read; their packs are compressed and tell nothing."},
    {.name = "plan",
     .argument = "FILE",
     .help = "Read paths and options from the section [collect] of a plan (path, include, exclude, host, other-file-systems, git-history, "
             "password-file), site "
             "and fail-on from [plan]; what stands on the command line wins, patterns add up."},
    {.name = "host", .argument = "NAME", .help = "The machine that the files are of (this machine's name). Needed for - and for mounts of others."},
    {.name = "password-file",
     .argument = "FILE",
     .help = "Passwords of key stores (PKCS#12, JKS, JCEKS), a line each; CERTSWEEP_KEYSTORE_PASSWORD in the environment is another. None, "
             "the empty one and \"changeit\" are tried, too."},
    {.name = "output", .letter = 'o', .argument = "BUNDLE", .help = "Write the bundle here and leave the database alone."},
    {.name = "jsonl",
     .argument = "FILE",
     .optional_argument = true,
     .help = "A JSON line for each file that holds something, to the file or standard output, when all is read."},
    {.name = "fail-on",
     .argument = "VERDICT,...",
     .help = "Exit code 1 where one of these verdicts is there after loading, as with scan."},
    {0},
};

static const char *const collect_examples[] = {
    "certsweep collect /etc /opt /srv",
    "certificates, keys and stores of this machine",
    "ssh web1 sudo tar c /etc | certsweep collect --host web1 -",
    "of another machine, without an agent",
    "certsweep collect -x '*.log' --other-file-systems /",
    "everything but logs",
    "certsweep collect --git-history /srv/git",
    "repositories with all that was ever committed",
    "certsweep collect -o image.bundle --host registry/app:1 image.tar",
    "an image with its layers, only into a bundle",
    NULL,
};

static const char **values_of(const struct options *options, const char *name, size_t *count)
{
    *count = option_count(options, name);
    const char **values = xcalloc(*count + 1, sizeof *values);
    for (size_t i = 0; i < *count; i++)
        values[i] = option_at(options, name, i);
    return values;
}

static bool lines_on_stdout(const struct options *options)
{
    const char *path = option_get(options, "jsonl");
    return path != NULL && (path[0] == '\0' || strcmp(path, "-") == 0);
}

static bool write_lines(const struct options *options, const char *bundle, struct error *err)
{
    return !option_given(options, "jsonl") || file_lines_write(bundle, lines_on_stdout(options) ? NULL : option_get(options, "jsonl"), err);
}

/* Combines exit codes: what could not be read (5) does not hide another code. */
static int code_of_both(int code, int one)
{
    return (code == 0 || code == 5) && one != 0 ? one : code;
}

static int take_in(const struct options *options, const struct collect_run_request *request)
{
    struct error err = {0};
    bool is_met = false;
    const char *bundle = request->path;
    if (!write_lines(options, bundle, &err))
        return command_fail(&err);
    if (request->bundle != NULL) {
        log_info("bundle: %s", bundle);
        return 0;
    }
    if (!scan_inventory_take_all(options, &bundle, 1, request->site, !lines_on_stdout(options), &is_met, &err))
        return command_fail(&err);
    return is_met ? 1 : 0;
}

/* ---- the plan ---- */

static bool set_absent(struct options *options, const char *name, const char *value, struct error *err)
{
    return value == NULL || option_given(options, name) || options_set(options, name, value, err);
}

static bool set_all(struct options *options, const char *name, char *const *values, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!options_set(options, name, values[i], err))
            return false;
    return true;
}

/* *plan: NULL where none is named; yours. */
static bool read_plan(struct options *options, struct plan **plan, struct error *err)
{
    const char *path = option_get(options, "plan");
    *plan = NULL;
    if (path == NULL)
        return true;
    *plan = plan_read(path, err);
    if (*plan == NULL)
        return false;
    if ((*plan)->collect_path_count == 0)
        return error_set(err, ERROR_USAGE, "%s: it names no path: expected path = ... under [collect]", path);
    return set_all(options, "include", (*plan)->collect_include, (*plan)->collect_include_count, err) &&
           set_all(options, "exclude", (*plan)->collect_exclude, (*plan)->collect_exclude_count, err) &&
           set_absent(options, "host", (*plan)->collect_host, err) && set_absent(options, "site", (*plan)->site, err) &&
           set_absent(options, "fail-on", (*plan)->fail_on, err) &&
           set_absent(options, "password-file", (*plan)->collect_passwords, err) &&
           set_absent(options, "other-file-systems", (*plan)->collect_other_file_systems ? "yes" : NULL, err) &&
           set_absent(options, "git-history", (*plan)->collect_git_history ? "yes" : NULL, err);
}

/* ---- the command ---- */

static bool check(const struct options *options, const struct plan *plan, struct error *err)
{
    size_t count = argument_count(options), streams = 0;
    for (size_t i = 0; i < count; i++)
        streams += strcmp(argument_at(options, i), "-") == 0;
    if (count > 0 && plan != NULL)
        return error_set(err, ERROR_USAGE, "give paths in the plan or on the command line, not in both");
    if (count == 0 && plan == NULL)
        return error_set(err, ERROR_USAGE, "certsweep collect needs paths, or - for a tar on standard input");
    if (streams > 0 && (count > 1 || !option_given(options, "host")))
        return error_set(err, ERROR_USAGE, "a tar on standard input (-) must be the only argument, and needs --host: the host of its files");
    return scan_inventory_check_fail_on(options, !option_given(options, "output"), err) &&
           (option_given(options, "output") || scan_inventory_check(options, err));
}

static int collect(struct options *options, const struct plan *plan, struct error *err)
{
    struct passwords passwords = {0};
    struct collect_run_request request = {.path_count = plan != NULL ? plan->collect_path_count : argument_count(options),
                                          .host = option_get(options, "host"), .site = option_get_or(options, "site", "default"),
                                          .bundle = option_get(options, "output"),
                                          .other_file_systems = option_given(options, "other-file-systems"),
                                          .git_history = option_given(options, "git-history")};
    if (!check(options, plan, err) || !passwords_read(&passwords, option_get(options, "password-file"), err))
        return command_fail(err);
    const char **paths = xcalloc(request.path_count, sizeof *paths);
    for (size_t i = 0; i < request.path_count; i++)
        paths[i] = plan != NULL ? plan->collect_paths[i] : argument_at(options, i);
    const char **include = values_of(options, "include", &request.include_count), **exclude = values_of(options, "exclude", &request.exclude_count);
    request.paths = paths;
    request.include = include;
    request.exclude = exclude;
    request.passwords = (const char *const *)passwords.items;
    request.password_count = passwords.count;
    int code = collect_run(&request, err) ? request.code : command_fail(err);
    if (request.is_sealed)
        code = code_of_both(code, take_in(options, &request));
    passwords_forget(&passwords);
    free(paths);
    free(include);
    free(exclude);
    return code;
}

static int run_collect(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct plan *plan;
    (void)command;
    int code = read_plan(options, &plan, &err) ? collect(options, plan, &err) : command_fail(&err);
    plan_destroy(plan);
    return code;
}

const struct command command_collect[] = {
    {
        .name = "collect",
        .arguments = "[PATH...]",
        .summary = "certificates and keys at rest: files, stores, archives, images",
        .description =
            "Every file below the paths is looked into, whatever its name: PEM (also quoted, escaped, indented, in base64, in UTF-16), DER at any place "
            "of a binary or as hexadecimal digits, numbers or escapes in text, PKCS#7, PKCS#12, Java and NSS stores (also inside of other "
            "files), archives, packages and container images with their "
            "layers, mail, in each other, configuration that names certificates. Of a private key only the hash of its public half is kept, "
            "its kind, its size and whether it is encrypted. Links are "
            "not followed.\n"
            "Files are opened by one process and read by another one that has given up all rights. What cannot be read is told, the rest is done "
            "(exit 5). Ctrl-C keeps all that was found.",
        .options = collect_options,
        .examples = collect_examples,
        .run = run_collect,
    },
    {0},
};
