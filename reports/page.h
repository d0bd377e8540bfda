/* Writes the page around HTML tables: head with the style sheet, facts, cards, bars, sections, footer. It depends neither
 * on reports nor on the database; discovery.c composes the page. All texts are escaped here. */
#pragma once
#include <stdio.h>

struct page_fact {
    const char *label, *value;
};

struct page_card {
    const char *number, *label;
    const char *severity;       /* critical, high, medium, low; "" plain */
};

struct page_bar {
    const char *label;
    long long value;
    const char *kind;           /* "expired" or "" */
};

void page_begin(FILE *out, const char *title, const char *subtitle, const struct page_fact *facts, size_t count);
void page_cards(FILE *out, const struct page_card *cards, size_t count);
void page_bars(FILE *out, const struct page_bar *bars, size_t count);
void page_section(FILE *out, const char *id, const char *title, const char *text);
void page_paragraph(FILE *out, const char *kind, const char *text);    /* kind: "none", "question", "more" */
void page_end(FILE *out, const char *text);
