#include "reports/report_filter.h"

#include "inventory/store/db.h"
#include "probes/base/address.h"
#include "probes/base/clock.h"
#include "probes/base/comma_words.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/number_text.h"
#include "probes/base/suggest.h"
#include "reports_sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DAYS_MAX = 100000 };

struct report_filter {
    json_t *object;
    char *text;
};

struct report_filter *report_filter_create(void)
{
    struct report_filter *filter = xcalloc(1, sizeof *filter);
    filter->object = json_object();
    return filter;
}

void report_filter_destroy(struct report_filter *filter)
{
    if (filter == NULL)
        return;
    json_decref(filter->object);
    free(filter->text);
    free(filter);
}

static bool set_number(struct report_filter *filter, const char *name, const char *value, unsigned max, struct error *err)
{
    uint64_t number;
    if (!number_text_read(value, max, &number) || number < 1)
        return error_set(err, ERROR_USAGE, "--%s %s: expected a number from 1 to %u", name, value, max);
    json_object_set_new(filter->object, name, json_integer((json_int_t)number));
    return true;
}

/* "10.0.0.0/8", "2001:db8::/32" or one address. PostgreSQL reads it; we read it first, to name the bad value. */
static bool set_network(struct report_filter *filter, const char *value, struct error *err)
{
    char network[ADDRESS_NETWORK_TEXT_SIZE];
    if (!address_network_text(value, network))
        return error_set(err, ERROR_USAGE, "--network %s: expected a network or an address, as 10.0.0.0/8", value);
    json_object_set_new(filter->object, "network", json_string(network));
    return true;
}

/* "overdue", "N" (from today to the N-th day) or "N-M". */
static bool set_due(struct report_filter *filter, const char *value, struct error *err)
{
    uint64_t from = 0, to = 0;
    size_t len = strcspn(value, "-");
    char *first = xstrndup(value, len);
    bool is_overdue = strcmp(value, "overdue") == 0, is_span = value[len] == '-';
    bool ok = is_overdue || (number_text_read(is_span ? value + len + 1 : value, DAYS_MAX, &to) && (!is_span || number_text_read(first, to, &from)));
    free(first);
    if (!ok)
        return error_set(err, ERROR_USAGE, "--due %s: expected overdue, days as 30, or from which day to which as 8-30", value);
    json_t *range = json_array();
    json_array_append_new(range, is_overdue ? json_null() : json_integer((json_int_t)from));
    json_array_append_new(range, is_overdue ? json_integer(-1) : json_integer((json_int_t)to));
    json_object_set_new(filter->object, "due", range);
    return true;
}

/* "last", or a day or moment that is one: PostgreSQL reads it. */
static bool set_since(struct report_filter *filter, const char *value, struct error *err)
{
    int64_t moment_us;
    char text[CLOCK_TEXT_SIZE];
    if (strcmp(value, "last") == 0) {
        json_object_set_new(filter->object, "since", json_string(value));
        return true;
    }
    if (!clock_parse_us(value, &moment_us))
        return error_set(err, ERROR_USAGE, "--since %s: expected a day, as 2026-01-31, or last", value);
    clock_format_us(moment_us, text);
    json_object_set_new(filter->object, "since", json_string(text));
    return true;
}

static void set_list(struct report_filter *filter, const char *name, const char *value)
{
    json_t *list = json_array();
    const char *word;
    for (size_t len; comma_word_next(&value, &word, &len);)
        json_array_append_new(list, json_stringn(word, len));
    json_object_set_new(filter->object, name, list);
}

const char *report_owner_asked(const char *word)
{
    return word == NULL ? NULL : strcasecmp(word, "none") == 0 ? "" : word[0] == '=' ? word + 1 : word;
}

static bool set_owner(struct report_filter *filter, const char *value, struct error *err)
{
    const char *owner = report_owner_asked(value);
    if (strcmp(value, "=") == 0)
        return error_set(err, ERROR_USAGE, "--owner: expected a name, or none for what has no owner");
    return json_object_set_new(filter->object, "owner", json_string(owner)) == 0 || error_set(err, ERROR_USAGE, "--owner: the text is not UTF-8");
}

bool report_filter_set(struct report_filter *filter, const char *name, const char *value, struct error *err)
{
    if (value == NULL)
        return true;
    if (strcmp(name, "argument") != 0 && value[strspn(value, " \t,")] == '\0')
        return error_set(err, ERROR_USAGE, "--%s needs a value, and \"%s\" is none", name, value);
    free(filter->text);
    filter->text = NULL;
    if (strcmp(name, "port") == 0)
        return set_number(filter, name, value, 65535, err);
    if (strcmp(name, "owner") == 0)
        return set_owner(filter, value, err);
    if (strcmp(name, "since") == 0)
        return set_since(filter, value, err);
    if (strcmp(name, "due") == 0)
        return set_due(filter, value, err);
    if (strcmp(name, "within") == 0 || strcmp(name, "older") == 0)
        return set_number(filter, name, value, DAYS_MAX, err);
    if (strcmp(name, "network") == 0)
        return set_network(filter, value, err);
    if (strcmp(name, "rule") == 0 || strcmp(name, "severity") == 0)
        set_list(filter, name, value);
    else if (json_object_set_new(filter->object, name, json_string(value)) != 0)
        return error_set(err, ERROR_USAGE, "%s%s: the text is not UTF-8", strcmp(name, "argument") == 0 ? "the " : "--", name);
    return true;
}

const char *report_filter_text(struct report_filter *filter)
{
    if (filter->text == NULL)
        filter->text = json_dumps(filter->object, JSON_COMPACT | JSON_SORT_KEYS);
    if (filter->text == NULL)
        abort();        /* out of memory, or one of our keys is not text */
    return filter->text;
}

/* names: a line each, cut into words. */
static void offer_lines(struct suggest *suggest, char *names)
{
    for (char *name; (name = strsep(&names, "\n")) != NULL;)
        if (*name != '\0')
            suggest_offer(suggest, name);
}

/* A pack that the policy in use does not have may be meant, too. */
static void unknown_pack(const char *word, const char *known, const char *others, void (*offer_packs)(struct suggest *near), struct error *err)
{
    char *names = xstrdup(others == NULL ? "" : others);
    struct suggest near = suggest_start(word);
    offer_packs(&near);
    offer_lines(&near, names);
    bool is_pack = near.best != NULL && strcasecmp(near.best, word) == 0;
    if (is_pack && known == NULL)
        error_set(err, ERROR_USAGE, "--pack %s: this pack is not in use; certsweep policy use %s puts it into force", word, near.best);
    else if (is_pack)
        error_set(err, ERROR_USAGE, "--pack %s: this pack is not in use, but %s; certsweep policy use NAME... puts into force what it names, all that shall hold together",
                  word, known);
    else if (known == NULL)
        error_set(err, ERROR_USAGE, "--pack %s: the policy in use has no clauses%s certsweep policy list names the packs, and certsweep policy use NAME puts one into force",
                  word, SUGGESTED_AMID(&near));
    else
        error_set(err, ERROR_USAGE, "--pack %s: not in the policy in use, which has %s%s certsweep policy list names the packs", word, known,
                  SUGGESTED_AMID(&near));
    free(names);
}

/* known: some of those that there are, for people; near: those that may be meant, a line each. NULL: there is none. */
static void unknown_word(const char *option, const char *word, const char *known, const char *near, struct error *err)
{
    char *names = xstrdup(near == NULL ? "" : near);
    struct suggest suggest = suggest_start(word);
    offer_lines(&suggest, names);
    if (strcmp(option, "owner") == 0 && strcasecmp(word, "none") == 0)
        error_set(err, ERROR_USAGE, "--owner =%s: no owner is called so; --owner none is what has no owner", word);
    else if (known == NULL)
        error_set(err, ERROR_USAGE, "--%s %s: there is none yet", option, word);
    else
        error_set(err, ERROR_USAGE, "--%s %s: not known%s there are %s", option, word, SUGGESTED_AMID(&suggest), known);
    free(names);
}

/* Who asks for none may mean that one. */
static bool none_explain(struct report_filter *filter, struct db *db, struct error *err)
{
    const char *owner = json_string_value(json_object_get(filter->object, "owner"));
    if (owner == NULL || owner[0] != '\0')
        return true;
    struct db_result *called = db_query(db, SQL_REPORT_OWNER_NONE, 0, NULL, err);
    if (called != NULL && db_rows(called) > 0)
        log_warning("--owner none lists what has no owner; an owner is called \"%s\", too: --owner '=%s'", db_value(called, 0, 0), db_value(called, 0, 0));
    db_result_destroy(called);
    return called != NULL;
}

bool report_filter_check(struct report_filter *filter, struct db *db, void (*offer_packs)(struct suggest *near), struct error *err)
{
    const char *params[] = {report_filter_text(filter)};
    bool is_subject = json_object_get(filter->object, "argument") != NULL;
    if (json_object_size(filter->object) <= (is_subject ? 1 : 0))
        return true;            /* no option; planning the statement costs as much as finding a certificate */
    struct db_result *wrong = db_query(db, SQL_REPORT_FILTER_CHECK, 1, params, err);
    if (wrong == NULL)
        return false;
    bool ok = db_rows(wrong) == 0;
    if (!ok && strcmp(db_value(wrong, 0, 0), "pack") == 0)
        unknown_pack(db_value(wrong, 0, 1), db_value(wrong, 0, 2), db_value(wrong, 0, 3), offer_packs, err);
    else if (!ok && strcmp(db_value(wrong, 0, 0), "owners") == 0)
        error_set(err, ERROR_USAGE, "--owner %s: these are several owners together, each of whom has what they share: name one of them, %s", db_value(wrong, 0, 1),
                  db_value(wrong, 0, 2));
    else if (!ok && strcmp(db_value(wrong, 0, 0), "since") == 0)
        error_set(err, ERROR_USAGE, "--since %s leaves no row: changes are told until %s, so name a day before", db_value(wrong, 0, 1), db_value(wrong, 0, 2));
    else if (!ok)
        unknown_word(db_value(wrong, 0, 0), db_value(wrong, 0, 1), db_value(wrong, 0, 2), db_value(wrong, 0, 3), err);
    db_result_destroy(wrong);
    return ok && none_explain(filter, db, err);
}
