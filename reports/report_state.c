/* How fresh the verdicts are, and how many are missing: read once (report_state.sql), and said in the same words everywhere. */
#include "inventory/store/db.h"
#include "probes/base/counted.h"
#include "probes/base/memory.h"
#include "reports/report.h"
#include "reports_sql.h"

#include <string.h>

bool report_state_get(const struct report *report, const struct report_options *options, struct db *db,
                      struct report_state *state, struct error *err)
{
    const char *params[] = {options->site};
    if (options->state != NULL) {
        *state = *options->state;
        return true;
    }
    struct db_result *row = db_query(db, SQL_REPORT_STATE, 1, params, err);
    if (row == NULL)
        return false;
    const char *as_of = db_value(row, 0, 0);
    *state = (struct report_state){.is_old = !options->is_replay && db_value(row, 0, 1)[0] == 't', .waiting = options->is_replay ? 0 : db_int(row, 0, 5)};
    snprintf(state->as_of_time, sizeof state->as_of_time, "%s", db_value(row, 0, 6) == NULL ? "" : db_value(row, 0, 6));
    snprintf(state->as_of, sizeof state->as_of, "%s", as_of == NULL ? "" : as_of);
    snprintf(state->before, sizeof state->before, "%s", options->is_replay || db_value(row, 0, 7) == NULL ? "" : db_value(row, 0, 7));
    state->is_empty = strcmp(db_value(row, 0, 4), "t") == 0;
    if (report != NULL && report->needs == REPORT_NEEDS_MANAGED)
        state->unjudged = db_int(row, 0, 2);
    else if (report != NULL && report->needs == REPORT_NEEDS_OWN_CA)
        state->unjudged = db_int(row, 0, 3);
    db_result_destroy(row);
    return true;
}

const char *report_unjudged_reason(const struct report *report, const struct report_state *state)
{
    if (state->unjudged == 0)
        return NULL;
    return report->needs == REPORT_NEEDS_MANAGED ? "there is no managed source. Next: certsweep managed import --help"
                                                 : "the policy names no own CA. Next: certsweep policy use --help";
}

char *report_state_behind(const struct report_state *state)
{
    if (state->as_of[0] == '\0' || (state->before[0] == '\0' && state->waiting == 0))
        return NULL;
    return state->before[0] != '\0' ? xasprintf("as of %s, before %s", state->as_of, state->before)
                                    : xasprintf("as of %s; %s since %s not judged yet", state->as_of, COUNTED(state->waiting, "change"), state->waiting == 1 ? "is" : "are");
}
