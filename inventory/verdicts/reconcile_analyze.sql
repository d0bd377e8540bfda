-- Reports come right after a run, and so do its own last statements.
SET LOCAL default_statistics_target = 100;
ANALYZE certificate_now, endpoint_judged, finding;
SET LOCAL default_statistics_target = 20
