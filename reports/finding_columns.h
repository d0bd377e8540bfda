/* The columns of findings.sql and weak.sql. On a terminal the rule, its source and what to do are printed once, above its rows. */
#pragma once
#include "reports/report.h"

#define FINDING_COLUMNS \
    {"severity", "Severity", COLUMN_SEVERITY, false, true}, \
    {"rule", "Rule", COLUMN_TEXT, false, true}, \
    {"finding", "Finding", COLUMN_PROSE, false, true}, \
    {"name", "Certificate", COLUMN_LIST, false, false}, \
    {"places", "Served at, or lies in", COLUMN_LIST, false, false}, \
    {"owner", "Owner", COLUMN_TEXT, false, false}, \
    {"contacts", "Contacts", COLUMN_LIST, true, false}, \
    {"because", "Because", COLUMN_PROSE, false, false}, \
    {"next_step", "Next step", COLUMN_PROSE, false, true}, \
    {"source", "Source", COLUMN_TEXT, false, true}, \
    {"since", "Since", COLUMN_TIME, false, false}, \
    {"act_by", "Act by", COLUMN_TIME, false, false}, \
    {"sha256", "SHA-256", COLUMN_HASH, true, false}
