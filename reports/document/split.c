#include "reports/document/split.h"

#include "inventory/store/db.h"
#include "inventory/store/rights.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/document/letter.h"
#include "reports/document/policy_matter.h"
#include "reports/document/split_folder.h"
#include "reports/document/split_index.h"
#include "reports/exchange/calendar.h"
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
                {.key = "name", .heading = "Certificate"}, {.key = "places", .heading = "Served or recorded at", .kind = COLUMN_LIST},
                {.key = "also_at", .heading = "Also at"}, {.key = "contacts", .heading = "Contacts", .kind = COLUMN_LIST},
                    {.key = "because", .heading = "Because", .kind = COLUMN_PROSE}, {.key = "next_step", .heading = "Next step",
                    .kind = COLUMN_PROSE},
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
                {.key = "also_at", .heading = "Also at"}, {.key = "contacts", .heading = "Contacts", .kind = COLUMN_LIST},
                    {.key = "first_seen", .heading = "First seen", .kind = COLUMN_TIME},
                {.key = "sha256", .heading = "SHA-256", .kind = COLUMN_HASH}},
};

struct split {
    struct document document;
    struct document_options options;
    struct folder *folder;
    struct split_folder *former;
    struct split_line *lines;         /* of owners, then of former ones */
    size_t count, former_count;
    char *judged;               /* what the letters do not know yet; NULL: nothing */
    struct split_due due;       /* of all letters together */
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

/* Is longer the name of shorter's second list? */
static bool is_list_of(const char *longer, const char *shorter)
{
    size_t len = strlen(shorter);
    return strncmp(longer, shorter, len) == 0 && strcmp(longer + len, SPLIT_LIST_ENDING) == 0;
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
    for (const char *at = owner[0] == '\0' ? document_owner_name(owner) : owner; *at != '\0' && len < sizeof plain - 1; at++)
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
    const char *site[] = {split->options.site};
    struct db_result *rows = document_ask(&split->document, SQL_SPLIT_OWNERS, 1, site, err);
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
        split->lines[i] = (struct split_line){.owner = xstrdup(owner), .contacts = xstrdup(""), .stem = stem_of(split, owner, i)};
    }
    db_result_destroy(rows);
    return true;
}

/* What was loaded and not judged since stands in no letter, nor what the policy in use would say: each of them says so, and so do we. */
static bool read_judged(struct split *split, struct error *err)
{
    struct report_state state;
    const struct report_options of = {.site = split->options.site, .is_replay = split->options.is_replay};
    if (!report_state_get(NULL, &of, split->document.db, &state, err))
        return false;
    split->judged = report_state_behind(&state);
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

static bool fill(struct split *split, const struct split_line *line, struct error *err)
{
    const char *owner[] = {line->owner};
    split->options.owner = line->owner;
    if (line->owner[0] == '\0' && !db_exec(split->document.db, SQL_SPLIT_NOBODY, err))
        return false;
    return document_fill(&split->document, err) && db_exec_params(split->document.db, SQL_SPLIT_UNSERVED, 1, owner, err) &&
           db_exec(split->document.db, SQL_SPLIT_ALSO, err);
}

static bool read_line(struct split *split, struct split_line *line, struct error *err)
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

static FILE *begin_file(struct split *split, const struct split_line *line, const char *ending, struct error *err)
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

static bool write_list(struct split *split, const struct split_line *line, const char *ending, const struct report *report, struct error *err)
{
    FILE *out = begin_file(split, line, ending, err);
    if (out == NULL)
        return false;
    return end_file(split, report_write(report, &(struct report_options){0}, split->document.db, &render_csv, out, NULL, err), err);
}

static bool write_letter(struct split *split, const struct split_line *line, struct error *err)
{
    FILE *out = begin_file(split, line, ".html", err);
    if (out == NULL)
        return false;
    const struct letter letter = {
        .contacts = line->contacts, .stem = line->stem, .judged = split->judged, .certificates = split_line_count(line, LINE_CERTIFICATES),
            .unserved = split_line_count(line, LINE_UNSERVED),
        .filed = split_line_count(line, LINE_FILED), .places = split_line_count(line, LINE_PLACES), .next_end = line->fields[LINE_END],
            .next_name = line->fields[LINE_END_NAME],
        .ended = split_line_count(line, LINE_ENDED), .ended_on = line->fields[LINE_ENDED_ON],
        .has_findings = split_line_count(line, LINE_FINDINGS) > 0, .has_calendar = line->has_calendar};
    return end_file(split, letter_write(&split->document, &letter, out, err), err);
}

/* Brings the owner's events up to date, by what the document is filled with; as of another day there are none. Their file is written once that is
 * kept: a number that only the file has would be given again, to another change. */
static bool update_calendar(struct split *split, struct split_line *line, struct error *err)
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
static bool write_calendar(struct split *split, const struct split_line *line, struct error *err)
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

/* For the index: what this letter tells, each certificate and server once, however many owners have it. */
static bool add_due(struct split *split, struct error *err)
{
    return db_exec(split->document.db, SQL_SPLIT_DUE_ADD, err);
}

static bool read_due(struct split *split, struct error *err)
{
    struct db_result *row = document_ask(&split->document, SQL_SPLIT_DUE, 0, NULL, err);
    if (row == NULL)
        return false;
    split->due = (struct split_due){.overdue = db_int(row, 0, 0), .week = db_int(row, 0, 1), .month = db_int(row, 0, 2), .all = db_int(row, 0, 3)};
    db_result_destroy(row);
    return true;
}

static bool write_owner(struct split *split, struct split_line *line, struct error *err)
{
    return fill(split, line, err) && add_due(split, err) && read_line(split, line, err) && update_calendar(split, line, err) &&
           write_letter(split, line, err) &&
           write_list(split, line, ".csv", &findings_of_owner, err) &&
           write_list(split, line, SPLIT_LIST_ENDING ".csv", &certificates_of_owner, err);
}

/* The page, and in it what is for the policy, and for no owner. */
static bool make_index(struct split *split, struct error *err)
{
    char *matter = NULL;
    size_t matter_len = 0;
    FILE *out = open_memstream(&matter, &matter_len);
    bool ok = policy_matter_print(&split->document, out, err);
    fclose(out);
    out = open_memstream(&split->index, &split->index_len);
    const struct split_index index = {.document = &split->document, .options = &split->options, .lines = split->lines, .count = split->count,
                                      .former_count = split->former_count, .certificates = split->certificates, .due = split->due,
                                      .matter = matter, .matter_len = matter_len, .judged = split->judged};
    split_index_print(&index, out);
    fclose(out);
    free(matter);
    return ok;
}

static bool write_letters(struct split *split, struct error *err)
{
    if (!read_owners(split, err) || !read_former(split, err) || !read_judged(split, err) || !read_together(split, err) ||
        (split->former = split_folder_begin(split->folder, err)) == NULL)
        return false;
    for (size_t i = 0; i < split->count; i++)
        if (!write_owner(split, &split->lines[i], err))
            return false;
    qsort(split->lines, split->count, sizeof *split->lines, split_line_compare);
    if (!db_exec(split->document.db, SQL_DOCUMENT_CLEAR, err))
        return false;
    for (size_t i = 0; i < split->former_count; i++)
        if (!update_calendar(split, &split->lines[split->count + i], err))
            return false;
    return read_due(split, err) && make_index(split, err);
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
        struct split_line *line = &split->lines[i];
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
