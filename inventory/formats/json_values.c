#include "inventory/formats/json_values.h"

#include <stdio.h>
#include <string.h>

/* Skips what is between values and counts its lines. */
static void skip_between(struct byte_reader *text, size_t *line)
{
    while (text->left > 0 && text->at[0] != '\0' && strchr(" \t\r\n\x1e,", text->at[0]) != NULL) {
        *line += text->at[0] == '\n';
        byte_reader_skip(text, 1);
    }
}

static void skip(struct byte_reader *text, size_t len, size_t *line)
{
    const uint8_t *bytes;
    if (!byte_reader_bytes(text, len, &bytes))
        return;
    for (size_t i = 0; i < len; i++)
        *line += bytes[i] == '\n';
}

void json_values_each(struct byte_reader text, json_values_found *found, json_values_fault *fault, void *context)
{
    size_t line = 1;
    json_error_t error;
    for (skip_between(&text, &line); text.left > 0; skip_between(&text, &line)) {
        json_t *value = json_loadb((const char *)text.at, text.left, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        if (value != NULL) {
            found(context, value, line);
            json_decref(value);
            skip(&text, (size_t)error.position, &line);
            continue;
        }
        char message[JSON_ERROR_TEXT_LENGTH + 16];
        const uint8_t *next = memchr(text.at, '\n', text.left);
        snprintf(message, sizeof message, "no JSON: %s", error.text);
        if (!fault(context, line + (error.line > 0 ? (size_t)error.line - 1 : 0), message, next == NULL))
            return;
        skip(&text, next == NULL ? text.left : (size_t)(next - text.at) + 1, &line);
    }
}
