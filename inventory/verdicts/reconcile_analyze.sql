-- Reports come right after a run, and so do its own last statements.
ANALYZE certificate_now, endpoint_judged, finding
