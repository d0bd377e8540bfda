/* Notices of what is due: one message for a contact, recorded for each certificate and step, and never sent twice.
 *
 *     due (SQL) ─► notice: waiting ─► sending ─► sent
 *                              └──────────◄── failed (tried again by the next run)
 */
#pragma once
#include "probes/base/error.h"
#include "reports/notices/deliver.h"

#include <stdbool.h>
#include <stdio.h>

struct db;
struct folder;

struct notices_options {
    const char *from, *reply_to, *organization;
    /* One way of sending; none: nothing is sent, open notices are listed. */
    struct folder *eml;                     /* a file for each message */
    const struct deliver_mail *mail;
    const struct deliver_hook *hook;
    const char *hook_template;              /* hook_template.h; NULL: all as JSON */
};

struct notices_account {
    size_t contacts, notices;               /* sent */
    size_t unaddressed;                     /* notices without a mail address, which are told in `out`; a webhook gets none of them either */
    size_t failed, cut_off;                 /* contacts that could not be reached; notices of a run that ended while sending */
};

/* Writes to `out` what was or would be sent. False only if the database fails: failures of a mail server are
 * counted in the account. */
bool notices_run(const struct notices_options *options, struct db *db, FILE *out, struct notices_account *account, struct error *err);
