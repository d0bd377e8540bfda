/* PostgreSQL's text form of an array, {"a","b"}, for parameters and COPY of text[] and inet[]. */
#pragma once
#include <stddef.h>

/* The caller frees both results. */
char *array_text_of(const char *const *items, size_t count);
char *array_text_of_list(const char *list);     /* separated by ; , or blanks, as people write contacts; NULL: {} */
