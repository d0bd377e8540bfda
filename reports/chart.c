#include "reports/chart.h"

#include "reports/html.h"

/* One letter each, as report.css names them. The colours beside it are those of paper: WeasyPrint gives no style sheet to an SVG, and
 * draws all in black without; browsers take the sheet's. */
static const char *const part_look[CHART_PARTS] = {
    "class=\"m\" fill=\"#8493a4\"",
    "class=\"u\" fill=\"#0a4f9e\"",
    "class=\"q\" fill=\"none\" stroke=\"#50575f\" stroke-dasharray=\"3 2\"",
};
static const char *const part_word[CHART_PARTS] = {"managed", "unmanaged", "not judged"};
static const char *const part_title[CHART_PARTS] = {"Managed", "Unmanaged", "Not judged"};

/* Dashed lines are drawn around the edge, so a hollow part is drawn half a line smaller on each side. */
static void print_rect(FILE *out, enum chart_part part, double x, double y, double width, double height)
{
    double inset = part == CHART_UNKNOWN ? 0.5 : 0;
    fprintf(out, "<rect %s x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", part_look[part], x + inset, y + inset,
            width - 2 * inset, height - 2 * inset);
}

void chart_bar(FILE *out, const char *label, const long long counts[CHART_PARTS], long long highest)
{
    html_print(out, "<svg class=\"bar\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"$t:", label);
    const char *between = " ";
    for (enum chart_part i = 0; i < CHART_PARTS; i++)
        if (counts[i] != 0) {
            html_print(out, "$r$n $r", between, counts[i], part_word[i]);
            between = ", ";
        }
    fputs("\">", out);
    chart_bar_parts(out, counts, highest);
    fputs("</svg>", out);
}

void chart_bar_parts(FILE *out, const long long counts[CHART_PARTS], long long highest)
{
    double x = 0;
    for (enum chart_part i = 0; i < CHART_PARTS; i++) {
        double width = highest == 0 ? 0 : 100.0 * (double)counts[i] / (double)highest;
        if (counts[i] != 0)
            print_rect(out, i, x, 0, width < 1.6 ? 1.2 : width - 0.4, 12);     /* one of many must still be visible */
        x += width;
    }
}

static long long column_sum(const struct chart_column *column)
{
    return column->counts[CHART_MANAGED] + column->counts[CHART_UNMANAGED] + column->counts[CHART_UNKNOWN];
}

#define CHART_WIDTH 380.0
#define CHART_FLOOR 130.0       /* the base line of columns */
#define CHART_HIGH 105.0        /* height of the highest column */

static void print_column(FILE *out, const struct chart_column *column, double x, double width, double unit)
{
    double top = CHART_FLOOR, middle = x + width / 2;
    for (enum chart_part i = 0; i < CHART_PARTS; i++) {
        double height = (double)column->counts[i] * unit;
        if (column->counts[i] == 0)
            continue;
        height = height < 2 ? 2 : height;
        print_rect(out, i, x, top - height, width, height > 3 ? height - 1 : height);
        top -= height;
    }
    long long sum = column_sum(column);
    fprintf(out, "<text%s x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", sum == 0 ? " class=\"t\"" : "", middle, top - 6);
    html_print(out, "$n</text>", sum);
    if (column->label != NULL) {
        fprintf(out, "<text class=\"t\" x=\"%.1f\" y=\"146\" text-anchor=\"middle\">", middle);
        html_print(out, "$t</text>", column->label);
    }
    if (column->below != NULL) {
        fprintf(out, "<text x=\"%.1f\" y=\"162\">", x);
        html_print(out, "$t</text>", column->below);
    }
    fputc('\n', out);
}

void chart_columns(FILE *out, const char *id, const char *title, const struct chart_column *columns, size_t count,
                   long long highest)
{
    html_print(out, "<svg viewBox=\"0 0 380 168\" font-size=\"12\" font-family=\"sans-serif\" role=\"img\" "
                    "aria-labelledby=\"$t-t $t-d\"><title id=\"$t-t\">$t</title>"
                    "<desc id=\"$t-d\">", id, id, id, title, id);
    for (size_t i = 0; i < count; i++)
        html_print(out, "$r$t: $n", i == 0 ? "" : "; ", columns[i].period, column_sum(&columns[i]));
    fputs("</desc>\n", out);
    double step = CHART_WIDTH / (double)(count == 0 ? 1 : count);
    for (size_t i = 0; i < count; i++)
        print_column(out, &columns[i], (double)i * step + step * 0.1, step * 0.8, CHART_HIGH / (double)(highest == 0 ? 1 : highest));
    fputs("<line class=\"x\" stroke=\"#16191d\" x1=\"0\" y1=\"130.5\" x2=\"380\" y2=\"130.5\"/></svg>\n", out);
}

void chart_legend(FILE *out)
{
    fputs("<p class=\"legend\">", out);
    for (enum chart_part i = 0; i < CHART_PARTS; i++) {
        fputs("<span><svg class=\"key\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">", out);
        print_rect(out, i, 0, 0, 12, 12);
        html_print(out, "</svg>$t</span>", part_title[i]);
    }
    fputs("</p>\n", out);
}
