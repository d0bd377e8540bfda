#include "probes/starttls/text.h"

#include "probes/base/observation.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_garbage(uint8_t byte)
{
    return (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') || byte == 0x7f;
}

static bool skip_literal(struct text_input *input, struct byte_reader *in)
{
    size_t skipped = in->left < input->literal_left ? in->left : input->literal_left;
    byte_reader_skip(in, skipped);
    input->consumed += (uint32_t)skipped;
    input->literal_left -= (uint32_t)skipped;
    return input->literal_left == 0;
}

enum text_result text_read_line(struct text_input *input, struct byte_reader *in, struct text_line *line)
{
    if (!skip_literal(input, in))
        return TEXT_MORE;
    size_t max = in->left < TEXT_LINE_MAX ? in->left : TEXT_LINE_MAX;
    for (size_t i = 0; i < max; i++) {
        if (is_garbage(in->at[i]))
            return TEXT_GARBAGE;
        if (in->at[i] != '\n')
            continue;
        if (input->consumed + i + 1 > PROBE_INPUT_LIMIT)
            return TEXT_GARBAGE;
        input->consumed += (uint32_t)(i + 1);
        *line = (struct text_line){(const char *)in->at, i};
        while (line->len > 0 && line->bytes[line->len - 1] == '\r')
            line->len--;
        byte_reader_skip(in, i + 1);
        return TEXT_LINE;
    }
    return in->left >= TEXT_LINE_MAX ? TEXT_GARBAGE : TEXT_MORE;
}

/* Reads "250"; 0 if the line does not begin with a code. */
static unsigned reply_code(const struct text_line *line)
{
    unsigned code = 0;
    if (line->len < 3 || line->bytes[0] < '1' || line->bytes[0] > '5')
        return 0;
    for (size_t i = 0; i < 3; i++) {
        if (line->bytes[i] < '0' || line->bytes[i] > '9')
            return 0;
        code = code * 10 + (unsigned)(line->bytes[i] - '0');
    }
    if (line->len > 3 && line->bytes[3] != ' ' && line->bytes[3] != '-')
        return 0;
    return code;
}

enum text_result text_read_reply(struct text_input *input, struct byte_reader *in, struct text_reply *reply)
{
    struct text_line line;
    if (input->continued_code == 0 && in->left > 0 && (in->at[0] < '1' || in->at[0] > '5'))
        return TEXT_GARBAGE;                    /* checked at the first byte, without waiting for a line end */
    enum text_result result = text_read_line(input, in, &line);
    if (result != TEXT_LINE)
        return result;
    unsigned code = reply_code(&line);
    if (input->continued_code != 0 && code != input->continued_code) {
        /* A multi-line reply may contain any text (RFC 959, section 4.2). */
        *reply = (struct text_reply){input->continued_code, false, line};
        return TEXT_LINE;
    }
    if (code == 0)
        return TEXT_GARBAGE;
    *reply = (struct text_reply){code, line.len == 3 || line.bytes[3] == ' ', {line.bytes + 3, line.len - 3}};
    if (reply->text.len > 0) {
        reply->text.bytes++;
        reply->text.len--;
    }
    input->continued_code = reply->last ? 0 : (uint16_t)code;
    return TEXT_LINE;
}

bool text_expect_literal(struct text_input *input, const struct text_line *line)
{
    size_t at = line->len;
    if (at < 3 || line->bytes[--at] != '}')
        return true;
    if (line->bytes[at - 1] == '+')
        at--;
    size_t end = at;
    while (at > 0 && line->bytes[at - 1] >= '0' && line->bytes[at - 1] <= '9')
        at--;
    if (at == end || at == 0 || line->bytes[at - 1] != '{')
        return true;                            /* it only looks like a code */
    uint32_t len = 0;
    for (; at < end; at++) {
        len = len * 10 + (uint32_t)(line->bytes[at] - '0');
        if (len > PROBE_INPUT_LIMIT - input->consumed)
            return false;
    }
    input->literal_left = len;
    return true;
}

bool text_line_starts(const struct text_line *line, const char *word)
{
    size_t len = strlen(word);
    return line->len >= len && strncasecmp(line->bytes, word, len) == 0 &&
           (line->len == len || line->bytes[len] == ' ');
}

void text_detail(char *detail, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    size_t at = 0;
    for (size_t i = 0; i < len && at < DETAIL_SIZE - 1; i++)
        detail[at++] = (char)(from[i] >= 0x20 && from[i] < 0x7f ? from[i] : '?');
    detail[at] = '\0';
}

void text_detail_line(char *detail, const struct text_line *line)
{
    text_detail(detail, line->bytes, line->len);
}

void text_detail_reply(char *detail, const struct text_reply *reply)
{
    char words[DETAIL_SIZE];
    text_detail_line(words, &reply->text);
    snprintf(detail, DETAIL_SIZE, "%u %.*s", reply->code, DETAIL_SIZE - 5, words);
}

enum probe_step text_start_tls(const struct byte_reader *in, char *detail)
{
    if (in->left > 0) {
        char words[DETAIL_SIZE];
        text_detail(words, in->at, in->left < 60 ? in->left : 60);
        snprintf(detail, DETAIL_SIZE, "%zu bytes in the clear before TLS: %.60s", in->left, words);
    }
    return PROBE_START_TLS;
}
