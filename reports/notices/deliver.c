#include "reports/notices/deliver.h"

#include "probes/base/hex.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define CONNECT_SECONDS 15L
#define WHOLE_SECONDS   60L

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

/* What a server answers goes nowhere. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

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
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (roots != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, roots);
    return curl;
}

static bool finish(CURL *curl, const char *url, const char *trouble, struct error *err)
{
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK)
        return error_set(err, ERROR_IO, "%s: %s%s%s", url, curl_easy_strerror(code), trouble[0] == '\0' ? "" : ": ", trouble);
    return true;
}

bool deliver_mail(const struct deliver_mail *mail, const char *from, const char *to, const char *message, size_t len, struct error *err)
{
    char trouble[CURL_ERROR_SIZE];
    struct reading reading = {.at = message, .left = len};
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
    bool ok = finish(curl, mail->url, trouble, err);
    curl_slist_free_all(recipients);
    return ok;
}

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

bool deliver_hook(const char *url, const char *roots, const char *secret, const char *body, struct error *err)
{
    char trouble[CURL_ERROR_SIZE];
    CURL *curl = begin(url, strncmp(url, "http://127.", 11) == 0 ? "http,https" : "https", roots, trouble);
    if (curl == NULL)
        return error_set(err, ERROR_SYSTEM, "libcurl does not start");
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (secret != NULL)
        headers = signature(headers, secret, body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    bool ok = finish(curl, url, trouble, err);
    curl_slist_free_all(headers);
    return ok;
}
