/* See block_outcomes.h. */
#include "inventory/bundle/block_outcomes.h"

#include "probes/base/byte_reader.h"
#include "probes/base/outcome.h"

#include <string.h>

enum { FORM_BYTES = 0, FORM_RUNS = 1 };

static size_t run_length(const uint8_t *outcomes, size_t count)
{
    size_t len = 1;
    while (len < count && outcomes[len] == outcomes[0])
        len++;
    return len;
}

size_t block_outcomes_encode(const uint8_t *outcomes, size_t count, uint8_t encoded[BLOCK_OUTCOMES_MAX])
{
    size_t at = 0, len = 0;
    encoded[len++] = FORM_RUNS;
    while (at < count && len + 3 <= count) {
        size_t run = run_length(outcomes + at, count - at);
        encoded[len++] = outcomes[at];
        encoded[len++] = (uint8_t)((run - 1) >> 8);
        encoded[len++] = (uint8_t)(run - 1);
        at += run;
    }
    if (at == count)
        return len;
    encoded[0] = FORM_BYTES;
    memcpy(encoded + 1, outcomes, count);
    return count + 1;
}

static bool runs_decode(struct byte_reader *reader, uint8_t *outcomes, size_t count)
{
    size_t at = 0;
    while (at < count) {
        uint8_t outcome;
        uint16_t run;
        if (!byte_reader_u8(reader, &outcome) || !byte_reader_u16(reader, &run) || run + 1u > count - at)
            return false;
        memset(outcomes + at, outcome, run + 1u);
        at += run + 1u;
    }
    return true;
}

bool block_outcomes_decode(const uint8_t *encoded, size_t len, uint8_t *outcomes, size_t count)
{
    struct byte_reader reader = byte_reader_of(encoded, len);
    uint8_t form;
    if (!byte_reader_u8(&reader, &form))
        return false;
    if (form == FORM_RUNS) {
        if (!runs_decode(&reader, outcomes, count))
            return false;
    } else {
        const uint8_t *bytes;
        if (form != FORM_BYTES || !byte_reader_bytes(&reader, count, &bytes))
            return false;
        memcpy(outcomes, bytes, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i] == 0 || outcomes[i] >= OUTCOME_COUNT)
            return false;
    }
    return reader.left == 0;
}
