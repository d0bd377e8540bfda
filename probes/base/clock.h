/* Time. Facts carry UTC microseconds since 1970-01-01 (int64_t, *_us); deadlines use the monotonic clock. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 32      /* room for "2026-01-31T12:00:00.123456Z" and its NUL */

int64_t clock_utc_us(void);
int64_t clock_monotonic_us(void);

/* RFC 3339 with microseconds and Z. Years outside 0000-9999 are clamped to them. */
void clock_format_us(int64_t time_us, char text[CLOCK_TEXT_SIZE]);

/* Reads "2026-01-31", "2026-01-31 12:00[:00[.123456]]", with T or a space, and Z, an offset "+01:00" or
 * nothing (UTC) at the end. False if the text is no such date; days that do not exist are refused,
 * and so is what lies before year 1, which no database keeps. */
bool clock_parse_us(const char *text, int64_t *time_us);
