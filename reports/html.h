/* Writes HTML. Every value is escaped where it is written, so that no caller can forget it: foreign text is cleaned
 * first (clean_text.h), and only what html_print() calls raw is written unchanged. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* Writes the template unchanged, except for
 *
 *     $t  text (const char *), cleaned, cut and escaped; NULL is empty
 *     $b  the same for a name: may be broken after its dots
 *     $n  a number (long long) with thousands separators: 1,546
 *     $d  a day, "2026-11-30" or a moment that begins so, as "30 Nov 2026"; other text is written as it is
 *     $r  raw: our own markup
 *     $$  a dollar sign
 */
void html_print(FILE *out, const char *template, ...);

void html_text(FILE *out, const char *text);
void html_name(FILE *out, const char *text);
void html_day(FILE *out, const char *day);

/* "30 Nov 2026" or, with the month in full, "30 November 2026". `text` is borrowed until the next but seven calls. */
const char *html_day_text(const char *day);
const char *html_day_full(const char *day);

/* "two" up to twelve, then figures; for sentences. `capital`: "Two". Borrowed as above. */
const char *html_count_word(long long number, int capital);

/* Words of a text stay whole, and so a column is as wide as the longest; a name, a path or a hash may be longer than a column, and is broken
 * anywhere: class "long" (report.css). */
bool html_has_long_word(const char *text);

/* one for 1, else more: "place", "places". */
const char *html_many(long long count, const char *one, const char *more);
