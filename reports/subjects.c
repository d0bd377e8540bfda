/* All that is known about one subject: a row per fact, so that facts with many values (places, findings) need no columns. */
#include "reports/report.h"
#include "reports_sql.h"

const struct report report_certificate = {
    .name = "certificate",
    .title = "One certificate",
    .question = "All that is known of one certificate: by hash, serial number or name.",
    .sql = SQL_CERTIFICATE,
    .params = 4,
    .is_lookup = true,
    .argument = "ANY",
    .none = "No certificate of that hash, key, serial number or name is known.",
    .next = "certsweep report certificates",
    .columns =
        {
            {"certificate", "Certificate", COLUMN_TEXT, false, true},
            {"section", "Section", COLUMN_TEXT, false, false},
            {"item", "Item", COLUMN_TEXT, false, false},
            {"value", "Value", COLUMN_PROSE, false, false},
            {"time", "Time", COLUMN_TIME, false, false},
            {"number", "Number", COLUMN_NUMBER, true, false},
        },
};

const struct report report_endpoint = {
    .name = "endpoint",
    .title = "One endpoint",
    .question = "All that is known of one endpoint: by address, address:port or the name that was asked for.",
    .sql = SQL_ENDPOINT,
    .params = 4,
    .is_lookup = true,
    .argument = "ANY",
    .none = "No endpoint of that address or name is known.",
    .next = "certsweep report endpoints",
    .columns =
        {
            {"endpoint", "Endpoint", COLUMN_TEXT, false, true},
            {"section", "Section", COLUMN_TEXT, false, false},
            {"item", "Item", COLUMN_TEXT, false, false},
            {"value", "Value", COLUMN_PROSE, false, false},
            {"time", "Time", COLUMN_TIME, false, false},
            {"number", "Number", COLUMN_NUMBER, true, false},
        },
};
