#include "reports/render.h"

#include <string.h>

static const struct renderer *const renderers[] = {&render_table, &render_csv,     &render_json,
                                                   &render_jsonl, &render_targets, &render_xlsx, &render_html};

const struct renderer *renderer_find(const char *name)
{
    for (size_t i = 0; i < sizeof renderers / sizeof renderers[0]; i++)
        if (strcmp(renderers[i]->name, name) == 0)
            return renderers[i];
    return NULL;
}

const char *renderer_names(void)
{
    return "table, csv, json, jsonl, xlsx, targets, html, pdf";
}
