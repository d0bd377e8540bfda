#include "reports/page.h"

#include "reports/html.h"
#include "reports_page_css.h"
#include "reports_page_js.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* 'sha256-...' of Content Security Policy Level 3, 2.3.1. */
static void print_hash(FILE *out, const char *text, const char *more)
{
    unsigned char digest[SHA256_DIGEST_LENGTH], base64[4 * ((sizeof digest + 2) / 3) + 1];
    unsigned int len = sizeof digest;
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    if (sha == NULL || EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1 || EVP_DigestUpdate(sha, text, strlen(text)) != 1 ||
        EVP_DigestUpdate(sha, more, strlen(more)) != 1 || EVP_DigestFinal_ex(sha, digest, &len) != 1)
        abort();                        /* SHA-256 of some kilobytes fails only without memory */
    EVP_MD_CTX_free(sha);
    EVP_EncodeBlock(base64, digest, (int)len);
    fprintf(out, "'sha256-%s'", (const char *)base64);
}

/* A CSS string: characters that would end it or begin an escape are written as numbers. */
static void print_css_string(FILE *out, const char *text)
{
    char *plain = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&plain, &len);
    html_text(memory, text);            /* cleaned; markup as entities */
    fclose(memory);
    fputc('"', out);
    for (const char *at = plain; *at != '\0'; at++) {
        static const struct { const char *entity; char character; } entities[] = {
            {"&amp;", '&'}, {"&#39;", '\''}, {"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}};
        char character = *at;
        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
            if (strncmp(at, entities[i].entity, strlen(entities[i].entity)) == 0) {
                character = entities[i].character;
                at += strlen(entities[i].entity) - 1;
                break;
            }
        if (strchr("\"\\<>&'\n", character) != NULL)
            fprintf(out, "\\%x ", (unsigned)character);
        else
            fputc(character, out);
    }
    fputc('"', out);
    free(plain);
}

static char *foot_style(const struct page *page)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    fputs("@page{@bottom-left{content:", out);
    print_css_string(out, page->foot);
    fputs(";font:9px system-ui,sans-serif;color:#50575f;overflow-wrap:anywhere}}\n", out);
    fclose(out);
    return text;
}

static void print_head(FILE *out, const struct page *page)
{
    char *foot = foot_style(page);
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; style-src ",
          out);
    print_hash(out, CSS_REPORT, foot);
    fputs("; script-src ", out);
    print_hash(out, JS_REPORT, "");
    html_print(out, "\">\n<title>$t</title>\n<style>$r$r</style>\n</head>\n", page->title, CSS_REPORT, foot);
    free(foot);
}

static void print_title_block(FILE *out, const struct page *page)
{
    fputs("<header>\n", out);
    bool has_name = page->organization != NULL && page->organization[0] != '\0';
    bool has_class = page->classification != NULL && page->classification[0] != '\0';
    if (has_name || has_class)
        html_print(out, "<p class=\"org\"><span>$t</span> <span>$r$t</span></p>\n", page->organization,
                   has_class ? "Classification: " : "", page->classification);
    html_print(out, "<h1>$b</h1>\n", page->title);
    if (page->fact_count > 0)
        fputs("<dl class=\"facts\">\n", out);
    for (size_t i = 0; i < page->fact_count; i++)
        if (page->facts[i].value != NULL && page->facts[i].value[0] != '\0')
            html_print(out, "<div><dt>$t</dt><dd>$t</dd></div>\n", page->facts[i].label, page->facts[i].value);
    html_print(out, "$r</header>\n", page->fact_count > 0 ? "</dl>\n" : "");
}

static void print_contents(FILE *out, const struct page *page)
{
    fputs("<nav aria-label=\"Contents\">\n<h2>Contents</h2>\n<ol>\n", out);
    for (size_t i = 0; i < page->link_count; i++) {
        html_print(out, "<li><a href=\"#$t\">$t</a>", page->links[i].id, page->links[i].title);
        if (page->links[i].count >= 0)
            html_print(out, " <span>$n</span>", page->links[i].count);
        fputs("</li>\n", out);
    }
    fputs("</ol>\n</nav>\n", out);
}

void page_begin(FILE *out, const struct page *page)
{
    print_head(out, page);
    html_print(out, "<body class=\"$t\">\n<a class=\"hid skip\" href=\"#main\">Skip to the text</a>\n", page->kind);
    print_title_block(out, page);
    if (page->link_count > 0)
        print_contents(out, page);
    fputs("<main id=\"main\">\n", out);
}

void page_end(FILE *out, const struct page *page)
{
    html_print(out, "</main>\n<footer>$t</footer>\n<script>$r</script>\n</body>\n</html>\n", page->foot, JS_REPORT);
}

void page_section(FILE *out, const char *id, const char *title, bool whole)
{
    html_print(out, "<section id=\"$t\"$r>\n<h2>$t</h2>\n", id, whole ? " class=\"whole\"" : "", title);
}

void page_section_end(FILE *out)
{
    fputs("</section>\n", out);
}

void page_paragraph(FILE *out, const char *text)
{
    html_print(out, "<p>$t</p>\n", text);
}

void page_tools(FILE *out)
{
    fputs("<div id=\"tools\" class=\"tools\"></div>\n", out);
}

void page_table(FILE *out, const char *kind, const char *caption, bool hidden)
{
    html_print(out, "<table class=\"$t\">\n<caption$r>$t</caption>\n", kind, hidden ? " class=\"hid\"" : "", caption);
}

void page_table_end(FILE *out)
{
    fputs("</tbody>\n</table>\n", out);
}

void page_labelled_day_cell(FILE *out, const char *label, const char *day, const char *days)
{
    long long left = days == NULL ? 0 : atoll(days);
    html_print(out, day == NULL ? "<td class=\"z\"" : left < 0 ? "<td class=\"d late\"" : "<td class=\"d\"");
    if (label != NULL)
        html_print(out, " data-label=\"$t\"", label);
    if (day == NULL)
        fputs(">no day</td>", out);
    else if (left < 0)
        html_print(out, " data-v=\"$t\">$d, $n $r late</td>", day, day, -left, left == -1 ? "day" : "days");
    else
        html_print(out, " data-v=\"$t\">$d</td>", day, day);
}

void page_day_cell(FILE *out, const char *day, const char *days)
{
    page_labelled_day_cell(out, NULL, day, days);
}

void page_number_cell(FILE *out, long long number)
{
    html_print(out, "<td class=\"n$r\">$n</td>", number == 0 ? " z" : "", number);
}

void page_labelled_cell(FILE *out, const char *label, long long number)
{
    html_print(out, "<td class=\"n$r\" data-label=\"$t\">$n</td>", number == 0 ? " z" : "", label, number);
}

void page_severity(FILE *out, const char *severity)
{
    static const char *const words[][2] = {{"critical", "Critical"}, {"high", "High"}, {"medium", "Medium"}, {"low", "Low"}, {"info", "Information"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(severity, words[i][0]) == 0) {
            html_print(out, "<b class=\"sev $r\">$r</b>", words[i][0], words[i][1]);
            return;
        }
    html_text(out, severity);
}
