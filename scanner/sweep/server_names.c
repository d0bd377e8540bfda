#include "scanner/sweep/server_names.h"

#include "inventory/certificate/cert.h"
#include "probes/base/memory.h"
#include "scanner/targets/target_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 16 /* considered; at most SCAN_NAMES_PER_ENDPOINT are asked */

struct candidate {
    char *name;
    enum name_source source;
    bool must_resolve; /* to this address, or it is not asked */
};

struct server_names {
    struct server_names_sources sources;
    struct address address;
    void (*on_ready)(void *context);
    void *context;
    struct candidate candidates[CANDIDATES_MAX];
    size_t count, at;
    size_t options_at; /* of settings->sni */
    unsigned found;    /* names given out that the user did not give */
    bool has_asked_ptr, waits_for_ptr, is_inside;
    struct resolver_query *query;   /* NULL: waiting for nothing */
    bool has_answer, resolves_here; /* of the query for candidates[at] */
};

static bool is_listed(const struct server_names *names, const char *name)
{
    for (size_t i = 0; i < names->sources.settings->sni_count; i++)
        if (strcmp(names->sources.settings->sni[i], name) == 0)
            return true;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->candidates[i].name, name) == 0)
            return true;
    return false;
}

static void add(struct server_names *names, const char *name, enum name_source source, bool must_resolve)
{
    if (names->count < CANDIDATES_MAX && !is_listed(names, name))
        names->candidates[names->count++] =
            (struct candidate){.name = xstrdup(name), .source = source, .must_resolve = must_resolve};
}

struct server_names *server_names_create(const struct server_names_sources *sources,
                                         const struct address *address, void (*on_ready)(void *context),
                                         void *context)
{
    struct server_names *names = xcalloc(1, sizeof *names);
    size_t count;
    names->sources = *sources;
    names->address = *address;
    names->on_ready = on_ready;
    names->context = context;
    const char *const *known = known_names_find(sources->known, address, &count);
    for (size_t i = 0; i < count; i++)
        add(names, known[i], NAME_SOURCE_KNOWN, false);
    return names;
}

void server_names_destroy(struct server_names *names)
{
    if (names == NULL)
        return;
    resolver_cancel(names->query);
    for (size_t i = 0; i < names->count; i++)
        free(names->candidates[i].name);
    free(names);
}

void server_names_see(struct server_names *names, const struct der *leaf)
{
    char name[SERVER_NAME_SIZE];
    if (!names->sources.settings->follow_names)
        return;
    struct cert *cert = cert_parse(leaf->bytes, leaf->len);
    for (size_t i = 0; i < cert->name_count; i++) {
        const struct cert_name *in = &cert->names[i];
        bool may_be = in->kind == CERT_NAME_DNS || in->kind == CERT_NAME_COMMON;
        if (may_be && strchr(in->text, '*') == NULL && strchr(in->text, '.') != NULL &&
            host_name_of(in->text, name))
            add(names, name, NAME_SOURCE_CERTIFICATE, true);
    }
    cert_destroy(cert);
}

/* The answer came: at once, or later. */
static void ready(struct server_names *names)
{
    names->query = NULL;
    names->has_answer = true;
    if (!names->is_inside)
        names->on_ready(names->context);
}

static void on_names(void *context, const struct resolver_answer *answer)
{
    struct server_names *names = context;
    for (size_t i = 0; i < answer->name_count; i++)
        add(names, answer->names[i], NAME_SOURCE_PTR, false);
    ready(names);
}

static void on_addresses(void *context, const struct resolver_answer *answer)
{
    struct server_names *names = context;
    names->resolves_here = false;
    for (size_t i = 0; i < answer->address_count; i++)
        names->resolves_here |= address_compare(&answer->addresses[i], &names->address) == 0;
    ready(names);
}

/* True if the next candidate can be used or skipped now; false while its name is being resolved. */
static bool is_judged(struct server_names *names, bool *is_good)
{
    const struct candidate *candidate = &names->candidates[names->at];
    *is_good = true;
    if (!candidate->must_resolve)
        return true;
    if (!names->has_answer)
        names->query = resolver_ask(names->sources.resolver, candidate->name, on_addresses, names);
    if (!names->has_answer)
        return false;
    names->has_answer = false;
    *is_good = names->resolves_here;
    return true;
}

static enum server_names_next next(struct server_names *names, char name[SERVER_NAME_SIZE],
                                   enum name_source *source)
{
    const struct scan_settings *settings = names->sources.settings;
    bool is_good;
    if (names->waits_for_ptr)
        names->waits_for_ptr = names->has_answer = false;
    if (names->options_at < settings->sni_count) {
        snprintf(name, SERVER_NAME_SIZE, "%s", settings->sni[names->options_at++]);
        *source = NAME_SOURCE_OPTION;
        return SERVER_NAMES_ONE;
    }
    if (settings->ask_ptr && !names->has_asked_ptr) {
        names->has_asked_ptr = true;
        names->query = resolver_ask_names(names->sources.resolver, &names->address, on_names, names);
        names->waits_for_ptr = !names->has_answer;
        names->has_answer = false;
        if (names->waits_for_ptr)
            return SERVER_NAMES_WAIT;
    }
    while (names->at < names->count && names->found < SCAN_NAMES_PER_ENDPOINT) {
        if (!is_judged(names, &is_good))
            return SERVER_NAMES_WAIT;
        const struct candidate *candidate = &names->candidates[names->at++];
        if (!is_good)
            continue;
        names->found++;
        snprintf(name, SERVER_NAME_SIZE, "%s", candidate->name);
        *source = candidate->source;
        return SERVER_NAMES_ONE;
    }
    return SERVER_NAMES_END;
}

enum server_names_next server_names_next(struct server_names *names, char name[SERVER_NAME_SIZE],
                                         enum name_source *source)
{
    names->is_inside = true;
    enum server_names_next answer = next(names, name, source);
    names->is_inside = false;
    return answer;
}
