-- Ends report_lookup.sql.
RESET enable_mergejoin; RESET enable_hashjoin; RESET enable_material; RESET enable_memoize
