-- Lets one process at a time look for paths; released with the transaction.
SELECT pg_advisory_xact_lock(hashtext('certsweep trust'))
