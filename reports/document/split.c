#include "reports/document/split.h"

#include "inventory/store/db.h"
#include "inventory/store/rights.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/document/letter.h"
#include "reports/document/split_folder.h"
#include "reports/exchange/calendar.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/render.h"
#include "reports_document_sql.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The lists of the owner that the document is filled with. They are queried here, since they read its temporary tables. */
static const struct report findings_of_owner = {
    .name = "owner-findings",
    .title = "Findings",
    .sql = SQL_SPLIT_FINDINGS,
    .columns = {{.key = "act_by", .heading = "Act by", .kind = COLUMN_TIME}, {.key = "severity", .heading = "Severity", .kind = COLUMN_SEVERITY},
                {.key = "rule", .heading = "Rule"}, {.key = "finding", .heading = "Finding", .kind = COLUMN_PROSE},
                {.key = "name", .heading = "Certificate"}, {.key = "places", .heading = "Served at", .kind = COLUMN_LIST},
                {.key = "also_at", .heading = "Also at"}, {.key = "contacts", .heading = "Contacts", .kind = COLUMN_LIST}, {.key = "because", .heading = "Because", .kind = COLUMN_PROSE}, {.key = "next_step", .heading = "Next step", .kind = COLUMN_PROSE},
                {.key = "source", .heading = "Source"}, {.key = "not_after", .heading = "Valid until", .kind = COLUMN_TIME},
                {.key = "sha256", .heading = "SHA-256", .kind = COLUMN_HASH}},
};
static const struct report certificates_of_owner = {
    .name = "owner-certificates",
    .title = "Certificates",
    .sql = SQL_SPLIT_CERTIFICATES,
    .columns = {{.key = "name", .heading = "Certificate"}, {.key = "record", .heading = "Record"}, {.key = "issuer_class", .heading = "Issuer is"},
                {.key = "issuer", .heading = "Issuer"}, {.key = "serial_number", .heading = "Serial number"},
                {.key = "not_after", .heading = "Valid until", .kind = COLUMN_TIME}, {.key = "key", .heading = "Key"},
                {.key = "places", .heading = "Served at", .kind = COLUMN_LIST}, {.key = "files", .heading = "Lies in", .kind = COLUMN_LIST},
                {.key = "also_at", .heading = "Also at"}, {.key = "contacts", .heading = "Contacts", .kind = COLUMN_LIST}, {.key = "first_seen", .heading = "First seen", .kind = COLUMN_TIME},
                {.key = "sha256", .heading = "SHA-256", .kind = COLUMN_HASH}},
};

enum { LINE_CERTIFICATES, LINE_UNSERVED, LINE_PLACES, LINE_TO_HANDLE, LINE_OVERDUE, LINE_SEVERITY, LINE_NAME, LINE_TITLE, LINE_NEXT_DAY, LINE_DAYS, LINE_END, LINE_END_NAME, LINE_WEEK, LINE_MONTH,
       LINE_FILED, LINE_FINDINGS, LINE_FIELDS };

/* An owner's files and its line of the index. Of a former owner, who gets no letter any more, it has no fields. */
struct line {
    char *owner, *contacts, *stem;
    char *fields[LINE_FIELDS];
    bool has_calendar;          /* or nothing ever had a day */
};

struct split {
    struct document document;
    struct document_options options;
    struct folder *folder;
    struct split_folder *former;
    struct line *lines;         /* of owners, then of former ones */
    size_t count, former_count;
    char *judged;               /* what the letters do not know yet; NULL: nothing */
    char *index;                /* the page, to be written last */
    size_t index_len;
    long long certificates;     /* of all letters together, each once */
};

/* Ours, and those of devices, which Windows opens in every folder, whatever follows the point. */
static bool is_reserved(const char *stem)
{
    static const char *const names[] = {"index", "con", "prn", "aux", "nul"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(stem, names[i]) == 0)
            return true;
    return strlen(stem) == 4 && (strncmp(stem, "com", 3) == 0 || strncmp(stem, "lpt", 3) == 0) && isdigit((unsigned char)stem[3]);
}

#define LIST_ENDING "-certificates"     /* of the second list's name, ahead of .csv */

/* Is longer the name of shorter's second list? */
static bool is_list_of(const char *longer, const char *shorter)
{
    size_t len = strlen(shorter);
    return strncmp(longer, shorter, len) == 0 && strcmp(longer + len, LIST_ENDING) == 0;
}

/* Would two letters write a file of the same name? */
static bool is_same_file(const char *one, const char *other)
{
    return strcmp(one, other) == 0 || is_list_of(one, other) || is_list_of(other, one);
}

/* "department-of-transport": a name valid on every file system. Owners whose files would have equal names get a number. */
static char *stem_of(const struct split *split, const char *owner, size_t before)
{
    char plain[64];
    size_t len = 0;
    for (const char *at = document_owner_name(owner); *at != '\0' && len < sizeof plain - 1; at++)
        if (isascii(*at) && isalnum((unsigned char)*at))
            plain[len++] = (char)tolower((unsigned char)*at);
        else if (len > 0 && plain[len - 1] != '-')
            plain[len++] = '-';
    while (len > 0 && plain[len - 1] == '-')
        len--;
    plain[len] = '\0';
    if (len == 0 || is_reserved(plain))
        len = (size_t)snprintf(plain, sizeof plain, "owner");
    char *stem = xstrdup(plain);
    for (unsigned number = 2;; number++) {
        bool is_taken = false;
        for (size_t i = 0; i < before; i++)
            is_taken |= is_same_file(split->lines[i].stem, stem);
        if (!is_taken)
            return stem;
        free(stem);
        stem = xasprintf("%s-%u", plain, number);
    }
}

static bool read_owners(struct split *split, struct error *err)
{
    struct db_result *rows = document_ask(&split->document, SQL_SPLIT_OWNERS, 0, NULL, err);
    if (rows == NULL)
        return false;
    split->count = db_rows(rows);
    split->lines = xcalloc(split->count == 0 ? 1 : split->count, sizeof *split->lines);
    for (size_t i = 0; i < split->count; i++) {
        const char *contacts = db_value(rows, i, 1);
        split->lines[i].owner = xstrdup(db_value(rows, i, 0));
        split->lines[i].contacts = xstrdup(contacts == NULL ? "" : contacts);
        split->lines[i].stem = stem_of(split, split->lines[i].owner, i);
    }
    db_result_destroy(rows);
    return true;
}

static const char *site_of(const struct split *split)
{
    return split->options.site == NULL ? "" : split->options.site;
}

/* Whose calendars have something to cancel; as of another day none is written. */
static bool read_former(struct split *split, struct error *err)
{
    const char *site[] = {site_of(split)};
    if (split->options.is_replay)
        return true;
    struct db_result *rows = document_ask(&split->document, SQL_SPLIT_FORMER, 1, site, err);
    if (rows == NULL)
        return false;
    split->former_count = db_rows(rows);
    split->lines = xreallocarray(split->lines, split->count + split->former_count + 1, sizeof *split->lines);
    for (size_t i = split->count; i < split->count + split->former_count; i++) {
        const char *owner = db_value(rows, i - split->count, 0);
        split->lines[i] = (struct line){.owner = xstrdup(owner), .contacts = xstrdup(""), .stem = stem_of(split, owner, i)};
    }
    db_result_destroy(rows);
    return true;
}

/* What was loaded and not judged since stands in no letter: each of them says so, and so do we. */
static bool read_judged(struct split *split, struct error *err)
{
    struct report_state state;
    const struct report_options of = {.site = split->options.site, .is_replay = split->options.is_replay};
    if (!report_state_get(&findings_of_owner, &of, split->document.db, &state, err))
        return false;
    if (state.as_of[0] != '\0' && state.waiting > 0)
        split->judged = xasprintf("as of %s; %s since %s not judged yet", state.as_of, COUNTED(state.waiting, "change"), state.waiting == 1 ? "is" : "are");
    if (split->judged != NULL)
        log_warning("the letters are judged %s. Next: certsweep reconcile, then write them again", split->judged);
    return true;
}

/* What is the same for all letters. */
static bool read_together(struct split *split, struct error *err)
{
    struct db_result *total = !db_exec(split->document.db, SQL_SPLIT_SHARED, err) ? NULL : document_ask(&split->document, SQL_SPLIT_TOTAL, 0, NULL, err);
    split->certificates = total == NULL ? 0 : db_int(total, 0, 0);
    db_result_destroy(total);
    return total != NULL;
}

static bool fill(struct split *split, const struct line *line, struct error *err)
{
    const char *owner[] = {line->owner};
    split->options.owner = line->owner;
    return document_fill(&split->document, err) && db_exec_params(split->document.db, SQL_SPLIT_UNSERVED, 1, owner, err) &&
           db_exec(split->document.db, SQL_SPLIT_ALSO, err);
}

static bool read_line(struct split *split, struct line *line, struct error *err)
{
    struct db_result *row = document_ask(&split->document, SQL_SPLIT_COUNT, 0, NULL, err);
    if (row == NULL)
        return false;
    for (size_t i = 0; i < LINE_FIELDS; i++) {
        const char *value = db_value(row, 0, i);
        line->fields[i] = value == NULL ? NULL : xstrdup(value);
    }
    db_result_destroy(row);
    return true;
}

static FILE *begin_file(struct split *split, const struct line *line, const char *ending, struct error *err)
{
    char *name = xasprintf("%s%s", line->stem, ending);
    FILE *out = folder_begin(split->folder, name, err);
    free(name);
    return out;
}

static bool end_file(struct split *split, bool ok, struct error *err)
{
    return folder_end(split->folder, ok, err) && ok;
}

static bool write_list(struct split *split, const struct line *line, const char *ending, const struct report *report, struct error *err)
{
    FILE *out = begin_file(split, line, ending, err);
    if (out == NULL)
        return false;
    return end_file(split, report_write(report, &(struct report_options){0}, split->document.db, &render_csv, out, NULL, err), err);
}

static long long count_of(const struct line *line, size_t field)
{
    return atoll(line->fields[field]);
}

static bool write_letter(struct split *split, const struct line *line, struct error *err)
{
    FILE *out = begin_file(split, line, ".html", err);
    if (out == NULL)
        return false;
    const struct letter letter = {
        .contacts = line->contacts, .stem = line->stem, .judged = split->judged, .certificates = count_of(line, LINE_CERTIFICATES), .unserved = count_of(line, LINE_UNSERVED),
        .filed = count_of(line, LINE_FILED), .places = count_of(line, LINE_PLACES), .next_end = line->fields[LINE_END], .next_name = line->fields[LINE_END_NAME],
        .has_findings = count_of(line, LINE_FINDINGS) > 0, .has_calendar = line->has_calendar};
    return end_file(split, letter_write(&split->document, &letter, out, err), err);
}

/* Brings the owner's events up to date, by what the document is filled with; as of another day there are none. Their file is written once that is
 * kept: a number that only the file has would be given again, to another change. */
static bool update_calendar(struct split *split, struct line *line, struct error *err)
{
    const char *params[] = {line->owner, site_of(split), split->options.title.answer_to};
    if (split->options.is_replay)
        return true;
    struct db_result *events = !db_exec_params(split->document.db, SQL_SPLIT_CALENDAR, 3, params, err)
                                   ? NULL : calendar_events(split->document.db, line->owner, site_of(split), err);
    line->has_calendar = events != NULL && db_rows(events) > 0;
    db_result_destroy(events);
    return events != NULL;
}

/* RFC 5545 wants a component in a calendar: where there is no event, there is no file. */
static bool write_calendar(struct split *split, const struct line *line, struct error *err)
{
    if (!line->has_calendar)
        return true;
    struct db_result *events = calendar_events(split->document.db, line->owner, site_of(split), err);
    FILE *out = events == NULL ? NULL : begin_file(split, line, ".ics", err);
    if (out != NULL)
        calendar_write(events, out);
    db_result_destroy(events);
    return out != NULL && end_file(split, true, err);
}

static bool write_owner(struct split *split, struct line *line, struct error *err)
{
    return fill(split, line, err) && read_line(split, line, err) && update_calendar(split, line, err) && write_letter(split, line, err) &&
           write_list(split, line, ".csv", &findings_of_owner, err) &&
           write_list(split, line, LIST_ENDING ".csv", &certificates_of_owner, err);
}

/* The most urgent first, as the document has its owners. */
static int compare_lines(const void *left, const void *right)
{
    static const size_t fields[] = {LINE_OVERDUE, LINE_WEEK, LINE_MONTH, LINE_TO_HANDLE};
    const struct line *a = left, *b = right;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (count_of(a, fields[i]) != count_of(b, fields[i]))
            return count_of(a, fields[i]) > count_of(b, fields[i]) ? -1 : 1;
    return strcmp(a->owner, b->owner);
}

static void print_index_counts(FILE *out, const struct line *line)
{
    long long certificates = count_of(line, LINE_CERTIFICATES), overdue = count_of(line, LINE_OVERDUE);
    html_print(out, "<td class=\"n\" data-label=\"Certificates\" data-v=\"$t\">$n", line->fields[LINE_CERTIFICATES], certificates);
    if (count_of(line, LINE_UNSERVED) > 0)
        html_print(out, "<br><span class=\"soft\">$n not served</span>", count_of(line, LINE_UNSERVED));
    fputs("</td>", out);
    page_labelled_cell(out, "To handle", count_of(line, LINE_TO_HANDLE));
    if (overdue > 0)
        html_print(out, "<td class=\"n\" data-label=\"Overdue\"><b class=\"bad\">▲ $n</b></td>", overdue);
    else
        page_labelled_cell(out, "Overdue", 0);
}

static void print_index_row(FILE *out, const struct line *line)
{
    const char *severity = line->fields[LINE_SEVERITY];
    html_print(out, "<tr><th scope=\"row\"><a href=\"$t.html\">$t</a><br><span class=\"soft\">$b</span></th>",
               line->stem, document_owner_name(line->owner), line->owner[0] == '\0' ? "for the sender" : line->contacts[0] == '\0' ? "no contact" : line->contacts);
    print_index_counts(out, line);
    fputs("<td data-label=\"First step\">", out);
    if (severity != NULL) {
        page_severity(out, severity);
        html_print(out, " $b<br>$t", document_short(line->fields[LINE_NAME]), line->fields[LINE_TITLE]);
    } else {
        fputs("<span class=\"z\">nothing due</span>", out);
        if (line->fields[LINE_END] != NULL)
            html_print(out, "<br><span class=\"soft\">next end $d</span>", line->fields[LINE_END]);
    }
    fputs("</td>", out);
    page_labelled_day_cell(out, "Next day", line->fields[LINE_NEXT_DAY], line->fields[LINE_DAYS]);
    fputs("<td data-label=\"Files\">", out);
    if (count_of(line, LINE_FINDINGS) > 0)
        html_print(out, "<a href=\"$t.csv\">findings</a>, ", line->stem);
    html_print(out, "<a href=\"$t" LIST_ENDING ".csv\">certificates</a>", line->stem);
    if (line->has_calendar)
        html_print(out, ", <a href=\"$t.ics\">calendar</a>", line->stem);
    fputs("</td></tr>\n", out);
}

static void print_former(const struct split *split, FILE *out)
{
    if (split->former_count == 0)
        return;
    fputs("<p>Without a letter now:</p>\n<ul>\n", out);
    for (size_t i = split->count; i < split->count + split->former_count; i++)
        html_print(out, "<li>$b: no longer an owner of anything; its <a href=\"$t.ics\">calendar</a> cancels what it held</li>\n",
                   document_owner_name(split->lines[i].owner), split->lines[i].stem);
    fputs("</ul>\n", out);
}

static void print_index(struct split *split, FILE *out)
{
    const struct document_title *title = &split->options.title;
    const struct page_fact facts[] = {{"As of", html_day_full(document_fact(&split->document, "as_of_day"))},
                                      {"Judged", split->judged},
                                      {"From", title->author},
                                      {"Reference", title->reference},
                                      {"Written by", split->options.written_by}};
    const struct page page = {.title = "Letters to the owners", .kind = "single", .organization = title->organization,
                              .classification = title->classification, .foot = "Letters to the owners", .facts = facts,
                              .fact_count = sizeof facts / sizeof facts[0]};
    page_begin(out, &page);
    page_section(out, "owners", "Owners", false);
    page_paragraph(out, "One letter each, with only their own certificates in it. This index is for the sender. To handle: certificates and "
                        "servers with a finding that has a day to act by, each once.");
    html_print(out, "<p>Together $n different $r; one of several owners counts at each of them, and its letters name the others. Not served: recorded, or in a "
                    "file alone.</p>\n", split->certificates, html_many(split->certificates, "certificate", "certificates"));
    page_tools(out);
    page_table(out, "rows", "Owners and their letters", true);
    fputs("<thead><tr><th scope=\"col\">Owner</th><th scope=\"col\" class=\"n\">Certificates</th><th scope=\"col\" class=\"n\">To handle</th>"
          "<th scope=\"col\" class=\"n\">Overdue</th><th scope=\"col\">First step</th><th scope=\"col\">Next day</th><th scope=\"col\">Files</th>"
          "</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < split->count; i++)
        print_index_row(out, &split->lines[i]);
    page_table_end(out);
    print_former(split, out);
    if (split->options.is_replay)
        page_paragraph(out, "No calendars: these letters are as of another day, and a calendar is of today.");
    page_section_end(out);
    page_end(out, &page);
}

static bool write_letters(struct split *split, struct error *err)
{
    if (!read_owners(split, err) || !read_former(split, err) || !read_judged(split, err) || !read_together(split, err) ||
        (split->former = split_folder_begin(split->folder, err)) == NULL)
        return false;
    for (size_t i = 0; i < split->count; i++)
        if (!write_owner(split, &split->lines[i], err))
            return false;
    qsort(split->lines, split->count, sizeof *split->lines, compare_lines);
    if (!db_exec(split->document.db, SQL_DOCUMENT_CLEAR, err))
        return false;
    for (size_t i = 0; i < split->former_count; i++)
        if (!update_calendar(split, &split->lines[split->count + i], err))
            return false;
    FILE *out = open_memstream(&split->index, &split->index_len);
    print_index(split, out);
    fclose(out);
    return true;
}

/* Calendars once their events are kept, the index last. */
static bool publish(struct split *split, struct error *err)
{
    for (size_t i = 0; !split->options.is_replay && i < split->count + split->former_count; i++)
        if (!write_calendar(split, &split->lines[i], err))
            return false;
    FILE *out = !split_folder_end(split->former, err) ? NULL : folder_begin(split->folder, "index.html", err);
    if (out == NULL)
        return false;
    fwrite(split->index, 1, split->index_len, out);
    return end_file(split, true, err);
}

static void clear(struct split *split)
{
    for (size_t i = 0; i < split->count + split->former_count; i++) {
        struct line *line = &split->lines[i];
        for (size_t field = 0; field < LINE_FIELDS; field++)
            free(line->fields[field]);
        free(line->owner);
        free(line->contacts);
        free(line->stem);
    }
    free(split->lines);
    free(split->index);
    free(split->judged);
    split_folder_free(split->former);
}

bool split_write(const struct document_options *options, struct db *db, struct folder *folder, size_t *owners, struct error *err)
{
    struct split split = {.options = *options, .folder = folder};
    split.options.owner = NULL;         /* everybody's places; each letter fills in its owner */
    split.options.is_of_letters = true;
    if ((!options->is_replay && !rights_require(db, "calendar_event", "and letters keep what their calendars hold", err)) ||
        !document_open(&split.document, db, &split.options, err))
        return false;
    bool ok = write_letters(&split, err);
    if (ok && !options->is_replay)
        ok = document_commit(&split.document, err);
    else
        document_close(&split.document);
    ok = ok && publish(&split, err);
    if (owners != NULL)
        *owners = split.count;
    clear(&split);
    return ok;
}
