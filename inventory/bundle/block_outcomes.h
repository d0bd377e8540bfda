/* Encodes the outcomes of one block: as runs if most positions ended alike, else one byte per position.
 *
 *     0, outcome of each position                      count + 1 bytes
 *     1, then runs of (outcome, length - 1 in 2 bytes)  3 bytes each
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_OUTCOMES_MAX 4097     /* encoded; runs are used only where they are shorter */

/* count 1 to 4,096. Returns the length written. */
size_t block_outcomes_encode(const uint8_t *outcomes, size_t count, uint8_t encoded[BLOCK_OUTCOMES_MAX]);

/* False unless the bytes are exactly count known outcomes (a bundle is foreign input). */
bool block_outcomes_decode(const uint8_t *encoded, size_t len, uint8_t *outcomes, size_t count);
