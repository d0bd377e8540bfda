#include "scanner/cli/scan_options.h"

#include "probes/base/memory.h"
#include "probes/choice.h"
#include "scanner/cli/command.h"
#include "scanner/targets/scope.h"
#include "scanner/targets/target_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool check_probe(const char *name, struct error *err)
{
    char names[512] = "";
    size_t len = 0;
    if (probe_choice_knows(name))
        return true;
    for (size_t i = 0; probes_all[i] != NULL && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, ", %s", probes_all[i]->name);
    return error_set(err, ERROR_USAGE, "--probe %s: no such probe; there are auto%s", name, names);
}

static bool is_server(const char *text)
{
    struct target_text spec;
    struct error err;
    bool ok = target_text_parse(text, &spec, &err) && !spec.is_name &&
              address_compare(&spec.range.first, &spec.range.last) == 0 &&
              (spec.ports == NULL || port_set_count(spec.ports) == 1);
    target_text_clear(&spec);
    return ok;
}

/* "192.168.0.1, [fd00::1]:5353" without its blanks. */
static bool read_resolver(const struct options *options, struct scan_settings *settings, struct error *err)
{
    const char *list = option_get(options, "resolver");
    if (list == NULL)
        return true;
    char *copy = xstrdup(list), *rest = copy, *item, *servers = xstrdup("");
    bool ok = true;
    while (ok && (item = strsep(&rest, ",")) != NULL) {
        item += strspn(item, " \t");
        for (size_t len = strlen(item); len != 0 && strchr(" \t", item[len - 1]) != NULL; len--)
            item[len - 1] = '\0';
        ok = is_server(item) || error_set(err, ERROR_USAGE, "--resolver \"%s\": expected an address, as 192.168.0.1 or "
                                                            "[fd00::1]:5353", item);
        char *more = xasprintf("%s%s%s", servers, servers[0] == '\0' ? "" : ",", item);
        free(servers);
        servers = more;
    }
    free(copy);
    settings->resolver = servers;
    return ok;
}

bool scan_options_read(const struct options *options, struct scan_settings *settings, struct error *err)
{
    const char *rate = option_get(options, "rate"), *probe = option_get(options, "probe");
    struct pacing_limits limits = pacing_limits_default;
    if ((rate != NULL && !pacing_limits_set_rate(&limits, rate, err)) || (probe != NULL && !check_probe(probe, err)))
        return false;
    settings->rate = rate == NULL ? NULL : xstrdup(rate);
    settings->probe = probe == NULL ? NULL : xstrdup(probe);
    if (option_given(options, "ids-friendly"))
        scan_settings_be_friendly(settings);
    return read_resolver(options, settings, err);
}

bool scan_options_begin(const struct options *options, const struct port_set *ports, struct scan_request *request, struct error *err)
{
    request->settings.ports = port_set_format(ports);
    request->scope_label = option_get(options, "scope");
    return request->scope_label == NULL || (request->settings.scope = scope_read_file(request->scope_label, err)) != NULL;
}

bool scan_options_add_target(struct target_list *list, struct scan_request *request, const char *target, struct error *err)
{
    scan_settings_add(&request->settings.targets, &request->settings.target_count, target);
    return target_list_add(list, target, err);
}
