/* Applies the rule book: the first line that matches a place and its certificate names the owner. */
#pragma once
#include "inventory/store/db.h"

/* Runs owner_match.sql and owner_match_files.sql. The caller has created the temporary tables that these read. */
bool owner_match(struct db *db, struct error *err);

/* What is known of a place that need not be in the inventory. NULL: not known, and no line with such a condition matches. With a host
 * and a path it is a file, and its address does not matter. */
struct owner_question {
    const char *site, *address, *name, *issuer, *host, *path;
};

/* Matches these places against the rules; owner_explain.sql then reads the answers. Drops this session's temporary tables first. */
bool owner_ask(struct db *db, const struct owner_question *questions, size_t count, struct error *err);
