/* PostgreSQL's text form of an array, {"a","b"}, for parameters and COPY of text[] and inet[]. */
#pragma once
#include <stddef.h>

char *array_text_of(const char *const *items, size_t count);        /* yours: free() */
