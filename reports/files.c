#include "reports/report.h"
#include "reports_sql.h"

const struct report report_files = {
    .name = "files",
    .title = "Files",
    .question = "What lies in files now: certificates, private keys and requests, trust stores, and files that could not be read; whose it is, "
                "and which service uses it.",
    .sql = SQL_FILES,
    .params = 4,
    .has_pages = true,
    .own_filters = {"host", "path"},
    .refuses = {{"network", NULL, NULL, "a file has no address: --site, --host and --path say where it lies"},
                {"port", NULL, NULL, "a file has no port: --site, --host and --path say where it lies"}},
    .none = "No file that is known holds a certificate or a key.",
    .next = "certsweep collect --help",
    .columns =
        {
            {"site", "Site", COLUMN_TEXT, true, false},
            {"host", "Host", COLUMN_TEXT, false, true},
            {"path", "Path", COLUMN_TEXT, false, false},
            {"inside", "Inside", COLUMN_TEXT, true, false},
            {"holds", "Holds", COLUMN_TEXT, false, false},
            {"name", "Name", COLUMN_TEXT, false, false},
            {"label", "Label", COLUMN_TEXT, true, false},
            {"file_kind", "Kind of file", COLUMN_TEXT, true, false},
            {"marks", "What the file is", COLUMN_LIST, true, false},
            {"mode", "Rights", COLUMN_TEXT, true, false},
            {"uid", "User", COLUMN_NUMBER, true, false},
            {"at_offset", "Offset", COLUMN_NUMBER, true, false},
            {"record", "Record", COLUMN_TEXT, false, false},
            {"not_after", "Valid until", COLUMN_TIME, false, false},
            {"used_by", "Used by", COLUMN_LIST, false, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
            {"contacts", "Contacts", COLUMN_LIST, true, false},
            {"findings", "Findings", COLUMN_LIST, false, false},
            {"because", "Why it was not read", COLUMN_PROSE, true, false},
            {"first_seen", "First seen", COLUMN_TIME, true, false},
            {"last_seen", "Last seen", COLUMN_TIME, true, false},
            {"sha256", "SHA-256", COLUMN_HASH, true, false},
            {"spki_sha256", "SHA-256 of the key", COLUMN_HASH, true, false},
        },
};
