#include "inventory/server_test/outside_trust.h"

#include "probes/base/clock.h"

#include <stdio.h>
#include <string.h>

static const char *const programmes[] = {"Android", "Apple", "Chrome", "Microsoft", "Mozilla", "OpenJDK"};

/* When the leaf was issued, as this programme counts: by the earliest SCT in it, or by notBefore. INT64_MIN: that is not known. */
static int64_t issued_us(const struct server_facts *facts, bool by_sct)
{
    const struct server_chain *chain = server_usual_chain(facts);
    const struct cert *leaf = chain == NULL || chain->count == 0 ? NULL : chain->certs[0];
    int64_t earliest_ms = INT64_MAX;
    if (leaf == NULL)
        return INT64_MIN;
    if (!by_sct)
        return leaf->state[CERT_NOT_BEFORE] == FIELD_PRESENT ? leaf->not_before * 1000000 : INT64_MIN;
    for (size_t i = 0; i < leaf->scts_kept; i++)
        if (leaf->scts[i].time_ms < earliest_ms)
            earliest_ms = leaf->scts[i].time_ms;
    return earliest_ms == INT64_MAX ? INT64_MIN : earliest_ms * 1000;
}

static void judge_distrust(const struct server_facts *facts, const struct root_programme *found, struct outside_trust *trust)
{
    int64_t day_us, issued;
    const char *version = found->distrust_version;
    if (found->distrust_day[0] == '\0' || !clock_parse_us(found->distrust_day, &day_us))
        return;
    snprintf(trust->because, sizeof trust->because, "distrusts what was issued after %s%s%s%s", found->distrust_day,
             found->distrust_by_sct ? " (by its SCTs)" : "", version[0] == '\0' ? "" : ", from version ", version);
    issued = issued_us(facts, found->distrust_by_sct);
    if (issued == INT64_MIN)
        trust->state = OUTSIDE_UNKNOWN;
    else if (issued >= day_us + INT64_C(86400000000))
        trust->state = OUTSIDE_UNTRUSTED;
}

static void judge(const struct server_facts *facts, const struct root_programme *found, struct outside_trust *trust)
{
    if (found->is_listed)
        snprintf(trust->since, sizeof trust->since, "%s%s%s%.60s%s", found->first.day, found->is_since_before ? " or earlier" : "",
                 found->first.version[0] == '\0' ? "" : " (", found->first.version, found->first.version[0] == '\0' ? "" : ")");
    trust->state = found->is_trusted ? OUTSIDE_TRUSTED : found->is_listed ? OUTSIDE_UNTRUSTED : OUTSIDE_UNKNOWN;
    if (found->is_listed && !found->is_trusted)
        snprintf(trust->because, sizeof trust->because, "its last list with the root is of %s", found->last.day);
    else
        judge_distrust(facts, found, trust);
}

size_t outside_trust_judge(const struct server_facts *facts, const struct chain_check *check, struct outside_trust list[ROOT_PROGRAMMES_MAX])
{
    struct root_programme found[ROOT_PROGRAMMES_MAX];
    size_t found_count = check->has_root ? root_programmes_find(check->root_sha256, found, NULL) : 0, count = 0;
    for (size_t i = 0; check->has_root && i < sizeof programmes / sizeof programmes[0]; i++) {
        struct outside_trust *trust = &list[count];
        *trust = (struct outside_trust){.programme = programmes[i], .state = OUTSIDE_UNTRUSTED, .because = "no list of it has the root"};
        bool is_named = false;
        for (size_t f = 0; f < found_count; f++)
            if (strcmp(found[f].programme, programmes[i]) == 0) {
                is_named = true;
                trust->because[0] = '\0';
                judge(facts, &found[f], trust);
            }
        if (!is_named && strcmp(programmes[i], "Chrome") == 0)      /* its distrust alone is known, no list */
            continue;
        count++;
    }
    return count;
}
