/* Zeek's logs, tab-separated or JSON: ssl.log says where which hashes were seen, x509.log holds the certificates (where its
 * policy log-certs-base64 is loaded). They are joined by the hash after the last file, since either may come first. */
#include "inventory/results/results_parts.h"

#include "inventory/formats/certificate_text.h"
#include "inventory/formats/json_values.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 128

enum column { C_TIME, C_ADDRESS, C_PORT, C_NAME, C_VERSION, C_CHAIN, C_FINGERPRINT, C_CERT, COLUMN_COUNT };
static const char *const column_names[COLUMN_COUNT] = {"ts", "id.resp_h", "id.resp_p", "server_name", "version", "cert_chain_fps",
                                                       "fingerprint", "cert"};

struct zeek_certificate {
    char hash[65];                      /* SHA-256 in Zeek from 5.0 on; SHA-1 before */
    uint8_t *der;
    size_t len;
};

/* A connection, until all certificates are known. */
struct waiting {
    int64_t time_us;
    struct address address;
    uint16_t port, version;
    char *name, *chain;                 /* "hash,hash" */
};

struct zeek {
    struct zeek_certificate *certificates;
    size_t count;
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
};

static void add_certificate(struct zeek *zeek, const char *base64)
{
    struct byte_buffer der;
    byte_buffer_init(&der, 1u << 20);
    if (base64_text_decode(base64, strlen(base64), &der)) {
        struct byte_reader bytes = byte_buffer_reader(&der);
        uint8_t sha256[32], sha1[20];
        SHA256(bytes.at, bytes.left, sha256);
        SHA1(bytes.at, bytes.left, sha1);
        for (int form = 0; form < 2; form++) {
            zeek->certificates = xreallocarray(zeek->certificates, zeek->count + 1, sizeof *zeek->certificates);
            struct zeek_certificate *certificate = &zeek->certificates[zeek->count++];
            const uint8_t *hash = form == 0 ? sha256 : sha1;
            for (int i = 0; i < (form == 0 ? 32 : 20); i++)
                snprintf(certificate->hash + 2 * i, 3, "%02x", hash[i]);
            certificate->der = xmemdup(bytes.at, bytes.left);
            certificate->len = bytes.left;
        }
    }
    byte_buffer_clear(&der);
}

static void add_row(struct results *results, const char *const *cells)
{
    struct zeek *zeek = results->zeek;
    if (cells[C_CERT] != NULL) {
        add_certificate(zeek, cells[C_CERT]);
    } else if (cells[C_CHAIN] != NULL && cells[C_ADDRESS] != NULL) {
        struct result result;
        result_init(&result, results);
        result_time(&result, cells[C_TIME]);
        result_version(&result, cells[C_VERSION]);
        if (!result_place(&result, cells[C_ADDRESS], cells[C_PORT] == NULL ? 0 : strtol(cells[C_PORT], NULL, 10), cells[C_NAME]))
            return;
        if (zeek->waiting_count == zeek->waiting_room) {
            zeek->waiting_room = zeek->waiting_room == 0 ? 1024 : zeek->waiting_room * 2;
            zeek->waiting = xreallocarray(zeek->waiting, zeek->waiting_room, sizeof *zeek->waiting);
        }
        zeek->waiting[zeek->waiting_count++] = (struct waiting){.time_us = result.seen.time_us,
                                                                .address = result.seen.endpoint.address,
                                                                .port = result.seen.endpoint.port,
                                                                .version = result.seen.tls_version,
                                                                .name = xstrdup(result.seen.endpoint.server_name),
                                                                .chain = xstrdup(cells[C_CHAIN])};
    } else if (cells[C_FINGERPRINT] != NULL) {
        results->account->bare++;
    }
}

/* ---- tab-separated, with its own heading ---- */

static char *take_line(struct byte_reader *text)
{
    const uint8_t *end = memchr(text->at, '\n', text->left);
    size_t len = end == NULL ? text->left : (size_t)(end - text->at);
    char *line = xstrndup((const char *)text->at, len > 0 && text->at[len - 1] == '\r' ? len - 1 : len);
    byte_reader_skip(text, end == NULL ? len : len + 1);
    return line;
}

static size_t split(char *line, char **cells)
{
    size_t count = 0;
    for (char *at = line; at != NULL && count < COLUMNS_MAX; count++) {
        cells[count] = at;
        at = strchr(at, '\t');
        if (at != NULL)
            *at++ = '\0';
    }
    return count;
}

static void read_tabs(struct results *results, struct byte_reader text)
{
    size_t at[COLUMN_COUNT] = {0}, line_number = 0;     /* counted from 1, since the heading's first cell is "#fields" */
    while (text.left > 0 && !results->failed) {
        char *line = take_line(&text), *cells[COLUMNS_MAX];
        const char *row[COLUMN_COUNT] = {0};
        line_number++;
        size_t count = line[0] == '\0' ? 0 : split(line, cells);
        for (size_t i = 1; count > 0 && strcmp(cells[0], "#fields") == 0 && i < count; i++)
            for (size_t c = 0; c < COLUMN_COUNT; c++)
                if (strcmp(cells[i], column_names[c]) == 0)
                    at[c] = i;
        for (size_t c = 0; line[0] != '#' && c < COLUMN_COUNT; c++)
            if (at[c] > 0 && at[c] <= count && strcmp(cells[at[c] - 1], "-") != 0 && strcmp(cells[at[c] - 1], "(empty)") != 0)
                row[c] = cells[at[c] - 1];
        if (line[0] != '#' && count > 0 && at[C_TIME] == 0 && results->account->faults < 10)
            results_fault(results, line_number, "no log of Zeek: there is no #fields line above");
        else if (line[0] != '#' && count > 0)
            add_row(results, row);
        free(line);
    }
}

/* ---- JSON ---- */

static void on_value(void *context, json_t *value, size_t line)
{
    struct results *results = context;
    const char *row[COLUMN_COUNT] = {0};
    char *chain = NULL, time[32] = "", port[16] = "";
    size_t i;
    json_t *hash;
    (void)line;
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        row[c] = json_string_value(json_object_get(value, column_names[c]));
    json_array_foreach(json_object_get(value, "cert_chain_fps"), i, hash) {
        char *longer = xasprintf("%s%s%s", chain == NULL ? "" : chain, chain == NULL ? "" : ",", json_is_string(hash) ? json_string_value(hash) : "");
        free(chain);
        chain = longer;
    }
    if (json_is_number(json_object_get(value, "ts")))
        snprintf(time, sizeof time, "%.6f", json_number_value(json_object_get(value, "ts"))), row[C_TIME] = time;
    if (json_is_integer(json_object_get(value, "id.resp_p")))
        snprintf(port, sizeof port, "%d", (int)json_integer_value(json_object_get(value, "id.resp_p"))), row[C_PORT] = port;
    if (chain != NULL)
        row[C_CHAIN] = chain;
    add_row(results, row);
    free(chain);
}

static bool on_fault(void *context, size_t line, const char *text, bool is_last)
{
    struct results *results = context;
    (void)is_last;
    results_fault(results, line, text);
    return results->account->faults < 1000;
}

void results_read_zeek(struct results *results, struct byte_reader text)
{
    if (results->zeek == NULL)
        results->zeek = xcalloc(1, sizeof *results->zeek);
    if (text.left > 0 && text.at[0] == '{')
        json_values_each(text, on_value, on_fault, results);
    else
        read_tabs(results, text);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct zeek_certificate *)a)->hash, ((const struct zeek_certificate *)b)->hash);
}

/* A chain is kept as far as its certificates are there, from the leaf on. */
static void join(const struct zeek *zeek, struct result *result, const char *chain)
{
    while (*chain != '\0' && result->count < RESULT_CHAIN_MAX) {
        size_t len = strcspn(chain, ",");
        struct zeek_certificate wanted = {0}, *found;
        snprintf(wanted.hash, sizeof wanted.hash, "%.*s", (int)(len > 64 ? 0 : len), chain);
        found = zeek->count == 0 ? NULL : bsearch(&wanted, zeek->certificates, zeek->count, sizeof wanted, compare);
        if (found == NULL)
            return;
        result->chain[result->count++] = (struct der){.bytes = found->der, .len = found->len};
        chain += len + (chain[len] == ',');
    }
}

void zeek_finish(struct results *results)
{
    struct zeek *zeek = results->zeek;
    if (zeek->count > 0)
        qsort(zeek->certificates, zeek->count, sizeof *zeek->certificates, compare);
    for (size_t i = 0; i < zeek->waiting_count; i++) {
        const struct waiting *waiting = &zeek->waiting[i];
        char address[ADDRESS_TEXT_SIZE];
        struct result result;
        result_init(&result, results);
        address_format(&waiting->address, address);
        result_place(&result, address, waiting->port, waiting->name);
        result.seen.time_us = waiting->time_us;
        result.seen.tls_version = waiting->version;
        join(zeek, &result, waiting->chain);
        results_add(results, &result);
        free(waiting->name);
        free(waiting->chain);
    }
    for (size_t i = 0; i < zeek->count; i++)
        free(zeek->certificates[i].der);
    free(zeek->certificates);
    free(zeek->waiting);
    free(zeek);
    results->zeek = NULL;
}
