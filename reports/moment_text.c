#include "reports/moment_text.h"

#include "probes/base/memory.h"
#include "reports/html.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The length of a moment that begins here; 0: none does. One within a path or a name is part of that, and stays. */
static size_t moment_length(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00";
    size_t len = 0;
    for (; form[len] != '\0'; len++)
        if (form[len] == '0' ? !isdigit((unsigned char)text[len]) : text[len] != form[len])
            return 0;
    if (text[len] == '.')
        for (len++; isdigit((unsigned char)text[len]); len++)
            ;
    return text[len] == 'Z' && (text[len + 1] == '\0' || strchr(" \n;,.:)", text[len + 1]) != NULL) ? len + 1 : 0;
}

char *moment_text(const char *text, bool in_words)
{
    char *said = NULL;
    size_t len, size;
    if (strchr(text, 'Z') == NULL || (!in_words && moment_length(text) == strlen(text)))
        return xstrdup(text);
    FILE *out = open_memstream(&said, &size);
    if (out == NULL)
        abort();
    for (const char *at = text; *at != '\0'; at += len) {
        len = at == text || strchr(" \n(", at[-1]) != NULL ? moment_length(at) : 0;
        if (len == 0)
            fputc(at[len++], out);
        else if (in_words)
            fprintf(out, "%s, %.5s UTC", html_day_full(at), at + 11);
        else
            fprintf(out, "%.10s %.5s UTC", at, at + 11);
    }
    fclose(out);
    return said;
}

void moment_html(FILE *out, const char *text, void (*print)(FILE *out, const char *text))
{
    char *said = moment_text(text, true);
    print(out, said);
    free(said);
}
