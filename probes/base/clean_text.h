/* Foreign text made fit to be shown: the only cleaner, for the log, errors, reports and every line that a command prints.
 * A certificate, a server, a file or a bundle may hold any bytes; whoever reads them on a screen must see what is there
 * and nothing else. Kept are well-formed UTF-8 characters that a reader sees. Escaped are
 *
 *     \x1b        a byte that is no UTF-8, or a control character below U+0080
 *     \u202e      a character that shows nothing itself or reorders what stands around it: C1 controls, line and
 *                 paragraph separators, bidirectional controls, and Unicode's Default_Ignorable_Code_Point
 *                 (zero-width spaces and joiners, fillers, variation selectors)
 *     \U000e0041  the same beyond U+FFFF
 *
 * A newline parts the lines of a list and is kept. Cleaned text is cleaned to itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Cleans len bytes into `to`, at most size bytes with the NUL; what does not fit is cut between two characters and ends
 * in "...". size is 8 or more. Gives the length without the NUL. */
size_t clean_text_into(char *to, size_t size, const char *text, size_t len);

/* The same whole; yours: free(). */
char *clean_text(const char *text);

/* The same with each line longer than `limit` bytes cut, and its length given: "aaaa... (65,536 bytes)". Yours: free(). */
char *clean_text_lines(const char *text, size_t limit);

/* Would clean_text_lines() give these very bytes? Then a copy is spared. It may say no of what needs no cleaning. */
bool clean_text_is_plain(const char *text, size_t limit);

/* Must it be escaped? True of controls, "\n" and "\t" included. */
bool clean_text_hides(uint32_t code_point);

/* fprintf() for lines that quote foreign text: all of it is cleaned. Newlines of the arguments stay, too. */
void clean_text_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
