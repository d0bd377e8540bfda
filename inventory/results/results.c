#include "inventory/results/results_parts.h"

#include "inventory/formats/text_decode.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/file_bytes.h"
#include "probes/base/hex.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name, *advice;
    void (*read)(struct results *results, struct byte_reader text);
} tools[] = {
    {"tlsx", "what tlsx -json -cert writes", results_read_json},
    {"zgrab2", "what zgrab2 tls writes", results_read_json},
    {"nmap", "what nmap --script ssl-cert -oX writes", results_read_nmap},
    {"zeek", "Zeek's ssl.log and x509.log, with its policy log-certs-base64 loaded", results_read_zeek},
    {"testssl", "what testssl.sh --jsonfile writes", results_read_json},
    {"sslyze", "what sslyze --json_out writes", results_read_json},
    {"ct", "certificates of a CT log, as PEM, DER or JSON with as_der or cert_der (crt.sh's list holds none: crt.sh/?d=ID does)", results_read_json},
};
#define TOOL_COUNT (sizeof tools / sizeof tools[0])

const char *const results_tools[] = {"tlsx", "zgrab2", "nmap", "zeek", "testssl", "sslyze", "ct", NULL};

static size_t tool_of(const char *name)
{
    size_t i = 0;
    while (i < TOOL_COUNT && strcmp(tools[i].name, name) != 0)
        i++;
    return i;
}

const char *results_advice(const char *tool)
{
    size_t i = tool_of(tool);
    return i == TOOL_COUNT ? NULL : tools[i].advice;
}

static bool read_file(struct results *results, const char *path)
{
    struct file_bytes file;
    struct byte_buffer decoded;
    struct stat status;
    if (!file_bytes_open(&file, path, results->err))
        return false;
    results->file = path;
    results->file_time_us = stat(path, &status) == 0 ? (int64_t)status.st_mtime * 1000000 : clock_utc_us();
    struct byte_reader bytes = byte_reader_of(file.bytes, file.len);
    if (results_is_der(results, bytes)) {
        tools[tool_of(results->request->tool)].read(results, bytes);
    } else {
        tools[tool_of(results->request->tool)].read(results, text_decode(bytes, &decoded, NULL));
        byte_buffer_clear(&decoded);
    }
    file_bytes_close(&file);
    return !results->failed;
}

bool results_scan_id(const struct results_request *request, char id[SCAN_ID_SIZE], struct error *err)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t hash[EVP_MAX_MD_SIZE];
    char hex[33];
    bool ok = EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(digest, request->site, strlen(request->site) + 1) == 1 &&
              EVP_DigestUpdate(digest, request->tool, strlen(request->tool) + 1) == 1;
    for (size_t i = 0; ok && i < request->file_count; i++) {
        struct file_bytes file;
        ok = file_bytes_open(&file, request->files[i], err) && EVP_DigestUpdate(digest, file.bytes, file.len) == 1;
        file_bytes_close(&file);
    }
    ok = ok && EVP_DigestFinal_ex(digest, hash, NULL) == 1;
    EVP_MD_CTX_free(digest);
    if (!ok)
        return false;
    hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x80);       /* RFC 9562, section 5.8: made by us, of our own */
    hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
    hex_format(hash, 16, hex);
    snprintf(id, SCAN_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    return true;
}

static bool has_anything(const struct results *results)
{
    const struct results_account *account = results->account;
    if (account->answers + account->certificates > 0)
        return true;
    if (account->bare > 0)
        return error_set(results->err, ERROR_INPUT, "%s: %s certificates, but none is in the file; expected is %s", results->file,
                         COUNTED_AS(account->bare, "result names", "results name"), results_advice(results->request->tool));
    return error_set(results->err, ERROR_INPUT, "%s: no result of %s in it; expected is %s", results->file, results->request->tool,
                     results_advice(results->request->tool));
}

bool results_convert(const struct results_request *request, struct results_account *account, struct error *err)
{
    struct bundle_head head = {.kind = BUNDLE_IMPORT, .started_us = clock_utc_us(), .plan = "{}", .space = "", .shard_count = 1, .known_names = ""};
    struct results results = {.request = request, .account = account, .err = err, .file = ""};
    *account = (struct results_account){0};
    snprintf(head.site, sizeof head.site, "%s", request->site);
    if (!results_scan_id(request, head.scan_id, err))
        return false;
    results.writer = bundle_create(request->bundle, &head, err);
    bool ok = results.writer != NULL && bundle_mark_made(results.writer, err);
    for (size_t i = 0; ok && i < request->file_count; i++)
        ok = read_file(&results, request->files[i]);
    if (results.zeek != NULL)
        zeek_finish(&results);
    ok = ok && !results.failed && has_anything(&results);
    if (!ok) {
        bundle_close(results.writer);
        return false;
    }
    return bundle_seal(results.writer, err);
}
