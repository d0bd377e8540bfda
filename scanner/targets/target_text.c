#include "scanner/targets/target_text.h"

#include "probes/base/memory.h"
#include "scanner/targets/target_fault.h"

#include <stdlib.h>
#include <string.h>

/* ---- the pieces of a spec */

/* host gets what stands before the ports, without brackets; ports what stands behind, or NULL. text is cut. */
static bool split_ports(char *text, char **host, char **ports)
{
    *ports = NULL;
    *host = text;
    char *bracket = strchr(text, '[');
    if (bracket != NULL) {
        char *end = strchr(bracket, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':') || (bracket != text && bracket[-1] != '@'))
            return false;
        if (end[1] == ':')
            *ports = end + 2;
        *end = '\0';
        memmove(bracket, bracket + 1, strlen(bracket + 1) + 1);
        return true;
    }
    char *colon = strchr(text, ':');
    if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *colon = '\0';
        *ports = colon + 1;
    }
    return true;
}

static bool parse_host(char *host, bool pattern, struct target_text *spec)
{
    char *at = strrchr(host, '@');
    if (at != NULL && !pattern) {
        *at = '\0';
        spec->is_name = true;
        return address_parse(at + 1, &spec->at) && host_name_of(host, spec->name);
    }
    if (address_range_parse(host, &spec->range))
        return true;
    spec->is_name = true;
    if (pattern && strncmp(host, "*.", 2) == 0) {
        char base[SERVER_NAME_SIZE];
        if (!host_name_of(host + 2, base) || strlen(base) + 3 > sizeof spec->name)
            return false;
        memcpy(spec->name, "*.", 2);
        memcpy(spec->name + 2, base, strlen(base) + 1);
        return true;
    }
    return host_name_of(host, spec->name);
}

/* parse_host() has cut its copy, so the text is parted once more. */
static void explain(const char *text, bool pattern, struct error *err)
{
    char *copy = xstrdup(text), *host, *ports;
    target_fault(text, split_ports(copy, &host, &ports) ? host : NULL, pattern, err);
    free(copy);
}

static bool parse(const char *text, bool pattern, struct target_text *spec, struct error *err)
{
    char *copy = xstrdup(text), *host, *ports;
    *spec = (struct target_text){0};
    bool ok = strstr(text, "://") == NULL && split_ports(copy, &host, &ports) && parse_host(host, pattern, spec);
    if (!ok)
        explain(text, pattern, err);
    if (ok && ports != NULL) {
        spec->ports = port_set_parse(ports, err);
        ok = spec->ports != NULL || error_add_context(err, "\"%.100s\"", text);
    }
    free(copy);
    return ok;
}

bool target_text_parse(const char *text, struct target_text *spec, struct error *err)
{
    return parse(text, false, spec, err);
}

bool target_text_parse_pattern(const char *text, struct target_text *spec, struct error *err)
{
    return parse(text, true, spec, err);
}

void target_text_clear(struct target_text *spec)
{
    port_set_destroy(spec->ports);
    *spec = (struct target_text){0};
}

char *target_text_format(const struct target_text *spec)
{
    char *host, *text;
    bool brackets = false;
    if (spec->is_name && spec->at.len != 0) {
        char at[ADDRESS_TEXT_SIZE];
        address_format(&spec->at, at);
        host = spec->at.len == 16 ? xasprintf("%s@[%s]", spec->name, at) : xasprintf("%s@%s", spec->name, at);
    } else if (spec->is_name) {
        host = xstrdup(spec->name);
    } else {
        char range[ADDRESS_RANGE_TEXT_SIZE];
        address_range_format(&spec->range, range);
        host = xstrdup(range);
        brackets = spec->range.first.len == 16;
    }
    if (spec->ports == NULL)
        return host;
    char *ports = port_set_format(spec->ports);
    text = xasprintf(brackets ? "[%s]:%s" : "%s:%s", host, ports);
    free(ports);
    free(host);
    return text;
}
