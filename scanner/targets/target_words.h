/* Several targets in one text: a line of a file, an argument, a value of a plan or a scope file. Between them stand blanks,
 * tabs or commas; "#" begins a comment. A comma before a port goes on with the ports of the target before it, with or
 * without blanks:
 *
 *     10.0.0.1:443, 8443 10.0.0.2      10.0.0.1 on two ports, and 10.0.0.2
 *     10.0.0.1, 10.0.0.2               two addresses
 *     10.0.0.1 web server              refused: prose is no target; a comment wants its "#"
 *
 * No word is ever passed over: the text is understood whole, or refused with the word that is not. */
#pragma once
#include "scanner/targets/target_text.h"

struct target_words {
    struct target_text *specs;
    size_t count;               /* 0: blank, or a comment */
};

/* pattern: as target_text_parse_pattern(). False with ERROR_USAGE; *words is then empty. */
bool target_words_parse(const char *text, bool pattern, struct target_words *words, struct error *err);
void target_words_clear(struct target_words *words);
