/* A policy in memory: its parts are made, found, given back. */
#include "inventory/policy/policy_file.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

void policy_replace(char **at, const char *value)
{
    free(*at);
    *at = xstrdup(value);
}

struct policy_ca *policy_ca_of(struct policy *policy, bool own, const char *name)
{
    for (size_t i = 0; i < policy->ca_count; i++)
        if (policy->cas[i].own == own && strcmp(policy->cas[i].name, name) == 0)
            return &policy->cas[i];
    policy->cas = xreallocarray(policy->cas, policy->ca_count + 1, sizeof *policy->cas);
    struct policy_ca *ca = &policy->cas[policy->ca_count++];
    *ca = (struct policy_ca){.own = own, .name = xstrdup(name), .issuer = xstrdup(""), .subject = xstrdup(""), .crls = xstrdup("")};
    return ca;
}

struct policy_store *policy_store_of(struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->store_count; i++)
        if (strcmp(policy->stores[i].name, name) == 0)
            return &policy->stores[i];
    policy->stores = xreallocarray(policy->stores, policy->store_count + 1, sizeof *policy->stores);
    struct policy_store *store = &policy->stores[policy->store_count++];
    *store = (struct policy_store){.name = xstrdup(name), .file = xstrdup(""), .pem = xstrdup("")};
    return store;
}

struct policy_clause *policy_clause_of(struct policy *policy, const char *pack, const char *id)
{
    for (size_t i = 0; i < policy->clause_count; i++)
        if (strcmp(policy->clauses[i].id, id) == 0 && strcmp(policy->clauses[i].pack, pack) == 0)
            return &policy->clauses[i];
    policy->clauses = xreallocarray(policy->clauses, policy->clause_count + 1, sizeof *policy->clauses);
    struct policy_clause *clause = &policy->clauses[policy->clause_count++];
    *clause = (struct policy_clause){.pack = xstrdup(pack), .id = xstrdup(id), .title = xstrdup(""), .source = xstrdup(""),
                                     .rules = xstrdup(""), .note = xstrdup("")};
    return clause;
}

struct policy *policy_new(const char *text, const char *directory)
{
    struct policy *policy = xcalloc(1, sizeof *policy);
    policy->name = xstrdup("unnamed");
    policy->title = xstrdup("");
    policy->source = xstrdup("");
    policy->text = xstrdup(text);
    policy->directory = xstrdup(directory);
    for (size_t i = 0; policy_settings[i].name != NULL; i++)
        policy->values[i] = xstrdup(policy_settings[i].value);
    return policy;
}

const char *policy_name(const struct policy *policy)
{
    return policy->name;
}

const char *policy_title(const struct policy *policy)
{
    return policy->title;
}

const char *policy_source(const struct policy *policy)
{
    return policy->source;
}

const char *policy_text(const struct policy *policy)
{
    return policy->text;
}

void policy_destroy(struct policy *policy)
{
    if (policy == NULL)
        return;
    for (size_t i = 0; policy_settings[i].name != NULL; i++)
        free(policy->values[i]);
    for (size_t i = 0; i < policy->ca_count; i++) {
        struct policy_ca *ca = &policy->cas[i];
        free(ca->name);
        free(ca->issuer);
        free(ca->subject);
        free(ca->from);
        free(ca->until);
        free(ca->crls);
    }
    for (size_t i = 0; i < policy->store_count; i++) {
        free(policy->stores[i].name);
        free(policy->stores[i].file);
        free(policy->stores[i].pem);
        free(policy->stores[i].platform);
        free(policy->stores[i].from_version);
        free(policy->stores[i].issued_until);
        free(policy->stores[i].sct_until);
    }
    for (size_t i = 0; i < policy->clause_count; i++) {
        struct policy_clause *clause = &policy->clauses[i];
        free(clause->pack);
        free(clause->id);
        free(clause->title);
        free(clause->source);
        free(clause->rules);
        free(clause->note);
    }
    free(policy->clauses);
    free(policy->cas);
    free(policy->stores);
    free(policy->name);
    free(policy->title);
    free(policy->source);
    free(policy->text);
    free(policy->directory);
    free(policy);
}
