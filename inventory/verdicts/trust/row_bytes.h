/* Octets of a row, and the limit of a batch. */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/byte_reader.h"

#define ROW_BATCH_OCTETS "8388608"  /* of DER in one batch; 24 MiB with libpq's hexadecimal copy */

/* The bytea of that column; the caller frees its `at`. Empty if the value is NULL. */
struct byte_reader row_bytes_take(const struct db_result *rows, size_t row, size_t column);

/* The first eight octets of a name's hash, as SQL stores them. */
int64_t name_key_of(const uint8_t hash[32]);
