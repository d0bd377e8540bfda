#include "inventory/policy/holidays.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATE_LEN 10                 /* "2026-11-26" */

/* "DTSTART;VALUE=DATE:20261126" (RFC 5545, 3.8.2.4); other lines of a calendar are ignored. */
static bool calendar_date(const char *line, size_t len, char date[DATE_LEN + 1])
{
    const char *value = strncmp(line, "DTSTART", 7) == 0 ? memchr(line, ':', len) : NULL;
    if (value == NULL || (size_t)(line + len - value) < 9)
        return false;
    for (size_t i = 1; i <= 8; i++)
        if (!isdigit((unsigned char)value[i]))
            return false;
    snprintf(date, DATE_LEN + 1, "%.4s-%.2s-%.2s", value + 1, value + 5, value + 7);
    return true;
}

static bool line_date(const char *line, size_t len, char date[DATE_LEN + 1])
{
    int64_t time_us;
    if (len < DATE_LEN || (len > DATE_LEN && strchr(" \t,;#", line[DATE_LEN]) == NULL))
        return false;
    snprintf(date, DATE_LEN + 1, "%.10s", line);
    return clock_parse_us(date, &time_us);
}

char *holidays_parse(const char *path, const char *text, struct error *err)
{
    bool is_calendar = strncmp(text, "BEGIN:VCALENDAR", 15) == 0;
    char *dates = xcalloc(strlen(text) * 2 + 2, 1), *end = dates, date[DATE_LEN + 1];
    size_t number = 1;
    for (const char *line = text; *line != '\0'; number++) {
        size_t whole = strcspn(line, "\n"), len = whole - (whole > 0 && line[whole - 1] == '\r');
        size_t blank = strspn(line, " \t");
        bool found = is_calendar ? calendar_date(line, len, date) : line_date(line, len, date);
        if (found) {
            end += snprintf(end, DATE_LEN + 2, "%s%s", end > dates ? " " : "", date);
        } else if (!is_calendar && blank < len && line[blank] != '#') {
            error_set(err, ERROR_USAGE, "%s:%zu: expected a date, as 2026-11-26", path, number);
            free(dates);
            return NULL;
        }
        line += whole + (line[whole] == '\n');
    }
    if (end > dates)
        return dates;
    error_set(err, ERROR_USAGE, "%s: no date in it", path);
    free(dates);
    return NULL;
}
