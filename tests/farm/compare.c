/* compare EXPECTED FOUND: what the farm says must be found (face.h) against the JSON lines of a scan. Each expectation needs a
 * line with its address, port, name and protocol, of an outcome that is allowed, with exactly the chain that is served, in no
 * more connections than a current server costs. Prints each that differs, and the recall; exit 1 where one differs. */
#include "probes/base/memory.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct found {
    char *key;                  /* "address port name protocol" */
    json_t *line;
    struct found *more;         /* other lines with this key */
    UT_hash_handle hh;
};

static const char *text_of(json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text == NULL ? "-" : text;
}

static struct found *read_found(const char *path)
{
    struct found *all = NULL;
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (file == NULL)
        perror(path), exit(2);
    while (getline(&text, &size, file) >= 0) {
        json_error_t error;
        json_t *line = json_loads(text, 0, &error);
        if (line == NULL) {
            printf("not JSON (%s): %s", error.text, text);
            exit(1);
        }
        struct found *found = xcalloc(1, sizeof *found), *first;
        found->line = line;
        found->key = xasprintf("%s %d %s %s", text_of(line, "address"),
                               (int)json_integer_value(json_object_get(line, "port")), text_of(line, "server_name"),
                               text_of(line, "protocol"));
        HASH_FIND_STR(all, found->key, first);
        if (first == NULL) {
            HASH_ADD_KEYPTR(hh, all, found->key, strlen(found->key), found);
        } else {
            found->more = first->more;
            first->more = found;
        }
    }
    free(text);
    fclose(file);
    return all;
}

/* Is the word one of "a|b|c"? */
static bool among(const char *word, const char *list)
{
    size_t len = strlen(word);
    for (const char *at = list; at != NULL; at = strchr(at, '|') == NULL ? NULL : strchr(at, '|') + 1)
        if (strncmp(at, word, len) == 0 && (at[len] == '|' || at[len] == '\0'))
            return true;
    return false;
}

static char *chain_of(json_t *line)
{
    json_t *chain = json_object_get(line, "chain");
    char *text = xcalloc(json_array_size(chain) + 1, 66);
    for (size_t i = 0; i < json_array_size(chain); i++) {
        strcat(text, i == 0 ? "" : ",");
        strncat(text, json_string_value(json_array_get(chain, i)), 64);
    }
    return text;
}

struct expectation {
    char *address, *port, *name, *protocol, *outcomes, *connections, *chains;
};

static bool expectation_parse(char *line, struct expectation *e)
{
    char **fields[] = {&e->address, &e->port, &e->name, &e->protocol, &e->outcomes, &e->connections, &e->chains};
    char *rest = NULL;
    for (size_t i = 0; i < 7; i++)
        if ((*fields[i] = strtok_r(i == 0 ? line : NULL, "\t\n", &rest)) == NULL)
            return false;
    return true;
}

/* NULL where the line is as expected, else what differs. */
static const char *differs(const struct expectation *e, json_t *line)
{
    const char *outcome = text_of(line, "outcome");
    if (!among(outcome, e->outcomes))
        return "outcome";
    if (strcmp(outcome, "certificate") != 0)
        return NULL;
    char *chain = chain_of(line);
    bool same = among(chain, e->chains);
    free(chain);
    if (!same)
        return "chain";
    int allowed = atoi(e->connections);
    json_t *connections = json_object_get(line, "connections");
    return allowed > 0 && connections != NULL && json_integer_value(connections) > allowed ? "connections" : NULL;
}

static bool judge(const struct expectation *e, struct found *all)
{
    char *key = xasprintf("%s %s %s %s", e->address, e->port, e->name, e->protocol);
    struct found *found;
    HASH_FIND_STR(all, key, found);
    const char *wrong = "no line";
    json_t *last = NULL;
    for (struct found *at = found; at != NULL && wrong != NULL; at = at->more) {
        wrong = differs(e, at->line);
        last = at->line;
    }
    if (wrong != NULL)
        printf("%s: %s: wanted %s in %s, got %s (%s) in %d\n", key, wrong, e->outcomes, e->connections,
               last == NULL ? "nothing" : text_of(last, "outcome"), last == NULL ? "-" : text_of(last, "detail"),
               last == NULL ? 0 : (int)json_integer_value(json_object_get(last, "connections")));
    free(key);
    return wrong == NULL;
}

static void free_found(struct found *all)
{
    struct found *found, *next;
    HASH_ITER (hh, all, found, next) {
        HASH_DEL(all, found);
        for (struct found *more; found != NULL; found = more) {
            more = found->more;
            json_decref(found->line);
            free(found->key);
            free(found);
        }
    }
}

int main(int argc, char **argv)
{
    FILE *expected = argc < 3 ? NULL : fopen(argv[1], "r");
    if (expected == NULL)
        return fprintf(stderr, "usage: compare EXPECTED FOUND\n"), 2;
    struct found *all = read_found(argv[2]);
    unsigned count = 0, right = 0;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, expected) >= 0) {
        struct expectation expectation;
        if (!expectation_parse(line, &expectation))
            continue;
        count++;
        right += judge(&expectation, all);
    }
    printf("%u of %u as expected\n", right, count);
    free(line);
    fclose(expected);
    free_found(all);
    return count > 0 && right == count ? 0 : 1;
}
