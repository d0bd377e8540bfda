/* The trust stores of the inventory (the system's, managed ones, those that the policy names) as chain_check() wants them. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "inventory/store/db.h"

struct kept_stores {
    size_t count;
    struct chain_store *list[CHAIN_STORES_MAX];
};

bool kept_stores_read(struct db *db, struct kept_stores *stores, struct error *err);
void kept_stores_clear(struct kept_stores *stores);     /* also after a failure */
