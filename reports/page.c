#include "reports/page.h"

#include "reports/render.h"
#include "reports_css.h"

void page_begin(FILE *out, const char *title, const char *subtitle, const struct page_fact *facts, size_t count)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
          "<title>",
          out);
    render_html_text(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>", CSS_DISCOVERY);
    render_html_text(out, title);
    fputs("</h1>\n<p class=\"question\">", out);
    render_html_text(out, subtitle);
    fputs("</p>\n<ul class=\"facts\">\n", out);
    for (size_t i = 0; i < count; i++) {
        fputs("<li>", out);
        render_html_text(out, facts[i].label);
        fputs(" <b>", out);
        render_html_text(out, facts[i].value);
        fputs("</b></li>\n", out);
    }
    fputs("</ul>\n</header>\n<main>\n", out);
}

void page_cards(FILE *out, const struct page_card *cards, size_t count)
{
    fputs("<ul class=\"cards\">\n", out);
    for (size_t i = 0; i < count; i++) {
        fputs("<li class=\"", out);
        render_html_text(out, cards[i].severity);
        fputs("\"><strong>", out);
        render_html_text(out, cards[i].number);
        fputs("</strong><span>", out);
        render_html_text(out, cards[i].label);
        fputs("</span></li>\n", out);
    }
    fputs("</ul>\n", out);
}

void page_bars(FILE *out, const struct page_bar *bars, size_t count)
{
    long long highest = 1;
    for (size_t i = 0; i < count; i++)
        highest = bars[i].value > highest ? bars[i].value : highest;
    fputs("<ul class=\"bars\">\n", out);
    for (size_t i = 0; i < count; i++) {
        fputs("<li class=\"", out);
        render_html_text(out, bars[i].kind);
        fputs("\"><span>", out);
        render_html_text(out, bars[i].label);
        fprintf(out, "</span><span class=\"bar\" style=\"width:%.1f%%\"></span><span class=\"number\">%lld</span></li>\n",
                100.0 * (double)bars[i].value / (double)highest, bars[i].value);
    }
    fputs("</ul>\n", out);
}

void page_section(FILE *out, const char *id, const char *title, const char *text)
{
    fprintf(out, "<h2 id=\"%s\">", id);
    render_html_text(out, title);
    fputs("</h2>\n", out);
    page_paragraph(out, "question", text);
}

void page_paragraph(FILE *out, const char *kind, const char *text)
{
    fprintf(out, "<p class=\"%s\">", kind);
    render_html_text(out, text);
    fputs("</p>\n", out);
}

void page_end(FILE *out, const char *text)
{
    fputs("</main>\n<footer>", out);
    render_html_text(out, text);
    fputs("</footer>\n</body>\n</html>\n", out);
}
