#include "inventory/verdicts/revocation/revocation_ask.h"

#include "inventory/certificate/cert.h"
#include "inventory/certificate/pem.h"
#include "inventory/verdicts/revocation/crl_store.h"
#include "inventory/verdicts/revocation/ocsp.h"
#include "inventory/verdicts/revocation/ocsp_request.h"
#include "inventory/verdicts/trust/row_bytes.h"
#include "inventory_revocation_sql.h"
#include "probes/base/hex.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct revocation_taking {
    struct db *db;
    struct namesakes_cache *cache;
    struct revocation_account *account;
};

/* --- questions --------------------------------------------------------------------------------------------- */

void revocation_questions_clear(struct revocation_questions *questions)
{
    for (size_t i = 0; i < questions->count; i++) {
        free(questions->items[i].url);
        free((void *)questions->items[i].body.at);
    }
    free(questions->items);
    *questions = (struct revocation_questions){0};
}

bool revocation_ask_lists(struct db *db, bool again, struct revocation_questions *questions, struct error *err)
{
    const char *const params[] = {again ? "true" : "false"};
    struct db_result *rows = db_query(db, SQL_REVOCATION_LISTS, 1, params, err);
    *questions = (struct revocation_questions){0};
    if (rows == NULL)
        return false;
    questions->items = xcalloc(db_rows(rows) + 1, sizeof *questions->items);
    for (size_t i = 0; i < db_rows(rows); i++)
        questions->items[questions->count++] =
            (struct revocation_question){.url = xstrdup(db_value(rows, i, 0)), .is_file = db_value(rows, i, 1)[0] == 't'};
    db_result_destroy(rows);
    return true;
}

/* A certificate for which no request can be made (its issuer or its serial number cannot be read) is left out. */
static bool question_make(const struct db_result *rows, size_t row, struct revocation_question *question)
{
    uint8_t bytes[OCSP_REQUEST_SIZE];
    struct byte_writer writer = byte_writer_of(bytes, sizeof bytes);
    struct byte_reader der = row_bytes_take(rows, row, 0), key = row_bytes_take(rows, row, 1);
    struct cert *cert = cert_parse(der.at, der.left);
    bool ok = key.left == 20 && cert->issuer_der.left > 0 && ocsp_request_write(&writer, cert->issuer_der, key.at, cert->serial_number);
    if (ok)
        *question = (struct revocation_question){.url = xstrdup(db_value(rows, row, 2)),
                                                 .body = byte_reader_of(xmemdup(bytes, writer.len), writer.len)};
    cert_destroy(cert);
    free((void *)der.at);
    free((void *)key.at);
    return ok;
}

bool revocation_ask_responders(struct db *db, size_t limit, struct revocation_questions *questions, struct error *err)
{
    char text[24];
    const char *const params[] = {text};
    snprintf(text, sizeof text, "%zu", limit);
    struct db_result *rows = db_query(db, SQL_REVOCATION_RESPONDERS, 1, params, err);
    *questions = (struct revocation_questions){0};
    if (rows == NULL)
        return false;
    questions->items = xcalloc(db_rows(rows) + 1, sizeof *questions->items);
    for (size_t i = 0; i < db_rows(rows); i++)
        questions->count += question_make(rows, i, &questions->items[questions->count]);
    db_result_destroy(rows);
    return true;
}

/* --- answers ----------------------------------------------------------------------------------------------- */

struct revocation_taking *revocation_taking_begin(struct db *db, struct revocation_account *account)
{
    struct revocation_taking *taking = xcalloc(1, sizeof *taking);
    *taking = (struct revocation_taking){.db = db, .cache = namesakes_cache_create(), .account = account};
    *account = (struct revocation_account){0};
    return taking;
}

void revocation_taking_end(struct revocation_taking *taking)
{
    if (taking == NULL)
        return;
    namesakes_cache_destroy(taking->cache);
    free(taking);
}

/* DER as RFC 5280, 4.2.1.13, requires; PEM, since some servers send it. *fault: why it is not stored. */
static bool list_take(struct revocation_taking *taking, const char *url, struct byte_reader body, const char **fault, struct error *err)
{
    struct pem_block block = {0};
    struct byte_reader der = body;
    if (body.left > 0 && body.at[0] != 0x30) {
        struct pem_reader reader = pem_reader_of(body.at, body.left);
        if (pem_next(&reader, &block) && block.fault == NULL)
            der = byte_reader_of(block.der, block.len);
    }
    enum crl_stored stored = crl_store(taking->db, taking->cache, url, der, fault, err);
    free(block.der);
    taking->account->lists.loaded += stored == CRL_STORED_NEW;
    taking->account->lists.known += stored == CRL_STORED_KNOWN;
    return stored != CRL_STORED_FAILED;
}

static bool answer_take(struct revocation_taking *taking, struct byte_reader body, const char **fault, struct error *err)
{
    struct ocsp ocsp;
    uint8_t sha256[32];
    char hash[2 + 64 + 1] = "\\x", *der;
    if (!ocsp_read(&ocsp, body))
        return *fault = "no OCSP answer that can be read, or it says that it has none", true;
    SHA256(body.at, body.left, sha256);
    hex_format(sha256, sizeof sha256, hash + 2);
    der = xmalloc(2 + 2 * body.left + 1);
    memcpy(der, "\\x", 2);
    hex_format(body.at, body.left, der + 2);
    const char *const params[] = {der, hash};
    bool ok = db_exec_params(taking->db, SQL_REVOCATION_ANSWER_ADD, 2, params, err);
    free(der);
    return ok;
}

bool revocation_take(struct revocation_taking *taking, const struct revocation_question *question, const char *fault,
                     struct byte_reader body, struct error *err)
{
    bool is_list = question->body.left == 0;
    const char *why = fault;
    bool ok = fault != NULL || (is_list ? list_take(taking, question->url, body, &why, err) : answer_take(taking, body, &why, err));
    if (!ok)
        return false;
    if (why != NULL)
        log_warning("%s: %s", question->url, why);
    if (is_list)
        taking->account->lists.bad += why != NULL;
    else
        *(why == NULL ? &taking->account->answers : &taking->account->unanswered) += 1;
    const char *const params[] = {question->url, why};
    return db_exec_params(taking->db, SQL_REVOCATION_ASKED_SET, 2, params, err);
}
