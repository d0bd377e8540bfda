/* The inventory as a CycloneDX bill of cryptographic materials (CBOM, ECMA-424): certificates, keys, algorithms and protocols, where
 * each was found, and its security level against a quantum computer. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;

/* version: "1.7" or "1.6". site: NULL all. The same facts give the same bytes. */
bool cbom_write(struct db *db, const char *site, const char *version, const char *tool_version, FILE *out, struct error *err);
