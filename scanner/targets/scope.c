#include "scanner/targets/scope.h"

#include "probes/base/clock.h"
#include "probes/base/ini_file.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "scanner/targets/address_kinds.h"
#include "scanner/targets/target_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US         (86400 * 1000000LL)
#define SCOPE_FILE_MAX (16u << 20)

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct name_rule {
    char *name;             /* a pattern */
    struct port_set *ports; /* NULL: every port (exclusions only) */
};

struct name_rules {
    struct name_rule *rules;
    size_t count;
    size_t capacity;
};

struct scope {
    bool has_file;
    char *authorised_by;
    char *reference;
    int64_t from_us;
    int64_t until_us;
    enum tls_depth depth;
    size_t range_count;
    struct name_rules names;
    struct name_rules excluded_names;
    struct target_space *allowed;
    struct target_space *excluded;
};

/* While a scope is being made. */
struct making {
    struct scope *scope;
    struct port_set *all;
    struct port_set *https;
    struct target_space_builder *allowed;
    struct target_space_builder *excluded;
    bool has_from, has_until, has_depth;
};

/* ---- names */

static void add_name(struct name_rules *rules, const char *name, const struct port_set *ports)
{
    if (rules->count == rules->capacity) {
        rules->capacity = rules->capacity == 0 ? 8 : 2 * rules->capacity;
        rules->rules = xreallocarray(rules->rules, rules->capacity, sizeof *rules->rules);
    }
    rules->rules[rules->count++] =
        (struct name_rule){xstrdup(name), ports == NULL ? NULL : port_set_copy(ports)};
}

static void clear_names(struct name_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        free(rules->rules[i].name);
        port_set_destroy(rules->rules[i].ports);
    }
    free(rules->rules);
}

static bool names_hold(const struct name_rules *rules, const char *name, const struct target *target)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct name_rule *rule = &rules->rules[i];
        if (host_name_matches(rule->name, name) &&
            (rule->ports == NULL || port_set_contains(rule->ports, target->transport, target->port)))
            return true;
    }
    return false;
}

/* ---- reading */

typedef bool take_spec(struct making *making, const struct target_text *spec, struct error *err);

/* Each target of a value, or none and an error. */
static bool take_words(struct making *making, const char *text, take_spec *take, struct error *err)
{
    struct target_words words;
    bool ok = target_words_parse(text, true, &words, err);
    if (ok && words.count == 0)
        ok = error_set(err, ERROR_USAGE, "\"%.100s\": a target is missing", text);
    for (size_t i = 0; i < words.count && ok; i++)
        ok = take(making, &words.specs[i], err);
    target_words_clear(&words);
    return ok;
}

static bool exclude(struct making *making, const struct target_text *spec, struct error *err)
{
    (void)err;
    if (spec->is_name)
        add_name(&making->scope->excluded_names, spec->name, spec->ports);
    else
        target_space_add(making->excluded, &spec->range, spec->ports == NULL ? making->all : spec->ports);
    return true;
}

static bool allow_range(struct making *making, const struct target_text *spec, struct error *err)
{
    if (spec->is_name)
        return error_set(err, ERROR_USAGE, "range = %s: a name; write name = %s", spec->name, spec->name);
    target_space_add(making->allowed, &spec->range, spec->ports == NULL ? making->all : spec->ports);
    making->scope->range_count++;
    return true;
}

static bool allow_name(struct making *making, const struct target_text *spec, struct error *err)
{
    if (spec->is_name) {
        add_name(&making->scope->names, spec->name, spec->ports == NULL ? making->https : spec->ports);
        return true;
    }
    char *text = target_text_format(spec);
    error_set(err, ERROR_USAGE, "name = %s: an address; write range = %s", text, text);
    free(text);
    return false;
}

static bool parse_depth(const char *text, enum tls_depth *depth, struct error *err)
{
    static const char *const names[] = {"cert", "posture", "suites", "deep"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *depth = (enum tls_depth)i;
            return true;
        }
    }
    return error_set(err, ERROR_USAGE, "depth = %.40s: expected cert, posture, suites or deep", text);
}

static bool parse_date(const char *name, const char *text, bool is_end, int64_t *time_us, struct error *err)
{
    if (!clock_parse_us(text, time_us))
        return error_set(err, ERROR_USAGE, "%s = %.40s: expected a date as 2026-01-31 or 2026-01-31 22:00Z",
                         name, text);
    if (is_end && strlen(text) == strlen("2026-01-31"))
        *time_us += DAY_US - 1;
    return true;
}

static bool is_new(bool *seen, const char *name, struct error *err)
{
    bool again = *seen;
    *seen = true;
    return !again || error_set(err, ERROR_USAGE, "[scope] %s is given twice", name);
}

static bool on_head(struct making *making, const char *name, const char *value, struct error *err)
{
    struct scope *scope = making->scope;
    char **text = strcmp(name, "authorised-by") == 0 || strcmp(name, "authorized-by") == 0
                      ? &scope->authorised_by
                  : strcmp(name, "reference") == 0 ? &scope->reference
                                                   : NULL;
    if (text != NULL) {
        char *joined = *text == NULL ? xstrdup(value) : xasprintf("%s %s", *text, value);
        free(*text);
        *text = joined;
        return true;
    }
    if (strcmp(name, "from") == 0)
        return is_new(&making->has_from, name, err) && parse_date(name, value, false, &scope->from_us, err);
    if (strcmp(name, "until") == 0)
        return is_new(&making->has_until, name, err) && parse_date(name, value, true, &scope->until_us, err);
    if (strcmp(name, "depth") == 0)
        return is_new(&making->has_depth, name, err) && parse_depth(value, &scope->depth, err);
    return error_set(err, ERROR_USAGE,
                     "[scope] %.40s: expected authorised-by, reference, from, until or depth", name);
}

static bool on_value(void *context, const char *section, const char *name, const char *value,
                     struct error *err)
{
    struct making *making = context;
    bool is_range = strcmp(name, "range") == 0, is_name = strcmp(name, "name") == 0;
    if (strcmp(section, "scope") == 0)
        return on_head(making, name, value, err);
    if (strcmp(section, "allow") == 0 && is_range)
        return take_words(making, value, allow_range, err);
    if (strcmp(section, "allow") == 0 && is_name)
        return take_words(making, value, allow_name, err);
    if (strcmp(section, "exclude") == 0 && (is_range || is_name))
        return take_words(making, value, exclude, err);
    return error_set(err, ERROR_USAGE,
                     "[%.40s] %.40s: expected [scope], and range or name in [allow] and [exclude]", section,
                     name);
}

static bool read_exclusions(struct making *making, const char *exclusions, struct error *err)
{
    bool ok = true;
    while (ok && *exclusions != '\0') {
        size_t len = strcspn(exclusions, "\n");
        char *line = xstrndup(exclusions, len);
        if (len != 0)
            ok = take_words(making, line, exclude, err) || error_add_context(err, "exclusion");
        free(line);
        exclusions += len + (exclusions[len] == '\n');
    }
    return ok;
}

static bool read_file(struct making *making, const char *text, const char *label, struct error *err)
{
    struct scope *scope = making->scope;
    scope->has_file = true;
    if (!ini_text_read(text, label, NULL, on_value, making, err))
        return false;
    if (scope->authorised_by == NULL || scope->authorised_by[0] == '\0')
        return error_set(err, ERROR_USAGE, "%s: a scope says who allowed it: [scope] authorised-by = NAME",
                         label);
    if (scope->from_us > scope->until_us)
        return error_set(err, ERROR_USAGE, "%s: it ends before it begins (from, until)", label);
    if (scope->range_count + scope->names.count == 0)
        return error_set(err, ERROR_USAGE, "%s: it allows nothing: expected range or name under [allow]",
                         label);
    return true;
}

struct scope *scope_create(const char *file_text, const char *label, const char *exclusions,
                           struct error *err)
{
    struct scope *scope = xcalloc(1, sizeof *scope);
    struct making making = {.scope = scope,
                            .all = port_set_parse("1-65535,udp/1-65535", NULL),
                            .https = port_set_parse("443,udp/443", NULL),
                            .allowed = target_space_builder_create(),
                            .excluded = target_space_builder_create()};
    scope->from_us = INT64_MIN;
    scope->until_us = INT64_MAX;
    scope->depth = file_text == NULL ? TLS_DEPTH_DEEP : TLS_DEPTH_POSTURE;
    struct address_range range;
    for (size_t i = 0; file_text == NULL && address_kind_range(ADDRESS_PRIVATE, i, &range, NULL); i++)
        target_space_add(making.allowed, &range, making.all);
    bool ok = (file_text == NULL || read_file(&making, file_text, label, err)) &&
              read_exclusions(&making, exclusions, err);
    scope->allowed = target_space_build_unbounded(making.allowed);
    scope->excluded = target_space_build_unbounded(making.excluded);
    target_space_builder_destroy(making.allowed);
    target_space_builder_destroy(making.excluded);
    port_set_destroy(making.all);
    port_set_destroy(making.https);
    if (ok)
        return scope;
    scope_destroy(scope);
    return NULL;
}

void scope_destroy(struct scope *scope)
{
    if (scope == NULL)
        return;
    free(scope->authorised_by);
    free(scope->reference);
    clear_names(&scope->names);
    clear_names(&scope->excluded_names);
    target_space_destroy(scope->allowed);
    target_space_destroy(scope->excluded);
    free(scope);
}

char *scope_read_file(const char *path, struct error *err)
{
    FILE *file = user_file_fopen(path);
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "scope file %s: %s", path, strerror(errno)), NULL;
    char *text = NULL;
    size_t len = 0, got;
    do {
        text = xrealloc(text, len + 65537);
        got = fread(text + len, 1, 65536, file);
        len += got;
    } while (got != 0 && len <= SCOPE_FILE_MAX);
    text[len] = '\0';
    bool ok = true;
    if (ferror(file))
        ok = error_set(err, ERROR_USAGE, "scope file %s: %s", path, strerror(errno));
    else if (len > SCOPE_FILE_MAX || strlen(text) != len)
        ok = error_set(err, ERROR_USAGE, "scope file %s: expected a text of at most 16 MiB", path);
    fclose(file);
    if (!ok) {
        free(text);
        return NULL;
    }
    return text;
}

/* ---- judging */

static enum scope_verdict refuse(const char **reason, enum scope_verdict verdict, const char *text)
{
    if (reason != NULL)
        *reason = text;
    return verdict;
}

static bool is_excluded(const struct scope *scope, const struct target *target, const char *name)
{
    return target_space_contains(scope->excluded, target) ||
           (name[0] != '\0' && names_hold(&scope->excluded_names, name, target));
}

/* target's address is the judged one. */
static enum scope_verdict judge_one(const struct scope *scope, const struct target *target,
                                    const struct scope_question *question, const char *name,
                                    const char **reason)
{
    const char *never_text = address_never_reason(&target->address);
    if (never_text != NULL)
        return refuse(reason, SCOPE_OUT_OF_SCOPE, never_text);
    if (is_excluded(scope, target, name))
        return refuse(reason, SCOPE_EXCLUDED, "excluded");
    if (!scope->has_file)
        return target_space_contains(scope->allowed, target)
                   ? SCOPE_ALLOWED
                   : refuse(reason, SCOPE_OUT_OF_SCOPE, address_public_reason(&target->address));
    if (question->time_us < scope->from_us || question->time_us > scope->until_us)
        return refuse(reason, SCOPE_OUT_OF_SCOPE, "outside the dates of the scope file");
    if (question->depth > scope->depth)
        return refuse(reason, SCOPE_OUT_OF_SCOPE, "deeper than the scope file allows");
    if (target_space_contains(scope->allowed, target))
        return SCOPE_ALLOWED;
    /* A name's owner chooses what it resolves to: it cannot send us to ourselves. */
    if (name[0] != '\0' && !address_is_loopback(&target->address) && names_hold(&scope->names, name, target))
        return SCOPE_ALLOWED;
    return refuse(reason, SCOPE_OUT_OF_SCOPE, "not in the scope file");
}

enum scope_verdict scope_judge(const struct scope *scope, const struct scope_question *question,
                               const char **reason)
{
    struct address candidates[ADDRESS_JUDGED_MAX];
    struct target target = *question->target;
    target.address = address_from_bytes(target.address.bytes, target.address.len); /* IPv4-mapped is IPv4 */
    const char *name = question->server_name == NULL ? "" : question->server_name;
    size_t count = address_judged(&target.address, candidates);
    if (is_excluded(scope, &target, name))
        return refuse(reason, SCOPE_EXCLUDED, "excluded");
    for (size_t i = 0; i < count; i++) {
        target.address = candidates[i];
        enum scope_verdict verdict = judge_one(scope, &target, question, name, reason);
        if (verdict != SCOPE_ALLOWED)
            return verdict;
    }
    return SCOPE_ALLOWED;
}

enum outcome scope_outcome(enum scope_verdict verdict)
{
    switch (verdict) {
    case SCOPE_ALLOWED: return (enum outcome)0;
    case SCOPE_EXCLUDED: return OUTCOME_EXCLUDED;
    case SCOPE_OUT_OF_SCOPE: return OUTCOME_OUT_OF_SCOPE;
    }
    abort();
}

bool scope_check(const struct scope *scope, enum tls_depth depth, int64_t time_us, struct error *err)
{
    char day[CLOCK_TEXT_SIZE];
    if (!scope->has_file)
        return true;
    if (time_us < scope->from_us || time_us > scope->until_us) {
        bool early = time_us < scope->from_us;
        clock_format_us(early ? scope->from_us : scope->until_us, day);
        return error_set(err, ERROR_USAGE, "the scope file allows nothing %s %.10s: ask %s for a new one",
                         early ? "before" : "after", day, scope->authorised_by);
    }
    if (depth > scope->depth)
        return error_set(
            err, ERROR_USAGE,
            "the scope file does not allow this depth: use a smaller --depth, or ask %s to allow it "
            "([scope] depth)",
            scope->authorised_by);
    return true;
}

static bool advise_scope_file(const char *text, const char *reason, struct error *err)
{
    return error_set(err, ERROR_USAGE,
                     "%s: %s, asked only with a scope file that says who allowed it: write one with \"certsweep scope "
                     "new --range %s --authorised-by NAME -o scope.ini\", then add --scope scope.ini",
                     text, reason, text);
}

void scope_advise(const struct scope *scope, const struct target *target, const struct address_range *range,
                  struct error *err)
{
    struct address candidates[ADDRESS_JUDGED_MAX];
    size_t count = address_judged(&target->address, candidates);
    const char *never_text = count == 0 ? NULL : address_never_reason(&candidates[0]);
    char text[ADDRESS_RANGE_TEXT_SIZE];
    address_range_format(range, text);
    if (never_text != NULL)
        error_set(err, ERROR_USAGE, "%s is never asked: %s", text, never_text);
    else if (!scope->has_file)
        advise_scope_file(text, address_public_reason(&candidates[0]), err);
    else
        error_set(err, ERROR_USAGE,
                  "%s port %s/%u is not in the scope file: have %s add it there ([allow] range = %s), or leave it out",
                  text, transport_name(target->transport), target->port, scope->authorised_by, text);
}

/* ---- cutting a space */

static void exclude_never(struct target_space_builder *builder)
{
    struct address_range range;
    for (size_t i = 0; address_kind_range(ADDRESS_NEVER, i, &range, NULL); i++)
        target_space_exclude(builder, &range, NULL);
}

/* Adds the IPv6 ranges that embed this IPv4 range at a fixed position: NAT64 and 6to4. */
static void add_embedding(struct target_space_builder *builder, const struct address_range *range,
                          const struct port_set *ports)
{
    const unsigned __int128 nat64 = (unsigned __int128)0x0064ff9b << 96,
                            six_to_four = (unsigned __int128)0x2002 << 112;
    unsigned __int128 first = address_value(&range->first), last = address_value(&range->last);
    struct address_range in_nat64 = {address_of_value(nat64 | first, 16), address_of_value(nat64 | last, 16)};
    struct address_range in_six_to_four = {
        address_of_value(six_to_four | first << 80, 16),
        address_of_value(six_to_four | last << 80 | (((unsigned __int128)1 << 80) - 1), 16)};
    target_space_add(builder, &in_nat64, ports);
    target_space_add(builder, &in_six_to_four, ports);
}

/* The targets that scope_judge() may allow, as a space. */
static struct target_space *possible_space(const struct scope *scope, const struct port_set *all)
{
    static const char *const embeddings[] = {"64:ff9b::/96", "2002::/16"}, *const left[] = {"64:ff9b:1::/48",
                                                                                            "2001::/32"};
    struct target_space_builder *direct_builder = target_space_builder_create();
    struct target_space_builder *builder = target_space_builder_create();
    struct address_range range;
    for (size_t i = 0; i < target_space_segment_count(scope->allowed); i++) {
        const struct port_set *ports = target_space_segment(scope->allowed, i, &range);
        target_space_add(direct_builder, &range, ports);
    }
    for (size_t i = 0; i < target_space_segment_count(scope->excluded); i++) {
        const struct port_set *ports = target_space_segment(scope->excluded, i, &range);
        target_space_exclude(direct_builder, &range, ports);
        target_space_exclude(builder, &range, ports);
    }
    exclude_never(direct_builder);
    for (size_t i = 0; i < COUNT(embeddings); i++) {
        range = address_range_constant(embeddings[i]);
        target_space_exclude(direct_builder, &range, NULL);
    }
    struct target_space *direct = target_space_build_unbounded(direct_builder);
    for (size_t i = 0; i < target_space_segment_count(direct); i++) {
        const struct port_set *ports = target_space_segment(direct, i, &range);
        target_space_add(builder, &range, ports);
        if (range.first.len == 4)
            add_embedding(builder, &range, ports);
    }
    for (size_t i = 0; i < COUNT(left); i++) {
        range = address_range_constant(left[i]);
        target_space_add(builder, &range, all);
    }
    struct target_space *possible = target_space_build_unbounded(builder);
    target_space_destroy(direct);
    target_space_builder_destroy(direct_builder);
    target_space_builder_destroy(builder);
    return possible;
}

static void exclude_between(struct target_space_builder *builder, unsigned __int128 first,
                            unsigned __int128 behind, uint8_t len)
{
    struct address_range range = {address_of_value(first, len), address_of_value(behind - 1, len)};
    target_space_exclude(builder, &range, NULL);
}

/* Excludes what is not in the space, one family of addresses. */
static void exclude_gaps(struct target_space_builder *builder, const struct target_space *space, uint8_t len,
                         const struct port_set *all)
{
    unsigned __int128 next = 0;
    bool at_end = false;
    for (size_t i = 0; i < target_space_segment_count(space); i++) {
        struct address_range range;
        const struct port_set *ports = target_space_segment(space, i, &range);
        if (range.first.len != len)
            continue;
        unsigned __int128 first = address_value(&range.first);
        if (first > next)
            exclude_between(builder, next, first, len);
        struct port_set *others = port_set_minus(all, ports);
        if (port_set_count(others) != 0)
            target_space_exclude(builder, &range, others);
        port_set_destroy(others);
        next = address_value(&range.last) + 1;
        at_end = next == 0 || (len == 4 && next >> 32 != 0);
    }
    if (!at_end)
        exclude_between(builder, next, len == 4 ? (unsigned __int128)1 << 32 : 0, len);
}

void scope_cut(const struct scope *scope, struct target_space_builder *builder)
{
    struct port_set *all = port_set_parse("1-65535,udp/1-65535", NULL);
    struct target_space *possible = possible_space(scope, all);
    exclude_gaps(builder, possible, 4, all);
    exclude_gaps(builder, possible, 16, all);
    target_space_destroy(possible);
    port_set_destroy(all);
}

/* ---- for people */

void scope_get(const struct scope *scope, struct scope_facts *facts)
{
    *facts = (struct scope_facts){.has_file = scope->has_file,
                                  .authorised_by = scope->authorised_by == NULL ? "" : scope->authorised_by,
                                  .reference = scope->reference == NULL ? "" : scope->reference,
                                  .from_us = scope->from_us,
                                  .until_us = scope->until_us,
                                  .depth = scope->depth,
                                  .range_count = scope->range_count,
                                  .name_count = scope->names.count,
                                  .excluded_name_count = scope->excluded_names.count};
}

const struct target_space *scope_allowed(const struct scope *scope)
{
    return scope->allowed;
}

const struct target_space *scope_excluded(const struct scope *scope)
{
    return scope->excluded;
}

const char *scope_name(const struct scope *scope, size_t number)
{
    return scope->names.rules[number].name;
}

const struct port_set *scope_name_ports(const struct scope *scope, size_t number)
{
    return scope->names.rules[number].ports;
}

const char *scope_excluded_name(const struct scope *scope, size_t number)
{
    return scope->excluded_names.rules[number].name;
}
