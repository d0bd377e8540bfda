#include "inventory/server_test/hellos.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse(const struct server_item *item, struct server_hello *hello)
{
    int behind = 0;
    *hello = (struct server_hello){.number = (unsigned)strtoul(item->item + strlen("hello:"), NULL, 10),
                                   .connections = (unsigned)strtoul(item->value, NULL, 10)};
    if (sscanf(item->detail, "%31s %15s %" SCNd64 " %" SCNd64 "%n", hello->name, hello->version, &hello->from_us, &hello->to_us, &behind) != 4)
        return false;
    if (strcmp(hello->version, "-") == 0)
        hello->version[0] = '\0';
    hello->items = item->detail + behind;
    return hello->number != 0;
}

size_t server_hellos(const struct server_facts *facts, struct server_hello list[SERVER_HELLOS_MAX])
{
    size_t count = 0, at = 0;
    const struct server_item *item;
    while (count < SERVER_HELLOS_MAX && (item = server_items_next(facts, "hello:", &at)) != NULL)
        count += parse(item, &list[count]);
    return count;
}

static bool tells(const struct server_hello *hello, const char *item)
{
    size_t len = strlen(item);          /* 0: only from a foreign bundle, and it would match everywhere */
    for (const char *at = hello->items; len != 0 && (at = strstr(at, item)) != NULL; at += len)
        if (at != hello->items && at[-1] == ' ' && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

const struct server_hello *server_hello_of(const struct server_hello *list, size_t count, const char *item)
{
    for (size_t i = count; i-- > 0;)            /* the last one that changed it */
        if (tells(&list[i], item))
            return &list[i];
    return NULL;
}

const char *server_hello_words(const struct server_hello *hello)
{
    static const struct {
        const char *name, *words;
    } all[] = {
        {"combined", "TLS 1.3 and 1.2, all usual suites and groups"},
        {"real_shares", "the same with key pairs of its own"},
        {"alpn", "the same with an application protocol"},
        {"raw_key", "the same, for a raw public key"},
        {"no_name", "the same without a name"},
        {"rest", "every other suite and group"},
        {"special", "suites without a certificate"},
        {"small", "a small hello"},
        {"tls12", "all usual suites"},
        {"other_keys", "schemes of other keys"},
        {"rsa", "RSA certificates alone"},
        {"ecdsa", "ECDSA certificates alone"},
        {"eddsa", "EdDSA certificates alone"},
        {"pq", "post-quantum certificates alone"},
        {"ask_old", "every older version"},
        {"ask_rest", "the suites of older versions that were left"},
        {"ask_sslv2", "SSL 2.0"},
        {"sslv2", "SSL 2.0"},
        {"ask_weak", "every weak suite"},
        {"ask_only_weak", "every weak suite but static RSA"},
        {"ask_old_export", "EXPORT suites of an old version"},
        {"ask_static_rsa", "suites without forward secrecy"},
        {"ask_no_cbc", "suites with authenticated encryption"},
        {"ask_hybrid", "hybrid groups"},
        {"ask_dhe", "DHE suites"},
        {"suites", "suites, one by one"},
        {"suites_order", "two suites at once, for their order"},
        {"again", "the hello that worked, again"},
        {"survey_again", "the hello that worked, again"},
        {"survey_features", "tickets, heartbeat, NPN, encrypt-then-MAC"},
        {"survey_etm", "CBC suites with encrypt-then-MAC"},
        {"survey_fallback", "TLS_FALLBACK_SCSV"},
        {"survey_both", "groups and signature schemes, one by one"},
        {"survey_groups", "groups, one by one"},
        {"survey_groups_13", "groups, one by one"},
        {"survey_order_13", "its groups in another order"},
        {"survey_schemes", "signature schemes, one by one"},
        {"survey_schemes_13", "signature schemes, one by one; certificate compression"},
        {"survey_export_rsa", "RSA_EXPORT suites, twice"},
        {"survey_export_dhe", "DHE_EXPORT suites"},
        {"survey_dhe", "DHE, twice"},
        {"survey_ecdhe", "ECDHE again, its groups in another order"},
        {"survey_share", "one group, twice"},
        {"survey_version", "a version that is not there yet"},
        {"survey_tolerance", "some 3,000 bytes with reserved numbers and an extension that nobody knows"},
        {"survey_extension", "an extension that nobody knows"},
        {"survey_length", "some 3,000 bytes"},
        {"survey_grease", "reserved numbers (GREASE)"},
        {"survey_sslv2", "a hello in SSL 2.0's form"},
        {"survey_usual", "the usual hello"},
        {"survey_no_name", "the usual hello without a name"},
        {"survey_wrong_name", "the usual hello under a wrong name"},
        {"survey_older", "every older version, again"},
        {"survey_no_sslv2", "SSL 2.0, again"},
        {"survey_rest", "the suites that were refused, weak ones first, again"},
        {"survey_alpn", "application protocols, one by one"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, hello->name) == 0)
            return all[i].words;
    return strncmp(hello->name, "ask_", 4) == 0 ? hello->name + 4 : hello->name;
}
