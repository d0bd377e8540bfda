/* An observation as a JSON line (--jsonl): keys may be added, never renamed. */
#pragma once
#include "probes/base/json_line.h"
#include "probes/base/observation.h"

/* chain: the SHA-256 of each certificate in observation->chain, leaf first. */
void observation_line_write(struct json_line *line, const char *scan_id, const char *site,
                            const struct observation *observation, const uint8_t (*chain)[32],
                            size_t chain_count);
