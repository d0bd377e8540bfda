#include "reports/notices/deliver.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_SECONDS 15L
#define WHOLE_SECONDS   60L
#define ANSWER_MAX      200

struct reading {
    const char *at;
    size_t left;
};

static size_t on_read(char *to, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    size_t len = size * count < reading->left ? size * count : reading->left;
    memcpy(to, reading->at, len);
    reading->at += len;
    reading->left -= len;
    return len;
}

/* What a server says: of a mail server the last refusal, of a web server how its page begins. */
struct answer {
    char text[ANSWER_MAX + 1];
    size_t len;
};

static void answer_add(struct answer *answer, const char *bytes, size_t len)
{
    size_t part = len < ANSWER_MAX - answer->len ? len : ANSWER_MAX - answer->len;
    memcpy(answer->text + answer->len, bytes, part);
    answer->len += part;
    answer->text[answer->len] = '\0';
}

static size_t on_reply_line(char *bytes, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    if (size * count > 0 && (bytes[0] == '4' || bytes[0] == '5')) {     /* RFC 5321, 4.2.1; later it answers our QUIT */
        answer->len = 0;
        answer_add(answer, bytes, size * count);
    }
    return size * count;
}

static size_t on_page(char *bytes, size_t size, size_t count, void *context)
{
    answer_add(context, bytes, size * count);
    return size * count;
}

/* ---- addresses ---- */

/* A part of it; "" if it has none. */
static bool url_part(CURLU *url, CURLUPart part, char *to, size_t size)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    snprintf(to, size, "%s", has ? text : "");
    curl_free(text);
    return has;
}

/* 127.0.0.0/8 or ::1, as an address: a name may lead anywhere. */
static bool is_this_machine(const char *host)
{
    struct in_addr v4;
    return strcmp(host, "[::1]") == 0 || (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

/* "smtp" is a word of "smtp smtps", "mtp" is none. */
static bool is_word_of(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " "))
        if (strncmp(at, word, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static bool url_check(const char *text, const char *schemes, bool plain_here, struct error *err)
{
    char scheme[16] = "", host[256] = "", password[8] = "";
    CURLU *url = curl_url();
    bool is_url = url != NULL && strstr(text, "://") != NULL && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    bool has_password = is_url && url_part(url, CURLUPART_PASSWORD, password, sizeof password);
    bool has_user = is_url && url_part(url, CURLUPART_USER, password, sizeof password);
    if (is_url) {
        url_part(url, CURLUPART_SCHEME, scheme, sizeof scheme);
        url_part(url, CURLUPART_HOST, host, sizeof host);
    }
    curl_url_cleanup(url);
    if (has_password || has_user)
        return error_set(err, ERROR_USAGE, "a login in an address is seen by other users: name it by %s",
                         plain_here ? "--webhook-header-file" : "--smtp-user and --smtp-password-file");
    bool known = is_word_of(schemes, scheme) && scheme[0] != '\0' && host[0] != '\0';
    if (is_url && (known || (plain_here && strcmp(scheme, "http") == 0 && is_this_machine(host))))
        return true;
    return error_set(err, ERROR_USAGE, "\"%s\" is no address that this takes: %s", text, plain_here ? "https://HOST/PATH" : "smtp://HOST:PORT or smtps://HOST");
}

bool deliver_mail_url_check(const char *url, struct error *err)
{
    return url_check(url, "smtp smtps", false, err);
}

bool deliver_hook_url_check(const char *url, struct error *err)
{
    return url_check(url, "https", true, err);
}

/* The address without what may be a secret: the path of a chat's is one. */
static void server_of(const char *text, char *server, size_t size)
{
    char scheme[16] = "", host[256] = "", port[8] = "";
    CURLU *url = curl_url();
    if (url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
        url_part(url, CURLUPART_SCHEME, scheme, sizeof scheme);
        url_part(url, CURLUPART_HOST, host, sizeof host);
        url_part(url, CURLUPART_PORT, port, sizeof port);
    }
    curl_url_cleanup(url);
    snprintf(server, size, "%s://%s%s%s", scheme, host, port[0] == '\0' ? "" : ":", port);
}

/* ---- one exchange ---- */

static CURL *begin(const char *url, const char *protocols, const char *roots, char trouble[CURL_ERROR_SIZE])
{
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return NULL;
    trouble[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trouble);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, WHOLE_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (roots != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, roots);
    return curl;
}

/* Sends it. What a redirection asks for is not done, so that it is no success either. */
static bool finish(CURL *curl, const char *url, bool is_hook, const struct answer *answer, const char *trouble, struct error *err)
{
    char server[300], said[ANSWER_MAX + 20] = "";
    long status = 0;
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    server_of(url, server, sizeof server);
    size_t len = strcspn(answer->text, "\r\n");
    if (len > 0)
        snprintf(said, sizeof said, "; it said: %.*s", (int)len, answer->text);
    if (code != CURLE_OK)
        return error_set(err, ERROR_IO, "%s: %s%s%s%s", server, curl_easy_strerror(code), trouble[0] == '\0' ? "" : ": ", trouble, said);
    if (is_hook && (status < 200 || status > 299))
        return error_set(err, ERROR_IO, "%s: it answered %ld, not 2xx%s", server, status, said);
    return true;
}

bool deliver_mail(const struct deliver_mail *mail, const char *from, const char *to, const char *message, size_t len, struct error *err)
{
    char trouble[CURL_ERROR_SIZE];
    struct reading reading = {.at = message, .left = len};
    struct answer answer = {0}, page = {0};
    CURL *curl = begin(mail->url, "smtp,smtps", mail->roots, trouble);
    if (curl == NULL)
        return error_set(err, ERROR_SYSTEM, "libcurl does not start");
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    if (mail->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, mail->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password);
    }
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &reading);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_reply_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_page);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &page);
    bool ok = finish(curl, mail->url, false, &answer, trouble, err);
    curl_slist_free_all(recipients);
    return ok;
}

/* ---- headers ---- */

static struct curl_slist *signature(struct curl_slist *headers, const char *secret, const char *body)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1], header[160];
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)body, strlen(body), digest, &len);
    hex_format(digest, len, hex);
    snprintf(header, sizeof header, "X-Certsweep-Signature: sha256=%s", hex);
    return curl_slist_append(headers, header);
}

/* One line: a name of letters, digits and "-" (RFC 9110, 5.1 allows more, nobody uses it), a colon, a value of visible characters. */
static bool is_header(const char *line, size_t len)
{
    static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    size_t name = strspn(line, name_bytes);
    if (name == 0 || name + 1 >= len || line[name] != ':')
        return false;
    if ((name == 12 && strncasecmp(line, "Content-Type", name) == 0) || (name == 14 && strncasecmp(line, "Content-Length", name) == 0))
        return false;
    for (size_t i = name + 1; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            return false;
    return true;
}

bool deliver_headers_check(const char *headers, const char *path, struct error *err)
{
    size_t number = 1;
    for (const char *at = headers; *at != '\0'; number++) {
        size_t len = strcspn(at, "\n");
        if (len > 0 && !is_header(at, len))
            return error_set(err, ERROR_INPUT, "%s: line %zu is no header as \"Authorization: Bearer TOKEN\"", path, number);
        at += len + (at[len] == '\n');
    }
    return true;
}

static struct curl_slist *add_headers(struct curl_slist *list, const char *headers)
{
    for (const char *at = headers; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        char *line = xasprintf("%.*s", (int)len, at);
        if (len > 0)
            list = curl_slist_append(list, line);
        free(line);
        at += len + (at[len] == '\n');
    }
    return list;
}

bool deliver_hook(const struct deliver_hook *hook, const char *body, struct error *err)
{
    char trouble[CURL_ERROR_SIZE];
    struct answer answer = {0};
    CURL *curl = begin(hook->url, "http,https", hook->roots, trouble);
    if (curl == NULL)
        return error_set(err, ERROR_SYSTEM, "libcurl does not start");
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (hook->headers != NULL)
        headers = add_headers(headers, hook->headers);
    if (hook->secret != NULL)
        headers = signature(headers, hook->secret, body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_page);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    bool ok = finish(curl, hook->url, true, &answer, trouble, err);
    curl_slist_free_all(headers);
    return ok;
}
