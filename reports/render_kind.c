#include "reports/render.h"

#include <string.h>

bool render_is_time(enum column_kind kind)
{
    return kind == COLUMN_TIME || kind == COLUMN_MOMENT;
}

bool render_is_number(enum column_kind kind)
{
    return kind == COLUMN_NUMBER || kind == COLUMN_COUNT;
}

const char *render_time(const char *text, char buffer[RENDER_TIME_SIZE])
{
    size_t len = strlen(text);
    if (len < 22 || len >= RENDER_TIME_SIZE || text[10] != ' ' || strcmp(text + len - 3, "+00") != 0)
        return text;
    memcpy(buffer, text, len - 3);
    buffer[10] = 'T';
    buffer[len - 3] = 'Z';
    buffer[len - 2] = '\0';
    return buffer;
}
