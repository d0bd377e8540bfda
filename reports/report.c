#include "reports/report.h"

#include "inventory/store/db.h"
#include "probes/base/memory.h"
#include "probes/base/stream_fault.h"
#include "probes/base/suggest.h"
#include "reports/due_table.h"
#include "reports/next_command.h"
#include "reports/render.h"
#include "reports/report_cursor.h"
#include "reports/report_groups.h"
#include "reports/xlsx_book.h"
#include "reports_sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The state of one report. */
struct stream {
    const struct report *report;
    void (*row)(void *context, const char *const *values);
    void *context;
    size_t columns;
    size_t rows, limit;         /* limit 0: none */
    bool has_more;
    struct report_groups *groups;       /* NULL: rows are written as they are */
    size_t group;               /* the column that is counted */
    char *lead, *note;          /* render_end's */
    bool has_cursor;            /* a list in its own order, cut */
    size_t before;              /* rows of the pages before */
    char *next;                 /* the cursor of the last row */
};

static void stream_clear(struct stream *stream)
{
    free(stream->lead);
    free(stream->note);
    free(stream->next);
}

static bool on_values(void *context, const char *const *values)
{
    struct stream *stream = context;
    if (stream->limit != 0 && stream->rows == stream->limit) {
        stream->has_more = true;
        return stream->report->rows == NULL;            /* the statement returns one row more than asked for */
    }
    if (stream->groups != NULL)
        report_groups_add(stream->groups, values[stream->group]);
    else
        stream->row(stream->context, values);
    stream->rows++;
    return true;
}

static bool on_row(void *context, const struct db_result *row)
{
    const struct stream *stream = context;
    const char *values[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < stream->columns; i++)
        values[i] = db_value(row, 0, i);
    return on_values(context, values);
}

static bool on_page_row(void *context, const struct db_result *row)
{
    struct stream *stream = context;
    const char *end = db_value(row, 0, stream->columns + 1);
    if (end != NULL && stream->next == NULL)
        stream->next = report_cursor_write(stream->report, end, stream->before + stream->limit);
    return on_row(context, row);
}

/* The statement's parameters. */
struct asked {
    json_t *filter;
    char *text, limit[24];
    const char *sort_up, *sort_down;
    struct db_result *near;
};

/* Goes on where the page before ended. */
static bool set_after(const struct report *report, const struct report_options *options, struct asked *asked, size_t *before, struct error *err)
{
    json_t *key = options->after == NULL ? NULL : report_cursor_read(report, options->after, before, err);
    if (key != NULL)
        json_object_set_new(asked->filter, "after", key);
    return options->after == NULL || key != NULL;
}

/* What was asked for, with the site. NULL on failure. */
static json_t *filter_read(const struct report *report, const struct report_options *options, struct error *err)
{
    json_t *filter = options->filter == NULL ? json_object() : json_loads(options->filter, 0, NULL);
    if (filter == NULL)
        error_set(err, ERROR_USAGE, "report %s: its filter is no JSON object", report->name);
    else if (options->site != NULL)
        json_object_set_new(filter, "site", json_string(options->site));
    return filter;
}

static bool asked_set(const struct report *report, const struct report_options *options, struct asked *asked, size_t *before, struct error *err)
{
    asked->filter = filter_read(report, options, err);
    if (asked->filter == NULL)
        return false;
    if (options->is_brief)
        json_object_set_new(asked->filter, "brief", json_true());
    if (report->narrows != NULL)
        json_object_set_new(asked->filter, report->narrows, json_true());
    if (!set_after(report, options, asked, before, err))
        return false;
    asked->text = json_dumps(asked->filter, JSON_COMPACT | JSON_SORT_KEYS);
    snprintf(asked->limit, sizeof asked->limit, "%zu", options->limit + 1);
    if (options->sort != NULL && options->sort[0] == '-')
        asked->sort_down = options->sort + 1;
    else
        asked->sort_up = options->sort;
    return asked->text != NULL || error_set(err, ERROR_USAGE, "report %s: its filter is not UTF-8", report->name);
}

static void asked_clear(struct asked *asked)
{
    json_decref(asked->filter);
    free(asked->text);
    db_result_destroy(asked->near);
}

/* Finds the column that --sort or --group names. */
static bool find_column(const struct report *report, const char *option, const char *key, size_t *column, struct error *err)
{
    struct suggest near = suggest_start(key);
    for (*column = 0; *column < report_column_count(report); ++*column) {
        if (strcmp(report->columns[*column].key, key) == 0)
            return true;
        suggest_offer(&near, report->columns[*column].key);
    }
    return error_set(err, ERROR_USAGE, "--%s %s: report %s has no such column%s certsweep report columns lists them", option, key,
                     report->name, SUGGESTED_AMID(&near));
}

/* Can a condition leave so few rows that report_near.sql helps? Planning it costs a fresh session as much as reading a page. */
static bool may_be_few(const struct asked *asked)
{
    static const char *const keys[] = {"network", "owner", "name", "rule", "severity"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_object_get(asked->filter, keys[i]) != NULL)
            return true;
    return false;
}

static bool near_read(const struct report *report, struct asked *asked, struct db *db, struct error *err)
{
    const char *params[] = {asked->text};
    if (report->params <= 4 || !may_be_few(asked))
        return true;
    asked->near = db_query(db, SQL_REPORT_NEAR, 1, params, err);
    return asked->near != NULL;
}

static const char *near_ids(const struct asked *asked, size_t column)
{
    return asked->near == NULL ? NULL : db_value(asked->near, 0, column);
}

static bool run_statement(const struct report *report, const struct report_options *options, struct db *db, struct stream *stream,
                          struct error *err)
{
    if (report->rows != NULL)
        return report->rows(options, db, on_values, stream, err);
    struct asked asked = {0};
    stream->columns = report_column_count(report);
    bool ok = asked_set(report, options, &asked, &stream->before, err) && near_read(report, &asked, db, err);
    if (ok) {
        const char *params[] = {asked.text,      options->limit == 0 ? NULL : asked.limit, asked.sort_up, asked.sort_down,
                                near_ids(&asked, 0), near_ids(&asked, 1)};
        ok = (!report->is_lookup || db_exec(db, SQL_REPORT_LOOKUP, err)) &&
             db_stream(db, report->sql, (size_t)report->params, params, stream->has_cursor ? on_page_row : on_row, stream, err) &&
             (!report->is_lookup || db_exec(db, SQL_REPORT_LOOKUP_END, err));
    }
    asked_clear(&asked);
    return ok;
}

/* Computes the number of further rows from now_count, which reconcile maintains: only if nothing but a site narrows the report. */
static bool count_rest(const struct report *report, const struct report_options *options, struct db *db, struct stream *stream,
                       struct render_end *end, struct error *err)
{
    const char *params[] = {options->site, report->counted_subject, report->counted_values};
    bool is_narrowed = options->filter != NULL && strcmp(options->filter, "{}") != 0;
    end->is_more_unknown = stream->has_more && (report->counted_subject == NULL || is_narrowed);
    if (!stream->has_more || end->is_more_unknown)
        return true;
    struct db_result *total = db_query(db, SQL_REPORT_TOTAL, 3, params, err);
    if (total == NULL)
        return false;
    end->is_more_unknown = db_value(total, 0, 0) == NULL;
    size_t count = (size_t)db_int(total, 0, 0);
    end->more = count > stream->before + stream->rows ? count - stream->before - stream->rows : 0;
    db_result_destroy(total);
    return true;
}

bool report_snapshot_begin(struct db *db, struct error *err)
{
    return db_exec(db, SQL_REPORT_SNAPSHOT, err);
}

void report_snapshot_end(struct db *db)
{
    db_rollback(db);
}

/* Is the list a part of the whole? One site is a whole, unless something is looked for. */
static bool is_narrowed(const struct report *report, const struct report_options *options)
{
    json_t *filter = options->filter == NULL ? NULL : json_loads(options->filter, 0, NULL);
    static const char *const whole[] = {"argument", "brief", "pack", "since"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        json_object_del(filter, whole[i]);
    if (report->argument == NULL)
        json_object_del(filter, "site");
    bool is_part = json_object_size(filter) > 0;
    json_decref(filter);
    return is_part;
}

static bool is_of_ended(const struct report_options *options)
{
    json_t *filter = options->filter == NULL ? NULL : json_loads(options->filter, 0, NULL);
    const char *status = json_string_value(json_object_get(filter, "status"));
    bool is_ended = status != NULL && strcmp(status, "expired") == 0;
    json_decref(filter);
    return is_ended;
}

const char *report_none(const struct report *report, const struct report_options *options, const struct report_state *state)
{
    return state->as_of[0] == '\0' || state->is_empty ? "Nothing was found and judged yet, so nothing can be said."
           : report->none_ended != NULL && is_of_ended(options) ? report->none_ended
           : is_narrowed(report, options)             ? "These filters leave no row." : report->none;
}

char *report_lead(const struct report *report, const struct report_options *options, struct db *db, struct error *err)
{
    bool is_part = is_narrowed(report, options);
    const char *sql = options->group != NULL ? NULL : is_part ? report->lead_narrowed : report->lead;
    if (sql == NULL)
        return xstrdup("");
    json_t *filter = filter_read(report, options, err);
    if (filter == NULL)
        return NULL;
    char *asked = json_dumps(filter, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(filter);
    const char *params[] = {is_part ? asked : options->site};
    struct db_result *rows = db_query(db, sql, 1, params, err);
    free(asked);
    if (rows == NULL)
        return NULL;
    char *text = xstrdup("");
    for (size_t i = 0; i < db_rows(rows); i++) {
        char *longer = xasprintf("%s%s%s", text, i == 0 ? "" : "\n", db_value(rows, i, 0));
        free(text);
        text = longer;
    }
    db_result_destroy(rows);
    return text;
}

/* The title block, with what the inventory knows of it. */
struct head {
    struct report_head all;
    struct report report;       /* with it */
    struct db_result *row, *due;
    char *scope, *lead;
};

/* With a page's table of what is due, its rows by owner would tell that twice. */
static bool has_due_table(const struct report *report, const struct report_options *options)
{
    return report->has_due && options->head != NULL && options->group == NULL;
}

static bool head_fill_due(struct head *head, const struct report *report, const struct report_options *options, struct db *db, struct error *err)
{
    json_t *filter = filter_read(report, options, err);
    if (filter == NULL)
        return false;
    char *text = json_dumps(filter, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(filter);
    head->due = due_table_read(db, text, err);
    free(text);
    head->all.print_more = due_table_print_html;
    head->all.more = head->due;
    return head->due != NULL;
}

/* A table shows what its rows are sorted by, even if it leaves that column out otherwise. */
static void show_sorted(struct report *report, const char *sort)
{
    for (size_t i = 0; sort != NULL && i < report_column_count(report); i++)
        if (strcmp(report->columns[i].key, sort + (sort[0] == '-')) == 0)
            report->columns[i].detail = false;
}

static bool head_fill(struct head *head, const struct report *report, const struct report_options *options, const struct report_state *state,
                      struct db *db, struct error *err)
{
    head->report = *report;
    show_sorted(&head->report, options->sort);
    if (options->head == NULL)
        return true;
    const char *params[] = {options->filter == NULL ? "{}" : options->filter};
    head->lead = report_lead(report, options, db, err);
    if (head->lead == NULL)
        return false;
    head->row = db_query(db, SQL_REPORT_HEAD, 1, params, err);
    if (head->row == NULL)
        return false;
    head->all = *options->head;
    head->all.as_of = state->as_of;
    head->all.scope = options->site == NULL ? db_value(head->row, 0, 0) : (head->scope = xasprintf("site %s", options->site));
    head->all.narrowed = db_value(head->row, 0, 1);
    head->all.policy = db_value(head->row, 0, 2);
    head->all.kept = db_value(head->row, 0, 3);
    head->all.lead = head->lead;
    head->report.head = &head->all;
    head->report.none = report_none(report, options, state);
    for (size_t i = 0; options->sort != NULL && i < report_column_count(report); i++)
        head->report.columns[i].head = false;           /* rows that share it no longer follow one another */
    return !has_due_table(report, options) || head_fill_due(head, report, options, db, err);
}

static void head_clear(struct head *head)
{
    db_result_destroy(head->row);
    db_result_destroy(head->due);
    free(head->scope);
    free(head->lead);
}

/* What its own statement finds, with its filter, which it keeps; "": nothing. */
static char *next_of_statement(const char *sql, const struct asked *asked, struct db *db, struct error *err)
{
    const char *params[] = {asked->text, near_ids(asked, 0), near_ids(asked, 1)};
    struct db_result *row = db_query(db, sql, 3, params, err);
    bool is_there = row != NULL && db_rows(row) > 0 && db_value(row, 0, 0) != NULL;
    char *next = row == NULL ? NULL : is_there ? next_command_of(db, db_value(row, 0, 0), "{}", err) : xstrdup("");
    db_result_destroy(row);
    return next;
}

/* A command that stands in its rows. */
struct row_command {
    size_t column;
    char *text;
};

static void on_command(void *context, const char *const *values)
{
    struct row_command *command = context;
    if (command->text == NULL && values[command->column] != NULL)
        command->text = xstrdup(values[command->column]);
}

/* The first of them; "": none. */
static char *next_of_rows(const struct report *report, const struct report_options *options, struct db *db, struct error *err)
{
    struct row_command command = {0};
    struct report_options first = *options;
    struct stream stream = {.report = report, .row = on_command, .context = &command};
    first.group = NULL;
    first.limit = 8;            /* those that have one come first */
    bool ok = find_column(report, "sort", report->next_column, &command.column, err) && run_statement(report, &first, db, &stream, err);
    stream_clear(&stream);
    if (ok)
        return command.text == NULL ? xstrdup("") : command.text;
    free(command.text);
    return NULL;
}

char *report_next(const struct report *report, const struct report_options *options, bool is_empty, struct db *db, struct error *err)
{
    struct asked asked = {0};
    size_t before = 0;
    const char *sql = is_empty ? report->next_none_sql : report->next_sql;
    bool ok = asked_set(report, options, &asked, &before, err) && near_read(report, &asked, db, err);
    char *next = !ok ? NULL : !is_empty && report->next_column != NULL ? next_of_rows(report, options, db, err)
                 : sql != NULL ? next_of_statement(sql, &asked, db, err) : xstrdup("");
    if (next != NULL && next[0] == '\0') {
        static const char *const internal[] = {"after", "argument", "brief", "weak", "expired"};
        for (size_t i = 0; i < sizeof internal / sizeof internal[0]; i++)
            json_object_del(asked.filter, internal[i]);
        char *filter = json_dumps(asked.filter, JSON_COMPACT | JSON_SORT_KEYS);
        free(next);
        next = next_command(db, &(struct next_asked){filter, {near_ids(&asked, 0), near_ids(&asked, 1)}, report->next, report->name, is_empty}, err);
        free(filter);
    }
    asked_clear(&asked);
    return next;
}

char *report_note(const struct report *report, const struct report_options *options, struct db *db, struct error *err)
{
    bool has_note = report->note != NULL && options->group == NULL && options->site == NULL && !is_narrowed(report, options);
    struct db_result *row = has_note ? db_query(db, report->note, 0, NULL, err) : NULL;
    if (has_note && row == NULL)
        return NULL;
    char *note = xstrdup(row == NULL || db_rows(row) == 0 || db_value(row, 0, 0) == NULL ? "" : db_value(row, 0, 0));
    db_result_destroy(row);
    return note;
}

static void set_end(struct render_end *end, const struct report *report, const struct report_state *state)
{
    end->before = state->before[0] == '\0' ? NULL : state->before;
    end->as_of = state->as_of[0] == '\0' ? NULL : state->as_of_time;
    end->unjudged = state->unjudged;
    end->reason = report_unjudged_reason(report, state);
    end->waiting = state->waiting;
}

static bool read_rows(const struct report *report, const struct report_options *options, struct db *db, struct stream *stream,
                      struct render_end *end, const struct report_state *state, struct error *err)
{
    bool ok = run_statement(report, options, db, stream, err) && count_rest(report, options, db, stream, end, err) &&
              (stream->lead = report_lead(report, options, db, err)) != NULL && (stream->note = report_note(report, options, db, err)) != NULL;
    end->lead = stream->lead;
    end->note = stream->note;
    end->next = stream->has_more ? stream->next : NULL;
    set_end(end, report, state);
    return ok;
}

static bool write_rows(const struct report *report, const struct report_options *options, struct db *db,
                       const struct renderer *renderer, FILE *out, size_t *rows, struct error *err)
{
    struct error fault = {0};
    struct report_state state = {0};
    struct render_end end = {.err = &fault};
    struct head head = {0};
    struct report_options listed = *options;
    listed.is_brief = options->is_brief || has_due_table(report, options);
    if (!report_state_get(report, options, db, &state, err) || !head_fill(&head, report, options, &state, db, err))
        return false;
    struct stream stream = {.report = report, .row = renderer->row, .limit = options->limit,
                            .has_cursor = report->has_pages && options->limit != 0 && options->sort == NULL};
    bool is_as_given = options->head == NULL && options->sort == NULL;          /* then a caller may know its own by its address */
    stream.context = renderer->begin(is_as_given ? report : &head.report, out);
    bool ok = read_rows(report, &listed, db, &stream, &end, &state, err);
    renderer->end(stream.context, &end);
    head_clear(&head);
    stream_clear(&stream);
    *rows = stream.rows;
    if (ok && fault.kind != ERROR_NONE)
        return error_set(err, fault.kind, "%s", fault.text);
    return ok;
}

/* All rows are counted; the limit is one of groups. */
static bool write_groups(const struct report *report, const struct report_options *options, struct db *db,
                         const struct renderer *renderer, size_t column, FILE *out, size_t *rows, struct error *err)
{
    struct report_options unlimited = *options;
    unlimited.limit = 0;
    unlimited.sort = NULL;
    struct stream stream = {.report = report, .groups = report_groups_create(&report->columns[column]), .group = column};
    struct report_state state = {0};
    struct render_end end = {0};
    struct head head = {0};
    bool ok = run_statement(report, &unlimited, db, &stream, err) && report_state_get(report, options, db, &state, err) &&
              head_fill(&head, report, options, &state, db, err);
    set_end(&end, report, &state);
    if (ok)
        *rows = report_groups_write(stream.groups, &head.report, options, &end, renderer, out);
    head_clear(&head);
    report_groups_destroy(stream.groups);
    return ok;
}

/* Groups are sorted by their value or their count, rows by any column. */
static bool sort_is_known(const struct report *report, const struct report_options *options, struct error *err)
{
    size_t column;
    if (options->sort == NULL)
        return true;
    const char *key = options->sort + (options->sort[0] == '-');
    if (options->group == NULL)
        return find_column(report, "sort", key, &column, err);
    return strcmp(key, options->group) == 0 || strcmp(key, "count") == 0 ||
           error_set(err, ERROR_USAGE, "--sort %s: groups are sorted by %s or by count", key, options->group);
}

/* A cursor is a place in the list's own order. */
static bool after_is_known(const struct report *report, const struct report_options *options, struct error *err)
{
    if (options->after == NULL)
        return true;
    if (!report->has_pages)
        return error_set(err, ERROR_USAGE, "--after: report %s has no pages", report->name);
    if (options->sort != NULL || options->group != NULL)
        return error_set(err, ERROR_USAGE, "--after: pages follow the list's own order, so they go with neither --sort nor --group");
    size_t before;
    json_t *key = report_cursor_read(report, options->after, &before, err);
    json_decref(key);
    return key != NULL;
}

bool report_write(const struct report *report, const struct report_options *options, struct db *db,
                  const struct renderer *renderer, FILE *out, size_t *rows, struct error *err)
{
    size_t column, written = 0;
    if (!sort_is_known(report, options, err) || !after_is_known(report, options, err))
        return false;
    if (options->group != NULL && !find_column(report, "group", options->group, &column, err))
        return false;
    bool ok = options->group == NULL ? write_rows(report, options, db, renderer, out, &written, err)
                                     : write_groups(report, options, db, renderer, column, out, &written, err);
    if (ok && (fflush(out) != 0 || ferror(out)))
        ok = error_set(err, ERROR_IO, "report %s: %s", report->name, stream_fault(out));
    if (rows != NULL)
        *rows = written;
    return ok;
}

static void book_row(void *context, const char *const *values)
{
    xlsx_book_row(context, values);
}

bool report_book_write(const struct report_options *options, struct db *db, FILE *out, struct error *err)
{
    struct xlsx_book *book = xlsx_book_create(XLSX_ROWS, err);
    bool ok = book != NULL;
    for (size_t i = 0; ok && reports_all[i] != NULL; i++) {
        struct report_state state = {0};
        struct render_end end = {0};
        struct stream stream = {.report = reports_all[i], .row = book_row, .context = book, .limit = options->limit};
        if (reports_all[i]->argument != NULL)
            continue;
        xlsx_book_sheet(book, reports_all[i]);
        ok = report_state_get(reports_all[i], options, db, &state, err) && read_rows(reports_all[i], options, db, &stream, &end, &state, err);
        xlsx_book_note(book, &end);
        stream_clear(&stream);
    }
    return book != NULL && xlsx_book_close(book, out, ok ? err : NULL) && ok;
}
