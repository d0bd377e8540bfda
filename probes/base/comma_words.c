#include "probes/base/comma_words.h"

#include <string.h>
#include <strings.h>

bool comma_word_next(const char **rest, const char **word, size_t *len)
{
    for (const char *at = *rest; *at != '\0';) {
        at += strspn(at, " \t");
        size_t whole = strcspn(at, ","), used = whole;
        while (used > 0 && strchr(" \t", at[used - 1]) != NULL)
            used--;
        *rest = at + whole + (at[whole] == ',');
        if (used > 0) {
            *word = at;
            *len = used;
            return true;
        }
        at = *rest;
    }
    return false;
}

bool comma_words_have(const char *words, const char *word, size_t len)
{
    const char *one;
    for (size_t one_len; comma_word_next(&words, &one, &one_len);)
        if (one[one_len - 1] == '*' ? len >= one_len - 1 && strncasecmp(one, word, one_len - 1) == 0
                                    : len == one_len && strncasecmp(one, word, len) == 0)
            return true;
    return false;
}
