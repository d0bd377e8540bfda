/* What only the whole table shows: the order of its dates, the base of its serial numbers. */
#pragma once
#include "inventory/formats/date_text.h"
#include "inventory/managed/columns.h"

struct guess {
    enum date_order dates;
    char *dates_because;                /* "dates read as month/day/year, since line 4 has 07/31/2026"; NULL: nothing was in doubt */
    bool has_decimal_serials;           /* a serial number of digits alone is decimal */
};

/* order: as the user said; DATES_UNKNOWN: to be found. False with an error (ERROR_USAGE) where dates are in doubt and nothing in the
 * table proves their order. */
bool guess_table(struct guess *guess, const char *file, const struct table *table, const struct columns *columns, enum date_order order,
                 struct error *err);
void guess_clear(struct guess *guess);
