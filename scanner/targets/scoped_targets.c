#include "scanner/targets/scoped_targets.h"

#include "probes/base/ports.h"
#include "scanner/targets/address_kinds.h"

#include <stdio.h>
#include <string.h>

static void add_space(struct target_space_builder *builder, const struct target_space *space)
{
    struct address_range range;
    for (size_t i = 0; i < target_space_segment_count(space); i++) {
        const struct port_set *ports = target_space_segment(space, i, &range);
        target_space_add(builder, &range, ports);
    }
}

static void exclude_space(struct target_space_builder *builder, const struct target_space *space)
{
    struct address_range range;
    for (size_t i = 0; i < target_space_segment_count(space); i++) {
        const struct port_set *ports = target_space_segment(space, i, &range);
        target_space_exclude(builder, &range, ports);
    }
}

#define COUNT_SIZE 32
#define EXACT_MAX  9007199254740992.0       /* 2^53: beyond it the last digits of a double are invented */

static void format_count(double count, char text[COUNT_SIZE])
{
    snprintf(text, COUNT_SIZE, count <= EXACT_MAX ? "%.0f" : "some %.3g", count);
}

static void add_reason(struct scoped_targets *cut, const char *reason, double count)
{
    size_t len = strlen(cut->reasons);
    char text[COUNT_SIZE];
    format_count(count, text);
    if (count > 0)
        snprintf(cut->reasons + len, sizeof cut->reasons - len, "%s%s: %s", len == 0 ? "" : ", ", reason, text);
}

static void put_first_reason(struct scoped_targets *cut, const char *reason, double count)
{
    char others[sizeof cut->reasons];
    memcpy(others, cut->reasons, sizeof others);
    cut->reasons[0] = '\0';
    add_reason(cut, reason, count);
    size_t len = strlen(cut->reasons);
    snprintf(cut->reasons + len, sizeof cut->reasons - len, "%s%s", len == 0 || others[0] == '\0' ? "" : ", ", others);
}

/* Takes the ranges of a kind out of what is missing, and counts them. Gives what is left. */
static struct target_space *take_kind(struct scoped_targets *cut, struct target_space_builder *missing,
                                      struct target_space *space, enum address_kind kind)
{
    struct address_range range;
    const char *reason;
    for (size_t i = 0; address_kind_range(kind, i, &range, &reason); i++) {
        target_space_exclude(missing, &range, NULL);
        struct target_space *less = target_space_build_unbounded(missing);
        add_reason(cut, reason, target_space_size(space) - target_space_size(less));
        target_space_destroy(space);
        space = less;
    }
    return space;
}

static bool take_first(struct scoped_targets *cut, const struct target_space *space)
{
    if (target_space_segment_count(space) == 0)
        return false;
    const struct port_set *ports = target_space_segment(space, 0, &cut->refused_range);
    cut->refused.address = cut->refused_range.first;
    port_set_get(ports, 0, &cut->refused.transport, &cut->refused.port);
    return true;
}

/* Which of what was named is not left, and why. A person can do something about what a scope file would allow, so that is
 * named, and not 0.0.0.0, where the world was asked for. */
static void explain(struct scoped_targets *cut, const struct target_space *before, const struct target_space *after,
                    bool has_file)
{
    struct target_space_builder *missing = target_space_builder_create();
    add_space(missing, before);
    exclude_space(missing, after);
    struct target_space *space = target_space_build_unbounded(missing);
    cut->reasons[0] = '\0';
    cut->has_refused = take_first(cut, space);
    space = take_kind(cut, missing, space, ADDRESS_NEVER);
    (void)take_first(cut, space);
    if (!has_file)
        space = take_kind(cut, missing, space, ADDRESS_DOCUMENTATION);
    (void)take_first(cut, space);
    put_first_reason(cut, has_file ? "not in the scope file" : "public address", target_space_size(space));
    target_space_destroy(space);
    target_space_builder_destroy(missing);
}

void scoped_targets_cut(struct target_list *list, const struct scope *scope, struct scoped_targets *cut)
{
    struct target_space_builder *builder = target_list_builder(list);
    struct scope_facts facts;
    scope_get(scope, &facts);
    exclude_space(builder, scope_excluded(scope));
    struct target_space *named = target_space_build_added(builder);
    struct target_space *before = target_space_build_unbounded(builder);
    scope_cut(scope, builder);
    struct target_space *after = target_space_build_unbounded(builder);
    cut->named = target_space_size(named);
    cut->excluded = cut->named - target_space_size(before);
    cut->left = target_space_size(after);
    cut->out_of_scope = target_space_size(before) - target_space_size(after);
    explain(cut, before, after, facts.has_file);
    target_space_destroy(named);
    target_space_destroy(before);
    target_space_destroy(after);
}

bool scoped_targets_check(const struct scoped_targets *cut, const struct scope *scope, struct error *warning,
                          struct error *err)
{
    *warning = (struct error){0};
    if (!cut->has_refused)
        return true;
    if (cut->left <= 0) {
        scope_advise(scope, &cut->refused, &cut->refused_range, err);
        return false;
    }
    scope_advise(scope, &cut->refused, &cut->refused_range, warning);
    char out[COUNT_SIZE], named[COUNT_SIZE], left[COUNT_SIZE];
    format_count(cut->out_of_scope, out);
    format_count(cut->named, named);
    format_count(cut->left, left);
    if (cut->named <= EXACT_MAX)
        error_add_context(warning, "%s of %s %s left out (%s)", out, named, cut->named == 1 ? "target is" : "targets are", cut->reasons);
    else
        error_add_context(warning, "of %s targets %s are left, the others are left out (%s)", named, left, cut->reasons);
    return true;
}
