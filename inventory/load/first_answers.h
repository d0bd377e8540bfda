/* Answers that are all that is known of an endpoint: nobody has seen it before, and this batch has no other answer of it. */
#pragma once
#include "inventory/load/loader_batch.h"

/* Stores those of the batch in in_class, and their endpoints. *left: answers of other endpoints that are not known yet. */
bool first_answers_store(struct loader *loader, bool *left, struct error *err);
