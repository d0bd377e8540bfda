#include "inventory/results/results_parts.h"

#include "inventory/formats/date_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void result_init(struct result *result, const struct results *results)
{
    *result = (struct result){.seen = {.time_us = results->file_time_us,
                                       .method = METHOD_IMPORT,
                                       .role = ROLE_SERVER,
                                       .variant = VARIANT_SEEN,
                                       .outcome = OUTCOME_CERTIFICATE,
                                       .endpoint = {.transport = TRANSPORT_TCP},
                                       .protocol = "tls",
                                       .cipher_suite = -1,
                                       .group = -1,
                                       .position = UINT64_MAX}};
}

static bool is_host_name(const char *name)
{
    struct address address;
    if (name == NULL || name[0] == '\0' || strlen(name) >= SERVER_NAME_SIZE || address_parse(name, &address))
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("-._", *at) == NULL)
            return false;
    return true;
}

bool result_place(struct result *result, const char *address, long port, const char *name)
{
    struct endpoint *endpoint = &result->seen.endpoint;
    if (address == NULL || !address_parse(address, &endpoint->address) || port < 1 || port > 65535)
        return false;
    endpoint->port = (uint16_t)port;
    if (!is_host_name(name))
        return true;
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        endpoint->server_name[i] = (char)tolower((unsigned char)name[i]);
    if (endpoint->server_name[len - 1] == '.')
        endpoint->server_name[len - 1] = '\0';
    result->seen.name_source = NAME_SOURCE_GIVEN;
    return true;
}

/* "tls13", "TLSv1.3", "TLSv13", "TLS_1_3", "TLSv1": the digits tell. */
void result_version(struct result *result, const char *text)
{
    if (text == NULL || strncasecmp(text, "tls", 3) != 0)
        return;
    unsigned digits[2] = {0, 0}, count = 0;
    for (; *text != '\0' && count < 2; text++)
        if (isdigit((unsigned char)*text))
            digits[count++] = (unsigned)(*text - '0');
    if (digits[0] == 1 && digits[1] <= 3)
        result->seen.tls_version = (uint16_t)(0x0301 + digits[1]);
}

void result_time(struct result *result, const char *text)
{
    int64_t time_us;
    if (text != NULL && date_text_parse(text, DATES_UNKNOWN, &time_us))
        result->seen.time_us = time_us;
}

void results_add(struct results *results, struct result *result)
{
    if (results->failed)
        return;
    if (result->count == 0) {
        results->account->bare++;
        return;
    }
    result->seen.chain = result->chain;
    result->seen.chain_count = result->count;
    results->failed = results->writer != NULL && !bundle_add_observation(results->writer, &result->seen, results->err);
    results->account->answers += !results->failed;
}

void results_fault(struct results *results, size_t line, const char *text)
{
    results->account->faults++;
    results->request->fault(results->request->context, results->file, line, text);
}

bool results_is_der(const struct results *results, struct byte_reader bytes)
{
    return strcmp(results->request->tool, "ct") == 0 && bytes.left > 2 && bytes.at[0] == 0x30 && bytes.at[1] > 0x80;
}
