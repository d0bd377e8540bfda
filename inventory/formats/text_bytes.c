#include "inventory/formats/text_bytes.h"

#include "inventory/formats/text_blocks.h"

#include <string.h>

#define GAP_MAX    256u                 /* characters between two bytes: a comment, an indentation */
#define DUMP_WIDTH 16u                  /* bytes in a line of xxd and hexdump -C */
#define HEAD_BYTES 11u                  /* as many as show that it is DER or PEM */

enum style { STYLE_NONE, STYLE_HEX, STYLE_NUMBERS, STYLE_STRING };

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Both digits of a byte; -1: they are none. */
static int hex_pair(struct byte_reader text, size_t at)
{
    int high = at + 1 < text.left ? hex_value(text.at[at]) : -1, low = high < 0 ? -1 : hex_value(text.at[at + 1]);
    return low < 0 ? -1 : high << 4 | low;
}

static bool has(struct byte_reader text, size_t at, const char *word)
{
    size_t len = strlen(word);
    return at <= text.left && text.left - at >= len && memcmp(text.at + at, word, len) == 0;
}

static bool is_one_of(uint8_t c, const char *chars)
{
    return c != '\0' && strchr(chars, c) != NULL;
}

static enum style style_of(struct byte_reader text, size_t at)
{
    if (has(text, at, "\\x") || has(text, at, "0\\"))
        return STYLE_STRING;
    if (has(text, at, "0x") || has(text, at, "0X") || has(text, at, "48") || has(text, at, "45"))
        return STYLE_NUMBERS;
    return has(text, at, "30") || has(text, at, "2d") || has(text, at, "2D") ? STYLE_HEX : STYLE_NONE;
}

/* ---- hexadecimal ---- */

struct hex {
    bool is_dump;
    size_t in_line;                     /* bytes so far, in a dump */
};

/* "00000010: " of xxd, "00000010  " of hexdump: what stands before the bytes of a line; 0: nothing does. */
static size_t dump_offset_len(struct byte_reader text, size_t at)
{
    size_t from = at;
    while (at < text.left && at - from < 17 && hex_value(text.at[at]) >= 0)
        at++;
    if (at - from < 4 || at - from > 16 || (!has(text, at, ": ") && !has(text, at, "  ")))
        return 0;
    at++;
    while (at < text.left && text.at[at] == ' ')
        at++;
    return at - from;
}

static void begin_hex(struct hex *hex, struct byte_reader text, size_t start)
{
    size_t line = start;
    *hex = (struct hex){.is_dump = false};
    while (line > 0 && start - line < 128 && text.at[line - 1] != '\n')
        line--;
    size_t at = line + dump_offset_len(text, line);
    hex->is_dump = at > line && at <= start;
    while (hex->is_dump && at < start)
        if (hex_pair(text, at) >= 0) {
            at += 2;
            hex->in_line++;
        } else {
            at++;
        }
}

/* What separates bytes: blanks, commas, colons, quotes, the end of a line as it is or continued. A dump has its text behind them. */
static size_t skip_hex_gap(struct hex *hex, struct byte_reader text, size_t at)
{
    size_t from = at;
    if (hex->is_dump && hex->in_line >= DUMP_WIDTH)
        while (at < text.left && at - from < GAP_MAX && text.at[at] != '\n')
            at++;
    while (at < text.left && at - from < GAP_MAX && is_one_of(text.at[at], " \t\r\n,:-;\\\"'+")) {
        if (text.at[at++] == '\n' && hex->is_dump) {
            at += dump_offset_len(text, at);
            hex->in_line = 0;
        }
    }
    return at;
}

static size_t next_hex(struct hex *hex, struct byte_reader text, size_t at, int *value)
{
    at = skip_hex_gap(hex, text, at);
    *value = hex_pair(text, at);
    hex->in_line++;
    return at + 2;
}

/* ---- numbers ---- */

/* Separators, comments and casts: ", " "(byte) " "u8" "// ..." */
static size_t skip_number_gap(struct byte_reader text, size_t at)
{
    static const char *const words[] = {"byte", "sbyte", "char", "unsigned", "uint8_t", "uint8", "u8", "u", "as", NULL};
    size_t from = at;
    while (at < text.left && (text.at[at] == ',' || text.at[at] == ' ') && at - from < GAP_MAX)
        at++;
    if (at < text.left && ((text.at[at] >= '0' && text.at[at] <= '9') || text.at[at] == '-'))
        return at;                              /* most are no more than that */
    for (bool more = true; more && at < text.left && at - from < GAP_MAX;) {
        more = false;
        const char *end = has(text, at, "//") ? "\n" : has(text, at, "/*") ? "*/" : NULL;
        if (end != NULL) {
            size_t room = text.left - at < GAP_MAX ? text.left - at : GAP_MAX;
            const uint8_t *found = memmem(text.at + at, room, end, strlen(end));
            more = found != NULL;
            at = found == NULL ? at : (size_t)(found - text.at) + strlen(end);
        } else if (is_one_of(text.at[at], " \t\r\n,()\\\"'+UL&")) {
            more = true;
            at++;
        }
        for (size_t i = 0; !more && words[i] != NULL; i++)
            if (has(text, at, words[i])) {
                more = true;
                at += strlen(words[i]);
            }
    }
    return at;
}

static size_t next_number(struct byte_reader text, size_t at, int *value)
{
    at = skip_number_gap(text, at);
    bool is_negative = has(text, at, "-");
    at += is_negative;
    *value = -1;
    if (has(text, at, "0x") || has(text, at, "0X")) {
        *value = hex_pair(text, at + 2);
        if (*value >= 0)
            return at + 4;
        *value = at + 2 < text.left ? hex_value(text.at[at + 2]) : -1;
        return at + 3;
    }
    size_t from = at;
    int number = 0;
    for (; at < text.left && at - from < 4 && text.at[at] >= '0' && text.at[at] <= '9'; at++)
        number = 10 * number + (text.at[at] - '0');
    if (at > from && at - from < 4 && number <= (is_negative ? 128 : 255))
        *value = is_negative ? (256 - number) & 0xff : number;
    return at;
}

/* ---- strings ---- */

static int octal_value(struct byte_reader text, size_t at, size_t *len)
{
    int value = 0;
    for (*len = 0; *len < 3 && at + *len < text.left && text.at[at + *len] >= '0' && text.at[at + *len] <= '7'; (*len)++)
        value = 8 * value + (text.at[at + *len] - '0');
    return *len == 0 || value > 255 ? -1 : value;
}

/* Between the parts of a string: "...\x30" "\x82..." or + or a continued line. */
static size_t skip_string_gap(struct byte_reader text, size_t at)
{
    if (at >= text.left || !is_one_of(text.at[at], "\"'"))
        return has(text, at, "\\\n") ? at + 2 : has(text, at, "\\\r\n") ? at + 3 : at;
    size_t next = at + 1, from = at;
    while (next < text.left && next - from < GAP_MAX && is_one_of(text.at[next], " \t\r\n+.\\b"))
        next++;
    return next < text.left && next > at + 1 && text.at[next] == text.at[at] ? next + 1 : at;
}

static size_t next_in_string(struct byte_reader text, size_t at, int *value)
{
    static const char names[] = "nrt0abfv\\'\"", values[] = "\n\r\t\0\a\b\f\v\\'\"";
    at = skip_string_gap(text, at);
    *value = at < text.left && text.at[at] != '\n' ? text.at[at] : -1;
    if (*value != '\\')
        return at + 1;
    size_t len;
    if (has(text, at, "\\x")) {
        *value = hex_pair(text, at + 2);
        return at + 4;
    }
    *value = octal_value(text, at + 1, &len);
    if (*value >= 0)
        return at + 1 + len;
    const char *name = at + 1 < text.left && text.at[at + 1] != '\0' ? strchr(names, text.at[at + 1]) : NULL;
    *value = name == NULL ? -1 : (uint8_t)values[name - names];
    return at + 2;
}

/* ---- any of them ---- */

struct cursor {
    enum style style;
    struct hex hex;
    size_t at;
};

static struct cursor begin(struct byte_reader text, size_t start)
{
    struct cursor cursor = {.style = style_of(text, start), .at = start};
    if (cursor.style == STYLE_HEX)
        begin_hex(&cursor.hex, text, start);
    return cursor;
}

/* The next byte; -1: there is none. */
static int next(struct cursor *cursor, struct byte_reader text)
{
    int value = -1;
    size_t behind = cursor->at;
    switch (cursor->style) {
    case STYLE_HEX:     behind = next_hex(&cursor->hex, text, cursor->at, &value); break;
    case STYLE_NUMBERS: behind = next_number(text, cursor->at, &value); break;
    case STYLE_STRING:  behind = next_in_string(text, cursor->at, &value); break;
    case STYLE_NONE:    break;
    }
    cursor->at = value < 0 ? cursor->at : behind;
    return value;
}

size_t text_bytes_read(struct byte_reader text, size_t start, size_t wanted, struct byte_buffer *decoded)
{
    struct cursor cursor = begin(text, start);
    int value;
    byte_buffer_consume(decoded, byte_buffer_len(decoded));
    if (text.left - start > TEXT_BLOCK_MAX)
        text.left = start + TEXT_BLOCK_MAX;
    while ((wanted == 0 || byte_buffer_len(decoded) < wanted) && (value = next(&cursor, text)) >= 0) {
        const uint8_t byte = (uint8_t)value;
        if (!byte_buffer_append(decoded, &byte, 1))
            break;
    }
    return cursor.at;
}

size_t text_bytes_offset(struct byte_reader text, size_t start, size_t number)
{
    struct cursor cursor = begin(text, start);
    for (size_t i = 0; i < number; i++)
        next(&cursor, text);
    switch (number == 0 ? STYLE_NONE : cursor.style) {
    case STYLE_HEX:     return skip_hex_gap(&cursor.hex, text, cursor.at);
    case STYLE_NUMBERS: return skip_number_gap(text, cursor.at);
    case STYLE_STRING:  return skip_string_gap(text, cursor.at);
    case STYLE_NONE:    break;
    }
    return cursor.at;
}

static bool is_der_head(const uint8_t head[HEAD_BYTES])
{
    size_t inner = head[1] == 0x82 ? 4 : 3;
    return head[0] == 0x30 && (head[1] == 0x82 || head[1] == 0x81) &&
           ((head[inner] == 0x30 && (head[inner + 1] & 0xf0) == 0x80) || (head[inner] == 0x02 && head[inner + 1] == 0x01));
}

/* A SEQUENCE with a long length that begins with another, or with the version of a key or store; or "-----BEGIN ". */
static bool is_head(struct byte_reader text, size_t start)
{
    uint8_t head[HEAD_BYTES];
    struct cursor cursor = begin(text, start);
    for (size_t i = 0; i < HEAD_BYTES; i++) {
        int value = next(&cursor, text);
        if (value < 0 || (i == 0 && value != 0x30 && value != '-') || (i == 1 && value != 0x82 && value != 0x81 && value != '-'))
            return false;
        head[i] = (uint8_t)value;
    }
    return is_der_head(head) || memcmp(head, "-----BEGIN ", HEAD_BYTES) == 0;
}

/* Its second byte, or the "B" of BEGIN, stands here. What the first bytes are, the text before says. */
static bool find_before(struct byte_reader text, size_t at, size_t *start)
{
    for (size_t back = 1; back < TEXT_BYTES_BACK - 4 && back <= at; back++) {
        size_t from = at - back;
        if (!is_one_of(text.at[from], "0342\\") || !is_head(text, from))
            continue;
        *start = from >= 3 && text.at[from] == '0' && has(text, from - 3, "\\x3") ? from - 3 : from;
        return true;
    }
    return false;
}

/* Cheap, before anything is looked for: the bytes from the second one on. */
static bool goes_on(struct byte_reader text, size_t token)
{
    int values[5] = {0};
    bool is_string = has(text, token, "\\");
    for (size_t i = 0, at = token; i < 5; i++) {
        at = is_string ? next_in_string(text, at, &values[i]) : next_number(text, at, &values[i]);
        if (values[i] < 0 || (i == 0 && values[0] != 0x82 && values[0] != 0x81 && values[0] != 'B'))
            return false;
    }
    return (values[0] == 0x82 && (values[3] == 0x30 || values[3] == 0x02)) || (values[0] == 0x81 && (values[2] == 0x30 || values[2] == 0x02)) ||
           (values[0] == 'B' && values[1] == 'E' && values[2] == 'G');
}

/* Tables of numbers are frequent: 48 then 130 (or -126), or 45 then 45. */
static bool is_decimal_head(struct byte_reader text, size_t at)
{
    static const char *const seconds[] = {"130", "-126", "129", "-127", NULL};
    bool is_pem = has(text, at, "45");
    for (at += 2; at < text.left && is_one_of(text.at[at], "u8, \t\r\n");)
        at++;
    for (size_t i = 0; !is_pem && seconds[i] != NULL; i++)
        if (has(text, at, seconds[i]))
            return true;
    return is_pem && has(text, at, "45");
}

bool text_bytes_find(struct byte_reader text, size_t at, size_t *start)
{
    struct byte_reader near = text;             /* what decides is near */
    near.left = text.left - at > 512 ? at + 512 : text.left;
    *start = at;
    switch (text.at[at]) {
    case '3':
        return is_head(near, at);
    case '4':
        return is_decimal_head(near, at) && is_head(near, at);
    case 'x':
    case 'X':
        return at > 0 && is_one_of(text.at[at - 1], "0\\") && goes_on(near, at - 1) && find_before(near, at - 1, start);
    case '0':
        *start = at - 1;
        return at > 0 && text.at[at - 1] == '3' && is_head(near, at - 1);
    case 'd':
    case 'D':
        return at > 0 && text.at[at - 1] == '2' && find_before(near, at, start);
    default:
        return false;
    }
}

/* ---- escapes ---- */

static size_t read_entity(struct byte_reader text, int *c)
{
    const uint8_t *end = memchr(text.at, ';', text.left < 10 ? text.left : 10);
    bool is_number = has(text, 1, "#"), is_hex = is_number && (has(text, 2, "x") || has(text, 2, "X"));
    int value = 0;
    if (end == NULL)
        return 0;
    for (const uint8_t *at = text.at + (is_hex ? 3 : 2); is_number && at < end; at++) {
        int digit = hex_value(*at);
        if (digit < 0 || (!is_hex && digit > 9))
            return 0;
        value = (is_hex ? 16 : 10) * value + digit;
    }
    *c = is_number && value < 128 ? value : -1;
    return (size_t)(end - text.at) + 1;
}

static size_t read_backslash(struct byte_reader text, int *c)
{
    size_t at = 0, len;
    while (at < text.left && text.at[at] == '\\')       /* perhaps escaped itself */
        at++;
    if (at == text.left)
        return at;
    if (is_one_of(text.at[at], "nrt"))
        return at + 1;
    if (text.at[at] == '/')
        *c = '/';
    if (text.at[at] == '/')
        return at + 1;
    if (text.at[at] == 'x' && hex_pair(text, at + 1) >= 0) {
        *c = hex_pair(text, at + 1);
        return at + 3;
    }
    if (text.at[at] == 'u' && hex_pair(text, at + 1) == 0 && hex_pair(text, at + 3) >= 0) {
        *c = hex_pair(text, at + 3);
        return at + 5;
    }
    int octal = octal_value(text, at, &len);
    if (len == 3 && octal >= 0) {
        *c = octal;
        return at + 3;
    }
    return at;
}

size_t text_escape_read(struct byte_reader text, int *c)
{
    *c = -1;
    if (text.left < 2)
        return 0;
    switch (text.at[0]) {
    case '\\':
        return read_backslash(text, c);
    case '&':
        return read_entity(text, c);
    case '%':
        *c = hex_pair(text, 1);
        return *c < 0 ? 0 : 3;
    default:
        return 0;
    }
}
