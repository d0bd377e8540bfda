#include "inventory/owners/owner_rules.h"

#include "inventory/formats/csv_table.h"
#include "inventory/owners/owner_ranges.h"
#include "inventory/store/array_text.h"
#include "inventory_owners_sql.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RULES_MAX    1000000        /* of one file */
#define RECORD_OWNER "@record"      /* a row with this owner gives the rank of the managed record's owner */

enum column { SITE, PREFIX, MASK, NAME_SUFFIX, ISSUER, HOST, PATH, OWNER, CONTACTS, MANAGERS, ENVIRONMENT, COLUMN_COUNT };
#define HEADINGS_MAX 16

static const char *const headings[COLUMN_COUNT][HEADINGS_MAX] = {
    [SITE] = {"site", "location"},
    [PREFIX] = {"prefix", "network", "range", "cidr", "subnet", "address", "ip address", "networkaddress", "ip range", "addresses"},
    [MASK] = {"netmask", "mask", "subnet mask"},
    [NAME_SUFFIX] = {"name suffix", "suffix", "domain", "fqdn", "fully qualified domain name", "dns name", "name", "host name", "dns domain"},
    [ISSUER] = {"issuer", "ca"},
    [HOST] = {"host", "file host"},
    [PATH] = {"path", "path prefix", "folder", "directory"},
    [OWNER] = {"owner", "department", "responsible", "tenant", "support group", "assignment group", "owned by", "managed by", "ea owner",
               "ea department", "agency", "business owner"},
    [CONTACTS] = {"contacts", "contact", "email", "owner email", "technical contact", "support email", "ea contact"},
    [MANAGERS] = {"manager", "managers", "manager email", "manager contacts", "escalation", "escalation contact", "escalation contacts", "supervisor"},
    [ENVIRONMENT] = {"environment", "env", "used for", "ea environment"},
};

/* Exports of other tools: known by headings that only they have together. Their order is none of rules, and a machine's name describes
 * its address. */
static const struct profile {
    const char *name, *needs[4];
    const char *skip_heading, *skip_value;      /* rows to skip: they describe no place in use */
    bool has_hosts;                             /* 10.1.0.5/24 is an address in its network */
} profiles[] = {
    {"NetBox", {"prefix", "status", "tenant"}, "status", "Deprecated", false},
    {"NetBox", {"ip address", "status", "tenant", "vrf"}, "status", "Deprecated", true},
    {"NetBox", {"address", "status", "tenant", "vrf"}, "status", "Deprecated", true},
    {"ServiceNow CMDB", {"ip address", "support group", "operational status"}, "operational status", "Retired", false},
    {"ServiceNow CMDB", {"ip address", "support group", "install status"}, "install status", "Retired", false},
    {"ServiceNow CMDB", {"ip address", "support group"}, NULL, NULL, false},
    {"Infoblox", {"header network"}, NULL, NULL, false},
    {"Infoblox", {"header networkcontainer"}, NULL, NULL, false},
    {"Infoblox", {"header hostrecord"}, NULL, NULL, false},
    {"Infoblox", {"header hostaddress"}, NULL, NULL, false},
    {"Infoblox", {"header networkview"}, NULL, NULL, false},
    {"Infoblox", {"address", "netmask", "ea owner"}, NULL, NULL, false},
    {"Infoblox", {"address", "netmask", "ea department"}, NULL, NULL, false},
};

struct rule {
    size_t line;
    bool has_range;
    struct address_range range;
    char *site, *suffix, *issuer, *host, *path, *owner, *contacts, *managers, *environment, *text;
};

struct reading {
    const char *file;
    const struct owner_import_options *options;
    const struct owner_fault_sink *sink;
    struct owner_account *account;
    const struct profile *profile;
    size_t column[COLUMN_COUNT];    /* from 1; 0: none */
    size_t twin[CSV_FIELDS_MAX + 1];    /* of a column, from 1: the next one of the same heading; 0: none */
    size_t skip_column;
    struct rule *rules;
    size_t count, record_line;      /* the rank of @record; 0: no such row */
    size_t bare_line;               /* of a row without a condition that nothing has followed yet */
};

/* "Subnet*", as Infoblox marks what is needed, is "subnet". */
static bool heading_is(const char *heading, const char *name)
{
    char plain[256];
    size_t len = 0;
    for (; *heading != '\0' && len + 1 < sizeof plain; heading++)
        if (*heading != '*')
            plain[len++] = *heading;
    plain[len] = '\0';
    return csv_heading_is(plain, name);
}

static size_t heading_find(const struct csv_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (heading_is(row->fields[i], name))
            return i + 1;
    return 0;
}

static const struct profile *profile_find(const struct csv_row *row)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        size_t have = 0, need = 0;
        for (; need < 4 && profiles[i].needs[need] != NULL; need++)
            have += heading_find(row, profiles[i].needs[need]) != 0;
        if (have == need)
            return &profiles[i];
    }
    return NULL;
}

/* Is this column (from 1) read for the field, by itself or where those of the same heading before it are empty? */
static bool is_read_for(const struct reading *reading, int column, size_t at)
{
    size_t index = reading->column[column];
    while (index != 0 && index != at)
        index = reading->twin[index];
    return index != 0;
}

static void twins_find(struct reading *reading, const struct csv_row *row)
{
    memset(reading->twin, 0, sizeof reading->twin);
    for (size_t i = 0; i < row->count && i < CSV_FIELDS_MAX; i++)
        for (size_t j = i + 1; j < row->count && j < CSV_FIELDS_MAX && reading->twin[i + 1] == 0 && row->fields[i][0] != '\0'; j++)
            if (heading_is(row->fields[j], row->fields[i]))
                reading->twin[i + 1] = j + 1;
}

static void twins_tell(struct reading *reading, const struct csv_row *row)
{
    for (int column = 0; column < COLUMN_COUNT; column++) {
        size_t index = reading->column[column];
        if (index == 0 || reading->twin[index] == 0)
            continue;
        char *text = xasprintf("several columns are called \"%s\": the first that is not empty in a row is read", row->fields[index - 1]);
        reading->sink->note(reading->sink->context, reading->file, row->line, text);
        free(text);
    }
}

/* Names the columns that nothing took, so that a misspelt heading does not go unseen. */
static void unused_tell(struct reading *reading, const struct csv_row *row)
{
    char *unused = xstrdup("");
    for (size_t i = 0; i < row->count; i++) {
        bool is_used = i + 1 == reading->skip_column || row->fields[i][0] == '\0';
        for (int column = 0; column < COLUMN_COUNT; column++)
            is_used = is_used || is_read_for(reading, column, i + 1);
        if (is_used)
            continue;
        char *longer = xasprintf("%s%s%s", unused, *unused == '\0' ? "" : ", ", row->fields[i]);
        free(unused);
        unused = longer;
    }
    if (*unused != '\0') {
        char *text = xasprintf("columns not used: %s", unused);
        reading->sink->note(reading->sink->context, reading->file, row->line, text);
        free(text);
    }
    free(unused);
}

static void columns_find(struct reading *reading, const struct csv_row *row)
{
    memset(reading->column, 0, sizeof reading->column);
    twins_find(reading, row);
    for (int column = 0; column < COLUMN_COUNT; column++)
        for (size_t name = 0; name < HEADINGS_MAX && headings[column][name] != NULL && reading->column[column] == 0; name++)
            reading->column[column] = heading_find(row, headings[column][name]);
    if (reading->profile == NULL)
        reading->profile = profile_find(row);
    if (reading->profile != NULL && reading->profile->skip_heading != NULL)
        reading->skip_column = heading_find(row, reading->profile->skip_heading);
    if (reading->profile != NULL)           /* its "site" is another kind of site, and it tells of no files */
        reading->column[SITE] = reading->column[HOST] = reading->column[PATH] = 0;
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

/* Infoblox writes all kinds of objects into one file, each kind below a heading of its own: "header-hostrecord,fqdn*,...". */
static bool is_heading_inside(void *context, const struct csv_row *row)
{
    const struct reading *reading = context;
    return reading->profile != NULL && strcmp(reading->profile->name, "Infoblox") == 0 && row->count > 0 &&
           strncasecmp(row->fields[0], "header-", 7) == 0;
}

static bool on_heading(void *context, const struct csv_row *row, struct error *err)
{
    struct reading *reading = context;
    columns_find(reading, row);
    reading->account->profile = reading->profile == NULL ? NULL : reading->profile->name;
    if (reading->column[OWNER] == 0 && !is_heading_inside(reading, row))
        return error_set(err, ERROR_INPUT,
                         "%s:%zu: no column \"owner\"; expected are owner, and any of site, prefix, name suffix, "
                         "issuer, host, path, contacts, manager, environment",
                         reading->file, row->line);
    unused_tell(reading, row);
    twins_tell(reading, row);
    return true;
}

static const char *field_of(const struct reading *reading, const struct csv_row *row, enum column column)
{
    size_t index = reading->column[column];
    while (index != 0 && (index > row->count || row->fields[index - 1][0] == '\0'))
        index = reading->twin[index];
    return index == 0 ? NULL : row->fields[index - 1];
}

/* The names of a row. In an inventory of machines one counts where there is no address, and only with its domain. */
static const char *names_of(const struct reading *reading, const struct csv_row *row)
{
    const char *names = field_of(reading, row, NAME_SUFFIX);
    bool is_idle = names != NULL && reading->profile != NULL && (field_of(reading, row, PREFIX) != NULL || strchr(names, '.') == NULL);
    return is_idle ? NULL : names;
}

/* "*.Parks.Example" and ".parks.example" mean parks.example and all below it. */
static char *format_suffix(const char *text, size_t len)
{
    while (len > 0 && (*text == '*' || *text == '.'))
        text++, len--;
    while (len > 0 && text[len - 1] == '.')
        len--;
    char *suffix = xstrndup(text, len);
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

static char *copy_or_null(const char *text)
{
    return text == NULL ? NULL : xstrdup(text);
}

/* With a slash at its end, or with a slash and a star, a path means the same: itself and all below it. The root is "". */
static char *format_path(const char *text)
{
    size_t len = strlen(text);
    if (len >= 2 && text[len - 1] == '*' && text[len - 2] == '/')
        len--;
    while (len > 0 && text[len - 1] == '/')
        len--;
    return xstrndup(text, len);
}

/* NULL, too, where they are not to be taken, which contacts_check() tells once for all ranges of the row. */
static const char *contacts_of(const struct reading *reading, const struct csv_row *row, enum column field)
{
    const char *cell = field_of(reading, row, field);
    return cell == NULL || contact_cell_is_sound(cell) ? cell : NULL;
}

static void rule_add(struct reading *reading, const struct csv_row *row, const struct address_range *range, char *suffix)
{
    const char *issuer = field_of(reading, row, ISSUER), *host = field_of(reading, row, HOST), *path = field_of(reading, row, PATH);
    if (reading->count == RULES_MAX) {
        free(suffix);
        tell(reading, row->line, "a million rules are enough");
        return;
    }
    if ((reading->count & (reading->count - 1)) == 0)           /* 0, 1, 2, 4 ...: full */
        reading->rules = xreallocarray(reading->rules, reading->count == 0 ? 1 : 2 * reading->count, sizeof *reading->rules);
    const struct address_range none = {0};
    reading->rules[reading->count++] = (struct rule){
        .line = row->line, .has_range = range != NULL, .range = range == NULL ? none : *range,
        .site = copy_or_null(field_of(reading, row, SITE)), .suffix = suffix, .issuer = issuer == NULL ? NULL : format_issuer(issuer),
        .host = host == NULL ? NULL : format_suffix(host, strlen(host)), .path = path == NULL ? NULL : format_path(path),
        .owner = csv_one_line(field_of(reading, row, OWNER)), .contacts = array_text_of_list(contacts_of(reading, row, CONTACTS)),
        .managers = array_text_of_list(contacts_of(reading, row, MANAGERS)),
        .environment = copy_or_null(field_of(reading, row, ENVIRONMENT)), .text = row_text(row)};
    reading->account->rules++;
}

/* A row of several ranges and suffixes is a rule for each pair of them. */
static void rules_of_row(struct reading *reading, const struct csv_row *row, const struct address_range *ranges, size_t range_count)
{
    static const char separators[] = ",; \t\r\n";
    const char *suffixes = names_of(reading, row);
    for (size_t i = 0; i < (range_count == 0 ? 1 : range_count); i++) {
        const struct address_range *range = range_count == 0 ? NULL : &ranges[i];
        if (suffixes == NULL) {
            rule_add(reading, row, range, NULL);
            continue;
        }
        for (const char *at = suffixes + strspn(suffixes, separators); *at != '\0'; at += strspn(at, separators)) {
            size_t len = strcspn(at, separators);
            rule_add(reading, row, range, format_suffix(at, len));
            at += len;
        }
    }
}

/* Whether it says something; an empty condition would own everything, so it is asked for by its place at the end. */
static bool condition_check(struct reading *reading, const struct csv_row *row, bool is_bare)
{
    if (reading->bare_line != 0 && !reading->options->catch_all) {
        char *text = xasprintf("no rule after line %zu is ever reached: it has no condition; if it is meant so, --catch-all", reading->bare_line);
        tell(reading, row->line, text);
        free(text);
        return false;
    }
    if (is_bare)
        reading->bare_line = row->line;
    return true;
}

/* The rule of the row holds all the same. */
static void contacts_check(struct reading *reading, const struct csv_row *row)
{
    bool is_refused = false;
    for (size_t i = 0; i < 2; i++) {
        const char *cell = field_of(reading, row, i == 0 ? CONTACTS : MANAGERS);
        if (cell == NULL || contact_cell_is_sound(cell))
            continue;
        is_refused = true;
        reading->sink->fault(reading->sink->context, reading->file, row->line,
                             i == 0 ? "a control character in the contacts: none of them is taken, the rest of the rule is"
                                    : "a control character in the managers: none of them is taken, the rest of the rule is");
    }
    reading->account->contacts_refused += is_refused;
}

/* The range of a row; false with a fault where there is one that cannot be read. */
static bool ranges_of_row(struct reading *reading, const struct csv_row *row, struct address_range *ranges, size_t *count)
{
    char bad[80], fault[256];
    const char *prefix = field_of(reading, row, PREFIX), *mask = field_of(reading, row, MASK);
    *count = 0;
    if (prefix == NULL)
        return true;
    bool is_host = reading->profile != NULL && reading->profile->has_hosts;
    char *whole = is_host ? xstrndup(prefix, strcspn(prefix, "/")) : mask == NULL ? xstrdup(prefix) : xasprintf("%s/%s", prefix, mask);
    *count = owner_ranges_parse(whole, ranges, bad, sizeof bad);
    free(whole);
    if (*count > 0)
        return true;
    snprintf(fault, sizeof fault, "\"%s\" is no range; expected 10.1.0.0/16, 10.1.0.1-10.1.0.9, 10.1.* or 2001:db8::/32", bad);
    tell(reading, row->line, fault);
    return false;
}

static bool path_check(struct reading *reading, const struct csv_row *row)
{
    char fault[256];
    const char *path = field_of(reading, row, PATH);
    const char *star = path == NULL ? NULL : strpbrk(path, "*?");
    if (path == NULL || (path[0] == '/' && (star == NULL || strcmp(star - 1, "/*") == 0)))
        return true;
    snprintf(fault, sizeof fault, "\"%.80s\" is no path prefix; expected /srv/web: it means that file and all below that folder", path);
    tell(reading, row->line, fault);
    return false;
}

static void on_row(void *context, const struct csv_row *row)
{
    struct reading *reading = context;
    static struct address_range ranges[OWNER_RANGES_MAX];
    const char *owner = field_of(reading, row, OWNER);
    size_t count = 0;
    if (is_heading_inside(reading, row)) {
        columns_find(reading, row);
        unused_tell(reading, row);
        twins_tell(reading, row);
        return;
    }
    if (reading->skip_column != 0 && reading->skip_column <= row->count &&
        csv_heading_is(row->fields[reading->skip_column - 1], reading->profile->skip_value))
        return;
    if (owner == NULL && reading->profile != NULL)
        return;                         /* an inventory of networks has many without an owner */
    if (owner == NULL) {
        tell(reading, row->line, "no owner in this row");
    } else if (strcmp(owner + (owner[0] == '\''), RECORD_OWNER) == 0) {       /* our CSV guards it as it does formulas */
        reading->record_line = reading->count + 1;
    } else if (path_check(reading, row) && ranges_of_row(reading, row, ranges, &count)) {
        bool is_bare = count == 0;
        static const enum column conditions[] = {SITE, ISSUER, HOST, PATH};
        is_bare = is_bare && names_of(reading, row) == NULL;
        for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
            is_bare = is_bare && field_of(reading, row, conditions[i]) == NULL;
        if (is_bare && reading->profile != NULL)
            return;
        if (condition_check(reading, row, is_bare)) {
            contacts_check(reading, row);
            rules_of_row(reading, row, ranges, count);
        }
    }
}

static void on_fault(void *context, size_t line, const char *text)
{
    tell(context, line, text);
}

/* Names first, then the smallest range, then as in the file. */
static int rule_compare(const void *a, const void *b)
{
    const struct rule *one = a, *other = b;
    if (one->has_range != other->has_range)
        return one->has_range ? 1 : -1;
    if (one->has_range) {
        unsigned __int128 size = address_value(&one->range.last) - address_value(&one->range.first);
        unsigned __int128 other_size = address_value(&other->range.last) - address_value(&other->range.first);
        if (size != other_size)
            return size < other_size ? -1 : 1;
    }
    return one->line < other->line ? -1 : one->line > other->line;
}

static bool rule_copy(struct db_copy *copy, const char *import, const struct rule *rule, size_t rank, struct error *err)
{
    db_copy_text(copy, import);
    db_copy_int(copy, (int64_t)rank);
    db_copy_int(copy, (int64_t)rule->line);
    db_copy_text(copy, rule->site);
    copy_range(copy, rule->has_range ? &rule->range : NULL);
    db_copy_text(copy, rule->suffix);
    db_copy_text(copy, rule->issuer);
    db_copy_text(copy, rule->owner);
    db_copy_text(copy, rule->contacts);
    db_copy_text(copy, rule->managers);
    db_copy_text(copy, rule->environment);
    db_copy_text(copy, rule->text);
    db_copy_text(copy, rule->host);
    db_copy_text(copy, rule->path);
    return db_copy_row(copy, err);
}

static bool rules_copy(struct db *db, const struct reading *reading, const char *import, struct error *err)
{
    struct db_copy *copy = db_copy_begin(db, SQL_OWNER_RULES_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; ok && i < reading->count; i++)
        ok = rule_copy(copy, import, &reading->rules[i], i + 1, err);
    if (!ok) {
        db_copy_abort(copy);
        return false;
    }
    return db_copy_end(copy, err);
}

/* One owner is one owner, in whatever case a line has it. */
static bool spelling_join(struct db *db, const struct reading *reading, const char *import, struct error *err)
{
    const char *params[] = {import};
    struct db_result *rows = db_query(db, SQL_OWNER_RULES_SPELLED, 1, params, err);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < db_rows(rows); i++) {
        const char *kept = db_value(rows, i, 2);
        char *text = xasprintf("owner \"%s\" is also written \"%s\" (line %" PRId64 "): read as \"%s\"", db_value(rows, i, 1), kept, db_int(rows, i, 3), kept);
        reading->sink->note(reading->sink->context, reading->file, (size_t)db_int(rows, i, 0), text);
        free(text);
    }
    db_result_destroy(rows);
    return true;
}

/* Reports rules that have no effect: never, or with the present inventory. */
static bool idle_tell(struct db *db, const struct reading *reading, const char *import, struct error *err)
{
    const char *params[] = {import};
    struct db_result *rows = db_exec(db, SQL_OWNER_RULES_ANALYZE, err) ? db_query(db, SQL_OWNER_RULES_IDLE, 1, params, err) : NULL;
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < db_rows(rows); i++)
        reading->sink->note(reading->sink->context, reading->file, (size_t)db_int(rows, i, 0), db_value(rows, i, 1));
    db_result_destroy(rows);
    return true;
}

/* A name or a telephone number may be meant, a misspelt address hardly. */
static bool unmailed_tell(struct db *db, const struct reading *reading, const char *import, struct error *err)
{
    const char *params[] = {import};
    struct db_result *rows = db_query(db, SQL_OWNER_RULES_UNMAILED, 1, params, err);
    if (rows == NULL)
        return false;
    if (db_rows(rows) > 0) {
        int64_t more = db_int(rows, 0, 2) - 1;
        char *others = more > 0 ? xasprintf(", nor are %" PRId64 " more", more) : xstrdup("");
        char *text = xasprintf("the contact \"%s\" is no mail address%s: no notice can be sent there", db_value(rows, 0, 1), others);
        reading->sink->note(reading->sink->context, reading->file, (size_t)db_int(rows, 0, 0), text);
        free(text);
        free(others);
    }
    db_result_destroy(rows);
    return true;
}

static bool rules_replace(struct reading *reading, struct db *db, struct error *err)
{
    char rules[32], rank[32], import[32];
    snprintf(rules, sizeof rules, "%zu", reading->count);
    snprintf(rank, sizeof rank, "%zu", reading->record_line);
    const char *params[] = {reading->file, rules, reading->options->record_first ? "0" : reading->record_line == 0 ? NULL : rank};
    struct db_result *result = db_query(db, SQL_OWNER_IMPORT_ADD, 3, params, err);
    if (result == NULL)
        return false;
    snprintf(import, sizeof import, "%" PRId64, db_int(result, 0, 0));
    reading->account->replaced = db_int(result, 0, 1);
    db_result_destroy(result);
    return rules_copy(db, reading, import, err) && spelling_join(db, reading, import, err) &&
           unmailed_tell(db, reading, import, err) && idle_tell(db, reading, import, err);
}

static void reading_clear(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        struct rule *rule = &reading->rules[i];
        char *const texts[] = {rule->site, rule->suffix, rule->issuer, rule->host, rule->path, rule->owner, rule->contacts, rule->managers, rule->environment, rule->text};
        for (size_t text = 0; text < sizeof texts / sizeof *texts; text++)
            free(texts[text]);
    }
    free(reading->rules);
}

static bool file_read(struct reading *reading, struct error *err)
{
    struct file_bytes file;
    struct csv_table table = {.file = reading->file, .heading = on_heading, .row = on_row, .is_heading = is_heading_inside, .fault = on_fault, .context = reading};
    if (!file_bytes_open(&file, reading->file, err))
        return false;
    bool ok = csv_table_read(&table, byte_reader_of(file.bytes, file.len), err);
    file_bytes_close(&file);
    if (ok && reading->count == 0)
        return error_set(err, ERROR_INPUT, "%s: no rule in it could be read; the rules in force stay", reading->file);
    if (ok && reading->profile != NULL)
        qsort(reading->rules, reading->count, sizeof *reading->rules, rule_compare);
    return ok;
}

bool owner_rules_import(struct db *db, const char *path, const struct owner_import_options *options, const struct owner_fault_sink *sink,
                        struct owner_account *account, struct error *err)
{
    *account = (struct owner_account){0};
    struct reading reading = {.file = path, .options = options, .sink = sink, .account = account};
    bool ok = file_read(&reading, err);
    if (ok) {
        ok = db_begin(db, err) && rules_replace(&reading, db, err) && (options->dry_run || db_commit(db, err));
        if (!ok || options->dry_run)
            db_rollback(db);
    }
    reading_clear(&reading);
    return ok;
}
