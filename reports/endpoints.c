#include "reports/report.h"
#include "reports_sql.h"

const struct report report_endpoints = {
    .name = "endpoints",
    .title = "Endpoints",
    .question = "Every place that shows a certificate now: what it serves, by which version and suite, and whose it is (PCI DSS 12.3.3).",
    .sql = SQL_ENDPOINTS,
    .params = 6,
    .counted_subject = "places",
    .counted_values = "{with a certificate}",
    .none = "None.",
    .next = "certsweep report endpoints --format csv -o endpoints.csv",
    .columns =
        {
            {"site", "Site", COLUMN_TEXT, false, false},
            {"address", "Address", COLUMN_PLACE, false, false},
            {"port", "Port", COLUMN_NUMBER, false, false},
            {"transport", "Transport", COLUMN_TEXT, true, false},
            {"server_name", "Name asked", COLUMN_TEXT, true, false},
            {"zone", "Zone", COLUMN_TEXT, true, false},
            {"protocol", "Protocol", COLUMN_TEXT, false, false},
            {"tls_version", "Version", COLUMN_TEXT, false, false},
            {"cipher_suite", "Cipher suite", COLUMN_TEXT, true, false},
            {"named_group", "Group", COLUMN_NUMBER, true, false},
            {"alpn", "ALPN", COLUMN_TEXT, true, false},
            {"forward_secrecy", "Forward secrecy", COLUMN_TEXT, true, false},
            {"accepts", "Also accepts", COLUMN_LIST, true, false},
            {"certificates", "Certificate", COLUMN_LIST, false, false},
            {"deployment", "Deployment", COLUMN_LIST, false, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, true, false},
            {"environment", "Environment", COLUMN_TEXT, true, false},
            {"findings", "Findings", COLUMN_LIST, false, false},
            {"first_seen", "First seen", COLUMN_TIME, true, false},
            {"last_seen", "Last seen", COLUMN_TIME, true, false},
        },
};
