/* The tools that write JSON. The keys of each object show which tool wrote it. */
#include "inventory/results/results_parts.h"

#include "inventory/certificate/cert.h"
#include "inventory/formats/certificate_text.h"
#include "inventory/formats/json_values.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 24

/* Certificates of one result, owned until it is added. */
struct chain {
    struct result *result;
    uint8_t *owned[RESULT_CHAIN_MAX];
};

static void on_der(void *context, const char *label, const uint8_t *der, size_t len)
{
    struct chain *chain = context;
    struct result *result = chain->result;
    if (result->count == RESULT_CHAIN_MAX || (strcmp(label, "DER") != 0 && strcmp(label, "CERTIFICATE") != 0))
        return;
    struct cert *cert = cert_parse(der, len);
    if (cert_has(cert, CERT_PUBLIC_KEY) || cert_has(cert, CERT_SERIAL_NUMBER)) {
        chain->owned[result->count] = xmemdup(der, len);
        result->chain[result->count] = (struct der){.bytes = chain->owned[result->count], .len = len};
        result->count++;
    }
    cert_destroy(cert);
}

static void add_text(struct chain *chain, const json_t *text)
{
    if (json_is_string(text))
        certificate_text_find(json_string_value(text), json_string_length(text), on_der, chain);
}

static void chain_clear(struct chain *chain)
{
    for (size_t i = 0; i < chain->result->count; i++)
        free(chain->owned[i]);
    chain->result->count = 0;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* A number, or a text of one. */
static long number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value))
        return (long)json_integer_value(value);
    return json_is_string(value) ? strtol(json_string_value(value), NULL, 10) : 0;
}

static const json_t *path_of(const json_t *object, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        object = json_object_get(object, *keys);
    return object;
}

/* tlsx -json: one object a line. */
static bool add_tlsx(struct results *results, const json_t *object)
{
    struct result result;
    struct chain chain = {.result = &result};
    size_t i;
    json_t *issuer;
    const char *address = text_of(object, "ip"), *host = text_of(object, "host"), *sni = text_of(object, "sni");
    if (json_object_get(object, "probe_status") == NULL && json_object_get(object, "fingerprint_hash") == NULL)
        return false;
    if (json_is_false(json_object_get(object, "probe_status")))
        return true;                            /* it did not answer */
    result_init(&result, results);
    result_time(&result, text_of(object, "timestamp"));
    result_version(&result, text_of(object, "tls_version"));
    add_text(&chain, json_object_get(object, "certificate"));
    json_array_foreach(json_object_get(object, "chain"), i, issuer)
        add_text(&chain, json_object_get(issuer, "certificate"));
    if (result_place(&result, address != NULL ? address : host, number_of(object, "port"), sni != NULL ? sni : host))
        results_add(results, &result);
    else
        results_fault(results, 0, "a result of tlsx without an address and port");
    chain_clear(&chain);
    return true;
}

/* The port that a module of zgrab2 asks by default, where the line does not say. */
static long zgrab2_port(const char *module)
{
    static const struct {
        const char *name;
        long port;
    } ports[] = {{"tls", 443}, {"http", 443}, {"smtp", 25}, {"imap", 143}, {"pop3", 110}, {"ftp", 21}, {"mysql", 3306},
                 {"postgres", 5432}, {"mssql", 1433}, {"oracle", 1521}, {"redis", 6379}, {"mongodb", 27017}, {"amqp091", 5672}, {"mqtt", 8883}};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        if (strcmp(ports[i].name, module) == 0)
            return ports[i].port;
    return 443;
}

/* handshake_log is at another depth in each module. */
static const json_t *find_key(const json_t *value, const char *wanted, int depth)
{
    const char *key;
    json_t *member;
    const json_t *found = json_object_get(value, wanted);
    if (found != NULL || depth >= DEPTH_MAX)
        return found;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
        if (found == NULL && json_is_object(member))
            found = find_key(member, wanted, depth + 1);
    return found;
}

static void add_zgrab2_module(struct results *results, const json_t *line, const char *name, const json_t *module)
{
    static const char *const leaf[] = {"server_certificates", "certificate", "raw", NULL}, *const version[] = {"server_hello", "version", "name", NULL};
    struct result result;
    struct chain chain = {.result = &result};
    size_t i;
    json_t *issuer;
    const json_t *log = find_key(module, "handshake_log", 0);
    long port = number_of(module, "port");
    if (log == NULL || json_object_get(log, "server_certificates") == NULL)
        return;
    result_init(&result, results);
    result_time(&result, text_of(module, "timestamp"));
    result_version(&result, json_string_value(path_of(log, version)));
    add_text(&chain, path_of(log, leaf));
    json_array_foreach(json_object_get(json_object_get(log, "server_certificates"), "chain"), i, issuer)
        add_text(&chain, json_object_get(issuer, "raw"));
    if (result_place(&result, text_of(line, "ip"), port > 0 ? port : zgrab2_port(name), text_of(line, "domain")))
        results_add(results, &result);
    else
        results_fault(results, 0, "a result of zgrab2 without an address");
    chain_clear(&chain);
}

static bool add_zgrab2(struct results *results, const json_t *object)
{
    const json_t *data = json_object_get(object, "data");
    const char *name;
    json_t *module;
    if (!json_is_object(data) || (json_object_get(object, "ip") == NULL && json_object_get(object, "domain") == NULL))
        return false;
    json_object_foreach((json_t *)(uintptr_t)data, name, module)
        add_zgrab2_module(results, object, name, module);
    return true;
}

/* testssl.sh: a flat list of findings; "ip" is "name/address". "cert" holds the certificate, "cert_..." what it says. */
static bool add_testssl(struct results *results, const json_t *object)
{
    struct result result;
    struct chain chain = {.result = &result};
    const char *id = text_of(object, "id"), *place = text_of(object, "ip");
    if (id == NULL || place == NULL || json_object_get(object, "severity") == NULL)
        return false;
    bool is_certificate = strcmp(id, "cert") == 0 || strncmp(id, "cert <", 6) == 0;
    if (!is_certificate) {
        results->account->bare += strncmp(id, "cert_fingerprintSHA256", 22) == 0;
        return true;
    }
    const char *slash = strrchr(place, '/');
    char *name = xstrndup(place, slash == NULL ? 0 : (size_t)(slash - place));
    result_init(&result, results);
    add_text(&chain, json_object_get(object, "finding"));
    if (!result_place(&result, slash == NULL ? place : slash + 1, number_of(object, "port"), name))
        results_fault(results, 0, "a finding of testssl.sh without an address and port");
    else
        results_add(results, &result);
    if (chain.result->count > 0 && results->account->bare > 0)
        results->account->bare--;               /* its fingerprint, counted before or after, is not lost */
    free(name);
    chain_clear(&chain);
    return true;
}

static void add_sslyze_server(struct results *results, const json_t *server, const char *time)
{
    static const char *const deployments[] = {"scan_result", "certificate_info", "result", "certificate_deployments", NULL};
    const json_t *location = json_object_get(server, "server_location");
    size_t i, j;
    json_t *deployment, *certificate;
    json_array_foreach(path_of(server, deployments), i, deployment) {
        struct result result;
        struct chain chain = {.result = &result};
        result_init(&result, results);
        result_time(&result, time);
        json_array_foreach(json_object_get(deployment, "received_certificate_chain"), j, certificate)
            add_text(&chain, json_object_get(certificate, "as_pem"));
        if (result_place(&result, text_of(location, "ip_address"), number_of(location, "port"), text_of(location, "hostname")))
            results_add(results, &result);
        else
            results_fault(results, 0, "a result of SSLyze without an address and port");
        chain_clear(&chain);
    }
}

static bool add_sslyze(struct results *results, const json_t *object)
{
    size_t i;
    json_t *server;
    const json_t *servers = json_object_get(object, "server_scan_results");
    if (!json_is_array(servers))
        return false;
    json_array_foreach(servers, i, server)
        add_sslyze_server(results, server, text_of(object, "date_scans_started"));
    return true;
}

static void add_ct_chain(struct results *results, const struct chain *chain)
{
    if (results->failed)
        return;
    results->failed = results->writer != NULL && !bundle_add_chain(results->writer, chain->result->chain, chain->result->count, &(int64_t){0}, results->err);
    results->account->certificates += !results->failed;
}

/* crt.sh's list has names and numbers only; certstream and dumps have the certificate. */
static bool add_ct(struct results *results, const json_t *object)
{
    static const char *const leaf[] = {"data", "leaf_cert", "as_der", NULL}, *const chain_path[] = {"data", "chain", NULL};
    static const char *const keys[] = {"as_der", "cert_der", "der", "pem", "certificate", "cert", "raw"};
    struct result result;
    struct chain chain = {.result = &result};
    size_t i;
    json_t *issuer;
    result_init(&result, results);
    add_text(&chain, path_of(object, leaf));
    json_array_foreach(path_of(object, chain_path), i, issuer)
        add_text(&chain, json_object_get(issuer, "as_der"));
    for (i = 0; i < sizeof keys / sizeof keys[0] && result.count == 0; i++)
        add_text(&chain, json_object_get(object, keys[i]));
    if (result.count > 0)
        add_ct_chain(results, &chain);
    else if (json_object_get(object, "serial_number") != NULL || json_object_get(object, "issuer_name") != NULL)
        results->account->bare++;
    chain_clear(&chain);
    return true;
}

static void on_object(struct results *results, const json_t *object, size_t line)
{
    const char *tool = results->request->tool;
    bool known = strcmp(tool, "tlsx") == 0      ? add_tlsx(results, object)
                 : strcmp(tool, "zgrab2") == 0  ? add_zgrab2(results, object)
                 : strcmp(tool, "testssl") == 0 ? add_testssl(results, object)
                 : strcmp(tool, "sslyze") == 0  ? add_sslyze(results, object)
                                                : add_ct(results, object);
    if (!known && results->account->faults < 100)
        results_fault(results, line, "no result of this tool");
}

/* testssl.sh --jsonfile-pretty nests its findings: scanResult[].serverDefaults[]. */
static void each_object(struct results *results, const json_t *value, size_t line, int depth)
{
    size_t i;
    json_t *element;
    bool is_pretty = strcmp(results->request->tool, "testssl") == 0 && json_object_get(value, "scanResult") != NULL;
    if (json_is_object(value) && !is_pretty) {
        on_object(results, value, line);
    } else if (is_pretty) {
        json_array_foreach(json_object_get(value, "scanResult"), i, element) {
            const char *key;
            json_t *finding, *list;
            size_t j;
            json_object_foreach(element, key, list)
                json_array_foreach(list, j, finding)
                    if (json_object_get(finding, "id") != NULL) {
                        char *place = xasprintf("%s/%s", text_of(element, "targetHost") == NULL ? "" : text_of(element, "targetHost"),
                                                text_of(element, "ip") == NULL ? "" : text_of(element, "ip"));
                        json_object_set_new(finding, "ip", json_string(place));
                        json_object_set(finding, "port", json_object_get(element, "port"));
                        on_object(results, finding, line);
                        free(place);
                    }
        }
    } else if (json_is_array(value) && depth < 4) {
        json_array_foreach(value, i, element)
            each_object(results, element, line, depth + 1);
    }
}

static void on_value(void *context, json_t *value, size_t line)
{
    each_object(context, value, line, 0);
}

static bool on_fault(void *context, size_t line, const char *text, bool is_last)
{
    struct results *results = context;
    (void)is_last;
    results_fault(results, line, text);
    return results->account->faults < 1000;
}

/* Certificates of a CT log may also come as they are. */
static void on_pem(void *context, const char *label, const uint8_t *der, size_t len)
{
    struct results *results = context;
    struct result result;
    struct chain chain = {.result = &result};
    result_init(&result, results);
    on_der(&chain, label, der, len);
    if (result.count > 0)
        add_ct_chain(results, &chain);
    chain_clear(&chain);
}

void results_read_json(struct results *results, struct byte_reader text)
{
    bool is_json = text.left > 0 && strchr("{[ \t\r\n", text.at[0]) != NULL && text.at[0] != '\0';
    if (results_is_der(results, text))
        on_pem(results, "CERTIFICATE", text.at, text.left);
    else if (strcmp(results->request->tool, "ct") == 0 && !is_json)
        certificate_text_find((const char *)text.at, text.left, on_pem, results);
    else
        json_values_each(text, on_value, on_fault, results);
}
