#include "inventory/verdicts/trust/row_bytes.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <string.h>

struct byte_reader row_bytes_take(const struct db_result *rows, size_t row, size_t column)
{
    const char *bytea = db_value(rows, row, column);            /* "\x3082..." */
    size_t len = bytea == NULL ? 0 : strlen(bytea) / 2 - 1;
    uint8_t *bytes = xmalloc(len + 1);
    return byte_reader_of(bytes, bytea != NULL && hex_parse(bytea + 2, bytes, len) ? len : 0);
}

int64_t name_key_of(const uint8_t hash[32])
{
    uint64_t key = 0;
    for (size_t i = 0; i < 8; i++)
        key = key << 8 | hash[i];
    return (int64_t)key;
}
