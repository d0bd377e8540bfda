/* "did you mean": the nearest of some names to a word that is none of them, by edit distance. */
#pragma once
#include <stddef.h>

struct suggest {
    const char *word;
    const char *best;       /* NULL: nothing is near */
    size_t best_distance;
};

struct suggest suggest_start(const char *word);
void suggest_offer(struct suggest *suggest, const char *name);
