#include "scanner/targets/name_list.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name_list {
    FILE *file; /* "LINE TEXT\n" */
    struct port_set *ports;
    uint64_t total, left;
    char *text; /* getline()'s */
    size_t capacity;
};

static bool on_line(void *context, uint64_t line, const char *text, bool is_finished)
{
    struct name_list *list = context;
    list->total++;
    if (is_finished || strchr(text, '\n') != NULL) /* no target of ours has one: the bundle was made by hand */
        return true;
    list->left++;
    return fprintf(list->file, "%llu %s\n", (unsigned long long)line, text) > 0;
}

struct name_list *name_list_create(struct bundle_writer *writer, const char *ports, struct error *err)
{
    struct name_list *list = xcalloc(1, sizeof *list);
    list->file = tmpfile();
    bool ok = list->file != NULL || error_set(err, ERROR_SYSTEM, "a temporary file: %s", strerror(errno));
    if (ok && ports[0] != '\0')
        ok = (list->ports = port_set_parse(ports, err)) != NULL;
    ok = ok && bundle_each_target_line(writer, on_line, list, err);
    if (ok && fflush(list->file) != 0)
        ok = error_set(err, ERROR_SYSTEM, "a temporary file: %s", strerror(errno));
    if (ok && list->left != 0 && list->ports == NULL)
        ok = error_set(err, ERROR_INPUT, "the bundle has names, but its plan no ports");
    if (ok) {
        rewind(list->file);
        return list;
    }
    name_list_destroy(list);
    return NULL;
}

void name_list_destroy(struct name_list *list)
{
    if (list == NULL)
        return;
    if (list->file != NULL)
        fclose(list->file);
    port_set_destroy(list->ports);
    free(list->text);
    free(list);
}

uint64_t name_list_total(const struct name_list *list)
{
    return list->total;
}

uint64_t name_list_left(const struct name_list *list)
{
    return list->left;
}

struct name_task *name_list_next(struct name_list *list)
{
    ssize_t len;
    while ((len = getline(&list->text, &list->capacity, list->file)) > 0) {
        char *text;
        struct error err = {0};
        struct name_task *task = xcalloc(1, sizeof *task);
        list->text[len - 1] = '\0';
        task->line = strtoull(list->text, &text, 10);
        if (*text == ' ' && target_text_parse(text + 1, &task->spec, &err) && task->spec.is_name) {
            task->ports = task->spec.ports != NULL ? task->spec.ports : list->ports;
            return task;
        }
        log_warning("line %llu of the bundle's names is left out: %s", (unsigned long long)task->line,
                    err.kind != ERROR_NONE ? err.text : "not a name");
        name_task_destroy(task);
    }
    return NULL;
}

void name_task_destroy(struct name_task *task)
{
    target_text_clear(&task->spec);
    free(task->addresses);
    free(task);
}

void name_task_resolved(struct name_task *task, const struct address *addresses, size_t count)
{
    task->addresses = count == 0 ? NULL : xmemdup(addresses, count * sizeof *addresses);
    task->address_count = count;
    task->total = (uint64_t)count * port_set_count(task->ports);
}

/* Ports in the outer loop, addresses in the inner one, so that a host is not asked on all its ports at once. */
void name_task_target(const struct name_task *task, uint64_t index, struct target *target)
{
    target->address = task->addresses[index % task->address_count];
    port_set_get(task->ports, (uint32_t)(index / task->address_count), &target->transport, &target->port);
}
