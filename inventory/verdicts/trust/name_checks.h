/* Leaves below CAs with name constraints, held against them: only there, and once per (leaf, CA). */
#pragma once
#include "inventory/store/db.h"

bool name_checks_update(struct db *db, struct error *err);
