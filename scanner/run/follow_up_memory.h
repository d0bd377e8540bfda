/* Which endpoints follow-ups have asked, and when: a small file beside the bundles, so that an endpoint is asked once
 * within its time to live, however many captures show it. One line each: when (microseconds since 1970), a tab,
 * the key.
 *
 * The file is locked from open to close; two captures that end together ask one after the other. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct follow_up_memory;

/* path NULL: no file. Entries that are ttl_us old or older are forgotten. */
struct follow_up_memory *follow_up_memory_open(const char *path, int64_t now_us, int64_t ttl_us,
                                               struct error *err);

/* True: it was not asked within its time to live, and counts as asked from now on. A key has no newline. */
bool follow_up_memory_add(struct follow_up_memory *memory, const char *key);
void follow_up_memory_forget(struct follow_up_memory *memory,
                             const char *key); /* it was not asked after all */

/* Writes the file and frees the memory, also when writing fails. */
bool follow_up_memory_close(struct follow_up_memory *memory, struct error *err);
