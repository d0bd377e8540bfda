/* Finds PEM and base64 in text of any kind: indented, quoted, in comments, with line ends as they are or as escapes
 * of JSON, YAML, shell and source code. */
#pragma once
#include "probes/base/byte_buffer.h"

#define TEXT_BLOCK_MAX (8u << 20)       /* bytes that a block of PEM or base64 may have in the text */

struct text_block {
    char label[64];                     /* "CERTIFICATE"; cut where longer */
    bool is_encrypted;                  /* a header says so (RFC 1421, "Proc-Type: 4,ENCRYPTED") */
    size_t len;                         /* bytes of text that it took */
};

/* bytes begin with "-----BEGIN", and a blank also of a URL. The content between its markers is decoded into `decoded` (emptied first): runs
 * of base64 characters are joined, other characters are skipped. False: no end marker, or no base64; len is then
 * how many bytes to skip. */
bool text_block_read(struct byte_reader bytes, struct text_block *block, struct byte_buffer *decoded);

/* Decodes base64 from here on, over white space and escaped line ends, up to another character or `wanted` bytes
 * (0: all). Returns how many bytes of text it used. */
size_t text_base64_read(struct byte_reader bytes, size_t wanted, struct byte_buffer *decoded);
