#include "reports/finding_columns.h"
#include "reports_sql.h"

const struct report report_weak = {
    .name = "weak",
    .title = "Weak certificates and weak service",
    .question = "Certificates with weak keys or signatures, and places that accept weak versions or suites.",
    .sql = SQL_WEAK,
    .counted_subject = "weak",
    .counted_values = "{findings}",
    .none = "None found. What was not asked is not known: versions and suites beyond the preferred ones are asked at --depth posture.",
    .next = "certsweep report discovery -o report.html",
    .columns = {FINDING_COLUMNS},
};
