/* Dates as people, spreadsheets and programs write them. A single date does not show which number of 02/03/2027 is the month: a
 * reader first calls date_text_order() for all dates of a file. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum date_order {
    DATES_UNKNOWN,
    DATES_MONTH_DAY_YEAR,       /* 12/31/2026 */
    DATES_DAY_MONTH_YEAR,       /* 31/12/2026 */
};

/* The order that this text proves; DATES_UNKNOWN if it can be read in both orders, or if its order is not in doubt.
 * *in_doubt: it can be read in both orders. */
enum date_order date_text_order(const char *text, bool *in_doubt);

/* Reads, in UTC if no zone is given:
 *
 *     2026-01-31, with time, fraction and zone in any usual way; 2026/01/31; 20260131; 260131120000Z (ASN.1)
 *     01/31/2026, 1/31/26 2:37:08 PM, 31.01.2026 14:37: by the order; with dots and dashes the day is first, unless
 *     the order says otherwise
 *     31-Jan-2026, Jan 31, 2026, Sat, 31 Jan 2026 12:00:00 GMT, Jan 31 12:00:00 2026 GMT
 *     46053, 46053.5 (a spreadsheet's days since 1899-12-30); 1769860800, 1769860800.5, 1769860800000 (since 1970)
 *
 * Two-digit years are of this century. False if the text is no date, or is one only with an order. */
bool date_text_parse(const char *text, enum date_order order, int64_t *time_us);
