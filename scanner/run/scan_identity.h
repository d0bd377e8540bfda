/* A scan's id, and the key of the permutation in which its space is walked through. A scan without parts draws both
 * at random. The parts of one space (--shard K/N), which run on machines that do not know of each other, derive
 * both from what they share: the space, the names, site, depth, N and a name. So the parts together are one scan
 * and ask every target exactly once, and a part that was given anything else has another scan id. */
#pragma once
#include "inventory/bundle/bundle.h"
#include "probes/tls/strategy.h"
#include "scanner/targets/target_list.h"

/* A UUID of version 4 (RFC 9562). */
bool scan_identity_draw_id(char id[SCAN_ID_SIZE], struct error *err);

/* Fills scan_id and permutation_key. */
bool scan_identity_draw(struct bundle_head *head, struct error *err);

/* The same of a part: head has site, space and shard_count already. An id is a UUID of version 8. Reads the names of the
 * list to their end. */
bool scan_identity_derive(const char *name, enum tls_depth depth, struct target_list *names, struct bundle_head *head,
                          struct error *err);

/* Does this line of the name list (from 1) belong to the head's part? Lines are dealt out in turn. */
bool scan_identity_has_line(const struct bundle_head *head, uint64_t line);
