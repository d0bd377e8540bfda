#include "scanner/cli/scan_plan.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "scanner/process/bundle_folder.h"
#include "scanner/cli/command.h"
#include "scanner/cli/options.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool set_absent(struct options *options, const char *name, const char *value, struct error *err)
{
    return value == NULL || option_given(options, name) || options_set(options, name, value, err);
}

bool scan_plan_apply(const struct plan *plan, struct options *options, struct error *err)
{
    bool has_ports = option_given(options, "ports"), ok = true;
    for (size_t i = 0; i < plan->port_count && ok && !has_ports; i++)
        ok = options_set(options, "ports", plan->ports[i], err);
    for (size_t i = 0; i < plan->exclusion_count && ok; i++)
        ok = options_set(options, "exclude", plan->exclusions[i], err);
    return ok && set_absent(options, "syn", plan->syn ? "yes" : NULL, err) &&
           set_absent(options, "syn-rate", plan->syn_rate, err) &&
           set_absent(options, "site", plan->site, err) && set_absent(options, "scope", plan->scope, err) &&
           set_absent(options, "depth", plan->depth, err) &&
           set_absent(options, "policy", plan->policy, err) &&
           set_absent(options, "fail-on", plan->fail_on, err) &&
           set_absent(options, "rate", plan->rate, err) &&
           set_absent(options, "prefix-rate", plan->prefix_rate, err) &&
           set_absent(options, "host-connections", plan->host_connections, err) &&
           set_absent(options, "connections", plan->connections, err) &&
           set_absent(options, "min-hit-rate", plan->min_hit_rate, err) &&
           set_absent(options, "max-error-rate", plan->max_error_rate, err);
}

/* Is it an open bundle of this plan, and of the same part? *started_us says of when. */
static bool is_open_run(const char *path, const char *plan_file, const struct scan_request *request, int64_t *started_us)
{
    struct scan_settings settings;
    struct bundle_reader *reader = bundle_reader_open(path, NULL);
    if (reader == NULL)
        return false;
    scan_settings_init(&settings);
    const struct bundle_head *head = bundle_reader_head(reader);
    bool is = bundle_reader_seal(reader) == BUNDLE_UNSEALED && head->shard == request->shard &&
              head->shard_count == request->shard_count && scan_settings_parse(head->plan, &settings, NULL) &&
              settings.plan_file != NULL && strcmp(settings.plan_file, plan_file) == 0;
    *started_us = head->started_us;
    scan_settings_clear(&settings);
    bundle_reader_close(reader);
    return is;
}

static bool find_open_run(const char *plan_file, struct scan_request *request, struct error *err)
{
    char folder[2048], path[sizeof folder + 256];
    int64_t newest_us = INT64_MIN, started_us;
    if (!bundle_folder(folder, sizeof folder, err))
        return false;
    DIR *dir = user_file_opendir(folder);
    if (dir == NULL && errno != ENOENT)
        return error_set(err, ERROR_IO, "%s: %s", folder, strerror(errno));
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (len < 7 || strcmp(entry->d_name + len - 7, ".bundle") != 0 ||
            !is_open_run(path, plan_file, request, &started_us) || started_us <= newest_us)
            continue;
        newest_us = started_us;
        snprintf(request->continues, sizeof request->continues, "%s", path);
    }
    if (dir != NULL)
        closedir(dir);
    return true;
}

bool scan_plan_prepare(const struct plan *plan, const struct options *options, struct scan_request *request,
                       bool *is_open, struct error *err)
{
    int64_t change_us;
    char until[CLOCK_TEXT_SIZE];
    struct window *given = NULL;
    size_t count = plan->window_count;
    if (request->window != NULL && !window_parse_lines(request->window, &given, &count, err))
        return false;
    *is_open = window_is_open(given != NULL ? given : plan->windows, count, clock_utc_us(), &change_us);
    free(given);
    if (count != 0)
        clock_format_us(change_us, until);
    if (!*is_open) {
        log_info("plan %s: its window is closed until %s", plan->name, until);
        return true;
    }
    if (count != 0) {
        log_info("plan %s: until %s", plan->name, until);
        request->stop_at_us = change_us;
    }
    request->settings.plan_file = xstrdup(plan->path);
    return !option_given(options, "continue") || find_open_run(plan->path, request, err);
}
