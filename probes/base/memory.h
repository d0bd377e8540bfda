/* Allocation that cannot fail: out of memory ends the program with one line on standard error, so that no
 * path has to handle it. A size that came from the network meets a named limit before it comes here. */
#pragma once
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);                       /* zeroed */
void *xrealloc(void *block, size_t size);
void *xreallocarray(void *block, size_t count, size_t size);    /* the product is checked for overflow */
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);                   /* at most len bytes, then a NUL */
void *xmemdup(const void *bytes, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
