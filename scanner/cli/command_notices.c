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

/* A short text file, without the line end at its end; yours. NULL with an error. */
static char *read_text(const char *path, struct error *err)
{
    FILE *file = user_file_fopen(path);
    char *text = xcalloc(1, TEXT_MAX + 1);
    size_t len = file == NULL ? 0 : fread(text, 1, TEXT_MAX + 1, file);
    bool ok = file != NULL && !ferror(file) && len <= TEXT_MAX && len > 0 && memchr(text, '\0', len) == NULL;
    if (file == NULL)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (!ok)
        error_set(err, ERROR_INPUT, "%s: empty, longer than 64 KiB, or no text: it has a byte 0", path);
    if (file != NULL)
        fclose(file);
    if (!ok) {
        free(text);
        return NULL;
    }
    len = len == TEXT_MAX + 1 ? TEXT_MAX : len;
    text[len] = '\0';
    if (text[len - 1] == '\n')
        text[--len] = '\0';
    if (len > 0 && text[len - 1] == '\r')
        text[len - 1] = '\0';
    return text;
}

struct request {
    struct notices_options what;
    struct deliver_mail mail;
    struct deliver_hook hook;
    char *password, *secret, *headers, *template;
};

static const char *const ways[] = {"smtp", "eml", "webhook"};

/* The one way out: what is typed, else what the settings say. NULL: none, or an error. */
static const char *way_of(const struct options *options, struct error *err)
{
    const char *way = NULL;
    size_t typed = 0, given = 0;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        typed += option_typed(options, ways[i]);
        given += option_given(options, ways[i]);
    }
    if (typed > 1 || (typed == 0 && given > 1))
        error_set(err, ERROR_USAGE, "one way out at a time: --smtp, --eml or --webhook");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0] && err->text[0] == '\0'; i++)
        if (typed == 1 ? option_typed(options, ways[i]) : option_given(options, ways[i]))
            way = ways[i];
    return option_given(options, "dry-run") ? NULL : way;
}

/* An option of one way, typed for none or another, would do nothing, and its user believe that it did. */
static bool options_fit(const struct options *options, const char *way, struct error *err)
{
    static const char *const of_way[][2] = {{"smtp-user", "smtp"}, {"smtp-password-file", "smtp"}, {"webhook-secret-file", "webhook"},
                                            {"webhook-template", "webhook"}, {"webhook-header-file", "webhook"}};
    for (size_t i = 0; i < sizeof of_way / sizeof of_way[0] && !option_given(options, "dry-run"); i++)
        if (option_typed(options, of_way[i][0]) && (way == NULL || strcmp(way, of_way[i][1]) != 0))
            return error_set(err, ERROR_USAGE, "--%s is for --%s", of_way[i][0], of_way[i][1]);
    if (way != NULL && strcmp(way, "webhook") != 0 && !option_given(options, "from"))
        return error_set(err, ERROR_USAGE, "a message needs a sender: --from ADDRESS");
    if (way != NULL && strcmp(way, "smtp") == 0 && option_given(options, "smtp-user") != option_given(options, "smtp-password-file"))
        return error_set(err, ERROR_USAGE, "a login needs both: --smtp-user and --smtp-password-file");
    return true;
}

static bool read_file_option(const struct options *options, const char *name, char **text, struct error *err)
{
    return option_get(options, name) == NULL || (*text = read_text(option_get(options, name), err)) != NULL;
}

static bool read_mail(const struct options *options, struct request *request, struct error *err)
{
    if (!deliver_mail_url_check(option_get(options, "smtp"), err) || !read_file_option(options, "smtp-password-file", &request->password, err))
        return false;
    request->mail = (struct deliver_mail){.url = option_get(options, "smtp"), .user = option_get(options, "smtp-user"),
                                          .password = request->password, .roots = option_get(options, "ca")};
    request->what.mail = &request->mail;
    return true;
}

static bool read_hook(const struct options *options, struct request *request, struct error *err)
{
    if (!deliver_hook_url_check(option_get(options, "webhook"), err) ||
        !read_file_option(options, "webhook-secret-file", &request->secret, err) ||
        !read_file_option(options, "webhook-header-file", &request->headers, err) ||
        !read_file_option(options, "webhook-template", &request->template, err))
        return false;
    if (request->headers != NULL && !deliver_headers_check(request->headers, option_get(options, "webhook-header-file"), err))
        return false;
    if (request->template != NULL && !hook_template_check(request->template, option_get(options, "webhook-template"), err))
        return false;
    request->hook = (struct deliver_hook){.url = option_get(options, "webhook"), .roots = option_get(options, "ca"), .secret = request->secret,
                                          .headers = request->headers};
    request->what.hook = &request->hook;
    request->what.hook_template = request->template;
    return true;
}

/* A line end in it would begin a header of its own, or a command to the mail server. */
static bool addresses_are_lines(const struct options *options, struct error *err)
{
    static const char *const names[] = {"from", "reply-to"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = option_get_or(options, names[i], "");
        for (const char *at = text; *at != '\0'; at++)
            if ((unsigned char)*at <= 0x20 || *at == 0x7f || *at == '<' || *at == '>')
                return error_set(err, ERROR_USAGE, "--%s: an address alone, as certificates@agency.example", names[i]);
    }
    return true;
}

static bool read_request(const struct options *options, struct request *request, struct error *err)
{
    if (!option_given(options, "due"))
        return error_set(err, ERROR_USAGE, "say --due: sends the notices that are due by the policy's steps");
    const char *way = way_of(options, err);
    if (err->text[0] != '\0' || !options_fit(options, way, err) || !addresses_are_lines(options, err))
        return false;
    request->what = (struct notices_options){.from = option_get(options, "from"), .reply_to = option_get(options, "reply-to"),
                                             .organization = option_get(options, "organization")};
    if (way == NULL)
        return true;
    if (strcmp(way, "smtp") == 0)
        return read_mail(options, request, err);
    if (strcmp(way, "webhook") == 0)
        return read_hook(options, request, err);
    return (request->what.eml = folder_open(option_get(options, "eml"), err)) != NULL;
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
    bool ok = read_request(options, &request, &err) && (db = database_open_made(option_get(options, "db"), &err)) != NULL &&
              notices_run(&request.what, db, stdout, &account, &err);
    db_close(db);
    if (ok)
        tell(&account, request.what.eml != NULL || request.what.mail != NULL || request.what.hook != NULL);
    folder_close(request.what.eml);
    free(request.password);
    free(request.secret);
    free(request.headers);
    free(request.template);
    return !ok ? command_fail(&err) : account.failed > 0 ? 5 : 0;
}

static const struct option_spec notices_options[] = {
    {"due", 0, NULL, "What the policy's steps (notice_days, share_of_life_percent) ask for now. Without a way out it is only listed.", false, false},
    {"dry-run", 'n', NULL, "Only list it, whatever way out the settings name.", false, false},
    {"smtp", 0, "URL", "Send by this mail server: smtp://HOST:PORT, where TLS by STARTTLS is demanded, or smtps://HOST.", false, false},
    {"smtp-user", 0, "NAME", "Log in as this user.", false, false},
    {"smtp-password-file", 0, "FILE", "With the password in this file.", false, false},
    {"eml", 0, "FOLDER", "Write each message as a file in this folder, to be sent by other means.", false, false},
    {"webhook", 0, "URL", "POST each digest as JSON to this address (https, or http to this machine). It is sent if the answer is 2xx.", false, false},
    {"webhook-secret-file", 0, "FILE", "Sign the JSON: the header X-Certsweep-Signature holds its HMAC-SHA256 by the secret in this file.", false, false},
    {"webhook-header-file", 0, "FILE", "With the headers in this file, a line each, by which the server knows us: Authorization: Bearer TOKEN.", false, false},
    {"webhook-template", 0, "FILE", "JSON of your ticket system's or chat's shape, with {{subject}}, {{text}}, {{contact}}, {{id}} and {{json}} in it; the packages carry "
                                    "examples for ServiceNow, Jira, Slack and Teams.", false, false},
    {"ca", 0, "FILE", "The roots, in PEM, by which the server is trusted. Default: the system's.", false, false},
    {"from", 0, "ADDRESS", "The sender of messages.", false, false},
    {"reply-to", 0, "ADDRESS", "Where answers go, if not to the sender.", false, false},
    {"organization", 0, "NAME", "The sender's name.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep notices --due --dry-run", "list who would get which notice",
    "certsweep notices --due --smtp smtp://mail.example:587 --from certificates@agency.example", "tell them",
    NULL,
};

const struct command command_notices[] = {
    {"notices", "", "tell owners what is due, by mail or webhook, never twice",
     "One message for a contact, with all that is due: certificates, and records whose certificate no scan has seen. A notice is recorded for "
     "its contact, certificate and step before it goes out; what failed is tried again by the next run. Steps and days are those of the "
     "policy that judged. Muted and ignored certificates are left out. A certificate that stays overdue for the policy's "
     "escalate_after_days is told to the manager that its owner's rule names (certsweep owners import), and to the policy's escalation_contacts, with the names of "
     "those who were told before. What failed is not sent any more once its certificate is renewed, muted or ignored. The "
     "unit certsweep-notices.timer of the package runs this every morning, by the section [notices] of the settings.",
     notices_options, examples, run_notices},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
