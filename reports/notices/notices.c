#include "reports/notices/notices.h"

#include "inventory/store/db.h"
#include "inventory/store/rights.h"
#include "probes/base/clean_text.h"
#include "probes/base/counted.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "reports/document/folder.h"
#include "reports/notices/digest.h"
#include "reports/notices/hook_template.h"
#include "reports/report.h"
#include "reports_notices_sql.h"

#include <jansson.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_CONTACT, OPEN_KEY, OPEN_STEP, OPEN_OWNER, OPEN_NAME, OPEN_NOT_AFTER, OPEN_ACT_BY, OPEN_DAYS, OPEN_PLACES, OPEN_NEXT,
      OPEN_TOLD, OPEN_TOLD_ON, OPEN_STATE, OPEN_ATTEMPTS, OPEN_ZONE, OPEN_UNSEEN, OPEN_SHA256 };

static bool write_eml(struct folder *folder, const struct digest *digest, const char *message, size_t len, struct error *err)
{
    unsigned char hash[32];
    char hex[65], name[40];
    SHA256((const unsigned char *)message, len, hash);
    hex_format(hash, sizeof hash, hex);
    snprintf(name, sizeof name, "notice-%.16s.eml", hex);
    FILE *out = folder_begin(folder, name, err);
    if (out == NULL)
        return false;
    (void)digest;
    bool ok = fwrite(message, 1, len, out) == len;
    return folder_end(folder, ok, err) && ok;
}

static bool send_hook(const struct notices_options *options, const struct digest *digest, struct error *err)
{
    char *json = digest_json(digest), *subject = digest_subject(digest), *text = digest_text(digest), *id = digest_id(digest);
    const struct hook_fields fields = {.subject = subject, .text = text, .contact = digest->contact, .id = id, .json = json};
    char *body = options->hook_template == NULL ? xstrdup(json) : hook_template_fill(options->hook_template, &fields);
    bool ok = deliver_hook(options->hook, body, err);
    free(json);
    free(subject);
    free(text);
    free(id);
    free(body);
    return ok;
}

static bool send_digest(const struct notices_options *options, const struct digest *digest, struct error *err)
{
    if (options->hook != NULL)
        return send_hook(options, digest, err);
    size_t len = 0;
    char *message = digest_message(digest, &len);
    bool ok = options->eml != NULL ? write_eml(options->eml, digest, message, len, err)
                                   : deliver_mail(options->mail, options->from, digest->contact, message, len, err);
    free(message);
    return ok;
}

static bool mark(struct db *db, const char *contact, const char *from, const char *to, const char *trouble, struct error *err)
{
    const char *params[] = {contact, from, to, trouble};
    return db_exec_params(db, SQL_NOTICES_MARK, 4, params, err);
}

/* "sending" is on disk before a byte goes out: a process killed in between sends no second message. */
static bool tell_contact(const struct notices_options *options, struct db *db, const struct digest *digest, FILE *out,
                         struct notices_account *account, struct error *err)
{
    struct error trouble = {0};
    if (!mark(db, digest->contact, "open", "sending", NULL, err))
        return false;
    bool sent = send_digest(options, digest, &trouble);
    if (!mark(db, digest->contact, "sending", sent ? "sent" : "failed", sent ? NULL : trouble.text, err))
        return false;
    account->contacts += sent;
    account->notices += sent ? digest->count : 0;
    account->failed += !sent;
    clean_text_print(out, sent ? "%s: %zu sent\n" : "%s: %zu NOT sent, %s\n", digest->contact, digest->count, trouble.text);
    return true;
}

static void read_item(const struct db_result *rows, size_t row, struct digest_item *item)
{
    *item = (struct digest_item){.key = db_value(rows, row, OPEN_KEY), .sha256 = db_value(rows, row, OPEN_SHA256),
                                 .step = db_value(rows, row, OPEN_STEP), .owner = db_value(rows, row, OPEN_OWNER),
                                 .name = db_value(rows, row, OPEN_NAME),
                                 .not_after = db_value(rows, row, OPEN_NOT_AFTER), .act_by = db_value(rows, row, OPEN_ACT_BY),
                                 .places = db_value(rows, row, OPEN_PLACES), .next_step = db_value(rows, row, OPEN_NEXT),
                                 .zone = db_value(rows, row, OPEN_ZONE), .told = db_value(rows, row, OPEN_TOLD), .told_on = db_value(rows, row, OPEN_TOLD_ON),
                                 .days = db_int(rows, row, OPEN_DAYS), .is_unseen = db_value(rows, row, OPEN_UNSEEN)[0] == 't',
                                 .is_escalated = strcmp(db_value(rows, row, OPEN_STEP), "escalated") == 0};
}

static bool tell_all(const struct notices_options *options, struct db *db, const struct db_result *rows, FILE *out,
                     struct notices_account *account, struct error *err)
{
    struct digest_item *items = xcalloc(db_rows(rows) + 1, sizeof *items);
    bool ok = true, sends = options->eml != NULL || options->mail != NULL || options->hook != NULL;
    for (size_t row = 0; row < db_rows(rows) && ok;) {
        const char *contact = db_value(rows, row, OPEN_CONTACT);
        struct digest digest = {.contact = contact, .from = options->from, .reply_to = options->reply_to, .organization = options->organization, .items = items};
        for (; row < db_rows(rows) && strcmp(db_value(rows, row, OPEN_CONTACT), contact) == 0; row++)
            read_item(rows, row, &items[digest.count++]);
        if (sends) {
            ok = tell_contact(options, db, &digest, out, account, err);
            continue;
        }
        char *subject = digest_subject(&digest);
        clean_text_print(out, "%s: %s\n", contact, subject);
        free(subject);
    }
    if (db_rows(rows) == 0)
        fputs(account->unaddressed > 0 ? "No notice that is due can be sent.\n" : "No notice is due.\n", out);
    free(items);
    return ok;
}

static bool locked(struct db *db, struct error *err)
{
    struct db_result *row = db_query(db, SQL_NOTICES_LOCK, 0, NULL, err);
    if (row == NULL)
        return false;
    bool got = strcmp(db_value(row, 0, 0), "t") == 0;
    db_result_destroy(row);
    return got || error_set(err, ERROR_DATABASE, "another certsweep is sending notices now");
}

/* What nobody can get is told: silence would look like a notice that was sent. */
static bool make_due(struct db *db, FILE *out, struct notices_account *account, struct error *err)
{
    struct db_result *unsent = db_query(db, SQL_NOTICES_DUE, 0, NULL, err);
    if (unsent == NULL)
        return false;
    account->unaddressed = db_value(unsent, 0, 0) == NULL ? 0 : (size_t)db_int(unsent, 0, 0);
    if (account->unaddressed > 0)
        clean_text_print(out, "%s no mail address: %s\n", COUNTED_AS(account->unaddressed, "notice has", "notices have"), db_value(unsent, 0, 1));
    db_result_destroy(unsent);
    return true;
}

/* What came after the last run changes what is due, and whose it is. */
static bool warn_behind(struct db *db, struct error *err)
{
    struct report_state state;
    if (!report_state_get(NULL, &(struct report_options){0}, db, &state, err))
        return false;
    char *behind = state.before[0] == '\0' ? NULL : report_state_behind(&state);
    if (behind != NULL)
        log_warning("the notices are judged %s. Next: certsweep reconcile, before they are sent", behind);
    free(behind);
    return true;
}

bool notices_run(const struct notices_options *options, struct db *db, FILE *out, struct notices_account *account, struct error *err)
{
    *account = (struct notices_account){0};
    if (!rights_require(db, "notice", "and notices are recorded before they are listed or sent", err) || !locked(db, err) ||
        !warn_behind(db, err) || !make_due(db, out, account, err) || !db_exec(db, SQL_NOTICES_DROP, err))
        return false;
    struct db_result *cut = db_query(db, SQL_NOTICES_CUT, 0, NULL, err);
    const char *address = options->reply_to != NULL ? options->reply_to : options->from;
    char *answer_to = address == NULL ? NULL : digest_answer_to(options->organization, address);
    const char *params[] = {answer_to};
    struct db_result *rows = cut == NULL ? NULL : db_query(db, SQL_NOTICES_OPEN, 1, params, err);
    free(answer_to);
    bool ok = rows != NULL;
    if (ok)
        account->cut_off = (size_t)db_int(cut, 0, 0);
    ok = ok && tell_all(options, db, rows, out, account, err);
    db_result_destroy(cut);
    db_result_destroy(rows);
    return ok;
}
