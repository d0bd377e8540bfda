/* What is wrong with a chain as it was sent (RFC 5246, 7.4.2; RFC 8446, 4.4.2): each certificate should be followed by
 * its signer, and the root may be left out. */
#pragma once
#include "inventory/store/db.h"

#include <stddef.h>

#define CHAIN_LOOKED_AT_MAX 128     /* certificates of one chain; later ones are reported as unrelated */

struct chain_link {                 /* one certificate of a chain, in the order in which it was sent */
    int64_t certificate;
    int64_t authority;              /* whose name and key it carries; 0: it is no CA */
    int64_t signer;                 /* the authority that signed it; 0: none is known */
    bool is_self_signed;
};

enum chain_fault { CHAIN_FAULT_NONE, CHAIN_FAULT_MISORDERED, CHAIN_FAULT_EXTRA, CHAIN_FAULT_DUPLICATE, CHAIN_FAULT_UNRELATED,
                   CHAIN_FAULT_ROOT_SENT };
const char *chain_fault_name(enum chain_fault fault);

/* Sets the fault of each certificate; returns the position where the line of issuers from the leaf ends. */
size_t chain_faults_of(const struct chain_link *links, size_t count, enum chain_fault *faults);

/* Processes the pending chains whose certificates have their edges. */
bool chain_faults_update(struct db *db, struct error *err);
