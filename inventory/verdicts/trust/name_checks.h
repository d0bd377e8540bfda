/* Checks leaves below CAs with name constraints: each pair of leaf and CA once. */
#pragma once
#include "inventory/store/db.h"

bool name_checks_update(struct db *db, struct error *err);
