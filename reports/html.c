#include "reports/html.h"

#include "probes/base/clean_text.h"
#include "reports/render.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A long name is broken after a dot or the like rather than within a label; an address is left whole. */
static bool may_break(const char *begin, const char *at)
{
    if (at == begin || strchr(".:/@=,", at[-1]) == NULL || !isgraph((unsigned char)*at))
        return false;
    return at - begin < 2 || !isdigit((unsigned char)at[-2]) || !isdigit((unsigned char)*at);
}

static void print_text(FILE *out, const char *text, bool breaks)
{
    if (text == NULL)
        return;
    char *clean = clean_text_lines(text, RENDER_HTML_LINE);
    for (const char *at = clean; *at != '\0'; at++) {
        if (breaks && may_break(clean, at))
            fputs("<wbr>", out);
        switch (*at) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\'': fputs("&#39;", out); break;
        case '\n': fputs("<br>", out); break;
        default: fputc(*at, out); break;
        }
    }
    free(clean);
}

void html_text(FILE *out, const char *text)
{
    print_text(out, text, false);
}

void html_name(FILE *out, const char *text)
{
    print_text(out, text, true);
}

static void print_number(FILE *out, long long number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            fputc(',', out);
        fputc(digits[i], out);
    }
}

/* Texts that a caller uses within one statement. */
static char *borrowed(void)
{
    static char texts[8][48];
    static unsigned next;
    return texts[next++ % 8];
}

static const char *day_text(const char *day, bool full)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    int y = 0, m = 0, d = 0;
    if (day == NULL || sscanf(day, "%4d-%2d-%2d", &y, &m, &d) != 3 || m < 1 || m > 12)
        return day == NULL ? "" : day;
    char *text = borrowed();
    snprintf(text, 48, full ? "%d %s %d" : "%d %.3s %d", d, months[m - 1], y);
    return text;
}

const char *html_day_text(const char *day)
{
    return day_text(day, false);
}

const char *html_day_full(const char *day)
{
    return day_text(day, true);
}

void html_day(FILE *out, const char *day)
{
    html_text(out, html_day_text(day));
}

const char *html_count_word(long long number, int capital)
{
    static const char *const words[] = {"none",  "one",  "two",   "three", "four",   "five",  "six",
                                        "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    char *text = borrowed();
    if (number >= 0 && number <= 12) {
        snprintf(text, 48, "%s", words[number]);
        if (capital)
            text[0] = (char)toupper((unsigned char)text[0]);
        return text;
    }
    FILE *out = fmemopen(text, 48, "w");
    if (out != NULL) {
        print_number(out, number);
        fclose(out);
    }
    return text;
}

void html_print(FILE *out, const char *template, ...)
{
    va_list values;
    va_start(values, template);
    for (const char *at = template; *at != '\0'; at++) {
        if (*at != '$') {
            fputc(*at, out);
            continue;
        }
        switch (*++at) {
        case 't': html_text(out, va_arg(values, const char *)); break;
        case 'b': html_name(out, va_arg(values, const char *)); break;
        case 'n': print_number(out, va_arg(values, long long)); break;
        case 'd': html_day(out, va_arg(values, const char *)); break;
        case 'r': fputs(va_arg(values, const char *), out); break;
        case '$': fputc('$', out); break;
        default: abort();               /* no other letter exists */
        }
    }
    va_end(values);
}

bool html_has_long_word(const char *text)
{
    enum { WORD_MAX = 14 };
    for (size_t len; *text != '\0'; text += len + (text[len] != '\0')) {
        len = strcspn(text, " \n-");
        if (len > WORD_MAX)
            return true;
    }
    return false;
}

const char *html_many(long long count, const char *one, const char *more)
{
    return count == 1 ? one : more;
}
