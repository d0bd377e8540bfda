/* What a letter asks for, first day first: a section for each step, or, where there are many, a table for all that the same rules are about. */
#pragma once
#include "reports/document/letter.h"

/* of_nobody: the letter is for the sender. Where nothing is due it prints nothing. */
bool letter_steps_print(struct document *document, const struct letter *letter, bool of_nobody, bool is_grouped, struct error *err);
