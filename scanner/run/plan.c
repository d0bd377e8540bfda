#include "scanner/run/plan.h"

#include "probes/base/ini_file.h"
#include "probes/base/memory.h"
#include "probes/base/number_text.h"
#include "probes/base/user_file.h"
#include "scanner/pacing/pacing.h"
#include "scanner/targets/target_words.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct plan *plan;
    char *folder; /* of the file, with its last "/" */
    uint32_t seen; /* rows that had a value, a bit each */
};

typedef bool take_function(struct reading *reading, const char *name, const char *value, void *member,
                           struct error *err);

static void set_text(char **member, const char *value)
{
    free(*member);
    *member = xstrdup(value);
}

/* ---- values; each is checked when its line is read, so that an error names the line */

static bool take_text(struct reading *reading, const char *name, const char *value, void *member,
                      struct error *err)
{
    (void)reading;
    if (value[0] == '\0')
        return error_set(err, ERROR_USAGE, "%s has no value", name);
    set_text(member, value);
    return true;
}

static char *absolute(const struct reading *reading, const char *path)
{
    return path[0] == '/' ? xstrdup(path) : xasprintf("%s%s", reading->folder, path);
}

static bool take_path(struct reading *reading, const char *name, const char *value, void *member,
                      struct error *err)
{
    if (value[0] == '\0')
        return error_set(err, ERROR_USAGE, "%s has no value", name);
    free(*(char **)member);
    *(char **)member = absolute(reading, value);
    return true;
}

static bool take_depth(struct reading *reading, const char *name, const char *value, void *member,
                       struct error *err)
{
    if (strcmp(value, "cert") != 0 && strcmp(value, "posture") != 0 && strcmp(value, "suites") != 0 &&
        strcmp(value, "deep") != 0)
        return error_set(err, ERROR_USAGE, "depth = %.40s: expected cert, posture, suites or deep", value);
    return take_text(reading, name, value, member, err);
}

static bool take_rate(struct reading *reading, const char *name, const char *value, void *member,
                      struct error *err)
{
    struct pacing_limits limits = pacing_limits_default;
    return pacing_limits_set_rate(&limits, value, err) && take_text(reading, name, value, member, err);
}

static bool take_whole(struct reading *reading, const char *name, const char *value, void *member,
                       struct error *err)
{
    size_t len = strlen(value);
    if (len == 0 || len > 8 || strspn(value, "0123456789") != len)
        return error_set(err, ERROR_USAGE, "%s = %.40s: expected a whole number", name, value);
    return take_text(reading, name, value, member, err);
}

static bool take_share(struct reading *reading, const char *name, const char *value, void *member,
                       struct error *err)
{
    double share;
    if (!number_text_read_decimal(value, &share) || share > 1)
        return error_set(err, ERROR_USAGE, "%s = %.40s: expected a share from 0 to 1, as 0.01", name, value);
    return take_text(reading, name, value, member, err);
}

static bool take_switch(struct reading *reading, const char *name, const char *value, void *member,
                        struct error *err)
{
    (void)reading;
    bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
    if (!yes && strcmp(value, "no") != 0 && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
        return error_set(err, ERROR_USAGE, "%s = %.40s: expected yes or no", name, value);
    *(bool *)member = yes;
    return true;
}

static void append(char ***list, size_t *count, char *text)
{
    *list = xreallocarray(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = text;
}

/* "@FILE" with an absolute path, "-" refused; else a spec that can be read. */
static bool take_spec(struct reading *reading, const char *value, bool pattern, char ***list, size_t *count,
                      struct error *err)
{
    struct target_words words;
    if (value[0] == '@') {
        char *path = absolute(reading, value + 1);
        append(list, count, xasprintf("@%s", path));
        free(path);
        return true;
    }
    if (strcmp(value, "-") == 0)
        return error_set(err, ERROR_USAGE, "a plan cannot read standard input: name a file, as @targets.txt");
    bool ok = target_words_parse(value, pattern, &words, err);
    bool is_blank = ok && words.count == 0;
    target_words_clear(&words);
    if (!ok || is_blank)
        return !ok ? false : error_set(err, ERROR_USAGE, "\"%.100s\": a target is missing", value);
    append(list, count, xstrdup(value));
    return true;
}

static bool take_target(struct reading *reading, const char *name, const char *value, void *member,
                        struct error *err)
{
    (void)name, (void)member;
    return take_spec(reading, value, false, &reading->plan->targets, &reading->plan->target_count, err);
}

static bool take_exclusion(struct reading *reading, const char *name, const char *value, void *member,
                           struct error *err)
{
    (void)name, (void)member;
    return take_spec(reading, value, true, &reading->plan->exclusions, &reading->plan->exclusion_count, err);
}

static bool take_ports(struct reading *reading, const char *name, const char *value, void *member,
                       struct error *err)
{
    (void)name, (void)member;
    struct port_set *ports = port_set_parse(value, err);
    if (ports == NULL)
        return false;
    port_set_destroy(ports);
    append(&reading->plan->ports, &reading->plan->port_count, xstrdup(value));
    return true;
}

static bool take_window(struct reading *reading, const char *name, const char *value, void *member,
                        struct error *err)
{
    struct plan *plan = reading->plan;
    struct window window;
    (void)name, (void)member;
    if (!window_parse(value, &window, err))
        return false;
    plan->windows = xreallocarray(plan->windows, plan->window_count + 1, sizeof *plan->windows);
    plan->windows[plan->window_count++] = window;
    return true;
}

static bool take_collect_path(struct reading *reading, const char *name, const char *value, void *member, struct error *err)
{
    (void)name, (void)member;
    if (strcmp(value, "-") == 0)
        return error_set(err, ERROR_USAGE, "a plan cannot read standard input: name a path");
    append(&reading->plan->collect_paths, &reading->plan->collect_path_count, absolute(reading, value));
    return true;
}

static bool take_collect_include(struct reading *reading, const char *name, const char *value, void *member, struct error *err)
{
    (void)name, (void)member, (void)err;
    append(&reading->plan->collect_include, &reading->plan->collect_include_count, xstrdup(value));
    return true;
}

static bool take_collect_exclude(struct reading *reading, const char *name, const char *value, void *member, struct error *err)
{
    (void)name, (void)member, (void)err;
    append(&reading->plan->collect_exclude, &reading->plan->collect_exclude_count, xstrdup(value));
    return true;
}

static const struct row {
    const char *section, *name;
    take_function *take;
    size_t offset;
} rows[] = {
    {"plan", "site", take_text, offsetof(struct plan, site)},
    {"plan", "scope", take_path, offsetof(struct plan, scope)},
    {"plan", "window", take_window, 0},
    {"plan", "depth", take_depth, offsetof(struct plan, depth)},
    {"plan", "policy", take_text, offsetof(struct plan, policy)},
    {"plan", "fail-on", take_text, offsetof(struct plan, fail_on)},
    {"targets", "target", take_target, 0},
    {"targets", "ports", take_ports, 0},
    {"targets", "exclude", take_exclusion, 0},
    {"rates", "rate", take_rate, offsetof(struct plan, rate)},
    {"rates", "prefix-rate", take_whole, offsetof(struct plan, prefix_rate)},
    {"rates", "host-connections", take_whole, offsetof(struct plan, host_connections)},
    {"rates", "connections", take_whole, offsetof(struct plan, connections)},
    {"rates", "min-hit-rate", take_share, offsetof(struct plan, min_hit_rate)},
    {"rates", "max-error-rate", take_share, offsetof(struct plan, max_error_rate)},
    {"rates", "syn", take_switch, offsetof(struct plan, syn)},
    {"rates", "syn-rate", take_whole, offsetof(struct plan, syn_rate)},
    {"collect", "path", take_collect_path, 0},
    {"collect", "include", take_collect_include, 0},
    {"collect", "exclude", take_collect_exclude, 0},
    {"collect", "host", take_text, offsetof(struct plan, collect_host)},
    {"collect", "other-file-systems", take_switch, offsetof(struct plan, collect_other_file_systems)},
    {"collect", "git-history", take_switch, offsetof(struct plan, collect_git_history)},
    {"collect", "password-file", take_path, offsetof(struct plan, collect_passwords)},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])
_Static_assert(sizeof rows / sizeof rows[0] <= 32, "a bit for each row in reading.seen");

static bool unknown(const char *section, const char *name, struct error *err)
{
    char expected[512] = "";
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].section, section) != 0)
            continue;
        if (expected[0] != '\0')
            strcat(expected, ", ");
        strcat(expected, rows[i].name);
    }
    if (expected[0] == '\0')
        return error_set(err, ERROR_USAGE, "[%.40s]: expected [plan], [targets], [rates] or [collect]", section);
    return error_set(err, ERROR_USAGE, "[%s] %.40s: expected %s", section, name, expected);
}

/* A second value would silently replace the first; lists (offset 0) may have several. */
static bool take_once(struct reading *reading, size_t row, struct error *err)
{
    bool again = rows[row].offset != 0 && (reading->seen >> row & 1) != 0;
    reading->seen |= 1u << row;
    return !again || error_set(err, ERROR_USAGE, "[%s] %s is given twice", rows[row].section, rows[row].name);
}

static bool on_value(void *context, const char *section, const char *name, const char *value,
                     struct error *err)
{
    struct reading *reading = context;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].name, name) == 0)
            return take_once(reading, i, err) &&
                   rows[i].take(reading, name, value, (char *)reading->plan + rows[i].offset, err);
    }
    return unknown(section, name, err);
}

static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return xstrndup(name, dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name));
}

struct plan *plan_read(const char *path, struct error *err)
{
    struct plan *plan = xcalloc(1, sizeof *plan);
    struct reading reading = {.plan = plan};
    plan->path = user_file_real_path(path);
    bool ok = plan->path != NULL || error_set(err, ERROR_USAGE, "plan %s: %s", path, strerror(errno));
    if (ok) {
        plan->name = name_of(plan->path);
        reading.folder = xstrndup(plan->path, (size_t)(strrchr(plan->path, '/') - plan->path) + 1);
        ok = ini_path_read(plan->path, on_value, &reading, err);
    }
    if (ok && plan->target_count == 0 && plan->collect_path_count == 0)
        ok = error_set(err, ERROR_USAGE, "%s: it names no target: expected target = ... under [targets]",
                       path);
    free(reading.folder);
    if (ok)
        return plan;
    plan_destroy(plan);
    return NULL;
}

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

void plan_destroy(struct plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].offset != 0 && rows[i].take != take_switch)
            free(*(char **)((char *)plan + rows[i].offset));
    }
    free(plan->path);
    free(plan->name);
    free_list(plan->targets, plan->target_count);
    free_list(plan->ports, plan->port_count);
    free_list(plan->exclusions, plan->exclusion_count);
    free_list(plan->collect_paths, plan->collect_path_count);
    free_list(plan->collect_include, plan->collect_include_count);
    free_list(plan->collect_exclude, plan->collect_exclude_count);
    free(plan->windows);
    free(plan);
}
