#include "probes/base/line_reader.h"

#include <string.h>

void line_reader_init(struct line_reader *reader, FILE *file)
{
    reader->file = file;
    reader->number = 0;
    reader->len = 0;
    reader->text[0] = '\0';
}

static void cut_ends(struct line_reader *reader)
{
    if (reader->len > 0 && reader->text[reader->len - 1] == '\r')
        reader->len--;
    reader->text[reader->len] = '\0';
    if (reader->number == 1 && strncmp(reader->text, "\xef\xbb\xbf", 3) == 0) {
        reader->len -= 3;
        memmove(reader->text, reader->text + 3, reader->len + 1);
    }
}

enum line_result line_reader_next(struct line_reader *reader)
{
    bool too_long = false, has_nul = false, any = false;
    int c;
    reader->len = 0;
    while ((c = getc_unlocked(reader->file)) != EOF) {
        any = true;
        if (c == '\n')
            break;
        if (c == '\0')
            has_nul = true;
        if (reader->len < LINE_READER_LIMIT)
            reader->text[reader->len++] = (char)c;
        else
            too_long = too_long || c != '\r';
    }
    if (!any)
        return LINE_END;
    reader->number++;
    cut_ends(reader);
    return too_long ? LINE_TOO_LONG : has_nul ? LINE_HAS_NUL : LINE_READ;
}
