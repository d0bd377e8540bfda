#include "reports/finding_columns.h"
#include "reports_sql.h"

const struct report report_findings = {
    .name = "findings",
    .title = "Findings",
    .question = "Everything that a rule found and nobody has settled, gravest first: of certificates and of places.",
    .sql = SQL_FINDINGS,
    .counted_subject = "severity",
    .counted_values = "{critical,high,medium,low,info}",
    .none = "None found. What was not asked is not known: versions and suites beyond the preferred ones are asked at --depth posture.",
    .next = "certsweep report discovery -o report.html",
    .columns = {FINDING_COLUMNS},
};
