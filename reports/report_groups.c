#include "reports/report_groups.h"

#include "probes/base/memory.h"
#include "reports/render.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct group {
    char *value;
    size_t count;
    UT_hash_handle hh;
};

struct report_groups {
    const struct report_column *column;
    struct group *all;
};

struct report_groups *report_groups_create(const struct report_column *column)
{
    struct report_groups *groups = xcalloc(1, sizeof *groups);
    groups->column = column;
    return groups;
}

void report_groups_destroy(struct report_groups *groups)
{
    struct group *group, *next;
    if (groups == NULL)
        return;
    HASH_ITER(hh, groups->all, group, next)
    {
        HASH_DEL(groups->all, group);
        free(group->value);
        free(group);
    }
    free(groups);
}

static void add(struct report_groups *groups, const char *value, size_t len)
{
    struct group *group;
    HASH_FIND(hh, groups->all, value, len, group);
    if (group == NULL) {
        group = xcalloc(1, sizeof *group);
        group->value = xstrndup(value, len);
        HASH_ADD_KEYPTR(hh, groups->all, group->value, len, group);
    }
    group->count++;
}

void report_groups_add(struct report_groups *groups, const char *value)
{
    if (value == NULL)
        value = "";
    if (groups->column->kind != COLUMN_LIST || value[0] == '\0') {
        add(groups, value, strlen(value));
        return;
    }
    while (*value != '\0') {
        size_t len = strcspn(value, "\n");
        add(groups, value, len);
        value += len + (value[len] == '\n');
    }
}

/* Whatever the direction, the rows without a value are last. */
static int by_value(const struct group *a, const struct group *b)
{
    bool has_none = a->value[0] == '\0', has_other_none = b->value[0] == '\0';
    return has_none != has_other_none ? has_none - has_other_none : strcmp(a->value, b->value);
}

static int by_value_down(const struct group *a, const struct group *b)
{
    return a->value[0] == '\0' || b->value[0] == '\0' ? by_value(a, b) : by_value(b, a);
}

static int fewest_first(const struct group *a, const struct group *b)
{
    return a->count != b->count ? (a->count < b->count ? -1 : 1) : by_value(a, b);
}

static int most_first(const struct group *a, const struct group *b)
{
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : by_value(a, b);
}

static void sort(struct report_groups *groups, const char *by)
{
    if (by == NULL || strcmp(by, "-count") == 0)
        HASH_SORT(groups->all, most_first);
    else if (strcmp(by, "count") == 0)
        HASH_SORT(groups->all, fewest_first);
    else if (by[0] == '-')
        HASH_SORT(groups->all, by_value_down);
    else
        HASH_SORT(groups->all, by_value);
}

size_t report_groups_write(struct report_groups *groups, const struct report *report, const struct report_options *options,
                           struct render_end *end, const struct renderer *renderer, FILE *out)
{
    struct report shape = {.name = report->name, .title = report->title, .question = report->question, .none = report->none, .head = report->head};
    shape.columns[0] = *groups->column;
    shape.columns[0].detail = shape.columns[0].head = false;
    if (groups->column->kind == COLUMN_LIST)
        shape.columns[0].kind = COLUMN_TEXT;
    shape.columns[1] = (struct report_column){"count", "Count", COLUMN_COUNT, false, false};
    void *state = renderer->begin(&shape, out);
    size_t written = 0;
    sort(groups, options->sort);
    for (struct group *group = groups->all; group != NULL && (options->limit == 0 || written < options->limit); group = group->hh.next) {
        char count[24];
        snprintf(count, sizeof count, "%zu", group->count);
        const char *values[] = {group->value[0] == '\0' ? NULL : group->value, count};
        renderer->row(state, values);
        written++;
    }
    end->more = HASH_COUNT(groups->all) - written;
    renderer->end(state, end);
    return written;
}
