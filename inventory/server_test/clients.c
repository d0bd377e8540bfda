#include "inventory/server_test/clients.h"

#include "probes/tls/names.h"

#include <stdio.h>
#include <string.h>

static bool holds(const uint16_t *list, uint16_t value)
{
    for (; list != NULL && *list != 0; list++)
        if (*list == value)
            return true;
    return false;
}

static bool client_speaks(const struct client *client, uint16_t version)
{
    return client->versions != NULL ? holds(client->versions, version) : version <= client->version && version >= 0x0301;
}

static const char *item_of(uint16_t version)
{
    static const char *const items[] = {"sslv3", "tls10", "tls11", "tls12", "tls13"};
    return items[version - 0x0300];
}

/* The highest that both speak; 0 none. */
static uint16_t common_version(const struct server_facts *facts, const struct client *client)
{
    for (uint16_t version = 0x0304; version >= 0x0301; version--)
        if (client_speaks(client, version) && server_accepts(facts, item_of(version)))
            return version;
    return 0;
}

/* "group:TLSv1.3:x25519" of this version: the server's place in its order, 0 if it is not accepted. */
static unsigned long place_of(const struct server_facts *facts, const char *kind, uint16_t version, const char *name)
{
    char item[96];
    unsigned long place = 0;
    snprintf(item, sizeof item, "%s:%s:%s", kind, tls_version_name(version), name);
    if (server_accepts(facts, item) && sscanf(server_detail(facts, item), "%lu", &place) != 1)
        place = 1;
    return place;
}

/* The entry of the client's list that the server chooses, by the client's order or its own. */
static const char *choose(const struct server_facts *facts, const char *kind, uint16_t version, const uint16_t *list,
                          const char *(*name_of)(uint32_t), bool (*fits)(const struct tls_suite *), bool by_server)
{
    const char *best = NULL;
    unsigned long best_place = 0;
    for (; list != NULL && *list != 0; list++) {
        const char *name = name_of(*list);
        const struct tls_suite *suite = fits == NULL ? NULL : tls_suite_find(*list);
        if (name == NULL || (fits != NULL && (suite == NULL || !fits(suite))))
            continue;
        unsigned long place = place_of(facts, kind, version, name);
        if (place == 0 || (best != NULL && (!by_server || place >= best_place)))
            continue;
        best = name;
        best_place = place;
    }
    return best;
}

static bool needs_no_group(const struct tls_suite *suite)
{
    return suite->kx != TLS_KX_ECDHE;
}

static bool any_suite(const struct tls_suite *suite)
{
    (void)suite;
    return true;
}

/* Groups were asked in TLS 1.3, and in the highest of the older versions, which share them. */
static uint16_t groups_version(const struct server_facts *facts, uint16_t version)
{
    for (uint16_t asked = 0x0303; version < 0x0304 && asked > version; asked--) {
        char prefix[32];
        size_t at = 0;
        snprintf(prefix, sizeof prefix, "group:%s:", tls_version_name(asked));
        if (server_items_next(facts, prefix, &at) != NULL)
            return asked;
    }
    return version;
}

static void choose_all(const struct server_facts *facts, struct client_result *result)
{
    const struct client *client = result->client;
    bool needs_group = result->version == 0x0304;
    bool suites_by_server = strcmp(server_value(facts, needs_group ? "suite_preference_13" : "suite_preference"), "server") == 0;
    bool groups_by_server = strcmp(server_value(facts, needs_group ? "group_preference" : "group_preference_12"), "server") == 0;
    result->group = choose(facts, "group", groups_version(facts, result->version), client->groups, tls_group_name, NULL, groups_by_server);
    result->suite = choose(facts, "suite", result->version, client->suites, tls_suite_name,
                           result->group == NULL ? needs_no_group : any_suite, suites_by_server);
    const struct tls_suite *suite = result->suite == NULL ? NULL : tls_suite_parse(result->suite);
    if (suite != NULL && !suite->is_tls13 && suite->kx != TLS_KX_ECDHE)
        result->group = NULL;
    if (result->suite == NULL)
        result->why_not = "no common suite";
    else if (needs_group && result->group == NULL)
        result->why_not = "no common group";
    result->connects = result->why_not == NULL;
}

static bool has_any(const struct server_facts *facts, const char *prefix)
{
    size_t at = 0;
    return server_items_next(facts, prefix, &at) != NULL;
}

static bool has_listed(const struct server_facts *facts, const char *kind, uint16_t version)
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s:%s:", kind, tls_version_name(version));
    return has_any(facts, prefix);
}

static bool accepts_ecdhe(const struct server_facts *facts, uint16_t wanted)
{
    size_t at = 0;
    uint16_t version;
    const struct tls_suite *suite;
    while ((suite = server_suites_next(facts, &at, &version)) != NULL)
        if (version == wanted && suite->kx == TLS_KX_ECDHE)
            return true;
    return false;
}

/* The test of a server that stopped answering ended early: what is missing in its lists may be accepted. */
static bool is_untested(const struct server_facts *facts, const struct client_result *result)
{
    const struct client *client = result->client;
    bool is_13 = result->version == 0x0304, lacks_suites = server_detail(facts, "suites")[0] != '\0';
    bool by_server = strcmp(server_value(facts, is_13 ? "suite_preference_13" : "suite_preference"), "server") == 0;
    bool may_have_groups = is_13 || (client->groups != NULL && accepts_ecdhe(facts, result->version));
    bool lacks_groups = result->group == NULL && may_have_groups &&
                        (server_detail(facts, "survey")[0] != '\0' || !has_listed(facts, "group", groups_version(facts, result->version)));
    if (result->suite == NULL)
        return lacks_suites || lacks_groups;
    bool needs_group = is_13 || tls_suite_parse(result->suite)->kx != TLS_KX_ECDHE;
    return (lacks_suites && !by_server) || (lacks_groups && needs_group);
}

static void note_untested(const struct server_facts *facts, struct client_result *result)
{
    if (!is_untested(facts, result))
        return;
    result->is_known = result->connects = false;
    result->why_not = "not all of its suites and groups were asked";
}

bool clients_are_simulated(const struct client_result *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].is_known || list[i].why_not != NULL)
            return true;
    return false;
}

size_t clients_simulate(const struct server_facts *facts, struct client_result list[CLIENTS_MAX])
{
    size_t count = 0;
    for (const struct client *client = clients_all; client->name != NULL && count < CLIENTS_MAX; client++) {
        struct client_result *result = &list[count++];
        *result = (struct client_result){.client = client, .is_known = has_any(facts, "suite:")};
        if (!result->is_known)
            continue;
        result->version = common_version(facts, client);
        if (result->version == 0)
            result->why_not = "no common version";
        else {
            choose_all(facts, result);
            note_untested(facts, result);
        }
    }
    return count;
}
