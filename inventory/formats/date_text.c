#include "inventory/formats/date_text.h"

#include "probes/base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX 16

struct token {
    char before;                /* the character ahead of it; ' ' at the start */
    bool is_word;
    const char *text;
    size_t len;
    unsigned long number;
};

struct moment {
    unsigned long year, month, day, hour, minute, second, micro;
    bool has_hour, has_offset;
    long offset;                /* minutes east of UTC */
};

/* Three letters are enough; other languages' where they differ from English. */
static const struct {
    const char *name;
    unsigned month;
} months[] = {{"jan", 1}, {"feb", 2}, {"mar", 3}, {"apr", 4}, {"may", 5}, {"jun", 6}, {"jul", 7}, {"aug", 8}, {"sep", 9},
              {"oct", 10}, {"nov", 11}, {"dec", 12}, {"mrz", 3}, {"m\xc3\xa4r", 3}, {"mai", 5}, {"okt", 10}, {"dez", 12}};

static unsigned month_of(const struct token *word)
{
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        size_t len = strlen(months[i].name);
        if (word->len >= 3 && word->len <= 10 && word->len >= len && strncasecmp(word->text, months[i].name, len) == 0)
            return months[i].month;
    }
    return 0;
}

/* U+00A0 and U+202F, which .NET and Java put ahead of AM and PM. */
static size_t blank_len(const char *text)
{
    return strncmp(text, "\xc2\xa0", 2) == 0 ? 2 : strncmp(text, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

/* Splits a text into numbers and words, each with the characters before it. 0: too many parts, or characters that no date has. */
static size_t split(const char *text, struct token *tokens)
{
    size_t count = 0;
    char before = ' ';
    while (*text != '\0') {
        const char *start = text;
        if (blank_len(text) > 0) {
            before = ' ';
            text += blank_len(text);
            continue;
        }
        if (isdigit((unsigned char)*text)) {
            while (isdigit((unsigned char)*text))
                text++;
        } else if (isalpha((unsigned char)*text) || (*text & 0x80) != 0) {
            while (isalpha((unsigned char)*text) || ((*text & 0x80) != 0 && blank_len(text) == 0))
                text++;
        } else if (strchr(" ,./:-+\t()", *text) != NULL) {
            before = *text == ',' || *text == '\t' || *text == '(' || *text == ')' ? ' ' : *text;
            text++;
            continue;
        } else {
            return 0;
        }
        size_t len = (size_t)(text - start);
        if (count == TOKENS_MAX || (isdigit((unsigned char)*start) && len > 14))
            return 0;
        tokens[count++] = (struct token){.before = before, .is_word = !isdigit((unsigned char)*start), .text = start, .len = len,
                                         .number = isdigit((unsigned char)*start) ? strtoul(start, NULL, 10) : 0};
        before = ' ';
    }
    return count;
}

static bool is_word(const struct token *token, const char *word)
{
    return token->is_word && token->len == strlen(word) && strncasecmp(token->text, word, token->len) == 0;
}

static bool finish(const struct moment *moment, int64_t *time_us)
{
    char iso[64];
    if (moment->year > 9999 || moment->month > 12 || moment->day > 31 || moment->hour > 24 || moment->minute > 59 || moment->second > 60 ||
        moment->offset > 24 * 60 || moment->offset < -24 * 60)
        return false;
    snprintf(iso, sizeof iso, "%04lu-%02lu-%02luT%02lu:%02lu:%02lu.%06luZ", moment->year, moment->month, moment->day, moment->hour,
             moment->minute, moment->second, moment->micro);
    if (!clock_parse_us(iso, time_us))
        return false;
    *time_us -= (int64_t)moment->offset * 60 * 1000000;
    return true;
}

static unsigned long full_year(const struct token *token)
{
    return token->len <= 2 ? 2000 + token->number : token->number;
}

/* ".123" of a second. */
static unsigned long micros_of(const struct token *token)
{
    unsigned long micro = 0;
    for (size_t i = 0; i < 6; i++)
        micro = micro * 10 + (i < token->len ? (unsigned long)(token->text[i] - '0') : 0);
    return micro;
}

/* "+02:00", "+0200", "-08". */
static size_t take_offset(const struct token *at, size_t left, struct moment *moment)
{
    long sign = at->before == '-' ? -1 : 1;
    bool has_minutes = left > 1 && !at[1].is_word && at[1].before == ':' && at->len == 2;
    if (at->len == 4)
        moment->offset = sign * (long)(at->number / 100 * 60 + at->number % 100);
    else if (at->len <= 2)
        moment->offset = sign * (long)(at->number * 60 + (has_minutes ? at[1].number : 0));
    else
        return 0;
    moment->has_offset = true;
    return has_minutes ? 2 : 1;
}

/* "14:37[:08[.123]]"; how many tokens it took. */
static size_t take_time(const struct token *at, size_t left, struct moment *moment)
{
    if (moment->has_hour || left < 2 || at->len > 2 || at[1].is_word || at[1].before != ':' || at[1].len != 2)
        return 0;
    *moment = (struct moment){.year = moment->year, .month = moment->month, .day = moment->day, .hour = at->number,
                              .minute = at[1].number, .has_hour = true, .offset = moment->offset, .has_offset = moment->has_offset};
    size_t taken = 2;
    if (left > taken && !at[taken].is_word && at[taken].before == ':' && at[taken].len == 2)
        moment->second = at[taken++].number;
    if (taken == 3 && left > taken && !at[taken].is_word && at[taken].before == '.')
        moment->micro = micros_of(&at[taken++]);
    return taken;
}

/* "EST", "PDT": the zones that RFC 5322 (4.3) gives a meaning; of others a name may mean several. Behind an offset in numbers,
 * "-0800 PST", any name only repeats it. */
static bool take_zone(const struct token *word, struct moment *moment)
{
    static const struct {
        const char *name;
        long hours;
    } zones[] = {{"EDT", -4}, {"EST", -5}, {"CDT", -5}, {"CST", -6}, {"MDT", -6}, {"MST", -7}, {"PDT", -7}, {"PST", -8}};
    if (moment->has_offset)
        return word->is_word && (word->len == 3 || word->len == 4);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        if (!is_word(word, zones[i].name))
            continue;
        moment->offset = zones[i].hours * 60;
        return moment->has_offset = true;
    }
    return false;
}

/* Handles the rest: times, AM and PM, zones, names of days. False if something is left over. */
static bool read_rest(const struct token *at, size_t left, struct moment *moment)
{
    while (left > 0) {
        size_t taken = 0;
        if (!at->is_word)
            taken = take_time(at, left, moment);
        if (taken == 0 && !at->is_word && moment->has_hour && (at->before == '+' || at->before == '-'))
            taken = take_offset(at, left, moment);
        if (taken == 0 && at->is_word && (is_word(at, "AM") || is_word(at, "PM"))) {
            if (!moment->has_hour || moment->hour == 0 || moment->hour > 12)
                return false;
            moment->hour = moment->hour % 12 + (is_word(at, "PM") ? 12 : 0);
            taken = 1;
        }
        if (taken == 0 && (is_word(at, "Z") || is_word(at, "T") || is_word(at, "UTC") || is_word(at, "GMT") || is_word(at, "h") || is_word(at, "at")))
            taken = 1;
        if (taken == 0 && take_zone(at, moment))
            taken = 1;
        if (taken == 0)
            return false;
        at += taken;
        left -= taken;
    }
    return true;
}

/* 2026-01-31, 2026/1/31, 2026.01.31; the year has four digits. */
static bool read_year_first(const struct token *tokens, size_t count, struct moment *moment)
{
    if (count < 3 || tokens[0].len != 4 || tokens[1].is_word || tokens[2].is_word || tokens[1].len > 2 || tokens[2].len > 2 ||
        strchr("-/.", tokens[1].before) == NULL || tokens[2].before != tokens[1].before)
        return false;
    moment->year = tokens[0].number;
    moment->month = tokens[1].number;
    moment->day = tokens[2].number;
    return read_rest(tokens + 3, count - 3, moment);
}

static bool is_numbers_of_day(const struct token *tokens, size_t count)
{
    return count >= 3 && !tokens[0].is_word && !tokens[1].is_word && !tokens[2].is_word && tokens[0].len <= 2 && tokens[1].len <= 2 &&
           (tokens[2].len == 4 || tokens[2].len == 2) && strchr("/.-", tokens[1].before) != NULL &&
           tokens[2].before == tokens[1].before;
}

static bool read_by_order(const struct token *tokens, size_t count, enum date_order order, struct moment *moment)
{
    if (!is_numbers_of_day(tokens, count))
        return false;
    if (order == DATES_UNKNOWN && tokens[1].before != '/')
        order = DATES_DAY_MONTH_YEAR;
    if (order == DATES_UNKNOWN && tokens[0].number == tokens[1].number)
        order = DATES_MONTH_DAY_YEAR;               /* both say the same */
    if (order == DATES_UNKNOWN)
        return false;
    if (order == DATES_MONTH_DAY_YEAR && tokens[1].before == '.' && tokens[1].number <= 12 && tokens[0].number > 12)
        order = DATES_DAY_MONTH_YEAR;               /* 26.02.2027 is no date of the other order */
    moment->month = tokens[order == DATES_MONTH_DAY_YEAR ? 0 : 1].number;
    moment->day = tokens[order == DATES_MONTH_DAY_YEAR ? 1 : 0].number;
    moment->year = full_year(&tokens[2]);
    return read_rest(tokens + 3, count - 3, moment);
}

/* A month by its name; day and year are the two numbers that belong to no time. */
static bool read_month_name(struct token *tokens, size_t count, struct moment *moment)
{
    size_t month = 0, day = TOKENS_MAX, year = TOKENS_MAX;
    while (month < count && !(tokens[month].is_word && month_of(&tokens[month]) != 0))
        month++;
    if (month == count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool of_time = tokens[i].before == ':' || (i + 1 < count && tokens[i + 1].before == ':') || (tokens[i].before == '.' && i > 0 && tokens[i - 1].before == ':');
        if (tokens[i].is_word || of_time || (tokens[i].before == '+' || (tokens[i].before == '-' && year != TOKENS_MAX)))
            continue;
        if (day == TOKENS_MAX && tokens[i].len <= 2)
            day = i;
        else if (year == TOKENS_MAX)
            year = i;
    }
    if (day == TOKENS_MAX || year == TOKENS_MAX || (tokens[year].len != 4 && tokens[year].len != 2))
        return false;
    moment->month = month_of(&tokens[month]);
    moment->day = tokens[day].number;
    moment->year = full_year(&tokens[year]);
    struct token rest[TOKENS_MAX];
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_day_name = tokens[i].is_word && i < month && i < day;
        bool is_ordinal = tokens[i].is_word && i == day + 1 && tokens[i].len == 2 && i != month;   /* 31st */
        if (i != month && i != day && i != year && !is_day_name && !(is_ordinal && !is_word(&tokens[i], "AM") && !is_word(&tokens[i], "PM")))
            rest[left++] = tokens[i];
    }
    return read_rest(rest, left, moment);
}

/* 20260131, 20260131120000Z, 260131120000Z (RFC 5280, 4.1.2.5). */
static bool read_digits(const struct token *tokens, size_t count, struct moment *moment)
{
    const struct token *token = &tokens[0];
    size_t year_len = token->len == 8 || token->len == 14 ? 4 : 2;
    if ((token->len != 8 && token->len != 12 && token->len != 14) || count > 2 || (count == 2 && !is_word(&tokens[1], "Z")) ||
        (token->len == 12 && count != 2))
        return false;
    unsigned long part[6] = {0};
    char digits[5] = {0};
    memcpy(digits, token->text, year_len);
    part[0] = strtoul(digits, NULL, 10) + (year_len == 2 ? 2000 : 0);
    for (size_t i = 1, at = year_len; at < token->len; i++, at += 2)
        part[i] = (unsigned long)(token->text[at] - '0') * 10 + (unsigned long)(token->text[at + 1] - '0');
    *moment = (struct moment){.year = part[0], .month = part[1], .day = part[2], .hour = part[3], .minute = part[4], .second = part[5]};
    return true;
}

#define SPREADSHEET_FIRST 20000         /* 1954 */
#define SPREADSHEET_LAST  110000        /* 2201 */
#define SPREADSHEET_1970  25569

/* Days of a spreadsheet, seconds or milliseconds since 1970. */
static bool read_count(const struct token *tokens, size_t count, int64_t *time_us)
{
    if (tokens[0].is_word || count > 2 || (count == 2 && (tokens[1].is_word || tokens[1].before != '.')))
        return false;
    unsigned long whole = tokens[0].number;
    int64_t fraction = count == 2 ? (int64_t)micros_of(&tokens[1]) : 0;      /* in millionths */
    if (tokens[0].len <= 6 && whole >= SPREADSHEET_FIRST && whole <= SPREADSHEET_LAST)
        *time_us = ((int64_t)whole - SPREADSHEET_1970) * 86400 * 1000000 + fraction * 86400;
    else if (tokens[0].len >= 9 && tokens[0].len <= 10)
        *time_us = (int64_t)whole * 1000000 + fraction;
    else if (tokens[0].len >= 12 && tokens[0].len <= 13 && count == 1)
        *time_us = (int64_t)whole * 1000;
    else
        return false;
    return true;
}

/* As .NET writes JSON: /Date(1769860800000)/ */
static const char *without_wrapping(const char *text)
{
    return strncmp(text, "/Date(", 6) == 0 ? text + 6 : text;
}

enum date_order date_text_order(const char *text, bool *in_doubt)
{
    struct token tokens[TOKENS_MAX];
    size_t count = split(text, tokens);
    *in_doubt = false;
    if (!is_numbers_of_day(tokens, count))
        return DATES_UNKNOWN;
    if (tokens[0].number > 12 && tokens[0].number <= 31 && tokens[1].number <= 12)
        return DATES_DAY_MONTH_YEAR;
    if (tokens[1].number > 12 && tokens[1].number <= 31 && tokens[0].number <= 12)
        return DATES_MONTH_DAY_YEAR;
    *in_doubt = tokens[0].number <= 12 && tokens[1].number <= 12 && tokens[0].number != tokens[1].number && tokens[1].before != '.';
    return DATES_UNKNOWN;
}

bool date_text_parse(const char *text, enum date_order order, int64_t *time_us)
{
    struct token tokens[TOKENS_MAX];
    struct moment moment = {0};
    char unwrapped[32];
    if (text != without_wrapping(text)) {
        snprintf(unwrapped, sizeof unwrapped, "%.*s", (int)strcspn(text + 6, ")+-"), text + 6);
        text = unwrapped;
    }
    size_t count = split(text, tokens);
    if (count == 0)
        return false;
    if (read_count(tokens, count, time_us))
        return true;
    /* "Friday, 02/26/2027": the name of a day ahead of numbers */
    size_t skip = tokens[0].is_word && count > 3 && month_of(&tokens[0]) == 0 ? 1 : 0;
    if (!tokens[0].is_word && (read_year_first(tokens, count, &moment) || read_digits(tokens, count, &moment)))
        return finish(&moment, time_us);
    moment = (struct moment){0};
    if (read_by_order(tokens + skip, count - skip, order, &moment))
        return finish(&moment, time_us);
    moment = (struct moment){0};
    return read_month_name(tokens, count, &moment) && finish(&moment, time_us);
}
