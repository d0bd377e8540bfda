#include "probes/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_ONE_S (-62135596800)    /* 0001-01-01: no database knows a year 0 */

static int64_t read_clock_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_utc_us(void)
{
    return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

void clock_format_us(int64_t time_us, char text[CLOCK_TEXT_SIZE])
{
    static const int64_t year_0 = -62167219200, year_10000 = 253402300800;
    int64_t micros = ((time_us % 1000000) + 1000000) % 1000000;
    int64_t seconds = time_us / 1000000 - (time_us % 1000000 < 0);      /* rounded down; INT64_MIN too */
    if (seconds < year_0)
        seconds = year_0, micros = 0;
    if (seconds >= year_10000)
        seconds = year_10000 - 1, micros = 999999;
    time_t whole = (time_t)seconds;
    struct tm tm;
    gmtime_r(&whole, &tm);
    snprintf(text, CLOCK_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ", (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
             (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100, (unsigned)micros % 1000000);
}

/* Exactly `digits` decimal digits at *at; moves past them. */
static bool take_number(const char **at, int digits, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool take_fraction(const char **at, int *micros)
{
    *micros = 0;
    if (**at != '.')
        return true;
    (*at)++;
    int digits = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++, digits++)
        if (digits < 6)
            *micros = *micros * 10 + (**at - '0');
    for (int i = digits; i < 6; i++)
        *micros *= 10;
    return digits > 0;
}

static bool take_offset(const char **at, int *offset_s)
{
    *offset_s = 0;
    if (**at == 'Z' || **at == 'z')
        return (*at)++, true;
    if (**at != '+' && **at != '-')
        return true;
    int sign = *(*at)++ == '-' ? -1 : 1, hours, minutes;
    if (!take_number(at, 2, &hours))
        return false;
    if (**at == ':')
        (*at)++;
    if (!take_number(at, 2, &minutes) || hours > 15 || minutes > 59)
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_time(const char **at, struct tm *tm, int *micros, int *offset_s)
{
    if (**at != 'T' && **at != 't' && **at != ' ')
        return **at == '\0';
    (*at)++;
    if (!take_number(at, 2, &tm->tm_hour) || *(*at)++ != ':' || !take_number(at, 2, &tm->tm_min))
        return false;
    if (**at == ':') {
        (*at)++;
        if (!take_number(at, 2, &tm->tm_sec) || !take_fraction(at, micros))
            return false;
    }
    return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60 && take_offset(at, offset_s);
}

bool clock_parse_us(const char *text, int64_t *time_us)
{
    struct tm tm = {0};
    int year, month, micros = 0, offset_s = 0;
    const char *at = text;
    if (!take_number(&at, 4, &year) || *at++ != '-' || !take_number(&at, 2, &month) || *at++ != '-' ||
        !take_number(&at, 2, &tm.tm_mday))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    int day = tm.tm_mday;
    if (!take_time(&at, &tm, &micros, &offset_s) || *at != '\0')
        return false;
    time_t seconds = timegm(&tm);
    if (tm.tm_mon != month - 1 || tm.tm_mday != day)    /* timegm() made 30 February into March */
        return false;
    *time_us = ((int64_t)seconds - offset_s) * 1000000 + micros;
    return (int64_t)seconds - offset_s >= YEAR_ONE_S;
}
