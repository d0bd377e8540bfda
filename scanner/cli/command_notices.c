#include "inventory/store/database.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "reports/document/folder.h"
#include "reports/notices/hook_template.h"
#include "reports/notices/notices.h"
#include "scanner/cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65536          /* of a password or a template */

/* A short text file, without the newline at its end; yours. NULL with an error. */
static char *read_text(const char *path, struct error *err)
{
    FILE *file = user_file_fopen(path);
    char *text = xcalloc(1, TEXT_MAX + 1);
    size_t len = file == NULL ? 0 : fread(text, 1, TEXT_MAX + 1, file);
    bool ok = file != NULL && !ferror(file) && len <= TEXT_MAX && len > 0;
    if (file == NULL)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (!ok)
        error_set(err, ERROR_INPUT, "%s: empty, or longer than 64 KiB", path);
    if (file != NULL)
        fclose(file);
    if (!ok) {
        free(text);
        return NULL;
    }
    text[len] = '\0';
    if (text[len - 1] == '\n')
        text[len - 1] = '\0';
    return text;
}

struct request {
    struct notices_options what;
    struct deliver_mail mail;
    char *password, *secret, *template;
};

static bool read_file_option(const struct options *options, const char *name, char **text, struct error *err)
{
    return option_get(options, name) == NULL || (*text = read_text(option_get(options, name), err)) != NULL;
}

static bool read_request(const struct options *options, struct request *request, struct error *err)
{
    size_t ways = (size_t)option_given(options, "smtp") + (size_t)option_given(options, "eml") + (size_t)option_given(options, "webhook");
    if (!option_given(options, "due"))
        return error_set(err, ERROR_USAGE, "say --due: sends the notices that are due by the policy's steps");
    if (ways > 1)
        return error_set(err, ERROR_USAGE, "one way out at a time: --smtp, --eml or --webhook");
    if (ways == 1 && !option_given(options, "webhook") && !option_given(options, "from"))
        return error_set(err, ERROR_USAGE, "a message needs a sender: --from ADDRESS");
    if (!read_file_option(options, "smtp-password-file", &request->password, err) ||
        !read_file_option(options, "webhook-secret-file", &request->secret, err) ||
        !read_file_option(options, "webhook-template", &request->template, err))
        return false;
    if (request->template != NULL && !hook_template_check(request->template, option_get(options, "webhook-template"), err))
        return false;
    request->mail = (struct deliver_mail){.url = option_get(options, "smtp"), .user = option_get(options, "smtp-user"),
                                          .password = request->password == NULL ? "" : request->password, .roots = option_get(options, "ca")};
    request->what = (struct notices_options){
        .from = option_get(options, "from"), .reply_to = option_get(options, "reply-to"), .organization = option_get(options, "organization"),
        .mail = option_given(options, "smtp") ? &request->mail : NULL, .hook = option_get(options, "webhook"), .hook_secret = request->secret,
        .hook_template = request->template, .roots = option_get(options, "ca")};
    if (option_given(options, "eml"))
        request->what.eml = folder_open(option_get(options, "eml"), err);
    return !option_given(options, "eml") || request->what.eml != NULL;
}

static void tell(const struct notices_account *account, bool sends)
{
    if (account->cut_off > 0)
        log_warning("%s sent again, since a run was interrupted while sending: what was cut off may have arrived",
                    COUNTED_AS(account->cut_off, "notice is not", "notices are not"));
    if (account->unaddressed > 0)
        log_warning("%s no mail address and cannot be sent: give the owners contacts that have one (owners import)",
                    COUNTED_AS(account->unaddressed, "notice has", "notices have"));
    if (account->failed > 0)
        log_warning("%s could not be reached; the next run tries again", COUNTED(account->failed, "contact"));
    if (sends)
        log_info("%s to %s", COUNTED(account->notices, "notice"), COUNTED(account->contacts, "contact"));
}

static int run_notices(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct request request = {0};
    struct notices_account account = {0};
    struct db *db = NULL;
    bool ok = read_request(options, &request, &err) && (db = database_open(option_get(options, "db"), &err)) != NULL &&
              notices_run(&request.what, db, stdout, &account, &err);
    db_close(db);
    if (ok)
        tell(&account, request.what.eml != NULL || request.what.mail != NULL || request.what.hook != NULL);
    folder_close(request.what.eml);
    free(request.password);
    free(request.secret);
    free(request.template);
    return !ok ? command_fail(&err) : account.failed > 0 ? 5 : 0;
}

static const struct option_spec notices_options[] = {
    {"due", 0, NULL, "What the policy's steps (notice_days, share_of_life_percent) ask for now. Without a way out it is only listed.", false, false},
    {"smtp", 0, "URL", "Send by this mail server: smtp://HOST:PORT, where TLS by STARTTLS is demanded, or smtps://HOST.", false, false},
    {"smtp-user", 0, "NAME", "Log in as this user.", false, false},
    {"smtp-password-file", 0, "FILE", "With the password in this file.", false, false},
    {"eml", 0, "FOLDER", "Write each message as a file in this folder, to be sent by other means.", false, false},
    {"webhook", 0, "URL", "POST each digest as JSON to this address (https).", false, false},
    {"webhook-secret-file", 0, "FILE", "Sign the JSON: the header X-Certsweep-Signature holds its HMAC-SHA256 by the secret in this file.", false, false},
    {"webhook-template", 0, "FILE", "JSON of your ticket system's or chat's shape, with {{subject}}, {{text}}, {{contact}}, {{id}} and {{json}} in it; the packages carry "
                                    "examples for ServiceNow, Jira, Slack and Teams.", false, false},
    {"ca", 0, "FILE", "The roots, in PEM, by which the server is trusted. Default: the system's.", false, false},
    {"from", 0, "ADDRESS", "The sender of messages.", false, false},
    {"reply-to", 0, "ADDRESS", "Where answers go, if not to the sender.", false, false},
    {"organization", 0, "NAME", "The sender's name.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep notices --due", "list who would get which notice",
    "certsweep notices --due --smtp smtp://mail.example:587 --from certificates@agency.example", "tell them",
    NULL,
};

const struct command command_notices[] = {
    {"notices", "", "tell owners what is due, by mail or webhook, never twice",
     "One message for a contact, with all that is due. A notice is recorded for its contact, certificate and step before it goes out; what "
     "failed is tried again by the next run. Muted and ignored certificates are left out. A certificate that stays overdue for the policy's "
     "escalate_after_days is told to the manager that its owner's rule names (certsweep owners import), and to the policy's escalation_contacts, with the names of "
     "those who were told before. What failed is not sent any more once its certificate is renewed, muted or ignored. The "
     "unit certsweep-notices.timer of the package runs this every morning, by the section [notices] of the settings.",
     notices_options, examples, run_notices},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
