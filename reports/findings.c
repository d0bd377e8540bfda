#include "reports/finding_columns.h"
#include "reports_sql.h"

#define NONE "None found. What was not asked is not known: versions and suites beyond the preferred ones are asked at --depth posture."

const struct report report_findings = {
    .name = "findings",
    .title = "Findings",
    .question = "Everything that a rule found and nobody has settled, gravest first: of certificates and of places.",
    .sql = SQL_FINDINGS,
    .params = 6,
    .has_pages = true,
    .counted_subject = "severity",
    .counted_values = "{critical,high,medium,low,info}",
    .none = NONE,
    .next_sql = SQL_FINDINGS_NEXT,
    .columns = {FINDING_COLUMNS},
};

/* The same, for rules about how well a connection is protected. */
const struct report report_weak = {
    .name = "weak",
    .title = "Weak certificates and weak service",
    .question = "Certificates with weak keys or signatures, and places that accept weak versions or suites.",
    .sql = SQL_FINDINGS,
    .params = 6,
    .has_pages = true,
    .narrows = "weak",
    .refuses = {{"rule", "K*,P*,S*,C01,C02", NULL,
                 "it lists weak keys, signatures, versions and suites alone, rules K.., P.., S.., C01 and C02: certsweep report findings "
                 "--rule ID lists the others"},
                {"severity", "critical,high,medium,low", NULL, "it leaves out what is for information alone: certsweep report findings --severity info"}},
    .counted_subject = "weak",
    .counted_values = "{findings}",
    .none = NONE,
    .next_sql = SQL_FINDINGS_NEXT,
    .columns = {FINDING_COLUMNS},
};
