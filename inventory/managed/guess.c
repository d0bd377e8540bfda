#include "inventory/managed/guess.h"

#include "probes/base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_DIGITS_MAX  42              /* 20 bytes and a leading zero byte (RFC 5280, 4.1.2.2); more digits are decimal */
#define DIGITS_LONG     16              /* "1000" is what openssl ca counts, in hexadecimal; a long number is random */
#define DIGITS_ENOUGH   20              /* only one of 12,000 random hexadecimal numbers of this length has no letter */

struct proof {
    size_t line;
    const char *text;
};

struct dates {
    struct proof month_first, day_first, doubt;
};

static void look_at(struct dates *dates, size_t line, const char *text)
{
    bool in_doubt;
    struct proof here = {.line = line, .text = text};
    switch (date_text_order(text, &in_doubt)) {
    case DATES_MONTH_DAY_YEAR:
        if (dates->month_first.text == NULL)
            dates->month_first = here;
        break;
    case DATES_DAY_MONTH_YEAR:
        if (dates->day_first.text == NULL && strchr(text, '.') == NULL)      /* with dots the day is first anyway */
            dates->day_first = here;
        break;
    case DATES_UNKNOWN:
        if (in_doubt && dates->doubt.text == NULL)
            dates->doubt = here;
        break;
    }
}

static void look_at_fields(struct dates *dates, const struct table *table, const struct columns *columns)
{
    static const enum record_field fields[] = {RECORD_NOT_BEFORE, RECORD_NOT_AFTER, RECORD_REVOKED_AT, RECORD_DELIVERED_AT};
    for (size_t i = columns->heading + 1; i < table->row_count; i++)
        for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++)
            for (size_t j = 0; j < columns->count[fields[f]]; j++)
                look_at(dates, table->rows[i].line, table_cell(table, &table->rows[i], columns->of[fields[f]][j]));
}

/* Columns that no field takes are written by the same hand. */
static void look_at_all(struct dates *dates, const struct table *table, const struct columns *columns)
{
    for (size_t i = columns->heading + 1; i < table->row_count; i++) {
        for (size_t j = 0; j < table->rows[i].count; j++) {
            const char *text = table_cell(table, &table->rows[i], j);
            if (isdigit((unsigned char)text[0]) && strnlen(text, 32) < 32)
                look_at(dates, table->rows[i].line, text);
        }
    }
}

static void say(struct guess *guess, enum date_order order, const struct proof *proof)
{
    guess->dates = order;
    guess->dates_because = xasprintf("dates read as %s, since line %zu has %.*s",
                                     order == DATES_MONTH_DAY_YEAR ? "month/day/year" : "day/month/year", proof->line,
                                     (int)strcspn(proof->text, " "), proof->text);
}

static bool guess_dates(struct guess *guess, const char *file, const struct table *table, const struct columns *columns,
                        struct error *err)
{
    struct dates dates = {0};
    look_at_fields(&dates, table, columns);
    struct proof doubt = dates.doubt;
    if (doubt.text != NULL && dates.month_first.text == NULL && dates.day_first.text == NULL)
        look_at_all(&dates, table, columns);
    if (dates.month_first.text != NULL && dates.day_first.text != NULL)
        return error_set(err, ERROR_USAGE, "%s: line %zu has %.20s, line %zu has %.20s: no order of month and day reads both; --dates mdy or "
                                           "--dates dmy says which rows to believe",
                         file, dates.month_first.line, dates.month_first.text, dates.day_first.line, dates.day_first.text);
    if (dates.month_first.text != NULL)
        say(guess, DATES_MONTH_DAY_YEAR, &dates.month_first);
    else if (dates.day_first.text != NULL)
        say(guess, DATES_DAY_MONTH_YEAR, &dates.day_first);
    else if (doubt.text != NULL)
        return error_set(err, ERROR_USAGE, "%s: line %zu has %.20s, and no date in the file shows whether the month or the day comes first: say "
                                           "--dates mdy (month/day/year) or --dates dmy (day/month/year)",
                         file, doubt.line, doubt.text);
    return true;
}

/* Without what is put around a number to keep it, is it hexadecimal beyond doubt, decimal beyond doubt, or neither? */
static void weigh_serial(const char *text, size_t *hex, size_t *decimal, size_t *digits)
{
    size_t count = 0, letters = 0, others = 0;
    if (strncasecmp(text, "serial", 6) == 0 && strchr(text, '=') != NULL)
        text = strchr(text, '=') + 1;
    if (strchr(text, '.') != NULL)      /* 1.23457E+37: a spreadsheet rounded it */
        return;
    for (; *text != '\0'; text++) {
        count += isdigit((unsigned char)*text) != 0;
        letters += strchr("abcdefxhABCDEFXH", *text) != NULL;
        others += *text == ':' || *text == ' ';
    }
    *hex += letters > 0 || others > 1;
    *decimal += letters == 0 && others == 0 && count > HEX_DIGITS_MAX;
    *digits += letters == 0 && others == 0 && count >= DIGITS_LONG ? count : 0;
}

static bool guess_serials(const struct table *table, const struct columns *columns)
{
    size_t hex = 0, decimal = 0, digits = 0;
    for (size_t i = columns->heading + 1; i < table->row_count; i++)
        for (size_t j = 0; j < columns->count[RECORD_SERIAL_NUMBER]; j++)
            weigh_serial(table_cell(table, &table->rows[i], columns->of[RECORD_SERIAL_NUMBER][j]), &hex, &decimal, &digits);
    return hex == 0 && (decimal > 0 || digits >= DIGITS_ENOUGH);
}

bool guess_table(struct guess *guess, const char *file, const struct table *table, const struct columns *columns, enum date_order order,
                 struct error *err)
{
    *guess = (struct guess){.dates = order};
    guess->has_decimal_serials = columns->profile->has_decimal_serials || guess_serials(table, columns);
    return order != DATES_UNKNOWN || guess_dates(guess, file, table, columns, err);
}

void guess_clear(struct guess *guess)
{
    free(guess->dates_because);
    guess->dates_because = NULL;
}
