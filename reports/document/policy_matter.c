#include "reports/document/policy_matter.h"

#include "inventory/store/db.h"
#include "reports/html.h"
#include "reports_document_sql.h"

#include <string.h>

#define CAS_SHOWN 8

enum { MATTER_CA, MATTER_CERTIFICATES, MATTER_ACT_BY };

bool policy_matter_print(struct document *document, FILE *out, struct error *err)
{
    struct db_result *rows = document_ask(document, SQL_DOCUMENT_POLICY, 0, NULL, err);
    if (rows == NULL)
        return false;
    long long certificates = 0, more = 0;
    const char *act_by = NULL;
    for (size_t i = 0; i < db_rows(rows); i++) {
        const char *day = db_value(rows, i, MATTER_ACT_BY);
        certificates += db_int(rows, i, MATTER_CERTIFICATES);
        more += i >= CAS_SHOWN ? db_int(rows, i, MATTER_CERTIFICATES) : 0;
        act_by = act_by == NULL || (day != NULL && strcmp(day, act_by) < 0) ? day : act_by;
    }
    document->has_policy_matter = certificates > 0;
    if (certificates > 0)
        html_print(out, "<p class=\"more\" id=\"policy\"><b>For who keeps the policy</b>, and no owner: no path leads from $n $r of $r to a "
                        "trust anchor (H01). Name the $r of ",
                   certificates, html_many(certificates, "certificate", "certificates"), db_rows(rows) == 1 ? "an own CA" : "own CAs",
                   db_rows(rows) == 1 ? "root" : "roots");
    for (size_t i = 0; i < db_rows(rows) && i < CAS_SHOWN; i++)
        html_print(out, "$r<b>$t</b> ($n)", i == 0 ? "" : ", ", document_short(db_value(rows, i, MATTER_CA)),
                   (long long)db_int(rows, i, MATTER_CERTIFICATES));
    if (more > 0)
        html_print(out, " and of $n more ($n)", (long long)(db_rows(rows) - CAS_SHOWN), more);
    if (certificates > 0) {
        fputs(" in the policy (<code>[trust store: NAME]</code>)", out);
        if (act_by != NULL)
            html_print(out, ", by $d", act_by);
        fputs(".</p>\n", out);
    }
    db_result_destroy(rows);
    return true;
}
