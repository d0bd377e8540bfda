/* PostgreSQL's text form of an array, {"a","b"}, for parameters and COPY of text[], inet[] and bigint[]. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The caller frees the results. */
char *array_text_of(const char *const *items, size_t count);
char *array_text_of_ids(const int64_t *ids, size_t count);      /* of bigint[] */
char *array_text_of_list(const char *list);     /* separated by ; , or blanks, as people write contacts; NULL: {} */

/* May contacts be taken from this cell? One with a control character inside is refused as a whole: a mail header behind a line break would
 * become a recipient. Lines of nothing but addresses are a list like any other. */
bool contact_cell_is_sound(const char *cell);
