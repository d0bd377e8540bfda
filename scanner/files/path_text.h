/* Paths as a bundle has them: UTF-8, in which a byte that is not UTF-8, a control character and the backslash are
 * written as \xNN, so that every name of a file system has one text, and every text one name. */
#pragma once
#include <stddef.h>

/* Yours: free(). */
char *path_text(const char *path, size_t len);
