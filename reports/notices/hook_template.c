#include "reports/notices/hook_template.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_escaped(FILE *out, const char *text)
{
    json_t *string = json_string(text);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    if (quoted != NULL)
        fwrite(quoted + 1, 1, strlen(quoted) - 2, out);     /* without its quotation marks */
    free(quoted);
    json_decref(string);
}

/* Writes the field that is named here; returns the length of its name, 0: no field. */
static size_t print_field(FILE *out, const char *at, const struct hook_fields *fields)
{
    const struct { const char *name, *value; } known[] = {
        {"{{subject}}", fields->subject}, {"{{text}}", fields->text}, {"{{contact}}", fields->contact}, {"{{id}}", fields->id}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(at, known[i].name, strlen(known[i].name)) == 0) {
            print_escaped(out, known[i].value);
            return strlen(known[i].name);
        }
    if (strncmp(at, "{{json}}", 8) != 0)
        return 0;
    fputs(fields->json, out);
    return 8;
}

char *hook_template_fill(const char *template, const struct hook_fields *fields)
{
    char *filled = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&filled, &len);
    while (*template != '\0') {
        size_t used = print_field(out, template, fields);
        if (used == 0)
            fputc(*template, out);
        template += used == 0 ? 1 : used;
    }
    fclose(out);
    return filled;
}

bool hook_template_check(const char *template, const char *name, struct error *err)
{
    json_error_t fault;
    const struct hook_fields sample = {.subject = "s", .text = "t", .contact = "c", .id = "i", .json = "{}"};
    char *filled = hook_template_fill(template, &sample);
    json_t *document = json_loads(filled, 0, &fault);
    free(filled);
    json_decref(document);
    return document != NULL || error_set(err, ERROR_USAGE, "%s: it does not become JSON, line %d: %s", name, fault.line, fault.text);
}
