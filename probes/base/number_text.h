/* Numbers as people write them on a command line or in a file: digits alone. strtol() and its like also take blanks, signs and other bases
 * (" 5", "+5", "1--3", "0x5", "1e3", "inf"), which nobody means. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* "443": all of the text, up to max. False leaves *value as it is. */
bool number_text_read(const char *text, uint64_t max, uint64_t *value);

/* "0.5", "20": digits, with a fraction or without. False leaves *value as it is. */
bool number_text_read_decimal(const char *text, double *value);
