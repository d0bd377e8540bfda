/* The full lists beside a document: each report that is a list, as CSV (and what else is asked for), and all of them as one
 * workbook, lists.xlsx. From the snapshot that is open. */
#pragma once
#include "reports/document/document.h"
#include "reports/document/folder.h"

struct renderer;

/* renderers: NULL at their end; each names its files, "findings.csv". */
bool lists_write(const struct document_options *options, struct db *db, const struct renderer *const *renderers, struct folder *folder,
                 struct error *err);

/* The document with its lists, discovery.html first. */
bool lists_with_document_write(const struct document_options *options, struct db *db, struct folder *folder, struct error *err);
