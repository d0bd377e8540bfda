#include "scanner/files/scanner_parts.h"

#include <string.h>

static ssize_t read_memory(void *context, void *bytes, size_t room, const char **why)
{
    struct byte_reader *left = context;
    size_t len = left->left < room ? left->left : room;
    (void)why;
    if (len > 0)
        memcpy(bytes, left->at, len);
    byte_reader_skip(left, len);
    return (ssize_t)len;
}

bool scanner_look_at_bytes(struct file_scanner *scanner, const struct place *place, struct byte_reader bytes)
{
    struct source source = {.read = read_memory, .context = &bytes, .fd = -1};
    return scanner->look(scanner, place, &source);
}
