/* One JSON object on one line, written field by field into a buffer that is reused for the next line. It cannot
 * write invalid JSON (RFC 8259): text is escaped, and what is not UTF-8 in it (RFC 3629) becomes U+FFFD. Characters
 * that a screen hides or reorders (clean_text.h) are written as \uXXXX, so that they are kept and visible. Ten
 * times as fast as building a document; whole documents are made with jansson.
 *
 *     json_line_begin(&line);
 *     json_line_text(&line, "outcome", "certificate");
 *     json_line_array_begin(&line, "chain");  json_line_text(&line, NULL, hex);  json_line_array_end(&line);
 *     json_line_end(&line);         -->  line.text, line.len: {"outcome":"certificate","chain":["..."]}\n
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_line {
    char *text;             /* len bytes, no NUL behind them */
    size_t len;
    size_t capacity;
    bool comma;             /* the next value needs one before it */
};

void json_line_init(struct json_line *line);
void json_line_clear(struct json_line *line);

void json_line_begin(struct json_line *line);      /* discards the previous line */
void json_line_end(struct json_line *line);

/* key NULL: an element of an array. A key is ours: plain ASCII without quotes. */
void json_line_text(struct json_line *line, const char *key, const char *value);      /* NULL: null */
void json_line_text_len(struct json_line *line, const char *key, const char *value, size_t len);
void json_line_int(struct json_line *line, const char *key, int64_t value);
void json_line_number(struct json_line *line, const char *key, const char *digits);   /* as PostgreSQL writes it; else null */
void json_line_bool(struct json_line *line, const char *key, bool value);
void json_line_null(struct json_line *line, const char *key);
void json_line_milliseconds(struct json_line *line, const char *key, uint64_t microseconds);    /* 1.25 */
void json_line_hex(struct json_line *line, const char *key, const uint8_t *bytes, size_t len);
void json_line_array_begin(struct json_line *line, const char *key);
void json_line_array_end(struct json_line *line);
void json_line_object_begin(struct json_line *line, const char *key);
void json_line_object_end(struct json_line *line);
