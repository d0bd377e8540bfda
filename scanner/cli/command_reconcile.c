#include "inventory/store/database.h"
#include "inventory/verdicts/as_of.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory/verdicts/revocation/crl_files.h"
#include "inventory/verdicts/revocation/revocation_ask.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/clock.h"
#include "probes/base/comma_words.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/number_text.h"
#include "reports/screen.h"
#include "scanner/cli/command.h"
#include "scanner/cli/result_table.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/fetch/fetch_run.h"
#include "scanner/targets/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_among(const struct reconcile_account *account, const char *word, size_t len)
{
    for (size_t i = 0; i < account->count; i++)
        if (strlen(account->counts[i].value) == len && strncasecmp(account->counts[i].value, word, len) == 0)
            return true;
    return false;
}

/* Is one of the verdicts or rules of --fail-on among the counts? "weak" stands for the rows of report weak. */
static bool fails_on(struct db *db, const struct reconcile_account *account, const char *list, bool *is_met, struct error *err)
{
    const char *word;
    bool is_weak_asked = false;
    for (size_t len; comma_word_next(&list, &word, &len);) {
        is_weak_asked |= len == 4 && strncasecmp(word, "weak", 4) == 0;
        *is_met |= is_among(account, word, len);
    }
    struct db_result *weak = is_weak_asked ? db_query(db, SQL_RECONCILE_WEAK, 0, NULL, err) : NULL;
    *is_met |= weak != NULL && db_int(weak, 0, 0) > 0;
    bool ok = weak != NULL || !is_weak_asked;
    db_result_destroy(weak);
    return ok;
}

/* Loads revocation lists before judging, so that verdicts know them. Their signers must be known first. */
static bool lists_load(struct db *db, const struct options *options, struct crl_account *lists, struct error *err)
{
    size_t count = option_count(options, "crl");
    const char **paths = xcalloc(count + 1, sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = option_at(options, "crl", i);
    bool ok = count == 0 || (reconcile_prepare(db, err) && crl_files_load(db, paths, count, lists, err));
    if (ok && count > 0)
        log_info("revocation lists: %zu new, %zu known before, %zu not usable", lists->loaded, lists->known, lists->bad);
    free(paths);
    return ok;
}

/* --- over the network --- */

#define RESPONDERS_DEFAULT 1000         /* questions to OCSP responders in one run */
#define RESPONDERS_MAX     100000

struct asking {
    struct revocation_questions questions;
    struct revocation_taking *taking;
};

static bool on_fetched(void *context, size_t number, const char *fault, struct byte_reader body, struct error *err)
{
    struct asking *asking = context;
    return revocation_take(asking->taking, &asking->questions.items[number], fault, body, err);
}

/* Carries the questions out and hands back what comes; files that the policy names are read here. */
static bool questions_ask(struct db *db, struct asking *asking, struct fetch_request *request, struct crl_account *lists, struct error *err)
{
    struct revocation_questions *all = &asking->questions;
    struct fetch_question *questions = xcalloc(all->count + 1, sizeof *questions);
    size_t urls = 0;
    bool ok = true;
    while (urls < all->count && !all->items[urls].is_file) {        /* files are the last ones */
        questions[urls] = (struct fetch_question){.url = all->items[urls].url, .body = all->items[urls].body};
        urls++;
    }
    request->questions = questions;
    request->count = urls;
    request->on_answer = on_fetched;
    request->context = asking;
    ok = urls == 0 || fetch_run(request, err);
    for (size_t i = urls; ok && i < all->count; i++) {
        struct crl_account one;
        const char *const path[] = {all->items[i].url};
        ok = crl_files_load(db, path, 1, &one, err);
        lists->loaded += one.loaded;
        lists->known += one.known;
        lists->bad += one.bad;
    }
    free(questions);
    revocation_questions_clear(all);
    return ok;
}

static bool responders_limit(const struct options *options, size_t *limit, struct error *err)
{
    const char *text = option_get_or(options, "ask-ocsp", "");
    uint64_t value = RESPONDERS_DEFAULT;
    bool ok = text[0] == '\0' || (number_text_read(text, RESPONDERS_MAX, &value) && value >= 1);
    *limit = (size_t)value;
    return ok ||
           error_set(err, ERROR_USAGE, "--ask-ocsp=%s: expected a number from 1 to " TEXT_OF(RESPONDERS_MAX), text);
}

/* Lists first: what they cover needs no responder. */
static bool revocation_fetch(struct db *db, const struct options *options, struct crl_account *lists, struct error *err)
{
    bool wants_lists = option_given(options, "fetch-crls"), wants_answers = option_given(options, "ask-ocsp");
    const char *scope = option_get(options, "scope");
    struct revocation_account account;
    size_t limit = 0;
    if (!wants_lists && !wants_answers)
        return true;
    char *scope_text = scope == NULL ? NULL : scope_read_file(scope, err);
    struct fetch_request request = {.scope = scope_text, .scope_label = scope};
    struct asking asking = {.taking = revocation_taking_begin(db, &account)};
    bool ok = (scope == NULL || scope_text != NULL) && responders_limit(options, &limit, err) && reconcile_prepare(db, err);
    if (ok && wants_lists)
        ok = revocation_ask_lists(db, option_given(options, "again"), &asking.questions, err) &&
             questions_ask(db, &asking, &request, &account.lists, err);
    if (ok && wants_answers)
        ok = revocation_ask_responders(db, limit, &asking.questions, err) && questions_ask(db, &asking, &request, &account.lists, err);
    if (ok && wants_lists)
        log_info("revocation lists of CAs: %zu new, %zu known before, %zu not usable", account.lists.loaded, account.lists.known,
                 account.lists.bad);
    if (ok && wants_answers)
        log_info("OCSP responders: %s, %zu without", COUNTED(account.answers, "answer"), account.unanswered);
    lists->bad += account.lists.bad + account.unanswered;
    revocation_questions_clear(&asking.questions);
    revocation_taking_end(asking.taking);
    free(scope_text);
    return ok;
}

static int run(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct reconcile_options reconcile = {.as_of_us = RECONCILE_NOW, .everything = option_given(options, "full")};
    struct reconcile_account account;
    struct crl_account lists = {0};
    const char *as_of = option_get(options, "as-of"), *format = option_get(options, "format");
    const char *fail_on = option_get(options, "fail-on");
    if (argument_count(options) > 0)
        error_set(&err, ERROR_USAGE, "no argument is expected: certsweep reconcile [--as-of DATE]");
    else if (as_of == NULL || as_of_check(as_of, &err))
        scan_inventory_check_fail_on(options, true, &err);
    bool is_table = option_get(options, "output") == NULL && (format == NULL || strcmp(format, "table") == 0);
    struct db *db = err.kind == ERROR_NONE ? database_open(option_get(options, "db"), &err) : NULL;
    bool is_met = false;
    bool ok = db != NULL && (as_of == NULL || as_of_read(db, as_of, &reconcile.as_of_us, &err)) && lists_load(db, options, &lists, &err) &&
        revocation_fetch(db, options, &lists, &err) && reconcile_run(db, &reconcile, &account, &err)
              && scan_inventory_fails_unjudged(db, options, NULL, &is_met, &err)
              && (fail_on == NULL || fails_on(db, &account, fail_on, &is_met, &err))
              && result_table_print(options, db, SQL_RECONCILE_LAST, 0, NULL, "nothing to judge yet", &err);
    if (ok && is_table)
        fputs("record, issuer and time count certificates served or managed (report summary: record of those served now); deployment counts\n"
              "certificates at places (report summary: places); recorded counts managed records; policy counts findings.\n", stdout);
    if (ok && is_table && as_of == NULL) {      /* a replay leaves the present alone */
        putchar('\n');
        ok = screen_print(db, NULL, stdout, &err);
    }
    db_close(db);
    if (!ok)
        return command_fail(&err);
    if (is_met)
        return 1;
    return lists.bad > 0 ? 5 : 0;
}

static const struct option_spec reconcile_options[] = {
    {"as-of", 0, "DATE", "Judge as of the end of this day (2027-01-31) in the policy's zone, or of a moment, instead of now: what will have "
                         "expired by then, say. Verdicts stay as they "
                         "are; the run is recorded as a replay.", false, false},
    {"full", 0, NULL, "Judge everything again, not only what has changed or is due since the last run. The verdicts are the same.",
     false, false},
    {"crl", 0, "FILE|FOLDER", "Take over revocation lists (DER or PEM, folders with all below them) before judging. A list counts by the "
                              "key that signed it: the CA's certificate must be known. Revoked stays known, whatever later lists leave out; "
                              "certificates that no current list covers are reported (H10).", true, false},
    {"fetch-crls", 0, NULL, "Fetch the lists that certificates with a path to a root point to, by http or https as they say, and those that the policy "
                            "names (crl = URL or FILE in [own ca: NAME]; in place of an ldap pointer, say). A worker without rights asks, "
                            "addresses in the scope alone. A list fetched less than an hour ago is not fetched again.", false, false},
    {"again", 0, NULL, "With --fetch-crls: fetch those too.", false, false},
    {"ask-ocsp", 0, "N", "Ask the OCSP responders of served and managed certificates that no current list covers, N at most "
                         "(" TEXT_OF(RESPONDERS_DEFAULT) "), those first that were never asked. No nonce is sent: an answer counts for as long as it says.", false, true},
    {"scope", 0, "FILE", "For --fetch-crls and --ask-ocsp: who authorised which addresses (certsweep scope new); CAs outside of your own "
                         "networks need one.", false, false},
    {"fail-on", 0, "VERDICT,...", "Exit with 1 where one of these was found: verdicts (unmanaged, expired ...), weak, or rules (K02). "
                                "What is not judged, and a rule that was asked of nothing, counts as met.",
     false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep reconcile", "judge what has changed or is due since the last run",
    "certsweep reconcile --full", "judge everything again, by today's managed set and policy",
    "certsweep reconcile --as-of 2027-01-01", "see what the new year will bring",
    "certsweep reconcile --fetch-crls --ask-ocsp --scope scope.ini", "ask the CAs themselves, then judge",
    "certsweep reconcile --crl /var/lib/crls", "take over the CAs' revocation lists, then judge",
    "certsweep reconcile --fail-on expired,unmanaged", "for scripts",
    NULL,
};

const struct command command_reconcile[] = {
    {"reconcile", "", "compare what was found with what is managed, and judge it by the policy",
     "Each certificate gets a verdict on five axes: record (is it managed?), issuer, deployment (is it where it should be?), time and "
     "policy. Every verdict keeps its rule, its evidence and since when it is true. `scan` and `load` do this at their end. "
     "What is judged is what has changed or is due since the last run, and what that touches; everything where policy, rules or "
     "the owners' rule book are other ones.",
     reconcile_options, examples, run},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
