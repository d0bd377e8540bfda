/* Lists as people write them: words separated by ",", each without the blanks around it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* The next word that is not empty; *rest goes behind it. False: there is none.
 *
 *     for (size_t len; comma_word_next(&rest, &word, &len);)
 */
bool comma_word_next(const char **rest, const char **word, size_t *len);

/* Is this word, in any case, among those? A word of theirs that ends with "*" is all that begin so. */
bool comma_words_have(const char *words, const char *word, size_t len);
