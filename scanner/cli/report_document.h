/* `certsweep report discovery`: the document in one file, or a folder of it and its lists. */
#pragma once
#include "scanner/cli/command.h"

struct db;

/* The rows of the option table that only the document has; for report's own table. */
#define REPORT_DOCUMENT_OPTIONS \
    {"organization", 0, "NAME", "Whose document it is, for its head.", false, false}, \
    {"author", 0, "TEXT", "Who answers for the document, for its head: a name, an address.", false, false}, \
    {"classification", 0, "TEXT", "For its head and, on paper, the foot of each page.", false, false}, \
    {"reference", 0, "TEXT", "A number of yours, for its head.", false, false}

bool report_document_write(const struct options *options, struct db *db, struct error *err);
