/* When a plan may run: "22:00-05:00", "22:00-05:00 Mon-Fri", "08:00-12:00 Sat,Sun", in local time. The days are those on which a
 * window opens; one whose end is not after its start lasts until the next day. Several windows add up. Days are counted by the
 * calendar, so a night with a clock change is an hour longer or shorter. */
#pragma once
#include "probes/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct window {
    uint8_t days;         /* bit 0 Sunday ... bit 6 Saturday */
    uint16_t from_minute; /* of the day */
    uint16_t to_minute;   /* 1440: midnight at its end */
};

/* False with ERROR_USAGE that says what is expected. */
bool window_parse(const char *text, struct window *window, struct error *err);

/* The same of several, a line each; *windows is yours: free(). */
bool window_parse_lines(const char *lines, struct window **windows, size_t *count, struct error *err);

/* Is one of them open at now? *change_us is when that ends, or when the next opens (UTC). No window at all is
 * always open, until INT64_MAX. */
bool window_is_open(const struct window *windows, size_t count, int64_t now_us, int64_t *change_us);
