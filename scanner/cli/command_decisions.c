#include "inventory/formats/csv_table.h"
#include "inventory/managed/decisions.h"
#include "inventory/store/database.h"
#include "inventory_managed_sql.h"
#include "probes/base/clean_text.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/number_text.h"
#include "probes/base/operator_name.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "accept" of "managed accept". */
static const char *kind_of(const struct command *command)
{
    return strrchr(command->name, ' ') + 1;
}

/* Who decides: the name given, or the system's user name. */
static const char *decider(struct options *options)
{
    return option_get_or(options, "who", operator_name());
}

static bool filter_read(struct options *options, const struct command *command, struct decision_filter *filter, struct error *err)
{
    size_t where = option_count(options, "where");
    if (argument_count(options) + where == 0)
        return error_set(err, ERROR_USAGE, "which certificate? certsweep %s HASH|NAME|PLACE|FILE, or --where FIELD=VALUE", command->name);
    if (argument_count(options) > 1)
        return error_set(err, ERROR_USAGE, "one certificate is expected, or --where FIELD=VALUE for several");
    if (argument_count(options) == 1 && !decision_filter_subject(filter, argument_at(options, 0), err))
        return false;
    for (size_t i = 0; i < where; i++)
        if (!decision_filter_add(filter, option_at(options, "where", i), err))
            return false;
    return true;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static bool decision_read(struct options *options, const struct command *command, struct decision_made *made, struct error *err)
{
    bool is_link = strcmp(kind_of(command), "link") == 0;
    *made = (struct decision_made){.kind = kind_of(command), .reason = option_get(options, "reason"), .who = decider(options),
                                   .until = option_get(options, "until"), .record = is_link ? option_get(options, "record") : NULL,
                                   .rule = strcmp(kind_of(command), "mute") == 0 ? option_get(options, "rule") : NULL,
                                   .is_standing = option_given(options, "future")};
    if (made->reason == NULL || is_blank(made->reason))
        return error_set(err, ERROR_USAGE, "--reason TEXT is missing; the verdict shows it");
    if (is_blank(made->who))
        return error_set(err, ERROR_USAGE, "--who NAME is blank; the verdict shows who decided");
    if (made->rule != NULL && strcasecmp(made->rule, "C05") != 0 && strcasecmp(made->rule, "C06") != 0)
        return error_set(err, ERROR_USAGE, "--rule %s: notices are sent for C05 (it has ended) and C06 (its renewal is due) alone", made->rule);
    uint64_t number;
    if (made->record != NULL && strcmp(made->record, RECORD_SUGGESTED) != 0 && !number_text_read(made->record, INT64_MAX, &number))
        return error_set(err, ERROR_USAGE, "--record %s: expected the number of a managed record (certsweep managed list), or " RECORD_SUGGESTED, made->record);
    if (made->is_standing && made->until == NULL)
        return error_set(err, ERROR_USAGE, "--future needs --until DATE: a decision about certificates not found yet must end");
    if (made->is_standing && is_link)
        return error_set(err, ERROR_USAGE, "a link is of certificates that are there; --future does not go with it");
    return !is_link || made->record != NULL || error_set(err, ERROR_USAGE, "--record NUMBER is missing: certsweep managed list shows them; --record "
                                                                               RECORD_SUGGESTED " takes for each what the match ladder suggests");
}

/* How many certificates the filter finds; printed where they are not simply decided. */
static bool preview(struct options *options, struct db *db, const char *id, const struct decision_made *made, bool is_shown, size_t *found,
                    struct error *err)
{
    const char *params[] = {id, made->record != NULL && strcmp(made->record, RECORD_SUGGESTED) == 0 ? "true" : "false"};
    struct db_result *rows = db_query(db, SQL_DECISION_PREVIEW, 2, params, err);
    if (rows == NULL)
        return false;
    *found = db_rows(rows);
    db_result_destroy(rows);
    return !is_shown || *found == 0 || result_table_print(options, db, SQL_DECISION_PREVIEW, 2, params, "", err);
}

static bool licences_tell(struct db *db, const char *kind, struct error *err)
{
    char *licences = strcmp(kind, "adopt") == 0 ? decisions_licences(db, err) : NULL;
    bool ok = licences != NULL || err->kind == ERROR_NONE;
    if (licences != NULL && *licences != '\0')
        puts(licences);
    free(licences);
    return ok;
}

/* Says so where a source manages what is decided about. */
static bool idle_tell(struct db *db, const char *id, const struct decision_made *made, size_t found, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_DECISION_IDLE, 1, &id, err);
    if (rows == NULL)
        return false;
    int64_t count = db_int(rows, 0, 0);
    char *one = count == 0 ? NULL : xasprintf("%s is", db_value(rows, 0, 1));
    if (count > 0)
        log_info("%s managed by %s: %s holds for what no source knows, and has no effect while this is so. No notices: certsweep managed mute",
                 found == 1 ? one : COUNTED_AS(count, "of them is", "of them are"), db_value(rows, 0, 2), made->kind);
    free(one);
    db_result_destroy(rows);
    return true;
}

/* Of what is meant, what cannot be adopted is left out, and said with the command to run in its place; refused, if nothing is left. */
static bool unfit_tell(struct db *db, const char *id, const struct decision_made *made, size_t found, struct error *err)
{
    struct db_result *rows = strcmp(made->kind, "adopt") == 0 ? db_query(db, SQL_DECISION_UNFIT, 1, &id, err) : NULL;
    if (rows == NULL)
        return err->kind == ERROR_NONE;
    int64_t own = db_int(rows, 0, 0), self_signed = db_int(rows, 0, 1), count = own + self_signed;
    char *instead = xasprintf("%s%s%s", own > 0 ? "the record of one of an own CA comes with that CA's account (certsweep "
                                                   "managed import --source NAME FILE)" : "",
                              own > 0 && self_signed > 0 ? "; " : "",
                              self_signed > 0 ? "a self-signed one is of no CA: replace it, or let it stay" : "");
    char *accept = self_signed == 0 ? xstrdup("")
                 : xasprintf(" (certsweep managed accept %s --reason TEXT)", count == 1 ? db_value(rows, 0, 3) : "HASH");
    bool ok = count == 0 || found > 0 || made->is_standing ||
              error_set(err, ERROR_INPUT, "%s %s not adopted, which is for certificates of other CAs: %s%s",
                        count == 1 ? db_value(rows, 0, 2) : COUNTED(count, "certificate"), count == 1 ? "is" : "are", instead, accept);
    if (ok && count > 0)
        log_info("%s left out: %s%s", COUNTED_AS(count, "more is", "more are"), instead, accept);
    db_result_destroy(rows);
    free(instead);
    free(accept);
    return ok;
}

/* Is a certificate meant for which no record is suggested? */
static bool suggested_none(struct options *options, struct db *db, const char *id, const struct decision_filter *filter,
                           const struct decision_made *made, struct error *err)
{
    struct decision_made any = *made;
    size_t meant = 0;
    any.record = NULL;
    if (made->record != NULL && strcmp(made->record, RECORD_SUGGESTED) == 0 && !preview(options, db, id, &any, false, &meant, err))
        return false;
    if (meant == 0)
        return error_set(err, ERROR_INPUT, "no certificate of the inventory is meant by %s", filter->text);
    return error_set(err, ERROR_INPUT, "no record is suggested for what is meant by %s; certsweep managed list shows the records "
                                        "(--record NUMBER)", filter->text);
}

/* "(3 had it already, 1 of them for longer ...)"; yours: free(). NULL with an error. */
static char *kept_text(struct db *db, const char *id, int64_t kept, struct error *err)
{
    struct db_result *rows = kept == 0 ? NULL : db_query(db, SQL_DECISION_LONGER, 1, &id, err);
    if (rows == NULL)
        return kept == 0 ? xstrdup("") : NULL;
    int64_t longer = db_int(rows, 0, 0);
    db_result_destroy(rows);
    return longer == 0 ? xasprintf(" (%" PRId64 " had it already)", kept)
                       : xasprintf(" (%" PRId64 " had it already, %" PRId64 " for longer; to shorten that: certsweep managed undo HASH, then decide again)",
                                   kept, longer);
}

/* In one line; what is kept is as it was given. */
static void made_tell(const struct decision_made *made, const char *kept, const char *until, int64_t count, int64_t found)
{
    char *who = csv_one_line(made->who), *reason = csv_one_line(made->reason);
    clean_text_print(stdout, "%s: %" PRId64 " of %s%s%s, by %s: %s\n", made->kind, count, COUNTED(found, "certificate"),
                     kept, until, who, reason);
    puts("Next: certsweep reconcile");
    free(who);
    free(reason);
}

/* One certificate that was named is decided at once; several are shown first, and decided with --yes. until: ", until the end of 2026-12-31
 * (UTC)", or "". */
static bool decide(struct options *options, struct db *db, const struct decision_filter *filter, const struct decision_made *made, const char *until,
                   struct error *err)
{
    char id[32];
    size_t found = 0;
    int64_t count = 0;
    bool is_sure = option_given(options, "yes");
    if (!decisions_begin(db, filter, made, id, err))
        return false;
    bool is_one = argument_count(options) == 1 && option_count(options, "where") == 0 && !made->is_standing;
    bool ok = preview(options, db, id, made, false, &found, err) &&
              (is_sure || (is_one && found == 1) || preview(options, db, id, made, true, &found, err)) &&
              unfit_tell(db, id, made, found, err) && idle_tell(db, id, made, found, err);
    if (ok && found == 0 && !made->is_standing)
        ok = suggested_none(options, db, id, filter, made, err);
    if (!ok || !(is_sure || (is_one && found == 1))) {
        db_rollback(db);
        if (ok)
            log_info("%s meant; nothing is decided yet. The same with --yes decides of all that are meant%s",
                     COUNTED_AS(found, "certificate is", "certificates are"), until);
        return ok;
    }
    ok = decisions_make(db, id, made, &count, err) && licences_tell(db, made->kind, err);
    char *kept = ok ? kept_text(db, id, (int64_t)found - count, err) : NULL;
    if (kept != NULL)
        made_tell(made, kept, until, count, (int64_t)found);
    free(kept);
    return kept != NULL;
}

static char *until_text(struct db *db, const char *given, struct error *err)
{
    char *moment = given == NULL ? NULL : decisions_until(db, given, err);
    char *text = given == NULL ? xstrdup("") : moment == NULL ? NULL : xasprintf(", until %s", moment);
    free(moment);
    return text;
}

static int run_decide(const struct command *command, struct options *options)
{
    struct error err = {0};
    struct decision_filter filter = {0};
    struct decision_made made;
    struct db *db = decision_read(options, command, &made, &err) && filter_read(options, command, &filter, &err)
                  ? database_open(option_get(options, "db"), &err) : NULL;
    char *until = db == NULL ? NULL : until_text(db, made.until, &err);
    bool ok = until != NULL && decide(options, db, &filter, &made, until, &err);
    free(until);
    db_close(db);
    decision_filter_clear(&filter);
    return ok ? 0 : command_fail(&err);
}

/* Who and why, where they are given, are told later: blanks would tell nothing. */
static bool undo_check(struct options *options, struct error *err)
{
    const char *reason = option_get(options, "reason");
    if (argument_count(options) == 0)
        return error_set(err, ERROR_USAGE, "which decision? certsweep managed undo NUMBER|HASH|NAME; certsweep managed decisions shows them");
    if (reason != NULL && is_blank(reason))
        return error_set(err, ERROR_USAGE, "--reason TEXT is blank; the list of decisions shows it");
    return !is_blank(decider(options)) || error_set(err, ERROR_USAGE, "--who NAME is blank; the list of decisions shows who took it back");
}

static bool undo(struct options *options, struct db *db, struct error *err)
{
    for (size_t i = 0; i < argument_count(options); i++) {
        const char *what = argument_at(options, i);
        size_t digits = strspn(what, "0123456789"), hex = strspn(what, "0123456789abcdef");
        bool is_number = what[digits] == '\0' && digits < 8, is_hash = !is_number && what[hex] == '\0' && hex >= 8;
        const char *params[] = {is_number ? what : NULL, is_hash ? what : NULL, decider(options), is_number || is_hash ? NULL : what,
                                option_get(options, "reason")};
        struct db_result *rows = db_query(db, SQL_DECISION_UNDO, 5, params, err);
        if (rows == NULL)
            return false;
        int64_t count = db_int(rows, 0, 0), standing = db_int(rows, 0, 1);
        db_result_destroy(rows);
        if (count == 0)
            return error_set(err, ERROR_INPUT, "%s: no decision that holds has this number, hash or name; certsweep managed decisions shows them", what);
        printf("taken back: %" PRId64 "%s\n", count, standing > 0 ? ", and its filter decides of nothing new" : "");
    }
    return true;
}

static int run_undo(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct db *db = undo_check(options, &err) ? database_open(option_get(options, "db"), &err) : NULL;
    bool ok = db != NULL && undo(options, db, &err);
    db_close(db);
    if (ok)
        puts("Next: certsweep reconcile");
    return ok ? 0 : command_fail(&err);
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    log_warning("%s:%zu: %s", file, line, text);
}

static int run_decisions(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    const char *file = option_get(options, "import"), *params[] = {option_given(options, "all") ? "true" : "false"};
    struct decision_account account = {0};
    struct decision_sink sink = {.fault = on_fault};
    struct db *db = (file == NULL ? database_open_made : database_open)(option_get(options, "db"), &err);
    bool ok = db != NULL && (file == NULL ? result_table_print(options, db, SQL_DECISIONS_LIST, 1, params, "nothing is decided", &err)
                                          : decisions_import(db, file, &sink, &account, &err));
    db_close(db);
    if (!ok)
        return command_fail(&err);
    if (file == NULL)
        return 0;
    printf("%s new, %s not readable\n", COUNTED(account.added, "decision"), COUNTED(account.faults, "row"));
    if (account.without_subject > 0)
        printf("%" PRId64 " of the file are about what is not known here; they hold once it is.\n", account.without_subject);
    if (account.without_source > 0)
        printf("%" PRId64 " not taken over: links to sources that are not here.\n", account.without_source);
    puts("Next: certsweep reconcile");
    return account.faults + account.without_source == 0 ? 0 : 5;
}

#define DECISION_OPTIONS \
    {"reason", 0, "TEXT", "Why: it stands beside the verdict from now on.", false, false}, \
    {"until", 0, "DATE", "The last day on which it holds, to its end in the policy's time zone (UTC without one), or a moment, as 2026-12-31T12:00Z; without this, until it is taken back.", false, false}, \
    {"who", 0, "NAME", "Who decides; without this, the user of the system.", false, false}, \
    {"where", 0, "FIELD=VALUE", "All certificates of which this holds: sha256, name, issuer, owner (patterns with * and ?), issuer_kind, record, time, " \
                                "rule, site, network. Several must all hold. Shows what it finds; --yes decides.", true, false}, \
    {"yes", 'y', NULL, "Decide of all that were shown.", false, false}

static const struct option_spec decide_options[] = {
    DECISION_OPTIONS,
    {"future", 0, NULL, "Also of certificates that are found later, until --until.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec link_options[] = {
    DECISION_OPTIONS,
    {"future", 0, NULL, "Not for a link.", false, false},
    {"record", 0, "NUMBER", "The managed record that it is; certsweep managed list shows the numbers. \"" RECORD_SUGGESTED "\": for each the one that the match "
                            "ladder suggests (same names, common name, key alone or serial number alone).", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec mute_options[] = {
    DECISION_OPTIONS,
    {"future", 0, NULL, "Also of certificates that are found later, until --until.", false, false},
    {"rule", 0, "ID", "Only the notices of this rule: C05 (it has ended) or C06 (its renewal is due).", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec undo_options[] = {
    {"reason", 0, "TEXT", "Why it is taken back; report exceptions and managed decisions --all tell it.", false, false},
    {"who", 0, "NAME", "Who takes it back; without this, the user of the system.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const struct option_spec decisions_options[] = {
    {"all", 'a', NULL, "With those that are over or taken back.", false, false},
    {"import", 0, "FILE", "Take over the decisions of a file that this command has written as CSV.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const accept_examples[] = {
    "certsweep managed accept 3f1c9a2b --reason \"printer, replaced in spring\" --until 2027-04-01", "tolerate one certificate for a time",
    "certsweep managed accept --where owner=Parks --where issuer_kind=self-signed --reason \"cameras\"", "see which these are; --yes decides",
    NULL,
};

static const char *const link_examples[] = {
    "certsweep managed link 3f1c9a2b --record 17 --reason \"same service\"", "one certificate",
    "certsweep managed link --where record=unmanaged --record suggested --reason \"export without serial numbers\"",
    "see which record the match ladder suggests for each; --yes links them",
    NULL,
};

static const char *const adopt_examples[] = {
    "certsweep managed adopt 3f1c9a2b --reason \"renewed by us from now on\"", "one certificate, under one licence",
    "certsweep managed adopt --where owner=Parks --where issuer_kind=foreign --reason \"moved to our account\"",
    "see which these are; --yes takes a licence for each",
    NULL,
};

static const char *const mute_examples[] = {
    "certsweep managed mute --where owner=Parks --rule C06 --until 2027-02-01 --reason \"renewed by a script\" --yes",
    "no reminders, but tell it if one ends all the same",
    NULL,
};

static const char *const decisions_examples[] = {
    "certsweep managed decisions --format csv -o decisions.csv", "keep them in a file",
    "certsweep managed decisions --import decisions.csv", "take them over, in another database for example",
    NULL,
};

#define MANY "Takes what reports print: the beginning of a hash, a name, an address, a place as 10.1.2.3:443 or [2001:db8::1]:443, also as \"branch " \
             "10.1.2.3:443 (www.example)\" with its site and server name, a file as web1:/etc/ssl/web.pem. " \
             "With --where it shows all that are meant, and decides of them with --yes; a decision then holds for each certificate by itself."

const struct command command_decisions[] = {
    {"managed accept", "HASH|NAME|PLACE|FILE", "tolerate a certificate that nobody manages",
     "Its record is `accepted` until the date; findings of rules stay. A renewal does not inherit it. " MANY, decide_options, accept_examples,
     run_decide},
    {"managed ignore", "HASH|NAME|PLACE|FILE", "say that a certificate is not yours",
     "Its record is `ignored` until the date, and no list of unmanaged ones has it. A renewal does not inherit it. " MANY, decide_options, NULL,
     run_decide},
    {"managed link", "HASH|NAME|PLACE|FILE", "say which managed record a certificate is",
     "For suggestions of the match ladder: from now on the certificate is managed by that record. A renewal of the same names, class of issuer, and owner or "
     "order inherits it. " MANY, link_options, link_examples, run_decide},
    {"managed adopt", "HASH|NAME|PLACE|FILE", "take a certificate of another CA into management",
     "It is managed without a record, under one of the policy's licences. Refused, and with --where left out: one of an own CA, which has its record "
     "in that CA's account (managed import), and a self-signed one, which is of no CA (managed accept). "
     "A renewal of the same names, class of issuer, and owner or order inherits it and "
     "its licence. " MANY, decide_options, adopt_examples, run_decide},
    {"managed mute", "HASH|NAME|PLACE|FILE", "send no notices about a certificate", "No verdict changes. With --rule the notices of the other "
     "rule are still sent. " MANY, mute_options, mute_examples, run_decide},
    {"managed undo", "NUMBER|HASH|NAME...", "take back decisions",
     "By the number of one decision, or all of a certificate, by its hash or name (with * and ?: of all that are called so). What renewals "
     "have inherited of it is taken back too.", undo_options, NULL, run_undo},
    {"managed decisions", "", "list the decisions that hold, or take them over from a file",
     "As CSV it is the file that --import reads.", decisions_options, decisions_examples, run_decisions},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
