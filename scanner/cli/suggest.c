#include "scanner/cli/suggest.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 64

struct suggest suggest_start(const char *word)
{
    return (struct suggest){.word = word, .best_distance = SIZE_MAX};
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t two = a < b ? a : b;
    return two < c ? two : c;
}

/* Levenshtein: insertions, deletions, replacements; one row of the matrix is kept. */
static size_t distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1], a_len = strlen(a), b_len = strlen(b);
    if (a_len > LONGEST || b_len > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

void suggest_offer(struct suggest *suggest, const char *name)
{
    size_t len = strlen(suggest->word), near = len / 3 + 1, off = distance(suggest->word, name);
    if (len >= 3 && strncmp(name, suggest->word, len) == 0)
        off = 1;        /* the beginning of a longer name */
    if (off <= near && off < suggest->best_distance) {
        suggest->best = name;
        suggest->best_distance = off;
    }
}
