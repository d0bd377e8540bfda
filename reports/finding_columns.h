/* The columns of finding_rows() (0095_report_text.sql), for the reports that list findings. */
#pragma once
#include "reports/report.h"

#define FINDING_COLUMNS \
    {"severity", "Severity", COLUMN_SEVERITY, false}, \
    {"rule", "Rule", COLUMN_TEXT, false}, \
    {"finding", "Finding", COLUMN_PROSE, false}, \
    {"name", "Certificate", COLUMN_LIST, false}, \
    {"places", "Served at", COLUMN_LIST, false}, \
    {"owner", "Owner", COLUMN_TEXT, false}, \
    {"because", "Because", COLUMN_PROSE, true}, \
    {"next_step", "Next step", COLUMN_PROSE, false}, \
    {"source", "Source", COLUMN_TEXT, true}, \
    {"since", "Since", COLUMN_TIME, true}
