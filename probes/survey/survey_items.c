#include "probes/survey/survey_items.h"

#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 256       /* groups, schemes and protocols of two versions: some 150 at most */

struct survey_item {
    char item[80], value[24], detail[DETAIL_SIZE];
    bool is_unproven;
};

struct survey_items {
    size_t count;
    struct survey_item items[ITEMS_MAX];
    struct tls_posture_item list[ITEMS_MAX];
};

struct survey_items *survey_items_create(void)
{
    return xcalloc(1, sizeof(struct survey_items));
}

void survey_items_destroy(struct survey_items *items)
{
    free(items);
}

static struct survey_item *find(struct survey_items *items, const char *name)
{
    for (size_t i = 0; i < items->count; i++)
        if (strcmp(items->items[i].item, name) == 0)
            return &items->items[i];
    return NULL;
}

static struct survey_item *put(struct survey_items *items, const char *name, const char *value, const char *detail)
{
    struct survey_item *item = find(items, name);
    if (item == NULL && items->count == ITEMS_MAX)
        return NULL;
    if (item == NULL)
        item = &items->items[items->count++];
    if (item->item != name)             /* nothing may be printed over itself */
        snprintf(item->item, sizeof item->item, "%s", name);
    snprintf(item->value, sizeof item->value, "%s", value);
    snprintf(item->detail, sizeof item->detail, "%s", detail == NULL ? "" : detail);
    item->is_unproven = false;
    return item;
}

void survey_items_set(struct survey_items *items, const char *item, const char *value, const char *detail)
{
    put(items, item, value, detail);
}

void survey_items_refuse(struct survey_items *items, const char *name, const char *detail)
{
    struct survey_item *item = put(items, name, "refused", detail);
    if (item != NULL)
        item->is_unproven = true;
}

const char *survey_items_value(const struct survey_items *items, const char *name)
{
    const struct survey_item *item = find((struct survey_items *)items, name);
    return item == NULL ? NULL : item->value;
}

void survey_items_alive(struct survey_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        items->items[i].is_unproven = false;
}

bool survey_items_unproven(const struct survey_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].is_unproven)
            return true;
    return false;
}

void survey_items_stopped(struct survey_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].is_unproven)
            put(items, items->items[i].item, "untested", "the usual hello was refused afterwards, too");
}

size_t survey_items_list(struct survey_items *items, const struct tls_posture_item **list)
{
    for (size_t i = 0; i < items->count; i++)
        items->list[i] = (struct tls_posture_item){
            .item = items->items[i].item, .value = items->items[i].value, .detail = items->items[i].detail};
    *list = items->list;
    return items->count;
}
