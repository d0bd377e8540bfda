/* A whole file as a window of bytes: mapped where it is a regular one, read where it is a pipe ("-" is standard
 * input). The bytes stay until file_bytes_close(). */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/error.h"

#define FILE_BYTES_PIPE_MAX (1u << 30)      /* most bytes read from a pipe */

struct file_bytes {
    uint8_t *bytes;
    size_t len;
    bool mapped;
};

bool file_bytes_open(struct file_bytes *file, const char *path, struct error *err);
void file_bytes_close(struct file_bytes *file);
