#include "reports/render.h"

#include <stdio.h>
#include <string.h>

bool render_is_time(enum column_kind kind)
{
    return kind == COLUMN_TIME || kind == COLUMN_MOMENT;
}

const char *render_time(const char *text, char buffer[RENDER_TIME_SIZE])
{
    size_t len = strlen(text);
    if (len < 22 || len >= RENDER_TIME_SIZE || text[10] != ' ' || strcmp(text + len - 3, "+00") != 0)
        return text;
    snprintf(buffer, RENDER_TIME_SIZE, "%.10sT%.*sZ", text, (int)(len - 14), text + 11);
    return buffer;
}
