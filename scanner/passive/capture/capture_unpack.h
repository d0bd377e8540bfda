/* Captures packed by zstd, xz, bzip2 or lz4, read as a stream through libarchive. (gzip, the usual one, goes by zlib
 * alone, see capture_input.c.) */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_unpack;

/* By the first bytes of the file; NULL: not packed in one of these ways. */
const char *capture_unpack_kind(const uint8_t *start, size_t len);

/* start: what was read of the file already, copied; the rest is read from fd, which stays the caller's. */
struct capture_unpack *capture_unpack_open(int fd, const uint8_t *start, size_t len, const char *name, struct error *err);
void capture_unpack_close(struct capture_unpack *unpack);       /* NULL is fine */

/* 0 at the end, and where *trouble says why there is no more. */
size_t capture_unpack_read(struct capture_unpack *unpack, uint8_t *to, size_t room, const char **trouble);
