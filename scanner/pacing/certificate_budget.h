/* How much one host may add to a scan: HOST_BUDGET_MAX bytes of certificates (and staples) that the scan had not seen
 * before. A host that makes a new chain for each connection would otherwise fill the disk. What was seen already costs
 * nothing, however often it is shown, so a host with ten thousand honest ports stays far below.
 *
 * The recorder adds the new bytes after it has written them, and the loops check the budget before they keep a
 * chain. So a host may exceed it by what is in the recorder's queue, which is bounded. O(1), one megabyte in all: where
 * several hosts share a slot of the table, the one with the fewest bytes is forgotten. Any thread may call. Each run
 * of a resumed scan starts from zero. */
#pragma once
#include "probes/base/address.h"

#include <stdbool.h>
#include <stddef.h>

#define HOST_BUDGET_MAX (16u << 20)

struct certificate_budget;

struct certificate_budget *certificate_budget_create(void);
void certificate_budget_destroy(struct certificate_budget *budget);       /* NULL is fine */

void certificate_budget_add(struct certificate_budget *budget, const struct address *address, size_t new_bytes);
bool certificate_budget_is_spent(struct certificate_budget *budget, const struct address *address);
