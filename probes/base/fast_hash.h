/* A keyed 64-bit hash for tables in memory (multiply and fold, 64 bytes a step): fast, not cryptographic; the
 * caller always compares the whole value. The key is random, so that an outsider cannot force collisions. */
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t fast_hash_key(void);
uint64_t fast_hash(uint64_t key, const void *bytes, size_t len);
