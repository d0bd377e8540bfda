/* Charts as inline SVG: no script is needed, and each has its numbers as text for screen readers. The parts of a bar are 1 px
 * apart, always in the same order; what is not known is hollow and dashed (report.css), never by colour alone. */
#pragma once
#include <stddef.h>
#include <stdio.h>

enum chart_part { CHART_MANAGED, CHART_UNMANAGED, CHART_UNKNOWN, CHART_PARTS };

/* One bar of a table's row: the parts of `counts` against `highest`, the whole width. */
void chart_bar(FILE *out, const char *label, const long long counts[CHART_PARTS], long long highest);

/* Its parts alone, for an <svg class="bar"> of the caller's. */
void chart_bar_parts(FILE *out, const long long counts[CHART_PARTS], long long highest);

struct chart_column {
    const char *label, *below;  /* below the column, and below that; NULL: nothing */
    const char *period;         /* its name in the text alternative */
    long long counts[CHART_PARTS];
};

/* Columns side by side, at one scale. id: for the title's reference. */
void chart_columns(FILE *out, const char *id, const char *title, const struct chart_column *columns, size_t count,
                   long long highest);

/* The key of the three parts. */
void chart_legend(FILE *out);
