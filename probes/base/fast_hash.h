/* A keyed 64-bit hash for tables in memory (multiply and fold, 64 bytes a step): fast, not cryptographic; what it
 * finds is always compared whole. The key is random, so that nobody outside can aim at one slot. */
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t fast_hash_key(void);
uint64_t fast_hash(uint64_t key, const void *bytes, size_t len);
