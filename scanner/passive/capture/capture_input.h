/* The bytes of a capture file in order, from a file, a gzip stream (recognised by its first bytes) or standard input.
 * What is asked for is one piece in a buffer; it is borrowed until the next call. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_INPUT_MAX (16u << 20)      /* no header, block or packet asked for at once is longer */

struct capture_input;

/* Takes fd, also when it fails. name is for messages. */
struct capture_input *capture_input_open(int fd, const char *name, struct error *err);
void capture_input_close(struct capture_input *input);

/* The next len bytes, not consumed; NULL where fewer are left (the rest can be had with capture_input_left). */
const uint8_t *capture_input_peek(struct capture_input *input, size_t len);
void capture_input_consume(struct capture_input *input, size_t len);    /* what was peeked at */
bool capture_input_skip(struct capture_input *input, uint64_t len);     /* any length; false: the end came first */
size_t capture_input_left(const struct capture_input *input);           /* buffered bytes not consumed */
uint64_t capture_input_offset(const struct capture_input *input);       /* consumed so far, unpacked */

/* Reading failed (a damaged gzip stream, a disk): errno's text or zlib's; NULL where the end was clean. */
const char *capture_input_trouble(const struct capture_input *input);
