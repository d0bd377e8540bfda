/* Makes foreign text safe to display. This is the only cleaner: the log, errors, reports and every line that a
 * command prints use it. A certificate, a server, a file or a bundle may contain any bytes; the screen must show
 * what is there and nothing else. Visible, well-formed UTF-8 characters are kept. Escaped are
 *
 *     \x1b        a byte that is not UTF-8, or a control character below U+0080
 *     \u202e      an invisible character, or one that reorders the text around it: C1 controls, line and
 *                 paragraph separators, bidirectional controls, and Unicode's Default_Ignorable_Code_Point
 *                 (zero-width spaces and joiners, fillers, variation selectors);
 *                 and noncharacters, which XML may not hold
 *     \U000e0041  the same beyond U+FFFF
 *
 * A newline separates the lines of a list and is kept. Cleaning cleaned text changes nothing. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Cleans len bytes into `to`, at most size bytes with the NUL; what does not fit is cut between two characters and ends
 * in "...". size is 8 or more. Returns the length without the NUL. */
size_t clean_text_into(char *to, size_t size, const char *text, size_t len);

/* The same without a limit; yours: free(). */
char *clean_text(const char *text);

/* The same with each line longer than `limit` bytes cut, and its length given: "aaaa... (65,536 bytes)". Yours: free(). */
char *clean_text_lines(const char *text, size_t limit);

/* True if clean_text_lines() would return the same bytes, so that no copy is needed. May be false for clean
 * text. */
bool clean_text_is_plain(const char *text, size_t limit);

/* True if the character must be escaped. Controls must, "\n" and "\t" included. */
bool clean_text_hides(uint32_t code_point);

/* fprintf() for lines that quote foreign text: all of it is cleaned. Newlines in the arguments are kept. */
void clean_text_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
