/* What is a matter of the policy, and of no owner: told once, with the CAs that it is about. */
#pragma once
#include "reports/document/document.h"

/* Prints a paragraph (id "policy"), or nothing if there is no such matter; the document keeps which (has_policy_matter). */
bool policy_matter_print(struct document *document, FILE *out, struct error *err);
