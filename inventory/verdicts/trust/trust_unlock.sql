-- Lets the next one.
SELECT pg_advisory_unlock(hashtext('certsweep trust'))
