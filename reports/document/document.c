#include "reports/document/document.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "reports/html.h"
#include "reports/next_command.h"
#include "reports/report.h"
#include "reports_document_sql.h"

#include <jansson.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct db_result *document_ask(const struct document *document, const char *sql, size_t count, const char *const *params,
                               struct error *err)
{
    return db_query(document->db, sql, count, params, err);
}

/* Filters find an owner in any case, and so do documents. */
static bool spell_owner(struct document *document, struct error *err)
{
    const char *params[] = {document->options->owner};
    if (params[0] == NULL || params[0][0] == '\0')
        return true;            /* what nobody owns is found by what everybody owns */
    document->owner = db_query(document->db, SQL_DOCUMENT_OWNER, 1, params, err);
    if (document->owner == NULL)
        return false;
    document->spelled = *document->options;
    if (db_rows(document->owner) > 0)
        document->spelled.owner = db_value(document->owner, 0, 0);
    document->options = &document->spelled;
    return true;
}

bool document_open(struct document *document, struct db *db, const struct document_options *options, struct error *err)
{
    *document = (struct document){.db = db, .options = options};
    if (!db_exec(db, SQL_DOCUMENT_BEGIN, err))
        return false;
    if (!spell_owner(document, err)) {
        document_close(document);
        return false;
    }
    const char *places[] = {options->site, document->spelled.owner, options->is_of_letters ? "t" : "f"};
    if (!db_exec_params(db, SQL_DOCUMENT_THEIRS, 1, &document->spelled.owner, err) || !db_exec(db, SQL_DOCUMENT_THEIRS_ANALYZE, err) ||
        !db_exec_params(db, SQL_DOCUMENT_PLACES, 3, places, err) || !db_exec(db, SQL_DOCUMENT_INDEX, err) || !db_exec(db, SQL_DOCUMENT_DAYS, err) ||
        !db_exec_params(db, SQL_DOCUMENT_RECORDS, 2, places, err) || !db_exec(db, SQL_DOCUMENT_RECORD_STEPS, err) ||
        (options->is_of_letters && !db_exec(db, SQL_DOCUMENT_NEXT, err)) ||
        (document->head = db_query(db, SQL_DOCUMENT_HEAD, 1, places, err)) == NULL) {
        document_close(document);
        return false;
    }
    return true;
}

bool document_fill(struct document *document, struct error *err)
{
    const char *params[] = {document->options->owner, document->options->site};
    db_result_destroy(document->counts);
    document->counts = NULL;
    return db_exec(document->db, SQL_DOCUMENT_CLEAR, err) &&
           db_exec_params(document->db, SQL_DOCUMENT_CERTIFICATES, 1, params, err) &&
           db_exec_params(document->db, SQL_DOCUMENT_FINDINGS, 2, params, err) && db_exec_params(document->db, SQL_DOCUMENT_TOLD, 1, params, err) &&
           db_exec_params(document->db, SQL_DOCUMENT_RENEWALS, 1, params, err) &&
           db_exec(document->db, SQL_DOCUMENT_ITEMS, err) &&
           (document->counts = db_query(document->db, SQL_DOCUMENT_COUNTS, 0, NULL, err)) != NULL;
}

bool document_asked(const struct document *document, struct document_asked *asked, struct error *err)
{
    const char *params[] = {document->options->site};
    struct db_result *row = document_ask(document, SQL_DOCUMENT_ASKED, 1, params, err);
    if (row == NULL)
        return false;
    *asked = (struct document_asked){.asked = db_int(row, 0, 0), .answered = db_int(row, 0, 1), .untested = db_int(row, 0, 2), .is_repeated = db_value(row, 0, 3)[0] == 't'};
    db_result_destroy(row);
    return true;
}

static void forget(struct document *document)
{
    db_result_destroy(document->head);
    db_result_destroy(document->counts);
    db_result_destroy(document->owner);
    document->head = document->counts = document->owner = NULL;
}

char *document_command(const struct document *document, const char *report, const char *rule, const char *owner)
{
    struct error err = {0};
    const char *whose = owner != NULL ? owner : document->options->owner, *site = document->options->site;
    char *start = xasprintf("certsweep report %s%s%s", report, rule == NULL ? "" : " --rule ", rule == NULL ? "" : rule);
    json_t *filter = json_object();
    if (whose != NULL && report_understands(report_find(report), "owner"))
        json_object_set_new(filter, "owner", json_string(whose));
    if (site != NULL)
        json_object_set_new(filter, "site", json_string(site));
    char *text = json_dumps(filter, JSON_COMPACT), *whole = text == NULL ? NULL : next_command_of(document->db, start, text, &err);
    json_decref(filter);
    free(text);
    if (whole == NULL)
        return start;                   /* what failed here fails the document's next statement, too */
    free(start);
    return whole;
}

void document_close(struct document *document)
{
    forget(document);
    db_rollback(document->db);
}

bool document_commit(struct document *document, struct error *err)
{
    forget(document);
    return db_commit(document->db, err);
}

static size_t column_of(const struct db_result *result, const char *name)
{
    for (size_t i = 0; i < db_columns(result); i++)
        if (strcmp(db_column_name(result, i), name) == 0)
            return i;
    abort();                    /* no such column in the statement: our bug */
}

const char *document_fact(const struct document *document, const char *name)
{
    const char *value = db_value(document->head, 0, column_of(document->head, name));
    return value == NULL ? "" : value;
}

long long document_count(const struct document *document, const char *name)
{
    return db_int(document->counts, 0, column_of(document->counts, name));
}

static char *with_day(const char *name, const char *day)
{
    return xasprintf("%s%s%s", name, day[0] == '\0' ? "" : " of ", html_day_full(day));
}

char *document_policy(const struct document *document)
{
    const char *name = document_fact(document, "policy");
    return with_day(name[0] == '\0' ? "built-in" : name, document_fact(document, "policy_day"));
}

char *document_policy_rules(const struct document *document)
{
    char *judged = document_policy(document);
    const char *rules = document_fact(document, "rules");
    char *text = xasprintf("%s, %s %s", judged, rules, html_many(atoll(rules), "rule", "rules"));
    free(judged);
    return text;
}

char *document_owner_rules(const struct document *document)
{
    const char *file = document_fact(document, "owner_rules");
    return file[0] == '\0' ? NULL : with_day(file, document_fact(document, "owner_rules_day"));
}

char *document_days(const struct document *document)
{
    return xasprintf("in %s", document_fact(document, "zone"));
}

const char *document_short(const char *text)
{
    static char texts[4][200];
    static unsigned next;
    size_t len = text == NULL ? 0 : strlen(text);
    if (len < sizeof texts[0])
        return text;
    char *to = texts[next++ % 4];
    clean_text_into(to, sizeof texts[0], text, len);
    return to;
}

/* Borrowed until the next but three. */
static const char *quoted(const char *name)
{
    static char texts[4][208];
    static unsigned next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], "\"%s\"", document_short(name));
    return text;
}

const char *document_owner_name(const char *owner)
{
    static const char *const words[] = {"(nobody)", "nobody", "nobody named yet", "(all)", "all", "all owners"};       /* as owner_shown() has them */
    if (owner == NULL || owner[0] == '\0')
        return "Nobody named yet";
    bool is_word = owner[0] == '"';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        is_word |= strcasecmp(owner, words[i]) == 0;
    return document_short(is_word ? quoted(owner) : owner);
}

const char *document_owner_id(const char *owner)
{
    static char texts[4][24];
    static unsigned next;
    char *text = texts[next++ % 4];
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)owner, strlen(owner), digest);
    memcpy(text, "own-", 4);
    hex_format(digest, 6, text + 4);
    return text;
}
