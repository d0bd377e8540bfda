#include "inventory/managed/decisions.h"

#include "inventory/formats/csv_table.h"
#include "inventory/store/named_subject.h"
#include "inventory_managed_sql.h"
#include "probes/base/address.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct field {
    const char *name;
    const char *values[10];         /* what it may be; none: anything */
} fields[DECISION_FIELD_COUNT] = {
    [DECISION_HASH] = {"sha256", {NULL}},
    [DECISION_NAME] = {"name", {NULL}},
    [DECISION_ISSUER] = {"issuer", {NULL}},
    [DECISION_OWNER] = {"owner", {NULL}},
    [DECISION_ISSUER_KIND] = {"issuer_kind", {"own", "approved", "foreign", "private", "self-signed", "unknown", "not judged", NULL}},
    [DECISION_RECORD] = {"record", {"managed", "unmanaged", "accepted", "ignored", "not judged", NULL}},
    [DECISION_TIME] = {"time", {"ok", "renewal due", "expiring", "expired", "not yet", "too long", "unknown", NULL}},
    [DECISION_RULE] = {"rule", {NULL}},
    [DECISION_SITE] = {"site", {NULL}},
    [DECISION_NETWORK] = {"network", {NULL}},
    [DECISION_PORT] = {"port", {NULL}},
    [DECISION_SERVER_NAME] = {"server name", {NULL}},
    [DECISION_HOST] = {"host", {NULL}},
    [DECISION_PATH] = {"path", {NULL}},
};

static bool value_is_known(const struct field *field, const char *value, struct error *err)
{
    char known[256] = "";
    for (size_t i = 0; field->values[i] != NULL; i++) {
        if (strcasecmp(field->values[i], value) == 0)
            return true;
        size_t len = strlen(known);
        snprintf(known + len, sizeof known - len, "%s%s", i == 0 ? "" : ", ", field->values[i]);
    }
    return field->values[0] == NULL || error_set(err, ERROR_USAGE, "%s=%s: expected one of %s", field->name, value, known);
}

static void text_add(struct decision_filter *filter, const char *more)
{
    char *text = xasprintf("%s%s%s", filter->text == NULL ? "" : filter->text, filter->text == NULL ? "" : ", ", more);
    free(filter->text);
    filter->text = text;
}

static bool condition_set(struct decision_filter *filter, enum decision_field at, const char *value, struct error *err)
{
    char network[ADDRESS_NETWORK_TEXT_SIZE];
    if (filter->conditions[at] != NULL)
        return error_set(err, ERROR_USAGE, "%s is given twice", fields[at].name);
    if (*value == '\0')
        return error_set(err, ERROR_USAGE, "%s= has no value", fields[at].name);
    if (at == DECISION_NETWORK && !address_network_text(value, network))
        return error_set(err, ERROR_USAGE, "network=%s: expected an address or a prefix, as 10.1.0.0/16", value);
    if (!value_is_known(&fields[at], value, err))
        return false;
    filter->conditions[at] = xstrdup(at == DECISION_NETWORK ? network : value);
    return true;
}

bool decision_filter_add(struct decision_filter *filter, const char *condition, struct error *err)
{
    size_t len = strcspn(condition, "=");
    for (int at = 0; at < DECISION_WHERE_COUNT; at++) {
        if (strlen(fields[at].name) != len || strncasecmp(condition, fields[at].name, len) != 0 || condition[len] != '=')
            continue;
        text_add(filter, condition);
        return condition_set(filter, (enum decision_field)at, condition + len + 1, err);
    }
    return error_set(err, ERROR_USAGE, "--where %s: expected FIELD=VALUE; fields are sha256, name, issuer, owner, issuer_kind, record, time, "
                                       "rule, site, network", condition);
}

bool decision_filter_subject(struct decision_filter *filter, const char *subject, struct error *err)
{
    struct named_subject named = {0};
    named_subject_parse(subject, &named);
    text_add(filter, subject);
    char *like = named.hash == NULL ? NULL : xasprintf("%s*", named.hash);
    bool is_place = named.address != NULL;
    const struct { enum decision_field at; const char *value; } said[] = {
        {DECISION_HASH, like}, {DECISION_NETWORK, named.address}, {DECISION_PORT, named.port}, {DECISION_SITE, named.site},
        {is_place ? DECISION_SERVER_NAME : DECISION_NAME, named.name}, {DECISION_HOST, named.host}, {DECISION_PATH, named.path},
    };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof said / sizeof *said; i++)
        ok = said[i].value == NULL || condition_set(filter, said[i].at, said[i].value, err);
    free(like);
    named_subject_clear(&named);
    return ok;
}

void decision_filter_clear(struct decision_filter *filter)
{
    for (int at = 0; at < DECISION_FIELD_COUNT; at++)
        free(filter->conditions[at]);
    free(filter->text);
    *filter = (struct decision_filter){0};
}

static bool number_of(struct db *db, const char *sql, size_t count, const char *const *params, int64_t *number, struct error *err)
{
    struct db_result *result = db_query(db, sql, count, params, err);
    if (result == NULL)
        return false;
    *number = db_rows(result) == 0 ? 0 : db_int(result, 0, 0);
    db_result_destroy(result);
    return true;
}

static bool filter_store(struct db *db, const struct decision_filter *filter, const struct decision_made *made, char id[32], struct error *err)
{
    const char *params[7 + DECISION_FIELD_COUNT] = {filter->text, made->kind, made->reason, made->who, made->until,
                                                    made->is_standing ? "true" : "false"};
    for (int at = 0; at < DECISION_FIELD_COUNT; at++)
        params[6 + at] = filter->conditions[at];
    params[6 + DECISION_FIELD_COUNT] = made->rule;
    int64_t number;
    if (!number_of(db, SQL_DECISION_FILTER_ADD, 7 + DECISION_FIELD_COUNT, params, &number, err))
        return false;
    snprintf(id, 32, "%" PRId64, number);
    return true;
}

static bool is_suggested(const char *record)
{
    return record != NULL && strcmp(record, RECORD_SUGGESTED) == 0;
}

static bool record_exists(struct db *db, const char *record, struct error *err)
{
    const char *params[] = {record};
    int64_t number;
    if (is_suggested(record))
        return true;
    if (strspn(record, "0123456789") != strlen(record) || strlen(record) > 18)
        return error_set(err, ERROR_USAGE, "--record %s: expected the number of a record, or \"" RECORD_SUGGESTED "\"", record);
    if (!number_of(db, SQL_DECISION_RECORD, 1, params, &number, err))
        return false;
    return number != 0 || error_set(err, ERROR_USAGE, "--record %s: no such record is in force; certsweep managed list shows their numbers", record);
}

char *decisions_until(struct db *db, const char *given, struct error *err)
{
    int64_t time_us;
    if (!clock_parse_us(given, &time_us)) {
        error_set(err, ERROR_USAGE, "--until %s: expected a date, as 2027-01-31", given);
        return NULL;
    }
    struct db_result *result = db_query(db, SQL_DECISION_UNTIL, 1, &given, err);
    if (result == NULL)
        return NULL;
    char *text = xstrdup(db_value(result, 0, 0));
    if (db_value(result, 0, 1)[0] == 't') {
        error_set(err, ERROR_USAGE, "--until %s is over already", given);
        free(text);
        text = NULL;
    }
    db_result_destroy(result);
    return text;
}

bool decisions_begin(struct db *db, const struct decision_filter *filter, const struct decision_made *made, char id[32], struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if ((made->record == NULL || record_exists(db, made->record, err)) && filter_store(db, filter, made, id, err))
        return true;
    db_rollback(db);
    return false;
}

struct licences {
    int64_t all, used, foreign;
};

static bool licences_get(struct db *db, struct licences *licences, struct error *err)
{
    struct db_result *result = db_query(db, SQL_LICENCES, 0, NULL, err);
    if (result == NULL)
        return false;
    *licences = (struct licences){db_int(result, 0, 0), db_int(result, 0, 1), db_int(result, 0, 2)};
    db_result_destroy(result);
    return true;
}

static bool licences_suffice(struct db *db, const struct decision_made *made, int64_t before, struct error *err)
{
    struct licences licences;
    if (strcmp(made->kind, "adopt") != 0)
        return true;
    if (!licences_get(db, &licences, err))
        return false;
    return licences.all == 0 || licences.used <= licences.all ||
           error_set(err, ERROR_USAGE, "the policy has %s, %s used, and this would use %" PRId64 " more", COUNTED(licences.all, "licence"),
                     COUNTED_AS(before, "is", "are"), licences.used - before);
}

bool decisions_make(struct db *db, const char *id, const struct decision_made *made, int64_t *count, struct error *err)
{
    bool by_ladder = is_suggested(made->record);
    const char *params[] = {id, by_ladder ? NULL : made->record, by_ladder ? "true" : "false"};
    struct licences before;
    bool ok = licences_get(db, &before, err) && number_of(db, SQL_DECISION_ADD, 3, params, count, err) &&
              licences_suffice(db, made, before.used, err) && db_commit(db, err);
    if (!ok)
        db_rollback(db);
    return ok;
}

char *decisions_licences(struct db *db, struct error *err)
{
    struct licences licences;
    if (!licences_get(db, &licences, err))
        return NULL;
    if (licences.all == 0)
        return xstrdup("");
    int64_t left = licences.all > licences.used ? licences.all - licences.used : 0;
    char *over = licences.foreign > left ? xasprintf(", %" PRId64 " more than are left", licences.foreign - left) : xstrdup("");
    char *text = xasprintf("licences %" PRId64 " of %" PRId64 " used; %" PRId64 " foreign found%s", licences.used, licences.all,
                           licences.foreign, over);
    free(over);
    return text;
}

/* The columns of an import, as SQL_DECISIONS_LIST names them. */
enum column { KIND, SHA256, REASON, WHO, MADE_AT, UNTIL, SOURCE, RECORD_KEY, RULE, UNDONE_AT, NAME, COLUMN_COUNT };
static const char *const headings[COLUMN_COUNT] = {"kind", "sha256", "reason", "who", "made_at", "until", "source", "record_key",
                                                   "rule", "undone_at", "name"};

struct reading {
    struct db *db;
    const char *file;
    const struct decision_sink *sink;
    size_t column[COLUMN_COUNT];    /* from 1; 0: none */
    struct decision_account *account;
    struct error *err;
    bool failed;
};

static bool on_heading(void *context, const struct csv_row *row, struct error *err)
{
    struct reading *reading = context;
    for (int column = 0; column < COLUMN_COUNT; column++)
        for (size_t i = 0; i < row->count; i++)
            if (reading->column[column] == 0 && csv_heading_is(row->fields[i], headings[column]))
                reading->column[column] = i + 1;
    for (int column = KIND; column <= MADE_AT; column++)
        if (reading->column[column] == 0)
            return error_set(err, ERROR_INPUT, "%s:%zu: no column \"%s\"; expected is a file that certsweep managed decisions --format csv -o FILE "
                                               "has written", reading->file, row->line, headings[column]);
    return true;
}

static void on_fault(void *context, size_t line, const char *text)
{
    struct reading *reading = context;
    reading->account->faults++;
    reading->sink->fault(reading->sink->context, reading->file, line, text);
}

static const char *field_of(const struct reading *reading, const struct csv_row *row, enum column column)
{
    size_t index = reading->column[column];
    return index == 0 || index > row->count || row->fields[index - 1][0] == '\0' ? NULL : row->fields[index - 1];
}

/* NULL where the row can be stored. */
static const char *row_fault(const char *const *values)
{
    static const char *const kinds[] = {"accept", "ignore", "link", "adopt", "mute"};
    int64_t time_us;
    size_t kind = 0;
    for (int column = KIND; column <= MADE_AT; column++)
        if (values[column] == NULL)
            return "kind, sha256, reason, who and made_at are needed";
    while (kind < 5 && strcmp(kinds[kind], values[KIND]) != 0)
        kind++;
    if (kind == 5)
        return "kind is none of accept, ignore, link, adopt, mute";
    if (strlen(values[SHA256]) != 64 || strspn(values[SHA256], "0123456789abcdef") != 64)
        return "sha256 is no hash of 64 digits";
    if (!clock_parse_us(values[MADE_AT], &time_us) || (values[UNTIL] != NULL && !clock_parse_us(values[UNTIL], &time_us)))
        return "made_at or until is no date";
    if ((strcmp(values[KIND], "link") == 0) != (values[RECORD_KEY] != NULL) || (values[RECORD_KEY] != NULL && values[SOURCE] == NULL))
        return "a link needs source and record_key, any other kind has none";
    if (values[RULE] != NULL && strcmp(values[KIND], "mute") != 0)
        return "a mute alone has a rule";
    if (values[RECORD_KEY] != NULL && strlen(values[RECORD_KEY]) != strspn(values[RECORD_KEY], "0123456789abcdef"))
        return "record_key is not hexadecimal";
    return values[UNDONE_AT] == NULL ? NULL : "";       /* taken back: nothing to take over */
}

/* Takes one decision over, and tells what of it is not here. */
static bool row_take(struct reading *reading, size_t line, const char *const *values)
{
    struct decision_account *account = reading->account;
    struct db_result *result = db_query(reading->db, SQL_DECISION_IMPORT, UNDONE_AT, values, reading->err);
    if (result == NULL)
        return false;
    bool has_certificate = db_value(result, 0, 1)[0] == 't', has_source = db_value(result, 0, 2)[0] == 't', has_record = db_value(result, 0, 3)[0] == 't';
    char *text = NULL;
    if (!has_source)
        text = xasprintf("links to a record of source %s, which is not here, so it is not taken over: import that source, then this file again",
                         values[SOURCE]);
    else if (!has_certificate)
        text = xasprintf("%s (%.12s) is not known here; the decision holds once it is found", values[NAME] == NULL ? "a certificate" : values[NAME],
                         values[SHA256]);
    else if (!has_record)
        text = xasprintf("source %s has no such record here; the link holds once it has", values[SOURCE]);
    account->added += db_int(result, 0, 0);
    account->without_source += !has_source;
    account->without_subject += has_source && !(has_certificate && has_record);
    db_result_destroy(result);
    if (text != NULL)
        reading->sink->fault(reading->sink->context, reading->file, line, text);
    free(text);
    return true;
}

static void on_row(void *context, const struct csv_row *row)
{
    struct reading *reading = context;
    const char *values[COLUMN_COUNT];
    for (int column = 0; column < COLUMN_COUNT; column++)
        values[column] = field_of(reading, row, (enum column)column);
    const char *fault = row_fault(values);
    if (fault != NULL) {
        if (*fault != '\0')
            on_fault(reading, row->line, fault);
        return;
    }
    reading->failed = reading->failed || !row_take(reading, row->line, values);
}

bool decisions_import(struct db *db, const char *path, const struct decision_sink *sink, struct decision_account *account, struct error *err)
{
    struct file_bytes file;
    *account = (struct decision_account){0};
    struct reading reading = {.db = db, .file = path, .sink = sink, .account = account, .err = err};
    struct csv_table table = {.file = path, .heading = on_heading, .row = on_row, .fault = on_fault, .context = &reading};
    if (!file_bytes_open(&file, path, err))
        return false;
    bool ok = db_begin(db, err) && csv_table_read(&table, byte_reader_of(file.bytes, file.len), err) && !reading.failed && db_commit(db, err);
    if (!ok)
        db_rollback(db);
    file_bytes_close(&file);
    return ok;
}
