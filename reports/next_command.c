#include "reports/next_command.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "reports/report.h"
#include "reports_sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The statement's one value, a command; "" for NULL. */
static char *read_one(struct db *db, const char *sql, size_t count, const char *const *params, struct error *err)
{
    struct db_result *result = db_query(db, sql, count, params, err);
    char *command = result == NULL ? NULL : xstrdup(db_value(result, 0, 0) == NULL ? "" : db_value(result, 0, 0));
    db_result_destroy(result);
    return command;
}

/* The report that a command names; NULL: another command, or a document. */
static const struct report *report_of(const char *command)
{
    static const char start[] = "certsweep report ";
    if (strncmp(command, start, sizeof start - 1) != 0)
        return NULL;
    char *name = xstrdup(command + sizeof start - 1);
    name[strcspn(name, " ")] = '\0';
    const struct report *report = report_find(name);
    free(name);
    return report;
}

/* Can the command be narrowed by this filter, too? The document describes a site or an owner whole. */
static bool takes(const char *command, const char *filter)
{
    const struct report *report = report_of(command);
    if (strcmp(filter, "site") == 0)
        return strstr(command, " --help") == NULL && strcmp(command, "certsweep reconcile") != 0;
    if (report == NULL)
        return strncmp(command, "certsweep report ", 17) == 0 && strcmp(filter, "owner") == 0;
    if (strcmp(report->name, "coverage") == 0)          /* a space need not hold the names and networks of a list of records */
        return false;
    return report_understands(report, filter);
}

static bool is_shared(const char *filter)
{
    for (size_t i = 0; report_shared_filters[i] != NULL; i++)
        if (strcmp(report_shared_filters[i], filter) == 0)
            return true;
    return strcmp(filter, "site") == 0;
}

/* What a filter says of any list; with a command of which it takes. Yours. */
static char *kept(const char *filter, bool is_own, const char *command)
{
    json_t *object = json_loads(filter, 0, NULL), *value;
    const char *key;
    void *following;
    json_object_foreach_safe(object, following, key, value)
        if ((!is_own && !is_shared(key)) || (command != NULL && !takes(command, key)))
            json_object_del(object, key);
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(object);
    return text;
}

char *next_command(struct db *db, const struct next_asked *asked, struct error *err)
{
    char *shared = kept(asked->filter, false, NULL);
    const char *const params[] = {shared, asked->near[0], asked->near[1], asked->wish, asked->report, asked->is_empty ? "true" : "false"};
    char *command = read_one(db, SQL_NEXT_COMMAND, 6, params, err);
    free(shared);
    if (command == NULL || command[0] == '\0')
        return command;
    const struct report *report = report_of(command);
    char *filter = kept(asked->filter, report != NULL && asked->report != NULL && strcmp(report->name, asked->report) == 0, command);
    char *next = next_command_of(db, command, filter, err);
    free(filter);
    free(command);
    return next;
}

bool next_command_as_of(struct db *db, const char *as_of, struct error *err)
{
    const char *const params[] = {as_of};
    return db_exec_params(db, SQL_NEXT_COMMAND_AS_OF, 1, params, err);
}

char *next_command_of(struct db *db, const char *command, const char *filter, struct error *err)
{
    const char *const params[] = {command, filter};
    return read_one(db, SQL_NEXT_COMMAND_OF, 2, params, err);
}

void next_command_write(const char *command, FILE *out)
{
    clean_text_print(out, "Next: %s\n", command[0] == '\0' ? "nothing is to be done for what these filters leave" : command);
}

bool next_command_print(struct db *db, const char *site, FILE *out, struct error *err)
{
    json_t *filter = json_object();
    if (site != NULL)
        json_object_set_new(filter, "site", json_string(site));
    char *text = json_dumps(filter, JSON_COMPACT), *command = next_command(db, &(struct next_asked){.filter = text}, err);
    if (command != NULL) {
        fputc('\n', out);
        next_command_write(command, out);
    }
    bool ok = command != NULL;
    json_decref(filter);
    free(text);
    free(command);
    return ok;
}
