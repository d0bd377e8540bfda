-- One run at a time. Column: did we get it?
SELECT pg_try_advisory_lock(hashtextextended('certsweep notices', 0))
