/* Which options of the command line narrow a report, and which of them would leave no row, whatever is there. */
#include "probes/base/comma_words.h"
#include "reports/report.h"

#include <string.h>

const char *const report_shared_filters[] = {"owner", "issuer", "network", "port", "name", "rule", "severity", "kind", "source", "within", "due", NULL};

/* C05 and the status "expired" are of what has ended as of the last run, --within of what has not, and the last safe day is before the end, or on its day where the
 * policy leaves no time before. */
const struct report_pair report_pairs[] = {
    {"status", "expired,unknown", "within", NULL,
     "it is of what ends in days to come: certsweep report expired lists what has ended, and report certificates --status all others"},
    {"status", "expired", "due", "overdue,0,0-*", "the last safe day of what has ended has passed: ask for --due overdue, or leave one of them out"},
    {"rule", "C05", "within", NULL, "C05 finds what has ended, and --within is of what has not: certsweep report expiring --within DAYS"},
    {"rule", "C05", "due", "overdue,0,0-*", "C05 finds what has ended, whose last safe day has passed: ask for --due overdue, or leave one of them out"},
    {"rule", "C05", "status", "expired", "C05 finds what has ended: leave one of them out"},
    {"rule", "C06,C07", "status", "renewal due,expiring,ok,too long,not yet", "C06 and C07 find what ends soon and has not ended: leave one of them out"},
    {"deployment", NULL, "unconfirmed", NULL, "how it stands there is told of places that were seen lately: leave one of them out"},
    {NULL, NULL, NULL, NULL, NULL},
};

bool report_understands(const struct report *report, const char *filter)
{
    for (size_t i = 0; report != NULL && i < REPORT_OWN_FILTERS && report->own_filters[i] != NULL; i++)
        if (strcmp(report->own_filters[i], filter) == 0)
            return true;
    for (size_t i = 0; report_shared_filters[i] != NULL; i++)
        if (strcmp(report_shared_filters[i], filter) == 0)
            return report == NULL || !report->no_filter;
    return false;
}

/* Are all words of the value among these (is_there), or none of them? */
static bool all_are(const char *value, const char *words, bool is_there)
{
    const char *word;
    for (size_t len; comma_word_next(&value, &word, &len);)
        if (comma_words_have(words, word, len) != is_there)
            return false;
    return true;
}

const char *report_refusal(const struct report *report, const char *option, const char *value)
{
    for (size_t i = 0; report != NULL && i < REPORT_REFUSALS && report->refuses[i].option != NULL; i++) {
        const struct report_refusal *refusal = &report->refuses[i];
        if (strcmp(refusal->option, option) == 0 && (refusal->only == NULL || all_are(value, refusal->only, false)) &&
            (refusal->never == NULL || all_are(value, refusal->never, true)))
            return refusal->why;
    }
    return NULL;
}

bool report_pair_is_refused(const struct report_pair *pair, const char *value, const char *other)
{
    return (pair->never == NULL || all_are(value, pair->never, true)) && (pair->only == NULL || all_are(other, pair->only, false));
}
