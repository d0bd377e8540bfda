#include "inventory/owners/owner_rules.h"

#include "inventory/store/array_text.h"
#include "inventory/formats/csv_table.h"
#include "inventory_owners_sql.h"
#include "probes/base/address.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { SITE, PREFIX, NAME_SUFFIX, ISSUER, OWNER, CONTACTS, ENVIRONMENT, COLUMN_COUNT };

static const char *const headings[COLUMN_COUNT][4] = {
    [SITE] = {"site"},
    [PREFIX] = {"prefix", "network", "range", "cidr"},
    [NAME_SUFFIX] = {"name suffix", "suffix", "domain", "name"},
    [ISSUER] = {"issuer", "ca"},
    [OWNER] = {"owner", "department", "responsible"},
    [CONTACTS] = {"contacts", "contact", "email"},
    [ENVIRONMENT] = {"environment", "env"},
};

struct reading {
    const char *file;
    const struct owner_fault_sink *sink;
    struct owner_account *account;
    struct db_copy *copy;
    size_t column[COLUMN_COUNT];    /* from 1; 0: none */
    char import[32];                /* its id */
    struct error *err;
    bool failed;                    /* the database */
};

static bool on_heading(void *context, const struct csv_row *row, struct error *err)
{
    struct reading *reading = context;
    for (int column = 0; column < COLUMN_COUNT; column++)
        for (size_t name = 0; name < 4 && headings[column][name] != NULL; name++)
            for (size_t i = 0; i < row->count; i++)
                if (reading->column[column] == 0 && csv_heading_is(row->fields[i], headings[column][name]))
                    reading->column[column] = i + 1;
    if (reading->column[OWNER] == 0)
        return error_set(err, ERROR_INPUT,
                         "%s:%zu: no column \"owner\"; expected are owner, and any of site, prefix, name suffix, "
                         "issuer, contacts, environment",
                         reading->file, row->line);
    return true;
}

static const char *field_of(const struct reading *reading, const struct csv_row *row, enum column column)
{
    size_t index = reading->column[column];
    return index == 0 || index > row->count || row->fields[index - 1][0] == '\0' ? NULL : row->fields[index - 1];
}

/* "*.Parks.Example" and ".parks.example" mean parks.example and all below it. */
static char *format_suffix(const char *text)
{
    if (text[0] == '*')
        text++;
    if (text[0] == '.')
        text++;
    char *suffix = xstrdup(text);
    for (char *at = suffix; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return suffix;
}

static void tell(struct reading *reading, size_t line, const char *text)
{
    reading->account->faults++;
    reading->sink->fault(reading->sink->context, reading->file, line, text);
}

static void copy_range(struct db_copy *copy, const struct address_range *range)
{
    char text[ADDRESS_TEXT_SIZE];
    if (range == NULL) {
        db_copy_text(copy, NULL);
        db_copy_text(copy, NULL);
        return;
    }
    address_format(&range->first, text);
    db_copy_text(copy, text);
    address_format(&range->last, text);
    db_copy_text(copy, text);
}

/* "Sectigo" means any issuer with that word in its name; a pattern with * stands for itself. */
static char *format_issuer(const char *text)
{
    struct byte_buffer like;
    byte_buffer_init(&like, 0);
    bool pattern = strpbrk(text, "*?") != NULL;
    if (!pattern)
        byte_buffer_append(&like, "%", 1);
    for (; *text != '\0'; text++) {
        if (strchr("%_\\", *text) != NULL)
            byte_buffer_append(&like, "\\", 1);
        byte_buffer_append(&like, *text == '*' ? "%" : *text == '?' ? "_" : text, 1);
    }
    if (!pattern)
        byte_buffer_append(&like, "%", 1);
    struct byte_reader bytes = byte_buffer_reader(&like);
    char *result = xstrndup((const char *)bytes.at, bytes.left);
    byte_buffer_clear(&like);
    return result;
}

/* The row as people will read it in evidence. */
static char *row_text(const struct csv_row *row)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < row->count; i++) {
        char *longer = xasprintf("%s%s%s", text, i == 0 ? "" : ",", row->fields[i]);
        free(text);
        text = longer;
    }
    return text;
}

static void copy_rule(struct reading *reading, const struct csv_row *row, const struct address_range *range)
{
    const char *suffix_text = field_of(reading, row, NAME_SUFFIX), *issuer_text = field_of(reading, row, ISSUER);
    char *suffix = suffix_text == NULL ? NULL : format_suffix(suffix_text);
    char *issuer = issuer_text == NULL ? NULL : format_issuer(issuer_text);
    char *contacts = array_text_of_list(field_of(reading, row, CONTACTS)), *text = row_text(row);
    db_copy_text(reading->copy, reading->import);
    db_copy_int(reading->copy, (int64_t)row->line);
    db_copy_text(reading->copy, field_of(reading, row, SITE));
    copy_range(reading->copy, range);
    db_copy_text(reading->copy, suffix);
    db_copy_text(reading->copy, issuer);
    db_copy_text(reading->copy, field_of(reading, row, OWNER));
    db_copy_text(reading->copy, contacts);
    db_copy_text(reading->copy, field_of(reading, row, ENVIRONMENT));
    db_copy_text(reading->copy, text);
    reading->account->rules++;
    if (!reading->failed && !db_copy_row(reading->copy, reading->err))
        reading->failed = true;
    free(suffix);
    free(issuer);
    free(contacts);
    free(text);
}

static void on_row(void *context, const struct csv_row *row)
{
    struct reading *reading = context;
    struct address_range range;
    char fault[256];
    const char *prefix = field_of(reading, row, PREFIX);
    if (field_of(reading, row, OWNER) == NULL) {
        tell(reading, row->line, "no owner in this row");
    } else if (prefix != NULL && !address_range_parse(prefix, &range)) {
        snprintf(fault, sizeof fault, "\"%.80s\" is no range; expected 10.1.0.0/16, 10.1.0.1-10.1.0.9 or 2001:db8::/32",
                 prefix);
        tell(reading, row->line, fault);
    } else {
        copy_rule(reading, row, prefix == NULL ? NULL : &range);
    }
}

static void on_fault(void *context, size_t line, const char *text)
{
    tell(context, line, text);
}

static bool begin_import(struct reading *reading, struct db *db, struct error *err)
{
    const char *params[] = {reading->file};
    struct db_result *result = db_query(db, SQL_OWNER_IMPORT_ADD, 1, params, err);
    if (result == NULL)
        return false;
    snprintf(reading->import, sizeof reading->import, "%" PRId64, db_int(result, 0, 0));
    reading->account->replaced = db_int(result, 0, 1);
    db_result_destroy(result);
    reading->copy = db_copy_begin(db, SQL_OWNER_RULES_COPY, err);
    return reading->copy != NULL;
}

static bool end_import(struct reading *reading, struct db *db, struct error *err)
{
    char rules[32];
    snprintf(rules, sizeof rules, "%" PRId64, reading->account->rules);
    const char *params[] = {reading->import, rules};
    return db_copy_end(reading->copy, err) && db_exec_params(db, SQL_OWNER_IMPORT_COUNT, 2, params, err);
}

static bool replace_rules(struct reading *reading, struct db *db, struct byte_reader bytes, struct error *err)
{
    struct csv_table table = {
        .file = reading->file, .heading = on_heading, .row = on_row, .fault = on_fault, .context = reading};
    if (!begin_import(reading, db, err))
        return false;
    if (!csv_table_read(&table, bytes, err) || reading->failed) {
        db_copy_abort(reading->copy);
        return false;
    }
    return end_import(reading, db, err);
}

bool owner_rules_import(struct db *db, const char *path, bool dry_run, const struct owner_fault_sink *sink,
                        struct owner_account *account, struct error *err)
{
    struct file_bytes file;
    *account = (struct owner_account){0};
    struct reading reading = {.file = path, .sink = sink, .account = account, .err = err};
    if (!file_bytes_open(&file, path, err))
        return false;
    bool ok = db_begin(db, err) && replace_rules(&reading, db, byte_reader_of(file.bytes, file.len), err);
    if (ok && account->rules == 0)
        ok = error_set(err, ERROR_INPUT, "%s: no rule in it could be read; the rules in force stay", path);
    ok = ok && (dry_run || db_commit(db, err));
    if (!ok || dry_run)
        db_rollback(db);
    file_bytes_close(&file);
    return ok;
}
