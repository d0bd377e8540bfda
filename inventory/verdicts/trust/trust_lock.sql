-- Lets one process at a time look for paths.
SELECT pg_advisory_lock(hashtext('certsweep trust'))
