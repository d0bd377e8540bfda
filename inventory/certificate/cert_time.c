/* Times of a certificate (RFC 5280, 4.1.2.5). Also reads forms that X.690 allows or older encoders write: minutes
 * without seconds, an offset instead of Z, fractions. */
#include "inventory/certificate/cert_parts.h"

#include <string.h>
#include <time.h>

static bool number(struct byte_reader *text, size_t digits, int *value)
{
    const uint8_t *at;
    if (!byte_reader_bytes(text, digits, &at))
        return false;
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *value = 10 * *value + (at[i] - '0');
    }
    return true;
}

static bool is_digit(const struct byte_reader *text)
{
    return text->left > 0 && text->at[0] >= '0' && text->at[0] <= '9';
}

/* Z, nothing, or +hhmm: seconds east of UTC. */
static bool zone_read(struct byte_reader *text, int *east, bool *is_z)
{
    uint8_t sign;
    int hours, minutes;
    *east = 0;
    *is_z = byte_reader_u8(text, &sign) && sign == 'Z';
    if (*is_z)
        return text->left == 0;
    if ((sign != '+' && sign != '-') || !number(text, 2, &hours) || !number(text, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    *east = (sign == '-' ? -60 : 60) * (60 * hours + minutes);
    return text->left == 0;
}

static bool day_exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

bool cert_time_parse(const struct der_item *item, int64_t *seconds, bool *form)
{
    struct byte_reader text = item->content;
    struct tm tm = {0};
    int year, month, east;
    bool utc = item->tag == DER_UTC_TIME, is_z, has_seconds, plain = true;
    if ((!utc && item->tag != DER_GENERALIZED_TIME) || !number(&text, utc ? 2 : 4, &year) || !number(&text, 2, &month)
        || !number(&text, 2, &tm.tm_mday) || !number(&text, 2, &tm.tm_hour) || !number(&text, 2, &tm.tm_min))
        return false;
    year += !utc ? 0 : year < 50 ? 2000 : 1900;
    has_seconds = is_digit(&text);
    if (has_seconds && !number(&text, 2, &tm.tm_sec))
        return false;
    if (has_seconds && !utc && text.left > 0 && text.at[0] == '.') {
        plain = false;
        byte_reader_skip(&text, 1);
        if (!is_digit(&text))
            return false;
        while (is_digit(&text))
            byte_reader_skip(&text, 1);
    }
    if (!zone_read(&text, &east, &is_z) || year == 0 || !day_exists(year, month, tm.tm_mday) || tm.tm_hour > 23
        || tm.tm_min > 59 || tm.tm_sec > 59)            /* no year 0 in SQL */
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    *seconds = (int64_t)timegm(&tm) - east;
    *form = is_z && has_seconds && plain && (utc || year >= 2050 || year < 1950);
    return true;
}
