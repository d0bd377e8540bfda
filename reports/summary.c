#include "reports/report.h"
#include "reports_sql.h"

const struct report report_summary = {
    .name = "summary",
    .title = "Summary",
    .question = "The inventory in numbers: leaf certificates by axis (record: of those served now), what must be renewed by when and whose, places, policy findings.",
    .sql = SQL_SUMMARY,
    .params = 6,
    .lead = SQL_SCREEN,
    .lead_narrowed = SQL_SCREEN_NARROWED,
    .note = SQL_SUMMARY_NOTE,
    .has_due = true,
    .none = "Nothing is known yet.",
    .columns =
        {
            {"subject", "Axis", COLUMN_TEXT, false, false},
            {"value", "Value", COLUMN_TEXT, false, false},
            {"count", "Count", COLUMN_COUNT, false, false},
            {"command", "Look closer", COLUMN_TEXT, false, false},
            {"owner", "Owner", COLUMN_TEXT, true, false},
        },
};
