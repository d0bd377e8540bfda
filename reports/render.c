#include "reports/render.h"

#include "probes/base/memory.h"

#include <string.h>

static const struct renderer *const renderers[] = {&render_table, &render_csv, &render_json, &render_html_table};

const struct renderer *renderer_find(const char *name)
{
    for (size_t i = 0; i < sizeof renderers / sizeof renderers[0]; i++)
        if (strcmp(renderers[i]->name, name) == 0)
            return renderers[i];
    return NULL;
}

/* C1 controls are U+0080 to U+009F: in UTF-8 0xC2 and a byte below 0xA0. A newline parts a list. */
char *render_clean(const char *text)
{
    size_t len = strlen(text);
    char *clean = xmalloc(len + 1);
    size_t to = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == 0xC2 && (unsigned char)text[i + 1] < 0xA0 && (unsigned char)text[i + 1] >= 0x80) {
            clean[to++] = '?';
            i++;
        } else {
            clean[to++] = (c < 0x20 && c != '\n') || c == 0x7f ? '?' : (char)c;
        }
    }
    clean[to] = '\0';
    return clean;
}
