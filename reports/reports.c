#include "reports/report.h"

#include <string.h>

extern const struct report report_summary, report_findings, report_certificates, report_endpoints, report_unmanaged, report_foreign,
    report_expiring, report_expired, report_revoked, report_weak, report_exceptions, report_changes, report_coverage, report_ownership,
    report_renewals, report_recorded, report_compliance, report_certificate, report_endpoint, report_find_anything, report_server_tests,
    report_files;

const struct report *const reports_all[] = {
    &report_summary,  &report_findings,    &report_certificates, &report_endpoints,     &report_unmanaged,  &report_foreign,
    &report_expiring, &report_expired,     &report_revoked,      &report_weak,          &report_exceptions, &report_changes,
    &report_coverage, &report_ownership, &report_renewals, &report_recorded, &report_compliance,   &report_certificate,  &report_endpoint,
        &report_find_anything, &report_server_tests, &report_files, NULL,
};

const struct report *report_find(const char *name)
{
    for (size_t i = 0; reports_all[i] != NULL; i++)
        if (strcmp(reports_all[i]->name, name) == 0)
            return reports_all[i];
    return NULL;
}
