#include "scanner/fetch/fetch_worker.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/fetch/fetch_record.h"
#include "scanner/process/confine.h"
#include "scanner/process/worker_process.h"
#include "scanner/targets/address_kinds.h"
#include "scanner/targets/scope.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REDIRECTS_MAX   3
#define ADDRESSES_MAX   8               /* of one name */
#define CONNECT_SECONDS 5L
#define WHOLE_SECONDS   120L
#define PAUSE_NS        50000000L       /* between two questions to one host: 20 a second, as a scan's default */
#define JOB_OCTETS_MAX  (256u << 20)

struct fetch_worker {
    struct scope *scope;
    struct byte_reader job;
    char last_host[256];
};

struct exchange {                       /* one question, over its redirects */
    struct fetch_worker *worker;
    struct byte_reader request;         /* empty: GET */
    struct byte_buffer body;
    char host[256];
    uint16_t port;
    char fault[FETCH_FAULT_MAX];
};

static bool fail(struct exchange *exchange, const char *what, const char *why)
{
    snprintf(exchange->fault, sizeof exchange->fault, "%s%s%s", what, why[0] == '\0' ? "" : ": ", why);
    return false;
}

/* --- where to ---------------------------------------------------------------------------------------------- */

/* The only check against the scope: the address of a socket before it is created. */
static bool is_allowed(const struct exchange *exchange, const struct address *address, const char **reason)
{
    struct target target = {.address = *address, .transport = TRANSPORT_TCP, .port = exchange->port};
    struct scope_question question = {.target = &target, .server_name = exchange->host, .depth = TLS_DEPTH_CERT, .time_us = clock_utc_us()};
    return scope_judge(exchange->worker->scope, &question, reason) == SCOPE_ALLOWED;
}

static bool address_of(const struct sockaddr *sockaddr, struct address *address)
{
    if (sockaddr->sa_family == AF_INET)
        *address = address_from_bytes((const uint8_t *)&((const struct sockaddr_in *)(const void *)sockaddr)->sin_addr, 4);
    else if (sockaddr->sa_family == AF_INET6)
        *address = address_from_bytes((const uint8_t *)&((const struct sockaddr_in6 *)(const void *)sockaddr)->sin6_addr, 16);
    else
        return false;
    return true;
}

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct exchange *exchange = context;
    struct address address;
    const char *reason = "";
    (void)purpose;
    if (!address_of(&to->addr, &address) || !is_allowed(exchange, &address, &reason)) {
        fail(exchange, "out of scope", reason);
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype, to->protocol);
}

/* A literal address is used as it is; of a name, the first address that the scope allows. */
static bool choose_address(struct exchange *exchange, struct address *chosen)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    const char *reason = "it has no address";
    size_t seen = 0;
    if (address_parse(exchange->host, chosen))
        return is_allowed(exchange, chosen, &reason) || fail(exchange, "out of scope", reason);
    if (getaddrinfo(exchange->host, NULL, &hints, &found) != 0)
        return fail(exchange, "the name does not resolve", "");
    bool ok = false;
    for (const struct addrinfo *at = found; at != NULL && !ok && seen < ADDRESSES_MAX; at = at->ai_next, seen++)
        ok = address_of(at->ai_addr, chosen) && is_allowed(exchange, chosen, &reason);
    freeaddrinfo(found);
    return ok || fail(exchange, "out of scope", reason);
}

/* http, and https for the CAs that publish so. Who the server is, is not verified: a list and an answer are signed by the CA, and to check
 * the server's certificate would need revocation data, which may be circular (RFC 5280, section 8). */
static bool take_url_parts(struct exchange *exchange, CURLU *url)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
    bool ok = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    bool has_user = curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK;
    if (!ok || strlen(host) >= sizeof exchange->host)
        ok = fail(exchange, "no URL that can be read", "");
    else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        ok = fail(exchange, "only http and https are asked", "");
    else if (has_user)
        ok = fail(exchange, "a login in a URL is not used", "");
    if (ok) {
        size_t len = strlen(host);
        bool brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
        snprintf(exchange->host, sizeof exchange->host, "%.*s", (int)(brackets ? len - 2 : len), host + brackets);
        exchange->port = (uint16_t)strtoul(port, NULL, 10);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(user);
    return ok;
}

static bool parse_url(struct exchange *exchange, const char *text)
{
    CURLU *url = curl_url();
    bool ok = strlen(text) <= FETCH_URL_MAX && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK
                  ? take_url_parts(exchange, url)
                  : fail(exchange, "no URL that can be read", "");
    curl_url_cleanup(url);
    return ok;
}

static void pause_between(struct fetch_worker *worker, const struct exchange *exchange, const struct address *address)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    if (strcasecmp(worker->last_host, exchange->host) == 0 && !address_is_loopback(address))
        nanosleep(&pause, NULL);
    memcpy(worker->last_host, exchange->host, sizeof worker->last_host);
}

/* --- the exchange ------------------------------------------------------------------------------------------ */

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    size_t limit = exchange->request.left == 0 ? FETCH_LIST_OCTETS_MAX : FETCH_ANSWER_OCTETS_MAX;
    if (byte_buffer_len(&exchange->body) + size * count > limit) {
        fail(exchange, "longer than is read", "");
        return 0;
    }
    return byte_buffer_append(&exchange->body, bytes, size * count) ? size * count : 0;
}

static CURL *prepare(struct exchange *exchange, const char *url, struct curl_slist *connect_to, struct curl_slist *headers)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);         /* take_url_parts() says why */
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, WHOLE_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1024L);     /* a slow server must not delay the others */
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 10L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "certsweep");
    if (exchange->request.left != 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)exchange->request.at);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)exchange->request.left);
    }
    return curl;
}

/* *next: where the server redirects to; NULL: the body is the answer. */
static bool read_status(struct exchange *exchange, CURL *curl, CURLcode code, char **next)
{
    long status = 0;
    const char *redirect = NULL;
    char text[32];
    *next = NULL;
    if (code != CURLE_OK)
        return exchange->fault[0] == '\0' ? fail(exchange, curl_easy_strerror(code), "") : false;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
    if (status == 200)
        return true;
    snprintf(text, sizeof text, "%ld", status);
    if (redirect == NULL)
        return fail(exchange, "HTTP status", text);
    *next = xstrdup(redirect);
    return true;
}

static bool ask_once(struct exchange *exchange, const char *url, char **next)
{
    struct address address;
    char text[ADDRESS_TEXT_SIZE], to[ADDRESS_TEXT_SIZE + 16];
    *next = NULL;
    if (!parse_url(exchange, url) || !choose_address(exchange, &address))
        return false;
    pause_between(exchange->worker, exchange, &address);
    address_format(&address, text);
    snprintf(to, sizeof to, address.len == 4 ? "::%s:" : "::[%s]:", text);
    struct curl_slist *connect_to = curl_slist_append(NULL, to), *headers = NULL;
    if (exchange->request.left != 0)
        headers = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/ocsp-request"), "Accept: application/ocsp-response");
    byte_buffer_clear(&exchange->body);
    CURL *curl = prepare(exchange, url, connect_to, headers);
    bool ok = curl == NULL ? fail(exchange, "libcurl does not start", "") : read_status(exchange, curl, curl_easy_perform(curl), next);
    curl_easy_cleanup(curl);
    curl_slist_free_all(connect_to);
    curl_slist_free_all(headers);
    return ok;
}

static bool ask(struct exchange *exchange, const char *url)
{
    char *at = xstrdup(url), *next = NULL;
    bool ok = ask_once(exchange, at, &next);
    for (unsigned i = 0; ok && next != NULL; i++) {
        free(at);
        at = next;
        next = NULL;
        ok = i < REDIRECTS_MAX ? ask_once(exchange, at, &next) : fail(exchange, "too many redirects", "");
    }
    free(at);
    free(next);
    return ok;
}

/* --- the job ------------------------------------------------------------------------------------------------ */

static bool write_all(struct byte_buffer *buffer)
{
    while (byte_buffer_len(buffer) > 0) {
        ssize_t written = write(WORKER_REPORT_FD, buffer->bytes + buffer->head, byte_buffer_len(buffer));
        if (written < 0 && errno != EINTR)
            return false;                   /* the keeper is gone */
        byte_buffer_consume(buffer, written < 0 ? 0 : (size_t)written);
    }
    return true;
}

static bool answer(struct exchange *exchange, uint32_t number, bool ok)
{
    struct byte_buffer record;
    const uint8_t head[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    byte_buffer_init(&record, 0);
    byte_buffer_append(&record, head, sizeof head);
    fetch_record_add_text(&record, ok ? "" : exchange->fault);
    fetch_record_add(&record, exchange->body.bytes == NULL ? NULL : exchange->body.bytes + exchange->body.head,
                     ok ? byte_buffer_len(&exchange->body) : 0);
    bool written = write_all(&record);
    byte_buffer_clear(&record);
    return written;
}

static bool ask_all(struct fetch_worker *worker)
{
    struct byte_reader url, body;
    bool ok = true;
    for (uint32_t number = 0; ok && fetch_record_take(&worker->job, SIZE_MAX, &url) && fetch_record_take(&worker->job, FETCH_ANSWER_OCTETS_MAX, &body);
         number++) {
        struct exchange exchange = {.worker = worker, .request = body};
        char *text = xstrndup((const char *)url.at, url.left);
        byte_buffer_init(&exchange.body, 0);
        ok = answer(&exchange, number, ask(&exchange, text));
        byte_buffer_clear(&exchange.body);
        free(text);
    }
    return ok;
}

static bool read_job(struct byte_buffer *job, struct error *err)
{
    byte_buffer_init(job, JOB_OCTETS_MAX);
    for (;;) {
        uint8_t *room = byte_buffer_room(job, 65536);
        ssize_t got = room == NULL ? -1 : read(WORKER_FDS, room, 65536);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return error_set(err, ERROR_SYSTEM, "the questions cannot be read");
        byte_buffer_added(job, got < 0 ? 0 : (size_t)got);
    }
}

static bool make_scope(struct fetch_worker *worker, struct error *err)
{
    struct byte_reader scope, label;
    if (!fetch_record_take(&worker->job, SIZE_MAX, &scope) || !fetch_record_take(&worker->job, SIZE_MAX, &label))
        return error_set(err, ERROR_SYSTEM, "the questions cannot be read");
    char *text = xstrndup((const char *)scope.at, scope.left), *name = xstrndup((const char *)label.at, label.left);
    worker->scope = scope_create(text[0] == '\0' ? NULL : text, name, "", err);
    free(text);
    free(name);
    return worker->scope != NULL && scope_check(worker->scope, TLS_DEPTH_CERT, clock_utc_us(), err);
}

int fetch_worker_main(int argc, char *const *argv)
{
    if (argc != 2)
        return 2;
    const struct confinement confinement = {.sockets = CONFINE_IP_SOCKETS, .keeper = (pid_t)atoi(argv[1])};
    struct fetch_worker worker = {.scope = NULL};
    struct byte_buffer job;
    struct error err = {0};
    prctl(PR_SET_NAME, FETCH_WORKER_NAME);
    confine_signals();
    curl_global_init(CURL_GLOBAL_NOTHING);      /* reads settings while files can still be opened */
    bool ok = read_job(&job, &err);
    worker.job = byte_buffer_reader(&job);
    ok = ok && make_scope(&worker, &err) && confine_enter(&confinement, &err);
    if (!ok)
        log_error("%s", err.text);
    ok = ok && ask_all(&worker);
    scope_destroy(worker.scope);
    byte_buffer_clear(&job);
    return ok ? 0 : err.kind != ERROR_NONE ? error_exit_code(&err) : 4;
}
