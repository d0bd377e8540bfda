/* The letter of one owner: what to do and by which day, first day first; what to answer if something is not theirs; all of their
 * certificates. It contains no row of another owner. */
#pragma once
#include "reports/document/document.h"

/* Of the owner that the open document is filled with. contacts: to whom it goes, "a@x, b@x"; stem: the name of the files beside it
 * without their ending, or NULL. */
bool letter_write(struct document *document, const char *contacts, const char *stem, FILE *out, struct error *err);
