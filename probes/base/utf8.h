/* UTF-8 (RFC 3629), for foreign text on its way to JSON, PostgreSQL or a terminal. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The length of the character at the head of text, 1 to 4 bytes; 0 if there is none (len 0 included). */
size_t utf8_character(const char *text, size_t len);

/* The code point of that character: length is what utf8_character() gave, 1 to 4. */
uint32_t utf8_code_point(const char *text, size_t length);
