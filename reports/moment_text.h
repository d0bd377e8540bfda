/* Moments within texts for people. Statements write them as RFC 3339 has them, and so have JSON and CSV them, which programs read. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* "2026-11-30T19:16:05Z" as "2026-11-30 19:16 UTC", or in words as "30 November 2026, 19:16 UTC", wherever it stands in the text as a word of its
 * own. A text that is a moment alone stays as it is, unless in words. Yours: free(). */
char *moment_text(const char *text, bool in_words);

/* The text with moments in words, by html_text() or html_name(). */
void moment_html(FILE *out, const char *text, void (*print)(FILE *out, const char *text));
