/* What only an inventory knows of a server that was tested just now, and kept. */
#pragma once
#include "inventory/server_test/server_facts.h"
#include "inventory/store/db.h"

/* Adds the items "known:..." and "breaks:..." (kept_tests.h) of the same endpoint in this site. Without a kept test of it, none. */
bool kept_known_add(struct db *db, const char *site, struct server_facts *facts, struct error *err);
