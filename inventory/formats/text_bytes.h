/* Bytes written as text: hexadecimal ("3082", "30:82", hex:30,82 of .reg files, hexadecimal dumps), numbers of source code (0x30, 0x82;
 * 48, 130; 48, -126; (byte)0x82), escapes in strings ("\x30\x82", '0\x82'). Only what begins like DER or PEM is looked for. */
#pragma once
#include "probes/base/byte_buffer.h"

#define TEXT_BYTES_BACK 64u             /* as far as the start may lie before the place that candidates.c sees */

/* Does such text begin here or shortly before? *start: its first character. */
bool text_bytes_find(struct byte_reader text, size_t at, size_t *start);

/* Decodes from `start` up to `wanted` bytes (0: all). Returns the offset in the text behind the last one. */
size_t text_bytes_read(struct byte_reader text, size_t start, size_t wanted, struct byte_buffer *decoded);

/* Where the byte of this number stands in the text. */
size_t text_bytes_offset(struct byte_reader text, size_t start, size_t number);

/* One escape sequence of a string, an URL or XML that begins here ("\n", "\\n", "\/", "\x0a", "\u002b", "%2B", "&#43;", "&amp;"): its
 * length, 0 if there is none. *c: the character that it is; -1: nothing that matters. */
size_t text_escape_read(struct byte_reader text, int *c);
