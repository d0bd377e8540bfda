/* Reads a foreign text line by line: a byte-order mark is skipped, CR LF counts as one line end, and a line longer
 * than the limit is reported and skipped, in constant memory. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define LINE_READER_LIMIT 4096 /* bytes of a line, its end not counted */

enum line_result {
    LINE_READ,
    LINE_TOO_LONG, /* skipped whole; go on with the next */
    LINE_HAS_NUL,  /* no text; skipped */
    LINE_END,      /* no more lines; ferror() tells why */
};

struct line_reader {
    FILE *file;    /* borrowed */
    size_t number; /* of the line just read, from 1 */
    size_t len;
    char text[LINE_READER_LIMIT + 1]; /* without its end */
};

void line_reader_init(struct line_reader *reader, FILE *file);
enum line_result line_reader_next(struct line_reader *reader);
