#include "inventory/server_test/changes.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <string.h>

struct list {
    struct server_change *changes;
    size_t count;
};

static void add(struct list *list, const char *what, const char *before, const char *after)
{
    list->changes = xreallocarray(list->changes, list->count + 1, sizeof *list->changes);
    struct server_change *change = &list->changes[list->count++];
    snprintf(change->what, sizeof change->what, "%s", what);
    snprintf(change->before, sizeof change->before, "%s", before);
    snprintf(change->after, sizeof change->after, "%s", after);
}

static const struct cert *leaf_of(const struct server_judgement *judgement)
{
    const struct server_chain *chain = server_usual_chain(judgement->facts);
    return chain == NULL || chain->count == 0 ? NULL : chain->certs[0];
}

static void compare_leafs(struct list *list, const struct cert *before, const struct cert *after)
{
    char old_hash[65], new_hash[65];
    if (before == NULL || after == NULL || memcmp(before->sha256, after->sha256, sizeof after->sha256) == 0)
        return;
    hex_format(before->sha256, sizeof before->sha256, old_hash);
    hex_format(after->sha256, sizeof after->sha256, new_hash);
    add(list, "certificate", old_hash, new_hash);
}

/* These differ in every test, or depend on the tester, not on the server. */
static bool is_passing(const char *item)
{
    static const char *const passing[] = {"clock", "connections", "survey", "suites", "sessions_at_once", "several"};
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (strcmp(item, passing[i]) == 0)
            return true;
    return strncmp(item, "hello:", 6) == 0 || strncmp(item, "known:", 6) == 0;
}

/* Did this test ask for the whole list that the item belongs to? "": it belongs to none. */
static bool has_whole_list(const struct server_facts *facts, const char *item)
{
    const char *list = strncmp(item, "suite:", 6) == 0 ? "suites" : "survey";
    return strcmp(server_value(facts, list), "untested") != 0 && server_detail(facts, list)[0] == '\0';
}

/* The value of an item; in a list that was tested completely, a missing item is refused. */
static const char *value_in(const struct server_facts *facts, const char *item)
{
    const char *value = server_value(facts, item);
    bool is_listed = strchr(item, ':') != NULL;
    return is_listed && strcmp(value, "untested") == 0 && has_whole_list(facts, item) ? "refused" : value;
}

static void compare(struct list *list, const struct server_facts *before, const struct server_facts *after, const char *item)
{
    const char *old_value = value_in(before, item), *new_value = value_in(after, item);
    if (strcmp(old_value, new_value) != 0 && strcmp(old_value, "untested") != 0 && strcmp(new_value, "untested") != 0)
        add(list, item, old_value, new_value);
}

size_t server_changes(const struct server_judgement *before, const struct server_judgement *after, struct server_change **changes)
{
    struct list list = {0};
    if (before->grade.is_known && after->grade.is_known && strcmp(before->grade.letter_trusted, after->grade.letter_trusted) != 0)
        add(&list, "grade", before->grade.letter_trusted, after->grade.letter_trusted);
    compare_leafs(&list, leaf_of(before), leaf_of(after));
    for (size_t i = 0; i < after->facts->item_count; i++)
        if (!is_passing(after->facts->items[i].item))
            compare(&list, before->facts, after->facts, after->facts->items[i].item);
    for (size_t i = 0; i < before->facts->item_count; i++) {
        const char *item = before->facts->items[i].item;
        if (!is_passing(item) && strcmp(server_value(after->facts, item), "untested") == 0)
            compare(&list, before->facts, after->facts, item);
    }
    *changes = list.changes;
    return list.count;
}
