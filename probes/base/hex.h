/* Bytes as lower-case hexadecimal text and back. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void hex_format(const uint8_t *bytes, size_t len, char *text);    /* 2 * len characters and a NUL */

/* Reads exactly 2 * len digits, either case; false if the text is anything else. */
bool hex_parse(const char *text, uint8_t *bytes, size_t len);
