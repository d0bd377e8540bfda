/* Text files of any origin as UTF-8: UTF-8 with or without a byte-order mark, UTF-16 of either order with or without one,
 * else Windows-1252, in which every byte is a character or nothing. */
#pragma once
#include "probes/base/byte_buffer.h"

/* Returns the text: the bytes themselves, without their mark, where they are UTF-8; else what was written into `decoded`, which the caller
 * clears in either case. *encoding (NULL is fine) names what they were. */
struct byte_reader text_decode(struct byte_reader bytes, struct byte_buffer *decoded, const char **encoding);
