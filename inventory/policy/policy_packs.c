#include "inventory/policy/policy_packs.h"

#include "inventory_policy_pack.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

const struct policy_pack policy_packs[] = {
    {"california-cdt", PACK_CALIFORNIA_CDT},
    {"california-cdt-delegated", PACK_CALIFORNIA_CDT_DELEGATED},
    {"california-otech", PACK_CALIFORNIA_OTECH},
    {"cnsa-2", PACK_CNSA_2},
    {"entrust-platinum", PACK_ENTRUST_PLATINUM},
    {"federal-civil", PACK_FEDERAL_CIVIL},
    {"massachusetts", PACK_MASSACHUSETTS},
    {"pci-dss-4", PACK_PCI_DSS_4},
    {"webpki", PACK_WEBPKI},
    {NULL, NULL},
};

const struct policy_pack *policy_pack_find(const char *name)
{
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++)
        if (strcmp(pack->name, name) == 0)
            return pack;
    return NULL;
}

struct suggest policy_pack_near(const char *name)
{
    struct suggest near = suggest_start(name);
    policy_packs_offer(&near);
    return near;
}

void policy_packs_offer(struct suggest *near)
{
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++)
        suggest_offer(near, pack->name);
}

struct policy *policy_find(const char *name, struct error *err)
{
    const struct policy_pack *pack = policy_pack_find(name);
    if (pack != NULL)
        return policy_parse(name, pack->text, err);
    if (strchr(name, '/') == NULL && access(name, F_OK) != 0) {
        struct suggest near = policy_pack_near(name);
        error_set(err, ERROR_USAGE, "%s: no pack has this name (certsweep policy list), and no such file is here%s", name, SUGGESTED(&near));
        return NULL;
    }
    return policy_load(name, err);
}

char *policy_packs_document(void)
{
    json_t *list = json_array();
    for (const struct policy_pack *pack = policy_packs; pack->name != NULL; pack++) {
        struct policy *policy = policy_parse(pack->name, pack->text, NULL);
        if (policy == NULL)
            continue;               /* a test reads them all */
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", pack->name, "title", policy_title(policy), "source",
                                              policy_source(policy)));
        policy_destroy(policy);
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}
