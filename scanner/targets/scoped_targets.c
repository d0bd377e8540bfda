#include "scanner/targets/scoped_targets.h"

#include "probes/base/ports.h"

#include <string.h>

/* The first target of `before` that `after` does not have. */
static bool first_missing(const struct target_space *before, const struct target_space *after,
                          struct target *target)
{
    struct target_space_builder *builder = target_space_builder_create();
    struct address_range range;
    for (size_t i = 0; i < target_space_segment_count(before); i++) {
        const struct port_set *ports = target_space_segment(before, i, &range);
        target_space_add(builder, &range, ports);
    }
    for (size_t i = 0; i < target_space_segment_count(after); i++) {
        const struct port_set *ports = target_space_segment(after, i, &range);
        target_space_exclude(builder, &range, ports);
    }
    struct target_space *missing = target_space_build_unbounded(builder);
    bool any = target_space_segment_count(missing) != 0;
    if (any) {
        const struct port_set *ports = target_space_segment(missing, 0, &range);
        target->address = range.first;
        port_set_get(ports, 0, &target->transport, &target->port);
    }
    target_space_destroy(missing);
    target_space_builder_destroy(builder);
    return any;
}

void scoped_targets_cut(struct target_list *list, const struct scope *scope, struct scoped_targets *cut)
{
    struct target_space_builder *builder = target_list_builder(list);
    const struct target_space *excluded = scope_excluded(scope);
    for (size_t i = 0; i < target_space_segment_count(excluded); i++) {
        struct address_range range;
        const struct port_set *ports = target_space_segment(excluded, i, &range);
        target_space_exclude(builder, &range, ports);
    }
    struct target_space *named = target_space_build_added(builder);
    struct target_space *before = target_space_build_unbounded(builder);
    scope_cut(scope, builder);
    struct target_space *after = target_space_build_unbounded(builder);
    cut->named = target_space_size(named);
    cut->excluded = cut->named - target_space_size(before);
    cut->out_of_scope = target_space_size(before) - target_space_size(after);
    cut->has_refused = first_missing(before, after, &cut->refused);
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
    if (cut->named - cut->excluded - cut->out_of_scope <= 0) {
        scope_advise(scope, &cut->refused, err);
        return false;
    }
    scope_advise(scope, &cut->refused, warning);
    error_add_context(warning, "%.0f of %.0f targets are left out", cut->out_of_scope, cut->named);
    return true;
}
