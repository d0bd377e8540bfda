/* The trust stores of `certsweep test`: the system's public roots, without those that its administrator added (which are a store of
 * their own), Java's where its package has made one, and what --roots names, of any format that managed import reads. */
#pragma once
#include "inventory/server_test/chain_check.h"
#include "scanner/cli/options.h"

struct test_stores {
    size_t count;
    struct chain_store *list[CHAIN_STORES_MAX];
};

bool test_stores_read(const struct options *options, struct test_stores *stores, struct error *err);
void test_stores_clear(struct test_stores *stores);     /* also after a failure */
