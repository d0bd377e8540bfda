#include "reports/exchange/calendar.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "probes/base/utf8.h"
#include "reports_exchange_sql.h"

#include <stdlib.h>
#include <string.h>

#define LINE_OCTETS 75          /* RFC 5545, 3.1: longer lines are folded, never within a character */
#define TEXT_LIMIT 1000

static void print_folded(FILE *out, const char *line)
{
    size_t room = LINE_OCTETS, left = strlen(line);
    while (left > room) {
        size_t len = 0, used;
        while (len < left && (used = utf8_character(line + len, left - len)) != 0 && len + used <= room)
            len += used;
        fprintf(out, "%.*s\r\n ", (int)len, line);
        line += len;
        left -= len;
        room = LINE_OCTETS - 1;         /* the blank counts */
    }
    fprintf(out, "%s\r\n", line);
}

/* NAME:text, where text is cleaned, and line ends and separators are escaped (3.3.11). */
static void print_text(FILE *out, const char *name, const char *text)
{
    char *clean = clean_text_lines(text, TEXT_LIMIT), *line = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&line, &len);
    fprintf(memory, "%s:", name);
    for (const char *at = clean; *at != '\0'; at++)
        if (*at == '\n')
            fputs("\\n", memory);
        else if (strchr("\\;,", *at) != NULL)
            fprintf(memory, "\\%c", *at);
        else
            fputc(*at, memory);
    fclose(memory);
    print_folded(out, line);
    free(line);
    free(clean);
}

/* What it says is all that some calendars show when the day comes near. */
static void print_alarm(FILE *out, const char *trigger, const char *summary)
{
    fprintf(out, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:%s\r\n", trigger);
    print_text(out, "DESCRIPTION", summary);
    fputs("END:VALARM\r\n", out);
}

enum { EVENT_UID, EVENT_DAY, EVENT_AFTER, EVENT_SUMMARY, EVENT_DESCRIPTION, EVENT_SEQUENCE, EVENT_CANCELLED, EVENT_CHANGED, EVENT_OVERDUE };

static void print_event(FILE *out, const struct db_result *rows, size_t row)
{
    static const char *const triggers[][2] = {{"-P7D", "-P1D"}, {"PT9H", "PT16H"}};      /* what is overdue rings on its day, also for who reads in the afternoon */
    bool is_cancelled = db_value(rows, row, EVENT_CANCELLED)[0] == 't';
    fprintf(out, "BEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:%s\r\nSEQUENCE:%s\r\nDTSTART;VALUE=DATE:%s\r\nDTEND;VALUE=DATE:%s\r\n",
            db_value(rows, row, EVENT_UID), db_value(rows, row, EVENT_CHANGED), db_value(rows, row, EVENT_SEQUENCE),
            db_value(rows, row, EVENT_DAY), db_value(rows, row, EVENT_AFTER));
    print_text(out, "SUMMARY", db_value(rows, row, EVENT_SUMMARY));
    print_text(out, "DESCRIPTION", db_value(rows, row, EVENT_DESCRIPTION));
    fprintf(out, "STATUS:%s\r\nTRANSP:TRANSPARENT\r\n", is_cancelled ? "CANCELLED" : "CONFIRMED");
    for (size_t i = 0; !is_cancelled && i < 2; i++)
        print_alarm(out, triggers[db_value(rows, row, EVENT_OVERDUE)[0] == 't'][i], db_value(rows, row, EVENT_SUMMARY));
    fputs("END:VEVENT\r\n", out);
}

struct db_result *calendar_events(struct db *db, const char *owner, const char *site, struct error *err)
{
    const char *params[] = {owner, site};
    return db_query(db, SQL_CALENDAR_EVENTS, 2, params, err);
}

void calendar_write(const struct db_result *events, FILE *out)
{
    fputs("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//certsweep//calendar//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n", out);
    for (size_t i = 0; i < db_rows(events); i++)
        print_event(out, events, i);
    fputs("END:VCALENDAR\r\n", out);
}
