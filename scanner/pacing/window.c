#include "scanner/pacing/window.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAYS_AHEAD 9 /* days searched, from yesterday on: every weekly window opens within them */
#define BLANKS     " \t"
#define SECOND_US  1000000LL
#define EXPECTED                                                                                             \
    "expected a window as 22:00-05:00, followed by days if not every day: 22:00-05:00 Mon-Fri,Sun"

/* ---- text */

static bool parse_time(const char **text, uint16_t *minute)
{
    const char *t = *text;
    for (size_t i = 0; i < 5; i++) {
        if (i == 2 ? t[i] != ':' : t[i] < '0' || t[i] > '9')
            return false;
    }
    unsigned hours = (unsigned)(t[0] - '0') * 10 + (unsigned)(t[1] - '0');
    unsigned minutes = (unsigned)(t[3] - '0') * 10 + (unsigned)(t[4] - '0');
    *minute = (uint16_t)(hours * 60 + minutes);
    *text += 5;
    return minutes < 60 && *minute <= 1440;
}

static bool parse_day(const char **text, unsigned *day)
{
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    for (*day = 0; *day < 7; (*day)++) {
        if (strncasecmp(*text, names[*day], 3) == 0) {
            *text += 3;
            return true;
        }
    }
    return false;
}

static bool parse_days(const char *text, uint8_t *days)
{
    for (;;) {
        unsigned first, last;
        if (!parse_day(&text, &first))
            return false;
        last = first;
        if (*text == '-' && (text++, !parse_day(&text, &last)))
            return false;
        for (unsigned day = first;; day = (day + 1) % 7) { /* Fri-Mon wraps around the end of the week */
            *days |= (uint8_t)(1 << day);
            if (day == last)
                break;
        }
        text += strspn(text, BLANKS);
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
        text += strspn(text, BLANKS);
    }
}

bool window_parse(const char *text, struct window *window, struct error *err)
{
    const char *at = text;
    *window = (struct window){0};
    bool ok = parse_time(&at, &window->from_minute) && *at++ == '-' && parse_time(&at, &window->to_minute) &&
              window->from_minute < 1440;
    if (ok && *at == '\0') {
        window->days = 0x7f;
        return true;
    }
    if (ok && strspn(at, BLANKS) != 0 && parse_days(at + strspn(at, BLANKS), &window->days))
        return true;
    return error_set(err, ERROR_USAGE, "window \"%.60s\": " EXPECTED, text);
}

bool window_parse_lines(const char *lines, struct window **windows, size_t *count, struct error *err)
{
    char *copy = xstrdup(lines), *rest = copy, *line;
    bool ok = true;
    *windows = NULL;
    *count = 0;
    while (ok && (line = strsep(&rest, "\n")) != NULL) {
        if (line[0] == '\0')
            continue;
        *windows = xreallocarray(*windows, *count + 1, sizeof **windows);
        ok = window_parse(line, &(*windows)[(*count)++], err);
    }
    free(copy);
    if (ok)
        return true;
    free(*windows);
    *windows = NULL;
    return false;
}

/* ---- time */

/* That minute of the day which is `days` after the one in local. mktime() sorts out months and clock changes.
 */
static int64_t minute_us(const struct tm *local, int days, unsigned minute)
{
    struct tm day = {.tm_year = local->tm_year,
                     .tm_mon = local->tm_mon,
                     .tm_mday = local->tm_mday + days,
                     .tm_hour = (int)minute / 60,
                     .tm_min = (int)minute % 60,
                     .tm_isdst = -1};
    return (int64_t)mktime(&day) * SECOND_US;
}

struct period {
    int64_t from_us;
    int64_t to_us;
};

static int compare_periods(const void *a, const void *b)
{
    int64_t left = ((const struct period *)a)->from_us, right = ((const struct period *)b)->from_us;
    return left < right ? -1 : left > right;
}

bool window_is_open(const struct window *windows, size_t count, int64_t now_us, int64_t *change_us)
{
    time_t now = (time_t)(now_us / SECOND_US);
    struct tm local;
    struct period *periods = xcalloc(count * DAYS_AHEAD + 1, sizeof *periods);
    size_t period_count = 0;
    *change_us = INT64_MAX;
    if (count == 0 || localtime_r(&now, &local) == NULL) {
        free(periods);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        for (int day = -1; day < DAYS_AHEAD - 1; day++) {
            if ((windows[i].days >> ((local.tm_wday + day + 7) % 7) & 1) == 0)
                continue;
            int next_day = windows[i].to_minute <= windows[i].from_minute;
            periods[period_count++] =
                (struct period){minute_us(&local, day, windows[i].from_minute),
                                minute_us(&local, day + next_day, windows[i].to_minute)};
        }
    }
    qsort(periods, period_count, sizeof *periods, compare_periods);
    bool open = false;
    for (size_t i = 0; i < period_count; i++) {
        if (!open && periods[i].from_us > now_us) {
            *change_us = periods[i].from_us;
            break;
        }
        if (open && periods[i].from_us > *change_us)
            break;
        if (periods[i].to_us > now_us && (!open || periods[i].to_us > *change_us)) {
            open = true;
            *change_us = periods[i].to_us;
        }
    }
    free(periods);
    return open;
}
