/* "did you mean": the name nearest to an unknown word, whatever its case: one that begins with it, has it within, or differs by few letters. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct suggest {
    const char *word;
    const char *best;       /* NULL: nothing is near */
    size_t best_distance;
};

struct suggest suggest_start(const char *word);
void suggest_offer(struct suggest *suggest, const char *name);         /* which lives as long as suggest */

#define SUGGEST_SIZE 160
/* At the end of a message "; did you mean X?", or "" where nothing is near; amid one " (did you mean X?);" or ";". Good until the block ends in which it
 * stands. */
#define SUGGESTED(suggest)      suggest_words(suggest, false, (char[SUGGEST_SIZE]){0})
#define SUGGESTED_AMID(suggest) suggest_words(suggest, true, (char[SUGGEST_SIZE]){0})
const char *suggest_words(const struct suggest *suggest, bool is_amid, char buffer[SUGGEST_SIZE]);
