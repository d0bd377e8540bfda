#include "scanner/sweep/scan_settings.h"

#include "probes/base/memory.h"
#include "scanner/pacing/pacing.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const depth_names[] = {"cert", "posture", "suites", "deep"};

bool tls_depth_parse(const char *name, enum tls_depth *depth)
{
    for (unsigned i = 0; i < sizeof depth_names / sizeof depth_names[0]; i++) {
        if (strcmp(name, depth_names[i]) == 0) {
            *depth = (enum tls_depth)i;
            return true;
        }
    }
    return false;
}

void scan_settings_init(struct scan_settings *settings)
{
    *settings = (struct scan_settings){
        .connect_ms = SCAN_CONNECT_MS_DEFAULT,
        .handshake_ms = SCAN_HANDSHAKE_MS_DEFAULT,
        .greeting_ms = SCAN_GREETING_MS_DEFAULT,
        .attempt_ms = SCAN_ATTEMPT_MS_DEFAULT,
        .depth = TLS_DEPTH_POSTURE,
        .prefix_rate_per_s = PACING_PREFIX_RATE_DEFAULT,
        .host_connections = PACING_PER_HOST_DEFAULT,
        .dns_timeout_ms = SCAN_DNS_MS_DEFAULT,
        .dns_tries = 3,
    };
}

void scan_settings_be_friendly(struct scan_settings *settings)
{
    settings->ids_friendly = true;
    settings->prefix_rate_per_s = 1;
    settings->host_connections = 1;
}

void scan_settings_clear(struct scan_settings *settings)
{
    for (size_t i = 0; i < settings->sni_count; i++)
        free(settings->sni[i]);
    for (size_t i = 0; i < settings->target_count; i++)
        free(settings->targets[i]);
    for (size_t i = 0; i < settings->follow_up_count; i++)
        free(settings->follow_up_of[i]);
    free(settings->sni);
    free(settings->targets);
    free(settings->follow_up_of);
    free(settings->rate);
    free(settings->plan_file);
    free(settings->min_hit_rate);
    free(settings->max_error_rate);
    free(settings->probe);
    free(settings->via);
    free(settings->via_login);
    free(settings->openvpn_key);
    free(settings->resolver);
    free(settings->window);
    free(settings->shard_name);
    free(settings->probe_posture);
    free(settings->ports);
    free(settings->exclusions);
    free(settings->scope);
    scan_settings_init(settings);
}

void scan_settings_add(char ***list, size_t *count, const char *text)
{
    *list = xreallocarray(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = xstrdup(text);
}

/* The document's members and their fields: one table for reading and writing. */
enum member_kind { MEMBER_NUMBER, MEMBER_SWITCH, MEMBER_TEXT };

static const struct member {
    const char *key;
    enum member_kind kind;
    size_t offset;
    uint32_t max;
} members[] = {
    {"connect_ms", MEMBER_NUMBER, offsetof(struct scan_settings, connect_ms), 600000},
    {"greeting_ms", MEMBER_NUMBER, offsetof(struct scan_settings, greeting_ms), 600000},
    {"handshake_ms", MEMBER_NUMBER, offsetof(struct scan_settings, handshake_ms), 600000},
    {"attempt_ms", MEMBER_NUMBER, offsetof(struct scan_settings, attempt_ms), 3600000},
    {"prefix_rate_per_s", MEMBER_NUMBER, offsetof(struct scan_settings, prefix_rate_per_s), 100000000},
    {"host_connections", MEMBER_NUMBER, offsetof(struct scan_settings, host_connections), 1000000},
    {"connections", MEMBER_NUMBER, offsetof(struct scan_settings, connections), 1000000},
    {"suite_connections", MEMBER_NUMBER, offsetof(struct scan_settings, suite_connections), 1000},
    {"loops", MEMBER_NUMBER, offsetof(struct scan_settings, loops), 256},
    {"dns_timeout_ms", MEMBER_NUMBER, offsetof(struct scan_settings, dns_timeout_ms), 600000},
    {"dns_tries", MEMBER_NUMBER, offsetof(struct scan_settings, dns_tries), 100},
    {"syn_rate_per_s", MEMBER_NUMBER, offsetof(struct scan_settings, syn_rate_per_s), 100000000},
    {"syn", MEMBER_SWITCH, offsetof(struct scan_settings, syn), 0},
    {"reset_end", MEMBER_SWITCH, offsetof(struct scan_settings, reset_end), 0},
    {"prove", MEMBER_SWITCH, offsetof(struct scan_settings, prove), 0},
    {"ask_ptr", MEMBER_SWITCH, offsetof(struct scan_settings, ask_ptr), 0},
    {"follow_names", MEMBER_SWITCH, offsetof(struct scan_settings, follow_names), 0},
    {"ids_friendly", MEMBER_SWITCH, offsetof(struct scan_settings, ids_friendly), 0},
    {"bundle_only", MEMBER_SWITCH, offsetof(struct scan_settings, bundle_only), 0},
    {"is_passing", MEMBER_SWITCH, offsetof(struct scan_settings, is_passing), 0},
    {"plan_file", MEMBER_TEXT, offsetof(struct scan_settings, plan_file), 0},
    {"min_hit_rate", MEMBER_TEXT, offsetof(struct scan_settings, min_hit_rate), 0},
    {"max_error_rate", MEMBER_TEXT, offsetof(struct scan_settings, max_error_rate), 0},
    {"rate", MEMBER_TEXT, offsetof(struct scan_settings, rate), 0},
    {"probe", MEMBER_TEXT, offsetof(struct scan_settings, probe), 0},
    {"probe_posture", MEMBER_TEXT, offsetof(struct scan_settings, probe_posture), 0},
    {"via", MEMBER_TEXT, offsetof(struct scan_settings, via), 0},
    {"via_login", MEMBER_TEXT, offsetof(struct scan_settings, via_login), 0},
    {"openvpn_key", MEMBER_TEXT, offsetof(struct scan_settings, openvpn_key), 0},
    {"resolver", MEMBER_TEXT, offsetof(struct scan_settings, resolver), 0},
    {"shard_name", MEMBER_TEXT, offsetof(struct scan_settings, shard_name), 0},
    {"window", MEMBER_TEXT, offsetof(struct scan_settings, window), 0},
    {"ports", MEMBER_TEXT, offsetof(struct scan_settings, ports), 0},
    {"exclusions", MEMBER_TEXT, offsetof(struct scan_settings, exclusions), 0},
    {"scope", MEMBER_TEXT, offsetof(struct scan_settings, scope), 0},
};
#define MEMBER_COUNT (sizeof members / sizeof members[0])

static json_t *format_member(const struct member *member, const struct scan_settings *settings)
{
    const void *at = (const char *)settings + member->offset;
    switch (member->kind) {
    case MEMBER_NUMBER: return json_integer(*(const uint32_t *)at);
    case MEMBER_SWITCH: return json_boolean(*(const bool *)at);
    case MEMBER_TEXT: return *(char *const *)at == NULL ? json_null() : json_string(*(char *const *)at);
    }
    abort();
}

static json_t *format_list(char *const *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

char *scan_settings_format(const struct scan_settings *settings)
{
    json_t *document = json_object();
    json_object_set_new(document, "targets", format_list(settings->targets, settings->target_count));
    json_object_set_new(document, "depth", json_string(depth_names[settings->depth]));
    json_object_set_new(document, "sni", format_list(settings->sni, settings->sni_count));
    if (settings->follow_up_count != 0)
        json_object_set_new(document, "follow_up_of",
                            format_list(settings->follow_up_of, settings->follow_up_count));
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        json_object_set_new(document, members[i].key, format_member(&members[i], settings));
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text;
}

/* What is absent keeps its default; what is of another kind or too large is refused. */
static bool parse_member(const json_t *value, const struct member *member, struct scan_settings *settings)
{
    void *at = (char *)settings + member->offset;
    if (value == NULL || json_is_null(value))
        return true;
    switch (member->kind) {
    case MEMBER_NUMBER:
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > member->max)
            return false;
        *(uint32_t *)at = (uint32_t)json_integer_value(value);
        return true;
    case MEMBER_SWITCH:
        if (!json_is_boolean(value))
            return false;
        *(bool *)at = json_is_true(value);
        return true;
    case MEMBER_TEXT:
        if (!json_is_string(value))
            return false;
        free(*(char **)at);
        *(char **)at = xstrdup(json_string_value(value));
        return true;
    }
    abort();
}

static bool parse_list(const json_t *array, char ***list, size_t *count)
{
    if (array == NULL)
        return true;
    if (!json_is_array(array))
        return false;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text == NULL)
            return false;
        scan_settings_add(list, count, text);
    }
    return true;
}

bool scan_settings_parse(const char *plan, struct scan_settings *settings, struct error *err)
{
    json_error_t json_error;
    json_t *document = json_loads(plan, JSON_REJECT_DUPLICATES, &json_error);
    if (!json_is_object(document)) {
        json_decref(document);
        return error_set(err, ERROR_INPUT, "the bundle's plan is not a JSON object: %s", json_error.text);
    }
    const char *bad = NULL, *depth = json_string_value(json_object_get(document, "depth"));
    if (depth != NULL && !tls_depth_parse(depth, &settings->depth))
        bad = "depth";
    if (!parse_list(json_object_get(document, "sni"), &settings->sni, &settings->sni_count))
        bad = "sni";
    if (!parse_list(json_object_get(document, "follow_up_of"), &settings->follow_up_of, &settings->follow_up_count))
        bad = "follow_up_of";
    if (!parse_list(json_object_get(document, "targets"), &settings->targets, &settings->target_count))
        bad = "targets";
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (!parse_member(json_object_get(document, members[i].key), &members[i], settings))
            bad = members[i].key;
    if (bad != NULL)
        error_set(err, ERROR_INPUT, "the bundle's plan has an impossible \"%s\"", bad);
    json_decref(document);
    return bad == NULL;
}
