#include "probes/base/json_line.h"

#include "probes/base/clean_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_ESCAPE_SIZE 16

void json_line_init(struct json_line *line)
{
    *line = (struct json_line){0};
}

void json_line_clear(struct json_line *line)
{
    free(line->text);
    json_line_init(line);
}

static char *room(struct json_line *line, size_t len)
{
    if (line->capacity - line->len < len) {
        line->capacity = (line->len + len) * 2 + 512;
        line->text = xrealloc(line->text, line->capacity);
    }
    return line->text + line->len;
}

static void put(struct json_line *line, const char *bytes, size_t len)
{
    memcpy(room(line, len), bytes, len);
    line->len += len;
}

static void put_char(struct json_line *line, char c)
{
    *room(line, 1) = c;
    line->len++;
}

/* Writes the comma and, if there is one, the key before a value. */
static void put_key(struct json_line *line, const char *key)
{
    if (line->comma)
        put_char(line, ',');
    line->comma = true;
    if (key == NULL)
        return;
    put_char(line, '"');
    put(line, key, strlen(key));
    put(line, "\":", 2);
}

void json_line_begin(struct json_line *line)
{
    line->len = 0;
    line->comma = false;
    put_char(line, '{');
}

void json_line_end(struct json_line *line)
{
    put(line, "}\n", 2);
}

static void put_escaped(struct json_line *line, uint8_t c)
{
    char escape[8];
    switch (c) {
    case '"': put(line, "\\\"", 2); return;
    case '\\': put(line, "\\\\", 2); return;
    case '\n': put(line, "\\n", 2); return;
    case '\r': put(line, "\\r", 2); return;
    case '\t': put(line, "\\t", 2); return;
    }
    put(line, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
}

/* Invisible and reordering characters are written as JSON escapes (RFC 8259, section 7): a program reads them unchanged, and a
 * terminal shows them. */
static size_t format_escape(uint32_t code_point, char escape[JSON_ESCAPE_SIZE])
{
    if (code_point <= 0xffff)
        return (size_t)snprintf(escape, JSON_ESCAPE_SIZE, "\\u%04x", code_point);
    code_point -= 0x10000;
    return (size_t)snprintf(escape, JSON_ESCAPE_SIZE, "\\u%04x\\u%04x", 0xd800 + (code_point >> 10),
                            0xdc00 + (code_point & 0x3ff));
}

/* One character of 2 to 4 bytes. */
static void put_character(struct json_line *line, const char *text, size_t len)
{
    char escape[JSON_ESCAPE_SIZE];
    uint32_t code_point = utf8_code_point(text, len);
    if (clean_text_hides(code_point))
        put(line, escape, format_escape(code_point, escape));
    else
        put(line, text, len);
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_line_text_len(struct json_line *line, const char *key, const char *value, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)value;
    put_key(line, key);
    put_char(line, '"');
    for (size_t i = 0; i < len;) {
        size_t run = 0;
        while (i + run < len && is_plain(bytes[i + run]))
            run++;
        if (run == 0 && bytes[i] < 0x80) {
            put_escaped(line, bytes[i]);
            i++;
            continue;
        }
        if (run != 0) {
            put(line, value + i, run);
        } else if ((run = utf8_character(value + i, len - i)) != 0) {
            put_character(line, value + i, run);
        } else {
            put(line, "\xef\xbf\xbd", 3);       /* U+FFFD, as many as there are bad bytes */
            run = 1;
        }
        i += run;
    }
    put_char(line, '"');
}

void json_line_text(struct json_line *line, const char *key, const char *value)
{
    if (value == NULL)
        json_line_null(line, key);
    else
        json_line_text_len(line, key, value, strlen(value));
}

void json_line_int(struct json_line *line, const char *key, int64_t value)
{
    char digits[24];
    put_key(line, key);
    put(line, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value));
}

/* RFC 8259, section 6, without an exponent. */
static bool is_number(const char *digits)
{
    digits += *digits == '-';
    size_t whole = strspn(digits, "0123456789");
    if (whole == 0 || (whole > 1 && digits[0] == '0'))
        return false;
    digits += whole;
    if (*digits == '.') {
        size_t part = strspn(++digits, "0123456789");
        if (part == 0)
            return false;
        digits += part;
    }
    return *digits == '\0';
}

void json_line_number(struct json_line *line, const char *key, const char *digits)
{
    if (!is_number(digits)) {
        json_line_null(line, key);
        return;
    }
    put_key(line, key);
    put(line, digits, strlen(digits));
}

void json_line_bool(struct json_line *line, const char *key, bool value)
{
    put_key(line, key);
    put(line, value ? "true" : "false", value ? 4 : 5);
}

void json_line_null(struct json_line *line, const char *key)
{
    put_key(line, key);
    put(line, "null", 4);
}

/* Uses integers, since printf's decimal point depends on the locale. */
void json_line_milliseconds(struct json_line *line, const char *key, uint64_t microseconds)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)microseconds / 1000);
    unsigned fraction = (unsigned)(microseconds % 1000);
    if (fraction != 0) {
        len += snprintf(digits + len, sizeof digits - (size_t)len, ".%03u", fraction);
        while (digits[len - 1] == '0')
            len--;
    }
    put_key(line, key);
    put(line, digits, (size_t)len);
}

void json_line_hex(struct json_line *line, const char *key, const uint8_t *bytes, size_t len)
{
    put_key(line, key);
    put_char(line, '"');
    hex_format(bytes, len, room(line, 2 * len + 1));
    line->len += 2 * len;
    put_char(line, '"');
}

static void open_bracket(struct json_line *line, const char *key, char bracket)
{
    put_key(line, key);
    put_char(line, bracket);
    line->comma = false;
}

static void close_bracket(struct json_line *line, char bracket)
{
    put_char(line, bracket);
    line->comma = true;
}

void json_line_array_begin(struct json_line *line, const char *key)
{
    open_bracket(line, key, '[');
}

void json_line_array_end(struct json_line *line)
{
    close_bracket(line, ']');
}

void json_line_object_begin(struct json_line *line, const char *key)
{
    open_bracket(line, key, '{');
}

void json_line_object_end(struct json_line *line)
{
    close_bracket(line, '}');
}
