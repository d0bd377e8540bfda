/* The page around a report: head with style sheet, title block, contents, sections, foot, and the script that sorts
 * and filters what is readable without it. Knows neither reports nor the database. A page loads nothing: its
 * content security policy allows no source, and style and script only by their SHA-256. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct page_fact {
    const char *label, *value;
};

struct page_link {
    const char *id, *title;
    long long count;            /* -1: none */
};

struct page {
    const char *title;
    const char *kind;           /* class of body: "doc" (contents on the left), "letter", "single" */
    const char *organization, *classification;  /* "" or NULL: not given */
    const char *foot;           /* one line; on paper below every page */
    const struct page_fact *facts;
    size_t fact_count;
    const struct page_link *links;
    size_t link_count;
};

void page_begin(FILE *out, const struct page *page);
void page_end(FILE *out, const struct page *page);

/* whole: printed without a page break; for short sections. */
void page_section(FILE *out, const char *id, const char *title, bool whole);
void page_section_end(FILE *out);
void page_paragraph(FILE *out, const char *text);

/* Where the script puts its filter. */
void page_tools(FILE *out);

/* A table of this class with a caption; `hidden`: the caption is for screen readers. */
void page_table(FILE *out, const char *kind, const char *caption, bool hidden);
void page_table_end(FILE *out);

/* "2026-11-30" with its state: late in words and mark, with the days. days NULL: plain. */
void page_day_cell(FILE *out, const char *day, const char *days);
void page_labelled_day_cell(FILE *out, const char *label, const char *day, const char *days);      /* in a table of class "rows", whose narrow form has no heads */

/* A number; 0 is grey. */
void page_number_cell(FILE *out, long long number);
void page_labelled_cell(FILE *out, const char *label, long long number);      /* for a table of kind "pieces", whose rows a narrow screen stacks */

/* critical, high, medium, low, info: a shape and the word. */
void page_severity(FILE *out, const char *severity);
