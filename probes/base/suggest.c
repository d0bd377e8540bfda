#include "probes/base/suggest.h"

#include "probes/base/clean_text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

static bool is_same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool has_within(const char *name, const char *word, size_t len)
{
    while (*name != '\0' && strncasecmp(name, word, len) != 0)
        name++;
    return *name != '\0';
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
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + !is_same(a[i - 1], b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

void suggest_offer(struct suggest *suggest, const char *name)
{
    size_t len = strlen(suggest->word), near = len <= 3 ? 1 : len / 3 + 1, off = distance(suggest->word, name);
    if (off > 1 && len >= 3 && strncasecmp(name, suggest->word, len) == 0)
        off = 1;        /* the beginning of a longer name */
    else if (len >= 4 && off > 2 && has_within(name, suggest->word, len))
        off = 2;
    if (off <= near && off < suggest->best_distance) {
        suggest->best = name;
        suggest->best_distance = off;
    }
}

const char *suggest_words(const struct suggest *suggest, bool is_amid, char buffer[SUGGEST_SIZE])
{
    if (suggest->best == NULL)
        return is_amid ? ";" : "";
    char name[SUGGEST_SIZE - 24];
    clean_text_into(name, sizeof name, suggest->best, strlen(suggest->best));
    snprintf(buffer, SUGGEST_SIZE, is_amid ? " (did you mean %s?);" : "; did you mean %s?", name);
    return buffer;
}
