/* Octets out of a row, and the bounds of a batch. */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/byte_reader.h"

#define ROW_BATCH_OCTETS "8388608"  /* of DER in one batch; as libpq's hexadecimal and ours together 24 MiB */

/* The bytea of that column; its `at` is yours: free(). Empty where the value is NULL. */
struct byte_reader row_bytes_take(const struct db_result *rows, size_t row, size_t column);

/* The first eight octets of a name's hash, as SQL keeps them. */
int64_t name_key_of(const uint8_t hash[32]);
