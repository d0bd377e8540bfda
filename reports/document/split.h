/* One folder for all owners: a letter, the list of findings, the list of certificates and a calendar for each
 * owner, without rows of other owners, and an index with each owner's counts, worst item and next day. As of another day
 * there are no calendars. */
#pragma once
#include "reports/document/document.h"
#include "reports/document/folder.h"

/* options->owner is not read. Writes calendar_event, so that the next calendar can change or cancel the events of this one.
 * *owners (may be NULL) gets the number of letters. */
bool split_write(const struct document_options *options, struct db *db, struct folder *folder, size_t *owners, struct error *err);
