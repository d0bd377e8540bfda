/* The policies that this program brings along (packs/), found by their names. */
#pragma once
#include "inventory/policy/policy.h"
#include "probes/base/suggest.h"

struct policy_pack {
    const char *name;               /* as the file says it, and without ".ini" as the file is called */
    const char *text;
};
extern const struct policy_pack policy_packs[];         /* a NULL name ends it */

const struct policy_pack *policy_pack_find(const char *name);           /* NULL where there is none */
struct suggest policy_pack_near(const char *name);                      /* the one that may be meant */
void policy_packs_offer(struct suggest *near);                          /* all of them, beside others */

/* A pack by its name, or else a file by its path. */
struct policy *policy_find(const char *name, struct error *err);

/* [{"name", "title", "source"}] as JSON: for lists. Yours: free(). */
char *policy_packs_document(void);
