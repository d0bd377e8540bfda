#include "inventory/policy/policy.h"

#include "inventory/certificate/pem.h"
#include "inventory/facts/facts.h"
#include "inventory/policy/policy_file.h"
#include "inventory_policy_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *words(const char *values, bool numbers)
{
    json_t *list = json_array();
    while (*values != '\0') {
        size_t len = strcspn(values, " \t,");
        if (len > 0)
            json_array_append_new(list, numbers ? json_integer(strtoll(values, NULL, 10)) : json_stringn(values, len));
        values += len;
        values += strspn(values, " \t,");
    }
    return list;
}

static json_t *setting_value(const struct policy_setting_spec *spec, const char *value)
{
    if (spec->is_list)
        return words(value, spec->kind == POLICY_NUMBER);
    if (spec->kind == POLICY_NUMBER)
        return json_integer(strtoll(value, NULL, 10));
    return spec->kind == POLICY_YES_NO ? json_boolean(strcmp(value, "yes") == 0) : json_string(value);
}

static json_t *lines(const char *text)
{
    json_t *list = json_array();
    for (size_t len; *text != '\0'; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        json_array_append_new(list, json_stringn(text, len));
    }
    return list;
}

static json_t *cas_document(const struct policy *policy, bool own)
{
    json_t *list = json_array();
    for (size_t i = 0; i < policy->ca_count; i++) {
        const struct policy_ca *ca = &policy->cas[i];
        if (ca->own == own)
            json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s?, s:s?, s:o}", "name", ca->name, "issuer",
                                                  lines(ca->issuer), "subject", lines(ca->subject), "from", ca->from,
                                                  "until", ca->until, "crls", lines(ca->crls)));
    }
    return list;
}

/* Stores each certificate of a trust store and names it in the list by its hash. */
static bool add_anchors(struct db *db, const struct policy_store *store, json_t *hashes, struct error *err)
{
    struct pem_reader reader = pem_reader_of(store->pem, strlen(store->pem));
    struct pem_block block;
    bool ok = true;
    while (ok && pem_next(&reader, &block)) {
        if (block.fault == NULL && strcmp(block.label, "CERTIFICATE") == 0) {
            uint8_t sha256[32];
            char hash[65], *der = xmalloc(2 * block.len + 3);
            memcpy(der, "\\x", 2);
            hex_format(block.der, block.len, der + 2);
            EVP_Digest(block.der, block.len, sha256, NULL, EVP_sha256(), NULL);
            hex_format(sha256, sizeof sha256, hash);
            const char *params[] = {der};
            ok = db_exec_params(db, SQL_POLICY_ANCHOR_ADD, 1, params, err);
            json_array_append_new(hashes, json_string(hash));
            free(der);
        }
        free(block.der);
    }
    return ok;
}

static bool add_stores(struct db *db, const struct policy *policy, json_t *list, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < policy->store_count; i++) {
        json_t *hashes = json_array();
        ok = add_anchors(db, &policy->stores[i], hashes, err);
        const struct policy_store *store = &policy->stores[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s*, s:s*, s:s*, s:s*}", "name", store->name, "kind",
                                              store->is_public ? "public" : "private", "certificates", hashes, "platform", store->platform,
                                              "from_version", store->from_version, "issued_until", store->issued_until, "sct_until",
                                              store->sct_until));
    }
    return ok;
}

static json_t *clauses_document(const struct policy *policy)
{
    json_t *list = json_array();
    for (size_t i = 0; i < policy->clause_count; i++) {
        const struct policy_clause *clause = &policy->clauses[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "pack", clause->pack, "id", clause->id, "title",
                                              clause->title, "source", clause->source, "rules", words(clause->rules, false), "note",
                                              clause->note));
    }
    return list;
}

/* What the rules read; every key is always there. */
static char *document_text(const struct policy *policy, json_t *stores)
{
    json_t *document = json_pack("{s:s, s:s, s:s, s:o, s:o, s:O, s:o}", "name", policy->name, "title", policy->title, "source",
                                 policy->source, "own_cas", cas_document(policy, true), "approved_cas", cas_document(policy, false),
                                 "trust_stores", stores, "clauses", clauses_document(policy));
    for (size_t i = 0; policy_settings[i].name != NULL; i++)
        json_object_set_new(document, policy_settings[i].name, setting_value(&policy_settings[i], policy->values[i]));
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text;
}

/* The id of the policy of this text, stored where it is new. */
static bool store_policy(struct db *db, const struct policy *policy, const char *document, char id[32],
                         struct error *err)
{
    uint8_t sha256[32];
    char hash[2 + 64 + 1] = "\\x";
    EVP_Digest(policy->text, strlen(policy->text), sha256, NULL, EVP_sha256(), NULL);
    hex_format(sha256, sizeof sha256, hash + 2);
    const char *params[] = {policy->name, hash, policy->text, document};
    struct db_result *result = db_query(db, SQL_POLICY_ADD, 4, params, err);
    if (result == NULL)
        return false;
    snprintf(id, 32, "%" PRId64, db_int(result, 0, 0));
    db_result_destroy(result);
    return true;
}

static const char *value_of(const struct policy *policy, const char *setting)
{
    size_t i = 0;
    while (strcmp(policy_settings[i].name, setting) != 0)
        i++;
    return policy->values[i];
}

/* The database counts by it, so it must know it. */
static bool check_zone(struct db *db, const struct policy *policy, struct error *err)
{
    const char *zone = value_of(policy, "zone"), *params[] = {zone};
    struct db_result *found = db_query(db, SQL_POLICY_ZONE_FIND, 1, params, err);
    if (found == NULL)
        return false;
    bool known = db_value(found, 0, 0)[0] == 't';
    db_result_destroy(found);
    return known || error_set(err, ERROR_USAGE, "zone = %s: no such time zone; expected one as America/Los_Angeles", zone);
}

bool policy_use(struct db *db, const struct policy *policy, struct error *err)
{
    char id[32];
    const char *params[] = {id};
    json_t *stores = json_array();
    char *document = NULL;
    bool ok = check_zone(db, policy, err) && db_begin(db, err) && add_stores(db, policy, stores, err);
    if (ok) {
        document = document_text(policy, stores);
        ok = store_policy(db, policy, document, id, err) &&
             db_exec_params(db, SQL_POLICY_USE_BEGIN, 1, params, err) && db_exec(db, SQL_POLICY_CALENDAR, err) && db_commit(db, err);
    }
    if (!ok)
        db_rollback(db);
    json_decref(stores);
    free(document);
    return ok && facts_update(db, err);
}

bool policy_ensure(struct db *db, struct error *err)
{
    struct db_result *current = db_query(db, SQL_POLICY_CURRENT, 0, NULL, err);
    if (current == NULL)
        return false;
    bool none = db_rows(current) == 0;
    db_result_destroy(current);
    if (!none)
        return true;
    struct policy *builtin = policy_builtin();
    bool ok = policy_use(db, builtin, err);
    policy_destroy(builtin);
    return ok;
}
