/* How much one host may add to a scan: HOST_BUDGET_MAX bytes of certificates (and staples) that the scan had not seen
 * before. A host that makes a new chain for each connection would otherwise fill the disk. What was seen already costs
 * nothing, however often it is shown, so a host with ten thousand honest ports stays far below.
 *
 * The recorder adds what was new when it has written it, the loops ask before they keep a chain: what lies in the
 * recorder's queue (which is bounded) may come on top. O(1), a megabyte in all: where many hosts meet in one place of
 * the table, the one with the least is forgotten. Any thread. Each run of a resumed scan counts anew. */
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
