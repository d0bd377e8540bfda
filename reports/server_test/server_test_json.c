#include "reports/server_test/server_test_report.h"

#include "inventory/server_test/hellos.h"
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/hex.h"
#include "probes/tls/names.h"
#include "reports/server_test/server_test_sections.h"

#include <jansson.h>
#include <string.h>

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, text == NULL || text[0] == '\0' ? json_null() : json_string(text));
}

static json_t *endpoint_json(const struct server_facts *facts)
{
    char address[ADDRESS_TEXT_SIZE], time[CLOCK_TEXT_SIZE];
    json_t *object = json_object();
    address_format(&facts->endpoint.address, address);
    clock_format_us(facts->began_us, time);
    set_text(object, "server_name", facts->endpoint.server_name);
    set_text(object, "address", address);
    json_object_set_new(object, "port", json_integer(facts->endpoint.port));
    set_text(object, "protocol", facts->protocol);
    set_text(object, "outcome", outcome_name(facts->outcome));
    set_text(object, "detail", facts->detail);
    set_text(object, "time", time);
    json_object_set_new(object, "connections", json_integer(facts->connections));
    return object;
}

static json_t *grade_json(const struct grade *grade)
{
    json_t *object = json_object(), *caps = json_array();
    if (!grade->is_known) {
        json_decref(object);
        json_decref(caps);
        return json_null();
    }
    set_text(object, "letter", grade->letter);
    set_text(object, "letter_if_trusted", grade->letter_trusted);
    json_object_set_new(object, "provisional", json_true());
    json_object_set_new(object, "at_best", json_boolean(grade->is_cut));
    json_object_set_new(object, "guide", json_string("SSL Labs 2009r"));
    json_object_set_new(object, "score", json_real(grade->total));
    json_object_set_new(object, "protocol_score", json_real(grade->protocol));
    json_object_set_new(object, "key_exchange_score", json_real(grade->key_exchange));
    json_object_set_new(object, "cipher_score", json_real(grade->cipher));
    set_text(object, "untested", grade->untested);
    for (size_t i = 0; i < grade->cap_count; i++) {
        json_t *cap = json_object();
        set_text(cap, "letter", grade->caps[i].letter);
        set_text(cap, "fact", grade->caps[i].fact);
        set_text(cap, "item", grade->caps[i].item);
        json_array_append_new(caps, cap);
    }
    json_object_set_new(object, "caps", caps);
    return object;
}

static json_t *chain_json(const struct server_chain *chain)
{
    json_t *object = json_object(), *list = json_array();
    set_text(object, "variant", variant_name(chain->variant));
    set_text(object, "tls_version", tls_version_name(chain->tls_version));
    set_text(object, "cipher_suite", chain->cipher_suite < 0 ? NULL : tls_suite_name((uint32_t)chain->cipher_suite));
    set_text(object, "group", chain->group < 0 ? NULL : tls_group_name((uint32_t)chain->group));
    json_object_set_new(object, "key_proven", chain->key_proven == KEY_PROVEN_UNKNOWN ? json_null()
                                                                                      : json_boolean(chain->key_proven == KEY_PROVEN_TRUE));
    json_object_set_new(object, "ocsp_staple", json_boolean(chain->staple.status != NULL));
    set_text(object, "ocsp_status", chain->staple.status);
    json_object_set_new(object, "scts", json_integer(chain->sct_count));
    json_object_set_new(object, "ocsp_scts", json_integer(chain->staple.sct_count));
    for (size_t i = 0; i < chain->count; i++) {
        char sha256[65], time[CLOCK_TEXT_SIZE];
        const struct cert *cert = chain->certs[i];
        json_t *entry = json_object();
        hex_format(cert->sha256, sizeof cert->sha256, sha256);
        clock_format_us(cert->not_after * 1000000, time);
        set_text(entry, "sha256", sha256);
        set_text(entry, "subject", cert->subject);
        set_text(entry, "issuer", cert->issuer);
        set_text(entry, "key", cert->key_algorithm);
        json_object_set_new(entry, "key_bits", json_integer(cert->key_bits));
        set_text(entry, "signature_algorithm", cert->signature_algorithm);
        set_text(entry, "not_after", time);
        set_text(entry, "validation", cert_validation(cert));
        json_array_append_new(list, entry);
    }
    json_object_set_new(object, "certificates", list);
    return object;
}

static json_t *check_json(const struct chain_check *check)
{
    static const char *const names[] = {"misordered", "duplicate", "extra", "root_sent", "incomplete"};
    json_t *object = json_object(), *faults = json_array(), *trust = json_array();
    json_object_set_new(object, "name_matches", json_boolean(check->name_matches));
    json_object_set_new(object, "expired", json_boolean(check->is_expired));
    json_object_set_new(object, "self_signed", json_boolean(check->is_self_signed));
    for (unsigned i = 0; i < 5; i++)
        if (check->faults & 1u << i)
            json_array_append_new(faults, json_string(names[i]));
    json_object_set_new(object, "faults", faults);
    for (size_t i = 0; i < check->trust_count; i++) {
        json_t *entry = json_object();
        set_text(entry, "store", check->trust[i].store);
        json_object_set_new(entry, "trusted", json_boolean(check->trust[i].is_trusted));
        set_text(entry, check->trust[i].is_trusted ? "root" : "reason", check->trust[i].reason);
        json_array_append_new(trust, entry);
    }
    json_object_set_new(object, "trust", trust);
    return object;
}

/* Each answer with the hello that asked, and the time of its answer; the hellos are a separate list. */
static json_t *items_json(const struct server_facts *facts, const struct server_hello *hellos, size_t hello_count)
{
    json_t *object = json_object();
    for (size_t i = 0; i < facts->item_count; i++) {
        if (strncmp(facts->items[i].item, "hello:", 6) == 0)
            continue;
        json_t *entry = json_object();
        const struct server_hello *hello = server_hello_of(hellos, hello_count, facts->items[i].item);
        char *item = clean_text(facts->items[i].item), *detail = clean_text(facts->items[i].detail);
        set_text(entry, "value", facts->items[i].value);
        set_text(entry, "detail", detail);
        if (hello != NULL) {
            char number[12], time[CLOCK_TEXT_SIZE];
            snprintf(number, sizeof number, "h%u", hello->number);
            clock_format_us(facts->began_us + hello->to_us, time);
            set_text(entry, "hello", number);
            set_text(entry, "time", time);
        }
        json_object_set_new(object, item, entry);
        free(item);
        free(detail);
    }
    return object;
}

static json_t *weaknesses_json(const struct server_judgement *judgement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < judgement->weakness_count; i++) {
        json_t *entry = json_object();
        set_text(entry, "name", judgement->weaknesses[i].name);
        set_text(entry, "cve", judgement->weaknesses[i].cve);
        set_text(entry, "state", weakness_state_name(judgement->weaknesses[i].state));
        set_text(entry, "because", judgement->weaknesses[i].because);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *profiles_json(const struct server_judgement *judgement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < judgement->profile_count; i++) {
        const struct profile_result *profile = &judgement->profiles[i];
        json_t *entry = json_object(), *faults = json_array();
        set_text(entry, "name", profile->name);
        set_text(entry, "title", profile->title);
        set_text(entry, "result", profile->failed != 0 ? "fail" : profile->untested != 0 ? "not tested" : "pass");
        for (size_t f = 0; f < profile->fault_count; f++)
            json_array_append_new(faults, json_string(profile->faults[f].text));
        json_object_set_new(entry, "faults", faults);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *outside_json(const struct server_judgement *judgement)
{
    static const char *const states[] = {"not trusted", "trusted", "unknown"};
    json_t *list = json_array();
    for (size_t i = 0; i < judgement->outside_count; i++) {
        json_t *entry = json_object();
        set_text(entry, "programme", judgement->outside[i].programme);
        set_text(entry, "state", states[judgement->outside[i].state]);
        set_text(entry, "since", judgement->outside[i].since);
        set_text(entry, "because", judgement->outside[i].because);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *outlook_json(const struct server_judgement *judgement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < judgement->outlook_count; i++) {
        json_t *entry = json_object();
        set_text(entry, "from", judgement->outlook[i].date);
        set_text(entry, "source", judgement->outlook[i].source);
        set_text(entry, "text", judgement->outlook[i].text);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *steps_json(const struct server_judgement *judgement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < judgement->step_count; i++) {
        const struct server_step *step = &judgement->steps[i];
        json_t *entry = json_object();
        char *why = clean_text(step->why);
        set_text(entry, "severity", step->severity);
        set_text(entry, "what", step->what);
        set_text(entry, "why", why);
        set_text(entry, "item", step->item);
        set_text(entry, "until", step->until);
        set_text(entry, "done", step->done);
        json_array_append_new(list, entry);
        free(why);
    }
    return list;
}

static json_t *clients_json(const struct server_judgement *judgement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < judgement->client_count; i++) {
        const struct client_result *result = &judgement->clients[i];
        json_t *entry = json_object();
        set_text(entry, "client", result->client->name);
        set_text(entry, "year", result->client->year);
        set_text(entry, "library", result->client->library);
        set_text(entry, "source", result->client->source);
        json_object_set_new(entry, "connects", result->is_known ? json_boolean(result->connects) : json_null());
        set_text(entry, "tls_version", result->connects ? tls_version_name(result->version) : NULL);
        set_text(entry, "cipher_suite", result->connects ? result->suite : NULL);
        set_text(entry, "group", result->connects ? result->group : NULL);
        set_text(entry, "why_not", result->why_not);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *hellos_json(const struct server_facts *facts, const struct server_hello *hellos, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char number[12], from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];
        json_t *entry = json_object();
        snprintf(number, sizeof number, "h%u", hellos[i].number);
        clock_format_us(facts->began_us + hellos[i].from_us, from);
        clock_format_us(facts->began_us + hellos[i].to_us, to);
        set_text(entry, "hello", number);
        set_text(entry, "question", hellos[i].name);
        set_text(entry, "offers", server_hello_words(&hellos[i]));
        set_text(entry, "version", hellos[i].version);
        json_object_set_new(entry, "connections", json_integer(hellos[i].connections));
        set_text(entry, "sent", from);
        set_text(entry, "answered", to);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *changes_json(const struct server_change *changes, size_t count, const char *before, const char *after)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_object();
        set_text(entry, "what", changes[i].what);
        set_text(entry, before, changes[i].before);
        set_text(entry, after, changes[i].after);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *past_json(const struct server_test_past *past)
{
    if (past == NULL)
        return json_null();
    json_t *object = json_object();
    set_text(object, "since", past->time);
    json_object_set_new(object, "changes", changes_json(past->changes, past->count, "before", "now"));
    return object;
}

/* Another address of the same name. */
static json_t *twin_json(const struct server_test_origin *origin)
{
    if (origin == NULL || origin->twin == NULL)
        return json_null();
    json_t *object = json_object();
    set_text(object, "place", origin->twin);
    json_object_set_new(object, "differences", changes_json(origin->differences, origin->difference_count, "there", "here"));
    return object;
}

struct server_test_document *server_test_json_begin(void)
{
    return (struct server_test_document *)json_array();
}

void server_test_json_add(struct server_test_document *document, const struct server_judgement *judgement,
                          const struct server_test_origin *origin, const struct server_test_past *past)
{
    const struct server_facts *facts = judgement->facts;
    struct server_hello hellos[SERVER_HELLOS_MAX];
    size_t hello_count = server_hellos(facts, hellos);
    json_t *object = endpoint_json(facts), *chains = json_array();
    if (origin != NULL) {
        set_text(object, "site", origin->site);
        set_text(object, "owner", origin->owner);
        set_text(object, "asked_by", origin->asked_by);
    }
    json_object_set_new(object, "grade", grade_json(&judgement->grade));
    for (size_t c = 0; c < facts->chain_count; c++)
        json_array_append_new(chains, chain_json(&facts->chains[c]));
    json_object_set_new(object, "chains", chains);
    json_object_set_new(object, "chain_check", check_json(&judgement->chain));
    json_object_set_new(object, "root_programmes", outside_json(judgement));
    json_object_set_new(object, "items", items_json(facts, hellos, hello_count));
    json_object_set_new(object, "weaknesses", weaknesses_json(judgement));
    json_object_set_new(object, "profiles", profiles_json(judgement));
    json_object_set_new(object, "outlook", outlook_json(judgement));
    json_object_set_new(object, "what_to_do", steps_json(judgement));
    json_object_set_new(object, "clients", clients_json(judgement));
    json_object_set_new(object, "changes", past_json(past));
    json_object_set_new(object, "compared_with", twin_json(origin));
    json_object_set_new(object, "hellos", hellos_json(facts, hellos, hello_count));
    json_array_append_new((json_t *)document, object);
}

void server_test_json_end(struct server_test_document *document, FILE *out)
{
    if (out != NULL) {
        json_dumpf((json_t *)document, out, JSON_INDENT(2));
        fputc('\n', out);
    }
    json_decref((json_t *)document);
}
