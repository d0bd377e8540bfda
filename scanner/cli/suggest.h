/* "did you mean": the name nearest to an unknown word, by edit distance. */
#pragma once
#include <stddef.h>

struct suggest {
    const char *word;
    const char *best;       /* NULL: nothing is near */
    size_t best_distance;
};

struct suggest suggest_start(const char *word);
void suggest_offer(struct suggest *suggest, const char *name);
