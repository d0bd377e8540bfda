#include "reports/notices/digest.h"

#include "probes/base/clean_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "reports/document/document.h"
#include "reports/html.h"

#include <gmime/gmime.h>
#include <jansson.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* What a contact gets as an owner comes first, what it gets as a manager behind it. */
static size_t own_count(const struct digest *digest)
{
    size_t count = 0;
    while (count < digest->count && !digest->items[count].is_escalated)
        count++;
    return count;
}

static const char *late_word(long long days)
{
    return days == -1 ? "day" : "days";
}

static char *escalated_subject(const struct digest *digest)
{
    const struct digest_item *first = &digest->items[0];
    if (digest->count > 1)
        return xasprintf("Escalated: %zu certificates are overdue, the first since %s", digest->count, html_day_text(first->act_by));
    char *name = clean_text(first->name), *owner = clean_text(first->owner);
    char *subject = xasprintf("Escalated: %.200s, %lld %s late, %.100s", name, -first->days, late_word(first->days), owner[0] == '\0' ? "no owner" : owner);
    free(name);
    free(owner);
    return subject;
}

char *digest_subject(const struct digest *digest)
{
    const struct digest_item *first = &digest->items[0];
    size_t own = own_count(digest);
    if (own == 0)
        return escalated_subject(digest);
    const char *day = html_day_text(first->act_by);
    if (digest->count == 1) {
        char *name = clean_text(first->name), *subject = xasprintf("%.200s: %s %s", name, first->days < 0 ? "late since" : "renew by", day);
        free(name);
        return subject;
    }
    char *more = own == digest->count ? xstrdup("") : xasprintf("; %zu more escalated to you", digest->count - own);
    char *subject = xasprintf("%zu %s renewal, the first %s %s%s", own, own == 1 ? "certificate needs" : "certificates need",
                              first->days < 0 ? "was due" : "by", day, more);
    free(more);
    return subject;
}

/* ---- sentences: the same in text and HTML ---- */

static const char escalated_end[] = "You get this as the manager of the owner named, or as the policy's contact for what stays overdue. "
    "Please see that somebody does it, or answer who should.";
static const char own_end[] = "A later scan sees the change and ends these notices; you need not report it. If a certificate is not yours, answer and say "
    "whose it is. Nobody asks you for a private key: do not send one.";

static char *part_title(const struct digest *digest, bool is_escalated)
{
    size_t own = own_count(digest), count = is_escalated ? digest->count - own : own;
    if (!is_escalated)
        return count == 1 ? xstrdup("This certificate needs work:") : xstrdup("These certificates need work, first day first:");
    return xasprintf("%s past the last safe day, and no scan since has seen a change:", count == 1 ? "This certificate is" : "These certificates are");
}

/* "Told before: tls@parks.example, last on 3 Nov 2026." Yours. */
static char *told_text(const struct digest_item *item)
{
    if (item->told == NULL)
        return xstrdup("Told before: nobody, since the owner has no contact.");
    if (item->told_on == NULL)
        return xasprintf("Not told before: a notice to %s is due today, too.", item->told);
    return xasprintf("Told before: %s, last on %s.", item->told, html_day_text(item->told_on));
}

/* Days in UTC are what readers expect of a machine; others are named. */
static bool is_of_utc(const struct digest_item *item)
{
    return item->zone == NULL || strcmp(item->zone, "UTC") == 0;
}

static void plain_item(FILE *out, const struct digest_item *item)
{
    clean_text_print(out, "%s\n  by %s", item->name, html_day_text(item->act_by));
    if (item->days < 0)
        fprintf(out, " (LATE, %lld %s)", -item->days, late_word(item->days));
    clean_text_print(out, "\n  valid until %s%s%s", html_day_text(item->not_after), is_of_utc(item) ? "" : ", days in ", is_of_utc(item) ? "" : item->zone);
    if (item->places != NULL)
        clean_text_print(out, item->is_unseen ? ", recorded at %s" : ", served at %s", item->places);
    clean_text_print(out, "\n  %s\n  owner %s, ", item->next_step, item->owner[0] == '\0' ? "nobody" : document_owner_name(item->owner));
    if (!item->is_escalated)
        clean_text_print(out, strcmp(item->step, "expired") == 0 ? "told that it has ended, " : "told at %s left, ", item->step);
    clean_text_print(out, item->sha256 == NULL ? "known by its record alone\n" : "SHA-256 %s\n", item->sha256);
    if (item->is_escalated) {
        char *told = told_text(item);
        clean_text_print(out, "  %s\n", told);
        free(told);
    }
    fputc('\n', out);
}

static void plain_part(FILE *out, const struct digest *digest, bool is_escalated)
{
    size_t own = own_count(digest), from = is_escalated ? own : 0, to = is_escalated ? digest->count : own;
    if (from == to)
        return;
    char *title = part_title(digest, is_escalated);
    fprintf(out, "%s\n\n", title);
    for (size_t i = from; i < to; i++)
        plain_item(out, &digest->items[i]);
    fprintf(out, "%s\n", is_escalated ? escalated_end : own_end);
    if (!is_escalated && own < digest->count)
        fputc('\n', out);
    free(title);
}

char *digest_text(const struct digest *digest)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    plain_part(out, digest, false);
    plain_part(out, digest, true);
    fclose(out);
    return text;
}

static void html_item(FILE *out, const struct digest_item *item)
{
    html_print(out, "<tr valign=\"top\" style=\"border-top:1px solid #d9dde2\"><td style=\"padding:6px 16px 6px 0\"><b>$t</b><br>valid until $d$r$t<br>$t</td>"
                    "<td style=\"padding:6px 16px 6px 0;white-space:nowrap\">$r$d$r</td><td style=\"padding:6px 0\">$t",
               item->name, item->not_after, is_of_utc(item) ? "" : ", days in ", is_of_utc(item) ? "" : item->zone, item->places,
                   item->days < 0 ? "<b style=\"color:#a61b12\">" : "", item->act_by,
               item->days < 0 ? ", late</b>" : "", item->next_step);
    if (item->is_escalated) {
        char *told = told_text(item);
        html_print(out, "<br>Owner: $t. $t", item->owner[0] == '\0' ? "nobody" : document_owner_name(item->owner), told);
        free(told);
    }
    fputs("</td></tr>\n", out);
}

static void html_part(FILE *out, const struct digest *digest, bool is_escalated)
{
    size_t own = own_count(digest), from = is_escalated ? own : 0, to = is_escalated ? digest->count : own;
    if (from == to)
        return;
    char *title = part_title(digest, is_escalated);
    html_print(out, "<p>$t</p>\n<table style=\"border-collapse:collapse;font-size:14px;line-height:20px\">\n<tr><th align=\"left\">Certificate</th>"
                    "<th align=\"left\">By</th><th align=\"left\">What to do</th></tr>\n", title);
    for (size_t i = from; i < to; i++)
        html_item(out, &digest->items[i]);
    html_print(out, "</table>\n<p>$t</p>\n", is_escalated ? escalated_end : own_end);
    free(title);
}

static char *digest_html(const struct digest *digest)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Certificates</title></head>\n"
          "<body style=\"font:16px/24px system-ui,sans-serif;color:#16191d;max-width:680px\">\n", out);
    html_part(out, digest, false);
    html_part(out, digest, true);
    fputs("</body></html>\n", out);
    fclose(out);
    return text;
}

char *digest_id(const struct digest *digest)
{
    unsigned char hash[32];
    char hex[65], *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    fprintf(out, "%s\n", digest->contact);
    for (size_t i = 0; i < digest->count; i++)
        fprintf(out, "%s %s\n", digest->items[i].key, digest->items[i].step);
    fclose(out);
    SHA256((const unsigned char *)text, len, hash);
    hex_format(hash, sizeof hash, hex);
    free(text);
    return xasprintf("%.40s", hex);
}

static GMimeObject *text_part(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text);
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_OBJECT(part);
}

/* A newline in it would be encoded, and a mail program that decodes it refuses the message or shows a second header. */
static char *one_line(const char *text)
{
    char *line = text == NULL ? NULL : xstrdup(text);
    for (char *at = line; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    return line;
}

char *digest_answer_to(const char *organization, const char *address)
{
    char *name = one_line(organization), *text = name == NULL || *name == '\0' ? xstrdup(address) : xasprintf("%s at %s", name, address);
    char *clean = clean_text(text);
    free(name);
    free(text);
    return clean;
}

static void set_headers(GMimeMessage *message, const struct digest *digest)
{
    char *subject = digest_subject(digest), *id = digest_id(digest), *message_id = xasprintf("%s@certsweep", id);
    char *organization = one_line(digest->organization);
    GDateTime *now = g_date_time_new_now_utc();
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, organization, digest->from);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, digest->contact);
    if (digest->reply_to != NULL)
        g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_REPLY_TO, NULL, digest->reply_to);
    g_mime_message_set_subject(message, subject, "utf-8");
    g_mime_message_set_message_id(message, message_id);
    g_mime_message_set_date(message, now);
    g_mime_object_set_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated", NULL);     /* RFC 3834, 5 */
    g_date_time_unref(now);
    free(organization);
    free(subject);
    free(message_id);
    free(id);
}

char *digest_message(const struct digest *digest, size_t *len)
{
    g_mime_init();
    GMimeMessage *message = g_mime_message_new(TRUE);
    GMimeMultipart *parts = g_mime_multipart_new_with_subtype("alternative");
    char *text = digest_text(digest), *html = digest_html(digest);
    GMimeObject *plain = text_part("plain", text), *marked = text_part("html", html);
    set_headers(message, digest);
    g_mime_multipart_add(parts, plain);
    g_mime_multipart_add(parts, marked);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(parts));
    GMimeFormatOptions *format = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    char *whole = g_mime_object_to_string(GMIME_OBJECT(message), format);
    g_mime_format_options_free(format);
    g_object_unref(plain);
    g_object_unref(marked);
    g_object_unref(parts);
    g_object_unref(message);
    free(text);
    free(html);
    char *copy = xstrdup(whole);
    *len = strlen(copy);
    g_free(whole);
    return copy;
}

static json_t *clean_json(const char *text)
{
    char *clean = text == NULL ? NULL : clean_text(text);
    json_t *value = clean == NULL ? json_null() : json_string(clean);
    free(clean);
    return value;
}

char *digest_json(const struct digest *digest)
{
    char *subject = digest_subject(digest), *text = digest_text(digest), *id = digest_id(digest);
    json_t *items = json_array();
    for (size_t i = 0; i < digest->count; i++) {
        const struct digest_item *item = &digest->items[i];
        json_array_append_new(items, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:b, s:o}", "certificate", clean_json(item->name), "sha256",
                                               clean_json(item->sha256), "owner", clean_json(item->owner), "step", clean_json(item->step),
                                               "not_after", clean_json(item->not_after), "act_by", clean_json(item->act_by), "zone", clean_json(item->zone), "late",
                                               item->days < 0, "places", clean_json(item->places), "next_step", clean_json(item->next_step), "escalated",
                                               item->is_escalated, "told", clean_json(item->told)));
    }
    json_t *document = json_pack("{s:s, s:o, s:o, s:o, s:o}", "id", id, "contact", clean_json(digest->contact), "subject", clean_json(subject), "text",
                                 clean_json(text), "notices", items);
    char *json = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    free(subject);
    free(text);
    free(id);
    return json;
}
